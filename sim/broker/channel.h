/* channel.h - what a broker asks of the active controller
 *
 * Brokers answer no request that changes the cluster: they forward it to the
 * active controller and pass the answer back (Envelope, KIP-590).  Who that is
 * a broker knows from fetching the metadata log.  While it knows nobody,
 * requests wait here; one that a controller refused because it is the active
 * one no more, or whose connection broke, is sent again; after a minute it is
 * given up (NodeToControllerChannelManager 3.9, retryTimeoutMs).  A client's
 * own patience is usually shorter.
 *
 * A request may so be done twice: the second time a topic exists already.
 *
 *	client ─▶ broker ─▶ [ waiting ─▶ sent ] ─▶ active controller
 *	                        ▲─────────┘ NOT_CONTROLLER, connection lost
 */
#ifndef SIM_BROKER_CHANNEL_H
#define SIM_BROKER_CHANNEL_H

#include "sim/broker/protocol.h"
#include "sim/core/world.h"

struct broker;

struct channel_request {
	struct text_message *request;	/* ours; copies of it are sent */
	struct process *client;		/* NULL: the broker's own wish */
	uint32_t client_incarnation;
	uint64_t correlation;		/* the client's */
	sim_time until;
	bool sent;
};

struct channel {
	VEC(struct channel_request) requests;
	struct timer timer;
};

/* Send to the active controller.  False: nobody knows who that is, and the
 * message is gone. */
bool channel_send(struct world *w, struct broker *b, struct message *m);

/* Forward a client's request, which stays the caller's. */
void channel_forward(struct world *w, struct broker *b,
		     const struct text_message *m);
/* A wish of the broker's own; one that is under way already is not doubled
 * (AutoTopicCreationManager's inflight topics). */
void channel_wish(struct world *w, struct broker *b, const char *request);
/* The controller answered; the message stays the caller's. */
void channel_answered(struct world *w, struct broker *b,
		      const struct text_message *m);

void channel_leader_known(struct world *w, struct broker *b);
void channel_lost(struct world *w, struct broker *b);
void channel_drop(struct world *w, struct broker *b);

#endif
