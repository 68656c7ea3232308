/* test_cohort.c - model: cohorts against an array with a word for each device
 *
 * Random faults of either sort begin and end, over each other and round the
 * end, with merges in between; after each step every device must be what the
 * array says, and the cohorts must tile the fleet.
 */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/device/cohort.h"

#define DEVICES	997
#define FAULTS	8

struct device {
	int holding, losing;
	uint32_t rate_mhz;
};

struct on {
	uint32_t first, count;
	int holding, losing;
};

static void apply(struct device *model, const struct on *f, int by)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct device *d = &model[(f->first + i) % DEVICES];

		d->holding += by * f->holding;
		d->losing += by * f->losing;
	}
}

static void tiles(const struct cohorts *c)
{
	uint32_t next = 0, out = 0;

	for (uint32_t i = 0; i < c->all.count; i++) {
		assert_int_equal(c->all.at[i].first, next);
		assert_true(c->all.at[i].count > 0);
		next += c->all.at[i].count;
		out += cohort_path(&c->all.at[i]) != PATH_UP;
	}
	assert_int_equal(next, DEVICES);
	assert_int_equal(out, c->out);
}

static void same(const struct cohorts *c, const struct device *model)
{
	tiles(c);
	for (uint32_t i = 0; i < DEVICES; i++) {
		const struct cohort *x = cohort_of(c, i);

		assert_true(x->first <= i && i < x->first + x->count);
		if (x->holding != model[i].holding ||
		    x->losing != model[i].losing ||
		    x->rate_mhz != model[i].rate_mhz)
			fail_msg("device %u", i);
		assert_int_equal(cohort_path(x), model[i].losing ? PATH_LOST :
				 model[i].holding ? PATH_HELD : PATH_UP);
	}
}

/* Cohorts that no merge could make fewer. */
static uint32_t fewest(const struct device *model)
{
	uint32_t n = 1;

	for (uint32_t i = 1; i < DEVICES; i++)
		n += memcmp(&model[i], &model[i - 1], sizeof(*model)) != 0;
	return n;
}

static void random_faults(uint64_t seed)
{
	static struct device model[DEVICES];
	struct on faults[FAULTS] = {{0}};
	struct cohorts c = {0};
	struct arena arena;
	struct luck luck;

	luck_init(&luck, seed, "test", "cohort");
	arena_init(&arena, 1 << 20);
	memset(model, 0, sizeof(model));
	cohorts_add(&c, &arena, 600, 1000);
	cohorts_add(&c, &arena, DEVICES - 600, 250);
	for (int i = 0; i < DEVICES; i++)
		model[i].rate_mhz = i < 600 ? 1000 : 250;
	for (int step = 0; step < 300; step++) {
		struct on *f = &faults[luck_below(&luck, FAULTS)];
		bool begin = !f->count;

		if (begin) {
			f->first = (uint32_t)luck_below(&luck, DEVICES);
			f->count = 1 + (uint32_t)luck_below(&luck, DEVICES);
			f->holding = (int)luck_below(&luck, 2);
			f->losing = !f->holding;
		}
		cohorts_change(&c, &arena, f->first, f->count,
			       begin ? f->holding : -f->holding,
			       begin ? f->losing : -f->losing);
		apply(model, f, begin ? 1 : -1);
		if (!begin)
			f->count = 0;
		same(&c, model);
		if (luck_chance(&luck, 1, 3)) {
			cohorts_merge(&c);
			assert_int_equal(c.all.count, fewest(model));
			same(&c, model);
		}
	}
	arena_release(&arena);
}

static void every_device_is_what_the_array_says(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		random_faults(seed);
}

static void healed_devices_are_one_cohort_again(void **state)
{
	struct cohorts c = {0};
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	cohorts_add(&c, &arena, 1000000, 1000);
	cohorts_change(&c, &arena, 700000, 500000, 1, 0);
	assert_int_equal(c.all.count, 3);	/* it goes round the end */
	assert_int_equal(c.out, 2);
	cohorts_change(&c, &arena, 700000, 500000, -1, 0);
	assert_int_equal(c.all.count, 3);	/* until somebody merges */
	assert_int_equal(cohorts_merge(&c), 2);
	assert_int_equal(c.all.count, 1);
	assert_int_equal(c.all.at[0].count, 1000000);
	assert_int_equal(c.out, 0);
	arena_release(&arena);
}

static void members_are_those_that_counting_finds(void **state)
{
	static const uint32_t partitions[] = { 1, 2, 3, 7, 64 };
	struct luck luck;

	(void)state;
	luck_init(&luck, 5, "test", "members");
	for (int i = 0; i < 2000; i++) {
		uint32_t parts = partitions[luck_below(&luck, 5)];
		uint32_t p = (uint32_t)luck_below(&luck, parts);
		uint32_t first = (uint32_t)luck_below(&luck, 500);
		uint32_t count = (uint32_t)luck_below(&luck, 500), n = 0;

		for (uint32_t d = first; d < first + count; d++)
			if (d % parts == p)
				assert_int_equal(cohort_member(first, p, parts,
							       n++), d);
		assert_int_equal(cohort_members(first, count, p, parts), n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_device_is_what_the_array_says),
		cmocka_unit_test(healed_devices_are_one_cohort_again),
		cmocka_unit_test(members_are_those_that_counting_finds),
	};

	return cmocka_run_group_tests_name("cohort", tests, NULL, NULL);
}
