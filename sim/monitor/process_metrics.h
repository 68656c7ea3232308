/* process_metrics.h - what every instrumented process says of itself
 *
 * The process_* metrics that Prometheus client libraries add to whatever they
 * instrument: CPU seconds, resident memory, start time.
 */
#ifndef SIM_MONITOR_PROCESS_METRICS_H
#define SIM_MONITOR_PROCESS_METRICS_H

#include "sim/telemetry/telemetry.h"

/* Make them, or bring them up to date: call it from the collect event. */
void process_metrics(struct world *w, struct process *p);

#endif
