/* reviews.c - what is due, why, and what comes in the next days */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/fsrs.h"
#include "lab/progress/progress.h"
#include "lab/progress/store_inside.h"
#include "sim/core/luck.h"
#include "sim/core/mem.h"

static int64_t minutes_of(const struct catalog *c, const struct due *d)
{
	const json_t *x = c ? catalog_exercise(c, d->exercise, NULL) : NULL;
	int64_t minutes = json_integer_value(json_object_get(x, "minutes"));

	return d->is_recheck && minutes > 0 ? minutes : 1;
}

static void name(const struct catalog *c, struct due *d)
{
	const json_t *x = c ? catalog_exercise(c, d->exercise, NULL) : NULL;

	d->title = x ? catalog_text(x, "title") : d->exercise;
	d->kind = d->is_recheck ? x ? catalog_text(x, "kind") : "" : "quiz";
	d->minutes = minutes_of(c, d);
}

static int64_t after(const struct due *d, enum fsrs_rating rating)
{
	struct fsrs m = { d->stability, d->difficulty };
	int64_t days;

	m = d->times ? fsrs_next(m, (double)d->since_days, rating) :
		       fsrs_first(rating);
	days = fsrs_interval(m.stability, FSRS_RETENTION, FSRS_DAYS_MAX);
	return rating == FSRS_AGAIN && days > FSRS_AGAIN_DAYS ?
	       FSRS_AGAIN_DAYS : days;
}

static void judge(struct due *d, int64_t last_day, int64_t day)
{
	d->late_days = day - d->due_day;
	d->since_days = d->times ? day - last_day : -1;
	if (d->since_days < 0 && d->times)
		d->since_days = 0;	/* a clock went back */
	d->recall = d->times ? fsrs_recall((double)d->since_days,
					   d->stability) : 0;
	d->next_if_passed = after(d, FSRS_GOOD);
	d->next_if_failed = after(d, FSRS_AGAIN);
}

static void add_results(struct store *s, struct due *d)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT at_ms, day, rating, seed,"
				   " hints, stability, difficulty, device, seq"
				   " FROM review WHERE card = ? ORDER BY n DESC"
				   " LIMIT ?", "si", d->card,
				   (int64_t)DUE_RESULTS);

	while (sql_row(&s->sql, st)) {
		struct result *r = &d->results[d->result_count++];

		r->at_ms = sqlite3_column_int64(st, 0);
		r->day = sqlite3_column_int64(st, 1);
		r->rating = sqlite3_column_int(st, 2);
		r->seed = sqlite3_column_int64(st, 3);
		r->hints = sqlite3_column_int64(st, 4);
		r->stability = sqlite3_column_double(st, 5);
		r->difficulty = sqlite3_column_double(st, 6);
		sqlite3_snprintf(sizeof(r->event.device), r->event.device,
				 "%s", sql_text(st, 7));
		r->event.seq = sqlite3_column_int64(st, 8);
	}
}

static struct due *add(struct dues *out)
{
	out->at = mem_grow(out->at, (out->count + 1) * sizeof(*out->at));
	memset(&out->at[out->count], 0, sizeof(*out->at));
	return &out->at[out->count++];
}

/* Overdue first; of one day what is most likely forgotten; then by name. */
static int before(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->due_day != y->due_day)
		return x->due_day < y->due_day ? -1 : 1;
	if (x->recall != y->recall)
		return x->recall < y->recall ? -1 : 1;
	return strcmp(x->card, y->card);
}

bool progress_due(struct store *s, const struct catalog *c, int64_t now_ms,
		  int64_t until_day, struct dues *out, struct err *err)
{
	int64_t day;
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	day = out->today = projection_day(s, now_ms);
	st = sql_ask(&s->sql, "SELECT id, exercise, competency, stability,"
		     " difficulty, times, lapses, last_day, due_day FROM card"
		     " WHERE due_day <= ?", "i", day + until_day);
	while (sql_row(&s->sql, st)) {
		struct due *d = add(out);

		d->card = sql_take(st, 0);
		d->exercise = sql_take(st, 1);
		d->competency = sql_take(st, 2);
		d->stability = sqlite3_column_double(st, 3);
		d->difficulty = sqlite3_column_double(st, 4);
		d->times = sqlite3_column_int64(st, 5);
		d->lapses = sqlite3_column_int64(st, 6);
		d->due_day = sqlite3_column_int64(st, 8);
		d->is_recheck = strncmp(d->card, "exercise:", 9) == 0;
		judge(d, sqlite3_column_int64(st, 7), day);
		name(c, d);
		out->minutes += d->minutes;
	}
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), before);
	for (size_t i = 0; i < out->count; i++)
		add_results(s, &out->at[i]);
	if (sql_good(&s->sql))
		return true;
	dues_free(out);
	return sql_err(&s->sql, err);
}

void dues_free(struct dues *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->at[i].card);
		free(d->at[i].exercise);
		free(d->at[i].competency);
	}
	free(d->at);
	memset(d, 0, sizeof(*d));
}

void due_why(const struct due *d, struct text *out)
{
	if (!d->times) {
		text_add(out, "Not asked yet.");
		return;
	}
	if (d->since_days == 0)
		text_add(out, "Asked today; ");
	else
		text_addf(out, "Not asked for %" PRId64 " day%s; ",
			  d->since_days, d->since_days == 1 ? "" : "s");
	text_addf(out, "recall is about %.0f %%", 100 * d->recall);
	if (d->lapses)
		text_addf(out, ", forgotten %" PRId64 " of %" PRId64 " times",
			  d->lapses, d->times);
	text_char(out, '.');
}

bool progress_ahead(struct store *s, int64_t now_ms,
		    int64_t counts[PROGRESS_AHEAD], struct err *err)
{
	int64_t day;
	sqlite3_stmt *st;

	memset(counts, 0, PROGRESS_AHEAD * sizeof(*counts));
	sql_forgive(&s->sql);
	day = projection_day(s, now_ms);
	st = sql_ask(&s->sql, "SELECT max(due_day - ?1, 0) AS ahead, count(*)"
		     " FROM card WHERE due_day < ?1 + ?2 GROUP BY ahead", "ii",
		     day, (int64_t)PROGRESS_AHEAD);
	while (sql_row(&s->sql, st))
		counts[sqlite3_column_int64(st, 0)] =
			sqlite3_column_int64(st, 1);
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}

/* Short numbers while there are some: people read them to each other. */
bool progress_new_seed(struct store *s, const char *exercise, uint64_t *seed,
		       struct err *err)
{
	uint64_t range = 9999;
	struct luck luck;
	bool used = true;

	sql_forgive(&s->sql);
	luck_init(&luck, 1, exercise, "new seed");
	for (int i = 0; used && sql_good(&s->sql); i++) {
		range = i % 64 == 63 ? range * 10 : range;
		*seed = 1 + luck_below(&luck, range);
		used = sql_number(&s->sql, "SELECT count(*) FROM attempt WHERE"
				  " exercise = ? AND seed = ?", "si", exercise,
				  (int64_t)*seed) > 0;
	}
	return sql_good(&s->sql) || sql_err(&s->sql, err);
}
