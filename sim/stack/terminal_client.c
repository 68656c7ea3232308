/* terminal_client.c - the process around a console producer or consumer
 *
 * What both check before they start, the settings they take by their Kafka
 * names, and the process that holds the client: machines never forget one, so
 * one that has ended is used again.
 */
#include "sim/stack/terminal_inside.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/args.h"

/* ClientUtils.parseAndValidateAddresses: one server that has an address is
 * enough.  What follows the colon is the client's affair. */
bool terminal_check_bootstrap(struct world *w, struct machine *m,
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

bool terminal_check_topic(struct world *w, const char *args, struct text *topic,
			  struct err *err)
{
	if (!cluster_of(w))
		return err_set(err, "this world has no Kafka cluster");
	if (!args_bytes(args, "topic", topic) || !topic->len)
		return err_set(err, "topic= is missing");
	return true;
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
bool terminal_read_settings(const char *args, void *config,
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

/* A process to hold a client: one that has ended is used again. */
struct client_host *terminal_take_host(struct world *w, struct terminal *t,
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
	terminal_argument(args, "command", otherwise, &command);
	host->owner = t;
	host->process->command = world_name(w, command.at);
	text_free(&command);
	process_start(w, host->process);
	return host;
}

/* The client could not be made: its process and its id go again. */
bool terminal_give_up(struct world *w, struct terminal *t)
{
	struct terminals *all = terminals_of(w);

	t->open = false;
	process_kill(w, t->host->process);
	map_remove(&all->by_id, (uint64_t)t->id);
	world_give(w, t);
	return false;
}

/* The client's log is where every process's is; what it says at WARN and
 * above would be on the person's screen (tools-log4j.properties). */
void terminal_copy_log(struct world *w, struct terminal *t)
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
		terminal_post_text(w, t, TERMINAL_LOG, &text);
	}
	text_free(&text);
}

/* It stopped, whoever did it; the client in it has been dropped. */
void terminal_gone(struct world *w, void *who, uint16_t arg)
{
	struct terminal *t = who;

	(void)arg;
	if (!t->open)
		return;
	terminal_copy_log(w, t);
	t->producer = NULL;
	t->consumer = NULL;
	terminal_ended(w, t);
}
