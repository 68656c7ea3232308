/* events.h - the monitor module's events, by number (see monitor.c) */
#ifndef SIM_MONITOR_EVENTS_H
#define SIM_MONITOR_EVENTS_H

#include "sim/core/world.h"

enum {
	MONITOR_START = MODULE_MONITOR << 8,	/* who = process */
	MONITOR_STOP,				/* who = process */
	MONITOR_MESSAGE,			/* who = message */
	MONITOR_LOST,				/* who = struct lost */
	MONITOR_COLLECT,			/* who = process */
	MONITOR_TICK,				/* who = target */
	MONITOR_TIMEOUT,			/* who = target, arg = asked */
	MONITOR_STORE,				/* who = message: CPU was spent */
	MONITOR_REPLY,				/* who = message: likewise */
	NODE_EXPORTER_MESSAGE,			/* who = message */
	NODE_EXPORTER_COLLECT,			/* who = process */
	COST_EXPORTER_MESSAGE,			/* who = message */
	COST_EXPORTER_COLLECT,			/* who = process */
};

void node_exporter_message(struct world *w, void *who, uint16_t arg);
void node_exporter_collect(struct world *w, void *who, uint16_t arg);
void cost_exporter_message(struct world *w, void *who, uint16_t arg);
void cost_exporter_collect(struct world *w, void *who, uint16_t arg);

#endif
