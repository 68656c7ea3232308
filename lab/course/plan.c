/* plan.c - what a scripted player does: the lines of a solution or a wrong fix */
#include "lab/course/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/schema.h"
#include "sim/core/mem.h"

static void line_add(struct plan *p, const char *task, const char *line,
		     char *path)
{
	p->lines = mem_grow(p->lines, (p->count + 1) * sizeof(*p->lines));
	p->lines[p->count++] = (struct plan_line){ task, line, path };
}

/* `where` is the list's place in the expanded table: "{\"solution\", 1, 2". */
static bool read_lines(struct plan *p, const char *task, const json_t *lines,
		       const char *where, struct err *err)
{
	if (!json_is_array(lines))
		return err_set(err, "%s: the lines have to be a list of "
			       "strings", p->name);
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		struct text path = {0};

		if (schema_is_function(line)) {
			text_addf(&path, "%s, %zu}", where, i + 1);
			line_add(p, task, NULL, text_take(&path));
		} else if (json_is_string(line)) {
			line_add(p, task, json_string_value(line), NULL);
		} else {
			return err_set(err, "%s: line %zu%s%s is no string",
				       p->name, i + 1, task ? " of " : "",
				       task ? task : "");
		}
	}
	return true;
}

/* {"t1", {...}} */
static bool read_step(struct plan *p, const struct exercise *m,
		      const json_t *step, const char *where, struct err *err)
{
	const char *task = json_string_value(json_array_get(step, 0));
	struct text inner = {0};
	bool good;

	if (!task)
		return err_set(err, "%s: a step is written {\"TASK\", "
			       "{\"line\", ...}}", p->name);
	if (!exercise_task(m, task))
		return err_set(err, "%s: there is no task \"%s\"", p->name,
			       task);
	text_addf(&inner, "%s, 2", where);
	good = read_lines(p, task, json_array_get(step, 1), text_cstr(&inner),
			  err);
	text_free(&inner);
	return good;
}

/* A list of steps; one with a name came as an object with "1", "2", ... */
static bool read_solution(struct plan *p, const struct exercise *m,
			  const json_t *t, const char *where, struct err *err)
{
	const char *name = json_string_value(json_object_get(t, "name"));
	char key[24], inner[64];

	if (name)
		p->name = name;
	for (size_t i = 0; ; i++) {
		const json_t *step = json_array_get(t, i);

		if (json_is_object(t)) {
			snprintf(key, sizeof(key), "%zu", i + 1);
			step = json_object_get(t, key);
		}
		if (!step)
			break;
		snprintf(inner, sizeof(inner), "%s, %zu", where, i + 1);
		if (!read_step(p, m, step, inner, err))
			return false;
	}
	return p->count > 0 || err_set(err, "%s: has no lines", p->name);
}

static struct plan *plan_add(struct plan **list, size_t *count,
			     const char *name)
{
	*list = mem_grow(*list, (*count + 1) * sizeof(**list));
	(*list)[*count] = (struct plan){ .name = name };
	return &(*list)[(*count)++];
}

static bool expand(const struct exercise *m, struct box *b, const char *name,
		   json_t **out, struct err *err)
{
	struct text literal = {0};

	*out = NULL;
	if (!json_object_get(m->json, name))
		return true;
	box_quote(&literal, name);
	*out = box_call(b, "expand", text_cstr(&literal), NULL, err);
	text_free(&literal);
	return *out != NULL;
}

static bool read_wrong(struct plans *p, const json_t *list, struct err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(t, "name"));
		struct plan *w = plan_add(&p->wrong, &p->wrong_count, name);
		char where[64];

		w->must_fail = json_string_value(json_object_get(t,
								 "must_fail"));
		w->verdict = json_string_value(json_object_get(t, "verdict"));
		if (!w->name || !w->must_fail)
			return err_set(err, "wrong: number %zu needs name and "
				       "must_fail", i + 1);
		snprintf(where, sizeof(where), "{\"wrong\", %zu, \"actions\"",
			 i + 1);
		if (!read_lines(w, NULL, json_object_get(t, "actions"), where,
				err))
			return false;
	}
	return true;
}

bool plans_read(struct plans *p, const struct exercise *m, struct box *b,
		struct err *err)
{
	*p = (struct plans){0};
	if (!expand(m, b, "solution", &p->keep[0], err) ||
	    !expand(m, b, "alt_solutions", &p->keep[1], err) ||
	    !expand(m, b, "wrong", &p->keep[2], err))
		return false;
	if (!read_solution(plan_add(&p->solutions, &p->solution_count,
				    "solution"), m, p->keep[0],
			   "{\"solution\"", err))
		return false;
	for (size_t i = 0; i < json_array_size(p->keep[1]); i++) {
		char where[64];

		snprintf(where, sizeof(where), "{\"alt_solutions\", %zu", i + 1);
		if (!read_solution(plan_add(&p->solutions, &p->solution_count,
					    "alternative solution"), m,
				   json_array_get(p->keep[1], i), where, err))
			return false;
	}
	return read_wrong(p, p->keep[2], err);
}

char *plan_line_text(const struct plan_line *l, struct box *b,
		     const struct box_args *args, struct err *err)
{
	json_t *t = l->line ? json_string(l->line) :
			      box_call(b, "line", l->path, args, err);
	char *line = t ? strdup(json_string_value(t)) : NULL;

	json_decref(t);
	return line;
}

static void release(struct plan *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < list[i].count; k++)
			free(list[i].lines[k].path);
		free(list[i].lines);
	}
	free(list);
}

void plans_release(struct plans *p)
{
	release(p->solutions, p->solution_count);
	release(p->wrong, p->wrong_count);
	for (int i = 0; i < 3; i++)
		json_decref(p->keep[i]);
	*p = (struct plans){0};
}
