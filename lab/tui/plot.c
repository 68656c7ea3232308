/* plot.c - numbers over time: columns, sparklines, bars, gauges, words */
#include "lab/tui/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "sim/core/mem.h"

static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇",
				       "█" };
static const char *const across[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };

void plot_columns(const struct series *s, double from_s, double to_s, int cols,
		  double *out)
{
	double width = (to_s - from_s) / (cols > 0 ? cols : 1);

	for (int i = 0; i < cols; i++)
		out[i] = NAN;
	if (!(width > 0))
		return;
	for (size_t i = 0; i < s->count; i++) {
		double at = s->from_s + (double)i * s->step_s;
		int col = (int)floor((at - from_s) / width + 1e-9);

		/* The last point stands on the edge and belongs inside. */
		if (col == cols && at <= to_s)
			col = cols - 1;
		if (col < 0 || col >= cols || isnan(s->v[i]))
			continue;
		if (isnan(out[col]) || s->v[i] > out[col])
			out[col] = s->v[i];
	}
	/* Fewer points than columns: a value holds until the next point, or
	 * until the hole where that should have been. */
	for (int i = 1; i < cols; i++) {
		double at = from_s + (i + 0.5) * width;
		double point = floor((at - s->from_s) / s->step_s + 1e-9);

		if (width < s->step_s && isnan(out[i]) && point >= 0 &&
		    point < (double)s->count)
			out[i] = s->v[(size_t)point];
	}
}

double plot_last(const struct series *s)
{
	for (size_t i = s->count; i-- > 0;)
		if (!isnan(s->v[i]))
			return s->v[i];
	return NAN;
}

double plot_round_up(double v)
{
	double unit;

	if (!(v > 0) || isinf(v))
		return 1;
	unit = pow(10, floor(log10(v)));
	for (int i = 0; i < 2; i++, unit *= 10)
		for (int k = 0; k < 3; k++)
			if (unit * (double[]){ 1, 2, 5 }[k] >= v * (1 - 1e-12))
				return unit * (double[]){ 1, 2, 5 }[k];
	return unit;
}

static double largest(const double *v, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		if (!isnan(v[i]) && v[i] > most)
			most = v[i];
	return most;
}

static int number_put(struct grid *g, struct rect r, int row, int col,
		      enum role role, plot_number *number, double v)
{
	struct text t = {0};

	number(&t, v);
	col = grid_put(g, r, row, col, role, text_cstr(&t));
	text_free(&t);
	return col;
}

/* --- sparkline ------------------------------------------------------------ */

/* A value that is there is never drawn as nothing. */
static const char *spark_glyph(double v, double top)
{
	double step = top > 0 ? v / top * 8 : 1;

	if (isnan(v))
		return " ";
	return eighths[step < 1 ? 1 : step > 8 ? 8 : (int)ceil(step - 1e-9)];
}

int plot_spark(struct grid *g, struct rect r, int row, int col, int cols,
	       enum role role, const struct series *s, double top,
	       plot_number *number)
{
	double v[GRID_COLS_MAX];
	double to_s = s->from_s + (double)s->count * s->step_s;

	if (cols > GRID_COLS_MAX)
		cols = GRID_COLS_MAX;
	if (cols >= PLOT_SPARK_MIN) {
		plot_columns(s, s->from_s, to_s, cols, v);
		if (!(top > 0))
			top = largest(v, (size_t)cols);
		for (int i = 0; i < cols; i++)
			grid_put(g, r, row, col + i, role,
				 spark_glyph(v[i], top));
		col += cols + 2;
	}
	return number_put(g, r, row, col, ROLE_TEXT, number, plot_last(s));
}

/* --- bars ----------------------------------------------------------------- */

static int before(const struct bar *a, const struct bar *b)
{
	double x = isnan(a->value) ? -HUGE_VAL : a->value;
	double y = isnan(b->value) ? -HUGE_VAL : b->value;

	return x > y;
}

/* Insertion, so that equal ones keep their order; there are few. */
static void by_size(const struct bar *bars, size_t count, bool sorted,
		    size_t *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t k = i;

		for (; sorted && k && before(&bars[i], &bars[order[k - 1]]); k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

static void bar_put(struct grid *g, struct rect r, int row, int col, int cols,
		    double share)
{
	double cells = (share > 1 ? 1 : share) * cols;
	int whole = (int)floor(cells + 1e-9);
	int part = (int)floor((cells - whole) * 8 + 1e-9);

	/* Something is never nothing. */
	if (share > 0 && !whole && !part)
		part = 1;
	grid_fill(g, r, row, col, whole, ROLE_S1, "█");
	if (part > 0)
		grid_put(g, r, row, col + whole, ROLE_S1, across[part]);
}

void plot_bars(struct grid *g, struct rect r, const struct bar *bars,
	       size_t count, bool sorted, plot_number *number)
{
	size_t *order = mem_zeroed(count + 1, sizeof(*order));
	int label = 4, figure = 4, mark = 0, cols;
	double most = 0;
	struct text t = {0};

	by_size(bars, count, sorted, order);
	for (size_t i = 0; i < count; i++) {
		text_clear(&t);
		number(&t, bars[i].value);
		if (text_width(bars[i].label) > label)
			label = text_width(bars[i].label);
		if (text_width(text_cstr(&t)) > figure)
			figure = text_width(text_cstr(&t));
		if (bars[i].mark && text_width(bars[i].mark) + 2 > mark)
			mark = text_width(bars[i].mark) + 2;
		if (bars[i].value > most)
			most = bars[i].value;
	}
	if (label > r.cols / 3)
		label = r.cols / 3;
	cols = r.cols - 1 - label - 2 - 2 - figure - mark;
	for (int row = 0; row < r.rows && (size_t)row < count; row++) {
		const struct bar *b = &bars[order[row]];

		text_clear(&t);
		number(&t, b->value);
		draw_name(g, r, row, 1, label, ROLE_TEXT, b->label);
		if (cols > 0 && most > 0 && !isnan(b->value))
			bar_put(g, r, row, label + 3, cols, b->value / most);
		draw_right(g, r, row, r.cols - mark, ROLE_TEXT, text_cstr(&t));
		if (b->mark)
			grid_put(g, r, row, r.cols - mark + 2, ROLE_WARN,
				 b->mark);
	}
	text_free(&t);
	free(order);
}

int plot_gauge(struct grid *g, struct rect r, int row, int col, int cols,
	       double value, double limit, plot_number *number)
{
	double share = limit > 0 ? value / limit : 0;
	int filled = (int)floor((share < 0 ? 0 : share > 1 ? 1 : share) *
				(cols - 1) + 1e-9);
	struct text t = {0};

	if (limit > 0 && cols >= PLOT_SPARK_MIN && !isnan(value)) {
		grid_fill(g, r, row, col, filled,
			  share >= 0.9 ? ROLE_WARN : ROLE_S1, "█");
		grid_fill(g, r, row, col + filled, cols - 1 - filled, ROLE_DIM,
			  "▒");
		col = grid_put(g, r, row, col + cols - 1, ROLE_DIM, "│") + 1;
	}
	number(&t, value);
	if (limit > 0) {
		text_add(&t, " of ");
		number(&t, limit);
	}
	col = grid_put(g, r, row, col, ROLE_TEXT, text_cstr(&t));
	text_free(&t);
	return col;
}

/* --- in words ------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double mean(const double *v, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += v[i];
	return count ? sum / (double)count : NAN;
}

/* The last third against the first: by more than a tenth of the range. */
static const char *trend(const double *v, size_t count, double range)
{
	size_t third = count / 3 ? count / 3 : 1;
	double moved = mean(v + count - third, third) - mean(v, third);

	if (count < 2 || fabs(moved) <= range / 10)
		return "steady";
	return moved > 0 ? "rising" : "falling";
}

static void word_number(struct text *out, const char *word, double v,
			plot_number *number)
{
	text_addf(out, ", %s ", word);
	number(out, v);
}

void plot_words(const struct series *s, plot_number *number, struct text *out)
{
	double *v = mem_zeroed(s->count + 1, sizeof(*v));
	const char *moves;
	size_t n = 0;
	double last;

	for (size_t i = 0; i < s->count; i++)
		if (!isnan(s->v[i]))
			v[n++] = s->v[i];
	text_addf(out, "%s: ", s->label);
	if (!n) {
		text_add(out, "no samples");
		free(v);
		return;
	}
	last = v[n - 1];
	moves = trend(v, n, largest(v, n));
	qsort(v, n, sizeof(*v), by_value);
	text_add(out, moves);
	word_number(out, "last", last, number);
	word_number(out, "min", v[0], number);
	word_number(out, "median", v[n / 2], number);
	word_number(out, "max", v[n - 1], number);
	if (n < s->count)
		text_addf(out, ", %zu %s", s->count - n,
			  s->count - n == 1 ? "hole" : "holes");
	free(v);
}
