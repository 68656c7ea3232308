/* exercise.c - an exercise as data: what its module.lua declares */
#include "lab/course/exercise_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/hash.h"
#include "lab/paths.h"
#include "lua/program.h"
#include "sim/core/args.h"
#include "sim/stack/stack.h"

enum { TEXT_BYTES_MAX = 256 * 1024 };

void exercise_problem(struct exercise *m, const char *rule, const char *path,
		    const char *fmt, ...)
{
	struct place at = places_find(&m->places, path);
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	problems_add(&m->problems, m->file, at.line, at.column, rule, "%s",
		     text_cstr(&t));
	text_free(&t);
}

/* "FILE:LINE:COLUMN: message" of the sandbox, taken apart. */
static void script_problem(struct exercise *m, const char *what)
{
	size_t len = strlen(m->file);
	int line = 1, column = 1, used = 0;

	if (strncmp(what, m->file, len) == 0 && what[len] == ':') {
		const char *rest = what + len;

		if (sscanf(rest, ":%d:%d: %n", &line, &column, &used) == 2 &&
		    used > 0) {
			what = rest + used;
		} else {
			column = 1;
			if (sscanf(rest, ":%d: %n", &line, &used) == 1 &&
			    used > 0)
				what = rest + used;
		}
	}
	problems_add(&m->problems, m->file, line, column, "lua", "%s", what);
}

static bool read_source(struct exercise *m)
{
	struct err err;

	if (path_read(m->file, EXERCISE_BYTES_MAX, &m->source, &err))
		return true;
	problems_add(&m->problems, m->file, 1, 1, "unreadable", "%s", err.what);
	return false;
}

static void read_table(struct exercise *m)
{
	struct schema_file f = { m->file, &m->places, &m->problems };
	struct box *b = box_new(NULL);
	struct err err;
	json_t *t = box_load(b, m->file, text_cstr(&m->source), m->source.len,
			     true, &err);

	box_free(b);
	if (!t) {
		script_problem(m, err.what);
		return;
	}
	places_read(&m->places, text_cstr(&m->source), m->source.len);
	schema_check(&f, t, "", module_fields);
	m->json = t;
	if (m->problems.errors == 0)
		form_read(m);
}

static void hash_text(struct hash *h, const struct exercise *m,
		      const char *path)
{
	struct text t = {0};

	if (exercise_text(m, path, &t, NULL)) {
		hash_add(h, path, strlen(path) + 1);
		hash_add(h, text_cstr(&t), t.len);
	}
	text_free(&t);
}

static void hash_module(struct exercise *m)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, text_cstr(&m->source), m->source.len);
	for (size_t i = 0; i < m->task_count; i++)
		hash_text(&h, m, m->tasks[i].text);
	if (m->debrief)
		hash_text(&h, m, m->debrief);
	hash_hex(&h, m->hash);
}

static char *join(const char *a, const char *b)
{
	struct text t = {0};

	text_addf(&t, "%s/%s", a, b);
	return text_take(&t);
}

struct exercise *exercise_load(const char *folder)
{
	struct exercise *m = calloc(1, sizeof(*m));

	if (!m || !(m->folder = strdup(folder)))
		abort();
	m->file = join(folder, "module.lua");
	if (read_source(m))
		read_table(m);
	hash_module(m);
	return m;
}

/* --- the sandbox ---------------------------------------------------------- */

static void sandbox_source(struct text *t, const struct stack_world_kind *k,
			   const char *settings)
{
	struct text key = {0}, value = {0};

	text_addf(t, "return lab.module{ id = \"sandbox.%s\", title = ",
		  k->name);
	text_addf(t, "\"Sandbox: %s\", blurb = ", k->name);
	box_quote(t, k->summary);
	text_addf(t, ", world = \"%s\", tasks = {}, start = \"0s\",\n"
		  "world_params = {", k->name);
	while (args_next(&settings, &key, &value)) {
		text_add(t, " [");
		box_quote(t, text_cstr(&key));
		text_add(t, "] = ");
		box_quote(t, text_cstr(&value));
		text_char(t, ',');
	}
	text_add(t, " } }\n");
	text_free(&key);
	text_free(&value);
}

/* Would the world take these settings?  It is made once to find out. */
static const struct stack_world_kind *sandbox_world(const char *name,
						    const char *settings,
						    struct err *err)
{
	struct world *w = lua_world(name, 1, settings, err);

	world_free(w);
	return w ? stack_world_find(name) : NULL;
}

struct exercise *exercise_sandbox(const char *world, const char *settings,
				  struct err *err)
{
	const struct stack_world_kind *k = sandbox_world(world, settings, err);
	struct exercise *m;
	struct box *b;

	if (!k)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m || !(m->folder = strdup("")) ||
	    !(m->file = strdup("sandbox.lua")))
		abort();
	sandbox_source(&m->source, k, settings ? settings : "");
	b = box_new(NULL);
	m->json = box_load(b, m->file, text_cstr(&m->source), m->source.len,
			   true, err);
	box_free(b);
	if (!m->json) {
		exercise_free(m);
		return NULL;
	}
	form_read(m);
	m->is_sandbox = true;
	m->limit = SIM_NEVER;
	hash_module(m);
	return m;
}

void exercise_free(struct exercise *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->task_count; i++) {
		free(m->tasks[i].checks);
		free(m->tasks[i].hints);
	}
	free(m->tasks);
	text_free(&m->world_params);
	json_decref(m->json);
	problems_release(&m->problems);
	places_release(&m->places);
	text_free(&m->source);
	free(m->file);
	free(m->folder);
	free(m);
}

bool exercise_good(const struct exercise *m)
{
	return m->json && m->problems.errors == 0;
}

bool exercise_refuse(const struct exercise *m, struct err *err)
{
	for (size_t i = 0; i < m->problems.count; i++) {
		struct text t = {0};

		if (m->problems.at[i].warning)
			continue;
		problem_text(&m->problems.at[i], &t);
		err_set(err, "%s", text_cstr(&t));
		text_free(&t);
		return false;
	}
	return err_set(err, "%s: is no module", m->file);
}

bool exercise_text(const struct exercise *m, const char *path, struct text *out,
		 struct err *err)
{
	char *full;
	bool good;

	if (path[0] == '/' || strstr(path, ".."))
		return err_set(err, "%s: %s lies outside the module's folder",
			       m->file, path);
	full = join(m->folder, path);
	good = path_read(full, TEXT_BYTES_MAX, out, err);
	free(full);
	return good;
}

bool exercise_has_symptom(const struct exercise *m)
{
	for (size_t i = 0; i < m->task_count; i++)
		for (size_t k = 0; k < m->tasks[i].check_count; k++)
			if (m->tasks[i].checks[k].symptom)
				return true;
	return false;
}

bool task_asks(const struct task *t, enum check_type type)
{
	for (size_t i = 0; i < t->check_count; i++)
		if (t->checks[i].type == type)
			return true;
	return false;
}

bool task_takes_answer(const struct task *t)
{
	static const char *const kinds[] = { "predict", "design", "quiz" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(t->kind, kinds[i]) == 0)
			return true;
	return task_asks(t, CHECK_ANSWER);
}

const struct task *exercise_task(const struct exercise *m, const char *id)
{
	size_t i = exercise_task_index(m, id);

	return i < m->task_count ? &m->tasks[i] : NULL;
}

size_t exercise_task_index(const struct exercise *m, const char *id)
{
	size_t i = 0;

	while (i < m->task_count && strcmp(m->tasks[i].id, id) != 0)
		i++;
	return i;
}

bool exercise_check(const struct exercise *m, const char *name, size_t *task,
		  size_t *check)
{
	for (*task = 0; *task < m->task_count; ++*task) {
		const struct task *t = &m->tasks[*task];
		size_t len = strlen(t->id);
		const char *want = name;

		if (strncmp(name, t->id, len) == 0 && name[len] == '.')
			want = name + len + 1;
		for (*check = 0; *check < t->check_count; ++*check)
			if (strcmp(t->checks[*check].id, want) == 0)
				return true;
	}
	return false;
}

struct box *exercise_open(const struct exercise *m, uint64_t seed,
			json_t **params, struct err *err)
{
	struct box *b = box_new(NULL);
	struct text seed_text = {0};
	json_t *t = box_load(b, m->file, text_cstr(&m->source), m->source.len,
			     true, err), *p = NULL;

	/* A hexadecimal literal of Lua wraps around, as the seed may need. */
	text_addf(&seed_text, "0x%llx", (unsigned long long)seed);
	if (t)
		p = box_call(b, "params", text_cstr(&seed_text), NULL, err);
	json_decref(t);
	text_free(&seed_text);
	if (!p) {
		box_free(b);
		return NULL;
	}
	if (params)
		*params = p;
	else
		json_decref(p);
	return b;
}

bool exercise_faults(const struct exercise *m, struct box *b,
		   struct planned_fault **faults, size_t *count, json_t **keep,
		   struct err *err)
{
	*faults = NULL;
	*count = 0;
	*keep = NULL;
	if (!json_object_get(m->json, "faults"))
		return true;
	*keep = box_call(b, "expand", "\"faults\"", NULL, err);
	return *keep && form_faults(*keep, faults, count, err);
}

void faults_free(struct planned_fault *faults, size_t count, json_t *keep)
{
	for (size_t i = 0; i < count; i++)
		text_free(&faults[i].args);
	free(faults);
	json_decref(keep);
}
