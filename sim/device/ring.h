/* ring.h - a queue in the arena: first in, first out, growing by doubling
 *
 * RING(struct waiting) queue;   declares one; all zero is an empty one.
 * Like VEC (core/vec.h), elements move when it grows.  ring_trim gives memory
 * back once a backlog is gone, so that hot state stays small.
 */
#ifndef SIM_DEVICE_RING_H
#define SIM_DEVICE_RING_H

#include <string.h>

#include "sim/core/arena.h"

#define RING(type)	struct { type *at; uint32_t head, count, cap; }

/* Element i from the front. */
#define ring_at(r, i)							\
	(&(r)->at[((r)->head + (uint32_t)(i)) & ((r)->cap - 1)])
#define ring_front(r)	(&(r)->at[(r)->head])

/* Room for one more at the back; the value is a pointer to it, to be filled. */
#define ring_push(arena, r)						\
	((r)->count < (r)->cap ? (void)0 :				\
	 (void)((r)->at = ring_resize((arena), (r)->at, &(r)->head,	\
				      (r)->count, &(r)->cap,		\
				      (r)->cap ? 2 * (r)->cap : 16,	\
				      sizeof(*(r)->at))),		\
	 &(r)->at[((r)->head + (r)->count++) & ((r)->cap - 1)])

#define ring_pop(r)							\
	((r)->head = ((r)->head + 1) & ((r)->cap - 1), (r)->count--)

#define RING_KEPT	256	/* elements: not worth giving back */

#define ring_trim(arena, r)						\
	((r)->cap <= RING_KEPT || (r)->count > (r)->cap / 8 ? (void)0 :	\
	 (void)((r)->at = ring_resize((arena), (r)->at, &(r)->head,	\
				      (r)->count, &(r)->cap,		\
				      (r)->cap / 4, sizeof(*(r)->at))))

#define ring_free(arena, r)						\
	(arena_free((arena), (r)->at, (r)->cap * sizeof(*(r)->at)),	\
	 memset((r), 0, sizeof(*(r))))

/* Unroll into a block of another size. */
static inline void *ring_resize(struct arena *arena, void *at, uint32_t *head,
				uint32_t count, uint32_t *cap, uint32_t room,
				size_t size)
{
	unsigned char *to = arena_take(arena, room * size), *from = at;

	for (uint32_t i = 0; i < count; i++)
		memcpy(to + i * size,
		       from + ((*head + i) & (*cap - 1)) * size, size);
	if (from)
		arena_free(arena, from, *cap * size);
	*head = 0;
	*cap = room;
	return to;
}

#endif
