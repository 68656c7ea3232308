/* verbs_swarm.c - swarm: random worlds and faults, with invariants */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/jobs.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "sim/stack/swarm.h"

enum { RUNS = 100, RUNS_MAX = 10000000, BATCH = 5 };

struct swarming {
	struct cli *c;
	const char *world, *planted;
	uint64_t first, runs, mask;
	uint64_t done, faults, broken;	/* heard so far */
	struct text json;
	bool tty;
};

/* --- one run ------------------------------------------------------------------ */

/* "1,4": these faults of the plan; *mask has their bits.  "none": no fault. */
static bool parse_only(const char *s, uint64_t *mask)
{
	*mask = 0;
	if (!strcmp(s, "none"))
		return true;
	while (*s) {
		char *end;
		unsigned long n = strtoul(s, &end, 10);

		if (end == s || n < 1 || n > SWARM_FAULTS_MAX ||
		    (*end && *end != ','))
			return false;
		*mask |= UINT64_C(1) << (n - 1);
		s = *end ? end + 1 : end;
	}
	return *mask != 0;
}

static void add_only(const struct swarm_plan *p, uint64_t mask,
		     struct text *out)
{
	const char *before = " --only ";

	for (uint32_t i = 0; i < p->fault_count; i++) {
		if (!(mask >> i & 1))
			continue;
		text_addf(out, "%s%u", before, i + 1);
		before = ",";
	}
	if (!(mask & ((UINT64_C(1) << p->fault_count) - 1)))
		text_add(out, " --only none");
}

static void add_again(const struct swarm_plan *p, uint64_t mask,
		      struct text *out)
{
	text_addf(out, "millrace swarm --world %s --seed %" PRIu64 " --runs 1",
		  p->world, p->seed);
	add_only(p, mask, out);
	if (p->planted)
		text_addf(out, " --planted %s", p->planted);
}

static const char *promise_of(const char *id)
{
	for (const struct invariant *i = invariants; i->id; i++)
		if (!strcmp(i->id, id))
			return i->promise;
	return "After the faults everything comes right again.";
}

static void report_text(const struct swarm_plan *p, uint64_t mask,
			uint32_t tries, const struct swarm_result *r,
			struct text *out)
{
	text_addf(out, "seed %" PRIu64 " breaks %s at ", p->seed, r->broken);
	simtime_text(out, r->at);
	text_addf(out, ": %s\n  promise   %s\n", text_cstr(&r->why),
		  promise_of(r->broken));
	swarm_plan_text(p, mask, out);
	text_addf(out, "  shrunk    %d of %" PRIu32 " faults are needed "
		  "(%" PRIu32 " runs to see)\n  again     ",
		  __builtin_popcountll(mask), p->fault_count, tries);
	add_again(p, mask, out);
	text_char(out, '\n');
}

static void report_json(const struct swarm_plan *p, uint64_t mask,
			const struct swarm_result *r, struct text *out)
{
	struct text again = {0};

	text_addf(out, "%s{\"seed\":%" PRIu64 ",\"broken\":", out->len ? "," :
		  "", p->seed);
	text_json(out, r->broken);
	text_addf(out, ",\"at_ns\":%" PRId64 ",\"why\":", r->at);
	text_json(out, text_cstr(&r->why));
	text_add(out, ",\"settings\":");
	text_json(out, p->settings);
	text_add(out, ",\"faults\":[");
	for (uint32_t i = 0, said = 0; i < p->fault_count; i++) {
		if (!(mask >> i & 1))
			continue;
		text_addf(out, "%s{\"number\":%u,\"fault\":", said++ ? "," : "",
			  i + 1);
		text_json(out, p->faults[i].words);
		text_addf(out, ",\"at_ns\":%" PRId64 ",\"for_ns\":%" PRId64 "}",
			  p->faults[i].at, p->faults[i].during);
	}
	text_add(out, "],\"again\":");
	add_again(p, mask, &again);
	text_json(out, text_cstr(&again));
	text_free(&again);
	text_char(out, '}');
}

/* True: all held. */
static bool one_run(const struct swarming *s, uint64_t seed, uint32_t *faults,
		    struct text *said)
{
	struct swarm_plan plan;
	struct swarm_result r;
	uint64_t mask = s->mask;
	uint32_t tries = 0;
	struct err err;
	bool held;

	if (!swarm_draw(&plan, s->world, seed, &err))
		return false;		/* was tried before: see verb_swarm */
	plan.planted = s->planted;
	if (!swarm_run(&plan, mask, &r, &err)) {
		text_addf(said, "seed %" PRIu64 ": %s\n", seed, err.what);
		return false;
	}
	*faults += r.faults;
	held = !r.broken;
	if (!held) {
		if (mask == SWARM_ALL) {
			mask = swarm_shrink(&plan, mask, &tries);
			swarm_result_release(&r);
			swarm_run(&plan, mask, &r, &err);
		}
		if (cli_has(s->c, "json"))
			report_json(&plan, mask, &r, said);
		else
			report_text(&plan, mask, tries, &r, said);
	}
	swarm_result_release(&r);
	return held;
}

/* --- many, some at a time -------------------------------------------------------- */

static uint64_t batch_size(const struct swarming *s, size_t i)
{
	uint64_t left = s->runs - i * BATCH;

	return left < BATCH ? left : BATCH;
}

/* Says "FAULTS BROKEN\n" and then the reports. */
static bool run_batch(void *ctx, size_t i, struct text *said)
{
	const struct swarming *s = ctx;
	struct text reports = {0};
	uint32_t faults = 0, broken = 0;

	for (uint64_t k = 0; k < batch_size(s, i); k++)
		broken += !one_run(s, s->first + i * BATCH + k, &faults,
				   &reports);
	text_addf(said, "%" PRIu32 " %" PRIu32 "\n", faults, broken);
	text_add(said, text_cstr(&reports));
	text_free(&reports);
	return broken == 0;
}

static void progress(const struct swarming *s)
{
	if (s->tty)
		fprintf(s->c->err, "\r\033[K%" PRIu64 " of %" PRIu64 " runs, "
			"%" PRIu64 " broken", s->done, s->runs, s->broken);
}

static bool heard(void *ctx, size_t i, bool good, int signal,
		  struct text *said)
{
	struct swarming *s = ctx;
	const char *reports = strchr(text_cstr(said), '\n');
	unsigned long faults = 0, broken = 0;

	(void)good;
	if (s->tty)
		fputs("\r\033[K", s->c->err);
	if (signal || !reports) {
		fprintf(s->c->err, "seeds %" PRIu64 " to %" PRIu64 ": the "
			"simulation crashed (signal %d)\n",
			s->first + i * BATCH,
			s->first + i * BATCH + batch_size(s, i) - 1, signal);
		s->broken++;
	} else {
		sscanf(text_cstr(said), "%lu %lu", &faults, &broken);
		if (cli_has(s->c, "json"))
			text_addf(&s->json, "%s%s", s->json.len && reports[1] ?
				  "," : "", reports + 1);
		else
			fputs(reports + 1, s->c->out);
		fflush(s->c->out);
	}
	s->faults += faults;
	s->broken += broken;
	s->done += batch_size(s, i);
	progress(s);
	return true;
}

static int swarm_all(struct swarming *s, uint64_t at_once)
{
	struct jobs jobs = {
		.count = (size_t)((s->runs + BATCH - 1) / BATCH),
		.at_once = (size_t)at_once, .work = run_batch, .heard = heard,
		.ctx = s,
	};

	progress(s);
	jobs_run(&jobs);
	if (s->tty)
		fputs("\r\033[K", s->c->err);
	if (cli_has(s->c, "json"))
		fprintf(s->c->out, "{\"schema_version\":%d,\"runs\":%" PRIu64
			",\"faults\":%" PRIu64 ",\"broken\":%" PRIu64
			",\"reports\":[%s]}\n", MILLRACE_SCHEMA, s->runs,
			s->faults, s->broken, text_cstr(&s->json));
	else
		fprintf(s->c->out, "%" PRIu64 " runs, %" PRIu64 " faults: %"
			PRIu64 " broke a promise\n", s->runs, s->faults,
			s->broken);
	text_free(&s->json);
	return s->broken ? CLI_NOT_PASSED : CLI_DONE;
}

static bool swarm_options(struct swarming *s, uint64_t *jobs)
{
	const char *only = cli_value(s->c, "only");

	if (!verb_seed(s->c, &s->first) ||
	    !cli_number(s->c, "runs", RUNS, &s->runs) ||
	    !cli_number(s->c, "jobs", jobs_cores(), jobs))
		return false;
	if (s->runs < 1 || s->runs > RUNS_MAX) {
		cli_fail(s->c, CLI_USAGE, "--runs has to be 1 to %d", RUNS_MAX);
		return false;
	}
	if (only && !parse_only(only, &s->mask)) {
		cli_fail(s->c, CLI_USAGE, "--only %s: write numbers of faults, "
			 "1 to %d, joined by commas, or none", only, SWARM_FAULTS_MAX);
		return false;
	}
	return true;
}

/* Is there such a swarm, and such a bug to plant?  Asked once, before many. */
static bool can_run(const struct swarming *s, struct err *err)
{
	struct swarm_plan plan;
	struct swarm_result r;

	if (!swarm_draw(&plan, s->world, s->first, err))
		return false;
	if (!s->planted)
		return true;
	plan.planted = s->planted;
	plan.fault_count = 0;
	plan.safety_until = 0;
	if (!swarm_run(&plan, 0, &r, err))
		return false;
	swarm_result_release(&r);
	return true;
}

int verb_swarm(struct cli *c)
{
	struct swarming s = {
		.c = c, .world = cli_value(c, "world"), .mask = SWARM_ALL,
		.planted = cli_value(c, "planted"), .tty = isatty(fileno(c->err)),
	};
	uint64_t jobs;
	struct err err;

	if (!s.world)
		return cli_fail(c, CLI_USAGE, "--world WORLD says which; there "
				"is a swarm for local-kafka");
	if (!swarm_options(&s, &jobs))
		return CLI_USAGE;
	if (!can_run(&s, &err))
		return cli_fail_err(c, CLI_USAGE, &err);
	return swarm_all(&s, jobs);
}
