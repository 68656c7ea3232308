/* cluster.c - topics, partitions and the metadata log that all brokers follow */
#include "sim/broker/cluster.h"

#include <assert.h>

#include "sim/broker/records.h"
#include "sim/broker/txn_protocol.h"

struct cluster *cluster_new(struct world *w, const char *id)
{
	struct cluster *c = world_take(w, struct cluster);

	assert(!w->state->parts[MODULE_BROKER]);
	c->id = world_name(w, id);
	c->payload = history_open(&w->history, PAYLOAD_CHUNK);
	w->state->parts[MODULE_BROKER] = c;
	return c;
}

struct cluster *cluster_of(const struct world *w)
{
	return w->state->parts[MODULE_BROKER];
}

struct topic *cluster_topic(const struct world *w, const struct cluster *c,
			    const char *name)
{
	name_id id = names_find(&w->state->names, name);

	return id ? map_get(&c->topics_by_name, id) : NULL;
}

struct partition *cluster_partition(const struct world *w,
				    const struct cluster *c,
				    const char *topic, uint32_t index)
{
	struct topic *t = cluster_topic(w, c, topic);

	return t && index < t->partitions.count ? t->partitions.at[index] :
	       NULL;
}

/* URL-safe base64 without padding. */
void cluster_uuid(struct world *w, uint64_t salt, const char *what, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	struct luck luck;
	uint64_t bits = 0;

	luck_init(&luck, w->state->seed + salt, what, "uuid");
	for (int i = 0; i < 22; i++) {
		if (i % 10 == 0)
			bits = luck_draw(&luck);
		out[i] = digits[bits & 63];
		bits >>= 6;
	}
	out[21] = digits[(bits & 3) << 4];	/* 128 = 21 * 6 + 2 bits */
	out[22] = '\0';
}

struct partition *topic_add_partition(struct world *w, struct cluster *c,
				      struct topic *t)
{
	struct partition *p = world_take(w, struct partition);

	p->topic = t;
	p->index = t->partitions.count;
	p->id = c->partitions.count;
	p->state.leader = NO_BROKER;
	p->state.leader_epoch = -1;
	*vec_add(&w->arena, &t->partitions) = p;
	*vec_add(&w->arena, &c->partitions) = p;
	return p;
}

struct topic *topic_new(struct world *w, struct cluster *c, const char *name,
			uint32_t partitions)
{
	struct topic *t = world_take(w, struct topic);

	t->name = world_name(w, name);
	t->id = c->topics.count;
	t->holds_txns = !strcmp(name, TXN_STATE_TOPIC);
	t->internal = t->holds_txns || !strcmp(name, "__consumer_offsets");
	t->config = world_take(w, struct topic_config);
	cluster_uuid(w, t->id, world_text(w, t->name), t->uuid);
	*vec_add(&w->arena, &c->topics) = t;
	for (uint32_t i = 0; i < partitions; i++)
		topic_add_partition(w, c, t);
	return t;
}

const struct partition_state *view_partition(const struct metadata_view *v,
					     uint32_t partition)
{
	static const struct partition_state unknown = {
		.leader = NO_BROKER, .leader_epoch = -1,
	};

	return partition < v->partitions.count &&
	       v->partitions.at[partition].replica_count ?
	       &v->partitions.at[partition] : &unknown;
}

bool view_knows_topic(const struct metadata_view *v, uint32_t topic)
{
	return topic < v->configs.count && v->configs.at[topic];
}

/* -- applying the log --------------------------------------------------------- */

const struct metadata_record *view_next(const struct cluster *c,
					struct metadata_view *v,
					const struct metadata_log *l,
					int64_t end)
{
	while (v->applied < end) {
		const struct metadata_entry *e =
			&l->entries.at[metadata_log_find(l, v->applied)];
		int64_t behind = e->offset + e->count;

		v->applied = behind < end ? behind : end;
		v->applied_at = e->at;
		if (e->record >= 0)
			return &c->records.at[e->record];
	}
	return NULL;
}

void view_reset(struct world *w, struct metadata_view *v)
{
	vec_free(&w->arena, &v->partitions);
	vec_free(&w->arena, &v->configs);
	*v = (struct metadata_view){0};
}

static void apply_config(struct world *w, struct metadata_view *v,
			 uint32_t topic, struct topic_config *config)
{
	while (v->configs.count <= topic)
		*vec_add(&w->arena, &v->configs) = NULL;
	v->configs.at[topic] = config;
}

static void apply_topic_gone(struct world *w, struct metadata_view *v,
			     uint32_t id)
{
	const struct topic *t = cluster_of(w)->topics.at[id];

	for (uint32_t i = 0; i < t->partitions.count; i++) {
		uint32_t p = t->partitions.at[i]->id;

		if (p < v->partitions.count)
			v->partitions.at[p] = (struct partition_state){
				.leader = NO_BROKER,
			};
	}
	if (id < v->configs.count)
		v->configs.at[id] = NULL;
}

void view_apply(struct world *w, struct metadata_view *v,
		const struct metadata_record *r, int64_t offset)
{
	switch (r->kind) {
	case METADATA_TOPIC:
	case METADATA_CONFIG:
		apply_config(w, v, r->topic, r->config);
		break;
	case METADATA_TOPIC_GONE:
		apply_topic_gone(w, v, r->topic);
		break;
	case METADATA_PARTITION:
		while (v->partitions.count <= r->partition)
			vec_add(&w->arena, &v->partitions)->leader = NO_BROKER;
		v->partitions.at[r->partition] = r->state;
		break;
	case METADATA_BROKER:
		v->brokers = r->brokers;
		v->shutting_down = r->shutting_down;
		break;
	case METADATA_REGISTRATION:
		v->incarnations[r->broker] = r->incarnation;
		v->registered_at[r->broker] = offset;
		v->brokers &= ~broker_bit(r->broker);
		v->shutting_down &= ~broker_bit(r->broker);
		break;
	case METADATA_PRODUCER_IDS:
		v->next_producer_id = r->next_producer_id;
		break;
	case METADATA_BROKER_CONFIG:
		if (r->broker == NO_BROKER)
			v->broker_default = r->broker_config;
		else
			v->broker_configs[r->broker] = r->broker_config;
		break;
	}
}

/* -- levels of settings ---------------------------------------------------------- */

static bool is_set(const struct broker_config *c, enum broker_key key)
{
	return c && c->set >> key & 1;
}

int64_t view_broker_setting(const struct metadata_view *v, int32_t broker,
			    const struct broker_config *file,
			    enum broker_key key)
{
	if (broker != NO_BROKER && is_set(v->broker_configs[broker], key))
		return v->broker_configs[broker]->value[key];
	if (is_set(v->broker_default, key))
		return v->broker_default->value[key];
	return broker_config(file, key);
}

int64_t view_topic_setting(const struct metadata_view *v, uint32_t topic,
			   int32_t broker, const struct broker_config *file,
			   enum topic_key key)
{
	const struct config_key *k = &topic_keys[key];

	if (view_knows_topic(v, topic) &&
	    v->configs.at[topic]->set >> key & 1)
		return v->configs.at[topic]->value[key];
	return k->server < 0 ? k->otherwise :
	       view_broker_setting(v, broker, file,
				   (enum broker_key)k->server);
}

/* -- the truth ------------------------------------------------------------------ */

/* What readers outside look at without a view in their hands. */
static void show(struct world *w, struct cluster *c,
		 const struct metadata_record *r)
{
	struct topic *t = c->topics.count ? c->topics.at[r->topic] : NULL;

	switch (r->kind) {
	case METADATA_TOPIC:
		map_put(&c->topics_by_name, &w->arena, t->name, t);
		t->deleted = false;
		t->config = r->config;
		break;
	case METADATA_CONFIG:
		t->config = r->config;
		break;
	case METADATA_TOPIC_GONE:
		t->deleted = true;
		map_remove(&c->topics_by_name, t->name);
		break;
	case METADATA_PARTITION:
		c->partitions.at[r->partition]->state = r->state;
		break;
	default:
		break;
	}
}

/* The leader never had what was committed. */
static void forget(struct world *w, struct cluster *c)
{
	c->histories_lost++;
	metadata_log_free(w, &c->truth_log);
	view_reset(w, &c->truth);
	for (uint32_t i = 0; i < c->partitions.count; i++)
		c->partitions.at[i]->state = (struct partition_state){
			.leader = NO_BROKER, .leader_epoch = -1,
		};
	for (uint32_t i = 0; i < c->topics.count; i++) {
		struct topic *t = c->topics.at[i];

		if (!t->deleted && map_get(&c->topics_by_name, t->name) == t)
			map_remove(&c->topics_by_name, t->name);
		t->deleted = true;
	}
}

void cluster_led(struct world *w, struct cluster *c,
		 const struct metadata_log *l)
{
	if (!metadata_log_agree(&c->truth_log, l, c->truth_log.end))
		forget(w, c);
}

void cluster_committed(struct world *w, struct cluster *c,
		       const struct metadata_log *l, int64_t end)
{
	struct metadata_log *truth = &c->truth_log;
	const struct metadata_record *next;

	while (truth->end < end) {
		const struct metadata_entry *e =
			&l->entries.at[metadata_log_find(l, truth->end)];
		int64_t left = e->offset + e->count - truth->end;

		if (left > end - truth->end)
			left = end - truth->end;
		metadata_log_add(w, truth, e->epoch, e->record,
				 (uint32_t)left, e->at);
	}
	while ((next = view_next(c, &c->truth, truth, end))) {
		c->records.at[next - c->records.at].committed = true;
		view_apply(w, &c->truth, next, c->truth.applied - 1);
		show(w, c, next);
	}
}
