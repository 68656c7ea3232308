/* verdict.c - what grading says: per task, in words, and as JSON */
#include "lab/course/verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/version.h"
#include "sim/core/mem.h"

enum { LOG_LINES_MAX = 100 };

const char *const verdict_class_names[] = {
	"fixed", "masked", "suppressed", "coincidental", "collateral",
	"not-fixed", "error", NULL,
};

const char *verdict_status_name(enum verdict_status s)
{
	static const char *const names[] = {
		[VERDICT_ERROR] = "error",
		[VERDICT_FAIL] = "fail",
		[VERDICT_BLOCKED] = "blocked",
		[VERDICT_PASS] = "pass",
	};

	return names[s];
}

static size_t promises_of(const struct exercise *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->task_count; i++)
		for (size_t k = 0; k < m->tasks[i].check_count; k++)
			n += m->tasks[i].checks[k].type == CHECK_ALWAYS;
	return n;
}

static void init_promises(struct verdict *v, const struct exercise *m)
{
	v->promises = mem_zeroed(promises_of(m) + 1, sizeof(*v->promises));
	for (size_t i = 0; i < m->task_count; i++)
		for (size_t k = 0; k < m->tasks[i].check_count; k++)
			if (m->tasks[i].checks[k].type == CHECK_ALWAYS)
				v->promises[v->promise_count++] =
					(struct verdict_promise){
						m->tasks[i].id,
						m->tasks[i].checks[k].id,
						VERDICT_ERROR, SIM_NEVER };
}

void verdict_init(struct verdict *v, const struct exercise *m, uint64_t seed)
{
	*v = (struct verdict){ .module = m->id, .module_version = m->version,
			       .seed = seed, .message = mem_text("") };
	memcpy(v->hash, m->hash, sizeof(v->hash));
	v->tasks = mem_zeroed(m->task_count + 1, sizeof(*v->tasks));
	v->task_count = m->task_count;
	for (size_t i = 0; i < m->task_count; i++)
		v->tasks[i] = (struct verdict_task){
			.id = m->tasks[i].id,
			.points_max = m->tasks[i].points,
			.message = mem_text("was not graded"),
			.rationale = mem_text(""),
		};
	init_promises(v, m);
}

void verdict_release(struct verdict *v)
{
	for (size_t i = 0; i < v->task_count; i++) {
		free(v->tasks[i].message);
		free(v->tasks[i].rationale);
	}
	free(v->tasks);
	free(v->promises);
	free(v->message);
	text_free(&v->log);
	*v = (struct verdict){0};
}

void verdict_set(struct verdict *v, size_t task, enum verdict_status status,
		 const char *check, const char *message,
		 const char *rationale, const char *help)
{
	struct verdict_task *t = &v->tasks[task];

	free(t->message);
	free(t->rationale);
	t->status = status;
	t->check = check;
	t->message = mem_text(message);
	t->rationale = mem_text(rationale);
	t->help = help;
	t->points = status == VERDICT_PASS ? t->points_max : 0;
}

static enum verdict_status sum_up(const struct verdict *v)
{
	enum verdict_status whole = v->task_count ? VERDICT_PASS :
						    VERDICT_ERROR;

	for (size_t i = 0; i < v->task_count; i++) {
		if (v->tasks[i].status == VERDICT_ERROR)
			return VERDICT_ERROR;
		if (v->tasks[i].status != VERDICT_PASS)
			whole = VERDICT_FAIL;
	}
	return whole;
}

void verdict_close(struct verdict *v)
{
	v->points = v->points_max = 0;
	for (size_t i = 0; i < v->task_count; i++) {
		v->points += v->tasks[i].points;
		v->points_max += v->tasks[i].points_max;
	}
	v->points = v->points > v->hint_cost ? v->points - v->hint_cost : 0;
	v->status = sum_up(v);
}

static void annul(struct verdict *v, enum verdict_status status,
		  const char *why)
{
	free(v->message);
	v->message = mem_text(why);
	v->status = status;
	v->points = 0;
	for (size_t i = 0; i < v->task_count; i++)
		v->tasks[i].points = 0;
}

void verdict_void(struct verdict *v, const char *why)
{
	annul(v, VERDICT_ERROR, why);
}

void verdict_give_up(struct verdict *v)
{
	annul(v, VERDICT_FAIL, "given up");
}

/* --- JSON ----------------------------------------------------------------- */

static void add_string(struct text *t, const char *key, const char *value)
{
	text_addf(t, ",\"%s\":", key);
	if (value)
		text_json(t, value);
	else
		text_add(t, "null");
}

static void task_json(const struct verdict_task *k, struct text *out)
{
	text_add(out, "{\"id\":");
	text_json(out, k->id);
	text_addf(out, ",\"status\":\"%s\"", verdict_status_name(k->status));
	add_string(out, "check", k->check);
	add_string(out, "message", k->message);
	add_string(out, "rationale", k->rationale);
	add_string(out, "help", k->help);
	text_addf(out, ",\"points\":%" PRId64 ",\"points_max\":%" PRId64 "}",
		  k->points, k->points_max);
}

static void promise_json(const struct verdict_promise *p, struct text *out)
{
	text_add(out, "{\"id\":");
	text_json(out, p->check);
	add_string(out, "task", p->task);
	text_addf(out, ",\"status\":\"%s\",\"broken_at_ns\":",
		  verdict_status_name(p->status));
	if (p->broken_at == SIM_NEVER)
		text_add(out, "null}");
	else
		text_addf(out, "%" PRId64 "}", p->broken_at);
}

/* At most LOG_LINES_MAX lines, as a list. */
static void log_json(const struct text *log, struct text *out)
{
	const char *at = text_cstr(log), *end;

	text_char(out, '[');
	for (int i = 0; *at && i < LOG_LINES_MAX; i++, at = end + (*end != 0)) {
		end = at + strcspn(at, "\n");
		if (i)
			text_char(out, ',');
		text_json_bytes(out, at, (size_t)(end - at));
	}
	text_char(out, ']');
}

void verdict_json(const struct verdict *v, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"version\":1,\"status\":\"%s\"",
		  MILLRACE_SCHEMA, verdict_status_name(v->status));
	add_string(out, "module", v->module);
	add_string(out, "module_version", v->module_version);
	add_string(out, "module_hash", v->hash);
	add_string(out, "engine", MILLRACE_VERSION);
	text_addf(out, ",\"seed\":%" PRIu64 ",\"digest\":\"%016" PRIx64
		  "\",\"at_ns\":%" PRId64, v->seed, v->digest, v->at);
	add_string(out, "message", v->message);
	text_addf(out, ",\"score\":{\"points\":%" PRId64 ",\"max\":%" PRId64
		  ",\"hint_cost\":%" PRId64 "},\"tasks\":[", v->points,
		  v->points_max, v->hint_cost);
	for (size_t i = 0; i < v->task_count; i++) {
		if (i)
			text_char(out, ',');
		task_json(&v->tasks[i], out);
	}
	text_add(out, "],\"invariants\":[");
	for (size_t i = 0; i < v->promise_count; i++) {
		if (i)
			text_char(out, ',');
		promise_json(&v->promises[i], out);
	}
	text_add(out, "],\"log\":");
	log_json(&v->log, out);
	text_char(out, '}');
}

/* --- for people ------------------------------------------------------------ */

void verdict_text(const struct verdict *v, struct text *out)
{
	bool told = false;

	for (size_t i = 0; i < v->task_count; i++) {
		const struct verdict_task *t = &v->tasks[i];

		text_addf(out, "  %-7s %s", verdict_status_name(t->status),
			  t->id);
		if (t->status == VERDICT_PASS && *t->message)
			text_addf(out, ": %s", t->message);
		text_char(out, '\n');
		if (t->status == VERDICT_PASS || told)
			continue;
		told = true;
		text_addf(out, "          %s\n", t->message);
		if (*t->rationale)
			text_addf(out, "          %s\n", t->rationale);
		if (t->help)
			text_addf(out, "          see %s\n", t->help);
	}
	if (*v->message)
		text_addf(out, "%s\n", v->message);
	text_addf(out, "%s, %" PRId64 " of %" PRId64 " points",
		  v->status == VERDICT_PASS ? "Passed" :
		  v->status == VERDICT_ERROR ? "Grading failed, which counts "
					       "as nothing" : "Not passed yet",
		  v->points, v->points_max);
	if (v->hint_cost)
		text_addf(out, ", hints cost %" PRId64, v->hint_cost);
	text_add(out, "\n");
}

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	struct text x = {0}, y = {0};
	bool same;

	verdict_json(a, &x);
	verdict_json(b, &y);
	same = strcmp(text_cstr(&x), text_cstr(&y)) == 0;
	text_free(&x);
	text_free(&y);
	return same;
}
