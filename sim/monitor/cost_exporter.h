/* cost_exporter.h - what the platform costs, as metrics
 *
 * A process that reads the cloud's prices and counters and shows them to
 * Prometheus, as OpenCost does (port 9003):
 *
 *	node_total_hourly_cost{node, instance_type}	what a machine and its
 *				volumes cost an hour; OpenCost's name
 *	cloud_cost_dollars_total{item, machine, zone}	what was spent, by the
 *				items of price.h
 *
 *	dollars a day that go for traffic between zones, now:
 *	86400 * sum(rate(cloud_cost_dollars_total{item="zone-traffic"}[5m]))
 *
 * Simplified: OpenCost exports prices and leaves the sum to PromQL, and its
 * hourly cost is without volumes.
 */
#ifndef SIM_MONITOR_COST_EXPORTER_H
#define SIM_MONITOR_COST_EXPORTER_H

#include "sim/telemetry/telemetry.h"

#define COST_EXPORTER_PORT	9003

/* One for the whole world, named "cost-exporter"; not yet started. */
struct process *cost_exporter_new(struct world *w, struct machine *m);

#endif
