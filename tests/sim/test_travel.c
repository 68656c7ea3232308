/* test_travel.c - repeat: wherever one goes back to, it is the same moment */
#include "tests/test.h"

#include "tests/sim/toy.h"

#define MOMENTS	200

struct moment {
	sim_time at;
	uint64_t events, digest, arena, streams;
	uint32_t played;
};

static struct moment moment_of(const struct world *w)
{
	return (struct moment){
		.at = world_now(w), .events = w->state->events,
		.digest = world_digest(w), .arena = toy_arena_hash(w),
		.streams = toy_streams_hash(w), .played = w->journal.played,
	};
}

static void must_be(const struct world *w, const struct moment *m,
		    const char *when)
{
	struct moment now = moment_of(w);

	if (now.digest != m->digest || now.events != m->events ||
	    now.at != m->at || now.played != m->played)
		fail_msg("seed %d, %s: %lld ns is another moment",
			 (int)w->state->seed, when, (long long)m->at);
	if (now.streams != m->streams)
		fail_msg("seed %d, %s: other streams at %lld ns",
			 (int)w->state->seed, when, (long long)m->at);
	if (now.arena != m->arena)
		fail_msg("seed %d, %s: other bytes at %lld ns",
			 (int)w->state->seed, when, (long long)m->at);
}

/* A run of two seconds with commands on the way, and what it was like. */
static struct world *straight_run(uint64_t seed, uint32_t max,
				  struct moment *moments)
{
	struct world *w = toy_new(seed);
	struct luck luck;

	luck_init(&luck, seed, "test", "moments");
	world_travel_on(w, SIM_MS(20), max);
	toy_do(w, "add 10");
	for (int i = 0; i < MOMENTS; i++) {
		world_run_until(w, world_now(w) +
				luck_between(&luck, 0, SIM_MS(20)));
		moments[i] = moment_of(w);
		if (luck_chance(&luck, 1, 10)) {
			world_run_until(w, world_now(w) + 1);
			toy_do(w, i % 3 ? "say 5" : "add 3");
		}
		if (i % 50 == 10)
			toy_do(w, "open 128");
	}
	world_run_until(w, world_now(w));	/* what a command planned */
	return w;
}

static void every_moment_can_be_gone_back_to(void **state)
{
	static struct moment moments[MOMENTS];

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		uint32_t max = seed % 2 ? 1000 : 8;
		struct world *w = straight_run(seed, max, moments);
		struct moment end = moment_of(w);
		struct luck luck;

		luck_init(&luck, seed, "test", "rewinds");
		for (int i = 0; i < 200; i++) {
			const struct moment *m =
				&moments[luck_below(&luck, MOMENTS)];

			/* A command at a moment is part of being there. */
			if (m->played == w->journal.count ||
			    w->journal.entries[m->played].at > m->at) {
				world_rewind(w, m->at);
				must_be(w, m, "rewind");
			}
			world_rewind_to(w, m->events, m->played);
			assert_int_equal(world_digest(w), m->digest);
			assert_int_equal(toy_streams_hash(w), m->streams);
			assert_true(w->snapshot_count <= max);
		}
		world_rewind(w, end.at);
		must_be(w, &end, "forward");
		world_free(w);
	}
}

static void travelling_does_not_change_the_run(void **state)
{
	struct world *a = toy_new(9), *b = toy_new(9);

	(void)state;
	world_travel_on(a, SIM_MS(5), 10);
	toy_do(a, "add 7");
	toy_do(b, "add 7");
	world_run_until(a, SIM_S(2));
	world_run_until(b, SIM_S(2));
	assert_int_equal(world_digest(a), world_digest(b));
	assert_int_equal(toy_streams_hash(a), toy_streams_hash(b));
	world_rewind(a, SIM_MS(1));
	world_run_until(a, SIM_S(2));
	assert_int_equal(world_digest(a), world_digest(b));
	world_free(a);
	world_free(b);
}

/* Forward to a kept snapshot: nothing in between is run again. */
static void forward_uses_what_was_kept(void **state)
{
	struct world *w = toy_new(4);
	struct moment end;

	(void)state;
	world_travel_on(w, SIM_MS(100), 100);
	toy_do(w, "add 10");
	world_run_until(w, SIM_S(2));
	end = moment_of(w);
	world_rewind(w, 0);
	assert_true(w->journal.played == 1);	/* the command at 0 as well */
	world_rewind(w, SIM_S(2));
	must_be(w, &end, "forward");

	world_rewind(w, SIM_MS(10));
	world_drop_snapshots(w, 0);		/* now it has to run there */
	world_rewind(w, SIM_S(2));
	must_be(w, &end, "forward again");
	world_free(w);
}

static void a_command_in_the_past_makes_another_future(void **state)
{
	struct world *w = toy_new(4), *other = toy_new(4);
	uint32_t kept = 0;

	(void)state;
	world_travel_on(w, SIM_MS(50), 100);
	toy_do(w, "add 5");
	world_run_until(w, SIM_S(1));
	toy_do(w, "say 1");
	toy_do(w, "open 256");
	world_run_until(w, SIM_S(2));
	world_rewind(w, SIM_MS(725));
	assert_int_equal(w->journal.count, 3);	/* not forgotten yet */
	assert_int_equal(w->journal.played, 1);
	for (uint32_t i = 0; i < w->snapshot_count; i++)
		kept += w->snapshots[i].at <= SIM_MS(725);
	assert_true(kept < w->snapshot_count);

	toy_do(w, "open 64");		/* another stream in the same place */
	assert_int_equal(w->journal.count, 2);
	assert_int_equal(w->snapshot_count, kept);
	world_run_until(w, SIM_S(2));

	toy_do(other, "add 5");
	world_run_until(other, SIM_MS(725));
	toy_do(other, "open 64");
	world_run_until(other, SIM_S(2));
	assert_int_equal(world_digest(w), world_digest(other));
	assert_int_equal(toy_streams_hash(w), toy_streams_hash(other));
	world_rewind(w, SIM_MS(300));
	world_rewind(w, SIM_S(2));
	assert_int_equal(world_digest(w), world_digest(other));
	world_free(w);
	world_free(other);
}

/* A snapshot of the very moment stays when a command follows it. */
static void a_command_cuts_only_what_comes_after(void **state)
{
	struct world *w = toy_new(4);
	struct moment before;

	(void)state;
	world_travel_on(w, SIM_S(10), 100);
	toy_do(w, "add 5");
	world_run_until(w, SIM_S(1));
	world_snapshot(w);
	before = moment_of(w);
	toy_do(w, "say 1");
	world_snapshot(w);
	toy_do(w, "say 2");
	assert_int_equal(w->snapshot_count, 3);
	world_rewind_to(w, before.events, before.played);
	must_be(w, &before, "before the command");
	toy_do(w, "say 3");
	assert_int_equal(w->snapshot_count, 2);
	assert_int_equal(w->journal.count, 2);
	world_free(w);
}

static void one_place_is_kept_once(void **state)
{
	struct world *w = toy_new(4);

	(void)state;
	world_travel_on(w, SIM_MS(1), 100);
	world_snapshot(w);
	world_run_until(w, SIM_S(5));		/* nothing ever happens */
	world_snapshot(w);
	assert_int_equal(w->snapshot_count, 1);
	assert_int_equal(world_now(w), SIM_S(5));
	world_free(w);
}

/* Thinning keeps the ends, and gaps of a like size. */
static void thinning_leaves_no_long_gap(void **state)
{
	struct world *w = toy_new(4);
	uint64_t events, gap_max = 0;

	(void)state;
	world_travel_on(w, SIM_MS(5), 20);
	toy_do(w, "add 10");
	world_run_until(w, SIM_S(10));
	events = w->state->events;
	assert_int_equal(w->snapshot_count, 20);
	assert_int_equal(w->snapshots[0].events, 0);
	for (uint32_t i = 1; i < 20; i++) {
		uint64_t gap = w->snapshots[i].events -
			       w->snapshots[i - 1].events;

		assert_true(w->snapshots[i].at > w->snapshots[i - 1].at);
		if (gap > gap_max)
			gap_max = gap;
	}
	assert_true(events - w->snapshots[19].events < 200);
	assert_true(gap_max <= 5 * events / 2 / 20);
	world_free(w);
}

static void dropped_snapshots_give_their_pages_back(void **state)
{
	struct world *w = toy_new(4);
	size_t one, many;

	(void)state;
	toy_do(w, "add 50");
	world_travel_on(w, SIM_MS(10), 50);
	one = page_store_bytes(&w->pages);
	world_run_until(w, SIM_S(1));
	many = page_store_bytes(&w->pages);
	assert_true(many > one);
	world_rewind(w, 0);
	world_drop_snapshots(w, 1);
	assert_int_equal(page_store_bytes(&w->pages), one);
	world_free(w);
}

static void try_it(struct world *w, void *ctx)
{
	uint64_t *digest = ctx;

	toy_do(w, "add 7");
	world_run_until(w, world_now(w) + SIM_MS(300));
	toy_do(w, "open 64");
	world_run_until(w, world_now(w) + SIM_MS(300));
	*digest = world_digest(w);
}

/* Wherever a branch is tried, with commands ahead or not, the world goes on as
 * one in which nobody tried. */
static void a_branch_leaves_no_trace(void **state)
{
	static struct moment moments[MOMENTS];

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct world *w = straight_run(seed, 30, moments);
		struct moment end = moment_of(w);
		struct luck luck;

		luck_init(&luck, seed, "test", "branches");
		for (int i = 0; i < 40; i++) {
			const struct moment *m =
				&moments[luck_below(&luck, MOMENTS)];
			uint64_t one, two;

			if (m->played < w->journal.count &&
			    w->journal.entries[m->played].at <= m->at)
				continue;
			world_rewind(w, m->at);
			world_branch(w, try_it, &one);
			must_be(w, m, "after a branch");
			world_branch(w, try_it, &two);
			assert_true(one == two && one != m->digest);
		}
		world_run_until(w, end.at);
		must_be(w, &end, "at the end");
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_moment_can_be_gone_back_to),
		cmocka_unit_test(travelling_does_not_change_the_run),
		cmocka_unit_test(forward_uses_what_was_kept),
		cmocka_unit_test(a_command_in_the_past_makes_another_future),
		cmocka_unit_test(a_command_cuts_only_what_comes_after),
		cmocka_unit_test(one_place_is_kept_once),
		cmocka_unit_test(thinning_leaves_no_long_gap),
		cmocka_unit_test(a_branch_leaves_no_trace),
		cmocka_unit_test(dropped_snapshots_give_their_pages_back),
	};

	return cmocka_run_group_tests_name("travel", tests, NULL, NULL);
}
