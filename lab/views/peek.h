/* peek.h - a throwaway world: made for one look, never kept
 *
 * Welcome shows one while it runs; a lesson tries its commands in one.  Nothing
 * done in there is recorded anywhere.
 */
#ifndef LAB_VIEWS_PEEK_H
#define LAB_VIEWS_PEEK_H

#include <stdint.h>

#include "lab/tui/app.h"
#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

struct exercise;
struct play;

struct peek {
	struct exercise *module;
	struct play *play;
	struct text *out;	/* where what is printed goes; NULL: nowhere */
};

/* A line may take so much virtual time, then Ctrl-C is pressed. */
#define PEEK_LINE_MAX	SIM_S(20)

/* Paused at `at`, truth to be seen.  NULL: there is no such world. */
struct peek *peek_new(const char *world, uint64_t seed, sim_time at,
		      struct err *err);
void peek_free(struct peek *p);

/* Type one line and let it end; what it prints is added to out.  A tool that
 * waits for input is told that there is none. */
void peek_line(struct peek *p, const char *line, struct text *out);

/* Commands as a lesson writes them (`\` joins lines), one after the other in
 * a world of their own, in a box with what they print. */
struct view *try_view(struct app *a, const char *world, const char *commands);

#endif
