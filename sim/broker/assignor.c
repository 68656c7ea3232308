/* assignor.c - who of a group reads which partition */
#include "sim/broker/assignor.h"

#include <string.h>

const char *assignor_name(enum assignor a)
{
	static const char *const names[] = {
		[ASSIGNOR_RANGE] = "range",
		[ASSIGNOR_ROUND_ROBIN] = "roundrobin",
		[ASSIGNOR_STICKY] = "sticky",
		[ASSIGNOR_COOPERATIVE] = "cooperative-sticky",
	};

	return names[a];
}

const char *assignor_class(enum assignor a)
{
	static const char *const names[] = {
		[ASSIGNOR_RANGE] = "RangeAssignor",
		[ASSIGNOR_ROUND_ROBIN] = "RoundRobinAssignor",
		[ASSIGNOR_STICKY] = "StickyAssignor",
		[ASSIGNOR_COOPERATIVE] = "CooperativeStickyAssignor",
	};

	return names[a];
}

/* -- members and slots in order --------------------------------------------- */

/* What an assignor works with; all rows are in the arena. */
struct work {
	const struct assign_problem *p;
	int32_t *owner;
	uint32_t slots;
	uint32_t *order;		/* members, sorted */
	uint32_t *by_name;		/* slots, topics sorted by name */
	uint32_t *topic;		/* of a slot */
	uint32_t *count;		/* slots of a member */
	int32_t *claim;			/* who had the slot; -1: nobody */
	int32_t *before;		/* who had it in an older generation */
};

uint32_t assign_slots(const struct assign_problem *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->topic_count; i++)
		n += p->topics[i].partitions;
	return n;
}

static bool member_before(const struct assign_member *x,
			  const struct assign_member *y)
{
	if (x->instance && y->instance)
		return strcmp(x->instance, y->instance) < 0;
	if (x->instance || y->instance)
		return x->instance != NULL;
	return strcmp(x->id, y->id) < 0;
}

static void sort_members(struct work *k)
{
	const struct assign_member *m = k->p->members;

	for (uint32_t i = 0; i < k->p->member_count; i++) {
		uint32_t at = i;

		for (; at && member_before(&m[i], &m[k->order[at - 1]]); at--)
			k->order[at] = k->order[at - 1];
		k->order[at] = i;
	}
}

static bool takes(const struct work *k, uint32_t member, uint32_t topic)
{
	const struct assign_member *m = &k->p->members[member];

	for (uint32_t i = 0; i < m->topic_count; i++)
		if (m->topics[i] == topic)
			return true;
	return false;
}

/* Is a topic named before another?  Small lists: each is looked for. */
static bool named_before(const struct work *k, uint32_t x, uint32_t y)
{
	return strcmp(k->p->topics[x].name, k->p->topics[y].name) < 0;
}

/* Fill `by_name` and `topic`. */
static void sort_slots(struct work *k)
{
	uint32_t n = 0, first = 0;

	for (uint32_t t = 0; t < k->p->topic_count; t++)
		for (uint32_t i = 0; i < k->p->topics[t].partitions; i++)
			k->topic[n++] = t;
	n = 0;
	for (uint32_t t = 0; t < k->p->topic_count; t++) {
		uint32_t before = 0;

		for (uint32_t o = 0; o < k->p->topic_count; o++)
			if (named_before(k, o, t))
				before += k->p->topics[o].partitions;
		for (uint32_t i = 0; i < k->p->topics[t].partitions; i++)
			k->by_name[before + i] = first + i;
		first += k->p->topics[t].partitions;
	}
}

static void give(struct work *k, uint32_t slot, uint32_t member)
{
	if (k->owner[slot] >= 0)
		k->count[k->owner[slot]]--;
	k->owner[slot] = (int32_t)member;
	k->count[member]++;
}

/* -- range, round robin ------------------------------------------------------- */

static void assign_range(struct work *k)
{
	uint32_t base = 0;

	for (uint32_t t = 0; t < k->p->topic_count; t++) {
		uint32_t partitions = k->p->topics[t].partitions;
		uint32_t readers = 0, nth = 0;

		for (uint32_t i = 0; i < k->p->member_count; i++)
			readers += takes(k, i, t);
		for (uint32_t i = 0; i < k->p->member_count; i++) {
			uint32_t first, count;

			if (!takes(k, k->order[i], t))
				continue;
			range_assign(partitions, readers, nth++, &first,
				     &count);
			for (uint32_t j = first; j < first + count; j++)
				give(k, base + j, k->order[i]);
		}
		base += partitions;
	}
}

static void assign_round_robin(struct work *k)
{
	uint32_t members = k->p->member_count, next = 0;

	for (uint32_t i = 0; i < k->slots; i++) {
		uint32_t slot = k->by_name[i], tried = 0;

		while (tried < members &&
		       !takes(k, k->order[next], k->topic[slot])) {
			next = (next + 1) % members;
			tried++;
		}
		if (tried == members)
			continue;	/* nobody wants it */
		give(k, slot, k->order[next]);
		next = (next + 1) % members;
	}
}

/* -- sticky: who had what ------------------------------------------------------ */

static int32_t newest_generation(const struct work *k)
{
	int32_t newest = -1;

	for (uint32_t i = 0; i < k->p->member_count; i++)
		if (k->p->members[i].generation > newest)
			newest = k->p->members[i].generation;
	return newest;
}

/* One member says it had a slot.  Of two generations the newer is right; of
 * two members in one, none. */
static void claim(struct work *k, uint32_t slot, uint32_t member, bool newest)
{
	if (!takes(k, member, k->topic[slot]))
		return;
	if (!newest)
		k->before[slot] = (int32_t)member;
	else if (k->claim[slot] == -1)
		k->claim[slot] = (int32_t)member;
	else
		k->claim[slot] = -2;
}

static void take_claims(struct work *k)
{
	int32_t newest = newest_generation(k);

	for (uint32_t i = 0; i < k->p->member_count; i++) {
		const struct assign_member *m = &k->p->members[k->order[i]];

		for (uint32_t o = 0; o < m->owned_count; o++)
			if (m->owned[o] < k->slots)
				claim(k, m->owned[o], k->order[i],
				      m->generation == newest);
	}
	for (uint32_t i = 0; i < k->slots; i++)
		if (k->claim[i] == -2)
			k->claim[i] = -1;
}

static bool all_want_the_same(const struct work *k)
{
	for (uint32_t t = 0; t < k->p->topic_count; t++)
		for (uint32_t i = 1; i < k->p->member_count; i++)
			if (takes(k, i, t) != takes(k, 0, t))
				return false;
	return true;
}

/* -- sticky, when all subscribe to the same topics ----------------------------- */

/* Keep the first `keep` of what a member had. */
static void keep_claims(struct work *k, uint32_t member, uint32_t keep)
{
	for (uint32_t i = 0; i < k->slots && keep; i++)
		if (k->claim[k->by_name[i]] == (int32_t)member) {
			give(k, k->by_name[i], member);
			keep--;
		}
}

static uint32_t claims_of(const struct work *k, uint32_t member)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->slots; i++)
		n += k->claim[i] == (int32_t)member;
	return n;
}

/* Quotas: all get `low`, and so many of them one more. */
struct quota {
	uint32_t low, more;
};

/* A member keeps what it had up to its quota; as long as there are places for
 * one more, one more.  What is over is free again. */
static void keep_within(struct work *k, struct quota *q)
{
	for (uint32_t i = 0; i < k->p->member_count; i++) {
		uint32_t member = k->order[i];
		uint32_t had = claims_of(k, member);
		bool more = had > q->low && q->more;

		q->more -= more;
		keep_claims(k, member, q->low + more);
	}
}

/* ConstrainedAssignmentBuilder: in turns to those below the lower quota, then
 * to those at it, as long as there are places for one more. */
static uint32_t next_below(const struct work *k, uint32_t from, uint32_t limit)
{
	uint32_t members = k->p->member_count;

	for (uint32_t i = 0; i < members; i++) {
		uint32_t at = (from + i) % members;

		if (k->count[k->order[at]] < limit)
			return at;
	}
	return members;
}

static void assign_constrained(struct work *k)
{
	uint32_t members = k->p->member_count, wanted = 0, turn = 0;
	struct quota q;

	for (uint32_t i = 0; i < k->slots; i++)
		wanted += takes(k, 0, k->topic[i]);
	q = (struct quota){ wanted / members, wanted % members };
	keep_within(k, &q);
	for (uint32_t i = 0; i < k->slots; i++) {
		uint32_t slot = k->by_name[i], at;

		if (k->owner[slot] >= 0 || !takes(k, 0, k->topic[slot]))
			continue;
		at = next_below(k, turn, q.low);
		if (at == members)
			at = next_below(k, 0, q.low + 1);
		if (at == members)
			return;
		give(k, slot, k->order[at]);
		turn = (at + 1) % members;
	}
}

/* -- sticky, when subscriptions differ ------------------------------------------ */

static uint32_t readers_of(const struct work *k, uint32_t slot)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->p->member_count; i++)
		n += takes(k, i, k->topic[slot]);
	return n;
}

/* The one with the fewest slots of those who take the topic. */
static int32_t least_loaded(const struct work *k, uint32_t slot)
{
	int32_t best = -1;

	for (uint32_t i = 0; i < k->p->member_count; i++) {
		uint32_t m = k->order[i];

		if (takes(k, m, k->topic[slot]) &&
		    (best < 0 || k->count[m] < k->count[best]))
			best = (int32_t)m;
	}
	return best;
}

/* Partitions few can read come first (PartitionComparator). */
static void sort_by_readers(const struct work *k, uint32_t *list)
{
	for (uint32_t i = 0; i < k->slots; i++) {
		uint32_t slot = k->by_name[i], at = i;

		for (; at && readers_of(k, slot) < readers_of(k, list[at - 1]);
		     at--)
			list[at] = list[at - 1];
		list[at] = slot;
	}
}

/* Sum of differences over all pairs: getBalanceScore. */
static uint64_t imbalance(const struct work *k)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < k->p->member_count; i++)
		for (uint32_t o = 0; o < i; o++)
			sum += k->count[i] > k->count[o] ?
			       k->count[i] - k->count[o] :
			       k->count[o] - k->count[i];
	return sum;
}

/* Move one slot to whom it helps: back to its former owner, or to the one with
 * the fewest. */
static bool improve(struct work *k, uint32_t slot)
{
	int32_t now = k->owner[slot], to = k->before[slot];

	if (now < 0)
		return false;
	if (to < 0 || k->count[now] <= k->count[to] + 1)
		to = least_loaded(k, slot);
	if (k->count[now] <= k->count[to] + 1)
		return false;
	give(k, slot, (uint32_t)to);
	return true;
}

/* Until nothing gets better; `free_only`: of those nobody had. */
static bool balance(struct work *k, const uint32_t *list, bool free_only)
{
	bool moved, ever = false;

	do {
		moved = false;
		for (uint32_t i = 0; i < k->slots; i++)
			if (!free_only || k->claim[list[i]] < 0)
				moved |= improve(k, list[i]);
		ever |= moved;
	} while (moved);
	return ever;
}

/* Simplified: of several partitions that could move, the real one looks for
 * the one that undoes an earlier move (PartitionMovements). */
static void assign_general(struct work *k, struct arena *arena)
{
	size_t size = k->slots * sizeof(uint32_t);
	uint32_t *list = arena_take(arena, size);
	int32_t *kept = arena_take(arena, size);
	bool fresh = true;
	uint64_t was;

	for (uint32_t i = 0; i < k->slots; i++)
		if (k->claim[i] >= 0) {
			give(k, i, (uint32_t)k->claim[i]);
			fresh = false;
		}
	sort_by_readers(k, list);
	for (uint32_t i = 0; i < k->slots; i++)
		if (k->owner[list[i]] < 0 && readers_of(k, list[i]))
			give(k, list[i], (uint32_t)least_loaded(k, list[i]));
	memcpy(kept, k->owner, size);
	was = imbalance(k);
	balance(k, list, true);
	if (balance(k, list, false) && !fresh && imbalance(k) >= was)
		for (uint32_t i = 0; i < k->slots; i++)
			if (kept[i] >= 0)
				give(k, i, (uint32_t)kept[i]);
	arena_free(arena, list, size);
	arena_free(arena, kept, size);
}

static void assign_sticky(struct work *k, struct arena *arena)
{
	take_claims(k);
	if (all_want_the_same(k))
		assign_constrained(k);
	else
		assign_general(k, arena);
}

/* CooperativeStickyAssignor.adjustAssignment: what moves is nobody's yet. */
static void withhold_moves(struct work *k)
{
	for (uint32_t i = 0; i < k->slots; i++)
		if (k->claim[i] >= 0 && k->owner[i] != k->claim[i])
			k->owner[i] = -1;
}

/* -- all of them ---------------------------------------------------------------- */

static void run(struct work *k, struct arena *arena, enum assignor a)
{
	switch (a) {
	case ASSIGNOR_RANGE:
		assign_range(k);
		break;
	case ASSIGNOR_ROUND_ROBIN:
		assign_round_robin(k);
		break;
	case ASSIGNOR_COOPERATIVE:
		assign_sticky(k, arena);
		withhold_moves(k);
		break;
	default:
		assign_sticky(k, arena);
		break;
	}
}

void assign(struct arena *arena, enum assignor a,
	    const struct assign_problem *p, int32_t *owner)
{
	uint32_t members = p->member_count, slots = assign_slots(p);
	size_t size = (2 * members + 4 * slots) * sizeof(uint32_t);
	uint32_t *row;
	struct work k = { .p = p, .owner = owner, .slots = slots };

	for (uint32_t i = 0; i < slots; i++)
		owner[i] = -1;
	if (!members || !slots)
		return;
	row = arena_take(arena, size);
	k.order = row;
	k.count = row + members;
	k.by_name = row + 2 * members;
	k.topic = k.by_name + slots;
	k.claim = (int32_t *)(k.topic + slots);
	k.before = k.claim + slots;
	for (uint32_t i = 0; i < members; i++)
		k.count[i] = 0;
	for (uint32_t i = 0; i < slots; i++)
		k.claim[i] = k.before[i] = -1;
	sort_members(&k);
	sort_slots(&k);
	run(&k, arena, a);
	arena_free(arena, row, size);
}
