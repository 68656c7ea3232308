/* sandbox.c - the meters: how a script is made to stop, and what is said then
 *
 *	  who notices            what it sees                     how it stops
 *	  allocate()             bytes alive, one long string,    says no; liblua
 *	                         a deep stack, the CPU clock      raises ERRMEM
 *	  on_count() every step  instructions, the CPU clock      raises
 *	  sandbox_charge()       work of C functions              raises
 *
 * What they raise goes up through every pcall, resume and close of ours; each
 * asks sandbox_pass_on, which raises it again.  While it goes up, the hook is
 * armed to fire at every instruction, so that a __close handler on the way
 * gets no further than its first one.
 */
#define _POSIX_C_SOURCE 200809L
#include "lua/sandbox_inside.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/core/err.h"
#include "sim/core/mem.h"

const struct sandbox_limits sandbox_limits_default = {
	.fuel = 20 * 1000 * 1000,
	.memory_bytes = (size_t)32 << 20,
	.cpu_ms = 1500,
};

/*
 * From one count hook to the next.  A hook costs about as much as 10
 * instructions, so 1000 is cheap.  But a single instruction can take a
 * millisecond: "a < b" on megabytes.  Scripts that could do so are watched
 * more closely.  What triggers it depends on the script alone, as the place
 * where fuel runs out does.
 */
#define STEP 1000
#define STEP_PROGRAM 100		/* of a program in a world */
#define STEP_LONG_STRINGS 100		/* once a string over 64 KiB was made */
#define STEP_MANY_METATABLES 20		/* see sandbox_saw_metatable */
#define LONG_STRING ((size_t)64 << 10)

/* Fuel of one call for the instructions before its first hook. */
#define FUEL_CALL 100
/* The parser's work for one byte of source. */
#define FUEL_SOURCE_BYTE 4
/* The CPU clock is read after so much charged fuel, or so many bytes. */
#define CLOCK_FUEL 20000
#define CLOCK_BYTES ((size_t)1 << 20)

/*
 * Slots of a Lua stack, some thousands of nested calls.  liblua alone would allow
 * 1,000,000, and a table that is its own __call shifts the whole stack up by
 * one until it is full: n^2/2 moves within one instruction.  At twice this
 * limit, where it is noticed, that is 0.4 s; at 1,000,000 five minutes.
 */
#define STACK_SLOTS_MAX 20480
#define SLOT_BYTES 16
#define EXTRA_SLOTS 5			/* EXTRA_STACK of lstate.h */

/* Bytes of a TString around its text (lobject.h), and the longest text that
 * is interned (LUAI_MAXSHORTLEN). */
#define STRING_HEADER 24
#define SHORT_STRING_MAX 40

/* What is raised at a fatal stop: no script can make or recognise it. */
static char fatal;

static const char refused_heap[] = "heap";
static const char refused_string[] = "string";
static const char refused_stack[] = "stack";

/* --- CPU time ----------------------------------------------------------- */

static int64_t thread_cpu_ns(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Read the clock, and remember if it is too late. */
static bool overtime(struct sandbox *s)
{
	int64_t used_ns = s->cpu_ns(s->cpu_ctx) - s->cpu_start_ns;

	s->unclocked = 0;
	s->churn = 0;
	if (used_ns <= (int64_t)s->limits.cpu_ms * 1000000)
		return false;
	if (s->stop == SANDBOX_RUNNING)
		s->stop = SANDBOX_STOP_HOST;
	return true;
}

/* --- memory ------------------------------------------------------------- */

/*
 * Is this the stack of a thread, doubling beyond the limit?  liblua does not
 * say, but its arithmetic does: ldo.c makes n + EXTRA into 2n + EXTRA slots,
 * while tables grow to powers of two and buffers by half.  liblua 5.4.4 takes
 * a new block and then frees the old one; later ones reallocate.
 */
static bool is_deep_stack(size_t had, size_t want)
{
	return want > (STACK_SLOTS_MAX + EXTRA_SLOTS) * SLOT_BYTES &&
	       had % SLOT_BYTES == 0 &&
	       want == 2 * had - EXTRA_SLOTS * SLOT_BYTES;
}

static bool refuse(struct sandbox *s, const char *why)
{
	s->refused = why;
	return false;
}

/* Too late to refuse: so refuse what comes next, and tell the hook. */
static void stop_deep(struct sandbox *s)
{
	if (s->stop != SANDBOX_RUNNING)
		return;
	s->stop = SANDBOX_STOP_MEMORY;
	s->refused = refused_stack;
}

static bool may_grow(struct sandbox *s, const void *block, size_t tag,
		     size_t want)
{
	size_t had = block ? tag : 0;

	if (s->stop != SANDBOX_RUNNING && s->stop != SANDBOX_STOP_FUEL)
		return false;
	if (!block && tag == LUA_TSTRING &&
	    want > SANDBOX_STRING_MAX + STRING_HEADER + 1)
		return refuse(s, refused_string);
	if (block && is_deep_stack(had, want))
		return refuse(s, refused_stack);

	/* liblua collects all garbage after a no, and asks again.  A script
	 * that lives at the brim collects all the time: so look at the clock. */
	if (s->memory_used - had + want > s->limits.memory_bytes) {
		overtime(s);
		return refuse(s, refused_heap);
	}
	s->churn += want;
	return s->churn < CLOCK_BYTES || !overtime(s);
}

/*
 * Fuel for a new block.  Only for what the script alone decides.  Strings up
 * to 40 bytes are shared with equal ones that may still be waiting for the
 * collector, and how often a table is rebuilt depends on liblua's random hash
 * seed; both are bounded by the instructions that cause them.
 */
static int64_t fuel_for(size_t tag, size_t bytes)
{
	if (tag == LUA_TSTRING)
		return bytes > STRING_HEADER + SHORT_STRING_MAX + 1
			? (int64_t)bytes / 16 : 0;
	return tag == LUA_TTABLE || tag == LUA_TFUNCTION ||
	       tag == LUA_TUSERDATA || tag == LUA_TTHREAD
		? (int64_t)bytes / 16 : 0;
}

static void *resize(struct sandbox *s, void *block, size_t had, size_t want)
{
	const struct sandbox_memory *m = &s->memory;
	void *p;

	if (!m->take)
		return realloc(block, want);
	p = m->take(m->ctx, want);
	if (block) {
		memcpy(p, block, had < want ? had : want);
		m->give(m->ctx, block, had);
	}
	return p;
}

static void release(struct sandbox *s, void *block, size_t had)
{
	if (s->memory.take && block)
		s->memory.give(s->memory.ctx, block, had);
	else
		free(block);
}

/* lua_Alloc.  For a new block, `tag` is the kind of object it is for. */
static void *allocate(void *ctx, void *block, size_t tag, size_t want)
{
	struct sandbox *s = ctx;
	size_t had = block ? tag : 0;
	void *p;

	if (want == 0) {
		if (s->running && is_deep_stack(had, s->newest_bytes))
			stop_deep(s);
		s->newest_bytes = 0;
		release(s, block, had);
		s->memory_used -= had;
		return NULL;
	}
	s->newest_bytes = !block && tag == 0 ? want : 0;
	if (want > had && s->running && !may_grow(s, block, tag, want))
		return NULL;

	p = resize(s, block, had, want);
	if (!p)
		return want <= had ? block : NULL;	/* may not fail */
	s->memory_used += want - had;
	if (!block) {
		if (s->running)
			s->fuel_left -= fuel_for(tag, want);
		if (tag == LUA_TSTRING && want > LONG_STRING &&
		    s->step > STEP_LONG_STRINGS)
			s->step = STEP_LONG_STRINGS;
	}
	return p;
}

/* --- stopping ----------------------------------------------------------- */

/* Write "FILE:LINE" of the innermost Lua function, if there is one. */
static void note_where(struct sandbox *s, lua_State *L)
{
	lua_Debug ar;

	for (int level = 0; level < 50 && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0)
			continue;
		snprintf(s->where, sizeof(s->where), "%s:%d", ar.short_src,
			 ar.currentline);
		return;
	}
}

static void on_count(lua_State *L, lua_Debug *ar);

static void raise_fatal(lua_State *L)
{
	lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
	lua_pushlightuserdata(L, &fatal);
	lua_error(L);
}

/* The hook: `step` more instructions have been run on this thread. */
static void on_count(lua_State *L, lua_Debug *ar)
{
	struct sandbox *s = sandbox_of(L);

	if (s->stop == SANDBOX_RUNNING) {
		s->fuel_left -= lua_gethookcount(L);
		lua_getinfo(L, "Sl", ar);
		snprintf(s->where, sizeof(s->where), "%s:%d", ar->short_src,
			 ar->currentline);
		if (s->fuel_left <= 0)
			s->stop = SANDBOX_STOP_FUEL;
		else
			overtime(s);
	}
	if (s->stop != SANDBOX_RUNNING)
		raise_fatal(L);
	if (lua_gethookcount(L) != s->step)
		sandbox_watch(s, L);
}

void sandbox_watch(struct sandbox *s, lua_State *L)
{
	lua_sethook(L, on_count, LUA_MASKCOUNT, s->step);
}

void sandbox_charge(lua_State *L, int64_t fuel)
{
	struct sandbox *s = sandbox_of(L);

	if (s->stop == SANDBOX_RUNNING) {
		s->fuel_left -= fuel;
		s->unclocked += fuel;
		if (s->fuel_left <= 0)
			s->stop = SANDBOX_STOP_FUEL;
		else if (s->unclocked >= CLOCK_FUEL)
			overtime(s);
	}
	if (s->stop != SANDBOX_RUNNING) {
		note_where(s, L);
		raise_fatal(L);
	}
}

void sandbox_pass_on(lua_State *L, int status)
{
	struct sandbox *s = sandbox_of(L);

	if (status == LUA_ERRMEM && s->stop == SANDBOX_RUNNING)
		s->stop = SANDBOX_STOP_MEMORY;
	if (s->stop != SANDBOX_RUNNING)
		raise_fatal(L);
}

/*
 * A table whose __call is a table whose __call is a table ...: calling the
 * first moves the stack once for each, in one instruction.  A long chain needs
 * many different metatables, and few honest scripts have so many.
 */
static char metatables_key;

void sandbox_saw_metatable(lua_State *L, int index)
{
	struct sandbox *s = sandbox_of(L);
	int metatable = lua_absindex(L, index);

	lua_rawgetp(L, LUA_REGISTRYINDEX, &metatables_key);
	lua_pushvalue(L, metatable);
	if (lua_rawget(L, -2) == LUA_TNIL) {
		lua_pushvalue(L, metatable);
		lua_pushboolean(L, true);
		lua_rawset(L, -4);
		if (++s->metatables > 2000)
			s->step = STEP_MANY_METATABLES;
	}
	lua_pop(L, 2);
}

/* --- what an error says ------------------------------------------------- */

/* Does a message begin like "FILE:LINE: "?  Returns the ':' before LINE. */
static const char *position(const char *text)
{
	for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
		size_t digits = strspn(at + 1, "0123456789");

		if (digits && at[1 + digits] == ':')
			return at;
	}
	return NULL;
}

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Copy bytes as one line of text: no newlines, no escape sequences.  Of a long
 * text the beginning, with the place, and the end, with the point, are kept. */
static void copy_line(char *line, size_t size, const char *bytes, size_t len)
{
	size_t head = len, tail = len, n = 0;

	if (len >= size) {
		head = size / 3;
		tail = len - size / 2;
		while (head > 0 && is_utf8_tail(bytes[head]))
			head--;
		while (tail < len && is_utf8_tail(bytes[tail]))
			tail++;
	}
	for (size_t i = 0; i < head; i++)
		line[n++] = iscntrl((unsigned char)bytes[i]) ? ' ' : bytes[i];
	if (tail < len)
		n += (size_t)snprintf(line + n, size - n, " ... ");
	for (size_t i = tail; i < len; i++)
		line[n++] = iscntrl((unsigned char)bytes[i]) ? ' ' : bytes[i];
	line[n] = '\0';
}

static void write_epitaph(struct sandbox *s)
{
	const char *colon = s->where[0] ? ": " : "";
	char *out = s->epitaph;
	size_t size = sizeof(s->epitaph);

	if (s->stop == SANDBOX_STOP_FUEL)
		snprintf(out, size, "%s%sstopped: the script used its budget "
			 "of %lld steps", s->where, colon,
			 (long long)s->fuel_budget);
	else if (s->stop == SANDBOX_STOP_HOST)
		snprintf(out, size, "%s%sstopped: host limit: the script ran "
			 "longer than %d ms", s->where, colon,
			 s->limits.cpu_ms);
	else if (s->refused == refused_string)
		snprintf(out, size, "%s%sstopped near here: a string would be "
			 "longer than %zu KiB", s->where, colon,
			 SANDBOX_STRING_MAX >> 10);
	else if (s->refused == refused_stack)
		snprintf(out, size, "%s%sstopped near here: calls are nested "
			 "too deep; does a function call itself for ever?",
			 s->where, colon);
	else
		snprintf(out, size, "%s%sstopped near here: the script needs "
			 "more than its %zu KiB of memory", s->where, colon,
			 s->limits.memory_bytes >> 10);
}

static int push_text(lua_State *L)
{
	sandbox_tostring(L, 1, NULL);
	return 1;
}

/*
 * Make one line of the error value on top of the main stack, which is popped.
 * Showing it can run a __tostring of the script, so the meters still run, and
 * may stop the script only now.
 */
static void explain(struct sandbox *s, int status, struct err *err)
{
	lua_State *L = s->L;
	char line[400] = "the error value could not be shown";
	const char *text;
	size_t len;

	if (status == LUA_ERRMEM && s->stop == SANDBOX_RUNNING)
		s->stop = SANDBOX_STOP_MEMORY;
	if (s->stop == SANDBOX_RUNNING) {
		lua_pushcfunction(L, push_text);
		lua_insert(L, -2);
		status = lua_pcall(L, 1, 1, 0);
		if (status == LUA_ERRMEM && s->stop == SANDBOX_RUNNING)
			s->stop = SANDBOX_STOP_MEMORY;
		text = status == LUA_OK ? lua_tolstring(L, -1, &len) : NULL;
		if (text)
			copy_line(line, sizeof(line), text, len);
	}
	lua_pop(L, 1);

	if (s->stop != SANDBOX_RUNNING) {
		write_epitaph(s);
		err_set(err, "%s", s->epitaph);
	} else if (s->where[0] && !position(line)) {
		err_set(err, "%s: %s", s->where, line);
	} else {
		err_set(err, "%s", line);
	}
}

static bool usable(const struct sandbox *s, struct err *err)
{
	if (s->stop == SANDBOX_RUNNING)
		return true;
	return err_set(err, "this script cannot run any more (%s)", s->epitaph);
}

/* The parser's messages end in "near 'token'".  When the line has just one
 * such token, its column is known. */
static bool find_column(const char *line, size_t line_len, const char *token,
			size_t token_len, size_t *column)
{
	bool word = isalnum((unsigned char)token[0]) || token[0] == '_';
	int found = 0;

	for (size_t i = 0; i + token_len <= line_len; i++) {
		const char *end = line + i + token_len;

		if (memcmp(line + i, token, token_len) != 0)
			continue;
		if (word && i > 0 && (isalnum((unsigned char)line[i - 1]) ||
				      line[i - 1] == '_'))
			continue;
		if (word && end < line + line_len &&
		    (isalnum((unsigned char)*end) || *end == '_'))
			continue;
		*column = i + 1;
		found++;
	}
	return found == 1;
}

static void add_column(struct err *err, const char *source, size_t len)
{
	const char *at = position(err->what);
	const char *near = NULL, *next = err->what;
	const char *end = source + len, *eol;
	char token[80], text[sizeof(err->what)];
	size_t column, token_len;
	char *rest;

	while ((next = strstr(next, " near '")))
		near = next++;
	if (!at || !near)
		return;
	copy_line(token, sizeof(token), near + 7, strlen(near + 7));
	token_len = strlen(token);
	if (token_len < 2 || token[--token_len] != '\'')
		return;

	for (long line = strtol(at + 1, &rest, 10); line > 1; line--) {
		source = memchr(source, '\n', (size_t)(end - source));
		if (!source++)
			return;
	}
	eol = memchr(source, '\n', (size_t)(end - source));
	if (!find_column(source, (size_t)((eol ? eol : end) - source), token,
			 token_len, &column))
		return;
	snprintf(text, sizeof(text), "%.*s:%zu%s", (int)(rest - err->what),
		 err->what, column, rest);
	err_set(err, "%s", text);
}

/* --- life --------------------------------------------------------------- */

/* The meters of one call.  The first hook comes after `step` instructions,
 * so a call that is shorter is charged a flat amount. */
static void begin(struct sandbox *s, lua_State *L, int64_t fuel)
{
	assert(!s->running);	/* sandbox_call is not reentrant */

	s->running = true;
	s->fuel_budget = fuel > 0 ? fuel : s->limits.fuel;
	s->fuel_left = s->fuel_budget - FUEL_CALL;
	s->refused = refused_heap;
	s->unclocked = 0;
	s->churn = 0;
	s->closing = 0;
	s->where[0] = '\0';
	s->cpu_start_ns = s->cpu_ns(s->cpu_ctx);
	sandbox_watch(s, L);
}

/* Until the first hook, errors are said to be where the function begins. */
static void begin_at_function(struct sandbox *s, lua_State *L, int index)
{
	lua_Debug ar;

	lua_pushvalue(L, index);
	if (!lua_isfunction(L, -1)) {
		lua_pop(L, 1);
		return;
	}
	lua_getinfo(L, ">S", &ar);
	if (ar.what[0] != 'C')
		snprintf(s->where, sizeof(s->where), "%s:%d", ar.short_src,
			 ar.linedefined > 0 ? ar.linedefined : 1);
}

/* A message handler, run where the error is raised: says where that is. */
static int on_error(lua_State *L)
{
	struct sandbox *s = sandbox_of(L);

	if (s->stop == SANDBOX_RUNNING)
		note_where(s, L);
	return 1;
}

static struct sandbox *build(struct sandbox *s,
			     const struct sandbox_limits *limits)
{
	s->limits = limits ? *limits : sandbox_limits_default;
	s->cpu_ns = thread_cpu_ns;
	s->L = lua_newstate(allocate, s);
	if (!s->L)
		abort();

	/* lua_newthread copies the extra space of the main thread. */
	*(struct sandbox **)lua_getextraspace(s->L) = s;
	begin(s, s->L, 0);
	lua_pushcfunction(s->L, sandbox_build);
	bool built = lua_pcall(s->L, 0, 0, 0) == LUA_OK;
	s->running = false;
	if (!built) {
		sandbox_free(s);
		return NULL;
	}

	/* Weak keys: it only remembers what is alive anyway. */
	lua_newtable(s->L);
	lua_newtable(s->L);
	lua_pushliteral(s->L, "k");
	lua_setfield(s->L, -2, "__mode");
	lua_setmetatable(s->L, -2);
	lua_rawsetp(s->L, LUA_REGISTRYINDEX, &metatables_key);
	return s;
}

struct sandbox *sandbox_new(const struct sandbox_limits *limits)
{
	struct sandbox *s = mem_zeroed(1, sizeof(*s));

	s->step = STEP;
	return build(s, limits);
}

struct sandbox *sandbox_new_in(const struct sandbox_limits *limits,
			       const struct sandbox_memory *memory)
{
	struct sandbox *s = memory->take(memory->ctx, sizeof(*s));

	memset(s, 0, sizeof(*s));
	s->memory = *memory;
	s->step = STEP_PROGRAM;
	return build(s, limits);
}

void sandbox_free(struct sandbox *s)
{
	struct sandbox_memory memory;

	if (!s)
		return;
	memory = s->memory;
	lua_sethook(s->L, NULL, 0, 0);
	lua_close(s->L);
	if (memory.take)
		memory.give(memory.ctx, s, sizeof(*s));
	else
		free(s);
}

lua_State *sandbox_state(struct sandbox *s)
{
	return s->L;
}

struct sandbox *sandbox_of(lua_State *L)
{
	return *(struct sandbox **)lua_getextraspace(L);
}

void sandbox_set_print(struct sandbox *s,
		       void (*print)(void *ctx, const char *bytes, size_t len),
		       void *ctx)
{
	s->print = print;
	s->print_ctx = ctx;
}

void sandbox_set_clock(struct sandbox *s, int64_t (*cpu_ns)(void *ctx),
		       void *ctx)
{
	s->cpu_ns = cpu_ns ? cpu_ns : thread_cpu_ns;
	s->cpu_ctx = ctx;
}

/* --- act ---------------------------------------------------------------- */

struct source {
	const char *at;
	size_t left;
};

/*
 * The parser asks for its text piece by piece, which is where it can be
 * stopped: a quarter megabyte of "a and a and a ..." takes it 2.7 s, as its
 * time grows with the square of the length.
 */
static const char *read_piece(lua_State *L, void *ctx, size_t *len)
{
	struct source *source = ctx;
	const char *piece = source->at;

	*len = source->left < 1024 ? source->left : 1024;
	source->at += *len;
	source->left -= *len;
	sandbox_charge(L, FUEL_SOURCE_BYTE * (int64_t)*len);
	return *len ? piece : NULL;
}

int sandbox_compile(lua_State *L, const char *chunk_name, const char *source,
		    size_t len, int env_index)
{
	struct source text = { source, len };
	int env = lua_absindex(L, env_index);
	int status = lua_load(L, read_piece, &text, chunk_name, "t");

	sandbox_pass_on(L, status);
	if (status == LUA_OK) {
		lua_pushvalue(L, env);
		lua_setupvalue(L, -2, 1);	/* a main chunk has just _ENV */
	}
	return status;
}

struct load {
	const char *chunk_name;
	const char *source;
	size_t len;
};

static int load_chunk(lua_State *L)
{
	const struct load *load = lua_touserdata(L, 1);

	sandbox_push_env(L);
	lua_pushfstring(L, "@%s", load->chunk_name);
	if (sandbox_compile(L, lua_tostring(L, -1), load->source, load->len,
			    -2) != LUA_OK)
		return lua_error(L);
	return 1;
}

bool sandbox_load(struct sandbox *s, const char *chunk_name,
		  const char *source, size_t len, struct err *err)
{
	struct load load = { chunk_name, source, len };
	struct err ours;

	if (!usable(s, err))
		return false;
	if (len > SANDBOX_STRING_MAX)
		return err_set(err, "%s:1: longer than %zu KiB; split it",
			       chunk_name, SANDBOX_STRING_MAX >> 10);

	begin(s, s->L, 0);
	snprintf(s->where, sizeof(s->where), "%.80s:1", chunk_name);
	lua_pushcfunction(s->L, load_chunk);
	lua_pushlightuserdata(s->L, &load);
	int status = lua_pcall(s->L, 1, 1, 0);
	if (status != LUA_OK) {
		explain(s, status, &ours);
		if (s->stop == SANDBOX_RUNNING)
			add_column(&ours, source, len);
		err_set(err, "%s", ours.what);
	}
	s->running = false;
	return status == LUA_OK;
}

bool sandbox_call(struct sandbox *s, int nargs, int nresults, int64_t fuel,
		  struct err *err)
{
	lua_State *L = s->L;
	int function = lua_gettop(L) - nargs;

	assert(function >= 1);
	if (!usable(s, err)) {
		lua_settop(L, function - 1);
		return false;
	}

	begin(s, L, fuel);
	begin_at_function(s, L, function);
	lua_pushcfunction(L, on_error);
	lua_insert(L, function);
	int status = lua_pcall(L, nargs, nresults, function);
	lua_remove(L, function);
	/* Time may run out in an allocation that was not needed after all. */
	bool done = status == LUA_OK && s->stop == SANDBOX_RUNNING;
	if (!done) {
		if (status == LUA_OK)
			lua_settop(L, function);
		explain(s, status, err);
		lua_settop(L, function - 1);
	}
	s->running = false;
	return done;
}

lua_State *sandbox_thread_new(struct sandbox *s)
{
	lua_State *co = lua_newthread(s->L);

	lua_insert(s->L, -2);
	lua_xmove(s->L, co, 1);
	lua_rawsetp(s->L, LUA_REGISTRYINDEX, co);
	return co;
}

void sandbox_thread_free(struct sandbox *s, lua_State *co)
{
	lua_pushnil(s->L);
	lua_rawsetp(s->L, LUA_REGISTRYINDEX, co);
}

enum sandbox_resume sandbox_resume(struct sandbox *s, lua_State *co, int nargs,
				   int *nresults, int64_t fuel,
				   struct err *err)
{
	enum sandbox_resume answer = SANDBOX_FAILED;

	*nresults = 0;
	if (!usable(s, err)) {
		lua_pop(co, nargs);
		return SANDBOX_FAILED;
	}

	begin(s, co, fuel);
	if (lua_status(co) == LUA_OK && lua_gettop(co) > nargs)
		begin_at_function(s, co, -nargs - 1);
	int status = lua_resume(co, s->L, nargs, nresults);
	if (s->stop == SANDBOX_RUNNING && status == LUA_YIELD)
		answer = SANDBOX_YIELDED;
	else if (s->stop == SANDBOX_RUNNING && status == LUA_OK)
		answer = SANDBOX_DONE;

	if (answer == SANDBOX_FAILED) {
		if (s->stop == SANDBOX_RUNNING)
			note_where(s, co);	/* its stack is still there */
		if (status == LUA_OK || status == LUA_YIELD)
			lua_pushnil(s->L);
		else
			lua_xmove(co, s->L, 1);
		explain(s, status, err);
		*nresults = 0;
	}
	s->running = false;
	return answer;
}

/* --- ask ---------------------------------------------------------------- */

enum sandbox_stop sandbox_stopped(const struct sandbox *s)
{
	return s->stop;
}

int64_t sandbox_fuel_used(const struct sandbox *s)
{
	return s->fuel_budget - s->fuel_left;
}

size_t sandbox_memory_used(const struct sandbox *s)
{
	return s->memory_used;
}
