/* prometheus_targets.c - /api/v1/targets
 *
 * What the server scrapes, and how the last scrape of each went: the first
 * page to look at when a metric is missing.
 */
#include "sim/face/prometheus_inside.h"

#include <string.h>

#include "sim/tsdb/number.h"

/* A span as Prometheus's model.Duration prints it: 15s, 1m, 1m30s. */
static void put_duration(struct text *t, const char *name, sim_time span,
			 const char *behind)
{
	struct text s = {0};
	int64_t ms = span / 1000000;

	if (ms / 3600000)
		text_addf(&s, "%lldh", (long long)(ms / 3600000));
	if (ms / 60000 % 60)
		text_addf(&s, "%lldm", (long long)(ms / 60000 % 60));
	if (ms / 1000 % 60)
		text_addf(&s, "%llds", (long long)(ms / 1000 % 60));
	if (ms % 1000)
		text_addf(&s, "%lldms", (long long)(ms % 1000));
	answer_pair(t, name, text_cstr(&s), behind);
	text_free(&s);
}

/* RFC 3339 with nanoseconds, without zeros at the end. */
static void put_date(struct text *t, const char *name, sim_time at)
{
	struct text s = {0};
	char date[32];

	if (at < 0) {
		answer_pair(t, name, "0001-01-01T00:00:00Z", ",");
		return;
	}
	simtime_wall_text(&s, at);	/* 2026-01-05 08:00:01,250 */
	memcpy(date, text_cstr(&s), 19);
	date[10] = 'T';
	date[19] = '\0';
	text_clear(&s);
	text_add(&s, date);
	if (at % SIM_S(1)) {
		text_addf(&s, ".%09d", (int)(at % SIM_S(1)));
		while (s.at[s.len - 1] == '0')
			s.at[--s.len] = '\0';
	}
	text_char(&s, 'Z');
	answer_pair(t, name, text_cstr(&s), ",");
	text_free(&s);
}

static void put_target(const struct request *r, struct text *t,
		       const struct target *g)
{
	static const char *const health[] = {
		[HEALTH_UNKNOWN] = "unknown", [HEALTH_UP] = "up",
		[HEALTH_DOWN] = "down",
	};
	const char *instance = world_text(r->w, g->instance);
	const char *job = world_text(r->w, g->job);
	struct text s = {0};

	text_add(t, "{\"discoveredLabels\":{");
	answer_pair(t, "__address__", instance, ",");
	answer_pair(t, "__metrics_path__", "/metrics", ",");
	answer_pair(t, "__scheme__", "http", ",");
	put_duration(t, "__scrape_interval__", r->m->scrape_interval, ",");
	put_duration(t, "__scrape_timeout__", r->m->scrape_timeout, ",");
	answer_pair(t, "job", job, "},\"labels\":{");
	answer_pair(t, "instance", instance, ",");
	answer_pair(t, "job", job, "},");
	answer_pair(t, "scrapePool", job, ",");
	text_addf(&s, "http://%s/metrics", instance);
	answer_pair(t, "scrapeUrl", text_cstr(&s), ",");
	answer_pair(t, "globalUrl", text_cstr(&s), ",");
	text_clear(&s);
	target_error_text(r->w, g, &s);
	answer_pair(t, "lastError", text_cstr(&s), ",");
	put_date(t, "lastScrape", g->last_scrape);
	text_add(t, "\"lastScrapeDuration\":");
	number_text(t, (double)g->last_duration / 1e9);
	text_char(t, ',');
	answer_pair(t, "health", health[g->health], ",");
	put_duration(t, "scrapeInterval", r->m->scrape_interval, ",");
	put_duration(t, "scrapeTimeout", r->m->scrape_timeout, "}");
	text_free(&s);
}

struct named_target {
	const char *job;
	const struct target *target;
};

/* By job; within a job as they were configured. */
static bool target_before(const void *a, const void *b)
{
	const struct named_target *x = a, *y = b;

	return strcmp(x->job, y->job) < 0;
}

void prometheus_targets(struct request *r)
{
	uint32_t count = r->m->targets.count;
	struct named_target *row;
	struct pool pool = {0};
	struct text state = {0};
	struct text *t;
	bool wanted;

	parameter(r, "state", &state);
	wanted = !state.len || strcmp(text_cstr(&state), "dropped") != 0;
	row = pool_array(&pool, struct named_target, count);
	for (uint32_t i = 0; i < count; i++) {
		row[i].target = r->m->targets.at[i];
		row[i].job = world_text(r->w, row[i].target->job);
	}
	promql_sort(row, count, sizeof(*row), target_before);
	t = answer_success(r);
	text_add(t, "{\"activeTargets\":[");
	for (uint32_t i = 0; wanted && i < count; i++) {
		if (i)
			text_char(t, ',');
		put_target(r, t, row[i].target);
	}
	text_add(t, "],\"droppedTargets\":[]}}");
	text_free(&state);
	pool_release(&pool);
}
