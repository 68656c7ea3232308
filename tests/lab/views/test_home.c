/* test_home.c - home says where one was, what is due, and what comes next
 *
 * Method: records of a few events in memory, keys, and pictures in three sizes.
 * Goal: the three questions are answered in this order from the record, every
 * line that can be opened opens, and an empty record is no empty screen.
 */
#include "tests/lab/views/stand.h"

#include "lab/views/resume.h"

/* A learner in the middle of the second exercise. */
static void begin_second(struct stand *s)
{
	stand_attempt(s, 6, "a-1", "bigdata.first-log", 1, 0, true,
		      "bigdata.log-model");
	stand_event(s, 1, "lesson.read",
		    "{\"lesson\":\"bigdata/five-vs\",\"page\":4,\"pages\":4}");
	stand_event(s, 0, "attempt.started",
		    "{\"attempt\":\"a-2\",\"exercise\":"
		    "\"bigdata.localhost-listener\",\"module_version\":"
		    "\"1.0\",\"hash\":\"0000000000000000000000000000000000000"
		    "000000000000000000000000000\",\"seed\":7,\"purpose\":"
		    "\"learn\",\"world\":\"compose-kafka\"}");
	stand_event(s, 0, "attempt.op",
		    "{\"attempt\":\"a-2\",\"n\":0,\"op\":{\"n\":1,\"at\":0,"
		    "\"events\":0,\"kind\":\"line\",\"text\":"
		    "\"kafka-topics.sh --bootstrap-server kafka:9092 --create "
		    "--topic readings\"},\"task\":\"diagnose\"}");
}

static void a_new_record_is_no_empty_screen(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_sees(&s, "Your first log");
	stand_sees(&s, "Nothing is due.");
	stand_sees(&s, "$ millrace start bigdata.first-log");
	stand_sizes(&s, "home-new");
	stand_close(&s);
}

static void it_says_what_one_was_about_to_do(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	begin_second(&s);
	app_push(&s.app, home_view(&s.app));
	stand_sees(&s, "You had created readings and were about to diagnose: "
		   "Why it times out.");
	stand_sees(&s, "task 1 of 2");
	stand_sees(&s, "1 passed");
	stand_sizes(&s, "home-continue");
	stand_close(&s);
}

static void deeds_are_told_in_words(void **state)
{
	static const struct {
		const char *line, *deed;
	} rows[] = {
		{ "kafka-topics.sh --create --topic a", "created a" },
		{ "kafka-topics.sh --describe", "looked at the topics" },
		{ "kafka-console-consumer.sh --topic b --group g", "read b" },
		{ "kafka-consumer-groups.sh --describe --group g",
		  "looked at group g" },
		{ "  kubectl delete pod kafka-1", "deleted kafka-1" },
		{ "docker logs broker-1 | grep WARN",
		  "read the log of broker-1" },
		{ "hint", "opened a hint" }, { "ls", NULL }, { "", NULL },
		{ "cat", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text t = {0};

		assert_int_equal(resume_deed(rows[i].line, &t),
				 rows[i].deed != NULL);
		assert_string_equal(text_cstr(&t),
				    rows[i].deed ? rows[i].deed : "");
		text_free(&t);
	}
}

static void units_fold_and_lessons_open(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 36, 120);
	app_push(&s.app, home_view(&s.app));
	stand_sees(&s, "The five Vs as numbers");
	stand_keys(&s, "Down Down Left");
	stand_sees_not(&s, "The five Vs as numbers");
	stand_keys(&s, "Enter Down");
	stand_sees(&s, "The five Vs as numbers");
	stand_sees(&s, "$ millrace show bigdata/five-vs");
	stand_keys(&s, "Enter");
	assert_string_equal(stand_top(&s), "lesson");
	stand_keys(&s, "Esc");
	assert_string_equal(stand_top(&s), "home");
	stand_close(&s);
}

static void what_is_to_come_says_so(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 36, 120);
	app_push(&s.app, home_view(&s.app));
	assert_false(views_open(&s.app, "bigdata.sleeping-bridge"));
	stand_sees(&s, "bigdata.sleeping-bridge is to come");
	assert_false(views_open(&s.app, "bigdata.nothing"));
	stand_sees(&s, "There is no exercise, lesson, unit");
	stand_close(&s);
}

static void another_track_orders_anew(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	stand_keys(&s, "t");
	assert_string_equal(stand_top(&s), "choose");
	stand_golden(&s, "home-track");
	stand_keys(&s, "Down Enter");
	assert_string_equal(s.app.settings.track, "accelerated");
	stand_sees(&s, "Pathway, Accelerated");
	stand_close(&s);
}

static void a_unit_can_be_gone_to(void **state)
{
	struct stand s;

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	assert_true(views_open(&s.app, "flink"));
	stand_sees(&s, "$ millrace show flink");
	stand_golden(&s, "home-unit");
	stand_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_record_is_no_empty_screen),
		cmocka_unit_test(it_says_what_one_was_about_to_do),
		cmocka_unit_test(deeds_are_told_in_words),
		cmocka_unit_test(units_fold_and_lessons_open),
		cmocka_unit_test(what_is_to_come_says_so),
		cmocka_unit_test(another_track_orders_anew),
		cmocka_unit_test(a_unit_can_be_gone_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
