/* test_faults_replication.c - F07 to F10 and F30 by their causes, sign by sign
 *
 * Method: local-kafka; a resource or a setting is what the catalogue says is
 * the cause, nothing else is touched, and the signs that it lists are looked
 * for in metrics, log lines and logs; so is what misleads.  F11 and F12 stand
 * in test_log_dirs.c, F25 in test_disk.c, F26 in test_throttle.c, F28 in
 * test_cleaner.c.
 */
#include "tests/test.h"

#include "sim/stack/app.h"
#include "tests/sim/broker/signs.h"

#define URP	"kafka_server_replicamanager_underreplicatedpartitions"
#define MIN_ISR	"kafka_server_replicamanager_underminisrpartitioncount"
#define SHRINKS	"kafka_server_replicamanager_isrshrinks_total"
#define EXPANDS	"kafka_server_replicamanager_isrexpands_total"
#define FAILED	"kafka_server_brokertopicmetrics_failedproducerequests_total"

static uint64_t acked(const struct world *w, const char *fleet)
{
	struct fleet_audit a;

	fleet_audit(w, fleet_find(w, fleet), &a);
	return a.acked;
}

static uint64_t lost(const struct world *w, const char *fleet)
{
	struct fleet_audit a;

	fleet_audit(w, fleet_find(w, fleet), &a);
	return a.lost;
}

/* F07: the card of one follower carries less than its leaders write.  With acks
 * from all, producers would wait for it, and it would stay in sync. */
static void one_slow_follower_shrinks_the_sets_of_many_leaders(void **state)
{
	struct world *w = sick_world("local-kafka",
				     "apps=off devices=20000 acks=1");
	const struct topic *t = cluster_topic(w, cluster_of(w), "readings");

	(void)state;
	run_for(w, SIM_S(20));
	command(w, "fault nic-rate component=broker-3 mbit=1");
	run_for(w, SIM_S(25));
	assert_int_equal(cluster_sign(w, SHRINKS), 0);	/* 30 to 45 s later */
	run_for(w, SIM_S(60));
	/* on several leaders, and it is always the same that is missing */
	assert_true(broker_sign(w, 1, URP) > 0);
	assert_true(broker_sign(w, 2, URP) > 0);
	assert_true(broker_sign(w, 1, SHRINKS) > 0);
	for (uint32_t i = 0; i < t->partitions.count; i++)
		if (t->partitions.at[i]->state.leader != 2)
			assert_int_equal(t->partitions.at[i]->state.isr, 3);
	assert_true(lines(w, "Shrinking ISR from 1,2,3 to 1,2") > 0);
	/* the herring: it is alive, and nothing is offline */
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	assert_true(process_runs(broker_nr(w, 3)->process));
	world_free(w);
}

/* F08: as many in-sync replicas are asked for as there are. */
static void min_isr_as_large_as_rf_stops_writing_at_a_restart(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off topic-min-isr=3");
	uint64_t all, one;

	(void)state;
	command(w, "fleet-new name=one topic=readings devices=100 acks=1");
	run_for(w, SIM_S(20));
	command(w, "service broker-3 do=stop");
	run_for(w, SIM_S(20));
	all = acked(w, "sensor");
	one = acked(w, "one");
	run_for(w, SIM_S(20));
	/* acks=all gets nothing through, acks=1 does not notice */
	assert_int_equal(acked(w, "sensor"), all);
	assert_true(acked(w, "one") > one + 1000);
	assert_int_equal(cluster_sign(w, MIN_ISR) -
			 broker_sign(w, 3, MIN_ISR), 6);
	assert_true(broker_sign(w, 1, FAILED) > 0);
	assert_true(lines(w, "NOT_ENOUGH_REPLICAS") > 0);
	/* the herring: the cluster is whole but for one broker */
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	/* the fix */
	command(w, "service broker-3 do=start");
	run_for(w, SIM_S(60));
	assert_int_equal(cluster_sign(w, MIN_ISR), 0);
	assert_true(acked(w, "sensor") > all);
	world_free(w);
}

/* F09: a topic that made itself has one replica, and asking for two in sync
 * means one (Partition.effectiveMinIsr). */
static void one_replica_satisfies_min_isr_2_until_its_disk_dies(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off min-isr=2");
	const struct partition *p;
	struct err err = { "" };
	char line[100];

	(void)state;
	/* auto.create.topics.enable: num.partitions, default.replication.
	 * factor; a producer's first request for its topic does the same */
	assert_int_equal(controller_create_topic(w,
				controller_active(cluster_of(w)), "own", -1, -1,
				NULL, NULL, &err), KAFKA_NONE);
	command(w, "fleet-new name=own topic=own devices=100 acks=all");
	run_for(w, SIM_S(20));
	p = part_of(w, "own", 0);
	assert_int_equal(p->state.replica_count, 1);
	assert_true(acked(w, "own") > 1000);
	assert_int_equal(lost(w, "own"), 0);
	/* nothing says so: it is in sync, and not under-replicated */
	assert_int_equal(cluster_sign(w, URP), 0);
	assert_int_equal(cluster_sign(w, MIN_ISR), 0);
	snprintf(line, sizeof(line), "fault failing-disk component=broker-%d "
		 "replaced=1 for=30s", p->state.leader + 1);
	command(w, line);
	run_for(w, SIM_S(20));
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 1);
	assert_int_equal(p->state.leader, NO_BROKER);
	run_for(w, SIM_S(20));
	snprintf(line, sizeof(line), "service broker-%d do=start",
		 __builtin_ctzll(p->state.isr) + 1);
	command(w, line);
	run_for(w, SIM_S(30));
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	assert_true(lost(w, "own") > 1000);
	assert_int_equal(lost(w, "sensor"), 0);
	world_free(w);
}

/* Topic t on brokers 1 and 2, whose copies part: what only broker 1 has was
 * acknowledged while it was the whole in-sync set. */
static struct partition *parted(struct world *w)
{
	const int8_t replicas[] = { 0, 1 };
	struct err err = { "" };

	assert_int_equal(controller_create_topic(w,
				controller_active(cluster_of(w)), "t", 1, 2,
				replicas, NULL, &err), KAFKA_NONE);
	command(w, "fleet-new name=f topic=t devices=100 acks=all");
	run_for(w, SIM_S(10));
	command(w, "app-new name=reader topic=t auto.offset.reset=latest");
	run_for(w, SIM_S(10));
	command(w, "fault kill component=broker-2");
	run_for(w, SIM_S(30));
	command(w, "fault kill component=broker-1");
	command(w, "service broker-2 do=start");
	run_for(w, SIM_S(30));
	return part_of(w, "t", 0);
}

/* F10 */
static void an_unclean_leader_loses_what_was_acknowledged(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off");
	struct partition *p = parted(w);
	int64_t end = broker_replica(broker_nr(w, 1), p->id)->log.end_offset;
	const struct replica *r = broker_replica(broker_nr(w, 2), p->id);

	(void)state;
	/* offline, though a copy lives */
	assert_int_equal(p->state.leader, NO_BROKER);
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 1);
	assert_true(r->log.end_offset < end - 1000);	/* it goes back to */
	/* What waits to be sent would take the lost offsets before the reader
	 * asks for them: it would go on and not notice. */
	process_hang(w, fleet_find(w, "f")->gateway->process);
	assert_int_equal(controller_elect(w, controller_active(cluster_of(w)),
					  p, true), KAFKA_NONE);
	run_for(w, SIM_S(10));
	assert_int_equal(sign(w, controller_active(cluster_of(w))->process,
		"kafka_controller_controllerstats_uncleanleaderelections_total",
		NULL, NULL), 1);
	/* the herring: all is green again */
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	assert_true(lost(w, "f") > 1000);
	/* the reader had been further */
	assert_true(lines(w, "is out of range for partition t-0, resetting "
			  "offset") > 0);
	/* the old leader gives up what it alone had */
	command(w, "service broker-1 do=start");
	run_for(w, SIM_S(60));
	assert_true(lines(w, "Truncating to ") > 0);
	assert_int_equal(p->state.isr, 3);
	world_free(w);
}

/* F30: pauses longer than broker.session.timeout.ms. */
static void long_pauses_fence_a_broker_again_and_again(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off");
	int64_t expands;

	(void)state;
	run_for(w, SIM_S(10));
	expands = cluster_sign(w, EXPANDS);
	command(w, "fault gc-pause component=broker-2 pause=12s every=40s");
	run_for(w, SIM_S(150));
	assert_true(lines(w, "Fencing broker 2 because its session has timed "
			  "out") >= 3);
	assert_true(cluster_sign(w, EXPANDS) - expands >= 6);
	/* what tells it from a partition: the process was never gone */
	assert_int_equal(broker_nr(w, 2)->process->incarnation, 1);
	assert_int_equal(lost(w, "sensor"), 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			one_slow_follower_shrinks_the_sets_of_many_leaders),
		cmocka_unit_test(
			min_isr_as_large_as_rf_stops_writing_at_a_restart),
		cmocka_unit_test(
			one_replica_satisfies_min_isr_2_until_its_disk_dies),
		cmocka_unit_test(an_unclean_leader_loses_what_was_acknowledged),
		cmocka_unit_test(long_pauses_fence_a_broker_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
