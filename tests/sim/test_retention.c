/* test_retention.c - which segments go, and when, against Kafka's rules
 *
 * Method: one log, filled by hand with batches of known size and time; the
 * rules of kafka.log.UnifiedLog say which segments are left after each look.
 */
#include "tests/test.h"

#include "sim/broker/records.h"
#include "tests/sim/log_world.h"

#define SETTINGS	"apps=off devices=1"
#define CONFIG(...)	((const char *const[]){ __VA_ARGS__, NULL })

/* First look 30 s after the start, then every log.retention.check.interval.ms:
 * 300 s. */
static void until_look(struct world *w, int n)
{
	world_run_until(w, SIM_S(30) + n * SIM_S(300) + SIM_MS(1));
}

static void a_segment_is_rolled_when_a_batch_does_not_fit(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.bytes", "1000"));

	(void)state;
	for (int i = 0; i < 25; i++)
		log_put(w, r, 100, world_now(w));
	assert_int_equal(r->log.segments.count, 3);
	assert_int_equal(r->log.segments.at[0].bytes, 1000);
	assert_int_equal(r->log.segments.at[1].base_offset, 10);
	assert_int_equal(r->log.segments.at[2].bytes, 500);
	assert_int_equal(log_lines(w, "Rolled new log segment at offset 10 in"),
			 1);
	/* what was closed is on the disk */
	assert_int_equal(r->recovery_point, 21);
	world_free(w);
}

/* LogSegment.timeWaitedForRoll: by the timestamps of records, not the clock. */
static void a_segment_is_rolled_by_the_time_of_its_records(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.ms", "1000"));

	(void)state;
	log_put(w, r, 100, SIM_S(50));
	world_run_until(w, SIM_S(10));
	log_put(w, r, 100, SIM_S(51));		/* not more than 1 s later */
	assert_int_equal(r->log.segments.count, 1);
	log_put(w, r, 100, SIM_S(51) + 1);
	assert_int_equal(r->log.segments.count, 2);
	log_put(w, r, 100, SIM_S(20));		/* older ones stay in it */
	assert_int_equal(r->log.segments.count, 2);
	world_free(w);
}

/* Ten segments of 1000 bytes and an active one of 500. */
static void size_keeps_as_much_as_was_asked_for(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t left;
	} rows[] = {
		{ "-1", 11 },
		{ "10500", 11 },
		{ "9501", 11 },		/* without the oldest: 9500, too few */
		{ "9500", 10 },
		{ "1500", 2 },
		{ "500", 1 },
		{ "1", 1 },		/* the active one goes only with 0 */
		{ "0", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = log_world(SETTINGS);
		struct replica *r = log_topic(w, "t", CONFIG(
			"segment.bytes", "1000", "retention.bytes",
			rows[i].bytes, "retention.ms", "-1"));

		for (int n = 0; n < 105; n++)
			log_put(w, r, 100, world_now(w));
		until_look(w, 0);
		assert_int_equal(r->log.segments.count, rows[i].left);
		/* with 0 even the active one: a new, empty one is rolled */
		assert_int_equal(r->log.start_offset,
				 !strcmp(rows[i].bytes, "0") ? 105 :
				 (11 - rows[i].left) * 10);
		world_free(w);
	}
}

static void time_counts_from_the_largest_timestamp_of_a_segment(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.bytes", "200",
						     "retention.ms", "60000"));

	(void)state;
	log_put(w, r, 100, SIM_S(10));		/* segment 0: at most 280 s */
	log_put(w, r, 100, SIM_S(280));
	log_put(w, r, 100, SIM_S(20));		/* segment 2: at most 270 s */
	log_put(w, r, 100, SIM_S(270));
	log_put(w, r, 100, SIM_S(20));		/* active */
	until_look(w, 0);
	assert_int_equal(r->log.start_offset, 0);
	/* 330 s: 50 s after segment 0's largest; those behind it wait */
	until_look(w, 1);
	assert_int_equal(r->log.start_offset, 0);
	/* 630 s: all, the active one too, since all are too old */
	until_look(w, 2);
	assert_int_equal(r->log.start_offset, 5);
	assert_int_equal(log_lines(w, "log retention time 60000ms breach"), 3);
	assert_int_equal(log_lines(w, "Incremented log start offset to 5"), 1);
	world_free(w);
}

static void retention_follows_the_clock_of_its_own_machine(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("retention.ms", "600000"));
	struct text line = {0};

	(void)state;
	log_put(w, r, 100, world_now(w));
	text_addf(&line, "fault clock-step component=broker-%d by=1h",
		  r->broker->node_id);
	log_command(w, text_cstr(&line));
	text_free(&line);
	until_look(w, 0);
	assert_int_equal(r->log.start_offset, 1);
	world_free(w);
}

/* file.delete.delay.ms: 60 s. */
static void the_disk_has_its_room_back_a_minute_later(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.bytes", "1000",
						     "retention.bytes", "1"));
	int64_t used;

	(void)state;
	for (int n = 0; n < 105; n++)
		log_put(w, r, 100, world_now(w));
	until_look(w, 0);
	assert_int_equal(r->log.bytes, 500);
	assert_int_equal(file_bytes(r->file), 10500);
	used = r->file->disk->bytes_used;
	world_run_until(w, SIM_S(90) - 1);
	assert_int_equal(file_bytes(r->file), 10500);
	assert_true(r->file->disk->bytes_used >= used);
	world_run_until(w, SIM_S(90));
	assert_int_equal(file_bytes(r->file), 500);
	world_free(w);
}

static void a_broker_that_starts_deletes_what_was_waiting(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.bytes", "1000",
						     "retention.bytes", "1"));
	struct err err;

	(void)state;
	for (int n = 0; n < 105; n++)
		log_put(w, r, 100, world_now(w));
	until_look(w, 0);
	process_kill(w, r->broker->process);
	process_start(w, r->broker->process);
	world_run_until(w, SIM_S(36));
	assert_int_equal(file_bytes(r->file), 500);
	assert_int_equal(r->log.start_offset, 100);
	/* a topic that is deleted waits as its segments do */
	assert_int_equal(controller_delete_topic(w,
				controller_active(cluster_of(w)), "t", &err),
			 KAFKA_NONE);
	world_run_until(w, SIM_S(38));
	assert_int_equal(log_lines(w, "-delete and is scheduled"), 1);
	world_run_until(w, SIM_S(120));
	world_free(w);
}

/* Everything was dropped, then the power went before it was deleted: what the
 * log holds now is kept as far as it was on the disk. */
static void a_power_loss_between_dropping_and_deleting_is_survived(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("segment.bytes", "1000",
						     "retention.bytes", "1"));
	struct broker *b = r->broker;

	(void)state;
	for (int n = 0; n < 105; n++)
		log_put(w, r, 100, world_now(w));
	until_look(w, 0);
	machine_power_loss(w, b->process->machine);
	process_start(w, b->process);
	world_run_until(w, SIM_S(36));
	/* closed segments were flushed when they were closed, with the first
	 * batch of the next; the rest of the active one is gone */
	assert_int_equal(r->log.end_offset, 101);
	assert_int_equal(file_bytes(r->file), 100);
	assert_true(r->file->intact_end == INT64_MAX);
	log_put(w, r, 100, world_now(w));
	assert_int_equal(r->log.end_offset, 102);
	world_free(w);
}

static sim_time time_of(struct world *w, const struct replica *r)
{
	char scratch[RECORD_SCRATCH];
	struct record_view view;
	const struct batch *b;
	struct log_cursor c;

	assert_true(log_seek(w, &r->log, r->log.start_offset, &c));
	b = log_read(w, &r->log, &c);
	record_read(w, cluster_of(w), b, 0, &view, scratch);
	return view.at;
}

static void log_append_time_is_the_leaders_clock(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("message.timestamp.type",
						     "LogAppendTime"));
	struct text payload = {0};
	struct batch b = { .count = 1, .bytes = 100, .first_at = SIM_S(1),
			   .last_at = SIM_S(1) };
	sim_time ready;

	(void)state;
	record_write(&payload, SIM_S(1), &(struct record){
		.key = "k", .key_len = 1, .value = "v", .value_len = 1,
	});
	b.content = history_append(&w->history, cluster_of(w)->payload,
				   payload.at, payload.len);
	text_free(&payload);
	world_run_until(w, SIM_S(7));
	assert_int_equal(replica_append(w, r, &b, 1, &ready), KAFKA_NONE);
	assert_int_equal(time_of(w, r), machine_wall(w,
				 r->broker->process->machine));
	assert_int_equal(r->log.max_timestamp, time_of(w, r));
	world_free(w);
}

static void timestamps_out_of_bounds_are_refused(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG(
		"message.timestamp.after.max.ms", "1000",
		"message.timestamp.before.max.ms", "5000"));
	sim_time now = SIM_S(20);

	(void)state;
	world_run_until(w, now);
	assert_int_equal(log_put(w, r, 100, now + SIM_MS(1000)), KAFKA_NONE);
	assert_int_equal(log_put(w, r, 100, now + SIM_MS(1010)),
			 KAFKA_INVALID_TIMESTAMP);
	assert_int_equal(log_put(w, r, 100, now - SIM_MS(4990)), KAFKA_NONE);
	assert_int_equal(log_put(w, r, 100, now - SIM_MS(5010)),
			 KAFKA_INVALID_TIMESTAMP);
	assert_int_equal(r->log.end_offset, 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_rolled_when_a_batch_does_not_fit),
		cmocka_unit_test(a_segment_is_rolled_by_the_time_of_its_records),
		cmocka_unit_test(size_keeps_as_much_as_was_asked_for),
		cmocka_unit_test(
			time_counts_from_the_largest_timestamp_of_a_segment),
		cmocka_unit_test(retention_follows_the_clock_of_its_own_machine),
		cmocka_unit_test(the_disk_has_its_room_back_a_minute_later),
		cmocka_unit_test(a_broker_that_starts_deletes_what_was_waiting),
		cmocka_unit_test(
			a_power_loss_between_dropping_and_deleting_is_survived),
		cmocka_unit_test(log_append_time_is_the_leaders_clock),
		cmocka_unit_test(timestamps_out_of_bounds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
