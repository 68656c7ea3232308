/* welcome.c - the first start: a world that runs already, and five ways to begin
 *
 *	  sensor           kafka            dashboard
 *	  1 000   ──────▸  ● ● ●  ──────▸   ● ●
 *	  1.0k/s           18/18 in sync    lag 0
 *
 *	  records/s ▁▂▄▆▇▇▇▇▇▇▇▇▇▇▇▇▇     T+01:34  RUN 60x
 *
 * Nothing is asked before the first success; the name has a default and can be
 * left alone.  Every number is the world's, as its monitoring sees it.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/play/chart.h"
#include "lab/play/play.h"
#include "lab/play/topo.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/lineedit.h"
#include "lab/tui/number.h"
#include "lab/tui/plot.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/peek.h"
#include "lab/views/record.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

#define WORLD		"local-kafka"
#define WORLD_AT	SIM_MINUTES(1)
#define WORLD_SPEED	60000			/* thousandths: 60x */
#define RATE		"sum(rate(kafka_server_brokertopicmetrics_" \
			"messagesin_total[1m]))"
#define SPARK_SPAN	SIM_MINUTES(20)
#define SPARK_STEP	SIM_S(15)		/* as often as it is scraped */

enum { TEXT_COL = 3, NARROW = 76, DOTS_MAX = 4, NAME_MAX_COLS = 40 };

struct welcome {
	struct view view;
	struct peek *peek;		/* NULL: no world; `err` says why */
	struct err err;
	struct topo topo;
	struct chart chart;
	sim_time seen;			/* when these two were asked */
	struct cursor cursor;		/* of ways to begin */
	struct lineedit name;
	bool is_naming;
};

/* --- ways to begin --------------------------------------------------------------- */

/* A world that has been well for two minutes, and the line that breaks it. */
static void break_something(struct app *a)
{
	struct workbench_options o = {
		.world = WORLD, .purpose = "free", .lead_in = "goto 2m\nsave before",
		.ghost = "fault kill component=broker-2",
	};
	struct err err;
	struct view *v = workbench_view(a, &o, &err);

	if (!v) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return;
	}
	app_push(a, v);
	app_say(a, ROLE_INFO, "Right takes the grey line, Enter runs it; "
		"Space lets time pass.");
}

static void start_pathway(struct app *a)
{
	const json_t *units = json_object_get(a->outside.catalog->pathway,
					      "units");
	const json_t *unit = json_array_get(units, 0);
	const json_t *lesson = json_array_get(json_object_get(unit, "lessons"),
					      0);
	struct text id = {0};

	text_addf(&id, "%s/%s", catalog_text(unit, "id"),
		  catalog_text(lesson, "id"));
	open_lesson(a, text_cstr(&id));
	text_free(&id);
}

static void look_around(struct app *a)
{
	open_sandbox(a, WORLD);
}

static void rate_yourself(struct app *a)
{
	app_push(a, rubric_view(a));
	app_echo(a, "millrace assess");
}

static void teach(struct app *a)
{
	app_push(a, reader_overlay(a, "I teach this",
		"An exercise is a folder with a `module.lua` and its texts. "
		"Millrace proves it before a learner meets it: with its "
		"solution it passes, with each declared wrong fix it does "
		"not, on every seed.\n\n"
		"```\n"
		"millrace module new my.exercise   a folder to begin with\n"
		"millrace start FOLDER             see it while you write it\n"
		"millrace module lint FOLDER       what is wrong, by line\n"
		"millrace verify FOLDER            the proof, seed by seed\n"
		"```\n\n"
		"From here: `:` and \"Preview a module from a file\".\n\n"
		"docs/authoring.md describes every field.\n"));
}

static const struct way {
	const char *name, *time, *what;
	void (*begin)(struct app *a);
} ways[] = {
	{ "Break something", "2 min",
	  "stop a broker, watch what follows, undo it", break_something },
	{ "Start the pathway", "week 1",
	  "from the first record to a whole platform", start_pathway },
	{ "Look around", "", "the same world, every tool, no tasks",
	  look_around },
	{ "Rate yourself", "5 min",
	  "twelve statements, beside what your runs say",
	  rate_yourself },
	{ "I teach this", "", "make an exercise, check it, prove it", teach },
};
enum { WAYS = sizeof(ways) / sizeof(*ways) };

static void keep_name(struct welcome *w)
{
	struct app *a = w->view.app;
	const char *name = lineedit_text(&w->name);
	struct err err;

	if (!*name || strcmp(name, a->settings.name) == 0)
		return;
	if (!settings_set(&a->settings, "name", name, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	record_profile(a, "name", name);
}

/* Home takes the place of welcome: that is where every door leads back to. */
static void begin(struct welcome *w)
{
	struct app *a = w->view.app;
	void (*door)(struct app *a) = ways[w->cursor.at].begin;

	keep_name(w);
	record_profile(a, "welcomed", ways[w->cursor.at].name);
	app_pop(a);
	app_push(a, home_view(a));
	door(a);
}

/* --- what the world says ------------------------------------------------------------ */

static void ask_world(struct welcome *w)
{
	struct play *p = w->peek->play;
	sim_time now = play_now(p), from;
	struct err err;

	topo_release(&w->topo);
	chart_release(&w->chart);
	memset(&w->topo, 0, sizeof(w->topo));
	memset(&w->chart, 0, sizeof(w->chart));
	from = now > SPARK_SPAN ? now - SPARK_SPAN : 0;
	play_topo(p, false, &w->topo);
	play_chart(p, RATE, from, now, SPARK_STEP, &w->chart, &err);
	w->seen = now;
}

static void welcome_frame(struct view *v, int64_t wall_ns)
{
	struct welcome *w = (struct welcome *)v;
	struct app *a = v->app;

	if (!w->peek || a->top != v)
		return;
	play_frame(w->peek->play, wall_ns, a->outside.budget_over,
		   a->outside.ctx);
	if (play_now(w->peek->play) >= w->seen + SIM_S(1))
		ask_world(w);
}

static bool welcome_moving(const struct view *v)
{
	return ((const struct welcome *)v)->peek != NULL;
}

/* --- drawing ------------------------------------------------------------------------- */

static enum role state_role(enum part_state s)
{
	static const enum role roles[] = {
		[PART_OK] = ROLE_GOOD, [PART_WARN] = ROLE_WARN,
		[PART_DOWN] = ROLE_BAD, [PART_START] = ROLE_INFO,
		[PART_IDLE] = ROLE_DIM, [PART_UNKNOWN] = ROLE_DIM,
	};

	return roles[s];
}

/* Its processes as dots, or how many there are. */
static int draw_parts(struct grid *g, struct rect r, int row, int col,
		      const struct topo_stage *s)
{
	struct text t = {0};

	if (s->parts > DOTS_MAX) {
		number_count(&t, s->parts);
		col = grid_put(g, r, row, col, state_role(s->state),
			       text_cstr(&t));
	}
	for (uint32_t i = 0; s->parts <= DOTS_MAX && i < s->parts; i++)
		col = grid_put(g, r, row, col + (i > 0), i < s->parts_ok ?
			       ROLE_GOOD : state_role(s->state),
			       i < s->parts_ok ? "●" :
			       s->state == PART_UNKNOWN ? "?" : "✗");
	text_free(&t);
	return col;
}

static void draw_arrow(struct grid *g, struct rect r, int row, int from, int to)
{
	if (to - from < 3)
		return;
	grid_fill(g, r, row, from, to - from - 1, ROLE_DIM, "─");
	grid_put(g, r, row, to - 1, ROLE_DIM, "▸");
}

static void draw_flow(const struct welcome *w, struct grid *g, struct rect r)
{
	int count = (int)w->topo.stage_count;
	int step = count ? (r.cols - TEXT_COL - 2) / count : 0;

	step = step > 24 ? 24 : step;
	for (int i = 0; i < count; i++) {
		const struct topo_stage *s = &w->topo.stages[i];
		int col = TEXT_COL + 2 + i * step, end;

		draw_name(g, r, 0, col, step - 2, ROLE_STRONG, s->name);
		end = draw_parts(g, r, 1, col, s);
		if (i + 1 < count)
			draw_arrow(g, r, 1, end + 2, col + step - 2);
		draw_cut(g, r, 2, col, step - 2, *s->word ? ROLE_TEXT :
			 ROLE_DIM, *s->word ? s->word : *s->rate ? s->rate :
			 part_words[s->state]);
	}
}

static void draw_clock(const struct welcome *w, struct grid *g, struct rect r,
		       int row)
{
	struct text t = {0};

	number_time(&t, play_now(w->peek->play));
	text_add(&t, "  RUN ");
	play_speed_text(&t, play_speed(w->peek->play));
	draw_right(g, r, row, r.cols - 2, ROLE_INFO, text_cstr(&t));
	text_free(&t);
}

static void draw_spark(const struct welcome *w, struct grid *g, struct rect r,
		       int row)
{
	struct series s = { .label = "records/s" };
	int cols = r.cols - TEXT_COL - 2 - 11 - 30;

	cols = cols > 60 ? 60 : cols;
	grid_put(g, r, row, TEXT_COL + 2, ROLE_DIM, "records/s");
	if (w->chart.series_count) {
		s.v = w->chart.series[0].values;
		s.count = w->chart.points;
		s.step_s = 1;
		plot_spark(g, r, row, TEXT_COL + 13, cols, ROLE_S1, &s, 0,
			   number_short);
	}
	draw_clock(w, g, r, row);
}

static void draw_intro(struct grid *g, struct rect *body)
{
	static const char *const lines[][2] = {
		{ "A whole data platform lives in this program.",
		  "A flight simulator for data platforms. A whole stack lives "
		  "in this program." },
		{ "Run it, break it, rewind it. Nothing real can be hurt.",
		  "Run it, break it, rewind it. Nothing you do here can hurt "
		  "anything real." },
	};

	for (int i = 0; i < 2; i++)
		grid_put(g, rect_top(body, 1), 0, TEXT_COL, ROLE_TEXT,
			 lines[i][body->cols >= NARROW]);
}

static void draw_ways(const struct welcome *w, struct grid *g, struct rect r)
{
	bool is_wide = r.cols >= NARROW;

	for (int i = 0; i < WAYS && i < r.rows; i++) {
		bool is_here = (size_t)i == w->cursor.at && !w->is_naming;
		int col = TEXT_COL + 21;

		if (is_here)
			grid_put(g, r, i, 1, ROLE_TEXT, "▸");
		grid_put(g, r, i, TEXT_COL, ROLE_STRONG, ways[i].name);
		if (is_wide) {
			grid_put(g, r, i, col, ROLE_DIM, ways[i].time);
			col += 9;
		}
		draw_cut(g, r, i, col, r.cols - col - 1, ROLE_TEXT,
			 ways[i].what);
		if (is_here)
			grid_flag(g, (struct rect){ r.row + i, r.col, 1,
						    r.cols }, CELL_SELECTED);
	}
}

static void draw_naming(struct welcome *w, struct grid *g, struct rect r)
{
	struct rect field = r;
	int col = grid_put(g, r, 0, TEXT_COL, ROLE_TEXT,
			   "Your name, for your own record");

	col += 2;
	if (!w->is_naming && lineedit_is_empty(&w->name)) {
		grid_put(g, r, 0, col, ROLE_KEY, "Tab");
		return;
	}
	if (field.cols > col + NAME_MAX_COLS)
		field.cols = col + NAME_MAX_COLS;
	lineedit_draw(&w->name, g, field, 0, col, w->is_naming);
}

static void draw_world(struct welcome *w, struct grid *g, struct rect *body,
		       bool is_roomy)
{
	rect_top(body, 1);
	if (!w->peek) {
		draw_wrapped(g, rect_top(body, 3), 0, TEXT_COL, ROLE_WARN,
			     w->err.what);
		return;
	}
	draw_flow(w, g, rect_top(body, 3));
	rect_top(body, is_roomy);
	draw_spark(w, g, rect_top(body, 1), 0);
}

static void draw_place(const struct app *a, struct grid *g, struct rect r)
{
	int col = grid_put(g, r, 0, TEXT_COL, ROLE_DIM, "No network is used.");

	if (!a->outside.home)
		return;
	col = grid_put(g, r, 0, col, ROLE_DIM, " Your record: ");
	draw_name(g, r, 0, col, r.cols - col - 1, ROLE_DIM, a->outside.home);
}

static void welcome_draw(struct view *v, struct grid *g, struct rect body)
{
	struct welcome *w = (struct welcome *)v;
	bool is_roomy = body.rows >= 20;

	draw_intro(g, &body);
	draw_world(w, g, &body, is_roomy);
	rect_top(&body, 1);
	if (is_roomy) {
		grid_put(g, rect_top(&body, 1), 0, TEXT_COL, ROLE_TEXT,
			 "It is already running. How would you like to begin?");
		rect_top(&body, 1);
	}
	draw_ways(w, g, rect_top(&body, WAYS));
	rect_top(&body, is_roomy);
	draw_naming(w, g, rect_top(&body, 1));
	rect_top(&body, 1);
	draw_place(v->app, g, body);
}

static void welcome_crumb(const struct view *v, struct text *left,
			  struct text *right)
{
	(void)v;
	text_add(left, "Millrace");
	text_add(right, "first run");
}

/* --- doing ----------------------------------------------------------------------------- */

static bool name_input(struct welcome *w, const struct input *in)
{
	if (in->kind == INPUT_PASTE) {
		lineedit_paste(&w->name, in->text,
			       strcspn(in->text, "\r\n"));
		return true;
	}
	if (in->kind != INPUT_KEY)
		return true;
	if (in->key == K_TAB || in->key == K_BACKTAB || in->key == K_ENTER ||
	    in->key == K_ESC || in->key == K_UP || in->key == K_DOWN) {
		w->is_naming = false;
		keep_name(w);
		return true;
	}
	return lineedit_key(&w->name, in->key) != LINE_REFUSED;
}

static bool welcome_input(struct view *v, const struct input *in)
{
	struct welcome *w = (struct welcome *)v;

	if (w->is_naming)
		return name_input(w, in);
	if (in->kind == INPUT_KEY && in->key == K_TAB) {
		w->is_naming = true;
		return true;
	}
	return cursor_input(&w->cursor, in, WAYS, WAYS);
}

static bool welcome_typing(const struct view *v)
{
	return ((const struct welcome *)v)->is_naming;
}

static bool welcome_act(struct view *v, const struct action *act)
{
	if (strcmp(act->id, "welcome.begin") != 0)
		return false;
	begin((struct welcome *)v);
	return true;
}

static void welcome_contexts(const struct view *v,
			     enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_WELCOME;
	out[1] = CTX_COUNT;
}

static void welcome_free(struct view *v)
{
	struct welcome *w = (struct welcome *)v;

	topo_release(&w->topo);
	chart_release(&w->chart);
	peek_free(w->peek);
	lineedit_release(&w->name);
	free(w);
}

static const struct view_ops welcome_ops = {
	.name = "welcome", .contexts = welcome_contexts,
	.crumb = welcome_crumb, .draw = welcome_draw, .input = welcome_input,
	.typing = welcome_typing, .act = welcome_act, .frame = welcome_frame,
	.moving = welcome_moving, .free = welcome_free,
};

struct view *welcome_view(struct app *a)
{
	struct welcome *w = mem_zeroed(1, sizeof(*w));

	w->view = (struct view){ .ops = &welcome_ops, .app = a };
	lineedit_init(&w->name, NULL);
	lineedit_set(&w->name, a->settings.name);
	w->peek = peek_new(WORLD, 1, WORLD_AT, &w->err);
	if (w->peek) {
		play_speed_set(w->peek->play, WORLD_SPEED);
		play_run(w->peek->play);
		ask_world(w);
	}
	return &w->view;
}
