/* monitor.h - a Prometheus server: scrapes targets, keeps samples, is asked
 *
 * Every target is scraped once an interval, each at its own offset inside it
 * (from a hash of its labels), so that scrapes spread out:
 *
 *	t % interval   0 ──●────────●──────●───────────●── 15 s
 *	                broker-2  node-1  broker-1   node-3
 *
 *	IDLE ──tick: send MESSAGE_SCRAPE──▶ WAITING ──answer──▶ STORING ──▶ IDLE
 *	                                       │                (CPU spent)
 *	                                       └─ timeout, refused, broken: up 0,
 *	                                          staleness markers ──▶ IDLE
 *
 * A tick that finds the last scrape still under way is lost, as in the real
 * scrape loop.  All samples of a scrape bear the time at which it began.  Each
 * target's series are remembered by their place in the answer (telemetry.h:
 * the order only grows), so a scrape looks nothing up.
 *
 * A monitor that is down scrapes nothing and marks nothing stale: its series
 * end five minutes later, when the lookback does.
 */
#ifndef SIM_MONITOR_MONITOR_H
#define SIM_MONITOR_MONITOR_H

#include "sim/host/http.h"
#include "sim/telemetry/telemetry.h"
#include "sim/tsdb/series.h"

#define MONITOR_SCRAPE_INTERVAL	SIM_MINUTES(1)	/* global.scrape_interval */
#define MONITOR_SCRAPE_TIMEOUT	SIM_S(10)	/* global.scrape_timeout */

struct monitor_config {
	sim_time scrape_interval;	/* 0: the default */
	sim_time scrape_timeout;	/* 0: the default, or a shorter interval */
	uint16_t port;			/* 0: 9090 */
	uint16_t http;			/* event that answers an http_request
					   (face/prometheus.h); 0: nobody does */
};

enum target_state { TARGET_IDLE, TARGET_WAITING, TARGET_STORING };
enum target_health { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN };
enum target_error {
	TARGET_OK, TARGET_TIMEOUT,	/* nothing came within scrape_timeout */
	TARGET_REFUSED, TARGET_BROKEN,	/* by whoever is alive there */
};

/* What stands at one place of a target's answer. */
struct scrape_place {
	name_id name;
	const struct labels *labels;	/* as the target says them */
	struct series *series;
};

struct target {
	struct monitor *monitor;
	struct process *process;
	name_id job, instance;		/* "kafka", "broker-1:9404" */
	const struct labels *labels;	/* {instance, job} */
	sim_time offset;		/* inside the interval */
	enum target_state state;
	uint16_t asked;			/* scrapes begun, modulo 65536 */
	sim_time asked_at, answered_at;
	VEC(struct scrape_place) places;
	bool fresh;			/* these are not marked stale */
	struct series *up, *duration, *scraped, *kept, *added;
	enum target_health health;
	enum target_error error;	/* of the last scrape */
	sim_time last_scrape, last_duration;	/* last_scrape < 0: none yet */
};

struct monitor {
	struct process *process;
	struct tsdb *tsdb;
	struct file *wal;		/* on its machine's first disk */
	sim_time scrape_interval, scrape_timeout;
	uint16_t http;
	VEC(struct target *) targets;
	struct map by_process;		/* process id + 1 -> target */
	uint64_t scrapes, failed, lost_to_disk;
	struct monitor_metrics *metrics;
};

extern const struct module monitor_module;

/* A monitor as a process on a machine, not yet started. */
struct monitor *monitor_new(struct world *w, const char *name,
			    struct machine *machine,
			    const struct monitor_config *config);
struct monitor *monitor_of(const struct process *p);	/* NULL: none */

/* The first (mostly the only) monitor of this world, or NULL. */
struct monitor *monitor_first(const struct world *w);

/* Scrape `process` from now on.  A process is a target once. */
struct target *monitor_target(struct world *w, struct monitor *m,
			      const char *job, const char *instance,
			      struct process *process);
void monitor_target_remove(struct world *w, struct monitor *m,
			   struct target *t);

/* Answer a request when `cpu` has been spent on it; frees the request. */
void monitor_reply(struct world *w, struct http_request *request,
		   struct http_response *response, sim_time cpu);

/* What the server says of the last scrape; "" when it went well. */
void target_error_text(const struct world *w, const struct target *t,
		       struct text *text);

#endif
