/* attempt_samples.c - what checks said over time */
#include "lab/course/attempt_inside.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

bool samples_wanted(const struct check *c)
{
	switch (c->type) {
	case CHECK_ALWAYS:
	case CHECK_EVENTUALLY:
	case CHECK_HELD:
		return true;
	case CHECK_AT:
		return c->at != SIM_NEVER;
	default:
		return false;
	}
}

/* What the box answered, as a status; anything but true and false is an
 * error of the author's. */
static enum verdict_status judge(const json_t *answer, char **why)
{
	const char *is = json_string_value(json_object_get(answer, "is"));
	const char *said = json_string_value(json_object_get(answer, "why"));
	struct text t = {0};

	if (!is || strcmp(is, "boolean") != 0) {
		text_addf(&t, "the check returned %s; it has to return true "
			  "or false", is ? is : "nothing");
		*why = text_take(&t);
		return VERDICT_ERROR;
	}
	if (said)
		text_add(&t, said);
	*why = said ? text_take(&t) : NULL;
	return json_is_true(json_object_get(answer, "ok")) ? VERDICT_PASS :
							     VERDICT_FAIL;
}

enum verdict_status check_ask(struct attempt *a, size_t task, size_t check,
			      char **why)
{
	struct box_args args = attempt_args(a);
	const char *given = a->tasks[task].answer;
	struct text literals = {0};
	enum verdict_status status;
	struct err err;
	json_t *answer;

	text_addf(&literals, "%zu, %zu, ", task + 1, check + 1);
	if (given)
		box_quote(&literals, given);
	else
		text_add(&literals, "nil");
	answer = box_call(a->box, "check", text_cstr(&literals), &args, &err);
	text_free(&literals);
	if (!answer) {
		*why = strdup(err.what);
		return VERDICT_ERROR;
	}
	status = judge(answer, why);
	json_decref(answer);
	return status;
}

static void change_add(struct check_state *s, sim_time at, bool is_true)
{
	if (s->count && s->changes[s->count - 1].is_true == is_true)
		return;
	s->changes = mem_grow(s->changes, (s->count + 1) * sizeof(*s->changes));
	s->changes[s->count++] = (struct check_change){ at, is_true };
}

/* Has the answer of this check long been decided? */
static bool is_due(const struct attempt *a, const struct check *c,
		   const struct check_state *s)
{
	sim_time now = world_now(a->world);
	bool was_true = s->count && s->changes[s->count - 1].is_true;

	if (s->error)
		return false;
	switch (c->type) {
	case CHECK_ALWAYS:	/* once broken, it stays broken */
		return now >= c->from && (s->count == 0 || was_true);
	case CHECK_EVENTUALLY:
		return !was_true;
	case CHECK_AT:		/* the one sample at or after its time */
		return now >= c->at && s->count == 0;
	default:
		return true;
	}
}

static void sample(struct attempt *a, size_t task, size_t check)
{
	const struct check *c = &a->module->tasks[task].checks[check];
	struct check_state *s = &a->tasks[task].checks[check];
	enum verdict_status status;
	char *why;

	if (!c->has_fn || !samples_wanted(c) || !is_due(a, c, s))
		return;
	status = check_ask(a, task, check, &why);
	if (status == VERDICT_ERROR) {
		s->error = why;
		return;
	}
	free(s->why);
	s->why = why;
	change_add(s, world_now(a->world), status == VERDICT_PASS);
}

void samples_take(struct attempt *a)
{
	for (size_t i = 0; i < a->module->task_count; i++)
		for (size_t k = 0; k < a->module->tasks[i].check_count; k++)
			sample(a, i, k);
}

/* What is written beside a verdict; the verdict waits for its second. */
static void refresh(struct attempt *a, size_t task, size_t check)
{
	const struct check *c = &a->module->tasks[task].checks[check];
	struct check_state *s = &a->tasks[task].checks[check];
	bool was_true = s->count && s->changes[s->count - 1].is_true;
	enum verdict_status status;
	char *why;

	if (!c->has_fn || !samples_wanted(c) || !is_due(a, c, s) || !s->count)
		return;
	status = check_ask(a, task, check, &why);
	if (status == (was_true ? VERDICT_PASS : VERDICT_FAIL)) {
		free(s->why);
		s->why = why;
		return;
	}
	free(why);
	free(s->why);
	s->why = mem_copy("it is looked at again within a second");
}

void samples_refresh(struct attempt *a, size_t task)
{
	for (size_t k = 0; k < a->module->tasks[task].check_count; k++)
		refresh(a, task, k);
}

static void forget(struct check_state *s, sim_time at)
{
	while (s->count && s->changes[s->count - 1].at > at)
		s->count--;
	free(s->why);
	s->why = NULL;
}

void samples_forget(struct attempt *a, sim_time at)
{
	for (size_t i = 0; i < a->module->task_count; i++) {
		struct task_state *t = &a->tasks[i];

		for (size_t k = 0; k < a->module->tasks[i].check_count; k++)
			forget(&t->checks[k], at);
		if (t->is_passed && t->passed_at > at)
			t->is_passed = false;
	}
}
