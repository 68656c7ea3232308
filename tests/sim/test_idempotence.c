/* test_idempotence.c - nothing is stored twice, and nothing overtakes
 *
 * Method: a table of what a log answers to (epoch, sequence); then the world
 * local-kafka with answers lost, brokers killed and restarted, and for 200
 * seeds with faults drawn, always with the logs read afterwards.  The same
 * worlds with enable.idempotence=false must show what it is good for.
 */
#include "tests/test.h"

#include "sim/broker/audit.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

#ifdef TEST_SANITIZED
#define SEEDS	20
#else
#define SEEDS	200
#endif

/* -- one log ---------------------------------------------------------------- */

static struct world *empty_world(void)
{
	struct world *w = stack_world("local-kafka", 1, "apps=off", NULL);

	assert_non_null(w);
	return w;
}

static struct batch numbered(int16_t epoch, int32_t sequence, uint32_t count)
{
	return (struct batch){
		.count = count, .bytes = 100, .numbered = true,
		.producer_id = 7, .producer_epoch = epoch, .sequence = sequence,
	};
}

static void add(struct world *w, struct log *log, struct producer_states *s,
		struct batch b)
{
	b.last_at = SIM_S(1) + log->end_offset;
	log_append(w, log, &b, 1 << 20, SIM_HOURS(1));
	producer_states_note(w, s, &b);
}

/* Epoch 2: 0..9, 10..14, 15, 16..20, 21..22, 23..29: offsets as sequences. */
static void fill(struct world *w, struct log *log, struct producer_states *s)
{
	static const uint32_t counts[] = { 10, 5, 1, 5, 2, 7 };

	log_open(w, log);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		add(w, log, s, numbered(2, (int32_t)log->end_offset, counts[i]));
}

static void a_log_answers_by_epoch_and_sequence(void **state)
{
	static const struct {
		int64_t id;
		int16_t epoch;
		int32_t sequence;
		uint32_t count;
		enum kafka_error error;
		int64_t stored_at;
	} table[] = {
		{ 7, 2, 30, 4, KAFKA_NONE, -1 },	/* the next */
		{ 7, 2, 23, 7, KAFKA_NONE, 23 },	/* the last again */
		{ 7, 2, 21, 2, KAFKA_NONE, 21 },
		{ 7, 2, 10, 5, KAFKA_NONE, 10 },	/* the fifth from behind */
		{ 7, 2, 0, 10, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER, -1 },
		{ 7, 2, 23, 6, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER, -1 },
		{ 7, 2, 31, 1, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER, -1 },
		{ 7, 1, 30, 4, KAFKA_INVALID_PRODUCER_EPOCH, -1 },
		{ 7, 1, 23, 7, KAFKA_INVALID_PRODUCER_EPOCH, -1 },
		{ 7, 3, 0, 4, KAFKA_NONE, -1 },
		{ 7, 3, 30, 4, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER, -1 },
		{ 8, 0, 0, 1, KAFKA_NONE, -1 },		/* never heard of */
		{ 8, 5, 99, 1, KAFKA_NONE, -1 },
	};
	struct world *w = empty_world();
	struct producer_states s = {0};
	struct log log;

	(void)state;
	fill(w, &log, &s);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct batch b = numbered(table[i].epoch, table[i].sequence,
					  table[i].count);
		struct text why = {0};
		int64_t stored_at;
		enum kafka_error e;

		b.producer_id = table[i].id;
		e = producer_states_check(&s, &b, log.end_offset, "t", 0,
					  &stored_at, &why);
		if (e != table[i].error || stored_at != table[i].stored_at)
			fail_msg("row %zu: %s, stored at %lld", i,
				 kafka_error_name(e), (long long)stored_at);
		assert_int_equal(why.len > 0, e != KAFKA_NONE);
		text_free(&why);
	}
	world_free(w);
}

static void a_refusal_says_what_was_expected(void **state)
{
	struct world *w = empty_world();
	struct producer_states s = {0};
	struct batch b = numbered(2, 33, 1);
	struct text why = {0};
	struct log log;
	int64_t stored_at;

	(void)state;
	fill(w, &log, &s);
	producer_states_check(&s, &b, log.end_offset, "t", 0, &stored_at, &why);
	assert_string_equal(why.at, "Out of order sequence number for producer "
			    "7 at offset 30 in partition t-0: 33 (incoming seq. "
			    "number), 29 (current end sequence number)");
	text_free(&why);
	world_free(w);
}

static void sequences_wrap(void **state)
{
	(void)state;
	assert_int_equal(sequence_after(INT32_MAX, 1), 0);
	assert_int_equal(sequence_after(INT32_MAX - 1, 3), 1);
	assert_int_equal(sequence_after(5, 0), 5);
}

/* What is known follows the log: cut, it is as before the cut was written. */
static void a_cut_log_forgets_what_was_cut(void **state)
{
	struct world *w = empty_world();
	struct producer_states s = {0};
	struct batch last = numbered(2, 23, 7), first = numbered(2, 0, 10);
	struct log log;
	struct text why = {0};
	int64_t stored_at;

	(void)state;
	fill(w, &log, &s);
	log_truncate(w, &log, 23);
	producer_states_rebuild(w, &s, &log);
	assert_int_equal(producer_states_check(&s, &last, 23, "t", 0, &stored_at,
					       &why), KAFKA_NONE);
	assert_int_equal(stored_at, -1);	/* it may come again */
	assert_int_equal(producer_states_check(&s, &first, 23, "t", 0,
					       &stored_at, &why), KAFKA_NONE);
	assert_int_equal(stored_at, 0);		/* of five again */
	log_truncate(w, &log, 0);
	producer_states_rebuild(w, &s, &log);
	assert_null(producer_states_find(&s, 7));
	text_free(&why);
	world_free(w);
}

static void who_is_silent_is_forgotten(void **state)
{
	struct world *w = empty_world();
	struct producer_states s = {0};
	struct log log;

	(void)state;
	fill(w, &log, &s);
	producer_states_expire(w, &s, SIM_S(1) + 23);	/* when it wrote last */
	assert_non_null(producer_states_find(&s, 7));
	producer_states_expire(w, &s, SIM_S(1) + 24);
	assert_null(producer_states_find(&s, 7));
	world_free(w);
}

/* -- settings --------------------------------------------------------------- */

static void settings_that_conflict_turn_it_off_or_are_refused(void **state)
{
	static const struct {
		const char *name, *value, *why, *err;
	} table[] = {
		{ "linger.ms", "5", NULL, NULL },
		{ "max.in.flight.requests.per.connection", "5", NULL, NULL },
		{ "acks", "1", "Idempotence will be disabled because acks is "
		  "set to 1, not set to 'all'.",
		  "Must set acks to all in order to use the idempotent "
		  "producer. Otherwise we cannot guarantee idempotence." },
		{ "retries", "0", "Idempotence will be disabled because "
		  "retries is set to 0.",
		  "Must set retries to non-zero when using the idempotent "
		  "producer." },
		{ "max.in.flight.requests.per.connection", "6",
		  "Idempotence will be disabled because max.in.flight.requests."
		  "per.connection is set to 6, which is greater than 5. Please "
		  "note that in v4.0.0 and onward, this will become an error.",
		  "Must set max.in.flight.requests.per.connection to at most 5 "
		  "to use the idempotent producer." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct producer_config c;
		struct text why = {0};
		struct err err = { "" };

		producer_config_init(&c);
		assert_true(c.idempotence);
		assert_true(producer_config_set(&c, table[i].name,
						table[i].value, NULL));
		assert_true(producer_config_check(&c, &why, NULL));
		assert_int_equal(c.idempotence, table[i].why == NULL);
		assert_string_equal(text_cstr(&why),
				    table[i].why ? table[i].why : "");
		assert_true(producer_config_set(&c, "enable.idempotence",
						"true", NULL));
		assert_int_equal(producer_config_check(&c, NULL, &err),
				 table[i].err == NULL);
		assert_string_equal(err.what, table[i].err ? table[i].err : "");
		assert_true(producer_config_set(&c, "enable.idempotence",
						"false", NULL));
		assert_true(producer_config_check(&c, NULL, &err));
		assert_false(c.idempotence);
		text_free(&why);
	}
}

/* -- worlds ----------------------------------------------------------------- */

static void order(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void order(struct world *w, const char *fmt, ...)
{
	struct text line = {0};
	struct err err = { "" };
	va_list args;

	va_start(args, fmt);
	text_vaddf(&line, fmt, args);
	va_end(args);
	if (!world_command(w, line.at, NULL, &err))
		fail_msg("%s: %s", line.at, err.what);
	text_free(&line);
}

/* A world with a second fleet, whose settings are ours. */
static struct world *world_with(uint64_t seed, const char *settings)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", seed,
				      "devices=10 apps=off", &err);

	if (!w)
		fail_msg("%s", err.what);
	world_run_until(w, SIM_S(1));
	order(w, "fleet-new name=ours topic=readings devices=300 period=200ms "
	      "flush=50ms linger.ms=0 request.timeout.ms=3000 %s", settings);
	return w;
}

static struct fleet_audit audit_of(struct world *w)
{
	struct fleet_audit audit;

	fleet_audit(w, fleet_find(w, "ours"), &audit);
	assert_int_equal(audit.unreadable, 0);
	return audit;
}

/* Requests arrive, their answers do not: all is sent again. */
static struct fleet_audit lose_answers(uint64_t seed, const char *settings)
{
	struct world *w = world_with(seed, settings);
	struct fleet_audit audit;

	for (int b = 1; b <= 3; b++)
		order(w, "fault partition component=broker-%d to=edge-1 "
		      "one-way=1 after=%ds for=3300ms", b, 4 + 8 * b);
	world_run_until(w, SIM_MINUTES(1));
	audit = audit_of(w);
	assert_true(audit.acked > 50000);
	assert_int_equal(audit.lost, 0);
	world_free(w);
	return audit;
}

static void a_lost_answer_doubles_and_reorders_without_idempotence(void **state)
{
	struct fleet_audit off, one, on;

	(void)state;
	off = lose_answers(3, "enable.idempotence=false");
	one = lose_answers(3, "enable.idempotence=false "
			   "max.in.flight.requests.per.connection=1");
	on = lose_answers(3, "enable.idempotence=true");
	print_message("off: %llu twice, %llu behind; one in flight: %llu, %llu\n",
		      (unsigned long long)off.duplicated,
		      (unsigned long long)off.overtaken,
		      (unsigned long long)one.duplicated,
		      (unsigned long long)one.overtaken);
	assert_true(off.duplicated > 0 && off.overtaken > 0);
	assert_true(one.duplicated > 0);
	assert_int_equal(on.duplicated, 0);
	assert_int_equal(on.overtaken, 0);
}

static void acks_1_is_as_it_was(void **state)
{
	struct fleet_audit audit = lose_answers(4, "acks=1");

	(void)state;
	assert_true(audit.duplicated > 0);
}

/* A fleet's word `retries` is its producer's setting, though it has no dot. */
static void without_retries_nothing_is_sent_again(void **state)
{
	struct world *w = world_with(4, "enable.idempotence=false retries=0");
	struct fleet_audit audit;

	(void)state;
	order(w, "fault partition component=broker-1 to=edge-1 one-way=1 "
	      "after=10s for=5s");
	world_run_until(w, SIM_MINUTES(1));
	audit = audit_of(w);
	assert_int_equal(fleet_find(w, "ours")->producer->retried, 0);
	assert_true(fleet_find(w, "ours")->producer->failed > 0);
	assert_int_equal(audit.duplicated, 0);
	assert_int_equal(audit.lost, 0);
	world_free(w);
}

static void same_states(const struct replica *a, const struct replica *b)
{
	assert_int_equal(a->producers.by_id.live, b->producers.by_id.live);
	for (uint32_t i = 0; i < a->producers.by_id.count; i++) {
		const struct producer_entry *x =
			a->producers.by_id.entries[i].value, *y;

		if (!x)
			continue;
		y = producer_states_find(&b->producers, x->id);
		assert_non_null(y);
		assert_memory_equal(x, y, sizeof(*x));
	}
}

/* Every copy whose log is as long as its leader's knows the same; how many
 * there were. */
static uint32_t copies_know_the_same(struct world *w)
{
	const struct cluster *c = cluster_of(w);
	uint32_t compared = 0;

	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct replica *leader = leader_replica(w, i);

		for (uint32_t b = 0; leader && b < c->brokers.count; b++) {
			const struct replica *r =
				broker_replica(c->brokers.at[b], i);

			if (!r || r == leader || !leader->producers.by_id.live ||
			    r->log.end_offset != leader->log.end_offset)
				continue;
			same_states(leader, r);
			compared++;
		}
	}
	return compared;
}

static void a_new_leader_knows_what_the_old_one_knew(void **state)
{
	struct world *w = world_with(5, "");
	struct fleet_audit audit;

	(void)state;
	for (int b = 1; b <= 3; b++) {
		order(w, "fault partition component=broker-%d to=edge-1 "
		      "one-way=1 after=%ds for=4s", b, 20 * b);
		order(w, "fault kill component=broker-%d after=%dms for=8s", b,
		      20000 * b + 1500);
	}
	world_run_until(w, SIM_MINUTES(2));
	order(w, "service sensor-gateway do=stop");
	order(w, "service ours-gateway do=stop");
	world_run_until(w, SIM_MINUTES(2) + SIM_S(20));
	assert_true(copies_know_the_same(w) >= 6);
	world_free(w);

	w = world_with(5, "");
	for (int b = 1; b <= 3; b++)
		order(w, "fault kill component=broker-%d after=%ds for=8s", b,
		      20 * b);
	world_run_until(w, SIM_MINUTES(2));
	audit = audit_of(w);
	assert_true(audit.acked > 100000);
	assert_int_equal(audit.lost + audit.duplicated + audit.overtaken, 0);
	world_free(w);
}

static void a_restarted_broker_learns_it_from_its_log(void **state)
{
	struct world *w = world_with(6, "");
	struct broker *b = broker_by_node(cluster_of(w), 1);
	uint32_t known = 0;

	(void)state;
	world_run_until(w, SIM_S(10));
	order(w, "service ours-gateway do=stop");
	order(w, "service sensor-gateway do=stop");
	world_run_until(w, SIM_S(15));
	process_kill(w, b->process);
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			assert_int_equal(
				b->replicas.at[i]->producers.by_id.live, 0);
	process_start(w, b->process);
	world_run_until(w, SIM_S(25));		/* it loads them */
	for (uint32_t i = 0; i < b->replicas.count; i++)
		if (b->replicas.at[i])
			known += b->replicas.at[i]->producers.by_id.live;
	assert_true(known >= 6);
	assert_true(copies_know_the_same(w) >= 6);
	world_free(w);
}

/* Nothing can be sent for longer than delivery.timeout.ms: what was numbered is
 * given up, the gap is found, and the partition counts from 0 again. */
static void a_gap_raises_the_epoch(void **state)
{
	struct world *w = world_with(7, "delivery.timeout.ms=5000");
	const struct producer *p;
	struct fleet_audit audit;
	uint64_t acked;

	(void)state;
	order(w, "fault partition component=edge-1 after=5s for=20s");
	world_run_until(w, SIM_S(40));
	p = fleet_find(w, "ours")->producer;
	assert_true(p->failed > 0);
	assert_true(p->identity.epoch > 0);
	acked = p->acked;
	world_run_until(w, SIM_S(60));
	assert_true(p->acked > acked + 20000);
	audit = audit_of(w);
	assert_int_equal(audit.lost + audit.duplicated + audit.overtaken, 0);
	world_free(w);
}

static void brokers_forget_after_producer_id_expiration_ms(void **state)
{
	struct world *w = world_with(8, "");
	struct cluster *c = cluster_of(w);
	const struct replica *r;

	(void)state;
	for (uint32_t i = 0; i < c->brokers.count; i++)
		assert_true(broker_config_set(&c->brokers.at[i]->config,
			"producer.id.expiration.ms", "60000", NULL));
	world_run_until(w, SIM_S(10));
	r = leader_replica(w, cluster_partition(w, c, "readings", 0)->id);
	assert_int_equal(r->producers.by_id.live, 2);
	order(w, "service ours-gateway do=stop");
	world_run_until(w, SIM_MINUTES(7));
	r = leader_replica(w, cluster_partition(w, c, "readings", 0)->id);
	assert_int_equal(r->producers.by_id.live, 1);
	world_free(w);
}

/* -- producer ids ------------------------------------------------------------- */

static void no_two_producers_have_one_id(void **state)
{
	struct world *w = world_with(9, "");
	struct broker *b = broker_by_node(cluster_of(w), 2);
	int64_t ids[12];

	(void)state;
	world_run_until(w, SIM_S(5));
	b->producer_ids.next = b->producer_ids.end - 1;	/* nearly used up */
	process_kill(w, broker_by_node(cluster_of(w), 1)->process);
	process_start(w, broker_by_node(cluster_of(w), 1)->process);
	world_run_until(w, SIM_S(40));
	for (int i = 0; i < 12; i++)
		order(w, "fleet-new name=f%d topic=readings devices=2", i);
	world_run_until(w, SIM_S(50));
	for (int i = 0; i < 12; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%d", i);
		ids[i] = fleet_find(w, name)->producer->identity.id;
		assert_true(ids[i] >= 0);
		for (int k = 0; k < i; k++)
			assert_true(ids[i] != ids[k]);
	}
	world_free(w);
}

/* -- whatever goes wrong -------------------------------------------------------- */

static void draw_fault(struct world *w, struct luck *luck)
{
	static const char *const kinds[] = {
		"kill component=broker-%d", "hang component=broker-%d",
		"restart component=broker-%d", "partition component=broker-%d",
		"lossy-link component=broker-%d",
		"slow-link component=broker-%d",
		"partition component=broker-%d to=edge-1 one-way=1",
		"lossy-link component=edge-1 to=broker-%d",
	};
	struct text line = {0};

	text_add(&line, "fault ");
	for (const char *s = kinds[luck_below(luck, 8)]; *s; s++)
		if (*s == '%') {
			text_addf(&line, "%d", (int)luck_between(luck, 1, 3));
			s++;
		} else {
			text_bytes(&line, s, 1);
		}
	order(w, "%s after=%lldms for=%lldms", line.at,
	      (long long)luck_between(luck, 1, 30000),
	      (long long)luck_between(luck, 500, 12000));
	text_free(&line);
}

static struct fleet_audit troubled(uint64_t seed, const char *settings)
{
	struct world *w = world_with(seed, settings);
	struct fleet_audit audit;
	struct luck luck;

	luck_init(&luck, seed, "test", "faults");
	for (int i = 0; i < 6; i++)
		draw_fault(w, &luck);
	world_run_until(w, SIM_S(75));
	audit = audit_of(w);
	world_free(w);
	return audit;
}

static void faults_double_nothing_and_reorder_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fleet_audit audit = troubled(seed, "");

		if (audit.lost || audit.duplicated || audit.overtaken)
			fail_msg("seed %llu: %llu lost, %llu twice, %llu behind",
				 (unsigned long long)seed,
				 (unsigned long long)audit.lost,
				 (unsigned long long)audit.duplicated,
				 (unsigned long long)audit.overtaken);
	}
}

static void without_idempotence_they_do(void **state)
{
	uint64_t twice = 0, behind = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS / 5; seed++) {
		struct fleet_audit audit =
			troubled(seed, "enable.idempotence=false");

		twice += audit.duplicated > 0;
		behind += audit.overtaken > 0;
	}
	print_message("off: of %d runs %llu doubled, %llu reordered\n",
		      SEEDS / 5, (unsigned long long)twice,
		      (unsigned long long)behind);
	assert_true(twice > 0 && behind > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_answers_by_epoch_and_sequence),
		cmocka_unit_test(a_refusal_says_what_was_expected),
		cmocka_unit_test(sequences_wrap),
		cmocka_unit_test(a_cut_log_forgets_what_was_cut),
		cmocka_unit_test(who_is_silent_is_forgotten),
		cmocka_unit_test(
			settings_that_conflict_turn_it_off_or_are_refused),
		cmocka_unit_test(
			a_lost_answer_doubles_and_reorders_without_idempotence),
		cmocka_unit_test(acks_1_is_as_it_was),
		cmocka_unit_test(without_retries_nothing_is_sent_again),
		cmocka_unit_test(a_new_leader_knows_what_the_old_one_knew),
		cmocka_unit_test(a_restarted_broker_learns_it_from_its_log),
		cmocka_unit_test(a_gap_raises_the_epoch),
		cmocka_unit_test(brokers_forget_after_producer_id_expiration_ms),
		cmocka_unit_test(no_two_producers_have_one_id),
		cmocka_unit_test(faults_double_nothing_and_reorder_nothing),
		cmocka_unit_test(without_idempotence_they_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
