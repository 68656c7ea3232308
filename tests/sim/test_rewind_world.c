/* test_rewind_world.c - a whole world, at any time again
 *
 * Method: ten minutes of local-kafka with faults, snapshots every 10 s; then
 * rewinds to random times, back and forth.  At each the digest, the memory in
 * use and the lengths of all streams must be those of the straight run; from
 * some, the run goes on to its end, which must be the same end: so nothing that
 * influences the future was left out.
 */
#include "tests/test.h"

#include "sim/stack/stack.h"

#define SECONDS	600
#define REWINDS	100

struct moment {
	uint64_t digest, streams;
	size_t used, live;
};

static uint64_t streams_hash(const struct world *w)
{
	uint64_t h = w->history.count;

	for (uint32_t i = 1; i < w->history.count; i++)
		h = luck_mix(h ^ history_len(&w->history, i));
	return h;
}

static struct moment look(const struct world *w)
{
	return (struct moment){
		world_digest(w), streams_hash(w), arena_head(&w->arena)->used,
		arena_head(&w->arena)->live,
	};
}

static struct world *make(void)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 11, NULL, &err);

	assert_non_null(w);
	assert_true(world_command(w, "fault kill component=broker-2 after=95s "
				  "for=40s", NULL, &err));
	assert_true(world_command(w, "fault hang component=broker-1 after=200s "
				  "for=15s", NULL, &err));
	assert_true(world_command(w, "fault partition component=broker-3 "
				  "after=300s for=30s", NULL, &err));
	return w;
}

static void same(const struct moment *x, const struct moment *y)
{
	assert_true(x->digest == y->digest);
	assert_true(x->streams == y->streams);
	assert_true(x->used == y->used);
	assert_true(x->live == y->live);
}

static void any_moment_comes_back(void **state)
{
	static struct moment moments[SECONDS + 1];
	struct world *w = make();
	struct luck luck;

	(void)state;
	world_travel_on(w, SIM_S(10), 64);
	for (int s = 0; s <= SECONDS; s++) {
		world_run_until(w, SIM_S(s));
		moments[s] = look(w);
	}
	luck_init(&luck, 3, "test", "rewind");
	for (int i = 0; i < REWINDS; i++) {
		int s = (int)luck_between(&luck, 0, SECONDS);
		struct moment m;

		world_rewind(w, SIM_S(s));
		m = look(w);
		same(&m, &moments[s]);
		if (i % 10)
			continue;
		world_run_until(w, SIM_S(SECONDS));
		m = look(w);
		same(&m, &moments[SECONDS]);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_moment_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
