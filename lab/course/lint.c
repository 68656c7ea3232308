/* lint.c - rules for modules that the form of the fields cannot say */
#include "lab/course/lint.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lab/author/names.h"
#include "lab/course/card_word.h"
#include "lab/course/plan.h"
#include "lab/course/wrong_class.h"
#include "lab/version.h"
#include "sim/fault/fault.h"
#include "sim/stack/stack.h"

enum { ID_MAX = 64, BLURB_MAX = 350, HINTS_WANTED = 3, CARDS_MAX = 5 };

/* "tasks[2].checks[1].fail" and the like. */
struct path {
	char at[128];
};

static struct path path(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
static struct path path(const char *fmt, ...)
{
	struct path p;
	va_list args;

	va_start(args, fmt);
	vsnprintf(p.at, sizeof(p.at), fmt, args);
	va_end(args);
	return p;
}

static const char *string_of(const json_t *t, const char *name)
{
	const char *s = json_string_value(json_object_get(t, name));

	return s ? s : "";
}

/* --- identity ------------------------------------------------------------------ */

static bool is_id(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return len > 0 && s[len] == '\0' && len <= ID_MAX && s[0] != '-' &&
	       s[0] != '.';
}

/* xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx */
static bool is_uuid4(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

	if (strlen(s) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'x' && !strchr("0123456789abcdef", s[i]))
			return false;
		if (form[i] == 'y' && !strchr("89ab", s[i]))
			return false;
		if (form[i] != 'x' && form[i] != 'y' && s[i] != form[i])
			return false;
	}
	return true;
}

static bool is_semver(const char *s, int v[3])
{
	int used = 0;

	return sscanf(s, "%5d.%5d.%5d%n", &v[0], &v[1], &v[2], &used) == 3 &&
	       (s[used] == '\0' || s[used] == '-');
}

static int compare(const int a[3], const int b[3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* ">=1.0 <2.0": every condition holds for this engine? -1: cannot be read. */
static int engine_fits(const char *range)
{
	int ours[3], want[3], fits = 1, used;
	char op[3];

	is_semver(MILLRACE_VERSION, ours);
	while (*range) {
		want[1] = want[2] = 0;
		used = 0;
		if (sscanf(range, " %2[<>=]%5d%n", op, &want[0], &used) != 2)
			return -1;
		range += used;
		for (int i = 1; i < 3 && *range == '.'; i++) {
			if (sscanf(range, ".%5d%n", &want[i], &used) != 1)
				return -1;
			range += used;
		}
		if ((!strcmp(op, ">=") && compare(ours, want) < 0) ||
		    (!strcmp(op, "<") && compare(ours, want) >= 0) ||
		    (!strcmp(op, ">") && compare(ours, want) <= 0) ||
		    (!strcmp(op, "<=") && compare(ours, want) > 0) ||
		    (!strcmp(op, "=") && compare(ours, want) != 0))
			fits = 0;
		range += strspn(range, " ");
	}
	return fits;
}

static void lint_format(struct exercise *m)
{
	json_int_t format = json_integer_value(
		json_object_get(m->json, "format_version"));

	if (format > EXERCISE_FORMAT)
		exercise_problem(m, "format-version", "format_version",
				 "form %lld is newer than this Millrace reads "
				 "(%d); use a newer Millrace",
				 (long long)format, EXERCISE_FORMAT);
	if (format < EXERCISE_FORMAT)
		exercise_problem(m, "format-version", "format_version",
				 "form %lld is no longer read; write it in "
				 "form %d", (long long)format, EXERCISE_FORMAT);
}

static void lint_engine(struct exercise *m)
{
	const char *engine = string_of(m->json, "engine");
	int fits = engine_fits(engine);

	if (fits < 0)
		exercise_problem(m, "engine", "engine", "\"%s\" is no range of "
				 "versions; write \">=0.1 <1.0\"", engine);
	else if (!fits)
		exercise_problem(m, "engine", "engine", "wants Millrace %s, "
				 "and this is %s; change the range, or use "
				 "such a Millrace", engine, MILLRACE_VERSION);
}

static void lint_identity(struct exercise *m)
{
	int v[3];

	lint_format(m);
	lint_engine(m);
	if (!is_id(m->id) || !strchr(m->id, '.'))
		exercise_problem(m, "id", "id", "\"%s\" has to be UNIT.SLUG in "
				 "[a-z0-9.-], at most %d characters", m->id,
				 ID_MAX);
	if (!is_uuid4(string_of(m->json, "uuid")))
		exercise_problem(m, "uuid", "uuid", "has to be a version 4 "
				 "UUID in lower case; `uuidgen -r` makes one");
	if (!is_semver(m->version, v))
		exercise_problem(m, "version", "version", "\"%s\" has to be "
				 "MAJOR.MINOR.PATCH", m->version);
	if (strlen(m->blurb) > BLURB_MAX)
		exercise_problem(m, "blurb", "blurb", "has %zu characters; "
				 "shorten it to %d", strlen(m->blurb),
				 BLURB_MAX);
	if (m->difficulty < 1 || m->difficulty > 10)
		exercise_problem(m, "range", "difficulty", "has to be 1 to 10");
	if (m->minutes < 1 || m->minutes > 480)
		exercise_problem(m, "range", "minutes", "has to be 1 to 480");
}

/* --- pedagogy ------------------------------------------------------------------ */

static void lint_objectives(struct exercise *m)
{
	static const char *const vague[] = { "understand", "know", "learn",
					     "appreciate", "grasp", NULL };
	const json_t *list = json_object_get(m->json, "objectives");

	if (json_array_size(list) == 0)
		exercise_problem(m, "objectives", "objectives", "is empty; "
				 "say what a learner can do afterwards");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = string_of(json_array_get(list, i), "text");
		size_t len = strcspn(text, " ");

		for (const char *const *v = vague; *v; v++)
			if (strlen(*v) == len &&
			    tolower((unsigned char)text[0]) == (*v)[0] &&
			    strncmp(text + 1, *v + 1, len - 1) == 0)
				exercise_problem(m, "objective-verb",
						 path("objectives[%zu].text",
						      i + 1).at,
						 "begins with \"%s\", which "
						 "cannot be seen; say what one "
						 "does", *v);
	}
}

static void lint_competencies(struct exercise *m, const struct catalog *c)
{
	json_t *t = json_object_get(m->json, "competencies"), *v;
	const json_t *needs = json_object_get(m->json, "prerequisites");
	const char *name;
	double sum = 0;

	json_object_foreach(t, name, v) {
		sum += json_number_value(v);
		if (c && !catalog_competency(c, name))
			exercise_problem(m, "unknown-competency",
					 path("competencies[%s]", name).at,
					 "there is no competency %s; "
					 "content/competencies.lua lists them",
					 name);
	}
	if (fabs(sum - 1) > 1e-6)
		exercise_problem(m, "weights", "competencies",
				 "the weights add up to %g; change "
				 "them until they add up to 1", sum);
	for (size_t i = 0; i < json_array_size(needs); i++) {
		name = json_string_value(json_array_get(needs, i));
		if (json_object_get(t, name))
			exercise_problem(m, "own-prerequisite",
					 path("prerequisites[%zu]", i + 1).at,
					 "%s is what this exercise teaches; take "
					 "it out of prerequisites, or out of "
					 "competencies", name);
		if (c && !catalog_competency(c, name))
			exercise_problem(m, "unknown-competency",
					 path("prerequisites[%zu]", i + 1).at,
					 "there is no competency %s; "
					 "content/competencies.lua lists them",
					 name);
	}
}

/* What is asked again in weeks to come (lab/study/review.h). */
static void lint_card(struct exercise *m, const struct catalog *c, size_t i)
{
	const json_t *cards = json_object_get(m->json, "cards");
	const json_t *t = json_array_get(cards, i);
	const json_t *expect = json_object_get(t, "expect");
	const char *name = string_of(t, "competency");

	if (c && !catalog_competency(c, name))
		exercise_problem(m, "unknown-competency",
				 path("cards[%zu].competency", i + 1).at,
				 "there is no competency %s", name);
	for (size_t k = 0; k < i; k++)
		if (strcmp(string_of(json_array_get(cards, k), "q"),
			   string_of(t, "q")) == 0)
			exercise_problem(m, "cards",
					 path("cards[%zu].q", i + 1).at,
					 "asks the same as card %zu", k + 1);
	for (size_t k = 0; k < json_array_size(expect); k++) {
		const char *word = json_string_value(json_array_get(expect, k));

		/* Who gives the answer as written has to be right. */
		if (!card_has_word(string_of(t, "a"), word))
			exercise_problem(m, "cards",
					 path("cards[%zu].expect", i + 1).at,
					 "\"%s\" is not in the answer", word);
	}
}

static void lint_cards(struct exercise *m, const struct catalog *c)
{
	size_t count = json_array_size(json_object_get(m->json, "cards"));

	for (size_t i = 0; i < count; i++)
		lint_card(m, c, i);
	if (count >= 1 && count <= CARDS_MAX)
		return;
	exercise_problem(m, "cards", "cards", "has %zu; 1 to %d come back as "
			 "reviews", count, CARDS_MAX);
	problems_soften(&m->problems);
}

/* --- world ---------------------------------------------------------------------- */

static bool has_diagnosis(const struct exercise *m)
{
	for (size_t i = 0; i < m->task_count; i++)
		if (strcmp(m->tasks[i].kind, "diagnose") == 0)
			return true;
	return false;
}

static void lint_world(struct exercise *m)
{
	const json_t *faults = json_object_get(m->json, "faults");

	if (!stack_world_find(m->world))
		exercise_problem(m, "unknown-world", "world", "there is no "
				 "world %s; `millrace worlds` lists them",
				 m->world);
	for (size_t i = 0; i < json_array_size(faults); i++) {
		const char *name = string_of(json_array_get(faults, i),
					     "fault");

		if (!fault_kind_find(name))
			exercise_problem(m, "unknown-fault",
					 path("faults[%zu].fault", i + 1).at,
					 "there is no fault %s; `millrace "
					 "faults` lists them", name);
	}
	/* Where nobody looks for a cause, a fault is part of the scene. */
	if (faults && has_diagnosis(m) && !exercise_has_symptom(m)) {
		exercise_problem(m, "symptom", "faults", "there are faults but "
				 "no check is marked symptom=true, so nothing "
				 "shows that healing them would help");
		problems_soften(&m->problems);
	}
	if (faults && !m->has_nonvacuous) {
		exercise_problem(m, "vacuous", "faults", "there are faults but "
				 "no `nonvacuous`: say how one sees that they "
				 "took hold");
		problems_soften(&m->problems);
	}
}

/* --- tasks ----------------------------------------------------------------------- */

static bool needs_function(const struct check *c)
{
	switch (c->type) {
	case CHECK_DIAGNOSIS:
		return false;
	case CHECK_ANSWER:
		return !c->answer;
	case CHECK_BUDGET:
		return !c->of;
	default:
		return true;
	}
}

static void lint_check(struct exercise *m, size_t task, size_t check)
{
	const struct check *c = &m->tasks[task].checks[check];
	struct path at = path("tasks[%zu].checks[%zu]", task + 1, check + 1);

	if (needs_function(c) && !c->has_fn)
		exercise_problem(m, "check-fn", at.at, "a check of type %s "
				 "needs fn; write fn = function(w, h, p) ... "
				 "end", check_type_names[c->type]);
	if (c->type == CHECK_ANSWER && json_is_real(c->answer) &&
	    c->tolerance <= 0)
		exercise_problem(m, "tolerance", at.at, "a number with a "
				 "fraction needs a tolerance; 0.05 is 5 %%");
	if (c->of && isinf(c->max))
		exercise_problem(m, "budget", at.at, "`of` needs `max`; "
				 "say how many are allowed");
	if (c->type != CHECK_HELD &&
	    json_object_get(json_array_get(json_object_get(json_array_get(
		json_object_get(m->json, "tasks"), task), "checks"), check),
		"hold"))
		exercise_problem(m, "check-field", at.at, "`hold` belongs to "
				 "checks of type held; take it out or change "
				 "the type");
	for (size_t i = 0; i < check; i++)
		if (strcmp(m->tasks[task].checks[i].id, c->id) == 0)
			exercise_problem(m, "duplicate-id", at.at, "there are "
					 "two checks %s; rename one", c->id);
}

static void lint_hints(struct exercise *m, size_t task)
{
	const struct task *t = &m->tasks[task];
	struct path at = path("tasks[%zu]", task + 1);
	int64_t cost = 0;

	if (!t->hintless && t->hint_count < HINTS_WANTED)
		exercise_problem(m, "hints", at.at, "%s has %zu hints; write "
				 "%d (where to look, the idea, the step) or "
				 "hintless=\"reason\"", t->id, t->hint_count,
				 HINTS_WANTED);
	if (t->hint_count > EXERCISE_HINTS_MAX)
		exercise_problem(m, "hints", at.at, "more than %d hints; "
				 "take some out",
				 EXERCISE_HINTS_MAX);
	for (size_t i = 0; i < t->hint_count; i++) {
		cost += t->hints[i].cost;
		for (size_t k = 0; k < i; k++)
			if (strcmp(t->hints[i].text, t->hints[k].text) == 0)
				exercise_problem(m, "duplicate-hint",
						 path("%s.hints[%zu]", at.at,
						      i + 1).at,
						 "says the same as hint %zu; "
						 "write what comes next",
						 k + 1);
		if (t->hints[i].cost < 0)
			exercise_problem(m, "range", path("%s.hints[%zu].cost",
							  at.at, i + 1).at,
					 "cannot be below 0; write 0 or more");
	}
	if (cost > t->points) {
		exercise_problem(m, "hint-cost", at.at, "the hints of %s cost "
				 "%" PRId64 " of its %" PRId64 " points", t->id,
				 cost, t->points);
		problems_soften(&m->problems);
	}
}

/* A task may only wait for those above it, so there are no loops. */
static void lint_needs(struct exercise *m, size_t task)
{
	const json_t *needs = m->tasks[task].needs;

	for (size_t i = 0; i < json_array_size(needs); i++) {
		const char *id = json_string_value(json_array_get(needs, i));
		size_t k = exercise_task_index(m, id);
		struct path at = path("tasks[%zu].needs[%zu]", task + 1, i + 1);

		if (k == m->task_count)
			exercise_problem(m, "needs", at.at, "there is no task "
					 "%s; a task needs those above it", id);
		else if (k >= task)
			exercise_problem(m, "needs", at.at, "%s does not stand "
					 "above %s; move it up", id,
					 m->tasks[task].id);
	}
}

/* A page of two tasks is read once. */
static bool is_read_before(const struct exercise *m, size_t task)
{
	for (size_t i = 0; i < task; i++)
		if (strcmp(m->tasks[i].text, m->tasks[task].text) == 0)
			return true;
	return false;
}

static void lint_task(struct exercise *m, size_t i)
{
	const struct task *t = &m->tasks[i];
	struct path at = path("tasks[%zu]", i + 1);

	if (!is_id(t->id))
		exercise_problem(m, "id", path("%s.id", at.at).at,
				 "\"%s\" is no id; write it in [a-z0-9.-]",
				 t->id);
	if (exercise_task_index(m, t->id) != i)
		exercise_problem(m, "duplicate-id", at.at,
				 "there are two tasks %s; rename one", t->id);
	if (t->check_count == 0)
		exercise_problem(m, "no-check", at.at, "%s has no check; "
				 "write one that is true when it is done",
				 t->id);
	if (t->points < 0)
		exercise_problem(m, "range", path("%s.points", at.at).at,
				 "cannot be below 0; write 0 or more");
	lint_needs(m, i);
	lint_hints(m, i);
	for (size_t k = 0; k < t->check_count; k++)
		lint_check(m, i, k);
	if (!is_read_before(m, i))
		lint_page(m, t->text, path("%s.text", at.at).at);
}

static void lint_points(struct exercise *m)
{
	const json_t *total = json_object_get(m->json, "points");
	int64_t sum = 0;

	for (size_t i = 0; i < m->task_count; i++)
		sum += m->tasks[i].points;
	if (total && json_integer_value(total) != sum)
		exercise_problem(m, "points", "points", "is %lld, but the "
				 "tasks add up to %" PRId64 "; write that, or "
				 "leave points out",
				 (long long)json_integer_value(total), sum);
	if (sum <= 0)
		exercise_problem(m, "points", "tasks", "no task gives points; "
				 "one has to");
}

/* --- answers given away ----------------------------------------------------------- */

/* Words of time and checking are no secret, nor is what only looks. */
static bool is_telling(const char *line)
{
	static const char *const plain[] = { "wait ", "run ", "check", "goto ",
					     "task", "brief", "save ", NULL };

	for (const char *const *p = plain; line && *p; p++)
		if (strncmp(line, *p, strlen(*p)) == 0)
			return false;
	return line && strlen(line) >= 12;
}

static void lint_leaks_of(struct exercise *m, const char *line)
{
	for (size_t i = 0; i < m->task_count; i++) {
		const struct task *t = &m->tasks[i];

		for (size_t k = 0; k + 1 < t->hint_count; k++)
			if (strstr(t->hints[k].text, line))
				exercise_problem(m, "hint-leaks",
						 path("tasks[%zu].hints[%zu]",
						      i + 1, k + 1).at,
						 "holds a line of the solution "
						 "before the last rung; say "
						 "less here");
		for (size_t k = 0; k < t->check_count; k++)
			if (strstr(t->checks[k].fail, line))
				exercise_problem(m, "fail-leaks",
						 path("tasks[%zu].checks[%zu]"
						      ".fail", i + 1,
						      k + 1).at,
						 "holds a line of the "
						 "solution; say what is wrong, "
						 "not what to do");
	}
}

static bool is_solved(const struct plan *p, const char *task)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->lines[i].task, task) == 0)
			return true;
	return false;
}

static void lint_wrong(struct exercise *m, const struct plans *p)
{
	bool caught[EXERCISE_TASKS_MAX] = { false };

	if (p->wrong_count == 0)
		exercise_problem(m, "wrong", "wrong", "is empty; declare at "
				 "least one wrong fix and the check that "
				 "catches it");
	for (size_t i = 0; i < p->wrong_count; i++) {
		const char *verdict = p->wrong[i].verdict;
		size_t task, check;

		if (verdict && !wrong_class_provable(verdict))
			exercise_problem(m, "wrong",
					 path("wrong[%zu].verdict", i + 1).at,
					 "this version cannot prove that a "
					 "wrong fix is %s; say what it can "
					 "(docs/authoring.md), or nothing",
					 verdict);
		if (exercise_check(m, p->wrong[i].must_fail, &task, &check))
			caught[task] = true;
		else
			exercise_problem(m, "wrong",
					 path("wrong[%zu].must_fail", i + 1).at,
					 "there is no check %s; write "
					 "TASK.CHECK",
					 p->wrong[i].must_fail);
	}
	for (size_t i = 0; i < m->task_count && p->wrong_count; i++) {
		if (caught[i] || m->tasks[i].points == 0)
			continue;
		exercise_problem(m, "wrong", path("tasks[%zu]", i + 1).at,
				 "no wrong fix is declared for %s; add one to "
				 "`wrong`",
				 m->tasks[i].id);
		problems_soften(&m->problems);
	}
}

static void lint_plans(struct exercise *m)
{
	struct plans p = {0};
	struct box *b;
	struct err err;

	b = exercise_open(m, 1, NULL, &err);
	if (!b || !plans_read(&p, m, b, &err)) {
		exercise_problem(m, "solution", b ? "solution" : "params", "%s",
				 err.what);
	} else {
		for (size_t i = 0; i < p.solutions[0].count; i++)
			if (is_telling(p.solutions[0].lines[i].line))
				lint_leaks_of(m, p.solutions[0].lines[i].line);
		for (size_t i = 0; i < m->task_count; i++)
			if (m->tasks[i].points && !m->intro &&
			    !is_solved(&p.solutions[0], m->tasks[i].id))
				exercise_problem(m, "solution", "solution",
						 "has no step for task %s; add "
						 "{ \"%s\", { LINES } }",
						 m->tasks[i].id,
						 m->tasks[i].id);
		lint_wrong(m, &p);
	}
	plans_release(&p);
	box_free(b);
}

void lint_exercise(struct exercise *m, const struct catalog *catalog)
{
	if (!m->json || m->problems.errors)
		return;		/* fields cannot be relied on */
	lint_identity(m);
	lint_objectives(m);
	lint_competencies(m, catalog);
	lint_cards(m, catalog);
	lint_world(m);
	if (m->task_count == 0 || m->task_count > EXERCISE_TASKS_MAX) {
		exercise_problem(m, "tasks", "tasks", "has to hold 1 to %d tasks",
				 EXERCISE_TASKS_MAX);
		return;
	}
	for (size_t i = 0; i < m->task_count; i++)
		lint_task(m, i);
	lint_points(m);
	lint_plans(m);
	lint_page(m, m->debrief, "debrief");
	lint_unused(m);
	names_lint(m->file, text_cstr(&m->source), m->source.len,
		   &m->problems);
}

void lint_together(struct exercise *const *modules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++) {
			struct exercise *a = modules[i], *b = modules[k];

			if (!a->json || !b->json || !a->id || !b->id)
				continue;
			if (strcmp(a->id, b->id) == 0)
				exercise_problem(a, "duplicate-id", "id",
						 "%s has the same id; rename "
						 "one", b->file);
			if (strcmp(string_of(a->json, "uuid"),
				   string_of(b->json, "uuid")) == 0)
				exercise_problem(a, "duplicate-uuid", "uuid",
						 "%s has the same uuid; make a "
						 "new one with `uuidgen -r`",
						 b->file);
		}
}
