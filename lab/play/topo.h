/* topo.h - what stands where and what flows: the model of topology views
 *
 * Zones hold machines, machines hold processes; beside that the way of the
 * data, stage by stage.  Seen as an operator sees it (through monitoring, so
 * late, and unknown where nobody scrapes) or as it truly is.  A pure read.
 */
#ifndef LAB_PLAY_TOPO_H
#define LAB_PLAY_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/text.h"

struct play;

/* screens.md 3c; glyphs are the screen's. */
enum part_state {
	PART_OK, PART_WARN, PART_DOWN, PART_START, PART_IDLE, PART_UNKNOWN,
	PART_STATE_COUNT
};
extern const char *const part_words[];	/* by state: "ok", "warn", "down" ... */

enum { TOPO_LEVEL_MAX = 8, TOPO_LEVEL_UNKNOWN = -1 };

struct topo_process {
	const char *name;
	uint32_t machine;	/* index */
	enum part_state state;
	bool stale;		/* known, but older than two scrapes */
	char word[48];		/* why it is so: "1 of 6 not in sync"; "" */
	char load[16];		/* "3.1k/s"; "" */
};

struct topo_machine {
	const char *name;
	uint32_t zone;		/* index */
	int cpu, memory, disk, net;	/* 0..8, or TOPO_LEVEL_UNKNOWN */
	bool stale;
	char worst[24];		/* "disk 98%"; "" when nothing is near full */
};

/* A stage of the way: devices, brokers, readers. */
struct topo_stage {
	const char *name;	/* "sensor", "kafka", "dashboard" */
	enum part_state state;
	uint32_t parts, parts_ok;	/* processes; devices for a fleet */
	char rate[16];		/* records a second: "1.0k/s"; "" unknown */
	char word[48];		/* "lag 148k", "in sync 17/18"; "" */
};

struct topo_edge {
	uint32_t from, to;	/* stages */
	enum part_state state;	/* OK flows, WARN falls behind, DOWN nothing */
};

struct topo {
	const char **zones;
	size_t zone_count;
	struct topo_machine *machines;
	size_t machine_count;
	struct topo_process *processes;	/* by machine */
	size_t process_count;
	struct topo_stage *stages;
	size_t stage_count;
	struct topo_edge *edges;
	size_t edge_count;
};

/* Names are lent by the world until it changes. */
void play_topo(struct play *p, bool truth, struct topo *out);
void topo_release(struct topo *t);
/* The map as text, a machine a line: `map` of plain mode. */
void topo_text(const struct topo *t, struct text *out);

#endif
