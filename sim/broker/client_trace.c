/* client_trace.c - what a tracing agent in a client does */
#include "sim/broker/client_trace.h"

#include <stdio.h>
#include <string.h>

#include "sim/broker/records.h"
#include "sim/telemetry/span.h"

#define NAME_MAX_BYTES	288		/* a topic's name is at most 249 */

static void span_name(const struct world *w, name_id topic, const char *what,
		      char name[NAME_MAX_BYTES])
{
	snprintf(name, NAME_MAX_BYTES, "%s %s", world_text(w, topic), what);
}

/* Names of the semantic conventions for messaging, 1.2x. */
static void describe(struct world *w, struct span *s, name_id topic,
		     const struct partition *at)
{
	char index[12];

	span_attribute(w, s, "messaging.system", "kafka");
	span_attribute(w, s, "messaging.destination.name",
		       world_text(w, topic));
	if (!at)
		return;
	snprintf(index, sizeof(index), "%u", at->index);
	span_attribute(w, s, "messaging.destination.partition.id", index);
}

/* -- publishing --------------------------------------------------------------- */

struct span *trace_publish(struct world *w, struct producer *p, name_id topic,
			   const struct trace_context *parent,
			   struct text *headers)
{
	char name[NAME_MAX_BYTES], value[TRACEPARENT_LEN + 1];
	struct trace_context own;
	struct span *s;

	if (!trace_ratio(w))
		return NULL;
	span_name(w, topic, "publish", name);
	s = span_begin(w, p->client.host->process, name, SPAN_PRODUCER, parent);
	describe(w, s, topic, NULL);
	own = span_context(s);
	trace_context_write(&own, value);
	record_header_add(headers, TRACEPARENT, value, TRACEPARENT_LEN);
	return s;
}

/* A record that is computed: so is its span. */
static void publish_computed(struct world *w, struct producer *p,
			     const struct partition *at,
			     const struct producer_batch *b, uint32_t i,
			     enum span_status status)
{
	struct trace_context own = record_trace(w, p->client.cluster,
						&b->batch, i);
	char name[NAME_MAX_BYTES];
	struct span *s;

	if (!trace_context_given(&own))
		return;
	span_name(w, at->topic->name, "publish", name);
	s = span_begin_as(w, p->client.host->process, name, SPAN_PRODUCER,
			  &own, b->created_at);
	describe(w, s, at->topic->name, at);
	span_end(w, s, status);
}

void trace_settled(struct world *w, struct producer *p, uint32_t partition,
		   struct producer_batch *b, bool stored)
{
	const struct partition *at = p->client.cluster->partitions.at[partition];
	enum span_status status = stored ? SPAN_UNSET : SPAN_ERROR;

	for (uint32_t i = 0; i < b->spans.count; i++)
		span_end(w, b->spans.at[i], status);
	vec_free(&w->arena, &b->spans);
	if (!b->batch.source || !trace_ratio(w))
		return;
	for (uint32_t i = 0; i < b->batch.count; i++)
		publish_computed(w, p, at, b, i, status);
}

void trace_dropped(struct world *w, struct producer_batch *b)
{
	for (uint32_t i = 0; i < b->spans.count; i++)
		span_drop(w, b->spans.at[i]);
	vec_free(&w->arena, &b->spans);
}

/* -- working on records ---------------------------------------------------------- */

static struct span *process_record(struct world *w, struct process *p,
				   const char *group,
				   const struct polled *piece, uint32_t i,
				   sim_time begin)
{
	struct cluster *c = cluster_of(w);
	const struct partition *at = c->partitions.at[piece->partition];
	struct trace_context parent = record_trace(w, c, &piece->batch, i);
	char name[NAME_MAX_BYTES];
	struct span *s;

	if (!trace_context_given(&parent))
		return NULL;
	span_name(w, at->topic->name, "process", name);
	s = span_begin_at(w, p, name, SPAN_CONSUMER, &parent, begin);
	describe(w, s, at->topic->name, at);
	span_attribute(w, s, "messaging.consumer.group.name", group);
	return s;
}

struct span *trace_process(struct world *w, struct process *p,
			   const char *group, const struct polled *piece)
{
	if (!trace_ratio(w))
		return NULL;
	return process_record(w, p, group, piece, piece->first, world_now(w));
}

void trace_processed(struct world *w, struct process *p, const char *group,
		     const struct polled *pieces, uint32_t n, sim_time begin)
{
	sim_time took = world_now(w) - begin;
	int64_t total = 0, done = 0;

	if (!trace_ratio(w))
		return;
	for (uint32_t i = 0; i < n; i++)
		total += pieces[i].count;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < pieces[i].count; k++, done++)
			span_end_at(w, process_record(w, p, group, &pieces[i],
					pieces[i].first + k,
					begin + took * done / total),
				    SPAN_UNSET,
				    begin + took * (done + 1) / total);
}
