/* shell.h - the command language: text in, commands out
 *
 * What a learner types looks like a POSIX shell and is read by the same rules
 * (POSIX.1-2017, Shell Command Language), as far as a console needs them:
 *
 *	line	  list { ; list | & list | newline list }
 *	list	  pipeline { && pipeline | || pipeline }	one job
 *	pipeline  command { | command }
 *	command	  NAME=value... word... redirection...
 *
 * with '...', "...", \x, $NAME, ${NAME}, $?, #comment, < > >> 2> 2>&1,
 * <<WORD, <<-WORD, <<<word, and * ? on the learner's files.  Whatever a real
 * shell has beyond that is refused in one sentence that names it: a command
 * must never quietly mean something else than it does at work.
 *
 * Nothing here runs anything.  Variables and file names are put in when a
 * command is about to start (shell_expand), not when it is read, so that
 * `A=1; echo $A` works.  Cost is linear in the text.
 *
 * Everything a line points at belongs to the line and dies with it.
 */
#ifndef LUA_SHELL_H
#define LUA_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

enum {
	SHELL_BYTES_MAX = 256 * 1024,	/* of one input, here-documents too */
	SHELL_WORDS_MAX = 1024,		/* of one command, and after expansion */
	SHELL_STAGES_MAX = 16,		/* commands of one pipeline */
	SHELL_PIPELINES_MAX = 1024,	/* of one input */
};

enum shell_piece_kind {
	SHELL_TEXT,		/* stands for itself */
	SHELL_VARIABLE,		/* stands for the value of `text` */
	SHELL_STATUS,		/* $?: exit status of the last pipeline */
};

struct shell_piece {
	enum shell_piece_kind kind;
	bool quoted;		/* no splitting at blanks, no * and ? */
	const char *text;
	size_t len;
	struct shell_piece *next;
};

struct shell_word {
	struct shell_piece *pieces;	/* NULL: the empty word */
	size_t at;			/* byte of the input it begins at */
	struct shell_word *next;
};

enum shell_redirect_kind {
	SHELL_READ,		/* < word */
	SHELL_WRITE,		/* > word */
	SHELL_APPEND,		/* >> word */
	SHELL_SAME,		/* 2>&1: `fd` becomes what `same_as` is now */
	SHELL_HERE,		/* <<WORD: the word is the body */
	SHELL_HERE_STRING,	/* <<< word */
};

struct shell_redirect {
	enum shell_redirect_kind kind;
	int fd;			/* 0, 1, 2 */
	int same_as;		/* SHELL_SAME only */
	struct shell_word *word;
	struct shell_redirect *next;
};

struct shell_assignment {
	const char *name;
	struct shell_word *value;
	struct shell_assignment *next;
};

struct shell_command {
	struct shell_assignment *assignments;
	struct shell_word *words;	/* NULL: assignments or redirects only */
	struct shell_redirect *redirects;	/* act from left to right */
	struct shell_command *next;	/* reads what this one writes */
};

enum shell_join {
	SHELL_FIRST,		/* of its list */
	SHELL_AND,		/* runs if the one before succeeded */
	SHELL_OR,		/* runs if the one before failed */
};

struct shell_pipeline {
	enum shell_join join;
	struct shell_command *commands;
	size_t count;			/* of commands, 1 or more */
	struct shell_pipeline *next;
};

struct shell_list {
	struct shell_pipeline *pipelines;
	bool background;		/* ended by & */
	const char *text;		/* as typed, for `jobs` */
	struct shell_list *next;
};

struct shell_line {
	struct shell_list *lists;	/* NULL: blank or a comment */
	struct shell_block *memory;	/* private: holds all of the above */
};

/* Read one input.  NULL when it is refused; the sentence starts with
 * "column N: " (or "line M, column N: "), counted in characters from 1, and
 * *at (may be NULL) is the byte it speaks of. */
struct shell_line *shell_parse(const char *text, size_t len, size_t *at,
			       struct err *err);
void shell_line_free(struct shell_line *line);

/* Does the input only lack its end: an open quote, a here-document, something
 * after | or && or a last backslash?  Then ask for another line, and read both
 * with a newline between them. */
bool shell_incomplete(const char *text, size_t len);

/* One line of text that shows how the input was understood. */
void shell_dump(const struct shell_line *line, struct text *out);

/* What a word may ask while it is expanded. */
struct shell_scope {
	void *ctx;
	int status;			/* of the last pipeline: $? */
	/* NULL when not set.  Lent until the next call. */
	const char *(*variable)(void *ctx, const char *name);
	/* Calls visit for each of the learner's files, in order of name.
	 * NULL: there are none. */
	void (*files)(void *ctx, void (*visit)(void *with, const char *name),
		      void *with);
};

struct shell_fields {
	char **at;
	size_t count;
	size_t cap;
};

/* Add what a word stands for: none, one or several fields.  False when the
 * limits are reached. */
bool shell_expand(const struct shell_word *word,
		  const struct shell_scope *scope, struct shell_fields *out,
		  struct err *err);
/* The same without splitting and file names: values, targets, documents. */
bool shell_expand_text(const struct shell_word *word,
		       const struct shell_scope *scope, struct text *out,
		       struct err *err);
void shell_fields_release(struct shell_fields *fields);

/* Does `name` fit a pattern of * and ?; no other character is special. */
bool shell_glob(const char *pattern, const char *name);

/* Where a cursor stands in a line that is still being typed. */
struct shell_place {
	struct shell_fields words;	/* of this command; the last one, maybe
					   "", ends at the cursor */
	size_t start;			/* byte the last word begins at */
	char quote;			/* open at the cursor: ' or " or 0 */
	bool is_target;			/* the last word is a file to redirect */
};

void shell_place_find(const char *line, size_t cursor,
		      struct shell_place *place);
void shell_place_release(struct shell_place *place);

/* Add s so that the shell reads it back as s; `quote` is the one open. */
void shell_quote(struct text *out, const char *s, char quote);

/* [A-Za-z_][A-Za-z0-9_]* */
bool shell_is_name(const char *s, size_t len);

#endif
