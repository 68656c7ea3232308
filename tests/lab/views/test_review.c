/* test_review.c - what is due, why today, and what becomes of it
 *
 * Method: attempts some days ago, cards, keys.  Goal: the list is that of the
 * record, fits the minutes there are, postponing moves a day, an exercise opens
 * on a seed it was not played on, a card is asked and then shown.
 */
#include "tests/lab/views/stand.h"

#include "lab/progress/progress.h"

static void fill(struct stand *s)
{
	stand_attempt(s, 30, "a-1", "bigdata.first-log", 1, 0, true,
		      "bigdata.log-model");
	stand_attempt(s, 20, "a-2", "bigdata.keys-and-order", 1, 1, true,
		      "kafka.topics");
	stand_event(s, 10, "card.added", "{\"card\":"
		    "\"card:bigdata.first-log/1\",\"exercise\":"
		    "\"bigdata.first-log\",\"competency\":"
		    "\"bigdata.log-model\"}");
}

static void nothing_due_is_said(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, review_view(&s.app));
	stand_sees(&s, "Nothing is due.");
	stand_keys(&s, "Enter");
	stand_sees(&s, "Nothing is due.");
	stand_close(&s);
}

static void the_list_says_why_today(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	stand_sees(&s, "3 due");
	stand_sees(&s, "on a new seed");
	stand_sees(&s, "Stability ");
	stand_sees(&s, "today");
	stand_sizes(&s, "review-due");
	stand_close(&s);
}

static void minutes_choose_what_is_worth_most(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	stand_keys(&s, "m Up Enter");
	stand_sees(&s, "In 2 min");
	stand_sees(&s, "1 due");
	stand_sees(&s, "a question");
	stand_keys(&s, "m End Enter");
	stand_sees(&s, "3 due");
	stand_close(&s);
}

static void postponing_moves_it_by_a_day(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	stand_keys(&s, "p");
	stand_sees(&s, "2 due");
	stand_sees(&s, "$ millrace review postpone ");
	stand_sees(&s, "tomorrow");
	stand_close(&s);
}

static void the_calendar_shows_four_weeks(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, review_view(&s.app));
	stand_keys(&s, "v");
	stand_sees(&s, "Nothing is due. What you finish comes back");
	stand_keys(&s, "Esc");
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	stand_keys(&s, "p v");
	stand_sees(&s, "Mon Tue Wed Thu Fri Sat Sun");
	stand_sees(&s, "16 Nov                              2");	/* Sunday */
	stand_sees(&s, "23 Nov      1   ·   ·   ·   ·   ·   ·");
	stand_sees(&s, "14 Dec");
	stand_sees(&s, "today");
	stand_sees(&s, "Mon 23 Nov");
	stand_golden(&s, "review-calendar");
	stand_close(&s);
}

/* A card that was answered is not due any more. */
static void a_card_is_asked_then_shown(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	stand_keys(&s, "m Up Enter Enter");
	assert_string_equal(stand_top(&s), "ask");
	stand_keys(&s, "'nothing' Enter");
	stand_sees(&s, "The card:");
	stand_keys(&s, "Esc m End Enter");
	stand_sees(&s, "2 due");
	stand_close(&s);
}

static void a_recheck_opens_on_another_seed(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	fill(&s);
	app_push(&s.app, review_view(&s.app));
	for (int i = 0; i < 3 && strcmp(stand_top(&s), "workbench") != 0; i++)
		stand_keys(&s, strcmp(stand_top(&s), "ask") == 0 ?
			   "Esc Down Enter" : "Enter");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees_not(&s, "seed 1 ");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_due_is_said),
		cmocka_unit_test(the_list_says_why_today),
		cmocka_unit_test(minutes_choose_what_is_worth_most),
		cmocka_unit_test(postponing_moves_it_by_a_day),
		cmocka_unit_test(the_calendar_shows_four_weeks),
		cmocka_unit_test(a_card_is_asked_then_shown),
		cmocka_unit_test(a_recheck_opens_on_another_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
