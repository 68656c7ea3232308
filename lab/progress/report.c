/* report.c - progress to read: as text, as one JSON document, as a page */
#include "lab/progress/report.h"

#include <inttypes.h>
#include <string.h>

#include "lab/progress/day.h"
#include "lab/version.h"

/* Everything a report asks, once. */
struct facts {
	struct competencies list;
	struct level levels[PROGRESS_LEVELS];
	int held;
	struct week week;
	struct calibration sure;
	struct dues due;
};

static bool ask(const struct report *r, struct facts *f, struct err *err)
{
	memset(f, 0, sizeof(*f));
	if (!progress_competencies(r->store, r->catalog, r->now_ms, &f->list,
				   err) ||
	    !progress_week(r->store, r->now_ms, &f->week, err) ||
	    !progress_calibration(r->store, &f->sure, err) ||
	    !progress_due(r->store, r->catalog, r->now_ms, 0, &f->due, err))
		return false;
	f->held = progress_levels(&f->list, f->levels);
	return true;
}

static void release(struct facts *f)
{
	competencies_free(&f->list);
	week_release(&f->week);
	dues_free(&f->due);
}

static bool is_asked(const struct report *r, const struct competency *c)
{
	return r->only ? strcmp(r->only, c->id) == 0 : c->last_ms != 0;
}

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* --- text ----------------------------------------------------------------- */

static void level_lines(const struct facts *f, struct text *t)
{
	if (f->held)
		text_addf(t, "Level %d of %d is held.\n", f->held,
			  PROGRESS_LEVELS);
	else
		text_add(t, "No level is held yet.\n");
	for (int i = 0; i < PROGRESS_LEVELS; i++) {
		const struct level *l = &f->levels[i];

		text_addf(t, "  %d %-12s %-20s %2zu of %2zu shown, mastery "
			  "%.2f\n", l->level, l->title, l->when, l->shown,
			  l->competencies, l->mastery);
	}
}

static void week_lines(const struct facts *f, struct text *t)
{
	const struct week *w = &f->week;

	text_addf(t, "\nThis week: %" PRId64 " passed (%" PRId64 " at once), %"
		  PRId64 " of %" PRId64 " reviews recalled, %" PRId64
		  " minutes.\n", w->passed, w->first_try, w->recalled,
		  w->reviews, w->minutes);
	text_addf(t, "Due today: %zu review%s, about %" PRId64 " min.\n",
		  f->due.count, plural((int64_t)f->due.count),
		  f->due.minutes);
	for (int i = SURE_WORDS - 1; i >= 0; i--)
		if (f->sure.asked[i])
			text_addf(t, "When \"%s\": right in %" PRId64 " of %"
				  PRId64 ".\n", sure_words[i],
				  f->sure.right[i], f->sure.asked[i]);
}

static void competency_lines(const struct competency *c, struct text *t)
{
	text_addf(t, "%s%s %s: %s (level %d)\n", t->len ? "\n" : "",
		  c->shown ? "✓" : "·", c->id, c->title, c->level);
	if (!c->last_ms) {
		text_add(t, "    no evidence yet\n");
		return;
	}
	text_addf(t, "    mastery %.2f = known %.2f x recall %.2f; %" PRId64
		  " run%s, %" PRId64 " seed%s", c->mastery, c->known,
		  c->recall, c->runs, plural(c->runs), c->seeds,
		  plural(c->seeds));
	if (c->kinds) {
		text_add(t, "; ");
		kind_words(c->kinds, t);
	}
	text_char(t, '\n');
	if (!c->shown) {
		text_add(t, "    missing: ");
		competency_missing(c, t);
		text_char(t, '\n');
	}
}

static bool evidence_lines(const struct report *r, const char *id,
			   struct text *t, struct err *err)
{
	struct evidences e;
	char date[DAY_TEXT];

	if (!progress_evidence(r->store, r->catalog, id, &e, err))
		return false;
	for (size_t i = 0; i < e.count; i++) {
		const struct evidence *v = &e.at[i];

		day_text_ms(v->at_ms, date);
		text_addf(t, "    %s  %-32s seed %-5" PRId64 " ", date,
			  v->what, v->seed);
		text_addf(t, v->hints ? "hints %-2" PRId64 : "no help ",
			  v->hints);
		text_addf(t, "  %-8s  %.2f to %.2f  event %s/%" PRId64 "\n",
			  evidence_result_name(v->result), v->mastery_before,
			  v->mastery_after, v->event.device, v->event.seq);
	}
	evidences_free(&e);
	return true;
}

bool report_text(const struct report *r, struct text *out, struct err *err)
{
	struct facts f;
	size_t shown = 0;
	bool good = ask(r, &f, err);

	if (good && !r->only) {
		level_lines(&f, out);
		week_lines(&f, out);
	}
	for (size_t i = 0; good && i < f.list.count; i++) {
		const struct competency *c = &f.list.at[i];

		if (!is_asked(r, c))
			continue;
		shown++;
		competency_lines(c, out);
		good = evidence_lines(r, c->id, out, err);
	}
	if (good && !r->only)
		text_addf(out, "\n%zu of %zu competencies have evidence; "
			  "`millrace progress ID` shows one.\n", shown,
			  f.list.count);
	release(&f);
	return good;
}

/* --- JSON ----------------------------------------------------------------- */

static void add(struct text *t, const char *key, const char *value)
{
	text_addf(t, "\"%s\":", key);
	text_json(t, value);
}

static const char *truth(bool is)
{
	return is ? "true" : "false";
}

static void ref_json(const struct event_ref *ref, struct text *t)
{
	text_addf(t, "\"event\":{\"device\":\"%s\",\"seq\":%" PRId64 "}",
		  ref->device, ref->seq);
}

static bool evidence_json(const struct report *r, const char *id,
			  struct text *t, struct err *err)
{
	struct evidences e;

	if (!progress_evidence(r->store, r->catalog, id, &e, err))
		return false;
	text_add(t, ",\"evidence\":[");
	for (size_t i = 0; i < e.count; i++) {
		const struct evidence *v = &e.at[i];

		text_addf(t, "%s{\"at_wall_ms\":%" PRId64 ",", i ? "," : "",
			  v->at_ms);
		add(t, "what", v->what);
		text_char(t, ',');
		add(t, "attempt", v->attempt);
		text_addf(t, ",\"seed\":%" PRId64 ",\"hints\":%" PRId64 ",",
			  v->seed, v->hints);
		add(t, "result", evidence_result_name(v->result));
		text_addf(t, ",\"weight\":%.4f,\"mastery_before\":%.4f,"
			  "\"mastery_after\":%.4f,\"theta_before\":%.4f,"
			  "\"theta_after\":%.4f,", v->weight,
			  v->mastery_before, v->mastery_after, v->theta_before,
			  v->theta_after);
		ref_json(&v->event, t);
		text_char(t, '}');
	}
	text_char(t, ']');
	evidences_free(&e);
	return true;
}

static bool competency_json(const struct report *r, const struct competency *c,
			    struct text *t, struct err *err)
{
	struct text words = {0};

	text_char(t, '{');
	add(t, "id", c->id);
	text_char(t, ',');
	add(t, "title", c->title);
	text_addf(t, ",\"level\":%d,\"mastery\":%.4f,\"known\":%.4f,"
		  "\"recall\":%.4f,\"theta\":%.4f,\"runs\":%" PRId64
		  ",\"seeds\":%" PRId64 ",", c->level, c->mastery, c->known,
		  c->recall, c->theta, c->runs, c->seeds);
	kind_words(c->kinds, &words);
	add(t, "kinds", text_cstr(&words));
	text_clear(&words);
	competency_missing(c, &words);
	text_addf(t, ",\"shown\":%s,", truth(c->shown));
	add(t, "missing", text_cstr(&words));
	text_free(&words);
	if (!evidence_json(r, c->id, t, err))
		return false;
	text_char(t, '}');
	return true;
}

static void levels_json(const struct facts *f, struct text *t)
{
	text_addf(t, ",\"level\":%d,\"levels\":[", f->held);
	for (int i = 0; i < PROGRESS_LEVELS; i++) {
		const struct level *l = &f->levels[i];

		text_addf(t, "%s{\"level\":%d,", i ? "," : "", l->level);
		add(t, "title", l->title);
		text_addf(t, ",\"competencies\":%zu,\"shown\":%zu,"
			  "\"mastery\":%.4f}", l->competencies, l->shown,
			  l->mastery);
	}
	text_char(t, ']');
}

static void week_json(const struct facts *f, struct text *t)
{
	const struct week *w = &f->week;

	text_addf(t, ",\"week\":{\"passed\":%" PRId64 ",\"first_try\":%" PRId64
		  ",\"gave_up\":%" PRId64 ",\"reviews\":%" PRId64
		  ",\"recalled\":%" PRId64 ",\"minutes\":%" PRId64
		  ",\"events\":[", w->passed, w->first_try, w->gave_up,
		  w->reviews, w->recalled, w->minutes);
	for (int64_t i = 0; i < w->passed; i++) {
		text_add(t, i ? ",{" : "{");
		ref_json(&w->events[i], t);
		text_char(t, '}');
	}
	text_addf(t, "]},\"due\":%zu,\"calibration\":[", f->due.count);
	for (int i = 0; i < SURE_WORDS; i++)
		text_addf(t, "%s{\"sure\":\"%s\",\"asked\":%" PRId64
			  ",\"right\":%" PRId64 "}", i ? "," : "",
			  sure_words[i], f->sure.asked[i], f->sure.right[i]);
	text_char(t, ']');
}

bool report_json(const struct report *r, struct text *out, struct err *err)
{
	struct facts f;
	const char *comma = "";
	bool good = ask(r, &f, err);

	if (good) {
		text_addf(out, "{\"schema_version\":%d", MILLRACE_SCHEMA);
		levels_json(&f, out);
		week_json(&f, out);
		text_add(out, ",\"competencies\":[");
	}
	for (size_t i = 0; good && i < f.list.count; i++) {
		if (!is_asked(r, &f.list.at[i]))
			continue;
		text_add(out, comma);
		comma = ",";
		good = competency_json(r, &f.list.at[i], out, err);
	}
	text_add(out, "]}\n");
	release(&f);
	return good;
}

/* --- a page --------------------------------------------------------------- */

static void escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		if (*s == '<')
			text_add(t, "&lt;");
		else if (*s == '>')
			text_add(t, "&gt;");
		else if (*s == '&')
			text_add(t, "&amp;");
		else if (*s == '"')
			text_add(t, "&quot;");
		else if (*s == '\'')
			text_add(t, "&#39;");
		else
			text_char(t, *s);
	}
}

static void cell(struct text *t, const char *s)
{
	text_add(t, "<td>");
	escaped(t, s);
	text_add(t, "</td>");
}

static bool evidence_rows(const struct report *r, const char *id,
			  struct text *t, struct err *err)
{
	struct evidences e;
	char date[DAY_TEXT];

	if (!progress_evidence(r->store, r->catalog, id, &e, err))
		return false;
	text_add(t, "<table><tr><th>when</th><th>evidence</th><th>seed</th>"
		 "<th>hints</th><th>result</th><th>mastery</th><th>event</th>"
		 "</tr>\n");
	for (size_t i = 0; i < e.count; i++) {
		const struct evidence *v = &e.at[i];

		day_text_ms(v->at_ms, date);
		text_add(t, "<tr>");
		cell(t, date);
		cell(t, v->title);
		text_addf(t, "<td>%" PRId64 "</td><td>%" PRId64 "</td>",
			  v->seed, v->hints);
		cell(t, evidence_result_name(v->result));
		text_addf(t, "<td>%.2f to %.2f</td><td>%s/%" PRId64
			  "</td></tr>\n", v->mastery_before, v->mastery_after,
			  v->event.device, v->event.seq);
	}
	text_add(t, "</table>\n");
	evidences_free(&e);
	return true;
}

static bool section(const struct report *r, const struct competency *c,
		    struct text *t, struct err *err)
{
	struct text words = {0};

	text_add(t, "<h2>");
	escaped(t, c->title);
	text_addf(t, "</h2>\n<p><code>");
	escaped(t, c->id);
	text_addf(t, "</code>, level %d: mastery %.2f = known %.2f &times; "
		  "recall %.2f. ", c->level, c->mastery, c->known, c->recall);
	competency_missing(c, &words);
	if (words.len) {
		text_add(t, "Missing: ");
		escaped(t, text_cstr(&words));
		text_char(t, '.');
	} else {
		text_add(t, "Shown.");
	}
	text_add(t, "</p>\n");
	text_free(&words);
	return evidence_rows(r, c->id, t, err);
}

static void head(const struct report *r, const struct facts *f,
		 struct text *t)
{
	char date[DAY_TEXT];

	day_text_ms(r->now_ms, date);
	text_addf(t, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset="
		  "\"utf-8\"><title>Progress, %s</title>\n<style>body{font:"
		  "16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:"
		  "0 1em}table{border-collapse:collapse}td,th{border:1px solid "
		  "#888;padding:.2em .6em;text-align:left}</style></head>\n"
		  "<body><h1>Progress, %s</h1>\n<p>Computed from a log of %"
		  PRId64 " events on a machine of the learner's; it proves "
		  "nothing by itself. A grader plays the runs again.</p>\n"
		  "<table><tr><th>level</th><th></th><th>shown</th><th>mastery"
		  "</th></tr>\n", date, date, store_count(r->store));
	for (int i = 0; i < PROGRESS_LEVELS; i++) {
		const struct level *l = &f->levels[i];

		text_addf(t, "<tr><td>%d</td><td>%s</td><td>%zu of %zu</td>"
			  "<td>%.2f</td></tr>\n", l->level, l->title, l->shown,
			  l->competencies, l->mastery);
	}
	text_add(t, "</table>\n");
}

bool report_html(const struct report *r, struct text *out, struct err *err)
{
	struct facts f;
	bool good = ask(r, &f, err);

	if (good)
		head(r, &f, out);
	for (size_t i = 0; good && i < f.list.count; i++)
		if (is_asked(r, &f.list.at[i]))
			good = section(r, &f.list.at[i], out, err);
	text_add(out, "</body></html>\n");
	release(&f);
	return good;
}
