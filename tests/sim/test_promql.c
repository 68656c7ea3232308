/* test_promql.c - queries and what they answer
 *
 * Method: tables of expression, time and answer over a few hand-made series.
 * Goal: every operator, function and error text is that of Prometheus 2.42.
 * All rows were compared with the real program; it can be done again:
 *
 *	PROMTOOL=1 build/tests/sim/test_promql > /tmp/t.yml
 *	promtool test rules /tmp/t.yml
 */
#include "tests/test.h"

#include "sim/tsdb/promql_eval.h"
#include "tests/sim/promql_world.h"

static const struct series_text data[] = {
	{ "req_total{code=\"200\",pod=\"a\"}", "0+30x8" },
	{ "req_total{code=\"200\",pod=\"b\"}", "100 120 140 10 30 50 70 90 110" },
	{ "req_total{code=\"500\",pod=\"a\"}", "0+3x8" },
	{ "req_total{code=\"500\",pod=\"b\"}", "5 5 5 5 5 5 5 5 5" },
	/* a gap of 2 samples; an end that is marked; one that is not */
	{ "temp{room=\"attic\"}", "30 31 _ _ 34 35 36 37 38" },
	{ "temp{room=\"cellar\"}", "8 9 10 11 stale" },
	{ "temp{room=\"kitchen\"}", "20 21 22 23" },
	{ "back{k=\"x\"}", "1 2 stale 4 5" },
	{ "lat_bucket{le=\"+Inf\",pod=\"a\"}", "10+10x8" },
	{ "lat_bucket{le=\"0.1\",pod=\"a\"}", "5+5x8" },
	{ "lat_bucket{le=\"1\",pod=\"a\"}", "8+8x8" },
	{ "info{pod=\"a\",version=\"1.2\"}", "1+0x8" },
	{ "info{pod=\"b\",version=\"1.3\"}", "1+0x8" },
	{ "odd{k=\"inf\"}", "+Inf" },
	{ "odd{k=\"nan\"}", "NaN" },
	{ "odd{k=\"neg\"}", "-2.5" },
	{ "late_total{k=\"x\"}", "_ _ _ _ 50 60 70" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct row {
	const char *query;
	int64_t at_ms;
	const char *answer;	/* "labels value; labels value" or "scalar" */
};

/* -- tables -------------------------------------------------------------- */

static const struct row selectors[] = {
	{ "temp", 0, "temp{room=\"attic\"} 30; temp{room=\"cellar\"} 8; "
		     "temp{room=\"kitchen\"} 20" },
	/* the newest sample at or before the time */
	{ "temp{room=\"kitchen\"}", 29999, "temp{room=\"kitchen\"} 21" },
	{ "temp{room=\"kitchen\"}", 30000, "temp{room=\"kitchen\"} 22" },
	/* a marker ends it at once, silence after five minutes (edge included) */
	{ "temp", 60000, "temp{room=\"attic\"} 34; temp{room=\"kitchen\"} 23" },
	{ "temp{room=\"kitchen\"}", 345000, "temp{room=\"kitchen\"} 23" },
	{ "temp{room=\"kitchen\"}", 345001, "" },
	{ "back", 30000, "" },
	{ "back", 45000, "back{k=\"x\"} 4" },
	{ "temp{room!=\"attic\"}", 0, "temp{room=\"cellar\"} 8; "
				      "temp{room=\"kitchen\"} 20" },
	{ "temp{room=~\"a.*|.*n\"}", 0, "temp{room=\"attic\"} 30; "
					"temp{room=\"kitchen\"} 20" },
	{ "temp{room!~\"a.*|.*n\"}", 0, "temp{room=\"cellar\"} 8" },
	{ "temp{room=~\"att\"}", 0, "" },	/* the whole value */
	{ "{__name__=~\"tem.\",room=\"attic\"}", 0, "temp{room=\"attic\"} 30" },
	{ "temp{nope=\"\",room=\"attic\"}", 0, "temp{room=\"attic\"} 30" },
	{ "temp{nope!=\"\"}", 0, "" },
	{ "temp{room=\"kitchen\"} offset 30s", 45000,
	  "temp{room=\"kitchen\"} 21" },
	{ "temp{room=\"kitchen\"} offset -15s", 0, "temp{room=\"kitchen\"} 21" },
	{ "temp{room=\"kitchen\"} @ 30", 0, "temp{room=\"kitchen\"} 22" },
	{ "temp{room=\"kitchen\"} @ 30 offset 15s", 0,
	  "temp{room=\"kitchen\"} 21" },
};

/*
 * rate and increase, worked by hand.  pod a, code 200, has 0 30 60 ... 240 at
 * 0 15 30 ... 120 s.
 *
 * [1m] at 60 s: 0 .. 60, both ends in: 5 samples, growth 120 in 60 s, nothing
 *   to stretch: 120; 2 a second.
 * [1m] at 52 s: window -8 .. 52, samples 0 30 60 90 at 0 .. 45: growth 90 in
 *   45 s, 15 s apart, threshold 16.5.  before = 8, but a line through the
 *   samples is 0 at 0: before = 0.  after = 7 < 16.5.  90 * 52/45 = 104,
 *   but for the last digit.
 * [1m] at 127 s: window 67 .. 127, samples 150 180 210 240 at 75 .. 120:
 *   growth 90 in 45 s, before = 8, zero is 75 s away: 8.  after = 7.
 *   90 * 60/45 = 120.
 * [1m] at 140 s: window 80 .. 140, samples 180 210 240 at 90 .. 120: 60 in
 *   30 s, before = 10 < 16.5, after = 20 >= 16.5: half of 15.
 *   60 * (30 + 10 + 7.5)/30 = 95.
 *
 * pod b, code 200, falls from 140 to 10 at 45 s.  [1m] at 60 s: 100 .. 30:
 *   growth 30 - 100 + 140 = 70 in 60 s.
 * attic has a gap between 15 and 60 s.  delta[1m] at 60 s: 30 31 34 at 0 15 60:
 *   4 in 60 s: 4.
 * late_total begins with 50 at 60 s.  [2m] at 90 s: window -30 .. 90: growth
 *   20 in 30 s, before = 90 >= 16.5; zero is 30 * 50/20 = 75 s away: before =
 *   75, still >= 16.5: half of 15.  20 * 37.5/30 = 25.
 */
static const struct row rates[] = {
	{ "rate(req_total{code=\"200\",pod=\"a\"}[1m])", 60000,
	  "{code=\"200\", pod=\"a\"} 2" },
	{ "increase(req_total{code=\"200\",pod=\"a\"}[1m])", 60000,
	  "{code=\"200\", pod=\"a\"} 120" },
	{ "increase(req_total{code=\"200\",pod=\"a\"}[1m])", 52000,
	  "{code=\"200\", pod=\"a\"} 103.99999999999999" },
	{ "increase(req_total{code=\"200\",pod=\"a\"}[1m])", 127000,
	  "{code=\"200\", pod=\"a\"} 120" },
	{ "increase(req_total{code=\"200\",pod=\"a\"}[1m])", 140000,
	  "{code=\"200\", pod=\"a\"} 95" },
	{ "increase(req_total{code=\"200\",pod=\"b\"}[1m])", 60000,
	  "{code=\"200\", pod=\"b\"} 70" },
	{ "increase(late_total[2m])", 90000, "{k=\"x\"} 25" },
	{ "delta(temp{room=\"attic\"}[1m])", 60000, "{room=\"attic\"} 4" },
	/* a gauge may go below zero: before is not cut. 3 * (45+7+8)/45 */
	{ "delta(temp{room=\"kitchen\"}[1m])", 53000, "{room=\"kitchen\"} 4" },
	{ "rate(req_total{pod=\"a\"}[14s])", 60000, "" },  /* one sample */
	{ "rate(req_total{pod=\"a\",code=\"500\"}[15s])", 60000,
	  "{code=\"500\", pod=\"a\"} 0.2" },		/* two: closed window */
	{ "irate(req_total{code=\"200\",pod=\"b\"}[1m])", 60000,
	  "{code=\"200\", pod=\"b\"} 1.3333333333333333" },
	/* the last step is a reset: 10 over 15 s */
	{ "irate(req_total{code=\"200\",pod=\"b\"}[1m])", 45000,
	  "{code=\"200\", pod=\"b\"} 0.6666666666666666" },
	{ "idelta(req_total{code=\"200\",pod=\"b\"}[1m])", 45000,
	  "{code=\"200\", pod=\"b\"} -130" },
	{ "resets(req_total{code=\"200\"}[2m])", 120000,
	  "{code=\"200\", pod=\"a\"} 0; {code=\"200\", pod=\"b\"} 1" },
	{ "changes(req_total{code=\"500\"}[2m])", 120000,
	  "{code=\"500\", pod=\"a\"} 8; {code=\"500\", pod=\"b\"} 0" },
	{ "deriv(req_total{code=\"500\",pod=\"a\"}[2m])", 120000,
	  "{code=\"500\", pod=\"a\"} 0.2" },
	{ "predict_linear(req_total{code=\"500\",pod=\"a\"}[2m], 100)", 120000,
	  "{code=\"500\", pod=\"a\"} 44" },
	/* a marker is no sample: 2 4 with 30 s between */
	{ "increase(back[30s])", 45000, "{k=\"x\"} 2" },
	{ "count_over_time(back[1m])", 60000, "{k=\"x\"} 4" },
};

static const struct row over_time[] = {
	{ "sum_over_time(temp{room=\"attic\"}[1m])", 60000,
	  "{room=\"attic\"} 95" },
	{ "avg_over_time(temp{room=\"kitchen\"}[1m])", 45000,
	  "{room=\"kitchen\"} 21.5" },
	{ "min_over_time(temp[30s])", 30000, "{room=\"attic\"} 30; "
	  "{room=\"cellar\"} 8; {room=\"kitchen\"} 20" },
	{ "max_over_time(temp[30s])", 30000, "{room=\"attic\"} 31; "
	  "{room=\"cellar\"} 10; {room=\"kitchen\"} 22" },
	{ "count_over_time(temp{room=\"attic\"}[1m])", 60000,
	  "{room=\"attic\"} 3" },
	{ "last_over_time(temp{room=\"attic\"}[1m])", 50000,
	  "temp{room=\"attic\"} 31" },
	{ "present_over_time(temp{room=\"attic\"}[1m])", 50000,
	  "{room=\"attic\"} 1" },
	{ "absent_over_time(temp{room=\"hall\"}[1m])", 50000,
	  "{room=\"hall\"} 1" },
	{ "absent_over_time(temp{room=\"attic\"}[1m])", 50000, "" },
	{ "quantile_over_time(0.5, temp{room=\"kitchen\"}[1m])", 45000,
	  "{room=\"kitchen\"} 21.5" },
	{ "stddev_over_time(temp{room=\"kitchen\"}[30s])", 30000,
	  "{room=\"kitchen\"} 0.816496580927726" },
	{ "stdvar_over_time(temp{room=\"kitchen\"}[30s])", 30000,
	  "{room=\"kitchen\"} 0.6666666666666666" },
	/* subqueries stand on multiples of their step: 30 60 90 120 */
	{ "sum_over_time(temp{room=\"attic\"}[90s:30s])", 125000,
	  "{room=\"attic\"} 108" },
	{ "max_over_time(rate(req_total{code=\"200\",pod=\"a\"}[30s])[1m:15s])",
	  120000, "{code=\"200\", pod=\"a\"} 2" },
	{ "count_over_time(vector(1)[2m:])", 120000, "{} 3" },
};

static const struct row aggregations[] = {
	{ "sum(req_total)", 0, "{} 105" },
	{ "sum by (pod) (req_total)", 15000, "{pod=\"a\"} 33; {pod=\"b\"} 125" },
	{ "sum(req_total) by (pod)", 15000, "{pod=\"a\"} 33; {pod=\"b\"} 125" },
	{ "sum without (pod) (req_total)", 15000,
	  "{code=\"200\"} 150; {code=\"500\"} 8" },
	{ "sum by (nope) (req_total)", 0, "{} 105" },
	{ "avg(temp)", 45000, "{} 21.666666666666668" },
	{ "min(temp)", 0, "{} 8" },
	{ "max by (room) (temp{room=\"attic\"})", 0, "{room=\"attic\"} 30" },
	{ "count(req_total) by (code)", 0, "{code=\"200\"} 2; {code=\"500\"} 2" },
	{ "group(temp)", 0, "{} 1" },
	{ "stdvar(req_total{code=\"500\"})", 0, "{} 6.25" },
	{ "stddev(info)", 0, "{} 0" },
	{ "topk(2, temp)", 0, "temp{room=\"attic\"} 30; "
			      "temp{room=\"kitchen\"} 20" },
	{ "bottomk(1, temp)", 0, "temp{room=\"cellar\"} 8" },
	{ "topk by (pod) (1, req_total)", 120000,
	  "req_total{code=\"200\", pod=\"a\"} 240; "
	  "req_total{code=\"200\", pod=\"b\"} 110" },
	{ "topk(0, temp)", 0, "" },
	{ "bottomk(1, odd)", 0, "odd{k=\"neg\"} -2.5" },
	{ "quantile(0.5, temp)", 0, "{} 20" },
	{ "quantile(0.75, temp)", 0, "{} 25" },
	{ "count_values(\"v\", info)", 0, "{v=\"1\"} 2" },
	{ "sum(nope)", 0, "" },
	{ "max(odd)", 0, "{} +Inf" },
};

static const struct row operators[] = {
	{ "1 + 2 * 3 - 8 / 4 % 3", 0, "5" },
	{ "2 ^ 3 ^ 2", 0, "512" },
	{ "-2 ^ 2", 0, "-4" },
	{ "2 ^ -2", 0, "0.25" },
	{ "2 ^ 0.5", 0, "1.4142135623730951" },
	{ "-7 % 3", 0, "-1" },
	{ "1 / 0", 0, "+Inf" },
	{ "0 / 0", 0, "NaN" },
	{ "1 == bool 1", 0, "1" },
	{ "1 < bool 1", 0, "0" },
	{ "0x10 + 1e1 + .5", 0, "26.5" },
	{ "temp{room=\"attic\"} * 2 + 1", 0, "{room=\"attic\"} 61" },
	{ "-temp{room=\"attic\"}", 0, "{room=\"attic\"} -30" },
	{ "temp > 10", 0, "temp{room=\"attic\"} 30; temp{room=\"kitchen\"} 20" },
	{ "10 < temp", 0, "temp{room=\"attic\"} 30; temp{room=\"kitchen\"} 20" },
	{ "temp > bool 10", 0, "{room=\"attic\"} 1; {room=\"cellar\"} 0; "
			       "{room=\"kitchen\"} 1" },
	{ "req_total{code=\"500\"} / ignoring(code) req_total{code=\"200\"}",
	  120000, "{pod=\"a\"} 0.1; {pod=\"b\"} 0.045454545454545456" },
	{ "req_total{code=\"500\"} / on(pod) req_total{code=\"200\"}",
	  120000, "{pod=\"a\"} 0.1; {pod=\"b\"} 0.045454545454545456" },
	{ "req_total / on(pod) group_left sum by (pod) (req_total)", 15000,
	  "{code=\"200\", pod=\"a\"} 0.9090909090909091; "
	  "{code=\"200\", pod=\"b\"} 0.96; "
	  "{code=\"500\", pod=\"a\"} 0.09090909090909091; "
	  "{code=\"500\", pod=\"b\"} 0.04" },
	{ "req_total{code=\"200\"} * on(pod) group_left(version) info", 15000,
	  "{code=\"200\", pod=\"a\", version=\"1.2\"} 30; "
	  "{code=\"200\", pod=\"b\", version=\"1.3\"} 120" },
	{ "info * on(pod) group_right(version) req_total{code=\"200\"}", 15000,
	  "{code=\"200\", pod=\"a\", version=\"1.2\"} 30; "
	  "{code=\"200\", pod=\"b\", version=\"1.3\"} 120" },
	{ "info and on(pod) req_total{pod=\"a\"}", 0,
	  "info{pod=\"a\", version=\"1.2\"} 1" },
	{ "info unless on(pod) req_total{pod=\"a\"}", 0,
	  "info{pod=\"b\", version=\"1.3\"} 1" },
	{ "temp{room=\"attic\"} or info{pod=\"a\"}", 0,
	  "info{pod=\"a\", version=\"1.2\"} 1; temp{room=\"attic\"} 30" },
	{ "temp{room=\"attic\"} or on() info", 0, "temp{room=\"attic\"} 30" },
	{ "req_total == req_total", 0,
	  "req_total{code=\"200\", pod=\"a\"} 0; "
	  "req_total{code=\"200\", pod=\"b\"} 100; "
	  "req_total{code=\"500\", pod=\"a\"} 0; "
	  "req_total{code=\"500\", pod=\"b\"} 5" },
	{ "temp + info", 0, "" },
};

static const struct row functions[] = {
	{ "abs(odd{k=\"neg\"})", 0, "{k=\"neg\"} 2.5" },
	{ "ceil(odd{k=\"neg\"})", 0, "{k=\"neg\"} -2" },
	{ "floor(odd{k=\"neg\"})", 0, "{k=\"neg\"} -3" },
	{ "round(odd{k=\"neg\"})", 0, "{k=\"neg\"} -2" },
	{ "round(temp{room=\"cellar\"}, 5)", 0, "{room=\"cellar\"} 10" },
	{ "clamp_min(temp{room=\"cellar\"}, 10)", 0, "{room=\"cellar\"} 10" },
	{ "clamp_max(temp{room=\"attic\"}, 10)", 0, "{room=\"attic\"} 10" },
	{ "clamp(temp{room=\"attic\"}, 0, 5)", 0, "{room=\"attic\"} 5" },
	{ "clamp(temp, 5, 0)", 0, "" },
	{ "sqrt(temp{room=\"cellar\"} * 2)", 0, "{room=\"cellar\"} 4" },
	{ "sgn(odd{k=\"neg\"})", 0, "{k=\"neg\"} -1" },
	{ "time()", 90000, "90" },
	{ "vector(3)", 0, "{} 3" },
	{ "scalar(temp{room=\"attic\"}) + 1", 0, "31" },
	{ "scalar(temp)", 0, "NaN" },
	{ "timestamp(temp{room=\"attic\"})", 50000, "{room=\"attic\"} 15" },
	{ "timestamp(temp{room=\"attic\"} + 0)", 50000, "{room=\"attic\"} 50" },
	{ "absent(nope{a=\"b\",c!=\"d\"})", 0, "{a=\"b\"} 1" },
	{ "absent(temp)", 0, "" },
	{ "hour(vector(1767603661))", 0, "{} 9" },
	{ "day_of_week(vector(1767600000))", 0, "{} 1" },
	{ "days_in_month(vector(951782400))", 0, "{} 29" },
	/* 10 10 50 80 100 % of observations: rank 45 of 90 is the bound 0.1 */
	{ "histogram_quantile(0.5, lat_bucket)", 120000, "{pod=\"a\"} 0.1" },
	/* rank 72 of 90 is at the end of bucket 1 */
	{ "histogram_quantile(0.8, lat_bucket)", 120000, "{pod=\"a\"} 1" },
	{ "histogram_quantile(0.65, lat_bucket)", 120000, "{pod=\"a\"} 0.55" },
	{ "histogram_quantile(0.99, lat_bucket)", 120000, "{pod=\"a\"} 1" },
	{ "histogram_quantile(0.25, rate(lat_bucket[1m]))", 60000,
	  "{pod=\"a\"} 0.05" },
	{ "label_replace(temp{room=\"attic\"}, \"r\", \"$1-$2\", \"room\", "
	  "\"(at)(.*)\")", 0, "temp{r=\"at-tic\", room=\"attic\"} 30" },
	{ "label_replace(temp{room=\"attic\"}, \"r\", \"x\", \"room\", \"at\")",
	  0, "temp{room=\"attic\"} 30" },
	{ "label_join(info{pod=\"a\"}, \"j\", \"/\", \"pod\", \"version\")", 0,
	  "info{j=\"a/1.2\", pod=\"a\", version=\"1.2\"} 1" },
};

/* -- running them -------------------------------------------------------- */

static void put_element(struct text *t, const struct promql_series *s)
{
	bool first = true;

	for (uint32_t i = 0; i < s->label_count; i++)
		if (!strcmp(s->labels[i].name, "__name__"))
			text_add(t, s->labels[i].value);
	text_char(t, '{');
	for (uint32_t i = 0; i < s->label_count; i++) {
		if (!strcmp(s->labels[i].name, "__name__"))
			continue;
		text_addf(t, "%s%s=\"%s\"", first ? "" : ", ",
			  s->labels[i].name, s->labels[i].value);
		first = false;
	}
	text_add(t, "} ");
	number_text(t, s->points[0].v);
}

static bool text_before(const void *a, const void *b)
{
	return strcmp(text_cstr(a), text_cstr(b)) < 0;
}

/* Elements sorted: order is another test's matter. */
static void put_result(struct text *t, const struct promql_result *r)
{
	struct text row[64] = {{0}};

	assert_true(r->series_count <= COUNT(row));
	if (r->type == PROMQL_SCALAR)
		number_plain(t, r->scalar);
	for (uint32_t i = 0; i < r->series_count; i++)
		put_element(&row[i], &r->series[i]);
	promql_sort(row, r->series_count, sizeof(row[0]), text_before);
	for (uint32_t i = 0; i < r->series_count; i++) {
		text_addf(t, "%s%s", i ? "; " : "", text_cstr(&row[i]));
		text_free(&row[i]);
	}
}

struct fixture {
	struct world *w;
	struct tsdb *db;
};

static struct fixture fixture(void)
{
	struct fixture f = { .w = series_world() };

	f.db = tsdb_new(f.w);
	series_load(f.w, f.db, data, COUNT(data));
	return f;
}

static void run_table(const struct row *rows, size_t count)
{
	struct fixture f = fixture();

	for (size_t i = 0; i < count; i++) {
		struct promql_result r;
		struct text t = {0};

		promql_instant(f.w, f.db, rows[i].query, rows[i].at_ms, &r);
		if (r.status != PROMQL_OK)
			fail_msg("%s: %s", rows[i].query, r.error);
		put_result(&t, &r);
		if (strcmp(text_cstr(&t), rows[i].answer))
			fail_msg("%s at %lld ms:\n got  %s\n want %s",
				 rows[i].query, (long long)rows[i].at_ms,
				 text_cstr(&t), rows[i].answer);
		text_free(&t);
		promql_result_free(&r);
	}
	world_free(f.w);
}

static void selectors_take_the_newest_sample_not_too_old(void **state)
{
	(void)state;
	run_table(selectors, COUNT(selectors));
}

static void rates_are_extrapolated_as_prometheus_does(void **state)
{
	(void)state;
	run_table(rates, COUNT(rates));
}

static void windows_become_values(void **state)
{
	(void)state;
	run_table(over_time, COUNT(over_time));
}

static void groups_become_values(void **state)
{
	(void)state;
	run_table(aggregations, COUNT(aggregations));
}

static void operators_match_labels(void **state)
{
	(void)state;
	run_table(operators, COUNT(operators));
}

static void functions_compute(void **state)
{
	(void)state;
	run_table(functions, COUNT(functions));
}

/* -- order, ranges, errors ----------------------------------------------- */

static void sorted_and_chosen_elements_keep_their_order(void **state)
{
	static const struct {
		const char *query;
		double values[3];
	} row[] = {
		{ "sort(temp)", { 8, 20, 30 } },
		{ "sort_desc(temp)", { 30, 20, 8 } },
		{ "topk(3, temp)", { 30, 20, 8 } },
		{ "bottomk(3, temp)", { 8, 20, 30 } },
		{ "temp", { 30, 8, 20 } },	/* as they were made */
	};
	struct fixture f = fixture();

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct promql_result r;

		promql_instant(f.w, f.db, row[i].query, 0, &r);
		assert_int_equal(r.series_count, 3);
		for (int k = 0; k < 3; k++)
			assert_true(r.series[k].points[0].v ==
				    row[i].values[k]);
		promql_result_free(&r);
	}
	world_free(f.w);
}

static void a_range_query_is_many_instant_queries(void **state)
{
	static const char *const queries[] = {
		"temp", "rate(req_total[1m])", "sum by (pod) (req_total)",
		"req_total / on(pod, code) req_total > 0", "absent(temp)",
		"max_over_time(temp[1m:15s])", "temp @ end() - temp @ start()",
		"time()", "topk(1, temp)", "temp or vector(1)",
	};
	struct fixture f = fixture();

	(void)state;
	for (size_t i = 0; i < COUNT(queries); i++) {
		struct promql_result all;
		uint64_t points = 0, seen = 0;

		promql_range(f.w, f.db, queries[i], 5000, 455000, 45000, &all);
		assert_int_equal(all.status, PROMQL_OK);
		assert_int_equal(all.type, PROMQL_MATRIX);
		for (uint32_t k = 0; k < all.series_count; k++)
			points += all.series[k].point_count;
		if (!strstr(queries[i], "@"))
			for (int64_t at = 5000; at <= 455000; at += 45000) {
				struct promql_result one;

				promql_instant(f.w, f.db, queries[i], at, &one);
				seen += one.type == PROMQL_SCALAR ? 1 :
					one.series_count;
				promql_result_free(&one);
			}
		else
			seen = points;
		assert_int_equal(points, seen);
		promql_result_free(&all);
	}
	world_free(f.w);
}

static void what_cannot_be_answered_is_told(void **state)
{
	static const struct {
		const char *query;
		enum promql_status status;
		const char *error;
	} row[] = {
		{ "", PROMQL_BAD_DATA,
		  "1:1: parse error: no expression found in input" },
		{ "temp{", PROMQL_BAD_DATA,
		  "1:6: parse error: unexpected end of input inside braces" },
		{ "foo{a=b}", PROMQL_BAD_DATA,
		  "1:7: parse error: unexpected identifier \"b\" in label "
		  "matching, expected string" },
		{ "foo{a>1}", PROMQL_BAD_DATA,
		  "1:6: parse error: unexpected character inside braces: '>'" },
		{ "1+", PROMQL_BAD_DATA,
		  "1:3: parse error: unexpected end of input" },
		{ "*1", PROMQL_BAD_DATA, "1:1: parse error: unexpected <op:*>" },
		{ "(1", PROMQL_BAD_DATA,
		  "1:3: parse error: unclosed left parenthesis" },
		{ "a\n +\n b c", PROMQL_BAD_DATA,
		  "3:4: parse error: unexpected identifier \"c\"" },
		{ "rate(temp)", PROMQL_BAD_DATA,
		  "1:6: parse error: expected type range vector in call to "
		  "function \"rate\", got instant vector" },
		{ "rate(temp[5m],1)", PROMQL_BAD_DATA,
		  "1:1: parse error: expected 1 argument(s) in call to "
		  "\"rate\", got 2" },
		{ "foo(temp)", PROMQL_BAD_DATA,
		  "1:1: parse error: unknown function with name \"foo\"" },
		{ "temp[5]", PROMQL_BAD_DATA,
		  "1:6: parse error: missing unit character in duration" },
		{ "temp[5s5m]", PROMQL_BAD_DATA,
		  "1:6: parse error: not a valid duration string: \"5s5m\"" },
		{ "temp[0s]", PROMQL_BAD_DATA,
		  "1:6: parse error: duration must be greater than 0" },
		{ "1 == 1", PROMQL_BAD_DATA,
		  "1:3: parse error: comparisons between scalars must use BOOL "
		  "modifier" },
		{ "temp and 1", PROMQL_BAD_DATA,
		  "1:1: parse error: set operator \"and\" not allowed in binary "
		  "scalar expression" },
		{ "{a=~\".*\"}", PROMQL_BAD_DATA,
		  "1:1: parse error: vector selector must contain at least one "
		  "non-empty matcher" },
		{ "temp{a=~\"(\"}", PROMQL_BAD_DATA,
		  "1:6: parse error: error parsing regexp: missing closing ): "
		  "`^(?:()$`" },
		{ "sum by (1) (temp)", PROMQL_BAD_DATA,
		  "1:9: parse error: unexpected number \"1\" in grouping opts, "
		  "expected label" },
		{ "sum(temp temp)", PROMQL_BAD_DATA,
		  "1:10: parse error: unexpected identifier \"temp\" in "
		  "aggregation" },
		{ "\"a", PROMQL_BAD_DATA,
		  "1:1: parse error: unterminated quoted string" },
		{ "temp offset", PROMQL_BAD_DATA,
		  "1:12: parse error: unexpected end of input in offset, "
		  "expected duration" },
		{ "temp atan2 temp", PROMQL_BAD_DATA,
		  "1:6: parse error: operator \"atan2\" is not supported in "
		  "this version" },
		{ "req_total + on(pod) req_total", PROMQL_EXECUTION,
		  "found duplicate series for the match group {pod=\"a\"} on "
		  "the right hand-side of the operation: "
		  "[{__name__=\"req_total\", code=\"500\", pod=\"a\"}, "
		  "{__name__=\"req_total\", code=\"200\", pod=\"a\"}];"
		  "many-to-many matching not allowed: matching labels must be "
		  "unique on one side" },
		{ "req_total + on(pod) info", PROMQL_EXECUTION,
		  "multiple matches for labels: many-to-one matching must be "
		  "explicit (group_left/group_right)" },
		{ "req_total + on(pod) group_left(code) info * 0",
		  PROMQL_EXECUTION,
		  "multiple matches for labels: grouping labels must ensure "
		  "unique matches" },
		{ "abs({__name__=~\"temp|odd\"}) or "
		  "label_replace(temp, \"room\", \"\", \"\", \"\")",
		  PROMQL_EXECUTION,
		  "vector cannot contain metrics with the same labelset" },
		{ "label_replace(temp, \"a-b\", \"\", \"\", \"\")",
		  PROMQL_EXECUTION,
		  "invalid destination label name in label_replace(): a-b" },
		{ "2 ^ 1.5", PROMQL_EXECUTION,
		  "exponent 1.5 is not supported in this version: only whole "
		  "numbers, 0.5 and -0.5" },
		{ "count_over_time(vector(1)[1000d:1ms])", PROMQL_TIMEOUT,
		  "query timed out in expression evaluation" },
	};
	struct fixture f = fixture();

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct promql_result r;

		promql_instant(f.w, f.db, row[i].query, 120000, &r);
		if (r.status == PROMQL_OK)
			fail_msg("%s: no error", row[i].query);
		assert_string_equal(r.error, row[i].error);
		assert_int_equal(r.status, row[i].status);
		promql_result_free(&r);
	}
	world_free(f.w);
}

static void an_unsupported_function_names_those_that_are(void **state)
{
	struct fixture f = fixture();
	struct promql_result r;

	(void)state;
	promql_instant(f.w, f.db, "ln(temp)", 0, &r);
	assert_non_null(strstr(r.error, "1:1: parse error: function \"ln\" is "
					"not supported in this version, which "
					"has: abs, absent, "));
	assert_non_null(strstr(r.error, "vector, year"));
	promql_result_free(&r);
	world_free(f.w);
}

static void deep_queries_are_refused(void **state)
{
	struct fixture f = fixture();
	struct text t = {0};
	struct promql_result r;

	(void)state;
	for (int i = 0; i < 100000; i++)
		text_char(&t, '(');
	promql_instant(f.w, f.db, text_cstr(&t), 0, &r);
	assert_int_equal(r.status, PROMQL_BAD_DATA);
	promql_result_free(&r);
	text_clear(&t);
	for (int i = 0; i < 100000; i++)
		text_add(&t, i ? "+1" : "1");
	promql_instant(f.w, f.db, text_cstr(&t), 0, &r);
	assert_int_equal(r.status, PROMQL_BAD_DATA);
	promql_result_free(&r);
	text_free(&t);
	world_free(f.w);
}

/* A value that is put together from itself doubles with each call. */
static void values_do_not_grow_without_end(void **state)
{
	struct fixture f = fixture();
	struct text t = {0};
	struct promql_result r;

	(void)state;
	for (int i = 0; i < 100; i++)
		text_add(&t, "label_join(");
	text_add(&t, "temp");
	for (int i = 0; i < 100; i++)
		text_add(&t, ",\"room\",\"\",\"room\",\"room\")");
	promql_instant(f.w, f.db, text_cstr(&t), 0, &r);
	assert_int_equal(r.status, PROMQL_EXECUTION);
	assert_string_equal(r.error, "a label value of label_join() is too long "
				     "for this version (more than 65536 bytes)");
	promql_result_free(&r);
	text_free(&t);
	world_free(f.w);
}

/* A query is no event: the world is the same afterwards, byte for byte. */
static void asking_changes_nothing(void **state)
{
	struct fixture f = fixture();
	size_t used = arena_head(&f.w->arena)->used;
	unsigned char *before = malloc(used);
	struct promql_result r;

	(void)state;
	memcpy(before, f.w->arena.base, used);
	promql_instant(f.w, f.db, "label_replace(sum by (pod) (rate(req_total"
				  "[1m])), \"x\", \"$1\", \"pod\", \"(.*)\")",
		       60000, &r);
	assert_int_equal(r.series_count, 2);
	assert_int_equal(arena_head(&f.w->arena)->used, used);
	assert_memory_equal(before, f.w->arena.base, used);
	promql_result_free(&r);
	free(before);
	world_free(f.w);
}

/* -- for promtool -------------------------------------------------------- */

static const char *yaml_value(const char *s)
{
	return !strncmp(s, "+Inf", 4) ? ".inf" :
	       !strncmp(s, "NaN", 3) ? ".nan" : s;
}

static void yaml_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = rows[i].answer;
		char *end;

		strtod(at, &end);
		if (!strcmp(at, "NaN"))	/* promtool: NaN is not NaN */
			continue;
		printf("      - expr: '");
		for (const char *c = rows[i].query; *c; c++)
			printf(*c == '\'' ? "''" : "%c", *c);
		printf("'\n        eval_time: %lldms\n        exp_samples:\n",
		       (long long)rows[i].at_ms);
		if (*at && !*end) {	/* a scalar */
			printf("          - {labels: '{}', value: %s}\n",
			       yaml_value(at));
			continue;
		}
		while (*at) {
			size_t len = strcspn(at, ";");
			const char *brace = strchr(at, '}');

			printf("          - {labels: '%.*s', value: %.*s}\n",
			       (int)(brace + 1 - at), at,
			       *yaml_value(brace + 2) == '.' ? 4 :
			       (int)(at + len - brace - 2),
			       yaml_value(brace + 2));
			at += len;
			at += strspn(at, "; ");
		}
	}
}

static int print_yaml(void)
{
	printf("tests:\n  - interval: 15s\n    input_series:\n");
	for (size_t i = 0; i < COUNT(data); i++)
		printf("      - {series: '%s', values: '%s'}\n",
		       data[i].series, data[i].values);
	printf("    promql_expr_test:\n");
	yaml_rows(selectors, COUNT(selectors));
	yaml_rows(rates, COUNT(rates));
	yaml_rows(over_time, COUNT(over_time));
	yaml_rows(aggregations, COUNT(aggregations));
	yaml_rows(operators, COUNT(operators));
	yaml_rows(functions, COUNT(functions));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_take_the_newest_sample_not_too_old),
		cmocka_unit_test(rates_are_extrapolated_as_prometheus_does),
		cmocka_unit_test(windows_become_values),
		cmocka_unit_test(groups_become_values),
		cmocka_unit_test(operators_match_labels),
		cmocka_unit_test(functions_compute),
		cmocka_unit_test(sorted_and_chosen_elements_keep_their_order),
		cmocka_unit_test(a_range_query_is_many_instant_queries),
		cmocka_unit_test(what_cannot_be_answered_is_told),
		cmocka_unit_test(an_unsupported_function_names_those_that_are),
		cmocka_unit_test(deep_queries_are_refused),
		cmocka_unit_test(values_do_not_grow_without_end),
		cmocka_unit_test(asking_changes_nothing),
	};

	if (getenv("PROMTOOL"))
		return print_yaml();
	return cmocka_run_group_tests_name("promql", tests, NULL, NULL);
}
