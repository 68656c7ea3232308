/* compression.c - CPU time against bytes */
#include "sim/broker/compression.h"

/* What a codec has to see before anything repeats: about one record [E]. */
#define NEW_BYTES	150

/*
 * calibration.md C5 (Cloudflare 2018): speeds in MB/s, ratios of batches of
 * about 600 records.  It has no ratio of zstd at its default level, 3, which
 * lies between gzip's and that of level 6, and no speed of gzip: those are [E].
 */
static const struct {
	const char *name;
	uint32_t percent;		/* what is left of what repeats */
	int64_t pack_mb_s, unpack_mb_s;
} codecs[CODECS] = {
	[CODEC_NONE] = { "none", 100, 0, 0 },
	[CODEC_GZIP] = { "gzip", 28, 50, 250 },		/* 3.58 */
	[CODEC_SNAPPY] = { "snappy", 43, 446, 1344 },	/* 2.35 */
	[CODEC_LZ4] = { "lz4", 55, 594, 2428 },		/* 1.81 */
	[CODEC_ZSTD] = { "zstd", 26, 409, 844 },
};

const char *codec_name(enum codec codec)
{
	return codecs[codec].name;
}

enum codec codec_for_topic(int64_t type, enum codec producer)
{
	static const enum codec of_word[] = {	/* compression_words, config.c */
		CODEC_NONE, CODEC_ZSTD, CODEC_LZ4, CODEC_SNAPPY, CODEC_GZIP,
	};

	return (size_t)type < sizeof(of_word) / sizeof(of_word[0]) ?
	       of_word[type] : producer;
}

uint32_t codec_pack(enum codec codec, uint32_t bytes)
{
	uint32_t kept = BATCH_OVERHEAD_BYTES + NEW_BYTES;

	if (codec == CODEC_NONE || bytes <= kept)
		return bytes;
	return kept + (uint32_t)((uint64_t)(bytes - kept) *
				 codecs[codec].percent / 100);
}

uint32_t codec_unpack(enum codec codec, uint32_t bytes)
{
	uint32_t kept = BATCH_OVERHEAD_BYTES + NEW_BYTES;

	if (codec == CODEC_NONE || bytes <= kept)
		return bytes;
	return kept + (uint32_t)((uint64_t)(bytes - kept) * 100 /
				 codecs[codec].percent);
}

/* A byte at one MB/s takes 1000 ns. */
static sim_time at_speed(uint32_t bytes, int64_t mb_s)
{
	return mb_s ? (sim_time)bytes * 1000 / mb_s : 0;
}

sim_time codec_pack_time(enum codec codec, uint32_t bytes)
{
	return at_speed(bytes, codecs[codec].pack_mb_s);
}

sim_time codec_unpack_time(enum codec codec, uint32_t bytes)
{
	return at_speed(bytes, codecs[codec].unpack_mb_s);
}
