/* names.c - which names a module's text uses that nothing makes
 *
 * Two passes over the words of the file: what is made, then what is used.
 */
#include "lab/author/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lab/author/api.h"
#include "lab/cli.h"
#include "lab/course/lualex.h"
#include "sim/core/mem.h"

enum {
	MADE_MAX = 4096,	/* names of one file; beyond, we look no further */
	DEPTH_MAX = 200,	/* as liblua's own limit (LUAI_MAXCCALLS) */
};

struct name {
	const char *at;		/* into the source */
	size_t len;
};

struct reader {
	struct lualex lexer;
	char before[2];		/* first bytes of the last two tokens */
	bool after_goto;
	char open[DEPTH_MAX];	/* '{' '(' '[', or 'b' of a block */
	size_t depth;
	struct name made[MADE_MAX];
	size_t made_count;
	const char *file;
	struct problems *problems;
};

static bool token_is(const struct token *t, const char *s)
{
	return t->kind != TOKEN_STRING && t->len == strlen(s) &&
	       memcmp(t->at, s, t->len) == 0;
}

static bool is(const struct reader *r, const char *s)
{
	return token_is(&r->lexer.token, s);
}

static bool is_keyword(const struct token *t)
{
	static const char *const words[] = {
		"and", "break", "do", "else", "elseif", "end", "false", "for",
		"function", "goto", "if", "in", "local", "nil", "not", "or",
		"repeat", "return", "then", "true", "until", "while", NULL,
	};

	for (const char *const *w = words; *w; w++)
		if (token_is(t, *w))
			return true;
	return false;
}

static bool is_name(const struct token *t)
{
	return t->kind == TOKEN_NAME && !isdigit((unsigned char)t->at[0]) &&
	       !is_keyword(t);
}

static struct token ahead(const struct reader *r, int steps)
{
	struct lualex l = r->lexer;

	while (steps-- > 0)
		lualex_next(&l);
	return l.token;
}

/* --- where we are ----------------------------------------------------------- */

static void push(struct reader *r, char what)
{
	if (r->depth < DEPTH_MAX)
		r->open[r->depth++] = what;
}

static void pop(struct reader *r)
{
	if (r->depth)
		r->depth--;
}

/* `while` and `for` have their block opened by `do`. */
static void track(struct reader *r)
{
	const struct token *t = &r->lexer.token;

	if (is(r, "function") || is(r, "if") || is(r, "do") || is(r, "repeat"))
		push(r, 'b');
	else if (is(r, "end") || is(r, "until"))
		pop(r);
	else if (t->kind == TOKEN_OTHER && strchr("{([", t->at[0]))
		push(r, t->at[0]);
	else if (t->kind == TOKEN_OTHER && strchr("})]", t->at[0]))
		pop(r);
}

static void next(struct reader *r)
{
	const struct token *t = &r->lexer.token;

	track(r);
	r->before[0] = r->before[1];
	r->before[1] = t->kind == TOKEN_OTHER ? t->at[0] : 'a';
	r->after_goto = is(r, "goto");
	lualex_next(&r->lexer);
}

/* t.name, t:name and ::label::, but not a..name. */
static bool is_member(const struct reader *r)
{
	return r->after_goto || r->before[1] == ':' ||
	       (r->before[1] == '.' && r->before[0] != '.');
}

/* <const> and <close>, behind the name of a local. */
static bool is_attribute(const struct reader *r)
{
	struct token shut = ahead(r, 1);

	return r->before[1] == '<' && token_is(&shut, ">") &&
	       (is(r, "const") || is(r, "close"));
}

/* The name at hand is followed by one `=`. */
static bool is_assigned(const struct reader *r)
{
	struct token eq = ahead(r, 1), more = ahead(r, 2);

	return token_is(&eq, "=") &&
	       !(token_is(&more, "=") && more.at == eq.at + 1);
}

/* `{ name = ...`: a field, neither made nor used. */
static bool is_key(const struct reader *r)
{
	return r->depth && r->open[r->depth - 1] == '{' &&
	       strchr("{,;", r->before[1]) && is_assigned(r);
}

/* --- what is made ------------------------------------------------------------- */

static bool is_made(const struct reader *r, const struct token *t)
{
	for (size_t i = 0; i < r->made_count; i++)
		if (r->made[i].len == t->len &&
		    memcmp(r->made[i].at, t->at, t->len) == 0)
			return true;
	return false;
}

static void make(struct reader *r, const struct token *t)
{
	if (is_name(t) && !is_made(r, t) && r->made_count < MADE_MAX)
		r->made[r->made_count++] = (struct name){ t->at, t->len };
}

/* Names up to a token that can stand in no list of names. */
static void make_list(struct reader *r)
{
	while (is_name(&r->lexer.token)) {
		make(r, &r->lexer.token);
		next(r);
		if (is(r, "<")) {		/* <const>, <close> */
			next(r);
			next(r);
			next(r);
		}
		if (!is(r, ","))
			return;
		next(r);
	}
}

/* Behind `function`: its name, if it is a plain one, and its parameters. */
static void make_function(struct reader *r)
{
	struct token after = ahead(r, 1);

	if (is_name(&r->lexer.token) && token_is(&after, "("))
		make(r, &r->lexer.token);
	while (is_name(&r->lexer.token) || is(r, ".") || is(r, ":"))
		next(r);
	if (is(r, "("))
		next(r);
	make_list(r);
}

static void read_made(struct reader *r)
{
	while (r->lexer.token.kind != TOKEN_END) {
		bool local = is(r, "local") || is(r, "for");
		bool function = is(r, "function");

		if (is_name(&r->lexer.token) && !is_member(r) && !is_key(r) &&
		    is_assigned(r))
			make(r, &r->lexer.token);
		next(r);
		if (local)
			make_list(r);
		else if (function)
			make_function(r);
	}
}

/* --- what is used --------------------------------------------------------------- */

static void copy(char *out, size_t cap, const struct token *t)
{
	size_t len = t->len < cap - 1 ? t->len : cap - 1;

	memcpy(out, t->at, len);
	out[len] = '\0';
}

static bool has_members(const char *library)
{
	size_t len = strlen(library);

	for (const struct api_global *g = api_globals; g->name; g++)
		if (strncmp(g->name, library, len) == 0 && g->name[len] == '.')
			return true;
	return false;
}

/* Among the globals, or the members of a library; and what the file makes. */
static void look_near(const struct reader *r, struct cli_nearest *near)
{
	bool member = strchr(near->wanted, '.') != NULL;

	for (const struct api_global *g = api_globals; g->name; g++)
		if (member == (strchr(g->name, '.') != NULL))
			cli_nearest_look(near, g->name);
	for (size_t i = 0; i < r->made_count && !member; i++) {
		struct token t = { .at = r->made[i].at,
				   .len = r->made[i].len };
		char name[64];

		copy(name, sizeof(name), &t);
		cli_nearest_look(near, name);
	}
}

static void report(struct reader *r, const struct token *t, const char *name)
{
	const char *instead = api_instead(name);
	struct cli_nearest near = { .wanted = name };
	char hint[128];

	if (instead) {
		problems_add(r->problems, r->file, t->line, t->column,
			     "forbidden", "there is no `%s` in a module; %s",
			     name, instead);
		return;
	}
	look_near(r, &near);
	cli_nearest_hint(&near, hint, sizeof(hint));
	problems_add(r->problems, r->file, t->line, t->column, "unknown-name",
		     "nothing makes the name `%s`%s", name, *hint ? hint :
		     "; write `local` where it begins, or correct it");
}

/* `library.member`, at the library: is there such a member? */
static void use_member(struct reader *r, const struct token *t,
		       const char *library)
{
	struct token dot = ahead(r, 1), member = ahead(r, 2);
	char name[96], part[48];

	if (!token_is(&dot, ".") || !is_name(&member) || !has_members(library))
		return;
	copy(part, sizeof(part), &member);
	snprintf(name, sizeof(name), "%s.%s", library, part);
	if (!api_is_global(name))
		report(r, t, name);
}

static void use(struct reader *r, const struct token *t)
{
	char name[48];

	copy(name, sizeof(name), t);
	if (is_made(r, t))
		return;
	if (api_is_global(name)) {
		use_member(r, t, name);
		return;
	}
	report(r, t, name);
	make(r, t);		/* said once is enough */
}

static void read_used(struct reader *r)
{
	for (; r->lexer.token.kind != TOKEN_END; next(r)) {
		struct token t = r->lexer.token;

		if (is_name(&t) && !is_member(r) && !is_key(r) &&
		    !is_attribute(r))
			use(r, &t);
	}
}

static void start(struct reader *r, const char *source, size_t len)
{
	lualex_init(&r->lexer, source, len);
	r->before[0] = r->before[1] = ' ';
	r->after_goto = false;
	r->depth = 0;
}

void names_lint(const char *file, const char *source, size_t len,
		struct problems *problems)
{
	struct reader *r = mem_zeroed(1, sizeof(*r));

	r->file = file;
	r->problems = problems;
	start(r, source, len);
	read_made(r);
	if (r->made_count < MADE_MAX) {
		start(r, source, len);
		read_used(r);
	}
	free(r);
}
