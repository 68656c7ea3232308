/* test_producer_snapshot.c - producers outlive their batches
 *
 * Method: a log of one topic gets numbered batches of several producers; old
 * segments are dropped by retention, and the broker is killed and started
 * again.  What the log then answers is that of the real one, which reads its
 * producers from a snapshot (ProducerStateManager, LogLoader).
 */
#include "tests/test.h"

#include "tests/sim/broker/signs.h"
#include "tests/sim/log_world.h"

static const char *const small_segments[] = {
	"segment.bytes", "1000", "retention.bytes", "1000",
	"file.delete.delay.ms", "0", NULL
};

static enum kafka_error put_as(struct world *w, struct replica *r, int64_t id,
			       int32_t sequence, bool transactional)
{
	struct batch b = {
		.count = 1, .bytes = 400, .numbered = true, .producer_id = id,
		.producer_epoch = 3, .sequence = sequence,
		.transactional = transactional,
		.first_at = world_now(w), .last_at = world_now(w),
	};
	sim_time ready;
	enum kafka_error e = replica_append(w, r, &b, 1, &ready);

	if (e == KAFKA_NONE)
		replica_appended(w, r);
	return e;
}

static enum kafka_error put(struct world *w, struct replica *r, int64_t id,
			    int32_t sequence)
{
	return put_as(w, r, id, sequence, false);
}

static int32_t last_of(const struct replica *r, int64_t id)
{
	const struct producer_entry *e =
		producer_states_find(&r->producers, id);

	return e && e->count ? e->batches[e->count - 1].last : -1;
}

/* Producer 7 writes 0..2, then producer 8 fills further segments. */
static struct replica *outlived(struct world *w)
{
	struct replica *r = log_topic(w, "t", small_segments);

	for (int32_t i = 0; i < 3; i++)
		assert_int_equal(put(w, r, 7, i), KAFKA_NONE);
	for (int32_t i = 0; i < 20; i++)
		assert_int_equal(put(w, r, 8, i), KAFKA_NONE);
	run_for(w, SIM_MINUTES(6));		/* retention looks */
	assert_true(r->log.start_offset > 3);
	return r;
}

static void known_after_retention_and_a_kill(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off fleet=off");
	struct replica *r = outlived(w);
	char line[64];

	(void)state;
	snprintf(line, sizeof(line), "fault restart component=broker-%d",
		 r->broker->node_id);
	log_command(w, line);
	assert_int_equal(last_of(r, 7), -1);	/* memory is gone */
	run_for(w, SIM_S(40));
	assert_int_equal(last_of(r, 7), 2);
	assert_int_equal(last_of(r, 8), 19);
	/* it answers as before: a duplicate, a gap, the next */
	assert_int_equal(r->role, REPLICA_LEADER);
	assert_int_equal(put(w, r, 7, 2), KAFKA_NONE);
	assert_int_equal(last_of(r, 7), 2);
	assert_int_equal(put(w, r, 7, 4), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
	assert_int_equal(put(w, r, 7, 3), KAFKA_NONE);
	assert_int_equal(last_of(r, 7), 3);
	world_free(w);
}

/* Whose beginnings retention has deleted: they still hold readers back. */
static void open_transactions_outlive_their_batches(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off fleet=off");
	struct replica *r = log_topic(w, "t", small_segments);
	const struct txn_index *x = &r->producers.txns;
	char line[64];

	(void)state;
	assert_int_equal(put_as(w, r, 9, 0, true), KAFKA_NONE);
	assert_int_equal(put_as(w, r, 7, 0, true), KAFKA_NONE);
	for (int32_t i = 0; i < 20; i++)
		assert_int_equal(put(w, r, 8, i), KAFKA_NONE);
	run_for(w, SIM_MINUTES(6));
	assert_true(r->log.start_offset > 1);
	snprintf(line, sizeof(line), "fault restart component=broker-%d",
		 r->broker->node_id);
	log_command(w, line);
	assert_int_equal(x->open.count, 0);	/* memory is gone */
	run_for(w, SIM_S(40));
	assert_int_equal(x->open.count, 2);
	assert_int_equal(x->open.at[0].producer_id, 9);
	assert_int_equal(x->open.at[0].first, 0);
	assert_int_equal(x->open.at[1].producer_id, 7);
	assert_int_equal(x->open.at[1].first, 1);
	assert_int_equal(replica_last_stable(r), r->log.start_offset);
	world_free(w);
}

static void known_after_a_clean_stop(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off fleet=off");
	struct replica *r = outlived(w);
	char line[64];

	(void)state;
	snprintf(line, sizeof(line), "service broker-%d do=restart",
		 r->broker->node_id);
	log_command(w, line);
	run_for(w, SIM_S(40));
	assert_int_equal(last_of(r, 7), 2);
	assert_int_equal(last_of(r, 8), 19);
	world_free(w);
}

/* ProducerStateManager.truncateFullyAndStartAt */
static void gone_when_the_log_begins_elsewhere(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off fleet=off");
	struct replica *r = outlived(w);

	(void)state;
	assert_true(r->producers.snapshot.entries.count > 0);
	replica_lost(w, r);
	assert_int_equal(last_of(r, 7), -1);
	assert_int_equal(r->producers.snapshot.entries.count, 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_after_retention_and_a_kill),
		cmocka_unit_test(open_transactions_outlive_their_batches),
		cmocka_unit_test(known_after_a_clean_stop),
		cmocka_unit_test(gone_when_the_log_begins_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
