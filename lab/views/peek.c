/* peek.c - a throwaway world: made for one look, never kept */
#include "lab/views/peek.h"

#include <stdlib.h>

#include "lab/course/exercise.h"
#include "lab/play/play.h"

static void print(void *ctx, int stream, const char *bytes, size_t len)
{
	struct peek *p = ctx;

	(void)stream;
	if (p->out)
		text_bytes(p->out, bytes, len);
}

struct peek *peek_new(const char *world, uint64_t seed, sim_time at,
		      struct err *err)
{
	struct peek *p = calloc(1, sizeof(*p));
	struct play_options o = { .seed = seed, .out = print, .ctx = p,
				  .interactive = true, .truth = true };

	if (!p)
		abort();
	p->module = exercise_sandbox(world, "", err);
	if (p->module)
		p->play = play_new(p->module, &o, err);
	if (p->play && (at == 0 || play_goto(p->play, at, err))) {
		play_finish(p->play, NULL, NULL);
		return p;
	}
	peek_free(p);
	return NULL;
}

void peek_free(struct peek *p)
{
	if (!p)
		return;
	if (p->play)
		play_free(p->play);
	if (p->module)
		exercise_free(p->module);
	free(p);
}

struct patience {
	const struct play *play;
	sim_time until;
};

static bool is_over(void *ctx)
{
	const struct patience *patience = ctx;

	return play_now(patience->play) >= patience->until;
}

void peek_line(struct peek *p, const char *line, struct text *out)
{
	struct patience patience = { p->play,
				     play_now(p->play) + PEEK_LINE_MAX };

	p->out = out;
	play_line(p->play, line);
	play_finish(p->play, is_over, &patience);
	if (play_wants_input(p->play)) {
		play_input_end(p->play);
		play_finish(p->play, is_over, &patience);
	}
	if (play_busy(p->play)) {
		play_interrupt(p->play);
		play_finish(p->play, NULL, NULL);
	}
	p->out = NULL;
}
