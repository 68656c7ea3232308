/* node_exporter.h - what a machine says of itself
 *
 * A process on the machine (port 9100) that turns struct machine into the
 * metrics of node_exporter 1.5: CPU, memory, filesystem, disk, network.
 *
 *	busy share of a machine:
 *	1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))
 */
#ifndef SIM_MONITOR_NODE_EXPORTER_H
#define SIM_MONITOR_NODE_EXPORTER_H

#include "sim/telemetry/telemetry.h"

struct node_exporter {
	struct process *process;
	struct node_metrics *metrics;	/* once it was asked */
};

/* One for this machine, named "node-exporter-<machine>"; not yet started. */
struct node_exporter *node_exporter_new(struct world *w, struct machine *m);

#endif
