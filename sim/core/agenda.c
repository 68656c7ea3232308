/* agenda.c - what happens next, in one repeatable order
 *
 * What is *near* lies in a 4-ary heap of whole events.  A world with few
 * pending events has nothing else.  When the heap outgrows NEAR_MAX, all but
 * its first events move to wheels: one wheel a digit of the time (base 64), one
 * slot a value of the digit.  `last` parts the two:
 *
 *	near: at <= last		far: at > last
 *	                   last = 2 0 7 63
 *	                              ^ an event at 2 0 9 5 lies in the wheel
 *	                                of this digit, slot 9
 *
 * An event lies in the wheel of the first digit in which it differs from
 * `last`; there its digit is the larger.  So the lowest slot of the lowest
 * wheel in use holds what comes first.  When nothing is near any more that
 * slot is opened: a few events are sorted and made ready, many are spread over
 * the wheels below (they share one more digit now).  What is planned in the
 * meantime for a time up to `last` goes to the heap; the first event is the
 * first of the heap or the first that is ready.
 *
 * No bucket has a width that could be wrong: slots are opened as finely as
 * their events lie densely, so timers of a millisecond and of a day can wait
 * together.  It is a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, JACM 1990) to
 * base 64, opened lazily.  Figures: docs/benchmarks.md.
 *
 * Invariant: the first event is live, or nothing is planned.  So looking never
 * changes anything, and the bytes of an agenda depend only on what was put in,
 * taken back and taken out.
 */
#include "sim/core/agenda.h"

#include <assert.h>

#define NEAR_MAX	256u	/* events; beyond, the far ones move out */
#define OPEN_MAX	32u	/* events of a slot that are made ready */
#define DIGIT_BITS	6u
#define SLOTS		64u	/* values of a digit */
#define WHEELS		11u	/* digits of a time */
#define BLOCK_EVENTS	7u	/* so that a block takes 256 bytes */
#define SPARE_MAX	32u	/* blocks */

/* Both are copied whole into the arena: a byte that no member owns could differ
 * between two equal runs. */
#define SIZE(type, member)	sizeof(((struct type *)0)->member)
_Static_assert(sizeof(struct timer) == SIZE(timer, order) +
	       SIZE(timer, slot) + SIZE(timer, zero), "no padding");
_Static_assert(sizeof(struct agenda_event) == SIZE(agenda_event, at) +
	       SIZE(agenda_event, order) + SIZE(agenda_event, who) +
	       SIZE(agenda_event, what) + SIZE(agenda_event, arg) +
	       SIZE(agenda_event, slot), "no padding");
#undef SIZE

struct block {
	struct agenda_event events[BLOCK_EVENTS];	/* filled from the end */
	struct block *next;
};

struct slot {
	struct block *blocks;	/* all but the first are full */
	uint32_t room;		/* events that the first can still take */
	uint32_t count;		/* events in all of them */
};

struct wheel {
	uint64_t used;		/* bit i: slots[i] holds something */
	struct slot slots[SLOTS];
};

struct far {
	struct wheel wheels[WHEELS];
	uint32_t used;			/* bit i: wheels[i] holds something */
	uint32_t spare_count;
	struct block *spare;		/* blocks that were just emptied */
	struct agenda_event ready[OPEN_MAX];	/* the first event last */
};

struct agenda {
	struct arena arena;		/* the arena that holds all this */
	struct agenda_event *near;	/* a heap: at <= last */
	uint32_t near_count, near_cap;
	uint32_t near_max;		/* beyond this many, spill */
	uint32_t ready_count;		/* events of far->ready: at <= last */
	uint32_t far_count;		/* events of far->wheels: at > last */
	uint32_t cancelled;		/* events, wherever, that are void */
	sim_time last;			/* SIM_NEVER: all is near */
	struct far *far;		/* NULL until needed */
	uint64_t arrivals;		/* arrival number of the last event */
	uint64_t *slots;		/* order of the live timer, 0 if none */
	uint32_t *slots_free;
	uint32_t slot_count, slot_cap, slot_free_count;
};

struct agenda *agenda_new(struct arena *arena)
{
	struct agenda *a = arena_new(arena, struct agenda);

	a->arena = *arena;
	a->near_max = NEAR_MAX;
	a->last = SIM_NEVER;
	a->slot_count = 1;
	return a;
}

/* -- the heap ------------------------------------------------------------ */

/* Without a jump: which of two events is earlier cannot be predicted. */
static inline bool before(const struct agenda_event *x,
			  const struct agenda_event *y)
{
	return (x->at < y->at) | ((x->at == y->at) & (x->order < y->order));
}

/*
 * Add a place for an event of this time and order; the caller fills it, and
 * sets near_count.  (Written where it stays: a copy by way of the stack is
 * read back before the processor has it together.)
 */
static inline struct agenda_event *heap_room(struct agenda_event *heap,
					     uint32_t i, sim_time at,
					     uint64_t order)
{
	const struct agenda_event key = { .at = at, .order = order };

	while (i > 0 && before(&key, &heap[(i - 1) / 4])) {
		heap[i] = heap[(i - 1) / 4];
		i = (i - 1) / 4;
	}
	return &heap[i];
}

static struct agenda_event *near_room(struct agenda *a, sim_time at,
				      uint64_t order)
{
	if (a->near_count == a->near_cap) {
		uint32_t cap = a->near_cap ? 2 * a->near_cap : 64;

		a->near = arena_grow(&a->arena, a->near,
				     a->near_cap * sizeof(*a->near),
				     cap * sizeof(*a->near));
		a->near_cap = cap;
	}
	return heap_room(a->near, a->near_count++, at, order);
}

/* Take the first event out: the last one looks for its place from the top. */
static void near_drop_first(struct agenda *a)
{
	struct agenda_event *heap = a->near;
	uint32_t count = --a->near_count, i = 0;
	struct agenda_event moved = heap[count];

	heap[count] = (struct agenda_event){0};
	if (!count)
		return;
	for (;;) {
		uint32_t child = 4 * i + 1, best = child;
		uint32_t end = child + 4 < count ? child + 4 : count;

		if (child >= count)
			break;
		for (uint32_t c = child + 1; c < end; c++)
			best = before(&heap[c], &heap[best]) ? c : best;
		if (!before(&heap[best], &moved))
			break;
		heap[i] = heap[best];
		i = best;
	}
	heap[i] = moved;
}

/* -- the wheels ---------------------------------------------------------- */

static bool is_void(const struct agenda *a, const struct agenda_event *e)
{
	return e->slot && a->slots[e->slot] != e->order;
}

/* The first digit in which two times differ; 0 if they do not. */
static inline unsigned digit_of(sim_time x, sim_time y)
{
	return (63u - (unsigned)__builtin_clzll((uint64_t)(x ^ y) | 1)) /
	       DIGIT_BITS;
}

static struct block *block_take(struct agenda *a)
{
	struct block *block = a->far->spare;

	if (!block)
		return arena_new(&a->arena, struct block);
	a->far->spare = block->next;
	a->far->spare_count--;
	return block;
}

/* Done with a block; the value is the next one. */
static struct block *block_drop(struct agenda *a, struct block *block)
{
	struct block *next = block->next;

	if (a->far->spare_count < SPARE_MAX) {
		block->next = a->far->spare;
		a->far->spare = block;
		a->far->spare_count++;
	} else {
		arena_free(&a->arena, block, sizeof(*block));
	}
	return next;
}

static struct agenda_event *far_room(struct agenda *a, sim_time at)
{
	unsigned w = digit_of(at, a->last);
	unsigned i = at >> w * DIGIT_BITS & (SLOTS - 1);
	struct wheel *wheel = &a->far->wheels[w];
	struct slot *slot = &wheel->slots[i];

	if (slot->room == 0) {
		struct block *block = block_take(a);

		block->next = slot->blocks;
		slot->blocks = block;
		slot->room = BLOCK_EVENTS;
		wheel->used |= UINT64_C(1) << i;
		a->far->used |= 1u << w;
	}
	slot->count++;
	a->far_count++;
	return &slot->blocks->events[--slot->room];
}

/* Take all blocks of a slot; `room` is how much of the first is unused. */
static struct block *slot_empty(struct agenda *a, unsigned w, unsigned i,
				uint32_t *room)
{
	struct wheel *wheel = &a->far->wheels[w];
	struct slot slot = wheel->slots[i];

	wheel->slots[i] = (struct slot){0};
	wheel->used &= ~(UINT64_C(1) << i);
	if (!wheel->used)
		a->far->used &= ~(1u << w);
	a->far_count -= slot.count;
	*room = slot.room;
	return slot.blocks;
}

/* Put the events of a slot where `last` wants them by now. */
static void spread(struct agenda *a, unsigned w, unsigned i)
{
	uint32_t room;
	struct block *block = slot_empty(a, w, i, &room);

	for (; block; block = block_drop(a, block), room = 0)
		for (uint32_t k = room; k < BLOCK_EVENTS; k++) {
			const struct agenda_event *e = &block->events[k];

			if (is_void(a, e))
				a->cancelled--;
			else if (e->at <= a->last)
				*near_room(a, e->at, e->order) = *e;
			else
				*far_room(a, e->at) = *e;
		}
}

/* Spread all slots of the wheels below number `end`. */
static void spread_wheels(struct agenda *a, unsigned end)
{
	for (unsigned w = 0; w < end && a->far->used >> w; w++) {
		uint64_t used = a->far->wheels[w].used;

		for (; used; used &= used - 1)
			spread(a, w, (unsigned)__builtin_ctzll(used));
	}
}

/*
 * Sort the few events of a slot.  Each one's place is how many come after it:
 * counted, because a jump on which of two is earlier cannot be predicted.
 */
static void make_ready(struct agenda *a, unsigned w, unsigned i)
{
	struct agenda_event e[OPEN_MAX];
	uint32_t place[OPEN_MAX] = {0}, n = 0, room;
	struct block *block = slot_empty(a, w, i, &room);

	for (; block; block = block_drop(a, block), room = 0)
		for (uint32_t k = room; k < BLOCK_EVENTS; k++) {
			if (is_void(a, &block->events[k]))
				a->cancelled--;
			else
				e[n++] = block->events[k];
		}
	for (uint32_t x = 1; x < n; x++)
		for (uint32_t y = 0; y < x; y++) {
			bool later = before(&e[x], &e[y]);

			place[x] += later;
			place[y] += !later;
		}
	for (uint32_t x = 0; x < n; x++)
		a->far->ready[place[x]] = e[x];
	a->ready_count = n;
}

static void unmake_ready(struct agenda *a)
{
	while (a->ready_count) {
		const struct agenda_event *e = &a->far->ready[--a->ready_count];

		*near_room(a, e->at, e->order) = *e;
	}
}

static void set_near_max(struct agenda *a)
{
	a->near_max = 2 * a->near_count;	/* many at one time: they stay */
	if (a->near_max < NEAR_MAX)
		a->near_max = NEAR_MAX;
}

/* Too much is near: only what happens first stays. */
static void spill(struct agenda *a)
{
	sim_time was = a->last;
	uint32_t kept = 0, count;

	if (!a->far)
		a->far = arena_new(&a->arena, struct far);
	unmake_ready(a);
	a->last = a->near[0].at;
	/* Below that digit, places were counted from where `last` was. */
	spread_wheels(a, digit_of(was, a->last));
	count = a->near_count;
	for (uint32_t i = 0; i < count; i++) {
		struct agenda_event event = a->near[i];

		a->near[i] = (struct agenda_event){0};
		if (event.at > a->last)
			*far_room(a, event.at) = event;
		else
			*heap_room(a->near, kept++, event.at, event.order) =
				event;
	}
	a->near_count = kept;
	set_near_max(a);
}

/* After many events of one time: such a heap is not kept. */
static void shrink_near(struct agenda *a)
{
	if (a->near_cap > 2 * NEAR_MAX) {
		arena_free(&a->arena, a->near, a->near_cap * sizeof(*a->near));
		a->near = NULL;
		a->near_cap = 0;
	}
}

/* Nothing is near: open the slot that holds what comes first. */
static void open_first(struct agenda *a)
{
	unsigned w = (unsigned)__builtin_ctz(a->far->used);
	unsigned i = (unsigned)__builtin_ctzll(a->far->wheels[w].used);
	const struct slot *slot = &a->far->wheels[w].slots[i];
	sim_time rest = ((sim_time)1 << w * DIGIT_BITS) - 1;
	sim_time start = slot->blocks->events[BLOCK_EVENTS - 1].at & ~rest;

	shrink_near(a);
	if (a->far_count <= NEAR_MAX / 2) {
		a->last = SIM_NEVER;
		spread_wheels(a, WHEELS);
	} else if (slot->count <= OPEN_MAX) {
		a->last = start + rest;
		make_ready(a, w, i);
	} else {
		a->last = start;
		spread(a, w, i);
	}
	set_near_max(a);
}

/* -- the agenda ---------------------------------------------------------- */

/* NULL: nothing is near. */
static inline const struct agenda_event *first(const struct agenda *a)
{
	const struct agenda_event *near = a->near, *ready;

	if (!a->ready_count)
		return a->near_count ? near : NULL;
	ready = &a->far->ready[a->ready_count - 1];
	return a->near_count && before(near, ready) ? near : ready;
}

static inline void drop_first(struct agenda *a, const struct agenda_event *e)
{
	if (e == a->near)
		near_drop_first(a);
	else
		a->ready_count--;
}

/* Bring a live event to the front. */
static void settle(struct agenda *a)
{
	for (;;) {
		const struct agenda_event *e = first(a);

		if (e && !is_void(a, e))
			return;
		if (e) {
			drop_first(a, e);
			a->cancelled--;
		} else if (a->far_count) {
			open_first(a);
		} else {
			a->last = SIM_NEVER;
			set_near_max(a);
			return;
		}
	}
}

static inline struct agenda_event *room(struct agenda *a, sim_time at,
					uint64_t order)
{
	assert(at >= 0);
	if (at <= a->last && a->near_count >= a->near_max)
		spill(a);
	return at > a->last ? far_room(a, at) : near_room(a, at, order);
}

static uint64_t next_order(struct agenda *a, enum agenda_class class)
{
	return (uint64_t)class << 56 | ++a->arrivals;
}

void agenda_push(struct agenda *a, sim_time at, enum agenda_class class,
		 uint16_t what, void *who, uint16_t arg)
{
	uint64_t order = next_order(a, class);

	*room(a, at, order) = (struct agenda_event){
		.at = at, .order = order,
		.who = who, .what = what, .arg = arg,
	};
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
	uint64_t order = next_order(a, class);
	uint32_t slot = slot_take(a);

	a->slots[slot] = order;
	*room(a, at, order) = (struct agenda_event){
		.at = at, .order = order,
		.who = who, .what = what, .arg = arg, .slot = slot,
	};
	return (struct timer){ .order = order, .slot = slot };
}

bool agenda_pending(const struct agenda *a, const struct timer *timer)
{
	return timer->slot && a->slots[timer->slot] == timer->order;
}

static uint32_t total(const struct agenda *a)
{
	return a->near_count + a->ready_count + a->far_count;
}

/* Throw out what was cancelled; order is total, so nothing else changes. */
static void purge(struct agenda *a)
{
	uint32_t kept = 0, count;

	unmake_ready(a);
	count = a->near_count;
	for (uint32_t i = 0; i < count; i++) {
		struct agenda_event event = a->near[i];

		a->near[i] = (struct agenda_event){0};
		if (is_void(a, &event))
			a->cancelled--;
		else
			*heap_room(a->near, kept++, event.at, event.order) =
				event;
	}
	a->near_count = kept;
	if (a->far)
		spread_wheels(a, WHEELS);
	assert(!a->cancelled);
}

/*
 * The slot can be used again at once: its void event still carries the old
 * order, which no later timer can have.
 */
void agenda_cancel(struct agenda *a, struct timer *timer)
{
	if (agenda_pending(a, timer)) {
		slot_free(a, timer->slot);
		if (++a->cancelled > 64 && a->cancelled > total(a) / 2)
			purge(a);
		settle(a);
	}
	*timer = (struct timer){0};
}

bool agenda_peek(struct agenda *a, struct agenda_event *out)
{
	const struct agenda_event *e = first(a);

	if (!e)
		return false;
	*out = *e;
	return true;
}

bool agenda_pop_until(struct agenda *a, sim_time until,
		      struct agenda_event *out)
{
	const struct agenda_event *e = first(a);

	if (!e || e->at > until)
		return false;
	*out = *e;
	if (out->slot)
		slot_free(a, out->slot);
	drop_first(a, e);
	e = first(a);
	if (!e || e->slot)
		settle(a);
	return true;
}

bool agenda_pop(struct agenda *a, struct agenda_event *out)
{
	return agenda_pop_until(a, SIM_NEVER, out);
}

uint64_t agenda_count(const struct agenda *a)
{
	return total(a) - a->cancelled;
}
