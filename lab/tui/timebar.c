/* timebar.c - the whole run as a line: what was, now, what is to come */
#include "lab/tui/timebar.h"

#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/number.h"

static const struct {
	const char *glyph;
	enum role role;
	const char *one, *many;
} kinds[] = {
	[MARK_BRANCH] = { "├", ROLE_INFO, "branch", "branches" },
	[MARK_PLANNED] = { "◇", ROLE_INFO, "planned", "planned" },
	[MARK_SAVE] = { "□", ROLE_KEY, "save point", "save points" },
	[MARK_EVENT] = { "◆", ROLE_INFO, "event", "events" },
	[MARK_ALERT] = { "▲", ROLE_WARN, "alert", "alerts" },
};

/* Cells between the labels. */
struct span {
	int first, cols;
};

static struct span span_of(const struct timebar *b, int cols)
{
	struct text t = {0};
	struct span s;
	int end;

	number_time(&t, b->from);
	s.first = 1 + (int)t.len + 1;
	text_clear(&t);
	number_clock(&t, b->to);
	end = cols - 1 - (int)t.len - 1;
	text_free(&t);
	if (end - s.first < 10) {		/* no room for labels */
		s.first = 0;
		end = cols;
	}
	s.cols = end > s.first ? end - s.first : 1;
	return s;
}

static sim_time length(const struct timebar *b)
{
	return b->to > b->from ? b->to - b->from : 1;
}

/* a * b / c without overflow; a is between 0 and c. */
static int64_t scaled(int64_t a, int64_t b, int64_t c)
{
	return (int64_t)((double)a * (double)b / (double)c);
}

int timebar_col_of(const struct timebar *b, int cols, sim_time at)
{
	struct span s = span_of(b, cols);

	at = at < b->from ? b->from : at > b->to ? b->to : at;
	return s.first + (int)scaled(at - b->from, s.cols - 1, length(b));
}

sim_time timebar_time_at(const struct timebar *b, int cols, int col)
{
	struct span s = span_of(b, cols);

	col -= s.first;
	if (col <= 0 || s.cols < 2)
		return b->from;
	if (col >= s.cols - 1)
		return b->to;
	/* Rounded up, so that the time of a column stands in that column. */
	return b->from + scaled(col, length(b), s.cols - 1) + 1;
}

static void put_mark(struct grid *g, struct rect r, int row, int col,
		     enum mark_kind kind)
{
	grid_put(g, r, row, col, kinds[kind].role, kinds[kind].glyph);
}

static void bar(struct grid *g, struct rect r, const struct timebar *b)
{
	struct span s = span_of(b, r.cols);
	int now = timebar_col_of(b, r.cols, b->now), end = s.first + s.cols;
	struct text t = {0};

	if (s.first) {
		number_time(&t, b->from);
		grid_put(g, r, 0, 1, ROLE_DIM, text_cstr(&t));
		text_clear(&t);
		number_clock(&t, b->to);
		grid_put(g, r, 0, end + 1, ROLE_DIM, text_cstr(&t));
	}
	text_free(&t);
	grid_fill(g, r, 0, s.first, now - s.first, ROLE_TEXT, "═");
	grid_fill(g, r, 0, now, end - now, ROLE_DIM, "┄");
	for (int kind = 0; kind < MARK_KINDS; kind++)
		for (size_t i = 0; i < b->mark_count; i++)
			if (b->marks[i].kind == (enum mark_kind)kind)
				put_mark(g, r, 0,
					 timebar_col_of(b, r.cols,
							b->marks[i].at),
					 b->marks[i].kind);
	grid_put(g, r, 0, now, ROLE_STRONG, "┃");
}

/* The marks that fit, the latest ones, in order of time; then now. */
static void notes(struct grid *g, struct rect r, const struct timebar *b)
{
	struct text t = {0};
	int room, col = span_of(b, r.cols).first + 1;
	size_t first = b->mark_count;

	number_time(&t, b->now);
	room = r.cols - col - (int)t.len - 6 - 1;
	while (first > 0) {
		const struct mark *m = &b->marks[first - 1];
		int cols = m->text ? 2 + 6 + text_width(m->text) + 3 : 0;

		if (cols > room)
			break;
		room -= cols;
		first--;
	}
	for (size_t i = first; i < b->mark_count; i++) {
		const struct mark *m = &b->marks[i];

		if (!m->text)
			continue;
		put_mark(g, r, 1, col, m->kind);
		text_clear(&t);
		number_clock(&t, m->at);
		col = grid_putf(g, r, 1, col + 2, ROLE_DIM, "%s ",
				text_cstr(&t));
		col = grid_put(g, r, 1, col, ROLE_TEXT, m->text) + 3;
	}
	text_clear(&t);
	number_time(&t, b->now);
	grid_put(g, r, 1, col, ROLE_STRONG, "┃");
	grid_putf(g, r, 1, col + 2, ROLE_TEXT, "now %s", text_cstr(&t));
	text_free(&t);
}

static void branch(struct grid *g, struct rect r, int row,
		   const struct timebar *b, const struct bar_branch *br)
{
	int from = timebar_col_of(b, r.cols, br->from);
	int to = timebar_col_of(b, r.cols, br->to);
	int room = r.cols - to - 3;

	grid_put(g, r, row, from, ROLE_GHOST, "└");
	grid_fill(g, r, row, from + 1, to - from, ROLE_GHOST, "─");
	if (room >= text_width(br->name))
		grid_put(g, r, row, to + 2, ROLE_DIM, br->name);
	else
		draw_right(g, r, row, from - 1, ROLE_DIM, br->name);
}

void timebar_draw(struct grid *g, struct rect r, const struct timebar *b)
{
	bar(g, r, b);
	if (r.rows > 1)
		notes(g, r, b);
	for (size_t i = 0; i < b->branch_count && (int)i + 2 < r.rows; i++)
		branch(g, r, (int)i + 2, b, &b->branches[i]);
}

void timebar_words(const struct timebar *b, struct text *out)
{
	int counts[MARK_KINDS] = {0};
	const struct mark *last = NULL;

	number_time(out, b->now);
	text_add(out, " of ");
	number_clock(out, b->to);
	for (size_t i = 0; i < b->mark_count; i++) {
		counts[b->marks[i].kind]++;
		if (b->marks[i].text && b->marks[i].at <= b->now)
			last = &b->marks[i];
	}
	for (int k = 0; k < MARK_KINDS; k++)
		if (counts[k])
			text_addf(out, ", %d %s", counts[k],
				  counts[k] == 1 ? kinds[k].one :
						   kinds[k].many);
	if (!last)
		return;
	text_add(out, ". Last: ");
	number_time(out, last->at);
	text_addf(out, " %s", last->text);
}
