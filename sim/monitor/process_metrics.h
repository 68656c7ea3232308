/* process_metrics.h - what is said of a process: by itself, by its machine
 *
 * The process_* metrics that Prometheus client libraries add to whatever they
 * instrument: CPU seconds, resident memory, start time.  And the metrics
 * container_cpu_cfs_* that cAdvisor reads from cpu.stat of a control group, of
 * those that have, or had, a quota: a process here is a container of its name.
 *
 *	share of the periods in which a container was throttled:
 *	rate(container_cpu_cfs_throttled_periods_total[5m]) /
 *	rate(container_cpu_cfs_periods_total[5m])
 *
 * Simplified: cAdvisor is no process of its own; the node exporter of the
 * machine exports them.
 */
#ifndef SIM_MONITOR_PROCESS_METRICS_H
#define SIM_MONITOR_PROCESS_METRICS_H

#include "sim/telemetry/telemetry.h"

/* Make them, or bring them up to date: call it from the collect event. */
void process_metrics(struct world *w, struct process *p);

/* Those of a process, in the registry of the exporter of its machine. */
void container_metrics(struct world *w, struct process *exporter,
		       const struct process *p);

#endif
