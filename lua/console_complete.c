/* console_complete.c - what could stand at the cursor */
#include "lua/console_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/sandbox.h"
#include "sim/core/mem.h"

enum {
	COMPLETIONS_MAX = 2000,
	COMPLETE_FUEL = 5000000,
};

/* What is gathered: offers that begin with the word at the cursor. */
struct gather {
	struct completions *out;
	const char *prefix;
	size_t prefix_len;
	char quote;
	size_t cap;
};

static void offer(struct gather *g, const char *s)
{
	struct completions *out = g->out;
	struct text insert = {0};

	if (strncmp(s, g->prefix, g->prefix_len) != 0 ||
	    out->count == COMPLETIONS_MAX)
		return;
	if (out->count == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 16;
		out->at = mem_grow(out->at, g->cap * sizeof(*out->at));
	}
	shell_quote(&insert, s, g->quote);
	out->at[out->count].show = console_copy(s);
	out->at[out->count++].insert = text_take(&insert);
}

static void offer_command(void *with, const char *name, const char *summary)
{
	if (summary)		/* a hidden word has none */
		offer(with, name);
}

static void offer_file(void *with, const char *name, size_t len)
{
	(void)len;
	offer(with, name);
}

static void offer_files(struct console *c, struct gather *g)
{
	c->files.list(c->files.ctx, offer_file, g, NULL);
}

/* %1 for the words that take jobs. */
static void offer_jobs(struct console *c, struct gather *g)
{
	char name[16];

	for (struct job *job = c->jobs; job; job = job->next) {
		if (!job->id || job->done)
			continue;
		snprintf(name, sizeof(name), "%%%d", job->id);
		offer(g, name);
	}
}

static void offer_variables(struct console *c, struct gather *g)
{
	for (size_t i = 0; i < c->variable_count; i++)
		offer(g, c->variables[i].name);
}

static const struct {
	const char *word;
	void (*offer)(struct console *c, struct gather *g);
} word_offers[] = {
	{ "fg", offer_jobs }, { "kill", offer_jobs }, { "wait", offer_jobs },
	{ "export", offer_variables }, { "unset", offer_variables },
};

static bool offer_for_word(struct console *c, struct gather *g,
			   const char *name)
{
	size_t count = sizeof(word_offers) / sizeof(word_offers[0]);

	for (size_t i = 0; i < count; i++)
		if (strcmp(word_offers[i].word, name) == 0)
			word_offers[i].offer(c, g);
	return console_word(c, name) != NULL;
}

/*
 * Asking the tool.  Its function sits in the tool's table; it answers with a
 * list of strings, or nil for "a file, maybe".
 */

struct asking {
	struct console *c;
	const struct tool *tool;
	const struct shell_fields *words;
	struct gather *g;
	bool answered;
};

/* complete, words, n, world */
static int push_question(lua_State *L)
{
	struct asking *a = lua_touserdata(L, 1);

	lua_rawgeti(L, LUA_REGISTRYINDEX, a->tool->ref);
	if (lua_getfield(L, -1, "complete") != LUA_TFUNCTION)
		return luaL_error(L, "the tool has no function complete");
	lua_createtable(L, (int)a->words->count, 1);
	for (size_t i = 0; i < a->words->count; i++) {
		lua_pushstring(L, a->words->at[i]);
		lua_rawseti(L, -2, (lua_Integer)i);
	}
	lua_pushinteger(L, (lua_Integer)a->words->count - 1);
	if (a->c->world_ref == LUA_NOREF)
		lua_pushnil(L);
	else
		lua_rawgeti(L, LUA_REGISTRYINDEX, a->c->world_ref);
	return 4;
}

/* The list that `complete` returned.  Only raw access: a metatable could
 * run what it likes. */
static int take_answer(lua_State *L)
{
	struct asking *a = lua_touserdata(L, 2);
	lua_Integer n;

	if (!lua_istable(L, 1))
		return 0;
	a->answered = true;
	n = (lua_Integer)lua_rawlen(L, 1);
	for (lua_Integer i = 1; i <= n && i <= COMPLETIONS_MAX; i++) {
		if (lua_rawgeti(L, 1, i) == LUA_TSTRING)
			offer(a->g, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
	return 0;
}

/* "--topic" for each name of the tool's options, as lib/args has them:
 * options = { {"topic", arg = "topic"}, {"h", "help"}... } */
static int take_options(lua_State *L)
{
	struct asking *a = lua_touserdata(L, 1);
	char flag[64];

	lua_rawgeti(L, LUA_REGISTRYINDEX, a->tool->ref);
	lua_pushliteral(L, "options");
	if (lua_rawget(L, -2) != LUA_TTABLE)
		return 0;
	for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 3); i++) {
		if (lua_rawgeti(L, 3, i) != LUA_TTABLE)
			return 0;
		for (lua_Integer k = 1; lua_rawgeti(L, 4, k) == LUA_TSTRING;
		     k++) {
			const char *name = lua_tostring(L, -1);

			snprintf(flag, sizeof(flag), "%s%s",
				 name[1] ? "--" : "-", name);
			offer(a->g, flag);
			lua_pop(L, 1);
		}
		lua_settop(L, 3);
	}
	return 0;
}

static bool has_complete(const struct asking *a)
{
	lua_State *L = sandbox_state(a->c->sandbox);
	bool has;

	lua_rawgeti(L, LUA_REGISTRYINDEX, a->tool->ref);
	has = lua_getfield(L, -1, "complete") == LUA_TFUNCTION;
	lua_pop(L, 2);
	return has;
}

/* A tool that fails to complete offers nothing: a Tab is no place for an
 * error. */
static void ask_tool(struct asking *a)
{
	lua_State *L = sandbox_state(a->c->sandbox);
	int top = lua_gettop(L);

	if (!has_complete(a))
		return;
	lua_pushcfunction(L, push_question);
	lua_pushlightuserdata(L, a);
	if (lua_pcall(L, 1, 4, 0) == LUA_OK &&
	    sandbox_call(a->c->sandbox, 3, 1, COMPLETE_FUEL, NULL)) {
		lua_pushcfunction(L, take_answer);
		lua_insert(L, -2);
		lua_pushlightuserdata(L, a);
		lua_pcall(L, 2, 0, 0);
	}
	lua_settop(L, top);
}

static void offer_options(struct asking *a)
{
	lua_State *L = sandbox_state(a->c->sandbox);
	int top = lua_gettop(L);

	lua_pushcfunction(L, take_options);
	lua_pushlightuserdata(L, a);
	lua_pcall(L, 1, 0, 0);
	lua_settop(L, top);
}

static void offer_arguments(struct console *c, const struct shell_fields *words,
			    struct gather *g)
{
	const char *slash = strrchr(words->at[0], '/');
	const char *name = slash ? slash + 1 : words->at[0];
	struct asking a = { c, console_tool(c, name), words, g, false };

	if (offer_for_word(c, g, name))
		return;
	if (a.tool)
		ask_tool(&a);
	if (a.tool && g->prefix[0] == '-')
		offer_options(&a);
	else if (!a.answered)
		offer_files(c, g);
}

/*
 * The list: in order, each once, and what they have in common.
 */

static int by_show(const void *a, const void *b)
{
	const struct completion *x = a, *y = b;

	return strcmp(x->show, y->show);
}

static void completion_release(struct completion *i)
{
	free(i->insert);
	free(i->show);
}

static void sort_out(struct completions *out)
{
	size_t kept = 0;

	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), by_show);
	for (size_t i = 0; i < out->count; i++) {
		if (kept && strcmp(out->at[kept - 1].show,
				   out->at[i].show) == 0)
			completion_release(&out->at[i]);
		else
			out->at[kept++] = out->at[i];
	}
	out->count = kept;
}

static char *common_of(const struct gather *g)
{
	const struct completions *out = g->out;
	size_t len = out->count ? strlen(out->at[0].show) : 0;
	struct text common = {0};
	char *show;

	if (!out->count)
		return console_copy("");
	if (out->count == 1)
		return console_copy(out->at[0].insert);
	for (size_t i = 1; i < out->count; i++) {
		size_t n = 0;

		while (n < len && out->at[0].show[n] == out->at[i].show[n])
			n++;
		len = n;
	}
	show = console_copy(out->at[0].show);
	/* Not through the middle of a letter. */
	while (len && ((unsigned char)show[len] & 0xc0) == 0x80)
		len--;
	show[len] = '\0';
	shell_quote(&common, show, g->quote);
	if (g->quote)
		common.at[--common.len] = '\0';	/* the word goes on */
	free(show);
	return text_take(&common);
}

void console_complete(struct console *c, const char *line, size_t cursor,
		      struct completions *out)
{
	struct shell_place place;
	struct gather g = { .out = out };
	struct shell_fields *words = &place.words;

	*out = (struct completions){0};
	shell_place_find(line, cursor, &place);
	out->start = place.start;
	g.quote = place.quote;
	g.prefix = words->count ? words->at[words->count - 1] : "";
	g.prefix_len = strlen(g.prefix);
	if (place.is_target)
		offer_files(c, &g);
	else if (words->count == 1)
		console_each_command(c, offer_command, &g);
	else if (words->count > 1 && !c->running)
		offer_arguments(c, words, &g);
	sort_out(out);
	out->common = common_of(&g);
	shell_place_release(&place);
}

void completions_release(struct completions *out)
{
	for (size_t i = 0; i < out->count; i++)
		completion_release(&out->at[i]);
	free(out->at);
	free(out->common);
	*out = (struct completions){0};
}

/*
 * The nearest name: fewest letters put in, taken out, changed or swapped with
 * their neighbour (Damerau 1964, optimal string alignment).
 */

enum { NAME_LETTERS_MAX = 40 };

static int min3(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

static int distance(const char *a, const char *b)
{
	int d[NAME_LETTERS_MAX + 1][NAME_LETTERS_MAX + 1];
	int na = (int)strlen(a), nb = (int)strlen(b);

	if (na > NAME_LETTERS_MAX || nb > NAME_LETTERS_MAX)
		return NAME_LETTERS_MAX;
	for (int i = 0; i <= na; i++)
		d[i][0] = i;
	for (int k = 0; k <= nb; k++)
		d[0][k] = k;
	for (int i = 1; i <= na; i++) {
		for (int k = 1; k <= nb; k++) {
			int same = a[i - 1] == b[k - 1] ? 0 : 1;

			d[i][k] = min3(d[i - 1][k] + 1, d[i][k - 1] + 1,
				       d[i - 1][k - 1] + same);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1] &&
			    d[i - 2][k - 2] + 1 < d[i][k])
				d[i][k] = d[i - 2][k - 2] + 1;
		}
	}
	return d[na][nb];
}

struct nearest {
	const char *name;
	const char *best;
	int best_distance;
};

static void try_nearest(void *with, const char *name, const char *summary)
{
	struct nearest *n = with;
	size_t typed = strlen(n->name), len = strlen(name);
	int d = distance(n->name, name);

	if (!summary)
		return;
	/* kafka-topics for kafka-topics.sh: forgotten, not mistyped. */
	if (len > typed && name[typed] == '.' &&
	    strncmp(name, n->name, typed) == 0)
		d = 1;
	if (d < n->best_distance) {
		n->best = name;
		n->best_distance = d;
	}
}

const char *console_nearest(const struct console *c, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	int most = (int)(strlen(base) / 3) + 1;
	struct nearest n = { .name = base, .best_distance =
			     most > 4 ? 5 : most + 1 };

	if (n.best_distance > (int)strlen(base))
		n.best_distance = (int)strlen(base);	/* not all of it */
	console_each_command(c, try_nearest, &n);
	return n.best;
}
