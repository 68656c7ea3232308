/* events.h - the host's own events, by number (see host.c: host_events) */
#ifndef SIM_HOST_EVENTS_H
#define SIM_HOST_EVENTS_H

#include "sim/core/module.h"
#include "sim/host/host.h"

enum {
	HOST_WORK_DONE = MODULE_HOST << 8,	/* who = struct work */
	HOST_ARRIVE,				/* who = struct message */
	HOST_CONNECTION_LOST,			/* who = struct lost */
};

void host_work_done(struct world *w, void *who, uint16_t arg);
void net_arrive(struct world *w, void *who, uint16_t arg);
void net_connection_lost(struct world *w, void *who, uint16_t arg);
void net_process_gone(struct world *w, struct process *p);

#endif
