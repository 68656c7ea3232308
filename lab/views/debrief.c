/* debrief.c - what happened, seen from the end: the timeline, then the text
 *
 * The timeline holds what was truly so (faults) beside what could be seen and
 * what the learner did, in one order of time; Enter opens the world at that
 * moment.  The text is the author's.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/course/keytext.h"
#include "lab/play/play.h"
#include "lab/text/wrap.h"
#include "lab/tui/action.h"
#include "lab/tui/draw.h"
#include "lab/tui/key.h"
#include "lab/tui/markdown.h"
#include "lab/tui/number.h"
#include "lab/views/cursor.h"
#include "lab/views/inside.h"
#include "lab/views/views.h"

enum { TIME_COLS = 14 };

struct debrief {
	struct view view;
	struct play *play;
	const struct play_event *events;	/* lent by the play */
	size_t event_count;
	struct text source;	/* the author's text */
	struct markdown text;	/* laid out for `cols` */
	int cols;
	struct cursor cursor;	/* over the events */
	int top;		/* first line of the text */
	bool reads;		/* the keys move the text, not the timeline */
	struct rect rows, page;
};

/* --- the timeline ----------------------------------------------------------------- */

struct mark_of {
	const char *glyph;
	enum role role;
};

static const struct mark_of marks[PLAY_EVENT_KINDS] = {
	[EVENT_LINE] = { "▸", ROLE_CMD }, [EVENT_SAVE] = { "□", ROLE_DIM },
	[EVENT_PASSED] = { "✓", ROLE_GOOD }, [EVENT_BROKEN] = { "✗", ROLE_BAD },
	[EVENT_WARN] = { "◆", ROLE_TEXT }, [EVENT_ERROR] = { "◆", ROLE_WARN },
	[EVENT_DOWN] = { "▲", ROLE_WARN }, [EVENT_UP] = { "●", ROLE_GOOD },
	[EVENT_FAULT] = { "≡", ROLE_TRUTH },
	[EVENT_HEALED] = { "≡", ROLE_TRUTH },
};

static void draw_event(const struct debrief *d, size_t i, struct grid *g,
		       struct rect r, int row)
{
	const struct play_event *e = &d->events[i];
	const struct mark_of *m = &marks[e->kind];
	struct text at = {0};

	number_time_exact(&at, e->at);
	grid_put(g, r, row, 3, ROLE_DIM, text_cstr(&at));
	grid_put(g, r, row, 3 + TIME_COLS, m->role, m->glyph);
	draw_cut(g, r, row, 5 + TIME_COLS, r.cols - 6 - TIME_COLS,
		 e->kind == EVENT_LINE ? ROLE_CMD : ROLE_TEXT, e->text);
	if (i == d->cursor.at) {
		grid_put(g, r, row, 1, ROLE_KEY, "▸");
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
	}
	text_free(&at);
}

static void draw_events(struct debrief *d, struct grid *g, struct rect r)
{
	size_t shown = (size_t)(r.rows > 0 ? r.rows : 0);

	d->rows = r;
	d->cursor.top = scroll_top(d->cursor.top, d->cursor.at, shown,
				   d->event_count);
	for (size_t i = 0; i < shown && d->cursor.top + i < d->event_count; i++)
		draw_event(d, d->cursor.top + i, g, r, (int)i);
	if (!d->event_count)
		grid_put(g, r, 0, 3, ROLE_DIM, "Nothing of note happened.");
}

/* --- drawing ------------------------------------------------------------------------- */

/* Lay the text out anew when the width has changed. */
static void lay_out(struct debrief *d, int cols)
{
	struct md_options o = { .measure = cols < MEASURE ? cols : MEASURE };

	if (cols == d->cols || cols < 1)
		return;
	if (d->cols)
		markdown_release(&d->text);
	markdown_init(&d->text, text_cstr(&d->source), d->source.len, &o);
	d->cols = cols;
}

static void debrief_draw(struct view *v, struct grid *g, struct rect body)
{
	struct debrief *d = (struct debrief *)v;
	int half = body.rows / 2;
	struct md_window w = { .top = 0 };
	struct text status = {0};
	struct rect top;

	if ((int)d->event_count + 2 < half)
		half = (int)d->event_count + 2;
	top = rect_top(&body, half < 3 ? 3 : half);
	draw_rule(g, top, 0, "What happened", "with what was truly so",
		  !d->reads);
	rect_top(&top, 1);
	draw_events(d, g, top);
	lay_out(d, body.cols - 2);
	scroll_text(&status, (size_t)d->top, (size_t)(body.rows - 1),
		    d->text.line_count);
	draw_rule(g, body, 0, "Look back", text_cstr(&status), d->reads);
	rect_top(&body, 1);
	d->page = body;
	w.top = (size_t)d->top;
	markdown_draw(&d->text, g, rect_inset(body, 0, 1), &w, 0);
	text_free(&status);
}

static void debrief_crumb(const struct view *v, struct text *left,
			  struct text *right)
{
	const struct debrief *d = (const struct debrief *)v;

	text_addf(left, "%s › Debrief", play_module(d->play)->title);
	text_addf(right, "%s", play_attempt(d->play)->gave_up ? "given up" :
								"done");
}

/* --- what can be done ------------------------------------------------------------------ */

static bool open_moment(struct debrief *d)
{
	struct app *a = d->view.app;
	struct play *p = d->play;
	struct text at = {0};
	struct err err;

	if (d->cursor.at >= d->event_count)
		return true;
	simtime_at_text(&at, d->events[d->cursor.at].at);
	if (!play_goto(p, d->events[d->cursor.at].at, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
	} else {
		app_pop_to(a, "workbench");
		app_echo(a, "goto %s", text_cstr(&at) + 2);
		say_branch_left(a, p);
	}
	text_free(&at);
	return true;
}

static bool debrief_act(struct view *v, const struct action *a)
{
	struct debrief *d = (struct debrief *)v;

	if (strcmp(a->id, "debrief.moment") == 0)
		return d->reads || open_moment(d);
	if (strcmp(a->id, "pane.next") == 0 || strcmp(a->id, "pane.prev") == 0) {
		d->reads = !d->reads;
		return true;
	}
	return after_work_act(v->app, d->play, a->id);
}

static void scroll(struct debrief *d, int by)
{
	int last = (int)d->text.line_count - d->page.rows;

	d->top += by;
	if (d->top > last)
		d->top = last;
	if (d->top < 0)
		d->top = 0;
}

static bool read_key(struct debrief *d, const struct input *in)
{
	if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_WHEEL_UP)
		scroll(d, -3);
	else if (in->kind == INPUT_MOUSE && in->mouse == MOUSE_WHEEL_DOWN)
		scroll(d, 3);
	else if (in->kind != INPUT_KEY)
		return false;
	else if (in->key == K_UP || in->key == 'k')
		scroll(d, -1);
	else if (in->key == K_DOWN || in->key == 'j')
		scroll(d, 1);
	else if (in->key == K_PGUP)
		scroll(d, -d->page.rows);
	else if (in->key == K_PGDN)
		scroll(d, d->page.rows);
	else
		return false;
	return true;
}

static bool debrief_input(struct view *v, const struct input *in)
{
	struct debrief *d = (struct debrief *)v;

	/* Pages are the text's, wherever the focus is: the timeline is short. */
	if (d->reads || (in->kind == INPUT_KEY &&
			 (in->key == K_PGUP || in->key == K_PGDN)))
		return read_key(d, in);
	return cursor_input(&d->cursor, in, d->event_count,
			    (size_t)(d->rows.rows > 0 ? d->rows.rows : 1));
}

static void debrief_contexts(const struct view *v, enum context *out)
{
	(void)v;
	out[0] = CTX_DEBRIEF;
	out[1] = CTX_VERDICT;
	out[2] = CTX_PANES;
	out[3] = CTX_COUNT;
}

static const char *debrief_refuse(const struct view *v, const struct action *a)
{
	const struct debrief *d = (const struct debrief *)v;

	if (strncmp(a->id, "pane.", 5) == 0 &&
	    strcmp(a->id, "pane.next") != 0 && strcmp(a->id, "pane.prev") != 0)
		return "There are only two panes here; Tab changes between "
		       "them.";
	if (strcmp(a->id, "layout.next") == 0)
		return "The debrief has one layout.";
	if (strcmp(a->id, "debrief.open") == 0)
		return "This is the debrief.";
	return after_work_refuse(v->app, d->play, a->id);
}

/* The play may have gone elsewhere meanwhile. */
static void debrief_shown(struct view *v)
{
	struct debrief *d = (struct debrief *)v;

	d->event_count = play_events(d->play, &d->events);
	cursor_keep(&d->cursor, d->event_count);
}

static void debrief_free(struct view *v)
{
	struct debrief *d = (struct debrief *)v;

	if (d->cols)
		markdown_release(&d->text);
	text_free(&d->source);
	free(d);
}

static const struct view_ops debrief_ops = {
	.name = "debrief", .contexts = debrief_contexts,
	.crumb = debrief_crumb, .draw = debrief_draw, .input = debrief_input,
	.act = debrief_act, .refuse = debrief_refuse, .shown = debrief_shown,
	.free = debrief_free,
};

struct view *debrief_view(struct app *a, struct play *p)
{
	struct debrief *d = calloc(1, sizeof(*d));
	const struct exercise *m = play_module(p);
	struct text t = {0};
	char key[KEY_NAME_MAX];
	struct err err;

	(void)a;
	if (!d)
		abort();
	d->view.ops = &debrief_ops;
	d->play = p;
	if (m->debrief && exercise_text(m, m->debrief, &t, &err))
		keytext_fill(text_cstr(&t), t.len, action_first_key, key,
			     &d->source);
	else
		text_add(&d->source, "This exercise has no debrief.\n");
	text_free(&t);
	return &d->view;
}
