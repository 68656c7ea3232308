/* admin_client.h - the AdminClient of the Java library, as a process
 *
 * What stands behind kafka-topics.sh and its sisters: it starts on some
 * machine, knows a list of host:port, finds out who the brokers are, sends a
 * request where its api belongs (admin.h), tries again when that fails, and
 * says so as the real one does.
 *
 *	open ──▶ metadata from any bootstrap server ──▶ request ──▶ answer
 *	              │  refused: WARN, wait 50 ms .. 1 s, the next one
 *	              └─ not within the time allowed: TimeoutException
 *
 * Settings (AdminClientConfig, Kafka 3.9): request.timeout.ms 30000,
 * default.api.timeout.ms 60000, reconnect.backoff.ms 50 to 1000 and
 * retry.backoff.ms 100 to 1000, both doubling with a fifth of jitter,
 * socket.connection.setup.timeout.ms 10000.
 *
 * Whoever opens a client is told by events: a line of its log, and the outcome
 * of a call as JSON:
 *
 *	{"answers": [{"node": 1, "answer": {...}}, ...]}
 *	{"answers": [...], "error": "UNKNOWN_TOPIC_OR_PARTITION",
 *	 "class": "org.apache.kafka.common.errors....", "message": "..."}
 *
 * Simplified: one call at a time, one request of a call at a time; the process
 * costs no CPU (a real one is a JVM that takes a second to start).
 */
#ifndef SIM_BROKER_ADMIN_CLIENT_H
#define SIM_BROKER_ADMIN_CLIENT_H

#include "sim/broker/broker.h"

enum {
	ADMIN_CLIENT_STOP = EVENT(MODULE_STACK, 64),	/* who = process */
	ADMIN_CLIENT_MESSAGE,				/* who = message */
	ADMIN_CLIENT_LOST,				/* who = struct lost */
	ADMIN_CLIENT_AGAIN,		/* who = client: try (again) */
	ADMIN_CLIENT_TIMEOUT,		/* who = client: of one request */
	ADMIN_CLIENT_DEADLINE,		/* who = client: of the call */
};

struct admin_client;

/* What the owner is told; who = struct admin_said, lent during the event. */
struct admin_said {
	void *owner;
	const char *text;
};

struct admin_client_owner {
	void *self;
	uint16_t log;			/* event: a line of its log */
	uint16_t done;			/* event: JSON; the call is over */
};

/*
 * Start a client on a machine.  `command` is what ps shows.  Servers that
 * cannot be resolved are named in the log; with none left every call fails.
 */
struct admin_client *admin_client_open(struct world *w, struct machine *m,
				       const char *bootstrap,
				       const char *client_id,
				       const char *command,
				       const struct admin_client_owner *owner);
void admin_client_close(struct world *w, struct admin_client *c);

/* Ask.  Arguments of admin.h, and timeout_ms= (60000), request_timeout_ms=
 * (30000).  The one before must be over. */
void admin_client_call(struct world *w, struct admin_client *c,
		       const char *request);
bool admin_client_busy(const struct admin_client *c);
struct process *admin_client_process(const struct admin_client *c);

void admin_client_stop(struct world *w, void *who, uint16_t arg);
void admin_client_message(struct world *w, void *who, uint16_t arg);
void admin_client_lost(struct world *w, void *who, uint16_t arg);
void admin_client_again(struct world *w, void *who, uint16_t arg);
void admin_client_timeout(struct world *w, void *who, uint16_t arg);
void admin_client_deadline(struct world *w, void *who, uint16_t arg);

#endif
