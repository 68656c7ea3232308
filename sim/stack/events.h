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
};

void app_start(struct world *w, void *who, uint16_t arg);
void app_stop(struct world *w, void *who, uint16_t arg);
void app_ready(struct world *w, void *who, uint16_t arg);
void app_worked(struct world *w, void *who, uint16_t arg);

#endif
