/* test_txn.c - transactions: the log's index, the coordinator, the client
 *
 * Method: vectors worked out by hand for the last stable offset, the aborted
 * list and what a reader hides; then small worlds in which one thing happens to
 * one transaction.
 */
#include "tests/test.h"

#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/isolation.h"
#include "sim/broker/txn.h"
#include "sim/core/text.h"
#include "sim/stack/perf.h"
#include "sim/stack/stack.h"
#include "tests/sim/log_world.h"

static struct world *quiet_world(void)
{
	return log_world("fleet=off apps=off");
}

#define say(w, line)	log_command(w, line)

/* -- the index --------------------------------------------------------------- */

/*
 * The example of KIP-98's design, numbered: A, B and C write to one partition.
 *
 *	offset  0  1  2  3   4  5   6
 *	        A  B  A  A!  .  B?  C		! commit, ? abort
 */
static void the_last_stable_offset_follows_the_oldest_open_one(void **state)
{
	struct world *w = quiet_world();
	struct txn_index x = {0};

	(void)state;
	assert_int_equal(txn_index_stable(&x, 0), 0);
	txn_index_begin(w, &x, 'A', 0, 0);
	txn_index_begin(w, &x, 'B', 1, 0);
	assert_int_equal(txn_index_stable(&x, 3), 0);
	txn_index_end(w, &x, 'A', 3, false);
	/* A's marker is not replicated: it holds back like an open one. */
	assert_int_equal(txn_index_stable(&x, 3), 0);
	assert_int_equal(txn_index_stable(&x, 4), 1);
	assert_int_equal(txn_index_stable(&x, 5), 1);
	txn_index_end(w, &x, 'B', 5, true);
	assert_int_equal(txn_index_stable(&x, 5), 1);
	assert_int_equal(txn_index_stable(&x, 6), 6);
	txn_index_begin(w, &x, 'C', 6, 0);
	assert_int_equal(txn_index_stable(&x, 7), 6);
	txn_index_clear(w, &x);
	assert_int_equal(txn_index_stable(&x, 7), 7);
	world_free(w);
}

/* B aborted [1, 5], D [8, 10], and E, which began at 7 before D, [7, 12]. */
static void a_reader_hears_of_aborted_ones_that_reach_into_its_part(void **state)
{
	struct world *w = quiet_world();
	struct txn_index x = {0};
	struct aborted_txn got[3];

	(void)state;
	txn_index_begin(w, &x, 'B', 1, 0);
	txn_index_end(w, &x, 'B', 5, true);
	txn_index_begin(w, &x, 'E', 7, 0);
	txn_index_begin(w, &x, 'D', 8, 0);
	txn_index_end(w, &x, 'D', 10, true);
	txn_index_end(w, &x, 'E', 12, true);
	assert_int_equal(txn_index_aborted(&x, 0, 1, NULL), 0);
	assert_int_equal(txn_index_aborted(&x, 0, 2, got), 1);
	assert_int_equal(got[0].producer_id, 'B');
	assert_int_equal(got[0].first, 1);
	assert_int_equal(txn_index_aborted(&x, 5, 8, got), 2);
	assert_int_equal(got[1].producer_id, 'E');
	/* Behind D's marker the stable offset was still 7. */
	assert_int_equal(x.aborted.at[1].last_stable, 7);
	assert_int_equal(txn_index_aborted(&x, 6, 13, NULL), 2);
	assert_int_equal(txn_index_aborted(&x, 11, 13, got), 1);
	assert_int_equal(got[0].producer_id, 'E');
	assert_int_equal(txn_index_aborted(&x, 13, 99, NULL), 0);
	assert_true(txn_index_is_aborted(&x, 'D', 9));
	assert_false(txn_index_is_aborted(&x, 'D', 11));
	assert_false(txn_index_is_aborted(&x, 'B', 6));
	world_free(w);
}

static void a_marker_without_records_changes_nothing(void **state)
{
	struct world *w = quiet_world();
	struct txn_index x = {0};

	(void)state;
	txn_index_end(w, &x, 'A', 3, true);
	assert_int_equal(txn_index_stable(&x, 3), 3);
	assert_int_equal(txn_index_aborted(&x, 0, 9, NULL), 0);
	world_free(w);
}

static void a_reader_of_committed_records_drops_the_aborted_alone(void **state)
{
	static const struct aborted_txn list[] = {
		{ .producer_id = 'B', .first = 1, .last = 5 },
	};
	static const struct {
		struct batch b;
		bool committed, hidden;
	} rows[] = {
		{ { .producer_id = 'A', .transactional = true }, true, false },
		{ { .producer_id = 'B', .base_offset = 1,
		    .transactional = true }, true, true },
		{ { .producer_id = 'B', .base_offset = 1,
		    .transactional = true }, false, false },
		{ { .producer_id = 'B', .base_offset = 4,
		    .transactional = true }, true, true },
		{ { .producer_id = 'B', .base_offset = 6,
		    .transactional = true }, true, false },
		{ { .producer_id = 'B', .base_offset = 0,
		    .transactional = true }, true, false },
		{ { .producer_id = 'B', .base_offset = 4 }, true, false },
		{ { .producer_id = 'A', .base_offset = 3,
		    .control = CONTROL_COMMIT }, true, true },
		{ { .producer_id = 'A', .base_offset = 3,
		    .control = CONTROL_COMMIT }, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(isolation_hides(&rows[i].b, rows[i].committed,
						 list, 1), rows[i].hidden);
}

/* -- producers in a log ------------------------------------------------------- */

static struct batch of(int64_t producer, int16_t epoch, int64_t offset,
		       enum control control, int32_t coordinator_epoch)
{
	return (struct batch){
		.producer_id = producer, .producer_epoch = epoch, .count = 1,
		.base_offset = offset, .transactional = true, .sequence = -1,
		.control = (uint8_t)control,
		.coordinator_epoch = coordinator_epoch,
	};
}

static void markers_of_older_epochs_are_refused(void **state)
{
	struct world *w = quiet_world();
	struct producer_states s = {0};
	struct text why = {0};
	struct batch b;

	(void)state;
	b = of(7, 3, 0, CONTROL_NONE, 0);
	producer_states_note(w, &s, &b);
	assert_int_equal(producer_states_find(&s, 7)->txn_first, 0);
	b = of(7, 2, 1, CONTROL_ABORT, 4);
	assert_int_equal(producer_states_check_marker(&s, &b, 1, "t", 0, &why),
			 KAFKA_INVALID_PRODUCER_EPOCH);
	b = of(7, 3, 1, CONTROL_COMMIT, 4);
	assert_int_equal(producer_states_check_marker(&s, &b, 1, "t", 0, &why),
			 KAFKA_NONE);
	producer_states_note(w, &s, &b);
	assert_int_equal(producer_states_find(&s, 7)->txn_first, -1);
	text_clear(&why);
	b = of(7, 3, 2, CONTROL_COMMIT, 3);
	assert_int_equal(producer_states_check_marker(&s, &b, 2, "t", 0, &why),
			 KAFKA_TRANSACTION_COORDINATOR_FENCED);
	assert_string_equal(why.at, "Invalid coordinator epoch for producerId 7 "
			    "at offset 2 in partition t-0: 3 (zombie), 4 "
			    "(current)");
	text_free(&why);
	world_free(w);
}

static void who_has_an_open_transaction_is_not_forgotten(void **state)
{
	struct world *w = quiet_world();
	struct producer_states s = {0};
	struct batch b = of(7, 0, 0, CONTROL_NONE, 0);

	(void)state;
	producer_states_note(w, &s, &b);
	producer_states_expire(w, &s, SIM_S(1000));
	assert_non_null(producer_states_find(&s, 7));
	b = of(7, 0, 1, CONTROL_ABORT, 0);
	producer_states_note(w, &s, &b);
	producer_states_expire(w, &s, SIM_S(1000));
	assert_null(producer_states_find(&s, 7));
	world_free(w);
}

/* -- worlds ------------------------------------------------------------------- */

/* A transaction that stays open: ten minutes, with records already written. */
#define OPEN_ONE	"perf-produce name=load topic=t transactional.id=x "	\
			"transaction-duration-ms=600000 record-size=1000 "	\
			"batch.size=2000 linger.ms=100 "

static struct txn *find(struct world *w, const char *id)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; i < c->brokers.count; i++) {
		struct txn *x = txn_find(c->brokers.at[i]->txns,
					 world_name(w, id));

		if (x)
			return x;
	}
	return NULL;
}

static struct replica *leader_of(struct world *w, const char *topic)
{
	const struct cluster *c = cluster_of(w);
	const struct partition *p = cluster_partition(w, c, topic, 0);

	return broker_replica(c->brokers.at[p->state.leader], p->id);
}

static uint64_t read_by(struct world *w, const char *name)
{
	return perf_consumer_find(w, name)->records;
}

static void readers_of_committed_records_wait_and_others_do_not(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	say(w, OPEN_ONE "transaction.timeout.ms=20000");
	say(w, "perf-consume name=all topic=t");
	say(w, "perf-consume name=committed topic=t "
	    "isolation.level=read_committed");
	world_run_until(w, SIM_S(3));
	assert_int_equal(find(w, "x")->state, TXN_ONGOING);
	assert_true(read_by(w, "all") > 1000);
	assert_int_equal(read_by(w, "committed"), 0);
	/* Its consumer knows of no lag: up to the last stable offset it is 0. */
	assert_int_equal(consumer_lag(perf_consumer_find(w, "committed")
				      ->consumer), 0);
	assert_int_equal(replica_last_stable(leader_of(w, "t")), 0);
	assert_true(leader_of(w, "t")->high_watermark > 1000);
	/* The producer dies; after its timeout all of it is aborted. */
	say(w, "service load do=kill");
	world_run_until(w, SIM_S(34));
	assert_int_equal(find(w, "x")->state, TXN_COMPLETE_ABORT);
	assert_int_equal(replica_last_stable(leader_of(w, "t")),
			 leader_of(w, "t")->high_watermark);
	assert_int_equal(read_by(w, "committed"), 0);
	assert_int_equal(perf_consumer_find(w, "committed")->consumer
			 ->positions.at[0].offset,
			 leader_of(w, "t")->high_watermark);
	world_free(w);
}

static void a_second_producer_of_the_id_fences_the_first(void **state)
{
	struct world *w = quiet_world();
	struct perf_producer *first, *second;

	(void)state;
	say(w, OPEN_ONE);
	world_run_until(w, SIM_S(3));
	first = perf_producer_find(w, "load");
	assert_int_equal(find(w, "x")->epoch, 0);
	say(w, "perf-produce name=twin topic=t transactional.id=x "
	    "transaction-duration-ms=100 record-size=1000 num-records=10");
	world_run_until(w, SIM_S(8));
	second = perf_producer_find(w, "twin");
	/* The open one was aborted under an epoch of the coordinator's own. */
	assert_int_equal(find(w, "x")->epoch, 2);
	assert_int_equal(second->producer->identity.epoch, 2);
	assert_true(second->producer->txn->committed > 0);
	assert_string_equal(first->producer->txn->last.class,
			    "InvalidProducerEpochException");
	assert_int_equal(first->producer->txn->state, PRODUCER_TXN_ABORTABLE);
	/* To abort is to hear that it was fenced. */
	producer_txn_abort(w, first->producer);
	world_run_until(w, SIM_S(9));
	assert_int_equal(first->producer->txn->state, PRODUCER_TXN_FATAL);
	assert_string_equal(first->producer->txn->last.class,
			    "ProducerFencedException");
	world_free(w);
}

static void what_is_decided_survives_the_coordinator(void **state)
{
	struct world *w = quiet_world();
	const struct broker *old;
	char line[80];

	(void)state;
	say(w, "perf-produce name=load topic=t transactional.id=x "
	    "transaction-duration-ms=100 record-size=1000");
	world_run_until(w, SIM_S(5));
	old = find(w, "x")->txns->broker;
	snprintf(line, sizeof(line), "service broker-%d do=kill",
		 old->node_id);
	say(w, line);
	world_run_until(w, SIM_S(40));
	assert_non_null(find(w, "x"));
	assert_ptr_not_equal(find(w, "x")->txns->broker, old);
	assert_int_equal(find(w, "x")->producer_id,
			 perf_producer_find(w, "load")->producer
			 ->identity.id);
	assert_true(perf_producer_find(w, "load")->producer->txn->committed >
		    60);
	world_free(w);
}

/* KIP-890: a client that never says where it writes. */
static void a_leader_asks_before_a_stranger_may_write(void **state)
{
	for (int verify = 0; verify < 2; verify++) {
		struct world *w = quiet_world();
		char line[96];

		(void)state;
		snprintf(line, sizeof(line), "broker-setting transaction."
			 "partition.verification.enable=%s",
			 verify ? "true" : "false");
		say(w, line);
		say(w, "perf-produce name=old topic=t transactional.id=x "
		    "transaction-duration-ms=100 record-size=10 num-records=3 "
		    "planted=unadded-partitions");
		world_run_until(w, SIM_MINUTES(20));
		assert_int_equal(leader_of(w, "t")->log.end_offset,
				 verify ? 0 : 3);
		assert_int_equal(leader_of(w, "t")->producers.txns.open.count,
				 verify ? 0 : 1);
		world_free(w);
	}
}

static void a_timeout_that_is_too_long_is_refused(void **state)
{
	struct world *w = quiet_world();
	struct producer *p;

	(void)state;
	say(w, OPEN_ONE "transaction.timeout.ms=900001");
	world_run_until(w, SIM_S(5));
	p = perf_producer_find(w, "load")->producer;
	assert_int_equal(p->txn->state, PRODUCER_TXN_FATAL);
	assert_string_equal(p->txn->last.text, "Unexpected error in "
		"InitProducerIdResponse; The transaction timeout is larger than "
		"the maximum value allowed by the broker (as configured by "
		"transaction.max.timeout.ms).");
	world_free(w);
}

static void an_idle_id_is_forgotten(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	say(w, "broker-setting transactional.id.expiration.ms=600000");
	say(w, "perf-produce name=load topic=t transactional.id=x "
	    "transaction-duration-ms=100 record-size=1000 num-records=10");
	world_run_until(w, SIM_S(10));
	say(w, "service load do=kill");
	assert_non_null(find(w, "x"));
	world_run_until(w, SIM_MINUTES(61));
	assert_null(find(w, "x"));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_last_stable_offset_follows_the_oldest_open_one),
		cmocka_unit_test(
			a_reader_hears_of_aborted_ones_that_reach_into_its_part),
		cmocka_unit_test(a_marker_without_records_changes_nothing),
		cmocka_unit_test(
			a_reader_of_committed_records_drops_the_aborted_alone),
		cmocka_unit_test(markers_of_older_epochs_are_refused),
		cmocka_unit_test(who_has_an_open_transaction_is_not_forgotten),
		cmocka_unit_test(
			readers_of_committed_records_wait_and_others_do_not),
		cmocka_unit_test(a_second_producer_of_the_id_fences_the_first),
		cmocka_unit_test(what_is_decided_survives_the_coordinator),
		cmocka_unit_test(a_leader_asks_before_a_stranger_may_write),
		cmocka_unit_test(a_timeout_that_is_too_long_is_refused),
		cmocka_unit_test(an_idle_id_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
