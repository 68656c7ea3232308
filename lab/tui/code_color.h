/* code_color.h - what each character of a line of code is
 *
 * Good enough to read by, and no more: a scanner of one line that hands one
 * number on to the next, which says what is still open there (a long comment, a
 * long string).  So a file is coloured line by line, from its beginning.
 */
#ifndef LAB_TUI_CODE_COLOR_H
#define LAB_TUI_CODE_COLOR_H

#include <stddef.h>
#include <stdint.h>

enum code_kind {
	CODE_PLAIN, CODE_LUA, CODE_YAML, CODE_PROPERTIES, CODE_SQL, CODE_SH,
	CODE_KINDS
};

/* By the end of the name: ".lua", ".yml" ...; CODE_PLAIN for others. */
enum code_kind code_kind_of(const char *file_name);
extern const char *const code_kind_names[];	/* "Lua", "YAML" ... */

enum { CODE_START = 0 };	/* the state before the first line */

/* Give each of the `len` bytes its role (enum role); the value is the state
 * before the next line. */
uint32_t code_color(enum code_kind kind, uint32_t state, const char *s,
		    size_t len, uint8_t *roles);

#endif
