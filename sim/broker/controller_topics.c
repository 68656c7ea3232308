/* controller_topics.c - topics, and where their replicas are placed */
#include "sim/broker/controller_inside.h"

#include <string.h>

/* -- topics ------------------------------------------------------------------- */

/*
 * StripedReplicaPlacer: racks take turns, and within a rack its brokers; each
 * partition begins one rack further.  Brokers are ordered by node id; where
 * the real placer starts at a random place, so do we, drawn from the seed.
 */
struct placer {
	name_id racks[64];
	uint32_t rack_count;
	int8_t members[64][64];		/* unfenced ones first */
	uint32_t member_count[64];
	uint32_t unfenced[64];		/* of the members */
	uint32_t start[64];		/* next broker of the rack */
	uint32_t rack_start;
};

static void placer_add(const struct controller *c, struct placer *p, bool fenced)
{
	for (uint32_t i = 0; i < c->cluster->brokers.count; i++) {
		name_id rack = c->cluster->brokers.at[i]->rack;
		uint32_t k = 0;

		if (!controller_registered(c, (int32_t)i) ||
		    controller_fenced(c, (int32_t)i) != fenced)
			continue;
		while (k < p->rack_count && p->racks[k] != rack)
			k++;
		if (k == p->rack_count)
			p->racks[p->rack_count++] = rack;
		p->members[k][p->member_count[k]++] = (int8_t)i;
		p->unfenced[k] += !fenced;
	}
}

static void placer_init(struct world *w, const struct controller *c,
			struct placer *p)
{
	struct luck luck;

	memset(p, 0, sizeof(*p));
	luck_init(&luck, w->state->seed, "controller", "placement");
	luck.n = c->cluster->topics.count * 16u;
	placer_add(c, p, false);
	placer_add(c, p, true);
	for (uint32_t k = 0; k < p->rack_count; k++)
		if (p->unfenced[k])
			p->start[k] = (uint32_t)luck_below(&luck,
							   p->unfenced[k]);
	if (p->rack_count)
		p->rack_start = (uint32_t)luck_below(&luck, p->rack_count);
}

static void place(struct placer *p, uint32_t replicas, int8_t *out)
{
	uint32_t used[64] = {0}, got = 0;

	/* The first replica must be one that can lead. */
	while (!p->unfenced[p->rack_start])
		p->rack_start = (p->rack_start + 1) % p->rack_count;

	for (uint32_t k = p->rack_start; got < replicas;
	     k = (k + 1) % p->rack_count) {
		uint32_t member;

		if (used[k] == p->member_count[k])
			continue;
		member = used[k] < p->unfenced[k] ?
			 (p->start[k] + used[k]) % p->unfenced[k] : used[k];
		used[k]++;
		out[got++] = p->members[k][member];
	}
	for (uint32_t k = 0; k < p->rack_count; k++)
		if (used[k])
			p->start[k]++;
	p->rack_start = (p->rack_start + 1) % p->rack_count;
}

static void set_partition(struct world *w, struct controller *c,
			  struct partition *p, const int8_t *replicas,
			  uint32_t count)
{
	struct partition_state *s;

	while (c->view.partitions.count <= p->id)
		vec_add(&w->arena, &c->view.partitions)->leader = NO_BROKER;
	s = controller_state(c, p);
	*s = (struct partition_state){
		.leader = NO_BROKER, .leader_epoch = -1,
		.partition_epoch = -1, .replica_count = count,
	};
	memcpy(s->replicas, replicas, count);
	for (uint32_t i = 0; i < count; i++)
		if (controller_acceptable(c, replicas[i]))
			s->isr |= broker_bit(replicas[i]);
	controller_pick_leader(w, c, p, false);
	if (!s->isr)
		s->isr = broker_bit(replicas[0]);
	controller_write_partition(w, c, p);
}

static enum kafka_error check_counts(const struct controller *c,
				     int32_t partitions, int32_t replication,
				     struct err *err)
{
	int registered = 0;

	for (uint32_t i = 0; i < c->cluster->brokers.count; i++)
		registered += controller_registered(c, (int32_t)i);
	if (partitions <= 0) {
		err_set(err, "Number of partitions was set to an invalid "
			"non-positive value.");
		return KAFKA_INVALID_PARTITIONS;
	}
	if (replication <= 0) {
		err_set(err, "Replication factor must be larger than 0, or -1 "
			"to use the default value.");
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	if (!c->view.brokers) {
		err_set(err, "All brokers are currently fenced.");
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	if (replication > registered || replication > REPLICAS_MAX) {
		err_set(err, "Unable to replicate the partition %d time(s): "
			"The target replication factor of %d cannot be reached "
			"because only %d broker(s) are registered.",
			replication, replication, registered);
		return KAFKA_INVALID_REPLICATION_FACTOR;
	}
	return KAFKA_NONE;
}

/* -- what the view says -------------------------------------------------------- */

/* Of several of that name, which others have begun to make, the one that is. */
struct topic *controller_topic(const struct world *w,
			       const struct controller *c, const char *name)
{
	name_id id = names_find(&w->state->names, name);

	for (uint32_t i = 0; id && i < c->view.configs.count; i++)
		if (c->view.configs.at[i] &&
		    c->cluster->topics.at[i]->name == id)
			return c->cluster->topics.at[i];
	return NULL;
}

uint32_t controller_partitions(const struct controller *c,
			       const struct topic *t)
{
	uint32_t n = 0;

	while (n < t->partitions.count &&
	       controller_holds(c, t->partitions.at[n]))
		n++;
	return n;
}

struct partition *controller_partition(const struct world *w,
				       const struct controller *c,
				       const char *topic, uint32_t index)
{
	struct topic *t = controller_topic(w, c, topic);

	return t && index < controller_partitions(c, t) ?
	       t->partitions.at[index] : NULL;
}

/* -- changes ------------------------------------------------------------------- */

static void write_config(struct world *w, struct controller *c,
			 enum metadata_kind kind, const struct topic *t,
			 const struct topic_config *config)
{
	struct metadata_record r = { .kind = kind, .topic = t->id };

	r.config = world_take(w, struct topic_config);
	if (config)
		*r.config = *config;
	controller_write(w, c, &r);
}

enum kafka_error controller_create_topic(struct world *w, struct controller *c,
					 const char *name, int32_t partitions,
					 int32_t replication,
					 const int8_t *assignment,
					 const struct topic_config *config,
					 struct err *err)
{
	const struct broker *any = c->cluster->brokers.at[0];
	struct placer placer;
	enum kafka_error e;
	struct topic *t;

	if (controller_topic(w, c, name)) {
		err_set(err, "Topic '%s' already exists.", name);
		return KAFKA_TOPIC_ALREADY_EXISTS;
	}
	if (partitions == -1)
		partitions = (int32_t)broker_setting(any, BROKER_NUM_PARTITIONS);
	if (replication == -1)
		replication = (int32_t)broker_setting(any, BROKER_DEFAULT_RF);
	e = check_counts(c, partitions, replication, err);
	if (e != KAFKA_NONE)
		return e;
	t = topic_new(w, c->cluster, name, (uint32_t)partitions);
	write_config(w, c, METADATA_TOPIC, t, config);
	placer_init(w, c, &placer);
	for (uint32_t i = 0; i < (uint32_t)partitions; i++) {
		int8_t replicas[REPLICAS_MAX];

		if (assignment)
			memcpy(replicas, assignment + i * (uint32_t)replication,
			       (size_t)replication);
		else
			place(&placer, (uint32_t)replication, replicas);
		set_partition(w, c, t->partitions.at[i], replicas,
			      (uint32_t)replication);
	}
	return KAFKA_NONE;
}

enum kafka_error controller_delete_topic(struct world *w, struct controller *c,
					 const char *name, struct err *err)
{
	struct topic *t = controller_topic(w, c, name);
	struct metadata_record gone = { .kind = METADATA_TOPIC_GONE };

	if (!t) {
		err_set(err, "%s", kafka_error_text(
			KAFKA_UNKNOWN_TOPIC_OR_PARTITION));
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	}
	gone.topic = t->id;
	controller_write(w, c, &gone);
	return KAFKA_NONE;
}

enum kafka_error controller_add_partitions(struct world *w,
					   struct controller *c,
					   struct topic *t, int32_t total,
					   struct err *err)
{
	uint32_t rf = controller_state(c, t->partitions.at[0])->replica_count;
	uint32_t had = controller_partitions(c, t);
	struct placer placer;
	enum kafka_error e;

	if (total <= (int32_t)had) {
		if (total == (int32_t)had)
			err_set(err, "Topic already has %u partition(s).",
				had);
		else
			err_set(err, "The topic %s currently has %u "
				"partition(s); %d would not be an increase.",
				world_text(w, t->name), had, total);
		return KAFKA_INVALID_PARTITIONS;
	}
	e = check_counts(c, total, (int32_t)rf, err);
	if (e != KAFKA_NONE)
		return e;
	placer_init(w, c, &placer);
	for (uint32_t i = had; i < (uint32_t)total; i++) {
		int8_t replicas[REPLICAS_MAX];

		/* One that was deposed may have begun to add it. */
		if (i == t->partitions.count)
			topic_add_partition(w, c->cluster, t);
		place(&placer, rf, replicas);
		set_partition(w, c, t->partitions.at[i], replicas, rf);
	}
	return KAFKA_NONE;
}

void controller_set_topic_config(struct world *w, struct controller *c,
				 struct topic *t,
				 const struct topic_config *config)
{
	write_config(w, c, METADATA_CONFIG, t, config);
}
