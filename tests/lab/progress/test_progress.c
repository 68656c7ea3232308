/* test_progress.c - what the log says of a learner, and the questions to it
 *
 * Method: short stories told to a store in memory, with days between; the
 * numbers are those of the formulas' own tests or worked out by hand.  Every
 * story ends with rebuilt == live.  Goal: evidence counts once, help counts as
 * help, a gate opens for the right reasons, and every number names its event.
 */
#include "tests/lab/progress/help.h"

#include <math.h>

#include "lab/progress/report.h"
#include "sim/core/luck.h"

static struct store *memory(void)
{
	struct store_options o = { .memory = true, .device = "first" };
	struct err err;
	struct store *s = store_open("", &o, &err);

	assert_non_null(s);
	return s;
}

static struct catalog *course(void)
{
	struct err err;
	struct catalog *c = catalog_load(".", &err);

	if (!c)
		fail_msg("%s", err.what);
	return c;
}

static void near_to(double is, double wanted, double within)
{
	if (fabs(is - wanted) > within)
		fail_msg("%.9f is not %.9f", is, wanted);
}

/* One competency, looked at on a day. */
static struct competency look_at(struct store *s, const char *id, int day)
{
	struct catalog *c = course();
	struct competencies list;
	struct competency found = {0};
	struct err err;

	assert_true(progress_competencies(s, c, AT(day), &list, &err));
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.at[i].id, id) == 0)
			found = list.at[i];
	assert_non_null(found.id);
	found.id = found.title = NULL;		/* the catalog goes */
	competencies_free(&list);
	catalog_free(c);
	return found;
}

/* "card due-day rating" of everything due up to a year from `day`. */
static void cards(struct store *s, int day, struct text *out)
{
	struct dues due;
	struct err err;

	text_clear(out);
	assert_true(progress_due(s, NULL, AT(day), 365, &due, &err));
	for (size_t i = 0; i < due.count; i++)
		text_addf(out, "%s %" PRId64 " %d\n", due.at[i].card,
			  -due.at[i].late_days,
			  due.at[i].result_count ?
			  due.at[i].results[0].rating : 0);
	dues_free(&due);
}

/* --- evidence ------------------------------------------------------------- */

static void a_clean_pass_moves_all_three_numbers(void **state)
{
	struct store *s = memory();
	struct competency c;

	(void)state;
	c = look_at(s, "kafka.topics", 0);
	assert_int_equal(c.runs, 0);
	near_to(c.mastery, 0, 0);
	passed(s, AT(0), "a", "kafka.one", 7, "operate");
	c = look_at(s, "kafka.topics", 0);
	near_to(c.known, 0.55, 1e-12);		/* bkt of one right */
	near_to(c.recall, 1, 0);
	/* d of 4 is -1; theta += 1 * (1 - 1 / (1 + e^-1)) */
	near_to(c.theta, 1 - 0.7310585786, 1e-9);
	near_to(c.stability, 8.2956, 1e-12);	/* at once, within par: easy */
	assert_int_equal(c.seeds, 1);
	assert_int_equal(c.kinds, KIND_OPERATE);
	/* 8 days later recall is near 0.9, and so is mastery's share */
	c = look_at(s, "kafka.topics", 8);
	near_to(c.recall, 0.9, 0.01);
	near_to(c.mastery, 0.55 * c.recall, 1e-12);
	store_done(s);
}

static void help_counts_as_not_known(void **state)
{
	static const struct {
		struct grade g;
		int rating;
		double known;
	} cases[] = {
		{ { "pass", "operate", NULL, 10, 1, 0, 10, false }, 4, 0.55 },
		{ { "pass", "operate", NULL, 10, 1, 0, 25, false }, 3, 0.55 },
		{ { "pass", "operate", NULL, 10, 3, 0, 10, false }, 3, 0.55 },
		/* wrong: .1*.1/(.1*.1+.9*.9) = 1/82; + 81/82*.1 */
		{ { "pass", "operate", NULL, 10, 4, 0, 10, false }, 2,
		  1 / 82.0 + 8.1 / 82 },
		{ { "pass", "operate", NULL, 8, 1, 1, 10, false }, 2,
		  1 / 82.0 + 8.1 / 82 },
		{ { "pass", "operate", NULL, 2, 1, 4, 10, true }, 1,
		  1 / 82.0 + 8.1 / 82 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = memory();
		struct competency c;
		struct dues due;
		struct err err;

		started(s, AT(0), "a", "kafka.one", 1, "learn");
		graded(s, AT(0), "a", cases[i].g);
		c = look_at(s, "kafka.topics", 0);
		near_to(c.known, cases[i].known, 1e-12);
		assert_int_equal(c.seeds, cases[i].rating > 2);
		assert_true(progress_due(s, NULL, AT(0), 99, &due, &err));
		assert_int_equal(due.count, 1);
		assert_int_equal(due.at[0].results[0].rating,
				 cases[i].rating);
		dues_free(&due);
		store_done(s);
	}
}

static void only_the_first_try_on_a_seed_counts(void **state)
{
	struct store *s = memory();
	struct evidences e;
	struct competency once, twice;
	struct catalog *c = course();
	struct err err;

	(void)state;
	passed(s, AT(0), "a", "kafka.one", 1, "operate");
	once = look_at(s, "kafka.topics", 1);
	passed(s, AT(1), "b", "kafka.one", 1, "operate");
	graded(s, AT(1), "b", (struct grade){ "pass", "operate", NULL, 10, 1,
					      0, 10, false });
	twice = look_at(s, "kafka.topics", 1);
	near_to(once.known, twice.known, 0);
	near_to(once.stability, twice.stability, 0);
	assert_int_equal(twice.runs, 1);
	assert_true(progress_evidence(s, c, "kafka.topics", &e, &err));
	assert_int_equal(e.count, 2);
	assert_int_equal(e.at[1].result, EVIDENCE_PRACTICE);
	assert_string_equal(e.at[1].attempt, "b");
	evidences_free(&e);
	catalog_free(c);
	store_done(s);
}

static void starting_over_keeps_the_help_that_was_taken(void **state)
{
	struct store *s = memory();
	struct competency c;

	(void)state;
	started(s, AT(0), "a", "kafka.one", 1, "learn");
	graded(s, AT(0), "a", (struct grade){ "fail", "operate", NULL, 0, 1, 2,
					      10, false });
	ended(s, AT(0), "a", "reset");
	assert_int_equal(look_at(s, "kafka.topics", 0).runs, 0);
	passed(s, AT(0), "b", "kafka.one", 1, "operate");
	c = look_at(s, "kafka.topics", 0);
	assert_int_equal(c.runs, 1);
	assert_int_equal(c.seeds, 0);
	assert_true(c.known < 0.2);
	store_done(s);
}

static void who_gave_up_is_asked_again_in_one_to_three_days(void **state)
{
	struct store *s = memory();
	struct dues due;
	struct err err;

	(void)state;
	started(s, AT(0), "a", "kafka.one", 1, "learn");
	ended(s, AT(0), "a", "gave_up");
	/* and one that was well known, on a later review */
	passed(s, AT(0), "b", "kafka.two", 1, "operate");
	passed(s, AT(9), "c", "kafka.two", 2, "operate");
	passed(s, AT(60), "d", "kafka.two", 3, "operate");
	started(s, AT(150), "e", "kafka.two", 4, "review");
	ended(s, AT(150), "e", "gave_up");
	assert_true(progress_due(s, NULL, AT(150), 99, &due, &err));
	assert_int_equal(due.count, 2);
	assert_string_equal(due.at[0].card, "exercise:kafka.one");
	assert_int_equal(due.at[0].late_days, 149);
	assert_string_equal(due.at[0].competency, "kafka.topics");
	assert_string_equal(due.at[1].card, "exercise:kafka.two");
	assert_in_range(-due.at[1].late_days, 1, 3);
	assert_int_equal(due.at[1].lapses, 1);
	assert_int_equal(due.at[1].times, 4);
	assert_int_equal(due.at[1].result_count, 3);
	assert_int_equal(due.at[1].results[0].rating, 1);
	assert_int_equal(due.at[1].results[0].seed, 4);
	dues_free(&due);
	store_done(s);
}

static void intervals_end_at_ninety_days(void **state)
{
	struct store *s = memory();
	int64_t day = 0;
	char id[16];

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct dues due;
		struct err err;

		snprintf(id, sizeof(id), "a%d", i);
		passed(s, AT(day), id, "kafka.one", i, "operate");
		assert_true(progress_due(s, NULL, AT(day), 400, &due, &err));
		assert_int_equal(due.count, 1);
		assert_in_range(-due.at[0].late_days, 1, 90);
		day -= due.at[0].late_days;
		dues_free(&due);
	}
	assert_true(day > 300);
	store_done(s);
}

static void a_gate_opens_for_two_seeds_two_kinds_and_a_diagnosis(void **state)
{
	static const struct { int seed; const char *kind, *missing; } cases[] =
	{
		{ 1, "operate", "mastery 0.55 of 0.95, a second seed, one "
				"diagnosis" },
		{ 1, "predict", "mastery 0.93 of 0.95, a second seed, one "
				"diagnosis" },
		{ 1, "operate", "a second seed, one diagnosis" },
		{ 2, "operate", "one diagnosis" },
		{ 2, "diagnose", "" },
	};
	struct store *s = memory();
	char id[16], name[24];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct competency c;
		struct text t = {0};

		snprintf(id, sizeof(id), "a%zu", i);
		snprintf(name, sizeof(name), "kafka.n%zu", i);
		passed(s, AT(0), id, name, cases[i].seed, cases[i].kind);
		c = look_at(s, "kafka.topics", 0);
		competency_missing(&c, &t);
		assert_string_equal(text_cstr(&t), cases[i].missing);
		text_free(&t);
	}
	assert_true(look_at(s, "kafka.topics", 0).shown);
	store_done(s);
}

static void free_play_and_errors_never_count(void **state)
{
	struct store *s = memory();
	struct exercise_state x;
	struct week w;
	struct err err;

	(void)state;
	started(s, AT(0), "a", "kafka.one", 1, "free");
	graded(s, AT(0), "a", (struct grade){ "pass", "operate", NULL, 10, 1,
					      0, 10, false });
	started(s, AT(0), "b", "kafka.one", 2, "learn");
	graded(s, AT(0), "b", (struct grade){ "error", "operate", NULL, 0, 1,
					      0, 10, false });
	assert_int_equal(look_at(s, "kafka.topics", 0).runs, 0);
	assert_true(progress_exercise(s, "kafka.one", &x, &err));
	assert_false(x.done);
	assert_int_equal(x.attempts, 1);
	assert_true(progress_week(s, AT(1), &w, &err));
	assert_int_equal(w.passed, 0);
	week_release(&w);
	store_done(s);
}

static void looking_first_is_practice(void **state)
{
	struct store *s = memory();
	struct text t = {0};

	(void)state;
	say(s, AT(0), EVENT_CARD_ADDED, "{\"card\":\"card:kafka.one/1\","
	    "\"exercise\":\"kafka.one\",\"competency\":\"stream.time\"}");
	cards(s, 0, &t);
	assert_string_equal(text_cstr(&t), "card:kafka.one/1 2 0\n");
	answered(s, AT(3), "card:kafka.one/1", 0, true, "sure", true);
	cards(s, 3, &t);
	assert_string_equal(text_cstr(&t), "card:kafka.one/1 1 0\n");
	assert_int_equal(look_at(s, "stream.time", 3).runs, 0);
	/* the next day without looking: memory moves, the guess of what is
	 * known does not, for the question was seen */
	answered(s, AT(4), "card:kafka.one/1", 0, true, "sure", false);
	cards(s, 4, &t);
	assert_string_equal(text_cstr(&t), "card:kafka.one/1 2 3\n");
	assert_int_equal(look_at(s, "stream.time", 4).runs, 0);
	near_to(look_at(s, "stream.time", 4).stability, 2.3065, 1e-12);
	/* again on the same day: nothing */
	answered(s, AT(4) + 1, "card:kafka.one/1", 0, false, "sure", false);
	cards(s, 4, &t);
	assert_string_equal(text_cstr(&t), "card:kafka.one/1 2 3\n");
	text_free(&t);
	store_done(s);
}

static void a_review_can_be_postponed(void **state)
{
	struct store *s = memory();
	struct text t = {0};
	int64_t ahead[PROGRESS_AHEAD];
	struct err err;

	(void)state;
	say(s, AT(0), EVENT_CARD_ADDED, "{\"card\":\"card:a/1\",\"exercise\":"
	    "\"a\",\"competency\":\"stream.time\"}");
	say(s, AT(0), EVENT_CARD_ADDED, "{\"card\":\"card:a/2\",\"exercise\":"
	    "\"a\",\"competency\":\"stream.time\"}");
	say(s, AT(5), EVENT_REVIEW_POSTPONED, "{\"card\":\"card:a/1\","
	    "\"days\":4}");
	cards(s, 5, &t);
	assert_string_equal(text_cstr(&t), "card:a/2 -3 0\ncard:a/1 4 0\n");
	assert_true(progress_ahead(s, AT(5), ahead, &err));
	assert_int_equal(ahead[0], 1);
	assert_int_equal(ahead[4], 1);
	assert_true(progress_ahead(s, AT(0), ahead, &err));
	assert_int_equal(ahead[2], 1);
	assert_int_equal(ahead[9], 1);
	text_free(&t);
	store_done(s);
}

/* --- going on ------------------------------------------------------------- */

static void the_newest_open_attempt_is_gone_on_with(void **state)
{
	struct store *s = memory();
	struct resume r;
	struct err err;
	bool found;

	(void)state;
	assert_true(progress_continue(s, &r, &found, &err));
	assert_false(found);
	started(s, AT(0), "a", "kafka.one", 7, "learn");
	say(s, AT(0), EVENT_ATTEMPT_OP, "{\"attempt\":\"a\",\"n\":1,\"op\":"
	    "{\"line\":\"two\"},\"task\":\"t2\"}");
	say(s, AT(0), EVENT_ATTEMPT_OP, "{\"attempt\":\"a\",\"n\":0,\"op\":"
	    "{\"line\":\"one\"}}");
	ended(s, AT(0), "a", "left");
	passed(s, AT(1), "b", "kafka.two", 1, "operate");
	assert_true(progress_continue(s, &r, &found, &err));
	assert_true(found);
	assert_string_equal(r.attempt, "a");
	assert_string_equal(r.exercise, "kafka.one");
	assert_string_equal(r.task, "t2");
	assert_int_equal(r.seed, 7);
	assert_int_equal(r.at_sim, INT64_C(730000000000));
	assert_int_equal(json_array_size(r.ops), 2);
	assert_string_equal("one", json_string_value(json_object_get(
		json_array_get(r.ops, 0), "line")));
	resume_release(&r);
	/* another one at the same exercise takes its place; then that ends */
	started(s, AT(2), "c", "kafka.one", 8, "learn");
	assert_true(progress_continue(s, &r, &found, &err));
	assert_string_equal(r.attempt, "c");
	resume_release(&r);
	ended(s, AT(2), "c", "gave_up");
	assert_true(progress_continue(s, &r, &found, &err));
	assert_false(found);
	store_done(s);
}

static void a_new_seed_was_never_played(void **state)
{
	struct store *s = memory();
	uint64_t seed, again;
	struct err err;
	char id[16];

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_true(progress_new_seed(s, "kafka.one", &seed, &err));
		assert_true(progress_new_seed(s, "kafka.one", &again, &err));
		assert_int_equal(seed, again);
		snprintf(id, sizeof(id), "a%d", i);
		started(s, AT(i), id, "kafka.one", (int64_t)seed, "review");
	}
	assert_int_equal(look_at(s, "kafka.topics", 0).runs, 0);
	store_done(s);
}

/* --- the rest of the questions -------------------------------------------- */

static void the_pathway_counts_what_is_done(void **state)
{
	struct store *s = memory();
	struct catalog *c = course();
	struct done_counts units, phases;
	struct exercise_state x;
	struct event e;
	struct err err;
	int64_t page, pages;

	(void)state;
	passed(s, AT(0), "a", "bigdata.five-vs", 1, "predict");
	say(s, AT(0), EVENT_LESSON_READ, "{\"lesson\":\"bigdata/log\",\"page\":"
	    "3,\"pages\":3}");
	say(s, AT(0), EVENT_LESSON_READ, "{\"lesson\":\"bigdata/log\",\"page\":"
	    "1,\"pages\":3}");
	assert_true(progress_units(s, c, &units, &err));
	assert_true(progress_phases(s, c, &phases, &err));
	assert_string_equal(units.at[0].id, "bigdata");
	assert_int_equal(units.at[0].done, 1);
	assert_int_equal(units.at[0].lessons_read, 1);
	assert_true(units.at[0].total > units.at[0].done);
	assert_string_equal(phases.at[0].id, "foundation");
	assert_int_equal(phases.at[0].done, 1);
	assert_true(phases.at[0].total > units.at[0].total);
	assert_true(progress_lesson(s, "bigdata/log", &page, &pages, &err));
	assert_int_equal(page, 1);
	assert_int_equal(pages, 3);
	assert_true(progress_exercise(s, "bigdata.five-vs", &x, &err));
	assert_true(x.done);
	assert_string_equal(x.module_version, "1.0.0");
	/* the number opens: the event is the pass */
	assert_true(store_event(s, x.event.device, x.event.seq, &e, &err));
	assert_int_equal(e.kind, EVENT_ATTEMPT_GRADED);
	event_release(&e);
	done_counts_free(&units);
	done_counts_free(&phases);
	catalog_free(c);
	store_done(s);
}

static void a_week_is_the_seven_days_that_end_now(void **state)
{
	struct store *s = memory();
	struct week w;
	struct err err;

	(void)state;
	passed(s, AT(0), "a", "kafka.one", 1, "operate");
	passed(s, AT(5), "b", "kafka.two", 1, "operate");
	passed(s, AT(9), "c", "kafka.one", 2, "operate");
	assert_true(progress_week(s, AT(10), &w, &err));
	assert_int_equal(w.passed, 2);
	assert_int_equal(w.first_try, 2);
	assert_int_equal(w.reviews, 1);
	assert_int_equal(w.recalled, 1);
	assert_int_equal(w.minutes, 20);
	assert_int_equal(w.events[1].seq, 8);
	week_release(&w);
	store_done(s);
}

static void how_sure_is_kept_apart_from_looked_up(void **state)
{
	struct store *s = memory();
	struct calibration c;
	struct answers a;
	struct ratings r;
	struct err err;

	(void)state;
	answered(s, AT(0), "i", 1, true, "sure", false);
	answered(s, AT(0), "i", 2, false, "sure", false);
	answered(s, AT(0), "i", 3, true, "guess", false);
	answered(s, AT(0), "i", 4, true, "sure", true);
	assert_true(progress_calibration(s, &c, &err));
	assert_int_equal(c.asked[SURE_SURE], 2);
	assert_int_equal(c.right[SURE_SURE], 1);
	assert_int_equal(c.right[SURE_GUESS], 1);
	assert_int_equal(c.asked[SURE_LIKELY], 0);
	assert_true(progress_answers(s, &a, &err));
	assert_int_equal(a.count, 4);
	assert_true(a.at[3].looked);
	assert_int_equal(a.at[3].event.seq, 4);
	answers_free(&a);
	say(s, AT(1), EVENT_RUBRIC_RATED, "{\"statement\":\"debug\","
	    "\"rating\":2}");
	say(s, AT(2), EVENT_RUBRIC_RATED, "{\"statement\":\"debug\","
	    "\"rating\":4}");
	assert_true(progress_ratings(s, &r, &err));
	assert_int_equal(r.count, 2);
	assert_int_equal(r.at[1].rating, 4);
	ratings_free(&r);
	store_done(s);
}

static void the_learners_clock_says_what_a_day_is(void **state)
{
	struct store *s = memory();
	struct text t = {0};
	struct err err;
	int64_t late = AT(0) + 15 * 3600000;	/* 03:00 of the next morning */

	(void)state;
	assert_true(progress_zone(s, AT(0), 0, &err));
	assert_int_equal(store_count(s), 0);	/* nothing new to say */
	say(s, late, EVENT_CARD_ADDED, "{\"card\":\"card:a/1\",\"exercise\":"
	    "\"a\",\"competency\":\"stream.time\"}");
	assert_true(progress_zone(s, late, 120, &err));
	assert_true(progress_zone(s, late, 120, &err));
	assert_int_equal(store_count(s), 2);
	say(s, late, EVENT_CARD_ADDED, "{\"card\":\"card:a/2\",\"exercise\":"
	    "\"a\",\"competency\":\"stream.time\"}");
	cards(s, 0, &t);
	assert_string_equal(text_cstr(&t), "card:a/1 2 0\ncard:a/2 3 0\n");
	text_free(&t);
	store_done(s);
}

static void a_clock_that_went_back_does_no_harm(void **state)
{
	struct store *s = memory();
	struct competency c;

	(void)state;
	passed(s, AT(400), "a", "kafka.one", 1, "operate");
	passed(s, AT(0), "b", "kafka.two", 2, "diagnose");
	passed(s, AT(1), "c", "kafka.one", 3, "operate");
	c = look_at(s, "kafka.topics", 1);
	assert_int_equal(c.runs, 3);
	assert_true(c.mastery > 0.5 && c.mastery <= 1);
	store_done(s);
}

static void levels_are_held_from_below(void **state)
{
	struct competency at[] = {
		{ .level = 1, .shown = true, .mastery = 0.9 },
		{ .level = 2, .shown = false, .mastery = 0.5 },
		{ .level = 2, .shown = true, .mastery = 0.7 },
		{ .level = 3, .shown = true, .mastery = 1 },
		{ .level = 4, .shown = true, .mastery = 1 },
	};
	struct catalog *c = course();
	struct competencies list = { at, 5, c->levels };
	struct level levels[PROGRESS_LEVELS];

	(void)state;
	assert_int_equal(json_array_size(c->levels), PROGRESS_LEVELS);
	assert_int_equal(progress_levels(&list, levels), 1);
	assert_string_equal(levels[0].title, "Foundation");
	assert_int_equal(levels[3].level, 4);
	assert_string_equal(levels[3].when, "18 months and later");
	assert_int_equal(levels[1].shown, 1);
	assert_int_equal(levels[1].competencies, 2);
	near_to(levels[1].mastery, 0.6, 1e-12);
	at[1].shown = true;
	assert_int_equal(progress_levels(&list, levels), 4);
	catalog_free(c);
}

static void reports_are_documents(void **state)
{
	struct store *s = memory();
	struct catalog *c = course();
	struct report r = { s, c, AT(3), NULL };
	struct text t = {0};
	struct err err;
	json_t *json;

	(void)state;
	passed(s, AT(0), "a", "<script>alert('x')", 1, "operate");
	answered(s, AT(1), "i", 1, true, "sure", false);
	assert_true(report_json(&r, &t, &err));
	json = json_loadb(t.at, t.len, 0, NULL);
	assert_non_null(json);
	assert_int_equal(json_array_size(json_object_get(json,
							 "competencies")), 2);
	json_decref(json);
	text_clear(&t);
	assert_true(report_html(&r, &t, &err));
	assert_null(strstr(text_cstr(&t), "<script"));
	assert_non_null(strstr(text_cstr(&t), "&lt;script&gt;alert(&#39;x"));
	text_clear(&t);
	r.only = "kafka.topics";
	assert_true(report_text(&r, &t, &err));
	assert_non_null(strstr(text_cstr(&t), "known 0.55"));
	assert_non_null(strstr(text_cstr(&t), "passed"));
	assert_null(strstr(text_cstr(&t), "stream.time"));
	text_free(&t);
	catalog_free(c);
	store_done(s);
}

/* --- model: any story ----------------------------------------------------- */

static void one_thing(struct store *s, struct luck *luck, int i)
{
	static const char *const ends[] = { "passed", "gave_up", "left",
					    "reset", "quit" };
	static const char *const status[] = { "pass", "fail", "error" };
	char id[16], other[16], what[16];
	/* a day further, or a little back */
	int64_t at = AT(i / 4) + luck_between(luck, -2, 2) * DAY_MS;

	snprintf(id, sizeof(id), "a%d", i / 6);
	snprintf(other, sizeof(other), "a%d", i / 6 -
		 (int)luck_below(luck, 3));
	snprintf(what, sizeof(what), "kafka.%c", 'a' + (int)luck_below(luck,
								       5));
	switch (luck_below(luck, 7)) {
	case 0:
		started(s, at, id, what, (int64_t)luck_below(luck, 6),
			luck_below(luck, 9) ? "learn" : "free");
		break;
	case 1: case 2:
		graded(s, at, other, (struct grade){
			status[luck_below(luck, 3)],
			luck_below(luck, 2) ? "operate" : "diagnose",
			luck_below(luck, 2) ? NULL : "{\"kafka.topics\":0.4,"
			"\"stream.time\":0.6}", (int)luck_below(luck, 11),
			(int)luck_below(luck, 6), (int)luck_below(luck, 2),
			(double)luck_below(luck, 60), !luck_below(luck, 9) });
		break;
	case 3:
		ended(s, at, other, ends[luck_below(luck, 5)]);
		break;
	case 4:
		answered(s, at, luck_below(luck, 2) ? "card:c/1" : what,
			 (int64_t)luck_below(luck, 4), luck_below(luck, 3) != 0,
			 sure_words[luck_below(luck, 3)],
			 !luck_below(luck, 4));
		break;
	case 5:
		say(s, at, EVENT_CARD_ADDED, "{\"card\":\"card:c/%d\","
		    "\"exercise\":\"%s\",\"competency\":\"stream.time\"}",
		    (int)luck_below(luck, 3), what);
		break;
	default:
		say(s, at, EVENT_REVIEW_POSTPONED, "{\"card\":\"card:c/1\","
		    "\"days\":%d}", 1 + (int)luck_below(luck, 5));
	}
}

static void whatever_happens_rebuilt_is_live(void **state)
{
	int64_t runs = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct store *s = memory();
		struct luck luck;
		struct err err;

		luck_init(&luck, seed, "story", "events");
		for (int i = 0; i < 300; i++) {
			one_thing(s, &luck, i);
			if (i % 50 == 0 && !projection_check(s, &err))
				fail_msg("seed %d, event %d: %s", (int)seed, i,
					 err.what);
		}
		runs += look_at(s, "kafka.topics", 70).runs;
		store_done(s);
	}
	assert_true(runs > 20);		/* the stories told something */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_pass_moves_all_three_numbers),
		cmocka_unit_test(help_counts_as_not_known),
		cmocka_unit_test(only_the_first_try_on_a_seed_counts),
		cmocka_unit_test(starting_over_keeps_the_help_that_was_taken),
		cmocka_unit_test(
			who_gave_up_is_asked_again_in_one_to_three_days),
		cmocka_unit_test(intervals_end_at_ninety_days),
		cmocka_unit_test(
			a_gate_opens_for_two_seeds_two_kinds_and_a_diagnosis),
		cmocka_unit_test(free_play_and_errors_never_count),
		cmocka_unit_test(looking_first_is_practice),
		cmocka_unit_test(a_review_can_be_postponed),
		cmocka_unit_test(the_newest_open_attempt_is_gone_on_with),
		cmocka_unit_test(a_new_seed_was_never_played),
		cmocka_unit_test(the_pathway_counts_what_is_done),
		cmocka_unit_test(a_week_is_the_seven_days_that_end_now),
		cmocka_unit_test(how_sure_is_kept_apart_from_looked_up),
		cmocka_unit_test(the_learners_clock_says_what_a_day_is),
		cmocka_unit_test(a_clock_that_went_back_does_no_harm),
		cmocka_unit_test(levels_are_held_from_below),
		cmocka_unit_test(reports_are_documents),
		cmocka_unit_test(whatever_happens_rebuilt_is_live),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
