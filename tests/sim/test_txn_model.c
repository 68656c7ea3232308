/* test_txn_model.c - a transforming application under random crashes
 *
 * Method: a fleet writes, an application reads, transforms and writes in
 * transactions, while brokers (and with them coordinators and leaders) and the
 * application itself are killed, hung and cut off at times drawn from the seed.
 * A reader of committed records follows the output.  Then everything comes to
 * rest, longer than transactions may last.
 *
 * Goal: what was committed of the input and what is committed of the output are
 * the same records, each once; and the reader got these and nothing else.
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/broker/broker.h"
#include "sim/broker/txn.h"
#include "sim/core/text.h"
#include "sim/stack/perf.h"
#include "sim/stack/stack.h"
#include "sim/stack/transform_audit.h"

#ifdef TEST_SANITIZED
#define SEEDS	8
#else
#define SEEDS	60
#endif

static void say(struct world *w, const char *line)
{
	struct err err;

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static const struct app *app_named(struct world *w, const char *name)
{
	const struct client_host *h = process_find(w, name)->self;

	return h->owner;
}

static void add_faults(struct world *w, struct luck *luck)
{
	char line[160];

	for (int i = 0; i < 3; i++) {
		int64_t at = luck_between(luck, 5000, 45000);

		switch (luck_below(luck, 5)) {
		case 0:
		case 1:
			snprintf(line, sizeof(line), "fault kill component="
				 "broker-%d after=%lldms for=%llds",
				 (int)luck_between(luck, 1, 3), (long long)at,
				 (long long)luck_between(luck, 2, 15));
			break;
		case 2:
			snprintf(line, sizeof(line), "fault hang component="
				 "broker-%d after=%lldms for=%llds",
				 (int)luck_between(luck, 1, 3), (long long)at,
				 (long long)luck_between(luck, 2, 12));
			break;
		case 3:
			snprintf(line, sizeof(line), "fault kill component=etl "
				 "after=%lldms for=%llds", (long long)at,
				 (long long)luck_between(luck, 1, 4));
			break;
		default:
			snprintf(line, sizeof(line), "fault hang component=etl "
				 "after=%lldms for=%llds", (long long)at,
				 (long long)luck_between(luck, 2, 12));
			break;
		}
		say(w, line);
	}
}

/* Two members of one group, each with an id of its own: one that was hung comes
 * back to partitions that the other has by now (KIP-447). */
#define APP	"app-new name=%s topic=readings group=etl output=clean "	\
		"transactional-id=%s transaction-timeout=10s work=200us "	\
		"auto.offset.reset=earliest %s"

/* Each way of dividing in turn: eager, in two steps, by the coordinator. */
static const char *const groups[] = {
	"session.timeout.ms=6000 heartbeat.interval.ms=2000",
	"session.timeout.ms=6000 heartbeat.interval.ms=2000 "
		"partition.assignment.strategy=org.apache.kafka.clients."
		"consumer.CooperativeStickyAssignor",
	"group.protocol=consumer",
};

static void add_member(struct world *w, uint64_t seed, const char *name)
{
	char line[512];

	snprintf(line, sizeof(line), APP, name, name, groups[seed % 3]);
	say(w, line);
}

static struct world *world_for(uint64_t seed, struct luck *luck)
{
	struct err err;
	struct world *w = stack_world("local-kafka", seed,
				      "devices=60 partitions=3 apps=off "
				      "min-isr=2", &err);

	assert_non_null(w);
	luck_init(luck, seed, "test", "transactions");
	say(w, "broker-setting num.partitions=3 default.replication.factor=3");
	say(w, "broker-setting group.coordinator.rebalance.protocols="
	    "classic,consumer");
	say(w, "broker-setting group.consumer.session.timeout.ms=6000");
	say(w, "broker-setting group.consumer.heartbeat.interval.ms=2000");
	add_member(w, seed, "etl");
	add_member(w, seed, "etl-2");
	say(w, "perf-consume name=reader topic=clean from=earliest "
	    "isolation.level=read_committed");
	return w;
}

static void nothing_is_half_done(void **state)
{
	uint64_t aborted = 0, fenced = 0, written = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct luck luck;
		struct world *w = world_for(seed, &luck);
		struct transform_audit audit;
		const struct app *a;

		add_faults(w, &luck);
		world_run_until(w, SIM_S(60));
		a = app_named(w, "etl");
		if (a->transform->producer && a->transform->producer->txn)
			aborted += a->transform->producer->txn->aborted;
		fenced += a->transform->fenced;
		say(w, "service etl do=kill");
		say(w, "service etl-2 do=kill");
		world_run_until(w, SIM_S(120));
		transform_audit(w, a, &audit);
		if (audit.blind || audit.doubled || audit.missing ||
		    audit.ahead || audit.written != audit.read ||
		    perf_consumer_find(w, "reader")->records != audit.written)
			print_message("seed %llu: read %llu written %llu "
				      "doubled %llu missing %llu ahead %llu "
				      "reader %llu\n", (unsigned long long)seed,
				      (unsigned long long)audit.read,
				      (unsigned long long)audit.written,
				      (unsigned long long)audit.doubled,
				      (unsigned long long)audit.missing,
				      (unsigned long long)audit.ahead,
				      (unsigned long long)perf_consumer_find(w,
						"reader")->records);
		assert_false(audit.blind);
		assert_int_equal(audit.doubled, 0);
		assert_int_equal(audit.missing, 0);
		assert_int_equal(audit.ahead, 0);
		assert_true(audit.written > 0);
		assert_int_equal(audit.written, audit.read);
		assert_int_equal(perf_consumer_find(w, "reader")->records,
				 audit.written);
		written += audit.written;
		world_free(w);
	}
	print_message("%llu records written, %llu transactions aborted by the "
		      "application, %llu producers fenced\n",
		      (unsigned long long)written, (unsigned long long)aborted,
		      (unsigned long long)fenced);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_half_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
