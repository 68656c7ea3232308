/* group_offsets.c - what groups have committed: records of __consumer_offsets */
#include "sim/broker/groups_inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/events.h"

/* -- offsets -------------------------------------------------------------------- */

/* offset -1 is a tombstone: nothing is committed any more. */
static void set_committed(struct world *w, struct group *group,
			  uint32_t partition, int64_t offset, sim_time at)
{
	for (uint32_t i = 0; i < group->offsets.count; i++) {
		struct committed *c = &group->offsets.at[i];

		if (c->partition != partition)
			continue;
		if (offset < 0)
			vec_remove(&group->offsets, i);
		else
			*c = (struct committed){ partition, offset, at };
		return;
	}
	if (offset < 0)
		return;
	*vec_add(&w->arena, &group->offsets) = (struct committed){
		partition, offset, at,
	};
}

/* Key "group topic partition-id", value the offset: GroupMetadataManager's
 * OffsetKey and OffsetValue, as text; no value is a tombstone. */
static void write_commit(struct world *w, struct text *payload, name_id group,
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

/* A commit under way, until its record is committed. */
struct commit {
	struct groups *groups;
	struct group_request *request;	/* NULL: an administrator's */
	name_id group;
	uint32_t count;
	struct group_item items[];
};

static struct batch commit_batch(struct world *w, struct groups *g,
				 name_id group, const struct group_item *items,
				 uint32_t count)
{
	struct text payload = {0};
	struct batch b = {
		.first_at = world_now(w), .last_at = world_now(w),
		.count = count,
	};

	for (uint32_t i = 0; i < count; i++)
		write_commit(w, &payload, group, &items[i]);
	b.bytes = (uint32_t)(BATCH_OVERHEAD_BYTES + payload.len);
	b.content = history_append(&w->history, g->broker->cluster->payload,
				   payload.at, payload.len);
	text_free(&payload);
	return b;
}

uint32_t group_offsets_partition_id(struct world *w, struct groups *g,
				     name_id group)
{
	struct topic *t = cluster_topic(w, g->broker->cluster, OFFSETS_TOPIC);

	return t->partitions.at[group_offsets_partition(world_text(w, group),
			t->partitions.count)]->id;
}

static bool begin_commit(struct world *w, struct groups *g,
			 struct group_request *r, name_id group,
			 const struct group_item *items, uint32_t count)
{
	size_t size = sizeof(struct commit) + count * sizeof(*items);
	struct commit *c = arena_take(&w->arena, size);
	struct batch batch = commit_batch(w, g, group, items, count);

	c->groups = g;
	c->request = r;
	c->group = group;
	c->count = count;
	memcpy(c->items, items, count * sizeof(*items));
	if (produce_internal(w, g->broker, group_offsets_partition_id(w, g, group),
			     &batch, c))
		return true;
	arena_free(&w->arena, c, size);
	return false;
}

/* The record of a commit is in every in-sync log, or has failed. */
void group_committed(struct world *w, void *who, uint16_t arg)
{
	struct waiting_produce *p = who;
	struct commit *c = p->internal_self;
	bool good = p->reply->parts[0].error == KAFKA_NONE;

	(void)arg;
	if (good && process_runs(groups_process(c->groups))) {
		struct group *group = c->items[0].offset < 0 ?
			group_find(c->groups, c->group) :
			group_for(w, c->groups, c->group);

		for (uint32_t i = 0; group && i < c->count; i++)
			set_committed(w, group, c->items[i].partition,
				      c->items[i].offset, world_now(w));
	}
	if (c->request)
		group_refuse(w, c->groups, c->request, good ? KAFKA_NONE :
			    KAFKA_COORDINATOR_NOT_AVAILABLE);
	arena_free(&w->arena, c, sizeof(*c) + c->count * sizeof(*c->items));
}

void group_commit(struct world *w, struct groups *g,
			 struct group_request *r)
{
	struct group *group = group_for(w, g, r->group);
	struct member *m = group_member(group, r->member);
	enum kafka_error error = KAFKA_NONE;
	bool answered = false;

	/* generation -1: a consumer without group management */
	if (r->generation >= 0)
		error = group_member_error(group, m, r);
	else if (group->state != GROUP_EMPTY)
		error = KAFKA_UNKNOWN_MEMBER_ID;
	if (error == KAFKA_NONE && group->state == GROUP_COMPLETING)
		error = KAFKA_REBALANCE_IN_PROGRESS;
	if (m)
		group_member_alive(w, m);
	/* group_committed answers and frees the request, perhaps at once. */
	if (error == KAFKA_NONE && r->count) {
		answered = begin_commit(w, g, r, r->group, r->items, r->count);
		if (!answered)
			error = KAFKA_COORDINATOR_NOT_AVAILABLE;
	}
	if (!answered)
		group_refuse(w, g, r, error);
}

void group_fetch_offsets(struct world *w, struct groups *g,
				struct group_request *r)
{
	struct group *group = group_find(g, r->group);
	struct group_answer *a = group_answer_for(w, r, r->count);

	a->count = r->count;
	for (uint32_t i = 0; i < r->count; i++) {
		a->items[i] = r->items[i];
		a->items[i].offset = -1;
		for (uint32_t k = 0; group && k < group->offsets.count; k++)
			if (group->offsets.at[k].partition ==
			    r->items[i].partition)
				a->items[i].offset = group->offsets.at[k].offset;
	}
	group_reply(w, g, r, a);
}

enum kafka_error group_admin_commit(struct world *w, struct groups *g,
				    const char *name,
				    const struct group_item *items,
				    uint32_t count)
{
	name_id id = world_name(w, name);
	struct group *group = group_find(g, id);

	if (group && group->state != GROUP_EMPTY)
		return KAFKA_UNKNOWN_MEMBER_ID;
	return begin_commit(w, g, NULL, id, items, count) ? KAFKA_NONE :
	       KAFKA_COORDINATOR_NOT_AVAILABLE;
}

enum kafka_error group_delete(struct world *w, struct groups *g,
			      const char *name)
{
	name_id id = world_name(w, name);
	struct group *group = group_find(g, id);

	if (!group)
		return KAFKA_GROUP_ID_NOT_FOUND;
	if (group->state != GROUP_EMPTY)
		return KAFKA_NON_EMPTY_GROUP;
	for (uint32_t i = 0; i < group->offsets.count; i++) {
		struct group_item gone = {
			.partition = group->offsets.at[i].partition,
			.offset = -1,
		};

		begin_commit(w, g, NULL, id, &gone, 1);
	}
	group_free(w, group);
	return KAFKA_NONE;
}

/* -- reading them again ------------------------------------------------------ */

static void load_record(struct world *w, struct groups *g,
			const struct record_view *r)
{
	const char *space = NULL;
	uint32_t partition = 0;
	int64_t offset = 0;
	struct group *group;

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
	set_committed(w, group, partition, r->value_len < 0 ? -1 : offset,
		      r->at);
	if (!group->offsets.count && group->state == GROUP_EMPTY)
		group_free(w, group);
}

/* GroupMetadataManager.loadGroupsAndOffsets: read the whole partition. */
void group_load(struct world *w, struct groups *g, uint32_t index)
{
	struct cluster *c = g->broker->cluster;
	struct topic *t = cluster_topic(w, c, OFFSETS_TOPIC);
	struct replica *r = broker_replica(g->broker,
					   t->partitions.at[index]->id);
	const struct batch *b;
	struct log_cursor cursor;

	if (!log_seek(w, &r->log, r->log.start_offset, &cursor))
		return;
	while ((b = log_read(w, &r->log, &cursor)))
		for (uint32_t i = 0; i < b->count; i++) {
			struct record_view view;

			record_read(w, c, b, i, &view, NULL);
			load_record(w, g, &view);
		}
}
