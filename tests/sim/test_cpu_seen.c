/* test_cpu_seen.c - what a busy machine shows of itself, and does to others
 *
 * The load average against the kernel's fixed point, metrics by PromQL, and
 * faults of the processor in the world local-kafka.
 */
#include "tests/test.h"

#include "sim/stack/stack.h"
#include "tests/sim/cpu_world.h"
#include "tests/sim/monitor_world.h"

/* -- load ----------------------------------------------------------------- */

/* One thread that always runs: 1 - e^(-t / 1 min), in the kernel's fixed point. */
static void load_rises_as_the_kernels(void **state)
{
	struct lab l = lab_new(1, 1);
	double load;

	(void)state;
	burn(&l, l.p[0], 1);
	world_run_until(l.w, SIM_S(61));
	load = (double)l.m->cpu.load[0] / 2048;
	assert_true(load > 0.62 && load < 0.65);	/* 1 - 1/e = 0.632 */
	world_run_until(l.w, SIM_MINUTES(10));
	assert_int_equal(l.m->cpu.load[0], 2048);
	assert_true(l.m->cpu.load[2] > 900 && l.m->cpu.load[2] < 1100);
	process_kill(l.w, l.p[0]);
	world_run_until(l.w, SIM_MINUTES(30));
	assert_int_equal(l.m->cpu.load[0], 0);
	world_free(l.w);
}

/* -- what is said of it --------------------------------------------------- */

/* Four threads that never sleep on two cores: two run, two wait. */
static void a_machine_says_who_runs_and_who_waits(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	work_on_web_1(&x, 4);
	world_run_until(x.w, SIM_MINUTES(10));
	near(&x, "sum(rate(node_schedstat_running_seconds_total[5m]))", 2, .01);
	near(&x, "sum(rate(node_schedstat_waiting_seconds_total[5m]))", 2, .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", 0, .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"user\"}[5m]))", 2, .01);
	/* two threads a core take turns of 6 ms (12 ms, by two) */
	near(&x, "sum(rate(node_schedstat_timeslices_total[5m]))", 333.3, 2);
	near(&x, "node_load1", 4, .1);
	near(&x, "node_load5", 3.46, .1);	/* 4 (1 - e^-2) */
	assert_true(number_is_nan(ask(&x, "container_cpu_cfs_periods_total")));
	world_free(x.w);
}

/* CPUThrottlingHigh's query (F73), and what a limit of half a core does. */
static void a_container_says_how_it_is_throttled(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct node_exporter *e = node_exporter_new(x.w, x.web[0]->machine);

	(void)state;
	monitor_target(x.w, x.m, "node", "web-1:9100", e->process);
	process_start(x.w, e->process);
	cpu_quota_set(x.w, x.web[0], SIM_MS(50), 0);
	for (int i = 0; i < 2; i++)
		cpu_run(x.w, x.web[0], SIM_HOURS(1), WEB_WORK, NULL, 0);
	world_run_until(x.w, SIM_MINUTES(10));
	near(&x, "rate(container_cpu_cfs_periods_total{container=\"web-1\"}"
		 "[5m])", 10, .1);
	near(&x, "rate(container_cpu_cfs_throttled_periods_total[5m]) / "
		 "rate(container_cpu_cfs_periods_total[5m])", 1, .001);
	near(&x, "rate(container_cpu_cfs_throttled_seconds_total[5m])", 1.5,
	     .02);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"user\"}[5m]))", .5,
	     .01);
	world_free(x.w);
}

/* -- faults --------------------------------------------------------------- */

static int64_t command(struct world *w, const char *line)
{
	struct err err = { "" };
	int64_t result = 0;

	if (!world_command(w, line, &result, &err))
		fail_msg("%s: %s", line, err.what);
	return result;
}

/* local-kafka, and an application that works most of one core's time. */
static struct world *kafka(struct process **busy)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", 1, "", &err);

	if (!w)
		fail_msg("%s", err.what);
	command(w, "app-new name=busy topic=readings work=900us");
	world_run_until(w, SIM_S(20));
	*busy = process_find(w, "busy");
	return w;
}

/* Two small applications get all they want, 0.13 cores.  Of the other 1.87, nine
 * parts go to the hog and one to the application, which wants 0.9. */
static void a_hog_makes_others_wait(void **state)
{
	struct process *busy, *hog;
	struct world *w = kafka(&busy);
	int64_t before = cpu_used_ns(w, busy);
	int64_t waited = busy->share.waited_ns;

	(void)state;
	assert_true(waited < before / 20);	/* for two other applications */
	command(w, "fault cpu-hog component=app-1 cores=4 weight=900");
	hog = process_find(w, "stress-ng-app-1");
	assert_string_equal(world_text(w, hog->command), "stress-ng --cpu 4");
	world_run_until(w, SIM_S(30));
	assert_in_range(cpu_used_ns(w, busy) - before, SIM_MS(1820),
			SIM_MS(1920));
	waited = busy->share.waited_ns - waited;
	assert_in_range(waited + cpu_used_ns(w, busy) - before, SIM_MS(9950),
			SIM_S(10));	/* it never slept */
	command(w, "heal 1");
	assert_int_equal(hog->state, PROCESS_DOWN);
	before = cpu_used_ns(w, busy);
	world_run_until(w, SIM_S(35));
	assert_true(cpu_used_ns(w, busy) - before > SIM_MS(4800));
	command(w, "fault cpu-hog component=app-1");	/* it can come again */
	assert_int_equal(hog->state, PROCESS_UP);
	assert_int_equal(hog->share.threads, 2);
	world_free(w);
}

static void a_limit_throttles_an_application(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	int64_t before = cpu_used_ns(w, busy);

	(void)state;
	command(w, "fault cpu-quota component=busy millicores=250");
	world_run_until(w, SIM_S(30));
	assert_in_range(cpu_used_ns(w, busy) - before, SIM_MS(2475),
			SIM_MS(2525));
	assert_in_range(busy->share.quota->nr_throttled, 98, 100);
	command(w, "heal 1");
	assert_int_equal(busy->share.quota->quota_ns, 0);
	before = cpu_used_ns(w, busy);
	world_run_until(w, SIM_S(35));
	assert_true(cpu_used_ns(w, busy) - before > SIM_MS(4800));
	world_free(w);
}

static void a_collector_stops_a_process_again_and_again(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	struct process *b = process_find(w, "broker-1");
	int stopped = 0;

	(void)state;
	command(w, "fault gc-pause component=broker-1 pause=2s every=10s");
	for (int ms = 20005; ms < 60000; ms += 10) {
		world_run_until(w, SIM_MS(ms));
		stopped += b->state == PROCESS_HUNG;
	}
	assert_int_equal(stopped, 3 * 200);	/* at 30, 40, 50 s */
	command(w, "heal 1");
	world_run_until(w, SIM_S(71));
	assert_int_equal(b->state, PROCESS_UP);
	world_free(w);
}

/* Slices, throttling and pauses under way are part of what is kept. */
static void a_rewound_machine_runs_the_same_again(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	uint64_t digest;

	(void)state;
	world_travel_on(w, SIM_MS(1300), 100);
	command(w, "fault cpu-hog component=app-1 cores=4 weight=300");
	command(w, "fault cpu-quota component=busy millicores=300");
	command(w, "fault gc-pause component=dashboard pause=700ms every=1s");
	world_run_until(w, SIM_S(30));
	digest = world_digest(w);
	for (int i = 0; i < 5; i++) {
		world_rewind(w, SIM_MS(20123 + 1777 * i));
		world_run_until(w, SIM_S(30));
		assert_true(world_digest(w) == digest);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_rises_as_the_kernels),
		cmocka_unit_test(a_machine_says_who_runs_and_who_waits),
		cmocka_unit_test(a_container_says_how_it_is_throttled),
		cmocka_unit_test(a_hog_makes_others_wait),
		cmocka_unit_test(a_limit_throttles_an_application),
		cmocka_unit_test(a_collector_stops_a_process_again_and_again),
		cmocka_unit_test(a_rewound_machine_runs_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
