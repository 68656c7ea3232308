/* event.c - what can happen to a learner, as a versioned contract */
#include "lab/progress/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/hash.h"

enum field_type { TEXT, WHOLE, NUMBER, YES_NO, TABLE, ANY };

struct field {
	const char *name;
	enum field_type type;
	bool maybe;			/* may be absent */
	const char *const *words;	/* TEXT: one of these */
	int64_t low, high;		/* WHOLE: when they differ */
};

static const char *const purposes[] = { "learn", "review", "free", NULL };
static const char *const ends[] = { "passed", "gave_up", "left", "reset",
				    "quit", NULL };
static const char *const sure[] = { "guess", "likely", "sure", NULL };

#define MANY	INT64_C(1000000000)
#define F(n, t, ...)	{ .name = n, .type = t, __VA_ARGS__ }
#define END		{ .name = NULL }

static const struct field profile_set[] = {
	F("key", TEXT), F("value", ANY), END,
};
static const struct field lesson_read[] = {
	F("lesson", TEXT), F("page", WHOLE, .low = 1, .high = MANY),
	F("pages", WHOLE, .low = 1, .high = MANY), END,
};
static const struct field attempt_started[] = {
	F("attempt", TEXT), F("exercise", TEXT), F("module_version", TEXT),
	F("hash", TEXT), F("seed", WHOLE),
	F("purpose", TEXT, .words = purposes), F("world", TEXT),
	F("difficulty", NUMBER, .maybe = true),
	F("competencies", TABLE, .maybe = true), END,
};
static const struct field attempt_op[] = {
	F("attempt", TEXT), F("n", WHOLE, .low = 0, .high = MANY),
	F("op", ANY), F("task", TEXT, .maybe = true), END,
};
static const struct field attempt_graded[] = {
	F("attempt", TEXT), F("verdict", TABLE),
	F("tries", WHOLE, .low = 0, .high = MANY),
	F("hints", WHOLE, .low = 0, .high = MANY), F("minutes", NUMBER),
	F("par_minutes", NUMBER), F("solution", YES_NO, .maybe = true), END,
};
static const struct field attempt_ended[] = {
	F("attempt", TEXT), F("how", TEXT, .words = ends),
	F("at_sim", WHOLE), END,
};
static const struct field item_answered[] = {
	F("item", TEXT), F("variant", WHOLE), F("competencies", TABLE),
	F("options", WHOLE, .low = 0, .high = MANY), F("answer", ANY),
	F("right", YES_NO), F("sure", TEXT, .words = sure),
	F("looked", YES_NO), F("difficulty", NUMBER, .maybe = true), END,
};
static const struct field rubric_rated[] = {
	F("statement", TEXT), F("rating", WHOLE, .low = 1, .high = 5), END,
};
static const struct field review_postponed[] = {
	F("card", TEXT), F("days", WHOLE, .low = 1, .high = 3650), END,
};
static const struct field card_added[] = {
	F("card", TEXT), F("exercise", TEXT), F("competency", TEXT), END,
};
static const struct field verdict[] = {
	F("status", TEXT), F("points", NUMBER), F("points_max", NUMBER),
	F("hint_cost", NUMBER), F("tasks", ANY), F("competencies", TABLE),
	END,
};

/* Brings a body one version up, in place. */
typedef bool (*upcast)(json_t *body, struct err *err);

enum { VERSIONS = 4 };

static bool item_answered_2(json_t *body, struct err *err);

static const struct kind {
	const char *name;
	const struct field *fields;
	int version;			/* the present one, from 1 */
	upcast from[VERSIONS];		/* [v]: from version v to v + 1 */
} kinds[EVENT_KINDS] = {
	[EVENT_PROFILE_SET] = { "profile.set", profile_set, 1, {0} },
	[EVENT_LESSON_READ] = { "lesson.read", lesson_read, 1, {0} },
	[EVENT_ATTEMPT_STARTED] = { "attempt.started", attempt_started, 1,
				    {0} },
	[EVENT_ATTEMPT_OP] = { "attempt.op", attempt_op, 1, {0} },
	[EVENT_ATTEMPT_GRADED] = { "attempt.graded", attempt_graded, 1, {0} },
	[EVENT_ATTEMPT_ENDED] = { "attempt.ended", attempt_ended, 1, {0} },
	[EVENT_ITEM_ANSWERED] = { "item.answered", item_answered, 2,
				  { [1] = item_answered_2 } },
	[EVENT_RUBRIC_RATED] = { "rubric.rated", rubric_rated, 1, {0} },
	[EVENT_REVIEW_POSTPONED] = { "review.postponed", review_postponed, 1,
				     {0} },
	[EVENT_CARD_ADDED] = { "card.added", card_added, 1, {0} },
};

/* Version 1 did not tell looking first from recalling. */
static bool item_answered_2(json_t *body, struct err *err)
{
	(void)err;
	if (!json_object_get(body, "looked"))
		json_object_set_new(body, "looked", json_false());
	return true;
}

const char *event_kind_name(enum event_kind k)
{
	return k < EVENT_KINDS ? kinds[k].name : "unknown";
}

enum event_kind event_kind_of(const char *name)
{
	for (int k = 0; k < EVENT_KINDS; k++)
		if (strcmp(kinds[k].name, name) == 0)
			return (enum event_kind)k;
	return EVENT_UNKNOWN;
}

int event_version(enum event_kind k)
{
	return k < EVENT_KINDS ? kinds[k].version : 0;
}

void event_release(struct event *e)
{
	free(e->body);
	json_decref(e->json);
	memset(e, 0, sizeof(*e));
}

/* --- the form of a body --------------------------------------------------- */

static bool is_word(const char *const *words, const char *s)
{
	for (; *words; words++)
		if (strcmp(*words, s) == 0)
			return true;
	return false;
}

static bool fits(const struct field *f, const json_t *v)
{
	json_int_t n = json_integer_value(v);

	switch (f->type) {
	case TEXT:
		return json_is_string(v) &&
		       (!f->words || is_word(f->words, json_string_value(v)));
	case WHOLE:
		return json_is_integer(v) &&
		       (f->low == f->high || (n >= f->low && n <= f->high));
	case NUMBER:
		return json_is_number(v);
	case YES_NO:
		return json_is_boolean(v);
	case TABLE:
		return json_is_object(v);
	case ANY:
		return v != NULL;
	}
	return false;
}

static bool check(const char *name, const struct field *f, const json_t *body,
		  struct err *err)
{
	static const char *const want[] = {
		[TEXT] = "a text", [WHOLE] = "a whole number",
		[NUMBER] = "a number", [YES_NO] = "true or false",
		[TABLE] = "an object", [ANY] = "there",
	};

	if (!json_is_object(body))
		return err_set(err, "%s: the body is no JSON object", name);
	for (; f->name; f++) {
		const json_t *v = json_object_get(body, f->name);

		if (!v && f->maybe)
			continue;
		if (!fits(f, v))
			return err_set(err, "%s: `%s` has to be %s%s", name,
				       f->name, want[f->type],
				       f->words ? " of those in event.h" :
				       f->low != f->high ? " in its range" :
				       "");
	}
	return true;
}

/* Weights of competencies are shares. */
static bool check_weights(const char *name, const json_t *weights,
			  struct err *err)
{
	const char *id;
	json_t *v;

	json_object_foreach((json_t *)weights, id, v)
		if (!json_is_number(v) || json_number_value(v) < 0 ||
		    json_number_value(v) > 1)
			return err_set(err, "%s: the weight of %s has to be a "
				       "number from 0 to 1", name, id);
	return true;
}

bool event_check(enum event_kind k, const json_t *body, struct err *err)
{
	const json_t *v;

	if (k >= EVENT_KINDS)
		return err_set(err, "there is no such kind of event");
	if (!check(kinds[k].name, kinds[k].fields, body, err))
		return false;
	v = json_object_get(body, "verdict");
	if (k == EVENT_ATTEMPT_GRADED &&
	    !check("attempt.graded.verdict", verdict, v, err))
		return false;
	v = json_object_get(v ? v : body, "competencies");
	return !json_is_object(v) || check_weights(kinds[k].name, v, err);
}

json_t *event_upcast(enum event_kind k, int version, const char *body,
		     struct err *err)
{
	json_error_t why;
	json_t *json = json_loads(body, JSON_DECODE_ANY, &why);

	if (!json) {
		err_set(err, "%s: the body is no JSON: %s",
			event_kind_name(k), why.text);
		return NULL;
	}
	if (k == EVENT_UNKNOWN || version > kinds[k].version)
		return json;
	for (int v = version < 1 ? 1 : version; v < kinds[k].version; v++)
		if (!kinds[k].from[v](json, err)) {
			json_decref(json);
			return NULL;
		}
	return json;
}

/* --- the chain ------------------------------------------------------------ */

static void add(struct hash *h, const char *s)
{
	hash_add(h, s, strlen(s));
	hash_add(h, "\n", 1);
}

static void add_number(struct hash *h, int64_t n)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%" PRId64, n);
	add(h, buf);
}

/* One field a line; only the body may hold others than these, and it is
 * last but for the previous hash, whose length is fixed. */
void event_hash(const struct event *e, char out[EVENT_HASH + 1])
{
	struct hash h;

	hash_init(&h);
	add(&h, e->device);
	add_number(&h, e->seq);
	add_number(&h, e->at_ms);
	add(&h, e->kind_name);
	add_number(&h, e->version);
	add(&h, e->body);
	add(&h, e->prev);
	hash_hex(&h, out);
}

/* --- a line of JSON ------------------------------------------------------- */

#define BODY	",\"body\":"

/* The body stands last and as it is: its bytes are what was hashed. */
void event_line(const struct event *e, struct text *out)
{
	text_addf(out, "{\"device\":\"%s\",\"seq\":%" PRId64 ",\"at_wall_ms\":%"
		  PRId64 ",\"kind\":\"%s\",\"version\":%d,\"prev_hash\":\"%s\""
		  ",\"hash\":\"%s\"" BODY "%s}\n", e->device, e->seq, e->at_ms,
		  e->kind_name, e->version, e->prev, e->hash, e->body);
}

static bool take_text(const json_t *line, const char *key, char *out,
		      size_t cap)
{
	const char *s = json_string_value(json_object_get(line, key));

	if (!s || strlen(s) >= cap)
		return false;
	strcpy(out, s);
	return true;
}

static bool is_hex(const char *s, size_t len)
{
	return strlen(s) == len && strspn(s, "0123456789abcdef") == len;
}

static bool take_fields(const json_t *line, struct event *e)
{
	const json_t *seq = json_object_get(line, "seq");
	const json_t *at = json_object_get(line, "at_wall_ms");
	const json_t *version = json_object_get(line, "version");

	e->seq = json_integer_value(seq);
	e->at_ms = json_integer_value(at);
	e->version = (int)json_integer_value(version);
	return json_is_integer(at) && e->seq >= 1 && e->version >= 1 &&
	       take_text(line, "device", e->device, sizeof(e->device)) &&
	       take_text(line, "kind", e->kind_name, sizeof(e->kind_name)) &&
	       take_text(line, "prev_hash", e->prev, sizeof(e->prev)) &&
	       take_text(line, "hash", e->hash, sizeof(e->hash)) &&
	       is_hex(e->device, EVENT_DEVICE) && is_hex(e->prev, EVENT_HASH) &&
	       is_hex(e->hash, EVENT_HASH) &&
	       strspn(e->kind_name, "abcdefghijklmnopqrstuvwxyz._") ==
		       strlen(e->kind_name);
}

/* Names and hashes hold no quotes, so the first mark is the body's. */
static bool take_body(const char *line, size_t len, struct event *e)
{
	struct text t = {0}, body = {0};
	const char *mark;
	bool good = false;

	text_bytes(&t, line, len);
	mark = strstr(text_cstr(&t), BODY);
	if (mark && t.at[t.len - 1] == '}') {
		mark += strlen(BODY);
		text_bytes(&body, mark, (size_t)(t.at + t.len - 1 - mark));
		e->body = text_take(&body);
		good = true;
	}
	text_free(&t);
	return good;
}

bool event_parse(const char *line, size_t len, struct event *e,
		 struct err *err)
{
	char hash[EVENT_HASH + 1];
	json_error_t why;
	json_t *json = json_loadb(line, len, 0, &why);
	bool good;

	memset(e, 0, sizeof(*e));
	if (!json)
		return err_set(err, "is no JSON: %s", why.text);
	good = take_fields(json, e) && take_body(line, len, e);
	json_decref(json);
	if (!good) {
		event_release(e);
		return err_set(err, "is no event of `progress export`");
	}
	event_hash(e, hash);
	if (strcmp(hash, e->hash) != 0) {
		err_set(err, "was changed after it was written: event %" PRId64
			" of device %s does not give its hash", e->seq,
			e->device);
		event_release(e);
		return false;
	}
	e->kind = event_kind_of(e->kind_name);
	e->json = event_upcast(e->kind, e->version, e->body, err);
	if (e->json && !json_is_object(e->json))
		err_set(err, "has a body that is no JSON object");
	good = json_is_object(e->json) &&
	       (e->version > event_version(e->kind) ||
		event_check(e->kind, e->json, err));
	if (!good)
		event_release(e);
	return good;
}
