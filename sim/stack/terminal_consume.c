/* terminal_consume.c - the console consumer a person starts
 *
 * It polls like any consumer and posts what it gets, a record an entry; with
 * max= it stops by itself, and what it did not want is not committed.
 */
#include "sim/stack/terminal_inside.h"

#include "sim/core/args.h"

#define CLOSE_WAIT	SIM_MS(100)	/* for the goodbyes of a consumer */
#define CPU_RECORD	SIM_US(5)	/* to print a record [E] */
#define POLLED_MAX	32		/* pieces of one poll */

static void post_headers(struct text *json, const struct record_view *view)
{
	struct record_header h;
	const char *between = ",\"headers\":[";

	for (uint32_t at = 0; record_header_next(view->headers,
						 view->headers_len, &at, &h);) {
		text_addf(json, "%s{\"key\":", between);
		text_json_bytes(json, h.key, h.key_len);
		if (h.value_len >= 0) {
			text_add(json, ",\"value\":");
			text_json_bytes(json, h.value, (size_t)h.value_len);
		}
		text_char(json, '}');
		between = ",";
	}
	if (view->headers_len)
		text_char(json, ']');
}

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
	post_headers(&json, &view);
	text_char(&json, '}');
	terminal_post_text(w, t, TERMINAL_RECORD, &json);
	text_free(&json);
}

/* Commit, leave the group, and end when that is said. */
static void stop_consuming(struct world *w, struct terminal *t)
{
	if (t->closing)
		return;
	t->closing = true;
	terminal_copy_log(w, t);
	consumer_close(w, t->consumer);
	t->consumer = NULL;
	terminal_poll_in(w, t, CLOSE_WAIT);
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
		cpu_spend(w, t->host->process, consumer_cost(pieces, n));
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
	if (topic_known == 1 && t->partition >= 0)
		consumer_assign(w, t->consumer, t->topic, t->partition,
				t->offset);
	/* not from inside the client's own call */
	terminal_poll_in(w, t, 0);
}

/* ConsoleConsumer.main: what poll() throws ends it. */
static void throw(struct world *w, struct terminal *t)
{
	log_write(w, t->host->process, LOG_ERROR, "Error processing message, "
		  "terminating consumer process:  (org.apache.kafka.tools."
		  "consumer.ConsoleConsumer) %s",
		  consumer_failure(t->consumer));
	stop_consuming(w, t);
}

void terminal_poll_consumer(struct world *w, struct terminal *t)
{
	if (t->closing) {
		process_kill(w, t->host->process);
		return;
	}
	terminal_copy_log(w, t);
	if (consumer_failure(t->consumer)) {
		throw(w, t);
		return;
	}
	terminal_poll_in(w, t, TERMINAL_POLL_EVERY);
	consume(w, t);
}

/* -- its commands ------------------------------------------------------- */

static bool set_consumer(void *config, const char *name, const char *value,
			 struct err *err)
{
	return consumer_config_set(config, name, value, err);
}

static bool new_consumer(struct world *w, struct terminal *t, const char *args,
			 const struct consumer_config *config, struct err *err)
{
	struct text bootstrap = {0}, client_id = {0}, group = {0};

	terminal_argument(args, "bootstrap", "", &bootstrap);
	terminal_argument(args, "client_id", "console-consumer", &client_id);
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
	struct machine *m = terminal_machine(w, args, err);
	bool by_hand = args_has(args, "partition");
	struct consumer_config config;
	struct text topic = {0};
	struct terminal *t;
	bool ok;

	consumer_config_init(&config);
	ok = m && terminal_check_topic(w, args, &topic, err) &&
	     terminal_check_bootstrap(w, m, args, err) &&
	     terminal_read_settings(args, &config, set_consumer, err);
	if (ok && by_hand == args_has(args, "group"))
		ok = err_set(err, "either group= or partition= is needed");
	if (ok && by_hand && args_int(args, "partition", -1) < 0)
		ok = err_set(err, "partition= must be 0 or more");
	if (ok) {
		t = terminal_open(w, WHAT_CONSUMER);
		t->host = terminal_take_host(w, t, m, args,
					     "java ConsoleConsumer");
		t->topic = world_name(w, topic.at);
		t->partition = (int32_t)args_int(args, "partition", -1);
		t->offset = args_int(args, "offset", OFFSET_LATEST);
		t->left = args_int(args, "max", -1);
		ok = new_consumer(w, t, args, &config, err) ||
		     terminal_give_up(w, t);
	}
	if (ok) {
		t->consumer->owner = t;
		t->consumer->ready = TERMINAL_RECORDS;
		if (by_hand)
			client_want_topic(w, &t->consumer->client, t->topic);
		else
			consumer_subscribe(w, t->consumer, t->topic);
		terminal_poll_in(w, t, 0);
		*result = t->id;
	}
	text_free(&topic);
	return ok;
}

bool terminal_consume_close(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct terminal *t = terminal_named(w, args, WHAT_CONSUMER, err);

	if (!t)
		return false;
	stop_consuming(w, t);
	*result = t->id;
	return true;
}
