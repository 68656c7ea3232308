/* test_fault.c - the ledger: one fault at one place, healed in any order */
#include "tests/test.h"

#include "sim/fault/fault.h"
#include "sim/stack/stack.h"

static struct world *lab(void)
{
	struct world *w = stack_world("local-kafka", 1, "", NULL);

	assert_non_null(w);
	world_run_until(w, SIM_S(5));
	return w;
}

static void refused(struct world *w, const char *line, const char *why)
{
	struct err err;

	assert_false(world_command(w, line, NULL, &err));
	assert_string_equal(err.what, why);
}

static void done(struct world *w, const char *line)
{
	struct err err;

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

/* Its healthy value would be lost. */
static void one_thing_is_not_broken_twice(void **state)
{
	struct world *w = lab();
	const struct disk *d = &machine_find(w, "broker-2")->disk;

	(void)state;
	done(w, "fault slow-disk component=broker-2 times=50");
	refused(w, "fault slow-disk component=broker-2 times=9",
		"slow-disk: it is on there already, as fault 1; heal that "
		"first");
	done(w, "fault slow-disk component=broker-1");
	assert_int_equal(d->slow, 50);
	done(w, "heal 1");
	assert_int_equal(d->slow, 1);
	done(w, "fault slow-disk component=broker-2 times=9");
	assert_int_equal(d->slow, 9);
	assert_int_equal(faults_of(w)->ledger.count, 3);
	world_free(w);
}

/* A second that was planned finds it on, and does nothing. */
static void planned_twice_is_once(void **state)
{
	struct world *w = lab();
	struct process *p = process_find(w, "broker-3");

	(void)state;
	done(w, "fault memory-limit component=broker-3 mib=4000 after=1s "
		"for=10s");
	done(w, "fault memory-limit component=broker-3 mib=3000 after=2s "
		"for=2s");
	world_run_until(w, SIM_S(8));
	assert_int_equal(p->footprint.limit_bytes, INT64_C(4000) << 20);
	assert_int_equal(faults_of(w)->ledger.at[1]->healed_at, SIM_S(7));
	world_run_until(w, SIM_S(20));
	assert_int_equal(p->footprint.limit_bytes, 0);
	world_free(w);
}

static void links_can_be_worse_and_worse(void **state)
{
	struct world *w = lab();

	(void)state;
	done(w, "fault slow-link component=broker-1 delay=10ms");
	done(w, "fault slow-link component=broker-1 delay=20ms");
	done(w, "fault lossy-link component=broker-1");
	assert_int_equal(hosts_of(w)->rules.count, 3);
	done(w, "heal 1");
	done(w, "heal 3");
	done(w, "heal 2");
	assert_int_equal(hosts_of(w)->rules.count, 0);
	world_free(w);
}

static void what_is_planned_can_be_taken_back(void **state)
{
	struct world *w = lab();

	(void)state;
	done(w, "fault kill component=broker-1 after=5s for=5s");
	done(w, "heal 1");
	world_run_until(w, SIM_S(30));
	assert_int_equal(process_find(w, "broker-1")->incarnation, 1);
	assert_int_equal(faults_of(w)->ledger.at[0]->healed_at, SIM_S(5));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_thing_is_not_broken_twice),
		cmocka_unit_test(planned_twice_is_once),
		cmocka_unit_test(links_can_be_worse_and_worse),
		cmocka_unit_test(what_is_planned_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
