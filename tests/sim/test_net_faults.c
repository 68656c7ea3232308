/* test_net_faults.c - what is wrong with network, names and clocks shows
 *
 * local-kafka with one fault each; the goal: the signs are where an operator
 * looks (Prometheus, log lines, records), and go away when it is healed.
 */
#include "tests/test.h"

#include "sim/monitor/monitor.h"
#include "sim/stack/stack.h"
#include "sim/stack/terminal.h"
#include "sim/tsdb/promql_eval.h"

static struct world *lab(const char *settings)
{
	struct err err = {{0}};
	struct world *w = stack_world("local-kafka", 3, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static int64_t command(struct world *w, const char *line)
{
	struct err err = {{0}};
	int64_t id = 0;

	if (!world_command(w, line, &id, &err))
		fail_msg("%s: %s", line, err.what);
	return id;
}

static void heal(struct world *w, int64_t number)
{
	char line[32];

	snprintf(line, sizeof(line), "heal %lld", (long long)number);
	command(w, line);
}

static void pass(struct world *w, sim_time span)
{
	world_run_until(w, world_now(w) + span);
}

static double ask(struct world *w, const char *query)
{
	struct promql_result r;
	double v;

	promql_instant(w, monitor_first(w)->tsdb, query,
		       sim_wall_ms(world_now(w)), &r);
	if (r.status != PROMQL_OK || r.type != PROMQL_VECTOR ||
	    r.series_count != 1)
		fail_msg("%s: %s, %u series", query, r.error, r.series_count);
	v = r.series[0].points[0].v;
	promql_result_free(&r);
	return v;
}

static void a_slow_card_is_full_and_says_its_speed(void **state)
{
	struct world *w = lab(NULL);
	static const char rate[] = "rate(node_network_transmit_bytes_total"
				   "{instance=\"broker-1:9100\"}[1m])";
	static const char speed[] = "node_network_speed_bytes"
				    "{instance=\"broker-1:9100\"}";
	double healthy;
	int64_t fault;

	(void)state;
	pass(w, SIM_MINUTES(2));
	healthy = ask(w, rate);
	assert_true(ask(w, speed) == 1250e6 / 8);
	assert_true(healthy > 150e3);
	fault = command(w, "fault nic-rate component=broker-1 mbit=1");
	pass(w, SIM_S(90));
	assert_true(ask(w, speed) == 125e3);
	assert_true(ask(w, rate) < 126e3);
	assert_true(ask(w, rate) > 100e3);
	heal(w, fault);
	pass(w, SIM_MINUTES(3));
	assert_true(ask(w, speed) == 1250e6 / 8);
	assert_true(ask(w, rate) > 0.8 * healthy);
	world_free(w);
}

static void lost_segments_are_counted_at_both_ends(void **state)
{
	struct world *w = lab(NULL);
	static const char again[] = "rate(node_netstat_Tcp_RetransSegs"
				    "{instance=\"broker-2:9100\"}[1m])";
	static const char dropped[] = "rate(node_network_receive_drop_total"
				      "{instance=\"broker-2:9100\"}[1m])";
	int64_t fault;

	(void)state;
	pass(w, SIM_MINUTES(2));
	assert_true(ask(w, again) == 0 && ask(w, dropped) == 0);
	fault = command(w, "fault lossy-link component=broker-2 loss-ppm=50000 "
			"one-way=1");
	pass(w, SIM_S(90));
	assert_true(ask(w, again) > 0.5 && ask(w, dropped) == 0);
	heal(w, fault);
	pass(w, SIM_S(90));
	assert_true(ask(w, again) == 0);
	fault = command(w, "fault lossy-link component=broker-2 loss-ppm=0 "
			"reorder-ppm=100000");
	pass(w, SIM_S(90));
	assert_true(ask(w, again) == 0);	/* reordered, not lost */
	world_free(w);
}

/* Zones cost money: what broker-1 sends its followers goes to other zones. */
static void bytes_are_counted_by_how_far_they_go(void **state)
{
	struct world *w = lab(NULL);
	const struct nic *nic = &machine_find(w, "broker-1")->nic;

	(void)state;
	pass(w, SIM_MINUTES(1));
	assert_true(nic->sent_to[PLACE_REGION] > 1000000);
	assert_true(nic->sent_to[PLACE_ZONE] > 10000);
	assert_int_equal(nic->sent_to[PLACE_WORLD], 0);
	assert_int_equal(nic->sent_to[PLACE_ZONE] + nic->sent_to[PLACE_REGION],
			 nic->sent_bytes);
	world_free(w);
}

/* Brokers give up on silence after 30 s, so they do not sleep through the end
 * of a long cut until TCP tries again. */
static void after_a_long_cut_replicas_are_soon_in_sync(void **state)
{
	struct world *w = lab(NULL);
	static const char under[] = "sum(kafka_server_replicamanager_"
				    "underreplicatedpartitions)";

	(void)state;
	pass(w, SIM_MINUTES(1));
	command(w, "fault partition component=broker-3 for=2m");
	pass(w, SIM_S(110));
	assert_true(ask(w, under) == 6 + 50);	/* and those of offsets */
	pass(w, SIM_S(10) + SIM_S(30));		/* healed for 30 s */
	assert_true(ask(w, under) == 0);
	world_free(w);
}

/* -- names ---------------------------------------------------------------- */

static uint32_t lines_with(struct world *w, const char *part)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < log_count(w); i++)
		n += strstr(log_text(w, log_at(w, i)), part) != NULL;
	return n;
}

static void without_dns_who_is_connected_works_and_who_starts_does_not(
	void **state)
{
	struct world *w = lab(NULL);
	static const char done[] = "sum(rate(app_records_processed_total[1m]))";
	int64_t fault;

	(void)state;
	pass(w, SIM_MINUTES(1));
	fault = command(w, "fault dns-down component=app-1");
	pass(w, SIM_MINUTES(3));	/* no answer is believed any more */
	assert_int_equal(lines_with(w, "<unresolved>"), 0);
	assert_true(ask(w, done) > 1900);	/* two groups, 1000 each */
	command(w, "fault restart component=dashboard");
	pass(w, SIM_MINUTES(2));
	assert_true(lines_with(w, "<unresolved>") > 0);
	assert_true(ask(w, done) < 1100);	/* the other works on */
	heal(w, fault);
	pass(w, SIM_MINUTES(5));
	assert_true(ask(w, done) > 1900);
	world_free(w);
}

static void a_wrong_name_leads_to_the_wrong_machine(void **state)
{
	struct world *w = lab(NULL);
	struct machine *app = machine_find(w, "app-1");
	struct process *p = NULL;
	int64_t fault = command(w, "fault dns-wrong component=broker-1 "
				"to=broker-2");

	(void)state;
	pass(w, SIM_S(40));
	assert_int_equal(net_resolve(w, app, "broker-1", 9092, &p), RESOLVED);
	assert_string_equal(world_text(w, p->name), "broker-2");
	heal(w, fault);
	pass(w, SIM_S(31));
	assert_int_equal(net_resolve(w, app, "broker-1", 9092, &p), RESOLVED);
	assert_string_equal(world_text(w, p->name), "broker-1");
	world_free(w);
}

/* -- clocks --------------------------------------------------------------- */

static const char *entry(struct world *w, int64_t id, uint16_t kind)
{
	uint64_t cursor = 0;
	const struct terminal_entry *e;

	while ((e = terminal_next(w, id, &cursor)))
		if (e->kind == kind)
			return terminal_text(w, e);
	return "";
}

/* CreateTime is the producer's machine's, an hour ahead at that time. */
static void records_carry_the_producers_time(void **state)
{
	struct world *w = lab("fleet=off apps=off");
	char line[100], want[40];
	int64_t in, out;
	sim_time at;

	(void)state;
	pass(w, SIM_S(10));
	command(w, "fault clock-step component=workstation by=1h");
	in = command(w, "produce-open from=workstation bootstrap=broker-1:9092 "
		     "topic=readings acks=all");
	pass(w, SIM_S(2));
	at = world_now(w);
	snprintf(line, sizeof(line), "produce id=%lld partition=0 value=x",
		 (long long)in);
	command(w, line);
	pass(w, SIM_S(2));
	out = command(w, "consume-open from=app-1 bootstrap=broker-1:9092 "
		      "topic=readings partition=0 offset=-2");
	pass(w, SIM_S(5));
	snprintf(want, sizeof(want), "\"timestamp_ms\":%lld",
		 (long long)(sim_wall_ms(at) + 3600000));
	if (!strstr(entry(w, out, TERMINAL_RECORD), want))
		fail_msg("%s is not in %s", want,
			 entry(w, out, TERMINAL_RECORD));
	world_free(w);
}

static void a_log_line_has_the_machines_time(void **state)
{
	struct world *w = lab(NULL);
	const struct process *broker = process_find(w, "broker-2");
	struct text t = {0};
	uint32_t n = 0;

	(void)state;
	pass(w, SIM_S(30));
	command(w, "fault clock-step component=broker-2 by=-30m");
	command(w, "fault kill component=broker-2 for=5s");
	pass(w, SIM_S(60));
	for (uint64_t i = 0; i < log_count(w); i++) {
		const struct log_line *line = log_at(w, i);

		if (line->at <= SIM_S(30))
			continue;
		text_clear(&t);
		log_line_text(w, line, &t);
		assert_int_equal(line->process == broker->id,
				 !strncmp(t.at, "[2026-01-05 07:3", 16));
		n += line->process == broker->id;
	}
	assert_true(n > 0);
	text_free(&t);
	world_free(w);
}

static void prometheus_sees_a_clock_that_nobody_keeps(void **state)
{
	struct world *w = lab(NULL);
	static const char sync[] = "node_timex_sync_status"
				   "{instance=\"broker-1:9100\"}";
	static const char ahead[] = "node_time_seconds{instance="
		"\"broker-1:9100\"} - timestamp(node_time_seconds{instance="
		"\"broker-1:9100\"})";
	int64_t fault;

	(void)state;
	pass(w, SIM_S(60));
	assert_true(ask(w, sync) == 1);
	assert_true(ask(w, ahead) < 0.1 && ask(w, ahead) > -0.1);
	fault = command(w, "fault clock-drift component=broker-1 ppm=10000");
	pass(w, SIM_S(300));			/* 1 % of 300 s */
	assert_true(ask(w, sync) == 0);
	assert_true(ask(w, ahead) > 2.8 && ask(w, ahead) < 3.1);
	heal(w, fault);
	pass(w, SIM_S(30));
	assert_true(ask(w, sync) == 1);
	assert_true(ask(w, ahead) < 0.1 && ask(w, ahead) > -0.1);
	world_free(w);
}

static void an_offset_is_seen_while_it_is_slewed(void **state)
{
	struct world *w = lab(NULL);
	static const char offset[] = "node_timex_offset_seconds"
				     "{instance=\"broker-1:9100\"}";

	(void)state;
	pass(w, SIM_S(60));
	assert_true(ask(w, offset) == 0);
	command(w, "fault clock-step component=broker-1 by=20s");
	pass(w, SIM_S(100));			/* 20 s take 240 s */
	assert_true(ask(w, offset) > 10 && ask(w, offset) < 20);
	pass(w, SIM_S(300));
	assert_true(ask(w, offset) == 0);
	world_free(w);
}

/* -- commands ------------------------------------------------------------- */

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const lines[] = {
		"fault nic-rate component=broker-1 mbit=0",
		"fault nic-rate component=nobody",
		"fault lossy-link component=broker-1 loss-ppm=-1",
		"fault lossy-link component=broker-1 reorder-ppm=2000000",
		"fault dns-wrong component=broker-1 to=broker-1",
		"fault dns-wrong component=broker-1 to=nobody",
		"fault clock-step component=broker-1 by=0s",
		"fault clock-step component=broker-1 by=soon",
		"fault clock-step component=broker-1 by=-100000d",
		"fault clock-drift component=broker-1 ppm=much",
	};
	struct world *w = lab(NULL);
	uint64_t digest = world_digest(w);
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_false(world_command(w, lines[i], NULL, &err));
		assert_true(strlen(err.what) > 10);
	}
	assert_true(world_digest(w) == digest);
	world_free(w);
}

/* What clocks and resolvers do is no event: a fault that nobody feels leaves
 * the run as it was. */
static void a_clock_alone_changes_no_course(void **state)
{
	uint64_t events[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = lab(NULL);

		if (i)
			command(w, "fault clock-step component=broker-1 by=3h");
		pass(w, SIM_MINUTES(2));
		events[i] = w->state->events;
		world_free(w);
	}
	assert_int_equal(events[0], events[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_card_is_full_and_says_its_speed),
		cmocka_unit_test(lost_segments_are_counted_at_both_ends),
		cmocka_unit_test(bytes_are_counted_by_how_far_they_go),
		cmocka_unit_test(after_a_long_cut_replicas_are_soon_in_sync),
		cmocka_unit_test(without_dns_who_is_connected_works_and_who_starts_does_not),
		cmocka_unit_test(a_wrong_name_leads_to_the_wrong_machine),
		cmocka_unit_test(records_carry_the_producers_time),
		cmocka_unit_test(a_log_line_has_the_machines_time),
		cmocka_unit_test(prometheus_sees_a_clock_that_nobody_keeps),
		cmocka_unit_test(an_offset_is_seen_while_it_is_slewed),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_clock_alone_changes_no_course),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
