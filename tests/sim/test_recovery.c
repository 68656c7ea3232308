/* test_recovery.c - what brokers have left after a kill and after a power loss
 *
 * Method: the world local-kafka; brokers are killed, or their machines lose
 * power, and come back; logs, log lines, times and every acknowledged reading
 * are compared with what the page cache and the disks held.  Over 1,000 seeds
 * one machine loses its power at a time drawn from the seed.
 */
#include "tests/test.h"

#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

#ifdef TEST_SANITIZED
#define SEEDS	100	/* what is true of 1,000 the plain build shows */
#else
#define SEEDS	1000
#endif

static struct world *make(uint64_t seed, const char *settings)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", seed, settings, &err);

	assert_string_equal(err.what, "");
	assert_non_null(w);
	return w;
}

static void command(struct world *w, const char *line)
{
	struct err err = { "" };

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

/* How often has a broker printed this? */
static uint32_t lines_with(struct world *w, const char *part)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < log_count(w); i++)
		n += strstr(log_text(w, log_at(w, i)), part) != NULL;
	return n;
}

static struct broker *broker(const struct world *w, uint32_t index)
{
	return cluster_of(w)->brokers.at[index];
}

static int64_t records_on(const struct broker *b)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			n += b->replicas.at[i]->log.end_offset;
	return n;
}

static void audit(struct world *w, struct fleet_audit *out)
{
	fleet_audit(w, fleet_find(w, "sensor"), out);
}

/* -- a process dies ---------------------------------------------------------- */

static void a_killed_broker_loses_nothing(void **state)
{
	struct world *w = make(1, "apps=off");
	int64_t before;

	(void)state;
	world_run_until(w, SIM_S(10));
	before = records_on(broker(w, 0));
	assert_true(before > 1000);
	command(w, "fault restart component=broker-1");
	world_run_until(w, SIM_S(10) + SIM_MS(5200));
	assert_true(records_on(broker(w, 0)) >= before);
	assert_true(lines_with(w, "no clean shutdown file was found") == 1);
	assert_true(lines_with(w, "Recovering unflushed segment 0. 0/1") > 0);
	assert_int_equal(lines_with(w, "Loading producer state till"), 0);
	assert_int_equal(broker(w, 0)->process->machine->disk.reads, 0);
	world_free(w);
}

static void a_clean_stop_needs_no_recovery(void **state)
{
	struct world *w = make(1, "apps=off");

	(void)state;
	world_run_until(w, SIM_S(10));
	command(w, "service broker-1 do=restart");
	world_run_until(w, SIM_S(25));
	assert_true(broker(w, 0)->registered);
	assert_int_equal(lines_with(w, "clean shutdown file was found"), 1);
	assert_int_equal(lines_with(w, "since no clean shutdown"), 0);
	assert_int_equal(lines_with(w, "Recovering unflushed segment"), 0);
	/* the file is gone as soon as it was seen (KAFKA-10471) */
	assert_false(broker(w, 0)->clean_stop);
	world_free(w);
}

/* -- a machine loses its power ---------------------------------------------- */

static void a_power_loss_takes_what_was_not_written_back(void **state)
{
	struct world *w = make(1, "apps=off");
	struct fleet_audit a;
	int64_t before;

	(void)state;
	world_run_until(w, SIM_S(10));
	before = records_on(broker(w, 0));
	command(w, "fault power-loss component=broker-1 for=2s");
	assert_int_equal(broker(w, 0)->process->state, PROCESS_DOWN);
	command(w, "fault partition component=broker-1 for=10s");
	world_run_until(w, SIM_S(18));
	/* nothing was 30 s old: all of it is gone */
	assert_true(before > 1000);
	assert_int_equal(records_on(broker(w, 0)), 0);
	world_run_until(w, SIM_S(60));
	audit(w, &a);
	assert_int_equal(a.lost, 0);
	/* it has caught up as a follower */
	assert_true(records_on(broker(w, 0)) > before);
	for (uint32_t i = 0; i < cluster_of(w)->partitions.count; i++)
		assert_true(cluster_of(w)->partitions.at[i]->state.isr & 1);
	world_free(w);
}

static void what_was_written_back_is_there_after_a_power_loss(void **state)
{
	struct world *w = make(1, "apps=off");
	int64_t before, after;

	(void)state;
	world_run_until(w, SIM_S(60));
	before = records_on(broker(w, 0));
	command(w, "fault power-loss component=broker-1 for=2s");
	command(w, "fault partition component=broker-1");
	world_run_until(w, SIM_S(75));
	after = records_on(broker(w, 0));
	/* 30 to 35 s of 60 were still in memory */
	assert_in_range(after * 100 / before, 35, 52);
	world_free(w);
}

/* The machine of a broker holds 100 MB in one log: read again at the speed of
 * its disk, as nothing is in the cache after a power loss, and checked at
 * 1 GB/s. */
static void recovery_reads_at_the_speed_of_the_disk(void **state)
{
	struct world *w = make(1, "apps=off devices=1");
	struct replica *r;
	struct disk *d = &broker(w, 0)->process->machine->disk;
	sim_time ready, from, took;

	(void)state;
	world_run_until(w, SIM_S(2));
	r = broker(w, 0)->replicas.at[0];
	for (int i = 0; i < 100; i++) {
		struct batch b = { .count = 1, .bytes = 1000000,
				   .base_offset = r->log.end_offset,
				   .leader_epoch = r->leader_epoch,
				   .first_at = 1, .last_at = 1 };

		assert_true(replica_append_fetched(w, r, &b, &ready));
	}
	file_fsync(w, r->file);
	world_run_until(w, SIM_S(4));
	command(w, "fault power-loss component=broker-1");
	from = world_now(w);
	command(w, "heal 1");
	while (!broker(w, 0)->registered && world_now(w) < SIM_S(60))
		world_run_until(w, world_now(w) + SIM_MS(10));
	took = world_now(w) - from - SIM_S(5);
	assert_in_range(took, 100000000 * SIM_S(1) / d->bytes_per_s,
			100000000 * SIM_S(1) / d->bytes_per_s + SIM_MS(250));
	world_free(w);
}

/* UnifiedLog.append with flush.messages=1: on the disk before it is told. */
static void with_flush_messages_1_nothing_is_lost(void **state)
{
	struct world *w = make(1, "apps=off devices=20");
	struct fleet_audit a;

	(void)state;
	command(w, "broker-setting log.flush.interval.messages=1");
	world_run_until(w, SIM_S(10));
	assert_true(broker(w, 0)->process->machine->disk.fsyncs > 100);
	command(w, "fault power-loss component=broker-1 for=2s");
	command(w, "fault power-loss component=broker-2 for=2s");
	command(w, "fault power-loss component=broker-3 for=2s");
	world_run_until(w, SIM_S(60));
	audit(w, &a);
	assert_int_equal(a.unreadable, 0);
	assert_true(a.acked > 500);
	assert_int_equal(a.lost, 0);
	world_free(w);
}

static void all_in_sync_replicas_together_lose_acknowledged_records(void **state)
{
	struct world *w = make(1, "apps=off acks=all");
	struct fleet_audit a;

	(void)state;
	world_run_until(w, SIM_S(20));
	command(w, "fault power-loss component=broker-1 for=2s");
	command(w, "fault power-loss component=broker-2 for=2s");
	command(w, "fault power-loss component=broker-3 for=2s");
	world_run_until(w, SIM_S(80));
	audit(w, &a);
	assert_int_equal(a.unreadable, 0);
	assert_true(a.lost > 1000);
	world_free(w);
}

/* A follower lags a little, so that the leader is ahead of it; then one of the
 * machines loses its power, for a moment or for longer than its session. */
static void one_power_loss(uint64_t seed, struct fleet_audit *out)
{
	struct world *w = make(seed, "acks=all topic-min-isr=2 devices=200 "
			       "apps=off");
	struct text line = {0};
	struct luck luck;

	luck_init(&luck, seed, "test", "power");
	world_run_until(w, SIM_S(3));
	text_addf(&line, "fault power-loss component=broker-%d after=%lldms "
		  "for=%lldms", (int)luck_between(&luck, 1, 3),
		  (long long)luck_between(&luck, 0, 999),
		  (long long)luck_between(&luck, 1, 12000));
	command(w, text_cstr(&line));
	command(w, "fault slow-link component=broker-1 delay=40ms for=2s");
	text_free(&line);
	world_run_until(w, SIM_S(32));
	audit(w, out);
	world_free(w);
}

static void one_power_loss_loses_nothing_acknowledged_by_all(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fleet_audit a;

		one_power_loss(seed, &a);
		if (a.lost || a.unreadable || a.acked < 4000)
			print_message("seed %llu\n", (unsigned long long)seed);
		assert_int_equal(a.unreadable, 0);
		assert_true(a.acked > 4000);
		assert_int_equal(a.lost, 0);
	}
}

static void propose(struct world *w, const struct partition *p, uint64_t isr,
		    uint32_t place, uint32_t incarnation)
{
	struct alter_partition *m = message_new(w, sizeof(*m),
						MESSAGE_ALTER_PARTITION);

	m->req.head.bytes = 120;
	m->broker = p->state.leader;
	m->partition = p->id;
	m->leader_epoch = p->state.leader_epoch;
	m->partition_epoch = p->state.partition_epoch;
	m->isr = isr;
	m->incarnations[place] = incarnation;
	net_send(w, broker(w, (uint32_t)m->broker)->process,
		 controller_active(cluster_of(w))->process, &m->req.head);
	world_run_until(w, world_now(w) + SIM_MS(50));
}

/* KIP-903: the leader proposes a follower that in the meantime has lost its
 * power and registered again.  Its message was long under way. */
static void who_came_back_without_its_log_is_not_in_sync(void **state)
{
	struct world *w = make(1, "apps=off acks=all");
	const struct partition *p = cluster_of(w)->partitions.at[0];
	const struct broker *follower;
	struct text line = {0};
	uint64_t bit, isr = p->state.isr;

	(void)state;
	world_run_until(w, SIM_S(5));
	follower = broker(w, (uint32_t)p->state.replicas[1]);
	bit = broker_bit(follower->index);
	text_addf(&line, "fault partition component=broker-%d to=broker-%d",
		  follower->node_id,
		  broker(w, (uint32_t)p->state.leader)->node_id);
	command(w, text_cstr(&line));
	text_clear(&line);
	text_addf(&line, "fault power-loss component=broker-%d for=1ms",
		  follower->node_id);
	command(w, text_cstr(&line));
	text_free(&line);
	world_run_until(w, SIM_S(12));
	assert_true(cluster_of(w)->truth.incarnations[follower->index] == 2);
	assert_false(p->state.isr & bit);
	propose(w, p, isr, 1, 1);
	assert_false(p->state.isr & bit);
	/* the same proposal of one who knows whom it means is taken */
	propose(w, p, isr, 1, 2);
	assert_true(p->state.isr & bit);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_broker_loses_nothing),
		cmocka_unit_test(a_clean_stop_needs_no_recovery),
		cmocka_unit_test(a_power_loss_takes_what_was_not_written_back),
		cmocka_unit_test(
			what_was_written_back_is_there_after_a_power_loss),
		cmocka_unit_test(recovery_reads_at_the_speed_of_the_disk),
		cmocka_unit_test(with_flush_messages_1_nothing_is_lost),
		cmocka_unit_test(
			all_in_sync_replicas_together_lose_acknowledged_records),
		cmocka_unit_test(
			one_power_loss_loses_nothing_acknowledged_by_all),
		cmocka_unit_test(who_came_back_without_its_log_is_not_in_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
