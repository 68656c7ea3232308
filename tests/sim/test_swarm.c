/* test_swarm.c - random worlds keep their promises; a planted bug is found
 *
 * Method: seeds one after the other, as `millrace swarm` runs them.  The goal:
 * no promise is broken; with a follower that acknowledges before it writes,
 * one soon is, and it takes at most three faults to show it.
 */
#include "tests/test.h"

#include "sim/stack/stack.h"
#include "sim/stack/swarm.h"

#ifdef TEST_SANITIZED
#define SEEDS	40
#else
#define SEEDS	1000
#endif

static void drawn(struct swarm_plan *p, uint64_t seed, const char *planted)
{
	struct err err;

	assert_true(swarm_draw(p, "local-kafka", seed, &err));
	p->planted = planted;
}

static void no_seed_breaks_a_promise(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct swarm_plan p;
		struct swarm_result r;
		struct err err;

		drawn(&p, seed, NULL);
		assert_true(swarm_run(&p, SWARM_ALL, &r, &err));
		assert_int_equal(r.faults, p.fault_count);
		if (r.broken)
			fail_msg("seed %llu: %s: %s", (unsigned long long)seed,
				 r.broken, text_cstr(&r.why));
		swarm_result_release(&r);
	}
}

/* What swarms found, as few faults as were left of it: a reply to a fetch from
 * before a partition had changed its leader twice; a fetcher that waited for
 * the deadline of a fetch that had been answered; a member that took whoever a
 * wrong name had led it to for its coordinator, for good.  And one that the
 * promises had to learn: the last one in sync comes back with less, leads, and
 * is gone again before anybody has looked. */
static const struct swarm_plan once_broken[] = {
	{
		.seed = 10021, .world = "local-kafka", .brokers = 5,
		.settings = "brokers=5 partitions=3 rf=3 topic-min-isr=1 "
			    "devices=244 acks=1",
		.faults = {
			{ SIM_MS(8636), SIM_MS(10328),
			  "kill component=controller-1" },
			{ SIM_MS(6725), SIM_MS(19882), "lossy-link "
			  "component=broker-3 loss-ppm=109831" },
			{ SIM_MS(6402), SIM_MS(18782), "slow-link "
			  "component=broker-3 delay=321ms to=broker-4" },
		},
		.fault_count = 3, .safety_until = SIM_S(40), .core = 0x1f,
	}, {
		.seed = 2835, .world = "local-kafka", .brokers = 5,
		.settings = "brokers=5 partitions=3 rf=3 topic-min-isr=1 "
			    "devices=76 acks=all auto-rebalance=off",
		.faults = {
			{ SIM_MS(11530), SIM_MS(14675),
			  "restart component=broker-4" },
			{ SIM_MS(18309), SIM_MS(22742),
			  "kill component=controller-1" },
		},
		.fault_count = 2, .safety_until = SIM_S(40), .core = 0x1f,
	}, {
		.seed = 9712, .world = "local-kafka", .brokers = 5,
		.settings = "brokers=5 partitions=2 rf=3 topic-min-isr=1 "
			    "devices=238 acks=all auto-rebalance=off",
		.faults = {
			{ SIM_MS(19853), SIM_MS(7384),
			  "dns-wrong component=broker-5 to=broker-1" },
			{ SIM_MS(19234), SIM_MS(22899),
			  "restart component=broker-1" },
		},
		.fault_count = 2, .safety_until = SIM_S(32), .core = 0x1f,
	}, {
		.seed = 2075, .world = "local-kafka", .brokers = 5,
		.settings = "brokers=5 partitions=4 rf=3 topic-min-isr=1 "
			    "devices=330 acks=all auto-rebalance=on",
		.faults = {
			{ SIM_MS(27390), SIM_MS(9224),
			  "power-loss component=controller-1" },
			{ SIM_MS(36893), SIM_MS(1774),
			  "full-disk component=broker-5" },
			{ SIM_MS(29050), SIM_MS(4014),
			  "power-loss component=broker-5" },
		},
		.fault_count = 3, .safety_until = SIM_S(56), .core = 0x0f,
	},
};

static void what_once_broke_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(once_broken) / sizeof(*once_broken); i++) {
		struct swarm_result r;

		assert_true(swarm_run(&once_broken[i], SWARM_ALL, &r, NULL));
		if (r.broken)
			fail_msg("%s: %s", r.broken, text_cstr(&r.why));
		swarm_result_release(&r);
	}
}

static void a_planted_bug_is_found_and_shrunk(void **state)
{
	struct swarm_plan p;
	struct swarm_result r;
	uint32_t runs;
	uint64_t seed, mask;

	(void)state;
	for (seed = 1;; seed++) {
		assert_true(seed <= 20);
		drawn(&p, seed, "early-ack");
		assert_true(swarm_run(&p, SWARM_ALL, &r, NULL));
		if (r.broken)
			break;
		swarm_result_release(&r);
	}
	mask = swarm_shrink(&p, SWARM_ALL, &runs);
	assert_in_range(__builtin_popcountll(mask), 0, 3);
	assert_true(runs >= p.fault_count);
	swarm_result_release(&r);
	/* The shrunk plan shows it again; without the bug it shows nothing. */
	assert_true(swarm_run(&p, mask, &r, NULL));
	assert_non_null(r.broken);
	swarm_result_release(&r);
	p.planted = NULL;
	assert_true(swarm_run(&p, mask, &r, NULL));
	assert_null(r.broken);
	swarm_result_release(&r);
}

static void a_seed_is_all_there_is_to_tell(void **state)
{
	struct swarm_plan p, again;
	struct swarm_result r, s;

	(void)state;
	drawn(&p, 4711, NULL);
	drawn(&again, 4711, NULL);
	assert_memory_equal(&p, &again, sizeof(p));
	assert_true(swarm_run(&p, SWARM_ALL, &r, NULL));
	assert_true(swarm_run(&again, SWARM_ALL, &s, NULL));
	assert_true(r.digest == s.digest && r.events == s.events);
	swarm_result_release(&r);
	swarm_result_release(&s);
	drawn(&again, 4712, NULL);
	assert_memory_not_equal(p.faults, again.faults, sizeof(p.faults));
}

static void looking_changes_nothing(void **state)
{
	struct world *w = stack_world("local-kafka", 3, "", NULL);
	struct world *x = stack_world("local-kafka", 3, "", NULL);
	struct watch *v = watch_new();
	struct text why = {0};

	(void)state;
	for (int s = 1; s <= 30; s++) {
		world_run_until(w, SIM_S(s));
		world_run_until(x, SIM_S(s));
		assert_null(watch_look(v, w, true, &why));
		assert_true(stack_settled(w, 7, &why) || s < 20);
		text_clear(&why);
	}
	assert_true(world_digest(w) == world_digest(x));
	text_free(&why);
	watch_free(v);
	world_free(w);
	world_free(x);
}

static void another_world_has_no_swarm(void **state)
{
	struct swarm_plan p;
	struct err err;

	(void)state;
	assert_false(swarm_draw(&p, "compose-kafka", 1, &err));
	assert_string_equal(err.what, "compose-kafka: no swarm can be drawn for "
			    "it; there is one for local-kafka");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_seed_breaks_a_promise),
		cmocka_unit_test(what_once_broke_holds),
		cmocka_unit_test(a_planted_bug_is_found_and_shrunk),
		cmocka_unit_test(a_seed_is_all_there_is_to_tell),
		cmocka_unit_test(looking_changes_nothing),
		cmocka_unit_test(another_world_has_no_swarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
