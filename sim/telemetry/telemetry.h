/* telemetry.h - what simulated processes say about themselves
 *
 * A process keeps counters, gauges and histograms in its registry, under the
 * names its real counterpart exports, and writes log lines in its real
 * counterpart's format.  Nobody is told: a monitor that wants to know has to
 * scrape (design D7).  Counting is one addition on an integer in the arena;
 * text is only made for log lines, which are rare.
 *
 *	struct metric *m = metric_counter(w, p, "kafka_..._total",
 *					  "topic", "orders", NULL);
 *	metric_add(m, 3);
 *
 * Values are integers; a metric in seconds counts nanoseconds and says
 * METRIC_NS, so that no float decides anything.
 */
#ifndef SIM_TELEMETRY_TELEMETRY_H
#define SIM_TELEMETRY_TELEMETRY_H

#include "sim/host/host.h"
#include "sim/host/net.h"
#include "sim/telemetry/fidelity.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum metric_unit {
	METRIC_ONE,
	METRIC_NS,			/* exported as seconds */
	METRIC_NANO_DOLLARS,		/* exported as dollars */
};

struct label {
	name_id name, value;
};

/* Labels sorted by the text of their names; the same set is one pointer. */
struct labels {
	uint32_t count;
	struct label at[];
};

struct histogram {
	uint32_t count;			/* buckets, +Inf left out */
	const int64_t *bounds;		/* upper bounds; static data */
	int64_t *counts;		/* each bucket alone, last is +Inf */
	int64_t sum, total;
};

struct metric {
	name_id name;
	enum metric_kind kind;
	enum metric_unit unit;
	enum fidelity fidelity;		/* of its value now */
	const struct labels *labels;
	int64_t value;			/* counter and gauge */
	struct histogram *histogram;
};

struct registry {
	struct process *process;
	VEC(struct metric *) metrics;	/* in order of first use; only grows */
	struct map by_key;
};

extern const struct module telemetry_module;

void telemetry_init(struct world *w);
struct registry *registry_of(struct world *w, struct process *p);

/* Find or make the metric; label names and values in pairs, NULL at the end.
 * Takes a lookup: keep the pointer where it is used often. */
struct metric *metric_counter(struct world *w, struct process *p,
			      const char *name, ...);
struct metric *metric_gauge(struct world *w, struct process *p,
			    const char *name, ...);
struct metric *metric_histogram(struct world *w, struct process *p,
				const int64_t *bounds, uint32_t count,
				const char *name, ...);
struct metric *metric_unit(struct metric *m, enum metric_unit unit);
struct metric *metric_trust(struct metric *m, enum fidelity fidelity);

static inline void metric_add(struct metric *m, int64_t n)
{
	m->value += n;
}

static inline void metric_set(struct metric *m, int64_t value)
{
	m->value = value;
}

void metric_observe(struct metric *m, int64_t value);

/* A restarted process begins at zero; identities stay. */
void registry_reset(struct world *w, struct process *p);

const struct labels *labels_make(struct world *w, const struct label *labels,
				 uint32_t count);

/* -- reading everything: a scrape ---------------------------------------- */

/* One exported sample: a histogram is several (bucket, sum, count). */
struct sample_point {
	name_id name;
	enum fidelity fidelity;
	const struct labels *labels;
	double value;
};

/*
 * All samples of a process, in an order that only ever grows at its end
 * (metrics are never removed, a histogram has a fixed number of samples), so
 * a reader can remember what stands at which place.
 */
uint32_t registry_count(const struct registry *r);
void registry_read(struct world *w, const struct registry *r,
		   struct sample_point *points);

/* The scrape as messages on the network: answered by whoever is alive. */
enum { MESSAGE_SCRAPE = MODULE_TELEMETRY << 8, MESSAGE_SCRAPED };

struct scraped {
	struct message head;		/* kind MESSAGE_SCRAPED */
	uint32_t count;
	struct sample_point points[];
};

/* Answer a MESSAGE_SCRAPE from `m->to`'s registry; frees the request. */
void telemetry_answer(struct world *w, struct message *m);

/* -- log lines ------------------------------------------------------------ */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_line {
	sim_time at;			/* when it was written */
	sim_time wall;			/* by the machine's clock: what it says */
	uint32_t process;		/* id */
	uint8_t level;
	uint8_t fields;			/* keys and values behind the text */
	uint16_t len;			/* bytes of text */
	uint64_t text_at;		/* where the text lies in its stream */
};

void log_write(struct world *w, struct process *p, enum log_level level,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A line whose facts are fields: names and values in pairs, NULL at the end.
 * At most 255 of them, and 1 KB with the message. */
void log_write_fields(struct world *w, struct process *p,
		      enum log_level level, const char *message, ...)
	__attribute__((sentinel));

/* All lines so far, oldest first: 0 .. log_count - 1. */
uint64_t log_count(const struct world *w);
const struct log_line *log_at(const struct world *w, uint64_t i);
const char *log_text(const struct world *w, const struct log_line *line);

/* The whole line as its program prints it (log_format.c):
 * "[2026-01-05 08:00:01,250] INFO …" for Kafka. */
void log_line_text(const struct world *w, const struct log_line *line,
		   struct text *t);

#endif
