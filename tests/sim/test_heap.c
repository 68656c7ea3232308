/* test_heap.c - eden fills, the process pauses; how often and how long
 *
 * Table: sizes against what logs of HotSpot say.  Theory: pauses are bytes made
 * over bytes of eden, each the fixed part and what is copied.
 */
#include "tests/sim/net_world.h"

#define EDEN	1000000

static const struct heap_spec small = {
	.eden_bytes = EDEN, .pause = SIM_MS(1), .copied_per_s = 100000000,
};

static struct node *make(struct net_world *n)
{
	struct node *a;

	net_world_init(n, 1);
	a = node_add(n, "a", "z");
	heap_set(n->w, a->process, &small);
	return a;
}

/* "ParNew: 69952K->..." of -Xmx256m, "ParNew: 279616K->..." of -Xmx1g. */
static void eden_is_as_large_as_logs_say(void **state)
{
	static const struct {
		int64_t heap_mib, eden_kib;
	} rows[] = { { 256, 69952 }, { 1024, 279616 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct heap_spec s;

		heap_spec_parnew(&s, rows[i].heap_mib);
		assert_in_range(s.eden_bytes >> 10,
				rows[i].eden_kib * 999 / 1000,
				rows[i].eden_kib * 1001 / 1000);
	}
}

static void it_pauses_as_often_as_eden_is_full(void **state)
{
	struct net_world n;
	struct node *a = make(&n);

	(void)state;
	for (int i = 1; i <= 100; i++) {
		heap_allocate(n.w, a->process, EDEN / 10);
		world_run_until(n.w, SIM_MS(10) * i);
		assert_int_equal(a->process->heap->collections, i / 10);
	}
	assert_int_equal(a->process->heap->paused, 10 * SIM_MS(1));
	assert_int_equal(a->process->heap->copied_bytes, 0);
	world_free(n.w);
}

static void a_pause_lasts_as_long_as_it_copies(void **state)
{
	static const struct {
		int64_t made, live;
		sim_time pause;
	} rows[] = {
		{ EDEN, 0, SIM_MS(1) },
		{ EDEN, 400000, SIM_MS(5) },
		{ EDEN, EDEN, SIM_MS(11) },
		{ EDEN, 9 * EDEN, SIM_MS(11) },	/* the rest was copied before */
		{ 3 * EDEN, 2 * EDEN, SIM_MS(21) },	/* one large object */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_world n;
		struct node *a = make(&n);

		heap_live(a->process, rows[i].live);
		heap_allocate(n.w, a->process, rows[i].made);
		assert_true(process_runs(a->process));	/* not in the middle */
		world_run_until(n.w, rows[i].pause - 1);
		assert_false(process_runs(a->process));
		world_run_until(n.w, rows[i].pause);
		assert_true(process_runs(a->process));
		assert_int_equal(a->process->heap->used_bytes, 0);
		world_free(n.w);
	}
}

/* Who is sent to makes room for what comes, and pauses by its rate. */
static void messages_fill_eden_too(void **state)
{
	struct net_world n;
	struct node *a = make(&n), *b = node_add(&n, "b", "z");
	int64_t made = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		node_send(&n, b, a, 10000);
		made += 10000 + HEAP_MESSAGE_BYTES;
		world_run_until(n.w, world_now(n.w) + SIM_MS(5));
	}
	/* Up to a message is too much each time. */
	assert_in_range(a->process->heap->collections, made / (EDEN + 14096),
			made / EDEN);
	assert_int_equal(a->arrived, 1000);
	assert_null(b->process->heap);
	world_free(n.w);
}

static void who_starts_anew_has_an_empty_eden(void **state)
{
	struct net_world n;
	struct node *a = make(&n);

	(void)state;
	heap_allocate(n.w, a->process, EDEN);
	process_kill(n.w, a->process);
	process_start(n.w, a->process);
	heap_allocate(n.w, a->process, EDEN - 1);
	world_run_until(n.w, SIM_S(1));
	assert_int_equal(a->process->heap->collections, 0);
	heap_allocate(n.w, a->process, 1);
	world_run_until(n.w, SIM_S(2));
	assert_int_equal(a->process->heap->collections, 1);
	world_free(n.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eden_is_as_large_as_logs_say),
		cmocka_unit_test(it_pauses_as_often_as_eden_is_full),
		cmocka_unit_test(a_pause_lasts_as_long_as_it_copies),
		cmocka_unit_test(messages_fill_eden_too),
		cmocka_unit_test(who_starts_anew_has_an_empty_eden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
