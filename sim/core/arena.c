/* arena.c - the one piece of memory in which a world lives */
#include "sim/core/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Class k of a size: sizes up to 64 in steps of 16, then four steps to each
 * power of two.  At most a fifth of a block is waste.
 */
static unsigned class_of(size_t bytes, size_t *rounded)
{
	unsigned shift, step;

	if (bytes <= 64) {
		step = bytes ? (unsigned)((bytes + 15) / 16) : 1;
		*rounded = (size_t)step * 16;
		return step - 1;
	}
	shift = 63u - (unsigned)__builtin_clzll(bytes - 1);
	step = (unsigned)((bytes - 1) >> (shift - 2)) & 3;
	*rounded = ((size_t)4 + step + 1) << (shift - 2);
	return (shift - 6) * 4 + step + 4;
}

void arena_init(struct arena *a, size_t size)
{
	a->size = (size + ARENA_PAGE - 1) / ARENA_PAGE * ARENA_PAGE;
	a->base = aligned_alloc(ARENA_PAGE, a->size);
	if (!a->base)
		abort();
	memset(a->base, 0, ARENA_PAGE);
	arena_head(a)->used = (sizeof(struct arena_head) + 15) / 16 * 16;
}

void arena_release(struct arena *a)
{
	free(a->base);
	*a = (struct arena){0};
}

static size_t page_end(size_t used)
{
	return (used + ARENA_PAGE - 1) / ARENA_PAGE * ARENA_PAGE;
}

/*
 * What lies behind the used part is zero up to the end of its page: so the
 * last page of an image is the same for the same run.
 */
static void *fresh(struct arena *a, size_t rounded)
{
	struct arena_head *head = arena_head(a);
	unsigned char *block = a->base + head->used;
	size_t zeroed = page_end(head->used);

	head->used += rounded;
	memset(a->base + zeroed, 0, page_end(head->used) - zeroed);
	return block;
}

void *arena_take(struct arena *a, size_t bytes)
{
	struct arena_head *head = arena_head(a);
	size_t rounded;
	unsigned k = class_of(bytes, &rounded);
	void *block;

	assert(k < ARENA_CLASSES);
	head->live += rounded;
	block = head->free[k];
	if (block) {
		head->free[k] = *(void **)block;
		*(void **)block = NULL;
		return block;
	}
	if (rounded > a->size - head->used)
		abort();
	return fresh(a, rounded);
}

void arena_free(struct arena *a, void *block, size_t bytes)
{
	struct arena_head *head = arena_head(a);
	size_t rounded;
	unsigned k = class_of(bytes, &rounded);

	if (!block)
		return;
	memset(block, 0, rounded);
	*(void **)block = head->free[k];
	head->free[k] = block;
	head->live -= rounded;
}

void *arena_grow(struct arena *a, void *block, size_t bytes, size_t bytes_new)
{
	size_t rounded, rounded_new;
	void *bigger;

	assert(bytes_new >= bytes);
	class_of(bytes, &rounded);
	class_of(bytes_new, &rounded_new);
	if (block && rounded == rounded_new)
		return block;
	bigger = arena_take(a, bytes_new);
	if (block) {
		memcpy(bigger, block, bytes);
		arena_free(a, block, bytes);
	}
	return bigger;
}
