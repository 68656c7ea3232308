/* partitioner.c - where a record goes: its key's place, or a sticky one */
#include "sim/broker/producer_inside.h"

#include "sim/broker/murmur.h"

/* BuiltInPartitioner.nextPartition: weights max(queue)+1-queue. */
static uint32_t next_sticky(struct producer *p, name_id topic,
			    uint32_t partitions)
{
	uint32_t longest = 0;
	uint64_t total = 0, at;

	for (uint32_t pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < partitions; i++) {
			struct producer_lane *lane = producer_lane(p,
				client_partition_at(&p->client, topic, i)->id);
			uint32_t q = lane ? lane->queued : 0;

			if (pass == 0)
				longest = q > longest ? q : longest;
			else
				total += longest + 1 - q;
		}
	at = luck_below(&p->client.luck, total);
	for (uint32_t i = 0;; i++) {
		struct producer_lane *lane = producer_lane(p,
			client_partition_at(&p->client, topic, i)->id);
		uint32_t weight = longest + 1 - (lane ? lane->queued : 0);

		if (at < weight)
			return i;
		at -= weight;
	}
}

uint32_t partitioner_choose(struct producer *p, name_id topic,
			    uint32_t partitions, const char *key,
			    int32_t key_len, int64_t bytes)
{
	if (key_len >= 0)
		return murmur_partition(key, (size_t)key_len, partitions);
	if (p->sticky_topic != topic || p->sticky >= partitions ||
	    p->sticky_bytes >= p->config.batch_bytes) {
		p->sticky = next_sticky(p, topic, partitions);
		p->sticky_topic = topic;
		p->sticky_bytes = 0;
	}
	p->sticky_bytes += bytes;
	return p->sticky;
}

uint32_t producer_next_partition(struct producer *p, name_id topic,
				 int64_t bytes)
{
	return partitioner_choose(p, topic,
				  client_partition_count(&p->client, topic),
				  NULL, -1, bytes);
}
