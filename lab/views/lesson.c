/* lesson.c - a page to read, with words that open and commands that run
 *
 *	─ Reader ──────────────────────── 4 of 11  ▒▒▒▒▒░░░ 36 % ─
 *	  A partition has one leader.  Its followers copy ...
 *
 * A page is a screenful, so its number belongs to a size; what is remembered
 * is how far through the text one came.  Links are of three kinds: words of
 * the glossary open beside the text, other lessons and exercises open
 * themselves, and blocks of commands are tried in a throwaway world.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/course/catalog.h"
#include "lab/paths.h"
#include "lab/progress/progress.h"
#include "lab/text/wrap.h"
#include "lab/tui/draw.h"
#include "lab/tui/markdown.h"
#include "lab/views/inside.h"
#include "lab/views/peek.h"
#include "lab/views/record.h"
#include "lab/views/views.h"

enum {
	LESSON_BYTES_MAX = 1 << 20, TEXT_COL = 3, WORDS_A_MINUTE = 150,
	POPUP_COLS = 38, POPUP_ROWS_MAX = 14, FIRST_LINK = 1, BAR = 12,
	CODE_STEP = 8,
};

struct lesson {
	struct view view;
	char *id;			/* "bigdata/log" */
	const json_t *lesson, *unit;	/* catalog */
	char *world;			/* where its commands are tried */
	struct text source;
	struct markdown page;
	int cols;			/* what `page` was laid out for */
	size_t top;			/* line */
	int left;			/* cells that code is moved by */
	size_t rows;			/* shown, as drawn last */
	uint16_t link;			/* selected; 0: none */
	char *wanted;			/* searched for, lit; or NULL */
	const json_t *popup;		/* a term that is explained */
	int64_t page_kept;		/* the furthest page in the log ... */
	int64_t pages_kept;		/* ... of so many */
};

/* --- words of the glossary ---------------------------------------------------------- */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80);
}

/* Does `term` stand at s?  A plural s may follow. */
static size_t stands_here(const char *term, const char *s, size_t len)
{
	size_t n = strlen(term);

	if (n < 2 || n > len || strncasecmp(term, s, n) != 0)
		return 0;
	if (n < len && s[n] == 's' && (n + 1 == len ||
				       !is_word_byte(s[n + 1])))
		return n + 1;
	return n == len || !is_word_byte(s[n]) ? n : 0;
}

/* The longest spelling of any term that stands here. */
static size_t find_word(void *ctx, const char *s, size_t len,
			const char **name)
{
	const struct lesson *l = ctx;
	const json_t *terms = l->view.app->outside.catalog->terms;
	size_t best = 0;

	for (size_t i = 0; i < json_array_size(terms); i++) {
		const json_t *t = json_array_get(terms, i);
		const json_t *also = json_object_get(t, "also");
		size_t n = stands_here(catalog_text(t, "term"), s, len);

		for (size_t k = 0; k < json_array_size(also); k++) {
			const char *other = json_string_value(
					json_array_get(also, k));
			size_t m = other ? stands_here(other, s, len) : 0;

			n = m > n ? m : n;
		}
		if (n > best) {
			best = n;
			*name = catalog_text(t, "term");
		}
	}
	return best;
}

/* --- pages -------------------------------------------------------------------------- */

static size_t page_rows(const struct lesson *l)
{
	return l->rows ? l->rows : 1;
}

static size_t last_top(const struct lesson *l)
{
	return l->page.line_count > page_rows(l) ?
	       l->page.line_count - page_rows(l) : 0;
}

static int64_t pages(const struct lesson *l)
{
	return (int64_t)((l->page.line_count + page_rows(l) - 1) /
			 page_rows(l));
}

static int64_t page_now(const struct lesson *l)
{
	if (l->top >= last_top(l))
		return pages(l);
	return (int64_t)(l->top / page_rows(l)) + 1;
}

/* Into the log, when one comes further than ever. */
static void keep_page(struct lesson *l)
{
	int64_t now = page_now(l), all = pages(l);

	if (all < 1 || (l->pages_kept > 0 &&
			now * l->pages_kept <= l->page_kept * all))
		return;
	l->page_kept = now;
	l->pages_kept = all;
	record_lesson(l->view.app, l->id, now, all);
}

static void go_to(struct lesson *l, size_t line)
{
	l->top = line > last_top(l) ? last_top(l) : line;
	keep_page(l);
}

/* Prose has a margin at the right, code and tables go to the edge. */
static int code_cols(const struct lesson *l)
{
	int room = l->cols - TEXT_COL;

	return room > 1 ? room : 1;
}

static void wrap_page(struct lesson *l)
{
	int measure = l->cols - 2 * TEXT_COL;
	struct md_options o = { .measure = measure < MEASURE ? measure : MEASURE,
				.wide = code_cols(l), .keeps_lines = true,
				.word = find_word, .ctx = l };
	double through = l->page.line_count ? (double)l->top /
			 (double)l->page.line_count : 0;

	markdown_release(&l->page);
	markdown_init(&l->page, text_cstr(&l->source), l->source.len, &o);
	l->left = 0;
	l->top = (size_t)(through * (double)l->page.line_count);
}

/* How far the code in sight can be moved. */
static int hidden_cells(const struct lesson *l)
{
	return markdown_hidden(&l->page, l->top, (int)page_rows(l),
			       code_cols(l));
}

/* Code that is wider than the page goes sideways, prose stays. */
static void move_code(struct lesson *l, int by)
{
	int most = hidden_cells(l);

	l->left += by;
	if (l->left > most)
		l->left = most;
	if (l->left < 0)
		l->left = 0;
}

/* Rule and the line of what can be done leave so much of the body. */
static void fit(struct lesson *l)
{
	const struct app *a = l->view.app;
	int rows = a->rows - 2 - (a->settings.zen ? 0 : 2);

	l->rows = rows > 1 ? (size_t)rows : 1;
	if (l->cols != a->cols) {
		l->cols = a->cols;
		wrap_page(l);
	}
	if (l->top > last_top(l))
		l->top = last_top(l);
	move_code(l, 0);
}

/* --- drawing ------------------------------------------------------------------------- */

static void draw_title(const struct lesson *l, struct grid *g, struct rect r)
{
	struct text status = {0};
	int64_t now = page_now(l), all = pages(l);
	int filled = all ? (int)(BAR * now / all) : 0;

	if (hidden_cells(l))
		text_add(&status, "← → code   ");
	text_addf(&status, "%lld of %lld  ", (long long)now, (long long)all);
	for (int i = 0; i < BAR; i++)
		text_add(&status, i < filled ? "▒" : "░");
	text_addf(&status, " %lld %%", (long long)(all ? 100 * now / all : 0));
	draw_rule(g, r, 0, "Reader", text_cstr(&status), true);
	text_free(&status);
}

/* Where the selected link was drawn; false: it is not on this page. */
static bool link_place(const struct lesson *l, const struct grid *g,
		       struct rect r, int *row, int *col)
{
	for (*row = r.row; *row < r.row + r.rows; ++*row)
		for (*col = r.col; *col < r.col + r.cols; ++*col)
			if (l->link && grid_at(g, *row, *col)->link ==
			    FIRST_LINK + l->link - 1)
				return true;
	return false;
}

static void popup_text(const json_t *term, struct text *t)
{
	const json_t *also = json_object_get(term, "also");
	const json_t *see = json_object_get(term, "see");

	text_add(t, catalog_text(term, "text"));
	for (size_t i = 0; i < json_array_size(also); i++)
		text_addf(t, "%s%s", i ? ", " : "\nAlso: ",
			  json_string_value(json_array_get(also, i)));
	for (size_t i = 0; i < json_array_size(see); i++)
		text_addf(t, "%s%s", i ? ", " : "\nSee: ",
			  json_string_value(json_array_get(see, i)));
}

/* Below the word if there is room, else above it; never over it. */
static void draw_popup(const struct lesson *l, struct grid *g, struct rect r)
{
	struct text t = {0};
	int row = r.row, col = r.col, rows;
	struct rect box;

	popup_text(l->popup, &t);
	rows = wrap_count(text_cstr(&t), t.len, POPUP_COLS - 4) + 2;
	rows = rows < POPUP_ROWS_MAX ? rows : POPUP_ROWS_MAX;
	link_place(l, g, r, &row, &col);
	box = (struct rect){ row + 1, col, rows, POPUP_COLS };
	if (box.row + rows > r.row + r.rows)
		box.row = row - rows >= r.row ? row - rows :
			  r.row + r.rows - rows;
	if (box.row < r.row)
		box.row = r.row;
	if (box.col + POPUP_COLS > r.col + r.cols - 1)
		box.col = r.col + r.cols - 1 - POPUP_COLS;
	box = draw_box(g, box, catalog_text(l->popup, "term"), "Esc");
	draw_wrapped(g, box, 0, 0, ROLE_TEXT, text_cstr(&t));
	text_free(&t);
}

static void lesson_draw(struct view *v, struct grid *g, struct rect body)
{
	struct lesson *l = (struct lesson *)v;
	struct rect r;
	struct md_window w;

	fit(l);
	draw_title(l, g, rect_top(&body, 1));
	r = body;
	rect_left(&r, TEXT_COL);
	w = (struct md_window){ .top = l->top, .left = l->left,
				.link = l->link, .wanted = l->wanted };
	markdown_draw(&l->page, g, r, &w, FIRST_LINK);
	if (l->popup)
		draw_popup(l, g, body);
}

static size_t count_words(const struct text *t)
{
	size_t n = 0;

	for (size_t i = 1; i < t->len; i++)
		n += isspace((unsigned char)t->at[i]) &&
		     !isspace((unsigned char)t->at[i - 1]);
	return n;
}

static void lesson_crumb(const struct view *v, struct text *left,
			 struct text *right)
{
	const struct lesson *l = (const struct lesson *)v;

	text_addf(left, "%s › ", catalog_text(l->unit, "title"));
	cut_end(left, catalog_text(l->lesson, "title"),
		v->app->cols - 20 - text_width(text_cstr(left)));
	text_addf(right, "about %zu min",
		  count_words(&l->source) / WORDS_A_MINUTE + 1);
}

/* --- links ---------------------------------------------------------------------------- */

static const struct md_link *selected(const struct lesson *l)
{
	return l->link ? &l->page.links[l->link - 1] : NULL;
}

static bool is_on_page(const struct lesson *l, size_t line)
{
	return line >= l->top && line < l->top + page_rows(l);
}

/* From the selected one if that is seen, else from this page on. */
static void walk_links(struct lesson *l, int by)
{
	size_t count = l->page.link_count, i;

	l->popup = NULL;
	if (!count) {
		app_say(l->view.app, ROLE_INFO, "This lesson has no links.");
		return;
	}
	if (selected(l) && is_on_page(l, selected(l)->line)) {
		i = (l->link - 1 + (by > 0 ? 1 : count - 1)) % count;
	} else {
		for (i = 0; i + 1 < count &&
			    l->page.links[i].line < l->top; i++)
			;
	}
	l->link = (uint16_t)(i + 1);
	if (!is_on_page(l, l->page.links[i].line))
		go_to(l, l->page.links[i].line);
}

/* "kraft.md#when", "../bigdata/log.md" as seen from this lesson: its id. */
static void lesson_of(const struct lesson *l, const char *target,
		      struct text *id)
{
	size_t stem = strcspn(target, "#");

	if (stem > 3 && strncmp(target + stem - 3, ".md", 3) == 0)
		stem -= 3;
	if (strncmp(target, "../", 3) == 0)
		text_bytes(id, target + 3, stem - 3);
	else if (memchr(target, '/', stem))
		text_bytes(id, target, stem);
	else
		text_addf(id, "%s/%.*s", catalog_text(l->unit, "id"),
			  (int)stem, target);
}

static void follow(struct lesson *l, const char *target)
{
	struct app *a = l->view.app;
	struct text id = {0};
	size_t line;

	lesson_of(l, target, &id);
	if (*target == '#') {
		line = markdown_anchor(&l->page, target + 1);
		if (line < l->page.line_count)
			go_to(l, line);
	} else if (catalog_lesson(a->outside.catalog, text_cstr(&id), NULL)) {
		open_lesson(a, text_cstr(&id));
	} else if (strstr(target, "://")) {
		app_copy(a, target, strlen(target));
		app_say(a, ROLE_INFO, "Millrace opens no addresses; y has "
			"copied %s.", target);
	} else {
		views_open(a, target);
	}
	text_free(&id);
}

static void try_block(struct lesson *l, const char *commands)
{
	struct app *a = l->view.app;

	app_push(a, try_view(a, l->world, commands));
	app_echo(a, "millrace exec --world %s --at 1m -- '%.*s'", l->world,
		 (int)strcspn(commands, "\\\n"), commands);
}

static void show_word(struct lesson *l, const char *word)
{
	struct app *a = l->view.app;

	l->popup = catalog_term(a->outside.catalog, word);
	if (l->popup)
		app_echo(a, "millrace show '%s'", word);
}

static bool open_link(struct lesson *l)
{
	const struct md_link *link = selected(l);

	if (l->popup)
		l->popup = NULL;
	else if (!link || !is_on_page(l, link->line))
		walk_links(l, 1);
	else if (link->kind == MD_WORD)
		show_word(l, link->target);
	else if (link->kind == MD_RUN)
		try_block(l, link->target);
	else
		follow(l, link->target);
	return true;
}

/* The selected word, or the first one on this page. */
static bool open_word_here(struct lesson *l)
{
	const struct md_link *link = selected(l);

	if (l->popup) {
		l->popup = NULL;
		return true;
	}
	for (size_t i = 0; i < l->page.link_count &&
	     !(link && link->kind == MD_WORD && is_on_page(l, link->line));
	     i++) {
		link = &l->page.links[i];
		l->link = (uint16_t)(i + 1);
	}
	if (link && link->kind == MD_WORD && is_on_page(l, link->line))
		show_word(l, link->target);
	else
		app_say(l->view.app, ROLE_INFO,
			"No word of the glossary stands on this page.");
	return true;
}

/* --- search -------------------------------------------------------------------------- */

static void look_for(struct lesson *l, bool forwards, size_t from)
{
	size_t line = markdown_find(&l->page, l->wanted, from, forwards);

	if (line < l->page.line_count)
		go_to(l, line > 2 ? line - 2 : 0);
	else
		app_say(l->view.app, ROLE_INFO, "No match for \"%s\".",
			l->wanted);
}

static void find_entered(struct app *a, void *ctx, const char *text)
{
	struct lesson *l = ctx;

	(void)a;
	free(l->wanted);
	l->wanted = *text ? strdup(text) : NULL;
	if (l->wanted)
		look_for(l, true, l->top);
}

static bool find_again(struct lesson *l, bool forwards)
{
	size_t from = forwards ? l->top + 3 : l->top + 1;

	if (!l->wanted)
		return false;
	look_for(l, forwards, from < l->page.line_count ? from : 0);
	return true;
}

/* --- doing ---------------------------------------------------------------------------- */

static bool is_open_exercise(const struct lesson *l, const json_t *e,
			     bool even_done)
{
	const struct app *a = l->view.app;
	const char *id = catalog_text(e, "id");
	struct exercise_state state = {0};
	struct err err;

	if (!catalog_has_module(a->outside.catalog, id) ||
	    json_is_true(json_object_get(e, "pool")))
		return false;
	if (a->outside.store)
		progress_exercise(a->outside.store, id, &state, &err);
	return even_done || !state.done;
}

/* The one of the same name, else the next of the unit that is not done. */
static const char *exercise_of(const struct lesson *l)
{
	const json_t *all = json_object_get(l->unit, "exercises");
	const char *own = strchr(l->id, '/') + 1;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *e = json_array_get(all, i);
		const char *dot = strchr(catalog_text(e, "id"), '.');

		if (dot && strcmp(dot + 1, own) == 0 &&
		    is_open_exercise(l, e, true))
			return catalog_text(e, "id");
	}
	for (int even_done = 0; even_done < 2; even_done++)
		for (size_t i = 0; i < json_array_size(all); i++)
			if (is_open_exercise(l, json_array_get(all, i),
					     even_done))
				return catalog_text(json_array_get(all, i),
						    "id");
	return NULL;
}

static bool begin_exercise(struct lesson *l)
{
	const char *id = exercise_of(l);

	if (id)
		open_exercise(l->view.app, id, "learn");
	else
		app_say(l->view.app, ROLE_INFO, "The exercises of %s are to "
			"come.", catalog_text(l->unit, "title"));
	return true;
}

/* Esc leaves the popup, then the search, then the lesson. */
static bool leave_layer(struct lesson *l)
{
	if (l->popup) {
		l->popup = NULL;
		return true;
	}
	if (l->wanted) {
		free(l->wanted);
		l->wanted = NULL;
		return true;
	}
	return false;
}

static bool turn_next(struct lesson *l)
{
	l->popup = NULL;
	go_to(l, l->top + page_rows(l));
	return true;
}

static bool turn_back(struct lesson *l)
{
	l->popup = NULL;
	go_to(l, l->top > page_rows(l) ? l->top - page_rows(l) : 0);
	return true;
}

static bool link_next(struct lesson *l)
{
	walk_links(l, 1);
	return true;
}

static bool link_prev(struct lesson *l)
{
	walk_links(l, -1);
	return true;
}

static bool find_here(struct lesson *l)
{
	app_ask(l->view.app, "Find in this lesson", l->wanted ? l->wanted : "",
		find_entered, l);
	return true;
}

static bool find_next(struct lesson *l)
{
	return find_again(l, true);
}

static bool find_prev(struct lesson *l)
{
	return find_again(l, false);
}

static const struct {
	const char *id;
	bool (*run)(struct lesson *l);
} doings[] = {
	{ "page.next", turn_next }, { "page.prev", turn_back },
	{ "link.next", link_next }, { "link.prev", link_prev },
	{ "link.open", open_link }, { "item.open", open_link },
	{ "word.open", open_word_here }, { "lesson.exercise", begin_exercise },
	{ "find.open", find_here }, { "find.next", find_next },
	{ "find.prev", find_prev }, { "layer.leave", leave_layer },
};

static bool lesson_act(struct view *v, const struct action *act)
{
	struct lesson *l = (struct lesson *)v;

	fit(l);
	for (size_t i = 0; i < sizeof(doings) / sizeof(*doings); i++)
		if (strcmp(doings[i].id, act->id) == 0)
			return doings[i].run(l);
	return false;
}

static bool is_key(const struct input *in, uint32_t a, uint32_t b)
{
	return in->kind == INPUT_KEY && (in->key == a || in->key == b);
}

static bool lesson_input(struct view *v, const struct input *in)
{
	struct lesson *l = (struct lesson *)v;
	bool wheel = in->kind == INPUT_MOUSE;

	fit(l);
	if (is_key(in, K_DOWN, 'j') ||
	    (wheel && in->mouse == MOUSE_WHEEL_DOWN))
		go_to(l, l->top + 1);
	else if (is_key(in, K_UP, 'k') ||
		 (wheel && in->mouse == MOUSE_WHEEL_UP))
		go_to(l, l->top - (l->top > 0));
	else if (is_key(in, K_HOME, 'g'))
		go_to(l, 0);
	else if (is_key(in, K_END, 'G'))
		go_to(l, l->page.line_count);
	else if (is_key(in, K_RIGHT, 'l'))
		move_code(l, CODE_STEP);
	else if (is_key(in, K_LEFT, 'h'))
		move_code(l, -CODE_STEP);
	else
		return false;
	return true;
}

static void lesson_contexts(const struct view *v,
			    enum context out[CTX_COUNT + 1])
{
	const struct lesson *l = (const struct lesson *)v;
	int n = 0;

	if (l->wanted)
		out[n++] = CTX_SEARCH;
	out[n++] = CTX_READER;
	out[n] = CTX_COUNT;
}

static void lesson_shown(struct view *v)
{
	struct lesson *l = (struct lesson *)v;

	fit(l);
	keep_page(l);
}

/* --- life ---------------------------------------------------------------------------- */

/* The world that the text names: World `local-kafka`. */
static char *world_of(const char *source)
{
	const char *at = strstr(source, "World `");
	char *world;

	if (at) {
		at += strlen("World `");
		world = strndup(at, strcspn(at, "`\n"));
	} else {
		world = strdup("local-kafka");
	}
	if (!world)
		abort();
	return world;
}

/* Where one was: as far through the text, whatever the size was then. */
static void go_on_reading(struct lesson *l)
{
	struct app *a = l->view.app;
	struct err err;

	fit(l);
	if (!a->outside.store ||
	    !progress_lesson(a->outside.store, l->id, &l->page_kept,
			     &l->pages_kept, &err) ||
	    l->pages_kept < 1 || l->page_kept >= l->pages_kept)
		return;
	if (pages(l) == l->pages_kept)
		l->top = page_rows(l) * (size_t)(l->page_kept - 1);
	else
		l->top = l->page.line_count * (size_t)(l->page_kept - 1) /
			 (size_t)l->pages_kept;
	fit(l);
}

static void lesson_free(struct view *v)
{
	struct lesson *l = (struct lesson *)v;

	markdown_release(&l->page);
	text_free(&l->source);
	free(l->world);
	free(l->wanted);
	free(l->id);
	free(l);
}

static const struct view_ops lesson_ops = {
	.name = "lesson", .contexts = lesson_contexts, .crumb = lesson_crumb,
	.draw = lesson_draw, .input = lesson_input, .act = lesson_act,
	.shown = lesson_shown, .free = lesson_free,
};

static bool read_source(struct lesson *l, const char *text, struct err *err)
{
	struct text path = {0};
	bool good;

	text_addf(&path, "%s/content/%s", l->view.app->outside.catalog->root,
		  text);
	good = path_read(text_cstr(&path), LESSON_BYTES_MAX, &l->source, err);
	text_free(&path);
	return good;
}

struct view *lesson_view(struct app *a, const char *id, struct err *err)
{
	const json_t *unit = NULL;
	const json_t *found = catalog_lesson(a->outside.catalog, id, &unit);
	const char *text = json_string_value(json_object_get(found, "text"));
	struct lesson *l;

	if (!found || !text) {
		err_set(err, found ? "%s is to come: the page is not written." :
			"There is no lesson %s.", id);
		return NULL;
	}
	l = calloc(1, sizeof(*l));
	if (!l || !(l->id = strdup(id)))
		abort();
	l->view = (struct view){ .ops = &lesson_ops, .app = a };
	l->lesson = found;
	l->unit = unit;
	if (!read_source(l, text, err)) {
		lesson_free(&l->view);
		return NULL;
	}
	l->world = world_of(text_cstr(&l->source));
	go_on_reading(l);
	return &l->view;
}
