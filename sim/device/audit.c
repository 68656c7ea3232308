/* audit.c - what became of a fleet's readings, counted from the logs */
#include "sim/device/audit.h"

#include <stdlib.h>

#include "sim/broker/audit.h"
#include "sim/core/mem.h"

/* What one producer has stored of a lane.  A gateway that starts again is a new
 * producer, and numbers of its own know nothing of what its predecessor still
 * had on the wire: for that there are transactional ids. */
struct session {
	int64_t producer_id;		/* -1: not numbered */
	uint64_t behind;		/* one past the largest number so far */
};

struct sessions {
	struct session *at;
	uint32_t count;
};

static struct session *session_of(struct sessions *all, const struct batch *b)
{
	int64_t id = b->numbered ? b->producer_id : -1;
	uint32_t i = all->count;

	while (i && all->at[i - 1].producer_id != id)
		i--;
	if (i)
		return &all->at[i - 1];
	all->at = mem_grow(all->at, (all->count + 1) * sizeof(*all->at));
	all->at[all->count] = (struct session){ .producer_id = id };
	return &all->at[all->count++];
}

static void note_order(struct sessions *all, const struct batch *b,
		       struct fleet_audit *out)
{
	struct session *s = session_of(all, b);

	if (b->content < s->behind)
		out->overtaken += b->count;
	else
		s->behind = b->content + b->count;
}

/* Times that each reading of a lane is stored, saturating at 255. */
static void count_stored(const struct world *w, const struct fleet *f,
			 uint32_t lane, const struct replica *r, uint8_t *seen,
			 struct fleet_audit *out)
{
	struct log_cursor c;
	const struct batch *b;
	uint64_t behind = 0;		/* one past the largest number so far */
	struct sessions sessions = {0};

	if (!log_seek(w, &r->log, r->log.start_offset, &c))
		return;
	while ((b = log_read(w, &r->log, &c))) {
		if (b->base_offset >= r->high_watermark)
			break;
		if (b->source != f->source || b->lane != lane)
			continue;
		note_order(&sessions, b, out);
		if (b->content < behind)
			out->reordered += b->count;
		for (uint64_t n = b->content; n < b->content + b->count; n++) {
			out->stored += seen[n] == 0;
			out->duplicated += seen[n] != 0;
			if (seen[n] < 255)
				seen[n]++;
		}
		if (b->content + b->count > behind)
			behind = b->content + b->count;
	}
	free(sessions.at);
}

/* Where a log is compacted, a reading that is not there has been replaced if a
 * later one of its device is: here the number of the last, 1 added, for each
 * device.  (A lane's readings go round its devices.)  NULL: not compacted. */
static uint64_t *last_stored(const struct replica *r,
			     const struct fleet_lane *lane, const uint8_t *seen)
{
	uint64_t *last;

	if (!r->log.cleaned_to || !lane->count)
		return NULL;
	last = mem_zeroed(lane->count, sizeof(*last));
	for (uint64_t n = 0; n < lane->next; n++)
		if (seen[n])
			last[n % lane->count] = n + 1;
	return last;
}

static void check_acked(const struct producer_lane *p,
			const struct replica *r, const struct fleet_lane *lane,
			const uint8_t *seen, struct fleet_audit *out)
{
	uint64_t *last = last_stored(r, lane, seen);

	for (uint32_t i = 0; i < p->acked.count; i++) {
		const struct acked_range *a = &p->acked.at[i];

		out->acked += a->count;
		for (uint64_t n = a->first; n < a->first + a->count; n++)
			if (seen[n])
				continue;
			else if (last && last[n % lane->count] > n)
				out->compacted++;
			else
				out->lost++;
	}
	free(last);
}

void fleet_audit(const struct world *w, const struct fleet *f,
		 struct fleet_audit *out)
{
	*out = (struct fleet_audit){ .produced = f->produced };
	for (uint32_t i = 0; i < f->lane_count; i++) {
		const struct fleet_lane *lane = &f->lanes[i];
		const struct replica *r = leader_replica(w, lane->partition);
		const struct producer_lane *p = f->producer ?
			producer_lane(f->producer, lane->partition) : NULL;
		uint8_t *seen = mem_zeroed(lane->next + 1, 1);

		if (r)
			count_stored(w, f, i, r, seen, out);
		else
			out->unreadable++;
		if (p && r)
			check_acked(p, r, lane, seen, out);
		free(seen);
	}
}
