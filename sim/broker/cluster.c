/* cluster.c - topics, partitions and the metadata log that all brokers follow */
#include "sim/broker/cluster.h"

#include <assert.h>

#include "sim/broker/records.h"

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

/* A 128-bit id in URL-safe base64 without padding, as Uuid.toString. */
static void make_uuid(struct world *w, const struct topic *t, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	struct luck luck;
	uint64_t bits = 0;

	luck_init(&luck, w->state->seed + t->id, world_text(w, t->name), "uuid");
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
	t->internal = !strcmp(name, "__consumer_offsets");
	t->config = world_take(w, struct topic_config);
	make_uuid(w, t, t->uuid);
	*vec_add(&w->arena, &c->topics) = t;
	map_put(&c->topics_by_name, &w->arena, t->name, t);
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
