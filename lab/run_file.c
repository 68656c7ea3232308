/* run_file.c - a saved run: taking, writing and reading it */
#include "lab/run_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lab/paths.h"
#include "lab/version.h"
#include "sim/core/mem.h"

enum { TRACE_A_LINE = 256 };

static void *grow(void *at, size_t *cap, size_t size)
{
	*cap = *cap ? 2 * *cap : 256;
	at = mem_grow(at, *cap * size);
	return at;
}

static void trace_add(struct run *r, uint32_t digest)
{
	size_t cap = r->trace_cap;

	if (r->trace_count == cap)
		r->trace = grow(r->trace, &cap, sizeof(*r->trace));
	r->trace_cap = cap;
	r->trace[r->trace_count++] = digest;
}

static void mark_add(struct run *r, const struct digest_mark *mark)
{
	size_t cap = r->mark_cap;

	if (r->mark_count == cap)
		r->marks = grow(r->marks, &cap, sizeof(*r->marks));
	r->mark_cap = (uint32_t)cap;
	r->marks[r->mark_count++] = *mark;
}

void run_init(struct run *r, const struct world *w, const char *world,
	      uint64_t seed, const char *params, bool traced)
{
	*r = (struct run){ .world = mem_text(world), .params = mem_text(params),
			   .seed = seed, .made = w->journal.played };
	if (traced) {
		size_t cap = 0;

		r->trace = grow(NULL, &cap, sizeof(*r->trace));
		r->trace_cap = cap;
	}
}

void run_release(struct run *r)
{
	free(r->world);
	free(r->params);
	journal_release(&r->journal);
	free(r->marks);
	free(r->trace);
	*r = (struct run){0};
}

void run_until(struct run *r, struct world *w, sim_time until)
{
	while (r->trace && r->trace_count < w->state->events)
		trace_add(r, 0);	/* ran before we looked */
	while (r->trace && world_next(w) <= until) {
		uint64_t before = w->state->events;

		if (!world_step(w))
			break;
		if (w->state->events > before)
			trace_add(r, (uint32_t)world_digest(w));
	}
	world_run_until(w, until);
}

void run_take(struct run *r, const struct world *w)
{
	uint64_t marks = history_len(&w->history, w->state->marks) /
			 sizeof(struct digest_mark);

	r->until = world_now(w);
	r->events = w->state->events;
	r->digest = world_digest(w);
	journal_cut(&r->journal, 0);
	for (uint32_t i = r->made; i < w->journal.played; i++)
		journal_add(&r->journal, w->journal.entries[i].at,
			    w->journal.entries[i].events,
			    w->journal.entries[i].line);
	r->mark_count = 0;
	for (uint64_t i = 0; i < marks; i++)
		mark_add(r, history_at(&w->history, w->state->marks,
				       i * sizeof(struct digest_mark)));
}

/* --- writing ------------------------------------------------------------- */

void run_text(const struct run *r, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"kind\":\"millrace-run\","
		  "\"world\":", MILLRACE_SCHEMA);
	text_json(out, r->world);
	text_addf(out, ",\"seed\":%" PRIu64 ",\"params\":", r->seed);
	text_json(out, r->params);
	text_addf(out, ",\"until_ns\":%" PRId64 ",\"events\":%" PRIu64
		  ",\"digest\":\"%016" PRIx64 "\",\"entries\":%" PRIu32
		  ",\"marks\":%" PRIu32 ",\"traced\":%" PRIu64 "}\n",
		  r->until, r->events, r->digest, r->journal.count,
		  r->mark_count, r->trace_count);
	for (uint32_t i = 0; i < r->journal.count; i++) {
		const struct journal_entry *e = &r->journal.entries[i];

		text_addf(out, "{\"at\":%" PRId64 ",\"events\":%" PRIu64
			  ",\"line\":", e->at, e->events);
		text_json(out, e->line);
		text_add(out, "}\n");
	}
	for (uint32_t i = 0; i < r->mark_count; i++)
		text_addf(out, "{\"mark\":%" PRId64 ",\"events\":%" PRIu64
			  ",\"digest\":\"%016" PRIx64 "\"}\n", r->marks[i].at,
			  r->marks[i].events, r->marks[i].digest);
	for (uint64_t i = 0; i < r->trace_count; i++) {
		if (i % TRACE_A_LINE == 0)
			text_addf(out, "{\"trace\":%" PRIu64 ",\"digests\":\"",
				  i);
		text_addf(out, "%08" PRIx32, r->trace[i]);
		if (i % TRACE_A_LINE == TRACE_A_LINE - 1 ||
		    i + 1 == r->trace_count)
			text_add(out, "\"}\n");
	}
}

/* --- reading ------------------------------------------------------------- */

struct reader {
	struct run *run;
	const char *name;
	int line;
	json_t *t;			/* the document of this line */
	json_int_t entries, marks, traced;	/* promised by the header */
	struct err *err;
};

static bool bad(struct reader *r, const char *what)
{
	return err_set(r->err, "%s:%d: %s", r->name, r->line, what);
}

/* A whole number from 0 up. */
static bool number(struct reader *r, const char *key, json_int_t *out)
{
	const json_t *v = json_object_get(r->t, key);

	*out = json_integer_value(v);
	if (json_is_integer(v) && *out >= 0)
		return true;
	return err_set(r->err, "%s:%d: \"%s\" has to be a whole number from 0 "
		       "up", r->name, r->line, key);
}

static bool hex_value(const char *s, size_t digits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		const char *hex = "0123456789abcdef", *at;

		at = s[i] ? strchr(hex, s[i]) : NULL;
		if (!at)
			return false;
		*out = *out << 4 | (uint64_t)(at - hex);
	}
	return true;
}

static bool digest_of(struct reader *r, uint64_t *out)
{
	const char *s = json_string_value(json_object_get(r->t, "digest"));

	if (s && strlen(s) == 16 && hex_value(s, 16, out))
		return true;
	return bad(r, "\"digest\" has to be 16 hexadecimal digits");
}

static bool text_of(struct reader *r, const char *key, char **out)
{
	const char *s = json_string_value(json_object_get(r->t, key));

	if (!s)
		return err_set(r->err, "%s:%d: \"%s\" has to be a string",
			       r->name, r->line, key);
	free(*out);
	*out = mem_text(s);
	return true;
}

static bool read_header(struct reader *r)
{
	const char *kind = json_string_value(json_object_get(r->t, "kind"));
	json_int_t version, seed, until, events;
	struct run *run = r->run;

	if (!kind || strcmp(kind, "millrace-run") != 0)
		return bad(r, "this is no saved run (the first line has to say "
			   "\"kind\":\"millrace-run\")");
	if (!number(r, "schema_version", &version))
		return false;
	if (version != MILLRACE_SCHEMA)
		return err_set(r->err, "%s:%d: written in form %lld, this "
			       "Millrace reads form %d", r->name, r->line,
			       (long long)version, MILLRACE_SCHEMA);
	if (!text_of(r, "world", &run->world) ||
	    !text_of(r, "params", &run->params) ||
	    !number(r, "seed", &seed) || !number(r, "until_ns", &until) ||
	    !number(r, "events", &events) || !digest_of(r, &run->digest) ||
	    !number(r, "entries", &r->entries) ||
	    !number(r, "marks", &r->marks) || !number(r, "traced", &r->traced))
		return false;
	run->seed = (uint64_t)seed;
	run->until = until;
	run->events = (uint64_t)events;
	return true;
}

static bool read_entry(struct reader *r)
{
	struct journal *j = &r->run->journal;
	const struct journal_entry *last =
		j->count ? &j->entries[j->count - 1] : NULL;
	const char *line = json_string_value(json_object_get(r->t, "line"));
	json_int_t at, events;

	if (!number(r, "at", &at) || !number(r, "events", &events))
		return false;
	if (!line || strlen(line) > RUN_LINE_MAX)
		return bad(r, "\"line\" has to be a command");
	if (last && (at < last->at || (uint64_t)events < last->events))
		return bad(r, "lies before the command above it");
	if (at > r->run->until)
		return bad(r, "lies after the end of the run");
	if (j->count >= RUN_ENTRIES_MAX)
		return bad(r, "is one command too many");
	journal_add(j, at, (uint64_t)events, line);
	return true;
}

static bool read_mark(struct reader *r)
{
	struct run *run = r->run;
	struct digest_mark mark;
	json_int_t at, events;

	if (!number(r, "mark", &at) || !number(r, "events", &events) ||
	    !digest_of(r, &mark.digest))
		return false;
	if (run->mark_count && at <= run->marks[run->mark_count - 1].at)
		return bad(r, "lies before the mark above it");
	mark.at = at;
	mark.events = (uint64_t)events;
	mark_add(run, &mark);
	return true;
}

static bool read_trace(struct reader *r)
{
	const char *s = json_string_value(json_object_get(r->t, "digests"));
	json_int_t first;
	uint64_t digest;

	if (!number(r, "trace", &first))
		return false;
	if ((uint64_t)first != r->run->trace_count)
		return bad(r, "is not the part of the trace that comes here");
	if (!s || strlen(s) % 8)
		return bad(r, "\"digests\" has to be 8 hexadecimal digits an "
			   "event");
	for (; *s; s += 8) {
		if (!hex_value(s, 8, &digest))
			return bad(r, "\"digests\" has to be 8 hexadecimal "
				   "digits an event");
		trace_add(r->run, (uint32_t)digest);
	}
	return true;
}

static bool read_document(struct reader *r)
{
	if (r->line == 1)
		return read_header(r);
	if (json_object_get(r->t, "line"))
		return read_entry(r);
	if (json_object_get(r->t, "mark"))
		return read_mark(r);
	if (json_object_get(r->t, "trace"))
		return read_trace(r);
	return bad(r, "is neither a command nor a mark nor a trace");
}

static bool read_line(struct reader *r, const char *line, size_t len)
{
	json_error_t why;
	bool good;

	r->t = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!r->t)
		return err_set(r->err, "%s:%d: is no JSON: %s", r->name,
			       r->line, why.text);
	good = json_is_object(r->t) ? read_document(r) :
				      bad(r, "has to be a JSON object");
	json_decref(r->t);
	return good;
}

/* Everything the header promised is there, and nothing else. */
static bool check_counts(struct reader *r)
{
	const struct run *run = r->run;
	struct { const char *what; uint64_t have, want; } counts[] = {
		{ "commands", run->journal.count, (uint64_t)r->entries },
		{ "marks", run->mark_count, (uint64_t)r->marks },
		{ "traced events", run->trace_count, (uint64_t)r->traced },
	};

	for (size_t i = 0; i < 3; i++)
		if (counts[i].have != counts[i].want)
			return err_set(r->err, "%s:%d: the file ends here with "
				       "%" PRIu64 " of %" PRIu64 " %s; it is "
				       "damaged", r->name, r->line,
				       counts[i].have, counts[i].want,
				       counts[i].what);
	return true;
}

static bool parse(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;

	for (; text < end; r->line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		if (!read_line(r, text, (size_t)(stop - text)))
			return false;
		text = newline ? newline + 1 : end;
	}
	if (r->line == 1)
		return bad(r, "the file is empty");
	r->line--;
	return check_counts(r);
}

bool run_parse(struct run *run, const char *name, const char *text, size_t len,
	       struct err *err)
{
	struct reader r = { .run = run, .name = name, .line = 1, .err = err };

	*run = (struct run){0};
	if (parse(&r, text, len))
		return true;
	run_release(run);
	return false;
}

bool run_read(struct run *r, const char *path, struct err *err)
{
	struct text t = {0};
	bool good;

	*r = (struct run){0};
	good = path_read(path, RUN_BYTES_MAX, &t, err) &&
	       run_parse(r, path, text_cstr(&t), t.len, err);
	text_free(&t);
	return good;
}
