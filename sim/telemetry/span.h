/* span.h - what was done for one request, by whom, and how long it took
 *
 * A span is a named stretch of work of one process.  Its parent is the span
 * that asked for it, perhaps in another process: the request carries the
 * parent's context (trace_context.h).  So the spans of a trace make a tree.
 *
 *	checkout   ├──────────────── POST /orders ───────────────┤  SERVER
 *	checkout      ├──────── GET /stock ────────┤                CLIENT
 *	stock             ├──── GET /stock ────┤                    SERVER
 *
 *	struct span *s = span_begin(w, p, "GET /stock", SPAN_SERVER, &r->trace);
 *	span_attribute(w, s, "http.response.status_code", "200");
 *	span_end(w, s, SPAN_UNSET);
 *
 * Which traces are kept is decided once, at the root, as OpenTelemetry's
 * sampler ParentBased(TraceIdRatioBased(ratio)) does: by the trace id, so
 * that every process of equal ratio agrees, and a lower ratio keeps a part of
 * what a higher one keeps.  Everyone below follows the flag in the context.
 *
 * The ratio is 0 unless the command `trace-ratio` (parts in a million) says
 * otherwise: then span_begin is one comparison and NULL, every function here
 * takes NULL, requests carry nothing, and no luck is drawn.
 *
 * Simplified: spans reach the reader at once and are never lost; real ones
 * pass an exporter's queue and a collector (which drops when full: fault F109).
 * A span costs no CPU [E: a few microseconds].
 */
#ifndef SIM_TELEMETRY_SPAN_H
#define SIM_TELEMETRY_SPAN_H

#include "sim/host/trace_context.h"
#include "sim/telemetry/telemetry.h"

/* SpanKind and StatusCode of the OpenTelemetry specification, Trace API. */
enum span_kind {
	SPAN_INTERNAL, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER,
};
enum span_status { SPAN_UNSET, SPAN_OK, SPAN_ERROR };

#define SPAN_ATTRIBUTES	4
#define TRACE_RATIO_ALL	1000000u	/* parts in a million */

/* One that is over, as it stands in the history; no padding. */
struct span_record {
	struct trace_context context;	/* its own: .span is this span's id */
	uint64_t parent;		/* 0: the root */
	sim_time begin, end;		/* in truth */
	sim_time wall;			/* begin by the machine's clock: what the
					   span says.  A clock that is off puts
					   a child outside its parent */
	uint32_t process;		/* id */
	name_id name;
	uint16_t kind, status, attributes, zero;
	struct label at[SPAN_ATTRIBUTES];
};

struct span {
	struct span_record record;
	struct span *next_free;
};

/* -- making them ---------------------------------------------------------- */

/* Begin one; `parent` NULL or empty: a new trace.  NULL: nobody traces. */
struct span *span_begin(struct world *w, struct process *p, const char *name,
			enum span_kind kind,
			const struct trace_context *parent);
/* The same for work that began at `begin`, not after now. */
struct span *span_begin_at(struct world *w, struct process *p, const char *name,
			   enum span_kind kind,
			   const struct trace_context *parent, sim_time begin);
/* A root whose ids are known: `self` is its own context. */
struct span *span_begin_as(struct world *w, struct process *p, const char *name,
			   enum span_kind kind, const struct trace_context *self,
			   sim_time begin);
/* Further attributes than SPAN_ATTRIBUTES are dropped, as OpenTelemetry drops
 * those beyond its limit (128).  Values become names of the world for good:
 * no free text. */
void span_attribute(struct world *w, struct span *s, const char *key,
		    const char *value);
/* Over: kept if its trace is sampled.  The pointer is dead. */
void span_end(struct world *w, struct span *s, enum span_status status);
/* It was over at `end`, not after now. */
void span_end_at(struct world *w, struct span *s, enum span_status status,
		 sim_time end);
/* The process died with it: nobody will ever see it. */
void span_drop(struct world *w, struct span *s);

/* What to put into a request that this span makes; empty for NULL. */
static inline struct trace_context span_context(const struct span *s)
{
	return s ? s->record.context : (struct trace_context){0};
}

void trace_ratio_set(struct world *w, uint32_t ppm);
uint32_t trace_ratio(const struct world *w);
/* Does a root with this id get sampled?  A pure function. */
bool trace_id_sampled(struct trace_id id, uint32_t ppm);

/* -- reading them --------------------------------------------------------- */

/* All kept so far, in the order in which they ended. */
uint64_t span_count(const struct world *w);
const struct span_record *span_at(const struct world *w, uint64_t i);

/* A place in the tree of a trace. */
struct trace_node {
	const struct span_record *span;	/* lent */
	uint32_t depth;			/* 0: a root, or its parent is not here */
};

/* The spans of a trace, each before its children, children by their begin.
 * Caller frees *nodes.  The value is how many. */
uint32_t trace_tree(const struct world *w, struct trace_id id,
		    struct trace_node **nodes);

#endif
