/* workbench_charts.c - which queries are drawn, and how
 *
 * The panels of a world ask its monitor, so they are late, and empty where
 * nobody scrapes.  A panel without any data leaves its place to the next.  When
 * time goes back, what was drawn stays behind the new run as dots.
 */
#include "lab/views/workbench_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "sim/core/mem.h"

#define WINDOW		SIM_MINUTES(10)
#define STEP		SIM_S(15)	/* the worlds' scrape interval */
#define OLD_AFTER	SIM_S(30)	/* two scrapes */

static void number_ms(struct text *t, double v)
{
	if (isnan(v)) {
		text_char(t, '?');
	} else {
		number_short(t, v);
		text_add(t, " ms");
	}
}

/* One kind of panel; the first that have data are shown. */
struct panel_kind {
	const char *name, *expr;
	plot_number *number;
	double bad_above;	/* NAN: no value is bad by itself */
	bool is_fall;		/* bad when it falls to 0 after being above */
};

#define RECORDS	\
	{ "records in", "sum(rate(kafka_server_brokertopicmetrics_" \
	  "messagesin_total[1m]))", number_rate, NAN, true }
#define UNDER	\
	{ "out of sync", "sum(kafka_server_replicamanager_" \
	  "underreplicatedpartitions)", number_tight, 0, false }
#define LAG	\
	{ "lag", "sum(kafka_consumer_records_lag)", number_tight, 1000, false }
#define P99	\
	{ "write p99", "1000 * histogram_quantile(0.99, sum by (le) (rate(" \
	  "kafka_network_requestmetrics_totaltime_seconds_bucket{" \
	  "request=\"Produce\"}[1m])))", number_ms, NAN, false }
#define TARGETS	\
	{ "targets up", "sum(up)", number_tight, NAN, false }

#define MADE	\
	{ "readings", "sum(rate(ingest_readings_produced_total[1m]))", \
	  number_rate, NAN, true }
#define STORED	\
	{ "stored", "sum(rate(ingest_records_stored_total[1m]))", \
	  number_rate, NAN, true }
#define BACKLOG	\
	{ "backlog", "sum(ingest_partition_backlog_records)", number_tight, \
	  NAN, false }
#define TRACERS	\
	{ "latency p99", "1000 * histogram_quantile(0.99, sum by (le) (rate(" \
	  "ingest_tracer_latency_seconds_bucket[1m])))", number_ms, NAN, false }

enum { KINDS = 5 };

static const struct {
	const char *world;	/* NULL: any other */
	struct panel_kind kinds[KINDS];
} tables[] = {
	{ "local-kafka", { RECORDS, LAG, UNDER, P99, TARGETS } },
	{ "million-devices", { MADE, STORED, BACKLOG, TRACERS, TARGETS } },
	{ "compose-kafka", { RECORDS, P99, TARGETS, LAG, UNDER } },
	{ NULL, { RECORDS, UNDER, P99, LAG, TARGETS } },
};

static const struct panel_kind *kinds_of(const char *world)
{
	size_t i = 0;

	while (tables[i].world && strcmp(tables[i].world, world) != 0)
		i++;
	return tables[i].kinds;
}

/* --- asking --------------------------------------------------------------- */

void charts_init(struct workbench *w)
{
	const struct panel_kind *kinds = kinds_of(w->module->world);

	for (size_t i = 0; i < PANELS; i++)
		w->panels[i] = (struct panel){
			.kind = &kinds[i], .name = mem_copy(kinds[i].name),
			.expr = mem_copy(kinds[i].expr),
		};
}

void charts_release(struct workbench *w)
{
	for (size_t i = 0; i < PANELS; i++) {
		chart_release(&w->panels[i].chart);
		chart_release(&w->panels[i].ghost);
		free(w->panels[i].expr);
		free(w->panels[i].name);
	}
}

static bool has_data(const struct panel *p)
{
	for (size_t i = 0; i < p->chart.series_count; i++)
		if (!isnan(p->chart.series[i].last))
			return true;
	return false;
}

static void ask(struct workbench *w, struct panel *p, sim_time now)
{
	sim_time to = now / STEP * STEP;
	sim_time from = to > WINDOW ? to - WINDOW : 0;
	struct err err;

	if (w->ghosts && now < p->chart.to) {
		chart_release(&p->ghost);
		p->ghost = p->chart;
	} else {
		chart_release(&p->chart);
	}
	p->chart = (struct chart){0};
	p->good = play_chart(w->play, p->expr, from, to, STEP, &p->chart,
			     &err);
	if (!p->good)
		snprintf(p->why, sizeof(p->why), "%.110s", err.what);
}

void charts_refresh(struct workbench *w)
{
	sim_time now = play_now(w->play);

	for (size_t i = 0; i < PANELS; i++)
		ask(w, &w->panels[i], now);
}

void charts_query(struct workbench *w, const char *expr)
{
	struct panel *p = &w->panels[0];

	free(p->expr);
	free(p->name);
	p->expr = mem_copy(expr);
	p->name = mem_copy(expr);
	p->kind = NULL;
	chart_release(&p->ghost);
	p->ghost = (struct chart){0};
	workbench_changed(w);
	charts_refresh(w);
	if (!p->good)
		app_say(workbench_app(w), ROLE_WARN, "%s", p->why);
	else if (!p->chart.series_count)
		app_say(workbench_app(w), ROLE_INFO, "0 series. `:` metrics "
			"lists what there is.");
	else
		app_echo(workbench_app(w), "chart %s", expr);
}

/* --- what a panel says ---------------------------------------------------- */

static plot_number *number_of(const struct panel *p)
{
	return p->kind ? p->kind->number : number_tight;
}

static const struct chart_series *first_of(const struct panel *p)
{
	return p->chart.series_count ? &p->chart.series[0] : NULL;
}

static bool is_bad(const struct panel *p)
{
	const struct chart_series *s = first_of(p);

	if (!s || !p->kind)
		return false;
	if (p->kind->is_fall)
		return s->last == 0 && s->max > 0;
	return s->last > p->kind->bad_above;
}

static bool is_old(const struct workbench *w, const struct panel *p)
{
	return p->chart.newest >= 0 &&
	       play_now(w->play) - p->chart.newest > OLD_AFTER;
}

bool charts_are_bad(const struct workbench *w)
{
	for (size_t i = 0; i < PANELS; i++)
		if (is_bad(&w->panels[i]))
			return true;
	return false;
}

/* A user's own query is shown whatever it gives. */
static size_t shown(const struct workbench *w, const struct panel *out[PANELS])
{
	size_t n = 0;

	for (size_t i = 0; i < PANELS; i++)
		if (has_data(&w->panels[i]) || !w->panels[i].kind)
			out[n++] = &w->panels[i];
	return n;
}

static double seconds(sim_time t)
{
	return (double)t / 1e9;
}

static struct series series_of(const struct chart *c, size_t i)
{
	return (struct series){
		.label = c->series[i].labels, .v = c->series[i].values,
		.count = c->points, .from_s = seconds(c->from),
		.step_s = seconds(c->step),
	};
}

/* The last value, how old it is, and whether it is bad. */
static int draw_value(const struct workbench *w, const struct panel *p,
		      struct grid *g, struct rect r, int row, int col)
{
	const struct chart_series *s = first_of(p);
	enum role role = is_bad(p) ? ROLE_WARN : ROLE_TEXT;
	struct text t = {0};

	if (is_old(w, p)) {
		text_char(&t, '~');
		role = ROLE_STALE;
	}
	number_of(p)(&t, s ? s->last : NAN);
	if (is_bad(p))
		text_add(&t, " ▲");
	if (p->chart.series_count > 1)
		text_addf(&t, "  and %zu others",
			  p->chart.series_count - 1 + p->chart.left_out);
	if (is_old(w, p)) {
		text_add(&t, "  ");
		number_age(&t, play_now(w->play) - p->chart.newest);
	}
	col = grid_put(g, r, row, col, role, text_cstr(&t));
	text_free(&t);
	/* What is not counted says so: fidelity.h, and `F` has the card. */
	if (s && p->chart.fidelity != FIDELITY_EXACT)
		col = grid_put(g, r, row, col + 1, ROLE_DIM,
			       fidelity_badge(p->chart.fidelity));
	return col;
}

/* --- drawing -------------------------------------------------------------- */

enum { NAME_COLS = 12, VALUE_COLS = 20 };

/* One row a panel: name, sparkline, value. */
static void draw_row(const struct workbench *w, const struct panel *p,
		     struct grid *g, struct rect r, int row)
{
	int cols = r.cols - NAME_COLS - VALUE_COLS - 3;
	int col = 1 + NAME_COLS;

	draw_name(g, r, row, 1, NAME_COLS - 1, ROLE_TEXT, p->name);
	if (!p->good) {
		draw_cut(g, r, row, col, r.cols - col, ROLE_WARN, p->why);
		return;
	}
	if (!p->chart.series_count) {
		grid_put(g, r, row, col, ROLE_DIM, "0 series");
		return;
	}
	if (cols >= PLOT_SPARK_MIN) {
		struct series s = series_of(&p->chart, 0);
		struct rect spark = { r.row + row, r.col + col, 1, cols };

		plot_spark(g, spark, 0, 0, cols, ROLE_S1, &s, 0,
			   number_of(p));
		col += cols + 2;
	}
	draw_value(w, p, g, r, row, col);
}

/* A title row, and a picture with axes below it. */
static void draw_plot(const struct workbench *w, const struct panel *p,
		      struct grid *g, struct rect r)
{
	struct series list[PLOT_SERIES_MAX], ghost;
	struct plot plot = {
		.series = list, .from_s = seconds(p->chart.from),
		.to_s = seconds(p->chart.to), .number = number_of(p),
		.use_braille = workbench_app((struct workbench *)w)
			->settings.glyphs == GLYPHS_BRAILLE,
	};
	struct rect title = rect_top(&r, 1);
	int col = draw_name(g, title, 0, 1, r.cols / 2, ROLE_STRONG, p->name);

	if (!p->good) {
		draw_wrapped(g, r, 0, 1, ROLE_WARN, p->why);
		return;
	}
	draw_value(w, p, g, title, 0, col + 2);
	for (; plot.count < p->chart.series_count &&
	       plot.count < PLOT_SERIES_MAX; plot.count++)
		list[plot.count] = series_of(&p->chart, plot.count);
	if (p->ghost.series_count) {
		ghost = series_of(&p->ghost, 0);
		plot.ghost = &ghost;
	}
	if (plot.count)
		plot_draw(g, rect_inset(r, 0, 1), &plot);
}

static void draw_empty(const struct workbench *w, struct grid *g,
		       struct rect r)
{
	const struct panel *p = &w->panels[0];
	struct text t = {0};

	if (!p->good && *p->why) {
		text_add(&t, p->why);
	} else {
		text_add(&t, "No sample up to ");
		number_time(&t, play_now(w->play));
		text_add(&t, ". Space runs the world.");
	}
	draw_cut(g, r, 0, 1, r.cols - 1, ROLE_DIM, text_cstr(&t));
	text_free(&t);
}

void charts_draw(struct workbench *w, struct grid *g, struct rect r)
{
	const struct panel *panels[PANELS];
	size_t count = shown(w, panels), across, room;

	if (!count) {
		draw_empty(w, g, r);
		return;
	}
	if (r.rows < 4) {
		for (size_t i = 0; i < count && (int)i < r.rows; i++)
			draw_row(w, panels[i], g, r, (int)i);
		return;
	}
	across = r.cols >= 100 ? 3 : r.cols >= 60 ? 2 : 1;
	room = across * (size_t)(r.rows / 8 > 0 ? r.rows / 8 : 1);
	count = count < room ? count : room;
	across = across < count ? across : count;
	for (size_t i = 0; i < count; i++) {
		int rows = r.rows / (int)((count + across - 1) / across);
		int cols = r.cols / (int)across;
		struct rect at = {
			r.row + rows * (int)(i / across),
			r.col + cols * (int)(i % across), rows, cols - 1,
		};

		draw_plot(w, panels[i], g, at);
	}
}

void charts_summary(struct workbench *w, struct grid *g, struct rect r)
{
	const struct panel *panels[PANELS];
	size_t count = shown(w, panels);
	int col = 1;

	for (size_t i = 0; i < count && col + 16 < r.cols; i++) {
		col = grid_put(g, r, 0, col, ROLE_DIM, panels[i]->name);
		col = draw_value(w, panels[i], g, r, 0, col + 1) + 3;
	}
}
