/* admin_client_ask.c - an AdminClient asks: which request, whom, and when again
 *
 * admin_call_advance looks at what is still to be found out and sends the one
 * request that comes next; every outcome ends there or in admin_call_finish.
 * A server that could not be reached rests longer each time, and so does a
 * call that was answered in a way that may pass.
 */
#include "sim/broker/admin_client_inside.h"

#include <string.h>

#include "sim/core/args.h"

#define CONNECT_TIMEOUT	SIM_S(10)	/* socket.connection.setup.timeout.ms */
#define RECONNECT_MIN	SIM_MS(50)	/* reconnect.backoff.ms */
#define RETRY_MIN	SIM_MS(100)	/* retry.backoff.ms */
#define BACKOFF_MAX	SIM_S(1)

/* -- waiting ------------------------------------------------------------ */

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

void admin_call_request_over(struct world *w, struct admin_client *c)
{
	world_cancel(w, &c->timeout);
	c->correlation = 0;
	c->peer = NULL;
}

void admin_call_calm(struct world *w, struct admin_client *c)
{
	admin_call_request_over(w, c);
	world_cancel(w, &c->again);
	world_cancel(w, &c->call_timeout);
	c->busy = false;
}

/* A try failed in a way that may pass.  Asking for metadata is no try of the
 * call. */
void admin_call_retry(struct world *w, struct admin_client *c)
{
	admin_call_request_over(w, c);
	c->stale = true;
	c->not_before = world_now(w) + backoff(c, RETRY_MIN, c->tries);
	c->tries += c->step != STEP_METADATA;
	if (world_now(w) >= c->deadline)
		admin_call_timed_out_trying(w, c);
	else
		wait_until(w, c, c->not_before);
}

/* -- nodes -------------------------------------------------------------- */

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

void admin_call_node_failed(struct world *w, struct admin_client *c)
{
	struct admin_node *n = &c->nodes.at[c->node];

	n->not_before = world_now(w) + backoff(c, RECONNECT_MIN, n->failures++);
	c->stale = c->has_metadata;
}

/* Nobody could be reached: the call goes back to those without a node, its
 * tries are not counted. */
void admin_call_not_connected(struct world *w, struct admin_client *c)
{
	admin_call_node_failed(w, c);
	admin_call_request_over(w, c);
	admin_call_advance(w, c);
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
			admin_client_warn_unknown(w, c, n);
		else
			admin_client_warn_refused(w, c, n);
		admin_call_not_connected(w, c);
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

/* -- the requests ------------------------------------------------------- */

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

	const char *key = args_has(c->request.at, "txn") ? "txn" : "group";

	args_bytes(c->request.at, key, &group);
	args_add(&text, "api", "find-coordinator");
	args_add(&text, key, text_cstr(&group));
	ask(w, c, NULL, STEP_COORDINATOR, text.at);
	text_free(&text);
	text_free(&group);
}

/* The next leader that has to be asked, and about what. */
static bool leader_request(struct world *w, struct admin_client *c,
			   int32_t *leader, struct text *text)
{
	/* of abort-transaction */
	static const char *const passed[] = {
		"producer-id", "epoch", "coordinator-epoch",
	};
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
	for (size_t i = 0; *leader >= 0 && i < sizeof(passed) /
					       sizeof(passed[0]); i++)
		if (args_has(c->request.at, passed[i]))
			args_add_int(text, passed[i],
				     args_int(c->request.at, passed[i], 0));
	if (*leader >= 0) {
		args_add(text, "api", admin_call_api(c)->name);
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
		admin_call_finish(w, c, "", "", "");
	else if (leader_request(w, c, &leader, &text))
		ask(w, c, &leader, STEP_REQUEST, text.at);
	else
		admin_call_retry(w, c);		/* somebody has no leader yet */
	text_free(&text);
}

static void ask_everyone(struct world *w, struct admin_client *c)
{
	if (!c->everyone.count)
		for (uint32_t i = 0; i < c->nodes.count; i++)
			*vec_add(&w->arena, &c->everyone) = c->nodes.at[i].id;
	if (c->answered == c->everyone.count)
		admin_call_finish(w, c, "", "", "");
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

void admin_call_advance(struct world *w, struct admin_client *c)
{
	if (!c->busy || c->correlation)
		return;
	if (world_now(w) < c->not_before) {
		wait_until(w, c, c->not_before);
		return;
	}
	if (c->asked) {
		admin_call_finish(w, c, "", "", "");
		return;
	}
	if (!c->has_metadata || c->stale) {
		ask_metadata(w, c);
		return;
	}
	switch (admin_call_route(c)) {
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
