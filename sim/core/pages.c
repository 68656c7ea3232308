/* pages.c - images of an arena that share what they have in common */
#include "sim/core/pages.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

#define PAGES_PER_SLAB	256u

void page_store_init(struct page_store *s)
{
	*s = (struct page_store){ .count = 1 };
}

void page_store_release(struct page_store *s)
{
	for (uint32_t i = 0; i < s->slab_count; i++)
		free(s->slabs[i]);
	free(s->slabs);
	free(s->refs);
	free(s->free);
	*s = (struct page_store){0};
}

size_t page_store_bytes(const struct page_store *s)
{
	return (size_t)(s->count - 1 - s->free_count) * ARENA_PAGE;
}

static unsigned char *page_at(const struct page_store *s, uint32_t id)
{
	return s->slabs[id / PAGES_PER_SLAB] +
	       (size_t)(id % PAGES_PER_SLAB) * ARENA_PAGE;
}

static uint32_t page_new(struct page_store *s)
{
	if (s->free_count)
		return s->free[--s->free_count];
	if (s->count >= s->cap) {
		s->cap = s->cap ? 2 * s->cap : 1024;
		s->refs = mem_grow(s->refs, s->cap * sizeof(*s->refs));
		s->free = mem_grow(s->free, s->cap * sizeof(*s->free));
	}
	if (s->count / PAGES_PER_SLAB >= s->slab_count) {
		size_t bytes = (size_t)PAGES_PER_SLAB * ARENA_PAGE;

		s->slabs = mem_grow(s->slabs,
				    (s->slab_count + 1) * sizeof(*s->slabs));
		s->slabs[s->slab_count++] = mem_take(bytes);
	}
	return s->count++;
}

static uint32_t pages_used(const struct arena *a)
{
	size_t used = arena_head(a)->used;

	return (uint32_t)((used + ARENA_PAGE - 1) / ARENA_PAGE);
}

void image_take(struct image *image, struct page_store *s,
		const struct arena *a, const struct image *last)
{
	uint32_t count = pages_used(a);

	image->count = count;
	image->pages = mem_take(count * sizeof(*image->pages));
	for (uint32_t i = 0; i < count; i++) {
		const unsigned char *now = a->base + (size_t)i * ARENA_PAGE;
		uint32_t id = i < last->count ? last->pages[i] : 0;

		if (id && memcmp(page_at(s, id), now, ARENA_PAGE) == 0) {
			s->refs[id]++;
		} else {
			id = page_new(s);
			s->refs[id] = 1;
			memcpy(page_at(s, id), now, ARENA_PAGE);
		}
		image->pages[i] = id;
	}
}

void image_restore(const struct image *image, const struct page_store *s,
		   struct arena *a)
{
	for (uint32_t i = 0; i < image->count; i++)
		memcpy(a->base + (size_t)i * ARENA_PAGE,
		       page_at(s, image->pages[i]), ARENA_PAGE);
}

void image_copy(struct image *to, const struct image *from,
		struct page_store *s)
{
	to->count = from->count;
	to->pages = mem_take(from->count * sizeof(*to->pages));
	for (uint32_t i = 0; i < from->count; i++) {
		to->pages[i] = from->pages[i];
		s->refs[to->pages[i]]++;
	}
}

void image_release(struct image *image, struct page_store *s)
{
	for (uint32_t i = 0; i < image->count; i++) {
		uint32_t id = image->pages[i];

		assert(s->refs[id] > 0);
		if (--s->refs[id] == 0)
			s->free[s->free_count++] = id;
	}
	free(image->pages);
	*image = (struct image){0};
}
