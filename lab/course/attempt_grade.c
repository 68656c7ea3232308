/* attempt_grade.c - from samples and questions to a verdict */
#include "lab/course/attempt_inside.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/fault/fault.h"

/* --- one check ------------------------------------------------------------- */

static const struct check *check_of(const struct attempt *a, size_t task,
				    size_t check)
{
	return &a->module->tasks[task].checks[check];
}

static enum verdict_status ask(struct attempt *a, size_t task, size_t check,
			       struct text *why)
{
	enum verdict_status status;
	char *said = NULL;

	if (!check_of(a, task, check)->has_fn) {
		text_add(why, "the check has no function");
		return VERDICT_ERROR;
	}
	status = check_ask(a, task, check, &said);
	if (said)
		text_add(why, said);
	free(said);
	return status;
}

static void add_time(struct text *t, sim_time at)
{
	simtime_at_text(t, at);
}

/* True for `hold` without a break, up to now. */
static enum verdict_status held(const struct attempt *a,
				const struct check *c,
				const struct check_state *s, struct text *why)
{
	const struct check_change *last = s->count ? &s->changes[s->count - 1] :
						     NULL;
	sim_time since;

	if (!last || !last->is_true)
		return VERDICT_FAIL;
	since = world_now(a->world) - last->at;
	if (since >= c->hold)
		return VERDICT_PASS;
	text_add(why, "it is so for ");
	simtime_text(why, since);
	text_add(why, " now; it has to stay so for ");
	simtime_text(why, c->hold);
	return VERDICT_FAIL;
}

static enum verdict_status always(const struct attempt *a,
				  const struct check *c,
				  const struct check_state *s, struct text *why)
{
	if (s->count == 0) {
		if (world_now(a->world) < c->from) {
			text_add(why, "it is promised from ");
			add_time(why, c->from);
			text_add(why, " on, which is still to come");
			return VERDICT_FAIL;
		}
		text_add(why, "was never looked at");
		return VERDICT_ERROR;
	}
	if (s->changes[s->count - 1].is_true)
		return VERDICT_PASS;
	text_add(why, "the promise broke at ");
	add_time(why, s->changes[s->count - 1].at);
	return VERDICT_FAIL;
}

/* What the samples come to; *when: what time has to do with it, or nothing. */
static enum verdict_status over_time(const struct attempt *a,
				     const struct check *c,
				     const struct check_state *s,
				     struct text *when)
{
	switch (c->type) {
	case CHECK_HELD:
		return held(a, c, s, when);
	case CHECK_ALWAYS:
		return always(a, c, s, when);
	default:
		break;
	}
	if (s->count && s->changes[s->count - 1].is_true)
		return VERDICT_PASS;
	if (c->type == CHECK_AT && s->count == 0) {
		text_add(when, "it is looked at at ");
		add_time(when, c->at);
	}
	return VERDICT_FAIL;
}

/* What the check said, and then what time has to do with it. */
static enum verdict_status sampled(const struct attempt *a,
				   const struct check *c,
				   const struct check_state *s,
				   struct text *why)
{
	const char *said = s->why ? s->why : "";
	struct text when = {0};
	enum verdict_status status;

	if (s->error) {
		text_add(why, s->error);
		return VERDICT_ERROR;
	}
	status = over_time(a, c, s, &when);
	text_add(why, said);
	if (*said && when.len)
		text_add(why, said[strlen(said) - 1] == '.' ? " " : "; ");
	text_add(why, text_cstr(&when));
	text_free(&when);
	return status;
}

/* --- diagnosis ------------------------------------------------------------- */

static bool is_graded(const struct check *c, const char *part)
{
	if (!c->grade)
		return strcmp(part, "at") != 0;
	for (size_t i = 0; i < json_array_size(c->grade); i++) {
		const char *s = json_string_value(json_array_get(c->grade, i));

		if (s && strcmp(s, part) == 0)
			return true;
	}
	return false;
}

/* One thing that is truly wrong. */
struct truth {
	const char *component, *mechanism;
	sim_time at;
};

/* Entry i of the ledger; the module may call it by other names. */
static struct truth truth_of(const struct attempt *a, const struct fault *f)
{
	struct truth t = { world_text(a->world, f->component),
			   world_text(a->world, f->mechanism), f->at };

	for (size_t i = 0; i < a->faults_done; i++) {
		const struct planned_fault *p = &a->faults[i];

		if (a->fault_numbers[i] != f->number)
			continue;
		if (p->component)
			t.component = p->component;
		if (p->mechanism)
			t.mechanism = p->mechanism;
	}
	return t;
}

/* The parts of the claim that do not fit, of those that are graded. */
static int misfit(const struct check *c, const struct diagnosis *d,
		  const struct truth *t, struct text *parts)
{
	bool wrong[] = {
		is_graded(c, "component") &&
			strcmp(d->component, t->component) != 0,
		is_graded(c, "mechanism") &&
			strcmp(d->mechanism, t->mechanism) != 0,
		is_graded(c, "at") &&
			(d->onset == SIM_NEVER || d->onset < t->at - c->within ||
			 d->onset > t->at + c->within),
	};
	static const char *const names[] = { "component", "mechanism", "at" };
	int n = 0;

	for (int i = 0; i < 3; i++)
		if (wrong[i])
			text_addf(parts, "%s %s", n++ ? "," : "", names[i]);
	return n;
}

static enum verdict_status compare(const struct attempt *a,
				   const struct check *c, struct text *why)
{
	const struct faults *ledger = faults_of(a->world);
	struct text best = {0}, parts = {0};
	int least = INT_MAX;

	for (uint32_t i = 0; i < ledger->ledger.count; i++) {
		struct truth t = truth_of(a, ledger->ledger.at[i]);
		int n;

		text_clear(&parts);
		n = misfit(c, &a->diagnosis, &t, &parts);
		if (n >= least)
			continue;
		least = n;
		text_clear(&best);
		text_add(&best, text_cstr(&parts));
	}
	if (least > 0)
		text_addf(why, "not right:%s", text_cstr(&best));
	text_free(&best);
	text_free(&parts);
	return least == 0 ? VERDICT_PASS : VERDICT_FAIL;
}

/* The claim against the ledger, which the simulation wrote. */
static enum verdict_status diagnosed(struct attempt *a, const struct check *c,
				     struct text *why)
{
	const struct diagnosis *d = &a->diagnosis;
	bool is_well;

	if (!a->world->modules[MODULE_FAULT]) {
		text_add(why, "this world keeps no ledger of faults");
		return VERDICT_ERROR;
	}
	is_well = faults_of(a->world)->ledger.count == 0;
	if (!d->given) {
		text_add(why, "No diagnosis was given yet.");
		return VERDICT_FAIL;
	}
	if (d->nothing_wrong || is_well) {
		if (!is_well)
			text_add(why, "something is wrong");
		return d->nothing_wrong && is_well ? VERDICT_PASS :
						     VERDICT_FAIL;
	}
	return compare(a, c, why);
}

/* --- answers and budgets --------------------------------------------------- */

static bool number_fits(const struct check *c, const char *given)
{
	double want = json_number_value(c->answer), got;
	char *end;

	got = strtod(given, &end);
	while (*end == ' ')
		end++;
	return end != given && *end == '\0' && isfinite(got) &&
	       fabs(got - want) <= fabs(want) * c->tolerance;
}

static enum verdict_status answered(struct attempt *a, size_t task,
				    size_t check, struct text *why)
{
	const struct check *c = check_of(a, task, check);
	const char *given = a->tasks[task].answer;
	bool right;

	if (!given) {
		text_addf(why, "Nothing was answered yet; write: answer %s "
			  "VALUE",
			  a->module->tasks[task].id);
		return VERDICT_FAIL;
	}
	if (!c->answer)
		return ask(a, task, check, why);
	if (json_is_number(c->answer))
		right = number_fits(c, given);
	else if (json_is_string(c->answer))
		right = strcasecmp(given, json_string_value(c->answer)) == 0;
	else {
		text_add(why, "`answer` has to be a number or a string");
		return VERDICT_ERROR;
	}
	return right ? VERDICT_PASS : VERDICT_FAIL;
}

static enum verdict_status budget(struct attempt *a, size_t task, size_t check,
				  struct text *why)
{
	const struct check *c = check_of(a, task, check);
	double used;

	if (!c->of)
		return ask(a, task, check, why);
	if (strcmp(c->of, "lines") == 0)
		used = a->lines;
	else if (strcmp(c->of, "hints") == 0)
		used = (double)attempt_hint_cost(a);
	else
		used = (double)(world_now(a->world) - a->module->start) /
		       (double)SIM_MINUTES(1);
	text_addf(why, "%g of %g %s used", used, c->max, c->of);
	return used <= c->max ? VERDICT_PASS : VERDICT_FAIL;
}

enum verdict_status attempt_check(struct attempt *a, size_t task, size_t check,
				  struct text *why)
{
	const struct check *c = check_of(a, task, check);

	if (a->broken) {
		text_add(why, a->broken);
		return VERDICT_ERROR;
	}
	if (samples_wanted(c))
		return sampled(a, c, &a->tasks[task].checks[check], why);
	switch (c->type) {
	case CHECK_DIAGNOSIS:
		return c->has_fn ? ask(a, task, check, why) :
				   diagnosed(a, c, why);
	case CHECK_ANSWER:
		return answered(a, task, check, why);
	case CHECK_BUDGET:
		return budget(a, task, check, why);
	default:
		return ask(a, task, check, why);
	}
}

/* --- tasks ----------------------------------------------------------------- */

/* The first task this one waits for, or NULL. */
static const char *waits_for(const struct attempt *a, const struct verdict *v,
			     size_t task)
{
	const json_t *needs = a->module->tasks[task].needs;

	for (size_t i = 0; i < json_array_size(needs); i++) {
		const char *id = json_string_value(json_array_get(needs, i));
		size_t k = exercise_task_index(a->module, id);

		if (k >= v->task_count || v->tasks[k].status != VERDICT_PASS)
			return id;
	}
	return NULL;
}

static void say_promise(struct verdict *v, const char *task,
			const char *check, enum verdict_status status,
			const struct check_state *s)
{
	for (size_t i = 0; i < v->promise_count; i++) {
		struct verdict_promise *p = &v->promises[i];

		if (strcmp(p->task, task) != 0 || strcmp(p->check, check) != 0)
			continue;
		p->status = status;
		if (s->count && !s->changes[s->count - 1].is_true)
			p->broken_at = s->changes[s->count - 1].at;
	}
}

/* Nothing was claimed, so the author's words on a wrong claim are not for now:
 * they may say more than whoever has not yet thought about it wants to read. */
static bool is_unclaimed(const struct attempt *a, size_t task,
			 const struct check *c)
{
	return (c->type == CHECK_ANSWER && !a->tasks[task].answer) ||
	       (c->type == CHECK_DIAGNOSIS && !c->has_fn &&
		!a->diagnosis.given);
}

/* What decides: the first check that is not passed.  A task that passed once
 * stays passed, but for its promises. */
static void grade_task(struct attempt *a, size_t task, struct verdict *v)
{
	const struct task *t = &a->module->tasks[task];
	struct task_state *s = &a->tasks[task];
	const char *waits = waits_for(a, v, task), *pass = "";
	struct text why = {0};
	bool decided = false, is_said;

	for (size_t i = 0; i < t->check_count; i++) {
		const struct check *c = &t->checks[i];
		enum verdict_status status;

		if (decided && c->type != CHECK_ALWAYS)
			continue;
		if (s->is_passed && c->type != CHECK_ALWAYS)
			continue;
		text_clear(&why);
		status = attempt_check(a, task, i, &why);
		if (c->type == CHECK_ALWAYS)
			say_promise(v, t->id, c->id, status, &s->checks[i]);
		if (status == VERDICT_PASS && c->pass)
			pass = c->pass;
		if (status == VERDICT_PASS || decided || waits)
			continue;
		decided = true;
		s->is_passed = false;
		is_said = status == VERDICT_ERROR || is_unclaimed(a, task, c);
		verdict_set(v, task, status, c->id,
			    is_said ? text_cstr(&why) : c->fail,
			    c->hidden || is_said ? "" : text_cstr(&why),
			    c->help);
	}
	text_clear(&why);
	if (waits) {
		text_addf(&why, "waits for task %s", waits);
		verdict_set(v, task, VERDICT_BLOCKED, NULL, text_cstr(&why),
			    "", NULL);
	} else if (!decided && t->check_count > 0) {
		if (!s->is_passed)
			s->passed_at = world_now(a->world);
		s->is_passed = true;
		verdict_set(v, task, VERDICT_PASS, NULL, pass, "", NULL);
	}
	text_free(&why);
}

/* Did the run show what it was made for?  Asked only of a pass. */
static void check_nonvacuous(struct attempt *a, struct verdict *v)
{
	struct box_args args = attempt_args(a);
	const char *is;
	struct err err;
	json_t *t;

	if (!a->module->has_nonvacuous || v->status != VERDICT_PASS)
		return;
	t = box_call(a->box, "nonvacuous", "", &args, &err);
	is = json_string_value(json_object_get(t, "is"));
	if (!t)
		verdict_void(v, err.what);
	else if (!is || strcmp(is, "boolean") != 0)
		verdict_void(v, "nonvacuous has to return true or false");
	else if (!json_is_true(json_object_get(t, "ok")))
		verdict_void(v, "this run shows nothing: what the exercise is "
				"about did not happen in it");
	json_decref(t);
}

void attempt_grade(struct attempt *a, struct verdict *v)
{
	verdict_init(v, a->module, a->options.seed);
	v->at = world_now(a->world);
	v->hint_cost = attempt_hint_cost(a);
	box_printed_clear(a->box);
	for (size_t i = 0; i < a->module->task_count; i++)
		grade_task(a, i, v);
	verdict_close(v);
	check_nonvacuous(a, v);
	if (a->broken)
		verdict_void(v, a->broken);
	if (a->gave_up)
		verdict_give_up(v);
	v->digest = world_digest(a->world);
	text_add(&v->log, box_printed(a->box));
}

void attempt_grade_settled(struct attempt *a, struct verdict *v)
{
	attempt_run(a, world_now(a->world) + a->module->settle);
	attempt_grade(a, v);
}

size_t attempt_task(const struct attempt *a)
{
	size_t i = 0;

	while (i < a->module->task_count && a->tasks[i].is_passed)
		i++;
	return i;
}

int64_t attempt_hint_cost(const struct attempt *a)
{
	int64_t cost = 0;

	for (size_t i = 0; i < a->module->task_count; i++)
		for (size_t k = 0; k < a->module->tasks[i].hint_count; k++)
			if (a->tasks[i].hints >> k & 1)
				cost += a->module->tasks[i].hints[k].cost;
	return cost;
}
