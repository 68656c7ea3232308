/* metadata.c - what a broker tells clients of brokers, topics and leaders */
#include "sim/broker/metadata.h"

#include "sim/broker/broker.h"

static struct topic *viewed_topic(const struct broker *b, name_id name)
{
	struct topic *t = map_get(&b->cluster->topics_by_name, name);

	return t && view_knows_topic(&b->view, t->id) ? t : NULL;
}

/* Only what this broker has replayed of the topic's partitions. */
static uint32_t viewed_partitions(const struct broker *b, const struct topic *t)
{
	uint32_t n = 0;

	while (n < t->partitions.count &&
	       view_partition(&b->view, t->partitions.at[n]->id)->replica_count)
		n++;
	return n;
}

static void auto_create(struct world *w, struct broker *b, name_id topic)
{
	struct text args = {0};

	args_add(&args, "api", "create-topic");
	args_add(&args, "name", world_text(w, topic));
	channel_wish(w, b, text_cstr(&args));
	text_free(&args);
}

static void describe_topic(struct world *w, struct broker *b,
			   const struct metadata_request *m, name_id name,
			   struct metadata_reply *reply)
{
	struct metadata_topic *out = &reply->topics[reply->topic_count++];
	struct topic *t = viewed_topic(b, name);

	out->name = name;
	if (!t) {
		out->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
		if (m->auto_create && broker_setting(b, BROKER_AUTO_CREATE))
			auto_create(w, b, name);
		return;
	}
	out->topic = t->id;
	for (uint32_t i = 0; i < viewed_partitions(b, t); i++) {
		uint32_t id = t->partitions.at[i]->id;
		const struct partition_state *s = view_partition(&b->view, id);

		reply->parts[reply->part_count++] = (struct metadata_part){
			id, t->id, s->leader, s->leader_epoch,
		};
	}
}

void metadata_answer(struct world *w, struct broker *b,
		     const struct metadata_request *m)
{
	size_t head = (sizeof(struct metadata_reply) + 15) / 16 * 16;
	struct metadata_reply *reply;
	uint32_t parts = 0;

	for (uint32_t i = 0; i < m->count; i++) {
		struct topic *t = viewed_topic(b, m->topics[i]);

		parts += t ? viewed_partitions(b, t) : 0;
	}
	reply = message_new(w, head + m->count * sizeof(*reply->topics) +
			    parts * sizeof(*reply->parts), MESSAGE_METADATA_IS);
	reply->req.correlation = m->req.correlation;
	reply->topics = (struct metadata_topic *)((char *)reply + head);
	reply->parts = (struct metadata_part *)(reply->topics + m->count);
	reply->brokers = b->view.brokers;
	for (uint32_t i = 0; i < b->cluster->brokers.count; i++) {
		const struct listener *l =
			broker_advertised(b->cluster->brokers.at[i], b,
					  m->req.port);

		reply->host[i] = l ? l->advertised_host : 0;
		reply->port[i] = l ? l->advertised_port : 0;
	}
	for (uint32_t i = 0; i < m->count; i++)
		describe_topic(w, b, m, m->topics[i], reply);
	reply->req.head.bytes = 100 + 30 * m->count + 40 * parts;
	net_send(w, b->process, m->req.head.from, &reply->req.head);
}
