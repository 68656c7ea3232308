/* records.c - the records inside a batch, explicit or procedural */
#include "sim/broker/records.h"

#include <string.h>

#include "sim/core/luck.h"
#include "sim/telemetry/span.h"

struct explicit_head {
	int64_t at;
	int32_t key_len, value_len;
	uint32_t headers_len, zero;
};

uint32_t record_source_add(struct world *w, struct cluster *c,
			   uint16_t describe, void *self)
{
	if (!c->sources.count)
		vec_add(&w->arena, &c->sources);
	*vec_add(&w->arena, &c->sources) = (struct record_source){
		describe, self,
	};
	return c->sources.count - 1;
}

static uint32_t length(int32_t len)
{
	return len > 0 ? (uint32_t)len : 0;
}

uint64_t record_place(const struct world *w, const struct cluster *c,
		      const struct batch *b, uint32_t i)
{
	const char *first, *p;
	struct record_view view;

	if (b->source || b->control)
		return b->content + i;
	first = p = history_at(&w->history, c->payload, b->content);
	for (; i > 0; i--)
		p = record_next(p, &view);
	return b->content + (uint64_t)(p - first);
}

const char *record_next(const char *at, struct record_view *view)
{
	struct explicit_head h;

	memcpy(&h, at, sizeof(h));
	view->at = h.at;
	view->key_len = h.key_len;
	view->value_len = h.value_len;
	view->headers_len = h.headers_len;
	view->key = at + sizeof(h);
	view->value = view->key + length(h.key_len);
	view->headers = view->value + length(h.value_len);
	return view->headers + h.headers_len;
}

static void read_procedural(struct world *w, const struct cluster *c,
			    const struct batch *b, uint32_t i,
			    struct record_view *view, char *scratch)
{
	struct record_ask ask = {
		.source = c->sources.at[b->source].self, .lane = b->lane,
		.number = b->content + i, .view = view, .scratch = scratch,
	};

	view->headers = NULL;
	view->headers_len = 0;
	world_call(w, c->sources.at[b->source].describe, &ask, 0);
}

/* Simplified: the coordinator's epoch, its value, reads 0. */
static void read_marker(const struct batch *b, struct record_view *view)
{
	static const char keys[][4] = {
		[CONTROL_COMMIT] = { 0, 0, 0, 1 }, [CONTROL_ABORT] = { 0 },
	};
	static const char value[6];

	view->at = b->last_at;
	view->key = keys[b->control];
	view->key_len = sizeof(keys[0]);
	view->value = value;
	view->value_len = sizeof(value);
}

void record_read(struct world *w, const struct cluster *c,
		 const struct batch *b, uint32_t i, struct record_view *view,
		 char *scratch)
{
	if (b->control)
		read_marker(b, view);
	else if (b->source)
		read_procedural(w, c, b, i, view, scratch);
	else
		record_next(history_at(&w->history, c->payload,
				       record_place(w, c, b, i)), view);
	view->offset = b->base_offset + i;
	if (b->append_time)
		view->at = b->last_at;
}

void record_write(struct text *payload, sim_time at, const struct record *r)
{
	struct explicit_head h = {
		.at = at, .key_len = r->key_len, .value_len = r->value_len,
		.headers_len = r->headers_len,
	};

	text_bytes(payload, &h, sizeof(h));
	if (r->key_len > 0)
		text_bytes(payload, r->key, length(r->key_len));
	if (r->value_len > 0)
		text_bytes(payload, r->value, length(r->value_len));
	if (r->headers_len)
		text_bytes(payload, r->headers, r->headers_len);
}

/* -- headers --------------------------------------------------------------- */

struct header_head {
	uint32_t key_len;
	int32_t value_len;
};

/* Record format v2: the two lengths of a header are varints, one byte each
 * below 64. */
uint32_t record_bytes(const struct record *r)
{
	uint32_t bytes = RECORD_OVERHEAD_BYTES + length(r->key_len) +
			 length(r->value_len) + r->headers_len;
	struct record_header h;

	for (uint32_t at = 0; record_header_next(r->headers, r->headers_len,
						 &at, &h);)
		bytes -= (uint32_t)sizeof(struct header_head) - 2;
	return bytes;
}

void record_header_add(struct text *headers, const char *key, const char *value,
		       int32_t value_len)
{
	struct header_head h = { (uint32_t)strlen(key), value_len };

	text_bytes(headers, &h, sizeof(h));
	text_bytes(headers, key, h.key_len);
	if (value_len > 0)
		text_bytes(headers, value, (size_t)value_len);
}

bool record_header_next(const char *headers, uint32_t len, uint32_t *at,
			struct record_header *h)
{
	struct header_head head;

	if (*at >= len)
		return false;
	memcpy(&head, headers + *at, sizeof(head));
	h->key = headers + *at + sizeof(head);
	h->key_len = head.key_len;
	h->value = h->key + head.key_len;
	h->value_len = head.value_len;
	*at += (uint32_t)sizeof(head) + head.key_len + length(head.value_len);
	return true;
}

static struct trace_context header_trace(const struct record_view *v)
{
	struct trace_context c = {0};
	struct record_header h;

	for (uint32_t at = 0; record_header_next(v->headers, v->headers_len,
						 &at, &h);) {
		char text[TRACEPARENT_LEN + 1];

		if (h.value_len != TRACEPARENT_LEN ||
		    h.key_len != strlen(TRACEPARENT) ||
		    memcmp(h.key, TRACEPARENT, h.key_len) != 0)
			continue;
		memcpy(text, h.value, TRACEPARENT_LEN);
		text[TRACEPARENT_LEN] = '\0';
		if (!trace_context_parse(text, &c))
			c = (struct trace_context){0};
	}
	return c;
}

static struct trace_context computed_trace(const struct world *w,
					   const struct batch *b, uint32_t i)
{
	uint64_t which = luck_mix(w->state->seed ^
				  luck_mix((uint64_t)b->source << 32 ^ b->lane));
	struct trace_context c = { .flags = TRACE_SAMPLED };

	which = luck_mix(which + b->content + i);
	c.trace.high = luck_mix(which + 1);
	c.trace.low = luck_mix(which + 2);
	c.span = luck_mix(which + 3) | 1;
	return trace_id_sampled(c.trace, trace_ratio(w)) ? c :
	       (struct trace_context){0};
}

struct trace_context record_trace(struct world *w, const struct cluster *c,
				  const struct batch *b, uint32_t i)
{
	struct record_view view;

	if (b->source)
		return computed_trace(w, b, i);
	record_read(w, c, b, i, &view, NULL);
	return header_trace(&view);
}
