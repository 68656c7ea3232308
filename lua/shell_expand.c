/* shell_expand.c - what a word stands for, now
 *
 * A field is built beside a pattern, the same text in which * and ? that the
 * learner quoted are written as the bytes 1 and 2, so that only the others
 * match file names.
 */
#include "lua/shell.h"
#include "lua/shell_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

enum { GUARDED_STAR = 1, GUARDED_MARK = 2 };

struct expansion {
	const struct shell_scope *scope;
	struct shell_fields *out;
	struct text field;
	struct text pattern;
	bool open;		/* a field was begun, even an empty one */
	bool magic;		/* it has an unquoted * or ? */
	size_t matches;
	struct err *err;
};

bool shell_fields_add(struct shell_fields *f, const char *s, size_t len,
		      struct err *err)
{
	if (f->count >= SHELL_WORDS_MAX)
		return err_set(err, "more than %d words after expansion",
			       SHELL_WORDS_MAX);
	if (f->count == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->at = mem_grow(f->at, f->cap * sizeof(*f->at));
	}
	f->at[f->count] = mem_take(len + 1);
	memcpy(f->at[f->count], s, len);
	f->at[f->count++][len] = '\0';
	return true;
}

bool shell_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	/* Only the last * need ever be tried again: what came before it has
	 * matched as early as it could. */
	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (*pattern == '?' ||
			   (*pattern == *name && *pattern != '*')) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static void try_file(void *with, const char *name)
{
	struct expansion *e = with;

	/* POSIX: a leading dot is matched only by a dot. */
	if (name[0] == '.' && e->pattern.at[0] != '.')
		return;
	if (!shell_glob(text_cstr(&e->pattern), name))
		return;
	if (shell_fields_add(e->out, name, strlen(name), NULL))
		e->matches++;
}

/* A pattern that fits no file stands for itself (POSIX 2.13.3). */
static bool close_field(struct expansion *e)
{
	bool ok = true;

	if (!e->open)
		return true;
	e->matches = 0;
	if (e->magic && e->scope->files)
		e->scope->files(e->scope->ctx, try_file, e);
	if (!e->matches)
		ok = shell_fields_add(e->out, text_cstr(&e->field), e->field.len,
				e->err);
	text_clear(&e->field);
	text_clear(&e->pattern);
	e->open = false;
	e->magic = false;
	return ok;
}

static bool add_bytes(struct expansion *e, const char *s, size_t len,
		      bool quoted)
{
	if (e->field.len + len > SHELL_BYTES_MAX)
		return err_set(e->err, "a word is longer than %d KiB after "
			       "expansion", SHELL_BYTES_MAX / 1024);
	e->open = true;
	text_bytes(&e->field, s, len);
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (!quoted && (c == '*' || c == '?'))
			e->magic = true;
		else if (c == '*')
			c = GUARDED_STAR;
		else if (c == '?')
			c = GUARDED_MARK;
		text_char(&e->pattern, c);
	}
	return true;
}

/* An unquoted value falls apart at blanks. */
static bool add_split(struct expansion *e, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, " \t\n");

		if (n && !add_bytes(e, s, n, false))
			return false;
		s += n;
		if (*s && !close_field(e))
			return false;
		s += strspn(s, " \t\n");
	}
	return true;
}

static const char *piece_value(const struct shell_piece *piece,
			       const struct shell_scope *scope, char status[16])
{
	const char *value;

	if (piece->kind == SHELL_STATUS) {
		snprintf(status, 16, "%d", scope->status);
		return status;
	}
	value = scope->variable ? scope->variable(scope->ctx, piece->text) :
				  NULL;
	return value ? value : "";
}

static bool add_piece(struct expansion *e, const struct shell_piece *piece)
{
	char status[16];
	const char *value;

	if (piece->kind == SHELL_TEXT)
		return add_bytes(e, piece->text, piece->len, piece->quoted);
	value = piece_value(piece, e->scope, status);
	if (piece->quoted)
		return add_bytes(e, value, strlen(value), true);
	return add_split(e, value);
}

bool shell_expand(const struct shell_word *word,
		  const struct shell_scope *scope, struct shell_fields *out,
		  struct err *err)
{
	struct expansion e = { .scope = scope, .out = out, .err = err };
	bool ok = true;

	for (struct shell_piece *i = word->pieces; i && ok; i = i->next)
		ok = add_piece(&e, i);
	ok = ok && close_field(&e);
	text_free(&e.field);
	text_free(&e.pattern);
	return ok;
}

bool shell_expand_text(const struct shell_word *word,
		       const struct shell_scope *scope, struct text *out,
		       struct err *err)
{
	char status[16];

	for (struct shell_piece *i = word->pieces; i; i = i->next) {
		if (i->kind == SHELL_TEXT)
			text_bytes(out, i->text, i->len);
		else
			text_add(out, piece_value(i, scope, status));
		if (out->len > SHELL_BYTES_MAX)
			return err_set(err, "a text is longer than %d KiB "
				       "after expansion",
				       SHELL_BYTES_MAX / 1024);
	}
	return true;
}

void shell_fields_release(struct shell_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		free(fields->at[i]);
	free(fields->at);
	*fields = (struct shell_fields){0};
}
