/* toy.h - a small world for tests: cells that tick, wait, give up and talk
 *
 * It uses everything the core offers: plain events of each class, timers that
 * are cancelled or fire, memory taken and given back, names, streams opened on
 * the way, luck, and commands that succeed and fail.
 */
#ifndef TESTS_SIM_TOY_H
#define TESTS_SIM_TOY_H

#include "tests/test.h"

#include "sim/core/world.h"

enum { TOY_TICK, TOY_TIMEOUT, TOY_SAY, TOY_FOLLOW };

struct toy_cell {
	struct luck luck;
	struct timer timer;
	uint64_t value;
	void *block;			/* comes and goes */
	uint32_t block_bytes;
	name_id name;
};

struct toy {
	VEC(struct toy_cell *) cells;
	struct map by_name;
	stream_id log;			/* uint32_t: what was said */
	uint32_t timeouts;
};

static struct toy *toy_of(const struct world *w)
{
	return w->state->parts[MODULE_WORLD];
}

static inline void toy_log(struct world *w, uint32_t what)
{
	history_append(&w->history, toy_of(w)->log, &what, sizeof(what));
}

static void toy_tick(struct world *w, void *who, uint16_t arg)
{
	struct toy_cell *c = who;
	uint64_t draw = luck_draw(&c->luck);

	c->value += draw;
	toy_log(w, (uint32_t)draw);
	if (draw % 4 == 0) {
		arena_free(world_arena(w), c->block, c->block_bytes);
		c->block_bytes = 16 + (uint32_t)(draw >> 32) % 5000;
		c->block = arena_take(world_arena(w), c->block_bytes);
		*(uint64_t *)c->block = draw;
	}
	if (draw % 8 < 7)
		world_cancel(w, &c->timer);
	if (!agenda_pending(w->state->agenda, &c->timer))
		c->timer = world_timer(w, world_now(w) + SIM_MS(50),
				       EVENT(MODULE_WORLD, TOY_TIMEOUT), c, 0);
	world_plan(w, world_now(w) +
		   luck_exponential(&c->luck, SIM_MS(1) << draw % 7),
		   CLASS_DELIVER, EVENT(MODULE_WORLD, TOY_TICK), c, arg);
}

static void toy_timeout(struct world *w, void *who, uint16_t arg)
{
	struct toy_cell *c = who;

	(void)arg;
	assert_false(agenda_pending(w->state->agenda, &c->timer));
	toy_of(w)->timeouts++;
	world_note(w, c->value);
}

static void toy_say(struct world *w, void *who, uint16_t arg)
{
	(void)who;
	toy_log(w, arg);
}

/* Says, and plans another to be said at the same time. */
static void toy_follow(struct world *w, void *who, uint16_t arg)
{
	toy_log(w, arg);
	world_plan(w, world_now(w), CLASS_DELIVER,
		   EVENT(MODULE_WORLD, TOY_SAY), who, (uint16_t)(arg + 1));
}

static const struct module_event toy_events[] = {
	[TOY_TICK] = { "toy.tick", toy_tick },
	[TOY_TIMEOUT] = { "toy.timeout", toy_timeout },
	[TOY_SAY] = { "toy.say", toy_say },
	[TOY_FOLLOW] = { "toy.follow", toy_follow },
};

static bool toy_number(const char *args, uint32_t *n, struct err *err)
{
	char *end;
	unsigned long value = strtoul(args, &end, 10);

	*n = (uint32_t)value;
	if (end == args || *end || value > 1000000)
		return err_set(err, "'%s': not a number up to 1000000", args);
	return true;
}

/* add N: N more cells; the result is how many there are */
static bool toy_add(struct world *w, const char *args, int64_t *result,
		    struct err *err)
{
	struct toy *toy = toy_of(w);
	uint32_t n = 0;

	if (!toy_number(args, &n, err))
		return false;
	while (n--) {
		struct toy_cell *c = world_take(w, struct toy_cell);
		char name[16];

		snprintf(name, sizeof(name), "cell-%u", toy->cells.count);
		*vec_add(world_arena(w), &toy->cells) = c;
		c->name = world_name(w, name);
		map_put(&toy->by_name, world_arena(w), c->name, c);
		luck_init(&c->luck, w->state->seed, name, "tick");
		toy_tick(w, c, 0);
	}
	*result = toy->cells.count;
	return true;
}

/* say N: now, and once more as an event of this very time */
static bool toy_say_command(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	uint32_t n = 0;

	(void)result;
	if (!toy_number(args, &n, err))
		return false;
	toy_log(w, n);
	world_plan(w, world_now(w), CLASS_SAMPLE,
		   EVENT(MODULE_WORLD, TOY_SAY), NULL, (uint16_t)n);
	return true;
}

/* open N: a new stream with chunks of N bytes */
static bool toy_open(struct world *w, const char *args, int64_t *result,
		     struct err *err)
{
	uint32_t n = 0;
	stream_id id;

	if (!toy_number(args, &n, err))
		return false;
	id = history_open(&w->history, n);
	history_append(&w->history, id, &n, sizeof(n));
	*result = id;
	return true;
}

static const struct command_kind toy_commands[] = {
	{ "add", "N", toy_add },
	{ "say", "N", toy_say_command },
	{ "open", "N", toy_open },
	{ NULL, NULL, NULL },
};

static const struct module toy_module = {
	.name = "toy", .events = toy_events,
	.event_count = sizeof(toy_events) / sizeof(toy_events[0]),
	.commands = toy_commands,
};

static struct world *toy_new(uint64_t seed)
{
	const struct module *modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &toy_module,
	};
	struct world_spec spec = {
		.seed = seed, .arena_bytes = (size_t)16 << 20,
		.modules = modules, .trace = true,
	};
	struct world *w = world_new(&spec);
	struct toy *toy = world_take(w, struct toy);

	w->state->parts[MODULE_WORLD] = toy;
	toy->log = history_open(&w->history, 1024);
	return w;
}

static inline void toy_do(struct world *w, const char *line)
{
	struct err err = { "" };

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static uint64_t hash_more(uint64_t h, const void *at, size_t bytes)
{
	const unsigned char *p = at;

	for (size_t i = 0; i < bytes; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Every byte of the arena in use; only worlds at one address may be compared. */
static inline uint64_t toy_arena_hash(const struct world *w)
{
	return hash_more(1, w->arena.base, arena_head(&w->arena)->used);
}

static inline uint64_t toy_streams_hash(const struct world *w)
{
	uint64_t h = w->history.count;

	for (stream_id id = 1; id < w->history.count; id++) {
		const struct history_stream *s = &w->history.streams[id];

		h = hash_more(h, &s->len, sizeof(s->len));
		for (uint64_t at = 0; at < s->len; at += s->chunk_bytes)
			h = hash_more(h, s->chunks[at / s->chunk_bytes],
				      s->len - at < s->chunk_bytes ?
				      s->len - at : s->chunk_bytes);
	}
	return h;
}

/* The log as numbers; caller frees nothing: lent, of at most 64. */
static inline const uint32_t *toy_said(const struct world *w, size_t *count)
{
	static uint32_t said[64];
	stream_id id = toy_of(w)->log;

	*count = history_len(&w->history, id) / sizeof(uint32_t);
	assert_true(*count <= 64);
	for (size_t i = 0; i < *count; i++)
		memcpy(&said[i], history_at(&w->history, id, i * 4), 4);
	return said;
}

#define assert_said(w, ...)						\
	do {								\
		const uint32_t want_[] = { __VA_ARGS__ };		\
		size_t n_;						\
		const uint32_t *said_ = toy_said((w), &n_);		\
		assert_int_equal(n_, sizeof(want_) / sizeof(want_[0]));	\
		assert_memory_equal(said_, want_, sizeof(want_));	\
	} while (0)

#endif
