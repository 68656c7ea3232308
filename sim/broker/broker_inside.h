/* broker_inside.h - what the files of the broker's process share
 *
 *	network.c ─▶ requests.c ─▶ produce.c, fetch.c, metadata.c, groups.c, ...
 *	    ▲                            │
 *	    └──────── answers ◀──────────┘
 *
 * A message is read by a network thread (network.c), costs CPU (requests.c) and
 * is handed to whoever answers it.  broker.c is the process and its duties,
 * belief.c what it has read of the metadata log.
 */
#ifndef SIM_BROKER_BROKER_INSIDE_H
#define SIM_BROKER_BROKER_INSIDE_H

#include "sim/broker/broker.h"

/* network.c: events of the process */
void broker_message(struct world *w, void *who, uint16_t arg);
void broker_lost(struct world *w, void *who, uint16_t arg);
/* who = an answer: its records have been read, or dirty pages have drained */
void broker_send_reply(struct world *w, void *who, uint16_t arg);
/* The process is gone, with all that was still in its sockets. */
void broker_lines_drop(struct world *w, struct broker *b);

/* Of what a produce, a fetch costs (requests.c), the wake-ups of a network
 * thread and of an io thread, 10 us each. */
#define REQUEST_WAKE_UPS	SIM_US(20)

/* requests.c: who = message.  A network thread has read it; it had its CPU. */
void broker_request_heard(struct world *w, void *who, uint16_t arg);
void broker_request_ready(struct world *w, void *who, uint16_t arg);
/* Not a client's request but an answer, or what the controller says: true, and
 * it is dealt with. */
bool broker_takes_inner(struct world *w, struct broker *b, struct message *m);

/* belief.c: all that was believed so far is acted on, from now on at once. */
void broker_register(struct world *w, struct broker *b);
/* Logs of partitions that the metadata does not know are taken away when a
 * broker has caught up. */
void broker_drop_strays(struct world *w, struct broker *b);

/* broker.c */
void broker_send_heartbeat(struct world *w, struct broker *b);
void broker_heartbeat_answered(struct world *w, struct broker *b,
			       const struct heartbeat_reply *m);

/* broker_metrics.c */
void broker_note_metrics(struct world *w, struct broker *b);
void broker_collect(struct world *w, void *who, uint16_t arg);

#endif
