/* client_trace.h - what a tracing agent in a client does
 *
 * As OpenTelemetry's agent for Java instruments the Kafka clients: send()
 * begins a span of kind PRODUCER, "<topic> publish", whose context goes into
 * the record's header `traceparent`; it ends when the record's fate is known.
 * Whoever works on a record ends a span of kind CONSUMER, "<topic> process",
 * whose parent is the publishing one.  So a trace crosses the broker, which
 * knows nothing of it.
 *
 *	gateway     ├─ readings publish ─┤
 *	dashboard                            ├─ readings process ─┤
 *
 * Records that are computed carry a computed context (record_trace), so theirs
 * are spans without anybody having kept one.  All this costs one comparison
 * while the trace ratio is 0 (span.h).
 *
 * Simplified: a computed record is no longer for its header.
 */
#ifndef SIM_BROKER_CLIENT_TRACE_H
#define SIM_BROKER_CLIENT_TRACE_H

#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"

/* send() of an explicit record: its span, and the header behind `headers`.
 * NULL, nothing added: nobody traces. */
struct span *trace_publish(struct world *w, struct producer *p, name_id topic,
			   const struct trace_context *parent,
			   struct text *headers);
/* The fate of a batch is known. */
void trace_settled(struct world *w, struct producer *p, uint32_t partition,
		   struct producer_batch *b, bool stored);
/* The process is gone with it. */
void trace_dropped(struct world *w, struct producer_batch *b);

/*
 * `pieces` have been worked on one record after the other, from `begin` until
 * now.  Simplified: for equally long each.
 */
void trace_processed(struct world *w, struct process *p, const char *group,
		     const struct polled *pieces, uint32_t n, sim_time begin);
/* Who works on one record at a time, and sends others meanwhile: the span of
 * the first of the piece, from now on, to be ended by the caller.  NULL: it is
 * not traced. */
struct span *trace_process(struct world *w, struct process *p,
			   const char *group, const struct polled *piece);

#endif
