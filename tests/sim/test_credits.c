/* test_credits.c - sim/host/cpu_steal.c and credits.c: time that others get
 *
 * Table: AWS's own; hand-worked balances; and that no nanosecond is nobody's.
 */
#include "tests/test.h"

#include "sim/fault/fault.h"
#include "sim/host/host.h"
#include "sim/host/little.h"
#include "sim/stack/stack.h"
#include "tests/sim/monitor_world.h"

#define GIB	(INT64_C(1) << 30)
#define CREDITS(n)	((n) * CREDIT_NS)

enum { AGAIN = (MODULE_WORLD << 8) + 1, DONE };

struct lab {
	struct world *w;
	struct machine *m;
	struct process *p;
};

static sim_time done_at;

/* Threads that never sleep; the argument says how long a piece is, in us. */
static void again(struct world *w, void *who, uint16_t arg)
{
	cpu_run(w, who, SIM_US(arg), AGAIN, who, arg);
}

static void done(struct world *w, void *who, uint16_t arg)
{
	(void)who;
	(void)arg;
	done_at = world_now(w);
}

static const struct module_event lab_events[] = {
	[AGAIN & 0xff] = { "again", again }, [DONE & 0xff] = { "done", done },
};
static const struct module lab_module = {
	.name = "lab", .events = lab_events, .event_count = 3,
};

static struct lab lab_new(const struct machine_profile *profile)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &lab_module, [MODULE_HOST] = &host_module,
	};
	static const struct process_events on = {0};
	struct lab l = {
		.w = world_new(&(struct world_spec){ .seed = 1,
						     .modules = modules }),
	};

	hosts_init(l.w);
	l.m = machine_new(l.w, "m", "a", profile);
	l.p = process_new(l.w, "p", l.m, "p", &on, MODULE_WORLD, NULL);
	process_start(l.w, l.p);
	return l;
}

static struct lab lab_of(const char *profile)
{
	return lab_new(machine_profile_find(profile));
}

static void burn(struct lab *l, int threads)
{
	process_kill(l->w, l->p);
	process_start(l->w, l->p);
	for (int i = 0; i < threads; i++)
		again(l->w, l->p, 60000);
}

static int64_t stolen(const struct lab *l)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < l->m->cpu.cores; i++)
		sum += core_stolen_ns(l->w, &l->m->cpu.core[i]);
	return sum;
}

/* -- steal ---------------------------------------------------------------- */

/* 10 ms at 70 %: 14,285,714.3 ns, the last of them begun. */
static void a_piece_takes_longer_by_what_is_stolen(void **state)
{
	struct lab l = lab_new(&machine_small);

	(void)state;
	cpu_neighbours_set(l.w, l.m, 300000);
	cpu_run(l.w, l.p, SIM_MS(10), DONE, l.p, 0);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(done_at, 14285715);
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_MS(10));
	assert_int_equal(cpu_used_ns(l.w, l.p), SIM_MS(10));
	assert_int_equal(stolen(&l), 4285715);
	world_free(l.w);
}

/* 7 ms at 70 % have done 4.9; then 1.1 ms at 10 % (110 us), then the rest. */
static void the_pace_changes_in_the_middle(void **state)
{
	struct lab l = lab_new(&machine_small);

	(void)state;
	cpu_neighbours_set(l.w, l.m, 300000);
	cpu_run(l.w, l.p, SIM_MS(10), DONE, l.p, 0);
	world_run_until(l.w, SIM_MS(7));
	assert_int_equal(cpu_used_ns(l.w, l.p), SIM_US(4900));
	cpu_neighbours_set(l.w, l.m, 900000);
	world_run_until(l.w, SIM_US(8100));
	assert_int_equal(cpu_used_ns(l.w, l.p), SIM_US(5010));
	cpu_neighbours_set(l.w, l.m, 0);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(done_at, SIM_US(8100 + 4990));
	assert_int_equal(stolen(&l), SIM_US(2100 + 990));
	world_free(l.w);
}

/* Whatever is stolen when: user and steal are all the time a core was busy, and
 * what a process used is what its pieces asked for. */
static void every_nanosecond_is_somebodys(void **state)
{
	struct lab l = lab_new(&machine_small);
	struct luck luck;
	int64_t asked = 0;

	(void)state;
	luck_init(&luck, 1, "test", "steal");
	for (int i = 0; i < 20000; i++) {
		sim_time ns = luck_between(&luck, 0, SIM_US(300));

		cpu_run(l.w, l.p, ns, DONE, l.p, 0);
		asked += ns;
		world_run_until(l.w, world_now(l.w) +
				luck_between(&luck, 0, SIM_US(400)));
		if (luck_chance(&luck, 1, 3))
			cpu_neighbours_set(l.w, l.m, (uint32_t)
					   luck_below(&luck, CPU_STEAL_MAX));
		if (luck_chance(&luck, 1, 50)) {
			process_hang(l.w, l.p);
			process_resume(l.w, l.p);
		}
	}
	cpu_neighbours_set(l.w, l.m, 500000);
	world_run_until(l.w, world_now(l.w) + SIM_S(60));
	assert_int_equal(cpu_pieces(l.p), 0);
	assert_int_equal(cpu_used_ns(l.w, l.p), asked);
	assert_int_equal(cpu_busy_ns(l.w, l.m), asked);
	assert_true(stolen(&l) > asked / 4);
	assert_true(cpu_agrees(l.w, l.m) && process_agrees(l.w, l.p));
	world_free(l.w);
}

/* -- credits -------------------------------------------------------------- */

/* Amazon EC2 user guide, credit table: an hour, at most, vCPUs, baseline of
 * each in percent; T3 and T4g alike. */
static void the_table_is_that_of_aws(void **state)
{
	static const struct {
		const char *size;
		int64_t hour, max;
		uint32_t cores, percent;
		int64_t mib;
	} rows[] = {
		{ "nano", 6, 144, 2, 5, 512 },
		{ "micro", 12, 288, 2, 10, 1024 },
		{ "small", 24, 576, 2, 20, 2048 },
		{ "medium", 24, 576, 2, 20, 4096 },
		{ "large", 36, 864, 2, 30, 8192 },
		{ "xlarge", 96, 2304, 4, 40, 16384 },
		{ "2xlarge", 192, 4608, 8, 40, 32768 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		size_t r = i / 2;
		char name[24];
		struct lab l;

		snprintf(name, sizeof(name), "%s.%s", i % 2 ? "t3" : "t4g",
			 rows[r].size);
		l = lab_of(name);
		assert_int_equal(l.m->cpu.cores, rows[r].cores);
		assert_int_equal(l.m->memory_bytes * 1024 / GIB, rows[r].mib);
		assert_true(l.m->cpu.credits->unlimited);
		assert_int_equal(l.m->cpu.credits->earn_ppm,
				 rows[r].cores * rows[r].percent * 10000);
		world_run_until(l.w, SIM_HOURS(1));
		assert_int_equal(credits_balance(l.w, l.m),
				 CREDITS(rows[r].hour));
		world_run_until(l.w, SIM_HOURS(24));
		assert_int_equal(credits_balance(l.w, l.m),
				 CREDITS(rows[r].max));
		world_run_until(l.w, SIM_HOURS(30));
		assert_int_equal(credits_balance(l.w, l.m),
				 CREDITS(rows[r].max));
		world_free(l.w);
	}
}

/* t3.medium, 0.4 vCPU.  10 credits are 600 s of a vCPU; two threads use 1.6
 * more than comes in, so they last 375 s; then both get 20 %. */
static void standard_falls_to_its_baseline(void **state)
{
	struct lab l = lab_of("t3.medium");

	(void)state;
	credits_mode(l.w, l.m, false);
	credits_balance_set(l.w, l.m, CREDITS(10));
	burn(&l, 2);
	world_run_until(l.w, SIM_S(375));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(750));
	assert_int_equal(stolen(&l), 0);
	assert_int_equal(credits_balance(l.w, l.m), 0);
	world_run_until(l.w, SIM_S(475));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(750 + 40));
	assert_int_equal(stolen(&l), SIM_S(160));
	/* one thread may have the baseline of both */
	burn(&l, 1);
	world_run_until(l.w, SIM_S(575));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(750 + 40 + 40));
	assert_int_equal(stolen(&l), SIM_S(160 + 60));
	/* idle for 100 s it saves 40 s; one thread uses them up in 66.67 s */
	process_kill(l.w, l.p);
	world_run_until(l.w, SIM_S(675));
	assert_int_equal(credits_balance(l.w, l.m), SIM_S(40));
	burn(&l, 1);
	world_run_until(l.w, SIM_S(775));
	assert_int_equal((cpu_busy_ns(l.w, l.m) + 500) / 1000,
			 (SIM_S(830) + SIM_S(200) / 3 + SIM_S(40) / 3 + 500) /
			 1000);
	world_free(l.w);
}

/* It begins with none: only T2 has launch credits. */
static void standard_begins_at_its_baseline(void **state)
{
	struct lab l = lab_of("t4g.xlarge");

	(void)state;
	credits_mode(l.w, l.m, false);
	burn(&l, 4);			/* 1.6 of 4 vCPUs */
	world_run_until(l.w, SIM_S(100));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(160));
	burn(&l, 1);			/* one is less than is earned */
	world_run_until(l.w, SIM_S(200));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(260));
	assert_int_equal(credits_balance(l.w, l.m), SIM_S(60));
	world_free(l.w);
}

/* t3.nano, all day at full speed: 2880 credits used, 144 earned.  A day's worth
 * may be owed to the instance's own future; what is beyond is charged. */
static void unlimited_goes_on_and_owes(void **state)
{
	struct lab l = lab_of("t3.nano");

	(void)state;
	burn(&l, 2);
	world_run_until(l.w, SIM_HOURS(1));
	assert_int_equal(credits_balance(l.w, l.m), -CREDITS(120 - 6));
	assert_int_equal(credits_owed(l.w, l.m), CREDITS(120 - 6));
	world_run_until(l.w, SIM_HOURS(24));
	assert_int_equal(stolen(&l), 0);
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_HOURS(48));
	assert_int_equal(credits_balance(l.w, l.m), -CREDITS(144));
	assert_int_equal(credits_owed(l.w, l.m), CREDITS(2880 - 144));
	/* a day of rest pays the surplus back, not what was charged */
	process_kill(l.w, l.p);
	world_run_until(l.w, SIM_HOURS(48));
	assert_int_equal(credits_balance(l.w, l.m), 0);
	assert_int_equal(credits_owed(l.w, l.m), CREDITS(2880 - 144 - 144));
	world_free(l.w);
}

/* Short pieces with pauses: 30 % of one vCPU, below the baseline. */
static void below_the_baseline_nothing_is_stolen(void **state)
{
	struct lab l = lab_of("t3.medium");

	(void)state;
	credits_mode(l.w, l.m, false);
	credits_balance_set(l.w, l.m, CREDITS(1));
	for (int i = 0; i < 60000; i++) {
		cpu_run(l.w, l.p, SIM_MS(3), DONE, l.p, 0);
		world_run_until(l.w, SIM_MS(10) * (i + 1));
	}
	assert_int_equal(stolen(&l), 0);
	assert_int_equal(credits_balance(l.w, l.m), CREDITS(2));
	world_free(l.w);
}

/* Neighbours take their part first, and credits are spent on what is left. */
static void neighbours_and_credits_together(void **state)
{
	struct lab l = lab_of("t3.medium");

	(void)state;
	credits_mode(l.w, l.m, false);
	credits_balance_set(l.w, l.m, CREDITS(10));
	cpu_neighbours_set(l.w, l.m, 500000);
	burn(&l, 2);			/* 1 vCPU; 0.6 more than is earned */
	world_run_until(l.w, SIM_S(1000));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(1000));
	assert_int_equal(credits_balance(l.w, l.m), 0);
	world_run_until(l.w, SIM_S(1100));
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(1040));
	world_free(l.w);
}

/* -- what one sees -------------------------------------------------------- */

static int64_t command(struct world *w, const char *line)
{
	struct err err = { "" };
	int64_t result = 0;

	if (!world_command(w, line, &result, &err))
		fail_msg("%s: %s", line, err.what);
	return result;
}

static void node_exporter_counts_steal(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	work_on_web_1(&x, 4);
	cpu_neighbours_set(x.w, x.web[0]->machine, 250000);
	world_run_until(x.w, SIM_MINUTES(10));
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"steal\"}[5m]))", .5,
	     .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"user\"}[5m]))", 1.5,
	     .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", 0,
	     .01);
	near(&x, "sum(rate(node_schedstat_running_seconds_total[5m]))", 2, .01);
	world_free(x.w);
}

/* The faults change the pace, and healing gives it back. */
static void faults_steal_and_take_credits(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "", &err);
	struct machine *m = process_find(w, "broker-1")->machine;
	uint32_t cores = m->cpu.cores;
	int64_t first;

	(void)state;
	world_run_until(w, SIM_S(20));
	first = command(w, "fault cpu-steal component=broker-1 percent=80");
	assert_int_equal(m->cpu.steal_ppm, 800000);
	world_run_until(w, SIM_S(40));
	assert_true(core_stolen_ns(w, &m->cpu.core[0]) > 0);
	command(w, first == 1 ? "heal 1" : "heal 2");
	assert_int_equal(m->cpu.steal_ppm, 0);
	command(w, "fault no-cpu-credits component=broker-1 baseline=10");
	assert_int_equal(m->cpu.credits->earn_ppm, cores * 100000);
	command(w, "fault cpu-hog component=broker-1");
	world_run_until(w, SIM_S(100));
	assert_int_equal(m->cpu.steal_ppm, 900000);
	assert_true(credits_balance(w, m) < SIM_MS(10));
	command(w, "heal 2");
	assert_null(m->cpu.credits);
	assert_int_equal(m->cpu.steal_ppm, 0);
	world_free(w);
}

static void a_rewound_machine_runs_the_same_again(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "", &err);
	uint64_t digest;

	(void)state;
	world_travel_on(w, SIM_MS(1300), 100);
	command(w, "fault no-cpu-credits component=broker-1");
	command(w, "fault cpu-steal component=broker-2 percent=33");
	world_run_until(w, SIM_S(20));
	digest = world_digest(w);
	for (int i = 0; i < 5; i++) {
		world_rewind(w, SIM_MS(10123 + 1777 * i));
		world_run_until(w, SIM_S(20));
		assert_true(world_digest(w) == digest);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_takes_longer_by_what_is_stolen),
		cmocka_unit_test(the_pace_changes_in_the_middle),
		cmocka_unit_test(every_nanosecond_is_somebodys),
		cmocka_unit_test(the_table_is_that_of_aws),
		cmocka_unit_test(standard_falls_to_its_baseline),
		cmocka_unit_test(standard_begins_at_its_baseline),
		cmocka_unit_test(unlimited_goes_on_and_owes),
		cmocka_unit_test(below_the_baseline_nothing_is_stolen),
		cmocka_unit_test(neighbours_and_credits_together),
		cmocka_unit_test(node_exporter_counts_steal),
		cmocka_unit_test(faults_steal_and_take_credits),
		cmocka_unit_test(a_rewound_machine_runs_the_same_again),
	};

	return cmocka_run_group_tests_name("credits", tests, NULL, NULL);
}
