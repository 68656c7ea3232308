/* test_admin.c - administrative requests, from a client to the controller
 *
 * Requests go the whole way: client, network, broker, controller and back.
 * Sentences are those of Kafka 3.9.
 */
#include "tests/test.h"
#include "tests/sim/terminal_world.h"

/* Table: a request, and what must stand in its answer. */
static void the_controller_checks_what_it_creates(void **state)
{
	static const struct {
		const char *request, *answer;
	} table[] = {
		{ "api=create-topic name=orders partitions=3 rf=3",
		  "\"name\":\"orders\"" },
		{ "api=create-topic name=orders partitions=3 rf=3",
		  "\"message\":\"Topic 'orders' already exists.\"" },
		{ "api=create-topic name=orders",
		  "\"class\":\"org.apache.kafka.common.errors."
		  "TopicExistsException\"" },
		{ "api=create-topic name=a%20b",
		  "Topic name is invalid: 'a b' contains one or more "
		  "characters other than ASCII alphanumerics, '.', '_' and "
		  "'-'" },
		{ "api=create-topic name=.", "'.' is not allowed" },
		{ "api=create-topic name=four rf=4",
		  "Unable to replicate the partition 4 time(s): The target "
		  "replication factor of 4 cannot be reached because only 3 "
		  "broker(s) are registered." },
		{ "api=create-topic name=a.b", "\"uuid\":" },
		{ "api=create-topic name=a_b",
		  "Topic 'a_b' collides with existing topic: a.b" },
		{ "api=create-topic name=c config.retention.ms=soon",
		  "Invalid value soon for configuration retention.ms: Not a "
		  "number of type LONG" },
		{ "api=create-topic name=c config.color=red",
		  "Unknown topic config name: color" },
		{ "api=create-topic name=c assignment=1:2,2:3,3:9",
		  "The manual partition assignment includes broker 9, but no "
		  "such broker is registered." },
		{ "api=create-topic name=c assignment=1:2,2",
		  "includes a partition with 1 replica(s), but this is not "
		  "consistent with previous partitions, which have 2 "
		  "replica(s)." },
		{ "api=create-topic name=c assignment=3:1,1:2",
		  "\"partitions\":2" },
		{ "api=describe-topics topics=c", "\"replicas\":[3,1]" },
		{ "api=create-topic name=big partitions=2000000000 rf=1",
		  "Unable to perform excessively large batch operation." },
		{ "api=create-partitions name=orders total=1000000",
		  "excessively large" },
		{ "api=create-topic name=z partitions=-7 rf=3", "non-positive" },
		{ "api=create-partitions name=orders total=2",
		  "The topic orders currently has 3 partition(s); 2 would not "
		  "be an increase." },
		{ "api=create-partitions name=orders total=3",
		  "Topic already has 3 partition(s)." },
		{ "api=create-partitions name=orders total=4", "{}" },
		{ "api=delete-topic name=nobody",
		  "This server does not host this topic-partition." },
		{ "api=delete-topic name=c", "{}" },
		{ "api=list-topics", "\"name\":\"orders\"" },
	};
	struct world *w = small_world(1);

	(void)state;
	world_run_until(w, SIM_S(5));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_has(ask(w, table[i].request), table[i].answer);
	assert_null(strstr(ask(w, "api=list-topics"), "\"name\":\"c\""));
	world_free(w);
}

static void settings_say_where_they_come_from(void **state)
{
	struct world *w = small_world(2);
	const char *json;

	(void)state;
	world_run_until(w, SIM_S(5));
	ask(w, "api=create-topic name=t config.min.insync.replicas=2");
	json = ask(w, "api=describe-configs topics=t");
	assert_has(json, "{\"name\":\"min.insync.replicas\",\"value\":\"2\","
		   "\"read_only\":false,\"synonyms\":[{\"source\":"
		   "\"DYNAMIC_TOPIC_CONFIG\",\"name\":\"min.insync.replicas\","
		   "\"value\":\"2\"},{\"source\":\"DEFAULT_CONFIG\",\"name\":"
		   "\"min.insync.replicas\",\"value\":\"1\"}],\"source\":"
		   "\"DYNAMIC_TOPIC_CONFIG\"}");
	assert_has(json, "{\"name\":\"retention.ms\",\"value\":\"604800000\","
		   "\"read_only\":false,\"synonyms\":[],\"source\":"
		   "\"DEFAULT_CONFIG\"}");
	assert_has(json, "{\"name\":\"min.cleanable.dirty.ratio\",\"value\":"
		   "\"0.5\",\"read_only\":false,\"synonyms\":[{\"source\":"
		   "\"DEFAULT_CONFIG\",\"name\":\"log.cleaner.min.cleanable."
		   "ratio\",\"value\":\"0.5\"}],");
	assert_has(json, "{\"name\":\"flush.ms\",\"value\":"
		   "\"9223372036854775807\",\"read_only\":false,\"synonyms\":"
		   "[],\"source\":\"DEFAULT_CONFIG\"}");
	assert_has(ask(w, "api=alter-configs topic=t set.cleanup.policy="
		       "compact,delete"), "{}");
	assert_has(ask(w, "api=describe-configs topics=t"),
		   "{\"name\":\"cleanup.policy\",\"value\":\"compact,delete\"");
	assert_has(ask(w, "api=alter-configs topic=t set.retention.ms=1000 "
		       "delete=min.insync.replicas"), "{}");
	json = ask(w, "api=describe-configs topics=t");
	assert_has(json, "\"name\":\"retention.ms\",\"value\":\"1000\"");
	assert_has(json, "\"name\":\"min.insync.replicas\",\"value\":\"1\"");
	assert_has(ask(w, "api=alter-configs topic=nobody set.retention.ms=1"),
		   "The topic 'nobody' does not exist.");
	assert_has(ask(w, "api=alter-configs topic=t set.segment.jitter.ms=1"),
		   "not simulated");
	assert_has(ask(w, "api=describe-configs broker=2"),
		   "PLAINTEXT://kafka-2:9092");
	world_free(w);
}

static void leaders_are_elected_and_moved(void **state)
{
	struct world *w = small_world(3);

	(void)state;
	world_run_until(w, SIM_S(5));
	ask(w, "api=create-topic name=t assignment=1:2,2:3");
	assert_has(ask(w, "api=elect-leaders type=preferred partitions=t:0"),
		   "\"error\":\"ELECTION_NOT_NEEDED\"");
	assert_has(ask(w, "api=elect-leaders type=preferred"),
		   "{\"results\":[]}");
	assert_has(ask(w, "api=elect-leaders type=preferred partitions=t:7"),
		   "No such partition as t-7");
	process_kill(w, broker_by_node(cluster_of(w), 1)->process);
	world_run_until(w, world_now(w) + SIM_S(15));
	assert_has(ask(w, "api=describe-topics topics=t"),
		   "\"partition\":0,\"leader\":2");
	assert_has(ask(w, "api=elect-leaders type=preferred partitions=t:0"),
		   "\"error\":\"PREFERRED_LEADER_NOT_AVAILABLE\"");
	process_start(w, broker_by_node(cluster_of(w), 1)->process);
	world_run_until(w, world_now(w) + SIM_S(30));
	assert_has(ask(w, "api=elect-leaders type=preferred"),
		   "{\"topic\":\"t\",\"partition\":0}");
	world_run_until(w, world_now(w) + SIM_S(1));
	assert_has(ask(w, "api=describe-topics topics=t"),
		   "\"partition\":0,\"leader\":1");
	assert_has(ask(w, "api=alter-reassignments moves=t:0:3/1,t:1:,x:0:1"),
		   "[{\"topic\":\"t\",\"partition\":0},{\"topic\":\"t\","
		   "\"partition\":1,\"error\":\"NO_REASSIGNMENT_IN_PROGRESS\"");
	world_run_until(w, world_now(w) + SIM_S(10));
	assert_has(ask(w, "api=list-reassignments"), "{\"reassignments\":[]}");
	assert_has(ask(w, "api=describe-topics topics=t"),
		   "\"replicas\":[3,1]");
	world_free(w);
}

/* KIP-226: topic, broker, cluster, server.properties, default, in this order;
 * and the broker acts on it while it runs. */
static void settings_have_levels(void **state)
{
	static const struct {
		const char *request;
		int64_t brokers[2];	/* log.retention.ms of 1, of 2 */
		const char *synonyms;	/* of the topic's, on broker 1 */
	} steps[] = {
		{ "api=create-topic name=t partitions=1 rf=3",
		  { 604800000, 604800000 }, "" },
		{ "api=alter-configs broker=default set.log.retention.ms=9000",
		  { 9000, 9000 }, "{\"source\":\"DYNAMIC_DEFAULT_BROKER_CONFIG"
		  "\",\"name\":\"log.retention.ms\",\"value\":\"9000\"}" },
		{ "api=alter-configs broker=1 set.log.retention.ms=7000",
		  { 7000, 9000 }, "{\"source\":\"DYNAMIC_BROKER_CONFIG\","
		  "\"name\":\"log.retention.ms\",\"value\":\"7000\"},"
		  "{\"source\":\"DYNAMIC_DEFAULT_BROKER_CONFIG\"," },
		{ "api=alter-configs topic=t set.retention.ms=5000",
		  { 7000, 9000 }, "{\"source\":\"DYNAMIC_TOPIC_CONFIG\","
		  "\"name\":\"retention.ms\",\"value\":\"5000\"},"
		  "{\"source\":\"DYNAMIC_BROKER_CONFIG\"," },
		{ "api=alter-configs broker=default delete=log.retention.ms",
		  { 7000, 604800000 }, "\"value\":\"7000\"}]" },
		{ "api=alter-configs broker=1 delete=log.retention.ms",
		  { 604800000, 604800000 }, "" },
	};
	struct world *w = small_world(5);
	const struct broker *b[] = {
		broker_by_node(cluster_of(w), 1),
		broker_by_node(cluster_of(w), 2),
	};

	(void)state;
	world_run_until(w, SIM_S(5));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		ask(w, steps[i].request);
		world_run_until(w, world_now(w) + SIM_S(1));
		for (int k = 0; k < 2; k++)
			assert_int_equal(broker_setting(b[k],
							BROKER_RETENTION_MS),
					 steps[i].brokers[k]);
		assert_has(ask(w, "api=describe-configs topics=t broker=1"),
			   steps[i].synonyms);
	}
	assert_int_equal(replica_setting(broker_replica(b[0], 0),
					 TOPIC_RETENTION_MS), 5000);
	assert_has(ask(w, "api=alter-configs broker=1 set.num.partitions=3"),
		   "Cannot update these configs dynamically: "
		   "Set(num.partitions)");
	assert_has(ask(w, "api=alter-configs broker=2 set.log.retention.ms=x"),
		   "Invalid value x for configuration log.retention.ms: Not a "
		   "number of type LONG");
	assert_has(ask(w, "api=describe-configs broker=default"),
		   "{\"name\":\"\",\"entries\":[]}");
	world_free(w);
}

/* The same answers come at the same times, run by run. */
static void two_runs_agree(void **state)
{
	uint64_t digest[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = small_world(4);

		world_run_until(w, SIM_S(5));
		ask(w, "api=create-topic name=t partitions=6 rf=3");
		process_kill(w, broker_by_node(cluster_of(w), 3)->process);
		ask(w, "api=describe-topics topics=t");
		ask(w, "api=list-offsets partitions=t:0,t:1,t:2,t:3,t:4,t:5");
		digest[i] = world_digest(w);
		world_free(w);
	}
	assert_true(digest[0] == digest[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_controller_checks_what_it_creates),
		cmocka_unit_test(settings_say_where_they_come_from),
		cmocka_unit_test(leaders_are_elected_and_moved),
		cmocka_unit_test(settings_have_levels),
		cmocka_unit_test(two_runs_agree),
	};

	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
