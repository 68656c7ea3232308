/* verify.c - content proves itself: the proofs, and what each demands */
#include "lab/course/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/course/attempt_inside.h"
#include "lab/course/plan.h"
#include "lab/course/wrong_class.h"
#include "sim/core/mem.h"

enum { HELD_OUT = 2 };

const struct proof_claim proof_claims[] = {
	{ "V1", "untouched fails" }, { "V2", "solution passes" },
	{ "V3", "same digest" }, { "V4", "cause removed" },
	{ "V5", "wrong fixes caught" }, { "V6", "every line needed" },
	{ "V8", "rewound half-way" }, { "V9", "reset restores" },
	{ "V13", "nothing is no pass" }, { NULL, NULL },
};

struct verify {
	const struct exercise *m;
	const struct verify_options *options;
	struct verify_report *report;
	struct text why;		/* of the proof under way */
	sim_time ends_at;		/* when the solution was graded, seed 1 */
};

/* --- small helpers ------------------------------------------------------------ */

static void fail(struct verify *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void fail(struct verify *v, const char *fmt, ...)
{
	va_list args;

	if (v->why.len)
		return;		/* the first reason is the one to look at */
	va_start(args, fmt);
	text_vaddf(&v->why, fmt, args);
	va_end(args);
}

static struct attempt *open_attempt(struct verify *v, uint64_t seed)
{
	struct attempt_options o = { .seed = seed, .make = v->options->make };
	struct err err;
	struct attempt *a = attempt_new(v->m, &o, &err);

	if (!a)
		fail(v, "seed %" PRIu64 ": %s", seed, err.what);
	return a;
}

/* The module's plans for an attempt's parameters.  False, and said: none. */
static bool open_plans(struct verify *v, struct attempt *a, struct plans *p)
{
	struct err err;

	if (plans_read(p, v->m, a->box, &err))
		return true;
	fail(v, "%s", err.what);
	plans_release(p);
	return false;
}

/* How many of each there are, which needs no world. */
static struct counts {
	size_t solutions, wrong, lines;
} count_plans(struct verify *v, uint64_t seed)
{
	struct counts n = {0};
	struct plans p = {0};
	struct err err;
	struct box *b = exercise_open(v->m, seed, NULL, &err);

	if (b && plans_read(&p, v->m, b, &err)) {
		n.solutions = p.solution_count;
		n.wrong = p.wrong_count;
		n.lines = p.solutions[0].count;
	} else {
		fail(v, "seed %" PRIu64 ": %s", seed, err.what);
	}
	plans_release(&p);
	box_free(b);
	return n;
}

static void play(struct verify *v, struct attempt *a, const struct plan *p,
		 size_t from, size_t to)
{
	struct box_args args = attempt_args(a);

	for (size_t i = from; i < to; i++) {
		struct err err;
		char *line = plan_line_text(&p->lines[i], a->box, &args, &err);

		if (line)
			attempt_line(a, line);
		else
			fail(v, "%s: %s", p->name, err.what);
		free(line);
	}
}

/* Which task stopped it: the first that is not passed. */
static const struct verdict_task *culprit(const struct verdict *v)
{
	for (size_t i = 0; i < v->task_count; i++)
		if (v->tasks[i].status != VERDICT_PASS)
			return &v->tasks[i];
	return NULL;
}

static void demand_pass(struct verify *v, const struct verdict *got,
			const char *what, uint64_t seed)
{
	const struct verdict_task *t = culprit(got);

	if (got->status == VERDICT_PASS)
		return;
	if (!t)
		fail(v, "seed %" PRIu64 ": %s: %s", seed, what, got->message);
	else
		fail(v, "seed %" PRIu64 ": %s does not pass: task %s, check "
		     "%s: %s: %s%s%s", seed, what, t->id,
		     t->check ? t->check : "-", verdict_status_name(t->status),
		     t->message, *t->rationale ? " / " : "", t->rationale);
}

/* --- V1: untouched, nothing is passed ------------------------------------------- */

static void demand_open(struct verify *v, struct attempt *a, uint64_t seed)
{
	struct verdict got;

	attempt_grade(a, &got);
	for (size_t i = 0; i < got.task_count; i++) {
		const struct verdict_task *t = &got.tasks[i];

		if (t->status == VERDICT_PASS && t->points_max > 0)
			fail(v, "seed %" PRIu64 ": task %s is passed although "
			     "nobody did anything", seed, t->id);
		if (t->status == VERDICT_ERROR)
			fail(v, "seed %" PRIu64 ": task %s, check %s: error: "
			     "%s", seed, t->id, t->check ? t->check : "-",
			     t->message);
	}
	verdict_release(&got);
}

/* At the start, and again when a solution would have been done. */
static bool untouched(struct verify *v, uint64_t seed)
{
	struct attempt *a = open_attempt(v, seed);

	if (!a)
		return true;
	attempt_run(a, world_now(a->world) + v->m->settle);
	demand_open(v, a, seed);
	if (v->ends_at > world_now(a->world)) {
		attempt_run(a, v->ends_at);
		demand_open(v, a, seed);
	}
	attempt_free(a);
	return true;
}

/* --- V2, V3: the solution, again and again ---------------------------------------- */

/* Play solution n from the start; *got is to be released when true. */
static bool solve(struct verify *v, uint64_t seed, size_t n,
		  struct verdict *got)
{
	struct attempt *a = open_attempt(v, seed);
	struct plans p;
	bool good = a && open_plans(v, a, &p);

	if (good) {
		play(v, a, &p.solutions[n], 0, p.solutions[n].count);
		attempt_grade_settled(a, got);
		demand_pass(v, got, p.solutions[n].name, seed);
		plans_release(&p);
	}
	attempt_free(a);
	return good;
}

static bool solved(struct verify *v, uint64_t seed)
{
	size_t count = count_plans(v, seed).solutions;

	for (size_t n = 0; n < count && !v->why.len; n++) {
		struct verdict got;

		if (!solve(v, seed, n, &got))
			break;
		if (n == 0 && seed == v->report->seeds[0])
			v->ends_at = got.at;
		verdict_release(&got);
	}
	return true;
}

static bool repeated(struct verify *v, uint64_t seed)
{
	struct verdict one, two;

	if (!solve(v, seed, 0, &one))
		return true;
	if (solve(v, seed, 0, &two)) {
		if (one.digest != two.digest)
			fail(v, "seed %" PRIu64 ": two runs of the solution "
			     "end in different worlds", seed);
		else if (!verdict_same(&one, &two))
			fail(v, "seed %" PRIu64 ": two runs of the solution "
			     "have different verdicts", seed);
		verdict_release(&two);
	}
	verdict_release(&one);
	return true;
}

/* --- V4: without its cause, the symptom goes --------------------------------------- */

static void demand_symptoms(struct verify *v, struct attempt *a, bool is_well,
			    uint64_t seed)
{
	const struct exercise *m = v->m;

	for (size_t i = 0; i < m->task_count; i++)
		for (size_t k = 0; k < m->tasks[i].check_count; k++) {
			struct text why = {0};
			enum verdict_status s;

			if (!m->tasks[i].checks[k].symptom)
				continue;
			s = attempt_check(a, i, k, &why);
			if ((s == VERDICT_PASS) != is_well ||
			    s == VERDICT_ERROR)
				fail(v, "seed %" PRIu64 ": task %s, check %s "
				     "is %s %s%s%s", seed, m->tasks[i].id,
				     m->tasks[i].checks[k].id,
				     verdict_status_name(s),
				     is_well ? "although every fault was healed"
					     : "while the fault acts",
				     why.len ? ": " : "", text_cstr(&why));
			text_free(&why);
		}
}

static sim_time last_fault(const struct attempt *a)
{
	return a->fault_count ? a->faults[a->fault_count - 1].at : 0;
}

static bool healed(struct verify *v, uint64_t seed)
{
	struct attempt *a;
	struct err err;
	sim_time at;

	if (!exercise_has_symptom(v->m))
		return false;
	a = open_attempt(v, seed);
	if (!a)
		return true;
	at = last_fault(a) > world_now(a->world) ? last_fault(a) :
						   world_now(a->world);
	attempt_run(a, at + v->m->settle);
	demand_symptoms(v, a, false, seed);
	if (!attempt_heal(a, &err))
		fail(v, "seed %" PRIu64 ": %s", seed, err.what);
	attempt_run(a, world_now(a->world) + v->m->recover);
	demand_symptoms(v, a, true, seed);
	attempt_free(a);
	return true;
}

/* --- V5: wrong fixes are caught, and are what they are called ----------------------- */

/* A wrong fix that was played. */
struct trial {
	char *name;
	char *declared;			/* its class; NULL: not said */
	size_t task, check;		/* that have to catch it */
	struct outcome w1;
	bool done;			/* nothing is left to be compared */
};

static void tell_tried(struct verify *v, const struct trial *t,
		       const struct verdict *got, bool is_caught,
		       const char *why)
{
	const struct verdict_task *by = culprit(got);
	struct wrong_fix f = { .name = t->name, .is_caught = is_caught };
	struct text check = {0};

	if (!v->options->tried)
		return;
	if (is_caught)
		text_addf(&check, "%s.%s", v->m->tasks[t->task].id,
			  v->m->tasks[t->task].checks[t->check].id);
	else if (by)
		text_addf(&check, "%s.%s", by->id, by->check ? by->check : "-");
	f.by = text_cstr(&check);
	f.said = is_caught && *why ? why : by ? by->message : "";
	v->options->tried(v->options->ctx, &f);
	text_free(&check);
}

static void demand_caught(struct verify *v, struct attempt *a, uint64_t seed,
			  const struct trial *t)
{
	bool is_caught = false;
	struct text why = {0};
	struct verdict got;

	attempt_grade_settled(a, &got);
	if (got.status != VERDICT_PASS)
		is_caught = attempt_check(a, t->task, t->check, &why) ==
			    VERDICT_FAIL;
	tell_tried(v, t, &got, is_caught, text_cstr(&why));
	if (got.status == VERDICT_PASS)
		fail(v, "seed %" PRIu64 ": wrong fix \"%s\" passes", seed,
		     t->name);
	else if (!is_caught)
		fail(v, "seed %" PRIu64 ": wrong fix \"%s\" is not caught by "
		     "task %s, check %s%s%s", seed, t->name,
		     v->m->tasks[t->task].id,
		     v->m->tasks[t->task].checks[t->check].id,
		     why.len ? ": " : "", text_cstr(&why));
	text_free(&why);
	verdict_release(&got);
}

static void play_wrong(struct verify *v, uint64_t seed, size_t n,
		       struct trial *t)
{
	struct attempt *a = open_attempt(v, seed);
	struct plans p;

	if (!a || !open_plans(v, a, &p)) {
		attempt_free(a);
		return;
	}
	t->name = mem_copy(p.wrong[n].name);
	t->declared = mem_copy(p.wrong[n].verdict);
	t->done = !t->declared;
	if (exercise_check(v->m, p.wrong[n].must_fail, &t->task, &t->check)) {
		play(v, a, &p.wrong[n], 0, p.wrong[n].count);
		demand_caught(v, a, seed, t);
		outcome_init(&t->w1, a);
	} else {
		fail(v, "wrong fix \"%s\": there is no check %s", t->name,
		     p.wrong[n].must_fail);
	}
	plans_release(&p);
	attempt_free(a);
}

/* The one that ended first, of those that are to be compared.  NULL: none. */
static struct trial *next_trial(struct trial *trials, size_t count)
{
	struct trial *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (!trials[i].done &&
		    (!first || trials[i].w1.at < first->w1.at))
			first = &trials[i];
	return first;
}

/* One untouched world serves them all: it is looked at when each has ended. */
static void demand_classes(struct verify *v, uint64_t seed,
			   struct trial *trials, size_t count)
{
	struct trial *t = next_trial(trials, count);
	struct attempt *a = t ? open_attempt(v, seed) : NULL;

	for (; a && t; t = next_trial(trials, count)) {
		struct text why = {0};
		struct outcome w0;
		const char *found;

		attempt_run(a, t->w1.at);
		outcome_init(&w0, a);
		found = wrong_class(v->m, &w0, &t->w1, t->task, t->check,
				    w0.at >= last_fault(a) + v->m->settle,
				    &why);
		if (strcmp(t->declared, found) != 0)
			fail(v, "seed %" PRIu64 ": wrong fix \"%s\" is "
			     "declared %s but found %s: %s", seed, t->name,
			     t->declared, found, text_cstr(&why));
		t->done = true;
		outcome_release(&w0);
		text_free(&why);
	}
	attempt_free(a);
}

static bool wrong(struct verify *v, uint64_t seed)
{
	size_t count = count_plans(v, seed).wrong;
	struct trial *trials = mem_zeroed(count + 1, sizeof(*trials));

	for (size_t n = 0; n < count && (!v->why.len || v->options->tried);
	     n++)
		play_wrong(v, seed, n, &trials[n]);
	if (count && !v->why.len)
		demand_classes(v, seed, trials, count);
	for (size_t n = 0; n < count; n++) {
		free(trials[n].name);
		free(trials[n].declared);
		outcome_release(&trials[n].w1);
	}
	free(trials);
	return count > 0 || v->why.len;
}

/* --- V6: every line is needed -------------------------------------------------------- */

static bool needed(struct verify *v, uint64_t seed)
{
	size_t count = count_plans(v, seed).lines;

	for (size_t skip = 0; skip < count; skip++) {
		struct attempt *a = open_attempt(v, seed);
		struct verdict got;
		struct plans p;

		if (!a || !open_plans(v, a, &p)) {
			attempt_free(a);
			return true;
		}
		play(v, a, &p.solutions[0], 0, skip);
		play(v, a, &p.solutions[0], skip + 1, count);
		attempt_grade_settled(a, &got);
		if (got.status == VERDICT_PASS)
			text_addf(&v->why, "%spasses without `%s`",
				  v->why.len ? "; " : "",
				  p.solutions[0].lines[skip].line ?
				  p.solutions[0].lines[skip].line :
				  "a line that a function makes");
		verdict_release(&got);
		plans_release(&p);
		attempt_free(a);
	}
	return true;
}

/* --- V8, V9: kept, rewound, reset ------------------------------------------------------ */

/* Half the solution, a look ahead that is rewound, then the rest. */
static bool resumed(struct verify *v, uint64_t seed)
{
	struct verdict plain, back;
	struct attempt *a;
	struct plans p;
	size_t half;
	sim_time at;
	struct err err;

	if (!solve(v, seed, 0, &plain))
		return true;
	a = open_attempt(v, seed);
	if (!a || !open_plans(v, a, &p)) {
		verdict_release(&plain);
		attempt_free(a);
		return true;
	}
	half = p.solutions[0].count / 2;
	play(v, a, &p.solutions[0], 0, half);
	at = world_now(a->world);
	world_snapshot(a->world);
	attempt_run(a, at + SIM_S(20));
	if (!attempt_rewind(a, at, &err))
		fail(v, "seed %" PRIu64 ": %s", seed, err.what);
	play(v, a, &p.solutions[0], half, p.solutions[0].count);
	attempt_grade_settled(a, &back);
	demand_pass(v, &back, "the solution, rewound half-way,", seed);
	if (plain.digest != back.digest)
		fail(v, "seed %" PRIu64 ": the solution ends in another world "
		     "when it was rewound half-way", seed);
	verdict_release(&back);
	verdict_release(&plain);
	plans_release(&p);
	attempt_free(a);
	return true;
}

static bool reset(struct verify *v, uint64_t seed)
{
	struct attempt *a = open_attempt(v, seed);
	struct verdict got;
	struct plans p;
	uint64_t begin;
	struct err err;

	if (!a || !open_plans(v, a, &p)) {
		attempt_free(a);
		return true;
	}
	begin = world_digest(a->world);
	play(v, a, &p.solutions[0], 0, (p.solutions[0].count + 1) / 2);
	plans_release(&p);
	if (!attempt_teardown(a, &err) || !attempt_reset(a, &err)) {
		fail(v, "seed %" PRIu64 ": %s", seed, err.what);
	} else if (world_digest(a->world) != begin) {
		fail(v, "seed %" PRIu64 ": after a reset the world begins "
		     "differently", seed);
	} else if (open_plans(v, a, &p)) {
		play(v, a, &p.solutions[0], 0, p.solutions[0].count);
		attempt_grade_settled(a, &got);
		demand_pass(v, &got, "the solution after a reset", seed);
		verdict_release(&got);
		plans_release(&p);
	}
	attempt_free(a);
	return true;
}

/* --- V13: useless worlds never pass ------------------------------------------------------ */

/* Does every check of the task say true to useless objects? */
static bool is_fooled(struct verify *v, struct box *b, size_t task,
		      const char *kind)
{
	const struct task *t = &v->m->tasks[task];
	bool fooled = t->check_count > 0;

	for (size_t k = 0; k < t->check_count && fooled; k++) {
		struct text literals = {0};
		struct err err;
		json_t *said;

		if (!t->checks[k].has_fn)
			return false;	/* decided by us, not by the world */
		text_addf(&literals, "%zu, %zu, \"%s\"", task + 1, k + 1, kind);
		said = box_call(b, "check_hostile", text_cstr(&literals), NULL,
				&err);
		fooled = json_is_true(json_object_get(said, "ok"));
		json_decref(said);
		text_free(&literals);
	}
	return fooled;
}

static void demand_unfooled(struct verify *v, const char *kind, uint64_t seed)
{
	struct err err;
	struct box *b = exercise_open(v->m, seed, NULL, &err);

	for (size_t i = 0; b && i < v->m->task_count; i++)
		if (v->m->tasks[i].points && is_fooled(v, b, i, kind))
			fail(v, "task %s passes when the world answers nothing "
			     "but %s", v->m->tasks[i].id, kind);
	box_free(b);
}

/* A world without setup, time or faults. */
static void demand_empty_fails(struct verify *v, uint64_t seed)
{
	struct exercise bare = *v->m;
	struct attempt_options o = { .seed = seed, .make = v->options->make,
				     .no_faults = true };
	struct verdict got;
	struct err err;
	struct attempt *a;

	bare.has_setup = bare.has_teardown = false;
	bare.start = 0;
	a = attempt_new(&bare, &o, &err);
	if (!a)
		return;
	attempt_grade(a, &got);
	if (got.status == VERDICT_PASS)
		fail(v, "seed %" PRIu64 ": a world in which nothing happened "
		     "passes", seed);
	verdict_release(&got);
	attempt_free(a);
}

static bool unfooled(struct verify *v, uint64_t seed)
{
	static const char *const kinds[] = { "nil", "none", "nan", "table",
					     "error", NULL };

	for (const char *const *k = kinds; *k; k++)
		demand_unfooled(v, *k, seed);
	demand_empty_fails(v, seed);
	return true;
}

/* --- all of them --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*prove)(struct verify *v, uint64_t seed);	/* false: no case */
	bool every_seed;
	bool only_told;			/* reported, not required */
	const char *skipped;
} proofs[] = {
	{ "V2", solved, true, false, "" },
	{ "V1", untouched, true, false, "intro: may be solved at the start" },
	{ "V3", repeated, false, false, "" },
	{ "V4", healed, true, false, "no check is marked symptom" },
	{ "V5", wrong, true, false, "no wrong fix is declared" },
	{ "V6", needed, false, true, "only when asked for" },
	{ "V8", resumed, false, false, "" },
	{ "V9", reset, false, false, "" },
	{ "V13", unfooled, false, false, "" },
};

static void add_proof(struct verify *v, const char *name,
		      enum proof_status status, const char *message)
{
	struct verify_report *r = v->report;

	r->proofs = mem_grow(r->proofs, (r->count + 1) * sizeof(*r->proofs));
	r->proofs[r->count] = (struct proof){ name, status, strdup(message) };
	if (!r->proofs[r->count++].message)
		abort();
	r->good = r->good && status != PROOF_FAILS;
	if (v->options->proved)
		v->options->proved(v->options->ctx, &r->proofs[r->count - 1]);
}

static void prove(struct verify *v, size_t n)
{
	bool asked = !(proofs[n].prove == needed && !v->options->thorough) &&
		     !(proofs[n].prove == untouched && v->m->intro);
	size_t count = proofs[n].every_seed ? v->report->seed_count : 1;
	bool applies = asked;

	text_clear(&v->why);
	if (asked && v->options->progress)
		v->options->progress(v->options->ctx, v->m, proofs[n].name);
	for (size_t i = 0; i < count && applies && !v->why.len; i++) {
		applies = proofs[n].prove(v, v->report->seeds[i]);
		if (v->options->seed)
			v->options->seed(v->options->ctx, proofs[n].name,
					 i + 1, count);
	}
	if (v->why.len)
		add_proof(v, proofs[n].name, proofs[n].only_told ?
			  PROOF_HOLDS : PROOF_FAILS, text_cstr(&v->why));
	else if (!applies)
		add_proof(v, proofs[n].name, PROOF_SKIPPED, proofs[n].skipped);
	else
		add_proof(v, proofs[n].name, PROOF_HOLDS, "");
}

/* 1 .. k, and some that follow from the module's contents. */
static void choose_seeds(struct verify *v)
{
	struct verify_report *r = v->report;
	int own = v->options->seeds > 0 ? v->options->seeds : 1;
	struct luck luck;

	r->seed_count = v->options->seed_only ? 1 : (size_t)own + HELD_OUT;
	r->seeds = mem_zeroed(r->seed_count, sizeof(*r->seeds));
	luck_init(&luck, luck_hash(v->m->hash), "verify", "held-out seeds");
	for (size_t i = 0; i < r->seed_count; i++)
		r->seeds[i] = i < (size_t)own ? i + 1 :
						1000 + luck_below(&luck, 1u << 30);
	if (v->options->seed_only)
		r->seeds[0] = v->options->seed_only;
}

void verify_exercise(const struct exercise *m,
		     const struct verify_options *options,
		     struct verify_report *report)
{
	struct verify v = { .m = m, .options = options, .report = report };
	clock_t start = clock();

	*report = (struct verify_report){ .module = m->id, .good = true };
	choose_seeds(&v);
	for (size_t n = 0; n < sizeof(proofs) / sizeof(proofs[0]); n++)
		if (!options->proof_only ||
		    strcmp(options->proof_only, proofs[n].name) == 0)
			prove(&v, n);
	text_free(&v.why);
	report->seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
}

void verify_release(struct verify_report *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->proofs[i].message);
	free(r->proofs);
	free(r->seeds);
	*r = (struct verify_report){0};
}

void verify_json(const struct verify_report *r, struct text *out)
{
	static const char *const names[] = { "holds", "fails", "skipped" };

	text_add(out, "{\"module\":");
	text_json(out, r->module);
	text_addf(out, ",\"good\":%s,\"seconds\":%.3f,\"seeds\":[",
		  r->good ? "true" : "false", r->seconds);
	for (size_t i = 0; i < r->seed_count; i++)
		text_addf(out, "%s%" PRIu64, i ? "," : "", r->seeds[i]);
	text_add(out, "],\"proofs\":[");
	for (size_t i = 0; i < r->count; i++) {
		text_addf(out, "%s{\"proof\":\"%s\",\"status\":\"%s\","
			  "\"message\":", i ? "," : "", r->proofs[i].name,
			  names[r->proofs[i].status]);
		text_json(out, r->proofs[i].message);
		text_char(out, '}');
	}
	text_add(out, "]}");
}

void verify_text(const struct verify_report *r, struct text *out)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->proofs[i].status == PROOF_FAILS)
			text_addf(out, "%s: proof %s: %s\n", r->module,
				  r->proofs[i].name, r->proofs[i].message);
		else if (*r->proofs[i].message &&
			 strcmp(r->proofs[i].name, "V6") == 0 &&
			 r->proofs[i].status == PROOF_HOLDS)
			text_addf(out, "%s: note V6: %s\n", r->module,
				  r->proofs[i].message);
}
