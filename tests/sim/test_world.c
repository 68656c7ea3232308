/* test_world.c - table and repeat: order, commands, replays, two worlds */
#include "tests/test.h"

#include "tests/sim/toy.h"

#define GOLDEN_EVENTS	6279
#define GOLDEN_DIGEST	UINT64_C(0xdddf749a72852b89)

static void say(struct world *w, sim_time at, enum agenda_class class,
		uint16_t what)
{
	world_plan(w, at, class, EVENT(MODULE_WORLD, TOY_SAY), NULL, what);
}

static void ties_leave_in_arrival_order(void **state)
{
	struct world *w = toy_new(1);

	(void)state;
	for (uint16_t i = 0; i < 5; i++)
		say(w, SIM_S(1), CLASS_DELIVER, i);
	world_run_until(w, SIM_S(1));
	assert_said(w, 0, 1, 2, 3, 4);
	assert_int_equal(w->state->events, 5);
	assert_false(world_step(w));
	world_free(w);
}

static void classes_come_in_their_order_at_one_time(void **state)
{
	struct world *w = toy_new(1);

	(void)state;
	say(w, SIM_S(1), CLASS_SAMPLE, 4);
	say(w, SIM_S(1), CLASS_TIMEOUT, 2);
	say(w, SIM_S(1), CLASS_DELIVER, 0);
	say(w, SIM_S(1), CLASS_TIMEOUT, 3);
	say(w, SIM_S(1), CLASS_DELIVER, 1);
	say(w, SIM_S(2), CLASS_DELIVER, 5);
	world_run_until(w, SIM_S(2));
	assert_said(w, 0, 1, 2, 3, 4, 5);
	world_free(w);
}

static void what_an_event_plans_for_now_happens_now(void **state)
{
	struct world *w = toy_new(1);

	(void)state;
	world_plan(w, SIM_S(1), CLASS_DELIVER,
		   EVENT(MODULE_WORLD, TOY_FOLLOW), NULL, 10);
	say(w, SIM_S(1), CLASS_DELIVER, 1);
	say(w, SIM_S(1), CLASS_SAMPLE, 2);
	world_run_until(w, SIM_S(1));
	assert_said(w, 10, 1, 11, 2);
	world_free(w);
}

static void time_stands_where_it_was_asked_to(void **state)
{
	struct world *w = toy_new(1);

	(void)state;
	assert_int_equal(world_now(w), 0);
	assert_int_equal(world_next(w), SIM_NEVER);
	say(w, SIM_S(3), CLASS_DELIVER, 0);
	assert_int_equal(world_next(w), SIM_S(3));
	world_run_until(w, SIM_S(2));
	assert_int_equal(world_now(w), SIM_S(2));
	assert_int_equal(w->state->events, 0);
	world_run_until(w, SIM_S(3));
	assert_int_equal(w->state->events, 1);
	world_run_until(w, SIM_NEVER);		/* to the last event */
	assert_int_equal(world_now(w), SIM_S(3));
	world_free(w);
}

static void ask(struct world *w, struct wake *wake, sim_time at)
{
	world_wake(w, wake, at, EVENT(MODULE_WORLD, TOY_SAY), NULL);
}

static void a_wake_moves_forward_and_never_back(void **state)
{
	struct world *w = toy_new(1);
	struct wake wake = {0};

	(void)state;
	ask(w, &wake, SIM_S(5));
	ask(w, &wake, SIM_S(3));
	ask(w, &wake, SIM_S(4));
	assert_int_equal(world_next(w), SIM_S(3));
	world_run_until(w, SIM_S(9));
	assert_int_equal(w->state->events, 1);
	world_free(w);
}

static void a_wake_that_fired_or_was_cancelled_is_free_again(void **state)
{
	struct world *w = toy_new(1);
	struct wake wake = {0};

	(void)state;
	ask(w, &wake, SIM_S(1));
	world_run_until(w, SIM_S(2));
	ask(w, &wake, SIM_S(7));		/* later than it was: fine now */
	assert_int_equal(world_next(w), SIM_S(7));
	world_cancel(w, &wake.timer);
	assert_int_equal(world_next(w), SIM_NEVER);
	ask(w, &wake, SIM_S(8));
	assert_int_equal(world_next(w), SIM_S(8));
	world_free(w);
}

static void a_wake_for_a_time_that_passed_is_for_now(void **state)
{
	struct world *w = toy_new(1);
	struct wake wake = {0};

	(void)state;
	world_run_until(w, SIM_S(2));
	ask(w, &wake, SIM_S(1));
	assert_int_equal(world_next(w), SIM_S(2));
	ask(w, &wake, SIM_S(1) - 1);
	assert_int_equal(agenda_count(w->state->agenda), 1);
	world_run_until(w, SIM_S(2));
	assert_int_equal(w->state->events, 1);
	world_free(w);
}

/* Model: the earliest of what was asked since it last fired, and nothing else. */
static void a_wake_is_the_minimum_of_what_was_asked(void **state)
{
	struct world *w = toy_new(1);
	struct wake wake = {0};
	sim_time due = SIM_NEVER;
	uint64_t fired = 0;
	struct luck luck;

	(void)state;
	luck_init(&luck, 7, "wake", "model");
	for (int i = 0; i < 4000; i++) {
		sim_time now = world_now(w);
		sim_time at = now + (sim_time)luck_below(&luck, 120) - 20;

		switch (luck_below(&luck, 8)) {
		case 0:
			world_cancel(w, &wake.timer);
			due = SIM_NEVER;
			break;
		case 1: case 2: case 3:
			world_run_until(w, at > now ? at : now);
			fired += due <= world_now(w);
			if (due <= world_now(w))
				due = SIM_NEVER;
			break;
		default:
			ask(w, &wake, at);
			if (at < now)
				at = now;
			if (at < due)
				due = at;
		}
		assert_int_equal(world_next(w), due);
		assert_int_equal(w->state->events, fired);
	}
	assert_true(fired > 500);
	world_free(w);
}

static void a_failing_command_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"", " ", "ad", "addd 1", "add", "add x", "add 1 2", "add 9999999",
		"say", "nonsense",
	};
	struct world *w = toy_new(3);
	struct err err;
	uint64_t arena, streams, digest;
	uint32_t snapshots;

	(void)state;
	world_travel_on(w, SIM_MS(10), 100);
	toy_do(w, "add 3");
	world_run_until(w, SIM_S(1));
	toy_do(w, "say 1");
	world_rewind(w, SIM_MS(500));		/* there is a future to lose */
	arena = toy_arena_hash(w);
	streams = toy_streams_hash(w);
	digest = world_digest(w);
	snapshots = w->snapshot_count;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t result = 77;

		err.what[0] = '\0';
		assert_false(world_command(w, bad[i], &result, &err));
		assert_true(err.what[0]);
		assert_int_equal(result, 77);
		assert_false(world_command(w, bad[i], NULL, NULL));
	}
	assert_int_equal(toy_arena_hash(w), arena);
	assert_int_equal(toy_streams_hash(w), streams);
	assert_int_equal(world_digest(w), digest);
	assert_int_equal(w->journal.count, 2);
	assert_int_equal(w->snapshot_count, snapshots);
	world_free(w);
}

static void a_command_answers_with_what_it_made(void **state)
{
	struct world *w = toy_new(1);
	int64_t result;

	(void)state;
	assert_true(world_command(w, "add 2", &result, NULL));
	assert_int_equal(result, 2);
	assert_true(world_command(w, "add   3", &result, NULL));
	assert_int_equal(result, 5);
	assert_true(world_command(w, "say 3", &result, NULL));
	assert_int_equal(result, 0);
	world_free(w);
}

/* A world built from another's journal runs the same run. */
static struct world *replay(const struct world *from)
{
	struct world *w = toy_new(from->state->seed);

	for (uint32_t i = 0; i < from->journal.count; i++)
		world_expect(w, from->journal.entries[i].at,
			     from->journal.entries[i].events,
			     from->journal.entries[i].line);
	world_run_until(w, world_now(from));
	assert_int_equal(w->journal.played, w->journal.count);
	return w;
}

/* Commands before, between and behind the events of one instant. */
static void commands_are_replayed_between_the_same_events(void **state)
{
	struct world *w = toy_new(1), *again;

	(void)state;
	toy_do(w, "say 100");			/* at 0, before anything */
	world_run_until(w, SIM_MS(500));
	toy_do(w, "say 101");			/* between two times */
	toy_do(w, "say 102");			/* before 101's own event */
	world_run_until(w, SIM_MS(500));
	toy_do(w, "say 103");			/* behind them, same time */
	world_run_until(w, SIM_S(2));
	assert_said(w, 100, 100, 101, 102, 101, 102, 103, 103);
	again = replay(w);
	assert_said(again, 100, 100, 101, 102, 101, 102, 103, 103);
	assert_int_equal(world_digest(again), world_digest(w));
	world_free(again);
	world_free(w);
}

static void a_step_can_stop_between_two_events_of_one_time(void **state)
{
	struct world *w = toy_new(1), *again;

	(void)state;
	toy_do(w, "say 7");
	toy_do(w, "say 8");
	assert_true(world_step(w));
	toy_do(w, "say 9");
	world_run_until(w, SIM_S(1));
	assert_said(w, 7, 8, 7, 9, 8, 9);
	again = replay(w);
	assert_said(again, 7, 8, 7, 9, 8, 9);
	assert_int_equal(world_digest(again), world_digest(w));
	world_free(again);
	world_free(w);
}

/* Repeat: a longer run with commands at odd moments, stepped and in strides. */
static void a_replayed_journal_is_the_same_run(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = toy_new(seed), *again;
		struct luck luck;

		luck_init(&luck, seed, "test", "commands");
		toy_do(w, "add 5");
		while (world_now(w) < SIM_S(2)) {
			if (luck_chance(&luck, 1, 2))
				world_step(w);
			else
				world_run_until(w, world_now(w) +
					luck_exponential(&luck, SIM_MS(10)));
			if (luck_chance(&luck, 1, 4))
				toy_do(w, "say 1");
			if (luck_chance(&luck, 1, 40))
				toy_do(w, "add 1");
		}
		world_run_until(w, world_now(w));	/* to its end */
		again = replay(w);
		if (world_digest(again) != world_digest(w) ||
		    toy_streams_hash(again) != toy_streams_hash(w) ||
		    again->state->events != w->state->events)
			fail_msg("seed %d: the replay is another run",
				 (int)seed);
		world_free(again);
		world_free(w);
	}
}

static void an_edited_journal_never_stops_the_run(void **state)
{
	struct world *w = toy_new(1);

	(void)state;
	world_expect(w, SIM_S(1), 0, "add 2");
	world_expect(w, SIM_S(2), 999999999, "say 1");	/* so many never ran */
	world_expect(w, SIM_S(1), 5, "say 2");		/* out of order */
	world_expect(w, SIM_S(3), 0, "no such thing");
	world_expect(w, SIM_S(3), 0, "add x");
	world_expect(w, SIM_S(4), 0, "say 3");
	assert_int_equal(world_next(w), SIM_S(1));
	world_run_until(w, SIM_S(5));
	assert_int_equal(w->journal.played, 6);
	assert_int_equal(world_now(w), SIM_S(5));
	assert_int_equal(toy_of(w)->cells.count, 2);
	world_free(w);
}

static void worlds_side_by_side_agree(void **state)
{
	struct world *a = toy_new(5), *b = toy_new(5), *c = toy_new(6);

	(void)state;
	toy_do(a, "add 4");
	toy_do(b, "add 4");
	toy_do(c, "add 4");
	for (sim_time t = SIM_MS(1); t < SIM_S(1); t += SIM_MS(7)) {
		world_run_until(a, t);
		if (t % 5 == 0)
			world_run_until(b, t);
		world_run_until(c, t);
	}
	world_run_until(a, SIM_S(1));
	world_run_until(b, SIM_S(1));
	world_run_until(c, SIM_S(1));
	assert_int_equal(world_digest(a), world_digest(b));
	assert_int_equal(toy_streams_hash(a), toy_streams_hash(b));
	assert_true(world_digest(a) != world_digest(c));
	world_free(a);
	world_free(b);
	world_free(c);
}

static void luck_of_one_cell_is_not_shifted_by_another(void **state)
{
	struct world *a = toy_new(5), *b = toy_new(5);

	(void)state;
	toy_do(a, "add 1");
	toy_do(b, "add 2");
	world_run_until(a, SIM_S(1));
	world_run_until(b, SIM_S(1));
	assert_int_equal(toy_of(a)->cells.at[0]->value,
			 toy_of(b)->cells.at[0]->value);
	world_free(a);
	world_free(b);
}

/* A different time, kind or argument of an event, and the time of a command,
 * each show in the digest. */
static void the_digest_sees_what_happened(void **state)
{
	uint64_t seen[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct world *w = toy_new(1);
		bool late = i == 1, kind = i == 2, arg = i == 3;

		if (i == 5)
			world_run_until(w, SIM_S(1));
		if (i >= 4)
			toy_do(w, "open 64");
		world_plan(w, SIM_S(10000) + (late ? SIM_HOURS(5) : 0),
			   CLASS_DELIVER, kind ? EVENT(MODULE_WORLD, TOY_FOLLOW)
			   : EVENT(MODULE_WORLD, TOY_SAY), NULL, arg ? 16 : 0);
		world_step(w);
		seen[i] = world_digest(w);
		for (int j = 0; j < i; j++)
			assert_true(seen[j] != seen[i]);
		world_free(w);
	}
}

static void each_second_with_an_event_leaves_a_mark(void **state)
{
	struct world *w = toy_new(1);
	static const int at_ms[] = { 0, 100, 999, 1000, 1500, 4200, 4300, 5000 };
	static const int want_ms[] = { 0, 1000, 4200, 5000 };
	stream_id marks = w->state->marks;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		say(w, SIM_MS(at_ms[i]), CLASS_DELIVER, 0);
	world_run_until(w, SIM_S(9));
	assert_int_equal(history_len(&w->history, marks),
			 4 * sizeof(struct digest_mark));
	for (size_t i = 0; i < 4; i++) {
		struct digest_mark m;

		memcpy(&m, history_at(&w->history, marks, i * sizeof(m)),
		       sizeof(m));
		assert_int_equal(m.at, SIM_MS(want_ms[i]));
	}
	assert_int_equal(history_len(&w->history, w->state->trace), 8 * 4);
	world_free(w);
}

/* Golden: changes only when the engine's order, luck or digest changes, which
 * makes every saved run another one. */
static void the_toy_run_is_the_one_it_always_was(void **state)
{
	struct world *w = toy_new(42);

	(void)state;
	toy_do(w, "add 20");
	world_run_until(w, SIM_S(1));
	toy_do(w, "say 3");
	toy_do(w, "add 1");
	world_run_until(w, SIM_S(5));
	assert_int_equal(w->state->events, GOLDEN_EVENTS);
	assert_int_equal(world_digest(w), GOLDEN_DIGEST);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ties_leave_in_arrival_order),
		cmocka_unit_test(classes_come_in_their_order_at_one_time),
		cmocka_unit_test(what_an_event_plans_for_now_happens_now),
		cmocka_unit_test(time_stands_where_it_was_asked_to),
		cmocka_unit_test(a_wake_moves_forward_and_never_back),
		cmocka_unit_test(a_wake_that_fired_or_was_cancelled_is_free_again),
		cmocka_unit_test(a_wake_for_a_time_that_passed_is_for_now),
		cmocka_unit_test(a_wake_is_the_minimum_of_what_was_asked),
		cmocka_unit_test(a_failing_command_changes_nothing),
		cmocka_unit_test(a_command_answers_with_what_it_made),
		cmocka_unit_test(commands_are_replayed_between_the_same_events),
		cmocka_unit_test(a_step_can_stop_between_two_events_of_one_time),
		cmocka_unit_test(a_replayed_journal_is_the_same_run),
		cmocka_unit_test(an_edited_journal_never_stops_the_run),
		cmocka_unit_test(worlds_side_by_side_agree),
		cmocka_unit_test(luck_of_one_cell_is_not_shifted_by_another),
		cmocka_unit_test(the_digest_sees_what_happened),
		cmocka_unit_test(each_second_with_an_event_leaves_a_mark),
		cmocka_unit_test(the_toy_run_is_the_one_it_always_was),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
