/* producer_txn_inside.h - between the files of a producer's transactions
 *
 * producer_txn.c is what the application calls and is told, producer_txn_ask.c
 * what coordinators are asked and answer.
 */
#ifndef SIM_BROKER_PRODUCER_TXN_INSIDE_H
#define SIM_BROKER_PRODUCER_TXN_INSIDE_H

#include "sim/broker/config.h"
#include "sim/broker/producer_inside.h"

/* The call that is waited for has succeeded; or may have taken too long. */
void producer_txn_done(struct world *w, struct producer *p);
void producer_txn_check_time(struct world *w, struct producer *p);

void producer_txn_fatal(struct world *w, struct producer *p, const char *class,
			const char *text);
void producer_txn_abortable(struct world *w, struct producer *p,
			    const char *class, const char *text);
void txn_error_set(struct producer_txn_error *e, const char *class,
		   const char *text);

#endif
