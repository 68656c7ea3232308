/* telemetry_inside.h - what the files of this folder share of their state */
#ifndef SIM_TELEMETRY_TELEMETRY_INSIDE_H
#define SIM_TELEMETRY_TELEMETRY_INSIDE_H

#include "sim/telemetry/telemetry.h"

struct tracing;

struct telemetry {
	VEC(struct registry *) registries;	/* by process id */
	struct map label_sets;			/* hash -> struct labels */
	stream_id log;				/* struct log_line */
	stream_id texts;			/* what the lines say */
	struct tracing *tracing;		/* span.c; NULL until sampled */
};

static inline struct telemetry *telemetry_of(const struct world *w)
{
	return w->state->parts[MODULE_TELEMETRY];
}

/* The command `trace-ratio`: span.c. */
bool trace_ratio_command(struct world *w, const char *args, int64_t *result,
			 struct err *err);

#endif
