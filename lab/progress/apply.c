/* apply.c - what each kind of event changes in the projections */
#include <stdlib.h>
#include <string.h>

#include "lab/progress/bkt.h"
#include "lab/progress/elo.h"
#include "lab/progress/learn.h"
#include "lab/progress/store_inside.h"

/* A new card is first asked so long after the exercise it came from. */
enum { CARD_FIRST_DAYS = 2 };

static const char *text_of(const struct event *e, const char *key)
{
	const char *s = json_string_value(json_object_get(e->json, key));

	return s ? s : "";
}

static int64_t whole_of(const struct event *e, const char *key)
{
	return json_integer_value(json_object_get(e->json, key));
}

static double number_of(const struct event *e, const char *key)
{
	return json_number_value(json_object_get(e->json, key));
}

static bool is(const struct event *e, const char *key)
{
	return json_is_true(json_object_get(e->json, key));
}

static int64_t today(struct store *s, const struct event *e)
{
	return projection_day(s, e->at_ms);
}

/* --- small ones ----------------------------------------------------------- */

static void profile_set(struct store *s, const struct event *e)
{
	char *value = json_dumps(json_object_get(e->json, "value"),
				 JSON_ENCODE_ANY | JSON_COMPACT);

	sql_do(&s->sql, "INSERT OR REPLACE INTO profile VALUES (?, ?)", "ss",
	       text_of(e, "key"), value ? value : "");
	free(value);
}

static void lesson_read(struct store *s, const struct event *e)
{
	sql_do(&s->sql, "INSERT INTO lesson VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)"
	       " ON CONFLICT DO UPDATE SET page = ?2, furthest ="
	       " max(furthest, ?2), pages = ?3, at_ms = ?4, device = ?5,"
	       " seq = ?6", "siiisi", text_of(e, "lesson"),
	       whole_of(e, "page"), whole_of(e, "pages"), e->at_ms, e->device,
	       e->seq);
}

static void rubric_rated(struct store *s, const struct event *e)
{
	sql_do(&s->sql, "INSERT INTO rubric VALUES (?, ?, ?, ?, ?)", "sisii",
	       e->device, e->seq, text_of(e, "statement"),
	       whole_of(e, "rating"), e->at_ms);
}

static void review_postponed(struct store *s, const struct event *e)
{
	sql_do(&s->sql, "UPDATE card SET due_day = max(due_day, ?) + ?"
	       " WHERE id = ?", "iis", today(s, e), whole_of(e, "days"),
	       text_of(e, "card"));
}

static void card_added(struct store *s, const struct event *e)
{
	int64_t day = today(s, e);

	sql_do(&s->sql, "INSERT OR IGNORE INTO card VALUES (?, ?, ?, 0, 0, 0,"
	       " 0, ?, ?)", "sssii", text_of(e, "card"),
	       text_of(e, "exercise"), text_of(e, "competency"), day,
	       day + CARD_FIRST_DAYS);
}

/* --- attempts ------------------------------------------------------------- */

struct tried {
	char *id, *exercise, *purpose, *version, *competencies;
	int64_t seed;
	double difficulty;
	bool passed;
};

static bool find(struct store *s, const struct event *e, struct tried *a)
{
	const char *id = text_of(e, "attempt");
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT id, exercise, purpose,"
				   " module_version, competencies, seed,"
				   " difficulty, state = 'passed' FROM attempt"
				   " WHERE id = ?", "s", id);

	memset(a, 0, sizeof(*a));
	if (!sql_row(&s->sql, st))
		return false;
	a->id = sql_take(st, 0);
	a->exercise = sql_take(st, 1);
	a->purpose = sql_take(st, 2);
	a->version = sql_take(st, 3);
	a->competencies = sql_take(st, 4);
	a->seed = sqlite3_column_int64(st, 5);
	a->difficulty = sqlite3_column_double(st, 6);
	a->passed = sqlite3_column_int(st, 7);
	sqlite3_reset(st);
	return true;
}

static void release(struct tried *a)
{
	free(a->id);
	free(a->exercise);
	free(a->purpose);
	free(a->version);
	free(a->competencies);
}

static void attempt_started(struct store *s, const struct event *e)
{
	char *shares = json_dumps(json_object_get(e->json, "competencies"),
				  JSON_COMPACT | JSON_SORT_KEYS);

	sql_do(&s->sql, "INSERT OR IGNORE INTO attempt (id, exercise,"
	       " module_version, hash, seed, world, purpose, difficulty,"
	       " competencies, started_ms, last_ms, device, seq) VALUES"
	       " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssssissdsiisi",
	       text_of(e, "attempt"), text_of(e, "exercise"),
	       text_of(e, "module_version"), text_of(e, "hash"),
	       whole_of(e, "seed"), text_of(e, "world"),
	       text_of(e, "purpose"), number_of(e, "difficulty"),
	       shares ? shares : "{}", e->at_ms, e->at_ms, e->device, e->seq);
	free(shares);
	if (strcmp(text_of(e, "purpose"), "free") == 0)
		return;
	sql_do(&s->sql, "INSERT INTO exercise (id, attempts, last_seed) VALUES"
	       " (?1, 1, ?2) ON CONFLICT DO UPDATE SET attempts ="
	       " attempts + 1, last_seed = ?2", "si", text_of(e, "exercise"),
	       whole_of(e, "seed"));
}

/* Work goes on: what was left is open again. */
static void attempt_op(struct store *s, const struct event *e)
{
	sql_do(&s->sql, "INSERT OR REPLACE INTO attempt_op VALUES (?, ?, ?, ?)",
	       "sisi", text_of(e, "attempt"), whole_of(e, "n"), e->device,
	       e->seq);
	sql_do(&s->sql, "UPDATE attempt SET last_ms = ?1,"
	       " state = iif(state IN ('left', 'quit'), 'open', state),"
	       " task = iif(?2 = '', task, ?2), ops = ops + 1 WHERE id = ?3",
	       "iss", e->at_ms, text_of(e, "task"), text_of(e, "attempt"));
}

/* The first answer to this very question? */
static bool is_first(struct store *s, const char *what, int64_t seed)
{
	bool first = sql_number(&s->sql, "SELECT count(*) FROM seen WHERE"
				" what = ? AND seed = ?", "si", what,
				seed) == 0;

	if (first)
		sql_do(&s->sql, "INSERT INTO seen VALUES (?, ?)", "si", what,
		       seed);
	return first;
}

/* Starting over on the same seed is the same try: help and checks add up. */
static struct fsrs_try whole_try(struct store *s, const struct tried *a,
				 bool passed, bool within_par)
{
	struct fsrs_try t = { .passed = passed, .within_par = within_par };
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT sum(tries), sum(hints),"
				   " max(solution) FROM attempt WHERE"
				   " exercise = ? AND seed = ? AND"
				   " purpose <> 'free'", "si", a->exercise,
				   a->seed);

	if (sql_row(&s->sql, st)) {
		t.tries = sqlite3_column_int64(st, 0);
		t.hints = sqlite3_column_int64(st, 1);
		t.solution = sqlite3_column_int(st, 2);
		sqlite3_reset(st);
	}
	return t;
}

static enum evidence_result result_of(const struct fsrs_try *t,
				      enum fsrs_rating rating)
{
	if (!t->passed)
		return EVIDENCE_GAVE_UP;
	return rating >= FSRS_GOOD ? EVIDENCE_PASSED : EVIDENCE_HELPED;
}

/* An attempt is decided: passed, or given up.  `p` brings kinds, score and
 * competencies. */
static void decide(struct store *s, const struct event *e,
		   const struct tried *a, bool passed, bool within_par,
		   struct proof *p)
{
	struct fsrs_try t = whole_try(s, a, passed, within_par);
	bool first = is_first(s, a->exercise, a->seed);
	char card[160];

	p->event = e;
	p->day = today(s, e);
	p->what = a->exercise;
	p->attempt = a->id;
	p->seed = a->seed;
	p->hints = t.hints;
	p->rating = fsrs_rate(&t);
	p->result = first ? result_of(&t, p->rating) : EVIDENCE_PRACTICE;
	p->moves_known = p->moves_memory = first;
	p->guess = BKT_GUESS;
	p->difficulty = elo_difficulty(a->difficulty);
	learn(s, p);
	if (!first)
		return;
	sqlite3_snprintf(sizeof(card), card, "exercise:%s", a->exercise);
	learn_card(s, &(struct asking){
		card, a->exercise, learn_main(p->competencies), e, p->day,
		a->seed, t.hints, p->rating });
}

static unsigned kinds_passed(const json_t *tasks)
{
	unsigned kinds = 0;
	size_t i;
	json_t *t;

	json_array_foreach(tasks, i, t) {
		const char *how = json_string_value(
			json_object_get(t, "status"));

		if (how && strcmp(how, "pass") == 0)
			kinds |= kind_of_name(json_string_value(
				json_object_get(t, "kind")));
	}
	return kinds;
}

static void pass(struct store *s, const struct event *e, struct tried *a,
		 const json_t *verdict)
{
	double max = json_number_value(json_object_get(verdict, "points_max"));
	double points = json_number_value(json_object_get(verdict, "points"));
	double minutes = number_of(e, "minutes");
	double par = number_of(e, "par_minutes");
	struct proof p = {
		.kinds = kinds_passed(json_object_get(verdict, "tasks")),
		.competencies = json_object_get(verdict, "competencies"),
		.score = elo_discount(minutes, par) *
			 (max > 0 ? points / max : 1),
	};

	sql_do(&s->sql, "UPDATE attempt SET state = 'passed', passed_ms = ?,"
	       " passed_device = ?, passed_seq = ? WHERE id = ?", "isis",
	       e->at_ms, e->device, e->seq, a->id);
	if (strcmp(a->purpose, "free") == 0)
		return;
	sql_do(&s->sql, "UPDATE exercise SET passes = passes + 1,"
	       " module_version = iif(passed_ms, module_version, ?1),"
	       " device = iif(passed_ms, device, ?2),"
	       " seq = iif(passed_ms, seq, ?3),"
	       " passed_ms = iif(passed_ms, passed_ms, ?4) WHERE id = ?5",
	       "ssiis", a->version, e->device, e->seq, e->at_ms, a->exercise);
	decide(s, e, a, true, par > 0 && minutes <= par, &p);
}

static void note_grade(struct store *s, const struct event *e,
		       const struct tried *a, const json_t *verdict)
{
	double points = json_number_value(json_object_get(verdict, "points"));
	double max = json_number_value(json_object_get(verdict, "points_max"));
	const char *status = json_string_value(
		json_object_get(verdict, "status"));
	char *shares = json_dumps(json_object_get(verdict, "competencies"),
				  JSON_COMPACT | JSON_SORT_KEYS);

	sql_do(&s->sql, "UPDATE attempt SET last_ms = ?, status = ?, tries ="
	       " ?, hints = ?, solution = ?, minutes = ?, points = ?,"
	       " points_max = ?, competencies = ? WHERE id = ?", "isiiidddss",
	       e->at_ms, status ? status : "", whole_of(e, "tries"),
	       whole_of(e, "hints"), (int64_t)is(e, "solution"),
	       number_of(e, "minutes"), points, max, shares ? shares : "{}",
	       a->id);
	sql_do(&s->sql, "UPDATE attempt SET best = max(best, points) WHERE"
	       " id = ?", "s", a->id);
	free(shares);
	if (strcmp(a->purpose, "free") != 0)
		sql_do(&s->sql, "UPDATE exercise SET best = max(best, ?),"
		       " points_max = ? WHERE id = ?", "dds", points, max,
		       a->exercise);
}

/* An error is the author's: it neither passes nor counts as a try. */
static void attempt_graded(struct store *s, const struct event *e)
{
	const json_t *verdict = json_object_get(e->json, "verdict");
	const char *status = json_string_value(
		json_object_get(verdict, "status"));
	struct tried a;

	if (!status || strcmp(status, "error") == 0 || !find(s, e, &a))
		return;
	note_grade(s, e, &a, verdict);
	if (strcmp(status, "pass") == 0 && !a.passed)
		pass(s, e, &a, verdict);
	release(&a);
}

static void give_up(struct store *s, const struct event *e,
		    const struct tried *a)
{
	json_t *shares = json_loads(a->competencies, 0, NULL);
	struct proof p = { .competencies = shares };

	if (strcmp(a->purpose, "free") != 0)
		decide(s, e, a, false, false, &p);
	json_decref(shares);
}

/* What was passed stays passed, however it is left. */
static void attempt_ended(struct store *s, const struct event *e)
{
	const char *how = text_of(e, "how");
	struct tried a;

	if (!find(s, e, &a))
		return;
	sql_do(&s->sql, "UPDATE attempt SET state = iif(state = 'passed',"
	       " state, ?), last_ms = ?, ended_ms = ?, at_sim = ? WHERE id ="
	       " ?", "siiis", how, e->at_ms, e->at_ms, whole_of(e, "at_sim"),
	       a.id);
	if (strcmp(how, "gave_up") == 0 && !a.passed)
		give_up(s, e, &a);
	release(&a);
}

/* --- items ---------------------------------------------------------------- */

/* The card of this id, if there is one that may be asked again today. */
static bool find_card(struct store *s, const char *id, int64_t day,
		      struct text *exercise, struct text *competency)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT exercise, competency FROM"
				   " card WHERE id = ? AND (times = 0 OR"
				   " last_day < ?)", "si", id, day);

	if (!sql_row(&s->sql, st))
		return false;
	text_add(exercise, sql_text(st, 0));
	text_add(competency, sql_text(st, 1));
	sqlite3_reset(st);
	return true;
}

static void note_answer(struct store *s, const struct event *e)
{
	int64_t how = 0;

	while (how < SURE_WORDS - 1 &&
	       strcmp(sure_words[how], text_of(e, "sure")) != 0)
		how++;
	sql_do(&s->sql, "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	       "sisiiiii", e->device, e->seq, text_of(e, "item"),
	       whole_of(e, "variant"), e->at_ms, how, (int64_t)is(e, "right"),
	       (int64_t)is(e, "looked"));
}

/* Looking first is practice: the card is not asked, and comes tomorrow. */
static void item_answered(struct store *s, const struct event *e)
{
	struct text exercise = {0}, competency = {0};
	const char *item = text_of(e, "item");
	int64_t options = whole_of(e, "options"), day = today(s, e);
	bool first = is_first(s, item, whole_of(e, "variant"));
	bool card = find_card(s, item, day, &exercise, &competency);
	bool right = is(e, "right"), looked = is(e, "looked");
	struct proof p = {
		.event = e, .day = day, .what = item, .attempt = "",
		.seed = whole_of(e, "variant"), .kinds = KIND_QUIZ,
		.rating = right ? FSRS_GOOD : FSRS_AGAIN,
		.result = right ? EVIDENCE_PASSED : EVIDENCE_FAILED,
		.moves_known = first && !looked,
		.moves_memory = (first || card) && !looked,
		.score = right, .guess = bkt_guess(options),
		.guess_elo = options ? bkt_guess(options) : 0,
		.difficulty = elo_difficulty(number_of(e, "difficulty")),
		.competencies = json_object_get(e->json, "competencies"),
	};

	note_answer(s, e);
	if (!p.moves_memory)
		p.result = EVIDENCE_PRACTICE;
	learn(s, &p);
	if (card && looked)
		sql_do(&s->sql, "UPDATE card SET due_day = max(due_day, ?)"
		       " WHERE id = ?", "is", day + 1, item);
	else if (card)
		learn_card(s, &(struct asking){
			item, text_cstr(&exercise), text_cstr(&competency), e,
			day, p.seed, 0, p.rating });
	text_free(&exercise);
	text_free(&competency);
}

void projection_apply(struct store *s, const struct event *e)
{
	static void (*const kinds[EVENT_KINDS])(struct store *,
						const struct event *) = {
		[EVENT_PROFILE_SET] = profile_set,
		[EVENT_LESSON_READ] = lesson_read,
		[EVENT_ATTEMPT_STARTED] = attempt_started,
		[EVENT_ATTEMPT_OP] = attempt_op,
		[EVENT_ATTEMPT_GRADED] = attempt_graded,
		[EVENT_ATTEMPT_ENDED] = attempt_ended,
		[EVENT_ITEM_ANSWERED] = item_answered,
		[EVENT_RUBRIC_RATED] = rubric_rated,
		[EVENT_REVIEW_POSTPONED] = review_postponed,
		[EVENT_CARD_ADDED] = card_added,
	};

	if (e->kind < EVENT_KINDS && e->version <= event_version(e->kind))
		kinds[e->kind](s, e);
}
