/* test_ingest_million.c - the world million-devices: moments, faults, metrics
 *
 * Whatever is done to it, any moment comes back; faults say what they refuse;
 * the reference experiment comes out as it did, and PromQL sees the outage.
 */
#include "tests/test.h"

#include "sim/monitor/monitor.h"
#include "sim/stack/stack.h"
#include "sim/tsdb/promql_eval.h"
#include "tests/sim/ingest_world.h"

/* -- the world million-devices -------------------------------------------- */

#define MOMENTS	25

static struct world *million(const char *settings)
{
	struct err err = {{0}};
	struct world *w = stack_world("million-devices", 3, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static void command(struct world *w, const char *line)
{
	struct err err = {{0}};

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s", err.what);
}

/* With faults, kills and focus on the way, at auto fidelity. */
static void any_moment_comes_back(void **state)
{
	struct world *w = million("devices=20000 partitions=8 zoom=1s");
	struct { uint64_t digest; size_t used; int64_t stored; } m[MOMENTS + 1];
	struct ingest *s = ingest_find(w, "fleet");
	struct luck luck;

	(void)state;
	command(w, "fault device-outage component=fleet share=30% after=3s "
		"for=2s");
	command(w, "fault device-outage component=fleet share=0.5 after=4s "
		"for=3s readings=drop");
	command(w, "fault kill component=ingest-2 after=9s for=1s");
	command(w, "fault kill component=fleet after=12s for=500ms");
	world_travel_on(w, SIM_S(2), 16);
	world_run_until(w, SIM_S(1));
	command(w, "ingest-focus partition=5 for=1500ms");
	for (int i = 2; i <= MOMENTS; i++) {
		world_run_until(w, SIM_MS(800 * i));
		if (i == 22)
			command(w, "ingest-level level=window");
		m[i].digest = world_digest(w);
		m[i].used = arena_head(&w->arena)->used;
		m[i].stored = ask(w, s).stored.value;
	}
	luck_init(&luck, 9, "test", "rewind");
	for (int k = 0; k < 40; k++) {
		int i = (int)luck_between(&luck, 2, MOMENTS);

		world_rewind(w, SIM_MS(800 * i));
		assert_true(world_digest(w) == m[i].digest);
		assert_int_equal(arena_head(&w->arena)->used, m[i].used);
		assert_int_equal(ask(w, s).stored.value, m[i].stored);
	}
	world_free(w);
}

/* Killed or frozen, a node serves nobody; what waits is stored afterwards. */
/* Half of a million devices for ten minutes, at the fidelity it comes with. */
static void a_long_outage_fits(void **state)
{
	struct world *w = million(NULL);
	struct ingest *s = ingest_find(w, "fleet");
	struct ingest_answer a;

	(void)state;
	command(w, "fault device-outage component=fleet after=10s for=10m");
	world_run_until(w, SIM_MINUTES(10));
	a = ask(w, s);
	assert_in_range(a.held.value, 294000000, 296000000);
	world_run_until(w, SIM_MINUTES(15));
	a = ask(w, s);
	assert_int_equal(a.held.value, 0);
	assert_int_equal(a.dropped.value, 0);
	assert_true(a.p99.value > SIM_MINUTES(5));
	assert_true(world_hot_bytes(w) < (size_t)64 << 20);
	world_free(w);
}

static void a_node_that_does_not_run_serves_nobody(void **state)
{
	static const char *const faults[] = {
		"fault kill component=ingest-1 for=1s",
		"fault hang component=ingest-1 for=1s",
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = million("devices=64000 fidelity=window");
		struct ingest *s = ingest_find(w, "fleet");

		world_run_until(w, SIM_S(1));
		command(w, faults[i]);
		world_run_until(w, SIM_MS(1900));
		/* 1000 a second; of partition 1 another node takes care */
		assert_in_range(ingest_backlog(w, s, 0).value, 750, 1050);
		assert_true(ingest_backlog(w, s, 1).value < 100);
		world_run_until(w, SIM_S(12));
		assert_true(ingest_backlog(w, s, 0).value < 100);
		assert_true(ask(w, s).drain.there);
		world_free(w);
	}
}

static void the_fault_says_what_it_refuses(void **state)
{
	static const struct { const char *line, *says; } rows[] = {
		{ "fault device-outage component=edge-9", "no such fleet" },
		{ "fault device-outage component=fleet share=0", "share=0" },
		{ "fault device-outage component=fleet share=120%",
		  "share=120%" },
		{ "fault device-outage component=fleet readings=burn",
		  "hold or drop" },
		{ "fault device-outage component=fleet for=3ms",
		  "shorter than the 10ms tick" },
		{ "ingest-focus partition=64", "partition is 0 to 63" },
		{ "ingest-level level=atoms", "record, window, counts or auto" },
	};
	struct world *w = million("fidelity=counts");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {{0}};

		assert_false(world_command(w, rows[i].line, NULL, &err));
		if (!strstr(err.what, rows[i].says))
			fail_msg("%s: %s", rows[i].line, err.what);
	}
	world_free(w);
}

/*
 * The experiment of simulation.md 5: half of the partitions are not served for
 * t = 5..7 s (two of four nodes are dead).  There: p50 0.500 ms, p99 1.93 s,
 * drained at 18.31 s, largest backlog 31.6 k.
 */
static void the_reference_experiment_comes_out_as_it_did(void **state)
{
	struct world *w = million("fidelity=counts");
	struct ingest *s = ingest_find(w, "fleet");
	struct ingest_answer a;

	(void)state;
	command(w, "fault kill component=ingest-2 after=5s for=2s");
	command(w, "fault kill component=ingest-4 after=5s for=2s");
	world_run_until(w, SIM_S(20));
	a = ask(w, s);
	assert_in_range(a.p50.value, SIM_US(500) * 92 / 100,
			SIM_US(500) * 108 / 100);
	assert_in_range(a.p99.value, SIM_MS(1930) * 98 / 100,
			SIM_MS(1930) * 102 / 100);
	assert_in_range(a.backlog_max.value, 31600 * 98 / 100,
			31600 * 102 / 100);
	assert_in_range(SIM_S(7) + a.drain.value, SIM_MS(18310) * 98 / 100,
			SIM_MS(18310) * 102 / 100);
	world_free(w);
}

/* The value of a query that has one series. */
static double query(struct world *w, const char *text)
{
	struct promql_result r;
	double value;

	promql_instant(w, monitor_first(w)->tsdb, text,
		       sim_wall_ms(world_now(w)), &r);
	if (r.status != PROMQL_OK || r.series_count != 1)
		fail_msg("%s: %u series", text, r.series_count);
	value = r.series[0].points[0].v;
	promql_result_free(&r);
	return value;
}

/* What a scrape has seen, 15 s old at most. */
static void promql_sees_the_outage(void **state)
{
	struct world *w = million("devices=100000");

	(void)state;
	command(w, "fault device-outage component=fleet share=40% after=70s "
		"for=60s readings=drop");
	world_run_until(w, SIM_S(120));
	assert_true(query(w, "ingest_devices_out") == 40000);
	assert_true(query(w, "rate(ingest_readings_produced_total[1m]) > 99000 "
			  "< 101000") > 0);
	assert_true(query(w, "rate(ingest_readings_dropped_total[30s]) > 39000 "
			  "< 41000") > 0);
	assert_true(query(w, "sum(rate(ingest_records_stored_total[30s])) > "
			  "59000 < 61000") > 0);
	assert_true(query(w, "count(ingest_partition_backlog_records)") == 64);
	assert_true(query(w, "ingest_fidelity_partitions{level=\"counts\"}")
		    == 64);
	assert_true(query(w, "ingest_tracer_latency_seconds_count > 9000") > 0);
	assert_true(query(w, "histogram_quantile(0.5, "
			  "rate(ingest_tracer_latency_seconds_bucket[30s]))")
		    < 0.01);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_moment_comes_back),
		cmocka_unit_test(a_long_outage_fits),
		cmocka_unit_test(a_node_that_does_not_run_serves_nobody),
		cmocka_unit_test(the_fault_says_what_it_refuses),
		cmocka_unit_test(promql_sees_the_outage),
		cmocka_unit_test(the_reference_experiment_comes_out_as_it_did),
	};

	return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
