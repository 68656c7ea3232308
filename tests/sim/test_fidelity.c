/* test_fidelity.c - an estimate says so, wherever it has got to
 *
 * Method: the stage of a million devices at each level, made small; its
 * figures are followed to its metrics, through a scrape into the store, out of
 * a query and out of the HTTP answer.
 */
#include "tests/test.h"

#include "sim/device/ingest_words.h"
#include "sim/face/prometheus.h"
#include "sim/monitor/monitor.h"
#include "sim/stack/stack.h"
#include "sim/tsdb/promql_eval.h"

#define SMALL	"devices=1000 partitions=4 nodes=2 fidelity="

static struct world *stage_at(const char *level)
{
	struct text settings = {0};
	struct err err = { "" };
	struct world *w;

	text_addf(&settings, SMALL "%s", level);
	w = stack_world("million-devices", 1, text_cstr(&settings), &err);
	text_free(&settings);
	if (!w)
		fail_msg("%s", err.what);
	world_run_until(w, SIM_S(40));
	return w;
}

static enum fidelity of_query(struct world *w, const char *query)
{
	struct promql_result r;
	enum fidelity f;

	promql_instant(w, monitor_first(w)->tsdb, query,
		       sim_wall_ms(world_now(w)), &r);
	assert_int_equal(r.status, PROMQL_OK);
	f = r.fidelity;
	promql_result_free(&r);
	return f;
}

static void a_query_is_as_good_as_its_worst_sample(void **state)
{
	static const struct {
		const char *level;
		enum fidelity counted;
	} rows[] = {
		{ "record", FIDELITY_EXACT }, { "window", FIDELITY_WINDOW },
		{ "counts", FIDELITY_ESTIMATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = stage_at(rows[i].level);
		enum fidelity f = rows[i].counted;

		assert_int_equal(of_query(w, "ingest_readings_produced_total"),
				 f);
		assert_int_equal(of_query(w, "sum(rate(ingest_records_stored_"
					  "total[30s])) * 2"), f);
		assert_int_equal(of_query(w, "up + on() group_left() sum("
					  "ingest_partition_backlog_records)"),
				 f);
		/* One record in a thousand, at every level. */
		assert_int_equal(of_query(w, "histogram_quantile(0.99, ingest_"
					  "tracer_latency_seconds_bucket)"),
				 FIDELITY_ESTIMATE);
		/* What has nothing to do with it stays exact. */
		assert_int_equal(of_query(w, "up"), FIDELITY_EXACT);
		assert_int_equal(of_query(w, "sum(ingest_devices_out)"),
				 FIDELITY_EXACT);
		assert_int_equal(of_query(w, "1 + 1"), FIDELITY_EXACT);
		world_free(w);
	}
}

/* Looked at closely from 40 s on, the backlog is counted from then on: the
 * newest sample is exact, a range that goes further back is not, and a total
 * that began as an estimate stays one. */
static void looking_closer_makes_new_samples_exact(void **state)
{
	struct world *w = stage_at("counts");
	struct err err;

	(void)state;
	assert_true(world_command(w, "ingest-level level=record", NULL, &err));
	world_run_until(w, SIM_S(70));
	assert_int_equal(of_query(w, "sum(ingest_partition_backlog_records)"),
			 FIDELITY_EXACT);
	assert_int_equal(of_query(w, "max_over_time(ingest_partition_backlog_"
				  "records[15s])"), FIDELITY_EXACT);
	assert_int_equal(of_query(w, "max_over_time(ingest_partition_backlog_"
				  "records[1m])"), FIDELITY_ESTIMATE);
	assert_int_equal(of_query(w, "sum(ingest_partition_backlog_records "
				  "offset 35s)"), FIDELITY_ESTIMATE);
	assert_int_equal(of_query(w, "ingest_readings_produced_total"),
			 FIDELITY_ESTIMATE);
	world_free(w);
}

static void answer(struct world *w, const char *query, struct text *body)
{
	struct prometheus_answer a = {0};
	struct text path = {0};

	text_addf(&path, "/api/v1/query?query=%s", query);
	prometheus_answer(w, monitor_first(w), HTTP_GET, text_cstr(&path), "",
			  &a);
	assert_int_equal(a.status, 200);
	text_add(body, text_cstr(&a.body));
	text_free(&path);
	text_free(&a.body);
}

static void an_http_answer_has_it_among_its_infos(void **state)
{
	struct world *w = stage_at("counts");
	struct text body = {0};

	(void)state;
	answer(w, "ingest_readings_held", &body);
	assert_non_null(strstr(text_cstr(&body), "]},\"infos\":[\"fidelity "
			       "estimate: inferred from counts"));
	text_clear(&body);
	answer(w, "up", &body);
	assert_null(strstr(text_cstr(&body), "infos"));
	text_free(&body);
	world_free(w);
}

/* The same figures as ingest_ask, each with its badge, its interval if it is
 * an estimate, and at the end what the badges mean that stand there. */
static void a_stage_in_words_has_a_badge_beside_each_figure(void **state)
{
	struct world *w = stage_at("counts"), *exact = stage_at("record");
	const struct ingest *s = ingest_at(w, 0);
	struct text t = {0}, line = {0};
	struct ingest_answer a;

	(void)state;
	ingest_ask(w, s, &a);
	assert_true(a.produced.low < a.produced.high);
	text_addf(&line, "  produced     %14lld  estimate  %lld to %lld\n",
		  (long long)a.produced.value, (long long)a.produced.low,
		  (long long)a.produced.high);
	ingest_text(w, s, &t);
	assert_non_null(strstr(text_cstr(&t), text_cstr(&line)));
	assert_non_null(strstr(text_cstr(&t), "\n  estimate: inferred"));
	assert_null(strstr(text_cstr(&t), "exact"));
	text_clear(&t);
	ingest_text(exact, ingest_at(exact, 0), &t);
	assert_non_null(strstr(text_cstr(&t), "\n  exact: counted"));
	assert_null(strstr(text_cstr(&t), "estimate"));
	text_clear(&t);
	ingest_json(w, s, &t);
	assert_non_null(strstr(text_cstr(&t), "\"p99_ns\":{\"fidelity\":"
			       "\"estimate\",\"value\":"));
	text_free(&t);
	text_free(&line);
	world_free(w);
	world_free(exact);
}

static void badges_can_be_read_back(void **state)
{
	enum fidelity f;

	(void)state;
	for (int i = FIDELITY_EXACT; i <= FIDELITY_ESTIMATE; i++) {
		assert_true(fidelity_parse(fidelity_badge((enum fidelity)i),
					   &f));
		assert_int_equal(f, i);
	}
	assert_false(fidelity_parse("guess", &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_as_good_as_its_worst_sample),
		cmocka_unit_test(looking_closer_makes_new_samples_exact),
		cmocka_unit_test(an_http_answer_has_it_among_its_infos),
		cmocka_unit_test(
			a_stage_in_words_has_a_badge_beside_each_figure),
		cmocka_unit_test(badges_can_be_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
