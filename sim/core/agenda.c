/* agenda.c - what happens next, in one repeatable order
 *
 * A 4-ary heap of whole events: at the sizes of a world (up to some thousand
 * pending) the heap lives in cache, and four children share a cache line pair.
 */
#include "sim/core/agenda.h"

#include <assert.h>

struct agenda {
	struct arena arena;		/* the arena that holds all this */
	struct agenda_event *heap;
	uint32_t count, cap;
	uint32_t cancelled;		/* events in the heap that are void */
	uint64_t arrivals;		/* arrival number of the last event */
	uint64_t *slots;		/* order of the live timer, 0 if none */
	uint32_t *slots_free;
	uint32_t slot_count, slot_cap, slot_free_count;
};

static inline bool before(const struct agenda_event *x,
			  const struct agenda_event *y)
{
	return x->at < y->at || (x->at == y->at && x->order < y->order);
}

struct agenda *agenda_new(struct arena *arena)
{
	struct agenda *a = arena_new(arena, struct agenda);

	a->arena = *arena;
	a->slot_count = 1;
	return a;
}

static void sift_up(struct agenda_event *heap, uint32_t i)
{
	struct agenda_event moving = heap[i];

	while (i > 0) {
		uint32_t parent = (i - 1) / 4;

		if (!before(&moving, &heap[parent]))
			break;
		heap[i] = heap[parent];
		i = parent;
	}
	heap[i] = moving;
}

static void sift_down(struct agenda_event *heap, uint32_t count, uint32_t i)
{
	struct agenda_event moving = heap[i];

	for (;;) {
		uint32_t child = 4 * i + 1, best = child;
		uint32_t end = child + 4 < count ? child + 4 : count;

		if (child >= count)
			break;
		for (uint32_t c = child + 1; c < end; c++)
			if (before(&heap[c], &heap[best]))
				best = c;
		if (!before(&heap[best], &moving))
			break;
		heap[i] = heap[best];
		i = best;
	}
	heap[i] = moving;
}

static void put(struct agenda *a, const struct agenda_event *event)
{
	if (a->count == a->cap) {
		uint32_t cap = a->cap ? 2 * a->cap : 64;

		a->heap = arena_grow(&a->arena, a->heap,
				     a->cap * sizeof(*a->heap),
				     cap * sizeof(*a->heap));
		a->cap = cap;
	}
	a->heap[a->count] = *event;
	sift_up(a->heap, a->count++);
}

static uint64_t next_order(struct agenda *a, enum agenda_class class)
{
	return (uint64_t)class << 56 | ++a->arrivals;
}

void agenda_push(struct agenda *a, sim_time at, enum agenda_class class,
		 uint16_t what, void *who, uint16_t arg)
{
	struct agenda_event event = {
		.at = at, .order = next_order(a, class),
		.who = who, .what = what, .arg = arg,
	};

	put(a, &event);
}

static uint32_t slot_take(struct agenda *a)
{
	if (a->slot_free_count)
		return a->slots_free[--a->slot_free_count];
	if (a->slot_count >= a->slot_cap) {
		uint32_t cap = a->slot_cap ? 2 * a->slot_cap : 64;

		a->slots = arena_grow(&a->arena, a->slots,
				      a->slot_cap * sizeof(*a->slots),
				      cap * sizeof(*a->slots));
		a->slots_free = arena_grow(&a->arena, a->slots_free,
					   a->slot_cap * sizeof(*a->slots_free),
					   cap * sizeof(*a->slots_free));
		a->slot_cap = cap;
	}
	return a->slot_count++;
}

static void slot_free(struct agenda *a, uint32_t slot)
{
	a->slots[slot] = 0;
	a->slots_free[a->slot_free_count++] = slot;
}

struct timer agenda_push_timer(struct agenda *a, sim_time at,
			       enum agenda_class class, uint16_t what,
			       void *who, uint16_t arg)
{
	struct agenda_event event = {
		.at = at, .order = next_order(a, class),
		.who = who, .what = what, .arg = arg,
		.slot = slot_take(a),
	};

	a->slots[event.slot] = event.order;
	put(a, &event);
	return (struct timer){ .order = event.order, .slot = event.slot };
}

bool agenda_pending(const struct agenda *a, const struct timer *timer)
{
	return timer->slot && a->slots[timer->slot] == timer->order;
}

static bool void_event(const struct agenda *a, const struct agenda_event *e)
{
	return e->slot && a->slots[e->slot] != e->order;
}

/* Throw out what was cancelled; order is total, so nothing else changes. */
static void purge(struct agenda *a)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < a->count; i++)
		if (!void_event(a, &a->heap[i]))
			a->heap[kept++] = a->heap[i];
	for (uint32_t i = kept; i < a->count; i++)
		a->heap[i] = (struct agenda_event){0};
	a->count = kept;
	a->cancelled = 0;
	for (uint32_t i = kept / 4 + 1; i-- > 0;)
		if (i < kept)
			sift_down(a->heap, kept, i);
}

/*
 * The slot can be used again at once: its void event still carries the old
 * order, which no later timer can have.
 */
void agenda_cancel(struct agenda *a, struct timer *timer)
{
	if (agenda_pending(a, timer)) {
		slot_free(a, timer->slot);
		if (++a->cancelled > 64 && a->cancelled > a->count / 2)
			purge(a);
	}
	*timer = (struct timer){0};
}

static void drop_first(struct agenda *a)
{
	a->heap[0] = a->heap[--a->count];
	a->heap[a->count] = (struct agenda_event){0};
	if (a->count > 1)
		sift_down(a->heap, a->count, 0);
}

/* Bring a live event to the front. */
static bool settle(struct agenda *a)
{
	while (a->count && void_event(a, &a->heap[0])) {
		drop_first(a);
		a->cancelled--;
	}
	return a->count > 0;
}

bool agenda_peek(struct agenda *a, struct agenda_event *out)
{
	if (!settle(a))
		return false;
	*out = a->heap[0];
	return true;
}

bool agenda_pop_until(struct agenda *a, sim_time until,
		      struct agenda_event *out)
{
	if (!settle(a) || a->heap[0].at > until)
		return false;
	*out = a->heap[0];
	if (out->slot)
		slot_free(a, out->slot);
	drop_first(a);
	return true;
}

bool agenda_pop(struct agenda *a, struct agenda_event *out)
{
	return agenda_pop_until(a, SIM_NEVER, out);
}

uint64_t agenda_count(const struct agenda *a)
{
	return a->count - a->cancelled;
}
