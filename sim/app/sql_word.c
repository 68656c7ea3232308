/* sql_word.c - the words of a statement */
#include <string.h>

#include "sim/app/sql_word.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void read_name(struct sql_text *p, struct sql_word *w)
{
	size_t n = 0;

	while (p->at < p->end && (is_letter(*p->at) || is_digit(*p->at))) {
		char c = *p->at++;

		if (n + 1 < sizeof(w->name))
			w->name[n++] = c >= 'A' && c <= 'Z' ?
				       (char)(c - 'A' + 'a') : c;
	}
	w->kind = WORD_NAME;
}

/* 'it''s' or "Name": up to the quote that is not doubled. */
static void read_quoted(struct sql_text *p, struct sql_word *w, char quote)
{
	size_t n = 0;

	p->at++;
	while (p->at < p->end &&
	       (*p->at != quote || (p->at + 1 < p->end && p->at[1] == quote))) {
		p->at += *p->at == quote;
		if (quote == '"' && n + 1 < sizeof(w->name))
			w->name[n++] = *p->at;
		p->at++;
	}
	w->kind = p->at == p->end ? WORD_SIGN :	/* which nobody wants */
		  quote == '"' ? WORD_NAME : WORD_STRING;
	p->at += p->at < p->end;
	w->quoted = true;
}

static void read_sign(struct sql_text *p, struct sql_word *w)
{
	static const char *const pairs[] = { "<=", ">=", "<>", "!=" };
	size_t len = 1;

	for (size_t i = 0; i < 4; i++)
		if (p->end - p->at >= 2 && !memcmp(p->at, pairs[i], 2))
			len = 2;
	memcpy(w->name, p->at, len);
	p->at += len;
	w->kind = WORD_SIGN;
}

void sql_word_next(struct sql_text *p, struct sql_word *out)
{
	struct sql_word w = { .kind = WORD_END };

	while (p->at < p->end && strchr(" \t\r\n", *p->at))
		p->at++;
	w.at = p->at;
	if (p->at == p->end)
		;
	else if (is_letter(*p->at))
		read_name(p, &w);
	else if (*p->at == '\'' || *p->at == '"')
		read_quoted(p, &w, *p->at);
	else if (is_digit(*p->at)) {
		while (p->at < p->end && (is_digit(*p->at) || *p->at == '.'))
			p->at++;
		w.kind = WORD_NUMBER;
	} else {
		read_sign(p, &w);
	}
	w.len = (size_t)(p->at - w.at);
	*out = w;
}
