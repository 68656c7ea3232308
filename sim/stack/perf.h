/* perf.h - load that goes as fast as it can: producers, consumers, round trips
 *
 * What kafka-producer-perf-test, kafka-consumer-perf-test and kafka-e2e-latency
 * do, one process each.  The producer's one thread builds a batch of procedural
 * records, which costs it CPU time, and hands it over; when buffer.memory is
 * full it stands still, as send() does (max.block.ms), and so the slowest of
 * core, card, broker and acks sets the pace:
 *
 *	build a batch ──▶ hand it over ──▶ build the next ...
 *	                     │   ▲
 *	          buffer full▼   │room
 *	                    blocked
 *
 * The consumer's thread polls, pays for what it got, polls again.  The round
 * trip sends one record, waits until it comes back, sends the next.
 *
 * Cost: an event or two for each batch and request, none for a record.
 */
#ifndef SIM_STACK_PERF_H
#define SIM_STACK_PERF_H

#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"

/*
 * How a record is laid out, which decides how many bytes it takes beside its
 * value.  v2 (KIP-98, 0.11 on): see RECORD_OVERHEAD_BYTES.  v0 (message set of
 * 0.8): offset 8, size 4, CRC 4, magic 1, attributes 1, lengths of key and
 * value 4 each.  Simplified: a batch of v0 records still has v2's header.
 */
enum perf_format { PERF_FORMAT_V2, PERF_FORMAT_V0 };
#define RECORD_V0_OVERHEAD_BYTES	26

struct perf_producer_spec {
	const char *name, *topic, *bootstrap;
	uint32_t value_bytes;
	enum perf_format format;
	uint64_t records;		/* then it rests; 0: never */
	sim_time txn_duration;		/* with a transactional.id: commit so
					   often; 0: no transactions */
	struct producer_config config;
};

struct perf_producer {
	name_id topic, bootstrap;
	struct client_host *host;
	struct producer *producer;	/* NULL while it is down */
	struct producer_config config;
	uint32_t value_bytes;
	uint32_t record_bytes;		/* in a batch */
	uint32_t source;		/* records.h */
	uint64_t limit;			/* 0: none */
	sim_time txn_duration, txn_since;
	uint64_t made;			/* records handed over or given up */
	uint64_t failed;		/* max.block.ms passed */
	sim_time built_at;		/* the first of the batch in hand */
	uint32_t index, count;		/* its partition and records */
	sim_time blocked_since;
	sim_time blocked_ns;		/* it stood still for, all in all */
	struct timer look;		/* for its topic */
};

struct perf_consumer {
	name_id topic, bootstrap;
	struct client_host *host;
	struct consumer *consumer;	/* NULL while it is down */
	struct consumer_config config;
	int64_t from;			/* OFFSET_EARLIEST, OFFSET_LATEST */
	bool assigned;
	uint64_t records, bytes;	/* read, and paid for */
	uint64_t polled_records, polled_bytes;	/* in hand */
};

struct perf_trip {
	name_id topic, bootstrap;
	struct client_host *host;
	struct producer *producer;	/* NULL while it is down */
	struct consumer *consumer;
	struct producer_config producer_config;
	struct consumer_config consumer_config;
	uint32_t value_bytes;
	uint32_t wanted;		/* round trips to make */
	bool round_robin;		/* each record to the next partition; or as
					   the producer sees fit */
	sim_time sent_at;		/* 0: nothing is under way */
	bool assigned;
	VEC(sim_time) trips;		/* how long each took */
};

struct perf_producer *perf_producer_new(struct world *w, struct cluster *c,
					struct machine *m,
					const struct perf_producer_spec *spec);
struct perf_consumer *perf_consumer_new(struct world *w, struct machine *m,
					const char *name, const char *topic,
					const char *bootstrap, int64_t from,
					const struct consumer_config *config);
/* Round trips of records of `value_bytes`, one after the other. */
struct perf_trip *perf_trip_new(struct world *w, struct machine *m,
				const char *name, const char *topic,
				const char *bootstrap, uint32_t value_bytes,
				uint32_t wanted,
				const struct producer_config *producer,
				const struct consumer_config *consumer);

/* By the name of its process; NULL: none of that kind. */
struct perf_producer *perf_producer_find(const struct world *w,
					 const char *name);
struct perf_consumer *perf_consumer_find(const struct world *w,
					 const char *name);
struct perf_trip *perf_trip_find(const struct world *w, const char *name);

#endif
