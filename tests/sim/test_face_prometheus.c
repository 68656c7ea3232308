/* test_face_prometheus.c - Prometheus's HTTP API, byte for byte
 *
 * Method: a table of requests and the bodies Prometheus 2.42 gives for them
 * (taken from the real program with the same samples).
 * Goal: Grafana, promtool and curl cannot tell the difference.
 */
#include "tests/test.h"

#include "tests/sim/monitor_world.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Seven values that print in seven ways, at the epoch. */
static struct monitor_world api_world(void)
{
	static const double values[] = {
		1e-7, 0, 0, -0.1, 1e21, 123456789012345678.0, 1e20,
	};
	struct monitor_world x = monitor_world(1);
	const struct labels *none = labels_make(x.w, NULL, 0);

	for (int i = 0; i < 7; i++) {
		char job[2] = { (char)('a' + i), '\0' };
		struct label label = { world_name(x.w, "job"),
				       world_name(x.w, job) };

		tsdb_append(x.w, x.m->tsdb,
			    tsdb_series(x.w, x.m->tsdb, world_name(x.w, "g"),
					labels_make(x.w, &label, 1)),
			    SIM_EPOCH_MS, i == 1 ? number_inf() :
					  i == 2 ? number_nan() : values[i]);
	}
	for (int i = 0; i < 3; i++)
		tsdb_append(x.w, x.m->tsdb,
			    tsdb_series(x.w, x.m->tsdb,
					world_name(x.w, "n_total"), none),
			    SIM_EPOCH_MS + i * 15050, i * 10);
	return x;
}

static const struct {
	const char *path;
	uint32_t status;
	const char *body;
} row[] = {
	{ "/api/v1/query?query=g&time=1767600031", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
	  "\"result\":["
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"a\"},"
	  "\"value\":[1767600031,\"1e-07\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"b\"},"
	  "\"value\":[1767600031,\"+Inf\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"c\"},"
	  "\"value\":[1767600031,\"NaN\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"d\"},"
	  "\"value\":[1767600031,\"-0.1\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"e\"},"
	  "\"value\":[1767600031,\"1e+21\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"f\"},"
	  "\"value\":[1767600031,\"123456789012345680\"]},"
	  "{\"metric\":{\"__name__\":\"g\",\"job\":\"g\"},"
	  "\"value\":[1767600031,\"100000000000000000000\"]}]}}" },
	{ "/api/v1/query?query=n_total&time=1767600000.5", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
	  "\"result\":[{\"metric\":{\"__name__\":\"n_total\"},"
	  "\"value\":[1767600000.500,\"0\"]}]}}" },
	{ "/api/v1/query?query=1%2B1&time=1767600000.5", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\","
	  "\"result\":[1767600000.5,\"2\"]}}" },
	{ "/api/v1/query?query=%22%3C%C3%A9%22&time=2026-01-05T09:00:00%2B01:00",
	  200, "{\"status\":\"success\",\"data\":{\"resultType\":\"string\","
	       "\"result\":[1767600000,\"\\u003cé\"]}}" },
	{ "/api/v1/query?query=n_total[1m]&time=1767600031", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\","
	  "\"result\":[{\"metric\":{\"__name__\":\"n_total\"},\"values\":"
	  "[[1767600000,\"0\"],[1767600015.050,\"10\"],"
	  "[1767600030.100,\"20\"]]}]}}" },
	{ "/api/v1/query_range?query=n_total&start=1767600000&end=1767600030&"
	  "step=15s", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\","
	  "\"result\":[{\"metric\":{\"__name__\":\"n_total\"},\"values\":"
	  "[[1767600000,\"0\"],[1767600015,\"0\"],[1767600030,\"10\"]]}]}}" },
	{ "/api/v1/query_range?query=1&start=10&end=20&step=5", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\","
	  "\"result\":[{\"metric\":{},\"values\":[[10,\"1\"],[15,\"1\"],"
	  "[20,\"1\"]]}]}}" },
	{ "/api/v1/query?query=nope&time=1", 200,
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
	  "\"result\":[]}}" },
	{ "/api/v1/series?match[]=g{job=~%22a|b%22}&match[]=n_total", 200,
	  "{\"status\":\"success\",\"data\":["
	  "{\"__name__\":\"g\",\"job\":\"a\"},"
	  "{\"__name__\":\"g\",\"job\":\"b\"},{\"__name__\":\"n_total\"}]}" },
	{ "/api/v1/series?match[]=g&start=1767600001", 200,
	  "{\"status\":\"success\",\"data\":[]}" },
	{ "/api/v1/labels", 200,
	  "{\"status\":\"success\",\"data\":[\"__name__\",\"job\"]}" },
	{ "/api/v1/labels?match[]=n_total", 200,
	  "{\"status\":\"success\",\"data\":[\"__name__\"]}" },
	{ "/api/v1/label/job/values", 200,
	  "{\"status\":\"success\",\"data\":[\"a\",\"b\",\"c\",\"d\",\"e\","
	  "\"f\",\"g\"]}" },
	{ "/api/v1/label/__name__/values", 200,
	  "{\"status\":\"success\",\"data\":[\"g\",\"n_total\"]}" },
	{ "/api/v1/label/nope/values", 200,
	  "{\"status\":\"success\",\"data\":[]}" },
	{ "/api/v1/metadata", 200, "{\"status\":\"success\",\"data\":{}}" },
	{ "/-/healthy", 200, "Prometheus Server is Healthy.\n" },
	{ "/-/ready", 200, "Prometheus Server is Ready.\n" },

	{ "/api/v1/query", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"query\\\": 1:1: parse error: no expression "
	  "found in input\"}" },
	{ "/api/v1/query?query=g%7Ba%3E1%7D", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"query\\\": 1:4: parse error: unexpected "
	  "character inside braces: '\\u003e'\"}" },
	{ "/api/v1/query?query=1&time=abc", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"time\\\": Invalid time value for 'time': "
	  "cannot parse \\\"abc\\\" to a valid timestamp\"}" },
	{ "/api/v1/query_range?query=g+g&start=1&end=2&step=1", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"1:3: parse error: unexpected identifier \\\"g\\\"\"}" },
	{ "/api/v1/query_range?query=1", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"start\\\": cannot parse \\\"\\\" to a valid "
	  "timestamp\"}" },
	{ "/api/v1/query_range?query=1&start=10&end=5", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"end\\\": end timestamp must not be before "
	  "start time\"}" },
	{ "/api/v1/query_range?query=1&start=10&end=20&step=0", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"step\\\": zero or negative query resolution "
	  "step widths are not accepted. Try a positive integer\"}" },
	{ "/api/v1/query_range?query=1&start=10&end=20000&step=1", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"exceeded maximum resolution of 11,000 points per timeseries. Try "
	  "decreasing the query resolution (?step=XX)\"}" },
	{ "/api/v1/query_range?query=g[5m]&start=10&end=20&step=5", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid expression type \\\"range vector\\\" for range query, "
	  "must be Scalar or instant Vector\"}" },
	{ "/api/v1/query?query=g%2Bon()g&time=1767600031", 422,
	  "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":"
	  "\"found duplicate series for the match group {} on the right "
	  "hand-side of the operation: [{__name__=\\\"g\\\", job=\\\"b\\\"}, "
	  "{__name__=\\\"g\\\", job=\\\"a\\\"}];many-to-many matching not "
	  "allowed: matching labels must be unique on one side\"}" },
	{ "/api/v1/series", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"no match[] parameter provided\"}" },
	{ "/api/v1/series?match[]=g{", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid parameter \\\"match[]\\\": 1:3: parse error: unexpected "
	  "end of input inside braces\"}" },
	{ "/api/v1/label/jo-b/values", 400,
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":"
	  "\"invalid label name: \\\"jo-b\\\"\"}" },
	{ "/api/v1/nope", 404, "404 page not found\n" },
	{ "/", 404, "404 page not found\n" },
};

static void answers_are_those_of_prometheus(void **state)
{
	struct monitor_world x = api_world();

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct prometheus_answer a;

		prometheus_answer(x.w, x.m, HTTP_GET, row[i].path, NULL, &a);
		if (strcmp(text_cstr(&a.body), row[i].body))
			fail_msg("%s:\n got  %s\n want %s", row[i].path,
				 text_cstr(&a.body), row[i].body);
		assert_int_equal(a.status, row[i].status);
		text_free(&a.body);
	}
	world_free(x.w);
}

static void a_form_can_be_posted(void **state)
{
	struct monitor_world x = api_world();
	struct prometheus_answer a;

	(void)state;
	prometheus_answer(x.w, x.m, HTTP_POST, "/api/v1/query?time=5",
			  "query=1%2B1&time=7", &a);
	assert_string_equal(text_cstr(&a.body),
			    "{\"status\":\"success\",\"data\":{\"resultType\":"
			    "\"scalar\",\"result\":[7,\"2\"]}}");
	text_free(&a.body);
	prometheus_answer(x.w, x.m, HTTP_PUT, "/api/v1/query", "query=1", &a);
	assert_int_equal(a.status, 405);
	text_free(&a.body);
	prometheus_answer(x.w, x.m, HTTP_POST, "/api/v1/targets", "", &a);
	assert_int_equal(a.status, 405);
	text_free(&a.body);
	world_free(x.w);
}

static void targets_are_listed_with_their_health(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct prometheus_answer a;

	(void)state;
	prometheus_answer(x.w, x.m, HTTP_GET, "/api/v1/targets", NULL, &a);
	assert_non_null(strstr(a.body.at, "\"lastError\":\"\",\"lastScrape\":"
					  "\"0001-01-01T00:00:00Z\","
					  "\"lastScrapeDuration\":0,"
					  "\"health\":\"unknown\""));
	text_free(&a.body);
	process_kill(x.w, x.web[1]);
	world_run_until(x.w, SIM_MINUTES(1));
	prometheus_answer(x.w, x.m, HTTP_GET, "/api/v1/targets", NULL, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body.at,
		"{\"status\":\"success\",\"data\":{\"activeTargets\":["
		"{\"discoveredLabels\":{\"__address__\":\"web-1:8080\","
		"\"__metrics_path__\":\"/metrics\",\"__scheme__\":\"http\","
		"\"__scrape_interval__\":\"15s\",\"__scrape_timeout__\":\"10s\","
		"\"job\":\"web\"},\"labels\":{\"instance\":\"web-1:8080\","
		"\"job\":\"web\"},\"scrapePool\":\"web\",\"scrapeUrl\":"
		"\"http://web-1:8080/metrics\",\"globalUrl\":"
		"\"http://web-1:8080/metrics\",\"lastError\":\"\","
		"\"lastScrape\":\"2026-01-05T08:00:"));
	assert_non_null(strstr(a.body.at, "\"health\":\"up\",\"scrapeInterval\":"
					  "\"15s\",\"scrapeTimeout\":\"10s\"}"));
	assert_non_null(strstr(a.body.at,
		"\"lastError\":\"Get \\\"http://web-2:8080/metrics\\\": dial "
		"tcp web-2:8080: connect: connection refused\""));
	assert_non_null(strstr(a.body.at, "\"health\":\"down\""));
	text_free(&a.body);
	world_free(x.w);
}

static void cardinality_can_be_asked(void **state)
{
	struct monitor_world x = api_world();
	struct prometheus_answer a;

	(void)state;
	prometheus_answer(x.w, x.m, HTTP_GET, "/api/v1/status/tsdb", NULL, &a);
	assert_non_null(strstr(a.body.at, "\"headStats\":{\"numSeries\":8,"
					  "\"numLabelPairs\":9,"));
	assert_non_null(strstr(a.body.at, "\"seriesCountByMetricName\":["
					  "{\"name\":\"g\",\"value\":7},"
					  "{\"name\":\"n_total\",\"value\":1}]"));
	/* Its values are g and n_total: not what another table counted. */
	assert_non_null(strstr(a.body.at, "{\"name\":\"__name__\","
					  "\"value\":8}"));
	text_free(&a.body);
	world_free(x.w);
}

static void parameters_are_decoded_as_go_does(void **state)
{
	static const struct {
		const char *query, *name;
		uint32_t n;
		const char *value;	/* NULL: not there */
	} parameter[] = {
		{ "a=1&b=2", "b", 0, "2" }, { "a=1&a=2", "a", 1, "2" },
		{ "a=1&a=2", "a", 2, NULL }, { "a=x+y%2Bz", "a", 0, "x y+z" },
		{ "m%5B%5D=1", "m[]", 0, "1" }, { "a", "a", 0, "" },
		{ "a=%zz&a=2", "a", 0, "2" }, { "a=1;b=2", "a", 0, NULL },
		{ "&&a=1&", "a", 0, "1" }, { "a=b=c", "a", 0, "b=c" },
		{ "", "a", 0, NULL }, { "aa=1", "a", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(parameter); i++) {
		struct text t = {0};
		bool there = http_parameter(parameter[i].query,
					    parameter[i].name, parameter[i].n,
					    &t);

		assert_int_equal(there, parameter[i].value != NULL);
		if (there)
			assert_string_equal(text_cstr(&t), parameter[i].value);
		text_free(&t);
	}
}

static void what_is_encoded_decodes_to_itself(void **state)
{
	static const char text[] = "sum by (a) (x{b=~\"é+|%\"}) & \n";
	struct text encoded = {0}, t = {0};

	(void)state;
	http_encode(&encoded, text);
	assert_null(strpbrk(text_cstr(&encoded), "&+ \n\"{"));
	http_decode(&t, encoded.at, encoded.len, true);
	assert_string_equal(text_cstr(&t), text);
	text_free(&encoded);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_those_of_prometheus),
		cmocka_unit_test(a_form_can_be_posted),
		cmocka_unit_test(targets_are_listed_with_their_health),
		cmocka_unit_test(cardinality_can_be_asked),
		cmocka_unit_test(parameters_are_decoded_as_go_does),
		cmocka_unit_test(what_is_encoded_decodes_to_itself),
	};

	return cmocka_run_group_tests_name("face prometheus", tests, NULL, NULL);
}
