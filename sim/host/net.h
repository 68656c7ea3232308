/* net.h - messages between processes, over connections that delay and lose
 *
 * Two processes that talk have one TCP connection: two channels, one for each
 * direction.  A message joins the flow of its channel, leaves as fast as the
 * cards on its path let that flow go (card.h), takes the latency of the path
 * (link.h) and, under loss, what TCP needs to make up for it (tcp.h).  Of what
 * a connection sends that is new or has rested, no more joins the flow than
 * TCP's congestion window has room for: slow start.
 *
 *	net_send ─▶ queued ─▶ leaving ─▶ on its way ─▶ arrives: on.message
 *	             │ flow's share     latency, luck
 *	             ├ beyond the window: until the first ACK is back
 *	             └ behind a cut: until TCP tries again after the heal
 *
 * A channel never changes the order of its messages: what is late holds back
 * what was sent after it.  One event for each message that arrives, and no
 * more unless flows share a card.
 *
 * Connecting takes a round trip, which the first message waits for, and the
 * resolver before it if the name had to be looked up (dns.h).  Across a cut
 * nothing arrives and nobody is told.  TCP tries again, at ever longer
 * intervals, so that a connection wakes up some time after the link has
 * healed; the process that wants to connect hears that it was in vain after
 * its own timeout (process.connect_timeout), else after the kernel's 127 s; of
 * a connection that was open and has gone silent, after silence_timeout, else
 * after 15 minutes.  A dead process answers with a reset, so its peers learn
 * of it after one latency.
 *
 * Simplified: see the fidelity card in README.md.
 */
#ifndef SIM_HOST_NET_H
#define SIM_HOST_NET_H

#include "sim/host/dns.h"
#include "sim/host/host.h"
#include "sim/host/link.h"

/* The head of every message; a protocol embeds it first and adds its own. */
struct message {
	struct process *from, *to;	/* set by net_send */
	uint32_t from_incarnation;	/* set by net_send */
	uint32_t to_incarnation;
	uint32_t size;		/* bytes of the whole struct in the arena */
	uint32_t bytes;		/* bytes on the wire */
	uint16_t kind;		/* meaning belongs to the protocol */
	uint16_t flags;		/* likewise */
	uint32_t closed;	/* closings of the connection before it */
	uint32_t release;	/* event to call before it is freed, 0: none */
	uint32_t line;		/* which of the two connections that a pair of
				   processes can have: see net_line */
	/* of the network, while it owns the message */
	struct message *next;	/* sent after it on the same channel */
	int64_t end;		/* its last byte, of all bytes of the channel */
	sim_time sent_at;	/* net_send was called */
	sim_time late;		/* what luck adds to its latency */
	sim_time arrives_at;	/* once it has left */
};

/* A connection between `process` and `peer` is gone; passed as `who`. */
struct lost {
	struct process *process, *peer;
	bool refused;		/* it never came about, rather than broke */
	bool timed_out;		/* nobody answered, rather than reset it */
};

/* A message of `size` bytes in the arena, zeroed but for its head. */
void *message_new(struct world *w, size_t size, uint16_t kind);
void message_free(struct world *w, struct message *m);

/* Send; the network owns the message from here on. */
void net_send(struct world *w, struct process *from, struct process *to,
	      struct message *m);

/*
 * Two processes that are each other's clients have a connection each way: what
 * one asks does not stand behind what it answers.  Who serves both ends sets
 * message.line, of the request and of its answer alike, to that of whoever
 * asked; all others leave it at 0.  Closing closes both.
 */
static inline uint32_t net_line(const struct process *asks,
				const struct process *answers)
{
	return asks->id > answers->id;
}

/* Would connecting be answered with a reset?  The process is down, its machine
 * can be reached.  Simplified: known at once rather than a round trip later. */
bool net_refuses(struct world *w, struct process *from, struct process *to);

/* As if nobody had listened: the sender hears of it, the message is freed. */
void net_refuse(struct world *w, struct message *m);

/* Have they an open connection? */
bool net_connected(const struct world *w, const struct process *a,
		   const struct process *b);

/* Close the connection from both ends' view: what is under way is dropped. */
void net_close(struct world *w, struct process *a, struct process *b);

/* The round trip of a packet sent now, were it alone: for `ping`.
 * SIM_NEVER across a cut. */
sim_time net_ping(const struct world *w, struct machine *from,
		  struct machine *to);

/* Does Little's law hold of every connection, and of all messages under way?
 * See little.h. */
bool net_agrees(const struct world *w);

/* Messages of all connections that have been sent and have not arrived. */
uint64_t net_in_flight(const struct world *w);

/* -- what lies between, changed while connections are open ---------------- */

struct link_rule *net_rule_add(struct world *w, const struct link_rule *rule);
void net_rule_remove(struct world *w, struct link_rule *rule);

/* The card falls to (or rises to) another rate. */
void net_card_rate(struct world *w, struct machine *m, int64_t bits_per_s);

/* Where a machine stands; NULL: no region, no rack. */
void net_place(struct world *w, struct machine *m, const char *region,
	       const char *rack);

#endif
