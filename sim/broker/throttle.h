/* throttle.h - which replicas are held up by the limits of their broker
 *
 * The settings, and how a rate is counted, see replication_quota.h.  A leader
 * that has sent too much answers those who are out of sync without records; a
 * follower that has taken too much leaves out of its next fetch what is behind.
 * In-sync replicas count, and are never held up.
 */
#ifndef SIM_BROKER_THROTTLE_H
#define SIM_BROKER_THROTTLE_H

#include "sim/broker/broker.h"

/* What the topic's settings say of this replica; anew with each change. */
void throttle_read(struct world *w, struct replica *r);
void throttle_forget(struct replica *r);	/* it is going */

/* r's broker has sent, or taken, bytes of r. */
void throttle_count(struct world *w, struct replica *r,
		    enum throttle_side side, int64_t bytes);

/* May the follower get no more of r now?  May r ask for no more? */
bool throttle_holds_follower(struct world *w, struct replica *r,
			     int32_t follower);
bool throttle_holds(struct world *w, struct replica *r);

/* Bytes a second of what is throttled. */
int64_t throttle_rate(struct world *w, struct broker *b,
		      enum throttle_side side);

#endif
