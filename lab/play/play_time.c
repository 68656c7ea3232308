/* play_time.c - frames, speed, pausing, stepping, being elsewhere in time */
#include "lab/play/play_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A slice is so long that about so many events run in it: well below a
 * millisecond.  A frame asks for its budget between slices. */
enum { SLICE_EVENTS = 400 };
#define SLICE_MIN	SIM_US(10)
#define SLICE_MAX	SIM_S(1)

/* How often free running is marked, on the wall clock. */
#define CLOCK_EVERY	INT64_C(3000000000)
#define FIGURES_EVERY	INT64_C(1000000000)
/* `goto event next` gives up here. */
#define SEEK_MAX	SIM_HOURS(1)

static const int speeds[] = { 100, 500, 1000, 2000, 5000, 10000, 30000, 60000,
			      200000, PLAY_SPEED_MAX };
enum { SPEEDS = sizeof(speeds) / sizeof(speeds[0]) };

/* --- questions ---------------------------------------------------------------- */

sim_time play_now(const struct play *p)
{
	return world_now(p->a->world);
}

sim_time play_start(const struct play *p)
{
	return p->a->began.at;
}

sim_time play_end(const struct play *p)
{
	return attempt_end(p->a);
}

/* On the way to where a word said. */
static bool goes_to_target(const struct play *p)
{
	return p->a->target != SIM_NEVER && !p->held;
}

bool play_paused(const struct play *p)
{
	return p->paused && !goes_to_target(p);
}

const char *play_pause_reason(const struct play *p)
{
	return p->reason;
}

int play_speed(const struct play *p)
{
	return p->speed;
}

int play_speed_reached(const struct play *p)
{
	return p->reached;
}

void play_speed_text(struct text *t, int speed)
{
	if (speed == PLAY_SPEED_MAX)
		text_add(t, "max");
	else if (speed % 1000)
		text_addf(t, "%d.%dx", speed / 1000, speed % 1000 / 100);
	else
		text_addf(t, "%dx", speed / 1000);
}

/* --- running and pausing --------------------------------------------------------- */

void play_pause(struct play *p)
{
	p->held = p->a->target != SIM_NEVER;
	p->paused = true;
	p->seeks_event = false;
}

void play_run(struct play *p)
{
	p->reason[0] = '\0';
	if (p->held)
		p->held = false;
	else if (play_now(p) < play_end(p))
		p->paused = false;
}

void play_speed_set(struct play *p, int speed)
{
	p->speed = speed < 0 ? PLAY_REAL_TIME : speed;
}

/* `max` is the fastest, though its number is the least. */
static bool is_slower(int a, int b)
{
	if (a == PLAY_SPEED_MAX || b == PLAY_SPEED_MAX)
		return a != PLAY_SPEED_MAX && b == PLAY_SPEED_MAX;
	return a < b;
}

void play_speed_step(struct play *p, int by)
{
	int i = 0;

	if (by < 0) {
		while (i + 1 < SPEEDS && is_slower(speeds[i + 1], p->speed))
			i++;
	} else {
		while (i + 1 < SPEEDS && !is_slower(p->speed, speeds[i]))
			i++;
	}
	p->speed = speeds[i];
}

void play_look_at_target(struct play *p, bool had_target)
{
	if (p->a->target == SIM_NEVER)
		return;
	if (!had_target)
		p->hurried = false;
	p->paused = true;	/* once it is there */
	p->held = false;
}

static void pause_for(struct play *p, const char *why)
{
	play_pause(p);
	snprintf(p->reason, sizeof(p->reason), "%s", why);
}

/* --- marks of the clock ------------------------------------------------------------ */

void play_tell_clock(struct play *p)
{
	struct moment now = attempt_moment(p->a);
	json_t *mark;

	p->clock_wall = 0;
	if (!p->options.on_clock || now.at == p->clock_at)
		return;
	p->clock_at = now.at;
	mark = json_object();
	json_object_set_new(mark, "kind", json_string("clock"));
	json_object_set_new(mark, "n",
			    json_integer((json_int_t)p->tape.count));
	json_object_set_new(mark, "at", json_integer(now.at));
	json_object_set_new(mark, "events",
			    json_integer((json_int_t)now.events));
	json_object_set_new(mark, "played", json_integer(now.played));
	p->options.on_clock(p->options.tape_ctx, mark);
	json_decref(mark);
}

/* --- slices ------------------------------------------------------------------------- */

/* How the next slices go. */
struct pace {
	int speed;
	bool only_busy;		/* and then the world stands still again */
	sim_time limit;
};

/* A line in flight while the world is paused: at once for as long as a
 * client's patience lasts, then so that Ctrl-C can choose its moment.  While a
 * tool waits for somebody to type, the clock on the wall is what passes. */
static struct pace pace_of_line(const struct play *p)
{
	sim_time free_until = p->a->line_began + PLAY_LINE_FREE;

	if (play_wants_input(p))
		return (struct pace){ PLAY_REAL_TIME, true, SIM_NEVER };
	if (play_now(p) < free_until)
		return (struct pace){ PLAY_SPEED_MAX, true, free_until };
	return (struct pace){ PLAY_LINE_SPEED, true, SIM_NEVER };
}

/* False: the world stands still. */
static bool pace_now(const struct play *p, struct pace *out)
{
	int speed = p->hurried ? PLAY_SPEED_MAX : p->speed;

	if (goes_to_target(p))
		*out = (struct pace){ speed, true, p->a->target };
	else if (!p->paused)
		*out = (struct pace){ speed, false, play_end(p) };
	else if (play_in_flight(p))
		*out = pace_of_line(p);
	else
		return false;
	return true;
}

/* About SLICE_EVENTS next time. */
static void learn_slice(struct play *p, sim_time passed, uint64_t events)
{
	sim_time next = p->slice;

	if (events > SLICE_EVENTS)
		next = passed * SLICE_EVENTS / (sim_time)events;
	else if (passed >= p->slice && events < SLICE_EVENTS / 2)
		next = 2 * p->slice;
	p->slice = next < SLICE_MIN ? SLICE_MIN :
		   next > SLICE_MAX ? SLICE_MAX : next;
}

/* What was typed ahead has its turn, or a tool that asks takes it. */
static bool is_next_line_due(const struct play *p)
{
	return p->lines_wait && (!attempt_busy(p->a) ||
				 play_wants_input(p));
}

/* A tool begins to ask at an event: no further than the next one at a time. */
static void go_to_next_line(struct play *p, sim_time until)
{
	while (play_now(p) < until && !is_next_line_due(p)) {
		sim_time to = until;

		if (p->a->in_flight)
			to = p->a->stretch == SIM_NEVER ? play_now(p) + 1 :
							  p->a->stretch;
		attempt_advance(p->a, to < until ? to : until, true);
	}
}

static void slice(struct play *p, const struct pace *pace, sim_time limit)
{
	uint64_t events = p->a->world->state->events;
	sim_time from = play_now(p), until = from + p->slice;

	if (until > limit)
		until = limit;
	if (until > p->a->sample_next)
		until = p->a->sample_next;
	if (until <= from)
		until = from + 1;
	if (p->lines_wait)
		go_to_next_line(p, until);
	else
		attempt_advance(p->a, until, pace->only_busy);
	learn_slice(p, play_now(p) - from,
		    p->a->world->state->events - events);
}

/* What one may want to be shown. */
struct figures {
	int broken, passed, down;
	size_t events;
};

static struct figures figures_of(struct play *p)
{
	const struct play_event *list;
	struct figures f = { p->notes.broken, p->notes.passed, p->notes.down,
			     0 };

	if (p->seeks_event)
		f.events = play_events(p, &list);
	return f;
}

/* "Broken: a partition is under-replicated." */
static void say_broken(struct play *p, char *out, size_t size)
{
	const struct play_event *list;
	size_t i = play_events(p, &list);

	while (i > 0 && list[i - 1].kind != EVENT_BROKEN)
		i--;
	snprintf(out, size, "Broken: %s.",
		 i ? list[i - 1].text : "a promise");
}

static void look_for_reason(struct play *p, const struct figures *was)
{
	const struct notes *n = &p->notes;
	/* Who said how long to wait means it; it is for who watches. */
	unsigned on = p->a->target == SIM_NEVER ? p->options.pause_on : 0;
	const struct play_event *list;
	char why[160];
	size_t count;

	if ((on & PLAY_PAUSE_BROKEN) && n->broken > was->broken) {
		say_broken(p, why, sizeof(why));
		pause_for(p, why);
	} else if ((on & PLAY_PAUSE_PASSED) && n->passed > was->passed)
		pause_for(p, "A task is done.");
	else if ((on & PLAY_PAUSE_SEEN) && n->down > was->down)
		pause_for(p, "Monitoring cannot reach a target any more.");
	else if (p->seeks_event && (count = play_events(p, &list)) >
				   was->events)
		pause_for(p, list[count - 1].text);
	else if (!p->paused && play_now(p) >= play_end(p))
		pause_for(p, "The time of this exercise is used up.");
}

/* One slice and what follows from it. */
static void go_on(struct play *p, const struct pace *pace, sim_time limit)
{
	struct figures was = figures_of(p);
	bool to_target = goes_to_target(p);

	slice(p, pace, limit);
	play_note(p);
	if (to_target && p->a->target == SIM_NEVER)
		p->hurried = p->seeks_event = false;
	look_for_reason(p, &was);
}

/* --- frames -------------------------------------------------------------------------- */

/* wall * speed / 1000, not beyond all bounds. */
static sim_time owed(int64_t wall_ns, int speed)
{
	int64_t most = SIM_S(10);	/* a frame after a long sleep */

	return (wall_ns < most ? wall_ns : most) / 1000 * speed;
}

static void reckon(struct play *p, int64_t wall_ns, sim_time passed)
{
	p->wall_seen += wall_ns;
	p->time_seen += passed;
	if (p->wall_seen >= FIGURES_EVERY) {
		p->reached = (int)(p->time_seen / (p->wall_seen / 1000));
		p->wall_seen = 0;
		p->time_seen = 0;
	}
	p->clock_wall += wall_ns;
	if (p->clock_wall >= CLOCK_EVERY)
		play_tell_clock(p);
}

static sim_time limit_of(const struct pace *pace, sim_time from,
			 int64_t wall_ns)
{
	sim_time to;

	if (pace->speed == PLAY_SPEED_MAX)
		return pace->limit;
	to = from + owed(wall_ns, pace->speed);
	return to < pace->limit ? to : pace->limit;
}

bool play_frame(struct play *p, int64_t wall_ns, bool (*expired)(void *ctx),
		void *ctx)
{
	sim_time from = play_now(p), limit;
	uint32_t inputs = (uint32_t)p->tape.count;
	struct pace pace, now;

	if (pace_now(p, &pace)) {
		now = pace;
		limit = limit_of(&pace, from, wall_ns);
		while (play_now(p) < limit && !is_next_line_due(p)) {
			go_on(p, &now, limit);
			if (!pace_now(p, &now) || now.speed != pace.speed ||
			    now.only_busy != pace.only_busy ||
			    (expired && expired(ctx)) ||
			    (!expired && play_now(p) - from > SIM_S(1)))
				break;
		}
	}
	reckon(p, wall_ns, play_now(p) - from);
	return play_now(p) != from || p->tape.count != inputs;
}

void play_finish(struct play *p, bool (*stop)(void *ctx), void *ctx)
{
	struct pace pace = { PLAY_SPEED_MAX, true, SIM_NEVER };

	p->held = false;
	while (play_busy(p) && !play_wants_input(p)) {
		struct figures was = figures_of(p);

		p->slice = SLICE_MAX;
		slice(p, &pace, SIM_NEVER);
		play_note(p);
		look_for_reason(p, &was);
		if (p->reason[0] || (stop && stop(ctx)))
			break;
	}
	if (p->a->target == SIM_NEVER)
		p->hurried = p->seeks_event = false;
	play_tell_clock(p);
}

/* --- looking back ------------------------------------------------------------------------ */

static void come_again(struct play *p, const struct moment *to)
{
	struct world *w = p->a->world;

	if (world_now(w) < to->at)
		world_rewind(w, to->at - 1);	/* by the nearest snapshot */
	world_rewind_to(w, to->events, to->played);
	if (world_now(w) < to->at)
		world_run_until(w, to->at);	/* nothing is due before */
}

void play_look_back(struct play *p, sim_time at,
		    void (*look)(struct play *p, void *ctx), void *ctx)
{
	struct moment here = attempt_moment(p->a);

	if (at < p->a->world->snapshots[0].at)
		at = p->a->world->snapshots[0].at;
	if (at >= here.at) {
		look(p, ctx);
		return;
	}
	world_rewind(p->a->world, at);
	look(p, ctx);
	come_again(p, &here);
}

/* --- elsewhere in time ------------------------------------------------------------------- */

bool play_go_back(struct play *p, const char *text, const struct moment *to,
		  struct err *err)
{
	struct op op = {
		.kind = OP_REWIND, .text = (char *)text, .len = strlen(text),
		.to_at = to->at, .to_events = to->events,
		.to_played = to->played,
	};

	if (to->at < play_start(p))
		return err_set(err, "it begins later than that");
	p->paused = true;
	p->held = p->hurried = p->seeks_event = false;
	return play_input_op(p, &op, err);
}

/* The place that the world comes to at `at`, before what was typed then. */
static void find_place(struct play *p, void *ctx)
{
	*(struct moment *)ctx = attempt_moment(p->a);
}

static struct moment place_at(struct play *p, sim_time at)
{
	struct moment m;

	for (size_t i = 0; i < p->a->input_count; i++)
		if (p->a->inputs[i].at == at)
			return p->a->inputs[i];
	if (at == p->a->began.at)
		return p->a->began;
	play_look_back(p, at, find_place, &m);
	return m;
}

static bool go_forward(struct play *p, sim_time to, struct err *err)
{
	struct text line = {0};
	struct err why;
	bool good;

	if (to > play_end(p)) {
		err_set(err, "the exercise ends before that");
		return false;
	}
	/* The word that says the same, with every digit of it. */
	text_addf(&line, "run until %lld.%09llds", (long long)(to / SIM_S(1)),
		  (long long)(to % SIM_S(1)));
	good = play_input_op(p, &(struct op){
		.kind = OP_LINE, .text = line.at, .len = line.len,
	}, &why);
	text_free(&line);
	play_look_at_target(p, false);
	p->hurried = true;
	return good;
}

bool play_goto(struct play *p, sim_time to, struct err *err)
{
	struct moment place;
	struct text t = {0};
	bool good;

	if (to > play_now(p))
		return go_forward(p, to, err);
	if (to < play_start(p))
		return err_set(err, "it begins later than that");
	place = place_at(p, to);
	simtime_at_text(&t, to);
	good = play_go_back(p, text_cstr(&t), &place, err);
	text_free(&t);
	return good;
}

struct search {
	sim_time before, found;
};

/* The last moment before `before` at which something happened. */
static void find_step(struct play *p, void *ctx)
{
	struct world *w = p->a->world;
	struct search *s = ctx;

	while (world_next(w) < s->before) {
		s->found = world_next(w);
		world_run_until(w, s->found);
	}
}

static bool step_back(struct play *p, struct err *err)
{
	struct search s = { play_now(p), -1 };
	sim_time span = SIM_MS(100);

	/* Not far, mostly; else twice as far. */
	while (s.found < 0 && s.before - span / 2 > play_start(p)) {
		sim_time from = s.before - span;

		play_look_back(p, from > play_start(p) ? from : play_start(p),
			       find_step, &s);
		span *= 2;
	}
	return play_goto(p, s.found < play_start(p) ? play_start(p) : s.found,
			 err);
}

static bool step_on(struct play *p, struct err *err)
{
	sim_time to = world_next(p->a->world), now = play_now(p);

	if (to == SIM_NEVER)
		return err_set(err, "nothing more happens");
	if (to > play_end(p))
		return err_set(err, "the time of this exercise is used up");
	attempt_advance(p->a, to > now ? to : now + 1, false);
	play_note(p);
	return true;
}

bool play_step(struct play *p, int by, struct err *err)
{
	play_pause(p);
	return by < 0 ? step_back(p, err) : step_on(p, err);
}

/* --- save points --------------------------------------------------------------------------- */

bool play_save(struct play *p, const char *name, struct err *err)
{
	if (!*name || strlen(name) > 63 || strchr(name, ' '))
		return err_set(err, "write a name of one word: save "
			       "before-fix");
	return play_input_op(p, &(struct op){
		.kind = OP_SAVE, .text = (char *)name, .len = strlen(name),
	}, err);
}

size_t play_saves(const struct play *p, const struct play_save **out)
{
	struct play *mine = (struct play *)p;	/* the list is a memory aid */
	size_t count = p->a->save_count;

	mine->saves = realloc(p->saves, (count + 1) * sizeof(*p->saves));
	if (!p->saves)
		abort();
	for (size_t i = 0; i < count; i++) {
		memcpy(mine->saves[i].name, p->a->saves[i].name,
		       sizeof(mine->saves[i].name));
		mine->saves[i].at = p->a->saves[i].moment.at;
	}
	*out = p->saves;
	return count;
}

bool play_rewind(struct play *p, const char *name, struct err *err)
{
	const struct attempt *a = p->a;
	const struct save_point *s = NULL;
	struct moment to = a->began;
	const char *text = "the start";
	char own[64];

	if (name) {
		s = attempt_save_named(a, name);
		if (!s)
			return err_set(err, "there is no save point %s before "
				       "this moment", name);
	} else if (a->save_count) {
		s = &a->saves[a->save_count - 1];
	}
	if (s) {
		to = s->moment;
		snprintf(own, sizeof(own), "%s", s->name);
		text = own;
	}
	return play_go_back(p, text, &to, err);
}
