/* terminal_produce.c - the console producer a person starts
 *
 * A record goes to the client at once; what became of its batch comes back as
 * an entry, an acknowledgement with its offset or a failure with the words of
 * the Java exception.
 */
#include "sim/stack/terminal_inside.h"

#include <stddef.h>
#include <string.h>

#include "sim/core/args.h"

#define POLL_CLOSING	SIM_MS(5)	/* whether all is sent */

static bool set_producer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return producer_config_set(config, name, value, err);
}

bool terminal_produce_open(struct world *w, const char *args, int64_t *result,
			   struct err *err)
{
	struct text topic = {0}, bootstrap = {0}, client_id = {0};
	struct machine *m = terminal_machine(w, args, err);
	struct producer_config config, together;
	struct terminal *t;
	bool ok;

	producer_config_init(&config);
	ok = m && terminal_check_topic(w, args, &topic, err) &&
	     terminal_check_bootstrap(w, m, args, err) &&
	     terminal_read_settings(args, &config, set_producer, err);
	together = config;
	ok = ok && producer_config_check(&together, NULL, err);
	if (ok) {
		t = terminal_open(w, WHAT_PRODUCER);
		t->host = terminal_take_host(w, t, m, args,
					     "java ConsoleProducer");
		t->topic = world_name(w, topic.at);
		terminal_argument(args, "bootstrap", "", &bootstrap);
		terminal_argument(args, "client_id", "console-producer",
				  &client_id);
		t->producer = producer_new(w, t->host, cluster_of(w),
			client_id.at, text_cstr(&bootstrap), &config, err);
		ok = t->producer || terminal_give_up(w, t);
	}
	if (ok) {
		t->producer->owner = t;
		t->producer->result = TERMINAL_RESULT;
		terminal_poll_in(w, t, TERMINAL_POLL_EVERY);
		*result = t->id;
	}
	text_free(&topic);
	text_free(&bootstrap);
	text_free(&client_id);
	return ok;
}

/* headers=: a list of words k=NAME v=VALUE, coded as one; no v= is null. */
static void read_headers(const char *args, struct text *headers)
{
	struct text list = {0}, word = {0}, value = {0}, name = {0};
	const char *at;

	args_bytes(args, "headers", &list);
	at = text_cstr(&list);
	for (bool more = args_next(&at, &word, &value); more;) {
		bool named = !strcmp(text_cstr(&word), "k");

		text_clear(&name);
		text_bytes(&name, value.at, value.len);
		more = args_next(&at, &word, &value);
		if (!named)
			continue;
		if (more && !strcmp(text_cstr(&word), "v"))
			record_header_add(headers, text_cstr(&name), value.at,
					  (int32_t)value.len);
		else
			record_header_add(headers, text_cstr(&name), NULL, -1);
	}
	text_free(&list);
	text_free(&word);
	text_free(&value);
	text_free(&name);
}

bool terminal_produce(struct world *w, const char *args, int64_t *result,
		      struct err *err)
{
	struct terminal *t = terminal_named(w, args, WHAT_PRODUCER, err);
	struct text key = {0}, value = {0}, headers = {0};
	bool has_key, has_value;

	if (!t)
		return false;
	if (t->closing)
		return err_set(err, "id=%lld: it is closing",
			       (long long)t->id);
	has_key = args_bytes(args, "key", &key);
	has_value = args_bytes(args, "value", &value);
	read_headers(args, &headers);
	producer_send(w, t->producer, t->topic,
		      (int32_t)args_int(args, "partition", -1),
		      &(struct record){
			.key = text_cstr(&key),
			.key_len = has_key ? (int32_t)key.len : -1,
			.value = text_cstr(&value),
			.value_len = has_value ? (int32_t)value.len : -1,
			.headers = headers.at,
			.headers_len = (uint32_t)headers.len,
		      }, NULL);
	text_free(&key);
	text_free(&value);
	text_free(&headers);
	*result = t->id;
	return true;
}

bool terminal_produce_close(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct terminal *t = terminal_named(w, args, WHAT_PRODUCER, err);

	if (!t)
		return false;
	t->closing = true;
	producer_flush(w, t->producer);
	terminal_poll_in(w, t, 0);
	*result = t->id;
	return true;
}

void terminal_poll_producer(struct world *w, struct terminal *t)
{
	terminal_copy_log(w, t);
	if (t->closing && producer_idle(t->producer))
		process_kill(w, t->host->process);
	else
		terminal_poll_in(w, t, t->closing ? POLL_CLOSING :
						   TERMINAL_POLL_EVERY);
}

/* -- what became of a batch --------------------------------------------- */

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

/* Sizes of the records of a batch that failed, for the tool's message.  One
 * that never left has nothing in the payload stream yet. */
static void batch_sizes(struct world *w, const struct producer_result *r,
			struct text *json)
{
	const struct producer_batch *b = (const void *)
		((const char *)r->batch - offsetof(struct producer_batch,
						   batch));
	const char *at = b->payload;
	char scratch[RECORD_SCRATCH];
	struct record_view view;

	for (uint32_t i = 0; i < r->batch->count; i++) {
		if (at)
			at = record_next(at, &view);
		else
			record_read(w, cluster_of(w), r->batch, i, &view,
				    scratch);
		record_sizes(json, i == 0, view.key_len, view.value_len);
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
	terminal_copy_log(w, t);
	terminal_post_text(w, t, TERMINAL_FAILED, &json);
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
	terminal_post_text(w, t, TERMINAL_ACK, &json);
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
		terminal_poll_in(w, t, 0);
}
