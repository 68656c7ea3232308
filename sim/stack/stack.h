/* stack.h - worlds: which parts stand where, wired together
 *
 * A world is made by name, seed and settings; the same three give the same
 * world.  Settings are words, key=value (args.h), each with a default.
 *
 * Further parts are added by commands, which a journal can hold:
 *
 *	service NAME do=start|stop|restart|kill
 *	fleet-new name= topic= [devices=] [period=] ...	starts it as well
 *	app-new name= topic= group= [work=] [commit=auto|sync|async]
 *		[output= transactional-id=]
 *		[SETTING=VALUE]...	settings of its consumer
 *	perf-produce name= topic= [record-size=] ...	load: perf.h
 *	perf-consume name= topic= [from=]
 *	perf-latency name= topic= [num-records=]
 *	listener broker= name= port= host= advertised-port=
 *	broker-setting KEY=VALUE...
 *	place MACHINE [region=] [rack=]			none: in no region, no
 *			rack; region=internet: outside the cloud (link.h)
 *	program-put, service-new, service-set, store-new	services.h
 */
#ifndef SIM_STACK_STACK_H
#define SIM_STACK_STACK_H

#include "sim/core/world.h"

struct stack_setting {
	const char *name, *otherwise, *help;
};

struct stack_world_kind {
	const char *name;
	const char *summary;
	const struct stack_setting *settings;	/* ends with a NULL name */
	bool (*build)(struct world *w, const char *settings, struct err *err);
};

extern const struct stack_world_kind stack_worlds[];	/* NULL name ends */

/* NULL, err set: no such world, or a setting it does not know. */
struct world *stack_world(const char *name, uint64_t seed,
			  const char *settings, struct err *err);
/* The same with a mark kept for every event, for comparing runs. */
struct world *stack_world_traced(const char *name, uint64_t seed,
				 const char *settings, struct err *err);
const struct stack_world_kind *stack_world_find(const char *name);

/* The machine on which a person's console runs. */
#define STACK_WORKSTATION	"workstation"

#endif
