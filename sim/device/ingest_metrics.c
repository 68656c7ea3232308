/* ingest_metrics.c - what a stage's processes export
 *
 * The edge knows what devices made, lost and keep, and how long it took until a
 * reading was acknowledged; a node knows what it has stored and what waits.
 * Honest names: a histogram of tracers says so in its name, and
 * ingest_fidelity_partitions says how many partitions are counted how.  Honest
 * values: each metric carries the fidelity that its figure would have
 * (ingest_answers.c).
 */
#include "sim/device/ingest_inside.h"

#include <stdio.h>

#define BOUNDS	16

/* Powers of two, 65 us to 2.1 s and more: floors of buckets in latency.h, so
 * that no count is guessed. */
static const int64_t bounds[BOUNDS] = {
	1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22,
	1 << 23, 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29,
	1 << 30, INT64_C(1) << 31,
};

struct ingest_metrics {
	struct metric *produced, *dropped, *held, *out;
	struct metric *level[LEVEL_COUNT];
	struct metric *latency, *tracers;
};

static void node_metrics_init(struct world *w, struct ingest_node *n)
{
	const struct ingest *s = n->stage;
	char id[16];

	n->stored_metric = metric_counter(w, n->process,
					  "ingest_records_stored_total", NULL);
	for (uint32_t i = n->id; i < s->partitions; i += s->node_count) {
		snprintf(id, sizeof(id), "%u", i);
		s->parts[i].backlog_metric = metric_gauge(w, n->process,
			"ingest_partition_backlog_records", "partition", id,
			NULL);
	}
}

void ingest_metrics_init(struct world *w, struct ingest *s)
{
	struct ingest_metrics *m = world_take(w, struct ingest_metrics);
	struct process *p = s->edge;

	s->metrics = m;
	m->produced = metric_counter(w, p, "ingest_readings_produced_total",
				     NULL);
	m->dropped = metric_counter(w, p, "ingest_readings_dropped_total",
				    NULL);
	m->held = metric_gauge(w, p, "ingest_readings_held", NULL);
	m->out = metric_gauge(w, p, "ingest_devices_out", NULL);
	for (int i = 0; i < LEVEL_COUNT; i++)
		m->level[i] = metric_gauge(w, p, "ingest_fidelity_partitions",
			"level", ingest_level_name((enum ingest_level)i), NULL);
	m->latency = metric_unit(metric_histogram(w, p, bounds, BOUNDS,
			"ingest_latency_seconds", NULL), METRIC_NS);
	m->tracers = metric_unit(metric_histogram(w, p, bounds, BOUNDS,
			"ingest_tracer_latency_seconds", NULL), METRIC_NS);
	for (uint32_t i = 0; i < s->node_count; i++)
		node_metrics_init(w, &s->nodes[i]);
}

void ingest_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE)
		telemetry_answer(w, m);
	else
		message_free(w, m);
}

static void copy_histogram(const struct metric *m, const struct latency *l)
{
	struct histogram *h = m->histogram;
	uint64_t below = 0;

	for (uint32_t i = 0; i < BOUNDS; i++) {
		uint64_t n = latency_below(l, bounds[i]);

		h->counts[i] = (int64_t)(n - below);
		below = n;
	}
	h->counts[BOUNDS] = (int64_t)(l->n - below);
	h->total = (int64_t)l->n;
	h->sum = l->sum;
}

static void collect_edge(struct ingest *s)
{
	struct ingest_metrics *m = s->metrics;
	enum fidelity f = counted_as(s);
	uint64_t produced = 0, dropped = 0, held = 0, out = 0;

	for (uint32_t i = 0; i < s->partitions; i++) {
		produced += s->parts[i].produced;
		dropped += s->parts[i].dropped;
		held += s->parts[i].held_count;
	}
	for (uint32_t i = 0; i < s->cohorts.all.count; i++)
		if (cohort_path(&s->cohorts.all.at[i]) != PATH_UP)
			out += s->cohorts.all.at[i].count;
	metric_set(metric_trust(m->produced, f), (int64_t)produced);
	metric_set(metric_trust(m->dropped, f), (int64_t)dropped);
	metric_set(metric_trust(m->held, f), (int64_t)held);
	metric_set(m->out, (int64_t)out);
	for (int i = 0; i < LEVEL_COUNT; i++)
		metric_set(m->level[i], s->at_level[i]);
	copy_histogram(metric_trust(m->latency, f), &s->latency);
	/* One in a thousand, however closely the others are looked at. */
	copy_histogram(metric_trust(m->tracers, FIDELITY_ESTIMATE),
		       &s->tracers);
}

/* Simplified: counters of a restarted process go on (fidelity card). */
static void collect_node(struct ingest_node *n)
{
	const struct ingest *s = n->stage;
	uint64_t stored = 0;

	for (uint32_t i = n->id; i < s->partitions; i += s->node_count) {
		stored += s->parts[i].stored;
		metric_set(metric_trust(s->parts[i].backlog_metric,
					part_now_as(&s->parts[i])),
			   (int64_t)part_backlog(&s->parts[i]));
	}
	metric_set(metric_trust(n->stored_metric, counted_as(s)),
		   (int64_t)stored);
}

void ingest_collect(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	(void)w, (void)arg;
	if (p->on.start == INGEST_EDGE_START)
		collect_edge(p->self);
	else
		collect_node(p->self);
}
