/* compare.h - two branches side by side: the model of the compare view
 *
 * Both are played again in worlds of their own, with a mark for every event,
 * so that the first one at which they part is known exactly.
 */
#ifndef LAB_PLAY_COMPARE_H
#define LAB_PLAY_COMPARE_H

#include "lab/play/chart.h"
#include "sim/core/err.h"

struct play;

enum { COMPARE_METRICS = 6 };

struct compare_metric {
	const char *name, *expr, *unit;
	struct chart a, b;	/* same range and step; summed to one series */
};

/* A line that only one of them has, or that both have at other times. */
struct compare_line {
	sim_time at;
	int side;		/* 0: a, 1: b */
	char *text;
};

struct compare {
	char a[64], b[64];	/* names of the branches */
	sim_time from, to;	/* what the charts cover */
	sim_time a_ends, b_ends;
	struct compare_metric metrics[COMPARE_METRICS];
	size_t metric_count;	/* those with data on either side */
	struct compare_line *lines;	/* in order of time */
	size_t line_count;
	bool part;		/* do they differ at all? */
	sim_time parted_at;	/* the first event that is not the same */
	uint64_t parted_events;	/* how many ran before it */
	char parted_a[64], parted_b[64];	/* what came there, on each side */
};

bool play_compare(struct play *p, const char *a, const char *b,
		  struct compare *out, struct err *err);
void compare_release(struct compare *c);
void compare_text(const struct compare *c, struct text *out);

#endif
