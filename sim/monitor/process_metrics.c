/* process_metrics.c - what every instrumented process says of itself */
#include "sim/monitor/process_metrics.h"

void process_metrics(struct world *w, struct process *p)
{
	struct metric *m;

	m = metric_counter(w, p, "process_cpu_seconds_total", NULL);
	metric_set(metric_unit(m, METRIC_NS), p->cpu_ns);
	m = metric_gauge(w, p, "process_resident_memory_bytes", NULL);
	metric_set(m, p->memory_bytes);
	m = metric_gauge(w, p, "process_start_time_seconds", NULL);
	metric_set(metric_unit(m, METRIC_NS),
		   SIM_EPOCH_MS * 1000000 + p->started_at);
}
