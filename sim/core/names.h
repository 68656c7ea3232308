/* names.h - every text once: names become small numbers
 *
 * Topics, processes, metrics and labels are compared and looked up often and
 * never change.  Interned, they are compared as integers; numbers are given in
 * order of first use.  Texts live in the arena as long as the world.
 */
#ifndef SIM_CORE_NAMES_H
#define SIM_CORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/arena.h"
#include "sim/core/map.h"
#include "sim/core/vec.h"

typedef uint32_t name_id;	/* 0 is the empty name */

struct names {
	VEC(const char *) texts;	/* by name_id */
	struct map by_hash;		/* hash -> text's index, as pointer */
};

name_id names_intern(struct names *n, struct arena *arena, const char *text);
name_id names_intern_bytes(struct names *n, struct arena *arena,
			   const char *text, size_t len);
name_id names_find(const struct names *n, const char *text); /* 0: unknown */
const char *names_text(const struct names *n, name_id id);

#endif
