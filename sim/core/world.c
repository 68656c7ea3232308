/* world.c - a simulated world: life, commands, the order of events */
#include "sim/core/world.h"

#include <assert.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

/* Samples are doubles, and their bits go into the digest: what a 387 adds to
 * their precision would make another run of it. */
#if FLT_EVAL_METHOD != 0
#error "sim/ needs plain doubles; on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

#define ARENA_BYTES	((size_t)256 << 20)
#define MARK_CHUNK	(sizeof(struct digest_mark) * 512)
#define TRACE_CHUNK	(64u << 10)

struct world *world_new(const struct world_spec *spec)
{
	struct world *w = mem_zeroed(1, sizeof(*w));

	arena_init(&w->arena, spec->arena_bytes ? spec->arena_bytes : ARENA_BYTES);
	history_init(&w->history);
	page_store_init(&w->pages);
	for (int i = 0; i < MODULE_COUNT; i++)
		w->modules[i] = spec->modules[i];
	w->state = world_take(w, struct world_state);
	w->state->seed = spec->seed;
	w->state->digest = luck_mix(spec->seed + 1);
	w->state->agenda = agenda_new(&w->arena);
	w->state->marks = history_open(&w->history, MARK_CHUNK);
	if (spec->trace)
		w->state->trace = history_open(&w->history, TRACE_CHUNK);
	w->snapshot_next = SIM_NEVER;
	return w;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	world_drop_snapshots(w, 0);
	free(w->snapshots);
	image_release(&w->last, &w->pages);
	page_store_release(&w->pages);
	journal_release(&w->journal);
	history_release(&w->history);
	arena_release(&w->arena);
	free(w);
}

struct timer world_timer(struct world *w, sim_time at, uint16_t what,
			 void *who, uint16_t arg)
{
	assert(at >= w->state->now);
	return agenda_push_timer(w->state->agenda, at, CLASS_TIMEOUT, what,
				 who, arg);
}

void world_cancel(struct world *w, struct timer *timer)
{
	agenda_cancel(w->state->agenda, timer);
}

void world_wake(struct world *w, struct wake *wake, sim_time at,
		uint16_t what, void *who)
{
	if (at < world_now(w))
		at = world_now(w);
	if (agenda_pending(w->state->agenda, &wake->timer)) {
		if (wake->at <= at)
			return;
		world_cancel(w, &wake->timer);
	}
	wake->at = at;
	wake->timer = world_timer(w, at, what, who, 0);
}

name_id world_name(struct world *w, const char *text)
{
	return names_intern(&w->state->names, &w->arena, text);
}

const char *world_text(const struct world *w, name_id id)
{
	return names_text(&w->state->names, id);
}

static const struct module_event *event_kind(const struct world *w, uint16_t what)
{
	const struct module *m = w->modules[what >> 8];

	assert(m && (what & 0xff) < m->event_count);
	return &m->events[what & 0xff];
}

void world_call(struct world *w, uint16_t what, void *who, uint16_t arg)
{
	event_kind(w, what)->run(w, who, arg);
}

const char *world_event_name(const struct world *w, uint16_t what)
{
	return event_kind(w, what)->name;
}

/* Keep where the digest stands, once in each second that has an event. */
static void mark_second(struct world *w, sim_time at)
{
	struct world_state *s = w->state;
	struct digest_mark mark = { at, s->events, s->digest };

	history_append(&w->history, s->marks, &mark, sizeof(mark));
	s->second_next = (at / SIM_S(1) + 1) * SIM_S(1);
}

/* What an event is, in one number; `who` is an address and stays out. */
static uint64_t fact(const struct agenda_event *e)
{
	return (uint64_t)e->at ^ ((uint64_t)e->what << 16 | e->arg) *
				 UINT64_C(0x9e3779b97f4a7c15);
}

static inline void run_event(struct world *w, const struct agenda_event *e)
{
	struct world_state *s = w->state;

	if (e->at >= s->second_next)
		mark_second(w, e->at);
	s->now = e->at;
	s->events++;
	world_note(w, fact(e));
	if (s->trace) {
		uint32_t mark = (uint32_t)(s->digest >> 16);

		history_append(&w->history, s->trace, &mark, sizeof(mark));
	}
	event_kind(w, e->what)->run(w, e->who, e->arg);
}

static const struct command_kind *command_kind(const struct world *w,
					       const char *line, size_t len)
{
	for (int i = 0; i < MODULE_COUNT; i++) {
		const struct command_kind *c;

		if (!w->modules[i] || !w->modules[i]->commands)
			continue;
		for (c = w->modules[i]->commands; c->verb; c++)
			if (strlen(c->verb) == len && !memcmp(c->verb, line, len))
				return c;
	}
	return NULL;
}

static bool apply(struct world *w, const char *line, int64_t *result,
		  struct err *err)
{
	size_t len = strcspn(line, " ");
	const struct command_kind *kind = command_kind(w, line, len);
	const char *args = line + len;
	int64_t made = 0;

	if (!kind)
		return err_set(err, "%.*s: no such command of this world",
			       (int)len, line);
	args += strspn(args, " ");
	if (!kind->apply(w, args, &made, err))
		return false;
	world_note(w, luck_hash(line) ^ (uint64_t)w->state->now);
	if (result)
		*result = made;
	return true;
}

bool world_command(struct world *w, const char *line, int64_t *result,
		   struct err *err)
{
	if (!apply(w, line, result, err))
		return false;
	world_forget_future(w);
	journal_add(&w->journal, w->state->now, w->state->events, line);
	w->journal.played++;
	return true;
}

void world_expect(struct world *w, sim_time at, uint64_t events,
		  const char *line)
{
	journal_add(&w->journal, at, events, line);
}

/*
 * The command of the journal that comes before the next event, if any: the one
 * with the earlier time; at one time, the count of events before it decides.
 */
static struct journal_entry *due_next(struct world *w)
{
	struct journal *j = &w->journal;
	struct journal_entry *e = &j->entries[j->played];
	struct agenda_event next;

	if (!agenda_peek(w->state->agenda, &next) || e->at < next.at)
		return e;
	return e->at == next.at && e->events <= w->state->events ? e : NULL;
}

static inline struct journal_entry *due(struct world *w)
{
	return w->journal.played < w->journal.count ? due_next(w) : NULL;
}

/* A command that was good once is good again: the run is the same.  In a
 * journal that somebody edited it may fail; then it has no effect. */
static void apply_due(struct world *w, const struct journal_entry *e)
{
	if (e->at > w->state->now)
		w->state->now = e->at;
	w->journal.played++;
	apply(w, e->line, NULL, NULL);
}

static void run_plain(struct world *w, sim_time until)
{
	struct agenda_event event;
	struct journal_entry *entry;

	for (;;) {
		while ((entry = due(w)) && entry->at <= until)
			apply_due(w, entry);
		if (!agenda_pop_until(w->state->agenda, until, &event))
			break;
		run_event(w, &event);
	}
	if (until != SIM_NEVER)
		w->state->now = until;
}

void world_run_until(struct world *w, sim_time until)
{
	assert(until >= w->state->now);
	while (w->snapshot_next < until && world_next(w) != SIM_NEVER) {
		if (w->snapshot_next >= w->state->now)
			run_plain(w, w->snapshot_next);
		world_snapshot(w);
	}
	run_plain(w, until);
}

bool world_step(struct world *w)
{
	struct journal_entry *entry = due(w);
	struct agenda_event event;

	if (entry) {
		apply_due(w, entry);
		return true;
	}
	if (!agenda_pop(w->state->agenda, &event))
		return false;
	run_event(w, &event);
	return true;
}

sim_time world_next(struct world *w)
{
	struct journal_entry *entry = due(w);
	struct agenda_event event;

	if (entry)
		return entry->at > w->state->now ? entry->at : w->state->now;
	return agenda_peek(w->state->agenda, &event) ? event.at : SIM_NEVER;
}

uint64_t world_digest(const struct world *w)
{
	return luck_mix(w->state->digest ^ w->state->events);
}

size_t world_hot_bytes(const struct world *w)
{
	return arena_head(&w->arena)->live;
}
