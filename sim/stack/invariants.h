/* invariants.h - what a world of services keeps, whatever befalls it
 *
 * Kafka promises some things for good: what was committed stays, replicas hold
 * the same records, nobody is told "stored" of a record that is in no log.  No
 * fault of the catalogue may break them as long as unclean elections are off,
 * but for what Kafka says that faults of disks may destroy (losses.h).  And some things hold of any world at any time:
 * every reading that was made is somewhere.
 *
 * A watch looks at a world from outside, by the truth rather than by what
 * requests tell, and remembers what it saw.  Looking changes nothing.
 *
 *	struct watch *v = watch_new();
 *	world_run_until(w, ...);
 *	broken = watch_look(v, w, false, &why);     now and then
 *	broken = watch_look(v, w, true, &why);      at the end: whole logs
 */
#ifndef SIM_STACK_INVARIANTS_H
#define SIM_STACK_INVARIANTS_H

#include "sim/core/text.h"
#include "sim/core/world.h"

struct watch;

struct invariant {
	const char *id;			/* kebab-case, stable */
	const char *promise;		/* a sentence */
	/* Does it hold now?  If not, `why` says of what it does not. */
	bool (*holds)(struct watch *v, struct world *w, struct text *why);
	bool reads_logs;		/* costs as much as the logs are long */
};

/* invariants_txn.c */
bool invariant_transformed_once(struct watch *v, struct world *w,
				struct text *why);

/* Have all partitions that a transforming application may write to a leader?
 * Without one even an abort cannot be finished. */
struct app;
bool invariant_can_write(struct world *w, const struct app *a);

extern const struct invariant invariants[];	/* ends with a NULL id */

struct watch *watch_new(void);
void watch_free(struct watch *v);

/* The first that is broken, with the reason added to `why`; or NULL.  `whole`:
 * also those that read the logs from their beginning. */
const struct invariant *watch_look(struct watch *v, struct world *w,
				   bool whole, struct text *why);

/*
 * Has the world come right again?  Every partition that one of the brokers of
 * `core` (a bit by broker index) can lead is led by one of them, with all its
 * replicas in there in sync; groups are stable and have all but caught up.
 * False: `why` says what is still wrong.
 */
bool stack_settled(struct world *w, uint64_t core, struct text *why);

#endif
