/* terminal_inside.h - what the files of the terminal share
 *
 * terminal.c keeps the mailbox and what all clients have in common;
 * terminal_admin.c, terminal_produce.c, terminal_consume.c and terminal_http.c
 * are one kind of client each, terminal_client.c the process around the middle
 * two.  Nobody else includes this.
 *
 *	command ─▶ open ──answers, records, log lines──▶ closing ─▶ ended
 *	             └─ its process is killed, its machine stops ──────▲
 */
#ifndef SIM_STACK_TERMINAL_INSIDE_H
#define SIM_STACK_TERMINAL_INSIDE_H

#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"
#include "sim/stack/terminal.h"

#define TERMINAL_POLL_EVERY	SIM_MS(200)	/* new lines of a client's log */

enum terminal_what { WHAT_ADMIN, WHAT_PRODUCER, WHAT_CONSUMER, WHAT_HTTP };

/* One of them: a client a person has started. */
struct terminal {
	int64_t id;
	enum terminal_what what;
	bool open, closing, keep;
	uint64_t entries;		/* index behind its last entry */
	uint64_t log_seen;		/* of all log lines */
	struct timer poll;
	struct admin_client *admin;
	struct client_host *host;
	struct producer *producer;
	struct consumer *consumer;
	struct http_process *http;
	name_id topic;
	int32_t partition;		/* consumer: -1 none by hand */
	int64_t offset;			/* where it begins there */
	int64_t left;			/* records it still wants; -1: all */
};

/* The process of a `curl`. */
struct http_process {
	struct process *process;
	struct terminal *terminal;	/* NULL: idle */
	struct process *peer;
	struct timer timeout;
};

struct terminals {
	int64_t last_id;
	stream_id entries, texts;
	struct map by_id;
	VEC(struct client_host *) hosts;	/* used again when idle */
	VEC(struct http_process *) https;	/* likewise */
};

/* terminal.c */
struct terminals *terminals_of(const struct world *w);
struct terminal *terminal_open(struct world *w, enum terminal_what what);
struct terminal *terminal_find(const struct world *w, int64_t id);
struct terminal *terminal_named(struct world *w, const char *args,
				enum terminal_what what, struct err *err);
struct machine *terminal_machine(struct world *w, const char *args,
				 struct err *err);	/* from= */
/* An argument, or what stands for it when it is not there. */
void terminal_argument(const char *args, const char *key,
		       const char *otherwise, struct text *t);
void terminal_post(struct world *w, struct terminal *t,
		   enum terminal_kind kind, const char *text, size_t len);
void terminal_post_text(struct world *w, struct terminal *t,
			enum terminal_kind kind, const struct text *text);
void terminal_poll_in(struct world *w, struct terminal *t, sim_time wait);
void terminal_ended(struct world *w, struct terminal *t);

/* terminal_client.c */
bool terminal_check_bootstrap(struct world *w, struct machine *m,
			      const char *args, struct err *err);
bool terminal_check_topic(struct world *w, const char *args,
			  struct text *topic, struct err *err);
/* Set what args say by `set` (producer_config_set, consumer_config_set). */
bool terminal_read_settings(const char *args, void *config,
			    bool (*set)(void *config, const char *name,
					const char *value, struct err *err),
			    struct err *err);
struct client_host *terminal_take_host(struct world *w, struct terminal *t,
				       struct machine *m, const char *args,
				       const char *otherwise);
bool terminal_give_up(struct world *w, struct terminal *t);	/* false */
void terminal_copy_log(struct world *w, struct terminal *t);	/* what is new */

/* What TERMINAL_POLL does to each kind. */
void terminal_poll_producer(struct world *w, struct terminal *t);
void terminal_poll_consumer(struct world *w, struct terminal *t);

#endif
