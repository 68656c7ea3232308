/* session.c - a person at a console in a world */
#include "lua/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>

#include "lua/bind_tools.h"
#include "lua/console.h"
#include "lua/json.h"
#include "lua/sandbox.h"
#include "sim/core/mem.h"
#include "sim/core/world.h"
#include "sim/stack/terminal.h"

/* So many polls in a row pass no virtual time (each is some 5 million steps of
 * the tools at most); then this much passes. */
#define POLLS_MAX	2
#define COMPUTING	SIM_MS(100)
/* And so often until a line is taken for one that never ends. */
#define COMPUTED_MAX	8
#define WORDS_MAX	64
#define AWAITED_MAX	64

struct line {
	sim_time at, ended_at;
	char *line;
	struct text output;
	int exit_code;
	bool cut;
};

struct session {
	struct world *world;
	struct session_options options;
	char *world_name;
	struct files files;
	struct files_memory *own_files;	/* NULL: the host's are used */
	const struct console_word *words[WORDS_MAX];
	size_t word_count;

	struct session_ticket *ticket;

	struct sandbox *sandbox;	/* these three are made anew together */
	struct tools *tools;
	struct console *console;

	struct line *lines;		/* the last one runs while busy */
	size_t line_count, line_cap;
	struct text loose;		/* printed while no line runs */
	bool busy;
	int64_t open_before;		/* last client open when it began */
	int status;
	bool flooded;			/* printed beyond all bounds */
	int polls;			/* since time passed last */
	int computed;			/* how often that was too many */
	sim_time computing_until;	/* no tool goes on before */
	int64_t awaited[AWAITED_MAX];	/* ids of mailboxes, at the last poll */
	size_t awaited_count;		/* may be more than there is room for */
};

/* The line that runs, or NULL. */
static struct line *current(struct session *s)
{
	return s->busy ? &s->lines[s->line_count - 1] : NULL;
}

/* --- what the console asks its host ------------------------------------- */

/* Whoever still waits is remembered, so that the world can run on undisturbed
 * until there is something for them. */
static bool host_ready(void *ctx, const char *kind, int64_t id,
		       int64_t deadline_ns)
{
	struct session *s = ctx;

	(void)deadline_ns;
	if (strcmp(kind, "entry") != 0)
		return false;
	if (tools_have_entry(s->tools, id))
		return true;
	if (s->awaited_count < AWAITED_MAX)
		s->awaited[s->awaited_count] = id;
	s->awaited_count++;
	return false;
}

static int64_t host_now_ns(void *ctx)
{
	struct session *s = ctx;

	return world_now(s->world);
}

static void host_out(void *ctx, int stream, const char *bytes, size_t len)
{
	struct session *s = ctx;
	struct line *line = current(s);
	struct text *out = line ? &line->output : &s->loose;

	if (out->len + len <= SESSION_OUTPUT_MAX)
		text_bytes(out, bytes, len);
	else if (line)
		line->cut = s->flooded = true;
	if (s->options.out)
		s->options.out(s->options.ctx, stream, bytes, len);
}

static void host_clear(void *ctx)
{
	struct session *s = ctx;

	if (s->options.clear)
		s->options.clear(s->options.ctx);
}

static int host_columns(void *ctx)
{
	struct session *s = ctx;

	return s->options.columns ? s->options.columns : 80;
}

/* --- sandbox, tools and console ----------------------------------------- */

static bool console_open(struct session *s, struct err *err)
{
	struct console_host host = {
		.ctx = s, .ready = host_ready, .now_ns = host_now_ns,
		.out = host_out, .clear = host_clear, .columns = host_columns,
	};

	s->sandbox = sandbox_new(NULL);
	if (!json_open(s->sandbox, err))
		return false;
	s->tools = tools_new(s->sandbox, s->world, s->world_name, err);
	if (!s->tools)
		return false;
	s->console = console_new(s->sandbox, &host, &s->files,
				 s->options.sources, err);
	if (!s->console)
		return false;
	tools_push(s->tools, sandbox_state(s->sandbox));
	console_world_set(s->console);
	for (size_t i = 0; i < s->word_count; i++)
		console_add_word(s->console, s->words[i]);
	return true;
}

static void console_close(struct session *s)
{
	console_free(s->console);
	sandbox_free(s->sandbox);
	tools_free(s->tools);
	s->console = NULL;
	s->sandbox = NULL;
	s->tools = NULL;
}

/* Another console, with the lines of this one in its history. */
static void console_renew(struct session *s)
{
	struct console *old = s->console;
	struct sandbox *old_sandbox = s->sandbox;
	struct tools *old_tools = s->tools;
	struct err err;

	if (!console_open(s, &err))
		abort();	/* the same tools could be loaded before */
	for (size_t i = 0; i < console_history_count(old); i++)
		console_history_add(s->console, console_history_at(old, i));
	console_free(old);
	sandbox_free(old_sandbox);
	tools_free(old_tools);
}

/* --- life --------------------------------------------------------------- */

struct session *session_new(struct world *w,
			    const struct session_options *options,
			    struct err *err)
{
	struct session *s = mem_zeroed(1, sizeof(*s));

	s->world = w;
	s->ticket = mem_take(sizeof(*s->ticket));
	*s->ticket = (struct session_ticket){ s, 1 };
	if (options)
		s->options = *options;
	s->world_name = mem_text(s->options.world_name);
	if (s->options.files) {
		s->files = *s->options.files;
	} else {
		s->own_files = files_memory_new();
		s->files = files_memory_face(s->own_files);
	}
	if (console_open(s, err))
		return s;
	session_free(s);
	return NULL;
}

static void line_release(struct line *line)
{
	free(line->line);
	text_free(&line->output);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	s->ticket->session = NULL;
	session_ticket_drop(s->ticket);
	console_close(s);
	files_memory_free(s->own_files);
	for (size_t i = 0; i < s->line_count; i++)
		line_release(&s->lines[i]);
	free(s->lines);
	text_free(&s->loose);
	free(s->world_name);
	free(s);
}

struct session_ticket *session_ticket_take(struct session *s)
{
	s->ticket->holders++;
	return s->ticket;
}

void session_ticket_drop(struct session_ticket *t)
{
	if (t && --t->holders == 0)
		free(t);
}

struct world *session_world(const struct session *s)
{
	return s->world;
}

struct console *session_console(const struct session *s)
{
	return s->console;
}

const struct files *session_files(const struct session *s)
{
	return &s->files;
}

void session_add_word(struct session *s, const struct console_word *word)
{
	assert(s->word_count < WORDS_MAX);
	s->words[s->word_count++] = word;
	console_add_word(s->console, word);
}

/* --- lines -------------------------------------------------------------- */

static struct line *line_add(struct session *s, const char *text)
{
	struct line *line;

	if (s->line_count == s->line_cap) {
		s->line_cap = s->line_cap ? 2 * s->line_cap : 32;
		s->lines = mem_grow(s->lines, s->line_cap * sizeof(*s->lines));
	}
	line = &s->lines[s->line_count++];
	*line = (struct line){
		.at = world_now(s->world), .ended_at = SIM_NEVER,
		.line = mem_copy(text), .output = s->loose,
	};
	s->loose = (struct text){0};
	return line;
}

static void line_end(struct session *s, int status)
{
	struct line *line = current(s);

	line->ended_at = world_now(s->world);
	line->exit_code = s->status = status;
	s->busy = false;
}

static int64_t last_open(const struct world *w)
{
	int64_t last = 0, id;

	while ((id = terminal_open_after(w, last)))
		last = id;
	return last;
}

/* Tools that were killed said no goodbye: with no job left, what this line has
 * started in the world ends too, as a terminal's children do. */
static void end_orphans(struct session *s)
{
	struct text line = {0};
	int64_t id = s->open_before;

	while ((id = terminal_open_after(s->world, id))) {
		text_clear(&line);
		text_addf(&line, "client-kill id=%lld", (long long)id);
		world_command(s->world, text_cstr(&line), NULL, NULL);
	}
	text_free(&line);
}

bool session_start(struct session *s, const char *line, struct err *err)
{
	struct err why;

	if (s->busy)
		return err_set(err, "a command still runs; Ctrl-C stops it");
	line_add(s, line);
	s->busy = true;
	s->open_before = last_open(s->world);
	s->flooded = false;
	s->polls = 0;
	s->computed = 0;
	if (console_start(s->console, line, &why))
		return true;
	host_out(s, 2, why.what, strlen(why.what));
	host_out(s, 2, "\n", 1);
	line_end(s, console_status(s->console));
	return true;
}

bool session_busy(const struct session *s)
{
	return s->busy;
}

int session_status(const struct session *s)
{
	return s->status;
}

/* Patience begins anew: what it says on leaving may be long. */
void session_interrupt(struct session *s)
{
	s->flooded = false;
	s->computed = 0;
	s->computing_until = 0;
	console_interrupt(s->console);
}

void session_input(struct session *s, const char *bytes, size_t len)
{
	console_input(s->console, bytes, len);
}

void session_input_end(struct session *s)
{
	console_input_end(s->console);
}

/* --- time --------------------------------------------------------------- */

/* Let the jobs do what they can do now.  *due is when they want to be looked
 * at again, whatever happens in the world: now, if they are not done. */
static void serve(struct session *s, sim_time *due)
{
	enum console_state state;

	s->polls++;
	s->awaited_count = 0;
	state = console_poll(s->console, due);
	if (state != CONSOLE_IDLE)
		return;
	if (s->busy && *due == CONSOLE_NEVER && !s->awaited_count)
		end_orphans(s);
	if (s->busy)
		line_end(s, console_status(s->console));
	if (sandbox_stopped(s->sandbox) != SANDBOX_RUNNING) {
		static const char why[] = "(the console starts anew: jobs and "
					  "variables are gone)\n";

		console_renew(s);
		host_out(s, 2, why, sizeof(why) - 1);
		s->awaited_count = 0;
		*due = CONSOLE_NEVER;
	}
}

/* Has something come that a tool waits for? */
static bool has_come(struct session *s)
{
	if (s->awaited_count > AWAITED_MAX)
		return true;		/* look at all of them */
	for (size_t i = 0; i < s->awaited_count; i++)
		if (tools_have_entry(s->tools, s->awaited[i]))
			return true;
	return false;
}

/* Time passes up to `until`, but not beyond the event that somebody waits for
 * (or all events at that same time). */
static void pass(struct session *s, sim_time until)
{
	sim_time began = world_now(s->world);

	if (!s->awaited_count) {
		world_run_until(s->world, until);
	} else {
		do {
			sim_time next = world_next(s->world);

			world_run_until(s->world, next < until ? next : until);
		} while (world_now(s->world) < until && !has_come(s));
	}
	if (world_now(s->world) > began)
		s->polls = 0;
}

/* Is it time to lose patience with the line? */
static bool is_endless(const struct session *s)
{
	return s->flooded || s->computed > COMPUTED_MAX;
}

/* Run the world and the jobs up to `until`; with `only_line` no further than
 * the end of the line that runs. */
static void go_on(struct session *s, sim_time until, bool only_line)
{
	for (;;) {
		sim_time now = world_now(s->world), due = s->computing_until;

		if (now >= due) {
			serve(s, &due);
			if (only_line && (!s->busy || is_endless(s)))
				return;
			if (only_line && console_wants_input(s->console)) {
				console_input_end(s->console);
				due = now;
			}
			if (s->polls > POLLS_MAX && due <= now) {
				s->computed++;
				due = s->computing_until = now + COMPUTING;
			}
		}
		if (now >= until && world_next(s->world) > until)
			return;
		if (due > now || now >= until)
			pass(s, due < until ? due : until);
	}
}

void session_advance(struct session *s, sim_time until)
{
	go_on(s, until, false);
}

bool session_follow(struct session *s, sim_time until)
{
	if (s->busy)
		go_on(s, until, true);
	return !s->busy || !is_endless(s);
}

/* Ctrl-C, and some more time for the line. */
static void cut_short(struct session *s, sim_time grace)
{
	if (!s->busy)
		return;
	session_interrupt(s);
	session_follow(s, world_now(s->world) + grace);
}

bool session_run(struct session *s, const char *line, sim_time limit,
		 struct text *out, int *exit_code, struct err *err)
{
	const struct line *ran;

	if (!session_start(s, line, err))
		return false;
	session_follow(s, world_now(s->world) + limit);
	cut_short(s, SESSION_GRACE);
	cut_short(s, 0);
	assert(!s->busy);	/* a second Ctrl-C ends whatever is left */
	ran = &s->lines[s->line_count - 1];
	if (out) {
		text_bytes(out, ran->output.at, ran->output.len);
		if (ran->cut)
			text_addf(out, "(the output was longer than %d KiB)\n",
				  SESSION_OUTPUT_MAX / 1024);
	}
	if (exit_code)
		*exit_code = ran->exit_code;
	return true;
}

void session_rewound(struct session *s)
{
	sim_time now = world_now(s->world);

	if (s->busy || console_job_count(s->console)) {
		console_renew(s);
		if (s->busy)
			line_end(s, 130);	/* as if by Ctrl-C */
	}
	tools_forget(s->tools);
	s->computing_until = 0;
	s->polls = 0;
	text_clear(&s->loose);
	while (s->line_count && s->lines[s->line_count - 1].at > now)
		line_release(&s->lines[--s->line_count]);
	for (size_t i = 0; i < s->line_count; i++)
		if (s->lines[i].ended_at > now)
			s->lines[i].ended_at = now;
}

void session_rewound_to(struct session *s, size_t lines)
{
	session_rewound(s);
	while (s->line_count > lines)
		line_release(&s->lines[--s->line_count]);
}

/* --- the transcript ----------------------------------------------------- */

size_t session_line_count(const struct session *s)
{
	return s->line_count;
}

struct session_line session_line_at(const struct session *s, size_t i)
{
	const struct line *line = &s->lines[i];

	assert(i < s->line_count);
	return (struct session_line){
		.at = line->at, .ended_at = line->ended_at,
		.line = line->line, .output = text_cstr(&line->output),
		.output_len = line->output.len, .exit_code = line->exit_code,
		.cut = line->cut,
	};
}
