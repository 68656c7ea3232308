/* queue.c - a line in which somebody waits, counted so that Little can be asked */
#include "sim/core/queue.h"

#include <assert.h>

void queue_init(struct queue *q, sim_time now)
{
	*q = (struct queue){ .since = now, .changed_at = now };
}

uint64_t queue_area(const struct queue *q, sim_time now)
{
	assert(now >= q->changed_at);
	return q->area + q->length * (uint64_t)(now - q->changed_at);
}

static void change(struct queue *q, sim_time now)
{
	q->area = queue_area(q, now);
	q->changed_at = now;
}

void queue_arrive(struct queue *q, sim_time now)
{
	change(q, now);
	q->arrivals++;
	if (++q->length > q->length_max)
		q->length_max = q->length;
}

void queue_depart(struct queue *q, sim_time arrived, sim_time now)
{
	assert(q->length > 0 && arrived <= now);
	change(q, now);
	q->departures++;
	q->length--;
	q->stayed += (uint64_t)(now - arrived);
	assert(q->length || queue_agrees(q, 0, now));
}

bool queue_agrees(const struct queue *q, uint64_t arrived_sum, sim_time now)
{
	uint64_t inside = q->length * (uint64_t)now - arrived_sum;

	return q->arrivals - q->departures == q->length &&
	       queue_area(q, now) == q->stayed + inside;
}

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
