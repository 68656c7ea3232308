/* prometheus.c - Prometheus's HTTP API, version 1, as a pure function */
#include "sim/face/prometheus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tsdb/number.h"
#include "sim/tsdb/promql_eval.h"
#include "sim/tsdb/promql_parse.h"

/* CPU of an answer [E]: parsing, planning and encoding; and 100 ns an element,
 * after the engine's own benchmark of about 10 million samples/s on a core. */
#define ANSWER_NS	SIM_US(300)
#define WORK_NS		100

#define STEPS_MAX	11000	/* points a series in one range query */

#define JSON		"application/json"
#define PLAIN		"text/plain; charset=utf-8"

static void prometheus_http(struct world *w, void *who, uint16_t arg);

static const struct module_event events[] = {
	[PROMETHEUS_HTTP & 0xff] = { "prometheus.http", prometheus_http },
};

const struct module prometheus_module = {
	.name = "prometheus",
	.events = events,
	.event_count = sizeof(events) / sizeof(events[0]),
};

/* One request while it is answered. */
struct request {
	const struct world *w;
	const struct monitor *m;
	const char *query;		/* behind the ? */
	const char *form;		/* body of a POST */
	struct prometheus_answer *out;
};

/* -- JSON ---------------------------------------------------------------- */

/* Go's encoder also escapes what is special in HTML. */
static void json_text(struct text *t, const char *s)
{
	struct text plain = {0};

	text_json(&plain, s);
	for (size_t i = 0; i < plain.len; i++)
		if (strchr("<>&", plain.at[i]))
			text_addf(t, "\\u%04x", (unsigned)plain.at[i]);
		else
			text_char(t, plain.at[i]);
	text_free(&plain);
}

/* Seconds with up to three decimals: 1767600000 or 1767600000.050. */
static void json_time(struct text *t, int64_t ms)
{
	int64_t size = ms < 0 ? -ms : ms;

	text_addf(t, "%s%lld", ms < 0 ? "-" : "", (long long)(size / 1000));
	if (size % 1000)
		text_addf(t, ".%03d", (int)(size % 1000));
}

/* The same without zeros at the end: the times of scalars and strings. */
static void json_short_time(struct text *t, int64_t ms)
{
	json_time(t, ms);
	if (ms % 1000)
		while (t->at[t->len - 1] == '0')
			t->at[--t->len] = '\0';
}

static void answer(struct request *r, uint32_t status, const char *type)
{
	r->out->status = status;
	r->out->content_type = type;
	text_clear(&r->out->body);
}

static struct text *success(struct request *r)
{
	answer(r, 200, JSON);
	text_add(&r->out->body, "{\"status\":\"success\",\"data\":");
	return &r->out->body;
}

static void failure(struct request *r, uint32_t status, const char *type,
		    const char *what)
{
	answer(r, status, JSON);
	text_addf(&r->out->body, "{\"status\":\"error\",\"errorType\":\"%s\","
		  "\"error\":", type);
	json_text(&r->out->body, what);
	text_char(&r->out->body, '}');
}

/* `invalid parameter "query": ...`.  Always false. */
static bool invalid(struct request *r, const char *parameter, const char *fmt,
		    ...) __attribute__((format(printf, 3, 4)));

static bool invalid(struct request *r, const char *parameter, const char *fmt,
		    ...)
{
	struct text t = {0};
	va_list args;

	text_addf(&t, "invalid parameter \"%s\": ", parameter);
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	failure(r, 400, "bad_data", text_cstr(&t));
	text_free(&t);
	return false;
}

/* -- parameters ---------------------------------------------------------- */

/* The n-th value: of the form first, then of the query, as Go's r.Form. */
static bool parameter_n(const struct request *r, const char *name, uint32_t n,
			struct text *value)
{
	struct text ignored = {0};
	uint32_t in_form = 0;

	while (http_parameter(r->form, name, in_form, &ignored)) {
		text_clear(&ignored);
		in_form++;
	}
	text_free(&ignored);
	return n < in_form ? http_parameter(r->form, name, n, value) :
			     http_parameter(r->query, name, n - in_form, value);
}

static bool parameter(const struct request *r, const char *name,
		      struct text *value)
{
	return parameter_n(r, name, 0, value);
}

static bool digits(const char **s, int count, int *out)
{
	*out = 0;
	for (; count > 0; count--, ++*s) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool sign(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool date_exists(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
				    31 };

	return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to a date of our era, by whole years. */
static int64_t days_to(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
				      273, 304, 334 };
	int64_t y = year - 1;
	bool leap = is_leap(year);

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162 +
	       before[month - 1] + (leap && month > 2) + day - 1;
}

/* 2026-01-05T08:00:00.5Z or with +01:00 (RFC 3339, 5.6). */
static bool parse_date(const char *s, int64_t *ms)
{
	int year, month, day, hour, minute, second, zone_h = 0, zone_m = 0;
	int zone = 0, scale = 100, fraction = 0;

	if (!digits(&s, 4, &year) || !sign(&s, '-') || !digits(&s, 2, &month) ||
	    !sign(&s, '-') || !digits(&s, 2, &day) || !sign(&s, 'T') ||
	    !digits(&s, 2, &hour) || !sign(&s, ':') ||
	    !digits(&s, 2, &minute) || !sign(&s, ':') || !digits(&s, 2, &second))
		return false;
	if (!date_exists(year, month, day) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	if (sign(&s, '.')) {
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++) {
			fraction += scale * (*s - '0');
			scale /= 10;
		}
	}
	if (*s == '+' || *s == '-') {
		zone = *s++ == '+' ? 1 : -1;
		if (!digits(&s, 2, &zone_h) || !sign(&s, ':') ||
		    !digits(&s, 2, &zone_m))
			return false;
	} else if (!sign(&s, 'Z'))
		return false;
	*ms = ((days_to(year, month, day) * 24 + hour - zone * zone_h) * 60 +
	       minute - zone * zone_m) * 60000 + second * 1000 + fraction;
	return !*s;
}

static bool parse_float(const char *s, double *v)
{
	char *end;

	if (!*s || *s == ' ')
		return false;
	*v = strtod(s, &end);
	return !*end && !number_is_nan(*v) && number_abs(*v) < 1e13;
}

static bool parse_time(const char *s, int64_t *ms)
{
	double v;

	if (parse_float(s, &v)) {
		double whole = number_trunc(v), ms_of = (v - whole) * 1000;

		*ms = (int64_t)whole * 1000 +
		      (int64_t)(ms_of < 0 ? ms_of - 0.5 : ms_of + 0.5);
		return true;
	}
	return parse_date(s, ms);
}

/* A time; the default when it is left out.  Wrong: two sentences are said. */
static bool time_or(struct request *r, const char *name, int64_t otherwise,
		    int64_t *ms)
{
	struct text value = {0};
	bool good = true;

	*ms = otherwise;
	if (parameter(r, name, &value) && value.len &&
	    !parse_time(text_cstr(&value), ms))
		good = invalid(r, name, "Invalid time value for '%s': cannot "
			       "parse \"%s\" to a valid timestamp", name,
			       text_cstr(&value));
	text_free(&value);
	return good;
}

static bool time_needed(struct request *r, const char *name, int64_t *ms)
{
	struct text value = {0};
	bool good = true;

	parameter(r, name, &value);
	if (!parse_time(text_cstr(&value), ms))
		good = invalid(r, name, "cannot parse \"%s\" to a valid "
					"timestamp", text_cstr(&value));
	text_free(&value);
	return good;
}

/* Seconds ("15", "0.5") or a duration ("15s"). */
static bool duration_needed(struct request *r, const char *name, int64_t *ms)
{
	struct text value = {0};
	bool good = true;
	double v;

	parameter(r, name, &value);
	if (parse_float(text_cstr(&value), &v))
		*ms = (int64_t)(v * 1000);
	else if (!promql_duration(text_cstr(&value), value.len, ms, NULL))
		good = invalid(r, name, "cannot parse \"%s\" to a valid "
					"duration", text_cstr(&value));
	text_free(&value);
	return good;
}

static bool timeout_fits(struct request *r)
{
	struct text value = {0};
	int64_t ms;
	bool given = parameter(r, "timeout", &value) && value.len;

	text_free(&value);
	return !given || duration_needed(r, "timeout", &ms);
}

static int64_t now_ms(const struct request *r)
{
	return sim_wall_ms(world_now(r->w));
}

/* -- queries ------------------------------------------------------------- */

static void put_labels(struct text *t, const struct promql_series *s)
{
	text_char(t, '{');
	for (uint32_t i = 0; i < s->label_count; i++) {
		if (i)
			text_char(t, ',');
		json_text(t, s->labels[i].name);
		text_char(t, ':');
		json_text(t, s->labels[i].value);
	}
	text_char(t, '}');
}

static void put_point(struct text *t, const struct point *p)
{
	text_char(t, '[');
	json_time(t, p->t_ms);
	text_add(t, ",\"");
	number_text(t, p->v);
	text_add(t, "\"]");
}

static void put_series(struct text *t, const struct promql_series *s,
		       bool matrix)
{
	text_add(t, "{\"metric\":");
	put_labels(t, s);
	text_add(t, matrix ? ",\"values\":[" : ",\"value\":");
	for (uint32_t i = 0; i < s->point_count; i++) {
		if (i)
			text_char(t, ',');
		put_point(t, &s->points[i]);
	}
	text_add(t, matrix ? "]}" : "}");
}

static void put_result(struct text *t, const struct promql_result *q)
{
	static const char *const names[] = {
		[PROMQL_SCALAR] = "scalar", [PROMQL_VECTOR] = "vector",
		[PROMQL_MATRIX] = "matrix", [PROMQL_STRING] = "string",
	};

	text_addf(t, "{\"resultType\":\"%s\",\"result\":[", names[q->type]);
	if (q->type == PROMQL_SCALAR || q->type == PROMQL_STRING) {
		json_short_time(t, q->at_ms);
		text_char(t, ',');
		if (q->type == PROMQL_STRING)
			json_text(t, q->string);
		else {
			text_char(t, '"');
			number_plain(t, q->scalar);
			text_char(t, '"');
		}
	}
	for (uint32_t i = 0; i < q->series_count; i++) {
		if (i)
			text_char(t, ',');
		put_series(t, &q->series[i], q->type == PROMQL_MATRIX);
	}
	text_add(t, "]}");
}

/* `named`: a wrong query is told as a wrong parameter. */
static void finish_query(struct request *r, struct promql_result *q, bool named)
{
	struct text *t;

	r->out->samples = q->samples;
	r->out->work = q->work;
	switch (q->status) {
	case PROMQL_OK:
		t = success(r);
		put_result(t, q);
		text_char(t, '}');
		break;
	case PROMQL_BAD_DATA:
		if (named)
			invalid(r, "query", "%s", q->error);
		else
			failure(r, 400, "bad_data", q->error);
		break;
	case PROMQL_EXECUTION:
		failure(r, 422, "execution", q->error);
		break;
	case PROMQL_TIMEOUT:
		failure(r, 503, "timeout", q->error);
		break;
	}
	promql_result_free(q);
}

static void query(struct request *r)
{
	struct promql_result q;
	struct text text = {0};
	int64_t at;

	if (!time_or(r, "time", now_ms(r), &at) || !timeout_fits(r))
		return;
	parameter(r, "query", &text);
	promql_instant(r->w, r->m->tsdb, text_cstr(&text), at, &q);
	text_free(&text);
	finish_query(r, &q, true);
}

static void query_range(struct request *r)
{
	struct promql_result q;
	struct text text = {0};
	int64_t start, end, step;

	if (!time_needed(r, "start", &start) || !time_needed(r, "end", &end))
		return;
	if (end < start) {
		invalid(r, "end", "end timestamp must not be before start time");
		return;
	}
	if (!duration_needed(r, "step", &step))
		return;
	if (step <= 0) {
		invalid(r, "step", "zero or negative query resolution step "
			"widths are not accepted. Try a positive integer");
		return;
	}
	if ((end - start) / step > STEPS_MAX) {
		failure(r, 400, "bad_data", "exceeded maximum resolution of "
			"11,000 points per timeseries. Try decreasing the "
			"query resolution (?step=XX)");
		return;
	}
	if (!timeout_fits(r))
		return;
	parameter(r, "query", &text);
	promql_range(r->w, r->m->tsdb, text_cstr(&text), start, end, step, &q);
	text_free(&text);
	finish_query(r, &q, false);
}

/* -- series and labels --------------------------------------------------- */

/* Which series a request speaks of: match[], start, end. */
struct choice {
	struct pool pool;
	bool *chosen;			/* by series id */
	uint32_t matchers;		/* match[] given */
	int64_t start, end;
};

/* Has the series a sample in the time asked for?  The back links are walked
 * from the newest. */
static bool alive(const struct request *r, const struct choice *c,
		  const struct series *s)
{
	for (uint64_t at = s->last; at;) {
		const struct sample *sample = tsdb_sample(r->w, r->m->tsdb, at);

		if (sample->t_ms < c->start)
			return false;
		if (sample->t_ms <= c->end)
			return true;
		at = sample->before;
	}
	return false;
}

static bool selects_something(const struct expr *e)
{
	for (uint32_t i = 0; i < e->matcher_count; i++)
		if (!matcher_accepts(&e->matchers[i], ""))
			return true;
	return false;
}

/* One more match[]: its series are chosen. */
static bool choose(struct request *r, struct choice *c, const char *text)
{
	const char *error;
	struct expr *e = promql_parse_selector(&c->pool, text, &error);
	struct selection found;

	if (!e)
		return invalid(r, "match[]", "%s", error);
	if (!selects_something(e))
		return invalid(r, "match[]", "match[] must contain at least "
					     "one non-empty matcher");
	found = tsdb_select(r->w, r->m->tsdb, e->matchers, e->matcher_count,
			    &c->pool);
	r->out->work += found.looked_at;
	for (uint32_t i = 0; i < found.count; i++)
		c->chosen[found.series[i]->id] |= alive(r, c, found.series[i]);
	return true;
}

/* Without a match[] every series is chosen, if `all`. */
static bool make_choice(struct request *r, struct choice *c, bool all)
{
	const struct tsdb *db = r->m->tsdb;
	struct text text = {0};
	bool good = true;

	*c = (struct choice){ .matchers = 0 };
	if (!time_or(r, "start", INT64_MIN, &c->start) ||
	    !time_or(r, "end", INT64_MAX, &c->end))
		return false;
	c->chosen = pool_array(&c->pool, bool, db->series.count + 1u);
	while (good && parameter_n(r, "match[]", c->matchers, &text)) {
		good = choose(r, c, text_cstr(&text));
		text_clear(&text);
		c->matchers++;
	}
	text_free(&text);
	for (uint32_t i = 0; all && !c->matchers && i < db->series.count; i++)
		c->chosen[i] = alive(r, c, db->series.at[i]);
	return good;
}

static bool set_before(const void *a, const void *b)
{
	return labels_before(*(struct label_set *const *)a,
			     *(struct label_set *const *)b);
}

static bool text_before(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b) < 0;
}

static void series(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	struct label_sets sets;
	struct label_set **found;
	struct choice c;
	uint32_t count = 0;
	struct text *t;

	if (!make_choice(r, &c, false)) {
		pool_release(&c.pool);
		return;
	}
	if (!c.matchers) {
		failure(r, 400, "bad_data", "no match[] parameter provided");
		pool_release(&c.pool);
		return;
	}
	label_sets_init(&sets, &c.pool);
	found = pool_array(&c.pool, struct label_set *, db->series.count);
	for (uint32_t i = 0; i < db->series.count; i++)
		if (c.chosen[i])
			found[count++] = labels_of_series(&sets, r->w, db,
							  db->series.at[i]);
	promql_sort(found, count, sizeof(struct label_set *), set_before);
	t = success(r);
	text_char(t, '[');
	for (uint32_t i = 0; i < count; i++) {
		struct promql_series s = { .labels = found[i]->at,
					   .label_count = found[i]->count };

		if (i)
			text_char(t, ',');
		put_labels(t, &s);
	}
	text_add(t, "]}");
	pool_release(&c.pool);
}

/* A sorted JSON array of texts, each once. */
static void put_texts(struct request *r, const char **texts, uint32_t count)
{
	struct text *t = success(r);
	const char *last = NULL;

	promql_sort(texts, count, sizeof(*texts), text_before);
	text_char(t, '[');
	for (uint32_t i = 0; i < count; i++) {
		if (last && !strcmp(last, texts[i]))
			continue;
		if (last)
			text_char(t, ',');
		last = texts[i];
		json_text(t, last);
	}
	text_add(t, "]}");
}

static bool any_chosen(const struct request *r, const struct choice *c,
		       const struct label_index *index)
{
	for (uint32_t i = 0; i < r->m->tsdb->series.count; i++)
		if (c->chosen[i] &&
		    series_label(r->m->tsdb, r->m->tsdb->series.at[i],
				 index->name))
			return true;
	return false;
}

static void labels(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	const char **names;
	uint32_t count = 0;
	struct choice c;

	if (make_choice(r, &c, true)) {
		names = (const char **)pool_take(&c.pool, db->labels.count *
							  sizeof(char *));
		for (uint32_t i = 0; i < db->labels.count; i++)
			if (any_chosen(r, &c, db->labels.at[i]))
				names[count++] = world_text(
					r->w, db->labels.at[i]->name);
		put_texts(r, names, count);
	}
	pool_release(&c.pool);
}

static bool postings_chosen(const struct choice *c, const struct postings *p)
{
	for (uint32_t i = 0; i < p->ids.count; i++)
		if (c->chosen[p->ids.at[i]])
			return true;
	return false;
}

static bool label_name_fits(const char *s)
{
	if (!*s || (*s >= '0' && *s <= '9'))
		return false;
	return strspn(s, "_0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(s);
}

static void label_values(struct request *r, const char *name)
{
	const struct label_index *index = tsdb_label(r->w, r->m->tsdb, name);
	const char **values;
	uint32_t count = 0;
	struct choice c;

	if (!label_name_fits(name)) {
		struct text t = {0};

		text_add(&t, "invalid label name: ");
		promql_quote(&t, name, strlen(name));
		failure(r, 400, "bad_data", text_cstr(&t));
		text_free(&t);
		return;
	}
	if (make_choice(r, &c, true)) {
		values = (const char **)pool_take(&c.pool, sizeof(char *) *
				(index ? index->values.count : 0));
		for (uint32_t i = 0; index && i < index->values.count; i++)
			if (postings_chosen(&c, index->values.at[i]))
				values[count++] = world_text(
					r->w, index->values.at[i]->value);
		put_texts(r, values, count);
	}
	pool_release(&c.pool);
}

/* -- targets ------------------------------------------------------------- */

static void put_pair(struct text *t, const char *name, const char *value,
		     const char *behind)
{
	json_text(t, name);
	text_char(t, ':');
	json_text(t, value);
	text_add(t, behind);
}

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
	put_pair(t, name, text_cstr(&s), behind);
	text_free(&s);
}

/* RFC 3339 with nanoseconds, without zeros at the end. */
static void put_date(struct text *t, const char *name, sim_time at)
{
	struct text s = {0};
	char date[32];

	if (at < 0) {
		put_pair(t, name, "0001-01-01T00:00:00Z", ",");
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
	put_pair(t, name, text_cstr(&s), ",");
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
	put_pair(t, "__address__", instance, ",");
	put_pair(t, "__metrics_path__", "/metrics", ",");
	put_pair(t, "__scheme__", "http", ",");
	put_duration(t, "__scrape_interval__", r->m->scrape_interval, ",");
	put_duration(t, "__scrape_timeout__", r->m->scrape_timeout, ",");
	put_pair(t, "job", job, "},\"labels\":{");
	put_pair(t, "instance", instance, ",");
	put_pair(t, "job", job, "},");
	put_pair(t, "scrapePool", job, ",");
	text_addf(&s, "http://%s/metrics", instance);
	put_pair(t, "scrapeUrl", text_cstr(&s), ",");
	put_pair(t, "globalUrl", text_cstr(&s), ",");
	text_clear(&s);
	target_error_text(r->w, g, &s);
	put_pair(t, "lastError", text_cstr(&s), ",");
	put_date(t, "lastScrape", g->last_scrape);
	text_add(t, "\"lastScrapeDuration\":");
	number_text(t, (double)g->last_duration / 1e9);
	text_char(t, ',');
	put_pair(t, "health", health[g->health], ",");
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

static void targets(struct request *r)
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
	t = success(r);
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

/* -- status -------------------------------------------------------------- */

struct counted {
	const char *name;
	uint64_t count;
};

static bool more(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	return x->count > y->count;
}

/* The ten largest, as /status/tsdb lists them. */
static void put_top(struct text *t, const char *name, struct counted *rows,
		    uint32_t count)
{
	promql_sort(rows, count, sizeof(*rows), more);
	text_addf(t, ",\"%s\":[", name);
	for (uint32_t i = 0; i < count && i < 10; i++) {
		text_addf(t, "%s{\"name\":", i ? "," : "");
		json_text(t, rows[i].name);
		text_addf(t, ",\"value\":%llu}",
			  (unsigned long long)rows[i].count);
	}
	text_char(t, ']');
}

static void status_tsdb(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	const struct label_index *names = tsdb_label(r->w, db, "__name__");
	uint32_t pairs = tsdb_pairs(db), n = 0;
	struct pool pool = {0};
	struct counted *rows = pool_array(&pool, struct counted,
					  pairs + db->labels.count);
	struct text *t = success(r), pair = {0};

	text_addf(t, "{\"headStats\":{\"numSeries\":%u,\"numLabelPairs\":%u,"
		  "\"chunkCount\":%llu,\"minTime\":%lld,\"maxTime\":%lld}",
		  db->series.count, pairs,
		  /* about 120 samples fill a chunk */
		  (unsigned long long)db->series.count +
		  (unsigned long long)db->appended / 120,
		  (long long)db->first_ms, (long long)db->last_ms);
	for (uint32_t i = 0; names && i < names->values.count; i++)
		rows[n++] = (struct counted){
			world_text(r->w, names->values.at[i]->value),
			names->values.at[i]->ids.count,
		};
	put_top(t, "seriesCountByMetricName", rows, n);
	n = 0;
	for (uint32_t i = 0; i < db->labels.count; i++)
		rows[n++] = (struct counted){
			world_text(r->w, db->labels.at[i]->name),
			db->labels.at[i]->values.count,
		};
	put_top(t, "labelValueCountByLabelName", rows, n);
	n = 0;
	for (uint32_t i = 0; i < db->labels.count; i++) {
		const struct label_index *x = db->labels.at[i];

		rows[n].name = world_text(r->w, x->name);
		for (uint32_t k = 0; k < x->values.count; k++)
			rows[n].count += strlen(world_text(
				r->w, x->values.at[k]->value));
		n++;
	}
	put_top(t, "memoryInBytesByLabelName", rows, n);
	n = 0;
	for (uint32_t i = 0; i < db->labels.count; i++)
		for (uint32_t k = 0; k < db->labels.at[i]->values.count; k++) {
			const struct postings *p = db->labels.at[i]->values.at[k];

			text_clear(&pair);
			text_addf(&pair, "%s=%s",
				  world_text(r->w, db->labels.at[i]->name),
				  world_text(r->w, p->value));
			rows[n++] = (struct counted){
				pool_bytes(&pool, text_cstr(&pair), pair.len),
				p->ids.count,
			};
		}
	put_top(t, "seriesCountByLabelValuePair", rows, n);
	text_add(t, "}}");
	text_free(&pair);
	pool_release(&pool);
}

static void buildinfo(struct request *r)
{
	text_add(success(r), "{\"version\":\"2.42.0\",\"revision\":\"simulated\","
		 "\"branch\":\"HEAD\",\"buildUser\":\"millrace\","
		 "\"buildDate\":\"20230131-00:00:00\","
		 "\"goVersion\":\"go1.19.5\"}}");
}

static void metadata(struct request *r)
{
	text_add(success(r), "{}}");
}

static void rules(struct request *r)
{
	text_add(success(r), "{\"groups\":[]}}");
}

static void alerts(struct request *r)
{
	text_add(success(r), "{\"alerts\":[]}}");
}

static void healthy(struct request *r)
{
	answer(r, 200, PLAIN);
	text_add(&r->out->body, "Prometheus Server is Healthy.\n");
}

static void ready(struct request *r)
{
	answer(r, 200, PLAIN);
	text_add(&r->out->body, "Prometheus Server is Ready.\n");
}

/* -- which is which ------------------------------------------------------ */

static const struct route {
	const char *path;
	bool post;			/* as well as GET */
	void (*run)(struct request *r);
} routes[] = {
	{ "/api/v1/query", true, query },
	{ "/api/v1/query_range", true, query_range },
	{ "/api/v1/series", true, series },
	{ "/api/v1/labels", true, labels },
	{ "/api/v1/targets", false, targets },
	{ "/api/v1/metadata", false, metadata },
	{ "/api/v1/rules", false, rules },
	{ "/api/v1/alerts", false, alerts },
	{ "/api/v1/status/buildinfo", false, buildinfo },
	{ "/api/v1/status/tsdb", false, status_tsdb },
	{ "/-/healthy", false, healthy },
	{ "/-/ready", false, ready },
};

/* The name in /api/v1/label/NAME/values; false: another path. */
static bool label_path(const char *path, struct text *name)
{
	static const char before[] = "/api/v1/label/", behind[] = "/values";
	size_t len = strcspn(path, "?");
	size_t outside = sizeof(before) + sizeof(behind) - 2;

	if (len <= outside ||
	    strncmp(path, before, sizeof(before) - 1) != 0 ||
	    strncmp(path + len - (sizeof(behind) - 1), behind,
		    sizeof(behind) - 1) != 0)
		return false;
	http_decode(name, path + sizeof(before) - 1, len - outside, false);
	return true;
}

static void not_allowed(struct request *r)
{
	answer(r, 405, PLAIN);
	text_add(&r->out->body, "Method Not Allowed\n");
}

void prometheus_answer(const struct world *w, const struct monitor *m,
		       enum http_method method, const char *path,
		       const char *body, struct prometheus_answer *out)
{
	struct request r = {
		.w = w, .m = m, .out = out, .query = http_query(path),
		.form = method == HTTP_POST && body ? body : "",
	};
	bool get = method == HTTP_GET || method == HTTP_HEAD;
	struct text name = {0};

	*out = (struct prometheus_answer){ .status = 404 };
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!http_path_is(path, routes[i].path))
			continue;
		if (get || (method == HTTP_POST && routes[i].post))
			routes[i].run(&r);
		else
			not_allowed(&r);
		return;
	}
	if (label_path(path, &name)) {
		if (get)
			label_values(&r, text_cstr(&name));
		else
			not_allowed(&r);
	} else {
		answer(&r, 404, PLAIN);
		text_add(&out->body, "404 page not found\n");
	}
	text_free(&name);
}

static void prometheus_http(struct world *w, void *who, uint16_t arg)
{
	struct http_request *request = who;
	struct monitor *m = monitor_of(request->head.to);
	struct prometheus_answer a;
	struct http_response *response;

	(void)arg;
	assert(m);
	prometheus_answer(w, m, request->method, http_path(request),
			  http_body(request), &a);
	response = http_response_new(w, a.status, a.content_type,
				     text_cstr(&a.body), a.body.len,
				     request->id);
	text_free(&a.body);
	monitor_reply(w, request, response,
		      ANSWER_NS + WORK_NS * (sim_time)a.work);
}
