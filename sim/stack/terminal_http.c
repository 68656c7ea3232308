/* terminal_http.c - the HTTP client a person starts
 *
 * A `curl`: one process, one request, one answer as an entry; then it ends.
 */
#include "sim/stack/terminal_inside.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/args.h"
#include "sim/host/http.h"

#define HTTP_TIMEOUT_MS	30000

static struct http_process *take_http(struct world *w, struct machine *m)
{
	static const struct process_events on = {
		.stop = TERMINAL_HTTP_STOP, .message = TERMINAL_HTTP_MESSAGE,
		.lost = TERMINAL_HTTP_LOST,
	};
	struct terminals *all = terminals_of(w);
	struct http_process *h;
	char name[64];

	for (uint32_t i = 0; i < all->https.count; i++) {
		h = all->https.at[i];
		if (h->process->machine == m &&
		    h->process->state == PROCESS_DOWN)
			return h;
	}
	h = world_take(w, struct http_process);
	snprintf(name, sizeof(name), "curl-%u", all->https.count + 1);
	h->process = process_new(w, name, m, "curl", &on, MODULE_STACK, h);
	*vec_add(&w->arena, &all->https) = h;
	return h;
}

void terminal_http_stop(struct world *w, void *who, uint16_t arg)
{
	struct http_process *h = ((struct process *)who)->self;
	struct terminal *t = h->terminal;

	(void)arg;
	world_cancel(w, &h->timeout);
	h->terminal = NULL;
	h->peer = NULL;
	if (t)
		terminal_ended(w, t);
}

static void http_done(struct world *w, struct terminal *t,
		      const struct text *json)
{
	terminal_post_text(w, t, TERMINAL_REPLY, json);
	process_kill(w, t->http->process);
}

static void http_failed(struct world *w, struct terminal *t, const char *error)
{
	struct text json = {0};

	text_add(&json, "{\"error\":");
	text_json(&json, error);
	text_char(&json, '}');
	http_done(w, t, &json);
	text_free(&json);
}

void terminal_http_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct http_response *r = who;
	struct http_process *h = m->to->self;
	struct terminal *t = h->terminal;
	struct text json = {0};

	(void)arg;
	if (m->kind == MESSAGE_HTTP_RESPONSE && t &&
	    r->id == (uint64_t)t->id) {
		text_addf(&json, "{\"status\":%u,\"content_type\":", r->status);
		text_json(&json, world_text(w, r->content_type));
		text_add(&json, ",\"body\":");
		text_json_bytes(&json, r->bytes, r->body_len);
		text_char(&json, '}');
		http_done(w, t, &json);
		text_free(&json);
	}
	message_free(w, m);
}

void terminal_http_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct http_process *h = lost->process->self;

	(void)arg;
	if (h->terminal && lost->peer == h->peer)
		http_failed(w, h->terminal, lost->timed_out ? "TIMEOUT" :
			    lost->refused ? "REFUSED" : "RESET");
}

/* `TERMINAL_HTTP_TIMEOUT`: also how a refusal by nobody comes, a moment after
 * the command. */
void terminal_http_timeout(struct world *w, void *who, uint16_t arg)
{
	static const char *const errors[] = { "TIMEOUT", "REFUSED", "NO_HOST" };
	struct terminal *t = who;

	if (t->open)
		http_failed(w, t, errors[arg]);
}

/* -- its command -------------------------------------------------------- */

/* "host:port"; 80 when there is no port. */
static void split_address(char *to, uint16_t *port)
{
	char *colon = strrchr(to, ':');
	uint32_t n = 0;

	*port = 80;
	if (!colon)
		return;
	for (const char *d = colon + 1;
	     *d >= '0' && *d <= '9' && n < 65536; d++)
		n = n * 10 + (uint32_t)(*d - '0');
	*port = (uint16_t)n;
	*colon = '\0';
}

static void http_send(struct world *w, struct terminal *t, const char *args,
		      enum http_method method, char *to)
{
	struct http_process *h = t->http;
	struct text path = {0}, body = {0};
	int64_t wait_ms = args_int(args, "timeout_ms", HTTP_TIMEOUT_MS);
	struct http_request *r;
	enum resolved found;
	uint16_t port;

	split_address(to, &port);
	found = net_resolve(w, h->process->machine, to, port, &h->peer);
	if (found != RESOLVED) {
		h->timeout = world_timer(w, world_now(w) + SIM_US(100),
			TERMINAL_HTTP_TIMEOUT, t,
			found == RESOLVED_NO_HOST ? 2 : 1);
		return;
	}
	if (wait_ms < 1 || wait_ms > HTTP_TIMEOUT_MS)
		wait_ms = HTTP_TIMEOUT_MS;
	h->timeout = world_timer(w, world_now(w) + SIM_MS(wait_ms),
				 TERMINAL_HTTP_TIMEOUT, t, 0);
	terminal_argument(args, "path", "/", &path);
	args_bytes(args, "body", &body);
	r = http_request_new(w, method, path.at, text_cstr(&body), body.len,
			     (uint64_t)t->id);
	net_send(w, h->process, h->peer, &r->head);
	text_free(&path);
	text_free(&body);
}

bool terminal_http(struct world *w, const char *args, int64_t *result,
		   struct err *err)
{
	struct machine *m = terminal_machine(w, args, err);
	enum http_method method = HTTP_GET;
	struct text command = {0};
	char to[256], word[16];
	struct terminal *t;

	if (!m)
		return false;
	if (!args_text(args, "to", to, sizeof(to)) || !*to)
		return err_set(err, "to=HOST:PORT is missing");
	if (args_text(args, "method", word, sizeof(word)) &&
	    !http_method_parse(word, &method))
		return err_set(err, "method=%s: no such method", word);
	t = terminal_open(w, WHAT_HTTP);
	t->http = take_http(w, m);
	t->http->terminal = t;
	terminal_argument(args, "command", "curl", &command);
	t->http->process->command = world_name(w, command.at);
	text_free(&command);
	process_start(w, t->http->process);
	*result = t->id;
	http_send(w, t, args, method, to);
	return true;
}
