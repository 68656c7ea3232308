/* learn.c - what one piece of evidence does to what is known of a learner */
#include "lab/progress/learn.h"

#include <stdlib.h>
#include <string.h>

#include "lab/progress/bkt.h"
#include "lab/progress/elo.h"
#include "lab/progress/store_inside.h"
#include "sim/core/luck.h"

struct known {
	double known, theta;
	int64_t theta_n;
	struct fsrs memory;		/* stability 0: none yet */
	int64_t last_day, last_ms, runs, seeds;
	unsigned kinds;
};

static struct known load(struct store *s, const char *id)
{
	struct known k = { .known = BKT_KNOWN };
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT known, theta, theta_n,"
				   " stability, difficulty, last_day, last_ms,"
				   " runs, seeds, kinds FROM competency"
				   " WHERE id = ?", "s", id);

	if (sql_row(&s->sql, st)) {
		k.known = sqlite3_column_double(st, 0);
		k.theta = sqlite3_column_double(st, 1);
		k.theta_n = sqlite3_column_int64(st, 2);
		k.memory.stability = sqlite3_column_double(st, 3);
		k.memory.difficulty = sqlite3_column_double(st, 4);
		k.last_day = sqlite3_column_int64(st, 5);
		k.last_ms = sqlite3_column_int64(st, 6);
		k.runs = sqlite3_column_int64(st, 7);
		k.seeds = sqlite3_column_int64(st, 8);
		k.kinds = (unsigned)sqlite3_column_int64(st, 9);
		sqlite3_reset(st);
	}
	return k;
}

static void save(struct store *s, const char *id, const struct known *k)
{
	sql_do(&s->sql, "INSERT OR REPLACE INTO competency VALUES"
	       " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "sddiddiiiii", id,
	       k->known, k->theta, k->theta_n, k->memory.stability,
	       k->memory.difficulty, k->last_day, k->last_ms, k->runs,
	       k->seeds, (int64_t)k->kinds);
}

/* Days do not run backwards, even if a clock did. */
static double days_between(int64_t from, int64_t to)
{
	return to > from ? (double)(to - from) : 0;
}

static double mastery(const struct known *k, int64_t day)
{
	if (k->memory.stability <= 0)
		return 0;
	return k->known * fsrs_recall(days_between(k->last_day, day),
				      k->memory.stability);
}

static struct fsrs remember(struct fsrs m, int64_t last, int64_t day,
			    enum fsrs_rating rating)
{
	return m.stability > 0 ?
	       fsrs_next(m, days_between(last, day), rating) :
	       fsrs_first(rating);
}

static void add_seed(struct store *s, const char *id, const struct proof *p,
		     struct known *k)
{
	sql_do(&s->sql, "INSERT OR IGNORE INTO competency_seed VALUES (?, ?)",
	       "si", id, p->seed);
	k->seeds = sql_number(&s->sql, "SELECT count(*) FROM competency_seed"
			      " WHERE competency = ?", "s", id);
	k->kinds |= p->kinds;
}

static void move(struct store *s, const char *id, double weight,
		 double expected, const struct proof *p, struct known *k)
{
	if (p->moves_known) {
		k->known = bkt_next(k->known, p->result == EVIDENCE_PASSED,
				    p->guess);
		k->theta += elo_step(k->theta_n++) * weight *
			    (p->score - expected);
		k->runs++;
		if (p->result == EVIDENCE_PASSED)
			add_seed(s, id, p, k);
	}
	if (p->moves_memory) {
		k->memory = remember(k->memory, k->last_day, p->day,
				     p->rating);
		k->last_day = p->day;
	}
	if (p->moves_known || p->moves_memory)
		k->last_ms = p->event->at_ms;
}

static void add_evidence(struct store *s, const char *id, double weight,
			 const struct proof *p, const struct known *before,
			 const struct known *after)
{
	const struct event *e = p->event;
	int64_t n = sql_number(&s->sql, "SELECT count(*) FROM evidence WHERE"
			       " competency = ?", "s", id);

	sql_do(&s->sql, "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
	       " ?, ?, ?, ?, ?, ?, ?, ?)", "siisissiiiiddddd", id, n, e->at_ms,
	       e->device, e->seq, p->what, p->attempt, p->seed,
	       (int64_t)p->kinds, p->hints, (int64_t)p->result, weight,
	       mastery(before, p->day), mastery(after, p->day), before->theta,
	       after->theta);
}

/* The skill that a task of several competencies meets: their mean. */
static double expect(struct store *s, const struct proof *p)
{
	const char *id;
	json_t *weight;
	double sum = 0;
	size_t n = 0;

	json_object_foreach((json_t *)p->competencies, id, weight) {
		sum += load(s, id).theta;
		n++;
	}
	return elo_expect(n ? sum / (double)n : 0, p->difficulty,
			  p->guess_elo);
}

void learn(struct store *s, const struct proof *p)
{
	double expected = expect(s, p);
	const char *id;
	json_t *v;

	json_object_foreach((json_t *)p->competencies, id, v) {
		struct known before = load(s, id), after = before;
		double weight = json_number_value(v);

		if (weight <= 0)
			continue;
		move(s, id, weight, expected, p, &after);
		if (p->moves_known || p->moves_memory)
			save(s, id, &after);
		add_evidence(s, id, weight, p, &before, &after);
	}
}

const char *learn_main(const json_t *competencies)
{
	const char *id, *main = "";
	json_t *v;
	double most = 0;

	json_object_foreach((json_t *)competencies, id, v)
		if (json_number_value(v) > most) {
			most = json_number_value(v);
			main = id;
		}
	return main;
}

/* --- cards ---------------------------------------------------------------- */

static int64_t next_in(const struct asking *a, struct fsrs m, int64_t times)
{
	int64_t days = fsrs_interval(m.stability, FSRS_RETENTION,
				     FSRS_DAYS_MAX);

	if (a->rating == FSRS_AGAIN)
		return days < FSRS_AGAIN_DAYS ? days : FSRS_AGAIN_DAYS;
	return fsrs_fuzz(days, FSRS_DAYS_MAX,
			 luck_mix(luck_hash(a->card) + (uint64_t)times));
}

void learn_card(struct store *s, const struct asking *a)
{
	struct fsrs m = {0};
	int64_t times = 0, lapses = 0, last = 0;
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT stability, difficulty,"
				   " times, lapses, last_day FROM card WHERE"
				   " id = ?", "s", a->card);

	if (sql_row(&s->sql, st)) {
		m.stability = sqlite3_column_double(st, 0);
		m.difficulty = sqlite3_column_double(st, 1);
		times = sqlite3_column_int64(st, 2);
		lapses = sqlite3_column_int64(st, 3);
		last = sqlite3_column_int64(st, 4);
		sqlite3_reset(st);
	}
	lapses += times > 0 && a->rating == FSRS_AGAIN;
	m = remember(m, last, a->day, a->rating);
	sql_do(&s->sql, "INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?,"
	       " ?, ?, ?)", "sssddiiii", a->card, a->exercise, a->competency,
	       m.stability, m.difficulty, times + 1, lapses, a->day,
	       a->day + next_in(a, m, times));
	sql_do(&s->sql, "INSERT INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
	       " ?, ?)", "siiiiiiddsi", a->card, times, a->event->at_ms, a->day,
	       (int64_t)a->rating, a->seed, a->hints, m.stability,
	       m.difficulty, a->event->device, a->event->seq);
}
