/* compression.h - CPU time against bytes
 *
 * A producer packs a batch as a whole, and only its records: the header stays
 * readable.  The broker unpacks it to look at the records, and packs it anew
 * when the topic's compression.type asks for another codec than the producer
 * used; followers copy it as it is; the consumer unpacks it.
 *
 *	producer ──pack──▶ leader: look, perhaps repack ──as it is──▶ followers
 *	                      └──as it is──▶ consumer: unpack
 *
 * How far data shrinks depends on the data, and on how much of it there is in a
 * batch: what repeats is packed, and in the first record nothing repeats yet.
 * So small batches gain little.  Ratios and speeds are those that Cloudflare
 * measured on web logs (calibration.md C5), which are as repetitive as the JSON
 * of readings is; bytes that are packed or random already would not shrink.
 * Simplified: the ratio is a codec's, whatever the records hold, so that the
 * size before follows from the size after.  One core packs one batch.
 */
#ifndef SIM_BROKER_COMPRESSION_H
#define SIM_BROKER_COMPRESSION_H

#include "sim/broker/log.h"

/* Numbers as in the attributes of a batch (org.apache.kafka.common.record.
 * CompressionType), which is also the order of the words producers know. */
enum codec {
	CODEC_NONE, CODEC_GZIP, CODEC_SNAPPY, CODEC_LZ4, CODEC_ZSTD, CODECS
};

const char *codec_name(enum codec codec);
/* The codec that a topic's compression.type (its number there) stands for;
 * `producer`: as it comes. */
enum codec codec_for_topic(int64_t type, enum codec producer);

/* Bytes of a batch, header included, packed and as they were. */
uint32_t codec_pack(enum codec codec, uint32_t bytes);
uint32_t codec_unpack(enum codec codec, uint32_t bytes);

/* CPU time for a batch whose bytes, unpacked, are these. */
sim_time codec_pack_time(enum codec codec, uint32_t bytes);
sim_time codec_unpack_time(enum codec codec, uint32_t bytes);

#endif
