/* stand.h - the program without a terminal, for tests of its screens
 *
 * The course of the repository, a record in memory that a test fills with
 * events, a clock that stands at one moment, and a grid.  Keys go in as a
 * script (app_keys), what is seen comes out as text, or as a golden picture
 * with the letters of the roles below it.
 */
#ifndef TESTS_LAB_VIEWS_STAND_H
#define TESTS_LAB_VIEWS_STAND_H

#include "tests/test.h"

#include <ftw.h>
#include <locale.h>
#include <unistd.h>

#include "lab/course/catalog.h"
#include "lab/progress/store.h"
#include "lab/tui/app.h"
#include "lab/views/views.h"

#define STAND_NOW	INT64_C(1795338000000)	/* Sun 22 Nov 2026, 09:00 */
#define STAND_DAY	INT64_C(86400000)

/* What a welcome shows; a folder of that name would be the person's own. */
#define STAND_SHOWN	"/home/you/.local/share/millrace"

struct stand {
	char home[32];		/* a folder of the test's own, gone at the end */
	struct catalog *catalog;
	struct store *store;
	struct app app;
	struct grid grid;
	struct text seen;
};

static inline int64_t stand_now(void *ctx)
{
	(void)ctx;
	return STAND_NOW;
}

static inline void stand_open(struct stand *s, int rows, int cols)
{
	struct store_options o = { .now_ms = STAND_NOW, .memory = true,
				   .device = "00000000000000aa" };
	struct app_outside outside = {
		.home = s->home, .content = ".", .act = views_act,
		.open = views_open, .now_ms = stand_now,
	};
	struct err err = {{0}};

	memset(s, 0, sizeof(*s));
	strcpy(s->home, "/tmp/millrace-stand-XXXXXX");
	assert_non_null(mkdtemp(s->home));
	setlocale(LC_CTYPE, "C.UTF-8");
	s->catalog = catalog_load(".", &err);
	if (!s->catalog)
		fail_msg("%s", err.what);
	s->store = store_open("/nowhere", &o, &err);
	if (!s->store)
		fail_msg("%s", err.what);
	outside.catalog = s->catalog;
	outside.store = s->store;
	app_init(&s->app, &outside, rows, cols);
	grid_init(&s->grid, rows, cols);
}

static inline int stand_remove(const char *path, const struct stat *st,
			       int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void stand_close(struct stand *s)
{
	app_release(&s->app);
	grid_release(&s->grid);
	store_close(s->store);
	catalog_free(s->catalog);
	text_free(&s->seen);
	nftw(s->home, stand_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* An event `days` ago. */
static inline void stand_event(struct stand *s, int days, const char *kind,
			       const char *body)
{
	struct err err;

	if (!store_append(s->store, event_kind_of(kind), body,
			  STAND_NOW - days * STAND_DAY, &err))
		fail_msg("%s: %s", kind, err.what);
}

/* An attempt at an exercise, all of it on one day. */
static inline void stand_attempt(struct stand *s, int days, const char *name,
				 const char *exercise, int seed, int hints,
				 bool passed, const char *competency)
{
	struct text t = {0};

	text_addf(&t, "{\"attempt\":\"%s\",\"exercise\":\"%s\","
		  "\"module_version\":\"1.0\",\"hash\":\"%064d\",\"seed\":%d,"
		  "\"purpose\":\"learn\",\"world\":\"local-kafka\","
		  "\"difficulty\":3}", name, exercise, 0, seed);
	stand_event(s, days, "attempt.started", text_cstr(&t));
	text_clear(&t);
	text_addf(&t, "{\"attempt\":\"%s\",\"verdict\":{\"status\":\"%s\","
		  "\"points\":%d,\"points_max\":10,\"hint_cost\":0,"
		  "\"tasks\":[{\"id\":\"t1\",\"kind\":\"operate\","
		  "\"status\":\"%s\",\"points\":%d,\"points_max\":10}],"
		  "\"competencies\":{\"%s\":1}},\"tries\":1,\"hints\":%d,"
		  "\"minutes\":12,\"par_minutes\":20}", name,
		  passed ? "pass" : "fail", passed ? 10 : 2,
		  passed ? "pass" : "fail", passed ? 10 : 2, competency,
		  hints);
	stand_event(s, days, "attempt.graded", text_cstr(&t));
	text_clear(&t);
	text_addf(&t, "{\"attempt\":\"%s\",\"how\":\"%s\",\"at_sim\":"
		  "730000000000}", name, passed ? "passed" : "left");
	stand_event(s, days, "attempt.ended", text_cstr(&t));
	text_free(&t);
}

static inline void stand_keys(struct stand *s, const char *script)
{
	struct err err = {{0}};

	if (!app_keys(&s->app, script, &err))
		fail_msg("%s", err.what);
}

static inline const char *stand_see(struct stand *s, bool roles)
{
	grid_reset(&s->grid, s->app.rows, s->app.cols);
	app_draw(&s->app, &s->grid);
	text_clear(&s->seen);
	grid_text(&s->grid, roles, &s->seen);
	return text_cstr(&s->seen);
}

static inline void stand_sees(struct stand *s, const char *what)
{
	const char *seen = stand_see(s, false);

	if (!strstr(seen, what))
		fail_msg("`%s` is not on the screen:\n%s", what, seen);
}

static inline void stand_sees_not(struct stand *s, const char *what)
{
	const char *seen = stand_see(s, false);

	if (strstr(seen, what))
		fail_msg("`%s` is on the screen:\n%s", what, seen);
}

/* tests/golden/views/NAME.COLSxROWS.scr */
static inline void stand_golden(struct stand *s, const char *name)
{
	char file[96];

	snprintf(file, sizeof(file), "views/%s.%dx%d.scr", name, s->app.cols,
		 s->app.rows);
	test_golden(file, stand_see(s, true));
}

/* The same screen in the three sizes every view has to manage. */
static inline void stand_sizes(struct stand *s, const char *name)
{
	static const int sizes[][2] = { { 24, 80 }, { 36, 120 }, { 20, 60 } };

	for (size_t i = 0; i < 3; i++) {
		struct input in = { .kind = INPUT_RESIZE,
				    .row = sizes[i][0], .col = sizes[i][1] };

		app_input(&s->app, &in);
		stand_golden(s, name);
	}
}

static inline const char *stand_top(const struct stand *s)
{
	return s->app.top ? s->app.top->ops->name : "";
}

#endif
