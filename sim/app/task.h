/* task.h - one call of a handler, from its beginning to its end
 *
 *	            run          cost spent       what it waited for
 *	QUEUED ──▶ SEGMENT ──▶ SPENDING ──▶ WAITING ──┐
 *	              ▲            │                   │
 *	              └────────────┼───────────────────┘
 *	                           ▼ the handler returned
 *	                          over
 *
 * Simplified: what a segment does at once (produce, commit, log, count)
 * happens when the segment begins, its cost is spent after it.
 */
#ifndef SIM_APP_TASK_H
#define SIM_APP_TASK_H

#include "sim/app/program.h"
#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"
#include "sim/broker/records.h"
#include "sim/host/http.h"

enum task_wait {
	WAIT_TIME,			/* wait_ns */
	WAIT_CPU,			/* wait_ns of CPU time */
	WAIT_FLUSH,			/* all that was produced has its fate */
	WAIT_HTTP,			/* an answer; see `target` */
	WAIT_SQL,			/* likewise, from the relational store */
};

/* Bytes of a task's own, in the arena; a NUL behind them. */
struct task_bytes {
	char *at;			/* NULL: none */
	uint32_t len;
};

struct task {
	struct service *service;
	uint32_t number;		/* of all tasks of this start, from 1 */
	enum program_handler handler;
	bool begun;			/* a segment has run */
	void *thread;			/* the runtime's */
	sim_time began_at;
	sim_time cost;			/* of the last segment, ns of CPU */
	struct span *span;		/* of the record or request it works
					   on, or NULL */

	/* what it is about */
	struct polled record;		/* PROGRAM_RECORD: one, `first` */
	struct http_request *request;	/* PROGRAM_REQUEST */
	name_id timer;			/* PROGRAM_TIMER */
	struct {			/* PROGRAM_RESULT */
		name_id topic;
		int64_t partition;	/* index; -1: it never had one */
		int64_t offset;		/* of the first record */
		uint32_t count;
		enum kafka_error error;
		bool expired;
	} result;

	/* what it waits for */
	enum task_wait wait;
	sim_time wait_ns;		/* TIME, CPU; HTTP: the timeout */
	enum http_method method;
	struct task_bytes target;	/* "host:port/path" */
	struct task_bytes body;		/* to send */
	struct timer deadline;
	struct process *peer;		/* asked */
	uint64_t asked;			/* number of the request; 0: none */
	struct span *call;		/* of what it asks, or NULL */

	/* what came of it */
	struct http_response *answer;	/* NULL: it failed */
	const char *failure;		/* static text, or NULL */
	bool in_transaction;		/* its session of the store is in one */

	/* what it answers, PROGRAM_REQUEST */
	uint32_t status;
	name_id content_type;
	struct task_bytes reply;
};

void task_bytes_set(struct world *w, struct task_bytes *b, const void *bytes,
		    size_t len);
void task_bytes_free(struct world *w, struct task_bytes *b);

/* -- between the files of the service host ------------------------------- */

struct task *task_new(struct world *w, struct service *s,
		      enum program_handler handler);
/* Run its next segment.  Never from inside a segment of the same program. */
void task_go(struct world *w, struct task *t);
void task_free(struct world *w, struct task *t);
/* What it works on, as a span; ended with the task, dropped with a process
 * that died. */
void task_trace(struct world *w, struct task *t);
void task_traced(struct world *w, struct task *t, bool failed);
/* What it asked another process for: begin, or end without an answer. */
void task_ask(struct world *w, struct task *t);
void task_unanswered(struct world *w, struct task *t, const char *failure);

#endif
