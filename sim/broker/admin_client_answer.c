/* admin_client_answer.c - what an AdminClient learns, or fails to
 *
 * The events of a call under way: an answer, a connection that broke, no
 * answer in time.  Each says what is known now and lets the call go on.
 */
#include "sim/broker/admin_client_inside.h"

#include <string.h>

/* -- the answers -------------------------------------------------------- */

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
	admin_call_advance(w, c);
}

static void coordinator_is(struct world *w, struct admin_client *c,
			   const struct text_message *m)
{
	const char *at = strchr(m->text, ':');

	c->coordinator = 0;
	for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
		c->coordinator = 10 * c->coordinator + (*at - '0');
	admin_call_advance(w, c);
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
	c->asked = admin_call_route(c) != ADMIN_LEADERS &&
		   admin_call_route(c) != ADMIN_ALL;
	admin_call_advance(w, c);
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
		admin_call_retry(w, c);
		return;
	}
	message_of(m->text, &message);
	admin_call_finish_kafka(w, c, m->error, text_cstr(&message));
	text_free(&message);
}

static void take_answer(struct world *w, struct admin_client *c,
			struct request *m)
{
	struct text_message *text = (struct text_message *)m;

	c->nodes.at[c->node].failures = 0;
	admin_call_request_over(w, c);
	if (m->head.kind == MESSAGE_METADATA_IS)
		metadata_is(w, c, (struct metadata_reply *)m);
	else if (text->error != KAFKA_NONE)
		refused_by(w, c, text);
	else if (c->step == STEP_COORDINATOR)
		coordinator_is(w, c, text);
	else
		answered(w, c, text);
}

/* -- the events --------------------------------------------------------- */

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
		admin_client_warn_refused(w, c, &c->nodes.at[c->node]);
		admin_call_not_connected(w, c);
	} else {
		admin_call_node_failed(w, c);
		admin_call_retry(w, c);
	}
}

void admin_client_again(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	admin_call_advance(w, who);
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
		admin_call_node_failed(w, c);
		admin_call_retry(w, c);
	} else {
		admin_client_warn_refused(w, c, &c->nodes.at[c->node]);
		admin_call_not_connected(w, c);
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
		admin_call_finish_kafka(w, c, error, kafka_error_text(error));
	else if (c->tries)
		admin_call_timed_out_trying(w, c);
	else
		admin_call_timed_out_unassigned(w, c);
}
