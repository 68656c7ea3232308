/* test_walk.c - whatever is pressed, Esc leads home
 *
 * Method: a seeded random walk over keys, text, the mouse and sizes, with
 * frames in between.  KEYS=100000 SEED=7 makes it longer or another; the seed
 * and the last keys are printed when something breaks.  Goal: no key crashes,
 * no screen is a dead end, the footer always says something.
 */
#include "tests/test.h"

#include <locale.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/progress/store.h"
#include "lab/tui/app.h"
#include "lab/views/scenes.h"
#include "lab/views/views.h"

enum { LAST = 40, KEYS_DEFAULT = 6000, ESCAPES = 24, FRAME = 33 * 1000000 };

struct walk {
	struct catalog *catalog;
	struct store *store;
	struct app app;
	uint64_t luck;
	uint32_t last[LAST];
	size_t pressed;
	int budget;
};

static uint64_t draw_luck(struct walk *w)
{
	w->luck = w->luck * UINT64_C(6364136223846793005) + 1442695040888963407;
	return w->luck >> 33;
}

static int64_t now(void *ctx)
{
	(void)ctx;
	return SCENE_NOW_MS;
}

/* So much work a frame, counted and not measured. */
static bool budget_over(void *ctx)
{
	struct walk *w = ctx;

	return --w->budget < 0;
}

static void open_home(struct walk *w)
{
	struct app_outside o = {
		.catalog = w->catalog, .store = w->store, .home = "",
		.content = ".", .act = views_act, .open = views_open,
		.now_ms = now, .budget_over = budget_over, .ctx = w,
	};

	app_init(&w->app, &o, 24, 80);
	app_push(&w->app, home_view(&w->app));
}

static void show_last(const struct walk *w)
{
	size_t from = w->pressed > LAST ? w->pressed - LAST : 0;

	for (size_t i = from; i < w->pressed; i++) {
		char name[KEY_NAME_MAX];

		key_name(w->last[i % LAST], name);
		print_message("%s ", name);
	}
	print_message("\n");
}

/* A key of some action, an arrow, a letter, or a word worth typing. */
static uint32_t draw_key(struct walk *w)
{
	static const uint32_t moves[] = {
		K_UP, K_DOWN, K_LEFT, K_RIGHT, K_ENTER, K_ENTER, K_TAB, K_ESC,
		K_PGUP, K_PGDN, K_HOME, K_END, K_BACKSPACE, K_F2, K_F3,
	};
	uint64_t n = draw_luck(w);

	if (n % 4 == 0)
		return moves[n / 4 % (sizeof(moves) / sizeof(*moves))];
	if (n % 4 == 1)
		return 0x20 + (uint32_t)(n / 4 % 0x5f);
	for (;;) {
		const struct action *a = actions;
		size_t count = 0;

		while (actions[count].id)
			count++;
		a = &actions[draw_luck(w) % count];
		if (a->keys[0])
			return key_named(a->keys[0]);
	}
}

static void press(struct walk *w)
{
	struct input in = { .kind = INPUT_KEY };
	uint64_t n = draw_luck(w);

	if (n % 97 == 0) {
		in = (struct input){ .kind = INPUT_RESIZE,
				     .row = 4 + (int)(n / 97 % 40),
				     .col = 20 + (int)(n / 4001 % 140) };
	} else if (n % 13 == 0) {
		in = (struct input){ .kind = INPUT_MOUSE,
				     .mouse = (enum mouse_what)(n / 13 % 6),
				     .row = (int)(n / 101 % 24),
				     .col = (int)(n / 1009 % 80) };
	} else {
		in.key = draw_key(w);
		w->last[w->pressed++ % LAST] = in.key;
	}
	app_input(&w->app, &in);
}

static void look(struct walk *w, struct grid *g)
{
	bool empty = true;

	app_draw(&w->app, g);
	if (w->app.rows < APP_ROWS_MIN || w->app.cols < APP_COLS_MIN ||
	    w->app.settings.zen)
		return;
	for (int col = 0; col < g->cols; col++)
		empty = empty && strcmp(grid_at(g, g->rows - 1, col)->text,
					" ") == 0;
	if (empty && !w->app.top->ops->is_whole) {
		show_last(w);
		fail_msg("the footer of %s is empty", w->app.top->ops->name);
	}
}

static void go_home(struct walk *w)
{
	for (int i = 0; i < ESCAPES && strcmp(w->app.top->ops->name, "home");
	     i++) {
		app_key(&w->app, K_ESC);
		w->budget = 50;
		app_frame(&w->app, FRAME);
	}
	if (strcmp(w->app.top->ops->name, "home") != 0) {
		show_last(w);
		fail_msg("Esc does not lead out of %s", w->app.top->ops->name);
	}
}

static void walk(struct walk *w, size_t keys, struct grid *g)
{
	open_home(w);
	while (w->pressed < keys) {
		press(w);
		if (app_ended(&w->app)) {
			app_release(&w->app);
			open_home(w);
		}
		if (draw_luck(w) % 3 == 0) {
			w->budget = 50;
			app_frame(&w->app, FRAME);
			look(w, g);
		}
		if (draw_luck(w) % 500 == 0) {
			struct input size = { .kind = INPUT_RESIZE, .row = 24,
					      .col = 80 };

			app_input(&w->app, &size);
			go_home(w);
		}
	}
	w->app.rows = 24;
	w->app.cols = 80;
	go_home(w);
	app_release(&w->app);
}

static void whatever_is_pressed_esc_leads_home(void **state)
{
	const char *keys = getenv("KEYS"), *seed = getenv("SEED");
	struct walk w = { .luck = seed ? strtoull(seed, NULL, 10) : 1 };
	struct grid g = {0};
	struct err err;

	(void)state;
	w.catalog = catalog_load(".", &err);
	assert_non_null(w.catalog);
	w.store = scene_record(w.catalog, &err);
	assert_non_null(w.store);
	grid_init(&g, 24, 80);
	walk(&w, keys ? strtoull(keys, NULL, 10) : KEYS_DEFAULT, &g);
	grid_release(&g);
	store_close(w.store);
	catalog_free(w.catalog);
	action_bind_reset();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_pressed_esc_leads_home),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("views/walk", tests, NULL, NULL);
}
