/* admin_client_say.c - what an AdminClient tells whoever opened it
 *
 * Warnings of its log, and the outcome of a call: answers, or the exception of
 * the Java library with its very words, because those are what one searches
 * for when a tool has failed.
 */
#include "sim/broker/admin_client_inside.h"

#include <stdio.h>
#include <string.h>

static void tell(struct world *w, struct admin_client *c, uint16_t event,
		 const struct text *text)
{
	struct admin_said said = { c->owner.self, text_cstr(text) };

	world_call(w, event, &said, 0);
}

/* -- its log ------------------------------------------------------------ */

/* A WARN line as tools-log4j.properties lays it out: [%d] %p %m (%c). */
void admin_client_warn(struct world *w, struct admin_client *c,
		       const char *message, const char *class,
		       const char *rest)
{
	struct text line = {0};

	text_char(&line, '[');
	simtime_wall_text(&line, world_now(w));
	text_addf(&line, "] WARN %s (%s)%s", message, class, rest);
	tell(w, c, c->owner.log, &line);
	text_free(&line);
}

void admin_client_warn_refused(struct world *w, struct admin_client *c,
			       const struct admin_node *n)
{
	struct text message = {0};

	text_addf(&message, "[AdminClient clientId=%s] Connection to node %d (",
		  world_text(w, c->client_id), n->id);
	net_address_text(w, c->process->machine, world_text(w, n->host),
			 &message);
	text_addf(&message, ":%u) could not be established. Node may not be "
		  "available.", n->port);
	admin_client_warn(w, c, message.at,
			  "org.apache.kafka.clients.NetworkClient", "");
	text_free(&message);
}

void admin_client_warn_unknown(struct world *w, struct admin_client *c,
			       const struct admin_node *n)
{
	const char *host = world_text(w, n->host);
	struct text message = {0}, stack = {0};

	text_addf(&message, "[AdminClient clientId=%s] Error connecting to "
		  "node %s:%u (id: %d rack: null)",
		  world_text(w, c->client_id), host, n->port, n->id);
	text_addf(&stack, "\njava.net.UnknownHostException: %s", host);
	admin_client_warn(w, c, message.at,
			  "org.apache.kafka.clients.NetworkClient", stack.at);
	text_free(&message);
	text_free(&stack);
}

/* -- the end of a call -------------------------------------------------- */

/* error "" is success. */
void admin_call_finish(struct world *w, struct admin_client *c,
		       const char *error, const char *class,
		       const char *message)
{
	struct text json = {0};

	text_add(&json, "{\"answers\":[");
	text_bytes(&json, c->answers.at, c->answers.count);
	text_char(&json, ']');
	if (*error) {
		text_add(&json, ",\"error\":");
		text_json(&json, error);
		text_add(&json, ",\"class\":");
		text_json(&json, class);
		text_add(&json, ",\"message\":");
		text_json(&json, message);
	}
	text_char(&json, '}');
	admin_call_calm(w, c);
	tell(w, c, c->owner.done, &json);
	text_free(&json);
}

void admin_call_finish_kafka(struct world *w, struct admin_client *c,
			     enum kafka_error error, const char *message)
{
	char class[128];

	snprintf(class, sizeof(class), "org.apache.kafka.common.errors.%s",
		 kafka_error_class(error));
	admin_call_finish(w, c, kafka_error_name(error), class, message);
}

static void finish_timeout(struct world *w, struct admin_client *c,
			   const char *message)
{
	admin_call_finish(w, c, "TIMEOUT", "org.apache.kafka.common.errors."
			  "TimeoutException", message);
}

/* A call that has to look something up first is still called by that. */
static void call_name(const struct admin_client *c, struct text *t)
{
	const char *call = admin_call_api(c)->call;
	const char *lookup = NULL;

	if (admin_call_route(c) == ADMIN_COORDINATOR && c->coordinator < 0)
		lookup = "FIND_COORDINATOR";
	else if (admin_call_route(c) == ADMIN_LEADERS)
		lookup = "METADATA";
	if (lookup)
		text_addf(t, "%.*s(api=%s)", (int)strcspn(call, "("), call,
			  lookup);
	else if (admin_call_route(c) == ADMIN_ALL && !c->has_metadata)
		text_add(t, "findAllBrokers");
	else
		text_add(t, call);
}

/* KafkaAdminClient.TimeoutProcessor: it never found a node to ask. */
void admin_call_timed_out_unassigned(struct world *w, struct admin_client *c)
{
	struct text message = {0};

	text_add(&message, "Timed out waiting for a node assignment. Call: ");
	call_name(c, &message);
	finish_timeout(w, c, message.at);
	text_free(&message);
}

/* Call.handleTimeoutFailure: it asked, and no try succeeded in time. */
void admin_call_timed_out_trying(struct world *w, struct admin_client *c)
{
	int64_t now_ms = sim_wall_ms(world_now(w));
	struct text message = {0};

	text_addf(&message, "Call(callName=%s, deadlineMs=%lld, tries=%u, "
		  "nextAllowedTryMs=%lld) timed out at %lld after %u "
		  "attempt(s)", admin_call_api(c)->call,
		  (long long)sim_wall_ms(c->deadline), c->tries,
		  (long long)(now_ms + 100), (long long)now_ms, c->tries);
	finish_timeout(w, c, message.at);
	text_free(&message);
}
