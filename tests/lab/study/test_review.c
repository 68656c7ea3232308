/* test_review.c - what is asked again, and whether it was recalled
 *
 * Method: the choice for some minutes against trying every choice there is; a
 * table of answers to cards; every card of every module.  Goal: the minutes at
 * hand bring the most they can, and no card can be got by typing anything.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/card_word.h"
#include "lab/course/lint.h"
#include "lab/paths.h"
#include "lab/study/review.h"
#include "sim/core/luck.h"

enum { DUE_MAX = 10 };

static int64_t worth_of(const struct due *d)
{
	int64_t lost = (int64_t)(1000 * (1 - d->recall));

	return lost > 1 ? lost : 1;
}

/* The model: every set that fits. */
static int64_t best_by_trying(const struct dues *dues, int minutes)
{
	int64_t best = 0;

	for (unsigned set = 0; set < 1u << dues->count; set++) {
		int64_t value = 0, time = 0;

		for (size_t i = 0; i < dues->count; i++) {
			if (!(set >> i & 1))
				continue;
			value += worth_of(&dues->at[i]);
			time += dues->at[i].minutes;
		}
		if (time <= minutes && value > best)
			best = value;
	}
	return best;
}

static void the_minutes_at_hand_bring_the_most_they_can(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct due at[DUE_MAX] = { { 0 } };
		bool picked[DUE_MAX];
		struct dues dues = { .at = at };
		struct luck luck;
		int64_t value = 0;
		int minutes, used, time = 0;

		luck_init(&luck, seed, "test", "dues");
		dues.count = (size_t)luck_between(&luck, 0, DUE_MAX);
		minutes = (int)luck_between(&luck, 0, 60);
		for (size_t i = 0; i < dues.count; i++) {
			at[i].minutes = luck_between(&luck, 1, 25);
			at[i].recall = (double)luck_between(&luck, 0, 1000) /
				       1000;
		}
		used = review_pick(&dues, minutes, picked);
		for (size_t i = 0; i < dues.count; i++) {
			value += picked[i] ? worth_of(&at[i]) : 0;
			time += picked[i] ? (int)at[i].minutes : 0;
		}
		assert_int_equal(used, time);
		assert_true(time <= minutes);
		if (value != best_by_trying(&dues, minutes))
			fail_msg("seed %d: %d, not the best", (int)seed,
				 (int)value);
	}
}

static void a_word_is_found_however_it_is_written(void **state)
{
	static const struct {
		const char *typed, *wanted;
		bool there;
	} rows[] = {
		{ "700", "700", true },
		{ "it is 700.", "700", true },
		{ "700/s", "700", true },
		{ "1 700", "700", false },
		{ "7000", "700", false },
		{ "70", "700", false },
		{ "700.5", "700", false },
		{ "0.700", "700", false },
		{ "10,000 records", "10000", true },
		{ "10000", "10 000", true },
		{ "Each Group has its own", "group", true },
		{ "groups", "group", true },
		{ "regroup", "group", false },
		{ "nothing at all", "none|nothing", true },
		{ "no", "none|nothing", false },
		{ "not_enough_replicas!", "NOT_ENOUGH_REPLICAS", true },
		{ "R-m away", "R - m|R-m", true },
		{ "set enable.idempotence=true", "enable.idempotence", true },
		{ "", "a", false },
		{ "anything", "", false },
		{ "anything", "|", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (card_has_word(rows[i].typed, rows[i].wanted) !=
		    rows[i].there)
			fail_msg("\"%s\" in \"%s\"", rows[i].wanted,
				 rows[i].typed);
}

static struct catalog *course(void)
{
	struct err err;
	struct catalog *c = catalog_load(".", &err);

	if (!c)
		fail_msg("%s", err.what);
	return c;
}

static struct card card_of(const struct catalog *c, const char *id)
{
	struct card card;
	struct err err;

	if (!card_load(c, id, &card, &err))
		fail_msg("%s", err.what);
	return card;
}

/* Every card of the course: its own answer is right, silence is not, and a
 * checked one is not got by a word that says nothing. */
static void every_card_can_be_answered_and_not_by_anything(void **state)
{
	struct catalog *c = course();
	size_t cards = 0;

	(void)state;
	for (size_t i = 0; i < c->module_count; i++) {
		struct text folder = {0};
		struct exercise *m;

		catalog_folder(c, c->modules[i], &folder);
		m = exercise_load(text_cstr(&folder));
		assert_true(exercise_good(m));
		for (size_t n = 1; n <= card_count(m); n++, cards++) {
			struct text id = {0};
			struct card_grade g;
			struct card card;

			card_name(m->id, n, &id);
			card = card_of(c, text_cstr(&id));
			assert_non_null(catalog_competency(c,
							   card.competency));
			card_grade(&card, card.answer, &g);
			assert_true(g.recalled);
			card_grade_release(&g);
			card_grade(&card, " ", &g);
			assert_false(g.recalled);
			assert_true(g.was_checked);
			card_grade_release(&g);
			card_grade(&card, "I remember that well", &g);
			assert_false(g.recalled && g.was_checked);
			card_grade_release(&g);
			card_release(&card);
			text_free(&id);
		}
		exercise_free(m);
		text_free(&folder);
	}
	assert_true(cards >= 25);
	catalog_free(c);
}

/* A module of the course with one word changed; the rules it then breaks. */
static void lint_of(const char *from, const char *to, struct text *rules)
{
	static const char source[] = "exercises/bigdata/first-log/module.lua";
	char folder[] = "/tmp/test_review_XXXXXX";
	struct text path = {0}, all = {0}, changed = {0};
	struct catalog *c = course();
	struct exercise *m;
	const char *at;

	assert_non_null(mkdtemp(folder));
	text_addf(&path, "%s/module.lua", folder);
	assert_true(path_read(source, 1 << 20, &all, NULL));
	at = strstr(text_cstr(&all), from);
	assert_non_null(at);
	text_bytes(&changed, all.at, (size_t)(at - all.at));
	text_add(&changed, to);
	text_add(&changed, at + strlen(from));
	assert_true(path_write(text_cstr(&path), text_cstr(&changed),
			       changed.len, NULL));
	m = exercise_load(folder);
	lint_exercise(m, c);
	for (size_t i = 0; i < m->problems.count; i++)
		text_addf(rules, "%s: %s\n", m->problems.at[i].rule,
			  m->problems.at[i].message);
	exercise_free(m);
	unlink(text_cstr(&path));
	rmdir(folder);
	text_free(&changed);
	text_free(&all);
	text_free(&path);
	catalog_free(c);
}

static void a_broken_card_is_told(void **state)
{
	static const char *const rows[][3] = {
		{ "expect = { \"group\" }", "expect = { \"zebra\" }",
		  "cards: \"zebra\" is not in the answer" },
		{ "expect = { \"group\" }", "expect = \"group\"",
		  "wrong-type: expect" },
		{ "{ competency = \"bigdata.log-model\"",
		  "{ competency = \"bigdata.log-modl\"",
		  "there is no competency bigdata.log-modl" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text rules = {0};

		lint_of(rows[i][0], rows[i][1], &rules);
		if (!strstr(text_cstr(&rules), rows[i][2]))
			fail_msg("row %zu:\n%s", i, text_cstr(&rules));
		text_free(&rules);
	}
}

static void what_is_no_card_is_said(void **state)
{
	static const char *const names[] = {
		"", "card:", "card:/1", "bigdata.first-log/1",
		"card:bigdata.first-log", "card:bigdata.first-log/",
		"card:bigdata.first-log/0", "card:bigdata.first-log/99",
		"card:bigdata.first-log/1x", "card:bigdata.first-log/-1",
		"card:no.such/1", "card:../etc/1",
	};
	struct catalog *c = course();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct card card;
		struct err err = { "" };

		assert_false(card_load(c, names[i], &card, &err));
		assert_true(*err.what != '\0');
	}
	catalog_free(c);
}

static void check_body(enum event_kind kind, const struct text *body)
{
	json_t *json = json_loads(text_cstr(body), 0, NULL);
	struct err err = { "no JSON" };

	if (!json || !event_check(kind, json, &err))
		fail_msg("%s: %s", text_cstr(body), err.what);
	json_decref(json);
}

/* What nobody checked moves nothing, and comes back all the same. */
static void an_unchecked_answer_proves_nothing(void **state)
{
	static char id[] = "card:x.y/1", exercise[] = "x.y", text[] = "A",
		    competency[] = "bigdata.delivery";
	struct card card = {	/* without `expect` */
		.id = id, .exercise = exercise, .title = text,
		.competency = competency, .question = text, .answer = text,
		.number = 1,
	};
	struct card_grade g;
	struct text body = {0};

	(void)state;
	card_grade(&card, "something", &g);
	assert_false(g.was_checked);
	card_event(&card, "something", &g, SURE_LIKELY, &body);
	check_body(EVENT_ITEM_ANSWERED, &body);
	assert_non_null(strstr(text_cstr(&body), "\"looked\":true"));
	text_clear(&body);
	card_postponed_event(&card, CARD_UNCHECKED_DAYS, &body);
	check_body(EVENT_REVIEW_POSTPONED, &body);
	card_grade_release(&g);
	card_grade(&card, "", &g);
	text_clear(&body);
	card_event(&card, "", &g, SURE_LIKELY, &body);
	assert_non_null(strstr(text_cstr(&body), "\"right\":false"));
	assert_non_null(strstr(text_cstr(&body), "\"looked\":false"));
	card_grade_release(&g);
	text_free(&body);
}

static void cards_of_an_exercise_can_be_added(void **state)
{
	struct catalog *c = course();
	struct text folder = {0}, body = {0};
	struct exercise *m;

	(void)state;
	catalog_folder(c, "bigdata.first-log", &folder);
	m = exercise_load(text_cstr(&folder));
	card_added_event(m, 2, &body);
	check_body(EVENT_CARD_ADDED, &body);
	assert_non_null(strstr(text_cstr(&body),
			       "\"card\":\"card:bigdata.first-log/2\""));
	text_free(&body);
	text_free(&folder);
	exercise_free(m);
	catalog_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_minutes_at_hand_bring_the_most_they_can),
		cmocka_unit_test(a_word_is_found_however_it_is_written),
		cmocka_unit_test(
			every_card_can_be_answered_and_not_by_anything),
		cmocka_unit_test(a_broken_card_is_told),
		cmocka_unit_test(what_is_no_card_is_said),
		cmocka_unit_test(an_unchecked_answer_proves_nothing),
		cmocka_unit_test(cards_of_an_exercise_can_be_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
