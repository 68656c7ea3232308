/* queue.h - a line in which somebody waits, counted so that Little can be asked
 *
 * Little's law (Little, "A Proof for the Queuing Formula L = lambda W",
 * Operations Research 9, 1961): the mean number L in a system is the rate
 * lambda at which they arrive times the mean time W each one stays.  Over a
 * finite span it is no statistics but bookkeeping: both sides count the same
 * area, once by the moment and once by the customer.
 *
 *	  3 |    ___
 *	  2 |  _|   |_____        area = sum over time of how many are inside
 *	  1 | |           |__          = sum over customers of how long they were
 *	    +-----------------▶ t
 *
 * So `area` (kept from the length alone) and `stayed` (kept from each
 * customer's own arrival time) must agree exactly whenever nobody is inside,
 * and otherwise once the time so far of those inside is added.  A customer who
 * is lost, counted twice, or leaves with another's arrival time makes them
 * differ.  Each line checks itself whenever it becomes empty (assert).
 *
 * Sums are nanoseconds times customers, modulo 2^64: the identity always
 * holds; the means below are right until 584 customer-years have been counted.
 */
#ifndef SIM_CORE_QUEUE_H
#define SIM_CORE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/simtime.h"

struct queue {
	uint64_t arrivals, departures;
	uint64_t area;			/* ns x customers, up to changed_at */
	uint64_t stayed;		/* ns, summed over those who left */
	sim_time since;			/* counting began */
	sim_time changed_at;		/* last arrival or departure */
	uint32_t length, length_max;	/* inside now; most at one time */
};

void queue_init(struct queue *q, sim_time now);
void queue_arrive(struct queue *q, sim_time now);
/* One who came at `arrived` leaves. */
void queue_depart(struct queue *q, sim_time arrived, sim_time now);

/* ns x customers since counting began. */
uint64_t queue_area(const struct queue *q, sim_time now);

/* Does Little's law hold?  `arrived_sum`: the arrival times of those inside,
 * added up by whoever has the list (0 when nobody is). */
bool queue_agrees(const struct queue *q, uint64_t arrived_sum, sim_time now);

/* For people: thousandths of a customer, and ns of those who left. */
uint64_t queue_mean_length_milli(const struct queue *q, sim_time now);
sim_time queue_mean_stay(const struct queue *q);

#endif
