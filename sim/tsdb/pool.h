/* pool.h - heap memory that is given back all at once
 *
 * A query makes thousands of small things that all die together.  They are
 * cut from big blocks here and never freed one by one.  Nothing of the world
 * points into a pool: a query looks at the world and leaves no trace in it.
 */
#ifndef SIM_TSDB_POOL_H
#define SIM_TSDB_POOL_H

#include <stddef.h>

struct pool_block;

struct pool {			/* all zero is an empty one */
	struct pool_block *blocks;	/* the newest first */
	size_t bytes;			/* handed out since the last reset */
};

/* Zeroed, aligned to 16, good until the pool is reset or released. */
void *pool_take(struct pool *p, size_t bytes);
/* A bigger copy; the old stays where it is. */
void *pool_grow(struct pool *p, const void *old, size_t bytes,
		size_t bytes_new);
char *pool_bytes(struct pool *p, const char *s, size_t len);	/* NUL added */

void pool_reset(struct pool *p);	/* everything void, one block kept */
void pool_release(struct pool *p);

#define pool_new(p, type)	((type *)pool_take((p), sizeof(type)))
#define pool_array(p, type, n)	((type *)pool_take((p), (n) * sizeof(type)))

#endif
