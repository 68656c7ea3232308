/* vec.h - a row of things in the arena that can grow
 *
 * VEC(struct broker *) brokers;   declares one; all zero is an empty one.
 * Elements are moved when the row grows: keep indexes, not pointers into it.
 */
#ifndef SIM_CORE_VEC_H
#define SIM_CORE_VEC_H

#include <stdint.h>
#include <string.h>

#include "sim/core/arena.h"

#define VEC(type)	struct { type *at; uint32_t count, cap; }

/* Make room for one more at the end, zeroed; the value is a pointer to it. */
#define vec_add(arena, v)						\
	((v)->at = vec_room((arena), (v)->at, (v)->count, &(v)->cap,	\
			    sizeof(*(v)->at)),				\
	 &(v)->at[(v)->count++])

/* Take element i out; the rest keep their order. */
#define vec_remove(v, i)						\
	(memmove(&(v)->at[i], &(v)->at[(i) + 1],			\
		 ((v)->count - (i) - 1) * sizeof(*(v)->at)),		\
	 (v)->count--,							\
	 memset(&(v)->at[(v)->count], 0, sizeof(*(v)->at)))

/* Empty it and give the memory back. */
#define vec_free(arena, v)						\
	(arena_free((arena), (v)->at, (v)->cap * sizeof(*(v)->at)),	\
	 (v)->at = NULL, (v)->count = (v)->cap = 0)

static inline void *vec_room(struct arena *arena, void *at, uint32_t count,
			     uint32_t *cap, size_t size)
{
	uint32_t bigger = *cap ? 2 * *cap : 4;

	if (count < *cap)
		return at;
	at = arena_grow(arena, at, *cap * size, bigger * size);
	*cap = bigger;
	return at;
}

#endif
