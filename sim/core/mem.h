/* mem.h - memory outside any world: there is some, or the program ends
 *
 * What belongs to a world comes from its arena (arena.h).  The rest is the
 * host's: a lesson that needs more than the machine has is a bug, so nobody
 * who asks here has to look at the answer.  All is given back with free().
 */
#ifndef SIM_CORE_MEM_H
#define SIM_CORE_MEM_H

#include <stddef.h>

void *mem_take(size_t bytes);			/* as it comes */
void *mem_zeroed(size_t count, size_t size);
void *mem_grow(void *at, size_t bytes);		/* at: NULL, or as before */
char *mem_copy(const char *s);			/* NULL stays NULL */
char *mem_text(const char *s);			/* of NULL an empty one */

#endif
