/*
 * Who of a group reads what.  Method: the examples of the Javadoc of the four
 * assignors (Kafka 3.9, org.apache.kafka.clients.consumer) and of KIP-429, as
 * vectors worked out by hand; then random groups, of which the rules hold that
 * the assignors promise.
 */
#include "tests/test.h"

#include <string.h>

#include "sim/broker/assignor.h"
#include "sim/core/luck.h"

static const struct assign_topic three[] = {
	{ "t0", 1 }, { "t1", 2 }, { "t2", 3 },
};
static const struct assign_topic four_of_two[] = {
	{ "t0", 2 }, { "t1", 2 }, { "t2", 2 }, { "t3", 2 },
};
static const struct assign_topic two_of_three[] = { { "t0", 3 }, { "t1", 3 } };
static const struct assign_topic one_of_three[] = { { "t", 3 } };
static const uint32_t all[] = { 0, 1, 2, 3 };


/* Slots as letters: a is member 0. */
static void expect(enum assignor a, const struct assign_topic *topics,
		   uint32_t topic_count, const struct assign_member *members,
		   uint32_t count, const char *wanted)
{
	struct assign_problem p = { topics, topic_count, members, count };
	struct arena arena;
	int32_t owner[32];
	char got[33] = "";

	arena_init(&arena, 1 << 20);
	assign(&arena, a, &p, owner);
	for (uint32_t i = 0; i < assign_slots(&p); i++)
		got[i] = owner[i] < 0 ? '-' : (char)('a' + owner[i]);
	assert_string_equal(got, wanted);
	arena_release(&arena);
}

static void range_cuts_each_topic_into_runs(void **state)
{
	const struct assign_member m[] = {
		{ .id = "C0", .topics = all, .topic_count = 2 },
		{ .id = "C1", .topics = all, .topic_count = 2 },
	};

	(void)state;
	/* C0: t0p0 t0p1 t1p0 t1p1, C1: t0p2 t1p2 */
	expect(ASSIGNOR_RANGE, two_of_three, 2, m, 2, "aabaab");
}

static void range_goes_by_instance_before_member_id(void **state)
{
	const struct assign_member m[] = {
		{ .id = "A", .instance = "i2", .topics = all, .topic_count = 1 },
		{ .id = "B", .topics = all, .topic_count = 1 },
		{ .id = "C", .instance = "i1", .topics = all, .topic_count = 1 },
	};

	(void)state;
	expect(ASSIGNOR_RANGE, one_of_three, 1, m, 3, "cab");
}

static void round_robin_deals_all_partitions_in_a_circle(void **state)
{
	const struct assign_member m[] = {
		{ .id = "C0", .topics = all, .topic_count = 2 },
		{ .id = "C1", .topics = all, .topic_count = 2 },
	};

	(void)state;
	/* C0: t0p0 t0p2 t1p1, C1: t0p1 t1p0 t1p2 */
	expect(ASSIGNOR_ROUND_ROBIN, two_of_three, 2, m, 2, "ababab");
}

static void round_robin_skips_who_did_not_subscribe(void **state)
{
	const struct assign_member m[] = {
		{ .id = "C0", .topics = all, .topic_count = 1 },
		{ .id = "C1", .topics = all, .topic_count = 2 },
		{ .id = "C2", .topics = all, .topic_count = 3 },
	};

	(void)state;
	/* C0: t0p0, C1: t1p0, C2: t1p1 t2p0 t2p1 t2p2 */
	expect(ASSIGNOR_ROUND_ROBIN, three, 3, m, 3, "abcccc");
}

static void sticky_begins_like_round_robin(void **state)
{
	const struct assign_member m[] = {
		{ .id = "C0", .topics = all, .topic_count = 4 },
		{ .id = "C1", .topics = all, .topic_count = 4 },
		{ .id = "C2", .topics = all, .topic_count = 4 },
	};

	(void)state;
	/* C0: t0p0 t1p1 t3p0, C1: t0p1 t2p0 t3p1, C2: t1p0 t2p1 */
	expect(ASSIGNOR_STICKY, four_of_two, 4, m, 3, "abcabcab");
}

/* C1 of the last is gone: its t0p1, t2p0 and t3p1 are free, both need four.
 * (The Javadoc hands them out by another order; who keeps what is the same.) */
static void sticky_leaves_what_was_where_it_was(void **state)
{
	const uint32_t had0[] = { 0, 3, 6 }, had2[] = { 2, 5 };
	const struct assign_member m[] = {
		{ .id = "C0", .topics = all, .topic_count = 4, .owned = had0,
		  .owned_count = 3, .generation = 1 },
		{ .id = "C2", .topics = all, .topic_count = 4, .owned = had2,
		  .owned_count = 2, .generation = 1 },
	};

	(void)state;
	expect(ASSIGNOR_STICKY, four_of_two, 4, m, 2, "aababbab");
}

static void sticky_balances_subscriptions_that_differ(void **state)
{
	const uint32_t had1[] = { 1, 2 }, had2[] = { 3, 4, 5 };
	const struct assign_member first[] = {
		{ .id = "C0", .topics = all, .topic_count = 1 },
		{ .id = "C1", .topics = all, .topic_count = 2 },
		{ .id = "C2", .topics = all, .topic_count = 3 },
	};
	const struct assign_member then[] = {
		{ .id = "C1", .topics = all, .topic_count = 2, .owned = had1,
		  .owned_count = 2, .generation = 1 },
		{ .id = "C2", .topics = all, .topic_count = 3, .owned = had2,
		  .owned_count = 3, .generation = 1 },
	};

	(void)state;
	/* C0: t0p0, C1: t1p0 t1p1, C2: t2p0 t2p1 t2p2; then C0 is gone */
	expect(ASSIGNOR_STICKY, three, 3, first, 3, "abbccc");
	expect(ASSIGNOR_STICKY, three, 3, then, 2, "aaabbb");
}

/* KIP-429: B joins A, who has all three.  One of A's is to move: A keeps two,
 * the third is nobody's.  When A has given it up, B gets it. */
static void cooperative_hands_on_in_two_rounds(void **state)
{
	const uint32_t had[] = { 0, 1, 2 };
	struct assign_member m[] = {
		{ .id = "A", .topics = all, .topic_count = 1, .owned = had,
		  .owned_count = 3, .generation = 1 },
		{ .id = "B", .topics = all, .topic_count = 1,
		  .generation = -1 },
	};

	(void)state;
	expect(ASSIGNOR_COOPERATIVE, one_of_three, 1, m, 2, "aa-");
	m[0].owned_count = 2;
	m[0].generation = m[1].generation = 2;
	expect(ASSIGNOR_COOPERATIVE, one_of_three, 1, m, 2, "aab");
}

/* Two say they have t-0, in one generation: neither is believed; what was in
 * an older one is not theirs any more. */
static void claims_of_two_or_of_old_do_not_count(void **state)
{
	const uint32_t zero[] = { 0 }, two[] = { 2 };
	const struct assign_member twice[] = {
		{ .id = "A", .topics = all, .topic_count = 1, .owned = zero,
		  .owned_count = 1, .generation = 3 },
		{ .id = "B", .topics = all, .topic_count = 1, .owned = zero,
		  .owned_count = 1, .generation = 3 },
	};
	const struct assign_member old[] = {
		{ .id = "A", .topics = all, .topic_count = 1, .owned = zero,
		  .owned_count = 1, .generation = 3 },
		{ .id = "B", .topics = all, .topic_count = 1, .owned = two,
		  .owned_count = 1, .generation = 2 },
	};

	(void)state;
	expect(ASSIGNOR_COOPERATIVE, one_of_three, 1, twice, 2, "aba");
	expect(ASSIGNOR_STICKY, one_of_three, 1, old, 2, "aba");
}

/* -- random groups --------------------------------------------------------------- */

#define MEMBERS	7
#define TOPICS	3
#define SLOTS	32

struct random_group {
	struct assign_topic topics[TOPICS];
	struct assign_member members[MEMBERS];
	uint32_t lists[MEMBERS][TOPICS], owned[MEMBERS][SLOTS];
	char ids[MEMBERS][4];
	struct assign_problem p;
	int32_t owner[SLOTS];
};

static void make_group(struct random_group *g, struct luck *luck, bool same)
{
	static const char *const names[] = { "b", "a", "c" };

	g->p = (struct assign_problem){ g->topics, TOPICS, g->members,
		(uint32_t)luck_between(luck, 1, MEMBERS) };
	for (uint32_t t = 0; t < TOPICS; t++)
		g->topics[t] = (struct assign_topic){ names[t],
			(uint32_t)luck_between(luck, 1, 9) };
	for (uint32_t i = 0; i < g->p.member_count; i++) {
		struct assign_member *m = &g->members[i];

		g->ids[i][0] = (char)('z' - i);
		*m = (struct assign_member){ .id = g->ids[i],
			.topics = g->lists[i], .owned = g->owned[i],
			.generation = 1 };
		for (uint32_t t = 0; t < TOPICS; t++)
			if (same || luck_below(luck, 2))
				g->lists[i][m->topic_count++] = t;
	}
}

static uint32_t topic_of(const struct random_group *g, uint32_t slot)
{
	uint32_t t = 0;

	for (; slot >= g->topics[t].partitions; t++)
		slot -= g->topics[t].partitions;
	return t;
}

static bool reads(const struct random_group *g, int32_t member, uint32_t topic)
{
	const struct assign_member *m = &g->members[member];

	for (uint32_t i = 0; i < m->topic_count; i++)
		if (m->topics[i] == topic)
			return true;
	return false;
}

static bool any_reads(const struct random_group *g, uint32_t topic)
{
	for (uint32_t i = 0; i < g->p.member_count; i++)
		if (reads(g, (int32_t)i, topic))
			return true;
	return false;
}

static void own(struct random_group *g)
{
	for (uint32_t i = 0; i < g->p.member_count; i++)
		g->members[i].owned_count = 0;
	for (uint32_t s = 0; s < assign_slots(&g->p); s++)
		if (g->owner[s] >= 0) {
			struct assign_member *m = &g->members[g->owner[s]];

			g->owned[g->owner[s]][m->owned_count++] = s;
		}
}

static void check_range_of_counts(const struct random_group *g)
{
	uint32_t count[MEMBERS] = {0}, low = SLOTS, high = 0;

	for (uint32_t s = 0; s < assign_slots(&g->p); s++)
		count[g->owner[s]]++;
	for (uint32_t i = 0; i < g->p.member_count; i++) {
		low = count[i] < low ? count[i] : low;
		high = count[i] > high ? count[i] : high;
	}
	assert_true(high - low <= 1);
}

/* Everybody's partitions are of topics they read; all are given out; a second
 * round with nothing changed moves nothing; counts differ by one at most. */
static void random_groups_are_served_whole_and_evenly(void **state)
{
	struct arena arena;
	struct luck luck;

	(void)state;
	arena_init(&arena, 1 << 20);
	luck_init(&luck, 11, "test", "assignor");
	for (int i = 0; i < 4000; i++) {
		enum assignor a = (enum assignor)(i % ASSIGNORS);
		struct random_group g = {0};
		int32_t was[SLOTS];
		bool same = i & 4;

		make_group(&g, &luck, same);
		assign(&arena, a, &g.p, g.owner);
		for (uint32_t s = 0; s < assign_slots(&g.p); s++) {
			uint32_t t = topic_of(&g, s);

			assert_true(g.owner[s] < 0 ? !any_reads(&g, t) :
				    reads(&g, g.owner[s], t));
		}
		if (same && a != ASSIGNOR_RANGE)
			check_range_of_counts(&g);
		own(&g);
		memcpy(was, g.owner, sizeof(was));
		assign(&arena, a, &g.p, g.owner);
		assert_memory_equal(was, g.owner, sizeof(was));
	}
	arena_release(&arena);
}

/* Members come; what one of them has is not given to another in the same round,
 * and the second round leaves nothing with nobody.  (Where subscriptions differ
 * it may take a third: what was free goes to the one with the fewest, and that
 * can make another move worth it.) */
static void a_second_round_completes_every_cooperative_one(void **state)
{
	struct arena arena;
	struct luck luck;

	(void)state;
	arena_init(&arena, 1 << 20);
	luck_init(&luck, 12, "test", "assignor");
	for (int i = 0; i < 2000; i++) {
		struct random_group g = {0};
		int32_t was[SLOTS];
		uint32_t members;

		make_group(&g, &luck, i & 1);
		members = g.p.member_count;
		g.p.member_count = (uint32_t)luck_between(&luck, 1,
							  members);
		assign(&arena, ASSIGNOR_COOPERATIVE, &g.p, g.owner);
		own(&g);
		g.p.member_count = members;
		memcpy(was, g.owner, sizeof(was));
		assign(&arena, ASSIGNOR_COOPERATIVE, &g.p, g.owner);
		for (uint32_t s = 0; s < assign_slots(&g.p); s++)
			assert_true(was[s] < 0 || g.owner[s] < 0 ||
				    g.owner[s] == was[s]);
		for (int more = 0; more < (i & 1 ? 1 : 2); more++) {
			own(&g);
			assign(&arena, ASSIGNOR_COOPERATIVE, &g.p, g.owner);
		}
		for (uint32_t s = 0; s < assign_slots(&g.p); s++)
			assert_true(g.owner[s] >= 0 ||
				    !any_reads(&g, topic_of(&g, s)));
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(range_cuts_each_topic_into_runs),
		cmocka_unit_test(range_goes_by_instance_before_member_id),
		cmocka_unit_test(round_robin_deals_all_partitions_in_a_circle),
		cmocka_unit_test(round_robin_skips_who_did_not_subscribe),
		cmocka_unit_test(sticky_begins_like_round_robin),
		cmocka_unit_test(sticky_leaves_what_was_where_it_was),
		cmocka_unit_test(sticky_balances_subscriptions_that_differ),
		cmocka_unit_test(cooperative_hands_on_in_two_rounds),
		cmocka_unit_test(claims_of_two_or_of_old_do_not_count),
		cmocka_unit_test(random_groups_are_served_whole_and_evenly),
		cmocka_unit_test(a_second_round_completes_every_cooperative_one),
	};

	return cmocka_run_group_tests_name("assignor", tests, NULL, NULL);
}
