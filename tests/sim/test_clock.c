/* test_clock.c - a machine's clock is wrong by what was done to it, no more
 *
 * All by hand: a clock of machine 0 is measured at whole multiples of 64 s,
 * and a slew takes off a twelfth of the time that passes.
 */
#include "tests/sim/net_world.h"

static struct machine *machine_zero(struct net_world *n)
{
	net_world_init(n, 1);
	return node_add(n, "m", "z")->machine;
}

static sim_time off(const struct net_world *n, const struct machine *m)
{
	return machine_wall(n->w, m) - world_now(n->w);
}

struct row {
	sim_time at, offset;
};

static void follows(struct net_world *n, const struct machine *m,
		    const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		world_run_until(n->w, rows[i].at);
		assert_int_equal(off(n, m), rows[i].offset);
	}
}

#define FOLLOWS(n, m, rows)	\
	follows((n), (m), (rows), sizeof(rows) / sizeof((rows)[0]))

static void left_alone_all_clocks_agree(void **state)
{
	struct net_world n;
	struct node *a, *b;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	for (int i = 0; i < 100; i++) {
		world_run_until(n.w, SIM_HOURS(i) + 12345);
		assert_int_equal(machine_wall(n.w, a->machine),
				 world_now(n.w));
		assert_int_equal(machine_wall(n.w, b->machine),
				 world_now(n.w));
		assert_true(clock_synchronised(&a->machine->clock));
	}
	world_free(n.w);
}

/* +6 s at 100 s; measured at 128 s; a twelfth of 72 s is 6 s. */
static void a_step_is_slewed_away_after_the_next_poll(void **state)
{
	static const struct row rows[] = {
		{ SIM_S(101), SIM_S(6) }, { SIM_S(128), SIM_S(6) },
		{ SIM_S(140), SIM_S(5) }, { SIM_S(164), SIM_S(3) },
		{ SIM_S(200), 0 }, { SIM_S(300), 0 },
	};
	struct net_world n;
	struct machine *m = machine_zero(&n);

	(void)state;
	world_run_until(n.w, SIM_S(100));
	clock_step(n.w, m, SIM_S(6));
	assert_int_equal(clock_measured_offset(&m->clock, world_now(n.w)), 0);
	FOLLOWS(&n, m, rows);
	world_free(n.w);
}

static void a_clock_that_is_slow_catches_up(void **state)
{
	static const struct row rows[] = {
		{ SIM_S(64), -SIM_S(6) }, { SIM_S(76), -SIM_S(5) },
		{ SIM_S(136), 0 },
	};
	struct net_world n;
	struct machine *m = machine_zero(&n);
	sim_time before = -1, last;

	(void)state;
	world_run_until(n.w, SIM_S(10));
	clock_step(n.w, m, -SIM_S(6));
	last = machine_wall(n.w, m);
	FOLLOWS(&n, m, rows);
	for (int i = 0; i < 100; i++) {		/* it never jumps back */
		world_run_until(n.w, world_now(n.w) + SIM_S(1));
		before = last;
		last = machine_wall(n.w, m);
		assert_true(last > before);
	}
	world_free(n.w);
}

/* A second step while the first is being slewed adds to what is left. */
static void steps_add_up(void **state)
{
	static const struct row rows[] = {
		{ SIM_S(141), SIM_S(15) },	/* 5 s left, and 10 s */
		{ SIM_S(192), SIM_S(15) }, { SIM_S(192 + 180), 0 },
	};
	struct net_world n;
	struct machine *m = machine_zero(&n);

	(void)state;
	world_run_until(n.w, SIM_S(100));
	clock_step(n.w, m, SIM_S(6));
	world_run_until(n.w, SIM_S(140));
	clock_step(n.w, m, SIM_S(10));
	FOLLOWS(&n, m, rows);
	world_free(n.w);
}

/* 200 ppm fast: 0.2 ms a second, 0.72 s an hour. */
static void without_ntp_a_clock_drifts(void **state)
{
	static const struct row rows[] = {
		{ SIM_S(11), 200000 }, { SIM_S(15), SIM_MS(1) },
		{ SIM_S(3610), SIM_MS(720) }, { SIM_S(36010), SIM_MS(7200) },
		/* chronyd again: four samples, then a step, for it is > 1 s */
		{ SIM_S(36015), SIM_MS(7200) },
		{ SIM_S(36016), 0 }, { SIM_S(40000), 0 },
	};
	struct net_world n;
	struct machine *m = machine_zero(&n);

	(void)state;
	world_run_until(n.w, SIM_S(10));
	clock_ntp_stop(n.w, m, 200000);
	assert_false(clock_synchronised(&m->clock));
	follows(&n, m, rows, 4);
	assert_int_equal(clock_measured_offset(&m->clock, world_now(n.w)), 0);
	clock_ntp_start(n.w, m);
	assert_true(clock_synchronised(&m->clock));
	follows(&n, m, rows + 4, 3);
	world_free(n.w);
}

static void a_restarted_ntp_slews_less_than_a_second(void **state)
{
	static const struct row rows[] = {
		{ SIM_S(6), -SIM_MS(600) }, { SIM_S(12), -SIM_MS(100) },
		{ SIM_S(14), 0 },
	};
	struct net_world n;
	struct machine *m = machine_zero(&n);

	(void)state;
	clock_step(n.w, m, -SIM_MS(600));
	clock_ntp_start(n.w, m);
	FOLLOWS(&n, m, rows);
	world_free(n.w);
}

static void drift_of_years_does_not_overflow(void **state)
{
	struct clock c = { .alone = true, .drift_ppb = 500000 };

	(void)state;
	assert_int_equal(clock_offset(&c, SIM_HOURS(24 * 365 * 100)),
			 SIM_S(3600 * 24 * 365 * 100LL) / 2000);
	c.drift_ppb = -500000;
	assert_int_equal(clock_offset(&c, SIM_HOURS(24 * 365 * 100)),
			 -SIM_S(3600 * 24 * 365 * 100LL) / 2000);
}

/* Timers are of CLOCK_MONOTONIC: a message arrives when it would have. */
static void no_step_moves_a_timer(void **state)
{
	sim_time came[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct net_world n;
		struct node *a, *b;

		net_world_init(&n, 1);
		a = node_add(&n, "a", "z");
		b = node_add(&n, "b", "z");
		node_send(&n, a, b, 10000000);
		world_run_until(n.w, SIM_MS(1));
		if (i)
			clock_step(n.w, a->machine, SIM_HOURS(1));
		world_run_until(n.w, SIM_S(10));
		came[i] = b->last;
		assert_int_equal(b->arrived, 1);
		world_free(n.w);
	}
	assert_int_equal(came[0], came[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(left_alone_all_clocks_agree),
		cmocka_unit_test(a_step_is_slewed_away_after_the_next_poll),
		cmocka_unit_test(a_clock_that_is_slow_catches_up),
		cmocka_unit_test(steps_add_up),
		cmocka_unit_test(without_ntp_a_clock_drifts),
		cmocka_unit_test(a_restarted_ntp_slews_less_than_a_second),
		cmocka_unit_test(drift_of_years_does_not_overflow),
		cmocka_unit_test(no_step_moves_a_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
