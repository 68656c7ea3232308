/* fleet.h - many devices that each publish a reading now and then
 *
 * A device is not state but a rule: device i reads at start + phase(i) +
 * round * period, phases spread evenly over the period, and what it reads is a
 * function of (seed, device, round).  So a fleet costs the same with a hundred
 * devices or a million, and any reading can be printed later (design D5).
 *
 * A gateway collects what is due, every `flush`, and sends it with a Kafka
 * producer, keyed by device: a device's readings keep their order, and lie in
 * the partition that murmur2 of its name gives.  The devices of one partition
 * are a lane; record n of a lane is round n / devices, device n % devices.
 *
 *	 devices ──▶ gateway (producer) ──▶ partitions
 *
 * Readings that fall due while the gateway is down are lost at the edge and
 * counted as dropped (like MQTT with QoS 0; calibration.md 1.7).
 */
#ifndef SIM_DEVICE_FLEET_H
#define SIM_DEVICE_FLEET_H

#include "sim/broker/producer.h"

struct fleet_spec {
	const char *name;		/* of the fleet; device: "name-00017" */
	const char *topic;
	const char *bootstrap;
	uint32_t devices;
	sim_time period;		/* between readings of one device */
	sim_time flush;			/* how often the gateway sends */
	uint32_t record_bytes;		/* of one record in a batch */
	uint32_t junk_ppm;		/* readings that are no number, in a
					   million */
	struct producer_config producer;
};

struct fleet_lane {
	uint32_t *devices;		/* in order of phase */
	uint32_t count;
	uint32_t partition;		/* id */
	uint64_t next;			/* number of the next reading to send */
};

struct fleet {
	name_id name, topic;
	uint32_t devices;
	sim_time start, period, flush;
	uint32_t record_bytes, junk_ppm;
	uint32_t source;		/* records.h */
	struct client_host *gateway;
	struct producer *producer;	/* NULL while the gateway is down */
	struct producer_config config;
	bool idempotent;		/* its producers number their batches */
	name_id bootstrap;
	struct fleet_lane *lanes;	/* one a partition, once it is known */
	uint32_t lane_count;
	uint64_t produced, dropped;	/* readings given to the producer; lost */
	uint64_t stopped_at_number;
	uint64_t acked_before, failed_before, died_before;	/* by earlier
						incarnations */
	struct timer tick;
	struct metric *produced_metric, *dropped_metric;
};

extern const struct module device_module;

struct fleets {
	VEC(struct fleet *) all;
	VEC(struct ingest *) stages;	/* ingest.h */
};

void fleets_init(struct world *w);
struct fleets *fleets_of(const struct world *w);

/* Make a fleet and its gateway process on a machine; started by the caller. */
struct fleet *fleet_new(struct world *w, struct cluster *c, struct machine *m,
			const struct fleet_spec *spec);
struct fleet *fleet_find(const struct world *w, const char *name);

void fleet_spec_init(struct fleet_spec *s);

/* Readings the producer was given and was told are stored, over all time. */
uint64_t fleet_acked(const struct fleet *f);

/* What became of the readings that were given to producers, over all time:
 * produced = acked + failed + died + under way. */
struct fleet_count {
	uint64_t produced;
	uint64_t acked;			/* they were told it is stored */
	uint64_t failed;		/* they gave up; some may be stored */
	uint64_t died;			/* with a gateway's memory */
	uint64_t under_way;
};
void fleet_count(const struct fleet *f, struct fleet_count *out);

/* When reading `number` of a lane was made. */
sim_time fleet_reading_at(const struct fleet *f, const struct fleet_lane *lane,
			  uint64_t number);

#endif
