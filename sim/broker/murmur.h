/* murmur.h - which partition a key belongs to
 *
 * Kafka's default partitioner hashes the key's bytes with 32-bit murmur2 (seed
 * 0x9747b28c), clears the sign bit and takes the rest by the number of
 * partitions: org.apache.kafka.common.utils.Utils.murmur2 and toPositive,
 * BuiltInPartitioner.partitionForKey (3.9).
 */
#ifndef SIM_BROKER_MURMUR_H
#define SIM_BROKER_MURMUR_H

#include <stddef.h>
#include <stdint.h>

uint32_t murmur2(const void *key, size_t len);
uint32_t murmur_partition(const void *key, size_t len, uint32_t partitions);

/* java.lang.String.hashCode of an ASCII text; picks a group's coordinator. */
int32_t java_string_hash(const char *s);

#endif
