/* workbench_panes.c - the task line, tasks, logs, and the brief
 *
 * Each pane draws below its rule.  The text of a task is Markdown of the
 * module's; its first sentence is the line under the crumb.
 */
#include "lab/views/workbench_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/course/keytext.h"
#include "lab/tui/action.h"
#include "lab/tui/dialog.h"
#include "lab/tui/draw.h"
#include "lab/tui/key.h"
#include "lab/tui/markdown.h"
#include "lab/tui/number.h"
#include "lab/views/workbench_map.h"
#include "sim/fault/fault.h"

enum { STATUS_COLS = 44 };	/* a rule that has room for a sentence */

/* --- the text of a task --------------------------------------------------- */

/* With the keys that hold now. */
static bool task_text(const struct workbench *w, size_t task, struct text *out)
{
	char key[KEY_NAME_MAX];
	struct text t = {0};
	struct err err;
	bool good = task < w->module->task_count &&
		    exercise_text(w->module, w->module->tasks[task].text, &t,
				  &err);

	if (good)
		keytext_fill(text_cstr(&t), t.len, action_first_key, key, out);
	text_free(&t);
	return good;
}

/* The first sentence of the first paragraph, on one line. */
static void first_sentence(const char *s, struct text *out)
{
	while (*s == '#' || *s == '\n')
		s += *s == '#' ? strcspn(s, "\n") : 1;
	for (; *s && !(s[0] == '\n' && s[1] == '\n'); s++) {
		if (*s == '`' || *s == '*')
			continue;
		text_char(out, *s == '\n' ? ' ' : *s);
		if (strchr(".?:", *s) && (isspace((unsigned char)s[1]) || !s[1]))
			return;
	}
}

static size_t task_now(const struct workbench *w)
{
	return attempt_task(play_attempt(w->play));
}

static const char *how_to(const struct task *t)
{
	return task_takes_answer(t) ? "type  answer VALUE" :
	       task_asks(t, CHECK_DIAGNOSIS) ? "type  diagnose" : "F2 checks";
}

static void draw_task(struct workbench *w, struct grid *g, struct rect r,
		      size_t i)
{
	const struct task *t = &w->module->tasks[i];
	struct text text = {0}, line = {0};
	int room = r.cols - 2, col;

	task_text(w, i, &text);
	first_sentence(text_cstr(&text), &line);
	if (!line.len)
		text_add(&line, t->title ? t->title : t->id);
	if (r.cols >= 76) {
		room -= text_width(how_to(t)) + 3;
		draw_right(g, r, 0, r.cols - 1, ROLE_DIM, how_to(t));
	}
	if (t->title && strcmp(t->title, text_cstr(&line)) != 0) {
		text_clear(&text);
		text_addf(&text, "%s%s %s", t->title,
			  strchr(".?!", t->title[strlen(t->title) - 1]) ? "" :
			  ".", text_cstr(&line));
	} else {
		text_clear(&text);
		text_add(&text, text_cstr(&line));
	}
	col = grid_putf(g, r, 0, 1, ROLE_STRONG, "Task %zu", i + 1);
	draw_cut(g, r, 0, col + 2, room - col - 1, ROLE_TEXT,
		 text_cstr(&text));
	text_free(&text);
	text_free(&line);
}

void task_line_draw(struct workbench *w, struct grid *g, struct rect r)
{
	size_t i = task_now(w);

	if (w->module->is_sandbox)
		draw_cut(g, r, 0, 1, r.cols - 2, ROLE_TEXT, w->module->blurb);
	else if (i < w->module->task_count)
		draw_task(w, g, r, i);
	else
		grid_put(g, r, 0, 1, ROLE_GOOD, "✓ All tasks are done. `next` "
			 "opens the next exercise, `debrief` looks back.");
}

/* --- tasks ---------------------------------------------------------------- */

static const struct {
	const char *glyph;
	enum role role;
} states[] = {
	[TASK_OPEN] = { "·", ROLE_DIM }, [TASK_CURRENT] = { "▸", ROLE_KEY },
	[TASK_PASSED] = { "✓", ROLE_GOOD }, [TASK_BLOCKED] = { "‒", ROLE_DIM },
};

static void points_text(const struct play_task *t, struct text *out)
{
	if (t->hints_open)
		text_addf(out, "%d hint%s  ", t->hints_open,
			  t->hints_open == 1 ? "" : "s");
	text_addf(out, "%lld pt", (long long)t->points);
}

static void draw_row(struct workbench *w, struct grid *g, struct rect r, int row,
		     const struct play_task *t, size_t i)
{
	struct text points = {0};
	int col, room = r.cols - 2;

	grid_put(g, r, row, 1, states[t->state].role, states[t->state].glyph);
	if (r.cols >= 40) {
		points_text(t, &points);
		draw_right(g, r, row, r.cols - 1, ROLE_DIM,
			   text_cstr(&points));
		room -= text_width(text_cstr(&points)) + 1;
		text_free(&points);
	}
	col = grid_putf(g, r, row, 3, t->state == TASK_PASSED ? ROLE_DIM :
			ROLE_TEXT, "%zu ", i + 1);
	draw_cut(g, r, row, col, room - col, t->state == TASK_PASSED ?
		 ROLE_DIM : ROLE_TEXT, t->title);
	if (w->focus == PANE_TASKS && i == w->task_selected)
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
}

static size_t tasks_top(const struct workbench *w, size_t count, int rows)
{
	size_t at = w->focus == PANE_TASKS ? w->task_selected : task_now(w);

	if (at >= count)
		at = count ? count - 1 : 0;
	return scroll_top(0, at, rows > 0 ? (size_t)rows : 1, count);
}

static void draw_answer(struct grid *g, struct rect r, int row,
			const struct play_task *t)
{
	struct text line = {0};

	text_addf(&line, "answered: %s", t->answer);
	draw_cut(g, r, row, 5, r.cols - 6, ROLE_DIM, text_cstr(&line));
	text_free(&line);
}

/* In a sandbox: what is wrong, as only the world knows it. */
static void draw_fault(struct workbench *w, struct grid *g, struct rect r,
		       int row, const struct fault *f)
{
	const struct world *world = play_world(w->play);
	struct text t = {0};

	text_addf(&t, "f%u %s %s ", f->number, fault_kinds[f->kind].id,
		  world_text(world, f->component));
	text_add(&t, f->planned ? "from " : "since ");
	number_time(&t, f->at);
	draw_cut(g, r, row, 3, r.cols - 4, ROLE_TRUTH, text_cstr(&t));
	text_free(&t);
}

static void draw_promise(struct workbench *w, struct grid *g, struct rect r,
			 int row)
{
	struct text what = {0}, t = {0};
	sim_time at = play_first_broken(w->play, &what);

	if (at == SIM_NEVER) {
		text_add(&t, "every promise kept ✓");
	} else {
		text_addf(&t, "broken: %s, first at ", text_cstr(&what));
		number_time(&t, at);
	}
	draw_cut(g, r, row, 3, r.cols - 4, at == SIM_NEVER ? ROLE_TRUTH :
		 ROLE_BAD, text_cstr(&t));
	text_free(&what);
	text_free(&t);
}

static void faults_draw(struct workbench *w, struct grid *g, struct rect r)
{
	const struct faults *all = faults_of(play_world(w->play));
	int row = 0;

	if (!w->truth) {
		draw_cut(g, r, 0, 1, r.cols - 2, ROLE_DIM,
			 "Nothing is asked here.");
		draw_cut(g, r, 1, 1, r.cols - 2, ROLE_DIM,
			 "F3 breaks something, Esc T shows the truth.");
		return;
	}
	for (uint32_t i = 0; i < all->ledger.count && row + 1 < r.rows; i++)
		if (all->ledger.at[i]->planned ||
		    fault_active(all->ledger.at[i]))
			draw_fault(w, g, r, row++, all->ledger.at[i]);
	if (!row)
		draw_cut(g, r, row++, 3, r.cols - 4, ROLE_TRUTH,
			 "no fault is on");
	draw_promise(w, g, r, row++);
	while (row-- > 0)
		grid_put(g, r, row, 1, ROLE_TRUTH, "≡");
}

void tasks_draw(struct workbench *w, struct grid *g, struct rect r)
{
	const struct play_task *tasks;
	size_t count = play_tasks(w->play, &tasks);
	bool roomy = (size_t)r.rows >= 2 * count;
	int row = 0;

	if (w->module->is_sandbox) {
		faults_draw(w, g, r);
		return;
	}
	for (size_t i = roomy ? 0 : tasks_top(w, count, r.rows);
	     i < count && row < r.rows; i++) {
		draw_row(w, g, r, row++, &tasks[i], i);
		if (roomy && tasks[i].answer)
			draw_answer(g, r, row++, &tasks[i]);
	}
}

static void open_task(struct workbench *w)
{
	struct app *a = workbench_app(w);
	size_t i = w->task_selected;
	struct text text = {0}, title = {0};

	if (task_text(w, i, &text)) {
		text_addf(&title, "Task %zu", i + 1);
		app_push(a, reader_overlay(a, text_cstr(&title),
					   text_cstr(&text)));
		app_echo(a, "task %s", w->module->tasks[i].id);
	}
	text_free(&text);
	text_free(&title);
}

/* --- logs ----------------------------------------------------------------- */

static const enum role level_roles[] = {
	[LOG_DEBUG] = ROLE_DIM, [LOG_INFO] = ROLE_TEXT,
	[LOG_WARN] = ROLE_WARN, [LOG_ERROR] = ROLE_BAD,
};

void logs_refresh(struct workbench *w, int rows)
{
	struct log_filter f = { .word = w->logs_word };

	logs_release(&w->logs);
	w->logs = (struct logs){0};
	play_logs(w->play, &f, (size_t)rows + w->logs_back, &w->logs);
}

/* Its own clock says what the column before it does: cut "[2026-... ]". */
static const char *without_clock(const char *s)
{
	const char *end = *s == '[' ? strchr(s, ']') : NULL;

	return end && end[1] == ' ' && isdigit((unsigned char)s[1]) ?
	       end + 2 : s;
}

static void draw_log(struct grid *g, struct rect r, int row,
		     const struct log_entry *e)
{
	struct text at = {0};
	int col;

	number_clock(&at, e->at);
	col = grid_put(g, r, row, 1, ROLE_DIM, text_cstr(&at));
	text_free(&at);
	draw_name(g, r, row, col + 2, 14, ROLE_INFO, e->process);
	col += 17;
	draw_cut(g, r, row, col, r.cols - col, level_roles[e->level],
		 without_clock(e->text));
}

void logs_draw(struct workbench *w, struct grid *g, struct rect r)
{
	size_t room = r.rows > 0 ? (size_t)r.rows : 0, end, first;

	if (!w->logs.count) {
		struct text t = {0};

		if (w->logs_word)
			text_addf(&t, "No line with \"%s\" up to now.",
				  w->logs_word);
		else
			text_add(&t, "No process has written a line yet. Space "
				 "runs the world.");
		draw_cut(g, r, 0, 1, r.cols - 1, ROLE_DIM, text_cstr(&t));
		text_free(&t);
		return;
	}
	end = w->logs.count - (w->logs_back < w->logs.count ? w->logs_back :
			       w->logs.count - 1);
	first = end > room ? end - room : 0;
	for (size_t i = first; i < end; i++)
		draw_log(g, r, (int)(i - first), &w->logs.at[i]);
}

void logs_filter(struct workbench *w, const char *word)
{
	free(w->logs_word);
	w->logs_word = *word ? strdup(word) : NULL;
	w->logs_back = 0;
	workbench_changed(w);
}

static bool logs_are_bad(const struct workbench *w)
{
	for (size_t i = 0; i < w->logs.count; i++)
		if (w->logs.at[i].level >= LOG_ERROR)
			return true;
	return false;
}

/* --- the brief ------------------------------------------------------------ */

static void brief_source(struct workbench *w, struct text *out)
{
	const struct exercise *m = w->module;
	size_t i = task_now(w);

	text_addf(out, "# %s\n\n%s\n\n", m->title, m->blurb);
	if (m->is_sandbox) {
		text_add(out, "Nothing is asked here and nothing is counted. "
			 "`f` opens the faults, `T` shows the truth, `s` saves "
			 "a moment and `r` goes back to it.\n");
		return;
	}
	if (i < m->task_count) {
		text_addf(out, "Task %zu of %zu, %lld points.\n\n", i + 1,
			  m->task_count, (long long)m->tasks[i].points);
		task_text(w, i, out);
	}
	text_addf(out, "\n\n## World\n\n`%s`, seed %llu. %lld minutes, %zu "
		  "tasks.\n", m->world, (unsigned long long)
		  play_attempt(w->play)->options.seed, (long long)m->minutes,
		  m->task_count);
}

/* Not beyond its end, not before its beginning. */
static void scroll_brief(struct workbench *w, int by)
{
	int last = w->brief_rows - (w->places.pane[PANE_BRIEF].rows - 1);

	w->brief_top += by;
	if (w->brief_top > last)
		w->brief_top = last;
	if (w->brief_top < 0)
		w->brief_top = 0;
}

/* Laid out for a pane, below its rule.  False: it is too small. */
static bool lay_out_brief(struct workbench *w, struct rect r,
			  struct markdown *md)
{
	struct md_options o = { .measure = r.cols - 3 < 68 ? r.cols - 3 : 68 };
	struct text source = {0};

	if (o.measure < 10 || r.rows < 1)
		return false;
	if (w->brief_task != task_now(w)) {	/* another text: from its top */
		w->brief_task = task_now(w);
		w->brief_top = 0;
	}
	brief_source(w, &source);
	markdown_init(md, source.at, source.len, &o);
	text_free(&source);
	w->brief_rows = (int)md->line_count;
	scroll_brief(w, 0);
	return true;
}

void brief_draw(struct workbench *w, struct grid *g, struct rect r)
{
	struct md_window window = {0};
	struct markdown md;

	if (!lay_out_brief(w, r, &md))
		return;
	window.top = (size_t)w->brief_top;
	markdown_draw(&md, g, rect_inset(r, 0, 1), &window, 0);
	markdown_release(&md);
}

/* Which rows of it are in sight, and what shows the others. */
static void brief_status(struct workbench *w, struct text *out)
{
	struct rect r = w->places.pane[PANE_BRIEF];
	struct markdown md;

	rect_top(&r, 1);
	if (!lay_out_brief(w, r, &md))
		return;
	markdown_release(&md);
	scroll_text(out, (size_t)w->brief_top, (size_t)r.rows,
		    (size_t)w->brief_rows);
	if (out->len)
		text_addf(out, "  %s", w->brief_top + r.rows < w->brief_rows ?
			  "PgDn" : "PgUp");
}

/* --- all panes ------------------------------------------------------------ */

static void tasks_status(struct workbench *w, struct text *out)
{
	const struct play_task *tasks;
	size_t count = play_tasks(w->play, &tasks), passed = 0;

	for (size_t i = 0; i < count; i++)
		passed += tasks[i].state == TASK_PASSED;
	if (count)
		text_addf(out, "%zu/%zu", passed, count);
	else if (w->truth)
		text_add(out, "sandbox");
}

static void charts_status(struct workbench *w, struct text *out)
{
	const struct chart *c = &w->panels[0].chart;

	if (c->points) {
		number_time(out, c->from);
		text_add(out, " to ");
		number_time(out, c->to);
	}
	for (size_t i = 0; i < PANELS; i++)
		if (w->panels[i].ghost.series_count) {
			text_add(out, "   ghost: before you went back");
			return;
		}
}

/* There are lines that do not fit. */
static void say_long(const struct workbench *w, struct text *out)
{
	bool typing = w->console.typing;

	if (w->zoom)
		text_add(out, typing ? "Esc Right shows the rest" :
			 "Right shows the rest");
	else if (w->places.pane[PANE_CONSOLE].cols < STATUS_COLS)
		text_add(out, typing ? "compact, Esc z" : "compact, z");
	else
		text_add(out, typing ? "compact, Esc z as printed" :
			 "compact, z as printed");
}

void pane_status(struct workbench *w, enum pane pane, struct text *out)
{
	switch (pane) {
	case PANE_CONSOLE:
		if (w->zoom && w->console.right)
			text_addf(out, "from column %d on, Left goes back%s",
				  w->console.right + 1,
				  w->console.back ? "   " : "");
		if (w->console.back)
			text_addf(out, "%zu below, PgDn", w->console.back);
		else if (w->zoom && w->console.right)
			;
		else if (scroll_has_long(w))
			say_long(w, out);
		break;
	case PANE_MAP:
		map_status(w, out);
		break;
	case PANE_TASKS:
		tasks_status(w, out);
		break;
	case PANE_CHARTS:
		charts_status(w, out);
		break;
	case PANE_LOGS:
		if (w->logs_word)
			text_addf(out, "filter: %s", w->logs_word);
		if (w->logs_back)
			text_addf(out, "%s%zu below", out->len ? "   " : "",
				  w->logs_back);
		break;
	case PANE_BRIEF:
		brief_status(w, out);
		break;
	case PANE_FILE:
		file_status(w, out);
		break;
	default:
		break;
	}
}

const char *pane_mark(struct workbench *w, enum pane pane, enum role *role)
{
	*role = ROLE_WARN;
	switch (pane) {
	case PANE_MAP:
		return map_mark(w, role);
	case PANE_CHARTS:
		return charts_are_bad(w) ? "▲" : NULL;
	case PANE_LOGS:
		return logs_are_bad(w) ? "▲" : NULL;
	default:
		return NULL;
	}
}

void pane_scroll(struct workbench *w, enum pane pane, int rows)
{
	switch (pane) {
	case PANE_CONSOLE:
		scroll_by(w, rows);
		break;
	case PANE_LOGS:
		if (rows < 0 && w->logs_back < (size_t)-rows)
			w->logs_back = 0;
		else if (rows < 0 || w->logs_back < w->logs.count)
			w->logs_back += (size_t)rows;
		workbench_changed(w);
		break;
	case PANE_BRIEF:
		scroll_brief(w, -rows);
		break;
	case PANE_FILE:
		file_scroll(w, -rows);
		break;
	case PANE_MAP:
		map_key(w, rows > 0 ? K_UP : K_DOWN);
		break;
	default:
		break;
	}
}

static bool tasks_key(struct workbench *w, uint32_t key)
{
	size_t count = w->module->task_count;

	if ((key == K_DOWN || key == 'j') && w->task_selected + 1 < count)
		w->task_selected++;
	else if ((key == K_UP || key == 'k') && w->task_selected > 0)
		w->task_selected--;
	else
		return key == K_DOWN || key == K_UP;
	return true;
}

static int page_of(const struct workbench *w)
{
	int rows = w->places.pane[w->focus].rows - 2;

	return rows > 1 ? rows : 1;
}

static bool read_key(struct workbench *w, uint32_t key)
{
	if (key == K_UP || key == 'k')
		pane_scroll(w, w->focus, 1);
	else if (key == K_DOWN || key == 'j')
		pane_scroll(w, w->focus, -1);
	else if (key == K_PGUP)
		pane_scroll(w, w->focus, page_of(w));
	else if (key == K_PGDN)
		pane_scroll(w, w->focus, -page_of(w));
	else
		return false;
	return true;
}

bool pane_input(struct workbench *w, const struct input *in)
{
	if (in->kind != INPUT_KEY)
		return false;
	switch (w->focus) {
	case PANE_MAP:
		return map_key(w, in->key);
	case PANE_TASKS:
		return tasks_key(w, in->key);
	case PANE_LOGS:
	case PANE_BRIEF:
	case PANE_FILE:
		return read_key(w, in->key);
	default:
		return false;
	}
}

bool pane_click(struct workbench *w, enum pane pane, int row, int col)
{
	struct rect r = w->places.pane[pane];

	if (pane == PANE_TASKS && row > r.row) {
		size_t top = tasks_top(w, w->module->task_count, r.rows - 1);
		size_t at = top + (size_t)(row - r.row - 1);

		if (at < w->module->task_count)
			w->task_selected = at;
	}
	return pane != PANE_MAP || map_click(w, row, col);
}

void pane_open(struct workbench *w)
{
	if (w->focus == PANE_TASKS)
		open_task(w);
	else if (w->focus == PANE_MAP)
		map_open(w);
	else if (w->focus == PANE_FILE)
		file_open(w);
}
