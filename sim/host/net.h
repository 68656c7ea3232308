/* net.h - messages between processes, over links that delay and lose
 *
 * A message leaves when the sender's card has sent what was before it, takes
 * the latency of the path, and arrives in order of sending (one TCP
 * connection for each direction and pair of processes).  A lost segment comes
 * late, not never: TCP sends it again after its timer.  Across a cut link
 * messages wait and arrive after it heals, unless their connection was closed
 * in the meantime.  A dead process answers with a reset, so its peers learn of
 * it after one latency; a dead or cut-off machine answers nothing at all, and
 * peers learn of it from their own timeouts.
 *
 * Latency, one way (calibration.md 3.1): same machine 20 us, same zone 50 us,
 * other zone 400 us, each plus exponential jitter of a quarter.
 * Retransmission: first after 200 ms (Linux TCP_RTO_MIN), then doubling
 * (RFC 6298, 5.5).
 *
 * Simplified: no handshake cost but for the first message's extra round trip,
 * no congestion window, receive side never saturates.
 */
#ifndef SIM_HOST_NET_H
#define SIM_HOST_NET_H

#include "sim/host/host.h"

/* The head of every message; a protocol embeds it first and adds its own. */
struct message {
	struct process *from, *to;
	uint32_t from_incarnation;	/* set by net_send */
	uint32_t to_incarnation;
	uint32_t size;		/* bytes of the whole struct in the arena */
	uint32_t bytes;		/* bytes on the wire */
	uint16_t kind;		/* meaning belongs to the protocol */
	uint16_t flags;		/* likewise */
	uint32_t closed;	/* closings of the connection before it */
	uint32_t release;	/* event to call before it is freed, 0: none */
};

/* A connection between `process` and `peer` is gone; passed as `who`. */
struct lost {
	struct process *process, *peer;
	bool refused;		/* nobody listened, rather than broke later */
};

/* A message of `size` bytes in the arena, zeroed but for its head. */
void *message_new(struct world *w, size_t size, uint16_t kind);
void message_free(struct world *w, struct message *m);

/* Send; the network owns the message from here on. */
void net_send(struct world *w, struct process *from, struct process *to,
	      struct message *m);

/* Would connecting be answered with a reset?  The process is down, its machine
 * can be reached.  Simplified: known at once rather than a round trip later. */
bool net_refuses(struct world *w, struct process *from, struct process *to);

/* As if nobody had listened: the sender hears of it, the message is freed. */
void net_refuse(struct world *w, struct message *m);

/* Close the connection from both ends' view: what is under way is dropped. */
void net_close(struct world *w, struct process *a, struct process *b);

/* When a message sent now would arrive, were it alone: for `ping`.
 * SIM_NEVER across a cut. */
sim_time net_ping(const struct world *w, const struct machine *from,
		  const struct machine *to);

/*
 * Who answers at host:port, seen from a machine: `localhost` is the machine
 * itself, other names are machines or their aliases.
 */
enum resolved { RESOLVED, RESOLVED_NO_HOST, RESOLVED_REFUSED };
enum resolved net_resolve(struct world *w, struct machine *from,
			  const char *host, uint16_t port,
			  struct process **process);
/* "broker-1/10.0.0.12": name and address, as Java shows a resolved host. */
void net_address_text(struct world *w, struct machine *from, const char *host,
		      struct text *t);
void net_listen(struct world *w, struct process *p, uint16_t port);
void net_alias(struct world *w, const char *alias, struct machine *m);
/* A port of `m` leads to `p`, which stands elsewhere: docker's "ports:". */
void net_publish(struct world *w, struct machine *m, uint16_t port,
		 struct process *p);

/* A path that is worse than it should be.  NULL machine: any. */
struct link_rule {
	struct machine *a, *b;	/* both directions unless one_way (a to b) */
	bool one_way;
	bool cut;
	sim_time delay;		/* added, one way */
	uint32_t loss_ppm;	/* chance of loss, per segment, in a million */
	int64_t bits_per_s;	/* 0: as the card */
};

struct link_rule *net_rule_add(struct world *w, const struct link_rule *rule);
void net_rule_remove(struct world *w, struct link_rule *rule);

#endif
