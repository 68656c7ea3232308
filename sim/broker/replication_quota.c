/* replication_quota.c - how much replication may cost (KIP-73) */
#include "sim/broker/replication_quota.h"

#include <string.h>

#include "sim/core/err.h"

/* -- a rate over samples ---------------------------------------------------- */

static void begin(struct quota_sample *s, int64_t now_ms)
{
	*s = (struct quota_sample){ .begin_ms = now_ms, .last_ms = now_ms };
}

/* The sample that is written to; there is always one. */
static struct quota_sample *current(struct rate_quota *q, int64_t now_ms)
{
	if (!q->count)
		begin(&q->samples[q->count++], now_ms);
	return &q->samples[q->current];
}

/* One sample more than are counted is kept: the oldest may overlap the window
 * only in part. */
static struct quota_sample *advance(struct rate_quota *q,
				    const struct quota_window *win,
				    int64_t now_ms)
{
	q->current = (q->current + 1) % (uint32_t)(win->samples + 1);
	if (q->current == q->count)
		q->count++;
	begin(&q->samples[q->current], now_ms);
	return &q->samples[q->current];
}

void quota_record(struct rate_quota *q, const struct quota_window *win,
		  int64_t now_ms, int64_t bytes)
{
	struct quota_sample *s = current(q, now_ms);

	if (now_ms - s->begin_ms >= win->sample_ms)
		s = advance(q, win, now_ms);
	s->bytes += bytes;
	s->last_ms = now_ms;
}

/* What nobody wrote to for a whole window begins anew. */
static void purge(struct rate_quota *q, const struct quota_window *win,
		  int64_t now_ms)
{
	for (uint32_t i = 0; i < q->count; i++)
		if (now_ms - q->samples[i].last_ms >=
		    win->samples * win->sample_ms)
			begin(&q->samples[i], now_ms);
}

static void measure(struct rate_quota *q, const struct quota_window *win,
		    int64_t now_ms, int64_t *bytes, int64_t *ms)
{
	int64_t oldest = now_ms;

	purge(q, win, now_ms);
	*bytes = 0;
	for (uint32_t i = 0; i < q->count; i++) {
		*bytes += q->samples[i].bytes;
		if (q->samples[i].begin_ms < oldest)
			oldest = q->samples[i].begin_ms;
	}
	*ms = now_ms - oldest;
	if (*ms < win->sample_ms)
		*ms = win->sample_ms;
}

int64_t quota_rate(struct rate_quota *q, const struct quota_window *win,
		   int64_t now_ms)
{
	int64_t bytes, ms;

	measure(q, win, now_ms, &bytes, &ms);
	return bytes * 1000 / ms;
}

bool quota_exceeded(struct rate_quota *q, const struct quota_window *win,
		    int64_t now_ms, int64_t bytes_per_s)
{
	int64_t bytes, ms;

	measure(q, win, now_ms, &bytes, &ms);
	return bytes_per_s < INT64_MAX / ms && bytes * 1000 > bytes_per_s * ms;
}

/* -- lists of replicas -------------------------------------------------------- */

/* A whole number at *at, which moves behind it; false: there is none. */
static bool number(const char **at, int64_t *n)
{
	const char *begin = *at;

	for (*n = 0; **at >= '0' && **at <= '9' && *n < INT32_MAX; (*at)++)
		*n = *n * 10 + (**at - '0');
	return *at > begin;
}

/* partition:broker at *at, and the comma behind it. */
static bool item(const char **at, int64_t *partition, int64_t *broker)
{
	if (!number(at, partition) || **at != ':')
		return false;
	(*at)++;
	if (!number(at, broker) || (**at && **at != ','))
		return false;
	*at += **at == ',';
	return true;
}

bool quota_names(const char *replicas, uint32_t partition, int32_t node_id)
{
	int64_t p, b;

	if (!strcmp(replicas, "*"))
		return true;
	while (*replicas && item(&replicas, &p, &b))
		if (p == partition && b == node_id)
			return true;
	return false;
}

bool quota_list_good(const char *name, const char *replicas, struct err *err)
{
	const char *at = replicas;
	int64_t p, b;

	if (!strcmp(replicas, "*"))
		return true;
	while (*at)
		if (!item(&at, &p, &b))
			return err_set(err, "Invalid value %s for configuration "
				       "%s: %s must be the literal '*' or a "
				       "list of replicas in the following "
				       "format: [partitionId]:[brokerId],"
				       "[partitionId]:[brokerId],...", replicas,
				       name, name);
	return true;
}
