/* logs.h - what processes wrote, newest last: the model of log views */
#ifndef LAB_PLAY_LOGS_H
#define LAB_PLAY_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/simtime.h"
#include "sim/telemetry/telemetry.h"

struct play;

struct log_filter {
	const char *word;	/* in the line, or the name of a process; any
				   case; NULL: all */
	const char *process;	/* exactly this one; NULL: all */
	enum log_level level;	/* this or worse */
	sim_time to;		/* not after; 0: up to now */
};

struct log_entry {
	sim_time at;
	enum log_level level;
	const char *process;	/* lent by the world */
	char *text;		/* as the program prints it */
	uint64_t number;	/* place among all lines */
};

struct logs {
	struct log_entry *at;	/* oldest first */
	size_t count;
};

/* The last `max` lines that pass the filter. */
void play_logs(const struct play *p, const struct log_filter *f, size_t max,
	       struct logs *out);
void logs_release(struct logs *l);

#endif
