/* review.c - what is asked again today, and why today
 *
 *	▸ Rebalance storm   on a new seed   recall 78 %   ▲ 2 d late
 *	─ Rebalance storm ─────────────────────────── why today ─
 *	  1.0┤█▇▇▆▆▅▅▅▄▄▄
 *	  0.7┤           ▃▃▂▂▂▂
 *	     └ 11 d ago     today         in 14 d
 *
 * An exercise that is due opens on a fresh seed.  A card is a question: the
 * answer is typed first, then shown beside it.  Nobody asks how it felt.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/progress/fsrs.h"
#include "lab/study/review.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/tui/plot.h"
#include "lab/views/calendar.h"
#include "lab/views/choose.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/record.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum {
	WIDE = 76, TEXT_COL = 3, LATER_DAYS = 7, LIST_MAX = 6, CURVE_AHEAD = 14,
	CURVE_POINTS_MAX = 400, CURVE_COLS = 44, CURVE_ROWS = 3,
};

struct review_screen {
	struct view view;
	struct dues all;		/* today's, then those of a week */
	size_t today;			/* how many of these are today's */
	int64_t ahead[PROGRESS_AHEAD];
	int minutes;			/* "I have so many"; 0: all day */
	bool *picked;			/* of today's */
	size_t *lines;			/* those shown */
	size_t line_count;
	struct cursor cursor;
	struct err trouble;
	char *looked_up;		/* the card of the next field; or NULL */
	bool is_practice;		/* it cannot be checked */
};

static const struct due *current(const struct review_screen *s)
{
	return s->line_count ? &s->all.at[s->lines[s->cursor.at]] : NULL;
}

/* --- reading ---------------------------------------------------------------------- */

/* Within the minutes there are, what is worth most. */
static void pick(struct review_screen *s)
{
	struct dues today = s->all;

	today.count = s->today;
	s->line_count = 0;
	if (s->minutes)
		review_pick(&today, s->minutes, s->picked);
	for (size_t i = 0; i < s->today; i++)
		if (!s->minutes || s->picked[i])
			s->lines[s->line_count++] = i;
	cursor_keep(&s->cursor, s->line_count);
}

static void count_today(struct review_screen *s)
{
	s->today = 0;
	for (size_t i = 0; i < s->all.count; i++)
		s->today += s->all.at[i].late_days >= 0;
}

/* What is still to come goes behind today's; both keep their order. */
static void today_first(struct review_screen *s)
{
	for (size_t i = 0, to = 0; i < s->all.count; i++) {
		struct due d = s->all.at[i];

		if (d.late_days < 0)
			continue;
		memmove(&s->all.at[to + 1], &s->all.at[to],
			(i - to) * sizeof(d));
		s->all.at[to++] = d;
	}
}

static void read_all(struct review_screen *s)
{
	struct app *a = s->view.app;

	dues_free(&s->all);
	memset(&s->all, 0, sizeof(s->all));
	s->trouble.what[0] = '\0';
	if (!a->outside.store) {
		err_set(&s->trouble, "There is no record: nothing can be due.");
	} else if (progress_due(a->outside.store, a->outside.catalog,
				app_now_ms(a), LATER_DAYS, &s->all,
				&s->trouble) &&
		   progress_ahead(a->outside.store, app_now_ms(a), s->ahead,
				  &s->trouble)) {
		today_first(s);
	}
	count_today(s);
	free(s->picked);
	free(s->lines);
	s->picked = calloc(s->all.count + 1, sizeof(*s->picked));
	s->lines = calloc(s->all.count + 1, sizeof(*s->lines));
	if (!s->picked || !s->lines)
		abort();
	pick(s);
}

static void echo(struct review_screen *s)
{
	if (s->minutes)
		app_echo(s->view.app, "millrace review --minutes %d",
			 s->minutes);
	else
		app_echo(s->view.app, "millrace review");
}

static void review_shown(struct view *v)
{
	struct review_screen *s = (struct review_screen *)v;

	read_all(s);
	echo(s);
}

/* --- drawing: the list ------------------------------------------------------------- */

static void draw_due(struct grid *g, struct rect r, int row,
		     const struct due *d)
{
	bool is_wide = r.cols >= WIDE;
	int col = r.cols - (is_wide ? 44 : 27);
	struct text t = {0};

	draw_cut(g, r, row, TEXT_COL, col - TEXT_COL - 2, ROLE_TEXT, d->title);
	if (is_wide) {
		draw_cut(g, r, row, col, 14, ROLE_DIM, d->is_recheck ?
			 "on a new seed" : "a question");
		col += 16;
	}
	if (d->times) {
		text_add(&t, "recall ");
		number_percent(&t, floor(100 * d->recall + 0.5));
	} else {
		text_add(&t, "not asked yet");
	}
	draw_cut(g, r, row, col, 14, ROLE_TEXT, text_cstr(&t));
	text_clear(&t);
	if (d->late_days > 0)
		text_addf(&t, "▲ %" PRId64 " d late", d->late_days);
	else
		text_add(&t, "● today");
	grid_put(g, r, row, col + 15, d->late_days > 0 ? ROLE_WARN : ROLE_INFO,
		 text_cstr(&t));
	text_free(&t);
}

static void draw_none(const struct review_screen *s, struct grid *g,
		      struct rect r)
{
	const struct app *a = s->view.app;
	struct text t = {0};

	if (s->minutes && s->today)
		text_addf(&t, "Nothing that is due fits into %d min. m asks "
			  "for more time.", s->minutes);
	else if (s->today < s->all.count) {
		text_add(&t, "Nothing is due. Next: ");
		number_day(&t, app_now_ms(a) - s->all.at[s->today].late_days *
			   86400000, app_now_ms(a),
			   a->outside.utc_offset_minutes);
		text_addf(&t, ", %s.", s->all.at[s->today].title);
	} else {
		text_add(&t, "Nothing is due. What you finish comes back here, "
			 "days later.");
	}
	draw_cut(g, r, 0, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_DIM,
		 text_cstr(&t));
	text_free(&t);
}

static void list_status(const struct review_screen *s, struct text *t)
{
	double counts[LATER_DAYS], most = 0;
	int64_t minutes = 0;

	for (size_t i = 0; i < s->line_count; i++)
		minutes += s->all.at[s->lines[i]].minutes;
	text_addf(t, "%zu due, about %" PRId64 " min   7 days ahead ",
		  s->line_count, minutes);
	for (int i = 0; i < LATER_DAYS; i++) {
		counts[i] = (double)s->ahead[i];
		most = counts[i] > most ? counts[i] : most;
	}
	for (int i = 0; i < LATER_DAYS; i++) {
		static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅",
						    "▆", "▇", "█" };

		text_add(t, bars[most > 0 ? (int)(counts[i] / most * 7) : 0]);
	}
}

static void draw_list(struct review_screen *s, struct grid *g, struct rect r)
{
	size_t shown = r.rows > 0 ? (size_t)r.rows : 1;

	if (!s->line_count)
		draw_none(s, g, r);
	s->cursor.top = scroll_top(s->cursor.top, s->cursor.at, shown,
				   s->line_count);
	for (int row = 0; row < r.rows; row++) {
		size_t i = s->cursor.top + (size_t)row;

		if (i >= s->line_count)
			break;
		draw_due(g, r, row, &s->all.at[s->lines[i]]);
		if (i != s->cursor.at)
			continue;
		grid_put(g, r, row, 1, ROLE_TEXT, "▸");
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	}
}

/* --- drawing: why today -------------------------------------------------------------- */

static int draw_results(const struct review_screen *s, const struct due *d,
			struct grid *g, struct rect r, int row)
{
	for (size_t i = 0; i < d->result_count && i < 2; i++) {
		const struct result *e = &d->results[i];
		struct text t = {0};

		text_addf(&t, "%s, ", fsrs_rating_name(
			  (enum fsrs_rating)e->rating));
		number_day(&t, e->at_ms, app_now_ms(s->view.app),
			   s->view.app->outside.utc_offset_minutes);
		text_addf(&t, ", seed %" PRId64 ", %s", e->seed,
			  e->hints ? "with help" : "no hint");
		draw_field(g, r, row++, 10, i ? "  Before" : "  Last",
			   ROLE_TEXT, text_cstr(&t));
		text_free(&t);
	}
	return row;
}

/* Three rows of eighths, from 1.0 at the top down to what 14 more days leave. */
static void draw_curve_rows(struct grid *g, struct rect r,
			    const struct series *series, int cols)
{
	static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅",
					       "▆", "▇", "█" };
	double floor_at = series->v[series->count - 1] - 0.05, value[CURVE_COLS];

	plot_columns(series, 0, (double)series->count, cols, value);
	for (int row = 0; row < CURVE_ROWS; row++) {
		grid_putf(g, r, row, TEXT_COL, ROLE_DIM, row == 0 ? "1.0┤" :
			  row == CURVE_ROWS - 1 ? "%.1f┤" : "   │", floor_at);
		for (int i = 0; i < cols; i++) {
			double full = (value[i] - floor_at) / (1 - floor_at) *
				      8 * CURVE_ROWS;
			int left = (int)full - 8 * (CURVE_ROWS - 1 - row);

			if (left > 0)
				grid_put(g, r, row, TEXT_COL + 4 + i, ROLE_S1,
					 eighths[left < 8 ? left : 8]);
		}
	}
}

/* Recall over days: from the last time it was asked to two weeks from now. */
static void draw_curve(const struct due *d, struct grid *g, struct rect r)
{
	double values[CURVE_POINTS_MAX];
	int since = d->since_days < 0 ? 0 : (int)d->since_days;
	int count = since + CURVE_AHEAD + 1;
	struct series series = { .label = "recall", .v = values,
				 .from_s = 0, .step_s = 1 };
	int cols = r.cols - TEXT_COL - 8, now;

	if (count > CURVE_POINTS_MAX || r.rows < 4 || cols < 16)
		return;
	cols = cols > CURVE_COLS ? CURVE_COLS : cols;
	for (int i = 0; i < count; i++)
		values[i] = fsrs_recall(i, d->stability);
	series.count = (size_t)count;
	draw_curve_rows(g, r, &series, cols);
	now = TEXT_COL + 4 + since * (cols - 1) / (count - 1);
	grid_put(g, r, 3, TEXT_COL + 3, ROLE_DIM, "└");
	grid_fill(g, r, 3, TEXT_COL + 4, cols, ROLE_DIM, "─");
	grid_putf(g, r, 3, TEXT_COL + 4, ROLE_DIM, "%d d ago ", since);
	if (now > TEXT_COL + 14)
		grid_put(g, r, 3, now - 3, ROLE_STRONG, " today ");
	draw_right(g, r, 3, TEXT_COL + 4 + cols, ROLE_DIM, " in 14 d");
}

/* A card that names no words its answer has to have: one compares it oneself,
 * and that is practice, no evidence. */
static bool is_practice(struct review_screen *s, const struct due *d)
{
	struct card card;
	struct err err;

	if (d->is_recheck)
		return false;
	if (s->looked_up && strcmp(s->looked_up, d->card) == 0)
		return s->is_practice;
	free(s->looked_up);
	s->looked_up = mem_copy(d->card);
	s->is_practice = false;
	if (card_load(s->view.app->outside.catalog, d->card, &card, &err)) {
		s->is_practice = !card.expect;
		card_release(&card);
	}
	return s->is_practice;
}

static void draw_why(struct review_screen *s, struct grid *g, struct rect r)
{
	const struct due *d = current(s);
	struct text t = {0};
	int row;

	if (!d)
		return;
	draw_rule(g, r, 0, d->title, is_practice(s, d) ? "practice" :
		  "why today", false);
	if (s->is_practice && !d->is_recheck)
		text_add(&t, "Practice: you compare your answer with the card "
			 "yourself, and nothing is counted. ");
	due_why(d, &t);
	row = draw_wrapped(g, r, 1, TEXT_COL, ROLE_TEXT,
			   text_cstr(&t));
	row = draw_results(s, d, g, r, row);
	text_clear(&t);
	if (d->times) {
		text_addf(&t, "Stability %.1f d   difficulty %.1f of 10",
			  d->stability, d->difficulty);
		draw_cut(g, r, row++, TEXT_COL, r.cols - TEXT_COL - 1,
			 ROLE_DIM, text_cstr(&t));
		text_clear(&t);
		text_addf(&t, "If passed today, next in about %" PRId64 " d; if "
			  "failed, in %" PRId64 " d", d->next_if_passed,
			  d->next_if_failed);
		draw_cut(g, r, row++, TEXT_COL, r.cols - TEXT_COL - 1,
			 ROLE_DIM, text_cstr(&t));
		if (r.rows - row >= 5)
			draw_curve(d, g, (struct rect){ r.row + row + 1, r.col,
							4, r.cols });
	}
	text_free(&t);
}

static void later_words(const struct review_screen *s, struct text *t)
{
	const struct app *a = s->view.app;
	int64_t day = 0;

	for (size_t i = s->today; i < s->all.count; i++) {
		const struct due *d = &s->all.at[i];

		if (d->late_days != day) {
			text_add(t, i > s->today ? "   " : "");
			number_day(t, app_now_ms(a) - d->late_days * 86400000,
				   app_now_ms(a),
				   a->outside.utc_offset_minutes);
			text_add(t, "  ");
		} else {
			text_add(t, ", ");
		}
		text_add(t, d->title);
		day = d->late_days;
	}
	if (!t->len)
		text_add(t, "nothing");
}

static void draw_later(const struct review_screen *s, struct grid *g,
		       struct rect r)
{
	struct text t = {0};

	draw_rule(g, r, 0, "Later this week", NULL, false);
	later_words(s, &t);
	draw_cut(g, r, 1, TEXT_COL, r.cols - TEXT_COL - 1, ROLE_TEXT,
		 text_cstr(&t));
	text_free(&t);
}

static void review_draw(struct view *v, struct grid *g, struct rect body)
{
	struct review_screen *s = (struct review_screen *)v;
	int rows = s->line_count < 1 ? 1 : (int)s->line_count;
	struct rect top = rect_top(&body, 1), list, later;
	struct text status = {0}, title = {0};

	if (s->minutes)
		text_addf(&title, "In %d min", s->minutes);
	else
		text_add(&title, "Today");
	list_status(s, &status);
	draw_rule(g, top, 0, text_cstr(&title), text_cstr(&status), true);
	text_free(&title);
	text_free(&status);
	if (s->trouble.what[0]) {
		draw_wrapped(g, body, 0, TEXT_COL, ROLE_WARN, s->trouble.what);
		return;
	}
	list = rect_top(&body, rows < LIST_MAX ? rows : LIST_MAX);
	later = rect_bottom(&body, 2);
	draw_list(s, g, list);
	draw_why(s, g, body);
	draw_later(s, g, later);
}

static void review_crumb(const struct view *v, struct text *left,
			 struct text *right)
{
	const struct app *a = v->app;

	text_add(left, "Reviews");
	if (*a->settings.name)
		text_addf(right, "%s    ", a->settings.name);
	number_date(right, app_now_ms(a), a->outside.utc_offset_minutes);
}

/* --- a card ---------------------------------------------------------------------------- */

/* What the card says, over the list: the own answer above the right one. */
static void show_answer(struct app *a, const struct card *card,
			const char *typed, const struct card_grade *grade)
{
	struct text t = {0};

	text_addf(&t, "%s\n\n", card->question);
	text_addf(&t, "**Yours:** %s\n\n", *typed ? typed : "nothing");
	text_addf(&t, "**The card:** %s\n\n", card->answer);
	if (grade->recalled && grade->was_checked)
		text_add(&t, "✓ It says what has to be in it.\n");
	else if (!grade->was_checked)
		text_add(&t, "Compare it yourself: this card cannot be "
			 "checked, so nothing is counted. It is asked again "
			 "in a week.\n");
	else if (grade->missing.len)
		text_addf(&t, "✗ Not in it: %s. It comes back soon.\n",
			  text_cstr(&grade->missing));
	else
		text_add(&t, "✗ Not recalled. It comes back soon.\n");
	app_push(a, reader_overlay(a, card->title, text_cstr(&t)));
	text_free(&t);
}

static void card_answered(struct app *a, void *ctx, const char *typed)
{
	struct view *v = app_find(a, "review");
	const struct due *d = v ? current((struct review_screen *)v) : NULL;
	struct card_grade grade;
	struct text body = {0};
	struct card card;
	struct err err;

	(void)ctx;
	if (!d || !card_load(a->outside.catalog, d->card, &card, &err))
		return;
	card_grade(&card, typed, &grade);
	card_event(&card, typed, &grade, SURE_LIKELY, &body);
	record_body(a, "item.answered", text_cstr(&body));
	if (!grade.was_checked) {
		text_clear(&body);
		card_postponed_event(&card, CARD_UNCHECKED_DAYS, &body);
		record_body(a, "review.postponed", text_cstr(&body));
	}
	show_answer(a, &card, typed, &grade);
	card_grade_release(&grade);
	card_release(&card);
	text_free(&body);
}

static void ask_card(struct app *a, const struct due *d)
{
	struct card card;
	struct err err;

	if (!card_load(a->outside.catalog, d->card, &card, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return;
	}
	app_ask(a, card.question, "", card_answered, NULL);
	card_release(&card);
}

/* --- doing ------------------------------------------------------------------------------- */

static void recheck(struct app *a, const struct due *d)
{
	struct workbench_options o = { .exercise = d->exercise,
				       .purpose = "review" };
	struct err err = {{0}};
	struct view *v = NULL;

	if (progress_new_seed(a->outside.store, d->exercise, &o.seed, &err))
		v = workbench_view(a, &o, &err);
	if (!v) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return;
	}
	app_push(a, v);
	app_echo(a, "millrace start %s --seed %" PRIu64, o.exercise, o.seed);
}

static bool begin(struct review_screen *s)
{
	const struct due *d = current(s);

	if (!d)
		app_say(s->view.app, ROLE_INFO, "Nothing is due.");
	else if (d->is_recheck)
		recheck(s->view.app, d);
	else
		ask_card(s->view.app, d);
	return true;
}

static bool postpone(struct review_screen *s)
{
	struct app *a = s->view.app;
	const struct due *d = current(s);

	if (!d) {
		app_say(a, ROLE_INFO, "Nothing is due.");
		return true;
	}
	if (record_postponed(a, d->card, 1))
		app_echo(a, "millrace review postpone %s", d->card);
	read_all(s);
	return true;
}

static void minutes_chosen(struct app *a, void *ctx, const char *value)
{
	struct view *v = app_find(a, "review");
	struct review_screen *s = (struct review_screen *)v;

	(void)ctx;
	if (!v)
		return;
	s->minutes = atoi(value);
	pick(s);
	echo(s);
}

static bool ask_minutes(struct review_screen *s)
{
	static const struct choice choices[] = {
		{ "2", "2 minutes", "a card or two" },
		{ "5", "5 minutes", "" },
		{ "10", "10 minutes", "" },
		{ "20", "20 minutes", "an exercise" },
		{ "40", "40 minutes", "" },
		{ "0", "all that is due", "" },
	};

	app_push(s->view.app, choose_view(s->view.app, "I have", choices,
					  sizeof(choices) / sizeof(*choices),
					  1, minutes_chosen, NULL));
	return true;
}

static bool show_calendar(struct review_screen *s)
{
	struct app *a = s->view.app;
	struct text t = {0};
	struct err err;

	if (!a->outside.store)
		app_say(a, ROLE_INFO, "There is no record: nothing can be "
			"due.");
	else if (!review_calendar(a->outside.store, a->outside.catalog,
				  app_now_ms(a), &t, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else
		app_push(a, reader_overlay(a, "Due, four weeks ahead",
					   text_cstr(&t)));
	text_free(&t);
	return true;
}

static bool review_act(struct view *v, const struct action *act)
{
	struct review_screen *s = (struct review_screen *)v;

	if (strcmp(act->id, "review.begin") == 0)
		return begin(s);
	if (strcmp(act->id, "review.postpone") == 0)
		return postpone(s);
	if (strcmp(act->id, "review.minutes") == 0)
		return ask_minutes(s);
	if (strcmp(act->id, "review.calendar") == 0)
		return show_calendar(s);
	return false;
}

static bool review_input(struct view *v, const struct input *in)
{
	struct review_screen *s = (struct review_screen *)v;

	return cursor_input(&s->cursor, in, s->line_count, LIST_MAX);
}

static void review_contexts(const struct view *v,
			    enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_REVIEW;
	out[1] = CTX_COUNT;
}

static void review_free(struct view *v)
{
	struct review_screen *s = (struct review_screen *)v;

	dues_free(&s->all);
	free(s->looked_up);
	free(s->picked);
	free(s->lines);
	free(s);
}

static const struct view_ops review_ops = {
	.name = "review", .contexts = review_contexts, .crumb = review_crumb,
	.draw = review_draw, .input = review_input, .act = review_act,
	.shown = review_shown, .free = review_free,
};

struct view *review_view(struct app *a)
{
	struct review_screen *s = mem_zeroed(1, sizeof(*s));

	s->view = (struct view){ .ops = &review_ops, .app = a };
	return &s->view;
}
