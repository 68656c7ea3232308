/* admin_client.c - the AdminClient of the Java library, as a process
 *
 * Its life: opened with a list of servers, asked one call after the other,
 * closed.  How a call goes is in admin_client_ask.c.
 */
#include "sim/broker/admin_client_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/args.h"

#define BOOTSTRAP_MAX	16

struct process *admin_client_process(const struct admin_client *c)
{
	return c->process;
}

bool admin_client_busy(const struct admin_client *c)
{
	return c->busy;
}

/* Processes are never forgotten by their machine, so one that has ended is
 * used again. */
static struct admin_client *slot(struct world *w, struct machine *m)
{
	static const struct process_events on = {
		.stop = ADMIN_CLIENT_STOP, .message = ADMIN_CLIENT_MESSAGE,
		.lost = ADMIN_CLIENT_LOST,
	};
	const struct hosts *h = hosts_of(w);
	struct admin_client *c;
	char name[64];

	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *p = h->processes.at[i];

		if (p->machine == m && p->state == PROCESS_DOWN &&
		    p->on.message == ADMIN_CLIENT_MESSAGE)
			return p->self;
	}
	snprintf(name, sizeof(name), "kafka-admin-%u", h->processes.count);
	c = world_take(w, struct admin_client);
	c->process = process_new(w, name, m, "java", &on, MODULE_STACK, c);
	luck_init(&c->luck, w->state->seed, name, "admin-client");
	return c;
}

static void drop_call(struct world *w, struct admin_client *c)
{
	admin_call_calm(w, c);
	vec_free(&w->arena, &c->everyone);
	vec_free(&w->arena, &c->parts);
	vec_free(&w->arena, &c->request);
	vec_free(&w->arena, &c->answers);
}

void admin_client_stop(struct world *w, void *who, uint16_t arg)
{
	struct admin_client *c = ((struct process *)who)->self;

	(void)arg;
	drop_call(w, c);
	vec_free(&w->arena, &c->nodes);
}

/* -- opening ------------------------------------------------------------ */

/* host:port; an address in brackets or a scheme is no such thing. */
static bool read_server(const char *item, char *host, size_t cap,
			uint16_t *port)
{
	const char *colon = strrchr(item, ':');
	size_t len = colon ? (size_t)(colon - item) : 0;
	uint32_t n = 0;

	if (!len || len >= cap || !colon[1])
		return false;
	for (const char *d = colon + 1; *d; d++) {
		if (*d < '0' || *d > '9')
			return false;
		n = n * 10 + (uint32_t)(*d - '0');
		if (n > 65535)
			return false;
	}
	memcpy(host, item, len);
	host[len] = '\0';
	*port = (uint16_t)n;
	return true;
}

/* ClientUtils.parseAndValidateAddresses. */
static void add_server(struct world *w, struct admin_client *c,
		       const char *item)
{
	struct process *ignored;
	struct text message = {0};
	char host[256];
	uint16_t port;

	if (!read_server(item, host, sizeof(host), &port))
		return;
	if (net_resolve(w, c->process->machine, host, port, &ignored) ==
	    RESOLVED_NO_HOST) {
		text_addf(&message, "Couldn't resolve server %s from "
			  "bootstrap.servers as DNS resolution failed for %s",
			  item, host);
		admin_client_warn(w, c, message.at,
				  "org.apache.kafka.clients.ClientUtils",
				  "");
		text_free(&message);
		return;
	}
	*vec_add(&w->arena, &c->nodes) = (struct admin_node){
		.host = world_name(w, host), .port = port,
	};
	c->nodes.at[c->nodes.count - 1].id = -(int32_t)c->nodes.count;
}

struct admin_client *admin_client_open(struct world *w, struct machine *m,
				       const char *bootstrap,
				       const char *client_id,
				       const char *command,
				       const struct admin_client_owner *owner)
{
	struct admin_client *c = slot(w, m);
	char item[300];

	c->owner = *owner;
	c->client_id = world_name(w, client_id);
	c->has_metadata = c->stale = false;
	c->process->command = world_name(w, command);
	process_start(w, c->process);
	for (uint32_t i = 0; i < BOOTSTRAP_MAX &&
			     admin_item(&bootstrap, item, sizeof(item)); i++)
		add_server(w, c, item);
	return c;
}

void admin_client_close(struct world *w, struct admin_client *c)
{
	process_kill(w, c->process);
}

/* -- a call begins ------------------------------------------------------ */

const struct admin_api *admin_call_api(const struct admin_client *c)
{
	char api[64];

	args_text(c->request.at, "api", api, sizeof(api));
	return admin_api_find(api);
}

enum admin_route admin_call_route(const struct admin_client *c)
{
	enum admin_route route = admin_call_api(c)->route;

	return route == ADMIN_BROKER && !args_has(c->request.at, "broker") ?
	       ADMIN_ANY : route;
}

/* `topic:0,topic:1,...` */
static void read_parts(struct world *w, struct admin_client *c)
{
	struct text list = {0};
	char item[300];
	const char *at;

	args_bytes(c->request.at, "partitions", &list);
	at = text_cstr(&list);
	while (admin_item(&at, item, sizeof(item))) {
		char *colon = strrchr(item, ':');
		uint32_t index = 0;

		if (!colon)
			continue;
		*colon = '\0';
		for (const char *d = colon + 1; *d >= '0' && *d <= '9'; d++)
			index = index * 10 + (uint32_t)(*d - '0');
		*vec_add(&w->arena, &c->parts) = (struct admin_part){
			.topic = world_name(w, item), .index = index,
			.leader = -1, .error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION,
		};
	}
	text_free(&list);
}

/* A timeout in ms, within what can be planned: 1 ms to 11 days. */
static sim_time wait_of(const char *request, const char *key,
			int64_t otherwise)
{
	int64_t ms = args_int(request, key, otherwise);

	return SIM_MS(ms < 1 ? 1 : ms > 1000000000 ? 1000000000 : ms);
}

void admin_client_call(struct world *w, struct admin_client *c,
		       const char *request)
{
	assert(!c->busy);
	drop_call(w, c);
	for (const char *at = request; *at; at++)
		*vec_add(&w->arena, &c->request) = *at;
	*vec_add(&w->arena, &c->request) = '\0';
	c->busy = true;
	c->asked = false;
	c->answered = c->tries = 0;
	c->coordinator = -1;
	c->not_before = world_now(w);
	c->deadline = world_now(w) + wait_of(request, "timeout_ms", 60000);
	c->request_timeout = wait_of(request, "request_timeout_ms", 30000);
	if (!c->nodes.count) {
		admin_call_finish(w, c, "CONFIG",
				  "org.apache.kafka.common.config."
				  "ConfigException",
				  "No resolvable bootstrap urls given in "
				  "bootstrap.servers");
		return;
	}
	if (!admin_call_api(c)) {
		admin_call_finish_kafka(w, c, KAFKA_INVALID_REQUEST,
			kafka_error_text(KAFKA_INVALID_REQUEST));
		return;
	}
	if (admin_call_api(c)->route == ADMIN_LEADERS) {
		read_parts(w, c);
		c->stale = true;
	}
	c->call_timeout = world_timer(w, c->deadline, ADMIN_CLIENT_DEADLINE, c,
				      0);
	admin_call_advance(w, c);
}
