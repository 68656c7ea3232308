/* map.c - look something up by a number; walk in order of insertion */
#include "sim/core/map.h"

#include <assert.h>

#include "sim/core/luck.h"

static uint32_t slot_of(const struct map *m, uint64_t key)
{
	uint32_t i = (uint32_t)luck_mix(key) & (m->slot_count - 1);

	while (m->slots[i] && m->entries[m->slots[i] - 1].key != key)
		i = (i + 1) & (m->slot_count - 1);
	return i;
}

/* Close the holes and make room for as many again. */
static void rebuild(struct map *m, struct arena *arena)
{
	struct map old = *m;
	uint32_t cap = old.live < 6 ? 12 : 2 * old.live;

	*m = (struct map){ .cap = cap, .slot_count = 16 };
	while (m->slot_count < 2 * cap)
		m->slot_count *= 2;
	m->entries = arena_take(arena, cap * sizeof(*m->entries));
	m->slots = arena_take(arena, m->slot_count * sizeof(*m->slots));
	for (uint32_t i = 0; i < old.count; i++) {
		if (!old.entries[i].value)
			continue;
		m->entries[m->count++] = old.entries[i];
		m->slots[slot_of(m, old.entries[i].key)] = m->count;
	}
	m->live = m->count;
	map_free(&old, arena);
}

void map_put(struct map *m, struct arena *arena, uint64_t key, void *value)
{
	uint32_t slot = m->slot_count ? slot_of(m, key) : 0;

	assert(value);
	if (m->slot_count && m->slots[slot] &&
	    m->entries[m->slots[slot] - 1].value) {
		m->entries[m->slots[slot] - 1].value = value;
		return;
	}
	if (m->count == m->cap) {
		rebuild(m, arena);
		slot = slot_of(m, key);
	}
	m->entries[m->count++] = (struct map_entry){ key, value };
	m->slots[slot] = m->count;
	m->live++;
}

void *map_get(const struct map *m, uint64_t key)
{
	uint32_t slot;

	if (!m->live)
		return NULL;
	slot = slot_of(m, key);
	return m->slots[slot] ? m->entries[m->slots[slot] - 1].value : NULL;
}

void *map_remove(struct map *m, uint64_t key)
{
	struct map_entry *e;
	uint32_t slot;
	void *value;

	if (!m->live)
		return NULL;
	slot = slot_of(m, key);
	if (!m->slots[slot])
		return NULL;
	e = &m->entries[m->slots[slot] - 1];
	value = e->value;
	if (value)
		m->live--;
	e->value = NULL;
	return value;
}

void map_free(struct map *m, struct arena *arena)
{
	arena_free(arena, m->entries, m->cap * sizeof(*m->entries));
	arena_free(arena, m->slots, m->slot_count * sizeof(*m->slots));
	*m = (struct map){0};
}
