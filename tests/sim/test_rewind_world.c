/* test_rewind_world.c - a whole world, at any time again
 *
 * Method: ten minutes of local-kafka with faults, snapshots every 10 s; then
 * rewinds to random times, back and forth.  At each the digest, the arena's
 * bytes and the lengths of all streams must be those of the straight run.
 */
#include "tests/test.h"

#include "sim/stack/stack.h"

#define SECONDS	600
#define REWINDS	100

struct moment {
	uint64_t digest, arena, streams;
};

/* The image of the arena as far as it is used; `now` itself is left out: a
 * straight run stands at the same time. */
static uint64_t arena_hash(const struct world *w)
{
	const unsigned char *p = w->arena.base;
	size_t used = arena_head(&w->arena)->used;
	uint64_t h = used;

	for (size_t i = 0; i + 8 <= used; i += 8) {
		uint64_t word;

		memcpy(&word, p + i, 8);
		h = luck_mix(h ^ word);
	}
	return h;
}

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
		world_digest(w), arena_hash(w), streams_hash(w),
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

static void any_moment_comes_back_bit_for_bit(void **state)
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
		assert_true(m.digest == moments[s].digest);
		assert_true(m.streams == moments[s].streams);
		assert_true(m.arena == moments[s].arena);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_moment_comes_back_bit_for_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
