/* test_durability.c - what an ack is worth when the leader dies
 *
 * Method: the world local-kafka with one setting of acks; the leader of one
 * partition is cut off for a moment and then killed, at a time drawn from the
 * seed; afterwards every acknowledged reading is looked for in the logs.  The
 * goal is the sum over 1,000 seeds: acks=1 must lose some, acks=all with
 * min.insync.replicas=2 none.
 */
#include "tests/test.h"

#include <stdio.h>

#include "sim/broker/broker.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

#ifdef TEST_SANITIZED
#define SEEDS	100	/* what is true of 1,000 the plain build shows */
#else
#define SEEDS	1000
#endif

/* Between 3 s and 4 s a follower's link is slow, so that the leader is ahead;
 * it dies somewhere in there and is back 12 s later. */
static void run(uint64_t seed, const char *acks, struct fleet_audit *audit)
{
	struct text line = {0};
	struct luck luck;
	struct world *w;
	struct err err;

	text_addf(&line, "acks=%s devices=200 apps=off", acks);
	w = stack_world("local-kafka", seed, text_cstr(&line), &err);
	assert_non_null(w);
	luck_init(&luck, seed, "test", "death");
	world_run_until(w, SIM_S(3));
	text_clear(&line);
	text_addf(&line, "fault kill component=broker-%d after=%lldms for=12s",
		  (int)luck_between(&luck, 1, 3),
		  (long long)luck_between(&luck, 0, 999));
	assert_true(world_command(w, text_cstr(&line), NULL, &err));
	assert_true(world_command(w, "fault slow-link component=broker-1 "
				  "delay=40ms for=2s", NULL, &err));
	text_free(&line);
	world_run_until(w, SIM_S(30));
	fleet_audit(w, fleet_find(w, "sensor"), audit);
	assert_int_equal(audit->unreadable, 0);
	assert_true(audit->acked > 4000);
	world_free(w);
}

static void acks_1_loses_when_the_leader_dies(void **state)
{
	uint64_t lost = 0, runs = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fleet_audit audit;

		run(seed, "1", &audit);
		lost += audit.lost;
		runs += audit.lost > 0;
	}
	print_message("acks=1: %llu of %d runs lost %llu acknowledged readings\n",
		      (unsigned long long)runs, SEEDS,
		      (unsigned long long)lost);
	assert_true(runs > 0);
}

static void acks_all_with_min_isr_2_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fleet_audit audit;

		run(seed, "all", &audit);
		if (audit.lost)
			print_message("seed %llu\n", (unsigned long long)seed);
		assert_int_equal(audit.lost, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acks_1_loses_when_the_leader_dies),
		cmocka_unit_test(acks_all_with_min_isr_2_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
