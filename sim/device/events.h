/* events.h - the device module's events, by number (see fleet.c)
 *
 * 0..15 belong to the fleet and its gateway, 16..31 to the ingestion stage.
 */
#ifndef SIM_DEVICE_EVENTS_H
#define SIM_DEVICE_EVENTS_H

#include "sim/core/world.h"

enum {
	INGEST_ARRIVE = MODULE_DEVICE << 8 | 16,	/* who = part */
	INGEST_LEAVE,		/* who = part: a record is stored */
	INGEST_TICK_EDGE,	/* who = part: its window or tick ends */
	INGEST_STAGE_EDGE,	/* who = stage: all partitions' ticks ended */
	INGEST_ZOOM_END,	/* who = part: back to the stage's level */
	INGEST_NODE_START,	/* who = process; self = node */
	INGEST_NODE_STOP,
	INGEST_EDGE_START,	/* who = process; self = stage */
	INGEST_EDGE_STOP,
	INGEST_MESSAGE,		/* who = message: a scrape */
	INGEST_COLLECT,		/* who = process: gauges up to date */
};

void ingest_arrive(struct world *w, void *who, uint16_t arg);
void ingest_leave(struct world *w, void *who, uint16_t arg);
void ingest_tick_edge(struct world *w, void *who, uint16_t arg);
void ingest_stage_edge(struct world *w, void *who, uint16_t arg);
void ingest_zoom_end(struct world *w, void *who, uint16_t arg);
void ingest_node_start(struct world *w, void *who, uint16_t arg);
void ingest_node_stop(struct world *w, void *who, uint16_t arg);
void ingest_edge_start(struct world *w, void *who, uint16_t arg);
void ingest_edge_stop(struct world *w, void *who, uint16_t arg);
void ingest_message(struct world *w, void *who, uint16_t arg);
void ingest_collect(struct world *w, void *who, uint16_t arg);

#define INGEST_EVENT(event, name, run)	[(event) & 0xff] = { name, run }

/* For the module's table. */
#define INGEST_EVENTS							\
	INGEST_EVENT(INGEST_ARRIVE, "ingest.arrive", ingest_arrive),	\
	INGEST_EVENT(INGEST_LEAVE, "ingest.leave", ingest_leave),	\
	INGEST_EVENT(INGEST_TICK_EDGE, "ingest.tick", ingest_tick_edge),\
	INGEST_EVENT(INGEST_STAGE_EDGE, "ingest.edge",			\
		     ingest_stage_edge),				\
	INGEST_EVENT(INGEST_ZOOM_END, "ingest.zoom-end",		\
		     ingest_zoom_end),					\
	INGEST_EVENT(INGEST_NODE_START, "ingest.node-start",		\
		     ingest_node_start),				\
	INGEST_EVENT(INGEST_NODE_STOP, "ingest.node-stop",		\
		     ingest_node_stop),					\
	INGEST_EVENT(INGEST_EDGE_START, "ingest.edge-start",		\
		     ingest_edge_start),				\
	INGEST_EVENT(INGEST_EDGE_STOP, "ingest.edge-stop",		\
		     ingest_edge_stop),					\
	INGEST_EVENT(INGEST_MESSAGE, "ingest.message", ingest_message),	\
	INGEST_EVENT(INGEST_COLLECT, "ingest.collect", ingest_collect)

extern const struct command_kind ingest_commands[];

#endif
