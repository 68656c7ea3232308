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
 * By the moment, one who comes adds the time that is left and one who goes
 * takes it away again, so all that has to be kept of the moments is `moments`,
 * the times of arrival less those of departure; the area up to now is length x
 * now - moments.  So it does not matter when one hears of a coming or going: a
 * queue that catches up with the clock late, or knows a departure ahead, may
 * say so then.  By the customer, each one's own arrival time is taken from when
 * he leaves: `stayed`.  The two must agree exactly whenever nobody is inside,
 * and otherwise once the time so far of those inside is added.  A customer who
 * is lost, counted twice, or leaves with another's arrival time makes them
 * differ.  Each line checks itself whenever it becomes empty (assert).
 *
 * Some lines have figures that somebody asks for.  The others (run queues,
 * disks, connections, ...) are counted only so that Little can be asked: by
 * little_arrive and little_depart, which are nothing in a build without assert
 * (NDEBUG).  sim/host/little.h says who asks them, and when.
 *
 * Sums are nanoseconds times customers, modulo 2^64: the identity always
 * holds; the means below are right until 584 customer-years have been counted.
 */
#ifndef SIM_CORE_QUEUE_H
#define SIM_CORE_QUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/core/simtime.h"

struct queue {
	uint64_t arrivals, departures;
	uint64_t moments;		/* ns: arrival times - departure times */
	uint64_t stayed;		/* ns, summed over those who left */
	sim_time since;			/* counting began */
	uint32_t length, length_max;	/* inside now; most at one time */
};

static inline void queue_init(struct queue *q, sim_time now)
{
	*q = (struct queue){ .since = now };
}

/* ns x customers since counting began. */
static inline uint64_t queue_area(const struct queue *q, sim_time now)
{
	return q->length * (uint64_t)now - q->moments;
}

/* Does Little's law hold?  `arrived_sum`: the arrival times of those inside,
 * added up by whoever has the list (0 when nobody is). */
static inline bool queue_agrees(const struct queue *q, uint64_t arrived_sum,
				sim_time now)
{
	uint64_t inside = q->length * (uint64_t)now - arrived_sum;

	return q->arrivals - q->departures == q->length &&
	       queue_area(q, now) == q->stayed + inside;
}

static inline void queue_arrive(struct queue *q, sim_time at)
{
	q->arrivals++;
	q->moments += (uint64_t)at;
	if (++q->length > q->length_max)
		q->length_max = q->length;
}

/* One who came at `arrived` leaves. */
static inline void queue_depart(struct queue *q, sim_time arrived, sim_time at)
{
	assert(q->length > 0 && arrived <= at);
	q->departures++;
	q->moments -= (uint64_t)at;
	q->length--;
	q->stayed += (uint64_t)(at - arrived);
	assert(q->length || queue_agrees(q, 0, at));
}

/* -- only so that Little can be asked ------------------------------------- */

#ifdef NDEBUG
enum { LITTLE = 0 };
#else
enum { LITTLE = 1 };
#endif

static inline void little_arrive(struct queue *q, sim_time at)
{
	if (LITTLE)
		queue_arrive(q, at);
}

static inline void little_depart(struct queue *q, sim_time arrived, sim_time at)
{
	if (LITTLE)
		queue_depart(q, arrived, at);
}

/* For people: thousandths of a customer, and ns of those who left. */
uint64_t queue_mean_length_milli(const struct queue *q, sim_time now);
sim_time queue_mean_stay(const struct queue *q);

#endif
