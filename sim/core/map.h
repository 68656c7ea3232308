/* map.h - look something up by a number; walk in order of insertion
 *
 * Keys are 64-bit numbers (ids, or hashes of text that the caller compares).
 * Walking never follows the hash, so no behaviour can depend on it:
 *
 *	for (uint32_t i = 0; i < map.count; i++)
 *		if (map.entries[i].value) ...
 *
 * A removed entry leaves a hole (value NULL) until the next growth closes it;
 * the others keep their order.  A key that is put again after it was removed
 * goes to the end; one that is there keeps its place and gets the new value.
 * Only a new key can move the entries.  Values are borrowed and never NULL.
 */
#ifndef SIM_CORE_MAP_H
#define SIM_CORE_MAP_H

#include <stdint.h>

#include "sim/core/arena.h"

struct map_entry {
	uint64_t key;
	void *value;		/* NULL: removed */
};

struct map {
	struct map_entry *entries;	/* in order of insertion */
	uint32_t *slots;		/* entry index + 1, 0 if empty */
	uint32_t count, cap;		/* entries, holes included; room */
	uint32_t live;			/* entries, holes left out */
	uint32_t slot_count;		/* a power of two */
};

void map_put(struct map *m, struct arena *arena, uint64_t key, void *value);
void *map_get(const struct map *m, uint64_t key);	/* NULL: not there */
void *map_remove(struct map *m, uint64_t key);		/* what was there */
void map_free(struct map *m, struct arena *arena);

#endif
