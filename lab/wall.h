/* wall.h - the clocks of the host, which only lab/ may read
 *
 * Nothing that decides how a run goes asks it: the record of progress wants to
 * know when something was done.
 */
#ifndef LAB_WALL_H
#define LAB_WALL_H

#include <stdint.h>

int64_t wall_ms(void);		/* milliseconds since 1970, UTC */
int64_t wall_steady_ns(void);	/* only ever forward; for spans, not dates */

#endif
