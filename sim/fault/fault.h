/* fault.h - what can go wrong, made to go wrong, and the ledger of the truth
 *
 * A fault changes a resource or a setting (a disk's speed, a link, a process,
 * a listener) and nothing else: its signs come about by themselves (design
 * D4).  Every injection is written into the ledger, with the time, so that a
 * diagnosis can be compared with what is truly wrong (D8).
 *
 *	fault KIND component=NAME [key=value]...    -> number
 *	heal N
 */
#ifndef SIM_FAULT_FAULT_H
#define SIM_FAULT_FAULT_H

#include "sim/broker/cluster.h"
#include "sim/host/host.h"
#include "sim/host/net.h"

/* One injected fault: an entry of the ledger. */
struct fault {
	uint32_t number;		/* from 1 */
	uint16_t kind;			/* index into fault_kinds */
	name_id component;		/* machine, process or topic */
	name_id mechanism;		/* the kind's id: what a diagnosis names */
	name_id args;			/* as given */
	sim_time at, healed_at;		/* healed_at: SIM_NEVER while it is on */
	/* what healing needs */
	struct process *process;
	struct machine *machine;
	struct disk *disk;		/* one of the machine's */
	struct link_rule *rule;
	VEC(struct process *) stopped;	/* that ran when the power went */
	int64_t before;			/* the healthy value it replaced */
	name_id before_name;
	sim_time every, length;		/* of what comes again and again */
	bool planned;			/* not yet begun: see `at` */
};

struct fault_kind {
	const char *id;			/* kebab-case, stable */
	const char *codes;		/* of the catalogue: "F07 F11" */
	const char *title;
	const char *summary;		/* what is changed, and what follows */
	const char *component;		/* what it befalls: "process", ... */
	const char *usage;		/* arguments beside component */
	bool (*inject)(struct world *w, struct fault *f, const char *args,
		       struct err *err);
	void (*heal)(struct world *w, struct fault *f);	/* NULL: by itself */
	bool stacks;			/* may be on twice at one place */
};

extern const struct fault_kind fault_kinds[];	/* ends with a NULL id */
extern const struct module fault_module;

struct faults {
	VEC(struct fault *) ledger;	/* in order of number */
};

void faults_init(struct world *w);
struct faults *faults_of(const struct world *w);
const struct fault_kind *fault_kind_find(const char *id);	/* or NULL */

/* Is it on now? */
static inline bool fault_active(const struct fault *f)
{
	return !f->planned && f->healed_at == SIM_NEVER;
}

#endif
