/* chart.h - a PromQL expression over a range: the model of charts
 *
 * Asked of the world's monitor, so what is not scraped is not there; a point
 * without a value is NaN and is drawn as a gap, never as zero.
 */
#ifndef LAB_PLAY_CHART_H
#define LAB_PLAY_CHART_H

#include <stddef.h>

#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"
#include "sim/telemetry/fidelity.h"

struct play;

enum { CHART_SERIES_MAX = 16, CHART_POINTS_MAX = 2000 };

struct chart_series {
	char *labels;		/* "{broker=\"1\"}"; "" */
	double *values;		/* `points` of them, NaN where there is none */
	double min, max, median, last;	/* of those that are; NaN: none is */
};

struct chart {
	sim_time from, to, step;
	size_t points;		/* of each series */
	struct chart_series *series;
	size_t series_count;	/* at most CHART_SERIES_MAX */
	size_t left_out;	/* series beyond that */
	sim_time newest;	/* of the samples behind it; -1: none */
	enum fidelity fidelity;	/* the worst of these samples */
};

/* False: the query is wrong, or there is no monitor; err says it in
 * Prometheus's words.  `out` is then empty. */
bool play_chart(const struct play *p, const char *expr, sim_time from,
		sim_time to, sim_time step, struct chart *out,
		struct err *err);
void chart_release(struct chart *c);
/* min to last anew, when values were changed. */
void chart_reckon(struct chart *c);

/* "rising", "falling", "steady", "no data". */
const char *chart_trend(const struct chart *c, size_t series);
/* "148 000", "0.25", "1.2e+09": short, for people. */
void chart_number(struct text *t, double v);
/* In words, as `chart` of plain mode prints it. */
void chart_text(const struct chart *c, const char *expr, struct text *out);

#endif
