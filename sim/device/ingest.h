/* ingest.h - a stage that takes the readings of a million devices
 *
 *	 devices ──▶ edge (`fleet`) ──▶ partition 0 ──▶ one server ──▶ stored
 *	                          └──▶ partition 1 ...
 *
 * Device i publishes into partition i mod P, at random times of a steady rate;
 * a partition is a FIFO queue with one server.  Many such devices together are
 * one Poisson stream a partition (superposition), so a device is drawn only
 * when somebody asks which one it was: record n of partition p has its gap, its
 * device, its service time and its content as pure functions of (seed, p, n).
 *
 * The same questions are answered at three declared levels (simulation.md 5):
 *
 *	record   an event for each arrival and each departure
 *	window   one event a partition every tick (10 ms), Lindley's recursion
 *	         inside, with the same draws: same answers, a tick late at most
 *	counts   whole numbers of records a tick; what does not fit is carried,
 *	         so nothing drifts.  Latency comes from tracers only: one real
 *	         record in a thousand that passes the same queue, with the wait
 *	         inside a tick from theory (Pollaczek-Khinchine)
 *
 * Each partition has its own level.  A stage set to `auto` counts, and a fault,
 * or somebody who looks (ingest_focus), brings partitions to record level for a
 * horizon of virtual time; what waits is handed over with its number of records
 * and seeded positions.  So the same run switches at the same moments.
 *
 * A fault or command cuts the window or tick at its time.  What is shorter than
 * a tick does not exist at level counts, and is refused there in a sentence.
 *
 * More than INGEST_RECORDS_MAX records in flight are not followed one by one
 * (memory): the stage then counts, and its figures say so, until the backlog is
 * gone.
 *
 * At every tick, of every partition: produced = stored + dropped + in flight.
 *
 * The partitions are served by processes (nodes), partition p by node p mod
 * nodes: while a node is down, or hangs, its partitions are not served.  While
 * the edge's process is down no reading gets away.
 */
#ifndef SIM_DEVICE_INGEST_H
#define SIM_DEVICE_INGEST_H

#include "sim/device/cohort.h"
#include "sim/device/figure.h"
#include "sim/core/simtime.h"
#include "sim/host/host.h"

enum ingest_level { LEVEL_RECORD, LEVEL_WINDOW, LEVEL_COUNTS, LEVEL_COUNT };
enum service_law { SERVICE_EXPONENTIAL, SERVICE_FIXED };

/* What a device does with readings while it cannot publish. */
enum edge_rule {
	EDGE_HOLD,		/* keep them; they come as a burst (QoS 1) */
	EDGE_DROP,		/* lose them (QoS 0; calibration.md 1.7) */
};

/* Devices of one configuration. */
struct device_kind {
	uint32_t devices;
	uint32_t rate_mhz;		/* readings of one of them in 1000 s */
};

#define DEVICE_KINDS_MAX	4
#define INGEST_PARTITIONS_MAX	4096
#define INGEST_OUTAGES_MAX	8	/* at one time */
#define INGEST_TICK		SIM_MS(10)
#define INGEST_TRACE_EVERY	1000	/* records to one tracer */
#define INGEST_EDGE_MAX		1000	/* readings a device keeps, on average of
					   those cut off; more are lost
					   (mosquitto max_queued_messages) */
#define INGEST_RECORDS_MAX	1250000	/* in flight one by one; see above */

struct ingest_spec {
	const char *name;		/* of the fleet; a device: "fleet-0000017" */
	struct device_kind kinds[DEVICE_KINDS_MAX];	/* 0 devices ends */
	uint32_t partitions;
	enum service_law law;
	sim_time service;		/* mean time to store one record */
	enum ingest_level level;
	bool zoom;			/* switch to record level by itself */
	sim_time horizon;		/* how long a switch lasts */
	enum edge_rule edge;
	struct machine *edge_machine;	/* NULL: a stage without processes */
	struct machine **nodes;		/* where the partitions are served */
	uint32_t node_count;
};

struct ingest;

void ingest_spec_init(struct ingest_spec *s);

/* False, err set: a setting that makes no stage. */
bool ingest_spec_good(const struct ingest_spec *s, struct err *err);
struct ingest *ingest_new(struct world *w, const struct ingest_spec *spec);
struct ingest *ingest_find(const struct world *w, const char *name);
uint32_t ingest_count(const struct world *w);
struct ingest *ingest_at(const struct world *w, uint32_t i);
const char *ingest_name(const struct world *w, const struct ingest *s);
uint32_t ingest_partitions(const struct ingest *s);

/* -- what befalls it ------------------------------------------------------ */

/*
 * A share of the devices cannot publish from now on; which ones is drawn.
 * `span`: how long it will last, if known (0: not); shorter than a tick is
 * refused at level counts.  Returns a number to end it by; 0, err set: refused.
 */
uint32_t ingest_outage(struct world *w, struct ingest *s, uint32_t share_ppm,
		       enum edge_rule edge, sim_time span, struct err *err);
void ingest_outage_end(struct world *w, struct ingest *s, uint32_t outage);

/* Partitions of one node are served, or not. */
void ingest_serve(struct world *w, struct ingest *s, uint32_t node, bool on);

/* -- how closely it is looked at ------------------------------------------ */

/* The level to be at while nothing asks for more. */
void ingest_set_level(struct world *w, struct ingest *s,
		      enum ingest_level level, bool zoom);

/* One partition to record level until now + horizon. */
void ingest_focus(struct world *w, struct ingest *s, uint32_t partition,
		  sim_time horizon);
enum ingest_level ingest_level(const struct ingest *s, uint32_t partition);
const char *ingest_level_name(enum ingest_level level);

/* "record", "window", "counts", or "auto": counts that zoom by themselves. */
bool ingest_level_parse(const char *text, enum ingest_level *level, bool *zoom);

/* -- questions ------------------------------------------------------------ */

struct ingest_answer {
	sim_time as_of;			/* records are counted up to here */
	struct figure produced;		/* readings made, by all devices */
	struct figure stored, dropped;	/* dropped: lost at the edge */
	struct figure in_flight;	/* held at the edge, waiting, in service */
	struct figure held;		/* of these: at the edge */
	struct figure backlog;		/* of these: waiting or in service */
	struct figure backlog_max;	/* largest a partition ever had */
	struct figure p50, p99, p999;	/* ns from made to stored */
	/* From the last time things came back (devices, a node) until the total
	 * backlog was down to a hundredth of what it was then, in ns. */
	struct figure drain;
};

/* Looking changes nothing. */
void ingest_ask(const struct world *w, const struct ingest *s,
		struct ingest_answer *out);
struct figure ingest_backlog(const struct world *w, const struct ingest *s,
			     uint32_t partition);

/* produced = stored + dropped + in flight, of every partition? */
bool ingest_conserves(const struct ingest *s);

/* Whether a question about a span this short can be answered here. */
bool ingest_resolves(const struct ingest *s, sim_time span, struct err *err);

/* Any record, whether or not it was ever looked at. */
struct ingest_record {
	uint32_t device;
	sim_time service;		/* what storing it takes */
	char key[80];			/* the device's name */
	char value[200];		/* JSON */
};
void ingest_record(const struct world *w, const struct ingest *s,
		   uint32_t partition, uint64_t number,
		   struct ingest_record *out);

const struct cohorts *ingest_cohorts(const struct ingest *s);

/* Little's law, for a queue seen record by record (levels record and window):
 * the integral of its length over time, up to now or to the last edge of a
 * window, and the sum of the stays of those that left, both in records x ns.
 * It is checked all along, as sim/host/little.h has it for other lines. */
void ingest_little(const struct ingest *s, uint32_t partition,
		   uint64_t *length, uint64_t *stays);

/* "0.5", "50%": parts of a million; false when it is no number of 0 or more. */
bool ingest_share(const char *text, uint64_t *ppm);

#endif
