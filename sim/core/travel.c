/* travel.c - going back: the nearest snapshot, then forward again */
#include "sim/core/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

void world_travel_on(struct world *w, sim_time every, uint32_t max)
{
	assert(every > 0 && max >= 4);
	w->travel = (struct world_travel){ every, max };
	world_snapshot(w);
}

static void snapshot_release(struct world *w, struct snapshot *s)
{
	image_release(&s->image, &w->pages);
	free(s->marks);
}

void world_drop_snapshots(struct world *w, uint32_t from)
{
	while (w->snapshot_count > from)
		snapshot_release(w, &w->snapshots[--w->snapshot_count]);
}

static bool is_after(const struct snapshot *s, uint64_t events, uint32_t played)
{
	return s->events > events || s->played > played;
}

void world_forget_future(struct world *w)
{
	uint32_t keep = w->snapshot_count;

	journal_cut(&w->journal, w->journal.played);
	history_forget(&w->history);
	while (keep && (is_after(&w->snapshots[keep - 1], w->state->events,
				 w->journal.played) ||
			w->snapshots[keep - 1].at > w->state->now))
		keep--;
	world_drop_snapshots(w, keep);
}

/*
 * One too many: the one that is missed least goes, whose neighbours lie
 * closest together (in events, for that is what a replay costs); of equals the
 * oldest.  So no gap is much longer than another, wherever one goes back to.
 */
static void thin(struct world *w)
{
	struct snapshot *s = w->snapshots;
	uint32_t least = 1;

	for (uint32_t i = 2; i + 1 < w->snapshot_count; i++)
		if (s[i + 1].events - s[i - 1].events <
		    s[least + 1].events - s[least - 1].events)
			least = i;
	snapshot_release(w, &s[least]);
	memmove(&s[least], &s[least + 1],
		(--w->snapshot_count - least) * sizeof(*s));
}

/* Index of the last snapshot that is not after the given place. */
static uint32_t place(const struct world *w, uint64_t events, uint32_t played)
{
	uint32_t i = w->snapshot_count;

	while (i && is_after(&w->snapshots[i - 1], events, played))
		i--;
	return i;
}

void world_snapshot(struct world *w)
{
	struct world_state *s = w->state;
	uint32_t i = place(w, s->events, w->journal.played);
	struct snapshot *kept;

	if (w->travel.every)
		w->snapshot_next = s->now + w->travel.every;
	if (i && w->snapshots[i - 1].events == s->events &&
	    w->snapshots[i - 1].played == w->journal.played)
		return;
	if (w->snapshot_count == w->snapshot_cap) {
		w->snapshot_cap = w->snapshot_cap ? 2 * w->snapshot_cap : 64;
		w->snapshots = mem_grow(w->snapshots, w->snapshot_cap *
						      sizeof(*w->snapshots));
	}
	memmove(&w->snapshots[i + 1], &w->snapshots[i],
		(w->snapshot_count - i) * sizeof(*w->snapshots));
	w->snapshot_count++;
	kept = &w->snapshots[i];
	*kept = (struct snapshot){
		.at = s->now, .events = s->events, .played = w->journal.played,
	};
	image_take(&kept->image, &w->pages, &w->arena, &w->last);
	kept->marks = history_mark(&w->history, &kept->mark_count);
	image_release(&w->last, &w->pages);
	image_copy(&w->last, &kept->image, &w->pages);
	if (w->travel.max && w->snapshot_count > w->travel.max)
		thin(w);
}

static void restore(struct world *w, const struct snapshot *s)
{
	image_restore(&s->image, &w->pages, &w->arena);
	history_set(&w->history, s->marks, s->mark_count);
	w->journal.played = s->played;
	image_release(&w->last, &w->pages);
	image_copy(&w->last, &s->image, &w->pages);
	if (w->travel.every)
		w->snapshot_next = s->at + w->travel.every;
}

void world_rewind(struct world *w, sim_time to)
{
	const struct snapshot *best = NULL;

	for (uint32_t i = 0; i < w->snapshot_count; i++)
		if (w->snapshots[i].at <= to)
			best = &w->snapshots[i];
	if (to < w->state->now || (best && best->at > w->state->now)) {
		assert(best);
		restore(w, best);
	}
	world_run_until(w, to);
}

void world_rewind_to(struct world *w, uint64_t events, uint32_t played)
{
	if (w->state->events > events || w->journal.played > played) {
		uint32_t i = place(w, events, played);

		assert(i > 0);
		restore(w, &w->snapshots[i - 1]);
	}
	while (w->state->events < events || w->journal.played < played)
		if (!world_step(w))
			break;
}

/* -- branches ----------------------------------------------------------------- */

/* The commands that lie ahead; a command in the branch cuts them off. */
static struct journal take_future(const struct journal *j)
{
	struct journal future = {0};

	for (uint32_t i = j->played; i < j->count; i++)
		journal_add(&future, j->entries[i].at, j->entries[i].events,
			    j->entries[i].line);
	return future;
}

static void give_future(struct journal *j, uint32_t played,
			struct journal *future)
{
	journal_cut(j, played);
	for (uint32_t i = 0; i < future->count; i++)
		journal_add(j, future->entries[i].at,
			    future->entries[i].events,
			    future->entries[i].line);
	journal_release(future);
}

void world_branch(struct world *w, void (*go)(struct world *w, void *ctx),
		  void *ctx)
{
	struct journal future = take_future(&w->journal);
	struct snapshot here = {
		.at = w->state->now, .events = w->state->events,
		.played = w->journal.played,
	};

	image_take(&here.image, &w->pages, &w->arena, &w->last);
	here.marks = history_mark(&w->history, &here.mark_count);
	go(w, ctx);
	/* Snapshots on the way were of the branch. */
	world_drop_snapshots(w, place(w, here.events, here.played));
	restore(w, &here);
	history_forget(&w->history);
	give_future(&w->journal, here.played, &future);
	snapshot_release(w, &here);
}
