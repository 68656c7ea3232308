/* admin_groups.c - administrative requests about consumer groups
 *
 *	list-groups			groups this broker coordinates
 *	describe-group	group=		state, members, what each reads
 *	group-offsets	group=		committed offsets
 *	alter-group-offsets  group= offsets=topic:0:42,...   of an empty group
 *	delete-group-offsets group= partitions=topic:0,...
 *	delete-group	group=
 */
#include <stdio.h>
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/groups.h"
#include "sim/core/args.h"

struct ask {
	struct world *w;
	struct broker *b;
	const char *args;
	char group[256];
	struct text *json;
};

static void comma(struct text *t)
{
	if (t->len && !strchr("[{", t->at[t->len - 1]))
		text_char(t, ',');
}

static void field(struct text *t, const char *key, const char *value)
{
	comma(t);
	text_json(t, key);
	text_char(t, ':');
	text_json(t, value);
}

static enum kafka_error refuse(struct ask *a, enum kafka_error error)
{
	text_clear(a->json);
	text_add(a->json, kafka_error_text(error));
	return error;
}

/* Do we lead the group's partition of the offsets topic? */
static bool coordinates(const struct ask *a)
{
	const struct groups *g = a->b->groups;
	uint32_t p;

	if (!g || !g->owned.count)
		return false;
	p = group_offsets_partition(a->group, g->owned.count);
	return g->owned.at[p];
}

static bool loads(const struct ask *a)
{
	const struct groups *g = a->b->groups;

	return g->loading.at[group_offsets_partition(a->group,
						     g->owned.count)] != 0;
}

/* An empty group without offsets is Dead; but for one that had members, which
 * is found out when old offsets are looked for. */
static bool lives(const struct group *g)
{
	if (g->state == GROUP_DEAD)
		return false;
	for (uint32_t i = 0; i < g->offsets.count; i++)
		if (g->offsets.at[i].offset >= 0)
			return true;
	return g->state != GROUP_EMPTY || g->had_members;
}

static const struct group *find_group(const struct ask *a)
{
	name_id id = names_find(&a->w->state->names, a->group);
	const struct group *g = id ? group_find(a->b->groups, id) : NULL;

	return g && lives(g) ? g : NULL;
}

/* GroupMetadataManager.listGroups answers for its own partitions only; the
 * client asks every broker. */
static enum kafka_error list_groups(struct ask *a)
{
	const struct groups *g = a->b->groups;

	text_add(a->json, "{\"groups\":[");
	for (uint32_t i = 0; g && i < g->by_name.count; i++) {
		const struct group *group = g->by_name.entries[i].value;

		if (!group || !lives(group))
			continue;
		comma(a->json);
		text_char(a->json, '{');
		field(a->json, "group", world_text(a->w, group->id));
		field(a->json, "state", group_state_name(group->state));
		field(a->json, "type", group->remote ? "Consumer" : "Classic");
		text_char(a->json, '}');
	}
	text_add(a->json, "]}");
	return KAFKA_NONE;
}

static void topic_partition(struct ask *a, uint32_t id)
{
	const struct partition *p = a->b->cluster->partitions.at[id];

	field(a->json, "topic", world_text(a->w, p->topic->name));
	text_addf(a->json, ",\"partition\":%u", p->index);
}

/* "/10.0.0.12": the address a member's connection comes from. */
static void host_of(const struct member *m, char *host, size_t cap)
{
	uint32_t id = m->process ? m->process->machine->id : 0;

	snprintf(host, cap, "/10.0.%u.%u", id / 200, id % 200 + 10);
}

/* GroupMetadata.summary: only a stable group has an assignment. */
static void describe_member(struct ask *a, const struct member *m)
{
	bool stable = m->group->state == GROUP_STABLE || m->group->remote;
	char host[32];

	host_of(m, host, sizeof(host));
	comma(a->json);
	text_char(a->json, '{');
	field(a->json, "member_id", world_text(a->w, m->id));
	field(a->json, "client_id", world_text(a->w, m->client_id));
	field(a->json, "host", host);
	if (m->instance)
		field(a->json, "instance_id", world_text(a->w, m->instance));
	text_add(a->json, ",\"assignment\":[");
	for (uint32_t i = 0; stable && i < m->assigned.count; i++) {
		comma(a->json);
		text_char(a->json, '{');
		topic_partition(a, m->assigned.at[i]);
		text_char(a->json, '}');
	}
	text_add(a->json, "]}");
}

static const char *assignor_of(const struct group *g)
{
	if (g->remote)
		return g->protocol == ASSIGNOR_RANGE ? "range" : "uniform";
	return assignor_name(g->protocol);
}

/* A group that nobody knows is described as Dead, not refused. */
static enum kafka_error describe_group(struct ask *a)
{
	const struct group *g = find_group(a);
	enum group_state state = g ? g->state : GROUP_DEAD;

	text_char(a->json, '{');
	field(a->json, "group", a->group);
	field(a->json, "state", group_state_name(state));
	field(a->json, "assignor", state == GROUP_STABLE ?
	      assignor_of(g) : "");
	field(a->json, "type", g && g->remote ? "Consumer" : "Classic");
	text_addf(a->json, ",\"coordinator\":%d,\"members\":[",
		  a->b->node_id);
	for (uint32_t i = 0; g && i < g->members.count; i++)
		describe_member(a, g->members.at[i]);
	text_add(a->json, "]}");
	return KAFKA_NONE;
}

static enum kafka_error group_offsets(struct ask *a)
{
	const struct group *g = find_group(a);

	text_add(a->json, "{\"offsets\":[");
	for (uint32_t i = 0; g && i < g->offsets.count; i++) {
		const struct committed *c = &g->offsets.at[i];

		if (c->offset < 0 ||
		    a->b->cluster->partitions.at[c->partition]->topic->deleted)
			continue;
		comma(a->json);
		text_char(a->json, '{');
		topic_partition(a, c->partition);
		text_addf(a->json, ",\"offset\":%lld}", (long long)c->offset);
	}
	text_add(a->json, "]}");
	return KAFKA_NONE;
}

/* A whole number at *at, which moves behind it; -1 if there is none. */
static int64_t number(const char **at)
{
	const char *begin = *at;
	int64_t n = 0;

	for (; **at >= '0' && **at <= '9' && n < INT64_MAX / 100; (*at)++)
		n = n * 10 + (**at - '0');
	return *at == begin ? -1 : n;
}

/* `topic:0:42` */
static enum kafka_error read_offset(struct ask *a, char *text,
				    struct group_item *item)
{
	const struct partition *p;
	char *colon = strchr(text, ':');
	const char *at = colon + 1;
	int64_t index;

	if (!colon)
		return KAFKA_INVALID_REQUEST;
	*colon = '\0';
	index = number(&at);
	if (index < 0 || *at++ != ':')
		return KAFKA_INVALID_REQUEST;
	p = cluster_partition(a->w, a->b->cluster, text, (uint32_t)index);
	if (!p)
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	*item = (struct group_item){ .partition = p->id,
				     .offset = number(&at) };
	return item->offset < 0 ? KAFKA_INVALID_REQUEST : KAFKA_NONE;
}

static enum kafka_error alter_group_offsets(struct ask *a)
{
	enum kafka_error error = KAFKA_NONE;
	struct text list = {0}, items = {0};
	struct group_item item;
	char text[300];
	const char *at;

	args_bytes(a->args, "offsets", &list);
	at = text_cstr(&list);
	while (error == KAFKA_NONE && admin_item(&at, text, sizeof(text))) {
		error = read_offset(a, text, &item);
		text_bytes(&items, &item, sizeof(item));
	}
	if (error == KAFKA_NONE && items.len)
		error = group_admin_commit(a->w, a->b->groups, a->group,
			(const struct group_item *)(const void *)items.at,
			(uint32_t)(items.len / sizeof(item)));
	text_free(&list);
	text_free(&items);
	text_add(a->json, "{}");
	return error == KAFKA_NONE ? error : refuse(a, error);
}

/* `topic:0`; each has its own fate. */
static void delete_offset(struct ask *a, char *text)
{
	enum kafka_error error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	char *colon = strchr(text, ':');
	const char *at = colon ? colon + 1 : "";
	const struct partition *p;
	int64_t index = number(&at);

	if (colon)
		*colon = '\0';
	p = index < 0 ? NULL : cluster_partition(a->w, a->b->cluster, text,
						 (uint32_t)index);
	if (p)
		error = group_delete_offset(a->w, a->b->groups, a->group,
					    p->id);
	comma(a->json);
	text_char(a->json, '{');
	field(a->json, "topic", text);
	text_addf(a->json, ",\"partition\":%lld", (long long)index);
	if (error != KAFKA_NONE)
		field(a->json, "error", kafka_error_text(error));
	text_char(a->json, '}');
}

static enum kafka_error delete_group_offsets(struct ask *a)
{
	struct text list = {0};
	char text[300];
	const char *at;

	if (!find_group(a))
		return refuse(a, KAFKA_GROUP_ID_NOT_FOUND);
	args_bytes(a->args, "partitions", &list);
	at = text_cstr(&list);
	text_add(a->json, "{\"partitions\":[");
	while (admin_item(&at, text, sizeof(text)))
		delete_offset(a, text);
	text_add(a->json, "]}");
	text_free(&list);
	return KAFKA_NONE;
}

static enum kafka_error delete_group(struct ask *a)
{
	enum kafka_error error = KAFKA_GROUP_ID_NOT_FOUND;

	if (find_group(a))
		error = group_delete(a->w, a->b->groups, a->group);
	text_add(a->json, "{}");
	return error == KAFKA_NONE ? error : refuse(a, error);
}

static const struct {
	const char *api;
	bool everywhere;		/* asked of all brokers */
	enum kafka_error (*run)(struct ask *a);
} handlers[] = {
	{ "list-groups", true, list_groups },
	{ "describe-group", false, describe_group },
	{ "group-offsets", false, group_offsets },
	{ "alter-group-offsets", false, alter_group_offsets },
	{ "delete-group-offsets", false, delete_group_offsets },
	{ "delete-group", false, delete_group },
};

bool admin_groups(struct world *w, struct broker *b, const char *api,
		  const char *args, struct text *json,
		  enum kafka_error *error)
{
	struct ask a = { .w = w, .b = b, .args = args, .json = json };

	args_text(args, "group", a.group, sizeof(a.group));
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (strcmp(handlers[i].api, api))
			continue;
		if (!handlers[i].everywhere && !coordinates(&a))
			*error = refuse(&a, KAFKA_NOT_COORDINATOR);
		else if (!handlers[i].everywhere && loads(&a))
			*error = refuse(&a, KAFKA_COORDINATOR_LOAD_IN_PROGRESS);
		else
			*error = handlers[i].run(&a);
		return true;
	}
	return false;
}
