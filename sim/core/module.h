/* module.h - what a part of the simulation tells the world about itself
 *
 * The world knows no service.  Each module registers under a fixed number: its
 * events (what the agenda may call), and its commands (what may be asked from
 * outside, D2).  Numbers are part of saved runs: never reuse one.
 */
#ifndef SIM_CORE_MODULE_H
#define SIM_CORE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/err.h"

struct world;

enum module_id {
	MODULE_WORLD,		/* the core's own commands; and tests */
	MODULE_HOST,
	MODULE_TELEMETRY,
	MODULE_BROKER,
	MODULE_CLIENT,		/* the broker's client library */
	MODULE_DEVICE,
	MODULE_TSDB,
	MODULE_MONITOR,
	MODULE_FAULT,
	MODULE_STACK,
	MODULE_APP,
	MODULE_COUNT
};

#define EVENT(module, n)	((uint16_t)((module) << 8 | (n)))

/* One kind of event: n is its place in struct module.events. */
struct module_event {
	const char *name;	/* for traces: "broker.append" */
	void (*run)(struct world *w, void *who, uint16_t arg);
};

/*
 * One kind of command: `verb arguments...` as text.  The arguments were
 * checked and applied, and *result is what the command made (an id, or 0); or
 * nothing has changed and err says why.
 */
struct command_kind {
	const char *verb;
	const char *usage;	/* the arguments, for messages and docs */
	bool (*apply)(struct world *w, const char *args, int64_t *result,
		      struct err *err);
};

struct module {
	const char *name;
	const struct module_event *events;
	uint16_t event_count;
	const struct command_kind *commands;	/* ends with a NULL verb */
};

#endif
