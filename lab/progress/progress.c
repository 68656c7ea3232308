/* progress.c - what is known of a learner: pathway, resuming, weeks, answers */
#include "lab/progress/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/store_inside.h"
#include "sim/core/mem.h"

const char *const sure_words[SURE_WORDS] = {
	[SURE_GUESS] = "guess", [SURE_LIKELY] = "likely", [SURE_SURE] = "sure",
};

/* Room for one more element, zeroed. */
static void *grow(void *at, size_t count, size_t size)
{
	char *bigger = mem_grow(at, (count + 1) * size);

	memset(bigger + count * size, 0, size);
	return bigger;
}

#define ADD(list)	((list)->at = grow((list)->at, (list)->count, \
					   sizeof(*(list)->at)), \
			 &(list)->at[(list)->count++])

static void take_ref(sqlite3_stmt *st, int column, struct event_ref *ref)
{
	sqlite3_snprintf(sizeof(ref->device), ref->device, "%s",
			 sql_text(st, column));
	ref->seq = sqlite3_column_int64(st, column + 1);
}

/* --- exercises, lessons, units -------------------------------------------- */

bool progress_exercise(struct store *s, const char *id,
		       struct exercise_state *out, struct err *err)
{
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT module_version, passed_ms, attempts,"
		     " passes, best, points_max, last_seed, device, seq FROM"
		     " exercise WHERE id = ?", "s", id);
	if (sql_row(&s->sql, st)) {
		sqlite3_snprintf(sizeof(out->module_version),
				 out->module_version, "%s", sql_text(st, 0));
		out->passed_ms = sqlite3_column_int64(st, 1);
		out->attempts = sqlite3_column_int64(st, 2);
		out->passes = sqlite3_column_int64(st, 3);
		out->best = sqlite3_column_int64(st, 4);
		out->points_max = sqlite3_column_int64(st, 5);
		out->last_seed = sqlite3_column_int64(st, 6);
		take_ref(st, 7, &out->event);
		sqlite3_reset(st);
		out->done = out->passes > 0;
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

bool progress_lesson(struct store *s, const char *id, int64_t *page,
		     int64_t *pages, struct err *err)
{
	sqlite3_stmt *st;

	*page = *pages = 0;
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT page, pages FROM lesson WHERE lesson ="
		     " ?", "s", id);
	if (sql_row(&s->sql, st)) {
		*page = sqlite3_column_int64(st, 0);
		*pages = sqlite3_column_int64(st, 1);
		sqlite3_reset(st);
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

static bool is_done(struct store *s, const char *exercise)
{
	return sql_number(&s->sql, "SELECT passes FROM exercise WHERE id = ?",
			  "s", exercise) > 0;
}

static bool is_read(struct store *s, const char *unit, const char *lesson)
{
	struct text id = {0};
	bool read;

	text_addf(&id, "%s/%s", unit, lesson);
	read = sql_number(&s->sql, "SELECT furthest >= pages FROM lesson WHERE"
			  " lesson = ?", "s", text_cstr(&id)) == 1;
	text_free(&id);
	return read;
}

static void count_unit(struct store *s, const struct catalog *c,
		       const json_t *unit, struct done_count *d)
{
	size_t i;
	json_t *v;

	d->id = catalog_text(unit, "id");
	d->title = catalog_text(unit, "title");
	d->phase = catalog_text(unit, "phase");
	json_array_foreach(json_object_get(unit, "exercises"), i, v) {
		const char *id = catalog_text(v, "id");

		if (json_is_true(json_object_get(v, "pool")))
			continue;
		d->total++;
		d->there += catalog_has_module(c, id);
		d->done += is_done(s, id);
	}
	json_array_foreach(json_object_get(unit, "lessons"), i, v) {
		if (!*catalog_text(v, "text"))
			continue;
		d->lessons++;
		d->lessons_read += is_read(s, d->id, catalog_text(v, "id"));
	}
}

bool progress_units(struct store *s, const struct catalog *c,
		    struct done_counts *out, struct err *err)
{
	size_t i;
	json_t *unit;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	json_array_foreach(json_object_get(c->pathway, "units"), i, unit)
		count_unit(s, c, unit, ADD(out));
	if (sql_good(&s->sql))
		return true;
	done_counts_free(out);
	return sql_err(&s->sql, err);
}

bool progress_phases(struct store *s, const struct catalog *c,
		     struct done_counts *out, struct err *err)
{
	struct done_counts units;
	size_t i;
	json_t *v;

	memset(out, 0, sizeof(*out));
	if (!progress_units(s, c, &units, err))
		return false;
	json_array_foreach(json_object_get(c->pathway, "phases"), i, v) {
		struct done_count *d = ADD(out);

		d->id = d->phase = catalog_text(v, "id");
		d->title = catalog_text(v, "title");
		for (size_t k = 0; k < units.count; k++) {
			const struct done_count *u = &units.at[k];

			if (strcmp(u->phase, d->id) != 0)
				continue;
			d->done += u->done;
			d->there += u->there;
			d->total += u->total;
			d->lessons += u->lessons;
			d->lessons_read += u->lessons_read;
		}
	}
	done_counts_free(&units);
	return true;
}

void done_counts_free(struct done_counts *d)
{
	free(d->at);
	memset(d, 0, sizeof(*d));
}

/* --- going on ------------------------------------------------------------- */

static void add_ops(struct store *s, struct resume *r)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT e.body, e.version FROM"
				   " attempt_op AS o JOIN event AS e ON"
				   " e.device = o.device AND e.seq = o.seq"
				   " WHERE o.attempt = ? ORDER BY o.n", "s",
				   r->attempt);

	r->ops = json_array();
	while (sql_row(&s->sql, st)) {
		json_t *body = event_upcast(EVENT_ATTEMPT_OP,
					    sqlite3_column_int(st, 1),
					    sql_text(st, 0), NULL);

		json_array_append(r->ops, json_object_get(body, "op"));
		json_decref(body);
	}
}

#define RESUME	"SELECT id, exercise, task, world, module_version, hash," \
		" purpose, seed, started_ms, last_ms, at_sim, tries, hints" \
		" FROM attempt AS a WHERE "

/* The first row of a RESUME. */
static bool take_resume(struct store *s, sqlite3_stmt *st, struct resume *out,
			bool *found, struct err *err)
{
	memset(out, 0, sizeof(*out));
	*found = sql_row(&s->sql, st);
	if (*found) {
		out->attempt = sql_take(st, 0);
		out->exercise = sql_take(st, 1);
		out->task = sql_take(st, 2);
		out->world = sql_take(st, 3);
		out->module_version = sql_take(st, 4);
		out->hash = sql_take(st, 5);
		sqlite3_snprintf(sizeof(out->purpose), out->purpose, "%s",
				 sql_text(st, 6));
		out->seed = (uint64_t)sqlite3_column_int64(st, 7);
		out->started_ms = sqlite3_column_int64(st, 8);
		out->last_ms = sqlite3_column_int64(st, 9);
		out->at_sim = sqlite3_column_int64(st, 10);
		out->tries = sqlite3_column_int64(st, 11);
		out->hints = sqlite3_column_int64(st, 12);
		sqlite3_reset(st);
		add_ops(s, out);
	}
	if (sql_good(&s->sql))
		return true;
	resume_release(out);
	return sql_err(&s->sql, err);
}

/* A newer attempt at the same exercise takes the place of an older one. */
bool progress_continue_exercise(struct store *s, const char *exercise,
				struct resume *out, bool *found,
				struct err *err)
{
	sql_forgive(&s->sql);
	return take_resume(s, sql_ask(&s->sql, RESUME
		"state IN ('open', 'left', 'quit') AND ?1 IN ('', exercise)"
		" AND NOT EXISTS (SELECT 1 FROM attempt AS b WHERE b.exercise ="
		" a.exercise AND (b.started_ms, b.id) > (a.started_ms, a.id))"
		" ORDER BY last_ms DESC, id DESC LIMIT 1", "s", exercise),
		out, found, err);
}

bool progress_attempt(struct store *s, const char *id, struct resume *out,
		      bool *found, struct err *err)
{
	sql_forgive(&s->sql);
	return take_resume(s, sql_ask(&s->sql, RESUME "id = ?", "s", id), out,
			   found, err);
}

bool progress_continue(struct store *s, struct resume *out, bool *found,
		       struct err *err)
{
	return progress_continue_exercise(s, "", out, found, err);
}

void resume_release(struct resume *r)
{
	free(r->attempt);
	free(r->exercise);
	free(r->task);
	free(r->world);
	free(r->module_version);
	free(r->hash);
	json_decref(r->ops);
	memset(r, 0, sizeof(*r));
}

/* --- this week ------------------------------------------------------------ */

static void add_passes(struct store *s, int64_t since, int64_t now,
		       struct week *w)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT tries, hints,"
				   " passed_device, passed_seq FROM attempt"
				   " WHERE purpose <> 'free' AND passed_ms > ?"
				   " AND passed_ms <= ? ORDER BY passed_ms,"
				   " passed_device, passed_seq", "ii", since,
				   now);

	while (sql_row(&s->sql, st)) {
		w->events = grow(w->events, (size_t)w->passed,
				 sizeof(*w->events));
		take_ref(st, 2, &w->events[w->passed++]);
		w->first_try += sqlite3_column_int64(st, 0) <= 1 &&
				sqlite3_column_int64(st, 1) == 0;
	}
}

bool progress_week(struct store *s, int64_t now_ms, struct week *out,
		   struct err *err)
{
	int64_t since = now_ms - INT64_C(7) * 86400 * 1000;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	add_passes(s, since, now_ms, out);
	out->gave_up = sql_number(&s->sql, "SELECT count(*) FROM attempt WHERE"
				  " purpose <> 'free' AND state = 'gave_up' AND"
				  " ended_ms > ? AND ended_ms <= ?", "ii",
				  since, now_ms);
	out->reviews = sql_number(&s->sql, "SELECT count(*) FROM review WHERE"
				  " n > 0 AND at_ms > ? AND at_ms <= ?", "ii",
				  since, now_ms);
	out->recalled = sql_number(&s->sql, "SELECT count(*) FROM review WHERE"
				   " n > 0 AND rating > 1 AND at_ms > ? AND"
				   " at_ms <= ?", "ii", since, now_ms);
	out->minutes = sql_number(&s->sql, "SELECT CAST(round(sum(minutes)) AS"
				  " INTEGER) FROM attempt WHERE last_ms > ? AND"
				  " last_ms <= ?", "ii", since, now_ms);
	if (sql_good(&s->sql))
		return true;
	week_release(out);
	return sql_err(&s->sql, err);
}

void week_release(struct week *w)
{
	free(w->events);
	memset(w, 0, sizeof(*w));
}

/* --- how sure, the rubric, the profile ------------------------------------ */

/* Looked-up answers say nothing about judgement. */
bool progress_calibration(struct store *s, struct calibration *out,
			  struct err *err)
{
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT sure, count(*), sum(correct) FROM answer"
		     " WHERE NOT looked GROUP BY sure", "");
	while (sql_row(&s->sql, st)) {
		int sure = sqlite3_column_int(st, 0);

		out->asked[sure] = sqlite3_column_int64(st, 1);
		out->right[sure] = sqlite3_column_int64(st, 2);
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

bool progress_answers(struct store *s, struct answers *out, struct err *err)
{
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT item, variant, at_ms, sure, correct,"
		     " looked, device, seq FROM answer ORDER BY at_ms, device,"
		     " seq", "");
	while (sql_row(&s->sql, st)) {
		struct answer *a = ADD(out);

		a->item = sql_take(st, 0);
		a->variant = sqlite3_column_int64(st, 1);
		a->at_ms = sqlite3_column_int64(st, 2);
		a->sure = sqlite3_column_int(st, 3);
		a->right = sqlite3_column_int(st, 4);
		a->looked = sqlite3_column_int(st, 5);
		take_ref(st, 6, &a->event);
	}
	if (sql_good(&s->sql))
		return true;
	answers_free(out);
	return sql_err(&s->sql, err);
}

void answers_free(struct answers *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->at[i].item);
	free(a->at);
	memset(a, 0, sizeof(*a));
}

bool progress_ratings(struct store *s, struct ratings *out, struct err *err)
{
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT statement, rating, at_ms, device, seq"
		     " FROM rubric ORDER BY at_ms, device, seq", "");
	while (sql_row(&s->sql, st)) {
		struct rating *r = ADD(out);

		r->statement = sql_take(st, 0);
		r->rating = sqlite3_column_int64(st, 1);
		r->at_ms = sqlite3_column_int64(st, 2);
		take_ref(st, 3, &r->event);
	}
	if (sql_good(&s->sql))
		return true;
	ratings_free(out);
	return sql_err(&s->sql, err);
}

void ratings_free(struct ratings *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->at[i].statement);
	free(r->at);
	memset(r, 0, sizeof(*r));
}

bool progress_profile(struct store *s, const char *key, struct text *out,
		      struct err *err)
{
	sqlite3_stmt *st;

	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT value FROM profile WHERE key = ?", "s",
		     key);
	if (sql_row(&s->sql, st)) {
		text_add(out, sql_text(st, 0));
		sqlite3_reset(st);
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

bool progress_zone(struct store *s, int64_t now_ms, int64_t offset_min,
		   struct err *err)
{
	struct text was = {0}, is = {0}, body = {0};
	bool same, good = progress_profile(s, "utc-offset-min", &was, err);

	text_addf(&is, "%" PRId64, offset_min);
	same = strcmp(was.len ? text_cstr(&was) : "0", text_cstr(&is)) == 0;
	text_addf(&body, "{\"key\":\"utc-offset-min\",\"value\":%s}",
		  text_cstr(&is));
	if (good && !same)
		good = store_append(s, EVENT_PROFILE_SET, text_cstr(&body),
				    now_ms, err);
	text_free(&was);
	text_free(&is);
	text_free(&body);
	return good;
}
