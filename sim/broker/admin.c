/* admin.c - a broker answers administrative requests, or forwards them */
#include "sim/broker/admin.h"

#include <string.h>

#include "sim/broker/admin_txn.h"
#include "sim/broker/groups.h"
#include "sim/broker/log_dirs.h"
#include "sim/core/args.h"

static const struct admin_api apis[] = {
	{ "list-topics", "listTopics", ADMIN_ANY, false },
	{ "describe-topics", "describeTopics", ADMIN_ANY, false },
	{ "describe-cluster", "listNodes", ADMIN_ANY, false },
	{ "describe-configs", "describeConfigs", ADMIN_BROKER, false },
	{ "describe-log-dirs", "describeLogDirs", ADMIN_BROKER, false },
	{ "list-offsets", "listOffsets(api=LIST_OFFSETS)", ADMIN_LEADERS,
	  false },
	{ "find-coordinator", "findCoordinator", ADMIN_ANY, false },
	{ "create-topic", "createTopics", ADMIN_CONTROLLER, true },
	{ "delete-topic", "deleteTopics", ADMIN_CONTROLLER, true },
	{ "create-partitions", "createPartitions", ADMIN_CONTROLLER, true },
	{ "alter-configs", "incrementalAlterConfigs", ADMIN_ANY, true },
	{ "elect-leaders", "electLeaders", ADMIN_CONTROLLER, true },
	{ "alter-reassignments", "alterPartitionReassignments",
	  ADMIN_CONTROLLER, true },
	{ "list-reassignments", "listPartitionReassignments",
	  ADMIN_CONTROLLER, true },
	{ "describe-quorum", "describeMetadataQuorum", ADMIN_ANY, true },
	{ "list-groups", "listConsumerGroups", ADMIN_ALL, false },
	{ "describe-group", "describeConsumerGroups(api=DESCRIBE_GROUPS)",
	  ADMIN_COORDINATOR, false },
	{ "delete-group", "deleteConsumerGroups(api=DELETE_GROUPS)",
	  ADMIN_COORDINATOR, false },
	{ "group-offsets", "offsetFetch(api=OFFSET_FETCH)", ADMIN_COORDINATOR,
	  false },
	{ "alter-group-offsets", "offsetCommit(api=OFFSET_COMMIT)",
	  ADMIN_COORDINATOR, false },
	{ "delete-group-offsets", "offsetDelete(api=OFFSET_DELETE)",
	  ADMIN_COORDINATOR, false },
	{ "list-transactions", "listTransactions(api=LIST_TRANSACTIONS)",
	  ADMIN_ALL, false },
	{ "describe-transaction", "describeTransactions(api="
	  "DESCRIBE_TRANSACTIONS)", ADMIN_COORDINATOR, false },
	{ "describe-producers", "describeProducers(api=DESCRIBE_PRODUCERS)",
	  ADMIN_LEADERS, false },
	{ "describe-producers-on", "describeProducers(api=DESCRIBE_PRODUCERS)",
	  ADMIN_BROKER, false },
	{ "abort-transaction", "abortTransaction(api=WRITE_TXN_MARKERS)",
	  ADMIN_LEADERS, false },
};

const struct admin_api *admin_api_find(const char *name)
{
	for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++)
		if (!strcmp(apis[i].name, name))
			return &apis[i];
	return NULL;
}

/* -- small parts ------------------------------------------------------------ */

static bool legal(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool admin_topic_name(const char *name, struct err *err)
{
	const char *is = "Topic name is invalid:";

	if (!*name)
		return err_set(err, "%s the empty string is not allowed", is);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(err, "%s '%s' is not allowed", is, name);
	if (strlen(name) > 249)
		return err_set(err, "%s the length of '%s' is longer than the "
			       "max allowed length 249", is, name);
	for (const char *c = name; *c; c++)
		if (!legal(*c))
			return err_set(err, "%s '%s' contains one or more "
				       "characters other than ASCII "
				       "alphanumerics, '.', '_' and '-'",
				       is, name);
	return true;
}

bool admin_item(const char **list, char *item, size_t cap)
{
	size_t len = strcspn(*list, ",");

	if (!**list)
		return false;
	if (len >= cap)
		len = cap - 1;
	memcpy(item, *list, len);
	item[len] = '\0';
	*list += strcspn(*list, ",");
	*list += **list == ',';
	return true;
}

void admin_answer(struct world *w, struct process *from, struct process *to,
		  uint64_t correlation, enum kafka_error error,
		  const char *json)
{
	struct text_message *m = text_message_new(w, MESSAGE_ADMIN_ANSWER,
						  correlation, json);

	m->error = error;
	net_send(w, from, to, &m->req.head);
}

void admin_refuse(struct world *w, struct process *from, struct process *to,
		  uint64_t correlation, enum kafka_error error,
		  const char *message)
{
	struct text json = {0};

	text_add(&json, "{\"message\":");
	text_json(&json, message);
	text_add(&json, "}");
	admin_answer(w, from, to, correlation, error, json.at);
	text_free(&json);
}

/* One answer being written, comma by comma. */
struct answer {
	struct world *w;
	struct broker *b;
	const char *args;
	uint16_t port;			/* the listener it was asked by */
	struct text json;
	enum kafka_error error;		/* set: json holds the sentence only */
};

/* A comma unless this is the first of its list. */
static void next(struct text *t)
{
	char last = t->len ? t->at[t->len - 1] : '[';

	if (last != '[' && last != '{')
		text_char(t, ',');
}

static void field(struct text *t, const char *key, const char *value)
{
	next(t);
	text_json(t, key);
	text_char(t, ':');
	text_json(t, value);
}

static void field_int(struct text *t, const char *key, int64_t value)
{
	next(t);
	text_json(t, key);
	text_addf(t, ":%lld", (long long)value);
}

static void field_bool(struct text *t, const char *key, bool value)
{
	next(t);
	text_json(t, key);
	text_add(t, value ? ":true" : ":false");
}

static void refuse(struct answer *a, enum kafka_error error,
		   const char *message)
{
	a->error = error;
	text_clear(&a->json);
	text_add(&a->json, message);
}

static int32_t node(const struct answer *a, int32_t index)
{
	return index == NO_BROKER ? -1 : a->b->cluster->brokers.at[index]->node_id;
}

/* -- topics ------------------------------------------------------------------ */

static const struct topic *known_topic(const struct answer *a,
				       const char *name)
{
	const struct topic *t = cluster_topic(a->w, a->b->cluster, name);

	return t && view_knows_topic(&a->b->view, t->id) ? t : NULL;
}

static void list_topics(struct answer *a)
{
	const struct cluster *c = a->b->cluster;

	text_add(&a->json, "{\"topics\":[");
	for (uint32_t i = 0; i < c->topics.count; i++) {
		const struct topic *t = c->topics.at[i];

		if (!view_knows_topic(&a->b->view, t->id))
			continue;
		next(&a->json);
		text_char(&a->json, '{');
		field(&a->json, "name", world_text(a->w, t->name));
		field(&a->json, "uuid", t->uuid);
		field_bool(&a->json, "internal", t->internal);
		text_char(&a->json, '}');
	}
	text_add(&a->json, "]}");
}

static void brokers_of(struct answer *a, const char *key,
		       const struct partition_state *s, uint64_t mask)
{
	next(&a->json);
	text_json(&a->json, key);
	text_add(&a->json, ":[");
	for (uint32_t i = 0; i < s->replica_count; i++)
		if (mask & broker_bit(s->replicas[i])) {
			next(&a->json);
			text_addf(&a->json, "%d", node(a, s->replicas[i]));
		}
	text_char(&a->json, ']');
}

static void describe_partition(struct answer *a, uint32_t index,
			       const struct partition_state *s)
{
	next(&a->json);
	text_char(&a->json, '{');
	field_int(&a->json, "partition", index);
	field_int(&a->json, "leader", node(a, s->leader));
	field_int(&a->json, "leader_epoch", s->leader_epoch);
	brokers_of(a, "replicas", s, UINT64_MAX);
	brokers_of(a, "isr", s, s->isr);
	brokers_of(a, "adding", s, s->adding);
	brokers_of(a, "removing", s, s->removing);
	text_char(&a->json, '}');
}

static void describe_topic(struct answer *a, const struct topic *t)
{
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "name", world_text(a->w, t->name));
	field(&a->json, "uuid", t->uuid);
	field_bool(&a->json, "internal", t->internal);
	text_add(&a->json, ",\"partitions\":[");
	for (uint32_t i = 0; i < t->partitions.count; i++) {
		const struct partition_state *s = view_partition(&a->b->view,
			t->partitions.at[i]->id);

		if (s->replica_count)
			describe_partition(a, i, s);
	}
	text_add(&a->json, "]}");
}

static void unknown_topic(struct answer *a, const char *name)
{
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "name", name);
	field(&a->json, "error",
	      kafka_error_name(KAFKA_UNKNOWN_TOPIC_OR_PARTITION));
	field(&a->json, "message",
	      kafka_error_text(KAFKA_UNKNOWN_TOPIC_OR_PARTITION));
	text_char(&a->json, '}');
}

static void describe_topics(struct answer *a)
{
	const struct cluster *c = a->b->cluster;
	struct text names = {0};
	char name[256];
	const char *at;

	text_add(&a->json, "{\"topics\":[");
	if (!args_bytes(a->args, "topics", &names))
		for (uint32_t i = 0; i < c->topics.count; i++)
			if (view_knows_topic(&a->b->view, i))
				describe_topic(a, c->topics.at[i]);
	at = text_cstr(&names);
	while (admin_item(&at, name, sizeof(name))) {
		const struct topic *t = known_topic(a, name);

		if (t)
			describe_topic(a, t);
		else
			unknown_topic(a, name);
	}
	text_free(&names);
	text_add(&a->json, "]}");
}

/* -- the cluster --------------------------------------------------------------- */

static bool alive(const struct answer *a, uint32_t index)
{
	return a->b->view.brokers & broker_bit((int32_t)index);
}

/* Under KRaft a client is told some living broker as the controller
 * (KRaftMetadataCache.getRandomAliveBrokerId); we take the first. */
static int32_t controller_shown(const struct answer *a)
{
	for (uint32_t i = 0; i < a->b->cluster->brokers.count; i++)
		if (alive(a, i))
			return node(a, (int32_t)i);
	return -1;
}

/* The listener of b that goes by the same name as the one asked. */
static const struct listener *same_listener(const struct answer *a,
					    const struct broker *b)
{
	name_id name = 0;

	for (uint32_t i = 0; i < a->b->listeners.count; i++)
		if (a->b->listeners.at[i].port == a->port)
			name = a->b->listeners.at[i].name;
	for (uint32_t i = 0; i < b->listeners.count; i++)
		if (b->listeners.at[i].name == name)
			return &b->listeners.at[i];
	return b->listeners.count ? &b->listeners.at[0] : NULL;
}

static void describe_node(struct answer *a, const struct broker *b)
{
	const struct listener *l = same_listener(a, b);

	next(&a->json);
	text_char(&a->json, '{');
	field_int(&a->json, "id", b->node_id);
	if (l) {
		field(&a->json, "host", world_text(a->w, l->advertised_host));
		field_int(&a->json, "port", l->advertised_port);
	}
	if (b->rack)
		field(&a->json, "rack", world_text(a->w, b->rack));
	text_char(&a->json, '}');
}

static void describe_cluster(struct answer *a)
{
	const struct cluster *c = a->b->cluster;

	text_char(&a->json, '{');
	field(&a->json, "cluster_id", world_text(a->w, c->id));
	field_int(&a->json, "controller", controller_shown(a));
	text_add(&a->json, ",\"nodes\":[");
	for (uint32_t i = 0; i < c->brokers.count; i++)
		if (alive(a, i))
			describe_node(a, c->brokers.at[i]);
	text_add(&a->json, "]}");
}

/* Of a transactional id; of a group below. */
static void find_txn_coordinator(struct answer *a)
{
	struct text id = {0};
	enum kafka_error error;
	int32_t coordinator;

	args_bytes(a->args, "txn", &id);
	error = admin_txn_coordinator(a->w, a->b, text_cstr(&id), &coordinator);
	text_free(&id);
	if (error != KAFKA_NONE)
		refuse(a, error, kafka_error_text(error));
	else
		text_addf(&a->json, "{\"node\":%d}", coordinator);
}

static void find_coordinator(struct answer *a)
{
	const struct topic *t = known_topic(a, OFFSETS_TOPIC);
	const struct partition_state *s;
	char group[256];

	if (args_has(a->args, "txn")) {
		find_txn_coordinator(a);
		return;
	}
	args_text(a->args, "group", group, sizeof(group));
	if (!t || !t->partitions.count) {
		refuse(a, KAFKA_COORDINATOR_NOT_AVAILABLE,
		       kafka_error_text(KAFKA_COORDINATOR_NOT_AVAILABLE));
		return;
	}
	s = view_partition(&a->b->view, t->partitions.at[
		group_offsets_partition(group, t->partitions.count)]->id);
	if (s->leader == NO_BROKER) {
		refuse(a, KAFKA_COORDINATOR_NOT_AVAILABLE,
		       kafka_error_text(KAFKA_COORDINATOR_NOT_AVAILABLE));
		return;
	}
	text_addf(&a->json, "{\"node\":%d}", node(a, s->leader));
}

/* -- settings ------------------------------------------------------------------- */

/*
 * Topic settings in the order in which tools show them: that of a
 * java.util.HashMap with 64 places, which is what AdminClient keeps them in.
 */
static const enum topic_key shown_order[TOPIC_KEYS] = {
	TOPIC_COMPRESSION_TYPE, TOPIC_MIN_INSYNC_REPLICAS,
	TOPIC_CLEANUP_POLICY, TOPIC_FLUSH_MS, TOPIC_SEGMENT_BYTES,
	TOPIC_RETENTION_MS, TOPIC_FLUSH_MESSAGES, TOPIC_FILE_DELETE_DELAY_MS,
	TOPIC_MAX_COMPACTION_LAG_MS, TOPIC_MAX_MESSAGE_BYTES,
	TOPIC_MIN_COMPACTION_LAG_MS, TOPIC_TIMESTAMP_TYPE,
	TOPIC_MIN_CLEANABLE_RATIO, TOPIC_UNCLEAN_ELECTION,
	TOPIC_RETENTION_BYTES, TOPIC_DELETE_RETENTION_MS,
	TOPIC_TIMESTAMP_AFTER_MAX_MS,
	TOPIC_TIMESTAMP_BEFORE_MAX_MS, TOPIC_SEGMENT_MS,
};

/* Settings that a real topic has too and that change nothing here: name,
 * default, and the name of the broker's setting (NULL: it has none that shows,
 * ServerTopicConfigSynonyms). */
static const struct fixed_setting {
	const char *name, *value, *server;
} fixed_settings[] = {
	{ "compression.gzip.level", "-1", "compression.gzip.level" },
	{ "compression.lz4.level", "9", "compression.lz4.level" },
	{ "compression.zstd.level", "3", "compression.zstd.level" },
	{ "index.interval.bytes", "4096", "log.index.interval.bytes" },
	{ "local.retention.bytes", "-2", "log.local.retention.bytes" },
	{ "local.retention.ms", "-2", "log.local.retention.ms" },
	{ "message.downconversion.enable", "true",
	  "log.message.downconversion.enable" },
	{ "message.format.version", "3.0-IV1", "log.message.format.version" },
	{ "message.timestamp.difference.max.ms", "9223372036854775807",
	  "log.message.timestamp.difference.max.ms" },
	{ "preallocate", "false", "log.preallocate" },
	{ "remote.log.copy.disable", "false", NULL },
	{ "remote.log.delete.on.disable", "false", NULL },
	{ "remote.storage.enable", "false", NULL },
	{ "segment.index.bytes", "10485760", "log.index.size.max.bytes" },
	{ "segment.jitter.ms", "0", NULL },
};

bool admin_fixed_setting(const char *name)
{
	for (size_t i = 0; i < sizeof(fixed_settings) /
			       sizeof(fixed_settings[0]); i++)
		if (!strcmp(fixed_settings[i].name, name))
			return true;
	return false;
}

static void entry(struct answer *a, const char *name, const char *value,
		  bool read_only)
{
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "name", name);
	field(&a->json, "value", value);
	field_bool(&a->json, "read_only", read_only);
	text_add(&a->json, ",\"synonyms\":[");
}

static void synonym(struct answer *a, const char *source, const char *name,
		    const char *value)
{
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "source", source);
	field(&a->json, "name", name);
	field(&a->json, "value", value);
	text_char(&a->json, '}');
}

/* The first synonym tells where the value comes from. */
static void entry_end(struct answer *a, const char *source)
{
	text_char(&a->json, ']');
	field(&a->json, "source", source);
	text_char(&a->json, '}');
}

static void value_text(struct text *t, const struct config_key *key,
		       int64_t value)
{
	text_clear(t);
	config_value_text(t, key, value);
}

static bool level(struct answer *a, const struct broker_config *c,
		  enum broker_key k, const char *source)
{
	struct text value = {0};

	if (!c || !(c->set >> k & 1))
		return false;
	value_text(&value, &broker_keys[k], c->value[k]);
	synonym(a, source, broker_keys[k].name, value.at);
	text_free(&value);
	return true;
}

/*
 * What a setting of the broker adds, level by level (DynamicBrokerConfig:
 * own, cluster-wide, of the file), then the default; the source of the first.
 * Some show no default: it belongs to another name (log.retention.hours,
 * log.roll.hours) or is null (log.flush.interval.ms).
 */
static const char *server_synonyms(struct answer *a, enum broker_key k)
{
	static const char *const sources[] = {
		"DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG",
		"STATIC_BROKER_CONFIG",
	};
	const struct broker *b = a->b;
	const struct broker_config *levels[] = {
		b->view.broker_configs[b->index], b->view.broker_default,
		&b->config,
	};
	const char *first = NULL;
	struct text value = {0};

	for (int i = 0; i < 3; i++)
		if (level(a, levels[i], k, sources[i]) && !first)
			first = sources[i];
	if (k != BROKER_RETENTION_MS && k != BROKER_SEGMENT_MS &&
	    k != BROKER_FLUSH_MS) {
		value_text(&value, &broker_keys[k], broker_keys[k].otherwise);
		synonym(a, "DEFAULT_CONFIG", broker_keys[k].name, value.at);
	}
	text_free(&value);
	return first ? first : "DEFAULT_CONFIG";
}

static const char *server_name(enum topic_key k)
{
	return k == TOPIC_CLEANUP_POLICY ? "log.cleanup.policy" :
	       topic_keys[k].name;
}

static void topic_entry(struct answer *a, const struct topic *t,
			enum topic_key k)
{
	const struct topic_config *c = a->b->view.configs.at[t->id];
	const struct config_key *key = &topic_keys[k];
	const char *source = "DEFAULT_CONFIG";
	bool own = c->set >> k & 1;
	struct text value = {0};

	value_text(&value, key, view_topic_setting(&a->b->view, t->id,
						   a->b->index,
						   &a->b->config, k));
	entry(a, key->name, value.at, false);
	if (own)
		synonym(a, "DYNAMIC_TOPIC_CONFIG", key->name, value.at);
	if (key->server >= 0) {
		source = server_synonyms(a, (enum broker_key)key->server);
	} else {
		value_text(&value, key, key->otherwise);
		synonym(a, "DEFAULT_CONFIG", server_name(k), value.at);
	}
	entry_end(a, own ? "DYNAMIC_TOPIC_CONFIG" : source);
	text_free(&value);
}

/* The lists of replicas whose replication is limited. */
static void throttled_entries(struct answer *a, const struct topic_config *c)
{
	for (int i = 0; i < THROTTLE_SIDES; i++) {
		const char *own = c->throttled[i] ? "DYNAMIC_TOPIC_CONFIG" :
				  NULL;
		const char *value = world_text(a->w, c->throttled[i]);

		entry(a, throttled_replicas[i], value, false);
		if (own)
			synonym(a, own, throttled_replicas[i], value);
		entry_end(a, own ? own : "DEFAULT_CONFIG");
	}
}

static void fixed_entries(struct answer *a)
{
	for (size_t i = 0; i < sizeof(fixed_settings) /
			       sizeof(fixed_settings[0]); i++) {
		const struct fixed_setting *s = &fixed_settings[i];

		entry(a, s->name, s->value, false);
		if (s->server)
			synonym(a, "DEFAULT_CONFIG", s->server, s->value);
		entry_end(a, "DEFAULT_CONFIG");
	}
}

static void topic_configs(struct answer *a, const char *name)
{
	const struct topic *t = known_topic(a, name);

	if (!t) {
		unknown_topic(a, name);
		return;
	}
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "name", name);
	text_add(&a->json, ",\"entries\":[");
	for (uint32_t i = 0; i < TOPIC_KEYS; i++)
		topic_entry(a, t, shown_order[i]);
	throttled_entries(a, a->b->view.configs.at[t->id]);
	fixed_entries(a);
	text_add(&a->json, "]}");
}

static void broker_static_entry(struct answer *a, const char *name,
				const char *value, bool read_only)
{
	entry(a, name, value, read_only);
	synonym(a, "STATIC_BROKER_CONFIG", name, value);
	entry_end(a, "STATIC_BROKER_CONFIG");
}

/* What server.properties says besides the settings of config.h. */
static void broker_identity(struct answer *a)
{
	const struct broker *b = a->b;
	struct text listeners = {0}, advertised = {0}, id = {0}, dirs = {0};

	for (uint32_t i = 0; i < b->listeners.count; i++) {
		const struct listener *l = &b->listeners.at[i];
		const char *name = world_text(a->w, l->name);

		text_addf(&listeners, "%s%s://:%u", i ? "," : "", name, l->port);
		text_addf(&advertised, "%s%s://%s:%u", i ? "," : "", name,
			  world_text(a->w, l->advertised_host),
			  l->advertised_port);
	}
	text_addf(&id, "%d", b->node_id);
	broker_static_entry(a, "advertised.listeners", text_cstr(&advertised),
			    false);
	broker_static_entry(a, "broker.id", id.at, true);
	if (b->rack)
		broker_static_entry(a, "broker.rack",
				    world_text(a->w, b->rack), true);
	broker_static_entry(a, "listeners", text_cstr(&listeners), false);
	log_dirs_text(a->w, b, ",", &dirs);
	broker_static_entry(a, "log.dirs", text_cstr(&dirs), true);
	text_free(&dirs);
	broker_static_entry(a, "node.id", id.at, true);
	broker_static_entry(a, "process.roles", "broker", true);
	text_free(&listeners);
	text_free(&advertised);
	text_free(&id);
}

static void broker_entry(struct answer *a, enum broker_key k)
{
	const struct config_key *key = &broker_keys[k];
	struct text value = {0};

	value_text(&value, key, broker_setting(a->b, k));
	entry(a, key->name, value.at, !key->dynamic);
	entry_end(a, server_synonyms(a, k));
	text_free(&value);
}

/* The cluster-wide default shows what was set there, and nothing else. */
static void default_entries(struct answer *a)
{
	const struct broker_config *c = a->b->view.broker_default;

	for (int k = 0; c && k < BROKER_KEYS; k++) {
		struct text value = {0};

		if (!(c->set >> k & 1))
			continue;
		value_text(&value, &broker_keys[k], c->value[k]);
		entry(a, broker_keys[k].name, value.at, false);
		level(a, c, (enum broker_key)k,
		      "DYNAMIC_DEFAULT_BROKER_CONFIG");
		entry_end(a, "DYNAMIC_DEFAULT_BROKER_CONFIG");
		text_free(&value);
	}
}

static void broker_configs(struct answer *a, const char *name)
{
	bool whole = strcmp(name, "default") != 0;

	text_char(&a->json, '{');
	field(&a->json, "name", whole ? name : "");
	text_add(&a->json, ",\"entries\":[");
	if (whole) {
		broker_identity(a);
		for (int k = 0; k < BROKER_KEYS; k++)
			broker_entry(a, (enum broker_key)k);
	} else {
		default_entries(a);
	}
	text_add(&a->json, "]}");
}

static void describe_configs(struct answer *a)
{
	struct text names = {0};
	char name[256];
	const char *at;

	text_add(&a->json, "{\"resources\":[");
	if (args_text(a->args, "broker", name, sizeof(name)))
		broker_configs(a, name);
	args_bytes(a->args, "topics", &names);
	at = text_cstr(&names);
	while (admin_item(&at, name, sizeof(name)))
		topic_configs(a, name);
	text_free(&names);
	text_add(&a->json, "]}");
}

/* -- offsets --------------------------------------------------------- */

bool admin_partition(const char *text, char *topic, size_t cap,
		     uint32_t *index)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!len || len >= cap || !colon[1])
		return false;
	memcpy(topic, text, len);
	topic[len] = '\0';
	*index = 0;
	for (const char *c = colon + 1; *c; c++) {
		if (*c < '0' || *c > '9' || *index > 1000000)
			return false;
		*index = *index * 10 + (uint32_t)(*c - '0');
	}
	return true;
}

/*
 * Where in time.  Records above the high watermark are not there yet for
 * anybody (UnifiedLog.fetchOffsetByTimestamp, Partition.fetchOffsetForTimestamp).
 */
static int64_t offset_for(struct answer *a, const struct replica *r,
			  int64_t time, sim_time *found)
{
	sim_time at = 0;
	int64_t offset;

	*found = -1;
	if (time == OFFSET_LATEST)
		return r->high_watermark;
	if (time == OFFSET_EARLIEST)
		return r->log.start_offset;
	if (time == OFFSET_MAX_TIMESTAMP)
		at = r->log.max_timestamp;
	else if (time > SIM_EPOCH_MS)
		at = SIM_MS(time - SIM_EPOCH_MS);
	offset = log_offset_for_time(a->w, &r->log, at, found);
	return offset < r->high_watermark ? offset : -1;
}

static enum kafka_error offset_of(struct answer *a, const char *topic,
				  uint32_t index, int64_t time)
{
	const struct partition *p = cluster_partition(a->w, a->b->cluster,
						      topic, index);
	const struct replica *r;
	sim_time found;
	int64_t offset;

	if (!p || !view_knows_topic(&a->b->view, p->topic->id))
		return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
	r = broker_replica(a->b, p->id);
	if (!r || r->role != REPLICA_LEADER)
		return KAFKA_NOT_LEADER_OR_FOLLOWER;
	offset = offset_for(a, r, time, &found);
	next(&a->json);
	text_char(&a->json, '{');
	field(&a->json, "topic", topic);
	field_int(&a->json, "partition", index);
	field_int(&a->json, "offset", offset);
	field_int(&a->json, "timestamp",
		  found < 0 || offset < 0 ? -1 : sim_wall_ms(found));
	text_char(&a->json, '}');
	return KAFKA_NONE;
}

static void list_offsets(struct answer *a)
{
	int64_t time = args_int(a->args, "time", OFFSET_LATEST);
	enum kafka_error error = KAFKA_NONE;
	struct text list = {0};
	char item[300], topic[256];
	const char *at;
	uint32_t index;

	text_add(&a->json, "{\"offsets\":[");
	args_bytes(a->args, "partitions", &list);
	at = text_cstr(&list);
	while (error == KAFKA_NONE && admin_item(&at, item, sizeof(item)))
		if (admin_partition(item, topic, sizeof(topic), &index))
			error = offset_of(a, topic, index, time);
	text_free(&list);
	text_add(&a->json, "]}");
	if (error != KAFKA_NONE)
		refuse(a, error, kafka_error_text(error));
}

/* -- the request ------------------------------------------------------------------- */

static const struct {
	const char *api;
	void (*run)(struct answer *a);
} handlers[] = {
	{ "list-topics", list_topics },
	{ "describe-topics", describe_topics },
	{ "describe-cluster", describe_cluster },
	{ "describe-configs", describe_configs },
	{ "list-offsets", list_offsets },
	{ "find-coordinator", find_coordinator },
};

static void serve(struct answer *a, const char *api)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (!strcmp(handlers[i].api, api)) {
			handlers[i].run(a);
			return;
		}
	if (!admin_log_dirs(a->w, a->b, api, &a->json) &&
	    !admin_groups(a->w, a->b, api, a->args, &a->json, &a->error) &&
	    !admin_txn(a->w, a->b, api, a->args, &a->json, &a->error))
		refuse(a, KAFKA_INVALID_REQUEST,
		       kafka_error_text(KAFKA_INVALID_REQUEST));
}

static void answer(struct world *w, struct broker *b, const char *api,
		   const struct text_message *m)
{
	struct answer a = { .w = w, .b = b, .args = m->text,
			    .port = m->req.port };

	serve(&a, api);
	if (a.error != KAFKA_NONE)
		admin_refuse(w, b->process, m->req.head.from,
			     m->req.correlation, a.error, text_cstr(&a.json));
	else
		admin_answer(w, b->process, m->req.head.from,
			     m->req.correlation, KAFKA_NONE,
			     text_cstr(&a.json));
	text_free(&a.json);
}

/* Takes the message.  Answers of the controller come here too. */
void admin_handle(struct world *w, struct broker *b, struct text_message *m)
{
	const struct admin_api *kind;
	char api[64];

	args_text(m->text, "api", api, sizeof(api));
	kind = admin_api_find(api);
	if (m->req.head.kind == MESSAGE_ADMIN_ANSWER)
		channel_answered(w, b, m);
	else if (kind && kind->forwarded)
		channel_forward(w, b, m);
	else if (admin_txn_aborts(w, b, m))
		return;
	else
		answer(w, b, api, m);
	message_free(w, &m->req.head);
}
