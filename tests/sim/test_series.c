/* test_series.c - the series index and the sample store
 *
 * Method: hand-made sets, and random selectors against a walk over all series.
 * Goal: what is selected is exactly what matches; samples come back in order;
 * going back in time forgets what came later; numbers print as they should.
 */
#include "tests/test.h"

#include "tests/sim/promql_world.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void the_same_labels_are_one_series(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct series *a = series_parse(w, db, "up{job=\"x\",instance=\"1\"}");

	(void)state;
	assert_ptr_equal(series_parse(w, db, "up{instance=\"1\",job=\"x\"}"), a);
	assert_ptr_not_equal(series_parse(w, db, "up{job=\"x\"}"), a);
	assert_ptr_not_equal(series_parse(w, db, "down{job=\"x\"}"), a);
	assert_int_equal(db->series.count, 3);
	assert_int_equal(a->id, 0);
	world_free(w);
}

static void samples_are_linked_back(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct series *s[2];
	uint64_t at;
	int n = 10000;		/* several chunks */

	(void)state;
	s[0] = series_parse(w, db, "a");
	s[1] = series_parse(w, db, "b");
	for (int i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			assert_int_equal(tsdb_append(w, db, s[k], i, i * 2 + k),
					 SAMPLE_APPENDED);
	for (int k = 0; k < 2; k++) {
		int i = n;

		for (at = s[k]->last; at; at = tsdb_sample(w, db, at)->before) {
			const struct sample *x = tsdb_sample(w, db, at);

			i--;
			assert_int_equal(x->t_ms, i);
			assert_true(x->v == i * 2 + k);
		}
		assert_int_equal(i, 0);
		assert_int_equal(s[k]->samples, n);
	}
	assert_int_equal(db->appended, 2 * n);
	world_free(w);
}

static void old_samples_are_refused_and_counted(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct series *s = series_parse(w, db, "a");

	(void)state;
	assert_int_equal(tsdb_append(w, db, s, 10, 1), SAMPLE_APPENDED);
	assert_int_equal(tsdb_append(w, db, s, 9, 1), SAMPLE_OUT_OF_ORDER);
	assert_int_equal(tsdb_append(w, db, s, 10, 2), SAMPLE_DUPLICATE);
	assert_int_equal(tsdb_append(w, db, s, 10, 1), SAMPLE_APPENDED);
	assert_int_equal(db->appended, 1);	/* the same again is nothing */
	assert_int_equal(db->out_of_order, 1);
	assert_int_equal(db->duplicates, 1);
	world_free(w);
}

static void the_staleness_marker_survives_storage(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct series *s = series_parse(w, db, "a");
	uint64_t bits;
	double v;

	(void)state;
	tsdb_append(w, db, s, 1, number_stale());
	v = tsdb_sample(w, db, s->last)->v;
	memcpy(&bits, &v, sizeof(bits));
	assert_true(bits == UINT64_C(0x7ff0000000000002));
	assert_true(number_is_stale(v));
	assert_false(number_is_stale(number_nan()));
	world_free(w);
}

static void going_back_forgets_later_samples(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct series *s = series_parse(w, db, "a");

	(void)state;
	tsdb_append(w, db, s, 1, 1);
	world_snapshot(w);
	world_run_until(w, SIM_S(1));
	tsdb_append(w, db, s, 2, 2);
	series_parse(w, db, "b");
	world_rewind(w, 0);
	assert_int_equal(db->series.count, 1);
	assert_int_equal(s->last_ms, 1);
	assert_int_equal(tsdb_sample(w, db, s->last)->before, 0);
	tsdb_append(w, db, s, 3, 3);
	assert_int_equal(tsdb_sample(w, db, s->last)->t_ms, 3);
	world_free(w);
}

/* -- selecting, against a walk over everything --------------------------- */

static bool naive(const struct world *w, const struct tsdb *db,
		  const struct series *s, const struct matcher *m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		name_id name = names_find(&w->state->names, m[i].name);
		name_id value = name ? series_label(db, s, name) : 0;

		if (!matcher_accepts(&m[i], world_text(w, value)))
			return false;
	}
	return true;
}

static void selecting_finds_exactly_what_matches(void **state)
{
	static const char *const names[] = { "__name__", "job", "pod", "zone",
					     "nope" };
	static const char *const values[] = { "", "a", "b", "c", "m1", "a|b",
					      ".*", ".+", "[ab]", "m.", "x" };
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct luck luck;

	(void)state;
	luck_init(&luck, 11, "test", "select");
	for (int i = 0; i < 300; i++) {
		struct text t = {0};

		text_addf(&t, "m%d{", (int)luck_below(&luck, 4));
		for (int k = 1; k < 4; k++)
			if (luck_chance(&luck, 2, 3))
				text_addf(&t, "%s=\"%c\",", names[k],
					  (char)('a' + luck_below(&luck, 5)));
		text_char(&t, '}');
		series_parse(w, db, text_cstr(&t));
		text_free(&t);
	}
	for (int i = 0; i < 5000; i++) {
		struct matcher m[3] = {{0}};
		uint32_t n = 1 + (uint32_t)luck_below(&luck, 3), k = 0;
		struct pool pool = {0};
		struct selection found;

		for (uint32_t j = 0; j < n; j++) {
			m[j].type = (enum match_type)luck_below(&luck, 4);
			m[j].name = names[luck_below(&luck, COUNT(names))];
			m[j].value = values[luck_below(&luck, COUNT(values))];
			if (m[j].type >= MATCH_REGEX)
				m[j].regex = regex_compile(&pool, m[j].value,
							   NULL);
		}
		found = tsdb_select(w, db, m, n, &pool);
		for (uint32_t j = 0; j < db->series.count; j++) {
			if (!naive(w, db, db->series.at[j], m, n))
				continue;
			assert_true(k < found.count);
			assert_ptr_equal(found.series[k], db->series.at[j]);
			k++;
		}
		assert_int_equal(k, found.count);
		pool_release(&pool);
	}
	world_free(w);
}

/* An equality looks at its own series only. */
static void selecting_does_not_walk_everything(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);
	struct pool pool = {0};
	struct matcher m[] = {
		{ .type = MATCH_EQUAL, .name = "__name__", .value = "m" },
		{ .type = MATCH_EQUAL, .name = "pod", .value = "7" },
		{ .type = MATCH_NOT_EQUAL, .name = "job", .value = "x" },
	};
	struct selection found;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char text[64];

		snprintf(text, sizeof(text), "m{pod=\"%d\"}", i);
		series_parse(w, db, text);
	}
	found = tsdb_select(w, db, m, 3, &pool);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.looked_at, 1);
	m[1].value = "nobody";
	found = tsdb_select(w, db, m, 3, &pool);
	assert_int_equal(found.count, 0);
	assert_int_equal(found.looked_at, 0);
	pool_release(&pool);
	world_free(w);
}

static void cardinality_is_counted(void **state)
{
	struct world *w = series_world();
	struct tsdb *db = tsdb_new(w);

	(void)state;
	series_parse(w, db, "m{pod=\"1\",job=\"x\"}");
	series_parse(w, db, "m{pod=\"2\",job=\"x\"}");
	series_parse(w, db, "n{job=\"x\"}");
	assert_int_equal(tsdb_label(w, db, "pod")->values.count, 2);
	assert_int_equal(tsdb_label(w, db, "pod")->series, 2);
	assert_int_equal(tsdb_label(w, db, "job")->series, 3);
	assert_int_equal(tsdb_label(w, db, "__name__")->values.count, 2);
	assert_null(tsdb_label(w, db, "nope"));
	assert_int_equal(tsdb_pairs(db), 5);
	world_free(w);
}

/* -- numbers ------------------------------------------------------------- */

static void numbers_print_as_go_prints_them(void **state)
{
	static const struct {
		double v;
		const char *text, *plain;
	} row[] = {
		{ 0, "0", "0" }, { -0.0, "-0", "-0" }, { 1, "1", "1" },
		{ -2.5, "-2.5", "-2.5" }, { 0.1, "0.1", "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004", "0.30000000000000004" },
		{ 1e-7, "1e-07", "0.0000001" },
		{ 1.5e-300, "1.5e-300", NULL },
		{ 1e20, "100000000000000000000", "100000000000000000000" },
		{ 1e21, "1e+21", "1000000000000000000000" },
		{ 123456789012345678.0, "123456789012345680", NULL },
		{ 5e-324, "5e-324", NULL },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308", NULL },
		{ 1.7976931348623157e308, "1.7976931348623157e+308", NULL },
		{ 999999999999999, "999999999999999", NULL },
		{ 1.0 / 3, "0.3333333333333333", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct text t = {0};

		number_text(&t, row[i].v);
		assert_string_equal(text_cstr(&t), row[i].text);
		text_clear(&t);
		number_plain(&t, row[i].v);
		if (row[i].plain)
			assert_string_equal(text_cstr(&t), row[i].plain);
		text_free(&t);
	}
}

static bool same(double a, double b)
{
	return a == b || (a != a && b != b);
}

static void arithmetic_needs_no_libm(void **state)
{
	struct luck luck;
	double out;

	(void)state;
	luck_init(&luck, 5, "test", "numbers");
	for (int i = 0; i < 20000; i++) {
		/* squares of whole numbers below 2^26 have exact roots */
		double n = (double)luck_below(&luck, 1 << 26);
		double root = number_sqrt(n * n + 1);

		assert_true(number_sqrt(n * n) == n);
		assert_true(root >= n && root <= n + 1);
		/* whole numbers: as integers do it */
		assert_true(number_mod(n, 977) ==
			    (double)((int64_t)n % 977));
		assert_true(number_mod(-n, 977) ==
			    (double)(-(int64_t)n % 977));
		assert_true(number_floor(n / 7) == (double)((int64_t)n / 7));
		assert_true(number_floor(-n / 8) ==
			    -(double)(((int64_t)n + 7) / 8));
	}
	assert_true(number_sqrt(2) == 1.4142135623730951);
	assert_true(number_mod(1e300, 7) == 1);
	assert_true(number_mod(1e300, 7.25) == 6.5);
	assert_true(number_mod(5.5, 2) == 1.5);
	assert_true(same(number_mod(1, 0), number_nan()));
	assert_true(number_ceil(-0.5) == 0 && number_ceil(1.2) == 2);
	assert_true(number_pow(2, 10, &out) && out == 1024);
	assert_true(number_pow(2, -1074, &out) && out == 5e-324);
	assert_true(number_pow(-2, 3, &out) && out == -8);
	assert_true(number_pow(10, 400, &out) && number_is_inf(out));
	assert_true(number_pow(0.5, 5000, &out) && out == 0);
	assert_true(number_pow(9, 0.5, &out) && out == 3);
	assert_false(number_pow(2, 0.3, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_labels_are_one_series),
		cmocka_unit_test(samples_are_linked_back),
		cmocka_unit_test(old_samples_are_refused_and_counted),
		cmocka_unit_test(the_staleness_marker_survives_storage),
		cmocka_unit_test(going_back_forgets_later_samples),
		cmocka_unit_test(selecting_finds_exactly_what_matches),
		cmocka_unit_test(selecting_does_not_walk_everything),
		cmocka_unit_test(cardinality_is_counted),
		cmocka_unit_test(numbers_print_as_go_prints_them),
		cmocka_unit_test(arithmetic_needs_no_libm),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
