/* workbench_stand.h - a workbench played by keys, without a terminal
 *
 * An app, the real course, a record in memory and a clock that stands still;
 * keys go in, pictures and answers come out.
 */
#ifndef TESTS_LAB_VIEWS_WORKBENCH_STAND_H
#define TESTS_LAB_VIEWS_WORKBENCH_STAND_H

#include "tests/test.h"

#include "lab/course/attempt.h"
#include "lab/course/catalog.h"
#include "lab/course/plan.h"
#include "lab/progress/store.h"
#include "lab/views/workbench_inside.h"

enum { NOW_S = 1795338000 };		/* 2026-11-22 09:00 UTC */

struct bench {
	struct catalog *catalog;
	struct store *store;
	struct app app;
	struct workbench *w;
};

static inline int64_t now_ms(void *ctx)
{
	(void)ctx;
	return INT64_C(1000) * NOW_S;
}

static inline struct store *record(void)
{
	struct store_options o = {
		.now_ms = INT64_C(1000) * NOW_S, .memory = true,
		.device = "0123456789abcdef",
	};
	struct err err;
	struct store *s = store_open(NULL, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

/* On top of what the bench has: the view, too. */
static inline void open_with(struct bench *b, int cols, int rows,
			     const struct workbench_options *o)
{
	struct app_outside outside = {
		.catalog = b->catalog, .store = b->store, .now_ms = now_ms,
	};
	struct err err;
	struct view *v;

	app_init(&b->app, &outside, rows, cols);
	v = workbench_view(&b->app, o, &err);
	if (!v)
		fail_msg("%s", err.what);
	app_push(&b->app, v);
	b->w = workbench_of(v);
}

static inline void set_up(struct bench *b)
{
	struct err err;

	*b = (struct bench){ .catalog = catalog_load(".", &err) };
	if (!b->catalog)
		fail_msg("%s", err.what);
	b->store = record();
}

static inline void exercise(struct bench *b, int cols, int rows)
{
	struct workbench_options o = {
		.exercise = "bigdata.first-log", .seed = 3,
	};

	set_up(b);
	open_with(b, cols, rows, &o);
}

static inline void sandbox(struct bench *b, int cols, int rows)
{
	struct workbench_options o = { .world = "local-kafka", .seed = 3 };

	set_up(b);
	open_with(b, cols, rows, &o);
}

static inline void take_down(struct bench *b)
{
	app_release(&b->app);
	store_close(b->store);
	catalog_free(b->catalog);
}

static inline void keys(struct bench *b, const char *script)
{
	struct err err;

	if (!app_keys(&b->app, script, &err))
		fail_msg("%s: %s", script, err.what);
}

/* A line as a person types it, to its end. */
static inline void type(struct bench *b, const char *line)
{
	while (*line)
		app_key(&b->app, (unsigned char)*line++);
	app_key(&b->app, K_ENTER);
	if (!app_settle(&b->app))
		fail_msg("%s never ends", line);
}

static inline void picture(struct bench *b, const char *name)
{
	struct text t = {0};
	struct grid g;

	grid_init(&g, 1, 1);
	app_draw(&b->app, &g);
	grid_text(&g, true, &t);
	test_golden(name, text_cstr(&t));
	text_free(&t);
	grid_release(&g);
}

static inline bool shows(struct bench *b, const char *words)
{
	struct text t = {0};
	struct grid g;
	bool found;

	grid_init(&g, 1, 1);
	app_draw(&b->app, &g);
	grid_text(&g, false, &t);
	found = strstr(text_cstr(&t), words) != NULL;
	text_free(&t);
	grid_release(&g);
	return found;
}

static inline uint64_t digest(const struct bench *b)
{
	return world_digest(play_world(b->w->play));
}

/* The lines of the author's solution; caller frees with plans_release. */
static inline void solution(struct bench *b, struct plans *plans)
{
	struct err err;

	if (!plans_read(plans, b->w->module, play_attempt(b->w->play)->box,
			&err))
		fail_msg("%s", err.what);
}

static inline void play_solution(struct bench *b, size_t from, size_t to)
{
	struct plans plans;
	struct plan *p;

	solution(b, &plans);
	p = &plans.solutions[0];
	for (size_t i = from; i < to && i < p->count; i++) {
		assert_non_null(p->lines[i].line);
		type(b, p->lines[i].line);
	}
	plans_release(&plans);
}

#endif
