/* replaying.c - on a line of a terminal: how far a run that is played again is */
#include "lab/replaying.h"

#include <unistd.h>

#include "lab/wall.h"
#include "sim/core/text.h"

#define QUIET_NS	INT64_C(500000000)	/* before anything is said */
#define AGAIN_NS	INT64_C(100000000)	/* between two times */

static void say(struct replaying *r, sim_time done, sim_time of)
{
	struct text t = {0};

	text_add(&t, "\r\033[KPlaying your run again: ");
	simtime_at_text(&t, done);
	text_add(&t, " of ");
	simtime_at_text(&t, of);
	text_add(&t, ".  Ctrl-C stops.");
	fputs(text_cstr(&t), r->to);
	fflush(r->to);
	text_free(&t);
	r->is_said = true;
}

static void wipe(struct replaying *r)
{
	if (r->is_said) {
		fputs("\r\033[K", r->to);
		fflush(r->to);
	}
	r->is_said = false;
}

bool replaying_tick(void *replaying, sim_time done, sim_time of)
{
	struct replaying *r = replaying;
	int64_t now = wall_steady_ns();

	if (!r->began_ns || done <= r->done)	/* the first of a replay */
		r->began_ns = now;
	r->done = done;
	if (r->stop && r->stop()) {
		wipe(r);
		return false;
	}
	if (done >= of) {
		wipe(r);
	} else if (now - r->began_ns >= QUIET_NS &&
		   now - r->said_ns >= AGAIN_NS && isatty(fileno(r->to))) {
		r->said_ns = now;
		say(r, done, of);
	}
	return true;
}
