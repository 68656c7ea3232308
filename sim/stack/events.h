/* events.h - the stack module's events, by number (see stack.c)
 *
 * 0..63 belong to the worlds and their applications, 64..127 to the terminal
 * and the administrators' client.
 */
#ifndef SIM_STACK_EVENTS_H
#define SIM_STACK_EVENTS_H

#include "sim/core/world.h"

enum {
	APP_START = MODULE_STACK << 8,	/* who = app */
	APP_STOP,			/* who = app */
	APP_READY,			/* who = app: records are there */
	APP_WORKED,			/* who = app: CPU was spent */
	PERF_PRODUCER_START,		/* who = perf_producer */
	PERF_PRODUCER_STOP,		/* who = perf_producer */
	PERF_LOOK,			/* who = perf_producer */
	PERF_BUILT,			/* who = perf_producer: a batch */
	PERF_ROOM,			/* who = perf_producer, arg 1: too late */
	PERF_DESCRIBE,			/* who = record_ask */
	PERF_CONSUMER_START,		/* who = perf_consumer */
	PERF_CONSUMER_STOP,		/* who = perf_consumer */
	PERF_READY,			/* who = perf_consumer: records */
	PERF_READ,			/* who = perf_consumer: CPU was spent */
	PERF_TRIP_START,		/* who = perf_trip */
	PERF_TRIP_STOP,			/* who = perf_trip */
	PERF_TRIP_READY,		/* who = perf_trip: a record */
	PERF_TRIP_LOOK,			/* who = perf_trip */
	PERF_TRIP_SEND,			/* who = perf_trip: its sender is awake */
	PERF_TRIP_READ,			/* who = perf_trip: CPU was spent */
	APP_COMMITTED,			/* who = app, arg = kafka_error */
	APP_FAILED,			/* who = app: poll() has thrown */
	TRANSFORM_DONE,			/* who = producer_txn_result */
	TRANSFORM_AGAIN,		/* who = transform */
	PERF_TXN_DONE,			/* who = producer_txn_result */
};

void app_start(struct world *w, void *who, uint16_t arg);
void app_stop(struct world *w, void *who, uint16_t arg);
void app_ready(struct world *w, void *who, uint16_t arg);
void app_worked(struct world *w, void *who, uint16_t arg);
void app_committed(struct world *w, void *who, uint16_t error);
void app_failed(struct world *w, void *who, uint16_t arg);
void perf_producer_start(struct world *w, void *who, uint16_t arg);
void perf_producer_stop(struct world *w, void *who, uint16_t arg);
void perf_look(struct world *w, void *who, uint16_t arg);
void perf_built(struct world *w, void *who, uint16_t arg);
void perf_room(struct world *w, void *who, uint16_t arg);
void perf_describe(struct world *w, void *who, uint16_t arg);
void perf_consumer_start(struct world *w, void *who, uint16_t arg);
void perf_consumer_stop(struct world *w, void *who, uint16_t arg);
void perf_ready(struct world *w, void *who, uint16_t arg);
void perf_read(struct world *w, void *who, uint16_t arg);
void transform_done(struct world *w, void *who, uint16_t arg);
void transform_again(struct world *w, void *who, uint16_t arg);
void perf_txn_done(struct world *w, void *who, uint16_t arg);
void perf_trip_start(struct world *w, void *who, uint16_t arg);
void perf_trip_stop(struct world *w, void *who, uint16_t arg);
void perf_trip_ready(struct world *w, void *who, uint16_t arg);
void perf_trip_look(struct world *w, void *who, uint16_t arg);
void perf_trip_send(struct world *w, void *who, uint16_t arg);
void perf_trip_read(struct world *w, void *who, uint16_t arg);

#endif
