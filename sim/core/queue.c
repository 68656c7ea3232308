/* queue.c - a line in which somebody waits, counted so that Little can be asked */
#include "sim/core/queue.h"

uint64_t queue_mean_length_milli(const struct queue *q, sim_time now)
{
	uint64_t span = (uint64_t)(now - q->since);
	uint64_t area = queue_area(q, now);

	if (!span)
		return q->length * UINT64_C(1000);
	return area / span * 1000 + area % span / (span / 1000 + 1);
}

sim_time queue_mean_stay(const struct queue *q)
{
	return q->departures ? (sim_time)(q->stayed / q->departures) : 0;
}
