/* ingest_window.c - level window: a tick at once, record by record inside
 *
 * A partition hears of nobody but its devices, so it may run ahead to the end
 * of its window: nothing can reach it before (simulation.md 5, windows with
 * lookahead).  Inside, Lindley's recursion: a record begins when it has arrived
 * and the one before it is gone.
 *
 *	start(n) = max(arrive(n), leave(n - 1));  leave(n) = start(n) + service(n)
 *
 * Draws, queue and figures are those of level record; only between two edges
 * there is nothing to be seen.
 */
#include "sim/device/ingest_inside.h"

/* Let the server work up to and at `until`. */
static inline void serve(struct ingest_part *p, sim_time until)
{
	while (p->queue.count) {
		if (!p->departs) {
			const struct waiting *head = ring_front(&p->queue);
			sim_time at = head->enter > p->free_at ? head->enter :
								 p->free_at;

			if (at > until || !p->served)
				return;
			p->departs = at + head->service;
		}
		if (p->departs > until)
			return;
		exact_leave(p, p->departs);
	}
}

/*
 * First who arrives, then who leaves: two loops that do one thing each are
 * faster than one that takes turns.  Only the largest backlog needs to know who
 * had left when somebody arrived, and then only if it could be larger.
 */
static void advance(struct world *w, struct ingest_part *p, sim_time until)
{
	p->stage->ever[LEVEL_WINDOW] = true;
	while (p->next_at <= until) {
		if (p->queue.count >= p->backlog_max)
			serve(p, p->next_at);
		exact_made(w, p, p->next_at);
		exact_next(p);
	}
	serve(p, until);
	p->edge = until;
}

static void resume(struct world *w, struct ingest_part *p)
{
	if (p->free_at < world_now(w))
		p->free_at = world_now(w);
}

const struct level_ops window_level = {
	.name = "window", .advance = advance,
	.release = exact_release, .resume = resume,
};
