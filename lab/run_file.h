/* run_file.h - a saved run: seed, world, journal, and marks to check it by
 *
 * A run is never saved as state: the file says which world it was and what was
 * done to it, and the run is made again from that (design D2).  The marks are
 * digests, one a virtual second; with them a difference is found to the
 * second, with a trace (a digest an event) to the event.
 *
 * JSON lines, one document a line:
 *
 *	{"schema_version":1,"kind":"millrace-run","world":"local-kafka",
 *	 "seed":7,"params":"","until_ns":60000000000,"events":81234,
 *	 "digest":"0123456789abcdef","entries":2,"marks":60,"traced":0}
 *	{"at":1000000000,"events":312,"line":"fault ..."}	a command
 *	{"mark":2000000000,"events":402,"digest":"..."}		a mark
 *	{"trace":0,"digests":"89abcdef01234567..."}		256 events;
 *							0: not known
 *
 * The counts of the first line tell when a file was cut off.
 */
#ifndef LAB_RUN_FILE_H
#define LAB_RUN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/text.h"
#include "sim/core/world.h"

enum {
	RUN_BYTES_MAX = 64 << 20,
	RUN_ENTRIES_MAX = 1 << 20,
	RUN_LINE_MAX = 1 << 20,		/* bytes of one command */
};

struct run {
	char *world, *params;
	uint32_t made;			/* commands that the making of the
					   world gives; not kept */
	uint64_t seed;
	sim_time until;
	uint64_t events, digest;
	struct journal journal;
	struct digest_mark *marks;
	uint32_t mark_count, mark_cap;
	uint32_t *trace;		/* after each event; NULL: not traced */
	uint64_t trace_count, trace_cap;
};

/* Makes a world by name; lua_world, or a toy in tests. */
typedef struct world *run_maker(const char *name, uint64_t seed,
				const char *params, struct err *err);

/* Start keeping a run of a world that was just made. */
void run_init(struct run *r, const struct world *w, const char *world,
	      uint64_t seed, const char *params, bool traced);
void run_release(struct run *r);

/* Run on, keeping the trace if there is one. */
void run_until(struct run *r, struct world *w, sim_time until);
/* Keep what the world now is. */
void run_take(struct run *r, const struct world *w);

void run_text(const struct run *r, struct text *out);
/* `name` is what messages call the file. */
bool run_parse(struct run *r, const char *name, const char *text, size_t len,
	       struct err *err);
bool run_read(struct run *r, const char *path, struct err *err);

/* The world of a run at time 0, with its journal ahead of it. */
struct world *run_world(const struct run *r, run_maker *make,
			struct err *err);

/*
 * Play it again and compare.  True: the run could be made; *same says whether
 * it is the same, and `say` is a sentence either way.
 */
bool run_replay(const struct run *r, run_maker *make, bool *same,
		struct text *say, struct err *err);

/* Where two runs part. */
struct run_part {
	bool same;
	sim_time at;		/* of the first step that differs */
	uint64_t events;	/* run before it */
	char what[2][128];	/* the step in each: an event or a command */
};

/* `say` gets lines for people: what differs in the files, where the runs
 * part. */
bool run_diff(const struct run *a, const struct run *b, run_maker *make,
	      struct run_part *part, struct text *say, struct err *err);

#endif
