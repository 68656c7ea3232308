/* rubric.c - what one says of oneself, beside what one's runs say */
#include "lab/study/rubric.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/course/box.h"
#include "lab/course/schema.h"
#include "lab/paths.h"
#include "sim/core/mem.h"

enum { RUBRIC_BYTES_MAX = 1 << 20 };

static const struct field statement_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "anchors", FIELD_STRINGS, FIELD_REQUIRED, NULL, NULL },
	{ "kinds", FIELD_TEXT, 0, NULL, NULL },
	{ "about", FIELD_STRINGS, 0, NULL, NULL },
	{ "systems", FIELD_INTEGER, 0, NULL, NULL },
	{ "unmeasured", FIELD_TEXT, 0, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
static const struct field group_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "title", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "statements", FIELD_LIST, FIELD_REQUIRED, statement_fields, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
static const struct field rubric_fields[] = {
	{ "format_version", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "groups", FIELD_LIST, FIELD_REQUIRED, group_fields, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

/* --- reading ------------------------------------------------------------- */

static bool read_statement(struct rubric *r, const char *group,
			   const json_t *t, struct err *err)
{
	const json_t *anchors = json_object_get(t, "anchors");
	struct rubric_statement *s = &r->at[r->count];

	if (r->count == RUBRIC_STATEMENTS_MAX)
		return err_set(err, "assessments/rubric.lua:1: more than %d "
			       "statements", RUBRIC_STATEMENTS_MAX);
	*s = (struct rubric_statement){
		.id = catalog_text(t, "id"),
		.group = group,
		.text = catalog_text(t, "text"),
		.unmeasured = json_string_value(json_object_get(t,
							"unmeasured")),
		.kinds = kind_of_letters(catalog_text(t, "kinds")),
		.about = json_object_get(t, "about"),
		.systems = (int)json_integer_value(json_object_get(t,
							"systems")),
	};
	if (json_array_size(anchors) != RUBRIC_RATINGS ||
	    !s->unmeasured == !s->kinds)
		return err_set(err, "assessments/rubric.lua:1: %s needs %d "
			       "anchors, and either kinds or unmeasured",
			       s->id, RUBRIC_RATINGS);
	for (size_t i = 0; i < RUBRIC_RATINGS; i++)
		s->anchors[i] = json_string_value(json_array_get(anchors, i));
	r->count++;
	return true;
}

static bool read_groups(struct rubric *r, struct err *err)
{
	const json_t *groups = json_object_get(r->json, "groups");

	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *g = json_array_get(groups, i);
		const json_t *list = json_object_get(g, "statements");

		for (size_t k = 0; k < json_array_size(list); k++)
			if (!read_statement(r, catalog_text(g, "title"),
					    json_array_get(list, k), err))
				return false;
	}
	return true;
}

static bool has_form(const char *path, const struct text *source,
		     const json_t *t, struct err *err)
{
	struct problems problems = {0};
	struct places places;
	struct schema_file form = { path, &places, &problems };
	bool good;

	places_read(&places, text_cstr(source), source->len);
	schema_check(&form, t, "", rubric_fields);
	good = problems.errors == 0;
	if (!good) {
		struct text what = {0};

		problem_text(&problems.at[0], &what);
		err_set(err, "%s", text_cstr(&what));
		text_free(&what);
	}
	problems_release(&problems);
	places_release(&places);
	return good;
}

struct rubric *rubric_load(const char *root, struct err *err)
{
	struct rubric *r = mem_zeroed(1, sizeof(*r));
	struct text path = {0}, source = {0};
	struct box *b = box_new(NULL);
	bool good;

	text_addf(&path, "%s/assessments/rubric.lua", root);
	good = path_read(text_cstr(&path), RUBRIC_BYTES_MAX, &source, err) &&
	       (r->json = box_load(b, text_cstr(&path), text_cstr(&source),
				   source.len, false, err)) &&
	       has_form(text_cstr(&path), &source, r->json, err) &&
	       read_groups(r, err);
	box_free(b);
	text_free(&source);
	text_free(&path);
	if (good)
		return r;
	rubric_free(r);
	return NULL;
}

void rubric_free(struct rubric *r)
{
	if (!r)
		return;
	json_decref(r->json);
	free(r);
}

const struct rubric_statement *rubric_find(const struct rubric *r,
					   const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcasecmp(r->at[i].id, id) == 0)
			return &r->at[i];
	return NULL;
}

/* --- weighing ------------------------------------------------------------ */

/* The competency itself, or one of the area: "perf" names perf.latency. */
static bool is_named(const json_t *about, const char *competency)
{
	for (size_t i = 0; i < json_array_size(about); i++) {
		const char *s = json_string_value(json_array_get(about, i));
		size_t len = strlen(s);

		if (strncmp(competency, s, len) == 0 &&
		    (competency[len] == '\0' || competency[len] == '.'))
			return true;
	}
	return about == NULL;
}

bool rubric_run_counts(const struct rubric_statement *s,
		       const struct rubric_run *run)
{
	return !s->unmeasured && (s->kinds & run->kinds) != 0 &&
	       run->systems >= s->systems &&
	       run->result != EVIDENCE_PRACTICE &&
	       is_named(s->about, run->competency);
}

/* Is there an earlier piece of evidence of the same run that counts? */
static bool was_counted(const struct rubric_statement *s,
			const struct rubric_run *runs, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(runs[k].run, runs[i].run) == 0 &&
		    rubric_run_counts(s, &runs[k]))
			return true;
	return false;
}

void rubric_weigh(const struct rubric_statement *s,
		  const struct rubric_run *runs, size_t count,
		  struct rubric_says *out)
{
	double sum = 0, weight = 0;

	*out = (struct rubric_says){0};
	for (size_t i = 0; i < count; i++) {
		if (!rubric_run_counts(s, &runs[i]))
			continue;
		sum += runs[i].weight * runs[i].mastery;
		weight += runs[i].weight;
		if (was_counted(s, runs, i))
			continue;
		out->runs++;
		if (runs[i].result == EVIDENCE_PASSED)
			out->passed++;
		else if (runs[i].result == EVIDENCE_HELPED)
			out->helped++;
		else
			out->failed++;
	}
	if (s->unmeasured) {
		out->voice = RUNS_UNMEASURED;
	} else if (out->runs < RUBRIC_RUNS || weight <= 0) {
		out->voice = RUNS_TOO_FEW;
	} else {
		out->voice = RUNS_SAY;
		out->says = 1 + 4 * sum / weight;
	}
}

enum rubric_gap rubric_compare(int64_t rating, const struct rubric_says *says)
{
	double gap = (double)rating - says->says;

	if (rating == 0 || says->voice != RUNS_SAY)
		return GAP_NONE;
	if (gap > 0.5)
		return GAP_OVER;
	return gap < -0.5 ? GAP_UNDER : GAP_AGREES;
}

void rubric_says_text(const struct rubric_says *says, struct text *out)
{
	if (says->voice == RUNS_SAY)
		text_addf(out, "%.1f", says->says);
	else
		text_add(out, says->voice == RUNS_TOO_FEW ? "too few runs" :
			 "not measured");
}

void rubric_evidence_text(const struct rubric_statement *s,
			  const struct rubric_says *says, struct text *out)
{
	if (s->unmeasured) {
		text_add(out, s->unmeasured);
		return;
	}
	if (says->runs)
		text_addf(out, "%zu %s: %zu passed alone, %zu with help, %zu "
			  "failed. ", says->runs,
			  says->runs == 1 ? "run" : "runs", says->passed,
			  says->helped, says->failed);
	if (says->voice == RUNS_TOO_FEW) {
		text_addf(out, "%d are needed; what counts is ", RUBRIC_RUNS);
		kind_words(s->kinds, out);
		text_char(out, '.');
	}
}

void rubric_event(const struct rubric_statement *s, int rating,
		  struct text *out)
{
	text_add(out, "{\"statement\":");
	text_json(out, s->id);
	text_addf(out, ",\"rating\":%d}", rating);
}

/* --- from the record -------------------------------------------------------- */

struct record {
	struct rubric_run *at;
	size_t count, cap;
};

static int systems_of(const struct catalog *c, const char *what)
{
	return (int)json_array_size(json_object_get(catalog_exercise(c, what,
						NULL), "systems"));
}

static void add_run(struct record *r, const struct catalog *c,
		    const struct competency *of, const struct evidence *e)
{
	struct text name = {0};

	if (r->count == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->at = mem_grow(r->at, r->cap * sizeof(*r->at));
	}
	text_addf(&name, "%s-%" PRId64, e->event.device, e->event.seq);
	r->at[r->count++] = (struct rubric_run){
		.run = text_take(&name), .competency = of->id,
		.kinds = e->kinds, .systems = systems_of(c, e->what),
		.result = e->result, .weight = e->weight,
		.mastery = of->mastery,
	};
}

static bool gather(struct record *r, struct store *s, const struct catalog *c,
		   const struct competencies *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct evidences e;

		if (all->at[i].last_ms == 0)
			continue;
		if (!progress_evidence(s, c, all->at[i].id, &e, err))
			return false;
		for (size_t k = 0; k < e.count; k++)
			add_run(r, c, &all->at[i], &e.at[k]);
		evidences_free(&e);
	}
	return true;
}

static void add_ratings(struct rubric_page *page, const struct ratings *r)
{
	for (size_t i = 0; i < page->count; i++) {
		struct rubric_row *row = &page->at[i];

		for (size_t k = 0; k < r->count; k++)
			if (strcmp(r->at[k].statement, row->statement->id) == 0) {
				row->rating = r->at[k].rating;
				row->rated_ms = r->at[k].at_ms;
			}
		page->rated += row->rating > 0;
	}
}

static void fill(const struct rubric *r, const struct record *record,
		 struct rubric_page *out)
{
	*out = (struct rubric_page){ .count = r->count };
	for (size_t i = 0; i < r->count; i++) {
		out->at[i].statement = &r->at[i];
		rubric_weigh(&r->at[i], record->at, record->count,
			     &out->at[i].says);
	}
}

bool rubric_look(const struct rubric *r, struct store *s,
		 const struct catalog *c, int64_t now_ms,
		 struct rubric_page *out, struct err *err)
{
	struct record record = {0};
	struct competencies all;
	struct ratings ratings;
	bool good = progress_competencies(s, c, now_ms, &all, err);

	if (good) {
		good = gather(&record, s, c, &all, err);
		competencies_free(&all);
	}
	if (good && (good = progress_ratings(s, &ratings, err))) {
		fill(r, &record, out);
		add_ratings(out, &ratings);
		ratings_free(&ratings);
	}
	for (size_t i = 0; i < record.count; i++)
		free((char *)record.at[i].run);
	free(record.at);
	return good;
}
