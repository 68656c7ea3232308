/* plot.h - numbers over time as pictures of characters
 *
 *	sparkline	▁▁▁▂▃▅▇█  148k
 *	area, lines	400┤     ╷█▂
 *			   └T+08─────T+10──
 *	heat		n5  ···░▓█████  98 %
 *	bars, buckets	5 to 50 ms  ████▌  14 %
 *	gauge		████▒▒│ of 64 MiB
 *
 * Rates and sizes start at 0, always, so that a small change looks small.  A
 * hole (not a number) stays a hole: no line is drawn where nobody measured.
 * When several points share a column the largest is shown, because what one
 * looks for is a peak.  Every picture has a twin in words (plot_words), for
 * --plain (screens.md 3d).
 */
#ifndef LAB_TUI_PLOT_H
#define LAB_TUI_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/tui/grid.h"
#include "sim/core/text.h"

struct series {
	const char *label;
	const double *v;	/* NaN: a hole */
	size_t count;
	double from_s;		/* virtual time of the first, seconds */
	double step_s;		/* between two */
};

/* How a value is written, unit included: number_tight, number_rate ... */
typedef void plot_number(struct text *t, double v);

enum { PLOT_SERIES_MAX = 4, PLOT_SPARK_MIN = 8 };

/* The largest in [from_s, to_s) of each of `cols` equal parts; NaN: none. */
void plot_columns(const struct series *s, double from_s, double to_s, int cols,
		  double *out);
double plot_last(const struct series *s);	/* NaN: there is none */
/* Smallest 1, 2 or 5 times a power of ten that is not below v; 1 for 0. */
double plot_round_up(double v);

/* --- pictures ------------------------------------------------------------- */

/* `cols` cells of all of s and, two further, its last value; less than
 * PLOT_SPARK_MIN cells: the value alone.  `top` is the value of a full cell,
 * 0: the largest there is.  The value is the column behind. */
int plot_spark(struct grid *g, struct rect r, int row, int col, int cols,
	       enum role role, const struct series *s, double top,
	       plot_number *number);

struct plot {
	const struct series *series;	/* 1: an area; more: lines */
	size_t count;			/* beyond four: "and 2 others" */
	const struct series *ghost;	/* an earlier run, as dots; NULL */
	double from_s, to_s;		/* the axis of time */
	double top;			/* 0: a round number above all */
	bool use_braille;
	plot_number *number;
};

/* Fills r: at least 3 rows and 16 columns, else the last value in words. */
void plot_draw(struct grid *g, struct rect r, const struct plot *p);

/* One row a series, five steps of heat from 0 to `top`, the last value right
 * and the time below if there is a row for it. */
void plot_heat(struct grid *g, struct rect r, const struct plot *p,
	       int label_cols);
/* "heat ·░▒▓█  0 to 100 %": for the rule above. */
void plot_heat_legend(struct text *out, double top, plot_number *number);

struct bar {
	const char *label;
	double value;
	const char *mark;	/* "p95", "▲": behind the value; NULL */
};

/* Largest first if `sorted`; a histogram keeps the order of its buckets. */
void plot_bars(struct grid *g, struct rect r, const struct bar *bars,
	       size_t count, bool sorted, plot_number *number);

/* `████▒▒│ 41 MiB of 64 MiB`; without a limit the value alone.  The value is
 * the column behind. */
int plot_gauge(struct grid *g, struct rect r, int row, int col, int cols,
	       double value, double limit, plot_number *number);

/* --- in words ------------------------------------------------------------- */

/* "write p99: rising, last 212, min 4, median 6, max 390, 3 holes" */
void plot_words(const struct series *s, plot_number *number, struct text *out);

#endif
