/* shell_inside.h - characters and fields, for the shell's own files
 *
 * shell.c reads lines, shell_expand.c puts variables and file names in,
 * shell_place.c helps a line that is still being typed.
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

#endif
