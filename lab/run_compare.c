/* run_compare.c - a saved run played again, and where two runs part */
#include "lab/run_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab/metric_table.h"
#include "sim/host/host.h"

enum { METRICS_SAID = 25 };	/* of those that differ most */

struct world *run_world(const struct run *r, run_maker *make, struct err *err)
{
	struct world *w = make(r->world, r->seed, r->params, err);

	if (!w)
		return NULL;
	for (uint32_t i = 0; i < r->journal.count; i++)
		world_expect(w, r->journal.entries[i].at,
			     r->journal.entries[i].events,
			     r->journal.entries[i].line);
	return w;
}

static void add_time(struct text *t, sim_time at)
{
	text_add(t, "T+");
	simtime_text(t, at);
}

static uint32_t mark_count(const struct world *w)
{
	return (uint32_t)(history_len(&w->history, w->state->marks) /
			  sizeof(struct digest_mark));
}

static const struct digest_mark *mark_at(const struct world *w, uint32_t i)
{
	return history_at(&w->history, w->state->marks,
			  i * sizeof(struct digest_mark));
}

/* What the next step will be: an event's name or a command. */
static void step_name(struct world *w, char *out, size_t cap)
{
	const struct journal *j = &w->journal;
	struct agenda_event e;
	bool has = agenda_peek(w->state->agenda, &e);
	const struct journal_entry *c =
		j->played < j->count ? &j->entries[j->played] : NULL;

	if (c && (!has || c->at < e.at ||
		  (c->at == e.at && c->events <= w->state->events)))
		snprintf(out, cap, "the command `%.90s`", c->line);
	else if (has)
		snprintf(out, cap, "event %s", world_event_name(w, e.what));
	else
		snprintf(out, cap, "nothing more happens");
}

/* The next moment to look at: a second on, or when something happens. */
static sim_time look_next(struct world *w, sim_time until)
{
	sim_time second = world_now(w) + SIM_S(1), next = world_next(w);

	if (second > until || next > until)
		return until;
	return next > second ? next : second;
}

/* --- replay --------------------------------------------------------------- */

struct replay {
	const struct run *run;
	struct world *w;
	uint32_t compared;	/* marks found equal */
	bool parted;
	struct text *say;
};

static void say_window(struct replay *r, uint32_t i)
{
	text_add(r->say, "the replay parts from the saved run between ");
	add_time(r->say, i ? r->run->marks[i - 1].at : 0);
	text_add(r->say, " and ");
	add_time(r->say, i < r->run->mark_count ? r->run->marks[i].at :
						  r->run->until);
	r->parted = true;
}

static void compare_marks(struct replay *r)
{
	uint32_t n = mark_count(r->w);

	while (!r->parted && r->compared < n) {
		uint32_t i = r->compared;

		if (i >= r->run->mark_count ||
		    memcmp(mark_at(r->w, i), &r->run->marks[i],
			   sizeof(struct digest_mark)) != 0)
			say_window(r, i);
		else
			r->compared++;
	}
}

/* One event of a traced run; false when it differs. */
static bool traced_step(struct replay *r)
{
	uint64_t before = r->w->state->events;
	char name[128];

	step_name(r->w, name, sizeof(name));
	if (!world_step(r->w))
		return false;
	if (r->w->state->events == before)
		return true;
	if (before < r->run->trace_count &&
	    (r->run->trace[before] == 0 ||
	     r->run->trace[before] == (uint32_t)world_digest(r->w)))
		return true;
	text_addf(r->say, "the replay parts from the saved run at event "
		  "%" PRIu64 ", ", before + 1);
	add_time(r->say, world_now(r->w));
	text_addf(r->say, ", in or before %s", name);
	r->parted = true;
	return false;
}

static void play(struct replay *r)
{
	sim_time until = r->run->until;

	while (r->run->trace && !r->parted && world_next(r->w) <= until)
		if (!traced_step(r))
			break;
	while (!r->parted && world_now(r->w) < until &&
	       r->w->state->events <= r->run->events) {
		world_run_until(r->w, look_next(r->w, until));
		compare_marks(r);
	}
	if (!r->parted && world_now(r->w) == until)
		world_run_until(r->w, until);
}

static void compare_end(struct replay *r)
{
	const struct run *run = r->run;

	if (r->parted)
		return;
	if (world_digest(r->w) == run->digest &&
	    r->w->state->events == run->events &&
	    r->compared == run->mark_count) {
		text_addf(r->say, "the same: %" PRIu64 " events to ",
			  run->events);
		add_time(r->say, run->until);
		text_addf(r->say, ", digest %016" PRIx64, run->digest);
		return;
	}
	say_window(r, r->compared);
}

bool run_replay(const struct run *run, run_maker *make, bool *same,
		struct text *say, struct err *err)
{
	struct replay r = { .run = run, .say = say };

	r.w = run_world(run, make, err);
	if (!r.w)
		return false;
	play(&r);
	compare_marks(&r);
	compare_end(&r);
	*same = !r.parted;
	world_free(r.w);
	return true;
}

/* --- diff ----------------------------------------------------------------- */

struct diff {
	const struct run *run[2];
	struct world *w[2];
	struct run_part *part;
	struct text *say;
};

static bool make_worlds(struct diff *d, run_maker *make, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		d->w[i] = run_world(d->run[i], make, err);
		if (!d->w[i])
			return false;
	}
	return true;
}

static void free_worlds(struct diff *d)
{
	for (int i = 0; i < 2; i++) {
		world_free(d->w[i]);
		d->w[i] = NULL;
	}
}

static void say_headers(struct diff *d)
{
	const struct run *a = d->run[0], *b = d->run[1];

	if (strcmp(a->world, b->world) != 0)
		text_addf(d->say, "world: %s, %s\n", a->world, b->world);
	if (a->seed != b->seed)
		text_addf(d->say, "seed: %" PRIu64 ", %" PRIu64 "\n", a->seed,
			  b->seed);
	if (strcmp(a->params, b->params) != 0)
		text_addf(d->say, "parameters: `%s`, `%s`\n", a->params,
			  b->params);
}

static bool same_entry(const struct journal_entry *a,
		       const struct journal_entry *b)
{
	return a->at == b->at && a->events == b->events &&
	       strcmp(a->line, b->line) == 0;
}

static void say_entry(struct diff *d, char which,
		      const struct journal_entry *e)
{
	text_addf(d->say, "only %c: ", which);
	add_time(d->say, e->at);
	text_addf(d->say, " %.200s\n", e->line);
}

/* The commands that only one of the two has, in order of time; a command that
 * moved shows on both sides. */
static void say_journals(struct diff *d)
{
	const struct journal *a = &d->run[0]->journal, *b = &d->run[1]->journal;
	uint32_t i = 0, k = 0, said = 0;

	while (i < a->count || k < b->count) {
		const struct journal_entry *x = i < a->count ? &a->entries[i] :
							       NULL;
		const struct journal_entry *y = k < b->count ? &b->entries[k] :
							       NULL;

		if (x && y && same_entry(x, y)) {
			i++;
			k++;
			continue;
		}
		if (++said > 20) {
			text_add(d->say, "and more commands that differ\n");
			return;
		}
		if (x && (!y || x->at <= y->at)) {
			say_entry(d, 'A', x);
			i++;
		} else {
			say_entry(d, 'B', y);
			k++;
		}
	}
}

static bool ran_away(const struct diff *d)
{
	for (int i = 0; i < 2; i++)
		if (d->w[i]->state->events > d->run[i]->events)
			return true;
	return false;
}

/* Run both in lockstep; the index of the first mark that differs, or the
 * number of marks when none did. */
static uint32_t find_window(struct diff *d, sim_time until)
{
	uint32_t i = 0;
	bool done = false;

	while (!done) {
		sim_time to = look_next(d->w[0], until);
		sim_time other = look_next(d->w[1], until);
		uint32_t n;

		to = other < to ? other : to;
		world_run_until(d->w[0], to);
		world_run_until(d->w[1], to);
		n = mark_count(d->w[0]);
		if (mark_count(d->w[1]) < n)
			n = mark_count(d->w[1]);
		for (; i < n; i++)
			if (memcmp(mark_at(d->w[0], i), mark_at(d->w[1], i),
				   sizeof(struct digest_mark)) != 0)
				return i;
		done = to == until || ran_away(d) ||
		       mark_count(d->w[0]) != mark_count(d->w[1]);
	}
	return i;
}

/* Step both from a moment at which they agree until a step differs. */
static void find_step(struct diff *d, sim_time until)
{
	struct run_part *p = d->part;

	for (;;) {
		sim_time next[2];
		bool more[2];

		for (int i = 0; i < 2; i++) {
			next[i] = world_next(d->w[i]);
			step_name(d->w[i], p->what[i], sizeof(p->what[i]));
		}
		p->at = next[0] < next[1] ? next[0] : next[1];
		p->events = d->w[0]->state->events;
		if (p->at > until)
			return;
		for (int i = 0; i < 2; i++)
			more[i] = world_step(d->w[i]);
		if (next[0] != next[1] || !more[0] || !more[1] ||
		    world_digest(d->w[0]) != world_digest(d->w[1])) {
			p->same = false;
			return;
		}
	}
}

static void say_part(struct diff *d, sim_time until)
{
	const struct run_part *p = d->part;

	if (p->same) {
		text_add(d->say, "the same up to ");
		add_time(d->say, until);
		text_char(d->say, '\n');
		return;
	}
	text_add(d->say, "they part at ");
	add_time(d->say, p->at);
	text_addf(d->say, ", after %" PRIu64 " events\n  A: %s\n  B: %s\n",
		  p->events, p->what[0], p->what[1]);
}

/* A toy of tests has no processes. */
static bool has_metrics(const struct world *w)
{
	return hosts_of(w) != NULL;
}

/* Both at the end they share: what people would have seen differ. */
static void say_metrics(struct diff *d, sim_time until)
{
	struct metric_table t[2] = {0};

	for (int i = 0; i < 2; i++) {
		world_run_until(d->w[i], until);
		metric_table_read(&t[i], d->w[i]);
	}
	text_add(d->say, "metrics at ");
	add_time(d->say, until);
	text_add(d->say, ", A -> B\n");
	metric_table_diff_text(&t[0], &t[1], METRICS_SAID, d->say);
	metric_table_release(&t[0]);
	metric_table_release(&t[1]);
}

bool run_diff(const struct run *a, const struct run *b, run_maker *make,
	      struct run_part *part, struct text *say, struct err *err)
{
	struct diff d = { .run = { a, b }, .part = part, .say = say };
	sim_time until = a->until < b->until ? a->until : b->until, agreed = 0;
	uint32_t i;

	*part = (struct run_part){ .same = true };
	say_headers(&d);
	say_journals(&d);
	if (!make_worlds(&d, make, err)) {
		free_worlds(&d);
		return false;
	}
	i = find_window(&d, until);
	if (i > 0 && i <= mark_count(d.w[0]))
		agreed = mark_at(d.w[0], i - 1)->at - 1;
	free_worlds(&d);
	if (!make_worlds(&d, make, err)) {
		free_worlds(&d);
		return false;
	}
	if (agreed > 0) {
		world_run_until(d.w[0], agreed);
		world_run_until(d.w[1], agreed);
	}
	if (world_digest(d.w[0]) != world_digest(d.w[1])) {
		part->same = false;	/* other seeds: apart from the start */
		part->at = world_now(d.w[0]);
		snprintf(part->what[0], sizeof(part->what[0]), "another start");
		snprintf(part->what[1], sizeof(part->what[1]), "another start");
	} else {
		find_step(&d, until);
	}
	say_part(&d, until);
	if (!part->same && has_metrics(d.w[0]) && has_metrics(d.w[1]))
		say_metrics(&d, until);
	free_worlds(&d);
	return true;
}
