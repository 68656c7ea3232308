/* exercise_form.c - the fields of lab.module{...}, and reading them into C */
#include "lab/course/exercise_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

const char *const check_type_names[] = {
	"at", "held", "always", "eventually", "history", "diagnosis", "budget",
	"answer", NULL,
};
const char *const task_kind_names[] = {
	"operate", "predict", "diagnose", "design", "build", "quiz", NULL,
};
static const char *const statuses[] = {
	"wip", "beta", "active", "deprecated", NULL,
};
static const char *const feedbacks[] = {
	"essential", "actionable", "informative", "celebratory", NULL,
};
static const char *const blooms[] = {
	"remember", "understand", "apply", "analyze", "evaluate", "create",
	NULL,
};
static const char *const budgets[] = { "lines", "hints", "minutes", NULL };

static const struct field objective_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "bloom", FIELD_TEXT, FIELD_REQUIRED, NULL, blooms },
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field check_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "type", FIELD_TEXT, FIELD_REQUIRED, NULL, check_type_names },
	{ "fn", FIELD_FUNCTION, 0, NULL, NULL },
	{ "fail", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "pass", FIELD_TEXT, 0, NULL, NULL },
	{ "help", FIELD_TEXT, 0, NULL, NULL },
	{ "hidden", FIELD_BOOLEAN, 0, NULL, NULL },
	{ "symptom", FIELD_BOOLEAN, 0, NULL, NULL },
	{ "feedback", FIELD_TEXT, 0, NULL, feedbacks },
	{ "at", FIELD_TIME, 0, NULL, NULL },
	{ "hold", FIELD_TIME, 0, NULL, NULL },
	{ "from", FIELD_TIME, 0, NULL, NULL },
	{ "within", FIELD_TIME, 0, NULL, NULL },
	{ "grade", FIELD_STRINGS, 0, NULL, NULL },
	{ "answer", FIELD_ANY, 0, NULL, NULL },
	{ "tolerance", FIELD_NUMBER, 0, NULL, NULL },
	{ "of", FIELD_TEXT, 0, NULL, budgets },
	{ "max", FIELD_NUMBER, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field hint_fields[] = {
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "cost", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "when", FIELD_FUNCTION, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field task_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "title", FIELD_TEXT, 0, NULL, NULL },
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "kind", FIELD_TEXT, FIELD_REQUIRED, NULL, task_kind_names },
	{ "needs", FIELD_STRINGS, 0, NULL, NULL },
	{ "points", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "checks", FIELD_LIST, FIELD_REQUIRED, check_fields, NULL },
	{ "hints", FIELD_LIST, 0, hint_fields, NULL },
	{ "hintless", FIELD_TEXT, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field cause_fields[] = {
	{ "component", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "mechanism", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field fault_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "fault", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "at", FIELD_TIME, FIELD_REQUIRED, NULL, NULL },
	{ "args", FIELD_VALUES_BY_NAME, 0, NULL, NULL },
	{ "cause", FIELD_TABLE, 0, cause_fields, NULL },
	{ "scope", FIELD_STRINGS, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field wrong_fields[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "actions", FIELD_STRINGS_OR_FUNCTION, FIELD_REQUIRED, NULL, NULL },
	{ "must_fail", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "verdict", FIELD_TEXT, 0, NULL, verdict_class_names },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field card_fields[] = {
	{ "q", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "a", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "competency", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "expect", FIELD_STRINGS, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

const struct field module_fields[] = {
	{ "format_version", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "uuid", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "version", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "status", FIELD_TEXT, FIELD_REQUIRED, NULL, statuses },
	{ "title", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "blurb", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "authors", FIELD_STRINGS, FIELD_REQUIRED, NULL, NULL },
	{ "license", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "engine", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "locale", FIELD_TEXT, 0, NULL, NULL },
	{ "difficulty", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "minutes", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "month", FIELD_INTEGER, 0, NULL, NULL },
	{ "track", FIELD_STRINGS, 0, NULL, NULL },
	{ "fidelity", FIELD_STRINGS, 0, NULL, NULL },
	{ "objectives", FIELD_LIST, FIELD_REQUIRED, objective_fields, NULL },
	{ "competencies", FIELD_NUMBERS_BY_NAME, FIELD_REQUIRED, NULL, NULL },
	{ "prerequisites", FIELD_STRINGS, 0, NULL, NULL },
	{ "out_of_scope", FIELD_STRINGS, 0, NULL, NULL },
	{ "blueprint", FIELD_VALUES_BY_NAME, 0, NULL, NULL },
	{ "intro", FIELD_BOOLEAN, 0, NULL, NULL },
	{ "world", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "world_params", FIELD_VALUES_BY_NAME, 0, NULL, NULL },
	{ "params", FIELD_FUNCTION, 0, NULL, NULL },
	{ "setup", FIELD_FUNCTION, 0, NULL, NULL },
	{ "start", FIELD_TIME, 0, NULL, NULL },
	{ "settle", FIELD_TIME, 0, NULL, NULL },
	{ "limit", FIELD_TIME, 0, NULL, NULL },
	{ "recover", FIELD_TIME, 0, NULL, NULL },
	{ "faults", FIELD_LIST_OR_FUNCTION, 0, fault_fields, NULL },
	{ "points", FIELD_INTEGER, 0, NULL, NULL },
	{ "tasks", FIELD_LIST, FIELD_REQUIRED, task_fields, NULL },
	{ "solution", FIELD_STRINGS_OR_FUNCTION, FIELD_REQUIRED, NULL, NULL },
	{ "alt_solutions", FIELD_STRINGS_OR_FUNCTION, 0, NULL, NULL },
	{ "wrong", FIELD_LIST_OR_FUNCTION, FIELD_REQUIRED, wrong_fields, NULL },
	{ "nonvacuous", FIELD_FUNCTION, 0, NULL, NULL },
	{ "debrief", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "cards", FIELD_LIST, 0, card_fields, NULL },
	{ "teardown", FIELD_FUNCTION, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

static const char *string_of(const json_t *t, const char *name)
{
	return json_string_value(json_object_get(t, name));
}

sim_time form_time(const json_t *t, const char *name, sim_time otherwise)
{
	const char *s = string_of(t, name);
	sim_time at;

	if (s && strncmp(s, "T+", 2) == 0)
		s += 2;
	return s && simtime_parse(s, &at) ? at : otherwise;
}

static int place_in(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (name && strcmp(names[i], name) == 0)
			return i;
	return 0;
}

static void *room(size_t count, size_t size)
{
	return mem_zeroed(count ? count : 1, size);
}

static void read_check(struct check *c, const json_t *t)
{
	const json_t *max = json_object_get(t, "max");

	*c = (struct check){
		.id = string_of(t, "id"),
		.type = (enum check_type)place_in(check_type_names,
						  string_of(t, "type")),
		.hidden = json_is_true(json_object_get(t, "hidden")),
		.has_fn = json_object_get(t, "fn") != NULL,
		.symptom = json_is_true(json_object_get(t, "symptom")),
		.fail = string_of(t, "fail"),
		.pass = string_of(t, "pass"),
		.help = string_of(t, "help"),
		.at = form_time(t, "at", SIM_NEVER),
		.hold = form_time(t, "hold", SIM_S(30)),
		.from = form_time(t, "from", 0),
		.within = form_time(t, "within", SIM_MINUTES(1)),
		.grade = json_object_get(t, "grade"),
		.answer = json_object_get(t, "answer"),
		.tolerance = json_number_value(json_object_get(t, "tolerance")),
		.of = string_of(t, "of"),
		.max = max ? json_number_value(max) : INFINITY,
	};
}

static void read_hint(struct hint *h, const json_t *t)
{
	*h = (struct hint){
		.text = string_of(t, "text"),
		.cost = json_integer_value(json_object_get(t, "cost")),
		.has_when = json_object_get(t, "when") != NULL,
	};
}

static void read_task(struct task *task, const json_t *t)
{
	const json_t *checks = json_object_get(t, "checks");
	const json_t *hints = json_object_get(t, "hints");

	*task = (struct task){
		.id = string_of(t, "id"),
		.title = string_of(t, "title"),
		.text = string_of(t, "text"),
		.kind = string_of(t, "kind"),
		.hintless = string_of(t, "hintless"),
		.needs = json_object_get(t, "needs"),
		.points = json_integer_value(json_object_get(t, "points")),
		.check_count = json_array_size(checks),
		.hint_count = json_array_size(hints),
	};
	task->checks = room(task->check_count, sizeof(*task->checks));
	task->hints = room(task->hint_count, sizeof(*task->hints));
	for (size_t i = 0; i < task->check_count; i++)
		read_check(&task->checks[i], json_array_get(checks, i));
	for (size_t i = 0; i < task->hint_count; i++)
		read_hint(&task->hints[i], json_array_get(hints, i));
}

/* " key=value" for each, in order of the keys (the JSON came sorted). */
void form_args(struct text *out, const json_t *t)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)t, key, v) {
		if (json_is_string(v)) {
			args_add(out, key, json_string_value(v));
		} else if (json_is_integer(v)) {
			args_add_int(out, key, json_integer_value(v));
		} else {
			char *plain = json_dumps(v, JSON_ENCODE_ANY);

			if (!plain)
				abort();
			args_add(out, key, plain);
			free(plain);
		}
	}
}

void form_read(struct exercise *m)
{
	const json_t *t = m->json, *tasks = json_object_get(t, "tasks");

	m->id = string_of(t, "id");
	m->title = string_of(t, "title");
	m->world = string_of(t, "world");
	m->blurb = string_of(t, "blurb");
	m->debrief = string_of(t, "debrief");
	m->status = string_of(t, "status");
	m->version = string_of(t, "version");
	m->difficulty = json_integer_value(json_object_get(t, "difficulty"));
	m->minutes = json_integer_value(json_object_get(t, "minutes"));
	m->intro = json_is_true(json_object_get(t, "intro"));
	m->has_setup = json_object_get(t, "setup") != NULL;
	m->has_teardown = json_object_get(t, "teardown") != NULL;
	m->has_nonvacuous = json_object_get(t, "nonvacuous") != NULL;
	m->start = form_time(t, "start", 0);
	m->settle = form_time(t, "settle", SIM_S(30));
	m->limit = form_time(t, "limit", SIM_HOURS(4));
	m->recover = form_time(t, "recover", SIM_MINUTES(5));
	form_args(&m->world_params, json_object_get(t, "world_params"));
	m->task_count = json_array_size(tasks);
	m->tasks = room(m->task_count, sizeof(*m->tasks));
	for (size_t i = 0; i < m->task_count; i++)
		read_task(&m->tasks[i], json_array_get(tasks, i));
}

/* The same rows for what a function of the module returned. */
bool form_faults(const json_t *list, struct planned_fault **out, size_t *count,
		 struct err *err)
{
	struct problems problems = {0};
	struct places nowhere = {0};
	struct schema_file f = { "faults", &nowhere, &problems };
	bool good;

	*out = NULL;
	*count = 0;
	if (!json_is_array(list))
		return err_set(err, "faults has to return a list");
	for (size_t i = 0; i < json_array_size(list); i++)
		schema_check(&f, json_array_get(list, i), "", fault_fields);
	good = problems.errors == 0 ||
	       err_set(err, "faults: %s", problems.at[0].message);
	problems_release(&problems);
	if (!good)
		return false;
	*count = json_array_size(list);
	*out = room(*count, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		const json_t *t = json_array_get(list, i);
		const json_t *cause = json_object_get(t, "cause");

		(*out)[i] = (struct planned_fault){
			.id = string_of(t, "id"),
			.fault = string_of(t, "fault"),
			.at = form_time(t, "at", 0),
			.component = string_of(cause, "component"),
			.mechanism = string_of(cause, "mechanism"),
		};
		form_args(&(*out)[i].args, json_object_get(t, "args"));
	}
	return true;
}
