/* competency.c - what is known of each competency, and the evidence for it */
#include <stdlib.h>
#include <string.h>

#include "lab/progress/bkt.h"
#include "lab/progress/fsrs.h"
#include "lab/progress/progress.h"
#include "lab/progress/store_inside.h"
#include "sim/core/mem.h"

static const struct kind {
	unsigned bit;
	char letter;			/* of competencies.lua */
	const char *name;		/* of exercises and tasks */
} kinds[] = {
	{ KIND_OPERATE, 'O', "operate" }, { KIND_PREDICT, 'P', "predict" },
	{ KIND_DIAGNOSE, 'X', "diagnose" }, { KIND_DESIGN, 'D', "design" },
	{ KIND_BUILD, 'B', "build" }, { KIND_QUIZ, 'Q', "quiz" },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

unsigned kind_of_name(const char *name)
{
	for (size_t i = 0; name && i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].bit;
	return 0;
}

unsigned kind_of_letters(const char *letters)
{
	unsigned bits = 0;

	for (; *letters; letters++)
		for (size_t i = 0; i < KINDS; i++)
			if (kinds[i].letter == *letters)
				bits |= kinds[i].bit;
	return bits;
}

void kind_words(unsigned bits, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < KINDS; i++)
		if (bits & kinds[i].bit) {
			text_addf(out, "%s%s", comma, kinds[i].name);
			comma = ", ";
		}
}

/* --- the list ------------------------------------------------------------- */

static void judge(struct competency *c)
{
	struct bkt_gate gate = bkt_gate(c->known, c->seeds, c->kinds,
					c->kinds_wanted, KIND_DIAGNOSE);

	c->known_enough = gate.known;
	c->seeds_enough = gate.seeds;
	c->kinds_enough = gate.kinds;
	c->shown = gate.known && gate.seeds && gate.kinds;
}

static void load(struct store *s, struct competency *c, int64_t day)
{
	sqlite3_stmt *st = sql_ask(&s->sql, "SELECT known, theta, stability,"
				   " last_day, last_ms, runs, seeds, kinds FROM"
				   " competency WHERE id = ?", "s", c->id);
	int64_t last;

	c->known = BKT_KNOWN;
	if (!sql_row(&s->sql, st))
		return;
	c->known = sqlite3_column_double(st, 0);
	c->theta = sqlite3_column_double(st, 1);
	c->stability = sqlite3_column_double(st, 2);
	last = sqlite3_column_int64(st, 3);
	c->last_ms = sqlite3_column_int64(st, 4);
	c->runs = sqlite3_column_int64(st, 5);
	c->seeds = sqlite3_column_int64(st, 6);
	c->kinds = (unsigned)sqlite3_column_int64(st, 7);
	sqlite3_reset(st);
	c->recall = c->stability > 0 ?
		    fsrs_recall((double)(day - last), c->stability) : 0;
	c->mastery = c->known * c->recall;
}

bool progress_competencies(struct store *s, const struct catalog *c,
			   int64_t now_ms, struct competencies *out,
			   struct err *err)
{
	size_t count = json_array_size(c->competencies), i;
	int64_t day;
	json_t *v;

	memset(out, 0, sizeof(*out));
	out->levels = c->levels;
	sql_forgive(&s->sql);
	day = projection_day(s, now_ms);
	out->at = mem_zeroed(count ? count : 1, sizeof(*out->at));
	json_array_foreach(c->competencies, i, v) {
		struct competency *k = &out->at[out->count++];

		k->id = catalog_text(v, "id");
		k->title = catalog_text(v, "title");
		k->level = (int)json_integer_value(json_object_get(v, "level"));
		k->kinds_wanted = kind_of_letters(catalog_text(v, "evidence"));
		load(s, k, day);
		judge(k);
	}
	if (sql_good(&s->sql))
		return true;
	competencies_free(out);
	return sql_err(&s->sql, err);
}

void competencies_free(struct competencies *c)
{
	free(c->at);
	memset(c, 0, sizeof(*c));
}

void competency_missing(const struct competency *c, struct text *out)
{
	const char *comma = "";

	if (!c->known_enough) {
		text_addf(out, "mastery %.2f of %.2f", c->known, BKT_MASTERY);
		comma = ", ";
	}
	if (!c->seeds_enough) {
		text_addf(out, "%s%s seed", comma, c->seeds ? "a second" :
			  "two different");
		text_add(out, c->seeds ? "" : "s");
		comma = ", ";
	}
	if (c->kinds_enough)
		return;
	if (c->kinds_wanted & KIND_DIAGNOSE & ~c->kinds)
		text_addf(out, "%sone diagnosis", comma);
	else
		text_addf(out, "%s%s kind of task", comma,
			  c->kinds ? "another" : "one");
}

/* --- evidence ------------------------------------------------------------- */

const char *evidence_result_name(enum evidence_result r)
{
	static const char *const names[] = {
		[EVIDENCE_PASSED] = "passed", [EVIDENCE_HELPED] = "helped",
		[EVIDENCE_FAILED] = "failed", [EVIDENCE_GAVE_UP] = "gave up",
		[EVIDENCE_PRACTICE] = "practice",
	};

	return names[r];
}

static void fill(sqlite3_stmt *st, const struct catalog *c,
		 struct evidence *e)
{
	const json_t *x;

	e->at_ms = sqlite3_column_int64(st, 0);
	e->what = sql_take(st, 1);
	e->attempt = sql_take(st, 2);
	e->seed = sqlite3_column_int64(st, 3);
	e->kinds = (unsigned)sqlite3_column_int64(st, 4);
	e->hints = sqlite3_column_int64(st, 5);
	e->result = (enum evidence_result)sqlite3_column_int(st, 6);
	e->weight = sqlite3_column_double(st, 7);
	e->mastery_before = sqlite3_column_double(st, 8);
	e->mastery_after = sqlite3_column_double(st, 9);
	e->theta_before = sqlite3_column_double(st, 10);
	e->theta_after = sqlite3_column_double(st, 11);
	sqlite3_snprintf(sizeof(e->event.device), e->event.device, "%s",
			 sql_text(st, 12));
	e->event.seq = sqlite3_column_int64(st, 13);
	x = c ? catalog_exercise(c, e->what, NULL) : NULL;
	e->title = x ? catalog_text(x, "title") : e->what;
}

bool progress_evidence(struct store *s, const struct catalog *c,
		       const char *competency, struct evidences *out,
		       struct err *err)
{
	sqlite3_stmt *st;

	memset(out, 0, sizeof(*out));
	sql_forgive(&s->sql);
	st = sql_ask(&s->sql, "SELECT at_ms, what, attempt, seed, kinds, hints,"
		     " result, weight, mastery_before, mastery_after,"
		     " theta_before, theta_after, device, seq FROM evidence"
		     " WHERE competency = ? ORDER BY n", "s", competency);
	while (sql_row(&s->sql, st)) {
		out->at = mem_grow(out->at,
				   (out->count + 1) * sizeof(*out->at));
		fill(st, c, &out->at[out->count++]);
	}
	if (sql_good(&s->sql))
		return true;
	evidences_free(out);
	return sql_err(&s->sql, err);
}

void evidences_free(struct evidences *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->at[i].what);
		free(e->at[i].attempt);
	}
	free(e->at);
	memset(e, 0, sizeof(*e));
}

/* --- levels --------------------------------------------------------------- */

int progress_levels(const struct competencies *c,
		    struct level levels[PROGRESS_LEVELS])
{
	int held = 0;

	for (int n = 0; n < PROGRESS_LEVELS; n++) {
		const json_t *t = json_array_get(c->levels, (size_t)n);

		levels[n] = (struct level){
			.level = n + 1, .title = catalog_text(t, "title"),
			.when = catalog_text(t, "when"),
		};
	}
	for (size_t i = 0; i < c->count; i++) {
		int n = c->at[i].level - 1;

		if (n < 0 || n >= PROGRESS_LEVELS)
			continue;
		levels[n].competencies++;
		levels[n].shown += c->at[i].shown;
		levels[n].mastery += c->at[i].mastery;
	}
	for (int n = 0; n < PROGRESS_LEVELS; n++) {
		struct level *l = &levels[n];

		l->mastery /= l->competencies ? (double)l->competencies : 1;
		if (held == n && l->competencies &&
		    l->shown == l->competencies)
			held = n + 1;
	}
	return held;
}
