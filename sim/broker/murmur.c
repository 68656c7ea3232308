/* murmur.c - which partition a key belongs to */
#include "sim/broker/murmur.h"

#define M	0x5bd1e995u
#define R	24

uint32_t murmur2(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint32_t h = 0x9747b28cu ^ (uint32_t)len;

	for (; len >= 4; p += 4, len -= 4) {
		uint32_t k = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
			     (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

		k *= M;
		k ^= k >> R;
		h = h * M ^ k * M;
	}
	if (len > 2)
		h ^= (uint32_t)p[2] << 16;
	if (len > 1)
		h ^= (uint32_t)p[1] << 8;
	if (len > 0)
		h = (h ^ p[0]) * M;
	h ^= h >> 13;
	h *= M;
	return h ^ h >> 15;
}

uint32_t murmur_partition(const void *key, size_t len, uint32_t partitions)
{
	return (murmur2(key, len) & 0x7fffffffu) % partitions;
}

int32_t java_string_hash(const char *s)
{
	uint32_t h = 0;

	for (; *s; s++)
		h = 31 * h + (unsigned char)*s;
	return (int32_t)h;
}
