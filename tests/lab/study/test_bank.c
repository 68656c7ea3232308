/* test_bank.c - the questions a learner is asked
 *
 * Method: the real bank, every item on many seeds, and small broken banks in a
 * folder of the test's own.  Goal: whatever seed is drawn, an item has one
 * right answer, reasons for all, and does not give itself away; and a broken
 * item is told with its line.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/paths.h"
#include "lab/study/quiz.h"

enum { SEEDS = 200 };

static struct bank *the_bank(void)
{
	struct err err;
	struct bank *b = bank_load(".", &err);

	if (!b)
		fail_msg("%s", err.what);
	return b;
}

static struct question *ask(const struct bank_item *item, uint64_t variant)
{
	struct err err;
	struct question *q = question_new(item, variant, &err);

	if (!q)
		fail_msg("%s: %s", item->id, err.what);
	return q;
}

/* One right answer, distinct options, known names: on two hundred seeds. */
static void every_item_keeps_the_rules_on_every_seed(void **state)
{
	struct err err;
	struct catalog *c = catalog_load(".", &err);
	struct bank *b = the_bank();

	(void)state;
	assert_non_null(c);
	bank_lint(b, c, SEEDS);
	for (size_t i = 0; i < b->problems.count; i++) {
		struct text t = {0};

		problem_text(&b->problems.at[i], &t);
		print_error("%s\n", text_cstr(&t));
		text_free(&t);
	}
	assert_int_equal(b->problems.count, 0);
	bank_free(b);
	catalog_free(c);
}

/* curriculum.md 4.5: level 1 needs 8 for each competency, in this mix. */
static void the_unit_bigdata_has_what_the_curriculum_demands(void **state)
{
	static const char *const about[] = {
		"bigdata.five-vs", "bigdata.log-model", "bigdata.capacity",
		"bigdata.delivery", NULL,
	};
	size_t single = 0, kinds[ITEM_KIND_COUNT] = { 0 }, screens = 0;
	struct bank *b = the_bank();

	(void)state;
	for (const char *const *a = about; *a; a++) {
		size_t n = 0;

		for (size_t i = 0; i < b->count; i++)
			n += strcmp(b->items[i].competency, *a) == 0;
		if (n < 8)
			fail_msg("%s has %zu items", *a, n);
	}
	for (size_t i = 0; i < b->count; i++) {
		const struct bank_item *item = &b->items[i];

		if (strncmp(item->competency, "bigdata.", 8) != 0)
			continue;
		screens += item->has_screen;
		if (!item->has_screen && item->kind <= ITEM_CHOOSE)
			single++;
		else if (!item->has_screen)
			kinds[item->kind]++;
	}
	assert_true(single >= 10);
	assert_true(kinds[ITEM_MANY] >= 5);
	assert_true(kinds[ITEM_ORDER] >= 3);
	assert_true(kinds[ITEM_MATCH] >= 3);
	assert_true(kinds[ITEM_NUMBER] >= 5);
	assert_true(screens >= 6);
	bank_free(b);
}

static char *told(const struct question *q)
{
	struct text t = {0};

	question_json(q, &t);
	return text_take(&t);
}

static void the_same_variant_is_the_same_question(void **state)
{
	struct bank *a = the_bank(), *b = the_bank();

	(void)state;
	assert_int_equal(a->count, b->count);
	/* The second bank is asked from behind: order leaves no trace. */
	for (size_t i = a->count; i-- > 0;) {
		struct question *x = ask(&a->items[i], 77);
		struct question *other = ask(&b->items[i], 78);
		struct question *y = ask(&b->items[i], 77);
		char *one = told(x), *two = told(y), *three = told(other);

		assert_string_equal(one, two);
		if (a->items[i].generated)	/* behind the variant's digits */
			assert_string_not_equal(strchr(one, ','),
						strchr(three, ','));
		free(one);
		free(two);
		free(three);
		question_free(x);
		question_free(y);
		question_free(other);
	}
	bank_free(a);
	bank_free(b);
}

/* No place is right more often than luck makes it, and the longest option is
 * no hint either. */
static void place_and_length_tell_nothing(void **state)
{
	size_t right_at[ITEM_OPTIONS_MAX + 1][ITEM_OPTIONS_MAX] = { { 0 } };
	size_t asked[ITEM_OPTIONS_MAX + 1] = { 0 }, singles = 0, longest = 0;
	struct bank *b = the_bank();

	(void)state;
	for (size_t i = 0; i < b->count; i++) {
		size_t own = 0;

		if (b->items[i].kind > ITEM_CHOOSE)
			continue;
		singles++;
		for (uint64_t v = 1; v <= SEEDS; v++) {
			struct question *q = ask(&b->items[i], v);
			size_t best = 0;

			asked[q->count]++;
			for (size_t k = 0; k < q->count; k++) {
				right_at[q->count][k] += q->options[k].right;
				if (strlen(q->options[k].text) >
				    strlen(q->options[best].text))
					best = k;
			}
			own += q->options[best].right;
			question_free(q);
		}
		longest += own > SEEDS / 2;
	}
	for (size_t n = ITEM_OPTIONS_MIN; n <= ITEM_OPTIONS_MAX; n++)
		for (size_t k = 0; asked[n] >= 1000 && k < n; k++) {
			double share = (double)right_at[n][k] /
				       (double)asked[n];

			if (share * (double)n < 0.85 ||
			    share * (double)n > 1.15)
				fail_msg("place %zu of %zu is right in %.3f",
					 k + 1, n, share);
		}
	if (longest * 2 > singles)
		fail_msg("in %zu of %zu the longest option is right", longest,
			 singles);
	bank_free(b);
}

/* Answering each generated number with each of its own slips. */
static void a_known_slip_is_named(void **state)
{
	struct bank *b = the_bank();
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < b->count; i++) {
		struct question *q = ask(&b->items[i], 5);

		for (size_t k = 0; k < q->miss_count; k++) {
			struct text t = {0};
			struct grade g;

			text_addf(&t, "%.6f", q->misses[k].value);
			question_grade(q, text_cstr(&t), 0, &g);
			assert_true(g.understood);
			assert_false(g.right);
			assert_non_null(g.belief_text);
			named++;
			grade_release(&g);
			text_free(&t);
		}
		question_free(q);
	}
	assert_true(named >= 10);
	bank_free(b);
}

/* --- drawing -------------------------------------------------------------- */

static void a_quiz_is_its_seed(void **state)
{
	struct bank *b = the_bank();
	struct quiz a, c, d;
	bool same = true;

	(void)state;
	assert_true(quiz_draw(b, "bigdata", 3, 8, &a, NULL));
	assert_true(quiz_draw(b, "bigdata", 3, 8, &c, NULL));
	assert_true(quiz_draw(b, "bigdata", 4, 8, &d, NULL));
	assert_int_equal(a.count, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_ptr_equal(a.at[i]->item, c.at[i]->item);
		assert_int_equal(a.at[i]->variant, c.at[i]->variant);
		same = same && a.at[i]->item == d.at[i]->item;
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(a.at[i]->item, a.at[k]->item);
	}
	assert_false(same);
	quiz_release(&a);
	quiz_release(&c);
	quiz_release(&d);
	bank_free(b);
}

static void a_short_quiz_touches_every_competency(void **state)
{
	struct bank *b = the_bank();
	struct quiz q;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		assert_true(quiz_draw(b, "bigdata", seed, 4, &q, NULL));
		for (size_t i = 0; i < 4; i++)
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(
					q.at[i]->item->competency,
					q.at[k]->item->competency);
		quiz_release(&q);
	}
	bank_free(b);
}

static void what_nobody_wrote_about_is_said(void **state)
{
	struct bank *b = the_bank();
	struct quiz q;
	struct err err;

	(void)state;
	assert_false(quiz_draw(b, "kube.core", 1, 5, &q, &err));
	assert_non_null(strstr(err.what, "kube.core"));
	assert_int_equal(q.count, 0);
	assert_int_equal(quiz_size(b, NULL), b->count);
	assert_true(quiz_size(b, "bigdata.delivery") >= 8);
	bank_free(b);
}

/* --- broken banks ---------------------------------------------------------- */

static const char whole[] =
"return {\n"
"  format_version = 1, checked_on = '2026-01-02',\n"
"  beliefs = { b = 'Something.' },\n"
"  items = {\n"
"    { id = 'bigdata.five-vs.x', kind = 'recall', level = 1,\n"
"      competencies = { ['bigdata.five-vs'] = 1 },\n"
"      stem = 'What?', explain = 'So.',\n"
"      options = { { text = 'yes', right = true, why = 'y' },\n"
"        { text = 'no', belief = 'b', why = 'n' },\n"
"        { text = 'perhaps', belief = 'b', why = 'p' } },\n"
"      source = 'S', lesson = 'bigdata/log' },\n"
"  },\n"
"}\n";

struct broken {
	const char *from, *to;		/* what is changed in `whole` */
	const char *rule, *place;	/* "" : nothing is wrong */
};

static void lint_of(const char *from, const char *to, struct text *out)
{
	char path[] = "/tmp/test_bank_XXXXXX";
	const char *at = strstr(whole, from);
	struct text t = {0};
	struct bank *b;
	int fd = mkstemp(path);

	assert_true(fd >= 0 && at);
	close(fd);
	text_bytes(&t, whole, (size_t)(at - whole));
	text_add(&t, to);
	text_add(&t, at + strlen(from));
	assert_true(path_write(path, text_cstr(&t), t.len, NULL));
	b = bank_open(path);
	bank_lint(b, NULL, 3);
	for (size_t i = 0; i < b->problems.count; i++) {
		struct problem *p = &b->problems.at[i];

		text_addf(out, "%d: %s: %s\n", p->line, p->rule, p->message);
	}
	bank_free(b);
	unlink(path);
	text_free(&t);
}

static void a_broken_item_is_told_with_its_line(void **state)
{
	static const struct broken rows[] = {
		{ "stem = 'What?'", "stem = 'What?'", "", "" },
		{ "right = true, ", "belief = 'b', ", "one-right", "8: " },
		{ "belief = 'b', why = 'n'", "right = true, why = 'n'",
		  "one-right", "8: " },
		{ "belief = 'b', why = 'n'", "why = 'n'", "no-belief", "8: " },
		{ "belief = 'b', why = 'n'", "belief = 'c', why = 'n'",
		  "unknown-belief", "8: " },
		{ "'perhaps'", "'no'", "same-option", "5: " },
		{ "stem = 'What?', ", "", "stem", "5: " },
		{ "'recall'", "'recal'", "bad-value", "5: " },
		{ "kind = 'recall', ", "kind = 'number', answer = 5,", "toler",
		  "5: " },
		{ "level = 1,\n", "level = 7,\n", "range", "5: " },
		{ "2026-01-02", "soon", "checked-on", "5: " },
		{ "['bigdata.five-vs'] = 1", "['bigdata.five-vs'] = 0.5",
		  "weights", "6: " },
		{ "stem = 'What?', explain = 'So.',",
		  "make = function(rng) return { stem = 1 } end,", "make",
		  "7: " },
		{ "stem = 'What?', explain = 'So.',",
		  "make = function(rng) error('no luck') end,", "no luck",
		  "7: " },
		{ "stem = 'What?', explain = 'So.',",
		  "make = function(rng) while true do end end,", "make",
		  "7: " },
		{ "why = 'p'", "whi = 'p'", "unknown-key", "10: " },
		{ "{ text = 'no', belief = 'b', why = 'n' },", "", "options",
		  "5: " },
		{ "{ text = 'no', belief = 'b', why = 'n' },",
		  "{ text = '1', belief = 'b', why = 'n' },\n"
		  "{ text = '2', belief = 'b', why = 'n' },\n"
		  "{ text = '3', belief = 'b', why = 'n' },\n"
		  "{ text = '4', belief = 'b', why = 'n' },", "options",
		  "5: " },
		{ "return {", "return }", "lua", "1: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text out = {0};

		lint_of(rows[i].from, rows[i].to, &out);
		if (!*rows[i].rule ? out.len != 0 :
		    !strstr(text_cstr(&out), rows[i].rule) ||
		    strncmp(text_cstr(&out), rows[i].place,
			    strlen(rows[i].place)) != 0)
			fail_msg("row %zu, wanted %s%s:\n%s", i,
				 rows[i].place, rows[i].rule,
				 text_cstr(&out));
		text_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_keeps_the_rules_on_every_seed),
		cmocka_unit_test(
			the_unit_bigdata_has_what_the_curriculum_demands),
		cmocka_unit_test(the_same_variant_is_the_same_question),
		cmocka_unit_test(place_and_length_tell_nothing),
		cmocka_unit_test(a_known_slip_is_named),
		cmocka_unit_test(a_quiz_is_its_seed),
		cmocka_unit_test(a_short_quiz_touches_every_competency),
		cmocka_unit_test(what_nobody_wrote_about_is_said),
		cmocka_unit_test(a_broken_item_is_told_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
