/* services.c - commands that put services and stores into a world */
#include "sim/stack/services.h"

#include <stdio.h>
#include <string.h>

#include "sim/app/service.h"
#include "sim/app/database.h"
#include "sim/core/args.h"
#include "sim/monitor/monitor.h"
#include "sim/stack/worlds.h"

/* Words that set something, by what they begin with. */
static const struct {
	const char *prefix;
	enum setting_layer layer;
} layers[] = {
	{ "file.", SETTING_FILE }, { "env.", SETTING_ENVIRONMENT },
	{ "arg.", SETTING_ARGUMENT },
};

/* Who set it, as a person would say. */
static void set_by(struct world *w, struct service *s,
		   enum setting_layer layer, const char *key,
		   const char *value)
{
	struct text by = {0};

	if (layer == SETTING_FILE)
		text_add(&by, "application.properties");
	else if (layer == SETTING_ARGUMENT)
		text_addf(&by, "--%s", key);
	else
		text_add(&by, key);
	settings_put(w, &s->settings, layer, key, value, text_cstr(&by));
	text_free(&by);
}

static void read_settings(struct world *w, struct service *s,
			  const char *args)
{
	struct text key = {0}, value = {0};

	while (args_next(&args, &key, &value))
		for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
			size_t len = strlen(layers[i].prefix);

			if (!strncmp(text_cstr(&key), layers[i].prefix, len))
				set_by(w, s, layers[i].layer,
				       text_cstr(&key) + len,
				       text_cstr(&value));
		}
	text_free(&key);
	text_free(&value);
}

static bool restart_policy(const char *args, enum service_restart *restart,
			   struct err *err)
{
	static const char *const names[] = {
		[RESTART_NO] = "no", [RESTART_ON_FAILURE] = "on-failure",
		[RESTART_ALWAYS] = "always",
	};
	char word[16];

	args_text_or(args, "restart", "no", word, sizeof(word));
	for (int i = 0; i < 3; i++)
		if (!strcmp(word, names[i])) {
			*restart = (enum service_restart)i;
			return true;
		}
	return err_set(err, "restart=%s: no, on-failure or always", word);
}

/* "1.5" cores; 0: no limit. */
static bool cpus(const char *args, int64_t *quota_ns, struct err *err)
{
	int64_t n = 0, scale = 0;
	char word[16];

	args_text_or(args, "cpus", "0", word, sizeof(word));
	for (const char *c = word; *c; c++) {
		if (*c == '.' && !scale) {
			scale = 1;
		} else if (*c >= '0' && *c <= '9' && scale < 100 && n < 10000) {
			n = n * 10 + (*c - '0');
			scale *= 10;
		} else {
			return err_set(err, "cpus=%s: a number like 0.5", word);
		}
	}
	*quota_ns = n * CPU_PERIOD_DEFAULT / (scale ? scale : 1);
	return true;
}

static void watch(struct world *w, struct service *s)
{
	char instance[160];

	if (!monitor_first(w))
		return;
	snprintf(instance, sizeof(instance), "%s:%lld",
		 world_text(w, s->name), (long long)
		 settings_int(w, &s->settings, "server.port", SERVICE_PORT));
	monitor_target(w, monitor_first(w), "app", instance, s->host->process);
}

bool command_service_new(struct world *w, const char *args, int64_t *result,
			 struct err *err)
{
	struct machine *m = stack_machine(w, args, "app-1", err);
	int64_t memory = args_int(args, "memory", 0), quota = 0;
	enum service_restart restart = RESTART_NO;
	char name[64], program[64], start[8];
	struct service *s;

	if (!m || !restart_policy(args, &restart, err) ||
	    !cpus(args, &quota, err))
		return false;
	if (!args_text(args, "name", name, sizeof(name)) ||
	    !stack_good_name(name) || process_find(w, name))
		return err_set(err, "service-new: say name=NAME, one not in "
			       "use");
	if (!args_text(args, "program", program, sizeof(program)))
		return err_set(err, "service-new: say program=FILE");
	s = service_new(w, name, m, program, err);
	if (!s)
		return false;
	s->restart = restart;
	settings_put(w, &s->settings, SETTING_DEFAULT, "bootstrap.servers",
		     STACK_BOOTSTRAP, "world");
	read_settings(w, s, args);
	if (memory > 0)
		memory_limit(w, s->host->process, memory);
	if (quota)
		cpu_quota_set(w, s->host->process, quota, 0);
	args_text_or(args, "start", "yes", start, sizeof(start));
	if (strcmp(start, "no") != 0)
		process_start(w, s->host->process);
	watch(w, s);
	*result = s->host->process->id;
	return true;
}

bool command_service_set(struct world *w, const char *args, int64_t *result,
			 struct err *err)
{
	struct service *s;
	char name[64];

	(void)result;
	args_text_or(args, "name", "", name, sizeof(name));
	s = service_find(w, name);
	if (!s)
		return err_set(err, "service-set: name=%s: no such service",
			       name);
	read_settings(w, s, args);
	return true;
}

bool command_store_new(struct world *w, const char *args, int64_t *result,
		       struct err *err)
{
	struct machine *m = stack_machine(w, args, "app-1", err);
	int64_t port = args_int(args, "port", DATABASE_PORT);
	struct database *st;
	char name[64];

	if (!m)
		return false;
	args_text_or(args, "name", "db", name, sizeof(name));
	if (!stack_good_name(name) || process_find(w, name))
		return err_set(err, "store-new: say name=NAME, one not in use");
	if (port < 1 || port > 65535)
		return err_set(err, "port=%lld: 1 to 65535", (long long)port);
	st = database_new(w, name, m, (uint16_t)port);
	process_start(w, st->process);
	watch_process(w, st->process, "store");
	*result = st->process->id;
	return true;
}
