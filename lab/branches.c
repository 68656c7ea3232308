/* branches.c - what would happen if: several ways on from one moment */
#include "lab/branches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/jobs.h"

struct playing {
	struct world *w;
	sim_time until;
	struct branch *branches;
	struct branch *now;		/* that is being played here */
};

/* The next command of a list, without blanks around it; NULL at the end. */
static char *next_command(const char **at)
{
	const char *s = *at + strspn(*at, " ;");
	size_t len = strcspn(s, ";");

	*at = s + len;
	while (len && s[len - 1] == ' ')
		len--;
	return len ? strndup(s, len) : NULL;
}

static void go(struct world *w, void *ctx)
{
	struct playing *p = ctx;
	struct branch *b = p->now;
	const char *at = b->commands;
	char *line;

	while (!*b->err.what && (line = next_command(&at))) {
		world_command(w, line, NULL, &b->err);
		free(line);
	}
	world_run_until(w, p->until);
	metric_table_read(&b->metrics, w);
	b->digest = world_digest(w);
}

/* In a process of its own, or here: then the world comes back. */
static bool play(void *ctx, size_t i, struct text *said)
{
	struct playing *p = ctx;

	p->now = &p->branches[i];
	world_branch(p->w, go, p);
	text_addf(said, "%016" PRIx64 " %s\n", p->now->digest,
		  p->now->err.what);
	metric_table_text(&p->now->metrics, said);
	metric_table_release(&p->now->metrics);
	return true;
}

static bool heard(void *ctx, size_t i, bool good, int signal,
		  struct text *said)
{
	struct playing *p = ctx;
	struct branch *b = &p->branches[i];
	const char *head = text_cstr(said), *rest = strchr(head, '\n');

	(void)good;
	if (signal || !rest || rest - head < 17) {
		err_set(&b->err, "the simulation crashed (signal %d)", signal);
		return true;
	}
	b->digest = strtoull(head, NULL, 16);
	snprintf(b->err.what, sizeof(b->err.what), "%.*s",
		 (int)(rest - head - 17), head + 17);
	metric_table_parse(&b->metrics, rest + 1);
	return true;
}

void branches_play(struct world *w, sim_time until, struct branch *branches,
		   size_t count, size_t at_once)
{
	struct playing p = { .w = w, .until = until, .branches = branches };
	struct jobs jobs = {
		.count = count, .at_once = at_once, .work = play,
		.heard = heard, .ctx = &p,
	};

	jobs_run(&jobs);
}

void branches_release(struct branch *branches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		metric_table_release(&branches[i].metrics);
}
