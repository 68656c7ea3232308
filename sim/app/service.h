/* service.h - a learner's program as a process: the service host
 *
 * A service is a program (program.h), a configuration (settings.h) and a
 * process that runs the one with the other: it reads a topic, produces,
 * answers HTTP, asks others, keeps rows in a relational store, and costs CPU
 * and memory of the machine it stands on.
 *
 *	        start: load, on_start        on_start is done
 *	  DOWN ───────────────────▶ STARTING ───────────────▶ RUNNING
 *	    ▲                                                    │ asked to stop
 *	    │   error nobody caught, SIGKILL, out of memory      ▼
 *	    └──────────────────────────────────────────────── STOPPING
 *
 * What is read is handed to the program one record after the other, within
 * poll, as a KafkaConsumer's loop does; or, with consumer.pool, put into a
 * queue for so many workers while polling goes on.  The second is faster and
 * knows nothing of what is done: an automatic commit then runs ahead of the
 * work.
 *
 * Built in, on server.port: GET /health, /ready, /metrics, /config.
 *
 * An error that nobody catches ends the process with code 1 and its stack
 * trace in the log.  The restart policy is Docker's ("Start containers
 * automatically"): no, on-failure, always; 100 ms until the next start, twice
 * as long each time, at most a minute, and from the beginning again after 10 s
 * of running.
 */
#ifndef SIM_APP_SERVICE_H
#define SIM_APP_SERVICE_H

#include "sim/app/settings.h"
#include "sim/app/task.h"
#include "sim/broker/consumer.h"

#define SERVICE_PORT		8080	/* server.port */
/* A step of the interpreter's fuel [E]: lua/README.md, "about 10 ns". */
#define SERVICE_STEP_NS		10
/* An interpreter with its libraries, nothing loaded [E]. */
#define SERVICE_BASE_BYTES	(INT64_C(32) << 20)

enum service_restart { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS };
enum service_state {
	SERVICE_DOWN, SERVICE_STARTING, SERVICE_RUNNING, SERVICE_STOPPING,
};

/* A timer of the program: service.every(name, span). */
struct service_timer {
	struct service *service;
	name_id name;
	sim_time every;
	bool busy;			/* its handler has not returned */
};

struct service {
	name_id name;
	name_id program;		/* "filter.lua" */
	struct client_host *host;
	struct settings settings;
	enum service_state state;
	void *code;			/* the runtime's; NULL while down */

	/* what it says of itself: service.ready(false, "warming up") */
	bool not_ready, unhealthy;
	name_id why_not_ready, why_unhealthy;

	/* records */
	struct consumer *consumer;	/* NULL: it reads nothing */
	struct producer *producer;	/* NULL: it never produced */
	VEC(struct polled) queue;	/* polled, not begun */
	uint32_t queue_at;		/* first that is not used up */
	uint32_t queued, working;	/* records waiting, with a worker */
	uint32_t pool;			/* workers; 0: within poll */
	bool polling;			/* what a poll costs is being spent */

	VEC(struct task *) tasks;	/* that are not over, oldest first */
	uint32_t task_number;
	uint64_t asked;			/* requests sent, for their numbers */
	VEC(struct service_timer *) timers;
	uint64_t produced, failed;	/* records, by their fate */

	int64_t held_bytes;		/* memory.hold */
	int64_t code_bytes;		/* as last weighed */
	int64_t work_since;		/* ns of CPU since it was weighed */

	enum service_restart restart;
	uint32_t restarts;		/* since somebody started it */
	sim_time delay;			/* before the next; 0: the first */
	int32_t exit_code;		/* of its last end; -1: none */
	bool ended_itself;		/* exit_code is not the host's */
	bool start_again;		/* it stops to be started anew */
	bool closing;			/* on_stop has been asked */
	struct timer again;		/* the restart */

	struct metric *processed, *seconds, *errors;
};

/* The root of the module (parts[MODULE_APP]). */
struct services {
	const struct program_runtime *runtime;	/* NULL: none */
	VEC(struct service *) all;
	VEC(struct program_text *) programs;
	VEC(struct database *) stores;
};

/* A program's text, as it was last put. */
struct program_text {
	name_id name;
	struct task_bytes text;
};

extern const struct module app_module;

void services_init(struct world *w);
struct services *services_of(const struct world *w);
/* Who runs programs in this world.  To be said before any is started. */
void services_runtime(struct world *w, const struct program_runtime *runtime);

/* -- programs and services ------------------------------------------------ */

#define PROGRAM_TEXT_MAX	(256u << 10)

/* Put a program's text, or another in its place: who starts next runs it. */
bool program_put(struct world *w, const char *name, const char *text,
		 size_t len, struct err *err);
const struct program_text *program_find(const struct world *w,
					const char *name);

/* A service, not yet started.  NULL, err set: no such program or runtime. */
struct service *service_new(struct world *w, const char *name,
			    struct machine *m, const char *program,
			    struct err *err);
struct service *service_find(const struct world *w, const char *name);
struct service *service_by_process(const struct world *w,
				   const struct process *p);
/* As SIGTERM: the records of the last poll are worked on, for at most ten
 * seconds (then SIGKILL); on_stop; what is queued is sent, offsets committed if
 * they are automatic, exit code 0.  A pool's workers drop what waits for them. */
void service_stop(struct world *w, struct service *s);
/* The same, then it is started again. */
void service_restart(struct world *w, struct service *s);

/* Ready for work?  Else *why says what is missing. */
bool service_ready(const struct world *w, const struct service *s,
		   const char **why);
const char *service_state_name(enum service_state s);

/* -- what a program can do; for runtimes, from inside a segment ----------- */

/* Charge CPU time to the segment that runs. */
static inline void task_cost(struct task *t, sim_time ns)
{
	t->cost += ns;
}

/* Caused by what the task works on (task.span).  False, err set: no Kafka in
 * this world, or settings of no use. */
bool service_produce(struct world *w, struct task *t, const char *topic,
		     int32_t partition, const struct record *r, struct err *err);
/* Commit the record of a task, or (partition id, offset).  False: the consumer
 * is no member of its group now. */
bool service_commit(struct world *w, struct service *s, uint32_t partition,
		    int64_t offset);
bool service_commit_polled(struct world *w, struct service *s);
void service_every(struct world *w, struct service *s, const char *name,
		   sim_time every);
/* End the process, once this segment is over. */
void service_exit(struct world *w, struct service *s, int32_t code);
void service_hold(struct world *w, struct service *s, int64_t bytes);

/* -- between the files of the service host -------------------------------- */

void service_begin_clients(struct world *w, struct service *s);
void service_records(struct world *w, struct service *s);
void service_record_done(struct world *w, struct service *s);
/* It was asked to stop: nothing is in hand any more? */
void service_stop_when_idle(struct world *w, struct service *s);
void service_drop_records(struct world *w, struct service *s);
void service_request(struct world *w, struct service *s,
		     struct http_request *r);
void service_respond(struct world *w, struct task *t);
void service_task_over(struct world *w, struct task *t);
void service_crash(struct world *w, struct service *s, const struct text *why);

enum {
	SERVICE_START = MODULE_APP << 8,	/* who = service */
	SERVICE_STOP,				/* who = service */
	SERVICE_MESSAGE,			/* who = message */
	SERVICE_LOST,				/* who = struct lost */
	SERVICE_RECORDS,			/* who = service */
	SERVICE_POLLED,				/* who = service */
	SERVICE_RESULT,				/* who = producer_result */
	SERVICE_RUN,				/* who = task */
	SERVICE_SPENT,				/* who = task, arg: step */
	SERVICE_WOKEN,				/* who = task: go on */
	SERVICE_DEADLINE,			/* who = task */
	SERVICE_TICK,				/* who = service_timer */
	SERVICE_AGAIN,				/* who = service: restart */
	SERVICE_QUIT,				/* who = service: end it now */
	SERVICE_TOO_LATE,			/* who = service: it does not end */
	SERVICE_SERVED,				/* who = http_request */
	DATABASE_START, DATABASE_STOP,		/* who = process */
	DATABASE_MESSAGE,			/* who = message */
	DATABASE_LOST,				/* who = struct lost */
	DATABASE_COLLECT,			/* who = process */
	DATABASE_RUN,			/* who = http_request: a statement */
	DATABASE_COMMITTED,		/* who = database_session: on disk */
	DATABASE_RECOVERED,		/* who = database */
};

#endif
