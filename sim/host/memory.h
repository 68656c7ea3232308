/* memory.h - who holds the memory of a machine, who dies when it is short
 *
 * A process says what it holds (memory_set); the kernel holds some; the page
 * cache (cache.h) has what is left, and gives it back without being asked.
 * What nobody can give back runs out in two ways:
 *
 *  - a process holds more than its limit (cgroup v2 memory.max): it is killed;
 *  - processes together hold more than the machine has: the kernel kills the
 *    one with the most points (mm/oom_kill.c, oom_badness): its resident pages,
 *    plus oom_score_adj thousandths of the machine's.  -1000: never this one.
 *
 * A killed process exits with 137 (128 + SIGKILL), and the machine's kernel log
 * says so; the process itself has no time to say anything.
 *
 * Simplified: no swap; the page cache is charged to nobody's limit; each
 * process is its own cgroup.
 */
#ifndef SIM_HOST_MEMORY_H
#define SIM_HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/history.h"
#include "sim/core/simtime.h"

struct machine;
struct process;
struct text;
struct world;

#define MEMORY_KERNEL_BYTES	INT64_C(300000000)	/* kernel and system [E] */
#define MEMORY_PAGE		4096
#define OOM_SCORE_ADJ_MIN	(-1000)
#define OOM_SCORE_ADJ_MAX	1000

/* A machine's. */
struct memory {
	int64_t used_bytes;		/* by all its processes */
	int64_t oom_kills;		/* since the run began */
	stream_id log;			/* the kernel's lines; 0: none yet */
	bool kill_planned;
};

/* A process's.  What it holds is process.memory_bytes = own + leaked. */
struct footprint {
	int64_t own_bytes;		/* as it said itself */
	int64_t leaked_bytes;		/* lost to a leak since it started */
	int64_t limit_bytes;		/* memory.max; 0: none */
	int64_t leak_per_s;		/* bytes; 0: it does not leak */
	int32_t oom_score_adj;
	bool leak_planned, kill_planned;
	bool oom_killed;		/* that was its last end, with code 137 */
};

/* The process holds so much from now on, beside what it leaked. */
void memory_set(struct world *w, struct process *p, int64_t bytes);
/* It is gone, and all it held. */
void memory_clear(struct process *p);
void memory_limit(struct world *w, struct process *p, int64_t bytes);
/* It loses so much each second, from now on; after a restart from nothing.
 * 0: the leak is mended, what was lost stays lost until the process ends. */
void memory_leak(struct world *w, struct process *p, int64_t bytes_per_s);

/* What neither processes nor the kernel hold: free, or cache.  Negative: more
 * is asked for than is there. */
int64_t memory_free_bytes(const struct machine *m);

/* The kernel's opinion of a process, in pages; INT64_MIN: not to be killed. */
int64_t oom_badness(const struct process *p);
/* Whom it would kill on this machine; NULL: nobody. */
struct process *oom_victim(const struct world *w, const struct machine *m);

/* -- the kernel's log (dmesg) ---------------------------------------------- */

#define KERNEL_LINE_MAX	248

struct kernel_line {
	sim_time at;
	char text[KERNEL_LINE_MAX];
};

/* All lines so far, oldest first: 0 .. kernel_log_count - 1. */
uint64_t kernel_log_count(const struct world *w, const struct machine *m);
const struct kernel_line *kernel_log_at(const struct world *w,
					const struct machine *m, uint64_t i);
/* As dmesg prints it: "[   12.345678] Out of memory: ..." */
void kernel_line_text(const struct kernel_line *line, struct text *t);

#endif
