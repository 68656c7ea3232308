/* history.c - what happened, kept outside the arena */
#include "sim/core/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

void history_init(struct history *h)
{
	*h = (struct history){ .count = 1, .high = 1 };
}

static void stream_release(struct history_stream *s)
{
	for (uint32_t i = 0; i < s->chunk_count; i++)
		free(s->chunks[i]);
	free(s->chunks);
	*s = (struct history_stream){0};
}

void history_release(struct history *h)
{
	for (uint32_t i = 1; i < h->high; i++)
		stream_release(&h->streams[i]);
	free(h->streams);
	*h = (struct history){0};
}

stream_id history_open(struct history *h, uint32_t chunk_bytes)
{
	struct history_stream *s;

	if (h->count >= h->cap) {
		h->cap = h->cap ? 2 * h->cap : 64;
		h->streams = mem_grow(h->streams, h->cap * sizeof(*h->streams));
	}
	s = &h->streams[h->count];
	if (h->count >= h->high)
		*s = (struct history_stream){0};
	else if (s->chunk_bytes != chunk_bytes)
		stream_release(s);	/* a command has begun another future */
	s->chunk_bytes = chunk_bytes;
	s->len = 0;
	h->count++;
	if (h->high < h->count)
		h->high = h->count;
	return h->count - 1;
}

static struct history_stream *stream(const struct history *h, stream_id id)
{
	assert(id > 0 && id < h->count);
	return &h->streams[id];
}

uint64_t history_append(struct history *h, stream_id id, const void *entry,
			size_t bytes)
{
	struct history_stream *s = stream(h, id);
	uint64_t at = s->len;
	uint64_t left = s->chunk_bytes - at % s->chunk_bytes;
	uint64_t chunk;

	assert(bytes <= s->chunk_bytes);
	if (bytes > left)
		at += left;
	chunk = at / s->chunk_bytes;
	if (chunk >= s->chunk_count) {
		s->chunks = mem_grow(s->chunks, (chunk + 1) * sizeof(*s->chunks));
		s->chunks[chunk] = mem_take(s->chunk_bytes);
		s->chunk_count = (uint32_t)chunk + 1;
	}
	if (bytes)
		memcpy(s->chunks[chunk] + at % s->chunk_bytes, entry, bytes);
	s->len = at + bytes;
	if (s->len > s->high)
		s->high = s->len;
	return at;
}

const void *history_at(const struct history *h, stream_id id, uint64_t at)
{
	const struct history_stream *s = stream(h, id);

	assert(at < s->len);
	return s->chunks[at / s->chunk_bytes] + at % s->chunk_bytes;
}

uint64_t history_len(const struct history *h, stream_id id)
{
	return stream(h, id)->len;
}

size_t history_bytes(const struct history *h)
{
	size_t sum = 0;

	for (uint32_t i = 1; i < h->high; i++)
		sum += (size_t)h->streams[i].chunk_count *
		       h->streams[i].chunk_bytes;
	return sum;
}

uint64_t *history_mark(const struct history *h, uint32_t *count)
{
	uint64_t *mark = mem_take(h->count * sizeof(*mark));

	mark[0] = 0;
	for (uint32_t i = 1; i < h->count; i++)
		mark[i] = h->streams[i].len;
	*count = h->count;
	return mark;
}

void history_set(struct history *h, const uint64_t *mark, uint32_t count)
{
	assert(count <= h->high);
	for (uint32_t i = 1; i < count; i++) {
		assert(mark[i] <= h->streams[i].high);
		h->streams[i].len = mark[i];
	}
	for (uint32_t i = count; i < h->high; i++)
		h->streams[i].len = 0;
	h->count = count;
}

void history_forget(struct history *h)
{
	for (uint32_t i = 1; i < h->count; i++)
		h->streams[i].high = h->streams[i].len;
	for (uint32_t i = h->count; i < h->high; i++)
		stream_release(&h->streams[i]);
	h->high = h->count;
}
