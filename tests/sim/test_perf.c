/* test_perf.c - load as fast as it can, on the machines of Kreps' benchmark
 *
 * Bands: calibration.md C1 allows 20 %; `millrace bench kafka-2014` holds the
 * table to it.  Here short runs show that the causes act: a full buffer stops
 * the caller, the card bounds one client, synchronous replication costs what
 * it takes, and one run is like the other.
 */
#include "tests/test.h"

#include "sim/broker/broker.h"
#include "sim/broker/records.h"
#include "sim/core/text.h"
#include "sim/stack/perf.h"
#include "sim/stack/stack.h"

#define CARD_BYTES_PER_S	(machine_kreps.nic_bits_per_s / 8)

static struct world *make(const char *settings)
{
	struct err err;
	struct world *w = stack_world("kafka-2014", 3, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static void say(struct world *w, const char *line)
{
	struct err err;

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static struct perf_producer *produce(struct world *w, const char *settings)
{
	struct text line = {0};

	text_addf(&line, "perf-produce name=p on=load-1 topic=test format=v0 %s",
		  settings);
	say(w, text_cstr(&line));
	text_free(&line);
	return perf_producer_find(w, "p");
}

/* Records a second of one producer, acknowledged between 1 s and 3 s. */
static int64_t pace(const char *world, const char *settings)
{
	struct world *w = make(world);
	struct perf_producer *p = produce(w, settings);
	uint64_t before;
	int64_t a_second;

	world_run_until(w, SIM_S(1));
	before = p->producer->acked;
	world_run_until(w, SIM_S(3));
	a_second = (int64_t)(p->producer->acked - before) / 2;
	world_free(w);
	return a_second;
}

/* -- back-pressure ---------------------------------------------------------- */

static void a_full_buffer_stops_the_caller_and_loses_nothing(void **state)
{
	struct world *w = make("rf=1");
	struct perf_producer *p = produce(w, "acks=1 buffer.memory=200000");
	uint64_t held;

	(void)state;
	for (int ms = 100; ms <= 2000; ms++) {
		world_run_until(w, SIM_MS(ms));
		assert_true(p->producer->buffered_bytes <= 200000);
	}
	held = producer_held(p->producer);
	assert_true(p->blocked_ns > SIM_MS(100));
	assert_int_equal(p->failed, 0);
	assert_int_equal(p->producer->failed, 0);
	assert_int_equal(p->made, p->producer->acked + held);
	world_free(w);
}

static void a_buffer_with_room_never_stops_the_caller(void **state)
{
	/* 10-byte records: the core is slower than the card. */
	struct world *w = make("rf=1");
	struct perf_producer *p = produce(w, "acks=1 record-size=10 "
					  "batch.size=64000");

	(void)state;
	world_run_until(w, SIM_S(2));
	assert_int_equal(p->blocked_ns, 0);
	assert_true(p->made > 1000000);
	world_free(w);
}

static void who_waits_longer_than_max_block_ms_gives_up(void **state)
{
	struct world *w = make("rf=1");
	struct perf_producer *p = produce(w, "acks=1 buffer.memory=200000 "
					  "max.block.ms=2000");

	(void)state;
	world_run_until(w, SIM_S(1));
	assert_int_equal(p->failed, 0);
	for (int i = 1; i <= 3; i++) {
		struct text line = {0};

		text_addf(&line, "fault hang component=broker-%d for=10s", i);
		say(w, text_cstr(&line));
		text_free(&line);
	}
	world_run_until(w, SIM_S(8));
	assert_true(p->failed > 0);
	/* A batch every 2 s, for at most 7 s. */
	assert_true(p->failed <= 4 * p->count);
	world_free(w);
}

static void a_number_of_records_is_kept_to(void **state)
{
	struct world *w = make("rf=3");
	struct perf_producer *p = produce(w, "acks=-1 num-records=12345");

	(void)state;
	world_run_until(w, SIM_S(2));
	assert_int_equal(p->made, 12345);
	assert_int_equal(p->producer->acked, 12345);
	world_free(w);
}

/* -- what bounds it ---------------------------------------------------------- */

static void one_producer_fills_its_card(void **state)
{
	int64_t card = CARD_BYTES_PER_S / (100 + RECORD_V0_OVERHEAD_BYTES);
	int64_t seen = pace("rf=1", "acks=1 batch.size=8196 "
			    "buffer.memory=67108864");

	(void)state;
	assert_true(seen > card * 80 / 100);
	assert_true(seen <= card);
}

static void waiting_for_followers_costs_about_half(void **state)
{
	int64_t alone = pace("rf=1", "acks=1 batch.size=8196");
	int64_t behind = pace("rf=3", "acks=1 batch.size=8196");
	int64_t waits = pace("rf=3 sleep=off", "acks=-1 batch.size=8196");
	int64_t asleep = pace("rf=3", "acks=-1 batch.size=8196");

	(void)state;
	/* Published: 0.96 and 0.54, each with 20 %; for the second nobody may
	 * sleep (docs/benchmarks.md says what is not known). */
	assert_in_range(behind * 1000 / alone, 770, 1150);
	assert_in_range(waits * 1000 / behind, 430, 640);
	assert_true(asleep < waits);
}

/* What it pauses it does not send, for the card has nothing to spare. */
static void a_producer_loses_what_its_collector_takes(void **state)
{
	const char *settings = "acks=1 batch.size=8196 buffer.memory=67108864";
	int64_t free_pace = pace("rf=1", settings), lost;
	struct text line = {0};
	struct world *w = make("rf=1");
	struct perf_producer *p;
	const struct heap *h;
	uint64_t acked;
	sim_time paused;

	(void)state;
	text_addf(&line, "heap=256 %s", settings);
	p = produce(w, text_cstr(&line));
	h = p->host->process->heap;
	world_run_until(w, SIM_S(2));
	acked = p->producer->acked;
	paused = h->paused;
	world_run_until(w, SIM_S(12));
	acked = p->producer->acked - acked;
	paused = h->paused - paused;
	lost = free_pace - (int64_t)acked / 10;
	assert_true(h->collections >= 10);
	/* Its acknowledged records live, so they are copied, but not all. */
	assert_true(h->copied_bytes > 0);
	assert_in_range(lost * 1000 / free_pace,
			paused * 1000 / SIM_S(10) - 20,
			paused * 1000 / SIM_S(10) + 20);
	text_free(&line);
	world_free(w);
}

/* Cards: 3 producers from 128 KiB each, 2 followers into 64 KiB: of a broker's
 * card producers have 3 * 128 of 3 * 128 + 2 * 64 parts while all are busy. */
static void producers_leave_followers_behind(void **state)
{
	struct world *w = make("rf=3 sleep=off");
	int64_t card = CARD_BYTES_PER_S / (100 + RECORD_V0_OVERHEAD_BYTES);
	uint64_t before = 0, after = 0;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		struct text line = {0};

		text_addf(&line, "perf-produce name=p-%d on=load-%d topic=test "
			  "format=v0 acks=1 batch.size=8196 "
			  "buffer.memory=67108864", i, i);
		say(w, text_cstr(&line));
		text_free(&line);
	}
	for (int round = 0; round < 2; round++) {
		uint64_t *sum = round ? &after : &before;

		world_run_until(w, SIM_S(2 + 4 * round));
		for (int i = 1; i <= 3; i++) {
			char name[8];

			snprintf(name, sizeof(name), "p-%d", i);
			*sum += perf_producer_find(w, name)->producer->acked;
		}
	}
	assert_in_range((after - before) / 4, 3 * card * 70 / 100,
			3 * card * 80 / 100);
	world_free(w);
}

/* The connection is muted while a request is worked on, so without batches
 * there is nothing that more requests in flight could do. */
static void larger_batches_are_what_helps_acks_all(void **state)
{
	int64_t small = pace("rf=3", "acks=-1 batch.size=8196");
	int64_t large = pace("rf=3", "acks=-1 batch.size=64000");
	int64_t many = pace("rf=3", "acks=-1 batch.size=8196 "
			    "max.in.flight.requests.per.connection=50");

	(void)state;
	assert_true(large > small * 120 / 100);
	assert_in_range(many * 100 / small, 95, 105);
}

static void smaller_records_are_more_records_and_fewer_bytes(void **state)
{
	int64_t small = pace("rf=3", "acks=1 record-size=10 batch.size=128000");
	int64_t large = pace("rf=3", "acks=1 record-size=1000 "
			     "batch.size=128000");

	(void)state;
	assert_true(small > 5 * large);
	assert_true(small * 10 < large * 1000);
}

/* -- reading ------------------------------------------------------------------ */

static void a_consumer_reads_all_there_is_once(void **state)
{
	struct world *w = make("rf=3");
	struct perf_consumer *c;

	(void)state;
	produce(w, "acks=-1 num-records=500000");
	world_run_until(w, SIM_S(3));
	say(w, "perf-consume name=c on=load-2 topic=test");
	world_run_until(w, SIM_S(6));
	c = perf_consumer_find(w, "c");
	assert_int_equal(c->records, 500000);
	assert_true(c->bytes > 500000 * 126);
	world_free(w);
}

static void a_record_can_be_printed_twice_alike(void **state)
{
	struct world *w = make("rf=1");
	struct perf_producer *p = produce(w, "num-records=100 record-size=20");
	struct batch b = { .source = p->source, .content = 7, .count = 1 };
	char one[RECORD_SCRATCH], two[RECORD_SCRATCH];
	struct record_view x = {0}, y = {0};

	(void)state;
	record_read(w, cluster_of(w), &b, 0, &x, one);
	record_read(w, cluster_of(w), &b, 0, &y, two);
	assert_int_equal(x.value_len, 20);
	assert_int_equal(x.key_len, -1);
	assert_memory_equal(x.value, y.value, 20);
	for (int i = 0; i < 20; i++)
		assert_in_range(x.value[i], 'A', 'Z');
	world_free(w);
}

/* How many of 200 round trips took so long; all are done. */
static uint32_t trips_between(struct world *w, const char *settings,
			      sim_time least, sim_time most)
{
	struct text line = {0};
	const struct perf_trip *t;
	uint32_t n = 0;

	text_addf(&line, "perf-latency name=t on=load-1 topic=test acks=1 "
		  "num-records=200 %s", settings);
	say(w, text_cstr(&line));
	text_free(&line);
	world_run_until(w, SIM_S(30));
	t = perf_trip_find(w, "t");
	assert_int_equal(t->trips.count, 200);
	for (uint32_t i = 0; i < t->trips.count; i++)
		n += t->trips.at[i] >= least && t->trips.at[i] < most;
	world_free(w);
	return n;
}

/* There and back: four hops of 25 us and more at least, and no timer. */
static void a_round_trip_is_a_fraction_of_a_millisecond(void **state)
{
	struct world *w = make("rf=3 sleep=off");

	(void)state;
	cluster_of(w)->append_ends_waits = false;
	assert_int_equal(trips_between(w, "", SIM_US(100), SIM_MS(20)), 200);
}

/* In 0.8 an append ends the consumer's wait before it may read the record; the
 * next fetch waits until fetch.wait.max.ms is over.  One that comes when the
 * record is committed, or with one replica, need not. */
static void a_consumer_of_0_8_waits_for_its_timer(void **state)
{
	const char *settings = "fetch.max.wait.ms=50 partitioner=round-robin";

	(void)state;
	assert_in_range(trips_between(make("rf=3 sleep=off"), settings,
				      SIM_MS(50), SIM_MS(56)), 150, 200);
	assert_int_equal(trips_between(make("rf=1 sleep=off"), settings,
				       SIM_US(100), SIM_MS(20)), 200);
}

/* A timer that fires during a pause looks again at its end, not 100 ms later. */
static void a_pause_costs_a_round_trip_no_more_than_it_lasts(void **state)
{
	struct world *w = make("rf=3 sleep=off");
	const struct perf_trip *t;

	(void)state;
	say(w, "perf-latency name=t on=load-1 topic=test acks=1 "
	    "num-records=1000 fetch.max.wait.ms=1");
	t = perf_trip_find(w, "t");
	for (int i = 0; i < 200; i++) {
		world_run_until(w, SIM_MS(100) + SIM_MS(25) * i);
		for (uint32_t b = 0; b < 3; b++)
			process_pause(w, cluster_of(w)->brokers.at[b]->process,
				      SIM_MS(5));
		process_pause(w, t->host->process, SIM_MS(3));
	}
	world_run_until(w, SIM_S(30));
	assert_int_equal(t->trips.count, 1000);
	for (uint32_t i = 0; i < t->trips.count; i++)
		assert_in_range(t->trips.at[i], SIM_US(100), SIM_MS(20));
	world_free(w);
}

/* About a dozen threads wake up on the way, each 72 us late, or 104 where nobody
 * else is awake. */
static void sleeping_cores_make_a_round_trip_longer(void **state)
{
	struct world *w = make("rf=3");

	(void)state;
	cluster_of(w)->append_ends_waits = false;
	assert_in_range(trips_between(w, "", SIM_US(800), SIM_MS(20)), 190, 200);
}

/* -- the module ---------------------------------------------------------------- */

static void bad_words_are_refused_and_change_nothing(void **state)
{
	static const char *const lines[] = {
		"perf-produce on=load-1 topic=test",
		"perf-produce name=p on=load-1",
		"perf-produce name=p on=nowhere topic=test",
		"perf-produce name=p on=load-1 topic=test record-size=0",
		"perf-produce name=p on=load-1 topic=test format=v7",
		"perf-produce name=p on=load-1 topic=test acks=2",
		"perf-produce name=broker-1 on=load-1 topic=test",
		"perf-consume name=c on=load-1 topic=test from=middle",
		"perf-consume name=c on=load-1 topic=test bootstrap=here",
		"perf-latency name=t on=load-1 topic=test num-records=0",
		"perf-latency name=t on=load-1 topic=test partitioner=mine",
		"perf-latency name=t on=load-1 topic=test heap=-1",
	};
	struct world *w = make("rf=1");
	uint32_t processes = hosts_of(w)->processes.count;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct err err;

		assert_false(world_command(w, lines[i], NULL, &err));
		assert_true(strlen(err.what) > 0);
	}
	assert_int_equal(hosts_of(w)->processes.count, processes);
	assert_null(perf_producer_find(w, "p"));
	assert_null(perf_producer_find(w, "broker-1"));
	world_free(w);
}

static uint64_t digest(void)
{
	struct world *w = make("rf=3");
	uint64_t d;

	produce(w, "acks=-1");
	say(w, "perf-consume name=c on=load-2 topic=test from=latest");
	say(w, "fault kill component=broker-2 after=500ms for=2s");
	world_run_until(w, SIM_S(2));
	process_kill(w, process_find(w, "p"));
	process_start(w, process_find(w, "p"));
	world_run_until(w, SIM_S(3));
	d = world_digest(w);
	world_free(w);
	return d;
}

static void two_runs_have_one_digest(void **state)
{
	(void)state;
	assert_true(digest() == digest());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_buffer_stops_the_caller_and_loses_nothing),
		cmocka_unit_test(a_buffer_with_room_never_stops_the_caller),
		cmocka_unit_test(who_waits_longer_than_max_block_ms_gives_up),
		cmocka_unit_test(a_number_of_records_is_kept_to),
		cmocka_unit_test(one_producer_fills_its_card),
		cmocka_unit_test(waiting_for_followers_costs_about_half),
		cmocka_unit_test(a_producer_loses_what_its_collector_takes),
		cmocka_unit_test(producers_leave_followers_behind),
		cmocka_unit_test(larger_batches_are_what_helps_acks_all),
		cmocka_unit_test(smaller_records_are_more_records_and_fewer_bytes),
		cmocka_unit_test(a_consumer_reads_all_there_is_once),
		cmocka_unit_test(a_record_can_be_printed_twice_alike),
		cmocka_unit_test(a_round_trip_is_a_fraction_of_a_millisecond),
		cmocka_unit_test(a_consumer_of_0_8_waits_for_its_timer),
		cmocka_unit_test(
			a_pause_costs_a_round_trip_no_more_than_it_lasts),
		cmocka_unit_test(sleeping_cores_make_a_round_trip_longer),
		cmocka_unit_test(bad_words_are_refused_and_change_nothing),
		cmocka_unit_test(two_runs_have_one_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
