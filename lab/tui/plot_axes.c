/* plot_axes.c - charts with axes: areas, lines, heat
 *
 *	400┤          ╷█╷	labels on the top, the middle and 0
 *	   │          ███▂▂
 *	  0┤▁▁▁▁▁▁▁▁▁▁█████
 *	   └T+08─────T+10──	ticks at round times
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/tui/plot.h"
#include "sim/core/mem.h"

/* The room inside the axes. */
struct pane {
	struct grid *g;
	struct rect r;			/* of the picture */
	const struct plot *p;
	double top;			/* value at the upper edge */
	struct text braille;		/* r.rows * r.cols bit sets, or empty */
};

/* --- scale ---------------------------------------------------------------- */

static double plot_top(const struct plot *p)
{
	double most = 0;

	if (p->top > 0)
		return p->top;
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->series[i].count; k++)
			if (p->series[i].v[k] > most)
				most = p->series[i].v[k];
	return plot_round_up(most);
}

/* A round step that leaves room for a label, in seconds. */
static double time_step(double span, int cols)
{
	static const double steps[] = { 1, 2, 5, 10, 20, 30, 60, 120, 300, 600,
					1200, 1800, 3600, 7200, 14400, 21600,
					43200, 86400 };
	double least = span * 10 / (cols > 0 ? cols : 1);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] >= least)
			return steps[i];
	return ceil(least / 86400) * 86400;
}

/* T+08 when only minutes count, T+08:30 or T+1:20:00 else. */
static void time_label(struct text *t, double at, double step)
{
	int64_t s = (int64_t)(at + 0.5);

	text_clear(t);
	number_time(t, SIM_S(s));
	if (s < 3600 && fmod(step, 60) == 0)
		t->at[t->len = strlen("T+00")] = '\0';
}

static void time_axis(struct grid *g, struct rect r, int row, int col, int cols,
		      const struct plot *p, const char *line)
{
	double span = p->to_s - p->from_s, step = time_step(span, cols);
	struct text t = {0};

	if (line)
		grid_fill(g, r, row, col, cols, ROLE_DIM, line);
	for (double at = ceil(p->from_s / step) * step; span > 0 && at < p->to_s;
	     at += step) {
		int x = (int)((at - p->from_s) / span * cols);

		time_label(&t, at, step);
		if (x + (int)t.len <= cols)
			grid_put(g, r, row, col + x, ROLE_DIM, text_cstr(&t));
	}
	text_free(&t);
}

/* --- areas and lines ------------------------------------------------------ */

static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇",
				       "█" };

/* One column of an area; `height` in eighths of a row. */
static void area_column(const struct pane *a, int col, double v)
{
	int height = (int)ceil(v / a->top * a->r.rows * 8 - 1e-9);
	bool is_over = v > a->top * (1 + 1e-9);

	if (height < 1)
		height = 1;
	for (int row = a->r.rows - 1; row >= 0 && height > 0; row--) {
		grid_put(a->g, a->r, row, col, ROLE_S1,
			 eighths[height > 8 ? 8 : height]);
		height -= 8;
	}
	if (is_over)			/* it goes on beyond the scale */
		grid_put(a->g, a->r, 0, col, ROLE_WARN, "╷");
}

static int row_of(const struct pane *a, double v)
{
	int row = (int)floor((1 - v / a->top) * a->r.rows);

	return row < 0 ? 0 : row >= a->r.rows ? a->r.rows - 1 : row;
}

/* Lines differ by their glyph too, so that they do without colour. */
static const char *const strokes[PLOT_SERIES_MAX] = { "─", "═", "┄", "•" };

static void line_series(const struct pane *a, size_t i, const double *v)
{
	enum role role = (enum role)(ROLE_S1 + i);

	for (int col = 0; col < a->r.cols; col++) {
		int row, last;

		if (isnan(v[col]))
			continue;
		row = row_of(a, v[col]);
		last = col && !isnan(v[col - 1]) ? row_of(a, v[col - 1]) : row;
		for (int k = row < last ? row + 1 : last + 1;
		     k < (row < last ? last : row); k++)
			grid_put(a->g, a->r, k, col, role, "│");
		grid_put(a->g, a->r, row, col, role,
			 v[col] > a->top * (1 + 1e-9) ? "╷" : strokes[i]);
	}
}

/* Braille: each cell two by four dots, numbered as Unicode has them. */
static void braille_series(struct pane *a, size_t i)
{
	static const unsigned char dots[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 },
						  { 0x04, 0x20 }, { 0x40, 0x80 } };
	int cols = a->r.cols * 2, rows = a->r.rows * 4;
	double *v = mem_zeroed((size_t)cols, sizeof(*v));
	char *cells = a->braille.at;

	plot_columns(&a->p->series[i], a->p->from_s, a->p->to_s, cols, v);
	for (int x = 0; x < cols; x++) {
		int y = (int)floor((1 - v[x] / a->top) * rows);
		unsigned char bits;
		char glyph[4] = "";

		if (isnan(v[x]))
			continue;
		y = y < 0 ? 0 : y >= rows ? rows - 1 : y;
		cells[y / 4 * a->r.cols + x / 2] |= (char)dots[y % 4][x % 2];
		bits = (unsigned char)cells[y / 4 * a->r.cols + x / 2];
		/* U+2800 and the bits, as UTF-8. */
		glyph[0] = (char)0xe2;
		glyph[1] = (char)(0xa0 | bits >> 6);
		glyph[2] = (char)(0x80 | (bits & 0x3f));
		grid_put(a->g, a->r, y / 4, x / 2, (enum role)(ROLE_S1 + i),
			 glyph);
	}
	free(v);
}

/* Dots of an earlier run, where nothing of this one is. */
static void ghost_dots(const struct pane *a)
{
	double v[GRID_COLS_MAX];

	plot_columns(a->p->ghost, a->p->from_s, a->p->to_s, a->r.cols, v);
	for (int col = 0; col < a->r.cols; col++) {
		int row = isnan(v[col]) ? -1 : row_of(a, v[col]);

		if (row >= 0 && a->r.row + row < a->g->rows &&
		    a->r.col + col < a->g->cols &&
		    !strcmp(grid_at(a->g, a->r.row + row, a->r.col + col)->text,
			    " "))
			grid_put(a->g, a->r, row, col, ROLE_GHOST, "·");
	}
}

static size_t drawn(const struct plot *p)
{
	return p->count < PLOT_SERIES_MAX ? p->count : PLOT_SERIES_MAX;
}

static void curves(struct pane *a)
{
	double v[GRID_COLS_MAX];

	for (size_t i = drawn(a->p); i-- > 0;) {
		plot_columns(&a->p->series[i], a->p->from_s, a->p->to_s,
			     a->r.cols, v);
		if (a->p->use_braille) {
			braille_series(a, i);
		} else if (a->p->count > 1) {
			line_series(a, i, v);
		} else {
			for (int col = 0; col < a->r.cols; col++)
				if (!isnan(v[col]))
					area_column(a, col, v[col]);
		}
	}
	if (a->p->ghost)
		ghost_dots(a);
}

/* --- labels --------------------------------------------------------------- */

static int nearest_free(const bool *taken, int rows, int row)
{
	for (int far = 0; far < rows; far++) {
		if (row - far >= 0 && !taken[row - far])
			return row - far;
		if (row + far < rows && !taken[row + far])
			return row + far;
	}
	return row;
}

/* Label and last value of each series, at the height where it ends; two at one
 * height move apart. */
static void end_labels(const struct pane *a, struct rect r, int col)
{
	bool taken[GRID_ROWS_MAX] = { false };
	struct text t = {0};

	for (size_t i = 0; i < drawn(a->p); i++) {
		double last = plot_last(&a->p->series[i]);
		int row = isnan(last) ? a->r.rows - 1 : row_of(a, last);

		row = nearest_free(taken, a->r.rows, row);
		taken[row] = true;
		text_clear(&t);
		text_addf(&t, "%s ", a->p->series[i].label);
		a->p->number(&t, last);
		if (i + 1 == PLOT_SERIES_MAX && a->p->count > PLOT_SERIES_MAX)
			text_addf(&t, " and %zu others",
				  a->p->count - PLOT_SERIES_MAX);
		draw_cut(a->g, r, row, col, r.cols - col,
			 (enum role)(ROLE_S1 + i), text_cstr(&t));
	}
	text_free(&t);
}

static int label_cols(const struct plot *p)
{
	struct text t = {0};
	int cols = 0;

	for (size_t i = 0; p->count > 1 && i < drawn(p); i++) {
		text_clear(&t);
		text_addf(&t, "%s ", p->series[i].label);
		p->number(&t, plot_last(&p->series[i]));
		if (text_width(text_cstr(&t)) > cols)
			cols = text_width(text_cstr(&t));
	}
	text_free(&t);
	if (p->count > PLOT_SERIES_MAX)
		cols += 13;
	return cols > 24 ? 24 : cols;
}

static int axis_cols(const struct plot *p, double top)
{
	struct text t = {0};
	int cols;

	p->number(&t, top);
	cols = text_width(text_cstr(&t));
	text_clear(&t);
	p->number(&t, top / 2);
	if (text_width(text_cstr(&t)) > cols)
		cols = text_width(text_cstr(&t));
	text_free(&t);
	return cols < 3 ? 3 : cols;
}

static void value_axis(struct grid *g, struct rect r, int rows, int cols,
		       const struct plot *p, double top)
{
	struct text t = {0};

	for (int row = 0; row < rows; row++) {
		bool is_middle = rows >= 5 && row == rows / 2;
		double v = row == 0 ? top : row == rows - 1 ? 0 : top / 2;

		grid_put(g, r, row, cols, ROLE_DIM, "│");
		if (row && row < rows - 1 && !is_middle)
			continue;
		text_clear(&t);
		p->number(&t, v);
		draw_right(g, r, row, cols, ROLE_DIM, text_cstr(&t));
		grid_put(g, r, row, cols, ROLE_DIM, "┤");
	}
	text_free(&t);
}

void plot_draw(struct grid *g, struct rect r, const struct plot *p)
{
	double top = plot_top(p);
	int axis = axis_cols(p, top), labels = label_cols(p);
	int cols = r.cols - axis - 1 - (labels ? labels + 2 : 0);
	struct pane a = { .g = g, .p = p, .top = top };

	if (!p->count)
		return;
	if (r.rows < 3 || cols < PLOT_SPARK_MIN) {
		plot_spark(g, r, 0, 1, r.cols - 12, ROLE_S1, &p->series[0], 0,
			   p->number);
		return;
	}
	a.r = (struct rect){ r.row, r.col + axis + 1, r.rows - 1, cols };
	for (int i = 0; p->use_braille && i < a.r.rows * a.r.cols; i++)
		text_char(&a.braille, '\0');
	value_axis(g, r, a.r.rows, axis, p, top);
	grid_put(g, r, a.r.rows, axis, ROLE_DIM, "└");
	time_axis(g, r, a.r.rows, axis + 1, cols, p, "─");
	curves(&a);
	if (labels)
		end_labels(&a, r, axis + 1 + cols + 2);
	text_free(&a.braille);
}

/* --- heat ----------------------------------------------------------------- */

static const char *const heat[] = { "·", "░", "▒", "▓", "█" };

static void heat_cell(struct grid *g, struct rect r, int row, int col, double v,
		      double top)
{
	int step = top > 0 ? (int)floor(v / top * 5) : 0;

	if (isnan(v)) {
		grid_put(g, r, row, col, ROLE_STALE, "~");
		return;
	}
	step = step < 0 ? 0 : step > 4 ? 4 : step;
	grid_put(g, r, row, col, (enum role)(ROLE_H0 + step), heat[step]);
}

void plot_heat(struct grid *g, struct rect r, const struct plot *p,
	       int labels)
{
	int figure = 8, cols = r.cols - 1 - labels - 2 - 1 - figure;
	double v[GRID_COLS_MAX], top = plot_top(p);
	struct text t = {0};
	int row = 0;

	if (cols < 1)
		return;
	for (; row < r.rows && (size_t)row < p->count; row++) {
		const struct series *s = &p->series[row];

		draw_name(g, r, row, 1, labels, ROLE_TEXT, s->label);
		plot_columns(s, p->from_s, p->to_s, cols, v);
		for (int i = 0; i < cols; i++)
			heat_cell(g, r, row, labels + 3 + i, v[i], top);
		text_clear(&t);
		p->number(&t, plot_last(s));
		draw_right(g, r, row, r.cols, ROLE_TEXT, text_cstr(&t));
	}
	if (row < r.rows)
		time_axis(g, r, row, labels + 3, cols, p, NULL);
	text_free(&t);
}

void plot_heat_legend(struct text *out, double top, plot_number *number)
{
	text_add(out, "heat ");
	for (int i = 0; i < 5; i++)
		text_add(out, heat[i]);
	text_add(out, "  0 to ");
	number(out, top);
}
