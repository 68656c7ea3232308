/* lualex.c - the words of a Lua file, one after the other */
#include "lab/course/lualex.h"

#include <ctype.h>
#include <string.h>

bool lualex_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void step(struct lualex *l)
{
	if (*l->at++ == '\n') {
		l->line++;
		l->line_start = l->at;
	}
}

/* At "[", "[=" ...: the number of "=" when it opens a long bracket, else -1. */
static int long_bracket(const struct lualex *l)
{
	const char *p = l->at + 1;

	while (p < l->end && *p == '=')
		p++;
	return p < l->end && *p == '[' ? (int)(p - l->at - 1) : -1;
}

static void skip_long(struct lualex *l, int level)
{
	for (int i = 0; i < level + 2; i++)
		step(l);
	while (l->at < l->end) {
		int n = 0;

		if (*l->at != ']') {
			step(l);
			continue;
		}
		step(l);
		while (l->at < l->end && *l->at == '=' && n < level) {
			step(l);
			n++;
		}
		if (n == level && l->at < l->end && *l->at == ']') {
			step(l);
			return;
		}
	}
}

static void skip_string(struct lualex *l)
{
	char quote = *l->at;

	step(l);
	while (l->at < l->end && *l->at != quote) {
		if (*l->at == '\\' && l->at + 1 < l->end)
			step(l);
		step(l);
	}
	if (l->at < l->end)
		step(l);
}

static void skip_comment(struct lualex *l)
{
	int level;

	l->at += 2;
	level = l->at < l->end && *l->at == '[' ? long_bracket(l) : -1;
	if (level >= 0) {
		skip_long(l, level);
		return;
	}
	while (l->at < l->end && *l->at != '\n')
		l->at++;
}

static void skip_blank(struct lualex *l)
{
	while (l->at < l->end) {
		if (isspace((unsigned char)*l->at))
			step(l);
		else if (l->end - l->at > 1 && l->at[0] == '-' &&
			 l->at[1] == '-')
			skip_comment(l);
		else
			return;
	}
}

void lualex_next(struct lualex *l)
{
	struct token *t = &l->token;

	skip_blank(l);
	*t = (struct token){ .at = l->at, .line = l->line,
			     .column = (int)(l->at - l->line_start) + 1 };
	if (l->at >= l->end)
		return;
	if (lualex_name_char(*l->at)) {
		t->kind = TOKEN_NAME;
		while (l->at < l->end && lualex_name_char(*l->at))
			l->at++;
	} else if (*l->at == '"' || *l->at == '\'') {
		t->kind = TOKEN_STRING;
		skip_string(l);
	} else if (*l->at == '[' && long_bracket(l) >= 0) {
		t->kind = TOKEN_STRING;
		skip_long(l, long_bracket(l));
	} else {
		t->kind = TOKEN_OTHER;
		step(l);
	}
	t->len = (size_t)(l->at - t->at);
}

bool lualex_is(const struct lualex *l, const char *s)
{
	return l->token.len == strlen(s) && l->token.kind != TOKEN_STRING &&
	       memcmp(l->token.at, s, l->token.len) == 0;
}

void lualex_init(struct lualex *l, const char *source, size_t len)
{
	*l = (struct lualex){ .at = source, .end = source + len,
			     .line_start = source, .line = 1 };
	lualex_next(l);
}
