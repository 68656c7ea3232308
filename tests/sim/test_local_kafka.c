/* test_local_kafka.c - the first world: one run on every machine, and cheap
 *
 * Golden: the digest of ten minutes with faults is the one in tests/golden,
 * whatever compiler and flags built this.  `make golden` rewrites it when the
 * model changes on purpose.
 * Steady state: between minute 4 and minute 6 the arena does not grow and next
 * to nothing is allocated on the heap: hot paths take blocks from free lists.
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

/* A sanitizer brings its own malloc. */
#if defined(__GLIBC__) && !defined(TEST_SANITIZED)
#define COUNT_ALLOCATIONS
#endif

#ifdef COUNT_ALLOCATIONS
/* glibc lets a program bring its own malloc; ours counts and hands on. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
static unsigned long allocations;

void *malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	allocations++;
	return __libc_realloc(p, n);
}
#endif

static struct world *make(uint64_t seed)
{
	struct err err;
	struct world *w = stack_world("local-kafka", seed, NULL, &err);

	assert_non_null(w);
	return w;
}

static void troubled_run(struct text *out, uint64_t seed)
{
	static const char *const faults[] = {
		"fault kill component=broker-2 after=95s for=40s",
		"fault hang component=broker-1 after=200s for=15s",
		"fault partition component=broker-3 after=300s for=30s",
		"fault lossy-link component=broker-1 after=400s for=60s",
		"fault kill component=dashboard after=100s for=120s",
	};
	struct world *w = make(seed);

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_true(world_command(w, faults[i], NULL, NULL));
	world_run_until(w, SIM_MINUTES(10));
	text_addf(out, "seed %llu: %llu events, digest %016llx\n",
		  (unsigned long long)seed,
		  (unsigned long long)w->state->events,
		  (unsigned long long)world_digest(w));
	world_free(w);
}

static void every_build_gives_the_same_digest(void **state)
{
	struct text out = {0};

	(void)state;
	troubled_run(&out, 7);
	troubled_run(&out, 8);
	test_golden("local-kafka.digest", text_cstr(&out));
	text_free(&out);
}

static void two_worlds_side_by_side_agree(void **state)
{
	struct world *x = make(5), *y = make(5), *z = make(6);

	(void)state;
	for (int s = 1; s <= 60; s++) {
		world_run_until(x, SIM_S(s));
		world_run_until(z, SIM_S(s));
		world_run_until(y, SIM_S(s));
		assert_true(world_digest(x) == world_digest(y));
	}
	assert_false(world_digest(x) == world_digest(z));
	world_free(x);
	world_free(y);
	world_free(z);
}

static void a_steady_world_allocates_nothing(void **state)
{
	struct world *w = make(7);
	uint64_t events;
	size_t used;

	(void)state;
	/* Until all has once been under way that ever is at the same time. */
	world_run_until(w, SIM_MINUTES(7));
	used = arena_head(&w->arena)->used;
	events = w->state->events;
#ifdef COUNT_ALLOCATIONS
	allocations = 0;
#endif
	world_run_until(w, SIM_MINUTES(9));
	assert_true(w->state->events - events > 20000);
	assert_int_equal(arena_head(&w->arena)->used, used);
#ifdef COUNT_ALLOCATIONS
	/* New chunks of history, and the few commits of offsets. */
	assert_true(allocations < (w->state->events - events) / 100);
#endif
	assert_true(world_hot_bytes(w) <= 2u << 20);
	world_free(w);
}

static void nothing_is_lost_and_nothing_doubled_in_quiet_times(void **state)
{
	struct world *w = make(9);
	struct fleet_audit audit;

	(void)state;
	world_run_until(w, SIM_MINUTES(2));
	fleet_audit(w, fleet_find(w, "sensor"), &audit);
	assert_int_equal(audit.lost, 0);
	assert_int_equal(audit.duplicated, 0);
	assert_int_equal(audit.reordered, 0);
	assert_in_range(audit.produced, 119000, 121000);
	assert_in_range(audit.stored, audit.acked, audit.produced);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_build_gives_the_same_digest),
		cmocka_unit_test(two_worlds_side_by_side_agree),
		cmocka_unit_test(a_steady_world_allocates_nothing),
		cmocka_unit_test(nothing_is_lost_and_nothing_doubled_in_quiet_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
