/* client.c - what all clients of a cluster share: metadata, requests, waiting */
#include "sim/broker/client.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_TIMEOUT		SIM_S(30)	/* request.timeout.ms */
/* socket.connection.setup.timeout.ms; simplified: it does not grow */
#define CONNECT_TIMEOUT		SIM_S(10)
#define RETRY_BACKOFF		SIM_MS(100)	/* retry.backoff.ms */
#define RETRY_BACKOFF_MAX	SIM_S(1)	/* retry.backoff.max.ms */
#define RECONNECT_BACKOFF	SIM_MS(50)	/* reconnect.backoff.ms */
#define METADATA_MAX_AGE	SIM_MINUTES(5)	/* metadata.max.age.ms */
#define TAG_METADATA		0xffff

static void host_start(struct world *w, void *who, uint16_t arg);
static void host_stop(struct world *w, void *who, uint16_t arg);
static void host_message(struct world *w, void *who, uint16_t arg);
static void host_lost(struct world *w, void *who, uint16_t arg);
static void host_collect(struct world *w, void *who, uint16_t arg);
static void client_timer(struct world *w, void *who, uint16_t arg);

#define KIND(event, name, run)	[(event) & 0xff] = { name, run }

static const struct module_event client_events[] = {
	KIND(CLIENT_HOST_START, "client.start", host_start),
	KIND(CLIENT_HOST_STOP, "client.stop", host_stop),
	KIND(CLIENT_MESSAGE, "client.message", host_message),
	KIND(CLIENT_LOST, "client.lost", host_lost),
	KIND(CLIENT_TIMER, "client.timer", client_timer),
	KIND(PRODUCER_TIMER, "producer.timer", producer_timer),
	KIND(CONSUMER_HEARTBEAT, "consumer.heartbeat", consumer_heartbeat),
	KIND(CONSUMER_TIMER, "consumer.timer", consumer_timer),
	KIND(CLIENT_COLLECT, "client.collect", host_collect),
	KIND(PRODUCER_TXN_TELL, "producer.txn-tell", producer_txn_tell),
};

const struct module client_module = {
	.name = "client",
	.events = client_events,
	.event_count = sizeof(client_events) / sizeof(client_events[0]),
};

static const struct {
	void (*replied)(struct world *w, struct client *c,
			const struct in_flight *f, struct message *m);
	void (*failed)(struct world *w, struct client *c,
		       const struct in_flight *f);
	void (*metadata)(struct world *w, struct client *c);
	void (*gone)(struct world *w, struct client *c);
	void (*collect)(struct world *w, struct client *c);
	const char *name;
} kinds[] = {
	[CLIENT_PRODUCER] = { producer_replied, producer_failed,
			      producer_metadata, producer_gone,
			      producer_collect, "Producer" },
	[CLIENT_CONSUMER] = { consumer_replied, consumer_failed,
			      consumer_metadata, consumer_gone,
			      consumer_collect, "Consumer" },
};

/* -- the host ---------------------------------------------------------------- */

struct client_host *client_host_new(struct world *w, const char *name,
				    struct machine *m, const char *command,
				    void *owner, uint16_t start, uint16_t stop,
				    uint16_t other)
{
	static const struct process_events on = {
		.start = CLIENT_HOST_START, .stop = CLIENT_HOST_STOP,
		.message = CLIENT_MESSAGE, .lost = CLIENT_LOST,
		.collect = CLIENT_COLLECT,
	};
	struct client_host *h = world_take(w, struct client_host);

	h->owner = owner;
	h->start = start;
	h->stop = stop;
	h->other = other;
	h->process = process_new(w, name, m, command, &on, MODULE_CLIENT, h);
	h->process->connect_timeout = CONNECT_TIMEOUT;
	return h;
}

static void host_start(struct world *w, void *who, uint16_t arg)
{
	struct client_host *h = ((struct process *)who)->self;

	(void)arg;
	registry_reset(w, h->process);
	memory_set(w, h->process, INT64_C(256) << 20);
	if (h->start)
		world_call(w, h->start, h->owner, 0);
}

static void host_stop(struct world *w, void *who, uint16_t arg)
{
	struct client_host *h = ((struct process *)who)->self;

	(void)arg;
	while (h->clients.count) {
		struct client *c = h->clients.at[h->clients.count - 1];

		kinds[c->kind].gone(w, c);
		client_close(w, c);
	}
	if (h->stop)
		world_call(w, h->stop, h->owner, 0);
}

static struct client *client_of(const struct client_host *h, uint64_t number,
				uint32_t *index)
{
	for (uint32_t i = 0; i < h->clients.count; i++) {
		struct client *c = h->clients.at[i];

		for (uint32_t k = 0; k < c->in_flight.count; k++)
			if (c->in_flight.at[k].correlation == number) {
				*index = k;
				return c;
			}
	}
	return NULL;
}

static void take_metadata(struct world *w, struct client *c,
			  const struct metadata_reply *m);

static void host_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct client_host *h = m->to->self;
	struct in_flight f;
	struct client *c;
	uint32_t index;

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE) {
		telemetry_answer(w, m);
		return;
	}
	if (m->kind >> 8 != MODULE_BROKER) {
		if (h->other)
			world_call(w, h->other, m, 0);
		else
			message_free(w, m);
		return;
	}
	c = client_of(h, ((struct request *)m)->correlation, &index);
	if (!c) {			/* given up in the meantime */
		message_free(w, m);
		return;
	}
	f = c->in_flight.at[index];
	vec_remove(&c->in_flight, index);
	if (f.node >= 0) {
		c->nodes[f.node].attempts = 0;
		c->nodes[f.node].failed_at = 0;
	}
	if (f.tag == TAG_METADATA)
		take_metadata(w, c, (struct metadata_reply *)m);
	else
		kinds[c->kind].replied(w, c, &f, m);
	message_free(w, m);
}

static void host_collect(struct world *w, void *who, uint16_t arg)
{
	struct client_host *h = ((struct process *)who)->self;

	(void)arg;
	for (uint32_t i = 0; i < h->clients.count; i++)
		kinds[h->clients.at[i]->kind].collect(w, h->clients.at[i]);
}

/* -- life ---------------------------------------------------------------------- */

/* One address of the list, host and port apart. */
static bool parse_address(const char *s, size_t len, char *host, size_t cap,
			  uint16_t *port, struct err *err)
{
	const char *colon = NULL;
	char *end = NULL;
	long number;

	for (size_t i = 0; i < len; i++)
		if (s[i] == ':')
			colon = s + i;
	number = colon ? strtol(colon + 1, &end, 10) : 0;
	if (!colon || colon == s || (size_t)(colon - s) >= cap ||
	    end != s + len || number <= 0 || number > 65535)
		return err_set(err, "Invalid url in bootstrap.servers: %.*s",
			       (int)len, s);
	memcpy(host, s, (size_t)(colon - s));
	host[colon - s] = '\0';
	*port = (uint16_t)number;
	return true;
}

/* Walk the list; with a client, add each address to it. */
static bool walk_bootstrap(struct world *w, struct client *c, const char *list,
			   struct err *err)
{
	bool any = false;

	while (*list) {
		size_t len = strcspn(list, ",");
		char host[128];
		uint16_t port = 0;

		if (!parse_address(list, len, host, sizeof(host), &port, err))
			return false;
		any = true;
		if (c)
			*vec_add(&w->arena, &c->bootstrap) =
				(struct client_node){
				.host = world_name(w, host), .port = port,
			};
		list += len + (list[len] == ',');
	}
	return any || err_set(err, "No resolvable bootstrap urls given in "
			      "bootstrap.servers");
}

bool client_bootstrap_good(const char *bootstrap, struct err *err)
{
	return walk_bootstrap(NULL, NULL, bootstrap, err);
}

bool client_init(struct world *w, struct client *c, struct client_host *host,
		 enum client_kind kind, struct cluster *cluster,
		 const char *id, const char *bootstrap, struct err *err)
{
	if (!client_bootstrap_good(bootstrap, err))
		return false;
	walk_bootstrap(w, c, bootstrap, err);
	c->host = host;
	c->kind = kind;
	c->cluster = cluster;
	c->id = world_name(w, id);
	c->request_timeout = REQUEST_TIMEOUT;
	luck_init(&c->luck, w->state->seed,
		  world_text(w, host->process->name), id);
	*vec_add(&w->arena, &host->clients) = c;
	return true;
}

void client_close(struct world *w, struct client *c)
{
	struct client_host *h = c->host;

	world_cancel(w, &c->wake.timer);
	c->closed = true;
	vec_free(&w->arena, &c->in_flight);
	for (uint32_t i = 0; i < h->clients.count; i++)
		if (h->clients.at[i] == c) {
			vec_remove(&h->clients, i);
			break;
		}
}

void client_log(struct world *w, struct client *c, enum log_level level,
		const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_write(w, c->host->process, level, "[%s clientId=%s] %s",
		  kinds[c->kind].name, world_text(w, c->id), text);
}

/* ExponentialBackoff: base * 2^n, +-20 %, at most the maximum. */
static sim_time exponential(struct client *c, sim_time base, uint32_t attempts)
{
	sim_time wait = base;

	while (attempts-- > 0 && wait < RETRY_BACKOFF_MAX)
		wait *= 2;
	if (wait > RETRY_BACKOFF_MAX)
		wait = RETRY_BACKOFF_MAX;
	return luck_between(&c->luck, wait / 5 * 4, wait / 5 * 6);
}

sim_time client_backoff(struct client *c, uint32_t attempts)
{
	return exponential(c, RETRY_BACKOFF, attempts);
}

/* -- one timer for all that may be late ------------------------------------------ */

static void wake_at(struct world *w, struct client *c, sim_time at)
{
	world_wake(w, &c->wake, at, CLIENT_TIMER, c);
}

/* -- requests ------------------------------------------------------------------------ */

static void connect_failed(struct world *w, struct client *c,
			   struct client_node *n, int32_t node)
{
	struct text address = {0};

	net_address_text(w, c->host->process->machine, world_text(w, n->host),
			 &address);
	n->retry_at = world_now(w) + exponential(c, RECONNECT_BACKOFF,
						 n->attempts++);
	n->failed_at = world_now(w);
	client_log(w, c, LOG_WARN, "Connection to node %d (%s:%u) could not be "
		   "established. Node may not be available. "
		   "(org.apache.kafka.clients.NetworkClient)",
		   node >= 0 ? c->cluster->brokers.at[node]->node_id : -1,
		   text_cstr(&address), n->port);
	text_free(&address);
	client_refresh(w, c);		/* NetworkClient.processDisconnection */
}

static bool reach(struct world *w, struct client *c, struct client_node *n,
		  int32_t node, struct process **peer)
{
	if (!n->host || n->retry_at > world_now(w))
		return false;
	if (net_reach(w, c->host->process, world_text(w, n->host), n->port,
		      peer) == RESOLVED &&
	    !net_refuses(w, c->host->process, *peer))
		return true;
	connect_failed(w, c, n, node);
	return false;
}

static void post(struct world *w, struct client *c, struct process *peer,
		 struct request *r, const struct in_flight *f)
{
	struct in_flight *slot = vec_add(&w->arena, &c->in_flight);

	*slot = *f;
	slot->peer = peer;
	slot->correlation = r->correlation = ++c->cluster->next_correlation;
	slot->deadline = world_now(w) + c->request_timeout;
	wake_at(w, c, slot->deadline);
	net_send(w, c->host->process, peer, &r->head);
}

bool client_reachable(struct world *w, struct client *c, int32_t node)
{
	struct process *peer;

	return node >= 0 && reach(w, c, &c->nodes[node], node, &peer);
}

void client_hang_up(struct world *w, struct client *c, int32_t node)
{
	if (node >= 0 && c->nodes[node].host)
		net_forget(w, c->host->process->machine,
			   world_text(w, c->nodes[node].host));
}

bool client_send(struct world *w, struct client *c, int32_t node,
		 struct request *r, uint16_t tag, uint32_t about,
		 void *context)
{
	struct in_flight f = {
		.node = node, .tag = tag, .about = about, .context = context,
	};
	struct process *peer;

	if (node < 0 || !reach(w, c, &c->nodes[node], node, &peer)) {
		message_free(w, &r->head);
		return false;
	}
	r->port = c->nodes[node].port;
	post(w, c, peer, r, &f);
	return true;
}

uint32_t client_in_flight(const struct client *c, int32_t node)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->in_flight.count; i++)
		n += c->in_flight.at[i].node == node &&
		     c->in_flight.at[i].tag != TAG_METADATA;
	return n;
}

static void ask_metadata(struct world *w, struct client *c);

static void failed(struct world *w, struct client *c, struct in_flight f)
{
	if (f.tag == TAG_METADATA) {
		c->metadata_asked = false;
		c->metadata_wanted = true;
		c->metadata_retry_at = world_now(w) +
				       client_backoff(c, c->metadata_attempts++);
		wake_at(w, c, c->metadata_retry_at);
		return;
	}
	client_refresh(w, c);
	kinds[c->kind].failed(w, c, &f);
}

static void fail_all(struct world *w, struct client *c, struct process *peer,
		     bool refused)
{
	for (uint32_t i = 0; i < c->in_flight.count;) {
		struct in_flight f = c->in_flight.at[i];

		if (f.peer != peer) {
			i++;
			continue;
		}
		vec_remove(&c->in_flight, i);
		f.refused = refused;
		failed(w, c, f);
		i = 0;			/* the list may have changed */
	}
}

static struct client_node *node_of_peer(struct world *w, struct client *c,
					const struct process *peer,
					int32_t *node)
{
	for (uint32_t i = 0; i < c->in_flight.count; i++) {
		if (c->in_flight.at[i].peer != peer)
			continue;
		*node = c->in_flight.at[i].node;
		if (*node >= 0)
			return &c->nodes[*node];
		break;
	}
	*node = NO_BROKER;
	for (uint32_t i = 0; i < c->bootstrap.count; i++) {
		struct process *p = NULL;

		if (net_reach(w, c->host->process,
			      world_text(w, c->bootstrap.at[i].host),
			      c->bootstrap.at[i].port, &p) == RESOLVED &&
		    p == peer)
			return &c->bootstrap.at[i];
	}
	return NULL;
}

static void host_lost(struct world *w, void *who, uint16_t arg)
{
	struct lost *lost = who;
	struct client_host *h = lost->process->self;

	(void)arg;
	for (uint32_t i = 0; i < h->clients.count; i++) {
		struct client *c = h->clients.at[i];
		int32_t node;
		struct client_node *n = node_of_peer(w, c, lost->peer, &node);

		if (n && lost->refused)
			connect_failed(w, c, n, node);
		else if (n)
			n->retry_at = world_now(w) +
				      exponential(c, RECONNECT_BACKOFF, 0);
		client_refresh(w, c);
		fail_all(w, c, lost->peer, lost->refused);
	}
	if (h->lost)
		world_call(w, h->lost, lost, 0);
}

static sim_time check_timeouts(struct world *w, struct client *c)
{
	sim_time next = SIM_NEVER;

	for (uint32_t i = 0; i < c->in_flight.count; i++) {
		struct in_flight *f = &c->in_flight.at[i];

		if (f->deadline <= world_now(w)) {
			struct process *peer = f->peer;

			client_log(w, c, LOG_INFO, "Disconnecting from node %d "
				   "due to request timeout. "
				   "(org.apache.kafka.clients.NetworkClient)",
				   f->node >= 0 ? c->cluster->brokers.at[f->node]
				   ->node_id : -1);
			if (f->node >= 0)
				c->nodes[f->node].failed_at = world_now(w);
			net_close(w, c->host->process, peer);
			fail_all(w, c, peer, false);
			return world_now(w);	/* look again */
		}
		if (f->deadline < next)
			next = f->deadline;
	}
	return next;
}

static void client_timer(struct world *w, void *who, uint16_t arg)
{
	struct client *c = who;
	sim_time next;

	(void)arg;
	if (!process_runs(c->host->process)) {
		if (c->host->process->state == PROCESS_HUNG)
			wake_at(w, c, process_look_at(c->host->process,
						      world_now(w), SIM_S(1)));
		return;
	}
	next = check_timeouts(w, c);
	if (next != SIM_NEVER)
		wake_at(w, c, next);
	if (!c->metadata_wanted && c->topics.count &&
	    world_now(w) - c->metadata_at >= METADATA_MAX_AGE)
		c->metadata_wanted = true;
	if (c->metadata_wanted)
		ask_metadata(w, c);
	else if (c->topics.count)
		wake_at(w, c, c->metadata_at + METADATA_MAX_AGE);
}

/* -- metadata --------------------------------------------------------------------------- */

static struct metadata_request *metadata_request(struct world *w,
						 struct client *c,
						 uint16_t port)
{
	struct metadata_request *m =
		message_new(w, sizeof(*m) + c->topics.count *
			    sizeof(*m->topics), MESSAGE_METADATA);

	m->count = c->topics.count;
	m->auto_create = c->auto_create;
	for (uint32_t i = 0; i < m->count; i++)
		m->topics[i] = c->topics.at[i];
	m->req.head.bytes = 60 + 20 * m->count;
	m->req.port = port;
	return m;
}

/* Of the nodes that may be tried now, the next in turn that is well; if none
 * is, the one whose failure is the longest ago (NetworkClient.leastLoadedNode
 * prefers connected nodes, then the oldest attempt to connect). */
static int32_t node_to_ask(const struct world *w, const struct client *c)
{
	int32_t best = NO_BROKER;

	for (uint32_t i = 0; i < c->node_count; i++) {
		int32_t node = (int32_t)((c->bootstrap_next + i) %
					 c->node_count);
		const struct client_node *n = &c->nodes[node];

		if (n->alive && n->host && n->retry_at <= world_now(w) &&
		    (best == NO_BROKER ||
		     n->failed_at < c->nodes[best].failed_at))
			best = node;
	}
	return best;
}

/* Any living node will do; before the first answer, a bootstrap address. */
static void ask_metadata(struct world *w, struct client *c)
{
	struct in_flight f = { .node = NO_BROKER, .tag = TAG_METADATA };
	struct process *peer = NULL;
	uint16_t port = 0;
	int32_t node;

	if (c->metadata_asked)
		return;
	if (c->metadata_retry_at > world_now(w)) {
		wake_at(w, c, c->metadata_retry_at);
		return;
	}
	while (!peer && (node = node_to_ask(w, c)) != NO_BROKER) {
		if (!reach(w, c, &c->nodes[node], node, &peer))
			continue;	/* it may not be tried again now */
		f.node = node;
		port = c->nodes[node].port;
	}
	for (uint32_t i = 0; i < c->bootstrap.count && !peer; i++) {
		struct client_node *n = &c->bootstrap.at[
			(c->bootstrap_next + i) % c->bootstrap.count];

		if (reach(w, c, n, NO_BROKER, &peer))
			port = n->port;
	}
	c->bootstrap_next++;
	if (!peer) {
		c->metadata_retry_at = world_now(w) +
				       client_backoff(c, c->metadata_attempts++);
		wake_at(w, c, c->metadata_retry_at);
		return;
	}
	c->metadata_asked = true;
	c->metadata_wanted = false;
	post(w, c, peer, &metadata_request(w, c, port)->req, &f);
}

void client_refresh(struct world *w, struct client *c)
{
	if (c->closed)
		return;
	c->metadata_wanted = true;
	if (!c->metadata_asked)
		wake_at(w, c, c->metadata_retry_at);
}

void client_want_topic(struct world *w, struct client *c, name_id topic)
{
	for (uint32_t i = 0; i < c->topics.count; i++)
		if (c->topics.at[i] == topic)
			return;
	*vec_add(&w->arena, &c->topics) = topic;
	client_refresh(w, c);
}

/* "Error while fetching metadata with correlation id 1 : {t=ERROR}" */
static void complain(struct world *w, struct client *c,
		     const struct metadata_topic *t)
{
	client_log(w, c, LOG_WARN, "Error while fetching metadata with "
		   "correlation id %u : {%s=%s} "
		   "(org.apache.kafka.clients.NetworkClient)",
		   c->metadata_attempts, world_text(w, t->name),
		   kafka_error_name(t->error));
}

static void note_partitions(struct world *w, struct client *c,
			    const struct metadata_reply *m)
{
	for (uint32_t i = 0; i < m->part_count; i++) {
		const struct metadata_part *p = &m->parts[i];
		struct client_partition *mine;

		while (c->partitions.count <= p->partition)
			vec_add(&w->arena, &c->partitions)->leader = NO_BROKER;
		mine = &c->partitions.at[p->partition];
		mine->known = true;
		/* Older news than what we have is not news (KIP-320). */
		if (p->leader_epoch < mine->leader_epoch)
			continue;
		mine->leader = p->leader;
		mine->leader_epoch = p->leader_epoch;
		if (p->leader == NO_BROKER)
			c->metadata_wanted = true;
	}
}

static void take_metadata(struct world *w, struct client *c,
			  const struct metadata_reply *m)
{
	bool good = true;

	c->metadata_asked = false;
	c->metadata_at = world_now(w);
	c->node_count = c->cluster->brokers.count;
	for (uint32_t i = 0; i < c->node_count; i++) {
		c->nodes[i].alive = m->brokers & broker_bit((int32_t)i);
		if (!c->nodes[i].alive)
			continue;
		c->nodes[i].host = m->host[i];
		c->nodes[i].port = m->port[i];
	}
	note_partitions(w, c, m);
	for (uint32_t i = 0; i < m->topic_count; i++)
		if (m->topics[i].error != KAFKA_NONE) {
			complain(w, c, &m->topics[i]);
			good = false;
		}
	if (!good || c->metadata_wanted) {
		c->metadata_wanted = true;
		c->metadata_retry_at = world_now(w) +
				       client_backoff(c, c->metadata_attempts++);
		wake_at(w, c, c->metadata_retry_at);
	} else {
		c->metadata_attempts = 0;
		c->metadata_retry_at = world_now(w) + RETRY_BACKOFF;
		wake_at(w, c, world_now(w) + METADATA_MAX_AGE);
	}
	kinds[c->kind].metadata(w, c);
}

struct partition *client_partition_at(const struct client *c, name_id topic,
				      uint32_t index)
{
	struct topic *t = map_get(&c->cluster->topics_by_name, topic);

	return t && index < t->partitions.count ? t->partitions.at[index] :
	       NULL;
}

uint32_t client_partition_count(const struct client *c, name_id topic)
{
	struct topic *t = map_get(&c->cluster->topics_by_name, topic);
	uint32_t n = 0;

	while (t && n < t->partitions.count &&
	       t->partitions.at[n]->id < c->partitions.count &&
	       c->partitions.at[t->partitions.at[n]->id].known)
		n++;
	return n;
}

int32_t client_leader(const struct client *c, uint32_t partition)
{
	return partition < c->partitions.count &&
	       c->partitions.at[partition].known ?
	       c->partitions.at[partition].leader : NO_BROKER;
}
