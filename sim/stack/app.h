/* app.h - an application that reads a topic and does some work on each record
 *
 * One process with one consumer: poll, spend CPU on what came, poll again.
 * Enough to have lag, rebalances and offsets in a world.  With an output topic
 * it also writes what it read, exactly once: transform.h.
 * Simplified: until the service host (sim/app) runs a learner's program, the
 * work of a record is a number of nanoseconds.
 */
#ifndef SIM_STACK_APP_H
#define SIM_STACK_APP_H

#include "sim/broker/consumer.h"
#include "sim/stack/transform.h"

#define APP_PIECES	64	/* pieces of batches handled by one poll */

/* Who commits: the consumer by itself, or the application after its work. */
enum app_commit { APP_COMMIT_AUTO, APP_COMMIT_SYNC, APP_COMMIT_ASYNC };

struct app {
	name_id name, topic, group, bootstrap;
	struct client_host *host;
	struct consumer *consumer;	/* NULL while it is down */
	struct consumer_config config;
	sim_time work_ns;		/* CPU time a record */
	struct polled pieces[APP_PIECES];	/* in hand, since `since` */
	uint32_t piece_count;
	sim_time since;
	enum app_commit commit;
	uint64_t failed_commits;
	struct transform *transform;	/* NULL: it only reads */
	uint64_t processed;
	struct metric *processed_metric;
};

struct app *app_new(struct world *w, struct cluster *c, struct machine *m,
		    const char *name, const char *topic, const char *group,
		    const char *bootstrap, sim_time work_ns,
		    const struct consumer_config *config);
/* The one that runs in this process; NULL: another program does. */
const struct app *app_of(const struct process *p);

#endif
