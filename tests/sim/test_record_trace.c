/* test_record_trace.c - headers of records, and traces that cross the broker
 *
 * Method: records are written and read again, against lengths worked out by
 * hand from the record format v2; then the world local-kafka is traced, and
 * for each span of an application its parent is looked for.
 */
#include "tests/test.h"

#include "sim/broker/audit.h"
#include "sim/broker/client_trace.h"
#include "sim/broker/controller.h"
#include "sim/broker/records.h"
#include "sim/core/map.h"
#include "sim/stack/stack.h"
#include "sim/telemetry/span.h"

/* -- headers ---------------------------------------------------------------- */

struct pair {
	const char *key, *value;	/* value NULL: null */
};

static void add(struct text *headers, const struct pair *p)
{
	record_header_add(headers, p->key, p->value,
			  p->value ? (int32_t)strlen(p->value) : -1);
}

/* Record format v2: a header is two varints, a byte each here, and its bytes;
 * the rest of the record is as without. */
static void headers_come_back_and_are_counted(void **state)
{
	static const struct {
		struct pair pairs[3];
		uint32_t count, bytes;		/* more than without headers */
	} table[] = {
		{ { { NULL, NULL } }, 0, 0 },
		{ { { "a", "1" } }, 1, 4 },
		{ { { "a", NULL } }, 1, 3 },
		{ { { "a", "" }, { "a", "23" }, { "", "x" } }, 3, 3 + 5 + 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct text headers = {0}, batch = {0};
		struct record r = { .key = "k", .key_len = 1, .value = "value",
				    .value_len = 5 };
		struct record_view v;
		struct record_header h;
		uint32_t at = 0, n = 0, plain = record_bytes(&r);

		for (uint32_t k = 0; k < table[i].count; k++)
			add(&headers, &table[i].pairs[k]);
		r.headers = headers.at;
		r.headers_len = (uint32_t)headers.len;
		assert_int_equal(record_bytes(&r), plain + table[i].bytes);
		record_write(&batch, 77, &r);
		assert_ptr_equal(record_next(batch.at, &v),
				 batch.at + batch.len);
		assert_int_equal(v.at, 77);
		assert_memory_equal(v.key, "k", 1);
		assert_memory_equal(v.value, "value", 5);
		while (record_header_next(v.headers, v.headers_len, &at, &h)) {
			const struct pair *p = &table[i].pairs[n++];

			assert_int_equal(h.key_len, strlen(p->key));
			assert_memory_equal(h.key, p->key, h.key_len);
			assert_int_equal(h.value_len, p->value ?
					 (int)strlen(p->value) : -1);
			if (p->value)
				assert_memory_equal(h.value, p->value,
						    strlen(p->value));
		}
		assert_int_equal(n, table[i].count);
		text_free(&headers);
		text_free(&batch);
	}
}

/* -- traces ----------------------------------------------------------------- */

static void do_command(struct world *w, const char *line)
{
	struct err err = { "" };

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static struct world *local(uint64_t seed)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", seed, "devices=100", &err);

	assert_non_null(w);
	return w;
}

struct seen {
	uint64_t published, failed, processed, orphans, early;
};

static const struct span_record *find(const struct world *w, uint64_t id)
{
	for (uint64_t i = 0; i < span_count(w); i++)
		if (span_at(w, i)->context.span == id)
			return span_at(w, i);
	return NULL;
}

/* Nobody works on a record before it was sent, or without its being sent. */
static struct seen look(const struct world *w)
{
	struct seen out = {0};

	for (uint64_t i = 0; i < span_count(w); i++) {
		const struct span_record *s = span_at(w, i), *parent;

		if (s->kind == SPAN_PRODUCER) {
			out.published++;
			out.failed += s->status == SPAN_ERROR;
			continue;
		}
		out.processed++;
		parent = find(w, s->parent);
		out.orphans += !parent;
		if (!parent)
			continue;
		out.early += s->begin < parent->begin;
		assert_int_equal(s->context.trace.high,
				 parent->context.trace.high);
		assert_int_equal(s->context.trace.low,
				 parent->context.trace.low);
		assert_int_equal(parent->kind, SPAN_PRODUCER);
	}
	return out;
}

static void a_trace_crosses_the_broker(void **state)
{
	struct world *w = local(5);
	struct seen seen;

	(void)state;
	world_run_until(w, SIM_S(5));
	assert_int_equal(span_count(w), 0);	/* nobody asked */
	do_command(w, "trace-ratio ppm=100000");
	world_run_until(w, SIM_S(15));
	seen = look(w);
	/* 100 readings a second, one of ten, for 10 s; two applications */
	assert_in_range(seen.published, 70, 130);
	assert_in_range(seen.processed, 2 * seen.published - 30,
			2 * seen.published + 30);
	assert_int_equal(seen.failed + seen.early, 0);
	/* What was sent before, and worked on since, has lost its parent. */
	assert_in_range(seen.orphans, 0, 10);
	world_free(w);
}

/* Sent again after its leader died, a record is still one span: that of the
 * application's send(). */
static void a_retry_does_not_break_a_trace(void **state)
{
	struct world *w = local(6);
	struct map ids = {0};
	struct seen seen;

	(void)state;
	do_command(w, "trace-ratio ppm=1000000");
	world_run_until(w, SIM_S(10));
	do_command(w, "fault kill component=broker-2 for=1m");
	world_run_until(w, SIM_S(40));
	seen = look(w);
	assert_true(seen.published > 2500);
	assert_int_equal(seen.failed + seen.early + seen.orphans, 0);
	for (uint64_t i = 0; i < span_count(w); i++) {
		const struct span_record *s = span_at(w, i);

		if (s->kind != SPAN_PRODUCER)
			continue;
		assert_null(map_get(&ids, s->context.span));
		map_put(&ids, &w->arena, s->context.span, w);
	}
	world_free(w);
}

/* The decision is the trace id's: what a low ratio keeps a higher one keeps. */
static void a_lower_ratio_keeps_a_part_of_the_same(void **state)
{
	struct world *few = local(7), *many = local(7);
	uint64_t found = 0, sent = 0;

	(void)state;
	do_command(few, "trace-ratio ppm=20000");
	do_command(many, "trace-ratio ppm=200000");
	world_run_until(few, SIM_S(20));
	world_run_until(many, SIM_S(20));
	for (uint64_t i = 0; i < span_count(few); i++) {
		const struct span_record *s = span_at(few, i);

		if (s->kind != SPAN_PRODUCER)
			continue;
		sent++;
		found += find(many, s->context.span) != NULL;
	}
	assert_true(sent > 20);
	assert_int_equal(found, sent);
	assert_true(span_count(many) > 5 * span_count(few));
	world_free(few);
	world_free(many);
}

static const struct replica *leader_of(struct world *w, const char *topic)
{
	const struct cluster *c = cluster_of(w);
	name_id name = world_name(w, topic);

	for (uint32_t i = 0; i < c->partitions.count; i++)
		if (c->partitions.at[i]->topic->name == name)
			return leader_replica(w, i);
	fail_msg("no topic %s", topic);
	return NULL;
}

/* Explicit records carry theirs as a header that everybody can read. */
static void an_explicit_record_carries_traceparent(void **state)
{
	struct world *w = local(8);
	struct topic_config config = {0};
	const struct batch *b;
	struct trace_context c;
	struct log_cursor at;
	struct err err = { "" };
	uint32_t found = 0;

	(void)state;
	assert_int_equal(controller_create_topic(w,
			 controller_active(cluster_of(w)),
			 "notes", 1, 3, NULL, &config, &err), KAFKA_NONE);
	world_run_until(w, SIM_S(2));
	do_command(w, "trace-ratio ppm=1000000");
	do_command(w, "produce-open from=workstation topic=notes "
		   "bootstrap=broker-1:9092");
	do_command(w, "produce id=1 value=hello");
	do_command(w, "produce id=1 value=again headers=k%3dteam%20v%3dred");
	world_run_until(w, SIM_S(5));
	assert_true(log_seek(w, &leader_of(w, "notes")->log, 0, &at));
	while ((b = log_read(w, &leader_of(w, "notes")->log, &at)))
		for (uint32_t i = 0; i < b->count; i++, found++) {
			c = record_trace(w, cluster_of(w), b, i);
			assert_true(trace_context_given(&c));
			assert_non_null(find(w, c.span));
		}
	assert_int_equal(found, 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_come_back_and_are_counted),
		cmocka_unit_test(a_trace_crosses_the_broker),
		cmocka_unit_test(a_retry_does_not_break_a_trace),
		cmocka_unit_test(a_lower_ratio_keeps_a_part_of_the_same),
		cmocka_unit_test(an_explicit_record_carries_traceparent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
