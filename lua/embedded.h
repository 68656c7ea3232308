/* embedded.h - the Lua sources that travel inside the program
 *
 * The library (lua/lib) and the emulated tools (lua/tools) are Lua files in
 * the tree and bytes in the binary: the build turns them into one table with
 * scripts/embed.c.  Nothing is looked for on the disk of the user.
 */
#ifndef LUA_EMBEDDED_H
#define LUA_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *name;	/* path below lua/: "lib/check.lua" */
	const char *bytes;	/* followed by a NUL that is not counted */
	size_t len;
};

/* In order of name (bytewise); the last has a NULL name. */
extern const struct embedded_file embedded_files[];

#endif
