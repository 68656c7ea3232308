/* ingest_inside.h - between the files of the ingestion stage
 *
 * A partition's state is the same at record and at window level (a ring of
 * what waits, the arrival to come, the server), so these two switch without
 * handing anything over.  At level counts there are runs in place of records:
 * so many, made evenly between two times.
 */
#ifndef SIM_DEVICE_INGEST_INSIDE_H
#define SIM_DEVICE_INGEST_INSIDE_H

#include "sim/core/queue.h"
#include "sim/device/events.h"
#include "sim/device/ingest.h"
#include "sim/device/latency.h"
#include "sim/device/ring.h"
#include "sim/telemetry/telemetry.h"

#define MHZ_NS		UINT64_C(1000000000000)	/* 1 record = 10^12 mHz x ns */
#define MILLION		UINT64_C(1000000)
#define TRACER		(UINT64_C(1) << 63)	/* in a record's number */
#define TRACERS_MAX	32768u	/* followed in one queue: 33 million records */
#define OUT_MAX		48	/* cohorts cut off: 9 outages make 18 ends, 4 kinds
				   3 more; twice that, for those not merged */

/* One record that waits, or is being stored. */
struct waiting {
	sim_time made;
	sim_time enter;			/* into the queue: later if held */
	uint64_t number;		/* | TRACER */
	sim_time service;		/* what storing it will take */
};

/* One reading that is kept on its device; at level counts only tracers. */
struct held {
	sim_time made;
	uint64_t number;		/* | TRACER */
	uint32_t device;
	uint32_t zero;
};

/* Level counts: so many records, made evenly in [from, to). */
struct run {
	sim_time from, to;
	uint64_t count;
};

/* The same, kept on devices first .. first + devices - 1. */
struct held_run {
	struct run run;
	uint32_t first, devices;
};

/* Level counts: a real record on its way through the counted queue. */
struct tracer {
	sim_time made, enter;
	uint64_t number;
	uint64_t place;			/* records that entered before it */
};

struct ingest_part {
	struct ingest *stage;
	uint32_t id;
	uint16_t level;			/* enum ingest_level */
	uint16_t epoch;			/* events planned before a switch carry
					   another one and are void */
	uint16_t node;
	bool served;			/* its node runs */
	uint16_t zero;
	sim_time zoom_until;		/* at record level for a while */
	struct luck gap, device, service, crowd;	/* by record number */
	uint64_t weight;		/* mHz of all its devices */
	uint64_t weight_up;		/* of those that can publish now */
	int64_t gap_mean;		/* between two records, in 1/1024 ns */
	sim_time edge;			/* the state below is as of now */
	uint64_t produced, entered, stored, dropped, held_count;
	uint64_t held_max;		/* what its devices cut off can keep */
	uint64_t tracer_next;		/* number of the next tracer */
	uint64_t backlog_max;
	uint64_t backlog_spread;	/* variance of it, when it was estimated */
	/* For Little's law (sim/core/queue.h), of records one by one: the times
	 * of their entering less those of leaving, since the queue was last
	 * taken over; the stays of all, and of those before that. */
	uint64_t moments, stays_ns, stays_before;
	VEC(struct held) held;

	/* record and window: one by one */
	RING(struct waiting) queue;
	sim_time next_at;		/* when record `produced` is made */
	uint32_t next_rest;		/* 1/1024 ns */
	sim_time free_at;		/* the server was free from here on */
	sim_time departs;		/* of the record in service; 0: none */

	/* counts */
	RING(struct run) runs;		/* what waits, in order */
	RING(struct tracer) tracers;
	VEC(struct held_run) held_runs;
	uint64_t made_rest;		/* mHz x ns, below MHZ_NS */
	uint64_t out_rest[OUT_MAX];	/* likewise, for each cohort cut off */
	uint64_t served_ns;		/* of the server's time, not used yet */
	sim_time busy_since;		/* the counted queue was last empty */
	uint64_t bursts;		/* records that came at once since then */

	struct metric *backlog_metric;
};

struct outage {
	uint32_t number;		/* 0: free */
	uint32_t first, count;		/* device numbers, round the end */
	uint16_t edge;			/* enum edge_rule */
	uint16_t zero;
};

struct ingest_node {
	struct ingest *stage;
	struct process *process;
	uint32_t id;
	bool on;
	struct metric *stored_metric;
};

struct ingest {
	name_id name;
	uint32_t devices, partitions;
	struct device_kind kinds[DEVICE_KINDS_MAX];
	enum service_law law;
	sim_time service, horizon;
	enum ingest_level level;	/* while nothing asks for more */
	bool zoom;
	bool crowded;			/* too many to follow: counts for now */
	enum edge_rule edge_rule;
	struct ingest_part *parts;
	uint32_t at_level[LEVEL_COUNT];	/* partitions now */
	bool ever[LEVEL_COUNT];		/* something was counted that way */
	struct cohorts cohorts;
	struct outage outages[INGEST_OUTAGES_MAX + 1];	/* last: the edge */
	uint32_t outages_begun;
	struct luck luck;		/* which devices an outage hits */
	struct luck zoom_luck;		/* seeded positions */
	uint64_t backlog;		/* of all partitions */
	sim_time seen;			/* the last edge of all partitions */
	bool draining;
	bool drained;			/* `drain` is known */
	sim_time came_back, drain;
	uint64_t drain_from;		/* the total backlog then, or later */
	struct latency latency;		/* all records stored one by one */
	struct latency tracers;
	struct ingest_node *nodes;
	uint32_t node_count;
	struct process *edge;
	struct ingest_metrics *metrics;
};

/* -- ingest_exact.c: what record and window level share ------------------- */

static inline sim_time service_of(struct ingest_part *p, uint64_t number)
{
	if (p->stage->law == SERVICE_FIXED)
		return p->stage->service;
	p->service.n = number & ~TRACER;
	return luck_exponential(&p->service, p->stage->service);
}

void exact_enter(struct world *w, struct ingest_part *p, sim_time made,
		 sim_time enter, uint64_t number);
void exact_leave(struct ingest_part *p, sim_time at);
void exact_next(struct ingest_part *p);
bool exact_made(struct world *w, struct ingest_part *p, sim_time at);
void exact_release(struct world *w, struct ingest_part *p);
/* The queue has been taken over from counts. */
void exact_take_over(struct ingest_part *p);
/* Little's law holds of those in the queue, and of those who were. */
bool exact_agrees(const struct ingest_part *p);

/* -- the levels, one file each -------------------------------------------- */

struct level_ops {
	const char *name;
	/* Be at time `until`: nothing before it is still to be done. */
	void (*advance)(struct world *w, struct ingest_part *p, sim_time until);
	/* Held readings of devices that are up again enter, now. */
	void (*release)(struct world *w, struct ingest_part *p);
	/* The server runs again. */
	void (*resume)(struct world *w, struct ingest_part *p);
};

extern const struct level_ops record_level, window_level, counts_level;
extern const struct level_ops *const levels[LEVEL_COUNT];

/* Plan what has to happen at record level. */
void record_begin(struct world *w, struct ingest_part *p);

/* -- counts --------------------------------------------------------------- */

/* Take part / whole of `amount`, carrying what does not fit: no drift. */
static inline uint64_t carry(uint64_t *rest, uint64_t amount, uint64_t unit)
{
	uint64_t n = (*rest + amount) / unit;

	*rest = (*rest + amount) % unit;
	return n;
}

uint64_t counts_variance(const struct ingest_part *p);

/* ingest_answers.c: the lowest fidelity of what has been counted so far, and
 * what a partition's numbers are now. */
enum fidelity counted_as(const struct ingest *s);
enum fidelity part_now_as(const struct ingest_part *p);

/* -- ingest_zoom.c: switching --------------------------------------------- */

/* Plan what its level needs; whatever was planned before is void. */
void ingest_begin(struct world *w, struct ingest_part *p);

void ingest_switch(struct world *w, struct ingest_part *p,
		   enum ingest_level level);
void ingest_zoom(struct world *w, struct ingest_part *p, sim_time horizon);

/* Fall back to counts when too many are in flight, and come back. */
void ingest_bound(struct world *w, struct ingest *s);
uint64_t ingest_flight(const struct ingest *s);

/* -- ingest.c ------------------------------------------------------------- */

uint32_t ingest_device(struct ingest_part *p, uint64_t number);
uint64_t tracer_number(const struct ingest_part *p, uint64_t block);
void ingest_advance(struct world *w, struct ingest *s);	/* all, to now */
void ingest_refresh(struct ingest *s);	/* where readings go has changed */

/* -- ingest_outage.c -------------------------------------------------------- */

void drain_begin(struct world *w, struct ingest *s);
void drain_look(struct ingest *s, sim_time now);

/* Backlog of a partition in the steady state, in millionths of a record. */
uint64_t quiet_backlog(const struct ingest_part *p);

static inline uint64_t part_backlog(const struct ingest_part *p)
{
	return p->entered - p->stored;
}

static inline uint64_t part_flight(const struct ingest_part *p)
{
	return part_backlog(p) + p->held_count;
}

/* Its queue as a line, counted by its own figures: nothing is counted twice. */
static inline struct queue part_line(const struct ingest_part *p)
{
	return (struct queue){
		.arrivals = p->entered, .departures = p->stored,
		.moments = p->moments, .stayed = p->stays_ns - p->stays_before,
		.length = (uint32_t)part_backlog(p),
	};
}

static inline bool part_conserves(const struct ingest_part *p)
{
	return p->produced == p->stored + p->dropped + p->held_count +
			      part_backlog(p);
}

/* -- ingest_metrics.c ----------------------------------------------------- */

void ingest_metrics_init(struct world *w, struct ingest *s);

#endif
