/* pages.h - images of an arena that share what they have in common
 *
 * A snapshot is a list of pages.  A page that still equals the image taken of
 * it last time is not copied but counted once more, so that a hundred
 * snapshots of a quiet world cost little more than one.  Which pages changed
 * is found by comparing them: no signals, no kernel features, no barrier that
 * somebody could forget (simulation.md 3: the method measured best for small
 * hot state).  Prior art: binjgb, RetroArch, rr.
 */
#ifndef SIM_CORE_PAGES_H
#define SIM_CORE_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/arena.h"

/* Many pages, each counted.  Ids are indexes; id 0 is never used. */
struct page_store {
	unsigned char **slabs;		/* PAGES_PER_SLAB pages each */
	uint32_t *refs;			/* by page id */
	uint32_t *free;			/* ids that can be used again */
	uint32_t free_count;
	uint32_t count, cap;		/* ids ever made; room in refs, free */
	uint32_t slab_count;
};

/* What the arena looked like at one moment. */
struct image {
	uint32_t *pages;		/* page ids, from the arena's base up */
	uint32_t count;
};

void page_store_init(struct page_store *s);
void page_store_release(struct page_store *s);
size_t page_store_bytes(const struct page_store *s);	/* in use by images */

/*
 * Take an image of the arena.  Pages equal to those of `last` (the image taken
 * or restored most recently; may be empty) are shared with it.
 */
void image_take(struct image *image, struct page_store *s,
		const struct arena *a, const struct image *last);

/* Lay the image over the arena. */
void image_restore(const struct image *image, const struct page_store *s,
		   struct arena *a);

/* A second owner of the same pages. */
void image_copy(struct image *to, const struct image *from,
		struct page_store *s);
void image_release(struct image *image, struct page_store *s);

#endif
