/* heap.h - the young generation of a process, and the pauses to empty it
 *
 * A program with a collector takes its objects from eden, one after the other.
 * When eden is full everything stops; what somebody still needs is copied away
 * and the rest is given up at once:
 *
 *	eden  [ dead dead LIVE dead dead LIVE LIVE ]  full: the process pauses
 *	                  └─────── copied ──┴────┘    then eden is empty again
 *
 * So how often it pauses follows from what it allocates, and how long from what
 * lives: a fixed part (stop the threads, look at their stacks and at the cards
 * of the old generation), and the bytes copied.  That work makes garbage is why
 * a busy process pauses often and an idle one never.
 *
 * Off unless heap_set says so (process.heap).  The pause is that of
 * process_pause: nothing of the process runs, messages wait.
 *
 * Simplified: no old generation, so no cycles of its collector and no full
 * collections; what survives is copied once.
 */
#ifndef SIM_HOST_HEAP_H
#define SIM_HOST_HEAP_H

#include "sim/core/world.h"

struct process;

struct heap_spec {
	int64_t eden_bytes;
	sim_time pause;			/* with nothing to copy */
	int64_t copied_per_s;		/* bytes */
};

struct heap {
	struct heap_spec spec;
	int64_t used_bytes;		/* of eden */
	int64_t live_bytes;		/* objects that are needed: heap_live */
	bool due;			/* eden is full, the pause is planned */
	uint64_t collections;		/* since the process was made */
	sim_time paused;
	int64_t copied_bytes;
};

/*
 * HotSpot's ParNew in a heap of so many MiB (-Xmx, -Xms): a third of it is the
 * young generation (NewRatio 2), eight tenths of that eden (SurvivorRatio 8);
 * logs say 69,952 KiB of 256 MiB and 279,616 KiB of 1 GiB.
 */
void heap_spec_parnew(struct heap_spec *spec, int64_t heap_mib);

void heap_set(struct world *w, struct process *p,
	      const struct heap_spec *spec);
void heap_clear(struct process *p);	/* a new incarnation begins */

/* So many bytes of objects are made; no more of the young ones are needed than
 * heap_live said last.  Both do nothing for a process without a heap. */
void heap_allocate(struct world *w, struct process *p, int64_t bytes);
void heap_live(struct process *p, int64_t bytes);

/*
 * What a message costs whoever sends or receives it [E]: a hundred objects of
 * some 40 bytes, that is the request or answer parsed, its maps, its names.  Who
 * receives also makes room for its bytes.
 */
#define HEAP_MESSAGE_BYTES	4096

/* Event HOST_COLLECT: eden is full. */
void heap_collect(struct world *w, void *who, uint16_t arg);

#endif
