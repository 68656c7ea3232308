/* compare.c - two branches side by side */
#include "lab/play/compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/play/play_inside.h"
#include "lab/run_file.h"

enum { POINTS = 60 };

static const struct compare_metric metrics[COMPARE_METRICS] = {
	{ .name = "lag", .unit = "records",
	  .expr = "sum(kafka_consumer_records_lag)" },
	{ .name = "not in sync", .unit = "partitions", .expr =
	  "sum(kafka_server_replicamanager_underreplicatedpartitions)" },
	{ .name = "written", .unit = "records/s", .expr =
	  "sum(rate(kafka_server_brokertopicmetrics_messagesin_total[1m]))" },
	{ .name = "worked on", .unit = "records/s",
	  .expr = "sum(rate(app_records_processed_total[1m]))" },
	{ .name = "given up", .unit = "records",
	  .expr = "sum(kafka_producer_record_error_total)" },
	{ .name = "targets down", .unit = "",
	  .expr = "count(up) - sum(up)" },
};

/* One of the two, played again. */
struct side {
	const struct play_branch *branch;
	uint32_t n;		/* the input it ends before */
	struct play *play;
	struct run run;
};

static bool find_side(struct play *p, const char *name, struct side *s,
		      struct err *err)
{
	const struct play_branch *b;
	char own[64];		/* `name` may be of the list */
	size_t count;

	snprintf(own, sizeof(own), "%s", name);
	count = play_branches(p, &b);
	for (size_t i = 0; i < count; i++) {
		bool now = b[i].is_current && strcmp(own, "now") == 0;

		if (!now && strcmp(b[i].name, own) != 0)
			continue;
		s->branch = &b[i];
		s->n = b[i].is_current ? (uint32_t)p->tape.count + 1 :
					 b[i].left;
		return true;
	}
	return err_set(err, "there is no branch %s; `branches` lists them",
		       own);
}

/* The run as a saved run has it, to find where two part. */
static bool take_run(struct play *p, struct side *s, struct err *err)
{
	const char *params = text_cstr(&p->module->world_params);
	struct world *w = p->options.make(p->module->world, p->options.seed,
					  params, err);

	if (!w)
		return false;
	run_init(&s->run, w, p->module->world, p->options.seed, params, false);
	world_free(w);
	run_take(&s->run, s->play->a->world);
	return true;
}

static bool play_side(struct play *p, struct side *s, struct err *err)
{
	s->play = play_again(p, s->n, err);
	return s->play && take_run(p, s, err);
}

/* --- metrics ------------------------------------------------------------------ */

/* Beyond its end a branch has no values. */
static void cut(struct chart *c, sim_time end)
{
	for (size_t i = 0; i < c->series_count; i++)
		for (size_t k = 0; k < c->points; k++)
			if (c->from + (sim_time)k * c->step > end)
				c->series[i].values[k] = NAN;
	chart_reckon(c);
}

static bool ask(const struct side *s, const struct compare *c,
		const char *expr, sim_time end, struct chart *out)
{
	sim_time step = (c->to - c->from) / POINTS / SIM_S(1) * SIM_S(1);

	if (!play_chart(s->play, expr, c->from, c->to, step ? step : SIM_S(1),
			out, NULL))
		return false;
	cut(out, end);
	return out->series_count && !isnan(out->series[0].last);
}

static void compare_metrics(struct compare *c, const struct side *a,
			    const struct side *b)
{
	for (size_t i = 0; i < COMPARE_METRICS; i++) {
		struct compare_metric m = metrics[i];
		bool has_a = ask(a, c, m.expr, c->a_ends, &m.a);
		bool has_b = ask(b, c, m.expr, c->b_ends, &m.b);

		if (has_a || has_b) {
			c->metrics[c->metric_count++] = m;
		} else {
			chart_release(&m.a);
			chart_release(&m.b);
		}
	}
}

/* --- what differs ---------------------------------------------------------------- */

static void line_add(struct compare *c, const struct op *op, int side)
{
	char *text = strdup(op->text);

	c->lines = realloc(c->lines, (c->line_count + 1) * sizeof(*c->lines));
	if (!c->lines || !text)
		abort();
	c->lines[c->line_count++] = (struct compare_line){
		.at = op->at, .side = side, .text = text,
	};
}

static const struct op *next_line(const struct tape *tape, const uint32_t *list,
				  size_t count, size_t *i)
{
	while (*i < count && tape->ops[list[*i]].kind != OP_LINE)
		++*i;
	return *i < count ? &tape->ops[list[*i]] : NULL;
}

static bool same_line(const struct op *a, const struct op *b)
{
	return a->at == b->at && strcmp(a->text, b->text) == 0;
}

/* Both in order of time; the same at the same time is no difference. */
static void compare_lines(struct play *p, struct compare *c,
			  const struct side *a, const struct side *b)
{
	uint32_t *of_a, *of_b;
	size_t na = play_trail(p, a->n, &of_a), nb = play_trail(p, b->n, &of_b);
	size_t i = 0, k = 0;

	for (;;) {
		const struct op *x = next_line(&p->tape, of_a, na, &i);
		const struct op *y = next_line(&p->tape, of_b, nb, &k);

		if (!x && !y)
			break;
		if (x && y && same_line(x, y)) {
			i++;
			k++;
		} else if (x && (!y || x->at <= y->at)) {
			line_add(c, x, 0);
			i++;
		} else {
			line_add(c, y, 1);
			k++;
		}
	}
	free(of_a);
	free(of_b);
}

static bool find_parting(struct play *p, struct compare *c,
			 const struct side *a, const struct side *b,
			 struct err *err)
{
	struct text say = {0};
	struct run_part part;
	bool good = run_diff(&a->run, &b->run, p->options.make, &part, &say,
			     err);

	text_free(&say);
	if (!good)
		return false;
	c->part = !part.same;
	c->parted_at = part.same ? SIM_NEVER : part.at;
	c->parted_events = part.events;
	snprintf(c->parted_a, sizeof(c->parted_a), "%.63s", part.what[0]);
	snprintf(c->parted_b, sizeof(c->parted_b), "%.63s", part.what[1]);
	return true;
}

static void side_release(struct side *s)
{
	play_free(s->play);
	run_release(&s->run);
}

bool play_compare(struct play *p, const char *a, const char *b,
		  struct compare *out, struct err *err)
{
	struct side x = {0}, y = {0};
	char second[64];
	bool good;

	*out = (struct compare){0};
	snprintf(second, sizeof(second), "%s", b);
	if (!find_side(p, a, &x, err))
		return false;
	snprintf(out->a, sizeof(out->a), "%s", x.branch->name);
	if (!find_side(p, second, &y, err))
		return false;
	snprintf(out->b, sizeof(out->b), "%s", y.branch->name);
	good = play_side(p, &x, err) && play_side(p, &y, err) &&
	       find_parting(p, out, &x, &y, err);
	if (good) {
		out->a_ends = play_now(x.play);
		out->b_ends = play_now(y.play);
		out->from = play_start(p);
		out->to = out->a_ends > out->b_ends ? out->a_ends :
						      out->b_ends;
		compare_metrics(out, &x, &y);
		compare_lines(p, out, &x, &y);
	}
	side_release(&x);
	side_release(&y);
	return good;
}

void compare_release(struct compare *c)
{
	for (size_t i = 0; i < c->metric_count; i++) {
		chart_release(&c->metrics[i].a);
		chart_release(&c->metrics[i].b);
	}
	for (size_t i = 0; i < c->line_count; i++)
		free(c->lines[i].text);
	free(c->lines);
	*c = (struct compare){0};
}

/* --- as text -------------------------------------------------------------------------- */

static void add_side(const struct chart *c, const char *name, struct text *t)
{
	text_addf(t, "  %s ", name);
	if (!c->series_count || isnan(c->series[0].last)) {
		text_add(t, "no data");
		return;
	}
	chart_number(t, c->series[0].last);
	text_add(t, " (most ");
	chart_number(t, c->series[0].max);
	text_char(t, ')');
}

static void add_metric(const struct compare_metric *m, struct text *t)
{
	text_addf(t, "%s%s%s:", m->name, *m->unit ? ", " : "", m->unit);
	add_side(&m->a, "A", t);
	add_side(&m->b, "B", t);
	text_char(t, '\n');
}

void compare_text(const struct compare *c, struct text *t)
{
	text_addf(t, "A: %s, to ", c->a);
	simtime_at_text(t, c->a_ends);
	text_addf(t, "\nB: %s, to ", c->b);
	simtime_at_text(t, c->b_ends);
	text_char(t, '\n');
	for (size_t i = 0; i < c->metric_count; i++)
		add_metric(&c->metrics[i], t);
	for (size_t i = 0; i < c->line_count; i++) {
		text_addf(t, "only %c: ", 'A' + c->lines[i].side);
		simtime_at_text(t, c->lines[i].at);
		text_addf(t, " %s\n", c->lines[i].text);
	}
	if (!c->part) {
		text_add(t, "They do not part as far as both go.\n");
		return;
	}
	text_add(t, "They part at ");
	simtime_at_text(t, c->parted_at);
	text_addf(t, ", after %" PRIu64 " events:\n  A: %s\n  B: %s\n",
		  c->parted_events, c->parted_a, c->parted_b);
}
