/* admin_client.c - the AdminClient of the Java library, as a process
 *
 * advance() looks at what is still to be found out and sends the one request
 * that comes next; every outcome ends in advance() or finish().
 */
#include "sim/broker/admin_client.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/core/args.h"

#define CONNECT_TIMEOUT	SIM_S(10)	/* socket.connection.setup.timeout.ms */
#define RECONNECT_MIN	SIM_MS(50)	/* reconnect.backoff.ms */
#define RETRY_MIN	SIM_MS(100)	/* retry.backoff.ms */
#define BACKOFF_MAX	SIM_S(1)
#define BOOTSTRAP_MAX	16

/* A server it may talk to: of the bootstrap list (ids -1, -2, ...), later a
 * broker by its node id. */
struct admin_node {
	int32_t id;
	name_id host;
	uint16_t port;
	uint32_t failures;		/* in a row */
	sim_time not_before;		/* next try */
};

/* A partition that ADMIN_LEADERS has to ask about. */
struct admin_part {
	name_id topic;
	uint32_t index;
	int32_t leader;			/* node id; -1: nobody */
	enum kafka_error error;		/* why not */
	bool done;
};

enum admin_step { STEP_METADATA, STEP_COORDINATOR, STEP_REQUEST };

struct admin_client {
	struct process *process;
	struct admin_client_owner owner;
	name_id client_id;
	struct luck luck;
	VEC(struct admin_node) nodes;
	VEC(int32_t) everyone;		/* ADMIN_ALL: node ids to ask */
	VEC(struct admin_part) parts;	/* ADMIN_LEADERS */
	VEC(char) request;		/* of the call, NUL terminated */
	VEC(char) answers;		/* JSON so far */
	bool has_metadata;
	bool stale;			/* ask for metadata before going on */
	bool asked;			/* the one answer is there */
	int32_t coordinator;		/* node id; -1: not known */
	uint32_t answered;		/* of everyone */
	bool busy;
	uint32_t tries;
	sim_time deadline, request_timeout, not_before;
	/* the request under way */
	enum admin_step step;
	uint64_t correlation;		/* 0: none */
	uint32_t node;			/* index in nodes */
	struct process *peer;
	struct timer again, timeout, call_timeout;
};

static void advance(struct world *w, struct admin_client *c);

struct process *admin_client_process(const struct admin_client *c)
{
	return c->process;
}

bool admin_client_busy(const struct admin_client *c)
{
	return c->busy;
}

/* -- what it says ----------------------------------------------------------- */

static void tell(struct world *w, struct admin_client *c, uint16_t event,
		 const struct text *text)
{
	struct admin_said said = { c->owner.self, text_cstr(text) };

	world_call(w, event, &said, 0);
}

/* A WARN line as tools-log4j.properties lays it out: [%d] %p %m (%c). */
static void warn(struct world *w, struct admin_client *c, const char *message,
		 const char *class, const char *rest)
{
	struct text line = {0};

	text_char(&line, '[');
	simtime_wall_text(&line, world_now(w));
	text_addf(&line, "] WARN %s (%s)%s", message, class, rest);
	tell(w, c, c->owner.log, &line);
	text_free(&line);
}

static void warn_refused(struct world *w, struct admin_client *c,
			 const struct admin_node *n)
{
	struct text message = {0};

	text_addf(&message, "[AdminClient clientId=%s] Connection to node %d (",
		  world_text(w, c->client_id), n->id);
	net_address_text(w, c->process->machine, world_text(w, n->host),
			 &message);
	text_addf(&message, ":%u) could not be established. Node may not be "
		  "available.", n->port);
	warn(w, c, message.at, "org.apache.kafka.clients.NetworkClient", "");
	text_free(&message);
}

static void warn_unknown_host(struct world *w, struct admin_client *c,
			      const struct admin_node *n)
{
	const char *host = world_text(w, n->host);
	struct text message = {0}, stack = {0};

	text_addf(&message, "[AdminClient clientId=%s] Error connecting to "
		  "node %s:%u (id: %d rack: null)",
		  world_text(w, c->client_id), host, n->port, n->id);
	text_addf(&stack, "\njava.net.UnknownHostException: %s", host);
	warn(w, c, message.at, "org.apache.kafka.clients.NetworkClient",
	     stack.at);
	text_free(&message);
	text_free(&stack);
}

/* -- waiting ------------------------------------------------------------------ */

/* min * 2^n up to a second, a fifth more or less (ExponentialBackoff). */
static sim_time backoff(struct admin_client *c, sim_time min, uint32_t n)
{
	sim_time wait = min;

	while (n-- && wait < BACKOFF_MAX)
		wait *= 2;
	if (wait > BACKOFF_MAX)
		wait = BACKOFF_MAX;
	return luck_between(&c->luck, wait * 4 / 5, wait * 6 / 5);
}

static void wait_until(struct world *w, struct admin_client *c, sim_time at)
{
	world_cancel(w, &c->again);
	c->again = world_timer(w, at > world_now(w) ? at : world_now(w),
			       ADMIN_CLIENT_AGAIN, c, 0);
}

static void request_over(struct world *w, struct admin_client *c)
{
	world_cancel(w, &c->timeout);
	c->correlation = 0;
	c->peer = NULL;
}

/* -- the end of a call ---------------------------------------------------------- */

static void calm(struct world *w, struct admin_client *c)
{
	request_over(w, c);
	world_cancel(w, &c->again);
	world_cancel(w, &c->call_timeout);
	c->busy = false;
}

/* error "" is success. */
static void finish(struct world *w, struct admin_client *c, const char *error,
		   const char *class, const char *message)
{
	struct text json = {0};

	text_add(&json, "{\"answers\":[");
	text_bytes(&json, c->answers.at, c->answers.count);
	text_char(&json, ']');
	if (*error) {
		text_add(&json, ",\"error\":");
		text_json(&json, error);
		text_add(&json, ",\"class\":");
		text_json(&json, class);
		text_add(&json, ",\"message\":");
		text_json(&json, message);
	}
	text_char(&json, '}');
	calm(w, c);
	tell(w, c, c->owner.done, &json);
	text_free(&json);
}

static void finish_kafka(struct world *w, struct admin_client *c,
			 enum kafka_error error, const char *message)
{
	char class[128];

	snprintf(class, sizeof(class), "org.apache.kafka.common.errors.%s",
		 kafka_error_class(error));
	finish(w, c, kafka_error_name(error), class, message);
}

static void finish_timeout(struct world *w, struct admin_client *c,
			   const char *message)
{
	finish(w, c, "TIMEOUT", "org.apache.kafka.common.errors."
	       "TimeoutException", message);
}

static const struct admin_api *api_of(const struct admin_client *c)
{
	char api[64];

	args_text(c->request.at, "api", api, sizeof(api));
	return admin_api_find(api);
}

static enum admin_route route_of(const struct admin_client *c)
{
	enum admin_route route = api_of(c)->route;

	return route == ADMIN_BROKER && !args_has(c->request.at, "broker") ?
	       ADMIN_ANY : route;
}

/* A call that has to look something up first is still called by that. */
static void call_name(const struct admin_client *c, struct text *t)
{
	const char *call = api_of(c)->call;
	const char *lookup = NULL;

	if (route_of(c) == ADMIN_COORDINATOR && c->coordinator < 0)
		lookup = "FIND_COORDINATOR";
	else if (route_of(c) == ADMIN_LEADERS)
		lookup = "METADATA";
	if (lookup)
		text_addf(t, "%.*s(api=%s)", (int)strcspn(call, "("), call,
			  lookup);
	else if (route_of(c) == ADMIN_ALL && !c->has_metadata)
		text_add(t, "findAllBrokers");
	else
		text_add(t, call);
}

/* KafkaAdminClient.TimeoutProcessor: it never found a node to ask. */
static void timed_out_unassigned(struct world *w, struct admin_client *c)
{
	struct text message = {0};

	text_add(&message, "Timed out waiting for a node assignment. Call: ");
	call_name(c, &message);
	finish_timeout(w, c, message.at);
	text_free(&message);
}

/* Call.handleTimeoutFailure: it asked, and no try succeeded in time. */
static void timed_out_trying(struct world *w, struct admin_client *c)
{
	int64_t now_ms = sim_wall_ms(world_now(w));
	struct text message = {0};

	text_addf(&message, "Call(callName=%s, deadlineMs=%lld, tries=%u, "
		  "nextAllowedTryMs=%lld) timed out at %lld after %u "
		  "attempt(s)", api_of(c)->call,
		  (long long)sim_wall_ms(c->deadline), c->tries,
		  (long long)(now_ms + 100), (long long)now_ms, c->tries);
	finish_timeout(w, c, message.at);
	text_free(&message);
}

/* A try failed in a way that may pass.  Asking for metadata is no try of the
 * call. */
static void retry(struct world *w, struct admin_client *c)
{
	request_over(w, c);
	c->stale = true;
	c->not_before = world_now(w) + backoff(c, RETRY_MIN, c->tries);
	c->tries += c->step != STEP_METADATA;
	if (world_now(w) >= c->deadline)
		timed_out_trying(w, c);
	else
		wait_until(w, c, c->not_before);
}

/* -- nodes ------------------------------------------------------------------------ */

/* A node that may be tried now: a specific one, or any (id 0 is a node id like
 * others, so NULL means any).  *soonest: when one may be, if none may now. */
static bool pick(struct world *w, struct admin_client *c, const int32_t *id,
		 uint32_t *node, sim_time *soonest)
{
	uint32_t first = c->nodes.count ?
			 (uint32_t)luck_below(&c->luck, c->nodes.count) : 0;

	*soonest = SIM_NEVER;
	for (uint32_t i = 0; i < c->nodes.count; i++) {
		uint32_t k = (first + i) % c->nodes.count;
		const struct admin_node *n = &c->nodes.at[k];

		if (id && n->id != *id)
			continue;
		if (n->not_before <= world_now(w)) {
			*node = k;
			return true;
		}
		if (n->not_before < *soonest)
			*soonest = n->not_before;
	}
	return false;
}

static void node_failed(struct world *w, struct admin_client *c)
{
	struct admin_node *n = &c->nodes.at[c->node];

	n->not_before = world_now(w) + backoff(c, RECONNECT_MIN, n->failures++);
	c->stale = c->has_metadata;
}

/* Nobody could be reached: the call goes back to those without a node, its
 * tries are not counted. */
static void not_connected(struct world *w, struct admin_client *c)
{
	node_failed(w, c);
	request_over(w, c);
	advance(w, c);
}

/* Send to nodes[node]; takes the message. */
static void send(struct world *w, struct admin_client *c, uint32_t node,
		 enum admin_step step, struct request *m)
{
	struct machine *from = c->process->machine;
	struct admin_node *n = &c->nodes.at[node];
	sim_time timeout = c->request_timeout;
	enum resolved found;

	c->node = node;
	c->step = step;
	found = net_resolve(w, from, world_text(w, n->host), n->port, &c->peer);
	if (found != RESOLVED) {
		message_free(w, &m->head);
		if (found == RESOLVED_NO_HOST)
			warn_unknown_host(w, c, n);
		else
			warn_refused(w, c, n);
		not_connected(w, c);
		return;
	}
	c->correlation = ++cluster_of(w)->next_correlation;
	m->correlation = c->correlation;
	m->port = n->port;
	if (net_ping(w, from, c->peer->machine) == SIM_NEVER)
		timeout = CONNECT_TIMEOUT;
	if (timeout > c->deadline - world_now(w))
		timeout = c->deadline - world_now(w);
	c->timeout = world_timer(w, world_now(w) + timeout,
				 ADMIN_CLIENT_TIMEOUT, c, 0);
	net_send(w, c->process, c->peer, &m->head);
}

/* To some node, or to that one; if none may be tried yet, later. */
static bool find_node(struct world *w, struct admin_client *c,
		      const int32_t *id, uint32_t *node)
{
	sim_time soonest;

	if (pick(w, c, id, node, &soonest))
		return true;
	if (soonest == SIM_NEVER) {		/* not in the metadata */
		c->stale = true;
		soonest = world_now(w) + backoff(c, RETRY_MIN, 0);
	}
	wait_until(w, c, soonest);
	return false;
}

/* -- the requests -------------------------------------------------------------------- */

static uint32_t topics_of(const struct admin_client *c, name_id *topics,
			  uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->parts.count && n < max; i++) {
		uint32_t k = 0;

		while (k < n && topics[k] != c->parts.at[i].topic)
			k++;
		if (k == n)
			topics[n++] = c->parts.at[i].topic;
	}
	return n;
}

static void ask_metadata(struct world *w, struct admin_client *c)
{
	struct metadata_request *m;
	uint32_t node, count;
	name_id topics[64];

	if (!find_node(w, c, NULL, &node))
		return;
	count = topics_of(c, topics, 64);
	m = message_new(w, sizeof(*m) + count * sizeof(*m->topics),
			MESSAGE_METADATA);
	m->req.head.bytes = 60 + 20 * count;
	m->count = count;
	memcpy(m->topics, topics, count * sizeof(*topics));
	send(w, c, node, STEP_METADATA, &m->req);
}

static void ask(struct world *w, struct admin_client *c, const int32_t *id,
		enum admin_step step, const char *text)
{
	struct text_message *m;
	uint32_t node;

	if (!find_node(w, c, id, &node))
		return;
	m = text_message_new(w, MESSAGE_ADMIN, 0, text);
	send(w, c, node, step, &m->req);
}

static void ask_coordinator(struct world *w, struct admin_client *c)
{
	struct text text = {0}, group = {0};

	args_bytes(c->request.at, "group", &group);
	args_add(&text, "api", "find-coordinator");
	args_add(&text, "group", text_cstr(&group));
	ask(w, c, NULL, STEP_COORDINATOR, text.at);
	text_free(&text);
	text_free(&group);
}

/* The next leader that has to be asked, and about what. */
static bool leader_request(struct world *w, struct admin_client *c,
			   int32_t *leader, struct text *text)
{
	struct text list = {0}, time = {0};

	*leader = -1;
	for (uint32_t i = 0; i < c->parts.count; i++) {
		const struct admin_part *p = &c->parts.at[i];

		if (p->done || p->leader < 0)
			continue;
		if (*leader < 0)
			*leader = p->leader;
		if (p->leader == *leader)
			text_addf(&list, "%s%s:%u", list.len ? "," : "",
				  world_text(w, p->topic), p->index);
	}
	if (*leader >= 0) {
		args_add(text, "api", "list-offsets");
		args_add(text, "partitions", list.at);
		if (args_bytes(c->request.at, "time", &time))
			args_add(text, "time", text_cstr(&time));
	}
	text_free(&list);
	text_free(&time);
	return *leader >= 0;
}

static bool parts_done(const struct admin_client *c)
{
	for (uint32_t i = 0; i < c->parts.count; i++)
		if (!c->parts.at[i].done)
			return false;
	return true;
}

static void ask_leaders(struct world *w, struct admin_client *c)
{
	struct text text = {0};
	int32_t leader;

	if (parts_done(c))
		finish(w, c, "", "", "");
	else if (leader_request(w, c, &leader, &text))
		ask(w, c, &leader, STEP_REQUEST, text.at);
	else
		retry(w, c);		/* somebody has no leader yet */
	text_free(&text);
}

static void ask_everyone(struct world *w, struct admin_client *c)
{
	if (!c->everyone.count)
		for (uint32_t i = 0; i < c->nodes.count; i++)
			*vec_add(&w->arena, &c->everyone) = c->nodes.at[i].id;
	if (c->answered == c->everyone.count)
		finish(w, c, "", "", "");
	else
		ask(w, c, &c->everyone.at[c->answered], STEP_REQUEST,
		    c->request.at);
}

static void ask_broker(struct world *w, struct admin_client *c)
{
	int64_t id = args_int(c->request.at, "broker", -1);
	int32_t node_id = (int32_t)id;

	/* broker=default: any of them knows it */
	ask(w, c, id < 0 ? NULL : &node_id, STEP_REQUEST, c->request.at);
}

static void advance(struct world *w, struct admin_client *c)
{
	if (!c->busy || c->correlation)
		return;
	if (world_now(w) < c->not_before) {
		wait_until(w, c, c->not_before);
		return;
	}
	if (c->asked) {
		finish(w, c, "", "", "");
		return;
	}
	if (!c->has_metadata || c->stale) {
		ask_metadata(w, c);
		return;
	}
	switch (route_of(c)) {
	case ADMIN_LEADERS:
		ask_leaders(w, c);
		return;
	case ADMIN_ALL:
		ask_everyone(w, c);
		return;
	case ADMIN_BROKER:
		ask_broker(w, c);
		return;
	case ADMIN_COORDINATOR:
		if (c->coordinator < 0)
			ask_coordinator(w, c);
		else
			ask(w, c, &c->coordinator, STEP_REQUEST, c->request.at);
		return;
	case ADMIN_ANY:
	case ADMIN_CONTROLLER:
		ask(w, c, NULL, STEP_REQUEST, c->request.at);
		return;
	}
}

/* -- the answers --------------------------------------------------------------------- */

static void part_leader(struct world *w, struct admin_part *part,
			const struct metadata_reply *m)
{
	const struct partition *p = cluster_partition(w, cluster_of(w),
		world_text(w, part->topic), part->index);

	part->leader = -1;
	part->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	for (uint32_t i = 0; p && i < m->part_count; i++) {
		if (m->parts[i].partition != p->id)
			continue;
		part->error = KAFKA_LEADER_NOT_AVAILABLE;
		if (m->parts[i].leader != NO_BROKER)
			part->leader = cluster_of(w)->brokers.at[
				m->parts[i].leader]->node_id;
	}
}

/* Brokers replace what was known; one that was known keeps its backoff. */
static void learn_nodes(struct world *w, struct admin_client *c,
			const struct metadata_reply *m)
{
	const struct cluster *cluster = cluster_of(w);
	VEC(struct admin_node) nodes = {0};

	for (uint32_t i = 0; i < cluster->brokers.count; i++) {
		int32_t id = cluster->brokers.at[i]->node_id;
		struct admin_node n = { .id = id, .host = m->host[i],
					.port = m->port[i] };

		if (!(m->brokers & broker_bit((int32_t)i)))
			continue;
		for (uint32_t k = 0; k < c->nodes.count; k++)
			if (c->nodes.at[k].id == id) {
				n.failures = c->nodes.at[k].failures;
				n.not_before = c->nodes.at[k].not_before;
			}
		*vec_add(&w->arena, &nodes) = n;
	}
	vec_free(&w->arena, &c->nodes);
	memcpy(&c->nodes, &nodes, sizeof(nodes));
	c->has_metadata = true;
	c->stale = false;
}

static void metadata_is(struct world *w, struct admin_client *c,
			const struct metadata_reply *m)
{
	if (m->brokers)
		learn_nodes(w, c, m);
	for (uint32_t i = 0; i < c->parts.count; i++)
		part_leader(w, &c->parts.at[i], m);
	advance(w, c);
}

static void coordinator_is(struct world *w, struct admin_client *c,
			   const struct text_message *m)
{
	const char *at = strchr(m->text, ':');

	c->coordinator = 0;
	for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
		c->coordinator = 10 * c->coordinator + (*at - '0');
	advance(w, c);
}

static void keep(struct world *w, struct admin_client *c, const char *text,
		 size_t len)
{
	for (size_t i = 0; i < len; i++)
		*vec_add(&w->arena, &c->answers) = text[i];
}

static void keep_answer(struct world *w, struct admin_client *c,
			const struct text_message *m)
{
	struct text json = {0};

	text_addf(&json, "%s{\"node\":%d,\"answer\":%s}",
		  c->answers.count ? "," : "", c->nodes.at[c->node].id,
		  m->text);
	keep(w, c, json.at, json.len);
	text_free(&json);
}

static void answered(struct world *w, struct admin_client *c,
		     const struct text_message *m)
{
	int32_t node_id = c->nodes.at[c->node].id;

	keep_answer(w, c, m);
	for (uint32_t i = 0; i < c->parts.count; i++)
		if (c->parts.at[i].leader == node_id)
			c->parts.at[i].done = true;
	c->answered++;
	c->asked = route_of(c) != ADMIN_LEADERS && route_of(c) != ADMIN_ALL;
	advance(w, c);
}

/* What a later try may find otherwise; the rest is final. */
static bool may_pass(enum kafka_error error)
{
	return error == KAFKA_NOT_CONTROLLER ||
	       error == KAFKA_NOT_LEADER_OR_FOLLOWER ||
	       error == KAFKA_LEADER_NOT_AVAILABLE ||
	       error == KAFKA_COORDINATOR_LOAD_IN_PROGRESS ||
	       error == KAFKA_COORDINATOR_NOT_AVAILABLE ||
	       error == KAFKA_NOT_COORDINATOR;
}

/* The sentence in {"message": "..."}, as it stood before admin_refuse. */
static void message_of(const char *json, struct text *t)
{
	const char *at = strstr(json, ":\"");

	for (at = at ? at + 2 : ""; *at && strcmp(at, "\"}") != 0; at++) {
		if (*at == '\\' && at[1])
			at++;
		text_char(t, *at);
	}
}

static void refused_by(struct world *w, struct admin_client *c,
		       const struct text_message *m)
{
	struct text message = {0};

	if (m->error == KAFKA_NOT_COORDINATOR)
		c->coordinator = -1;
	if (may_pass(m->error)) {
		retry(w, c);
		return;
	}
	message_of(m->text, &message);
	finish_kafka(w, c, m->error, text_cstr(&message));
	text_free(&message);
}

static void take_answer(struct world *w, struct admin_client *c,
			struct request *m)
{
	struct text_message *text = (struct text_message *)m;

	c->nodes.at[c->node].failures = 0;
	request_over(w, c);
	if (m->head.kind == MESSAGE_METADATA_IS)
		metadata_is(w, c, (struct metadata_reply *)m);
	else if (text->error != KAFKA_NONE)
		refused_by(w, c, text);
	else if (c->step == STEP_COORDINATOR)
		coordinator_is(w, c, text);
	else
		answered(w, c, text);
}

void admin_client_message(struct world *w, void *who, uint16_t arg)
{
	struct request *m = who;
	struct admin_client *c = m->head.to->self;

	(void)arg;
	if (c->busy && c->correlation && m->correlation == c->correlation)
		take_answer(w, c, m);
	message_free(w, &m->head);
}

void admin_client_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct admin_client *c = lost->process->self;

	(void)arg;
	if (!c->busy || !c->correlation || lost->peer != c->peer)
		return;
	if (lost->refused) {
		warn_refused(w, c, &c->nodes.at[c->node]);
		not_connected(w, c);
	} else {
		node_failed(w, c);
		retry(w, c);
	}
}

void admin_client_again(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	advance(w, who);
}

/* No answer.  Across a cut nothing was ever connected. */
void admin_client_timeout(struct world *w, void *who, uint16_t arg)
{
	struct admin_client *c = who;
	bool connected = net_ping(w, c->process->machine,
				  c->peer->machine) != SIM_NEVER;

	(void)arg;
	net_close(w, c->process, c->peer);
	if (connected) {
		node_failed(w, c);
		retry(w, c);
	} else {
		warn_refused(w, c, &c->nodes.at[c->node]);
		not_connected(w, c);
	}
}

/* Time is up.  A request under way counts as a try if it could be sent. */
void admin_client_deadline(struct world *w, void *who, uint16_t arg)
{
	struct admin_client *c = who;
	enum kafka_error error = KAFKA_NONE;

	(void)arg;
	if (c->correlation && c->step != STEP_METADATA &&
	    net_ping(w, c->process->machine, c->peer->machine) != SIM_NEVER)
		c->tries++;
	for (uint32_t i = 0; i < c->parts.count; i++)
		if (!c->parts.at[i].done)
			error = c->parts.at[i].error;
	if (c->has_metadata && error != KAFKA_NONE)
		finish_kafka(w, c, error, kafka_error_text(error));
	else if (c->tries)
		timed_out_trying(w, c);
	else
		timed_out_unassigned(w, c);
}

/* -- life ------------------------------------------------------------------------------ */

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
	calm(w, c);
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
		warn(w, c, message.at, "org.apache.kafka.clients.ClientUtils",
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
		finish(w, c, "CONFIG",
		       "org.apache.kafka.common.config.ConfigException",
		       "No resolvable bootstrap urls given in "
		       "bootstrap.servers");
		return;
	}
	if (!api_of(c)) {
		finish_kafka(w, c, KAFKA_INVALID_REQUEST,
			     kafka_error_text(KAFKA_INVALID_REQUEST));
		return;
	}
	if (api_of(c)->route == ADMIN_LEADERS) {
		read_parts(w, c);
		c->stale = true;
	}
	c->call_timeout = world_timer(w, c->deadline, ADMIN_CLIENT_DEADLINE, c,
				      0);
	advance(w, c);
}
