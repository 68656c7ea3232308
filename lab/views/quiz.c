/* quiz.c - questions, one after the other: answer, how sure, and why
 *
 *	asking ──Enter──▶ explained ──Enter──▶ asking the next ... ──▶ result
 *
 * Each answer goes into the log as it is given.  Who opens a world or a lesson
 * before answering has *looked*: that is practice, not recall, and is kept
 * apart.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/progress/progress.h"
#include "lab/study/quiz.h"
#include "lab/tui/draw.h"
#include "lab/tui/lineedit.h"
#include "lab/views/inside.h"
#include "lab/views/record.h"
#include "lab/views/sheet.h"
#include "lab/views/views.h"
#include "sim/core/mem.h"

enum { QUIZ_ITEMS = 8, TEXT_COL = 3, OPTION_COL = 7 };

enum quiz_state { QUIZ_ASKING, QUIZ_EXPLAINED, QUIZ_RESULT };

struct given {
	bool right, looked;
	int sure;
};

struct quiz_screen {
	struct view view;
	char *about;			/* unit or competency; NULL: all */
	struct bank *bank;
	struct quiz quiz;
	struct err trouble;		/* why there is nothing to ask */
	enum quiz_state state;
	size_t at;			/* question */
	size_t pick;			/* option */
	bool marked[ITEM_OPTIONS_MAX];	/* ITEM_MANY */
	struct lineedit line;		/* what is typed, for other kinds */
	int sure;			/* SURE_... */
	bool looked;
	struct grade grade;		/* while explained */
	bool is_graded;
	struct given given[QUIZ_ITEMS];
	int top;			/* row of the page */
	bool follows;			/* the page keeps the pick in sight */
};

static const struct question *asked(const struct quiz_screen *s)
{
	return s->at < s->quiz.count ? s->quiz.at[s->at] : NULL;
}

static bool is_single(const struct question *q)
{
	return q->item->kind == ITEM_PREDICT || q->item->kind == ITEM_RECALL ||
	       q->item->kind == ITEM_CHOOSE;
}

/* Is the answer typed: an order, pairs, a number? */
static bool is_typed(const struct question *q)
{
	return !is_single(q) && q->item->kind != ITEM_MANY;
}

/* --- drawing ---------------------------------------------------------------------- */

static int draw_lines(struct grid *g, struct rect r, int row, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "\n");

		grid_putn(g, r, row++, TEXT_COL + 2, ROLE_TEXT, s, n);
		s += n + (s[n] == '\n');
	}
	return row;
}

static const char *gutter_of(const struct quiz_screen *s,
			     const struct question *q, size_t i)
{
	if (s->state == QUIZ_EXPLAINED)
		return q->options[i].right ? "✓" : "";
	return i == s->pick && !is_typed(q) ? "▸" : "";
}

static int draw_option(struct quiz_screen *s, struct grid *g, struct rect r,
		       int row, size_t i)
{
	const struct question *q = asked(s);
	bool is_pick = s->state == QUIZ_ASKING && i == s->pick && !is_typed(q);
	struct rect room = { r.row, r.col, r.rows, r.cols - 1 };
	int end;

	grid_put(g, r, row, 1, ROLE_GOOD, gutter_of(s, q, i));
	if (q->item->kind == ITEM_MANY)
		grid_put(g, r, row, TEXT_COL, ROLE_TEXT,
			 s->marked[i] ? "●" : "○");
	grid_putf(g, r, row, OPTION_COL - 2, ROLE_KEY, "%zu", i + 1);
	end = draw_wrapped(g, room, row, OPTION_COL + 1, ROLE_TEXT,
			   q->options[i].text);
	if (q->item->kind == ITEM_MATCH && q->mates[i])
		grid_putf(g, r, end++, OPTION_COL + 1, ROLE_DIM, "%c   %s",
			  (int)('a' + i), q->mates[i]);
	if (is_pick)
		grid_flag(g, (struct rect){ r.row + row, r.col, end - row,
					    r.cols }, CELL_SELECTED);
	return end;
}

static int draw_sure(struct quiz_screen *s, struct grid *g, struct rect r,
		     int row)
{
	int col = grid_put(g, r, row, TEXT_COL, ROLE_TEXT, "How sure?");

	col += 4;
	for (int i = 0; i < SURE_WORDS; i++) {
		col = grid_putf(g, r, row, col, i == s->sure ? ROLE_STRONG :
				ROLE_DIM, "%s %s%s", i == s->sure ? "●" : "○",
				i == SURE_GUESS ? "a " : "", sure_words[i]);
		col += 3;
	}
	return row + 1;
}

static int draw_typed(struct quiz_screen *s, struct grid *g, struct rect r,
		      int row)
{
	struct text hint = {0};

	question_hint(asked(s), &hint);
	grid_putf(g, r, row, TEXT_COL, ROLE_DIM, "Type %s:",
		  text_cstr(&hint));
	grid_put(g, r, row + 1, TEXT_COL, ROLE_KEY, ">");
	lineedit_draw(&s->line, g, r, row + 1, TEXT_COL + 2, true);
	text_free(&hint);
	return row + 3;
}

/* The question, up to what is answered; *from and *to: rows of the pick. */
static int draw_question(struct quiz_screen *s, struct grid *g, struct rect r,
			 int *from, int *to)
{
	const struct question *q = asked(s);
	int row = draw_wrapped(g, r, 0, TEXT_COL, ROLE_TEXT, q->stem) + 1;

	if (q->screen)
		row = draw_lines(g, r, row, q->screen) + 1;
	for (size_t i = 0; i < q->count; i++) {
		int at = row;

		row = draw_option(s, g, r, row, i);
		if (i != s->pick)
			continue;
		*from = at;
		*to = row - 1;
	}
	return row + (q->count > 0);
}

static void draw_asking(struct quiz_screen *s, struct grid *g, struct rect body)
{
	struct sheet sheet;
	struct rect r = sheet_open(&sheet, body.cols);
	int from = 0, to = 0, row = draw_question(s, &sheet.grid, r, &from,
						  &to);

	if (is_typed(asked(s))) {
		from = row;
		row = draw_typed(s, &sheet.grid, r, row);
	}
	row = draw_sure(s, &sheet.grid, r, row);
	if (s->pick + 1 == asked(s)->count || is_typed(asked(s)))
		to = row - 1;
	if (s->looked)
		grid_put(&sheet.grid, r, row++, TEXT_COL, ROLE_INFO,
			 "You looked first: this counts as practice.");
	if (s->follows)
		s->top = sheet_top(s->top, from, to, body.rows);
	s->top = sheet_show(&sheet, row, g, body, s->top);
}

static int draw_said(struct grid *g, struct rect r, int row, enum role role,
		     const char *s)
{
	return s && *s ? draw_wrapped(g, r, row, TEXT_COL, role, s) + 1 : row;
}

static int draw_verdict(struct quiz_screen *s, struct grid *g, struct rect r)
{
	const struct grade *d = &s->grade;
	int row = 0;

	grid_put(g, r, row++, 1, d->right ? ROLE_GOOD : ROLE_BAD,
		 d->right ? "✓ Right" : "✗ Not right");
	if (!d->right)
		grid_putf(g, r, row++, TEXT_COL, ROLE_TEXT,
			  "You answered %s; right is %s.",
			  text_cstr(&d->given), text_cstr(&d->wanted));
	row = draw_said(g, r, row + 1, ROLE_TEXT, text_cstr(&d->chosen));
	if (d->belief_text)
		row = draw_said(g, r, row, ROLE_DIM, d->belief_text);
	row = draw_said(g, r, row, ROLE_TEXT, d->explain);
	return draw_said(g, r, row, ROLE_INFO, d->remark);
}

static void draw_explained(struct quiz_screen *s, struct grid *g,
			   struct rect body)
{
	const struct question *q = asked(s);
	struct sheet sheet;
	struct rect r = sheet_open(&sheet, body.cols);
	int row = draw_verdict(s, &sheet.grid, r), from, to;
	struct text source = {0};

	text_addf(&source, "Source: %s", q->item->source);
	row = draw_wrapped(&sheet.grid, r, row, TEXT_COL, ROLE_DIM,
			   text_cstr(&source));
	text_free(&source);
	if (q->item->lesson)
		grid_putf(&sheet.grid, r, row++, TEXT_COL, ROLE_DIM,
			  "Read on: %s", q->item->lesson);
	row += 1;
	grid_fill(&sheet.grid, r, row++, 0, r.cols, ROLE_DIM, "─");
	/* The question again below it, for who wants to compare. */
	r.row += row;
	r.rows -= row;
	row += draw_question(s, &sheet.grid, r, &from, &to);
	s->top = sheet_show(&sheet, row, g, body, s->top);
}

static int draw_calibration(const struct quiz_screen *s, struct grid *g,
			    struct rect r, int row)
{
	for (int sure = SURE_WORDS; sure-- > 0; ) {
		int count = 0, right = 0;

		for (size_t i = 0; i < s->quiz.count; i++) {
			if (s->given[i].sure != sure || s->given[i].looked)
				continue;
			count++;
			right += s->given[i].right;
		}
		if (count)
			grid_putf(g, r, row++, TEXT_COL, ROLE_TEXT,
				  "When you said \"%s\" you were right in %d "
				  "of %d.", sure_words[sure], right, count);
	}
	return row;
}

static void draw_result(struct quiz_screen *s, struct grid *g, struct rect body)
{
	struct sheet sheet;
	struct rect r = sheet_open(&sheet, body.cols);
	size_t right = 0;
	int row = 2;

	for (size_t i = 0; i < s->quiz.count; i++) {
		const struct question *q = s->quiz.at[i];

		right += s->given[i].right;
		grid_put(&sheet.grid, r, row, 1, s->given[i].right ?
			 ROLE_GOOD : ROLE_BAD, s->given[i].right ? "✓" : "✗");
		draw_cut(&sheet.grid, r, row++, TEXT_COL, r.cols - TEXT_COL -
			 2, ROLE_TEXT, q->stem);
		if (!s->given[i].right && q->item->lesson)
			grid_putf(&sheet.grid, r, row++, TEXT_COL + 2,
				  ROLE_DIM, "read %s", q->item->lesson);
	}
	grid_putf(&sheet.grid, r, 0, TEXT_COL, ROLE_STRONG,
		  "%zu of %zu right", right, s->quiz.count);
	row = draw_calibration(s, &sheet.grid, r, row + 1);
	s->top = sheet_show(&sheet, row, g, body, s->top);
}

static void titles(const struct quiz_screen *s, struct text *title,
		   struct text *status)
{
	const struct question *q = asked(s);
	const json_t *c = q ? catalog_competency(
				s->view.app->outside.catalog,
				q->item->competency) : NULL;

	if (s->state == QUIZ_RESULT || !q) {
		text_add(title, "Result");
		return;
	}
	text_add(title, c ? catalog_text(c, "title") : q->item->competency);
	text_addf(status, "question %zu of %zu   %s", s->at + 1, s->quiz.count,
		  q->item->competency);
}

/* What Enter does now, where the footer cannot say it. */
static const char *next_words(const struct quiz_screen *s)
{
	if (s->state == QUIZ_RESULT)
		return "Enter leaves. What was wrong comes back in reviews.";
	if (s->state == QUIZ_ASKING)
		return asked(s)->item->kind == ITEM_MANY ?
		       "More than one may be right: Space marks, Enter "
		       "answers." : "";
	return s->at + 1 < s->quiz.count ? "Enter asks the next one." :
					   "Enter shows the result.";
}

static void quiz_show(struct view *v, struct grid *g, struct rect body)
{
	struct quiz_screen *s = (struct quiz_screen *)v;
	struct rect top = rect_top(&body, 1), last;
	struct text title = {0}, status = {0};

	titles(s, &title, &status);
	draw_rule(g, top, 0, text_cstr(&title), text_cstr(&status), true);
	text_free(&title);
	text_free(&status);
	if (!s->quiz.count) {
		draw_wrapped(g, body, 1, TEXT_COL, ROLE_INFO, s->trouble.what);
		return;
	}
	last = rect_bottom(&body, 1);
	draw_cut(g, last, 0, TEXT_COL, last.cols - 4, ROLE_DIM, next_words(s));
	if (s->state == QUIZ_ASKING)
		draw_asking(s, g, body);
	else if (s->state == QUIZ_EXPLAINED)
		draw_explained(s, g, body);
	else
		draw_result(s, g, body);
}

static void quiz_crumb(const struct view *v, struct text *left,
		       struct text *right)
{
	const struct quiz_screen *s = (const struct quiz_screen *)v;
	const json_t *unit = s->about ? catalog_unit(v->app->outside.catalog,
						     s->about) : NULL;

	text_add(left, "Quiz");
	if (s->about)
		text_addf(left, " › %s", unit ? catalog_text(unit, "title") :
			  s->about);
	text_add(right, "no time limit");
}

/* --- doing ------------------------------------------------------------------------ */

static void begin_question(struct quiz_screen *s)
{
	s->pick = 0;
	s->top = 0;
	s->follows = false;
	s->looked = false;
	s->sure = SURE_LIKELY;
	memset(s->marked, 0, sizeof(s->marked));
	lineedit_set(&s->line, "");
	if (s->is_graded)
		grade_release(&s->grade);
	s->is_graded = false;
}

static void answer_text(const struct quiz_screen *s, struct text *t)
{
	const struct question *q = asked(s);

	if (is_single(q))
		text_addf(t, "%zu", s->pick + 1);
	else if (is_typed(q))
		text_add(t, lineedit_text(&s->line));
	else
		for (size_t i = 0; i < q->count; i++)
			if (s->marked[i])
				text_addf(t, "%s%zu", t->len ? " " : "",
					  i + 1);
}

static void keep(struct quiz_screen *s)
{
	struct text body = {0};

	s->given[s->at] = (struct given){ s->grade.right, s->looked, s->sure };
	question_event(asked(s), &s->grade, s->sure, s->looked, &body);
	record_body(s->view.app, "item.answered", text_cstr(&body));
	text_free(&body);
}

static void answer(struct quiz_screen *s)
{
	struct app *a = s->view.app;
	struct text t = {0};

	answer_text(s, &t);
	question_grade(asked(s), text_cstr(&t), s->sure, &s->grade);
	if (s->grade.understood) {
		s->is_graded = true;
		s->state = QUIZ_EXPLAINED;
		s->top = 0;
		app_echo(a, "answer %s %s", text_cstr(&t),
			 sure_words[s->sure]);
		keep(s);
	} else {
		app_say(a, ROLE_INFO, "%s", s->grade.trouble.what);
		grade_release(&s->grade);
	}
	text_free(&t);
}

static void go_on(struct quiz_screen *s)
{
	if (s->at + 1 < s->quiz.count) {
		s->at++;
		s->state = QUIZ_ASKING;
	} else {
		s->state = QUIZ_RESULT;
	}
	begin_question(s);
	app_say(s->view.app, ROLE_TEXT, "%s", "");
}

static bool quiz_act(struct view *v, const struct action *act)
{
	struct quiz_screen *s = (struct quiz_screen *)v;

	if (strcmp(act->id, "item.sure") == 0) {
		s->sure = (s->sure + 1) % SURE_WORDS;
		return true;
	}
	if (strcmp(act->id, "item.look") == 0) {
		open_sandbox(v->app, "local-kafka");
		return true;
	}
	if (strcmp(act->id, "item.answer") != 0)
		return false;
	if (!s->quiz.count || s->state == QUIZ_RESULT)
		app_pop(v->app);
	else if (s->state == QUIZ_ASKING)
		answer(s);
	else
		go_on(s);
	return true;
}

static const char *quiz_refuse(const struct view *v, const struct action *act)
{
	const struct quiz_screen *s = (const struct quiz_screen *)v;

	if (strcmp(act->id, "item.sure") == 0 &&
	    (s->state != QUIZ_ASKING || !s->quiz.count))
		return "It is answered already.";
	return NULL;
}

static bool pick_by_key(struct quiz_screen *s, uint32_t key)
{
	const struct question *q = asked(s);
	size_t digit = key >= '1' && key <= '9' ? key - '1' : q->count;

	if (key == K_UP || key == 'k')
		s->pick -= s->pick > 0;
	else if (key == K_DOWN || key == 'j')
		s->pick += s->pick + 1 < q->count;
	else if (digit < q->count)
		s->pick = digit;
	else if (key != K_SPACE || q->item->kind != ITEM_MANY)
		return false;
	if (q->item->kind == ITEM_MANY && (key == K_SPACE || digit < q->count))
		s->marked[s->pick] = !s->marked[s->pick];
	s->follows = true;
	return true;
}

static bool scroll(struct quiz_screen *s, const struct input *in)
{
	bool wheel = in->kind == INPUT_MOUSE;
	int by = (wheel ? in->mouse == MOUSE_WHEEL_UP : in->key == K_PGUP) ?
		 -1 : (wheel ? in->mouse == MOUSE_WHEEL_DOWN :
			       in->key == K_PGDN) ? 1 : 0;

	if (!by)
		return false;
	s->follows = false;
	s->top += by * (wheel ? 1 : s->view.app->rows / 2);
	if (s->top < 0)
		s->top = 0;
	return true;
}

static bool quiz_input(struct view *v, const struct input *in)
{
	struct quiz_screen *s = (struct quiz_screen *)v;

	if (in->kind != INPUT_PASTE && scroll(s, in))
		return true;
	if (s->state != QUIZ_ASKING || !s->quiz.count)
		return false;
	if (!is_typed(asked(s)))
		return in->kind == INPUT_KEY && pick_by_key(s, in->key);
	if (in->kind == INPUT_PASTE) {
		lineedit_paste(&s->line, in->text, in->len);
		return true;
	}
	if (in->key == K_ENTER) {
		answer(s);
		return true;
	}
	return in->key != K_TAB &&
	       lineedit_key(&s->line, in->key) != LINE_REFUSED;
}

static bool quiz_typing(const struct view *v)
{
	const struct quiz_screen *s = (const struct quiz_screen *)v;

	return s->state == QUIZ_ASKING && s->quiz.count &&
	       is_typed(asked(s));
}

static void quiz_contexts(const struct view *v,
			  enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_QUIZ;
	out[1] = CTX_COUNT;
}

static void quiz_free(struct view *v)
{
	struct quiz_screen *s = (struct quiz_screen *)v;

	if (s->is_graded)
		grade_release(&s->grade);
	quiz_release(&s->quiz);
	bank_free(s->bank);
	lineedit_release(&s->line);
	free(s->about);
	free(s);
}

static const struct view_ops quiz_ops = {
	.name = "quiz", .contexts = quiz_contexts, .crumb = quiz_crumb,
	.draw = quiz_show, .input = quiz_input, .typing = quiz_typing,
	.act = quiz_act, .refuse = quiz_refuse, .free = quiz_free,
};

struct view *quiz_view(struct app *a, const char *unit, uint64_t seed)
{
	struct quiz_screen *s = mem_zeroed(1, sizeof(*s));

	s->view = (struct view){ .ops = &quiz_ops, .app = a };
	if (unit && !(s->about = strdup(unit)))
		abort();
	lineedit_init(&s->line, NULL);
	s->bank = bank_load(a->outside.catalog->root, &s->trouble);
	if (s->bank)
		quiz_draw(s->bank, unit, seed, QUIZ_ITEMS, &s->quiz,
			  &s->trouble);
	begin_question(s);
	return &s->view;
}

void quiz_looked(struct app *a)
{
	struct quiz_screen *s = (struct quiz_screen *)app_find(a, "quiz");

	if (s && s->state == QUIZ_ASKING)
		s->looked = true;
}
