/* test_sleep.c - how long a thread takes to wake up where cores sleep
 *
 * Table: Linux, drivers/idle/intel_idle.c, snb_cstates (residency and exit, us:
 * 2 2, 20 10, 211 80, 345 104, with the package; alone 55 and 72).  Against a twin without: a message to a sleeper
 * is heard so much later, and none overtakes another.
 */
#include "tests/sim/net_world.h"

static const struct idle_state *sandy_bridge(void)
{
	return machine_kreps.sleeps;
}

static void the_longer_idle_the_longer_it_takes(void **state)
{
	static const struct {
		sim_time idle, wake;
	} rows[] = {
		{ 0, 0 }, { 1999, 0 }, { 2000, 2000 }, { 19999, 2000 },
		{ 20000, 10000 }, { 210999, 10000 }, { 211000, 80000 },
		{ 344999, 80000 }, { 345000, 104000 }, { SIM_S(9), 104000 },
	};
	struct net_world n;
	struct node *a;
	sim_time end;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	a->machine->cpu.sleeps = sandy_bridge();
	cpu_spend(n.w, a->process, SIM_US(30));
	end = SIM_US(30);
	world_run_until(n.w, end);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(cpu_wake_ns(a->process, end + rows[i].idle),
				 rows[i].wake);
		assert_int_equal(cpu_timer_ns(a->process, end + rows[i].idle),
				 SIM_US(50) + rows[i].wake);
	}
	world_free(n.w);
}

static void who_is_awake_and_who_never_sleeps_wait_for_nothing(void **state)
{
	struct net_world n;
	struct node *a, *b;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	a->machine->cpu.sleeps = sandy_bridge();
	world_run_until(n.w, SIM_S(1));
	assert_int_equal(cpu_wake_ns(a->process, SIM_S(1)), SIM_US(104));
	assert_int_equal(cpu_wake_ns(b->process, SIM_S(1)), 0);
	assert_int_equal(cpu_timer_ns(b->process, SIM_S(1)), 0);
	for (uint32_t i = 0; i < a->machine->cpu.cores; i++)
		cpu_spend(n.w, a->process, SIM_MS(1));
	assert_int_equal(cpu_wake_ns(a->process, SIM_S(1)), 0);
	world_run_until(n.w, SIM_S(1) + SIM_MS(1) + SIM_US(25));
	assert_int_equal(cpu_wake_ns(a->process, world_now(n.w)), SIM_US(10));
	world_free(n.w);
}

/* One core works: the package is awake, and the others come back sooner. */
static void a_core_by_itself_comes_back_sooner(void **state)
{
	static const struct {
		sim_time at, wake;
	} rows[] = {
		{ SIM_US(210), SIM_US(10) }, { SIM_US(211), SIM_US(55) },
		{ SIM_US(345), SIM_US(72) }, { SIM_MS(900), SIM_US(72) },
	};
	struct net_world n;
	struct node *a;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	a->machine->cpu.sleeps = sandy_bridge();
	cpu_spend(n.w, a->process, SIM_S(1));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_run_until(n.w, rows[i].at);
		assert_int_equal(cpu_wake_ns(a->process, rows[i].at),
				 rows[i].wake);
	}
	/* the last to work has slept for too short a time */
	world_run_until(n.w, SIM_S(1) + SIM_US(300));
	assert_int_equal(cpu_wake_ns(a->process, world_now(n.w)), SIM_US(80));
	world_run_until(n.w, SIM_S(2));
	assert_int_equal(cpu_wake_ns(a->process, world_now(n.w)), SIM_US(104));
	world_free(n.w);
}

/* When a message of a twin world is heard. */
static sim_time heard(const struct idle_state *sleeps, sim_time after)
{
	struct net_world n;
	struct node *a, *b;
	sim_time at;

	net_world_init(&n, 5);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	node_connect(&n, a, b);
	b->machine->cpu.sleeps = sleeps;
	cpu_spend(n.w, b->process, SIM_US(1));
	world_run_until(n.w, world_now(n.w) + after);
	node_send(&n, a, b, 100);
	world_run_until(n.w, world_now(n.w) + SIM_S(1));
	at = b->last;
	world_free(n.w);
	return at;
}

static void a_message_waits_for_its_reader(void **state)
{
	(void)state;
	assert_int_equal(heard(sandy_bridge(), SIM_MS(1)),
			 heard(NULL, SIM_MS(1)) + SIM_US(104));
}

/* Shallow sleep after work, so a later message wakes its reader sooner. */
static void nothing_overtakes_what_waits_for_a_reader(void **state)
{
	struct net_world n;
	struct node *a, *b;
	struct luck luck;
	uint64_t sent = 1;

	(void)state;
	net_world_init(&n, 7);
	luck_init(&luck, 7, "test", "sleep");
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	b->machine->cpu.sleeps = sandy_bridge();
	node_connect(&n, a, b);
	for (int i = 0; i < 20000; i++) {
		node_send(&n, a, b, 1 + (uint32_t)luck_below(&luck, 3000));
		sent++;
		if (luck_chance(&luck, 1, 3))
			cpu_spend(n.w, b->process,
				  (sim_time)luck_below(&luck, SIM_US(50)));
		world_run_until(n.w, world_now(n.w) +
				(sim_time)luck_below(&luck, SIM_US(300)));
	}
	world_run_until(n.w, world_now(n.w) + SIM_S(1));
	assert_int_equal(b->arrived, sent);
	assert_false(b->disordered);
	world_free(n.w);
}

/* What waits for a reader that dies is refused, as if it came then. */
static void a_reader_that_dies_hears_nothing(void **state)
{
	struct net_world n;
	struct node *a, *b;
	uint64_t before;

	(void)state;
	net_world_init(&n, 3);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	node_connect(&n, a, b);
	b->machine->cpu.sleeps = sandy_bridge();
	world_run_until(n.w, world_now(n.w) + SIM_S(1));
	before = b->arrived;
	node_send(&n, a, b, 100);
	while (net_in_flight(n.w))
		world_run_until(n.w, world_now(n.w) + SIM_US(1));
	assert_int_equal(b->arrived, before);
	process_kill(n.w, b->process);
	world_run_until(n.w, world_now(n.w) + SIM_S(1));
	assert_int_equal(b->arrived, before);
	assert_true(a->lost >= 1);
	world_free(n.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longer_idle_the_longer_it_takes),
		cmocka_unit_test(
			who_is_awake_and_who_never_sleeps_wait_for_nothing),
		cmocka_unit_test(a_core_by_itself_comes_back_sooner),
		cmocka_unit_test(a_message_waits_for_its_reader),
		cmocka_unit_test(nothing_overtakes_what_waits_for_a_reader),
		cmocka_unit_test(a_reader_that_dies_hears_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
