/* test_compression.c - what a codec saves, and what it costs
 *
 * Method: the arithmetic as a table; then the world local-kafka with a second
 * fleet whose batches are packed, and the bytes of its topic on disk against
 * those of one that packs nothing.
 */
#include "tests/test.h"

#include "sim/broker/audit.h"
#include "sim/broker/controller.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

/* Header and first record stay; of 10,000 bytes more the codec's share. */
static void the_rest_shrinks_by_the_ratio(void **state)
{
	static const struct {
		enum codec codec;
		uint32_t bytes, packed;
		sim_time pack, unpack;		/* of `bytes` */
	} table[] = {
		{ CODEC_NONE, 10211, 10211, 0, 0 },
		{ CODEC_GZIP, 10211, 211 + 2800, 204220, 40844 },
		{ CODEC_SNAPPY, 10211, 211 + 4300, 22894, 7597 },
		{ CODEC_LZ4, 10211, 211 + 5500, 17190, 4205 },
		{ CODEC_ZSTD, 10211, 211 + 2600, 24965, 12098 },
		{ CODEC_ZSTD, 200, 200, 488, 236 },	/* nothing repeats */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		enum codec c = table[i].codec;

		assert_int_equal(codec_pack(c, table[i].bytes),
				 table[i].packed);
		assert_int_equal(codec_unpack(c, table[i].packed),
				 table[i].bytes);
		assert_int_equal(codec_pack_time(c, table[i].bytes),
				 table[i].pack);
		assert_int_equal(codec_unpack_time(c, table[i].bytes),
				 table[i].unpack);
	}
}

static void a_topic_may_want_its_own(void **state)
{
	static const struct {
		const char *type;
		enum codec is;			/* of what came as lz4 */
	} table[] = {
		{ "producer", CODEC_LZ4 }, { "uncompressed", CODEC_NONE },
		{ "gzip", CODEC_GZIP }, { "snappy", CODEC_SNAPPY },
		{ "lz4", CODEC_LZ4 }, { "zstd", CODEC_ZSTD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct topic_config c = {0};

		assert_true(topic_config_set(&c, "compression.type",
					     table[i].type, NULL));
		assert_int_equal(codec_for_topic(
			c.value[TOPIC_COMPRESSION_TYPE], CODEC_LZ4),
			table[i].is);
	}
}

/* -- worlds ----------------------------------------------------------------- */

struct stored {
	int64_t bytes;
	uint64_t records;
	enum codec codec;		/* of the last batch seen */
	int64_t producer_ns, brokers_ns;	/* CPU time */
};

/* What a fleet's records take in the logs of the topic's leaders. */
static void count(struct world *w, const struct fleet *f, struct stored *out)
{
	for (uint32_t i = 0; i < f->lane_count; i++) {
		const struct replica *r =
			leader_replica(w, f->lanes[i].partition);
		const struct batch *b;
		struct log_cursor c;

		if (!log_seek(w, &r->log, r->log.start_offset, &c))
			continue;
		while ((b = log_read(w, &r->log, &c))) {
			if (b->source != f->source)
				continue;
			out->bytes += b->bytes;
			out->records += b->count;
			out->codec = (enum codec)b->codec;
		}
	}
}

static struct stored run(const char *settings, const char *topic_type)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", 3, "devices=10 apps=off",
				      &err);
	struct topic_config config = {0};
	struct stored out = {0};
	struct text line = {0};
	struct fleet_audit audit;
	struct cluster *c;

	assert_non_null(w);
	c = cluster_of(w);
	assert_true(topic_config_set(&config, "compression.type", topic_type,
				     NULL));
	controller_set_topic_config(w, controller_active(c),
				    cluster_topic(w, c, "readings"), &config);
	world_run_until(w, SIM_S(1));
	text_addf(&line, "fleet-new name=ours topic=readings devices=3000 %s",
		  settings);
	assert_true(world_command(w, line.at, NULL, NULL));
	world_run_until(w, SIM_S(20));
	count(w, fleet_find(w, "ours"), &out);
	fleet_audit(w, fleet_find(w, "ours"), &audit);
	assert_int_equal(audit.lost + audit.duplicated, 0);
	assert_true(audit.acked > 50000);
	assert_in_range(fleet_find(w, "ours")->producer->buffered_bytes, 0,
			1 << 20);
	out.producer_ns = cpu_used_ns(w, fleet_find(w, "ours")->gateway->process);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		out.brokers_ns += cpu_used_ns(w, c->brokers.at[i]->process);
	text_free(&line);
	world_free(w);
	return out;
}

static void logs_shrink_with_the_producers_codec(void **state)
{
	struct stored plain = run("", "producer");
	struct stored lz4 = run("compression.type=lz4", "producer");
	struct stored zstd = run("compression.type=zstd", "producer");

	(void)state;
	assert_int_equal(plain.codec, CODEC_NONE);
	assert_int_equal(lz4.codec, CODEC_LZ4);
	assert_int_equal(zstd.codec, CODEC_ZSTD);
	assert_true(lz4.bytes * 100 < plain.bytes * 62);
	assert_true(zstd.bytes * 100 < plain.bytes * 35);
	assert_true(zstd.bytes * 100 > plain.bytes * 26);
}

/* 57,000 readings of 120 bytes are 6.8 MB: zstd packs them in 17 ms, and once
 * more where the topic wants it so.  70 % of the bytes are then not summed and
 * not copied to the socket: 9 ms less. */
static void bytes_are_paid_for_in_cpu_time(void **state)
{
	struct stored plain = run("", "producer");
	struct stored zstd = run("compression.type=zstd", "producer");
	struct stored again = run("compression.type=lz4", "zstd");

	(void)state;
	assert_in_range(zstd.producer_ns - plain.producer_ns, SIM_MS(4),
			SIM_MS(12));
	assert_true(again.producer_ns < zstd.producer_ns);
	assert_in_range(again.brokers_ns - zstd.brokers_ns, SIM_MS(8),
			SIM_MS(21));
}

static void the_broker_packs_anew_what_the_topic_wants(void **state)
{
	struct stored zstd = run("compression.type=zstd", "producer");
	struct stored again = run("compression.type=lz4", "zstd");
	struct stored loose = run("compression.type=lz4", "uncompressed");

	(void)state;
	assert_int_equal(again.codec, CODEC_ZSTD);
	assert_int_equal(loose.codec, CODEC_NONE);
	assert_true(again.bytes < zstd.bytes * 11 / 10);
	assert_true(loose.bytes > 2 * zstd.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_shrinks_by_the_ratio),
		cmocka_unit_test(a_topic_may_want_its_own),
		cmocka_unit_test(logs_shrink_with_the_producers_codec),
		cmocka_unit_test(bytes_are_paid_for_in_cpu_time),
		cmocka_unit_test(the_broker_packs_anew_what_the_topic_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
