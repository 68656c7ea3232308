/* scenes.c - screens with something on them, the same each time */
#include "lab/views/scenes.h"

#include <stdarg.h>
#include <string.h>

#include "lab/progress/store.h"
#include "lab/views/views.h"

#define FIRST_LOG	"start bigdata.first-log"
#define LEADERS		"start kafka-architecture.leaders"
#define SERVER		"--bootstrap-server broker-1:9092"
#define DESCRIBE	"'kafka-topics.sh " SERVER " --describe' Enter "
#define STOP		"'fault kill component=broker-2' Enter "

const struct scene scenes[] = {
	{ "welcome", "the first start", "welcome", "@3s" },
	{ "home", "tracks, pathway, what is due", "home", "" },
	{ "lesson", "a page of a lesson", "lesson bigdata/log", "" },
	{ "word", "a word of the glossary over it", "lesson bigdata/log",
	  "Tab w" },
	{ "workbench", "an exercise: console, topology, tasks, charts",
	  LEADERS, DESCRIBE },
	{ "watch", "the same, for watching", LEADERS, DESCRIBE "Esc w" },
	{ "brief", "the text of the task", FIRST_LOG, "F4" },
	{ "hints", "the ladder, with its prices", FIRST_LOG, "F3 Enter" },
	{ "verdict", "not yet", LEADERS, DESCRIBE "F2" },
	{ "sandbox", "a broker is killed; what is truly so",
	  "sandbox local-kafka", "'run 1m' Enter " STOP "'run 30s' Enter Esc T" },
	{ "faults", "what can be broken, and how", "sandbox local-kafka",
	  "Esc f Down Down" },
	{ "compare", "two branches side by side", "sandbox local-kafka",
	  "'run 30s' Enter 'save before' Enter " STOP "'run 1m' Enter "
	  "'rewind before' Enter 'run 1m' Enter 'compare' Enter" },
	{ "editor", "a file of the console", FIRST_LOG, "'edit notes.txt' Enter" },
	{ "quiz", "a question, and how sure one is", "quiz bigdata", "Down Tab" },
	{ "answer", "the explanation", "quiz bigdata", "Down Enter" },
	{ "review", "the reviews of the day", "review", "" },
	{ "progress", "competencies by level, and the evidence", "progress",
	  "" },
	{ "rubric", "rate yourself, beside what runs say", "rubric", "" },
	{ "palette", "everything in one box", LEADERS, ": 'isr'" },
	{ "help", "what can be done here", LEADERS, "Esc ? 'time'" },
	{ "settings", "with a sample beside the choice", "settings", "" },
	{ "search", "the whole course", "search", "'leader'" },
	{ "author", "a module while it is written",
	  "author tests/fixtures/modules/good", "" },
	{ .name = NULL },
};

const struct scene *scene_find(const char *name)
{
	for (const struct scene *s = scenes; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* --- the record ----------------------------------------------------------------- */

#define DAY_MS	INT64_C(86400000)

static bool note(struct store *s, enum event_kind kind, int64_t days_ago,
		 struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static bool note(struct store *s, enum event_kind kind, int64_t days_ago,
		 struct err *err, const char *fmt, ...)
{
	struct text body = {0};
	va_list args;
	bool good;

	va_start(args, fmt);
	text_vaddf(&body, fmt, args);
	va_end(args);
	good = store_append(s, kind, text_cstr(&body),
			    SCENE_NOW_MS - days_ago * DAY_MS, err);
	text_free(&body);
	return good;
}

struct past_run {
	const char *exercise, *kind;
	int64_t days_ago;
	const char *competencies;
	int points, points_max, hints;
	bool passed;
};

static bool note_run(struct store *s, const struct past_run *r, int seed,
		     struct err *err)
{
	const char *status = r->passed ? "pass" : "fail";
	struct text id = {0};
	bool good = store_id(s, &id, err);
	const char *a = text_cstr(&id);

	good = good &&
	       note(s, EVENT_ATTEMPT_STARTED, r->days_ago, err,
		    "{\"attempt\":\"%s\",\"exercise\":\"%s\","
		    "\"module_version\":\"1.0.0\",\"hash\":\"\",\"seed\":%d,"
		    "\"purpose\":\"learn\",\"world\":\"local-kafka\"}", a,
		    r->exercise, seed) &&
	       note(s, EVENT_ATTEMPT_GRADED, r->days_ago, err,
		    "{\"attempt\":\"%s\",\"verdict\":{\"status\":\"%s\","
		    "\"points\":%d,\"points_max\":%d,\"hint_cost\":%d,"
		    "\"tasks\":[{\"id\":\"t\",\"kind\":\"%s\",\"status\":\"%s\","
		    "\"points\":%d,\"points_max\":%d}],"
		    "\"competencies\":{%s}},\"tries\":1,\"hints\":%d,"
		    "\"minutes\":14,\"par_minutes\":20}", a, status, r->points,
		    r->points_max, r->hints, r->kind, status, r->points,
		    r->points_max, r->competencies, r->hints) &&
	       note(s, EVENT_ATTEMPT_ENDED, r->days_ago, err,
		    "{\"attempt\":\"%s\",\"how\":\"%s\",\"at_sim\":0}", a,
		    r->passed ? "passed" : "left");
	text_free(&id);
	return good;
}

static const struct past_run past_runs[] = {
	{ "bigdata.first-log", "operate", 9,
	  "\"bigdata.log-model\":0.6,\"kafka.topics\":0.4", 20, 20, 0, true },
	{ "bigdata.five-vs", "predict", 6, "\"bigdata.five-vs\":1", 14, 20, 2,
	  true },
	{ "bigdata.keys-and-order", "predict", 4,
	  "\"bigdata.log-model\":0.5,\"kafka.topics\":0.5", 20, 20, 0, true },
	{ "bigdata.localhost-listener", "diagnose", 1,
	  "\"kafka.topics\":0.5,\"ops.diagnosis\":0.5", 8, 20, 1, false },
};

struct store *scene_record(const struct catalog *c, struct err *err)
{
	struct store_options o = {
		.now_ms = SCENE_NOW_MS - 21 * DAY_MS, .memory = true,
		.device = "0123456789abcdef",
	};
	struct store *s = store_open("", &o, err);
	bool good = s != NULL;

	(void)c;
	for (int i = 0; good && i < 4; i++)
		good = note_run(s, &past_runs[i], 3 + i, err);
	good = good &&
	       note(s, EVENT_CARD_ADDED, 9, err, "{\"card\":\"card:bigdata."
		    "first-log/1\",\"exercise\":\"bigdata.first-log\","
		    "\"competency\":\"bigdata.log-model\"}") &&
	       note(s, EVENT_LESSON_READ, 8, err,
		    "{\"lesson\":\"bigdata/log\",\"page\":2,\"pages\":4}") &&
	       note(s, EVENT_RUBRIC_RATED, 5, err,
		    "{\"statement\":\"T1\",\"rating\":2}");
	if (good)
		return s;
	if (s)
		store_close(s);
	return NULL;
}

/* --- drawing --------------------------------------------------------------------- */

static int64_t scene_now(void *ctx)
{
	(void)ctx;
	return SCENE_NOW_MS;
}

static struct view *open_start(struct app *a, const char *word, struct err *err)
{
	struct workbench_options o = { .exercise = word, .seed = 3 };

	return workbench_view(a, &o, err);
}

static struct view *open_sandbox(struct app *a, const char *word,
				 struct err *err)
{
	struct workbench_options o = { .world = word, .seed = 3,
				       .purpose = "free" };

	return workbench_view(a, &o, err);
}

static struct view *open_quiz(struct app *a, const char *word, struct err *err)
{
	(void)err;
	return quiz_view(a, word, 3);
}

/* Below the course's folder. */
static struct view *open_author(struct app *a, const char *word,
				struct err *err)
{
	struct text path = {0};
	struct view *v;

	if (strcmp(a->outside.content, ".") != 0)
		text_addf(&path, "%s/", a->outside.content);
	text_add(&path, word);
	v = author_view(a, text_cstr(&path), err);
	text_free(&path);
	return v;
}

#define PLAIN(name, open)						\
static struct view *open_##name(struct app *a, const char *word,	\
				struct err *err)			\
{									\
	(void)word;							\
	(void)err;							\
	return open(a);							\
}
PLAIN(welcome, welcome_view)
PLAIN(home, home_view)
PLAIN(review, review_view)
PLAIN(progress, progress_view)
PLAIN(rubric, rubric_view)
PLAIN(settings, settings_view)
PLAIN(search, search_view)

static const struct {
	const char *word;
	struct view *(*open)(struct app *a, const char *rest, struct err *err);
} openers[] = {
	{ "welcome", open_welcome }, { "home", open_home },
	{ "lesson", lesson_view }, { "start", open_start },
	{ "sandbox", open_sandbox }, { "quiz", open_quiz },
	{ "review", open_review }, { "progress", open_progress },
	{ "rubric", open_rubric }, { "settings", open_settings },
	{ "search", open_search }, { "author", open_author },
};

static bool open_scene(struct app *a, const char *open, struct err *err)
{
	size_t len = strcspn(open, " ");
	const char *rest = open[len] ? open + len + 1 : "";
	struct view *v = NULL;

	text_clear(&a->echo);
	for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++)
		if (strlen(openers[i].word) == len &&
		    memcmp(openers[i].word, open, len) == 0)
			v = openers[i].open(a, rest, err);
	if (v)
		app_push(a, v);
	return v != NULL;
}

static bool play(struct app *a, const struct scene *s,
		 const struct scene_options *o, struct err *err)
{
	/* What one would come back to lies below, but for the two one starts
	 * with. */
	if (strcmp(s->open, "home") != 0 && strcmp(s->open, "welcome") != 0)
		app_push(a, home_view(a));
	return open_scene(a, s->open, err) &&
	       (app_settle(a) || err_set(err, "%s does not settle", s->name)) &&
	       app_keys(a, s->keys, err) &&
	       (!o->keys || app_keys(a, o->keys, err));
}

bool scene_draw(const struct scene *s, const struct scene_options *o,
		struct grid *g, struct err *err)
{
	struct app_outside outside = {
		.catalog = o->catalog, .content = o->content,
		.act = views_act, .open = views_open, .now_ms = scene_now,
	};
	struct app a;
	bool good;

	outside.store = scene_record(o->catalog, err);
	if (!outside.store)
		return false;
	app_init(&a, &outside, o->rows, o->cols);
	good = play(&a, s, o, err);
	if (good)
		app_draw(&a, g);
	app_release(&a);
	store_close(outside.store);
	return good;
}
