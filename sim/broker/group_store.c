/* group_store.c - records of __consumer_offsets, written and read again
 *
 * Two kinds, as GroupMetadataManager has them, as text:
 *
 *	key "group partition-id"	value: the offset
 *	key "\2group"			value: generation, assignor, leader and
 *					the members, as words (args.h)
 *
 * No value is a tombstone.  Compaction keeps the last of each key.
 */
#include "sim/broker/groups_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/events.h"
#include "sim/broker/group_txn.h"
#include "sim/core/args.h"

#define MEMBERS_KEY	'\2'		/* the version of a GroupMetadataKey */
#define RECORD_CPU	SIM_US(1)	/* to take a record in [E] */

uint32_t group_offsets_partition_id(struct world *w, struct groups *g,
				    name_id group)
{
	struct topic *t = cluster_topic(w, g->broker->cluster, OFFSETS_TOPIC);

	return t->partitions.at[group_offsets_partition(world_text(w, group),
			t->partitions.count)]->id;
}

/* -- appending ------------------------------------------------------------- */

/* What is under way until its record is committed. */
struct commit {
	struct groups *groups;
	struct group_request *request;	/* NULL: nobody waits for an answer */
	name_id group;
	bool members;			/* the list of members, not offsets */
	int32_t generation;		/* of that list */
	uint32_t count;
	struct group_item items[];
};

static struct batch batch_of(struct world *w, struct groups *g,
			     struct text *payload, uint32_t count)
{
	struct batch b = {
		.first_at = world_now(w), .last_at = world_now(w),
		.count = count,
	};

	b.bytes = (uint32_t)(BATCH_OVERHEAD_BYTES + payload->len);
	b.content = history_append(&w->history, g->broker->cluster->payload,
				   payload->at, payload->len);
	text_free(payload);
	return b;
}

/* Takes the payload. */
static bool append(struct world *w, const struct commit *like,
		   const struct group_item *items, struct text *payload,
		   uint32_t records)
{
	size_t size = sizeof(*like) + like->count * sizeof(*items);
	struct commit *c = arena_take(&w->arena, size);
	struct batch batch = batch_of(w, like->groups, payload, records);

	*c = *like;
	if (c->count)
		memcpy(c->items, items, c->count * sizeof(*items));
	if (produce_internal(w, c->groups->broker,
			     group_offsets_partition_id(w, c->groups, c->group),
			     &batch, c))
		return true;
	arena_free(&w->arena, c, size);
	return false;
}

static void write_offset(struct world *w, struct text *payload, name_id group,
			 const struct group_item *item)
{
	char key[300], value[24];

	snprintf(key, sizeof(key), "%s %u", world_text(w, group),
		 item->partition);
	snprintf(value, sizeof(value), "%lld", (long long)item->offset);
	record_write(payload, world_now(w), &(struct record){
		.key = key, .key_len = (int32_t)strlen(key), .value = value,
		.value_len = item->offset < 0 ? -1 : (int32_t)strlen(value),
	});
}

static void write_offsets(struct world *w, struct text *payload, name_id group,
			  const struct group_item *items, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		write_offset(w, payload, group, &items[i]);
}

struct batch group_offsets_batch(struct world *w, struct groups *g,
				 name_id group, const struct group_item *items,
				 uint32_t count)
{
	struct text payload = {0};

	write_offsets(w, &payload, group, items, count);
	return batch_of(w, g, &payload, count);
}

bool group_store_offsets(struct world *w, struct groups *g,
			 struct group_request *r, name_id group,
			 const struct group_item *items, uint32_t count)
{
	const struct commit like = {
		.groups = g, .request = r, .group = group, .count = count,
	};
	struct text payload = {0};

	write_offsets(w, &payload, group, items, count);
	return append(w, &like, items, &payload, count);
}

static void add_list(struct text *t, const char *key, const uint32_t *list,
		     uint32_t count)
{
	struct text numbers = {0};

	for (uint32_t i = 0; i < count; i++)
		text_addf(&numbers, "%s%u", i ? "," : "", list[i]);
	args_add(t, key, text_cstr(&numbers));
	text_free(&numbers);
}

static void add_member(struct world *w, struct text *t, const struct member *m)
{
	uint32_t protocols[ASSIGNORS];

	for (uint32_t i = 0; i < m->protocol_count; i++)
		protocols[i] = m->protocols[i];
	args_add(t, "member", world_text(w, m->id));
	if (m->instance)
		args_add(t, "instance", world_text(w, m->instance));
	args_add(t, "client", world_text(w, m->client_id));
	args_add(t, "host", world_text(w, m->host));
	args_add(t, "process", world_text(w, m->process->name));
	args_add_int(t, "session", m->session_timeout);
	args_add_int(t, "rebalance", m->rebalance_timeout);
	args_add_int(t, "cooperative", m->cooperative);
	add_list(t, "protocols", protocols, m->protocol_count);
	for (uint32_t i = 0; i < m->topic_count; i++)
		args_add(t, "topic", world_text(w, m->topics[i]));
	add_list(t, "assigned", m->assigned.at, m->assigned.count);
	if (!m->group->remote)
		return;
	args_add_int(t, "epoch", m->epoch);
	args_add_int(t, "waits", m->waits);
	add_list(t, "target", m->target.at, m->target.count);
	add_list(t, "revoking", m->revoking.at, m->revoking.count);
}

static void write_members(struct world *w, struct text *payload,
			  const struct group *group, bool gone)
{
	struct text key = {0}, value = {0};

	text_char(&key, MEMBERS_KEY);
	text_add(&key, world_text(w, group->id));
	args_add_int(&value, "generation", group->generation);
	args_add_int(&value, "protocol", group->protocol);
	args_add_int(&value, "remote", group->remote);
	args_add_int(&value, "partitions", group->partitions_seen);
	args_add_int(&value, "since", group->state_at);
	if (group->leader)
		args_add(&value, "leader", world_text(w, group->leader));
	for (uint32_t i = 0; i < group->members.count; i++)
		add_member(w, &value, group->members.at[i]);
	record_write(payload, world_now(w), &(struct record){
		.key = key.at, .key_len = (int32_t)key.len, .value = value.at,
		.value_len = gone ? -1 : (int32_t)value.len,
	});
	text_free(&key);
	text_free(&value);
}

bool group_store_members(struct world *w, struct group *group, bool gone)
{
	const struct commit like = {
		.groups = group->groups, .group = group->id, .members = true,
		.generation = gone ? -1 : group->generation,
	};
	struct text payload = {0};

	write_members(w, &payload, group, gone);
	return append(w, &like, NULL, &payload, 1);
}

/* -- the record is in every in-sync log, or has failed --------------------- */

static void offsets_stored(struct world *w, const struct commit *c, bool good)
{
	struct group *group = c->items[0].offset < 0 ?
		group_find(c->groups, c->group) :
		group_for(w, c->groups, c->group);

	for (uint32_t i = 0; group && good && i < c->count; i++)
		group_set_committed(w, group, c->items[i].partition,
				    c->items[i].offset, world_now(w));
}

void group_committed(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;
	struct commit *c = p->internal_self;
	bool good = p->reply->parts[0].error == KAFKA_NONE;
	bool here = process_runs(groups_process(c->groups));
	struct group *group = group_find(c->groups, c->group);

	(void)arg;
	if (here && c->members && group)
		group_stored(w, group, c->generation, good);
	else if (here && good && !c->members)
		offsets_stored(w, c, good);
	if (c->request)
		group_refuse(w, c->groups, c->request, good ? KAFKA_NONE :
			     KAFKA_COORDINATOR_NOT_AVAILABLE);
	arena_free(&w->arena, c, sizeof(*c) + c->count * sizeof(*c->items));
}

/* -- reading them again ------------------------------------------------------ */

static void load_offset(struct world *w, struct groups *g,
			const struct batch *b, const struct record_view *r)
{
	struct group *group;
	const char *space = NULL;
	uint32_t partition = 0;
	int64_t offset = 0;

	for (int32_t i = r->key_len; i-- > 0 && !space;)
		if (r->key[i] == ' ')
			space = r->key + i;
	assert(space);
	for (const char *p = space + 1; p < r->key + r->key_len; p++)
		partition = partition * 10 + (uint32_t)(*p - '0');
	for (int32_t i = 0; i < r->value_len; i++)
		offset = offset * 10 + (r->value[i] - '0');
	group = group_for(w, g, names_intern_bytes(&w->state->names, &w->arena,
						   r->key,
						   (size_t)(space - r->key)));
	if (b->transactional)
		group_txn_pending(w, group, b->producer_id, partition, offset);
	else
		group_set_committed(w, group, partition,
				    r->value_len < 0 ? -1 : offset, r->at);
}

/* The words of a list of members, while they are read. */
struct reading {
	struct world *w;
	struct group *group;
	struct member *member;		/* the one whose words these are */
};

/* The next of a list of numbers; false: there is none. */
static bool next_number(const char **text, uint32_t *n)
{
	char *end;

	if (!**text)
		return false;
	*n = (uint32_t)strtoul(*text, &end, 10);
	*text = *end ? end + 1 : end;
	return true;
}

static void read_protocols(struct member *m, const char *text)
{
	uint32_t n;

	while (next_number(&text, &n) && m->protocol_count < ASSIGNORS)
		m->protocols[m->protocol_count++] = (uint8_t)n;
}

static void read_list(struct reading *r, const char *key, const char *text)
{
	struct member *m = r->member;
	uint32_t n;

	while (next_number(&text, &n))
		if (*key == 't')
			*vec_add(&r->w->arena, &m->target) = n;
		else if (*key == 'r')
			*vec_add(&r->w->arena, &m->revoking) = n;
		else
			*vec_add(&r->w->arena, &m->assigned) = n;
}

static void read_group_word(struct reading *r, const char *key,
			    const char *value)
{
	if (!strcmp(key, "generation"))
		r->group->generation = (int32_t)strtol(value, NULL, 10);
	else if (!strcmp(key, "protocol"))
		r->group->protocol = (enum assignor)strtol(value, NULL, 10);
	else if (!strcmp(key, "remote"))
		r->group->remote = *value == '1';
	else if (!strcmp(key, "partitions"))
		r->group->partitions_seen = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "since"))
		r->group->state_at = strtoll(value, NULL, 10);
	else if (!strcmp(key, "leader"))
		r->group->leader = world_name(r->w, value);
	else if (!strcmp(key, "member"))
		r->member = group_member_add(r->w, r->group,
					     world_name(r->w, value));
}

static void read_member_word(struct reading *r, const char *key,
			     const char *value)
{
	struct member *m = r->member;

	if (!strcmp(key, "instance"))
		m->instance = world_name(r->w, value);
	else if (!strcmp(key, "client"))
		m->client_id = world_name(r->w, value);
	else if (!strcmp(key, "host"))
		m->host = world_name(r->w, value);
	else if (!strcmp(key, "process"))
		m->process = process_find(r->w, value);
	else if (!strcmp(key, "session"))
		m->session_timeout = strtoll(value, NULL, 10);
	else if (!strcmp(key, "rebalance"))
		m->rebalance_timeout = strtoll(value, NULL, 10);
	else if (!strcmp(key, "cooperative"))
		m->cooperative = *value == '1';
	else if (!strcmp(key, "topic") && m->topic_count < GROUP_TOPICS_MAX)
		m->topics[m->topic_count++] = world_name(r->w, value);
	else if (!strcmp(key, "protocols"))
		read_protocols(m, value);
	else if (!strcmp(key, "epoch"))
		m->epoch = m->previous_epoch = (int32_t)strtol(value, NULL, 10);
	else if (!strcmp(key, "waits"))
		m->waits = *value == '1';
	else if (!strcmp(key, "assigned") || !strcmp(key, "target") ||
		 !strcmp(key, "revoking"))
		read_list(r, key, value);
}

static void read_members(struct reading *r, const char *words)
{
	struct text key = {0}, value = {0};

	while (args_next(&words, &key, &value)) {
		bool of_member = r->member && strcmp(text_cstr(&key), "member");

		if (of_member)
			read_member_word(r, key.at, text_cstr(&value));
		else
			read_group_word(r, text_cstr(&key), text_cstr(&value));
	}
	text_free(&key);
	text_free(&value);
}

/* The last list is right; members get a whole session from now on. */
static void load_members(struct world *w, struct groups *g,
			 const struct record_view *r)
{
	name_id id = names_intern_bytes(&w->state->names, &w->arena,
					r->key + 1, (size_t)r->key_len - 1);
	struct reading reading = { .w = w, .group = group_for(w, g, id) };
	struct text words = {0};

	group_members_free(w, reading.group);
	reading.group->leader = 0;
	reading.group->had_members = r->value_len >= 0;
	if (r->value_len > 0) {
		text_bytes(&words, r->value, (size_t)r->value_len);
		read_members(&reading, text_cstr(&words));
		text_free(&words);
	}
	reading.group->state = reading.group->members.count ? GROUP_STABLE :
			       GROUP_EMPTY;
}

static struct replica *offsets_replica(const struct world *w,
				       const struct groups *g, uint32_t index)
{
	const struct topic *t = cluster_topic(w, g->broker->cluster,
					      OFFSETS_TOPIC);

	return broker_replica(g->broker, t->partitions.at[index]->id);
}

/* It reads the file; what is cached costs only its share of a core. */
sim_time group_load_time(struct world *w, struct groups *g, uint32_t index)
{
	struct replica *r = offsets_replica(w, g, index);
	int64_t records = r->log.end_offset - r->log.start_offset;
	sim_time ready = world_now(w);

	if (records && r->file && r->file->end > r->file->start &&
	    file_read(w, r->file, r->file->start,
		      r->file->end - r->file->start, &ready) != DISK_OK)
		ready = world_now(w);
	return ready + records * RECORD_CPU;
}

static bool in_partition(const struct world *w, const struct group *group,
			 uint32_t index)
{
	return group_offsets_partition(world_text(w, group->id),
				       group->groups->owned.count) == index;
}

/* All groups of the partition are there: their members' time begins. */
static void begin_sessions(struct world *w, struct groups *g, uint32_t index)
{
	for (uint32_t i = 0; i < g->by_name.count; i++) {
		struct group *group = g->by_name.entries[i].value;

		if (!group || !in_partition(w, group, index))
			continue;
		for (uint32_t k = 0; k < group->members.count; k++)
			group_member_alive(w, group->members.at[k]);
		if (!group->offsets.count && !group->members.count &&
		    !group->txn_offsets.count)
			group_free(w, group);
		else if (group->members.count)
			group_say(w, group, "Loading group metadata for %s "
				  "with generation %d", world_text(w, group->id),
				  group->generation);
	}
}

/* GroupMetadataManager.loadGroupsAndOffsets: read the whole partition. */
void group_load(struct world *w, struct groups *g, uint32_t index)
{
	struct cluster *c = g->broker->cluster;
	struct replica *r = offsets_replica(w, g, index);
	const struct batch *b;
	struct log_cursor cursor;

	if (!log_seek(w, &r->log, r->log.start_offset, &cursor))
		return;
	while ((b = log_read(w, &r->log, &cursor))) {
		if (b->control)
			group_txn_ended(w, g, index, b->producer_id,
					b->control == CONTROL_COMMIT);
		for (uint32_t i = 0; i < b->count && !b->control; i++) {
			struct record_view view;

			record_read(w, c, b, i, &view, NULL);
			if (view.key_len > 0 && view.key[0] == MEMBERS_KEY)
				load_members(w, g, &view);
			else
				load_offset(w, g, b, &view);
		}
	}
	begin_sessions(w, g, index);
}
