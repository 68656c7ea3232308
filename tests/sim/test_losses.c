/* test_losses.c - what a loss of power may take along, and what it may not
 *
 * Method: one partition on three brokers, looked at by a watch; followers die
 * or live when the leader's machine loses its power.  Alone in the in-sync set
 * it may lose its end; beside another it may not, and a log that is cut by hand
 * is found, whatever machines have lost their power.
 */
#include "tests/test.h"

#include "sim/broker/broker.h"
#include "sim/stack/invariants.h"
#include "sim/stack/stack.h"

struct fixture {
	struct world *w;
	struct watch *v;
	struct partition *p;
};

static void begin(struct fixture *f)
{
	struct err err;

	f->w = stack_world("local-kafka", 1, "partitions=1 topic-min-isr=1 "
			   "devices=200 auto-rebalance=off", &err);
	assert_non_null(f->w);
	f->v = watch_new();
	f->p = cluster_partition(f->w, cluster_of(f->w), "readings", 0);
	world_run_until(f->w, SIM_S(10));
}

static void end(struct fixture *f)
{
	watch_free(f->v);
	world_free(f->w);
}

static void strike(struct fixture *f, const char *kind, int32_t broker,
		   const char *span)
{
	struct text line = {0};
	struct err err;

	text_addf(&line, "fault %s component=broker-%d for=%s", kind,
		  broker + 1, span);
	if (!world_command(f->w, text_cstr(&line), NULL, &err))
		fail_msg("%s: %s", text_cstr(&line), err.what);
	text_free(&line);
}

static void watched(struct fixture *f, sim_time until, bool whole)
{
	const struct invariant *broken;
	struct text why = {0};

	while (world_now(f->w) < until) {
		world_run_until(f->w, world_now(f->w) + SIM_S(1));
		broken = watch_look(f->v, f->w, false, &why);
		if (broken)
			fail_msg("%s: %s", broken->id, text_cstr(&why));
	}
	broken = whole ? watch_look(f->v, f->w, true, &why) : NULL;
	if (broken)
		fail_msg("%s: %s", broken->id, text_cstr(&why));
	text_free(&why);
}

static struct replica *copy_on(const struct fixture *f, int32_t broker)
{
	return broker_replica(cluster_of(f->w)->brokers.at[broker], f->p->id);
}

/* The power of this broker's machine, at this very moment. */
static void power(struct fixture *f, int32_t broker)
{
	struct text why = {0};

	strike(f, "power-loss", broker, "20s");
	assert_null(watch_look(f->v, f->w, false, &why));
	text_free(&why);
}

static void who_is_alone_in_sync_may_lose_its_end(void **state)
{
	int32_t leader;
	struct fixture f;
	int64_t high;

	(void)state;
	begin(&f);
	leader = f.p->state.leader;
	for (int32_t b = 0; b < 3; b++)
		if (b != leader)
			strike(&f, "kill", b, "2m");
	watched(&f, SIM_S(40), false);
	assert_int_equal(f.p->state.isr, broker_bit(leader));
	high = copy_on(&f, leader)->high_watermark;
	power(&f, leader);
	watched(&f, SIM_S(200), true);
	/* It has happened, and it was much: the last seconds of the log. */
	assert_int_equal(f.p->state.isr, 7);
	assert_true(copy_on(&f, leader)->log.epochs.count > 1);
	assert_true(copy_on(&f, leader)->log.epochs.at[1].start_offset + 1000 <
		    high);
	end(&f);
}

static void beside_another_nothing_is_lost(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	watched(&f, SIM_S(40), false);
	power(&f, f.p->state.leader);
	watched(&f, SIM_S(120), true);
	assert_int_equal(f.p->state.isr, 7);
	end(&f);
}

/* All three at once: one is the last in the set, and may lead with less. */
static void without_any_power_the_last_one_counts(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	watched(&f, SIM_S(40), false);
	for (int32_t b = 0; b < 3; b++)
		power(&f, b);
	watched(&f, SIM_S(200), true);
	assert_int_equal(f.p->state.isr, 7);
	end(&f);
}

/* A follower has lost its power and was let in again; that is no licence for
 * the leader to have less. */
static void a_log_that_is_cut_is_found(void **state)
{
	struct text why = {0};
	const struct invariant *broken;
	struct fixture f;
	struct replica *r;
	int32_t leader;

	(void)state;
	begin(&f);
	leader = f.p->state.leader;
	watched(&f, SIM_S(40), false);
	power(&f, (leader + 1) % 3);
	watched(&f, SIM_S(120), true);
	r = copy_on(&f, leader);
	replica_cut(f.w, r, r->high_watermark - 100);
	broken = watch_look(f.v, f.w, false, &why);
	assert_non_null(broken);
	assert_string_equal(broken->id, "committed-stays");
	text_free(&why);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_alone_in_sync_may_lose_its_end),
		cmocka_unit_test(beside_another_nothing_is_lost),
		cmocka_unit_test(without_any_power_the_last_one_counts),
		cmocka_unit_test(a_log_that_is_cut_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
