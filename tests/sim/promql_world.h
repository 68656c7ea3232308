/* promql_world.h - a world that holds nothing but series, for tests
 *
 * Series are written as promtool's unit tests write them: a selector and its
 * values 15 s apart from time 0, "0+10x5" is 0 10 20 30 40 50, "_" no sample,
 * "stale" a staleness marker.
 */
#ifndef TESTS_SIM_PROMQL_WORLD_H
#define TESTS_SIM_PROMQL_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/host/host.h"
#include "sim/telemetry/telemetry.h"
#include "sim/tsdb/number.h"
#include "sim/tsdb/series.h"

#define SERIES_STEP_MS	15000

struct series_text {
	const char *series, *values;
};

static inline struct world *series_world(void)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_HOST] = &host_module,
		[MODULE_TELEMETRY] = &telemetry_module,
	};
	struct world *w = world_new(&(struct world_spec){
		.seed = 1, .arena_bytes = (size_t)16 << 20, .modules = modules,
	});

	hosts_init(w);
	telemetry_init(w);
	return w;
}

/* name{a="b",c="d"} */
static inline struct series *series_parse(struct world *w, struct tsdb *db,
					  const char *text)
{
	size_t len = strcspn(text, "{");
	const char *s = text + len + (text[len] == '{');
	struct names *names = &w->state->names;
	name_id name = names_intern_bytes(names, &w->arena, text, len);
	struct label labels[16];
	uint32_t count = 0;

	while (*s && *s != '}') {
		size_t name_len = strcspn(s, "="), value_len;
		const char *value = s + name_len + 2;

		value_len = strcspn(value, "\"");
		labels[count].name = names_intern_bytes(names, &w->arena, s,
							name_len);
		labels[count++].value = names_intern_bytes(names, &w->arena,
							   value, value_len);
		s = value + value_len + 1;
		s += strspn(s, ", ");
	}
	return tsdb_series(w, db, name, labels_make(w, labels, count));
}

/* Samples that "0+10x5" or a plain "7" stands for. */
static inline long run_length(const char *token)
{
	const char *x = strchr(token, 'x');

	return x ? strtol(x + 1, NULL, 10) + 1 : 1;
}

static inline double run_value(const char *token, long k)
{
	char first[32];		/* up to the x: "0x5" is no hex number here */
	char *rest;
	double v;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(token, "x"), token);
	v = strtod(first, &rest);
	return *rest ? v + strtod(rest, NULL) * (double)k : v;
}

/* Append what a series has at a step, if it has something there. */
static inline void load_step(struct world *w, struct tsdb *db,
			     const struct series_text *text, long step)
{
	struct series *s = series_parse(w, db, text->series);
	const char *at = text->values;

	for (long k = 0; *at; at += strspn(at, " ")) {
		char token[32];
		size_t len = strcspn(at, " ");
		long run;

		snprintf(token, sizeof(token), "%.*s", (int)len, at);
		run = run_length(token);
		if (step >= k && step < k + run && strcmp(token, "_"))
			tsdb_append(w, db, s, step * SERIES_STEP_MS,
				    strcmp(token, "stale") ?
				    run_value(token, step - k) :
				    number_stale());
		k += run;
		at += len;
	}
}

/* In order of time over all series, as scrapes would come. */
static inline void series_load(struct world *w, struct tsdb *db,
			       const struct series_text *all, size_t count)
{
	for (long step = 0; step < 200; step++)
		for (size_t i = 0; i < count; i++)
			load_step(w, db, &all[i], step);
}

#endif
