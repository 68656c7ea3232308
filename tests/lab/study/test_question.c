/* test_question.c - reading and grading an answer
 *
 * Method: tables of what somebody may type, against small items of the test's
 * own.  Goal: who knows the answer does not fail on its form, and who is wrong
 * is told why.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/paths.h"
#include "lab/progress/event.h"
#include "lab/progress/progress.h"
#include "lab/study/question.h"

static const char source[] =
"return { format_version = 1, checked_on = '2026-01-02',\n"
"  beliefs = { b = 'Bits are bytes.', c = 'Something else.' },\n"
"  items = {\n"
"  { id = 'a.single', kind = 'recall', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'Which?', explain = 'So.',\n"
"    options = { { text = 'red', right = true, why = 'it is' },\n"
"      { text = 'green', belief = 'b', why = 'not green' },\n"
"      { text = 'blue', belief = 'c', why = 'not blue' } } },\n"
"  { id = 'a.many', kind = 'many', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'Which are?', explain = 'So.',\n"
"    options = { { text = 'two', right = true, why = 'even' },\n"
"      { text = 'four', right = true, why = 'even, too' },\n"
"      { text = 'three', belief = 'c', why = 'odd' } } },\n"
"  { id = 'a.order', kind = 'order', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'First?', explain = 'So.',\n"
"    order = { { text = 'dawn', why = 'before noon' },\n"
"      { text = 'noon', why = 'before dusk' },\n"
"      { text = 'dusk', why = 'last' } } },\n"
"  { id = 'a.match', kind = 'match', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'Which to which?', explain = 'So.',\n"
"    pairs = { { left = 'one', right = 'uno', why = 'Latin' },\n"
"      { left = 'two', right = 'due', why = 'Latin' },\n"
"      { left = 'three', right = 'tre', why = 'Latin' } } },\n"
"  { id = 'a.bytes', kind = 'number', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'How much?', explain = 'So.',\n"
"    answer = 1742, unit = 'GB', tolerance = 0.02,\n"
"    misses = { { value = 217.75, belief = 'b', why = 'divided by 8' } } },\n"
"  { id = 'a.rate', kind = 'number', level = 1,\n"
"    competencies = { ['bigdata.five-vs'] = 1 }, source = 'S',\n"
"    lesson = 'bigdata/log', stem = 'How fast?', explain = 'So.',\n"
"    answer = 4800, unit = 'records/s', tolerance = 0.02,\n"
"    misses = { { value = 80, belief = 'c', why = 'a minute' } } },\n"
"} }\n";

static struct bank *bank;

static int open_bank(void **state)
{
	char path[] = "/tmp/test_question_XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || !path_write(path, source, sizeof(source) - 1, NULL))
		return -1;
	close(fd);
	bank = bank_open(path);
	bank_lint(bank, NULL, 1);
	unlink(path);
	return bank->problems.errors ? -1 : 0;
}

static int close_bank(void **state)
{
	(void)state;
	bank_free(bank);
	return 0;
}

static struct question *ask(const char *id, uint64_t variant)
{
	struct err err;
	struct question *q = question_new(bank_item(bank, id), variant, &err);

	assert_non_null(q);
	return q;
}

static size_t place_of(const struct question *q, const char *text)
{
	size_t i = 0;

	while (strcmp(q->options[i].text, text) != 0)
		i++;
	return i;
}

static void a_choice_is_read_by_number_letter_and_words(void **state)
{
	(void)state;
	for (uint64_t v = 1; v <= 6; v++) {
		struct question *q = ask("a.single", v);
		int at = (int)place_of(q, "red");
		char number[] = { (char)('1' + at), '\0' };
		char letter[] = { ' ', (char)('A' + at), ')', '\n', '\0' };
		const char *forms[] = { number, letter, "Red", "red " };

		for (size_t i = 0; i < 4; i++) {
			struct grade g;

			question_grade(q, forms[i], SURE_LIKELY, &g);
			assert_true(g.understood);
			assert_true(g.right);
			assert_string_equal(text_cstr(&g.given), number);
			assert_string_equal(text_cstr(&g.chosen), "it is");
			assert_null(g.belief);
			grade_release(&g);
		}
		question_free(q);
	}
}

static void a_wrong_choice_names_its_belief(void **state)
{
	struct question *q = ask("a.single", 3);
	struct grade g;

	(void)state;
	question_grade(q, "green", SURE_SURE, &g);
	assert_true(g.understood);
	assert_false(g.right);
	assert_string_equal(text_cstr(&g.chosen), "not green");
	assert_string_equal(g.belief_text, "Bits are bytes.");
	assert_non_null(g.remark);
	grade_release(&g);
	question_grade(q, "blue", SURE_LIKELY, &g);
	assert_string_equal(g.belief, "c");
	assert_null(g.remark);
	grade_release(&g);
	question_free(q);
}

/* Not understood is not wrong: what is said, and what must be in it. */
static void what_cannot_be_read_is_told(void **state)
{
	static const char *const rows[][3] = {
		{ "a.single", "", "nothing was answered" },
		{ "a.single", "4", "there are 1 to 3" },
		{ "a.single", "0", "numbers" },
		{ "a.single", "1 2", "one option is right" },
		{ "a.single", "what?", "numbers" },
		{ "a.many", "1 1", "twice" },
		{ "a.order", "1 2", "all 3" },
		{ "a.match", "1a 2a 3b", "twice" },
		{ "a.match", "1a", "all 3" },
		{ "a.match", "1a 1b 2c", "two letters" },
		{ "a.match", "4a", "3 pairs" },
		{ "a.bytes", "many", "does not begin with a number" },
		{ "a.bytes", "1,5", "two ways" },
		{ "a.bytes", "1742 s", "something else" },
		{ "a.bytes", "1742 GB/s", "something else" },
		{ "a.bytes", "1742 parsec", "no unit" },
		{ "a.bytes", "nan", "number" },
		{ "a.bytes", "1e999", "number" },
		{ "a.bytes", "1.2.3", "number" },
		{ "a.rate", "4800 records", "something else" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct question *q = ask(rows[i][0], 2);
		struct grade g;

		question_grade(q, rows[i][1], SURE_LIKELY, &g);
		if (g.understood || !strstr(g.trouble.what, rows[i][2]))
			fail_msg("\"%s\": %s", rows[i][1], g.understood ?
				 "understood" : g.trouble.what);
		grade_release(&g);
		question_free(q);
	}
}

static void numbers_come_in_any_unit_of_the_kind(void **state)
{
	static const struct {
		const char *id, *typed;
		bool right;
	} rows[] = {
		{ "a.bytes", "1742", true },
		{ "a.bytes", "1 742 GB", true },
		{ "a.bytes", "1,742 GB", true },
		{ "a.bytes", "1.742 TB", true },
		{ "a.bytes", "1.742e3", true },
		{ "a.bytes", "1742e9 B", true },
		{ "a.bytes", "1742000MB", true },
		{ "a.bytes", "~1750", true },
		{ "a.bytes", "1622.4 GiB", true },
		{ "a.bytes", "1742 GiB", false },
		{ "a.bytes", "13936 Gbit", true },
		{ "a.bytes", "217.75", false },
		{ "a.bytes", "-1742", false },
		{ "a.bytes", "1800", false },
		{ "a.rate", "4800 records/s", true },
		{ "a.rate", "4.8k", true },
		{ "a.rate", "4.8 k records/s", true },
		{ "a.rate", "288 000 records/min", true },
		{ "a.rate", "0.0048 million", true },
		{ "a.rate", "4800 records/min", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct question *q = ask(rows[i].id, 1);
		struct grade g;

		question_grade(q, rows[i].typed, SURE_LIKELY, &g);
		if (!g.understood || g.right != rows[i].right)
			fail_msg("\"%s\": %s", rows[i].typed, g.understood ?
				 text_cstr(&g.given) : g.trouble.what);
		grade_release(&g);
		question_free(q);
	}
}

static void a_slip_is_told_from_a_number_that_is_only_wrong(void **state)
{
	struct question *q = ask("a.bytes", 1);
	struct grade g;

	(void)state;
	question_grade(q, "218", SURE_LIKELY, &g);
	assert_string_equal(text_cstr(&g.chosen), "divided by 8");
	assert_string_equal(g.belief, "b");
	grade_release(&g);
	question_grade(q, "500", SURE_LIKELY, &g);
	assert_non_null(strstr(text_cstr(&g.chosen), "too small"));
	assert_null(g.belief);
	assert_string_equal(text_cstr(&g.wanted), "1742 GB");
	grade_release(&g);
	question_free(q);
}

/* For every kind: the right answer, written as it is told, is right; what it
 * is not, is not. */
static void the_answer_that_is_told_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < bank->count; i++)
		for (uint64_t v = 1; v <= 12; v++) {
			struct question *q = ask(bank->items[i].id, v);
			struct reply right;
			struct text t = {0};
			struct grade g;

			reply_right(q, &right);
			reply_text(q, &right, &t);
			question_grade(q, text_cstr(&t), SURE_LIKELY, &g);
			assert_true(g.understood);
			assert_true(g.right);
			grade_release(&g);
			text_free(&t);
			question_free(q);
		}
}

static void of_many_each_difference_is_explained(void **state)
{
	struct question *q = ask("a.many", 1);
	char typed[8];
	struct grade g;

	(void)state;
	snprintf(typed, sizeof(typed), "%zu,%zu", place_of(q, "three") + 1,
		 place_of(q, "two") + 1);
	question_grade(q, typed, SURE_LIKELY, &g);
	assert_false(g.right);
	assert_non_null(strstr(text_cstr(&g.chosen), "odd"));
	assert_non_null(strstr(text_cstr(&g.chosen), "even, too"));
	assert_string_equal(g.belief, "c");
	grade_release(&g);
	question_free(q);
}

static void an_order_is_corrected_at_its_first_fault(void **state)
{
	struct question *q = ask("a.order", 1);
	char typed[8];
	struct grade g;

	(void)state;
	snprintf(typed, sizeof(typed), "%zu%zu%zu", place_of(q, "dawn") + 1,
		 place_of(q, "dusk") + 1, place_of(q, "noon") + 1);
	question_grade(q, typed, SURE_LIKELY, &g);
	assert_true(g.understood);
	assert_false(g.right);
	assert_non_null(strstr(text_cstr(&g.chosen), "before dusk"));
	assert_null(strstr(text_cstr(&g.chosen), "before noon"));
	grade_release(&g);
	question_free(q);
}

static void what_goes_into_the_record_has_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < bank->count; i++) {
		struct question *q = ask(bank->items[i].id, 9);
		struct reply right;
		struct text t = {0}, body = {0};
		struct grade g;
		struct err err;
		json_t *json;

		reply_right(q, &right);
		reply_text(q, &right, &t);
		question_grade(q, text_cstr(&t), SURE_SURE, &g);
		question_event(q, &g, SURE_SURE, false, &body);
		json = json_loads(text_cstr(&body), 0, NULL);
		if (!json || !event_check(EVENT_ITEM_ANSWERED, json, &err))
			fail_msg("%s: %s", text_cstr(&body), err.what);
		assert_int_equal(json_integer_value(json_object_get(json,
				 "options")), question_guesses(q));
		json_decref(json);
		grade_release(&g);
		text_free(&body);
		text_free(&t);
		question_free(q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_choice_is_read_by_number_letter_and_words),
		cmocka_unit_test(a_wrong_choice_names_its_belief),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(numbers_come_in_any_unit_of_the_kind),
		cmocka_unit_test(
			a_slip_is_told_from_a_number_that_is_only_wrong),
		cmocka_unit_test(the_answer_that_is_told_is_right),
		cmocka_unit_test(of_many_each_difference_is_explained),
		cmocka_unit_test(an_order_is_corrected_at_its_first_fault),
		cmocka_unit_test(what_goes_into_the_record_has_its_form),
	};

	return cmocka_run_group_tests(tests, open_bank, close_bank);
}
