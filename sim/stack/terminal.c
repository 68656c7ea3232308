/* terminal.c - what a person at a keyboard starts in the world */
#include "sim/stack/terminal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/consumer.h"
#include "sim/broker/producer.h"
#include "sim/core/args.h"
#include "sim/host/http.h"

/*
 * An index of entries of one size, and their texts beside it: a stream skips
 * the rest of a chunk that an entry does not fit into, so only entries that
 * divide the chunk can be counted through.
 */
#define ENTRY_CHUNK	(sizeof(struct terminal_entry) * 1024)
#define TEXT_CHUNK	(1u << 20)	/* longest text; a Lua string's too */

#define POLL_EVERY	SIM_MS(200)	/* new lines of a client's log */
#define POLL_CLOSING	SIM_MS(5)	/* whether all is sent */
#define KEEP_IDLE	SIM_S(5)	/* an admin client nobody asks ends */
#define CLOSE_WAIT	SIM_MS(100)	/* for the goodbyes of a consumer */
#define CPU_RECORD	SIM_US(5)	/* to print a record [E] */
#define POLLED_MAX	32		/* pieces of one poll */
#define HTTP_TIMEOUT_MS	30000

enum terminal_what { WHAT_ADMIN, WHAT_PRODUCER, WHAT_CONSUMER, WHAT_HTTP };

/* One of them: a client a person has started. */
struct terminal {
	int64_t id;
	enum terminal_what what;
	bool open, closing, keep;
	uint64_t entries;		/* index behind its last entry */
	uint64_t log_seen;		/* of all log lines */
	struct timer poll;
	struct admin_client *admin;
	struct client_host *host;
	struct producer *producer;
	struct consumer *consumer;
	struct http_process *http;
	name_id topic;
	int32_t partition;		/* consumer: -1 none by hand */
	int64_t offset;			/* where it begins there */
	int64_t left;			/* records it still wants; -1: all */
};

/* The process of a `curl`. */
struct http_process {
	struct process *process;
	struct terminal *terminal;	/* NULL: idle */
	struct process *peer;
	struct timer timeout;
};

struct terminals {
	int64_t last_id;
	stream_id entries, texts;
	struct map by_id;
	VEC(struct client_host *) hosts;	/* used again when idle */
	VEC(struct http_process *) https;	/* likewise */
};

struct terminals *terminals_new(struct world *w)
{
	struct terminals *t = world_take(w, struct terminals);

	t->entries = history_open(&w->history, ENTRY_CHUNK);
	t->texts = history_open(&w->history, TEXT_CHUNK);
	return t;
}

static struct terminals *terminals_of(const struct world *w)
{
	const struct terminal_root *root = w->state->parts[MODULE_STACK];

	return root ? root->terminals : NULL;
}

/* -- the mailbox -------------------------------------------------------------- */

static void post(struct world *w, struct terminal *t, enum terminal_kind kind,
		 const char *text, size_t len)
{
	static const char too_long[] =
		"{\"error\":\"TOO_LARGE\",\"message\":\"the answer is too "
		"long to be shown\"}";
	struct terminals *all = terminals_of(w);
	struct terminal_entry e = {
		.id = t->id, .at = world_now(w), .kind = (uint16_t)kind,
	};

	if (len >= TEXT_CHUNK) {
		text = too_long;
		len = sizeof(too_long) - 1;
	}
	e.len = (uint32_t)len;
	if (len) {		/* with the NUL, so that it can be lent */
		struct text copy = {0};

		text_bytes(&copy, text, len);
		e.text_at = history_append(&w->history, all->texts, copy.at,
					   len + 1);
		text_free(&copy);
	}
	history_append(&w->history, all->entries, &e, sizeof(e));
	t->entries = history_len(&w->history, all->entries) / sizeof(e);
}

static void post_text(struct world *w, struct terminal *t,
		      enum terminal_kind kind, const struct text *text)
{
	post(w, t, kind, text_cstr(text), text->len);
}

static struct terminal *find(const struct world *w, int64_t id)
{
	struct terminals *all = terminals_of(w);

	return all && id > 0 ? map_get(&all->by_id, (uint64_t)id) : NULL;
}

int64_t terminal_open_after(const struct world *w, int64_t id)
{
	const struct terminals *all = terminals_of(w);
	int64_t last = all ? all->last_id : 0;

	for (id = id < 0 ? 1 : id + 1; id <= last; id++) {
		const struct terminal *t = find(w, id);

		if (t && t->open)
			return id;
	}
	return 0;
}

bool terminal_has(const struct world *w, int64_t id, uint64_t cursor)
{
	const struct terminal *t = find(w, id);

	return t && t->entries > cursor;
}

const struct terminal_entry *terminal_next(const struct world *w, int64_t id,
					   uint64_t *cursor)
{
	const struct terminals *all = terminals_of(w);
	const struct terminal *t = find(w, id);

	while (t && *cursor < t->entries) {
		const struct terminal_entry *e = history_at(&w->history,
			all->entries, (*cursor)++ * sizeof(*e));

		if (e->id == id)
			return e;
	}
	return NULL;
}

const char *terminal_text(const struct world *w,
			  const struct terminal_entry *e)
{
	return e->len ? history_at(&w->history, terminals_of(w)->texts,
				   e->text_at) : "";
}

const char *terminal_kind_name(uint16_t kind)
{
	static const char *const names[] = {
		[TERMINAL_REPLY] = "reply", [TERMINAL_RECORD] = "record",
		[TERMINAL_LOG] = "log", [TERMINAL_ACK] = "ack",
		[TERMINAL_FAILED] = "failed", [TERMINAL_CLOSED] = "closed",
	};

	return names[kind];
}

/* -- common parts ----------------------------------------------------------------- */

static struct terminal *terminal_open(struct world *w, enum terminal_what what)
{
	struct terminals *all = terminals_of(w);
	struct terminal *t = world_take(w, struct terminal);

	t->id = ++all->last_id;
	t->what = what;
	t->open = true;
	t->log_seen = log_count(w);
	map_put(&all->by_id, &w->arena, (uint64_t)t->id, t);
	return t;
}

static struct terminal *named(struct world *w, const char *args,
			      enum terminal_what what, struct err *err)
{
	int64_t id = args_int(args, "id", 0);
	struct terminal *t = find(w, id);

	if (!t || t->what != what || !t->open)
		err_set(err, "id=%lld: no such client is open", (long long)id);
	return t && t->what == what && t->open ? t : NULL;
}

static struct machine *machine_from(struct world *w, const char *args,
				    struct err *err)
{
	char name[128];
	struct machine *m;

	args_text(args, "from", name, sizeof(name));
	m = *name ? machine_find(w, name) : NULL;
	if (!m)
		err_set(err, "from=%s: no such machine", name);
	return m;
}

/* An argument, or what stands for it when it is not there. */
static void argument(const char *args, const char *key, const char *otherwise,
		     struct text *t)
{
	if (!args_bytes(args, key, t))
		text_add(t, otherwise);
}

static void ended(struct world *w, struct terminal *t)
{
	if (!t->open)
		return;
	t->open = false;
	world_cancel(w, &t->poll);
	post(w, t, TERMINAL_CLOSED, "", 0);
}

/* The client's log is where every process's is; what it says at WARN and
 * above would be on the person's screen (tools-log4j.properties). */
static void copy_log(struct world *w, struct terminal *t)
{
	uint64_t count = log_count(w);
	uint32_t process = t->host->process->id;
	struct text text = {0};

	for (; t->log_seen < count; t->log_seen++) {
		const struct log_line *line = log_at(w, t->log_seen);

		if (line->process != process || line->level < LOG_WARN)
			continue;
		text_clear(&text);
		log_line_text(w, line, &text);
		post_text(w, t, TERMINAL_LOG, &text);
	}
	text_free(&text);
}

static void poll_in(struct world *w, struct terminal *t, sim_time wait)
{
	world_cancel(w, &t->poll);
	t->poll = world_timer(w, world_now(w) + wait, TERMINAL_POLL, t, 0);
}

/* -- admin ------------------------------------------------------------------------- */

void terminal_admin_log(struct world *w, void *who, uint16_t arg)
{
	const struct admin_said *said = who;

	(void)arg;
	post(w, said->owner, TERMINAL_LOG, said->text, strlen(said->text));
}

void terminal_admin_done(struct world *w, void *who, uint16_t arg)
{
	const struct admin_said *said = who;
	struct terminal *t = said->owner;

	(void)arg;
	post(w, t, TERMINAL_REPLY, said->text, strlen(said->text));
	/* Not from inside the client's own call; one that is kept and then
	 * forgotten ends by itself. */
	poll_in(w, t, t->keep ? KEEP_IDLE : 0);
}

static bool admin_again(struct world *w, const char *args, int64_t *result,
			struct err *err)
{
	struct terminal *t = named(w, args, WHAT_ADMIN, err);

	if (!t)
		return false;
	if (admin_client_busy(t->admin))
		return err_set(err, "id=%lld: its last call is not over",
			       (long long)t->id);
	*result = t->id;
	world_cancel(w, &t->poll);
	admin_client_call(w, t->admin, args);
	return true;
}

bool terminal_admin(struct world *w, const char *args, int64_t *result,
		    struct err *err)
{
	struct admin_client_owner owner = {
		.log = TERMINAL_ADMIN_LOG, .done = TERMINAL_ADMIN_DONE,
	};
	struct text bootstrap = {0}, client_id = {0}, command = {0};
	struct terminal *t;
	struct machine *m;

	if (args_has(args, "id"))
		return admin_again(w, args, result, err);
	m = machine_from(w, args, err);
	if (!m)
		return false;
	if (!cluster_of(w))
		return err_set(err, "this world has no Kafka cluster");
	t = terminal_open(w, WHAT_ADMIN);
	t->keep = args_has(args, "keep");
	*result = t->id;
	owner.self = t;
	argument(args, "bootstrap", "", &bootstrap);
	argument(args, "client_id", "adminclient-1", &client_id);
	argument(args, "command", "java kafka-admin", &command);
	t->admin = admin_client_open(w, m, text_cstr(&bootstrap),
				     client_id.at, command.at, &owner);
	text_free(&bootstrap);
	text_free(&client_id);
	text_free(&command);
	admin_client_call(w, t->admin, args);
	return true;
}

bool terminal_admin_close(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	struct terminal *t = named(w, args, WHAT_ADMIN, err);

	if (!t)
		return false;
	*result = t->id;
	admin_client_close(w, t->admin);
	ended(w, t);
	return true;
}

/* -- producers and consumers --------------------------------------------------------- */

/* A process to hold a client: one that has ended is used again. */
static struct client_host *take_host(struct world *w, struct terminal *t,
				     struct machine *m, const char *args,
				     const char *otherwise)
{
	struct terminals *all = terminals_of(w);
	struct client_host *host = NULL;
	struct text command = {0};
	char name[64];

	for (uint32_t i = 0; i < all->hosts.count && !host; i++)
		if (all->hosts.at[i]->process->machine == m &&
		    all->hosts.at[i]->process->state == PROCESS_DOWN)
			host = all->hosts.at[i];
	if (!host) {
		snprintf(name, sizeof(name), "kafka-client-%u",
			 all->hosts.count + 1);
		host = client_host_new(w, name, m, "java", t, 0, TERMINAL_GONE,
				       0);
		*vec_add(&w->arena, &all->hosts) = host;
	}
	argument(args, "command", otherwise, &command);
	host->owner = t;
	host->process->command = world_name(w, command.at);
	text_free(&command);
	process_start(w, host->process);
	return host;
}

/* Arguments that are ours; all others are settings of the client. */
static bool is_setting(const char *key)
{
	static const char *const ours[] = {
		"from", "bootstrap", "topic", "group", "client_id", "command",
		"partition", "offset", "max", "id",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!strcmp(ours[i], key))
			return false;
	return *key != '\0';
}

/* Set what args say by `set` (producer_config_set, consumer_config_set). */
static bool read_settings(const char *args, void *config,
			  bool (*set)(void *config, const char *name,
				      const char *value, struct err *err),
			  struct err *err)
{
	struct text key = {0}, value = {0};
	bool ok = true;

	while (ok && args_next(&args, &key, &value))
		if (is_setting(text_cstr(&key)))
			ok = set(config, key.at, text_cstr(&value), err);
	text_free(&key);
	text_free(&value);
	return ok;
}

static bool set_producer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return producer_config_set(config, name, value, err);
}

static bool set_consumer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return consumer_config_set(config, name, value, err);
}

/* The client could not be made: its process and its id go again. */
static bool give_up(struct world *w, struct terminal *t)
{
	struct terminals *all = terminals_of(w);

	t->open = false;
	process_kill(w, t->host->process);
	map_remove(&all->by_id, (uint64_t)t->id);
	world_give(w, t);
	return false;
}

/* ClientUtils.parseAndValidateAddresses: one server that has an address is
 * enough.  What follows the colon is the client's affair. */
static bool check_bootstrap(struct world *w, struct machine *m,
			    const char *args, struct err *err)
{
	struct text list = {0};
	struct process *ignored;
	bool found = false;
	char host[256];

	args_bytes(args, "bootstrap", &list);
	for (const char *at = text_cstr(&list); *at && !found;) {
		size_t len = strcspn(at, ",");
		size_t name = strcspn(at, ":,");

		if (name && name < sizeof(host)) {
			memcpy(host, at, name);
			host[name] = '\0';
			found = net_resolve(w, m, host, 0, &ignored) !=
				RESOLVED_NO_HOST;
		}
		at += len + (at[len] == ',');
	}
	text_free(&list);
	return found || err_set(err, "No resolvable bootstrap urls given in "
				"bootstrap.servers");
}

static bool check_topic(struct world *w, const char *args, struct text *topic,
			struct err *err)
{
	if (!cluster_of(w))
		return err_set(err, "this world has no Kafka cluster");
	if (!args_bytes(args, "topic", topic) || !topic->len)
		return err_set(err, "topic= is missing");
	return true;
}

bool terminal_produce_open(struct world *w, const char *args, int64_t *result,
			   struct err *err)
{
	struct text topic = {0}, bootstrap = {0}, client_id = {0};
	struct machine *m = machine_from(w, args, err);
	struct producer_config config;
	struct terminal *t;
	bool ok;

	producer_config_init(&config);
	ok = m && check_topic(w, args, &topic, err) &&
	     check_bootstrap(w, m, args, err) &&
	     read_settings(args, &config, set_producer, err);
	if (ok) {
		t = terminal_open(w, WHAT_PRODUCER);
		t->host = take_host(w, t, m, args, "java ConsoleProducer");
		t->topic = world_name(w, topic.at);
		argument(args, "bootstrap", "", &bootstrap);
		argument(args, "client_id", "console-producer", &client_id);
		t->producer = producer_new(w, t->host, cluster_of(w),
			client_id.at, text_cstr(&bootstrap), &config, err);
		ok = t->producer || give_up(w, t);
	}
	if (ok) {
		t->producer->owner = t;
		t->producer->result = TERMINAL_RESULT;
		poll_in(w, t, POLL_EVERY);
		*result = t->id;
	}
	text_free(&topic);
	text_free(&bootstrap);
	text_free(&client_id);
	return ok;
}

bool terminal_produce(struct world *w, const char *args, int64_t *result,
		      struct err *err)
{
	struct terminal *t = named(w, args, WHAT_PRODUCER, err);
	struct text key = {0}, value = {0};
	bool has_key, has_value;

	if (!t)
		return false;
	if (t->closing)
		return err_set(err, "id=%lld: it is closing",
			       (long long)t->id);
	has_key = args_bytes(args, "key", &key);
	has_value = args_bytes(args, "value", &value);
	producer_send(w, t->producer, t->topic,
		      (int32_t)args_int(args, "partition", -1),
		      text_cstr(&key), has_key ? (int32_t)key.len : -1,
		      text_cstr(&value), has_value ? (int32_t)value.len : -1);
	text_free(&key);
	text_free(&value);
	*result = t->id;
	return true;
}

bool terminal_produce_close(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct terminal *t = named(w, args, WHAT_PRODUCER, err);

	if (!t)
		return false;
	t->closing = true;
	producer_flush(w, t->producer);
	poll_in(w, t, 0);
	*result = t->id;
	return true;
}

/* -- consuming ---------------------------------------------------------------------- */

static void post_record(struct world *w, struct terminal *t,
			const struct polled *piece, uint32_t i)
{
	const struct partition *p =
		cluster_of(w)->partitions.at[piece->partition];
	char scratch[RECORD_SCRATCH];
	struct record_view view;
	struct text json = {0};

	record_read(w, cluster_of(w), &piece->batch, i, &view, scratch);
	text_add(&json, "{\"topic\":");
	text_json(&json, world_text(w, p->topic->name));
	text_addf(&json, ",\"partition\":%u,\"offset\":%lld,"
		  "\"timestamp_ms\":%lld", p->index, (long long)view.offset,
		  (long long)sim_wall_ms(view.at));
	if (view.key_len >= 0) {
		text_add(&json, ",\"key\":");
		text_json_bytes(&json, view.key, (size_t)view.key_len);
	}
	if (view.value_len >= 0) {
		text_add(&json, ",\"value\":");
		text_json_bytes(&json, view.value, (size_t)view.value_len);
	}
	text_char(&json, '}');
	post_text(w, t, TERMINAL_RECORD, &json);
	text_free(&json);
}

/* Commit, leave the group, and end when that is said. */
static void stop_consuming(struct world *w, struct terminal *t)
{
	if (t->closing)
		return;
	t->closing = true;
	copy_log(w, t);
	consumer_close(w, t->consumer);
	t->consumer = NULL;
	poll_in(w, t, CLOSE_WAIT);
}

/* What was not wanted is not polled either, so that it is not committed:
 * ConsoleConsumer.resetUnconsumedOffsets. */
static void consume(struct world *w, struct terminal *t)
{
	struct polled pieces[POLLED_MAX];
	uint32_t n;

	do {
		if (t->left >= 0 &&
		    t->left < t->consumer->config.max_poll_records)
			t->consumer->config.max_poll_records = t->left;
		if (!t->left)
			break;
		n = consumer_poll(w, t->consumer, pieces, POLLED_MAX);
		for (uint32_t i = 0; i < n; i++) {
			for (uint32_t k = 0; k < pieces[i].count; k++)
				post_record(w, t, &pieces[i],
					    pieces[i].first + k);
			cpu_spend(w, t->host->process,
				  pieces[i].count * CPU_RECORD);
			if (t->left > 0)
				t->left -= pieces[i].count;
		}
	} while (n);
	if (!t->left)
		stop_consuming(w, t);
}

void terminal_records(struct world *w, void *who, uint16_t topic_known)
{
	struct terminal *t = who;

	if (!t->consumer || t->closing)
		return;
	if (topic_known && t->partition >= 0)
		consumer_assign(w, t->consumer, t->topic, t->partition,
				t->offset);
	/* not from inside the client's own call */
	poll_in(w, t, 0);
}

static bool new_consumer(struct world *w, struct terminal *t, const char *args,
			 const struct consumer_config *config, struct err *err)
{
	struct text bootstrap = {0}, client_id = {0}, group = {0};

	argument(args, "bootstrap", "", &bootstrap);
	argument(args, "client_id", "console-consumer", &client_id);
	args_bytes(args, "group", &group);
	t->consumer = consumer_new(w, t->host, cluster_of(w), client_id.at,
				   text_cstr(&bootstrap), text_cstr(&group),
				   config, err);
	text_free(&bootstrap);
	text_free(&client_id);
	text_free(&group);
	return t->consumer != NULL;
}

bool terminal_consume_open(struct world *w, const char *args, int64_t *result,
			   struct err *err)
{
	struct machine *m = machine_from(w, args, err);
	bool by_hand = args_has(args, "partition");
	struct consumer_config config;
	struct text topic = {0};
	struct terminal *t;
	bool ok;

	consumer_config_init(&config);
	ok = m && check_topic(w, args, &topic, err) &&
	     check_bootstrap(w, m, args, err) &&
	     read_settings(args, &config, set_consumer, err);
	if (ok && by_hand == args_has(args, "group"))
		ok = err_set(err, "either group= or partition= is needed");
	if (ok && by_hand && args_int(args, "partition", -1) < 0)
		ok = err_set(err, "partition= must be 0 or more");
	if (ok) {
		t = terminal_open(w, WHAT_CONSUMER);
		t->host = take_host(w, t, m, args, "java ConsoleConsumer");
		t->topic = world_name(w, topic.at);
		t->partition = (int32_t)args_int(args, "partition", -1);
		t->offset = args_int(args, "offset", OFFSET_LATEST);
		t->left = args_int(args, "max", -1);
		ok = new_consumer(w, t, args, &config, err) || give_up(w, t);
	}
	if (ok) {
		t->consumer->owner = t;
		t->consumer->ready = TERMINAL_RECORDS;
		if (by_hand)
			client_want_topic(w, &t->consumer->client, t->topic);
		else
			consumer_subscribe(w, t->consumer, t->topic);
		poll_in(w, t, 0);
		*result = t->id;
	}
	text_free(&topic);
	return ok;
}

bool terminal_consume_close(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct terminal *t = named(w, args, WHAT_CONSUMER, err);

	if (!t)
		return false;
	stop_consuming(w, t);
	*result = t->id;
	return true;
}

/* -- what became of a batch ------------------------------------------------------------ */

static void batch_head(struct world *w, const struct producer_result *r,
		       struct text *json)
{
	text_add(json, "{\"topic\":");
	text_json(json, world_text(w, r->topic));
	if (r->partition != UINT32_MAX)
		text_addf(json, ",\"partition\":%u",
			  cluster_of(w)->partitions.at[r->partition]->index);
}

static void record_sizes(struct text *json, bool first, int32_t key_len,
			 int32_t value_len)
{
	text_addf(json, "%s{\"key_bytes\":%d,\"value_bytes\":%d}",
		  first ? "" : ",", key_len, value_len);
}

/* Sizes of the records of a batch that failed, for the tool's message. */
static void batch_sizes(struct world *w, const struct producer_result *r,
			struct text *json)
{
	const struct producer_batch *b = (const void *)
		((const char *)r->batch - offsetof(struct producer_batch,
						   batch));
	char scratch[RECORD_SCRATCH];
	struct record_view view;

	/* One that never closed has nothing in the payload stream yet. */
	for (uint32_t i = 0; i < r->batch->count; i++) {
		if (b->closed || r->batch->source) {
			record_read(w, cluster_of(w), r->batch, i, &view,
				    scratch);
			record_sizes(json, i == 0, view.key_len,
				     view.value_len);
		} else {
			record_sizes(json, i == 0, -1,
				     (int32_t)(b->payload_len /
					       r->batch->count) - 16);
		}
	}
}

static void failure_words(struct world *w, const struct producer_result *r,
			  struct text *class, struct text *message)
{
	const struct producer_batch *b;
	const char *topic = world_text(w, r->topic);
	struct terminal *t = r->producer->owner;

	text_add(class, "org.apache.kafka.common.errors.");
	if (r->partition == UINT32_MAX &&
	    r->error == KAFKA_UNKNOWN_TOPIC_OR_PARTITION) {
		text_add(class, "TimeoutException");
		text_addf(message, "Topic %s not present in metadata after "
			  "%lld ms.", topic,
			  (long long)t->producer->config.max_block_ms);
	} else if (r->partition == UINT32_MAX &&
		   r->error == KAFKA_MESSAGE_TOO_LARGE) {
		text_add(class, "RecordTooLargeException");
		text_addf(message, "The message is %d bytes when serialized "
			  "which is larger than %lld, which is the value of "
			  "the max.request.size configuration.",
			  r->value_len + (r->key_len > 0 ? r->key_len : 0) + 88,
			  (long long)t->producer->config.max_request_bytes);
	} else if (r->expired) {
		b = (const void *)((const char *)r->batch -
				   offsetof(struct producer_batch, batch));
		text_add(class, "TimeoutException");
		text_addf(message, "Expiring %u record(s) for %s-%u:%lld ms "
			  "has passed since batch creation", r->batch->count,
			  topic,
			  cluster_of(w)->partitions.at[r->partition]->index,
			  (long long)((world_now(w) - b->created_at) /
				      SIM_MS(1)));
	} else {
		text_add(class, kafka_error_class(r->error));
		text_add(message, kafka_error_text(r->error));
	}
}

static void failed(struct world *w, struct terminal *t,
		   const struct producer_result *r)
{
	struct text json = {0}, class = {0}, message = {0};

	batch_head(w, r, &json);
	failure_words(w, r, &class, &message);
	text_add(&json, ",\"class\":");
	text_json(&json, text_cstr(&class));
	text_add(&json, ",\"message\":");
	text_json(&json, text_cstr(&message));
	text_add(&json, ",\"records\":[");
	if (r->batch)
		batch_sizes(w, r, &json);
	else
		record_sizes(&json, true, r->key_len, r->value_len);
	text_add(&json, "]}");
	copy_log(w, t);
	post_text(w, t, TERMINAL_FAILED, &json);
	text_free(&json);
	text_free(&class);
	text_free(&message);
}

static void acked(struct world *w, struct terminal *t,
		  const struct producer_result *r)
{
	struct text json = {0};

	batch_head(w, r, &json);
	text_addf(&json, ",\"offset\":%lld,\"count\":%u}",
		  (long long)r->batch->base_offset, r->batch->count);
	post_text(w, t, TERMINAL_ACK, &json);
	text_free(&json);
}

void terminal_result(struct world *w, void *who, uint16_t arg)
{
	const struct producer_result *r = who;
	struct terminal *t = r->producer->owner;

	(void)arg;
	if (r->error == KAFKA_NONE)
		acked(w, t, r);
	else
		failed(w, t, r);
	if (t->closing)
		poll_in(w, t, 0);
}

/* -- the client's process ------------------------------------------------------------------ */

/* It stopped, whoever did it; the client in it has been dropped. */
void terminal_gone(struct world *w, void *who, uint16_t arg)
{
	struct terminal *t = who;

	(void)arg;
	if (!t->open)
		return;
	copy_log(w, t);
	t->producer = NULL;
	t->consumer = NULL;
	ended(w, t);
}

static void poll_producer(struct world *w, struct terminal *t)
{
	copy_log(w, t);
	if (t->closing && producer_idle(t->producer))
		process_kill(w, t->host->process);
	else
		poll_in(w, t, t->closing ? POLL_CLOSING : POLL_EVERY);
}

static void poll_consumer(struct world *w, struct terminal *t)
{
	if (t->closing) {
		process_kill(w, t->host->process);
		return;
	}
	copy_log(w, t);
	poll_in(w, t, POLL_EVERY);
	consume(w, t);
}

void terminal_poll(struct world *w, void *who, uint16_t arg)
{
	struct terminal *t = who;

	(void)arg;
	if (!t->open)
		return;
	if (t->what == WHAT_ADMIN) {
		admin_client_close(w, t->admin);
		ended(w, t);
	} else if (t->what == WHAT_PRODUCER) {
		poll_producer(w, t);
	} else if (t->what == WHAT_CONSUMER) {
		poll_consumer(w, t);
	}
}

bool terminal_kill(struct world *w, const char *args, int64_t *result,
		   struct err *err)
{
	struct terminal *t = find(w, args_int(args, "id", 0));

	if (!t || !t->open)
		return err_set(err, "id=: no such client is open");
	*result = t->id;
	if (t->what == WHAT_ADMIN) {
		admin_client_close(w, t->admin);
		ended(w, t);
	} else if (t->what == WHAT_HTTP) {
		process_kill(w, t->http->process);
	} else {
		process_kill(w, t->host->process);
	}
	return true;
}

/* -- HTTP ------------------------------------------------------------------------------------ */

static struct http_process *take_http(struct world *w, struct machine *m)
{
	static const struct process_events on = {
		.stop = TERMINAL_HTTP_STOP, .message = TERMINAL_HTTP_MESSAGE,
		.lost = TERMINAL_HTTP_LOST,
	};
	struct terminals *all = terminals_of(w);
	struct http_process *h;
	char name[64];

	for (uint32_t i = 0; i < all->https.count; i++) {
		h = all->https.at[i];
		if (h->process->machine == m &&
		    h->process->state == PROCESS_DOWN)
			return h;
	}
	h = world_take(w, struct http_process);
	snprintf(name, sizeof(name), "curl-%u", all->https.count + 1);
	h->process = process_new(w, name, m, "curl", &on, MODULE_STACK, h);
	*vec_add(&w->arena, &all->https) = h;
	return h;
}

void terminal_http_stop(struct world *w, void *who, uint16_t arg)
{
	struct http_process *h = ((struct process *)who)->self;
	struct terminal *t = h->terminal;

	(void)arg;
	world_cancel(w, &h->timeout);
	h->terminal = NULL;
	h->peer = NULL;
	if (t)
		ended(w, t);
}

static void http_done(struct world *w, struct terminal *t,
		      const struct text *json)
{
	post_text(w, t, TERMINAL_REPLY, json);
	process_kill(w, t->http->process);
}

static void http_failed(struct world *w, struct terminal *t, const char *error)
{
	struct text json = {0};

	text_add(&json, "{\"error\":");
	text_json(&json, error);
	text_char(&json, '}');
	http_done(w, t, &json);
	text_free(&json);
}

void terminal_http_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;
	struct http_response *r = who;
	struct http_process *h = m->to->self;
	struct terminal *t = h->terminal;
	struct text json = {0};

	(void)arg;
	if (m->kind == MESSAGE_HTTP_RESPONSE && t &&
	    r->id == (uint64_t)t->id) {
		text_addf(&json, "{\"status\":%u,\"content_type\":", r->status);
		text_json(&json, world_text(w, r->content_type));
		text_add(&json, ",\"body\":");
		text_json_bytes(&json, r->bytes, r->body_len);
		text_char(&json, '}');
		http_done(w, t, &json);
		text_free(&json);
	}
	message_free(w, m);
}

void terminal_http_lost(struct world *w, void *who, uint16_t arg)
{
	const struct lost *lost = who;
	struct http_process *h = lost->process->self;

	(void)arg;
	if (h->terminal && lost->peer == h->peer)
		http_failed(w, h->terminal, lost->refused ? "REFUSED" :
			    "RESET");
}

/* `TERMINAL_HTTP_TIMEOUT`: also how a refusal by nobody comes, a moment after
 * the command. */
void terminal_http_timeout(struct world *w, void *who, uint16_t arg)
{
	static const char *const errors[] = { "TIMEOUT", "REFUSED", "NO_HOST" };
	struct terminal *t = who;

	if (t->open)
		http_failed(w, t, errors[arg]);
}

/* "host:port"; 80 when there is no port. */
static void split_address(char *to, uint16_t *port)
{
	char *colon = strrchr(to, ':');
	uint32_t n = 0;

	*port = 80;
	if (!colon)
		return;
	for (const char *d = colon + 1; *d >= '0' && *d <= '9' && n < 65536; d++)
		n = n * 10 + (uint32_t)(*d - '0');
	*port = (uint16_t)n;
	*colon = '\0';
}

static void http_send(struct world *w, struct terminal *t, const char *args,
		      enum http_method method, char *to)
{
	struct http_process *h = t->http;
	struct text path = {0}, body = {0};
	int64_t wait_ms = args_int(args, "timeout_ms", HTTP_TIMEOUT_MS);
	struct http_request *r;
	enum resolved found;
	uint16_t port;

	split_address(to, &port);
	found = net_resolve(w, h->process->machine, to, port, &h->peer);
	if (found != RESOLVED) {
		h->timeout = world_timer(w, world_now(w) + SIM_US(100),
			TERMINAL_HTTP_TIMEOUT, t,
			found == RESOLVED_NO_HOST ? 2 : 1);
		return;
	}
	if (wait_ms < 1 || wait_ms > HTTP_TIMEOUT_MS)
		wait_ms = HTTP_TIMEOUT_MS;
	h->timeout = world_timer(w, world_now(w) + SIM_MS(wait_ms),
				 TERMINAL_HTTP_TIMEOUT, t, 0);
	argument(args, "path", "/", &path);
	args_bytes(args, "body", &body);
	r = http_request_new(w, method, path.at, text_cstr(&body), body.len,
			     (uint64_t)t->id);
	net_send(w, h->process, h->peer, &r->head);
	text_free(&path);
	text_free(&body);
}

bool terminal_http(struct world *w, const char *args, int64_t *result,
		   struct err *err)
{
	struct machine *m = machine_from(w, args, err);
	enum http_method method = HTTP_GET;
	struct text command = {0};
	char to[256], word[16];
	struct terminal *t;

	if (!m)
		return false;
	if (!args_text(args, "to", to, sizeof(to)) || !*to)
		return err_set(err, "to=HOST:PORT is missing");
	if (args_text(args, "method", word, sizeof(word)) &&
	    !http_method_parse(word, &method))
		return err_set(err, "method=%s: no such method", word);
	t = terminal_open(w, WHAT_HTTP);
	t->http = take_http(w, m);
	t->http->terminal = t;
	argument(args, "command", "curl", &command);
	t->http->process->command = world_name(w, command.at);
	text_free(&command);
	process_start(w, t->http->process);
	*result = t->id;
	http_send(w, t, args, method, to);
	return true;
}
