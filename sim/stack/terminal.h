/* terminal.h - what a person at a keyboard starts in the world
 *
 * A console tool is a program on some machine: an AdminClient, a producer, a
 * consumer, an HTTP client.  The console itself stands outside the world, so
 * it starts them by commands (design D2) and reads what they say in a mailbox:
 *
 *	console ── world_command("admin from=laptop api=list-topics ...") ──▶ id
 *	console ◀─────────── terminal_next(w, id, &cursor) ──────────── entries
 *
 * The commands, all values as args.h writes them:
 *
 *	admin		from= bootstrap=H:P,H:P api= ... [timeout_ms=]
 *			[client_id=] [command=] [keep=1]
 *	admin		id= api= ...			once more, of one kept
 *							(5 s, then it ends)
 *	admin-close	id=
 *	produce-open	from= bootstrap= topic= [client_id=] [command=]
 *			[SETTING=VALUE]...		by their Kafka names
 *	produce		id= [partition=] [key=] [value=]	none: null
 *			[headers=]	words k=NAME v=VALUE k=..., coded as one
 *	produce-close	id=				after what is queued
 *	consume-open	from= bootstrap= topic= group= | partition= offset=
 *			[max=] [client_id=] [command=] [SETTING=VALUE]...
 *	consume-close	id=
 *	http		from= to=HOST:PORT path= [method=GET] [body=]
 *			[timeout_ms=30000]
 *	client-kill	id=				SIGKILL
 *
 * The result of each is the id; entries of the mailbox are history, so going
 * back in time takes them back.
 */
#ifndef SIM_STACK_TERMINAL_H
#define SIM_STACK_TERMINAL_H

#include "sim/broker/admin_client.h"
#include "sim/core/module.h"

enum terminal_kind {
	TERMINAL_REPLY,		/* JSON: the outcome of admin, http */
	TERMINAL_RECORD,	/* JSON: topic partition offset timestamp_ms key
				   value; a null is left out */
	TERMINAL_LOG,		/* a line of the client's log, WARN or worse */
	TERMINAL_ACK,		/* JSON: topic partition offset count */
	TERMINAL_FAILED,	/* JSON: topic class message records */
	TERMINAL_CLOSED,	/* the process has ended */
};

struct terminal_entry {
	int64_t id;
	sim_time at;
	uint64_t text_at;	/* where the text lies in its stream */
	uint32_t len;		/* bytes of text */
	uint16_t kind;		/* enum terminal_kind */
};

struct terminals;

/* The root of the stack module (parts[MODULE_STACK]) begins with this. */
struct terminal_root {
	struct terminals *terminals;
};

struct terminals *terminals_new(struct world *w);

/* The next entry of this id at or behind *cursor, which begins at 0 and then
 * stands behind it.  NULL: there is none yet. */
const struct terminal_entry *terminal_next(const struct world *w, int64_t id,
					   uint64_t *cursor);
bool terminal_has(const struct world *w, int64_t id, uint64_t cursor);
const char *terminal_text(const struct world *w,
			  const struct terminal_entry *e);
const char *terminal_kind_name(uint16_t kind);	/* "reply", "record", ... */

/* The next id above `id` whose process still runs; 0: there is none.  A tool
 * that was killed (SIGPIPE, a second Ctrl-C) says no goodbye: whoever runs the
 * tools sends `client-kill` for what they have left. */
int64_t terminal_open_after(const struct world *w, int64_t id);

enum {
	TERMINAL_ADMIN_LOG = ADMIN_CLIENT_DEADLINE + 1,	/* struct admin_said */
	TERMINAL_ADMIN_DONE,				/* struct admin_said */
	TERMINAL_RESULT,		/* who = struct producer_result */
	TERMINAL_RECORDS,		/* who = terminal; arg 1: topic known */
	TERMINAL_GONE,			/* who = terminal: its host stopped */
	TERMINAL_POLL,			/* who = terminal */
	TERMINAL_HTTP_STOP,		/* who = process */
	TERMINAL_HTTP_MESSAGE,		/* who = message */
	TERMINAL_HTTP_LOST,		/* who = struct lost */
	TERMINAL_HTTP_TIMEOUT,		/* who = terminal */
};

/* -- for the tables of the stack module ----------------------------------- */

typedef bool terminal_apply(struct world *w, const char *args,
			    int64_t *result, struct err *err);
terminal_apply terminal_admin, terminal_admin_close, terminal_produce_open,
	       terminal_produce, terminal_produce_close, terminal_consume_open,
	       terminal_consume_close, terminal_http, terminal_kill;

#define TERMINAL_COMMANDS						\
	{ "admin", "from= bootstrap= api= [keep=1] | id= api=",		\
	  terminal_admin },						\
	{ "admin-close", "id=", terminal_admin_close },			\
	{ "produce-open", "from= bootstrap= topic= [SETTING=VALUE]...",	\
	  terminal_produce_open },					\
	{ "produce", "id= [partition=] [key=] [value=] [headers=]",	\
	  terminal_produce },						\
	{ "produce-close", "id=", terminal_produce_close },		\
	{ "consume-open", "from= bootstrap= topic= group= | "		\
	  "partition= offset= [max=] [SETTING=VALUE]...",		\
	  terminal_consume_open },					\
	{ "consume-close", "id=", terminal_consume_close },		\
	{ "http", "from= to= path= [method=] [body=]", terminal_http },	\
	{ "client-kill", "id=", terminal_kill }

typedef void terminal_event(struct world *w, void *who, uint16_t arg);
terminal_event terminal_admin_log, terminal_admin_done, terminal_result,
	       terminal_records, terminal_gone, terminal_poll,
	       terminal_http_stop, terminal_http_message, terminal_http_lost,
	       terminal_http_timeout;

#define TERMINAL_EVENTS							\
	TERMINAL_EVENT(ADMIN_CLIENT_STOP, admin_client_stop),		\
	TERMINAL_EVENT(ADMIN_CLIENT_MESSAGE, admin_client_message),	\
	TERMINAL_EVENT(ADMIN_CLIENT_LOST, admin_client_lost),		\
	TERMINAL_EVENT(ADMIN_CLIENT_AGAIN, admin_client_again),		\
	TERMINAL_EVENT(ADMIN_CLIENT_TIMEOUT, admin_client_timeout),	\
	TERMINAL_EVENT(ADMIN_CLIENT_DEADLINE, admin_client_deadline),	\
	TERMINAL_EVENT(TERMINAL_ADMIN_LOG, terminal_admin_log),		\
	TERMINAL_EVENT(TERMINAL_ADMIN_DONE, terminal_admin_done),	\
	TERMINAL_EVENT(TERMINAL_RESULT, terminal_result),		\
	TERMINAL_EVENT(TERMINAL_RECORDS, terminal_records),		\
	TERMINAL_EVENT(TERMINAL_GONE, terminal_gone),			\
	TERMINAL_EVENT(TERMINAL_POLL, terminal_poll),			\
	TERMINAL_EVENT(TERMINAL_HTTP_STOP, terminal_http_stop),		\
	TERMINAL_EVENT(TERMINAL_HTTP_MESSAGE, terminal_http_message),	\
	TERMINAL_EVENT(TERMINAL_HTTP_LOST, terminal_http_lost),		\
	TERMINAL_EVENT(TERMINAL_HTTP_TIMEOUT, terminal_http_timeout)
#define TERMINAL_EVENT(number, run)	[(number) & 0xff] = { #run, run }

#endif
