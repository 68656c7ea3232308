/* help.h - what the tests of progress share: a home, bodies, rebuilt == live */
#ifndef TESTS_PROGRESS_HELP_H
#define TESTS_PROGRESS_HELP_H

#include "tests/test.h"

#include <inttypes.h>
#include <unistd.h>

#include "lab/progress/progress.h"
#include "lab/progress/projection.h"

/* Monday 2026-01-05 12:00 UTC; a day is counted from 04:00. */
#define NOON	INT64_C(1767614400000)
#define DAY_MS	(INT64_C(24) * 3600 * 1000)
#define AT(day)	(NOON + (day) * DAY_MS)

static inline void home_make(char home[64])
{
	strcpy(home, "/tmp/millrace-progress-XXXXXX");
	assert_non_null(mkdtemp(home));
}

static inline void home_remove(const char *home)
{
	char command[128];

	assert_true(strncmp(home, "/tmp/millrace-progress-", 23) == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	assert_int_equal(system(command), 0);
}

static inline struct store *store_here(const char *home, int64_t now_ms)
{
	struct store_options o = { .now_ms = now_ms, .device = "first",
				   .place = STORE_LOCAL };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

/* Every test ends with it: the log alone gives what the tables say, and the
 * chain is whole. */
static inline void store_done(struct store *s)
{
	struct err err;

	if (!projection_check(s, &err) || !store_verify(s, &err))
		fail_msg("%s", err.what);
	store_close(s);
}

__attribute__((format(printf, 4, 5)))
static inline void say(struct store *s, int64_t at_ms, enum event_kind kind,
		       const char *fmt, ...)
{
	char body[2048];
	struct err err;
	va_list args;

	va_start(args, fmt);
	vsnprintf(body, sizeof(body), fmt, args);
	va_end(args);
	if (!store_append(s, kind, body, at_ms, &err))
		fail_msg("%s", err.what);
}

static inline void started(struct store *s, int64_t at_ms, const char *attempt,
			   const char *exercise, int64_t seed,
			   const char *purpose)
{
	say(s, at_ms, EVENT_ATTEMPT_STARTED, "{\"attempt\":\"%s\",\"exercise\":"
	    "\"%s\",\"module_version\":\"1.0.0\",\"hash\":\"h\",\"seed\":%"
	    PRId64 ",\"purpose\":\"%s\",\"world\":\"local-kafka\","
	    "\"difficulty\":4,\"competencies\":{\"kafka.topics\":1}}", attempt,
	    exercise, seed, purpose);
}

struct grade {
	const char *status, *kind, *competencies;
	int points, tries, hints;
	double minutes;
	bool solution;
};

static inline void graded(struct store *s, int64_t at_ms, const char *attempt,
			  struct grade g)
{
	say(s, at_ms, EVENT_ATTEMPT_GRADED, "{\"attempt\":\"%s\",\"verdict\":{"
	    "\"status\":\"%s\",\"points\":%d,\"points_max\":10,\"hint_cost\":0"
	    ",\"tasks\":[{\"id\":\"t1\",\"kind\":\"%s\",\"status\":\"%s\","
	    "\"points\":%d,\"points_max\":10}],\"competencies\":%s},"
	    "\"tries\":%d,\"hints\":%d,\"minutes\":%.1f,\"par_minutes\":20,"
	    "\"solution\":%s}", attempt, g.status, g.points, g.kind, g.status,
	    g.points, g.competencies ? g.competencies :
	    "{\"kafka.topics\":1}", g.tries, g.hints, g.minutes,
	    g.solution ? "true" : "false");
}

static inline void ended(struct store *s, int64_t at_ms, const char *attempt,
			 const char *how)
{
	say(s, at_ms, EVENT_ATTEMPT_ENDED, "{\"attempt\":\"%s\",\"how\":\"%s\","
	    "\"at_sim\":730000000000}", attempt, how);
}

/* Started, passed and ended at once. */
static inline void passed(struct store *s, int64_t at_ms, const char *attempt,
			  const char *exercise, int64_t seed, const char *kind)
{
	started(s, at_ms, attempt, exercise, seed, "learn");
	graded(s, at_ms, attempt, (struct grade){ "pass", kind, NULL, 10, 1, 0,
						  10, false });
	ended(s, at_ms, attempt, "passed");
}

static inline void answered(struct store *s, int64_t at_ms, const char *item,
			    int64_t variant, bool right, const char *sure,
			    bool looked)
{
	say(s, at_ms, EVENT_ITEM_ANSWERED, "{\"item\":\"%s\",\"variant\":%"
	    PRId64 ",\"competencies\":{\"stream.time\":1},\"options\":4,"
	    "\"answer\":3,\"right\":%s,\"sure\":\"%s\",\"looked\":%s}", item,
	    variant, right ? "true" : "false", sure,
	    looked ? "true" : "false");
}

#endif
