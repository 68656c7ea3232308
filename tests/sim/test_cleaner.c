/* test_cleaner.c - compacted logs against a naive model, and those who read them
 *
 * Method: one log filled by hand with keys drawn from a seed, compared record
 * by record with what Kafka's rules leave of it; then whole worlds in which
 * compacted topics are produced to, replicated, read and audited.
 */
#include "tests/test.h"

#include "sim/broker/cleaner.h"
#include "sim/broker/groups.h"
#include "sim/core/luck.h"
#include "sim/device/audit.h"
#include "sim/stack/invariants.h"
#include "tests/sim/log_world.h"

#define SETTINGS	"apps=off devices=1"
#define CONFIG(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define RECORDS_MAX	4000

/* What was written: the key of each offset, and whether it had a value. */
struct written {
	int key[RECORDS_MAX];
	bool value[RECORDS_MAX];
	int count;
};

/* A batch of `n` records: keys from `key` on, one after the other. */
static void put(struct world *w, struct replica *r, struct written *all,
		const int *keys, int n, bool value)
{
	struct text payload = {0};
	struct batch b = { .count = (uint32_t)n, .first_at = world_now(w),
			   .last_at = world_now(w) };
	sim_time ready;

	for (int i = 0; i < n; i++) {
		char key[16];
		int len = snprintf(key, sizeof(key), "key-%d", keys[i]);

		record_write(&payload, world_now(w), &(struct record){
			.key = key, .key_len = len,
			.value = value ? "0123456789" : NULL,
			.value_len = value ? 10 : -1,
		});
		all->key[all->count] = keys[i];
		all->value[all->count++] = value;
	}
	b.bytes = (uint32_t)(BATCH_OVERHEAD_BYTES + payload.len);
	b.content = history_append(&w->history, cluster_of(w)->payload,
				   payload.at, payload.len);
	text_free(&payload);
	assert_int_equal(replica_append(w, r, &b, 1, &ready), KAFKA_NONE);
	replica_appended(w, r);
}

static void put_one(struct world *w, struct replica *r, struct written *all,
		    int key, bool value)
{
	put(w, r, all, &key, 1, value);
}

/* Is this offset still to be there?  The last of its key up to `to`, or the
 * last of all. */
static bool should_stay(const struct written *all, int64_t offset, int64_t to)
{
	for (int64_t i = offset + 1; i < to; i++)
		if (all->key[i] == all->key[offset])
			return offset + 1 == to;
	return true;
}

/* Read it all, from `from`; each record must be the one that was written. */
static int64_t read_all(struct world *w, const struct replica *r,
			const struct written *all, int64_t from, bool *there)
{
	char scratch[RECORD_SCRATCH], key[16];
	struct record_view v;
	const struct batch *b;
	struct log_cursor c;
	int64_t n = 0;

	if (!log_seek(w, &r->log, from, &c))
		return 0;
	while ((b = log_read(w, &r->log, &c)))
		for (uint32_t i = 0; i < b->count; i++) {
			record_read(w, cluster_of(w), b, i, &v, scratch);
			snprintf(key, sizeof(key), "key-%d",
				 all->key[v.offset]);
			assert_int_equal(v.key_len, strlen(key));
			assert_memory_equal(v.key, key, strlen(key));
			assert_int_equal(v.value_len >= 0,
					 all->value[v.offset]);
			n += v.offset >= from;
			if (there)
				there[v.offset] = true;
		}
	return n;
}

static void compare(struct world *w, const struct replica *r,
		    const struct written *all)
{
	bool there[RECORDS_MAX] = { false };
	int64_t left = 0;

	read_all(w, r, all, r->log.start_offset, there);
	for (int64_t i = 0; i < all->count; i++) {
		bool stays = i >= r->log.cleaned_to ||
			     should_stay(all, i, r->log.cleaned_to);

		if (there[i] != stays)
			fail_msg("offset %lld, key %d", (long long)i,
				 all->key[i]);
	}
	/* from anywhere a reader finds the next there is */
	for (int64_t i = all->count - 1; i >= 0; i--) {
		left += there[i];
		if (i % 7 == 0) {
			assert_int_equal(read_all(w, r, all, i, NULL), left);
			assert_int_equal(log_records(w, &r->log, i, all->count),
					 left);
		}
	}
}

static void the_last_record_of_each_key_stays(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = log_world(SETTINGS);
		struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
			"compact", "segment.bytes", "1500"));
		static struct written all;
		struct luck luck;

		all.count = 0;
		luck_init(&luck, seed, "test", "keys");
		for (int round = 0; round < 4; round++) {
			while (all.count < (round + 1) * 400) {
				int keys[8], n = (int)luck_between(&luck, 1, 8);

				for (int i = 0; i < n; i++)
					keys[i] = (int)luck_below(&luck, 60);
				put(w, r, &all, keys, n, true);
			}
			world_run_until(w, world_now(w) + SIM_S(40));
			assert_true(r->log.cleaned_to > round * 300);
			compare(w, r, &all);
		}
		assert_true(log_lines(w, "cleaned log t-0") >= 2);
		/* the active segment never */
		assert_false(r->log.segments.at[r->log.segments.count - 1]
			     .cleaned);
		assert_int_equal(r->log.end_offset, all.count);
		world_free(w);
	}
}

static void only_a_dirty_log_is_cleaned(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "1000"));
	static struct written all;
	int64_t cleaned;

	(void)state;
	all.count = 0;
	for (int i = 0; i < 400; i++)		/* all different: all stay */
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(60));
	cleaned = r->log.cleaned_to;
	assert_true(cleaned > 300);
	for (int i = 0; i < 300; i++)		/* less than half is dirty */
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(120));
	assert_int_equal(r->log.cleaned_to, cleaned);
	for (int i = 0; i < 150; i++)
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(180));
	assert_true(r->log.cleaned_to > cleaned);
	compare(w, r, &all);
	world_free(w);
}

static void nothing_younger_than_the_lag_is_cleaned(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "1000",
		"min.compaction.lag.ms", "100000"));
	static struct written all;

	(void)state;
	all.count = 0;
	for (int i = 0; i < 100; i++)
		put_one(w, r, &all, 1, true);
	world_run_until(w, SIM_S(95));
	assert_int_equal(r->log.cleaned_to, 0);
	world_run_until(w, SIM_S(125));
	assert_true(r->log.cleaned_to > 50);
	world_free(w);
}

/* max.compaction.lag.ms: closed by then, and cleaned whatever its share. */
static void what_waits_too_long_is_cleaned_however_little(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "min.cleanable.dirty.ratio", "1.0",
		"max.compaction.lag.ms", "60000"));
	static struct written all;

	(void)state;
	all.count = 0;
	for (int i = 0; i < 50; i++)
		put_one(w, r, &all, 1, true);
	world_run_until(w, SIM_S(62));
	assert_int_equal(r->log.segments.count, 1);
	put_one(w, r, &all, 2, true);		/* rolls it */
	world_run_until(w, SIM_S(80));
	assert_int_equal(r->log.cleaned_to, 50);
	compare(w, r, &all);
	world_free(w);
}

static void a_tombstone_goes_a_while_after_it_was_copied(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "500", "min.cleanable.dirty.ratio",
		"0.01", "delete.retention.ms", "60000"));
	static struct written all;
	bool there[RECORDS_MAX] = { false };

	(void)state;
	all.count = 0;
	put_one(w, r, &all, 7, true);
	put_one(w, r, &all, 7, false);
	for (int i = 100; i < 110; i++)
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(20));
	read_all(w, r, &all, 0, there);
	assert_false(there[0]);			/* replaced */
	assert_true(there[1]);			/* consumers are to see this */
	world_run_until(w, SIM_S(50));
	for (int i = 200; i < 210; i++)
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(70));
	memset(there, 0, sizeof(there));
	read_all(w, r, &all, 0, there);
	assert_true(there[1]);			/* 50 s since */
	world_run_until(w, SIM_S(90));
	for (int i = 300; i < 310; i++)
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(110));
	memset(there, 0, sizeof(there));
	read_all(w, r, &all, 0, there);
	assert_false(there[1]);
	assert_true(there[2]);
	world_free(w);
}

static void compact_and_delete_does_both(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact,delete", "segment.bytes", "1000", "retention.ms",
		"200000"));
	static struct written all;

	(void)state;
	all.count = 0;
	for (int i = 0; i < 300; i++)
		put_one(w, r, &all, i % 40, true);
	world_run_until(w, SIM_S(60));
	assert_true(r->log.cleaned_to > 200);
	assert_int_equal(r->log.start_offset, 0);
	compare(w, r, &all);
	world_run_until(w, SIM_S(320));
	put_one(w, r, &all, 1, true);
	world_run_until(w, SIM_S(340));
	assert_true(r->log.start_offset > 200);
	world_run_until(w, SIM_S(700));
	assert_int_equal(r->log.bytes, file_bytes(r->file) +
			 (r->cleaned ? file_bytes(r->cleaned) : 0));
	world_free(w);
}

static void cleaning_costs_the_disk_and_gives_room_back_later(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "20000"));
	struct disk *d = &r->broker->process->machine->disk;
	static struct written all;
	int64_t cpu = r->broker->process->cpu_ns, used;
	int keys[100];

	(void)state;
	all.count = 0;
	for (int i = 0; i < 100; i++)
		keys[i] = i;
	for (int i = 0; i < 30; i++)
		put(w, r, &all, keys, 100, true);
	world_run_until(w, SIM_S(29));
	cache_drop(d->machine);
	world_run_until(w, SIM_S(31));
	used = d->bytes_used;
	assert_true(r->log.cleaned_to > 0);
	assert_true(d->fsyncs > 0);
	assert_true(r->broker->process->cpu_ns - cpu > SIM_MS(1));
	/* old segments and their copy, side by side for a minute */
	world_run_until(w, SIM_S(100));
	assert_true(d->bytes_used < used);
	assert_int_equal(r->log.bytes, file_bytes(r->file) +
			 file_bytes(r->cleaned));
	world_free(w);
}

/* A power loss after cleaning: the copy was flushed before it was used. */
static void a_compacted_log_survives_a_power_loss(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "1000"));
	struct broker *b = r->broker;
	static struct written all;

	(void)state;
	all.count = 0;
	for (int i = 0; i < 300; i++)
		put_one(w, r, &all, i % 40, true);
	world_run_until(w, SIM_S(17));
	assert_true(r->log.cleaned_to > 200);
	machine_power_loss(w, b->process->machine);
	process_start(w, b->process);
	world_run_until(w, SIM_S(25));
	assert_true(r->log.end_offset > r->log.cleaned_to);
	all.count = (int)r->log.end_offset;
	compare(w, r, &all);
	world_free(w);
}

static void a_segment_with_too_many_keys_is_given_up(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "20000"));
	static struct written all;

	(void)state;
	all.count = 0;
	/* 2,400 bytes: 90 keys */
	log_command(w, "broker-setting log.cleaner.dedupe.buffer.size=2400");
	for (int i = 0; i < 600; i++)
		put_one(w, r, &all, i, true);
	world_run_until(w, SIM_S(60));
	assert_true(r->uncleanable);
	assert_int_equal(log_lines(w, "as uncleanable"), 1);
	assert_int_equal(r->log.cleaned_to, 0);
	/* a larger buffer and a restart */
	log_command(w, "broker-setting "
		    "log.cleaner.dedupe.buffer.size=134217728");
	process_kill(w, r->broker->process);
	process_start(w, r->broker->process);
	world_run_until(w, SIM_S(90));
	assert_true(r->log.cleaned_to > 0);
	world_free(w);
}

/* F28 */
static void without_its_cleaner_a_log_only_grows(void **state)
{
	struct world *w = log_world(SETTINGS);
	struct replica *r = log_topic(w, "t", CONFIG("cleanup.policy",
		"compact", "segment.bytes", "1000"));
	static struct written all;
	struct text line = {0};
	int64_t grown;

	(void)state;
	all.count = 0;
	text_addf(&line, "fault cleaner-dies component=broker-%d",
		  r->broker->node_id);
	log_command(w, text_cstr(&line));
	text_free(&line);
	for (int i = 0; i < 600; i++)
		put_one(w, r, &all, i % 10, true);
	world_run_until(w, SIM_S(300));
	assert_int_equal(r->log.cleaned_to, 0);
	grown = r->log.bytes;
	process_kill(w, r->broker->process);
	process_start(w, r->broker->process);
	world_run_until(w, SIM_S(330));
	assert_true(r->log.bytes < grown / 10);
	compare(w, r, &all);
	world_free(w);
}

/* -- worlds ---------------------------------------------------------------- */

static void set(struct world *w, const char *topic, const char *name,
		const char *value)
{
	struct controller *c = controller_active(cluster_of(w));
	struct topic *t = controller_topic(w, c, topic);
	struct topic_config config = *c->view.configs.at[t->id];
	struct err err;

	assert_true(topic_config_set(&config, name, value, &err));
	controller_set_topic_config(w, c, t, &config);
}

/* Readings and offsets are compacted while gateways write, followers copy and
 * applications read; a machine loses its power and must read gaps. */
static void compacted_readings_are_replicated_read_and_audited(void **state)
{
	struct world *w = log_world("devices=100 acks=all");
	struct watch *watch = watch_new();
	struct fleet_audit a;
	struct text why = {0};
	const struct cluster *c = cluster_of(w);
	uint32_t cleaned = 0;

	(void)state;
	set(w, "readings", "cleanup.policy", "compact");
	set(w, "readings", "segment.bytes", "20000");
	world_run_until(w, SIM_S(60));
	set(w, OFFSETS_TOPIC, "segment.bytes", "2000");
	world_run_until(w, SIM_S(100));
	log_command(w, "fault power-loss component=broker-1 for=5s");
	for (int s = 101; s <= 180; s++) {
		world_run_until(w, SIM_S(s));
		assert_null(watch_look(watch, w, false, &why));
	}
	assert_null(watch_look(watch, w, true, &why));
	fleet_audit(w, fleet_find(w, "sensor"), &a);
	assert_int_equal(a.unreadable, 0);
	assert_int_equal(a.lost, 0);
	assert_true(a.compacted > 5000);
	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		const struct replica *r = broker_replica(c->brokers.at[0], i);

		assert_true(p->state.isr & 1);	/* broker-1 has caught up */
		cleaned += r && p->topic->internal && r->log.cleaned_to > 0;
	}
	assert_true(cleaned > 0);
	assert_true(stack_settled(w, 7, &why));
	text_free(&why);
	watch_free(watch);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_record_of_each_key_stays),
		cmocka_unit_test(only_a_dirty_log_is_cleaned),
		cmocka_unit_test(nothing_younger_than_the_lag_is_cleaned),
		cmocka_unit_test(what_waits_too_long_is_cleaned_however_little),
		cmocka_unit_test(a_tombstone_goes_a_while_after_it_was_copied),
		cmocka_unit_test(compact_and_delete_does_both),
		cmocka_unit_test(
			cleaning_costs_the_disk_and_gives_room_back_later),
		cmocka_unit_test(a_compacted_log_survives_a_power_loss),
		cmocka_unit_test(a_segment_with_too_many_keys_is_given_up),
		cmocka_unit_test(without_its_cleaner_a_log_only_grows),
		cmocka_unit_test(
			compacted_readings_are_replicated_read_and_audited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
