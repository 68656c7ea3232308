/* metadata_log.c - one copy of the metadata log, __cluster_metadata-0 */
#include "sim/broker/metadata_log.h"

static struct metadata_entry *last(const struct metadata_log *l)
{
	return l->entries.count ? &l->entries.at[l->entries.count - 1] : NULL;
}

int64_t metadata_log_bytes(const struct metadata_log *l)
{
	return l->entries.count ? last(l)->file_end : 0;
}

uint32_t metadata_log_last_epoch(const struct metadata_log *l)
{
	return l->entries.count ? last(l)->epoch : 0;
}

int64_t metadata_log_add(struct world *w, struct metadata_log *l,
			 uint32_t epoch, int32_t record, uint32_t count,
			 sim_time at)
{
	int64_t bytes = (int64_t)count * METADATA_ENTRY_BYTES;
	struct metadata_entry *e = last(l);

	if (e && e->epoch == epoch && e->record == ENTRY_NOTHING &&
	    record == ENTRY_NOTHING) {
		e->count += count;
		e->file_end += bytes;
		e->at = at;
	} else {
		int64_t before = metadata_log_bytes(l);

		*vec_add(&w->arena, &l->entries) = (struct metadata_entry){
			.offset = l->end, .file_end = before + bytes,
			.count = count, .epoch = epoch, .record = record,
			.at = at,
		};
	}
	l->end += count;
	return bytes;
}

void metadata_log_truncate(struct metadata_log *l, int64_t end)
{
	struct metadata_entry *e;

	if (end >= l->end)
		return;
	while ((e = last(l)) && e->offset >= end)
		vec_remove(&l->entries, l->entries.count - 1);
	if (e) {
		uint32_t kept = (uint32_t)(end - e->offset);

		e->file_end -= (int64_t)(e->count - kept) * METADATA_ENTRY_BYTES;
		e->count = kept;
	}
	l->end = end;
}

void metadata_log_free(struct world *w, struct metadata_log *l)
{
	vec_free(&w->arena, &l->entries);
	l->end = 0;
}

uint32_t metadata_log_find(const struct metadata_log *l, int64_t offset)
{
	uint32_t low = 0, high = l->entries.count;

	if (offset >= l->end)
		return high;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (l->entries.at[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t metadata_log_end_at(const struct metadata_log *l, int64_t file_end)
{
	uint32_t i = 0;
	const struct metadata_entry *e;

	while (i < l->entries.count && l->entries.at[i].file_end <= file_end)
		i++;
	if (i == l->entries.count)
		return l->end;
	e = &l->entries.at[i];
	return e->offset + e->count -
	       (e->file_end - file_end + METADATA_ENTRY_BYTES - 1) / METADATA_ENTRY_BYTES;
}

int64_t metadata_log_epoch_end(const struct metadata_log *l, uint32_t epoch,
			       uint32_t *found)
{
	for (uint32_t i = l->entries.count; i > 0; i--) {
		const struct metadata_entry *e = &l->entries.at[i - 1];

		if (e->epoch <= epoch) {
			*found = e->epoch;
			return e->offset + e->count;
		}
	}
	*found = 0;
	return 0;
}

bool metadata_log_agree(const struct metadata_log *a,
			const struct metadata_log *b, int64_t end)
{
	const struct metadata_entry *x, *y;

	if (!end)
		return true;
	if (a->end < end || b->end < end)
		return false;
	x = &a->entries.at[metadata_log_find(a, end - 1)];
	y = &b->entries.at[metadata_log_find(b, end - 1)];
	/* Numbers of records are unique: logs that began anew in the same
	 * epochs still differ by them. */
	return x->epoch == y->epoch && x->record == y->record;
}
