/* admin_client_inside.h - what the files of the AdminClient share
 *
 * admin_client.c is its life, admin_client_ask.c decides what is asked next,
 * admin_client_answer.c takes what comes back, admin_client_say.c tells the
 * owner.  Nobody else includes this.
 *
 *	call ─▶ advance ─▶ request under way ─answer─▶ advance ... ─▶ finish
 *	           ▲             │ no connection: the next node, later
 *	           └── waiting ◀─┘ an error that may pass: retry, later
 */
#ifndef SIM_BROKER_ADMIN_CLIENT_INSIDE_H
#define SIM_BROKER_ADMIN_CLIENT_INSIDE_H

#include "sim/broker/admin.h"
#include "sim/broker/admin_client.h"

/* A server it may talk to: of the bootstrap list (ids -1, -2, ...), later a
 * broker by its node id. */
struct admin_node {
	int32_t id;
	name_id host;
	uint16_t port;
	uint32_t failures;		/* in a row */
	sim_time not_before;		/* next try */
};

/* A partition that ADMIN_LEADERS has to ask about. */
struct admin_part {
	name_id topic;
	uint32_t index;
	int32_t leader;			/* node id; -1: nobody */
	enum kafka_error error;		/* why not */
	bool done;
};

enum admin_step { STEP_METADATA, STEP_COORDINATOR, STEP_REQUEST };

struct admin_client {
	struct process *process;
	struct admin_client_owner owner;
	name_id client_id;
	struct luck luck;
	VEC(struct admin_node) nodes;
	VEC(int32_t) everyone;		/* ADMIN_ALL: node ids to ask */
	VEC(struct admin_part) parts;	/* ADMIN_LEADERS */
	VEC(char) request;		/* of the call, NUL terminated */
	VEC(char) answers;		/* JSON so far */
	bool has_metadata;
	bool stale;			/* ask for metadata before going on */
	bool asked;			/* the one answer is there */
	int32_t coordinator;		/* node id; -1: not known */
	uint32_t answered;		/* of everyone */
	bool busy;
	uint32_t tries;
	sim_time deadline, request_timeout, not_before;
	/* the request under way */
	enum admin_step step;
	uint64_t correlation;		/* 0: none */
	uint32_t node;			/* index in nodes */
	struct process *peer;
	struct timer again, timeout, call_timeout;
};

/* admin_client.c: of the call's request. */
const struct admin_api *admin_call_api(const struct admin_client *c);
enum admin_route admin_call_route(const struct admin_client *c);

/* admin_client_ask.c */
void admin_call_advance(struct world *w, struct admin_client *c);
void admin_call_retry(struct world *w, struct admin_client *c);
void admin_call_node_failed(struct world *w, struct admin_client *c);
void admin_call_not_connected(struct world *w, struct admin_client *c);
void admin_call_request_over(struct world *w, struct admin_client *c);
void admin_call_calm(struct world *w, struct admin_client *c);	/* it is over */

/* admin_client_say.c */
void admin_client_warn(struct world *w, struct admin_client *c,
		       const char *message, const char *class,
		       const char *rest);
void admin_client_warn_refused(struct world *w, struct admin_client *c,
			       const struct admin_node *n);
void admin_client_warn_unknown(struct world *w, struct admin_client *c,
			       const struct admin_node *n);
/* The call is over; error "" is success. */
void admin_call_finish(struct world *w, struct admin_client *c,
		       const char *error, const char *class,
		       const char *message);
void admin_call_finish_kafka(struct world *w, struct admin_client *c,
			     enum kafka_error error, const char *message);
void admin_call_timed_out_trying(struct world *w, struct admin_client *c);
void admin_call_timed_out_unassigned(struct world *w, struct admin_client *c);

#endif
