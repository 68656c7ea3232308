/* span.c - what was done for one request, by whom, and how long it took */
#include "sim/telemetry/span.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/core/args.h"
#include "sim/core/mem.h"
#include "sim/telemetry/telemetry_inside.h"

#define SPAN_CHUNK	(sizeof(struct span_record) * 512)

/* Made by the first command that wants traces. */
struct tracing {
	uint32_t ppm;
	stream_id spans;			/* struct span_record */
	struct span *free;
	VEC(struct luck *) ids;			/* by process id */
};

_Static_assert(sizeof(struct span_record) == 32 + 8 + 24 + 8 + 8 +
	       SPAN_ATTRIBUTES * sizeof(struct label), "no padding");

/* -- the sampler ---------------------------------------------------------- */

/*
 * TraceIdRatioBased: the last 8 bytes of the trace id without their lowest
 * bit, against ratio * 2^63 (so in OpenTelemetry's Go SDK).  Deterministic by
 * the id, and monotone in the ratio, as the specification asks.
 */
bool trace_id_sampled(struct trace_id id, uint32_t ppm)
{
	const uint64_t one = UINT64_C(1) << 63;
	uint64_t bound = one / TRACE_RATIO_ALL * ppm +
			 one % TRACE_RATIO_ALL * ppm / TRACE_RATIO_ALL;

	return id.low >> 1 < bound;
}

void trace_ratio_set(struct world *w, uint32_t ppm)
{
	struct telemetry *t = telemetry_of(w);

	assert(ppm <= TRACE_RATIO_ALL);
	if (!t->tracing) {
		if (!ppm)
			return;
		t->tracing = world_take(w, struct tracing);
		t->tracing->spans = history_open(&w->history, SPAN_CHUNK);
	}
	t->tracing->ppm = ppm;
}

uint32_t trace_ratio(const struct world *w)
{
	const struct tracing *t = telemetry_of(w)->tracing;

	return t ? t->ppm : 0;
}

bool trace_ratio_command(struct world *w, const char *args, int64_t *result,
			 struct err *err)
{
	int64_t ppm = args_int(args, "ppm", -1);

	if (ppm < 0 || ppm > TRACE_RATIO_ALL)
		return err_set(err, "trace-ratio: ppm is the traces to keep of "
			       "a million, from 0 to 1000000, as in ppm=10000");
	trace_ratio_set(w, (uint32_t)ppm);
	*result = 0;
	return true;
}

/* -- making them ---------------------------------------------------------- */

static struct luck *luck_of(struct world *w, struct tracing *t,
			    const struct process *p)
{
	while (t->ids.count <= p->id)
		vec_add(&w->arena, &t->ids);
	if (!t->ids.at[p->id]) {
		t->ids.at[p->id] = world_take(w, struct luck);
		luck_init(t->ids.at[p->id], w->state->seed,
			  world_text(w, p->name), "trace ids");
	}
	return t->ids.at[p->id];
}

static uint64_t draw_id(struct luck *l)
{
	uint64_t id;

	while (!(id = luck_draw(l)))
		;
	return id;
}

static struct span *take_span(struct world *w, struct tracing *t)
{
	struct span *s = t->free;

	if (s)
		t->free = s->next_free;
	else
		s = world_take(w, struct span);
	memset(s, 0, sizeof(*s));
	return s;
}

/* Its ids: those of its parent's trace, or a new one's. */
static struct trace_context own_context(struct world *w, struct tracing *t,
					const struct process *p,
					const struct trace_context *parent)
{
	struct luck *luck = luck_of(w, t, p);
	struct trace_context c;

	if (parent && trace_context_given(parent)) {
		c = *parent;
	} else {
		c.trace.high = draw_id(luck);
		c.trace.low = draw_id(luck);
		c.flags = trace_id_sampled(c.trace, t->ppm) ? TRACE_SAMPLED : 0;
	}
	c.span = draw_id(luck);
	return c;
}

static struct span *begin(struct world *w, struct tracing *t,
			  struct process *p, const char *name,
			  enum span_kind kind, const struct trace_context *self,
			  uint64_t parent, sim_time at)
{
	struct span *s = take_span(w, t);

	s->record.context = *self;
	s->record.parent = parent;
	s->record.begin = at;
	s->record.wall = machine_wall(w, p->machine) - (world_now(w) - at);
	s->record.process = p->id;
	s->record.kind = (uint16_t)kind;
	if (self->flags & TRACE_SAMPLED)
		s->record.name = world_name(w, name);
	return s;
}

static struct tracing *tracing(const struct world *w)
{
	struct tracing *t = telemetry_of(w)->tracing;

	return t && t->ppm ? t : NULL;
}

struct span *span_begin_at(struct world *w, struct process *p, const char *name,
			   enum span_kind kind,
			   const struct trace_context *parent, sim_time at)
{
	struct tracing *t = tracing(w);
	struct trace_context own;

	if (!t)
		return NULL;
	own = own_context(w, t, p, parent);
	return begin(w, t, p, name, kind, &own, parent ? parent->span : 0, at);
}

struct span *span_begin(struct world *w, struct process *p, const char *name,
			enum span_kind kind,
			const struct trace_context *parent)
{
	return span_begin_at(w, p, name, kind, parent, world_now(w));
}

struct span *span_begin_as(struct world *w, struct process *p, const char *name,
			   enum span_kind kind, const struct trace_context *self,
			   sim_time at)
{
	struct tracing *t = tracing(w);

	return t ? begin(w, t, p, name, kind, self, 0, at) : NULL;
}

static bool sampled(const struct span *s)
{
	return s && s->record.context.flags & TRACE_SAMPLED;
}

void span_attribute(struct world *w, struct span *s, const char *key,
		    const char *value)
{
	if (!sampled(s) || s->record.attributes == SPAN_ATTRIBUTES)
		return;
	s->record.at[s->record.attributes++] = (struct label){
		world_name(w, key), world_name(w, value),
	};
}

void span_drop(struct world *w, struct span *s)
{
	struct tracing *t = telemetry_of(w)->tracing;

	if (!s)
		return;
	s->next_free = t->free;
	t->free = s;
}

void span_end_at(struct world *w, struct span *s, enum span_status status,
		 sim_time end)
{
	if (sampled(s)) {
		s->record.end = end;
		s->record.status = (uint16_t)status;
		history_append(&w->history, telemetry_of(w)->tracing->spans,
			       &s->record, sizeof(s->record));
	}
	span_drop(w, s);
}

void span_end(struct world *w, struct span *s, enum span_status status)
{
	span_end_at(w, s, status, world_now(w));
}

/* -- reading them --------------------------------------------------------- */

uint64_t span_count(const struct world *w)
{
	const struct tracing *t = telemetry_of(w)->tracing;

	return t ? history_len(&w->history, t->spans) /
		   sizeof(struct span_record) : 0;
}

const struct span_record *span_at(const struct world *w, uint64_t i)
{
	return history_at(&w->history, telemetry_of(w)->tracing->spans,
			  i * sizeof(struct span_record));
}

static bool same_trace(struct trace_id a, struct trace_id b)
{
	return a.high == b.high && a.low == b.low;
}

static uint32_t collect(const struct world *w, struct trace_id id,
			const struct span_record **out)
{
	uint64_t all = span_count(w);
	uint32_t n = 0;

	for (uint64_t i = 0; i < all; i++) {
		const struct span_record *s = span_at(w, i);

		if (!same_trace(s->context.trace, id))
			continue;
		if (out)
			out[n] = s;
		n++;
	}
	return n;
}

/* By begin; at one time, in the order in which they ended, last first, since
 * who asks ends after whom it asked. */
static void sort(const struct span_record **spans, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		const struct span_record *moving = spans[i];
		uint32_t k = i;

		for (; k && spans[k - 1]->begin >= moving->begin; k--)
			spans[k] = spans[k - 1];
		spans[k] = moving;
	}
}

static bool parent_is_here(const struct span_record **spans, uint32_t n,
			   const struct span_record *s)
{
	for (uint32_t i = 0; i < n; i++)
		if (spans[i]->context.span == s->parent)
			return true;
	return false;
}

static void add_children(const struct span_record **spans, uint32_t n,
			 uint64_t parent, uint32_t depth,
			 struct trace_node *nodes, uint32_t *count)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct span_record *s = spans[i];
		bool root = !depth && !parent_is_here(spans, n, s);

		if ((depth ? s->parent != parent : !root) || *count == n)
			continue;
		nodes[(*count)++] = (struct trace_node){ s, depth };
		add_children(spans, n, s->context.span, depth + 1, nodes,
			     count);
	}
}

static void *take_heap(size_t n, size_t size)
{
	return mem_zeroed(n + 1, size);
}

uint32_t trace_tree(const struct world *w, struct trace_id id,
		    struct trace_node **nodes)
{
	uint32_t n = collect(w, id, NULL), count = 0;
	const struct span_record **spans = take_heap(n, sizeof(*spans));

	collect(w, id, spans);
	sort(spans, n);
	*nodes = take_heap(n, sizeof(**nodes));
	add_children(spans, n, 0, 0, *nodes, &count);
	free(spans);
	return count;
}
