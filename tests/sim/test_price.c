/* test_price.c - the bill against what one works out by hand
 *
 * Method: machines that stand for a known time, with list prices of
 * calibration.md 3.2; bytes are put on the counters of the card.
 */
#include "tests/test.h"

#include "sim/core/text.h"
#include "sim/host/net.h"
#include "sim/host/price.h"
#include "sim/monitor/cost_exporter.h"
#include "sim/monitor/events.h"
#include "sim/stack/stack.h"
#include "tests/sim/disk_world.h"

static struct bill after(struct world *w, struct machine *m, sim_time at)
{
	struct bill b;

	world_run_until(w, at);
	price_of_machine(w, m, &b);
	return b;
}

static void machines_cost_by_the_second(void **state)
{
	static const struct {
		const struct machine_profile *profile;
		int64_t hour;
	} rows[] = {
		{ &machine_m5_large, 96000000 },
		{ &machine_m5_xlarge, 192000000 },
		{ &machine_t3_medium, 41600000 },
		{ &machine_broker, 192000000 },
		{ &machine_small, 41600000 },
		{ &machine_laptop, 0 },
		{ &machine_kreps, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = disk_world(1);
		struct machine *m = machine_new(w, "m", "a", rows[i].profile);

		assert_ptr_equal(machine_profile_find(rows[i].profile->name),
				 rows[i].profile);
		assert_int_equal(after(w, m, SIM_S(1)).cost[BILL_MACHINE],
				 rows[i].hour * 60 / 3600);
		assert_int_equal(after(w, m, SIM_S(90)).cost[BILL_MACHINE],
				 rows[i].hour * 90 / 3600);
		assert_int_equal(after(w, m, SIM_HOURS(24)).cost[BILL_MACHINE],
				 rows[i].hour * 24);
		world_free(w);
	}
}

/* 100 GiB gp3 at 0.08 a month of 730 h; 1,000 IOPS and 75 MB/s more than it
 * comes with at 0.005 and 0.04. */
static void volumes_cost_by_size_and_speed(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = disk_machine(w, "m", GIB, &(struct disk_spec){
		.kind = DISK_GP3, .bytes_total = 100 * GIB, .ops_per_s = 4000,
		.bytes_per_s = 200000000 });
	struct machine *gp2 = disk_machine(w, "gp2", GIB, &(struct disk_spec){
		.kind = DISK_GP2, .bytes_total = 500 * GIB });
	struct machine *st1 = disk_machine(w, "st1", GIB, &(struct disk_spec){
		.kind = DISK_ST1, .bytes_total = 1000 * GIB });
	struct bill b = after(w, m, SIM_HOURS(730));

	(void)state;
	assert_int_equal(b.cost[BILL_VOLUME], 8 * DOLLAR);
	assert_int_equal(b.cost[BILL_FASTER], 5 * DOLLAR + 3 * DOLLAR);
	assert_int_equal(after(w, gp2, SIM_HOURS(730)).cost[BILL_VOLUME], 50 * DOLLAR);
	assert_int_equal(after(w, st1, SIM_HOURS(730)).cost[BILL_VOLUME], 45 * DOLLAR);
	/* half a month more */
	assert_int_equal(after(w, m, SIM_HOURS(1095)).cost[BILL_VOLUME], 12 * DOLLAR);
	world_free(w);
}

static void bytes_between_zones_are_paid_on_both_sides(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "m", "a", &machine_broker);
	struct bill b;

	(void)state;
	m->nic.sent_to[PLACE_ZONE] = 1000 * GIB;	/* free */
	m->nic.sent_to[PLACE_REGION] = 100 * GIB;
	m->nic.received_from[PLACE_REGION] = 50 * GIB;
	m->nic.sent_to[PLACE_WORLD] = 10 * GIB;
	m->nic.received_from[PLACE_WORLD] = 500 * GIB;	/* the sender pays */
	b = after(w, m, 0);
	assert_int_equal(b.cost[BILL_ZONES], DOLLAR + DOLLAR / 2);
	assert_int_equal(b.cost[BILL_REGIONS], DOLLAR / 5);
	m->nic.sent_to[PLACE_REGION] = INT64_C(1) << 60;	/* no overflow */
	assert_int_equal(after(w, m, 0).cost[BILL_ZONES],
			 (INT64_C(1) << 30) * 10000000 + DOLLAR / 2);
	world_free(w);
}

/* 7 GiB out of the cloud at 0.09, a megabyte of it more: 2^20 bytes are
 * 87,890.625 nano-dollars.  What comes in is free, and whoever stands outside
 * is sent no bill, whatever it sends. */
static void bytes_to_the_internet_are_paid_by_the_sender(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "m", "a", &machine_broker);
	struct machine *home = machine_new(w, "home", "a", &machine_broker);
	struct bill b;

	(void)state;
	net_place(w, home, REGION_INTERNET, NULL);
	assert_int_equal(place_common(m, home), PLACE_INTERNET);
	m->nic.sent_to[PLACE_INTERNET] = 7 * GIB + (1 << 20);
	m->nic.received_from[PLACE_INTERNET] = 900 * GIB;
	home->nic.sent_to[PLACE_INTERNET] = 900 * GIB;
	b = after(w, m, SIM_HOURS(1));
	assert_int_equal(b.cost[BILL_INTERNET], 630000000 + 87890);
	assert_int_equal(b.used[BILL_INTERNET], 7 * GIB + (1 << 20));
	assert_int_equal(bill_total(&(struct bill){0}), 0);
	b = after(w, home, SIM_HOURS(1));
	assert_int_equal(bill_total(&b), 0);
	assert_int_equal(b.hourly, 0);
	world_free(w);
}

/* m5.xlarge 0.192, and 100 GiB of gp3: 8 dollars / 730 = 0.010958904. */
static void what_is_rented_has_a_price_an_hour(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "m", "a", &machine_broker);
	struct bill b = after(w, m, SIM_MINUTES(30));

	(void)state;
	assert_int_equal(b.hourly, 192000000 + 10958904);
	assert_int_equal(b.used[BILL_MACHINE], 1800);
	assert_int_equal(b.used[BILL_VOLUME], 100 * GIB);
	world_free(w);
}

/* Half an hour of one m5.xlarge, its volume, and a GiB to the internet. */
static void the_table_names_what_each_line_is_for(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "m", "a", &machine_broker);
	struct text t = {0};

	(void)state;
	m->nic.sent_to[PLACE_INTERNET] = GIB;
	world_run_until(w, SIM_MINUTES(30));
	price_table(w, &t);
	assert_string_equal(text_cstr(&t),
"  machines                0.50 h  $0.0960  by the hour\n"
"  volumes            100.000 GiB  $0.0054  by GiB and month\n"
"  volume-speed                    $0.0000  by IOPS, MB/s and month\n"
"  zone-traffic         0.000 GiB  $0.0000  $0.01 a GiB, both sides\n"
"  region-traffic       0.000 GiB  $0.0000  $0.02 a GiB sent\n"
"  internet-egress      1.000 GiB  $0.0900  $0.09 a GiB sent\n"
"  in all                          $0.1914\n"
"  what is rented costs $0.2029 an hour, used or not\n");
	text_free(&t);
	world_free(w);
}

static void a_run_costs_what_its_machines_cost(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "", &err);
	const struct hosts *h = hosts_of(w);
	struct text t = {0};
	struct bill all, one;
	int64_t sum = 0;

	(void)state;
	world_run_until(w, SIM_MINUTES(3));
	price_of_run(w, &all);
	for (uint32_t i = 0; i < h->machines.count; i++) {
		price_of_machine(w, h->machines.at[i], &one);
		sum += bill_total(&one);
	}
	assert_int_equal(bill_total(&all), sum);
	assert_true(all.cost[BILL_ZONES] > 0);	/* replicas stand in three zones */
	assert_int_equal(all.cost[BILL_REGIONS], 0);
	price_text(12 * DOLLAR + 345678901, &t);
	assert_string_equal(text_cstr(&t), "$12.3456");
	text_free(&t);
	world_free(w);
}

static void the_exporter_says_what_the_bill_says(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "costs=on", &err);
	struct process *p = process_find(w, "cost-exporter");
	const struct registry *r = registry_of(w, p);
	int64_t spent = 0, hourly = 0;
	struct bill all;

	(void)state;
	world_run_until(w, SIM_MINUTES(3));
	cost_exporter_collect(w, p, 0);
	price_of_run(w, &all);
	for (uint32_t i = 0; i < r->metrics.count; i++) {
		const struct metric *m = r->metrics.at[i];
		const char *name = world_text(w, m->name);

		if (!strcmp(name, "cloud_cost_dollars_total"))
			spent += m->value;
		else if (!strcmp(name, "node_total_hourly_cost"))
			hourly += m->value;
	}
	assert_int_equal(spent, bill_total(&all));
	assert_int_equal(hourly, all.hourly);
	world_free(w);
}

/* The dashboard reads from home: what it is sent is paid, and only that. */
static void a_reader_outside_is_paid_for(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "", &err);
	int64_t sent = 0, whole;
	struct bill b;

	(void)state;
	assert_false(world_command(w, "place nowhere", NULL, &err));
	assert_string_equal(err.what, "place nowhere: no such machine");
	assert_true(world_command(w, "place app-1 region=internet", NULL,
				  &err));
	world_run_until(w, SIM_MINUTES(1));
	price_of_run(w, &b);
	for (int i = 1; i <= 3; i++) {
		char name[16];

		snprintf(name, sizeof(name), "broker-%d", i);
		sent += machine_find(w, name)->nic.sent_to[PLACE_INTERNET];
	}
	assert_true(sent > 1000000);
	assert_true(b.used[BILL_INTERNET] >= sent);
	/* Each of eight machines is rounded down by itself. */
	whole = b.used[BILL_INTERNET] * 90000000 / GIB;
	assert_in_range(b.cost[BILL_INTERNET], whole - 8, whole);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_cost_by_the_second),
		cmocka_unit_test(volumes_cost_by_size_and_speed),
		cmocka_unit_test(bytes_between_zones_are_paid_on_both_sides),
		cmocka_unit_test(bytes_to_the_internet_are_paid_by_the_sender),
		cmocka_unit_test(what_is_rented_has_a_price_an_hour),
		cmocka_unit_test(the_table_names_what_each_line_is_for),
		cmocka_unit_test(the_exporter_says_what_the_bill_says),
		cmocka_unit_test(a_reader_outside_is_paid_for),
		cmocka_unit_test(a_run_costs_what_its_machines_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
