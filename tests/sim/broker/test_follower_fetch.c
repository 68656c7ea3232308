/* test_follower_fetch.c - consumers that read from a follower nearby (KIP-392)
 *
 * Method: local-kafka, three brokers in zones a, b and c, one application in
 * zone b.  Who sends how much is counted, with and without a selector; then
 * the follower goes away, and falls out of the in-sync set.
 */
#include "tests/test.h"

#include "sim/broker/replica_selector.h"
#include "sim/stack/app.h"
#include "tests/sim/broker/signs.h"

#define SELECTOR "broker-setting replica.selector.class=org.apache.kafka." \
		 "common.replica.RackAwareReplicaSelector"
#define READER	 "app-new name=reader topic=readings client.rack=b " \
		 "auto.offset.reset=earliest on=app-1"

static uint64_t read_so_far(const struct world *w)
{
	const struct client_host *host = process_find(w, "reader")->self;

	return ((const struct app *)host->owner)->processed;
}

static int64_t consumers_got(struct world *w, int32_t node)
{
	return broker_sign(w, node,
			   "kafka_server_brokertopicmetrics_bytesout_total");
}

static struct world *reading(const char *first)
{
	struct world *w = sick_world("local-kafka", "apps=off");

	if (first)
		command(w, first);
	command(w, READER);
	run_for(w, SIM_S(60));
	return w;
}

static void without_a_selector_leaders_are_read(void **state)
{
	struct world *w = reading(NULL);

	(void)state;
	assert_true(read_so_far(w) > 50000);
	for (int32_t node = 1; node <= 3; node++)
		assert_true(consumers_got(w, node) > 500000);
	world_free(w);
}

static void with_one_the_follower_in_the_same_rack_is(void **state)
{
	struct world *w = reading(SELECTOR);
	int64_t before[4];

	(void)state;
	assert_true(read_so_far(w) > 50000);
	for (int32_t node = 1; node <= 3; node++)
		before[node] = consumers_got(w, node);
	run_for(w, SIM_S(60));
	/* others are asked again after metadata.max.age.ms, not before */
	assert_true(consumers_got(w, 2) - before[2] > 2000000);
	assert_true(consumers_got(w, 1) - before[1] < 100000);
	assert_true(consumers_got(w, 3) - before[3] < 100000);
	assert_true(read_so_far(w) > 110000);
	world_free(w);
}

static void goes_on_without_broker_2(const char *first)
{
	struct world *w = reading(first);
	uint64_t before;

	command(w, "fault kill component=broker-2");
	run_for(w, SIM_S(30));
	before = read_so_far(w);
	run_for(w, SIM_S(30));
	assert_true(read_so_far(w) - before > 25000);
	world_free(w);
}

static void when_the_follower_dies_leaders_are_read_again(void **state)
{
	(void)state;
	goes_on_without_broker_2(SELECTOR);
}

/* NetworkClient.processDisconnection: a leader that refuses connections is
 * reason enough to ask who leads now. */
static void when_a_leader_dies_for_good_the_next_is_found(void **state)
{
	(void)state;
	goes_on_without_broker_2(NULL);
}

/* findPreferredReadReplica: nobody out of sync, nobody who lacks the offset,
 * and the leader itself if it stands there. */
static void only_an_in_sync_follower_is_chosen(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off");
	struct replica *r;
	const struct partition *p;
	name_id zone[3];

	(void)state;
	command(w, SELECTOR);
	run_for(w, SIM_S(10));
	p = part_of(w, "readings", 0);
	r = broker_replica(cluster_of(w)->brokers.at[p->state.leader], p->id);
	for (int i = 0; i < 3; i++)
		zone[i] = cluster_of(w)->brokers.at[i]->rack;
	for (int32_t i = 0; i < 3; i++)
		assert_int_equal(replica_selected(r, zone[i], 0),
				 i == p->state.leader ? NO_BROKER : i);
	assert_int_equal(replica_selected(r, 0, 0), NO_BROKER);
	assert_int_equal(replica_selected(r, world_name(w, "nowhere"), 0),
			 NO_BROKER);
	for (int32_t i = 0; i < 3; i++) {
		assert_int_equal(replica_selected(r, zone[i],
						  r->log.end_offset + 1),
				 NO_BROKER);
		r->isr = broker_bit(p->state.leader);
		assert_int_equal(replica_selected(r, zone[i], 0), NO_BROKER);
		r->isr = 7;
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_selector_leaders_are_read),
		cmocka_unit_test(with_one_the_follower_in_the_same_rack_is),
		cmocka_unit_test(when_the_follower_dies_leaders_are_read_again),
		cmocka_unit_test(when_a_leader_dies_for_good_the_next_is_found),
		cmocka_unit_test(only_an_in_sync_follower_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
