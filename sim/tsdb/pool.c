/* pool.c - heap memory that is given back all at once */
#include "sim/tsdb/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

#define BLOCK_BYTES	((size_t)64 << 10)

struct pool_block {
	struct pool_block *next;
	size_t used, size;		/* of the bytes */
	alignas(16) unsigned char bytes[];
};

static struct pool_block *block_new(struct pool *p, size_t size)
{
	struct pool_block *b = mem_take(sizeof(*b) + size);

	b->next = p->blocks;
	b->used = 0;
	b->size = size;
	p->blocks = b;
	return b;
}

void *pool_take(struct pool *p, size_t bytes)
{
	struct pool_block *b = p->blocks;
	size_t rounded = (bytes + 15) / 16 * 16;
	void *at;

	if (!b || b->size - b->used < rounded)
		b = block_new(p, rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES);
	at = b->bytes + b->used;
	b->used += rounded;
	p->bytes += rounded;
	return memset(at, 0, rounded);
}

void *pool_grow(struct pool *p, const void *old, size_t bytes, size_t bytes_new)
{
	void *bigger = pool_take(p, bytes_new);

	if (bytes)
		memcpy(bigger, old, bytes);
	return bigger;
}

char *pool_bytes(struct pool *p, const char *s, size_t len)
{
	char *copy = pool_take(p, len + 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

void pool_reset(struct pool *p)
{
	struct pool_block *keep = p->blocks;

	while (keep && keep->next) {
		struct pool_block *next = keep->next;

		free(keep);
		keep = next;
	}
	if (keep)
		keep->used = 0;
	p->blocks = keep;
	p->bytes = 0;
}

void pool_release(struct pool *p)
{
	pool_reset(p);
	free(p->blocks);
	*p = (struct pool){0};
}
