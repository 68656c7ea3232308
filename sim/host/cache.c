/* cache.c - the page cache of a machine: what its files keep in memory */
#include "sim/host/cache.h"

#include <assert.h>

#include "sim/host/host.h"

#define BLOCKS_PER_MACHINE	2048
#define BLOCK_BYTES_MIN		(1u << 20)
#define EXTENTS_AT_FIRST	256	/* so that quiet worlds do not grow */

static uint32_t block_bytes_for(int64_t memory)
{
	uint32_t bytes = BLOCK_BYTES_MIN;

	while ((int64_t)bytes * BLOCKS_PER_MACHINE < memory &&
	       bytes < 1u << 30)
		bytes *= 2;
	return bytes;
}

void cache_init(struct world *w, struct machine *m)
{
	struct cache *c = &m->cache;

	c->block_bytes = block_bytes_for(m->memory_bytes);
	c->extents.cap = EXTENTS_AT_FIRST;
	c->extents.at = arena_take(&w->arena, EXTENTS_AT_FIRST *
					      sizeof(*c->extents.at));
}

int64_t cache_capacity(const struct machine *m)
{
	int64_t left = memory_free_bytes(m);

	return left > 0 ? left : 0;
}

/* -- the order of use ------------------------------------------------------ */

static struct extent *extent(const struct cache *c, uint32_t link)
{
	return &c->extents.at[link - 1];
}

static void unlink_extent(struct cache *c, uint32_t link)
{
	struct extent *e = extent(c, link);

	if (e->newer)
		extent(c, e->newer)->older = e->older;
	else
		c->newest = e->older;
	if (e->older)
		extent(c, e->older)->newer = e->newer;
	else
		c->oldest = e->newer;
}

static void link_newest(struct cache *c, uint32_t link)
{
	struct extent *e = extent(c, link);

	e->newer = 0;
	e->older = c->newest;
	if (c->newest)
		extent(c, c->newest)->newer = link;
	else
		c->oldest = link;
	c->newest = link;
}

static void use(struct cache *c, uint32_t link)
{
	if (c->newest == link)
		return;
	unlink_extent(c, link);
	link_newest(c, link);
}

/* -- extents of a file ----------------------------------------------------- */

/* Where the file keeps the link of a block; NULL: it never had one. */
static uint32_t *place_of(struct file *f, int64_t block)
{
	int64_t i = block - f->first_block;

	return i >= 0 && i < f->blocks.count ? &f->blocks.at[i] : NULL;
}

static uint32_t *make_place(struct world *w, struct file *f, int64_t block)
{
	assert(block >= f->first_block);
	while (f->blocks.count <= block - f->first_block)
		*vec_add(&w->arena, &f->blocks) = 0;
	return &f->blocks.at[block - f->first_block];
}

static void let_go(struct cache *c, uint32_t link)
{
	struct extent *e = extent(c, link);
	uint32_t *place = place_of(e->file, e->block);

	assert(place && *place == link);
	*place = 0;
	unlink_extent(c, link);
	c->bytes -= e->end - e->first;
	*e = (struct extent){ .older = c->free };
	c->free = link;
}

static uint32_t take(struct world *w, struct cache *c, struct file *f,
		     int64_t block)
{
	uint32_t link = c->free;

	if (link) {
		c->free = extent(c, link)->older;
	} else {
		vec_add(&w->arena, &c->extents);
		link = c->extents.count;
	}
	*extent(c, link) = (struct extent){
		.file = f, .block = (uint32_t)block,
	};
	link_newest(c, link);
	*make_place(w, f, block) = link;
	return link;
}

static bool is_dirty(const struct extent *e)
{
	return e->dirty_to > e->file->disk->clean;
}

/* Make room for so many bytes; `keep` stays.  What is dirty cannot go before
 * it has been written back. */
static void make_room(struct machine *m, int64_t bytes, uint32_t keep)
{
	struct cache *c = &m->cache;
	int64_t capacity = cache_capacity(m);
	uint32_t link = c->oldest;

	while (link && c->bytes + bytes > capacity) {
		struct extent *e = extent(c, link);
		uint32_t newer = e->newer;

		if (link != keep && !is_dirty(e)) {
			c->evicted_bytes += e->end - e->first;
			let_go(c, link);
		}
		link = newer;
	}
}

void cache_shrink(struct machine *m)
{
	make_room(m, 0, 0);
}

void cache_drop(struct machine *m)
{
	struct cache *c = &m->cache;

	while (c->oldest)
		let_go(c, c->oldest);
}

/* -- using it -------------------------------------------------------------- */

/* [first, end) of a block is in memory now.  What is there already and this
 * together are one stretch: a gap between them was read along. */
static struct extent *hold(struct world *w, struct file *f, int64_t block,
			   uint32_t first, uint32_t end)
{
	struct machine *m = f->disk->machine;
	struct cache *c = &m->cache;
	uint32_t *place = place_of(f, block);
	uint32_t link = place && *place ? *place : take(w, c, f, block);
	struct extent *e = extent(c, link);
	uint32_t had = e->end - e->first;

	if (!had)
		e->first = first;
	if (first > e->first)
		first = e->first;
	if (end < e->end)
		end = e->end;
	use(c, link);
	make_room(m, end - first - had, link);
	e->first = first;
	e->end = end;
	c->bytes += end - first - had;
	return e;
}

void cache_write(struct world *w, struct file *f, int64_t at, int64_t bytes)
{
	int64_t size = f->disk->machine->cache.block_bytes;
	int64_t number = f->disk->appended;

	while (bytes > 0) {
		int64_t first = at & (size - 1);
		int64_t part = size - first < bytes ? size - first : bytes;

		number += part;
		hold(w, f, at / size, (uint32_t)first,
		     (uint32_t)(first + part))->dirty_to = number;
		at += part;
		bytes -= part;
	}
}

bool cache_missing(struct world *w, struct file *f, int64_t at, int64_t bytes,
		   int64_t *miss_at, int64_t *miss_bytes, bool *corrupt)
{
	struct cache *c = &f->disk->machine->cache;
	uint32_t *place = place_of(f, at / c->block_bytes);
	int64_t base = at & ~((int64_t)c->block_bytes - 1);
	const struct extent *e;
	int64_t end = at + bytes;

	(void)w;
	*miss_at = at;
	*miss_bytes = bytes;
	if (!place || !*place)
		return true;
	e = extent(c, *place);
	use(c, *place);
	*corrupt |= e->corrupt;
	if (at >= base + e->first && end <= base + e->end)
		return false;
	if (at < base + e->first)	/* before it, up to it */
		end = end > base + e->end ? end : base + e->first;
	else				/* behind it, from its end on */
		at = base + e->end;
	*miss_at = at;
	*miss_bytes = end - at;
	return true;
}

bool cache_holds(const struct file *f, int64_t at)
{
	const struct cache *c = &f->disk->machine->cache;
	int64_t i = at / c->block_bytes - f->first_block;
	int64_t within = at & (c->block_bytes - 1);
	const struct extent *e;

	if (at < f->start || i >= f->blocks.count || !f->blocks.at[i])
		return false;
	e = extent(c, f->blocks.at[i]);
	return within >= e->first && within < e->end;
}

void cache_fill(struct world *w, struct file *f, int64_t at, int64_t bytes,
		bool corrupt)
{
	uint32_t size = f->disk->machine->cache.block_bytes;
	uint32_t first = (uint32_t)(at & (size - 1));
	struct extent *e;

	assert(first + bytes <= size);
	e = hold(w, f, at / size, first, first + (uint32_t)bytes);
	e->corrupt |= corrupt;
}

/* -- forgetting ------------------------------------------------------------ */

/* Cut an extent to what the file still has. */
static void cut(struct cache *c, struct file *f, uint32_t link)
{
	struct extent *e = extent(c, link);
	int64_t base = (int64_t)e->block * c->block_bytes;
	int64_t first = base + e->first, end = base + e->end;
	int64_t had = end - first;

	if (first < f->start)
		first = f->start;
	if (end > f->end)
		end = f->end;
	if (first >= end) {
		let_go(c, link);
		return;
	}
	e->first = (uint32_t)(first - base);
	e->end = (uint32_t)(end - base);
	c->bytes -= had - (end - first);
}

void cache_cut(struct world *w, struct file *f)
{
	struct cache *c = &f->disk->machine->cache;
	int64_t gone = f->start / c->block_bytes - f->first_block;
	size_t drop = (size_t)(gone < f->blocks.count ? gone : f->blocks.count);

	(void)w;
	for (uint32_t i = 0; i < f->blocks.count; i++)
		if (f->blocks.at[i])
			cut(c, f, f->blocks.at[i]);
	if (gone <= 0)
		return;
	f->first_block += gone;
	if (!drop)
		return;
	memmove(f->blocks.at, f->blocks.at + drop,
		(f->blocks.count - drop) * sizeof(*f->blocks.at));
	f->blocks.count -= (uint32_t)drop;
	memset(f->blocks.at + f->blocks.count, 0,
	       drop * sizeof(*f->blocks.at));
}

/* -- how much is dirty ----------------------------------------------------- */

int64_t cache_dirty_bytes(struct world *w, struct machine *m)
{
	int64_t dirty = 0;

	for (struct disk *d = &m->disk; d; d = d->next) {
		disk_settle(w, d);
		dirty += disk_dirty_bytes(d);
	}
	return dirty;
}

int64_t cache_dirty_background(const struct machine *m)
{
	return cache_capacity(m) / 100 * DIRTY_BACKGROUND_PERCENT;
}

int64_t cache_dirty_limit(const struct machine *m)
{
	return cache_capacity(m) / 100 * DIRTY_PERCENT;
}
