/* chart.c - a PromQL expression over a range */
#include "lab/play/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/play/play_inside.h"
#include "sim/core/mem.h"
#include "sim/monitor/monitor.h"
#include "sim/tsdb/promql_eval.h"

enum { SHOWN = 6 };		/* points that the text names */

/* --- figures of a series ----------------------------------------------------- */

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static void reckon(struct chart_series *s, size_t points)
{
	double *there = mem_zeroed(points + 1, sizeof(*there));
	size_t n = 0;

	s->min = s->max = s->median = s->last = NAN;
	for (size_t i = 0; i < points; i++)
		if (!isnan(s->values[i]))
			there[n++] = s->last = s->values[i];
	if (n) {
		qsort(there, n, sizeof(*there), by_value);
		s->min = there[0];
		s->max = there[n - 1];
		s->median = there[n / 2];
	}
	free(there);
}

void chart_reckon(struct chart *c)
{
	for (size_t i = 0; i < c->series_count; i++)
		reckon(&c->series[i], c->points);
}

static double mean(const double *v, size_t from, size_t to)
{
	double sum = 0;
	int n = 0;

	for (size_t i = from; i < to; i++)
		if (!isnan(v[i])) {
			sum += v[i];
			n++;
		}
	return n ? sum / n : NAN;
}

/* The last quarter against the first half. */
const char *chart_trend(const struct chart *c, size_t series)
{
	const double *v = c->series[series].values;
	double was = mean(v, 0, (c->points + 1) / 2);
	double is = mean(v, c->points - (c->points + 3) / 4, c->points);
	double most = fabs(was) > fabs(is) ? fabs(was) : fabs(is);

	if (isnan(c->series[series].last))
		return "no data";
	if (isnan(was) || isnan(is) || fabs(is - was) <= 0.05 * most)
		return "steady";
	return is > was ? "rising" : "falling";
}

/* --- from an answer to a chart ------------------------------------------------- */

static char *series_text(const struct promql_series *s)
{
	struct text t = {0};
	int n = 0;

	for (uint32_t i = 0; i < s->label_count; i++) {
		if (strcmp(s->labels[i].name, "__name__") == 0)
			continue;
		text_addf(&t, "%s%s=\"%s\"", n++ ? ", " : "{",
			  s->labels[i].name, s->labels[i].value);
	}
	if (n)
		text_char(&t, '}');
	text_add(&t, "");
	return text_take(&t);
}

static void take_series(struct chart *c, const struct promql_series *s)
{
	struct chart_series *out = &c->series[c->series_count++];

	out->labels = series_text(s);
	out->values = mem_zeroed(c->points, sizeof(*out->values));
	for (size_t i = 0; i < c->points; i++)
		out->values[i] = NAN;
	for (uint32_t i = 0; i < s->point_count; i++) {
		sim_time at = SIM_MS(s->points[i].t_ms - SIM_EPOCH_MS);
		size_t k = (size_t)((at - c->from) / c->step);

		if (at >= c->from && k < c->points)
			out->values[k] = s->points[i].v;
	}
	reckon(out, c->points);
}

/* A number: the same at every point. */
static void take_scalar(struct chart *c, double v)
{
	struct chart_series *out = &c->series[c->series_count++];
	struct text none = {0};

	text_add(&none, "");
	out->labels = text_take(&none);
	out->values = mem_zeroed(c->points, sizeof(*out->values));
	for (size_t i = 0; i < c->points; i++)
		out->values[i] = v;
	reckon(out, c->points);
}

static void take(struct chart *c, const struct promql_result *r)
{
	uint32_t count = r->series_count < CHART_SERIES_MAX ?
			 r->series_count : CHART_SERIES_MAX;

	c->series = mem_zeroed(count + 1, sizeof(*c->series));
	c->left_out = r->series_count - count;
	if (r->type == PROMQL_SCALAR)
		take_scalar(c, r->scalar);
	for (uint32_t i = 0; i < count; i++)
		take_series(c, &r->series[i]);
}

bool play_chart(const struct play *p, const char *expr, sim_time from,
		sim_time to, sim_time step, struct chart *out,
		struct err *err)
{
	const struct world *w = p->a->world;
	const struct monitor *m = monitor_first(w);
	struct promql_result r;
	bool good;

	*out = (struct chart){ .from = from, .to = to, .step = step,
			       .newest = -1 };
	if (!m)
		return err_set(err, "this world has no monitor to ask");
	if (to < from || step < SIM_MS(1) ||
	    (to - from) / step >= CHART_POINTS_MAX)
		return err_set(err, "a chart has 1 to %d points",
			       CHART_POINTS_MAX);
	out->points = (size_t)((to - from) / step) + 1;
	promql_range(w, m->tsdb, expr, sim_wall_ms(from), sim_wall_ms(to),
		     step / SIM_MS(1), &r);
	good = r.status == PROMQL_OK;
	out->fidelity = r.fidelity;
	if (good)
		take(out, &r);
	else
		err_set(err, "%s", r.error);
	promql_result_free(&r);
	if (good && m->tsdb->last_ms)
		out->newest = SIM_MS(m->tsdb->last_ms - SIM_EPOCH_MS);
	return good;
}

void chart_release(struct chart *c)
{
	for (size_t i = 0; i < c->series_count; i++) {
		free(c->series[i].labels);
		free(c->series[i].values);
	}
	free(c->series);
	*c = (struct chart){0};
}

/* --- as text --------------------------------------------------------------------- */

/* Digits in threes: "148 000". */
static void add_whole(struct text *t, double v)
{
	char digits[32];
	size_t len;

	snprintf(digits, sizeof(digits), "%.0f", fabs(v));
	len = strlen(digits);
	if (v < 0)
		text_char(t, '-');
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0 && len > 3)
			text_char(t, ' ');
		text_char(t, digits[i]);
	}
}

void chart_number(struct text *t, double v)
{
	if (isnan(v))
		text_add(t, "none");
	else if (isinf(v))
		text_add(t, v > 0 ? "+Inf" : "-Inf");
	else if (fabs(v) >= 1e12)
		text_addf(t, "%.3g", v);
	else if (fabs(v) >= 1000 || v == floor(v))
		add_whole(t, v);
	else
		text_addf(t, "%.3g", v);
}

static void add_figure(struct text *t, const char *word, double v)
{
	text_addf(t, "%s ", word);
	chart_number(t, v);
}

static void add_points(const struct chart *c, const struct chart_series *s,
		       struct text *t)
{
	text_add(t, "\n ");
	for (size_t i = 0; i < SHOWN && i < c->points; i++) {
		size_t k = c->points <= SHOWN ? i :
			   i * (c->points - 1) / (SHOWN - 1);

		text_char(t, ' ');
		simtime_at_text(t, c->from + (sim_time)k * c->step);
		text_char(t, ' ');
		chart_number(t, s->values[k]);
	}
}

static void add_series(const struct chart *c, size_t i, const char *name,
		       struct text *t)
{
	const struct chart_series *s = &c->series[i];

	text_addf(t, "%s%s: ", name, s->labels);
	if (isnan(s->last)) {
		text_add(t, "no data.\n");
		return;
	}
	add_figure(t, "min", s->min);
	add_figure(t, ", median", s->median);
	add_figure(t, ", max", s->max);
	add_figure(t, ", last", s->last);
	text_addf(t, ", %s.", chart_trend(c, i));
	add_points(c, s, t);
	text_char(t, '\n');
}

void chart_text(const struct chart *c, const char *expr, struct text *out)
{
	for (size_t i = 0; i < c->series_count; i++)
		add_series(c, i, c->series_count > 1 ? "" : expr, out);
	if (!c->series_count)
		text_addf(out, "%s: no data.\n", expr);
	if (c->left_out)
		text_addf(out, "%zu more series are left out.\n", c->left_out);
	if (c->fidelity != FIDELITY_EXACT && c->series_count)
		text_addf(out, "Fidelity %s: %s.\n",
			  fidelity_badge(c->fidelity),
			  fidelity_help(c->fidelity));
}
