/* controller_inside.h - what the files of the controller share
 *
 * controller.c is the process and the metadata log it writes,
 * controller_brokers.c knows which brokers live, controller_elect.c who leads
 * and who is in sync, controller_topics.c what topics there are and where
 * their replicas go, controller_settings.c what brokers are set to,
 * controller_admin.c what people ask for.  Nobody else includes this.
 */
#ifndef SIM_BROKER_CONTROLLER_INSIDE_H
#define SIM_BROKER_CONTROLLER_INSIDE_H

#include "sim/broker/controller.h"

/* -- controller.c: records ------------------------------------------------- */

/* Write a record: ours at once, everybody's when it is committed. */
void controller_write(struct world *w, struct controller *c,
		      const struct metadata_record *r);
/* The state of a partition has changed, in our view. */
void controller_write_partition(struct world *w, struct controller *c,
				struct partition *p);

/* -- controller_brokers.c --------------------------------------------------- */

static inline bool controller_registered(const struct controller *c,
					 int32_t broker)
{
	return c->view.incarnations[broker] != 0;
}

static inline bool controller_fenced(const struct controller *c,
				     int32_t broker)
{
	return !(c->view.brokers & broker_bit(broker));
}

/* May it lead: registered, not fenced, not about to leave? */
bool controller_acceptable(const struct controller *c, int32_t broker);
void controller_sessions_begin(struct world *w, struct controller *c);
void controller_sessions_end(struct world *w, struct controller *c);
void controller_heartbeat(struct world *w, struct controller *c,
			  struct heartbeat_request *m);

/* -- controller_elect.c ----------------------------------------------------- */

/* Is it there, and whose are its replicas? */
bool controller_holds(const struct controller *c, const struct partition *p);
void partition_set_leader(struct partition_state *s, int32_t leader);
/* The best leader now; an unclean one makes itself the whole in-sync set. */
void controller_pick_leader(struct world *w, struct controller *c,
			    struct partition *p, bool unclean);
/* A broker is gone or going: out of in-sync sets, its partitions elsewhere. */
void controller_leave(struct world *w, struct controller *c, int32_t broker);
/* The same for those of its replicas whose directory is offline. */
void controller_leave_dirs(struct world *w, struct controller *c,
			   int32_t broker);
/* A broker is back: partitions without a leader may have one again. */
void controller_arrive(struct world *w, struct controller *c, int32_t broker);
void controller_alter_partition(struct world *w, struct controller *c,
				struct alter_partition *m);

/* -- controller_settings.c: of a broker, or NO_BROKER: of all ---------------- */

enum kafka_error controller_alter_broker(struct world *w, struct controller *c,
					 int32_t broker, const char *args,
					 struct err *err);
/* -- controller_dirs.c ------------------------------------------------------ */

/* Is the directory that holds the broker's replica online, for all we know? */
bool controller_dir_online(const struct controller *c, int32_t broker,
			   const struct partition *p);
/* A heartbeat says which are offline; a registration, which are new as well. */
void controller_dirs_heard(struct world *w, struct controller *c,
			   const struct heartbeat_request *m);
void controller_dirs_registered(struct controller *c,
				const struct heartbeat_request *m);
void controller_assign_dirs(struct world *w, struct controller *c,
			    const struct assign_dirs *m);

#endif
