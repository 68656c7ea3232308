/* process_metrics.c - what every instrumented process says of itself */
#include "sim/monitor/process_metrics.h"

void process_metrics(struct world *w, struct process *p)
{
	struct metric *m;

	m = metric_counter(w, p, "process_cpu_seconds_total", NULL);
	metric_set(metric_unit(m, METRIC_NS), cpu_used_ns(w, p));
	m = metric_gauge(w, p, "process_resident_memory_bytes", NULL);
	metric_set(m, p->memory_bytes);
	m = metric_gauge(w, p, "process_start_time_seconds", NULL);
	metric_set(metric_unit(m, METRIC_NS),
		   SIM_EPOCH_MS * 1000000 + p->started_at);
}

static struct metric *of_container(struct world *w, struct process *exporter,
				   const struct process *p, const char *name)
{
	return metric_counter(w, exporter, name, "container",
			      world_text(w, p->name), NULL);
}

void container_metrics(struct world *w, struct process *exporter,
		       const struct process *p)
{
	const struct cpu_quota *q = p->share.quota;
	struct metric *m;

	if (!q)
		return;
	m = of_container(w, exporter, p, "container_cpu_cfs_periods_total");
	metric_set(m, (int64_t)q->nr_periods);
	m = of_container(w, exporter, p,
			 "container_cpu_cfs_throttled_periods_total");
	metric_set(m, (int64_t)q->nr_throttled);
	m = of_container(w, exporter, p,
			 "container_cpu_cfs_throttled_seconds_total");
	metric_set(metric_unit(m, METRIC_NS), cpu_throttled_ns(w, p));
}
