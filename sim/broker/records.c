/* records.c - the records inside a batch, explicit or procedural */
#include "sim/broker/records.h"

#include <string.h>

struct explicit_head {
	int64_t at;
	int32_t key_len, value_len;
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

static size_t body_bytes(const struct explicit_head *h)
{
	return (size_t)(h->key_len > 0 ? h->key_len : 0) +
	       (size_t)(h->value_len > 0 ? h->value_len : 0);
}

uint64_t record_place(const struct world *w, const struct cluster *c,
		      const struct batch *b, uint32_t i)
{
	const char *first, *p;
	struct explicit_head h;

	if (b->source)
		return b->content + i;
	first = p = history_at(&w->history, c->payload, b->content);
	for (; i > 0; i--) {
		memcpy(&h, p, sizeof(h));
		p += sizeof(h) + body_bytes(&h);
	}
	return b->content + (uint64_t)(p - first);
}

static void read_explicit(const struct world *w, const struct cluster *c,
			  const struct batch *b, uint32_t i,
			  struct record_view *view)
{
	const char *p = history_at(&w->history, c->payload,
				   record_place(w, c, b, i));
	struct explicit_head h;

	memcpy(&h, p, sizeof(h));
	p += sizeof(h);
	view->at = h.at;
	view->key_len = h.key_len;
	view->value_len = h.value_len;
	view->key = p;
	view->value = p + (h.key_len > 0 ? h.key_len : 0);
}

static void read_procedural(struct world *w, const struct cluster *c,
			    const struct batch *b, uint32_t i,
			    struct record_view *view, char *scratch)
{
	struct record_ask ask = {
		.source = c->sources.at[b->source].self, .lane = b->lane,
		.number = b->content + i, .view = view, .scratch = scratch,
	};

	world_call(w, c->sources.at[b->source].describe, &ask, 0);
}

void record_read(struct world *w, const struct cluster *c,
		 const struct batch *b, uint32_t i, struct record_view *view,
		 char *scratch)
{
	if (b->source)
		read_procedural(w, c, b, i, view, scratch);
	else
		read_explicit(w, c, b, i, view);
	view->offset = b->base_offset + i;
	if (b->append_time)
		view->at = b->last_at;
}

void record_write(struct text *payload, sim_time at, const char *key,
		  int32_t key_len, const char *value, int32_t value_len)
{
	struct explicit_head h = { at, key_len, value_len };

	text_bytes(payload, &h, sizeof(h));
	if (key_len > 0)
		text_bytes(payload, key, (size_t)key_len);
	if (value_len > 0)
		text_bytes(payload, value, (size_t)value_len);
}
