/* shell_place.c - where a cursor stands in a line that is still being typed
 *
 * The line is unfinished by nature, so this reader never refuses: it only
 * keeps track of quotes, operators and words.
 */
#include "lua/shell.h"
#include "lua/shell_inside.h"

#include <string.h>

static void place_restart(struct shell_place *place)
{
	shell_fields_release(&place->words);
	place->is_target = false;
}

static bool looks_assigned(const char *s)
{
	const char *equals = strchr(s, '=');

	return equals && shell_is_name(s, (size_t)(equals - s));
}

/* A word is complete: a target and an assignment are no part of the command. */
static void place_word(struct shell_place *place, struct text *word)
{
	bool counts = !place->is_target;

	if (place->words.count == 0 && looks_assigned(text_cstr(word)))
		counts = false;
	if (counts)
		shell_fields_add(&place->words, text_cstr(word), word->len, NULL);
	place->is_target = false;
	text_clear(word);
}

static size_t place_operator(struct shell_place *place, const char *line,
			     size_t at, size_t cursor)
{
	size_t n = 1;

	if (line[at] != '<' && line[at] != '>') {
		place_restart(place);
		return n;
	}
	while (at + n < cursor && (line[at + n] == '<' || line[at + n] == '>'))
		n++;
	place->is_target = true;
	if (at + n < cursor && line[at + n] == '&')
		for (n++; at + n < cursor && is_digit(line[at + n]); n++)
			place->is_target = false;
	return n;
}

/* One character of a word; returns how many bytes were used. */
static size_t place_char(struct shell_place *place, const char *line,
			 size_t at, size_t cursor, struct text *word)
{
	char c = line[at];

	if (place->quote) {
		if (c == place->quote) {
			place->quote = 0;
			return 1;
		}
		if (c == '\\' && place->quote == '"' && at + 1 < cursor &&
		    strchr("$`\"\\", line[at + 1])) {
			text_char(word, line[at + 1]);
			return 2;
		}
	} else if (c == '\'' || c == '"') {
		place->quote = c;
		return 1;
	} else if (c == '\\' && at + 1 < cursor) {
		text_char(word, line[at + 1]);
		return 2;
	}
	text_char(word, c);
	return 1;
}

static bool all_digits(const struct text *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (!is_digit(t->at[i]))
			return false;
	return true;
}

void shell_place_find(const char *line, size_t cursor,
		      struct shell_place *place)
{
	struct text word = {0};
	bool in_word = false;
	size_t at = 0;

	*place = (struct shell_place){0};
	while (at < cursor && line[at]) {
		if (place->quote || !ends_word((unsigned char)line[at])) {
			if (!in_word)
				place->start = at;
			in_word = true;
			at += place_char(place, line, at, cursor, &word);
			continue;
		}
		if (in_word && (line[at] == '<' || line[at] == '>') &&
		    all_digits(&word))
			text_clear(&word);	/* the 2 of 2> */
		else if (in_word)
			place_word(place, &word);
		in_word = false;
		if (is_blank(line[at]))
			at++;
		else
			at += place_operator(place, line, at, cursor);
	}
	if (!in_word)
		place->start = at;
	shell_fields_add(&place->words, text_cstr(&word), word.len, NULL);
	text_free(&word);
}

void shell_place_release(struct shell_place *place)
{
	shell_fields_release(&place->words);
}

void shell_quote(struct text *out, const char *s, char quote)
{
	static const char special[] = " \t\r\\'\"`$|&;<>()*?#{}~!";

	if (!quote && !*s)
		text_add(out, "''");
	if (quote)
		text_char(out, quote);
	for (; *s; s++) {
		if (quote == '\'' && *s == '\'') {
			text_add(out, "'\\''");
			continue;
		}
		if (!quote && *s == '\n') {
			text_add(out, "'\n'");	/* \newline would vanish */
			continue;
		}
		if ((quote == '"' && strchr("$`\"\\", *s)) ||
		    (!quote && strchr(special, *s)))
			text_char(out, '\\');
		text_char(out, *s);
	}
	if (quote)
		text_char(out, quote);
}
