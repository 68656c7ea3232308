/* test_terminal.c - what a person starts, and what comes back of it */
#include "tests/test.h"
#include "tests/sim/terminal_world.h"

#include "sim/broker/groups.h"

static struct world *running_world(uint64_t seed)
{
	struct world *w = small_world(seed);

	world_run_until(w, SIM_S(5));
	ask(w, "api=create-topic name=t partitions=2 rf=3");
	world_run_until(w, world_now(w) + SIM_S(1));
	return w;
}

static void nobody_there_is_said_every_second(void **state)
{
	struct world *w = small_world(1);
	uint64_t cursor = 0;
	int warnings = 0;
	const char *text;
	int64_t id;

	(void)state;
	world_run_until(w, SIM_S(1));
	id = command(w, "admin from=laptop bootstrap=localhost:9092 "
		     "api=list-topics timeout_ms=10000");
	text = await_entry(w, id, &cursor, TERMINAL_LOG, SIM_S(1));
	assert_string_equal(text, "[2026-01-05 08:00:01,000] WARN [AdminClient "
		"clientId=adminclient-1] Connection to node -1 "
		"(localhost/127.0.0.1:9092) could not be established. Node may "
		"not be available. (org.apache.kafka.clients.NetworkClient)");
	while (*await_entry(w, id, &cursor, TERMINAL_LOG, SIM_S(2)))
		warnings++;
	/* 50, 100, 200, 400, 800 ms, then a second each, within a fifth */
	assert_in_range(warnings, 11, 15);
	cursor = 0;
	text = await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(1));
	assert_has(text, "Timed out waiting for a node assignment. Call: "
		   "listTopics");
	assert_true(world_now(w) >= SIM_S(11));
	world_free(w);
}

static void one_living_server_is_enough(void **state)
{
	struct world *w = running_world(2);
	uint64_t cursor = 0;
	const char *text;
	int64_t id;

	(void)state;
	id = command(w, "admin from=laptop bootstrap=nowhere:9092,kafka-9:1,"
		     "localhost:9092,kafka-2:9092 api=list-topics");
	text = await_entry(w, id, &cursor, TERMINAL_LOG, SIM_S(1));
	assert_has(text, "WARN Couldn't resolve server nowhere:9092 from "
		   "bootstrap.servers as DNS resolution failed for nowhere "
		   "(org.apache.kafka.clients.ClientUtils)");
	cursor = 0;
	text = await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(5));
	assert_has(text, "\"name\":\"t\"");
	cursor = 0;
	id = command(w, "admin from=laptop bootstrap=nowhere:9092 "
		     "api=list-topics");
	text = await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(5));
	assert_has(text, "No resolvable bootstrap urls given in "
		   "bootstrap.servers");
	world_free(w);
}

/* A frozen broker takes the request and never answers: two tries in 60 s. */
static void a_frozen_broker_times_out(void **state)
{
	struct world *w = running_world(3);
	uint64_t cursor = 0;
	const char *text;
	int64_t id;

	(void)state;
	id = command(w, "admin from=laptop bootstrap=kafka-1:9092 keep=1 "
		     "api=list-topics");
	await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(5));
	for (int i = 0; i < 3; i++)
		process_hang(w, cluster_of(w)->brokers.at[i]->process);
	command(w, "admin id=%lld api=describe-topics topics=t",
		(long long)id);
	text = await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(90));
	assert_has(text, "Call(callName=describeTopics, deadlineMs=");
	assert_has(text, "attempt(s)");
	command(w, "admin-close id=%lld", (long long)id);
	assert_true(terminal_has(w, id, cursor));
	world_free(w);
}

/* Brokers advertise `localhost`: the bootstrap works, what follows goes to the
 * asker's own machine. */
static void a_wrong_advertised_address_strands_the_client(void **state)
{
	struct world *w = running_world(4);
	uint64_t cursor = 0;
	int64_t id;

	(void)state;
	for (int i = 0; i < 3; i++)
		cluster_of(w)->brokers.at[i]->listeners.at[0].advertised_host =
			world_name(w, "localhost");
	id = command(w, "admin from=laptop bootstrap=kafka-1:9092 "
		     "api=list-topics timeout_ms=5000");
	assert_has(await_entry(w, id, &cursor, TERMINAL_LOG, SIM_S(2)),
		   "(localhost/127.0.0.1:9092) could not be established");
	assert_has(await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(6)),
		   "Timed out waiting for a node assignment. Call: listTopics");
	world_free(w);
}

static void what_is_produced_is_consumed(void **state)
{
	struct world *w = running_world(5);
	uint64_t cursor = 0, seen = 0;
	const char *text;
	int64_t in, out;

	(void)state;
	out = command(w, "consume-open from=laptop bootstrap=kafka-1:9092 "
		      "topic=t partition=0 offset=-2");
	in = command(w, "produce-open from=laptop bootstrap=kafka-1:9092 "
		     "topic=t acks=all linger.ms=5");
	command(w, "produce id=%lld partition=0 key=k value=hello%%20world",
		(long long)in);
	command(w, "produce id=%lld partition=0 value=", (long long)in);
	text = await_entry(w, in, &cursor, TERMINAL_ACK, SIM_S(5));
	assert_string_equal(text, "{\"topic\":\"t\",\"partition\":0,"
			    "\"offset\":0,\"count\":2}");
	text = await_entry(w, out, &seen, TERMINAL_RECORD, SIM_S(5));
	assert_has(text, "\"topic\":\"t\",\"partition\":0,\"offset\":0,");
	assert_has(text, "\"key\":\"k\",\"value\":\"hello world\"}");
	text = await_entry(w, out, &seen, TERMINAL_RECORD, SIM_S(5));
	assert_has(text, "\"offset\":1,");
	assert_has(text, "\"value\":\"\"}");
	assert_null(strstr(text, "key"));
	command(w, "produce-close id=%lld", (long long)in);
	command(w, "consume-close id=%lld", (long long)out);
	world_run_until(w, world_now(w) + SIM_S(1));
	await_entry(w, in, &cursor, TERMINAL_CLOSED, 0);
	await_entry(w, out, &seen, TERMINAL_CLOSED, 0);
	assert_false(terminal_has(w, in, cursor));
	assert_has(ask(w, "api=list-offsets partitions=t:0,t:1"),
		   "\"partition\":0,\"offset\":2");
	world_free(w);
}

static void a_group_commits_what_it_read(void **state)
{
	struct world *w = running_world(6);
	uint64_t cursor = 0, seen = 0;
	int64_t in, out;

	(void)state;
	in = command(w, "produce-open from=laptop bootstrap=kafka-1:9092 "
		     "topic=t");
	for (int i = 0; i < 5; i++)
		command(w, "produce id=%lld partition=1 value=v%d",
			(long long)in, i);
	await_entry(w, in, &cursor, TERMINAL_ACK, SIM_S(5));
	out = command(w, "consume-open from=laptop bootstrap=kafka-1:9092 "
		      "topic=t group=g max=3 auto.offset.reset=earliest");
	for (int i = 0; i < 3; i++)
		assert_has(await_entry(w, out, &seen, TERMINAL_RECORD,
				       SIM_S(60)), "\"partition\":1");
	world_run_until(w, world_now(w) + SIM_S(2));
	assert_string_equal(await_entry(w, out, &seen, TERMINAL_CLOSED, 0), "");
	assert_false(terminal_has(w, out, seen));
	assert_has(ask(w, "api=list-groups"), "\"group\":\"g\"");
	assert_has(ask(w, "api=group-offsets group=g"),
		   "{\"topic\":\"t\",\"partition\":1,\"offset\":3}");
	assert_has(ask(w, "api=describe-group group=g"),
		   "\"state\":\"Empty\"");
	assert_has(ask(w, "api=alter-group-offsets group=g offsets=t:1:0"),
		   "{}");
	assert_has(ask(w, "api=group-offsets group=g"), "\"offset\":0}");
	assert_has(ask(w, "api=delete-group group=g"), "{}");
	assert_has(ask(w, "api=delete-group group=g"),
		   "The group id does not exist.");
	world_free(w);
}

static void too_few_replicas_fail_the_send(void **state)
{
	struct world *w = running_world(7);
	uint64_t cursor = 0;
	const char *text;
	int64_t id;

	(void)state;
	ask(w, "api=alter-configs topic=t set.min.insync.replicas=3");
	process_kill(w, cluster_of(w)->brokers.at[2]->process);
	world_run_until(w, world_now(w) + SIM_S(15));
	id = command(w, "produce-open from=laptop bootstrap=" SERVERS
		     " topic=t acks=-1 retries=3 request.timeout.ms=1500 "
		     "linger.ms=1000");
	command(w, "produce id=%lld value=hello", (long long)id);
	text = await_entry(w, id, &cursor, TERMINAL_FAILED, SIM_S(30));
	assert_has(text, "\"class\":\"org.apache.kafka.common.errors."
		   "NotEnoughReplicasException\",\"message\":\"Messages are "
		   "rejected since there are fewer in-sync replicas than "
		   "required.\"");
	assert_has(text, "\"records\":[{\"key_bytes\":-1,\"value_bytes\":5}]");
	assert_int_equal(terminal_open_after(w, 0), id);
	command(w, "client-kill id=%lld", (long long)id);
	assert_int_equal(terminal_open_after(w, 0), 0);
	await_entry(w, id, &cursor, TERMINAL_CLOSED, 0);
	assert_false(terminal_has(w, id, cursor));
	world_free(w);
}

static void a_refused_http_request_says_so(void **state)
{
	struct world *w = running_world(8);
	uint64_t cursor = 0;
	int64_t id;

	(void)state;
	id = command(w, "http from=laptop to=kafka-1:80 path=/");
	assert_string_equal(await_entry(w, id, &cursor, TERMINAL_REPLY,
					SIM_S(1)), "{\"error\":\"REFUSED\"}");
	cursor = 0;
	id = command(w, "http from=laptop to=nowhere:80 path=/");
	assert_string_equal(await_entry(w, id, &cursor, TERMINAL_REPLY,
					SIM_S(1)), "{\"error\":\"NO_HOST\"}");
	world_free(w);
}

static void bad_commands_are_refused_in_a_sentence(void **state)
{
	static const char *const lines[] = {
		"admin from=moon api=list-topics", "admin id=7 api=list-topics",
		"produce-open from=laptop bootstrap=kafka-1:9092",
		"produce-open from=laptop topic=t bootstrap=kafka-1:9092 "
			"acks=maybe",
		"consume-open from=laptop topic=t bootstrap=kafka-1:9092",
		"consume-open from=laptop topic=t group=g bootstrap=x",
		"consume-open from=laptop topic=t partition=-2 "
			"bootstrap=kafka-1:9092",
		"produce id=1 value=x", "client-kill id=0",
		"http from=laptop path=/",
	};
	struct world *w = running_world(9);
	uint32_t journaled = w->journal.count;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct err err = {{0}};

		assert_false(world_command(w, lines[i], NULL, &err));
		assert_true(*err.what);
	}
	assert_int_equal(w->journal.count, journaled);
	world_run_until(w, world_now(w) + SIM_S(1));
	world_free(w);
}

/* Whatever stands in a request, the cluster answers and lives on. */
static void strange_requests_do_no_harm(void **state)
{
	static const char *const requests[] = {
		"api=", "api=nothing", "api=describe-topics topics=,,,%2c,t",
		"api=list-offsets partitions=t timeout_ms=300",
		("api=list-offsets partitions=t:,:0,t:99999999999999,t:0 "
		 "timeout_ms=300 time=-99"),
		"api=list-offsets partitions= time=99999999999999999",
		"api=create-topic", "api=create-topic name=%00",
		"api=create-topic name=q assignment=1:1",
		"api=create-topic name=q assignment=:::,",
		"api=create-topic name=q assignment=1:2:3:1:2:3:1:2:3:1:2:3",
		"api=create-topic name=q rf=99999 partitions=-1",
		"api=elect-leaders type=x partitions=t:x,t,:,t:0:1",
		"api=alter-reassignments moves=t:0:9,t:0:1/1,t:7:1,::,t",
		"api=alter-configs topic=t set.=1 delete=,,x",
		"api=describe-configs broker=nobody timeout_ms=300",
		"api=describe-configs broker=99 timeout_ms=300",
		"api=describe-log-dirs broker=2", "api=group-offsets",
		"api=alter-group-offsets group=g offsets=t:0:-1,t:0,t",
		"api=list-topics timeout_ms=-5",
		"api=list-topics request_timeout_ms=99999999999999999",
		"api=find-coordinator group=x", "api=delete-group group=",
	};
	struct world *w = running_world(11);

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_true(*ask(w, requests[i]) == '{');
	assert_has(ask(w, "api=describe-topics topics=t"), "\"leader\":");
	world_free(w);
}

/* Going back takes the entries back; the same run writes them again. */
static void the_mailbox_goes_back_in_time(void **state)
{
	struct world *w = small_world(10);
	uint64_t cursor = 0;
	sim_time asked;
	int64_t id;
	char *text;

	(void)state;
	world_travel_on(w, SIM_S(1), 100);
	world_run_until(w, SIM_S(5));
	asked = world_now(w);
	id = command(w, "admin from=laptop bootstrap=" SERVERS
		     " api=describe-cluster");
	text = strdup(await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(5)));
	assert_has(text, "5L6g3nShT-eMCtK--X86sw");
	world_run_until(w, SIM_S(10));
	world_rewind(w, asked - SIM_S(1));
	assert_false(terminal_has(w, id, 0));
	world_run_until(w, SIM_S(10));
	cursor = 0;
	assert_string_equal(text, await_entry(w, id, &cursor, TERMINAL_REPLY,
					      0));
	free(text);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_there_is_said_every_second),
		cmocka_unit_test(one_living_server_is_enough),
		cmocka_unit_test(a_frozen_broker_times_out),
		cmocka_unit_test(a_wrong_advertised_address_strands_the_client),
		cmocka_unit_test(what_is_produced_is_consumed),
		cmocka_unit_test(a_group_commits_what_it_read),
		cmocka_unit_test(too_few_replicas_fail_the_send),
		cmocka_unit_test(a_refused_http_request_says_so),
		cmocka_unit_test(bad_commands_are_refused_in_a_sentence),
		cmocka_unit_test(strange_requests_do_no_harm),
		cmocka_unit_test(the_mailbox_goes_back_in_time),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
