/* trace_context.h - which request this work belongs to, as messages say it
 *
 * W3C Trace Context (Recommendation, 2021-11-23): one 128-bit number for the
 * whole trace, the 64-bit number of the span that asks, and flags, carried as
 * the HTTP field or record header `traceparent`:
 *
 *	00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *	│  trace id                         parent id        └ flags: 01 sampled
 *	└ version
 *
 * It stands here rather than in sim/telemetry because messages carry it; what
 * makes and keeps spans is sim/telemetry/span.h.
 *
 * Simplified: no `tracestate`; there is one vendor.
 */
#ifndef SIM_HOST_TRACE_CONTEXT_H
#define SIM_HOST_TRACE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

struct trace_id {
	uint64_t high, low;		/* both 0: none */
};

struct trace_context {
	struct trace_id trace;
	uint64_t span;			/* parent id of whoever receives it; 0: none */
	uint64_t flags;			/* TRACE_...; 64 bits: no padding */
};

enum {
	TRACE_SAMPLED = 1,
	TRACE_RANDOM = 2,		/* Level 2 (draft): passed on as it came */
};

#define TRACEPARENT		"traceparent"	/* field and record header */
#define TRACEPARENT_LEN		55

static inline bool trace_context_given(const struct trace_context *c)
{
	return (c->trace.high || c->trace.low) && c->span;
}

/* Write TRACEPARENT_LEN characters and a NUL, version 00. */
void trace_context_write(const struct trace_context *c,
			 char text[TRACEPARENT_LEN + 1]);

/*
 * Read a field as section 3.2 of the Recommendation wants it: lowercase
 * hexadecimal, no zero ids, version ff never, version 00 exactly so long; a
 * later version by its first four parts, should a fifth follow after a dash.
 * False, *c alone: the field is to be ignored.
 */
bool trace_context_parse(const char *text, struct trace_context *c);

#endif
