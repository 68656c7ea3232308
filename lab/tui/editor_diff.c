/* editor_diff.c - which lines of a text are new or changed
 *
 * What is equal at both ends is set aside; between them the longest common
 * subsequence of lines is found (Hunt and McIlroy, 1976, by the plain table).
 * Of a gap, as many new lines as old ones were lost count as changed.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/tui/editor.h"

#include "sim/core/mem.h"

enum { TABLE_LINES_MAX = 700 };		/* beyond, all of the middle changed */

struct lines {
	const char **at;
	size_t *len;
	size_t count;
};

static void split(struct lines *l, const char *s)
{
	size_t cap = 1;

	for (const char *p = s; *p; p++)
		cap += *p == '\n';
	l->at = calloc(cap, sizeof(*l->at));
	l->len = calloc(cap, sizeof(*l->len));
	if (!l->at || !l->len)
		abort();
	for (l->count = 0; l->count < cap; l->count++) {
		l->at[l->count] = s;
		l->len[l->count] = strcspn(s, "\n");
		s += l->len[l->count] + 1;
	}
}

static void lines_release(struct lines *l)
{
	free(l->at);
	free(l->len);
}

static bool same(const struct lines *a, size_t i, const struct lines *b,
		 size_t k)
{
	return a->len[i] == b->len[k] &&
	       memcmp(a->at[i], b->at[k], a->len[i]) == 0;
}

/* longest[i][k]: common lines of was[from + i ..] and now[from + k ..]. */
struct table {
	uint16_t *cells;
	size_t cols;
};

static uint16_t *cell(const struct table *t, size_t i, size_t k)
{
	return &t->cells[i * t->cols + k];
}

static void fill(struct table *t, const struct lines *was,
		 const struct lines *now, size_t from, size_t a, size_t b)
{
	for (size_t i = a; i-- > 0;)
		for (size_t k = b; k-- > 0;) {
			uint16_t down = *cell(t, i + 1, k);
			uint16_t right = *cell(t, i, k + 1);

			*cell(t, i, k) = same(was, from + i, now, from + k) ?
				(uint16_t)(*cell(t, i + 1, k + 1) + 1) :
				down > right ? down : right;
		}
}

/* Walk the table; `lost` old lines wait to be taken for changed ones. */
static void walk(const struct table *t, const struct lines *was,
		 const struct lines *now, size_t from, size_t a, size_t b,
		 enum line_change *out)
{
	size_t i = 0, k = 0, gap = 0, lost = 0;

	while (i < a || k < b) {
		if (i < a && k < b && same(was, from + i, now, from + k)) {
			i++;
			gap = ++k;
			lost = 0;
		} else if (k == b || (i < a && *cell(t, i + 1, k) >=
					       *cell(t, i, k + 1))) {
			lost++;
			i++;
		} else {
			out[from + k++] = LINE_NEW;
		}
		for (size_t n = gap; n < k && n < gap + lost; n++)
			out[from + n] = LINE_CHANGED;
	}
}

static void middle(const struct lines *was, const struct lines *now,
		   size_t from, size_t a, size_t b, enum line_change *out)
{
	struct table t = { .cols = b + 1 };

	if (a > TABLE_LINES_MAX || b > TABLE_LINES_MAX) {
		for (size_t k = 0; k < b; k++)
			out[from + k] = LINE_CHANGED;
		return;
	}
	t.cells = mem_zeroed((a + 1) * (b + 1), sizeof(*t.cells));
	fill(&t, was, now, from, a, b);
	walk(&t, was, now, from, a, b, out);
	free(t.cells);
}

enum line_change *line_changes(const char *was, const char *now, size_t *count)
{
	enum line_change *out;
	struct lines a, b;
	size_t head = 0, tail = 0;

	split(&a, was);
	split(&b, now);
	out = mem_zeroed(b.count, sizeof(*out));
	while (head < a.count && head < b.count && same(&a, head, &b, head))
		head++;
	while (head + tail < a.count && head + tail < b.count &&
	       same(&a, a.count - 1 - tail, &b, b.count - 1 - tail))
		tail++;
	middle(&a, &b, head, a.count - head - tail, b.count - head - tail, out);
	*count = b.count;
	lines_release(&a);
	lines_release(&b);
	return out;
}
