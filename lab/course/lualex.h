/* lualex.h - the words of a Lua file, one after the other
 *
 * For what looks at modules as text: where a field was written (places.h), and
 * which names are used (lint.h).  Comments and blanks are skipped; strings of
 * every form are one token, quotes included.  A file that is no Lua gives some
 * tokens too; every step moves forward, so the end is always reached.
 */
#ifndef LAB_COURSE_LUALEX_H
#define LAB_COURSE_LUALEX_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct token {
	enum token_kind kind;		/* numbers and keywords are names */
	const char *at;			/* into the source */
	size_t len;
	int line, column;		/* from 1; columns count bytes */
};

struct lualex {
	const char *at, *end, *line_start;
	int line;
	struct token token;		/* the one under consideration */
};

/* Starts at the first token. */
void lualex_init(struct lualex *l, const char *source, size_t len);
void lualex_next(struct lualex *l);
bool lualex_is(const struct lualex *l, const char *s);	/* and no string */
bool lualex_name_char(char c);

#endif
