/* card_word.c - is a word that a card looks for in what was typed? */
#include "lab/course/card_word.h"

#include <ctype.h>
#include <string.h>

#include "sim/core/text.h"

/* Lower case, one blank between words, and no grouping in numbers: "10 000"
 * and "10,000" are 10000. */
static void plain(const char *s, struct text *out)
{
	text_char(out, ' ');
	for (size_t i = 0; s[i]; i++) {
		unsigned char c = (unsigned char)s[i];
		bool groups = (c == ' ' || c == ',' || c == '_') && i > 0 &&
			      isdigit((unsigned char)s[i - 1]) &&
			      strspn(s + i + 1, "0123456789") == 3;

		if (groups)
			continue;
		if (isspace(c) || c == ',' || c == ';' || c == '(' ||
		    c == ')' || c == '"' || c == ':' || c == '!' || c == '?' ||
		    c == '`' ||
		    (c == '.' && !isalnum((unsigned char)s[i + 1])))
			c = ' ';
		if (c != ' ' || out->at[out->len - 1] != ' ')
			text_char(out, (char)tolower(c));
	}
	text_char(out, ' ');
}

/* A number has to stand alone (7 is not in 70); a word may go on, so that
 * "partition" is found in "partitions". */
static bool stands_in(const char *typed, const char *word, size_t len)
{
	bool number = isdigit((unsigned char)word[len - 1]);

	for (const char *s = typed; (s = strstr(s, word)) != NULL; s++) {
		unsigned char before = (unsigned char)s[-1];
		unsigned char after = (unsigned char)s[len];
		bool begins = !isalnum(before) &&
			      !(isdigit((unsigned char)*word) && before == '.');

		if (begins && !(number && (isdigit(after) ||
			       (after == '.' &&
				isdigit((unsigned char)s[len + 1])))))
			return true;
	}
	return false;
}

bool card_has_word(const char *typed, const char *wanted)
{
	struct text all = {0};
	bool found = false;

	plain(typed, &all);
	while (!found && *wanted) {
		size_t len = strcspn(wanted, "|");
		char one[64];
		struct text word = {0};

		if (len >= sizeof(one))
			break;
		memcpy(one, wanted, len);
		one[len] = '\0';
		plain(one, &word);
		if (word.len > 2) {	/* without the blanks at both ends */
			word.at[word.len - 1] = '\0';
			found = stands_in(text_cstr(&all), word.at + 1,
					  word.len - 2);
		}
		text_free(&word);
		wanted += len + (wanted[len] == '|');
	}
	text_free(&all);
	return found;
}
