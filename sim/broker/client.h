/* client.h - what all clients of a cluster share: metadata, requests, waiting
 *
 * A client knows bootstrap addresses; from any broker it learns the others'
 * advertised addresses and who leads what (NetworkClient, Metadata; Kafka
 * 3.9).  It resolves those addresses on its own machine: a broker that
 * advertises `localhost` sends it to itself.
 *
 * Times: request.timeout.ms 30 s; reconnect.backoff 50 ms .. 1 s and
 * retry.backoff 100 ms .. 1 s, doubling, +-20 %; metadata.max.age.ms 5 min.
 *
 * Clients live in a client_host: the process they run in.  A host may hold
 * several, say a consumer and a producer; replies find theirs by correlation.
 */
#ifndef SIM_BROKER_CLIENT_H
#define SIM_BROKER_CLIENT_H

#include "sim/broker/groups.h"

enum client_kind { CLIENT_PRODUCER, CLIENT_CONSUMER };

struct in_flight {
	uint64_t correlation;
	int32_t node;			/* broker index; NO_BROKER: bootstrap */
	struct process *peer;
	sim_time deadline;
	uint16_t tag;			/* what the sender meant by it */
	uint32_t about;			/* and about what */
	bool refused;			/* failed: it never had a connection */
	void *context;
};

struct client_partition {
	int32_t leader, leader_epoch;	/* NO_BROKER: not known */
	bool known;			/* exists, by our metadata */
};

struct client_node {
	name_id host;
	uint16_t port;
	uint32_t attempts;		/* failed connects in a row */
	sim_time retry_at;		/* no connect before */
	sim_time failed_at;		/* no connect or answer; 0: it is well */
	bool alive;			/* in the last metadata */
};

struct client {
	struct client_host *host;
	enum client_kind kind;
	name_id id;			/* client.id */
	struct cluster *cluster;
	VEC(struct client_node) bootstrap;
	struct client_node nodes[64];	/* by broker index */
	uint32_t node_count;
	VEC(name_id) topics;		/* wanted in metadata */
	VEC(struct client_partition) partitions;	/* by partition id */
	VEC(struct in_flight) in_flight;
	bool metadata_asked, metadata_wanted;
	bool auto_create;
	bool closed;
	sim_time metadata_at, metadata_retry_at;
	uint32_t metadata_attempts, bootstrap_next;
	sim_time request_timeout;
	struct wake wake;		/* for timeouts and retries */
	struct luck luck;
};

struct client_host {
	struct process *process;
	VEC(struct client *) clients;
	void *owner;
	uint16_t start, stop;		/* events for the owner; 0: none */
	uint16_t other;			/* messages that are no client's */
	uint16_t lost;			/* a connection broke, 0: none; who =
					   struct lost */
};

extern const struct module client_module;

/* The process; it is not started yet. */
struct client_host *client_host_new(struct world *w, const char *name,
				    struct machine *m, const char *command,
				    void *owner, uint16_t start, uint16_t stop,
				    uint16_t other);

/* Is it a list of host:port?  Else false, and err says what is not. */
bool client_bootstrap_good(const char *bootstrap, struct err *err);

/* bootstrap: "host:port,host:port"; false, err set, if it is no such list. */
bool client_init(struct world *w, struct client *c, struct client_host *host,
		 enum client_kind kind, struct cluster *cluster,
		 const char *id, const char *bootstrap, struct err *err);
void client_close(struct world *w, struct client *c);

/* Want this topic in the metadata. */
void client_want_topic(struct world *w, struct client *c, name_id topic);
void client_refresh(struct world *w, struct client *c);

/* What the metadata says; 0 / NO_BROKER while unknown. */
uint32_t client_partition_count(const struct client *c, name_id topic);
int32_t client_leader(const struct client *c, uint32_t partition);
struct partition *client_partition_at(const struct client *c, name_id topic,
				      uint32_t index);

/*
 * Send to a node.  False: no connection can be tried now (unknown, refused a
 * moment ago); the message is freed.
 */
bool client_send(struct world *w, struct client *c, int32_t node,
		 struct request *r, uint16_t tag, uint32_t about,
		 void *context);
/* Could a request be sent there now?  Tries the address, as connecting does. */
bool client_reachable(struct world *w, struct client *c, int32_t node);
/* It is not who it should be: connect anew, by a fresh look-up of its name. */
void client_hang_up(struct world *w, struct client *c, int32_t node);
uint32_t client_in_flight(const struct client *c, int32_t node);

/* When to try again after n failures: exponential with jitter. */
sim_time client_backoff(struct client *c, uint32_t attempts);

/* "[Producer clientId=x] ", as the log lines of clients begin. */
void client_log(struct world *w, struct client *c, enum log_level level,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* -- what the kinds of client do (producer.c, consumer.c) ------------------- */

void producer_replied(struct world *w, struct client *c,
		      const struct in_flight *f, struct message *m);
void producer_failed(struct world *w, struct client *c,
		     const struct in_flight *f);
void producer_metadata(struct world *w, struct client *c);
void consumer_replied(struct world *w, struct client *c,
		      const struct in_flight *f, struct message *m);
void consumer_failed(struct world *w, struct client *c,
		     const struct in_flight *f);
void consumer_metadata(struct world *w, struct client *c);

enum {
	CLIENT_HOST_START = MODULE_CLIENT << 8,	/* who = process */
	CLIENT_HOST_STOP,			/* who = process */
	CLIENT_MESSAGE,				/* who = message */
	CLIENT_LOST,				/* who = struct lost */
	CLIENT_TIMER,				/* who = client */
	PRODUCER_TIMER,				/* who = producer */
	CONSUMER_HEARTBEAT,			/* who = consumer */
	CONSUMER_TIMER,				/* who = consumer */
	CLIENT_COLLECT,				/* who = process */
	PRODUCER_TXN_TELL,			/* who = producer */
};

void producer_timer(struct world *w, void *who, uint16_t arg);
void producer_txn_tell(struct world *w, void *who, uint16_t arg);
void consumer_heartbeat(struct world *w, void *who, uint16_t arg);
void consumer_timer(struct world *w, void *who, uint16_t arg);
void producer_gone(struct world *w, struct client *c);
void consumer_gone(struct world *w, struct client *c);
void consumer_collect(struct world *w, struct client *c);
void producer_collect(struct world *w, struct client *c);

#endif
