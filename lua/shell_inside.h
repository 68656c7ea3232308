/* shell_inside.h - characters, fields and the parser, for the shell's own files
 *
 * shell.c reads a line: shell_command.c its commands, pipelines and lists,
 * shell_redirect.c redirections and here-documents, shell_word.c words; each
 * may refuse (shell_refuse.c).  shell_expand.c puts variables and file names
 * in, shell_place.c helps a line that is still being typed.  Nobody else
 * includes this.
 *
 * Whatever reads returns false or NULL when it has refused, and then the whole
 * line is given up.
 */
#ifndef LUA_SHELL_INSIDE_H
#define LUA_SHELL_INSIDE_H

#include <string.h>

#include "lua/shell.h"

/* A character is a byte as unsigned char, or -1 at the end. */

static inline bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static inline bool ends_word(int c)
{
	return c == -1 || is_blank(c) || (c && strchr("\n|&;<>()", c));
}

static inline bool is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Add a copy of s.  False at SHELL_WORDS_MAX. */
bool shell_fields_add(struct shell_fields *f, const char *s, size_t len,
		      struct err *err);

/* -- the parser --------------------------------------------------------- */

/* A here-document whose body starts after the line that asked for it. */
struct here {
	struct shell_redirect *redirect;
	const char *end;		/* the closing word */
	bool literal;			/* it was quoted: no $ in the body */
	bool strip;			/* <<-: leading tabs go */
	size_t at;			/* of its << */
	struct here *next;
};

struct parser {
	const char *text;
	size_t len;			/* reading stops here */
	size_t at;
	struct shell_line *line;
	struct here *here;		/* in order of appearance */
	struct here **here_last;
	size_t pipelines;
	bool incomplete;		/* more input could mend it */
	size_t fault_at;
	struct err *err;
};

static inline int here_char(const struct parser *p)
{
	return p->at < p->len ? (unsigned char)p->text[p->at] : -1;
}

static inline int next_char(const struct parser *p)
{
	return p->at + 1 < p->len ? (unsigned char)p->text[p->at + 1] : -1;
}

static inline bool starts(const struct parser *p, size_t at, const char *with)
{
	size_t n = strlen(with);

	return p->len - at >= n && memcmp(p->text + at, with, n) == 0;
}

/* shell.c */
void *shell_alloc(struct shell_line *line, size_t size);	/* zeroed */
char *shell_copy(struct shell_line *line, const char *s, size_t len);
/* Over blanks, joined lines and comments; stops at a newline. */
void shell_skip_blank(struct parser *p);

/* shell_refuse.c.  The first two are always false. */
bool shell_fail(struct parser *p, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* As shell_fail, for what another line of input could mend. */
bool shell_fail_open(struct parser *p, size_t at, const char *what);
/* Why what stands here is refused, by its name; NULL: it is not. */
const char *shell_refused_dollar(const struct parser *p);
const char *shell_refused_operator(const struct parser *p);
const char *shell_refused_word(const char *word);

/* shell_word.c */
struct shell_word *shell_read_word(struct parser *p);
struct shell_word *shell_read_body(struct parser *p, const struct here *h,
				   size_t end);		/* of a document */

/* shell_redirect.c */
bool shell_at_redirect(const struct parser *p);
struct shell_redirect *shell_read_redirect(struct parser *p);
/* Over newlines and blanks, and the documents that wait behind a newline. */
bool shell_skip_newlines(struct parser *p);

/* shell_command.c */
bool shell_read_lists(struct parser *p);	/* into p->line, to the end */

#endif
