/* consumer_assign.c - the member that leads divides; each takes its share */
#include "sim/broker/consumer_group.h"

#include <string.h>

#define CLASS	"ConsumerCoordinator"

/* -- dividing ------------------------------------------------------------------- */

/* The answer to the leader's join, as the assignor wants it. */
struct division {
	struct assign_problem problem;
	struct assign_topic *topics;
	name_id *names;			/* of the topics */
	uint32_t topic_count;
	struct assign_member *members;
	name_id *ids;			/* of the members */
	uint32_t member_count;
	uint32_t *numbers;		/* topics and slots of all members */
	uint32_t lines;
};

static uint32_t topic_index(const struct division *d, name_id topic)
{
	uint32_t i = 0;

	while (i < d->topic_count && d->names[i] != topic)
		i++;
	return i;
}

static void find_topics(struct world *w, struct consumer *c,
			struct division *d, const struct group_answer *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		name_id topic = a->items[i].topic;

		if (!topic || topic_index(d, topic) < d->topic_count)
			continue;
		d->names[d->topic_count] = topic;
		d->topics[d->topic_count++] = (struct assign_topic){
			world_text(w, topic),
			client_partition_count(&c->client, topic),
		};
		/* of others' topics, too: updateGroupSubscription */
		client_want_topic(w, &c->client, topic);
	}
}

static uint32_t slot_of(const struct world *w, const struct consumer *c,
			const struct division *d, uint32_t partition)
{
	const struct partition *p = c->client.cluster->partitions.at[partition];
	uint32_t slot = 0;

	(void)w;
	for (uint32_t t = 0; t < d->topic_count; t++) {
		if (d->names[t] == p->topic->name)
			return p->index < d->topics[t].partitions ?
			       slot + p->index : UINT32_MAX;
		slot += d->topics[t].partitions;
	}
	return UINT32_MAX;
}

static void begin_member(const struct world *w, struct division *d,
			 const struct group_item *line, uint32_t *numbers)
{
	d->ids[d->member_count] = line->member;
	d->members[d->member_count++] = (struct assign_member){
		.id = world_text(w, line->member),
		.instance = line->instance ?
			    world_text(w, line->instance) : NULL,
		.topics = numbers, .owned = numbers,
		.generation = line->generation,
	};
}

/* The lines of a member stand together, subscriptions first. */
static void find_members(const struct world *w, const struct consumer *c,
			 struct division *d, const struct group_answer *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const struct group_item *line = &a->items[i];
		struct assign_member *m;
		uint32_t slot;

		if (!d->member_count ||
		    d->ids[d->member_count - 1] != line->member)
			begin_member(w, d, line, &d->numbers[i]);
		m = &d->members[d->member_count - 1];
		if (line->topic) {
			d->numbers[i] = topic_index(d, line->topic);
			m->topic_count++;
			m->owned = &d->numbers[i + 1];
			continue;
		}
		slot = slot_of(w, c, d, line->partition);
		d->numbers[i] = slot;
		m->owned_count++;
	}
}

static uint32_t partition_of_slot(const struct consumer *c,
				  const struct division *d, uint32_t slot)
{
	uint32_t t = 0;

	for (; slot >= d->topics[t].partitions; t++)
		slot -= d->topics[t].partitions;
	return client_partition_at(&c->client, d->names[t], slot)->id;
}

static struct group_request *shares(struct world *w, struct consumer *c,
				    const struct division *d, int32_t *owner,
				    uint32_t slots)
{
	struct group_request *m = consumer_group_request(w, c, GROUP_SYNC,
							 slots);

	for (uint32_t i = 0; i < slots; i++)
		if (owner[i] >= 0)
			m->items[m->count++] = (struct group_item){
				.member = d->ids[owner[i]],
				.partition = partition_of_slot(c, d, i),
			};
	return m;
}

uint32_t consumer_partitions_of_topics(const struct consumer *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->client.topics.count; i++)
		n += client_partition_count(&c->client,
					    c->client.topics.at[i]);
	return n;
}

struct group_request *consumer_divide(struct world *w, struct consumer *c,
				      const struct group_answer *a)
{
	uint32_t n = a->count + 1, slots;
	size_t each = sizeof(struct assign_topic) + 2 * sizeof(name_id) +
		      sizeof(struct assign_member) + sizeof(uint32_t);
	char *block = arena_take(&w->arena, n * each);
	struct division d = { .members = (struct assign_member *)(void *)block };
	struct group_request *m;
	int32_t *owner;

	d.topics = (struct assign_topic *)(void *)(d.members + n);
	d.names = (name_id *)(void *)(d.topics + n);
	d.ids = d.names + n;
	d.numbers = (uint32_t *)(void *)(d.ids + n);
	find_topics(w, c, &d, a);
	find_members(w, c, &d, a);
	d.problem = (struct assign_problem){ d.topics, d.topic_count,
					     d.members, d.member_count };
	slots = assign_slots(&d.problem);
	owner = arena_take(&w->arena, (slots + 1) * sizeof(*owner));
	assign(&w->arena, c->protocol, &d.problem, owner);
	m = shares(w, c, &d, owner, slots);
	c->partitions_seen = consumer_partitions_of_topics(c);
	arena_free(&w->arena, owner, (slots + 1) * sizeof(*owner));
	arena_free(&w->arena, block, n * each);
	return m;
}

/* -- a member's own share ---------------------------------------------------------- */

static void list_positions(const struct world *w, const struct consumer *c,
			   struct text *t)
{
	for (uint32_t i = 0; i < c->positions.count; i++) {
		text_add(t, i ? ", " : "");
		consumer_partition_text(w, c, c->positions.at[i].partition, t);
	}
}

void consumer_give_up(struct world *w, struct consumer *c, bool lost)
{
	struct text list = {0};

	if (!c->positions.count || (c->cooperative && !lost))
		return;
	list_positions(w, c, &list);
	if (lost)
		consumer_log(w, c, LOG_INFO, CLASS, "Giving away all assigned "
			     "partitions as lost since generation/memberID has "
			     "been reset,indicating that consumer is in old "
			     "state or no longer part of the group");
	consumer_log(w, c, LOG_INFO, "ConsumerRebalanceListenerInvoker",
		     lost ? "Lost previously assigned partitions %s" :
		     "Revoke previously assigned partitions %s",
		     text_cstr(&list));
	text_free(&list);
	consumer_revoke(w, c);
}

static bool assigned(const struct consumer *c, uint32_t partition)
{
	for (uint32_t i = 0; i < c->previous.count; i++)
		if (c->previous.at[i] == partition)
			return true;
	return false;
}

/* Cooperative: what it had and is not given again. */
static bool give_up_moved(struct world *w, struct consumer *c)
{
	struct text list = {0};

	for (uint32_t i = 0; i < c->positions.count;) {
		uint32_t partition = c->positions.at[i].partition;

		if (assigned(c, partition)) {
			i++;
			continue;
		}
		text_add(&list, list.len ? ", " : "");
		consumer_partition_text(w, c, partition, &list);
		consumer_revoke_one(w, c, partition);
	}
	if (!list.len)
		return false;
	consumer_log(w, c, LOG_INFO, "ConsumerRebalanceListenerInvoker",
		     "Revoke previously assigned partitions %s", list.at);
	text_free(&list);
	return true;
}

static void take_new(struct world *w, struct consumer *c)
{
	struct text list = {0};

	for (uint32_t i = 0; i < c->previous.count; i++) {
		uint32_t partition = c->previous.at[i];

		if (consumer_position_of(c, partition))
			continue;
		text_add(&list, list.len ? ", " : "");
		consumer_partition_text(w, c, partition, &list);
		*vec_add(&w->arena, &c->positions) = (struct consumer_position){
			.partition = partition, .offset = -1, .owed = true,
			.session_node = -1, .asked_at = NOT_ASKED,
		};
	}
	consumer_log(w, c, LOG_INFO, "ConsumerRebalanceListenerInvoker",
		     "Adding newly assigned partitions: %s", text_cstr(&list));
	text_free(&list);
}

void consumer_hear_assignment(struct world *w, struct consumer *c,
			      const struct group_answer *a)
{
	c->previous.count = 0;
	c->previous_generation = c->generation;
	for (uint32_t i = 0; i < a->count; i++)
		*vec_add(&w->arena, &c->previous) = a->items[i].partition;
}

bool consumer_take_assignment(struct world *w, struct consumer *c)
{
	bool moved = c->cooperative && give_up_moved(w, c);

	take_new(w, c);
	consumer_ask_committed(w, c);
	return moved;
}
