/* shell_properties.h - what holds of the shell for every input
 *
 * Shared by tests/fuzz/fuzz_shell.c, where libFuzzer chooses the inputs, and
 * tests/lua/test_shell_fuzz.c, where a seed does.  A broken promise aborts.
 */
#ifndef TESTS_LUA_SHELL_PROPERTIES_H
#define TESTS_LUA_SHELL_PROPERTIES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/shell.h"

#define PROMISE(claim) \
	do { \
		if (!(claim)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#claim); \
			abort(); \
		} \
	} while (0)

static inline const char *property_variable(void *ctx, const char *name)
{
	(void)ctx;
	return name[0] == 'A' ? "a * b" : name[0] == 'B' ? "" : NULL;
}

static inline void property_files(void *ctx,
				  void (*visit)(void *with, const char *name),
				  void *with)
{
	(void)ctx;
	visit(with, "a.txt");
	visit(with, "conf/b.yaml");
}

static inline void property_expand(const struct shell_word *w)
{
	struct shell_scope scope = { .variable = property_variable,
				     .files = property_files };
	struct shell_fields fields = {0};
	struct text value = {0};

	shell_expand(w, &scope, &fields, NULL);
	shell_expand_text(w, &scope, &value, NULL);
	PROMISE(fields.count <= SHELL_WORDS_MAX);
	shell_fields_release(&fields);
	text_free(&value);
}

static inline void property_command(const struct shell_command *c)
{
	PROMISE(c->words || c->assignments || c->redirects);
	for (const struct shell_word *w = c->words; w; w = w->next)
		property_expand(w);
	for (const struct shell_assignment *a = c->assignments; a; a = a->next) {
		PROMISE(shell_is_name(a->name, strlen(a->name)));
		property_expand(a->value);
	}
	for (const struct shell_redirect *r = c->redirects; r; r = r->next) {
		PROMISE(r->fd >= 0 && r->fd <= 2);
		PROMISE(r->word || r->kind == SHELL_SAME);
		if (r->word)
			property_expand(r->word);
	}
}

static inline void property_lists(const struct shell_line *line)
{
	for (const struct shell_list *l = line->lists; l; l = l->next) {
		PROMISE(l->text && l->pipelines);
		for (const struct shell_pipeline *p = l->pipelines; p;
		     p = p->next) {
			size_t n = 0;

			for (const struct shell_command *c = p->commands; c;
			     c = c->next, n++)
				property_command(c);
			PROMISE(n == p->count && n <= SHELL_STAGES_MAX);
		}
	}
}

/* A line is understood or refused with a place inside it. */
static inline void property_parse(const char *text, size_t len)
{
	struct err err = {0};
	size_t at = 0;
	struct text dump = {0};
	struct shell_line *line = shell_parse(text, len, &at, &err);
	bool incomplete = shell_incomplete(text, len);

	if (line) {
		PROMISE(!incomplete);
		property_lists(line);
		shell_dump(line, &dump);
		text_free(&dump);
	} else {
		PROMISE(at <= len);
		PROMISE(strncmp(err.what, "column ", 7) == 0 ||
			strncmp(err.what, "line ", 5) == 0);
	}
	shell_line_free(line);
}

/* Any text, quoted, is one word that says the same. */
static inline void property_quote(const char *s, char quote)
{
	struct shell_scope scope = {0};
	struct text typed = {0}, got = {0};
	struct shell_line *line;
	const struct shell_word *w;

	text_add(&typed, "x ");
	shell_quote(&typed, s, quote);
	line = shell_parse(typed.at, typed.len, NULL, NULL);
	PROMISE(line);
	w = line->lists->pipelines->commands->words->next;
	PROMISE(w && !w->next);
	PROMISE(shell_expand_text(w, &scope, &got, NULL));
	PROMISE(strcmp(text_cstr(&got), s) == 0);
	shell_line_free(line);
	text_free(&typed);
	text_free(&got);
}

static inline void property_place(const char *text, size_t len)
{
	struct shell_place place;

	for (size_t cursor = 0; cursor <= len; cursor += 1 + len / 8) {
		shell_place_find(text, cursor, &place);
		PROMISE(place.start <= cursor);
		PROMISE(place.words.count >= 1 ||
			len > SHELL_WORDS_MAX);
		shell_place_release(&place);
	}
}

static inline void shell_properties(const unsigned char *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	property_parse(text, len);
	property_place(text, strlen(text));
	if (len < 10000) {
		property_quote(text, 0);
		property_quote(text, '\'');
		property_quote(text, '"');
	}
	free(text);
}

#endif
