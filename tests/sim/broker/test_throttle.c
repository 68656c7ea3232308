/* test_throttle.c - what replication may cost: KIP-73, KIP-455, and F26
 *
 * Method: the arithmetic of a rate over 11 samples of a second, worked by hand
 * after SampledStat and SimpleRate; then a broker is added to a cluster and a
 * partition of 1.5 GB moves to it, with and without limits, while others work.
 */
#include "tests/test.h"

#include "sim/core/text.h"
#include "tests/sim/broker/signs.h"

/* -- the rate ---------------------------------------------------------------- */

static const struct quota_window seconds = { .samples = 11, .sample_ms = 1000 };

/*
 * 5000 bytes at once with 1000 a second allowed: the sum over the time since
 * the oldest sample began is above 1000 until 5000 ms have passed.
 */
static void a_burst_is_paid_for_in_the_time_it_would_have_taken(void **state)
{
	struct rate_quota q = { .count = 0 };

	(void)state;
	assert_false(quota_exceeded(&q, &seconds, 0, 1000));
	quota_record(&q, &seconds, 0, 5000);
	/* never less than one sample: 5000 in 1 s */
	assert_int_equal(quota_rate(&q, &seconds, 0), 5000);
	assert_true(quota_exceeded(&q, &seconds, 4999, 1000));
	assert_false(quota_exceeded(&q, &seconds, 5000, 1000));
	/* 1000 more in a sample of its own: 6000 in 5 s, 6000 in 6 s */
	quota_record(&q, &seconds, 5000, 1000);
	assert_int_equal(quota_rate(&q, &seconds, 5000), 1200);
	assert_true(quota_exceeded(&q, &seconds, 5999, 1000));
	assert_false(quota_exceeded(&q, &seconds, 6000, 1000));
}

/* The first sample was last written to at 0, so it goes at 11000; what is left
 * is 1000 since 5000. */
static void what_is_older_than_all_samples_counts_no_more(void **state)
{
	struct rate_quota q = { .count = 0 };

	(void)state;
	quota_record(&q, &seconds, 0, 5000);
	quota_record(&q, &seconds, 5000, 1000);
	assert_int_equal(quota_rate(&q, &seconds, 10999), 6000000 / 10999);
	assert_int_equal(quota_rate(&q, &seconds, 11000), 1000000 / 6000);
	assert_int_equal(quota_rate(&q, &seconds, 16000), 0);
}

/* A twelfth sample is kept, since the oldest overlaps the window. */
static void a_steady_rate_is_measured_as_it_is(void **state)
{
	struct rate_quota q = { .count = 0 };

	(void)state;
	for (int64_t ms = 0; ms < 30000; ms += 100)
		quota_record(&q, &seconds, ms, 100);
	assert_int_equal(q.count, 12);
	/* samples begin at 18000 (the oldest) .. 29000: 12000 in 12 s */
	assert_int_equal(quota_rate(&q, &seconds, 30000), 1000);
	assert_false(quota_exceeded(&q, &seconds, 30000, 1000));
	assert_true(quota_exceeded(&q, &seconds, 29950, 1000));
	assert_false(quota_exceeded(&q, &seconds, 29950, INT64_MAX));
}

static void a_list_names_replicas(void **state)
{
	struct err err = { "" };

	(void)state;
	assert_true(quota_names("*", 3, 7));
	assert_true(quota_names("0:1,3:7", 3, 7));
	assert_false(quota_names("0:1,3:7", 7, 3));
	assert_false(quota_names("", 0, 1));
	assert_true(quota_list_good("k", "", &err));
	assert_true(quota_list_good("k", "0:1,3:7", &err));
	assert_false(quota_list_good("leader.replication.throttled.replicas",
				     "0-1", &err));
	assert_non_null(strstr(err.what, "must be the literal '*' or a list of "
			       "replicas"));
}

/* -- moving a partition -------------------------------------------------------- */

#define MB	INT64_C(1000000)
#define LOG_BYTES	(1500 * MB)

/* One partition on brokers 1 to 3, filled by hand; broker 4 is new and idle. */
static struct partition *big(struct world *w, const char *limited)
{
	struct cluster *c = cluster_of(w);
	const int8_t replicas[] = { 0, 1, 2 };
	struct topic_config config = {0};
	struct err err = { "" };
	struct batch b = { .count = 1000, .bytes = 1000000 };
	struct replica *leader;
	sim_time ready;

	for (int i = 0; i < THROTTLE_SIDES; i++)
		config.throttled[i] = world_name(w, limited);
	assert_int_equal(controller_create_topic(w, controller_active(c), "big", 1, 3,
			 replicas, &config, &err), KAFKA_NONE);
	run_for(w, SIM_S(1));
	leader = broker_replica(c->brokers.at[0], part_of(w, "big", 0)->id);
	for (int i = 0; i < LOG_BYTES / b.bytes; i++) {
		struct batch copy = b;

		copy.first_at = copy.last_at = world_now(w);
		assert_int_equal(replica_append(w, leader, &copy, 1, &ready),
				 KAFKA_NONE);
		replica_appended(w, leader);
		run_for(w, SIM_MS(20));
	}
	run_for(w, SIM_S(60));
	return part_of(w, "big", 0);
}

static void move_to_4(struct world *w, struct partition *p)
{
	const int8_t replicas[] = { 3, 0, 1 };
	struct err err = { "" };

	assert_int_equal(controller_reassign(w, controller_active(cluster_of(w)), p,
					     replicas, 3, &err), KAFKA_NONE);
}

static int64_t moved(struct world *w)
{
	return broker_sign(w, 4, "kafka_server_brokertopicmetrics_"
			   "reassignmentbytesin_total");
}

/* F26 */
static void unlimited_a_move_takes_what_the_network_gives(void **state)
{
	struct world *w = sick_world("local-kafka", "brokers=4 apps=off");
	struct partition *p = big(w, "");
	const struct machine *from = broker_nr(w, 1)->process->machine;
	int64_t sent = from->nic.sent_bytes;
	int64_t card = from->nic.bits_per_s / 8;	/* a second */

	(void)state;
	move_to_4(w, p);
	run_for(w, SIM_S(5));
	/* one fetch after the other: 1 MiB of a partition each */
	assert_true(moved(w) > 5 * 60 * MB);
	assert_true(from->nic.sent_bytes - sent > card * 5 / 2);
	assert_true(cluster_sign(w,
		"kafka_server_replicamanager_reassigningpartitions") == 1);
	/* the herring: what is added is not counted as under-replicated */
	assert_int_equal(cluster_sign(w,
		"kafka_server_replicamanager_underreplicatedpartitions"), 0);
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	run_for(w, SIM_S(60));
	assert_false(p->state.adding | p->state.removing);
	assert_int_equal(p->state.replicas[0], 3);
	assert_int_equal(p->state.isr, 1u << 3 | 1u << 0 | 1u << 1);
	assert_true(moved(w) >= LOG_BYTES);
	assert_null(broker_replica(broker_nr(w, 3), p->id));
	world_free(w);
}

static void limited(const char *setting, const char *rate_metric, int32_t node)
{
	struct world *w = sick_world("local-kafka", "brokers=4 apps=off");
	struct partition *p = big(w, "*");
	char line[100];
	int64_t rate;

	snprintf(line, sizeof(line), "broker-setting %s=10000000", setting);
	command(w, line);
	move_to_4(w, p);
	run_for(w, SIM_S(60));
	/* up to one fetch more than the limit, once a window */
	assert_true(moved(w) >= 60 * 9 * MB);
	assert_true(moved(w) <= 60 * 10 * MB + 12 * MB);
	rate = broker_sign(w, node, rate_metric);
	assert_true(rate > 8 * MB);
	assert_true(rate < 12 * MB);
	assert_true(p->state.adding);
	/* without the limit it is done soon */
	snprintf(line, sizeof(line), "broker-setting %s=9223372036854775807",
		 setting);
	command(w, line);
	run_for(w, SIM_S(60));
	assert_false(p->state.adding | p->state.removing);
	world_free(w);
}

static void a_leader_sends_no_more_than_its_limit(void **state)
{
	(void)state;
	limited("leader.replication.throttled.rate",
		"kafka_server_leaderreplication_byte_rate", 1);
}

static void a_follower_takes_no_more_than_its_limit(void **state)
{
	(void)state;
	limited("follower.replication.throttled.rate",
		"kafka_server_followerreplication_byte_rate", 4);
}

/* Who is in sync is not held up, though its topic is named and the limit is far
 * below what comes in. */
static void who_is_in_sync_is_not_held_up(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off");
	struct cluster *c = cluster_of(w);
	struct topic *t = cluster_topic(w, c, "readings");
	struct topic_config config = *t->config;
	struct fleet_audit a;

	(void)state;
	for (int i = 0; i < THROTTLE_SIDES; i++)
		config.throttled[i] = world_name(w, "*");
	controller_set_topic_config(w, controller_active(c), t, &config);
	command(w, "broker-setting leader.replication.throttled.rate=1000 "
		   "follower.replication.throttled.rate=1000");
	run_for(w, SIM_S(60));
	assert_int_equal(cluster_sign(w,
		"kafka_server_replicamanager_underreplicatedpartitions"), 0);
	assert_true(broker_sign(w, 1,
		"kafka_server_leaderreplication_byte_rate") > 10000);
	fleet_audit(w, fleet_find(w, "sensor"), &a);
	assert_true(a.acked > 50000);
	assert_int_equal(a.lost, 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_burst_is_paid_for_in_the_time_it_would_have_taken),
		cmocka_unit_test(what_is_older_than_all_samples_counts_no_more),
		cmocka_unit_test(a_steady_rate_is_measured_as_it_is),
		cmocka_unit_test(a_list_names_replicas),
		cmocka_unit_test(unlimited_a_move_takes_what_the_network_gives),
		cmocka_unit_test(a_leader_sends_no_more_than_its_limit),
		cmocka_unit_test(a_follower_takes_no_more_than_its_limit),
		cmocka_unit_test(who_is_in_sync_is_not_held_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
