/* test_tools.c - what the console tools print
 *
 * Golden: lines typed in a fresh world, with all that is printed and the exit
 * status of each.  What differs from run to run of history, ids and the
 * milliseconds of log lines, is written as dots.
 */
#include "tests/test.h"

#include "lua/session.h"
#include "sim/core/world.h"
#include "sim/stack/stack.h"

#define B	" --bootstrap-server broker-1:9092 "
#define LINES	32

/* A line that begins with @ lets that much time pass, one with ! is a command
 * of the world. */
static const struct transcript {
	const char *name, *world, *settings;
	const char *lines[LINES];
} transcripts[] = {
	{ "topics", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--list",
		"kafka-topics.sh" B "--create --topic orders --partitions 3 "
			"--replication-factor 3 --config min.insync.replicas=2",
		"kafka-topics.sh" B "--create --topic orders",
		"kafka-topics.sh" B "--create --topic orders --if-not-exists",
		"kafka-topics.sh" B "--create --topic a.b",
		"kafka-topics.sh" B "--create --topic a_b",
		"kafka-topics.sh" B "--create --topic four "
			"--replication-factor 4",
		"kafka-topics.sh" B "--create --topic x --partitions 0",
		"kafka-topics.sh" B "--create --topic 'a b'",
		"kafka-topics.sh" B "--create --topic x --config color=red",
		"kafka-topics.sh" B "--create --topic x --config color",
		"kafka-topics.sh" B "--create --topic hand "
			"--replica-assignment 1:2,2:3",
		"kafka-topics.sh" B "--describe --topic hand",
		"kafka-topics.sh" B "--describe --topics-with-overrides",
		"kafka-topics.sh" B "--describe --topic nobody",
		"kafka-topics.sh" B "--alter --topic hand --partitions 2",
		"kafka-topics.sh" B "--alter --topic hand --partitions 1",
		"kafka-topics.sh" B "--delete --topic hand",
		"kafka-topics.sh" B "--list --topic 'o.*'",
		"kafka-topics.sh --list",
		"kafka-topics.sh" B "--list --describe 2>&1 | head -n 1",
		"kafka-topics.sh" B "--list --partitions 3 2>&1 | head -n 1",
		"kafka-topics.sh --zookeeper zk:2181 --list 2>&1 | head -n 2",
		"kafka-topics.sh --bootstrap-server broker-1 --list",
		"kafka-topics.sh --bootstrap-server nowhere:9092 --list",
		"kafka-topics.sh --version",
	} },
	{ "transactions", "local-kafka", "fleet=off apps=off", {
		"kafka-transactions.sh" B "list",
		"!perf-produce name=load topic=t transactional.id=orders-1 "
			"transaction-duration-ms=600000 record-size=10000 "
			"linger.ms=1000 batch.size=20000 acks=all "
			"transaction.timeout.ms=900000",
		"@2s",
		"!service load do=kill",
		"kafka-transactions.sh" B "list",
		"kafka-transactions.sh" B "describe --transactional-id orders-1 "
			"| cut -f 1-6,9",
		"kafka-transactions.sh" B "describe --transactional-id nobody",
		"kafka-transactions.sh" B "describe-producers --topic t "
			"--partition 0",
		"@14m",
		"kafka-transactions.sh" B "find-hanging --topic t "
			"--max-transaction-timeout 5",
		"@2m",
		"kafka-transactions.sh" B "list",
		"kafka-transactions.sh" B "describe-producers --topic t "
			"--partition 0",
	} },
	/* A client with a bug, and brokers that do not look (KIP-890). */
	{ "hanging", "local-kafka", "fleet=off apps=off", {
		"!broker-setting transaction.partition.verification.enable="
			"false",
		"!perf-produce name=old topic=t transactional.id=old-1 "
			"transaction-duration-ms=1000 num-records=3 "
			"record-size=10 planted=unadded-partitions",
		"@16m",
		"kafka-transactions.sh" B "list",
		"kafka-transactions.sh" B "find-hanging --topic t",
		"kafka-transactions.sh" B "find-hanging --broker-id 1",
		"kafka-transactions.sh" B "describe-producers --topic t "
			"--partition 0",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--isolation-level read_committed --timeout-ms 5000",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--max-messages 3",
		"kafka-transactions.sh" B "abort --topic t --partition 0 "
			"--start-offset 7",
		"kafka-transactions.sh" B "abort --topic t --partition 0",
		"kafka-transactions.sh" B "abort --topic t --partition 0 "
			"--start-offset 0",
		"kafka-transactions.sh" B "find-hanging --topic t",
		"kafka-transactions.sh" B "describe-producers --topic t "
			"--partition 0",
		"kafka-transactions.sh" B "find-hanging",
		"kafka-transactions.sh" B "describe",
		"kafka-transactions.sh list",
		"kafka-transactions.sh" B "forget",
	} },
	{ "broker-down", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--create --topic t "
			"--replica-assignment 3:1,1:2 "
			"--config min.insync.replicas=2",
		"!service broker-3 do=kill",
		"@20s",
		"kafka-topics.sh" B "--describe --topic t",
		"kafka-topics.sh" B "--describe --under-replicated-partitions "
			"--topic t",
		"kafka-topics.sh" B "--describe --under-min-isr-partitions "
			"--topic t",
		"kafka-topics.sh" B "--describe --at-min-isr-partitions "
			"--topic t",
		"!service broker-1 do=kill",
		"@20s",
		"kafka-topics.sh --bootstrap-server broker-2:9092 --describe "
			"--unavailable-partitions --topic t",
		"kafka-topics.sh --bootstrap-server broker-3:9092 --list 2>&1 "
			"| grep -v WARN",
		"!service broker-1 do=start",
		"!service broker-3 do=start",
		"@60s",
		"kafka-leader-election.sh" B "--election-type preferred "
			"--topic t --partition 0",
		"kafka-leader-election.sh" B "--election-type preferred "
			"--topic t --partition 0",
		"kafka-leader-election.sh" B "--election-type unclean "
			"--topic t --partition 9",
		"kafka-leader-election.sh" B "--topic t",
	} },
	{ "settings-levels", "local-kafka", "fleet=off apps=off", {
		"kafka-configs.sh" B "--entity-type brokers --entity-default "
			"--alter --add-config log.retention.ms=3600000",
		"kafka-configs.sh" B "--entity-type brokers --entity-name 2 "
			"--alter --add-config log.retention.ms=60000",
		"kafka-configs.sh" B "--entity-type brokers --describe",
		"kafka-configs.sh" B "--broker 2 --describe --all "
			"| grep retention.ms",
		"kafka-configs.sh" B "--topic readings --describe --all "
			"| grep ' retention.ms'",
		"kafka-configs.sh" B "--broker 2 --alter --add-config "
			"num.partitions=3 2>&1 | tail -n 3",
		"kafka-configs.sh" B "--broker 2 --alter --delete-config "
			"log.retention.ms",
		"kafka-configs.sh" B "--broker 2 --describe",
	} },
	{ "metadata-quorum", "local-kafka", "controllers=3 fleet=off apps=off", {
		"kafka-metadata-quorum.sh" B "describe --status",
		"kafka-metadata-quorum.sh" B "describe --replication",
		"kafka-metadata-quorum.sh" B "describe --replication "
			"--human-readable",
		"!service controller-1 do=kill",
		"@8s",
		"kafka-metadata-quorum.sh" B "describe --status",
		"!service controller-2 do=kill",
		"@8s",
		"kafka-metadata-quorum.sh" B "describe --status",
		"kafka-topics.sh" B "--create --topic t",
		"kafka-topics.sh" B "--list",
		"kafka-metadata-quorum.sh" B "describe",
		"kafka-metadata-quorum.sh" B "describe --status --replication",
		"kafka-metadata-quorum.sh describe --status",
		"kafka-metadata-quorum.sh" B "remove-controller",
	} },
	{ "producer-settings", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--create --topic p --partitions 1 "
			"--replication-factor 3 --config compression.type=zstd",
		"seq 1 2 | kafka-console-producer.sh" B "--topic p "
			"--producer-property enable.idempotence=true "
			"--request-required-acks 1",
		"seq 1 2 | kafka-console-producer.sh" B "--topic p "
			"--producer-property enable.idempotence=true "
			"--message-send-max-retries 0",
		"seq 1 2 | kafka-console-producer.sh" B "--topic p "
			"--producer-property enable.idempotence=true "
			"--producer-property "
			"max.in.flight.requests.per.connection=6",
		"seq 1 2 | kafka-console-producer.sh" B "--topic p "
			"--producer-property "
			"max.in.flight.requests.per.connection=6",
		"seq 3 4 | kafka-console-producer.sh" B "--topic p "
			"--request-required-acks 1",
		"seq 5 6 | kafka-console-producer.sh" B "--topic p "
			"--compression-codec",
		"seq 7 8 | kafka-console-producer.sh" B "--topic p "
			"--compression-codec rar",
		"seq 9 10 | kafka-console-producer.sh" B "--topic p "
			"--compression-codec lz4",
		"kafka-console-consumer.sh" B "--topic p --from-beginning "
			"--max-messages 8",
	} },
	{ "produce-consume", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--create --topic t --partitions 2 "
			"--replication-factor 3 --config min.insync.replicas=2",
		"seq 1 3 | kafka-console-producer.sh" B "--topic t",
		"printf 'k:v\\nw\\n' | kafka-console-producer.sh" B
			"--topic t --property parse.key=true "
			"--property key.separator=:",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--max-messages 4",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--timeout-ms 8000 --property print.key=true "
			"--property print.offset=true",
		"kafka-get-offsets.sh" B "--topic t",
		"kafka-get-offsets.sh" B "--topic-partitions t:0 --time -2",
		"kafka-get-offsets.sh" B "--topic nobody",
		"kafka-get-offsets.sh" B "--topic t --time now",
		"kafka-console-consumer.sh" B "--topic t --partition 0 "
			"--group g 2>&1 | head -n 1",
		"!service broker-1 do=kill",
		"!service broker-2 do=kill",
		"@20s",
		"echo lost | kafka-console-producer.sh --bootstrap-server "
			"broker-3:9092 --topic t 2>&1 | grep -v WARN",
	} },
	{ "headers", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--create --topic t --partitions 1 "
			"--replication-factor 3",
		"printf 'a:1,b:\\tk\\tv\\n' | kafka-console-producer.sh" B
			"--topic t --property parse.headers=true "
			"--property parse.key=true",
		"printf 'a=none;b=2|v\\nx|w' | kafka-console-producer.sh" B
			"--topic t --property parse.headers=true --property "
			"headers.delimiter='|' --property headers.separator=';' "
			"--property headers.key.separator== "
			"--property null.marker=none "
			"--property ignore.error=true",
		"printf 'no headers\\n' | kafka-console-producer.sh" B
			"--topic t --property parse.headers=true",
		"printf 'a:1,b\\tv\\n' | kafka-console-producer.sh" B
			"--topic t --property parse.headers=true",
		"printf 'v\\n' | kafka-console-producer.sh" B "--topic t "
			"--property parse.headers=true "
			"--property headers.separator=:",
		"echo plain | kafka-console-producer.sh" B "--topic t",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--max-messages 4 --property print.headers=true "
			"--property print.key=true",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--max-messages 1 --property print.headers=true "
			"--property headers.separator=' '",
	} },
	{ "traces", "local-kafka", "apps=off devices=10", {
		"traces", "traces sample 2", "traces sample 1", "@200ms",
		"traces sample 0", "traces -n 2", "traces nonsense",
		"traces 0123456789abcdef0123456789abcdef", "traces -n no",
		"traces sample", "traces 1 2",
	} },
	{ "groups", "local-kafka", "fleet=off", {
		"kafka-topics.sh" B "--create --topic t --partitions 1 "
			"--replication-factor 3",
		"seq 1 5 | kafka-console-producer.sh" B "--topic t",
		"kafka-console-consumer.sh" B "--topic t --from-beginning "
			"--group g --max-messages 3",
		"@5s",
		"kafka-consumer-groups.sh" B "--list",
		"kafka-consumer-groups.sh" B "--list --state",
		"kafka-consumer-groups.sh" B "--describe --group g",
		"kafka-consumer-groups.sh" B "--describe --group dashboard",
		"kafka-consumer-groups.sh" B "--describe --group dashboard "
			"--members --verbose",
		"kafka-consumer-groups.sh" B "--describe --group g --state",
		"kafka-consumer-groups.sh" B "--describe --group nobody",
		"kafka-consumer-groups.sh" B "--reset-offsets --group g "
			"--topic t --shift-by -2",
		"kafka-consumer-groups.sh" B "--reset-offsets --group g "
			"--topic t:0 --to-offset 9 --execute",
		"kafka-consumer-groups.sh" B "--reset-offsets --group g "
			"--all-topics --to-datetime 2026-01-05T08:00:00.000 "
			"--dry-run",
		"kafka-consumer-groups.sh" B "--reset-offsets --group "
			"dashboard --topic readings --to-latest --execute",
		"kafka-consumer-groups.sh" B "--list --state empty --type "
			"classic",
		"kafka-consumer-groups.sh" B "--list --type share "
			"2>&1 | head -n 1",
		"kafka-consumer-groups.sh" B "--reset-offsets --group g "
			"--topic t --to-earliest --export --dry-run > plan.csv",
		"cat plan.csv",
		"echo t,0,2 > plan.csv",
		"kafka-consumer-groups.sh" B "--reset-offsets --group g "
			"--from-file plan.csv --execute",
		"kafka-consumer-groups.sh" B "--delete-offsets --group "
			"dashboard --topic readings:0,1",
		"kafka-consumer-groups.sh" B "--delete-offsets --group nobody "
			"--topic t",
		"kafka-consumer-groups.sh" B "--delete-offsets --group g "
			"--topic t:0",
		"kafka-consumer-groups.sh" B "--delete-offsets --group g 2>&1 "
			"| head -n 1",
		"kafka-consumer-groups.sh" B "--delete --group g --group "
			"dashboard",
		"kafka-consumer-groups.sh" B "--delete --group g",
		"kafka-consumer-groups.sh" B "--describe 2>&1 | head -n 1",
	} },
	{ "configs", "local-kafka", "fleet=off apps=off", {
		"kafka-configs.sh" B "--topic readings --describe",
		"kafka-configs.sh" B "--entity-type topics --entity-name "
			"readings --alter --add-config "
			"retention.ms=60000,cleanup.policy=[compact]",
		"kafka-configs.sh" B "--topic readings --describe",
		"kafka-configs.sh" B "--topic readings --describe --all",
		"kafka-topics.sh" B "--describe --topic readings | head -n 1",
		"kafka-configs.sh" B "--topic readings --alter "
			"--delete-config retention.ms",
		"kafka-configs.sh" B "--topic readings --alter "
			"--delete-config retention.ms",
		"kafka-configs.sh" B "--topic readings --alter --add-config "
			"retention.ms=soon",
		"kafka-configs.sh" B "--topic readings --alter --add-config x",
		"kafka-configs.sh" B "--topic nobody --describe",
		"kafka-configs.sh" B "--broker 2 --describe",
		"kafka-configs.sh" B "--broker 2 --describe --all | grep "
			"listeners",
		"kafka-configs.sh" B "--topic readings",
	} },
	{ "reassign", "local-kafka", "fleet=off apps=off", {
		"kafka-topics.sh" B "--create --topic t "
			"--replica-assignment 1:2,2:3",
		"echo '{\"topics\":[{\"topic\":\"t\"}]}' > topics.json",
		"kafka-reassign-partitions.sh" B "--generate "
			"--topics-to-move-json-file topics.json "
			"--broker-list 1,2,3",
		"echo '{\"partitions\":[{\"topic\":\"t\",\"partition\":0,"
			"\"replicas\":[3,1]}]}' > plan.json",
		"kafka-reassign-partitions.sh" B "--execute "
			"--reassignment-json-file plan.json",
		"kafka-reassign-partitions.sh" B "--list",
		"kafka-topics.sh" B "--describe --topic t",
		"@10s",
		"kafka-reassign-partitions.sh" B "--verify "
			"--reassignment-json-file plan.json",
		"kafka-reassign-partitions.sh" B "--list",
		"kafka-reassign-partitions.sh" B "--cancel "
			"--reassignment-json-file plan.json",
		"kafka-reassign-partitions.sh" B "--execute "
			"--reassignment-json-file none.json",
	} },
	{ "log-dirs", "local-kafka", "fleet=off apps=off disks=2", {
		"kafka-topics.sh" B "--create --topic t "
			"--replica-assignment 1:2,2:3",
		"kafka-log-dirs.sh" B "--describe --broker-list 1,2 "
			"--topic-list t",
		"kafka-log-dirs.sh" B "--describe --broker-list 2 "
			"--topic-list nobody",
		"kafka-log-dirs.sh" B "--describe --broker-list 7,2",
		"kafka-log-dirs.sh" B "--describe --broker-list x",
		"kafka-log-dirs.sh" B,
	} },
	{ "containers", "compose-kafka", "", {
		"docker ps",
		"kafka-topics.sh --bootstrap-server localhost:9092 --create "
			"--topic t",
		"echo hi | kafka-console-producer.sh --bootstrap-server "
			"localhost:9092 --topic t",
		"docker exec -it app kafka-topics.sh --bootstrap-server "
			"kafka:9092 --list 2>&1 | grep -v WARN",
		"docker exec -it app kafka-topics.sh --bootstrap-server "
			"kafka:9092 --list 2>&1 | grep WARN | head -n 1",
		"docker exec app nothing",
		"docker exec nobody kafka-topics.sh --list",
		"docker compose stop kafka",
		"docker compose ps",
		"docker compose up -d",
		"docker compose ps",
		"docker logs --tail 1 kafka",
		"docker exec app ping -c 1 kafka",
		"docker ship",
	} },
	{ "machines", "local-kafka", "fleet=off apps=off", {
		"ping -c 2 broker-2",
		"ping -c 1 nowhere",
		"systemctl -H broker-2 is-active kafka",
		"systemctl -H broker-2 stop kafka",
		"systemctl -H broker-2 is-active kafka",
		"systemctl -H broker-2 status kafka",
		"systemctl -H broker-2 start kafka",
		"systemctl -H nowhere stop kafka",
		"systemctl stop nothing",
		"logs broker-2 -n 2",
		"logs nobody 2>&1 | head -c 30",
		"df -h -H broker-1",
		"promql 'up{job=\"kafka\"}' | cut -d ' ' -f 1-2 | sort",
		"promql 'up{'",
		"curl http://broker-1:80/",
		"curl http://nowhere/",
	} },
	{ "bill", "local-kafka", "", {
		"@1h",
		"bill",
		"bill --by machine",
		"bill --by zone",
		"bill --by colour",
		"bill now",
		"bill --json | head -c 60",
	} },
};

/* Dots for ids and the fractions of log lines. */
static void masked(struct text *t, const char *s)
{
	static const char id[] = "TopicId: ";

	while (*s) {
		size_t hex = strspn(s, "0123456789abcdef-");

		if (!strncmp(s, id, sizeof(id) - 1)) {
			text_add(t, "TopicId: ...");
			s += sizeof(id) - 1 + strcspn(s + sizeof(id) - 1, "\t");
		} else if (hex == 36) {		/* a UUID */
			text_add(t, "...");
			s += hex;
		} else if (!strncmp(s, "[2026-", 6) && s[20] == ',') {
			text_bytes(t, s, 21);
			text_add(t, "...]");
			s += 25;
		} else {
			text_char(t, *s++);
		}
	}
}

static void type(struct session *s, const char *line, struct text *out)
{
	struct text said = {0};
	struct err err;
	int code = 0;

	text_addf(out, "$ %s\n", line);
	if (!session_run(s, line, SIM_S(300), &said, &code, &err))
		fail_msg("%s: %s", line, err.what);
	masked(out, text_cstr(&said));
	text_addf(out, "[%d]\n", code);
	text_free(&said);
}

static void play(const struct transcript *t, struct text *out)
{
	struct err err = {{0}};
	struct world *w = stack_world(t->world, 7, t->settings, &err);
	struct session *s = w ? session_new(w, NULL, &err) : NULL;
	sim_time wait;

	if (!s)
		fail_msg("%s", err.what);
	session_advance(s, SIM_S(20));
	for (int i = 0; i < LINES && t->lines[i]; i++) {
		const char *line = t->lines[i];

		if (*line == '@' && simtime_parse(line + 1, &wait))
			session_advance(s, world_now(w) + wait);
		else if (*line == '!')
			assert_true(world_command(w, line + 1, NULL, &err));
		else
			type(s, line, out);
	}
	session_free(s);
	world_free(w);
}

static void transcripts_are_as_agreed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(transcripts) / sizeof(transcripts[0]);
	     i++) {
		struct text out = {0};
		char name[128];

		play(&transcripts[i], &out);
		snprintf(name, sizeof(name), "tools/%s.txt",
			 transcripts[i].name);
		test_golden(name, text_cstr(&out));
		text_free(&out);
	}
}

/* Looking at a cluster with every tool changes nothing that matters: nothing
 * started for it is left. */
static void tools_leave_no_process_behind(void **state)
{
	static const char *const lines[] = {
		"kafka-topics.sh" B "--describe",
		"kafka-consumer-groups.sh" B "--describe --all-groups",
		"kafka-console-consumer.sh" B "--topic readings "
			"--max-messages 1",
		"echo x | kafka-console-producer.sh" B "--topic readings",
		"promql up", "kafka-topics.sh --bootstrap-server no:1 --list",
		"kafka-get-offsets.sh" B, "kafka-configs.sh" B "--topic x "
			"--describe",
	};
	struct err err = {{0}};
	struct world *w = stack_world("local-kafka", 1, "", &err);
	struct session *s = session_new(w, NULL, &err);
	struct text before = {0}, after = {0}, ignored = {0};

	(void)state;
	assert_non_null(s);
	session_advance(s, SIM_S(20));
	type(s, "ps | cut -c 1-17", &before);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		type(s, lines[i], &ignored);
	session_advance(s, world_now(w) + SIM_S(6));
	type(s, "ps | cut -c 1-17", &after);
	assert_string_equal(text_cstr(&before), text_cstr(&after));
	text_free(&before);
	text_free(&after);
	text_free(&ignored);
	session_free(s);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transcripts_are_as_agreed),
		cmocka_unit_test(tools_leave_no_process_behind),
	};

	return cmocka_run_group_tests_name("tools", tests, NULL, NULL);
}
