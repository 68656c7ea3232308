/* test_monitor.c - scraping: what is stored, when, and when nothing comes
 *
 * Method: a small world in which processes are killed, frozen and cut off, and
 * PromQL asked before and after.
 * Goal: an operator sees what a real Prometheus would show: late, incomplete,
 * `up` 0, series that end; and the run is the same each time.
 */
#include "tests/test.h"

#include "tests/sim/monitor_world.h"

#define NOTHING(v)	((v) != (v))

static void every_target_is_scraped_once_an_interval(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	metric_add(x.requests[0], 5);
	world_run_until(x.w, SIM_MINUTES(10));
	assert_true(ask(&x, "sum(up)") == 2);
	assert_true(ask(&x, "count_over_time(up{instance=\"web-1:8080\"}[5m])") ==
		    20);
	assert_true(ask(&x, "sum(http_requests_total)") == 5);
	assert_true(ask(&x, "max(scrape_samples_scraped)") == 1);
	assert_true(ask(&x, "max(scrape_series_added)") == 0);
	assert_true(ask(&x, "max_over_time(scrape_series_added{instance="
			    "\"web-1:8080\"}[10m])") == 1);
	assert_true(ask(&x, "min(scrape_duration_seconds)") > 0.0001);
	assert_true(ask(&x, "max(scrape_duration_seconds)") < 0.01);
	world_free(x.w);
}

static void targets_have_offsets_of_their_own(void **state)
{
	struct monitor_world x = monitor_world(1);
	static const char *const queries[] = {
		"up{instance=\"web-1:8080\"}[1m]",
		"up{instance=\"web-2:8080\"}[1m]",
	};

	(void)state;
	assert_int_not_equal(x.target[0]->offset, x.target[1]->offset);
	world_run_until(x.w, SIM_MINUTES(1));
	for (int i = 0; i < 2; i++) {
		struct promql_result r;

		promql_instant(x.w, x.m->tsdb, queries[i], wall(x.w), &r);
		assert_int_equal(r.series_count, 1);
		assert_int_equal(r.series[0].point_count, 4);
		for (uint32_t k = 0; k < 4; k++)
			assert_int_equal((r.series[0].points[k].t_ms -
					  SIM_EPOCH_MS) % 15000,
					 x.target[i]->offset / 1000000);
		promql_result_free(&r);
	}
	world_free(x.w);
}

static void clashing_labels_are_renamed(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_S(30));
	assert_true(ask(&x, "count(http_requests_total{job=\"web\","
			    "instance=\"web-1:8080\",code=\"200\","
			    "exported_instance=\"inner\"})") == 1);
	world_free(x.w);
}

static void a_dead_target_is_down_and_its_series_end(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	process_kill(x.w, x.web[0]);
	world_run_until(x.w, SIM_MINUTES(2) + SIM_S(16));
	assert_true(ask(&x, "up{instance=\"web-1:8080\"}") == 0);
	assert_true(ask(&x, "up{instance=\"web-2:8080\"}") == 1);
	/* at once, not after five minutes: the marker */
	assert_true(NOTHING(ask(&x, "http_requests_total"
				    "{instance=\"web-1:8080\"}")));
	assert_int_equal(x.target[0]->error, TARGET_REFUSED);
	process_start(x.w, x.web[0]);
	world_run_until(x.w, SIM_MINUTES(3));
	assert_true(ask(&x, "up{instance=\"web-1:8080\"}") == 1);
	assert_true(ask(&x, "http_requests_total{instance=\"web-1:8080\"}") ==
		    0);
	world_free(x.w);
}

static void a_frozen_target_times_out(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	process_hang(x.w, x.web[0]);
	/* asked within 15 s, given up 10 s later, not earlier */
	world_run_until(x.w, x.target[0]->asked_at + SIM_S(15) + SIM_S(9));
	assert_int_equal(x.target[0]->state, TARGET_WAITING);
	assert_true(ask(&x, "up{instance=\"web-1:8080\"}") == 1);
	world_run_until(x.w, x.target[0]->asked_at + SIM_S(11));
	assert_int_equal(x.target[0]->error, TARGET_TIMEOUT);
	assert_true(ask(&x, "up{instance=\"web-1:8080\"}") == 0);
	assert_true(ask(&x, "scrape_duration_seconds{instance="
			    "\"web-1:8080\"}") == 10);
	process_resume(x.w, x.web[0]);
	world_run_until(x.w, SIM_MINUTES(3));
	assert_true(ask(&x, "up{instance=\"web-1:8080\"}") == 1);
	world_free(x.w);
}

static void a_cut_link_looks_like_a_dead_machine(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct link_rule rule = {
		.a = x.web[1]->machine, .cut = true,
	};
	struct link_rule *cut;

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	cut = net_rule_add(x.w, &rule);
	world_run_until(x.w, SIM_MINUTES(3));
	assert_true(ask(&x, "up{instance=\"web-2:8080\"}") == 0);
	assert_int_equal(x.target[1]->error, TARGET_TIMEOUT);
	net_rule_remove(x.w, cut);
	world_run_until(x.w, SIM_MINUTES(4));
	assert_true(ask(&x, "sum(up)") == 2);
	world_free(x.w);
}

/* Nobody marks anything when the marker itself is dead. */
static void a_dead_monitor_leaves_series_to_the_lookback(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	process_kill(x.w, x.m->process);
	world_run_until(x.w, SIM_MINUTES(6));
	assert_true(ask(&x, "sum(up)") == 2);
	world_run_until(x.w, SIM_MINUTES(8));
	assert_true(NOTHING(ask(&x, "sum(up)")));
	process_start(x.w, x.m->process);
	world_run_until(x.w, SIM_MINUTES(9));
	assert_true(ask(&x, "sum(up)") == 2);
	assert_true(ask(&x, "count_over_time(up{instance=\"web-1:8080\"}[8m])") <
		    12);
	world_free(x.w);
}

static void a_new_metric_appears_a_removed_target_ends(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_MINUTES(1));
	metric_set(metric_gauge(x.w, x.web[0], "queue_length", NULL), 3);
	world_run_until(x.w, SIM_MINUTES(2));
	assert_true(ask(&x, "queue_length") == 3);
	assert_true(ask(&x, "sum(max_over_time(scrape_series_added"
			    "[1m]))") == 1);
	monitor_target_remove(x.w, x.m, x.target[0]);
	world_run_until(x.w, SIM_MINUTES(3));
	assert_true(ask(&x, "count(up)") == 1);
	assert_true(NOTHING(ask(&x, "queue_length")));
	world_free(x.w);
}

static void a_full_disk_loses_samples(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	x.m->process->machine->disk.full_of_others = true;
	world_run_until(x.w, SIM_MINUTES(8));
	assert_true(NOTHING(ask(&x, "sum(up)")));
	assert_true(x.m->lost_to_disk > 0);
	world_free(x.w);
}

static void a_machine_says_how_busy_it_is(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct node_exporter *e = node_exporter_new(x.w, x.web[0]->machine);
	double busy;

	(void)state;
	monitor_target(x.w, x.m, "node", "web-1:9100", e->process);
	process_start(x.w, e->process);
	for (int s = 0; s < 600; s++) {	/* half a second each second: 1/4 */
		cpu_run(x.w, x.web[0], SIM_MS(500), WEB_WORK, NULL, 0);
		world_run_until(x.w, SIM_S(s + 1));
	}
	busy = ask(&x, "1 - avg by (instance) (rate(node_cpu_seconds_total"
		       "{mode=\"idle\"}[5m]))");
	assert_true(busy > 0.245 && busy < 0.255);
	assert_true(ask(&x, "count(node_cpu_seconds_total{mode=\"idle\"})") == 2);
	assert_true(ask(&x, "node_memory_MemTotal_bytes") == 4294967296.0);
	assert_true(ask(&x, "node_filesystem_avail_bytes / "
			    "node_filesystem_size_bytes") == 1);
	assert_true(ask(&x, "rate(node_network_transmit_bytes_total[5m])") > 1);
	assert_true(ask(&x, "node_time_seconds - node_boot_time_seconds") > 580);
	world_free(x.w);
}

static void a_monitor_watches_itself(void **state)
{
	struct monitor_world x = monitor_world(1);

	(void)state;
	monitor_target(x.w, x.m, "prometheus", "localhost:9090", x.m->process);
	world_run_until(x.w, SIM_MINUTES(5));
	assert_true(ask(&x, "prometheus_tsdb_head_series") > 15);
	assert_true(ask(&x, "rate(process_cpu_seconds_total"
			    "{job=\"prometheus\"}[2m])") > 0);
	assert_true(ask(&x, "process_start_time_seconds{job=\"prometheus\"}") ==
		    1767600000);
	world_free(x.w);
}

/* -- over the network ---------------------------------------------------- */

static struct web_client *client_new(struct monitor_world *x)
{
	static const struct process_events on = { .message = CLIENT_MESSAGE };
	struct web_client *c = world_take(x->w, struct web_client);

	c->process = process_new(x->w, "curl",
				 machine_new(x->w, "laptop", "b",
					     &machine_small),
				 "curl", &on, MODULE_WORLD, c);
	process_start(x->w, c->process);
	return c;
}

static void a_question_travels_and_costs(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct web_client *c = client_new(&x);
	int64_t cpu;

	(void)state;
	world_run_until(x.w, SIM_MINUTES(1));
	cpu = x.m->process->cpu_ns;
	net_send(x.w, c->process, x.m->process, (struct message *)
		 http_request_new(x.w, HTTP_GET, "/api/v1/query?query=sum(up)",
				  NULL, 0, 42));
	world_run_until(x.w, SIM_MINUTES(1) + SIM_MS(1));
	assert_int_equal(c->answers, 0);	/* two zones, and a handshake */
	world_run_until(x.w, SIM_MINUTES(1) + SIM_MS(20));
	assert_int_equal(c->answers, 1);
	assert_int_equal(c->status, 200);
	assert_int_equal(c->id, 42);
	assert_true(x.m->process->cpu_ns > cpu);
	assert_non_null(strstr(c->body, "\"resultType\":\"vector\""));
	assert_non_null(strstr(c->body, "\"2\"]"));

	process_kill(x.w, x.m->process);
	net_send(x.w, c->process, x.m->process, (struct message *)
		 http_request_new(x.w, HTTP_GET, "/-/healthy", NULL, 0, 43));
	world_run_until(x.w, SIM_MINUTES(2));
	assert_int_equal(c->answers, 1);
	world_free(x.w);
}

/* -- the same run -------------------------------------------------------- */

static uint64_t digest_after(uint64_t seed, sim_time span)
{
	struct monitor_world x = monitor_world(seed);
	uint64_t digest;

	metric_add(x.requests[0], 7);
	world_run_until(x.w, span);
	digest = world_digest(x.w);
	world_free(x.w);
	return digest;
}

static void the_same_seed_is_the_same_run(void **state)
{
	(void)state;
	assert_true(digest_after(3, SIM_MINUTES(5)) ==
		    digest_after(3, SIM_MINUTES(5)));
	assert_true(digest_after(3, SIM_MINUTES(5)) !=
		    digest_after(4, SIM_MINUTES(5)));
}

static void a_rewound_monitor_runs_the_same_again(void **state)
{
	struct monitor_world x = monitor_world(1);
	uint64_t digest, appended;
	uint32_t series;

	(void)state;
	world_travel_on(x.w, SIM_MINUTES(1), 32);
	world_run_until(x.w, SIM_MINUTES(5));
	digest = world_digest(x.w);
	appended = x.m->tsdb->appended;
	series = x.m->tsdb->series.count;
	world_rewind(x.w, SIM_S(5));
	assert_true(x.m->tsdb->appended < appended);
	world_run_until(x.w, SIM_MINUTES(5));
	assert_true(world_digest(x.w) == digest);
	assert_true(x.m->tsdb->appended == appended);
	assert_int_equal(x.m->tsdb->series.count, series);
	assert_true(ask(&x, "count_over_time(up{instance=\"web-1:8080\"}[5m])") ==
		    20);
	world_free(x.w);
}

/* In the steady state a scrape takes no memory that it does not give back. */
static void scraping_does_not_grow_the_arena(void **state)
{
	struct monitor_world x = monitor_world(1);
	size_t hot;

	(void)state;
	world_run_until(x.w, SIM_MINUTES(2));
	hot = world_hot_bytes(x.w);
	world_run_until(x.w, SIM_HOURS(1));
	assert_true(world_hot_bytes(x.w) <= hot + 4096);
	world_free(x.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_target_is_scraped_once_an_interval),
		cmocka_unit_test(targets_have_offsets_of_their_own),
		cmocka_unit_test(clashing_labels_are_renamed),
		cmocka_unit_test(a_dead_target_is_down_and_its_series_end),
		cmocka_unit_test(a_frozen_target_times_out),
		cmocka_unit_test(a_cut_link_looks_like_a_dead_machine),
		cmocka_unit_test(a_dead_monitor_leaves_series_to_the_lookback),
		cmocka_unit_test(a_new_metric_appears_a_removed_target_ends),
		cmocka_unit_test(a_full_disk_loses_samples),
		cmocka_unit_test(a_machine_says_how_busy_it_is),
		cmocka_unit_test(a_monitor_watches_itself),
		cmocka_unit_test(a_question_travels_and_costs),
		cmocka_unit_test(the_same_seed_is_the_same_run),
		cmocka_unit_test(a_rewound_monitor_runs_the_same_again),
		cmocka_unit_test(scraping_does_not_grow_the_arena),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
