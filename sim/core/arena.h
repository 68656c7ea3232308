/* arena.h - the one piece of memory in which a world lives
 *
 * Everything a world knows that can change lies here, so that a snapshot is a
 * copy of bytes (design D1, D2).  The mapping never moves while the world
 * lives: inside it plain pointers are fine, also across a restore.
 *
 * Blocks come from free lists of size classes, four to each power of two; the
 * caller remembers the size, so a block has no header.  Memory is zeroed when
 * it is handed out *and* when it comes back, so dead bytes never reach anyone.
 * (Padding inside structs may differ between two equal runs; the digest folds
 * what happened, never raw bytes.)
 *
 * The bookkeeping itself (how far the arena is used, the free lists) lies in
 * the arena's first bytes, so restoring a snapshot restores it too.
 *
 * Cost: arena_take and arena_free are O(1) plus the zeroing.
 */
#ifndef SIM_CORE_ARENA_H
#define SIM_CORE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_PAGE	4096u	/* bytes; the unit in which snapshots share */
#define ARENA_CLASSES	112	/* 16 B .. 8 GiB, four classes a power of 2 */

struct arena_head {
	size_t used;			/* bytes ever handed out, head included */
	size_t live;			/* bytes now in use, rounded to classes */
	void *free[ARENA_CLASSES];	/* linked through the first 8 bytes */
};

struct arena {
	unsigned char *base;		/* page aligned; arena_head lies here */
	size_t size;			/* bytes reserved; untouched cost nothing */
};

void arena_init(struct arena *a, size_t size);
void arena_release(struct arena *a);

/* A zeroed block of at least `bytes`, aligned to 16.  Never NULL: a world
 * that outgrows its arena is a bug of ours and aborts. */
void *arena_take(struct arena *a, size_t bytes);

/* Give back a block of arena_take(a, bytes): the same `bytes`. */
void arena_free(struct arena *a, void *block, size_t bytes);

/* Move a block to a bigger one; the old is dead.  `block` may be NULL. */
void *arena_grow(struct arena *a, void *block, size_t bytes, size_t bytes_new);

static inline struct arena_head *arena_head(const struct arena *a)
{
	return (struct arena_head *)a->base;
}

#define arena_new(arena, type)	((type *)arena_take(arena, sizeof(type)))

#endif
