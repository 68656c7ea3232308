/* test_agenda.c - model and golden: one order, whatever lies behind it
 *
 * The model is a plain array in which the first event is searched for.
 */
#include "tests/test.h"

#include "sim/core/agenda.h"
#include "sim/core/luck.h"

#define ARENA_BYTES	((size_t)64 << 20)

static void push(struct agenda *a, sim_time at, enum agenda_class class,
		 uint16_t what)
{
	agenda_push(a, at, class, what, NULL, 0);
}

static uint16_t pop(struct agenda *a)
{
	struct agenda_event e = { .what = 9999 };

	agenda_pop(a, &e);
	return e.what;
}

static void an_empty_agenda_says_no(void **state)
{
	struct agenda_event e = { .what = 7 };
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	assert_false(agenda_peek(a, &e));
	assert_false(agenda_pop(a, &e));
	assert_false(agenda_pop_until(a, SIM_NEVER, &e));
	assert_int_equal(e.what, 7);
	assert_int_equal(agenda_count(a), 0);
	arena_release(&arena);
}

static void time_then_class_then_arrival(void **state)
{
	static const struct {
		sim_time at;
		enum agenda_class class;
		uint16_t what;
	} row[] = {
		{ 5, CLASS_DELIVER, 3 }, { 3, CLASS_SAMPLE, 2 },
		{ 5, CLASS_TIMEOUT, 5 }, { 3, CLASS_DELIVER, 0 },
		{ 5, CLASS_DELIVER, 4 }, { 5, CLASS_SAMPLE, 6 },
		{ SIM_NEVER, CLASS_DELIVER, 9 }, { 3, CLASS_DELIVER, 1 },
		{ 5, CLASS_SAMPLE, 7 }, { SIM_HOURS(9999), CLASS_DELIVER, 8 },
	};
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	for (size_t i = 0; i < 10; i++)
		push(a, row[i].at, row[i].class, row[i].what);
	for (uint16_t i = 0; i < 10; i++)
		assert_int_equal(pop(a), i);
	assert_int_equal(agenda_count(a), 0);
	arena_release(&arena);
}

static void pop_until_stops_at_its_time(void **state)
{
	struct agenda_event e = { .what = 7 };
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	push(a, 10, CLASS_DELIVER, 1);
	assert_false(agenda_pop_until(a, 9, &e));
	assert_int_equal(e.what, 7);
	assert_true(agenda_pop_until(a, 10, &e));
	assert_int_equal(e.what, 1);
	arena_release(&arena);
}

static void an_event_comes_out_as_it_went_in(void **state)
{
	struct agenda_event e;
	struct arena arena;
	struct agenda *a;
	int who;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	agenda_push(a, 123, CLASS_TIMEOUT, 0xabcd, &who, 0xef01);
	assert_true(agenda_peek(a, &e));
	assert_true(agenda_pop(a, &e));
	assert_int_equal(e.at, 123);
	assert_int_equal(e.order >> 56, CLASS_TIMEOUT);
	assert_ptr_equal(e.who, &who);
	assert_int_equal(e.what, 0xabcd);
	assert_int_equal(e.arg, 0xef01);
	assert_int_equal(e.slot, 0);
	arena_release(&arena);
}

static void a_cancelled_timer_never_comes(void **state)
{
	struct timer t, copy, none = {0};
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	push(a, 2, CLASS_DELIVER, 2);
	t = agenda_push_timer(a, 1, CLASS_TIMEOUT, 1, NULL, 0);
	copy = t;
	assert_true(agenda_pending(a, &t));
	assert_int_equal(agenda_count(a), 2);
	agenda_cancel(a, &t);
	assert_int_equal(t.slot, 0);
	assert_false(agenda_pending(a, &t));
	assert_false(agenda_pending(a, &copy));
	agenda_cancel(a, &copy);		/* a second time: harmless */
	agenda_cancel(a, &none);
	assert_int_equal(agenda_count(a), 1);
	assert_int_equal(pop(a), 2);
	assert_int_equal(pop(a), 9999);
	arena_release(&arena);
}

/* The slot of a timer that is over belongs to the next one at once; the old
 * handle must not touch it. */
static void an_old_handle_does_not_touch_a_new_timer(void **state)
{
	struct timer old, again, fired;
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	old = agenda_push_timer(a, 5, CLASS_TIMEOUT, 1, NULL, 0);
	fired = old;
	agenda_cancel(a, &old);
	old = fired;
	again = agenda_push_timer(a, 5, CLASS_TIMEOUT, 2, NULL, 0);
	assert_int_equal(again.slot, old.slot);
	agenda_cancel(a, &old);
	assert_true(agenda_pending(a, &again));
	assert_int_equal(pop(a), 2);

	fired = again;
	assert_false(agenda_pending(a, &fired));
	again = agenda_push_timer(a, 6, CLASS_TIMEOUT, 3, NULL, 0);
	agenda_cancel(a, &fired);
	assert_int_equal(pop(a), 3);
	assert_int_equal(agenda_count(a), 0);
	arena_release(&arena);
}

/* -- the model ----------------------------------------------------------- */

#define MODEL_MAX	6000

struct model {
	struct planned {
		sim_time at;
		uint64_t order;
		uint32_t id;
		struct timer timer;
	} e[MODEL_MAX];
	size_t count;
	uint64_t arrivals;
};

static size_t model_first(const struct model *m)
{
	size_t best = 0;

	for (size_t i = 1; i < m->count; i++)
		if (m->e[i].at < m->e[best].at ||
		    (m->e[i].at == m->e[best].at &&
		     m->e[i].order < m->e[best].order))
			best = i;
	return best;
}

/* Delays as a world has them: now, ties, microseconds, days, and up to the
 * end of time. */
static sim_time delay(struct luck *l, bool wide)
{
	switch (luck_below(l, wide ? 8 : 5)) {
	case 0: return 0;
	case 1: return luck_between(l, 0, 3);
	case 2: return SIM_MS(luck_below(l, 5));
	case 3: return luck_exponential(l, SIM_MS(1));
	case 4: return luck_exponential(l, SIM_S(1));
	case 5: return SIM_HOURS(24) * (sim_time)luck_below(l, 3);
	case 6: return luck_exponential(l, SIM_HOURS(24));
	default: return (sim_time)1 << luck_below(l, 62);
	}
}

static sim_time later(sim_time now, sim_time after)
{
	return after > SIM_NEVER - now ? SIM_NEVER : now + after;
}

static void plan(struct agenda *a, struct model *m, struct luck *l,
		 sim_time now, bool wide)
{
	struct planned *p = &m->e[m->count++];
	enum agenda_class class = (enum agenda_class)luck_below(l, 3);

	p->id = (uint32_t)++m->arrivals;
	p->at = later(now, delay(l, wide));
	p->order = (uint64_t)class << 56 | m->arrivals;
	p->timer = (struct timer){0};
	if (luck_chance(l, 1, 2))
		p->timer = agenda_push_timer(a, p->at, class, (uint16_t)p->id,
					     NULL, (uint16_t)(p->id >> 16));
	else
		agenda_push(a, p->at, class, (uint16_t)p->id, NULL,
			    (uint16_t)(p->id >> 16));
}

static void cancel(struct agenda *a, struct model *m, size_t i)
{
	if (!m->e[i].timer.slot)
		return;
	assert_true(agenda_pending(a, &m->e[i].timer));
	agenda_cancel(a, &m->e[i].timer);
	m->e[i] = m->e[--m->count];
}

/* Take the first, or fail to because it is after `until`. */
static bool agree(struct agenda *a, struct model *m, sim_time until,
		  sim_time *now)
{
	struct agenda_event e;
	size_t i = model_first(m);

	if (!agenda_pop_until(a, until, &e))
		return m->count == 0 || m->e[i].at > until;
	if (m->count == 0 || e.at != m->e[i].at || e.order != m->e[i].order ||
	    e.what != (uint16_t)m->e[i].id || e.arg != m->e[i].id >> 16 ||
	    agenda_pending(a, &m->e[i].timer))
		return false;
	*now = e.at;
	m->e[i] = m->e[--m->count];
	return agenda_count(a) == m->count;
}

/* Few are pending, then many, few again, and none at last. */
static size_t goal(size_t most, int step, int steps)
{
	return step < steps / 3 ? most : step < steps / 2 ? most / 20 :
	       step < steps * 2 / 3 ? most : 0;
}

static void compare(uint64_t seed, size_t most, bool wide, uint64_t cancels,
		    int steps)
{
	static struct model m;
	struct agenda_event e;
	struct arena arena;
	struct agenda *a;
	struct luck l;
	sim_time now = 0;

	m.count = 0;
	m.arrivals = 0;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	luck_init(&l, seed, "test", "agenda");
	for (int step = 0; step < steps || m.count; step++) {
		bool grow = m.count < goal(most, step, steps);
		uint64_t dice = luck_below(&l, 100);
		bool good = true;

		if (dice < (grow ? 75u : 25u) && step < steps)
			plan(a, &m, &l, now, wide);
		else if (m.count && luck_chance(&l, cancels, 100))
			cancel(a, &m, luck_below(&l, m.count));
		else if (dice % 8)
			good = agree(a, &m, SIM_NEVER, &now);
		else
			good = agree(a, &m, later(now, delay(&l, false)),
				     &now);
		if (agenda_peek(a, &e) != (m.count > 0) ||
		    agenda_count(a) != m.count)
			good = false;
		if (!good)
			fail_msg("seed %d, most %d, wide %d, cancels %d, step "
				 "%d", (int)seed, (int)most, wide, (int)cancels,
				 step);
	}
	arena_release(&arena);
}

static void the_order_is_that_of_a_plain_array(void **state)
{
	static const size_t most[] = { 3, 100, 280, 1000 };

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		for (size_t i = 0; i < 4; i++) {
			compare(seed, most[i], false, 5, 6000);
			compare(seed, most[i], true, 5, 6000);
			compare(seed, most[i], true, 45, 6000);
		}
	compare(99, 5000, true, 10, 40000);
}

/* Peeking is free: the bytes are those of an agenda nobody looked at. */
static void looking_changes_nothing(void **state)
{
	static unsigned char bytes[2][(size_t)1 << 20];
	size_t used[2];
	struct arena arena;

	(void)state;
	arena_init(&arena, (size_t)1 << 20);
	for (int look = 0; look < 2; look++) {
		struct timer timer[8] = {{0}};
		struct agenda_event e;
		struct agenda *a;
		struct luck l;
		sim_time now = 0;

		memset(arena.base, 0, arena.size);
		arena_head(&arena)->used = 1024;
		a = agenda_new(&arena);
		luck_init(&l, 5, "test", "look");
		for (int i = 0; i < 20000; i++) {
			size_t t = luck_below(&l, 8);

			if (i % 5000 < 2500 && luck_chance(&l, 2, 3))
				push(a, now + delay(&l, true) % SIM_HOURS(99),
				     CLASS_DELIVER, 1);
			else if (agenda_pop(a, &e))
				now = e.at;
			agenda_cancel(a, &timer[t]);
			timer[t] = agenda_push_timer(a, now + delay(&l, false),
						     CLASS_TIMEOUT, 2, NULL, 0);
			if (look) {
				agenda_peek(a, &e);
				agenda_pop_until(a, now - 1, &e);
				agenda_count(a);
			}
		}
		used[look] = arena_head(&arena)->used;
		memcpy(bytes[look], arena.base, used[look]);
	}
	assert_int_equal(used[0], used[1]);
	assert_memory_equal(bytes[0], bytes[1], used[0]);
	arena_release(&arena);
}

/* Many ties: neither their order nor their number is a problem. */
static void many_ties_leave_in_arrival_order(void **state)
{
	struct agenda_event e;
	struct arena arena;
	struct agenda *a;

	(void)state;
	arena_init(&arena, (size_t)256 << 20);
	a = agenda_new(&arena);
	for (uint32_t i = 0; i < 200000; i++)
		agenda_push(a, SIM_S(1 + i % 2), CLASS_DELIVER, (uint16_t)i,
			    NULL, (uint16_t)(i >> 16));
	for (uint32_t i = 0; i < 200000; i++) {
		uint32_t want = i < 100000 ? 2 * i : 2 * (i - 100000) + 1;

		assert_true(agenda_pop(a, &e));
		if ((e.what | (uint32_t)e.arg << 16) != want)
			fail_msg("%u", i);
	}
	arena_release(&arena);
}

/* Far more than the model could search: times must never fall. */
static void a_hundred_thousand_leave_in_order(void **state)
{
	struct agenda_event e, last = { .at = -1 };
	struct arena arena;
	struct agenda *a;
	struct luck l;
	uint64_t popped = 0;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	luck_init(&l, 1, "test", "many");
	for (int i = 0; i < 100000; i++)
		push(a, luck_exponential(&l, SIM_S(1)), CLASS_DELIVER, 0);
	while (agenda_pop(a, &e)) {
		assert_true(e.at > last.at ||
			    (e.at == last.at && e.order > last.order));
		last = e;
		if (++popped <= 200000)
			push(a, e.at + luck_exponential(&l, popped % 10 ?
				SIM_S(1) : SIM_HOURS(24)), CLASS_DELIVER, 0);
	}
	assert_int_equal(popped, 300000);
	arena_release(&arena);
}

/* State size is the time-travel budget. */
static void memory_follows_what_is_pending(void **state)
{
	struct agenda_event e;
	struct arena arena;
	struct agenda *a;
	struct luck l;
	size_t before;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	before = arena_head(&arena)->live;
	a = agenda_new(&arena);
	luck_init(&l, 1, "test", "memory");
	for (int i = 0; i < 200; i++)
		push(a, delay(&l, true), CLASS_DELIVER, 0);
	assert_true(arena_head(&arena)->live - before < 12 << 10);
	for (int i = 0; i < 100000; i++)
		push(a, delay(&l, true), CLASS_DELIVER, 0);
	assert_true(arena_head(&arena)->live - before < 100200 * 50);
	while (agenda_count(a) > 200)
		agenda_pop(a, &e);
	assert_true(arena_head(&arena)->live - before < 256 << 10);
	arena_release(&arena);
}

/* Deadlines that are nearly always taken back must not pile up. */
static void cancelled_timers_do_not_pile_up(void **state)
{
	struct agenda_event e;
	struct arena arena;
	struct agenda *a;
	size_t before;
	sim_time now = 0;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	before = arena_head(&arena)->live;
	a = agenda_new(&arena);
	push(a, 0, CLASS_DELIVER, 1);
	for (int i = 0; i < 1000000; i++) {
		struct timer t = agenda_push_timer(a, now + SIM_S(30),
						   CLASS_TIMEOUT, 2, NULL, 0);

		assert_true(agenda_pop(a, &e));
		assert_int_equal(e.what, 1);
		now = e.at;
		agenda_cancel(a, &t);
		push(a, now + SIM_US(10), CLASS_DELIVER, 1);
	}
	assert_true(arena_head(&arena)->live - before < 32 << 10);
	assert_int_equal(agenda_count(a), 1);
	arena_release(&arena);
}

/* Golden: the order in which a mixed crowd leaves, as one number. */
static void the_order_is_the_one_it_always_was(void **state)
{
	struct agenda_event e;
	struct timer timer = {0};
	struct arena arena;
	struct agenda *a;
	struct luck l;
	uint64_t digest = 0;
	sim_time now = 0;

	(void)state;
	arena_init(&arena, ARENA_BYTES);
	a = agenda_new(&arena);
	luck_init(&l, 42, "test", "golden");
	for (uint16_t i = 0; i < 2000; i++)
		push(a, delay(&l, true), (enum agenda_class)(i % 3), i);
	for (int i = 0; i < 50000 && agenda_pop(a, &e); i++) {
		now = e.at;
		digest = luck_mix(digest ^ (uint64_t)e.at ^ e.what);
		if (i % 2)
			agenda_cancel(a, &timer);
		if (now < SIM_HOURS(1000))
			timer = agenda_push_timer(a, now + delay(&l, i % 9 == 0),
						  CLASS_TIMEOUT, e.what, NULL, 0);
	}
	assert_true(digest == UINT64_C(0xd8bb5b42333d5628));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_agenda_says_no),
		cmocka_unit_test(time_then_class_then_arrival),
		cmocka_unit_test(pop_until_stops_at_its_time),
		cmocka_unit_test(an_event_comes_out_as_it_went_in),
		cmocka_unit_test(a_cancelled_timer_never_comes),
		cmocka_unit_test(an_old_handle_does_not_touch_a_new_timer),
		cmocka_unit_test(the_order_is_that_of_a_plain_array),
		cmocka_unit_test(looking_changes_nothing),
		cmocka_unit_test(many_ties_leave_in_arrival_order),
		cmocka_unit_test(a_hundred_thousand_leave_in_order),
		cmocka_unit_test(memory_follows_what_is_pending),
		cmocka_unit_test(cancelled_timers_do_not_pile_up),
		cmocka_unit_test(the_order_is_the_one_it_always_was),
	};

	return cmocka_run_group_tests_name("agenda", tests, NULL, NULL);
}
