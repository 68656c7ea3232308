/*
 * What a consumer holds and hands out.  Method: one application that works for
 * longer than its share of time on each record, in the world with three
 * brokers; what it has fetched and not handed out is looked at while it falls
 * further and further behind.
 */
#include "tests/test.h"

#include "sim/broker/audit.h"
#include "sim/broker/broker.h"
#include "sim/broker/groups.h"
#include "sim/stack/app.h"
#include "tests/sim/log_world.h"

static struct consumer *consumer_of(const struct world *w, const char *name)
{
	const struct app *a = ((const struct client_host *)
			       process_find(w, name)->self)->owner;

	return a->consumer;
}

static uint64_t buffered_bytes(const struct consumer *c)
{
	uint64_t bytes = 0;

	for (uint32_t i = c->buffer_at; i < c->buffer.count; i++)
		bytes += c->buffer.at[i].batch.bytes;
	return bytes;
}

/* 1,000 records a second come in, each takes 10 ms: nine of ten wait.  One
 * answer of a partition is held at most, 1 MiB (max.partition.fetch.bytes); of
 * a second's batch of 20 KB that is fifty, and the row doubles as it grows. */
static void who_cannot_follow_holds_one_answer_of_each_partition(void **state)
{
	struct world *w = log_world("apps=0");
	struct consumer *c;
	uint32_t partitions;

	(void)state;
	log_command(w, "app-new name=slow topic=readings work=10ms "
		    "auto.offset.reset=earliest");
	world_run_until(w, SIM_MINUTES(2));
	c = consumer_of(w, "slow");
	partitions = c->positions.count;
	assert_int_equal(partitions, 6);
	for (int minute = 3; minute < 30; minute++) {
		world_run_until(w, SIM_MINUTES(minute));
		assert_true(buffered_bytes(c) <= partitions << 20);
		assert_true(c->buffer.cap <= 4096);
	}
	assert_true(consumer_lag(c) > 1000000);
	world_free(w);
}

/* AbstractFetch.fetchablePartitions: a session does not read ahead for a
 * partition that has records left; it is told to forget it meanwhile. */
static void a_partition_with_records_left_is_not_fetched(void **state)
{
	struct world *w = log_world("apps=0");
	uint32_t forgotten = 0;
	struct consumer *c;

	(void)state;
	log_command(w, "app-new name=slow topic=readings work=10ms "
		    "auto.offset.reset=earliest");
	world_run_until(w, SIM_MINUTES(2));
	c = consumer_of(w, "slow");
	for (int i = 0; i < 2000; i++) {
		world_run_until(w, world_now(w) + SIM_MS(50));
		for (uint32_t k = 0; k < c->positions.count; k++) {
			const struct consumer_position *p = &c->positions.at[k];
			uint32_t held = 0;

			for (uint32_t j = c->buffer_at; j < c->buffer.count; j++)
				held += c->buffer.at[j].partition ==
					p->partition;
			assert_int_equal(p->buffered, held);
			forgotten += held && p->session_node < 0;
		}
	}
	assert_true(forgotten > 0);
	world_free(w);
}

/* SubscriptionState.maybeSeekUnvalidated: where a reset led is in the log, and
 * nowhere else. */
static void a_reset_says_where_it_led(void **state)
{
	struct world *w = log_world("apps=0");

	(void)state;
	log_command(w, "app-new name=new topic=readings "
		    "auto.offset.reset=earliest");
	world_run_until(w, SIM_S(20));
	for (int i = 0; i < 6; i++) {
		char line[128];

		snprintf(line, sizeof(line), "groupId=new] Resetting offset for "
			 "partition readings-%d to position "
			 "FetchPosition{offset=0}.", i);
		assert_int_equal(log_lines(w, line), 1);
	}
	world_free(w);
}

/* The last records are committed though no more come: poll() is called on. */
static void what_came_last_is_committed(void **state)
{
	struct world *w = log_world("apps=0");
	struct broker *b;
	struct group *g;
	int64_t sum = 0;

	(void)state;
	log_command(w, "app-new name=new topic=readings "
		    "auto.offset.reset=earliest");
	world_run_until(w, SIM_S(30));
	log_command(w, "service sensor-gateway do=stop");
	world_run_until(w, SIM_S(50));
	b = group_coordinator(w, cluster_of(w), "new");
	g = group_find(b->groups, world_name(w, "new"));
	assert_int_equal(g->offsets.count, 6);
	for (uint32_t i = 0; i < 6; i++) {
		const struct committed *at = &g->offsets.at[i];

		assert_int_equal(at->offset, leader_replica(w,
			at->partition)->high_watermark);
		sum += at->offset;
	}
	assert_true(sum > 10000);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			who_cannot_follow_holds_one_answer_of_each_partition),
		cmocka_unit_test(a_partition_with_records_left_is_not_fetched),
		cmocka_unit_test(a_reset_says_where_it_led),
		cmocka_unit_test(what_came_last_is_committed),
	};

	return cmocka_run_group_tests_name("consumer", tests, NULL, NULL);
}
