/* terminal.c - what a person at a keyboard starts in the world
 *
 * What all of its clients share: an id, a mailbox in history, a timer that
 * looks after them, and their end.
 */
#include "sim/stack/terminal_inside.h"

#include "sim/core/args.h"

/*
 * An index of entries of one size, and their texts beside it: a stream skips
 * the rest of a chunk that an entry does not fit into, so only entries that
 * divide the chunk can be counted through.
 */
#define ENTRY_CHUNK	(sizeof(struct terminal_entry) * 1024)
#define TEXT_CHUNK	(1u << 20)	/* longest text; a Lua string's too */

struct terminals *terminals_new(struct world *w)
{
	struct terminals *t = world_take(w, struct terminals);

	t->entries = history_open(&w->history, ENTRY_CHUNK);
	t->texts = history_open(&w->history, TEXT_CHUNK);
	return t;
}

struct terminals *terminals_of(const struct world *w)
{
	const struct terminal_root *root = w->state->parts[MODULE_STACK];

	return root ? root->terminals : NULL;
}

/* -- the mailbox -------------------------------------------------------- */

void terminal_post(struct world *w, struct terminal *t, enum terminal_kind kind,
		   const char *text, size_t len)
{
	static const char too_long[] =
		"{\"error\":\"TOO_LARGE\",\"message\":\"the answer is too "
		"long to be shown\"}";
	struct terminals *all = terminals_of(w);
	struct terminal_entry e = {
		.id = t->id, .at = world_now(w), .kind = (uint16_t)kind,
	};

	if (len >= TEXT_CHUNK) {
		text = too_long;
		len = sizeof(too_long) - 1;
	}
	e.len = (uint32_t)len;
	if (len) {		/* with the NUL, so that it can be lent */
		struct text copy = {0};

		text_bytes(&copy, text, len);
		e.text_at = history_append(&w->history, all->texts, copy.at,
					   len + 1);
		text_free(&copy);
	}
	history_append(&w->history, all->entries, &e, sizeof(e));
	t->entries = history_len(&w->history, all->entries) / sizeof(e);
}

void terminal_post_text(struct world *w, struct terminal *t,
			enum terminal_kind kind, const struct text *text)
{
	terminal_post(w, t, kind, text_cstr(text), text->len);
}

struct terminal *terminal_find(const struct world *w, int64_t id)
{
	struct terminals *all = terminals_of(w);

	return all && id > 0 ? map_get(&all->by_id, (uint64_t)id) : NULL;
}

int64_t terminal_open_after(const struct world *w, int64_t id)
{
	const struct terminals *all = terminals_of(w);
	int64_t last = all ? all->last_id : 0;

	for (id = id < 0 ? 1 : id + 1; id <= last; id++) {
		const struct terminal *t = terminal_find(w, id);

		if (t && t->open)
			return id;
	}
	return 0;
}

bool terminal_has(const struct world *w, int64_t id, uint64_t cursor)
{
	const struct terminal *t = terminal_find(w, id);

	return t && t->entries > cursor;
}

const struct terminal_entry *terminal_next(const struct world *w, int64_t id,
					   uint64_t *cursor)
{
	const struct terminals *all = terminals_of(w);
	const struct terminal *t = terminal_find(w, id);

	while (t && *cursor < t->entries) {
		const struct terminal_entry *e = history_at(&w->history,
			all->entries, (*cursor)++ * sizeof(*e));

		if (e->id == id)
			return e;
	}
	return NULL;
}

const char *terminal_text(const struct world *w,
			  const struct terminal_entry *e)
{
	return e->len ? history_at(&w->history, terminals_of(w)->texts,
				   e->text_at) : "";
}

const char *terminal_kind_name(uint16_t kind)
{
	static const char *const names[] = {
		[TERMINAL_REPLY] = "reply", [TERMINAL_RECORD] = "record",
		[TERMINAL_LOG] = "log", [TERMINAL_ACK] = "ack",
		[TERMINAL_FAILED] = "failed", [TERMINAL_CLOSED] = "closed",
	};

	return names[kind];
}

/* -- a client and its command ------------------------------------------- */

struct terminal *terminal_open(struct world *w, enum terminal_what what)
{
	struct terminals *all = terminals_of(w);
	struct terminal *t = world_take(w, struct terminal);

	t->id = ++all->last_id;
	t->what = what;
	t->open = true;
	t->log_seen = log_count(w);
	map_put(&all->by_id, &w->arena, (uint64_t)t->id, t);
	return t;
}

struct terminal *terminal_named(struct world *w, const char *args,
				enum terminal_what what, struct err *err)
{
	int64_t id = args_int(args, "id", 0);
	struct terminal *t = terminal_find(w, id);

	if (!t || t->what != what || !t->open)
		err_set(err, "id=%lld: no such client is open", (long long)id);
	return t && t->what == what && t->open ? t : NULL;
}

struct machine *terminal_machine(struct world *w, const char *args,
				 struct err *err)
{
	char name[128];
	struct machine *m;

	args_text(args, "from", name, sizeof(name));
	m = *name ? machine_find(w, name) : NULL;
	if (!m)
		err_set(err, "from=%s: no such machine", name);
	return m;
}

/* An argument, or what stands for it when it is not there. */
void terminal_argument(const char *args, const char *key, const char *otherwise,
		       struct text *t)
{
	if (!args_bytes(args, key, t))
		text_add(t, otherwise);
}

/* -- its life ----------------------------------------------------------- */

void terminal_ended(struct world *w, struct terminal *t)
{
	if (!t->open)
		return;
	t->open = false;
	world_cancel(w, &t->poll);
	terminal_post(w, t, TERMINAL_CLOSED, "", 0);
}

void terminal_poll_in(struct world *w, struct terminal *t, sim_time wait)
{
	world_cancel(w, &t->poll);
	t->poll = world_timer(w, world_now(w) + wait, TERMINAL_POLL, t, 0);
}

void terminal_poll(struct world *w, void *who, uint16_t arg)
{
	struct terminal *t = who;

	(void)arg;
	if (!t->open)
		return;
	if (t->what == WHAT_ADMIN) {
		admin_client_close(w, t->admin);
		terminal_ended(w, t);
	} else if (t->what == WHAT_PRODUCER) {
		terminal_poll_producer(w, t);
	} else if (t->what == WHAT_CONSUMER) {
		terminal_poll_consumer(w, t);
	}
}

bool terminal_kill(struct world *w, const char *args, int64_t *result,
		   struct err *err)
{
	struct terminal *t = terminal_find(w, args_int(args, "id", 0));

	if (!t || !t->open)
		return err_set(err, "id=: no such client is open");
	*result = t->id;
	if (t->what == WHAT_ADMIN) {
		admin_client_close(w, t->admin);
		terminal_ended(w, t);
	} else if (t->what == WHAT_HTTP) {
		process_kill(w, t->http->process);
	} else {
		process_kill(w, t->host->process);
	}
	return true;
}
