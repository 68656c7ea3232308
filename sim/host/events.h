/* events.h - the host's own events, by number (see host.c: host_events) */
#ifndef SIM_HOST_EVENTS_H
#define SIM_HOST_EVENTS_H

#include "sim/core/module.h"
#include "sim/host/host.h"

enum {
	HOST_WORK_DONE = MODULE_HOST << 8,	/* who = struct work */
	HOST_ARRIVE,				/* who = struct message */
	HOST_CONNECTION_LOST,			/* who = struct lost */
	HOST_CPU_DONE,				/* who = struct core */
	HOST_CPU_SLICE,				/* who = struct machine */
	HOST_CPU_LOAD,				/* who = struct hosts */
	HOST_QUOTA_SPENT,			/* who = struct process */
	HOST_QUOTA_PERIOD,			/* who = struct process */
	HOST_PAUSE_OVER,			/* who = struct process */
	HOST_LEAK,				/* who = process */
	HOST_LIMIT_KILL,			/* who = process */
	HOST_OOM_KILL,				/* who = machine */
	HOST_CHANNEL,				/* who = channel: net.c */
	HOST_CARD,				/* who = struct netcard */
	HOST_CALL_TIMER,			/* who = struct call */
	HOST_CREDITS_GONE,			/* who = struct cpu */
	HOST_COLLECT,				/* who = struct process */
};

void host_work_done(struct world *w, void *who, uint16_t arg);
void memory_leak_step(struct world *w, void *who, uint16_t arg);
void memory_limit_kill(struct world *w, void *who, uint16_t arg);
void memory_oom_kill(struct world *w, void *who, uint16_t arg);
void host_pause_over(struct world *w, void *who, uint16_t arg);
void host_cpu_done(struct world *w, void *who, uint16_t arg);
void host_cpu_slice(struct world *w, void *who, uint16_t arg);
void host_cpu_load(struct world *w, void *who, uint16_t arg);
void host_credits_gone(struct world *w, void *who, uint16_t arg);
void host_quota_spent(struct world *w, void *who, uint16_t arg);
void host_quota_period(struct world *w, void *who, uint16_t arg);
void net_channel(struct world *w, void *who, uint16_t arg);
void net_arrive(struct world *w, void *who, uint16_t arg);
void net_connection_lost(struct world *w, void *who, uint16_t arg);
void call_timer(struct world *w, void *who, uint16_t arg);
void net_process_gone(struct world *w, struct process *p);

#endif
