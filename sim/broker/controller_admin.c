/* controller_admin.c - the controller answers what brokers forwarded
 *
 * Checks and sentences: org.apache.kafka.controller.ReplicationControlManager
 * and ConfigurationControlManager, Kafka 3.9.
 */
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/controller_inside.h"
#include "sim/core/args.h"

#define PARTITIONS_MAX	10000	/* of the cluster, deleted ones too */

/* One request under way. */
struct task {
	struct world *w;
	struct controller *c;
	const char *args;
	struct text json;
	enum kafka_error error;
	struct err err;			/* the sentence, when error is set */
};

static bool fail(struct task *t, enum kafka_error error, const char *sentence)
{
	t->error = error;
	err_set(&t->err, "%s", sentence);
	return false;
}

static void comma(struct text *t)
{
	if (t->len && !strchr("[{", t->at[t->len - 1]))
		text_char(t, ',');
}

static int32_t index_of(const struct task *t, int64_t node_id)
{
	for (uint32_t i = 0; i < t->c->cluster->brokers.count; i++)
		if (t->c->cluster->brokers.at[i]->node_id == node_id &&
		    controller_registered(t->c, (int32_t)i))
			return (int32_t)i;
	return NO_BROKER;
}

/* -- assignments ------------------------------------------------------------- */

/* A whole number at *at, which moves behind it; -1 if there is none. */
static int64_t number(const char **at)
{
	int64_t n = 0;
	const char *begin = *at;

	for (; **at >= '0' && **at <= '9' && n < 1000000000; (*at)++)
		n = n * 10 + (**at - '0');
	return *at == begin ? -1 : n;
}

/* Read `1:2:3` or `1/2/3` as broker indexes, checked as
 * validateManualPartitionAssignment does. */
static bool read_replicas(struct task *t, const char *text, int8_t *replicas,
			  uint32_t *count)
{
	uint64_t seen = 0;

	for (*count = 0; *text; text += *text != '\0') {
		int64_t id = number(&text);
		int32_t broker = index_of(t, id);

		if (broker == NO_BROKER) {
			t->error = KAFKA_INVALID_REPLICA_ASSIGNMENT;
			return err_set(&t->err, "The manual partition "
				       "assignment includes broker %lld, but "
				       "no such broker is registered.",
				       (long long)id);
		}
		if (seen & broker_bit(broker)) {
			t->error = KAFKA_INVALID_REPLICA_ASSIGNMENT;
			return err_set(&t->err, "The manual partition "
				       "assignment includes the broker %lld "
				       "more than once.", (long long)id);
		}
		if (*count == REPLICAS_MAX)
			return fail(t, KAFKA_INVALID_REPLICA_ASSIGNMENT,
				    "Replica assignment is invalid.");
		seen |= broker_bit(broker);
		replicas[(*count)++] = (int8_t)broker;
	}
	return *count || fail(t, KAFKA_INVALID_REPLICA_ASSIGNMENT,
			      "The manual partition assignment includes an "
			      "empty replica list.");
}

static bool any_active(const struct task *t, const int8_t *replicas,
		       uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (controller_acceptable(t->c, replicas[i]))
			return true;
	return false;
}

/* `1:2,2:3,3:1`: rows of replicas, all of one length.  first: number of the
 * first partition.  rows gets int8_t, row by row. */
static bool read_assignment(struct task *t, const char *list, uint32_t first,
			    struct text *rows, uint32_t *partitions,
			    uint32_t *rf)
{
	char item[128];

	for (*partitions = 0; admin_item(&list, item, sizeof(item));
	     (*partitions)++) {
		int8_t replicas[REPLICAS_MAX];
		uint32_t count;

		if (!read_replicas(t, item, replicas, &count))
			return false;
		if (*rf && count != *rf) {
			t->error = KAFKA_INVALID_REPLICA_ASSIGNMENT;
			return err_set(&t->err, "The manual partition "
				       "assignment includes a partition with "
				       "%u replica(s), but this is not "
				       "consistent with previous partitions, "
				       "which have %u replica(s).", count, *rf);
		}
		if (!any_active(t, replicas, count)) {
			t->error = KAFKA_INVALID_REPLICA_ASSIGNMENT;
			return err_set(&t->err, "All brokers specified in the "
				       "manual partition assignment for "
				       "partition %u are fenced or in "
				       "controlled shutdown.",
				       first + *partitions);
		}
		*rf = count;
		text_bytes(rows, replicas, count);
	}
	return true;
}

/* -- topics -------------------------------------------------------------------- */

/* '.' and '_' are one letter in metric names, so such names collide. */
static bool collides(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '.' ? '_' : *a;
		char y = *b == '.' ? '_' : *b;

		if (x != y)
			return false;
	}
	return !*a && !*b;
}

static bool check_name(struct task *t, const char *name)
{
	const struct cluster *c = t->c->cluster;

	if (!admin_topic_name(name, &t->err)) {
		t->error = KAFKA_INVALID_TOPIC;
		return false;
	}
	if (!strpbrk(name, "._"))
		return true;
	for (uint32_t i = 0; i < c->topics.count; i++) {
		const char *other = world_text(t->w, c->topics.at[i]->name);

		if (!view_knows_topic(&t->c->view, i) ||
		    !collides(name, other) ||
		    !strcmp(name, other))
			continue;
		t->error = KAFKA_INVALID_TOPIC;
		return err_set(&t->err, "Topic '%s' collides with existing "
			       "topic: %s", name, other);
	}
	return true;
}

/* Where the setting has its list of throttled replicas; NULL: it is another. */
static name_id *throttled_list(struct topic_config *config, const char *key)
{
	for (int i = 0; i < THROTTLE_SIDES; i++)
		if (!strcmp(key, throttled_replicas[i]))
			return &config->throttled[i];
	return NULL;
}

/* Real settings of a topic that we do not simulate: refusing them with the
 * real server's "unknown" would teach something wrong. */
static bool set_config(struct task *t, struct topic_config *config,
		       const char *key, const char *value)
{
	name_id *list = throttled_list(config, key);

	if (list && quota_list_good(key, value, &t->err)) {
		*list = world_name(t->w, value);
		return true;
	}
	if (!list && topic_config_set(config, key, value, &t->err))
		return true;
	t->error = KAFKA_INVALID_CONFIG;
	if (!list && topic_key_find(key) < 0 && admin_fixed_setting(key))
		err_set(&t->err, "%s is a real setting, but it is not "
			"simulated here and stays at its default", key);
	return false;
}

/* Every argument that begins with `prefix` is a setting. */
static bool read_configs(struct task *t, const char *prefix,
			 struct topic_config *config)
{
	const char *at = t->args;
	struct text key = {0}, value = {0};
	size_t len = strlen(prefix);
	bool ok = true;

	while (ok && args_next(&at, &key, &value))
		if (!strncmp(text_cstr(&key), prefix, len))
			ok = set_config(t, config, key.at + len,
					text_cstr(&value));
	text_free(&key);
	text_free(&value);
	return ok;
}

/*
 * Real controllers refuse more than 10000 records in one operation, and large
 * clusters grow slow; ours refuses to hold more partitions than that, since a
 * world has to be small.
 */
static bool room_for(struct task *t, int64_t partitions)
{
	if (partitions <= PARTITIONS_MAX &&
	    t->c->cluster->partitions.count + partitions <= PARTITIONS_MAX)
		return true;
	return fail(t, KAFKA_INVALID_PARTITIONS,
		    "Unable to perform excessively large batch operation.");
}

static void topic_created(struct task *t, const char *name)
{
	const struct topic *topic = controller_topic(t->w, t->c, name);

	text_add(&t->json, "{\"name\":");
	text_json(&t->json, name);
	if (topic)
		text_addf(&t->json, ",\"uuid\":\"%s\",\"partitions\":%u",
			  topic->uuid, controller_partitions(t->c, topic));
	text_char(&t->json, '}');
}

static void create_topic(struct task *t)
{
	struct text list = {0}, rows = {0};
	int64_t partitions = args_int(t->args, "partitions", -1);
	int64_t rf = args_int(t->args, "rf", -1);
	struct topic_config config = {0};
	uint32_t count = 0, width = 0;
	char name[1024];
	bool ok;

	args_text(t->args, "name", name, sizeof(name));
	ok = check_name(t, name);
	if (ok && controller_topic(t->w, t->c, name)) {
		t->error = KAFKA_TOPIC_ALREADY_EXISTS;
		ok = err_set(&t->err, "Topic '%s' already exists.", name);
	}
	ok = ok && read_configs(t, "config.", &config);
	if (ok && args_bytes(t->args, "assignment", &list))
		ok = read_assignment(t, text_cstr(&list), 0, &rows, &count,
				     &width);
	if (ok && rows.len) {
		partitions = count;
		rf = width;
	}
	ok = ok && room_for(t, partitions > 0 ? partitions : 1);
	if (ok && !args_has(t->args, "validate"))
		t->error = controller_create_topic(t->w, t->c, name,
			(int32_t)partitions, (int32_t)rf,
			rows.len ? (const int8_t *)rows.at : NULL, &config,
			&t->err);
	if (t->error == KAFKA_NONE)
		topic_created(t, name);
	text_free(&list);
	text_free(&rows);
}

static void delete_topic(struct task *t)
{
	char name[256];

	args_text(t->args, "name", name, sizeof(name));
	t->error = controller_delete_topic(t->w, t->c, name, &t->err);
	text_add(&t->json, "{}");
}

static struct topic *topic_named(struct task *t, const char *key)
{
	struct topic *topic;
	char name[256];

	args_text(t->args, key, name, sizeof(name));
	topic = controller_topic(t->w, t->c, name);
	if (!topic)
		fail(t, KAFKA_UNKNOWN_TOPIC_OR_PARTITION,
		     kafka_error_text(KAFKA_UNKNOWN_TOPIC_OR_PARTITION));
	return topic;
}

/* Simplified: new partitions are always placed by the controller; an
 * assignment of one's own is only checked. */
static void create_partitions(struct task *t)
{
	struct topic *topic = topic_named(t, "name");
	int64_t total = args_int(t->args, "total", 0);
	struct text list = {0}, rows = {0};
	uint32_t count = 0, rf, had;

	if (!topic)
		return;
	had = controller_partitions(t->c, topic);
	rf = controller_state(t->c, topic->partitions.at[0])->replica_count;
	if (total > had && args_bytes(t->args, "assignment", &list) &&
	    read_assignment(t, text_cstr(&list), had, &rows, &count, &rf) &&
	    count != total - had) {
		t->error = KAFKA_INVALID_REPLICA_ASSIGNMENT;
		err_set(&t->err, "Attempted to add %lld additional "
			"partition(s), but only %u assignment(s) were "
			"specified.", (long long)(total - had), count);
	}
	if (t->error == KAFKA_NONE &&
	    room_for(t, total > had ? total - had : 0))
		t->error = controller_add_partitions(t->w, t->c, topic,
						     (int32_t)total, &t->err);
	text_add(&t->json, "{}");
	text_free(&list);
	text_free(&rows);
}

/* -- settings ------------------------------------------------------------------ */

static bool unset(struct task *t, struct topic_config *config,
		  const char *list)
{
	char key[128];

	while (admin_item(&list, key, sizeof(key))) {
		int k = topic_key_find(key);

		if (throttled_list(config, key))
			*throttled_list(config, key) = 0;
		else if (k >= 0)
			config->set &= ~(1u << k);
		else if (!admin_fixed_setting(key)) {
			t->error = KAFKA_INVALID_CONFIG;
			return err_set(&t->err,
				       "Unknown topic config name: %s", key);
		}
	}
	return true;
}

/* `default`: of all brokers. */
static void alter_broker(struct task *t, const char *name)
{
	int32_t broker = NO_BROKER;

	if (strcmp(name, "default") != 0) {
		broker = index_of(t, number(&name));
		if (broker == NO_BROKER || *name) {
			fail(t, KAFKA_INVALID_REQUEST, "Unexpected broker id");
			return;
		}
	}
	t->error = controller_alter_broker(t->w, t->c, broker, t->args,
					   &t->err);
	text_add(&t->json, "{}");
}

static void alter_topic(struct task *t, const char *name)
{
	struct topic *topic = controller_topic(t->w, t->c, name);
	struct topic_config config;
	struct text list = {0};

	if (!topic) {
		t->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
		err_set(&t->err, "The topic '%s' does not exist.", name);
		return;
	}
	config = *t->c->view.configs.at[topic->id];
	args_bytes(t->args, "delete", &list);
	if (read_configs(t, "set.", &config) &&
	    unset(t, &config, text_cstr(&list)))
		controller_set_topic_config(t->w, t->c, topic, &config);
	text_add(&t->json, "{}");
	text_free(&list);
}

static void alter_configs(struct task *t)
{
	char name[256];

	if (args_text(t->args, "topic", name, sizeof(name)))
		alter_topic(t, name);
	else if (args_text(t->args, "broker", name, sizeof(name)))
		alter_broker(t, name);
	else
		fail(t, KAFKA_INVALID_REQUEST, "Name a topic or a broker");
}

/* -- elections and moves --------------------------------------------------------- */

/* Error and sentence of one partition, for lists of results. */
static void result(struct task *t, const char *topic, uint32_t partition,
		   const char *error, const char *sentence)
{
	comma(&t->json);
	text_add(&t->json, "{\"topic\":");
	text_json(&t->json, topic);
	text_addf(&t->json, ",\"partition\":%u", partition);
	if (*error) {
		text_add(&t->json, ",\"error\":");
		text_json(&t->json, error);
		text_add(&t->json, ",\"message\":");
		text_json(&t->json, sentence);
	}
	text_char(&t->json, '}');
}

static void result_of(struct task *t, const char *topic, uint32_t partition,
		      enum kafka_error error, const struct err *why)
{
	result(t, topic, partition,
	       error == KAFKA_NONE ? "" : kafka_error_name(error),
	       why && *why->what ? why->what : kafka_error_text(error));
}

/* `topic:7` or `topic:7:rest`; *rest stays behind the number. */
static bool split(char *text, uint32_t *partition, const char **rest)
{
	char *colon = strchr(text, ':');
	int64_t n;

	if (!colon)
		return false;
	*colon = '\0';
	*rest = colon + 1;
	n = number(rest);
	*partition = (uint32_t)n;
	if (**rest == ':')
		(*rest)++;
	return n >= 0;
}

static void elect_one(struct task *t, const char *topic, uint32_t index,
		      bool unclean)
{
	struct partition *p = controller_partition(t->w, t->c, topic,
						   index);
	enum kafka_error error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	struct err why = {{0}};

	if (p)
		error = controller_elect(t->w, t->c, p, unclean);
	else if (controller_topic(t->w, t->c, topic))
		err_set(&why, "No such partition as %s-%u", topic, index);
	else
		err_set(&why, "No such topic as %s", topic);
	result_of(t, topic, index, error, &why);
}

/* Asked for all, the server leaves out what needed no election. */
static void elect_all(struct task *t, bool unclean)
{
	const struct cluster *c = t->c->cluster;

	for (uint32_t i = 0; i < c->partitions.count; i++) {
		struct partition *p = c->partitions.at[i];
		enum kafka_error error;

		if (!controller_holds(t->c, p))
			continue;
		error = controller_elect(t->w, t->c, p, unclean);
		if (error != KAFKA_ELECTION_NOT_NEEDED)
			result_of(t, world_text(t->w, p->topic->name),
				  p->index, error, NULL);
	}
}

static void elect_leaders(struct task *t)
{
	struct text list = {0};
	char type[16], item[300];
	uint32_t index;
	const char *at, *rest;
	bool unclean;

	args_text(t->args, "type", type, sizeof(type));
	unclean = !strcmp(type, "unclean");
	text_add(&t->json, "{\"results\":[");
	if (!args_bytes(t->args, "partitions", &list))
		elect_all(t, unclean);
	at = text_cstr(&list);
	while (admin_item(&at, item, sizeof(item)))
		if (split(item, &index, &rest))
			elect_one(t, item, index, unclean);
	text_add(&t->json, "]}");
	text_free(&list);
}

/* One item of `moves`: topic:0:1/2/3, or topic:0: to take a move back. */
static void move(struct task *t, const char *topic, uint32_t index,
		 const char *replicas)
{
	struct partition *p = controller_partition(t->w, t->c, topic,
						   index);
	enum kafka_error error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	int8_t list[REPLICAS_MAX];
	uint32_t count = 0;
	struct err why = {{0}};

	if (!p) {
		if (controller_topic(t->w, t->c, topic))
			err_set(&why, "Unable to find partition %s:%u.", topic,
				index);
		else
			err_set(&why, "Unable to find a topic named %s.",
				topic);
	} else if (*replicas && !read_replicas(t, replicas, list, &count)) {
		error = t->error;
		why = t->err;
		t->error = KAFKA_NONE;
	} else if (!*replicas && !(controller_state(t->c, p)->adding |
				   controller_state(t->c, p)->removing)) {
		result(t, topic, index, "NO_REASSIGNMENT_IN_PROGRESS",
		       "No partition reassignment is in progress.");
		return;
	} else {
		error = controller_reassign(t->w, t->c, p, list, count, &why);
	}
	result_of(t, topic, index, error, &why);
}

static void alter_reassignments(struct task *t)
{
	struct text list = {0};
	char item[400];
	const char *at, *replicas;
	uint32_t index;

	text_add(&t->json, "{\"results\":[");
	args_bytes(t->args, "moves", &list);
	at = text_cstr(&list);
	while (admin_item(&at, item, sizeof(item)))
		if (split(item, &index, &replicas))
			move(t, item, index, replicas);
	text_add(&t->json, "]}");
	text_free(&list);
}

static void node_ids(struct task *t, const char *key,
		     const struct partition_state *s, uint64_t mask)
{
	text_addf(&t->json, ",\"%s\":[", key);
	for (uint32_t i = 0; i < s->replica_count; i++)
		if (mask & broker_bit(s->replicas[i])) {
			comma(&t->json);
			text_addf(&t->json, "%d", t->c->cluster->brokers.at[
				s->replicas[i]]->node_id);
		}
	text_char(&t->json, ']');
}

static void list_reassignments(struct task *t)
{
	const struct cluster *c = t->c->cluster;

	text_add(&t->json, "{\"reassignments\":[");
	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		const struct partition_state *s;

		if (!controller_holds(t->c, p))
			continue;
		s = controller_state(t->c, p);
		if (!(s->adding | s->removing))
			continue;
		comma(&t->json);
		text_add(&t->json, "{\"topic\":");
		text_json(&t->json, world_text(t->w, p->topic->name));
		text_addf(&t->json, ",\"partition\":%u", p->index);
		node_ids(t, "replicas", s, UINT64_MAX);
		node_ids(t, "adding", s, s->adding);
		node_ids(t, "removing", s, s->removing);
		text_char(&t->json, '}');
	}
	text_add(&t->json, "]}");
}

static void describe_quorum(struct task *t)
{
	raft_describe(t->w, &t->c->raft, &t->json);
}

/* -- the request -------------------------------------------------------------------- */

static const struct {
	const char *api;
	void (*run)(struct task *t);
} handlers[] = {
	{ "create-topic", create_topic },
	{ "delete-topic", delete_topic },
	{ "create-partitions", create_partitions },
	{ "alter-configs", alter_configs },
	{ "elect-leaders", elect_leaders },
	{ "alter-reassignments", alter_reassignments },
	{ "list-reassignments", list_reassignments },
	{ "describe-quorum", describe_quorum },
};

static void run(struct task *t, const char *api)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (!strcmp(handlers[i].api, api)) {
			handlers[i].run(t);
			return;
		}
	fail(t, KAFKA_INVALID_REQUEST, kafka_error_text(KAFKA_INVALID_REQUEST));
}

static void answer(struct task *t, const struct text_message *m)
{
	struct text_message *reply;

	if (t->error != KAFKA_NONE) {
		text_clear(&t->json);
		text_add(&t->json, "{\"message\":");
		text_json(&t->json, *t->err.what ? t->err.what :
				    kafka_error_text(t->error));
		text_char(&t->json, '}');
	}
	reply = text_message_new(t->w, MESSAGE_ADMIN_ANSWER,
				 m->req.correlation, text_cstr(&t->json));
	reply->error = t->error;
	controller_answer(t->w, t->c, m->req.head.from, &reply->req.head);
}

/* Takes the message. */
void controller_admin(struct world *w, struct controller *c,
		      struct text_message *m)
{
	struct task t = { .w = w, .c = c, .args = m->text };
	char api[64];

	args_text(m->text, "api", api, sizeof(api));
	run(&t, api);
	answer(&t, m);
	text_free(&t.json);
	message_free(w, &m->req.head);
}
