/* test_fetch.c - incremental fetches tell everything, though they say little
 *
 * Method: a topic that nobody writes to any more, so that nothing but the rule
 * under test makes a partition news again (KIP-227: a session's reader names a
 * partition once, and from then on hears of what has changed).
 */
#include "tests/test.h"

#include "sim/stack/perf.h"
#include "tests/sim/log_world.h"

/* Records of all partitions of the topic. */
static int64_t stored(struct world *w, const char *topic)
{
	struct cluster *c = cluster_of(w);
	const struct topic *t = cluster_topic(w, c, topic);
	int64_t sum = 0;

	for (uint32_t i = 0; i < t->partitions.count; i++) {
		const struct partition *p = t->partitions.at[i];

		sum += broker_replica(c->brokers.at[p->state.leader],
				      p->id)->log.end_offset;
	}
	return sum;
}

/* Four partitions a broker, and replies in which one batch has room. */
static void what_had_no_room_in_a_reply_comes_with_the_next(void **state)
{
	struct world *w = log_world("fleet=off apps=off partitions=12 rf=1 "
				    "topic-min-isr=1");
	struct perf_consumer *reader;

	(void)state;
	world_run_until(w, SIM_S(5));
	log_command(w, "perf-produce name=load topic=readings "
		       "record-size=1000 num-records=3000");
	world_run_until(w, SIM_S(15));
	assert_int_equal(stored(w, "readings"), 3000);
	log_command(w, "perf-consume name=reader topic=readings from=earliest "
		       "fetch.max.bytes=1000");
	world_run_until(w, SIM_S(45));
	reader = ((struct client_host *)process_find(w, "reader")->self)->owner;
	assert_int_equal(reader->consumer->consumed, 3000);
	world_free(w);
}

/* -- followers ------------------------------------------------------------- */

/* A topic of one partition on the brokers of ids 1 and 2, led by 1. */
static struct partition *idle_topic(struct world *w, const int8_t *replicas,
				    int32_t count)
{
	static const struct topic_config config;
	struct cluster *c = cluster_of(w);
	struct partition *p;
	struct err err;

	assert_int_equal(controller_create_topic(w, controller_active(c),
				"idle", 1, count, replicas, &config, &err),
			 KAFKA_NONE);
	world_run_until(w, world_now(w) + SIM_S(2));
	p = cluster_partition(w, c, "idle", 0);
	for (int i = 0; i < 20; i++)
		log_put(w, broker_replica(c->brokers.at[0], p->id), 200,
			world_now(w));
	world_run_until(w, world_now(w) + SIM_S(2));
	assert_int_equal(p->state.leader, 0);
	return p;
}

/* Up to the moment at which the leader knows what the controller has decided:
 * its notes on followers then stand in the new order. */
static void leader_learns(struct world *w, const struct partition *p)
{
	const struct replica *r = broker_replica(cluster_of(w)->brokers.at[0],
						 p->id);
	int32_t epoch = r->partition_epoch;

	while (r->partition_epoch == epoch)
		world_run_until(w, world_now(w) + SIM_US(100));
	for (uint32_t i = 0; i < p->state.replica_count; i++) {
		int32_t who = p->state.replicas[i];

		assert_int_equal(r->followers[i].broker, who);
		if (who == 1)
			assert_int_equal(r->followers[i].end_offset, 20);
	}
}

/* The controller's word takes 1.5 seconds longer to the leader than to the
 * follower that is added: it fetches from one who does not know it yet, and
 * says nothing of the partition again, for nothing is new there. */
static void a_follower_that_came_before_its_leader_knew_is_heard(void **state)
{
	static const int8_t before[] = { 0, 1 }, after[] = { 0, 2 };
	struct world *w = log_world("fleet=off apps=off partitions=1 "
				    "auto-rebalance=off");
	struct partition *p;
	struct err err;

	(void)state;
	world_run_until(w, SIM_S(5));
	p = idle_topic(w, before, 2);
	log_command(w, "fault slow-link component=controller-1 to=broker-1 "
		       "one-way=1 delay=1500ms");
	assert_int_equal(controller_reassign(w,
				controller_active(cluster_of(w)), p, after, 2,
				&err), KAFKA_NONE);
	world_run_until(w, world_now(w) + SIM_S(1));
	/* It has copied all, and its leader does not know of it. */
	assert_int_equal(broker_replica(cluster_of(w)->brokers.at[2],
					p->id)->log.end_offset, 20);
	assert_int_equal(p->state.adding, broker_bit(2));
	leader_learns(w, p);
	world_run_until(w, world_now(w) + SIM_S(20));
	assert_int_equal(p->state.adding | p->state.removing, 0);
	assert_int_equal(p->state.isr, broker_bit(0) | broker_bit(2));
	world_free(w);
}

static bool in_sync(const struct partition *p, int32_t broker)
{
	return p->state.isr & broker_bit(broker);
}

/*
 * Broker 2 cannot reach its leader, broker 3 dies 20 s later: that changes the
 * partition, and its leader leads on.  It still knows since when it has not
 * heard of broker 2, which leaves 30 to 45 s after the cut
 * (replica.lag.time.max.ms, looked at every half of it).
 */
static void who_leads_on_still_knows_its_followers(void **state)
{
	static const int8_t replicas[] = { 0, 1, 2 };
	struct world *w = log_world("fleet=off apps=off partitions=1 "
				    "auto-rebalance=off");
	struct partition *p;
	sim_time cut;

	(void)state;
	world_run_until(w, SIM_S(5));
	p = idle_topic(w, replicas, 3);
	cut = world_now(w);
	log_command(w, "fault partition component=broker-2 to=broker-1");
	log_put(w, broker_replica(cluster_of(w)->brokers.at[0], p->id), 200,
		cut);
	world_run_until(w, cut + SIM_S(20));
	log_command(w, "fault kill component=broker-3");
	world_run_until(w, cut + SIM_S(29));
	assert_true(in_sync(p, 1));
	assert_int_equal(p->state.leader, 0);
	world_run_until(w, cut + SIM_S(46));
	assert_false(in_sync(p, 2));
	assert_false(in_sync(p, 1));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_had_no_room_in_a_reply_comes_with_the_next),
		cmocka_unit_test(
			a_follower_that_came_before_its_leader_knew_is_heard),
		cmocka_unit_test(who_leads_on_still_knows_its_followers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
