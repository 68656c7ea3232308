/* places.c - where in a Lua file a field was written
 *
 * Just enough grammar: tables, their keys, and where an expression ends.  A
 * file that is no Lua was refused before; here it only must not hang or crash,
 * so every loop moves forward and depth is bounded.
 */
#include "lab/course/places.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/lualex.h"
#include "sim/core/mem.h"
#include "sim/core/text.h"

enum { DEPTH_MAX = 40 };

struct reader {
	struct lualex lexer;
	struct places *places;
};

static bool is(const struct reader *r, const char *s)
{
	return lualex_is(&r->lexer, s);
}

static void next(struct reader *r)
{
	lualex_next(&r->lexer);
}

static bool at_end(const struct reader *r)
{
	return r->lexer.token.kind == TOKEN_END;
}

static bool one_of(const struct reader *r, const char *const *words)
{
	for (; *words; words++)
		if (is(r, *words))
			return true;
	return false;
}

static void remember(struct reader *r, const char *path,
		     const struct token *t)
{
	struct places *p = r->places;

	if (p->count == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 128;
		p->at = mem_grow(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count] = (struct place){ strdup(path), t->line, t->column };
	if (!p->at[p->count++].path)
		abort();
}

static void read_table(struct reader *r, struct text *path, int depth);

/* From the first token of a value to the comma or bracket behind it. */
static void skip_value(struct reader *r, struct text *path, int depth)
{
	static const char *const opens[] = { "(", "[", "{", "function", "do",
					     "if", "repeat", NULL };
	static const char *const shuts[] = { ")", "]", "}", "end", "until",
					     NULL };
	int open = 0;

	if (is(r, "{") && depth < DEPTH_MAX)
		read_table(r, path, depth + 1);
	while (!at_end(r)) {
		if (open == 0 && (is(r, ",") || is(r, ";") || is(r, "}")))
			return;
		if (one_of(r, opens))
			open++;
		else if (one_of(r, shuts) && open > 0)
			open--;
		next(r);
	}
}

static void add_key(struct text *path, const char *key, size_t len)
{
	bool plain = len > 0 && !isdigit((unsigned char)key[0]);

	for (size_t i = 0; i < len; i++)
		plain = plain && lualex_name_char(key[i]);
	if (!plain)
		text_char(path, '[');
	else if (path->len)
		text_char(path, '.');
	text_bytes(path, key, len);
	if (!plain)
		text_char(path, ']');
}

/* `name =`, `["name"] =`, or neither: then it is element number *count.  On
 * return the token is the first of the value. */
static void read_key(struct reader *r, struct text *path, int *count)
{
	struct token key = r->lexer.token;
	struct reader back = *r;

	if (key.kind == TOKEN_NAME) {
		next(r);
		if (is(r, "=") && r->lexer.at < r->lexer.end &&
		    *r->lexer.at != '=') {
			add_key(path, key.at, key.len);
			next(r);
			return;
		}
	} else if (is(r, "[")) {
		next(r);
		key = r->lexer.token;
		next(r);
		if (key.kind == TOKEN_STRING && is(r, "]")) {
			add_key(path, key.at + 1, key.len - 2);
			next(r);		/* = */
			next(r);
			return;
		}
	}
	*r = back;
	text_addf(path, "[%d]", ++*count);
}

/* The token is "{"; afterwards it is what follows the "}". */
static void read_table(struct reader *r, struct text *path, int depth)
{
	size_t len = path->len;
	int count = 0;

	next(r);
	while (!at_end(r) && !is(r, "}")) {
		struct token first = r->lexer.token;

		read_key(r, path, &count);
		remember(r, text_cstr(path), &first);
		skip_value(r, path, depth);
		path->len = len;
		if (path->at)
			path->at[len] = '\0';
		if (is(r, ",") || is(r, ";"))
			next(r);
	}
	next(r);
}

/* The big table: the first "{" behind a `return` that stands at the left
 * edge, as it does in every module. */
void places_read(struct places *p, const char *source, size_t len)
{
	struct reader r = { .places = p };
	struct text path = {0};

	*p = (struct places){0};
	lualex_init(&r.lexer, source, len);
	while (!at_end(&r) &&
	       !(is(&r, "return") && r.lexer.token.column == 1))
		next(&r);
	while (!at_end(&r) && !is(&r, "{"))
		next(&r);
	if (is(&r, "{"))
		read_table(&r, &path, 0);
	text_free(&path);
}

void places_release(struct places *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].path);
	free(p->at);
	*p = (struct places){0};
}

/* Does `path` begin with all of `around`, at a joint? */
static bool lies_in(const char *path, const char *around)
{
	size_t len = strlen(around);

	return strncmp(path, around, len) == 0 &&
	       (path[len] == '\0' || path[len] == '.' || path[len] == '[');
}

struct place places_find(const struct places *p, const char *path)
{
	struct place best = { NULL, 1, 1 };
	size_t best_len = 0;

	for (size_t i = 0; i < p->count; i++)
		if (strlen(p->at[i].path) > best_len &&
		    lies_in(path, p->at[i].path)) {
			best = p->at[i];
			best_len = strlen(best.path);
		}
	return best;
}
