/* record.c - what a screen puts into the learner's log */
#include "lab/views/record.h"

#include <stdlib.h>

#include <jansson.h>

#include "lab/progress/store.h"
#include "lab/tui/app.h"

static bool put(struct app *a, enum event_kind kind, const char *body)
{
	struct err err;

	if (!a->outside.store)
		return false;
	if (store_append(a->outside.store, kind, body, app_now_ms(a), &err))
		return true;
	app_say(a, ROLE_WARN, "%s", err.what);
	return false;
}

bool record_body(struct app *a, const char *kind, const char *body)
{
	return put(a, event_kind_of(kind), body);
}

/* Takes the body. */
static bool record(struct app *a, enum event_kind kind, json_t *body)
{
	char *s = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	bool good;

	json_decref(body);
	if (!s)
		abort();
	good = put(a, kind, s);
	free(s);
	return good;
}

bool record_profile(struct app *a, const char *key, const char *value)
{
	return record(a, EVENT_PROFILE_SET,
		      json_pack("{s:s, s:s}", "key", key, "value", value));
}

bool record_lesson(struct app *a, const char *lesson, int64_t page,
		   int64_t pages)
{
	return record(a, EVENT_LESSON_READ,
		      json_pack("{s:s, s:I, s:I}", "lesson", lesson, "page",
				(json_int_t)page, "pages",
				(json_int_t)pages));
}

bool record_postponed(struct app *a, const char *card, int days)
{
	return record(a, EVENT_REVIEW_POSTPONED,
		      json_pack("{s:s, s:i}", "card", card, "days", days));
}
