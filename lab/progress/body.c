/* body.c - bodies of events, from what the course engine has */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/progress.h"

static void add(struct text *t, const char *key, const char *value)
{
	text_addf(t, "\"%s\":", key);
	text_json(t, value ? value : "");
}

/* {id: weight}: the module's own shares, else the catalog's list in equal
 * parts, else none. */
static json_t *shares_of(const struct exercise *m, const struct catalog *c)
{
	const json_t *own = json_object_get(m->json, "competencies"), *list;
	const json_t *x = c ? catalog_exercise(c, m->id, NULL) : NULL;
	json_t *shares = json_object(), *v;
	size_t i;

	if (json_is_object(own)) {
		json_object_update(shares, (json_t *)own);
		return shares;
	}
	list = json_is_array(own) ? own : json_object_get(x, "competencies");
	json_array_foreach(list, i, v)
		json_object_set_new(shares, json_string_value(v),
				    json_real(1.0 /
					      (double)json_array_size(list)));
	return shares;
}

static void add_shares(struct text *t, const struct exercise *m,
		       const struct catalog *c)
{
	json_t *shares = shares_of(m, c);
	char *s = json_dumps(shares, JSON_COMPACT | JSON_SORT_KEYS);

	text_addf(t, "\"competencies\":%s", s ? s : "{}");
	free(s);
	json_decref(shares);
}

void body_started(struct text *out, const char *attempt,
		  const struct exercise *m, const struct catalog *c,
		  uint64_t seed, const char *purpose)
{
	text_char(out, '{');
	add(out, "attempt", attempt);
	text_char(out, ',');
	add(out, "exercise", m->id);
	text_char(out, ',');
	add(out, "module_version", m->version);
	text_char(out, ',');
	add(out, "hash", m->hash);
	text_addf(out, ",\"seed\":%" PRIu64 ",", seed);
	add(out, "purpose", purpose);
	text_char(out, ',');
	add(out, "world", m->world);
	text_addf(out, ",\"difficulty\":%" PRId64 ",", m->difficulty);
	add_shares(out, m, c);
	text_char(out, '}');
}

static const char *kind_of(const struct exercise *m, const char *task)
{
	const struct task *t = exercise_task(m, task);

	return t && t->kind ? t->kind : "";
}

static void add_task(struct text *t, const struct exercise *m,
		     const struct verdict_task *k)
{
	text_char(t, '{');
	add(t, "id", k->id);
	text_char(t, ',');
	add(t, "kind", kind_of(m, k->id));
	text_char(t, ',');
	add(t, "status", verdict_status_name(k->status));
	text_addf(t, ",\"points\":%" PRId64 ",\"points_max\":%" PRId64 "}",
		  k->points, k->points_max);
}

void body_graded(struct text *out, const struct graded *g)
{
	const struct verdict *v = g->verdict;

	text_char(out, '{');
	add(out, "attempt", g->attempt);
	text_add(out, ",\"verdict\":{");
	add(out, "status", verdict_status_name(v->status));
	text_addf(out, ",\"points\":%" PRId64 ",\"points_max\":%" PRId64
		  ",\"hint_cost\":%" PRId64 ",\"tasks\":[", v->points,
		  v->points_max, v->hint_cost);
	for (size_t i = 0; i < v->task_count; i++) {
		text_add(out, i ? "," : "");
		add_task(out, g->exercise, &v->tasks[i]);
	}
	text_add(out, "],");
	add_shares(out, g->exercise, g->catalog);
	text_addf(out, "},\"tries\":%" PRId64 ",\"hints\":%" PRId64
		  ",\"minutes\":%.3f,\"par_minutes\":%" PRId64
		  ",\"solution\":%s}", g->tries, g->hints, g->minutes,
		  g->exercise->minutes, g->solution ? "true" : "false");
}

void body_ended(struct text *out, const char *attempt, const char *how,
		int64_t at_sim)
{
	text_char(out, '{');
	add(out, "attempt", attempt);
	text_char(out, ',');
	add(out, "how", how);
	text_addf(out, ",\"at_sim\":%" PRId64 "}", at_sim);
}

void body_op(struct text *out, const char *attempt, int64_t n, const char *op,
	     const char *task)
{
	text_char(out, '{');
	add(out, "attempt", attempt);
	text_addf(out, ",\"n\":%" PRId64 ",\"op\":%s,", n, op);
	add(out, "task", task);
	text_char(out, '}');
}
