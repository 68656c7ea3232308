/* app.c - the module: its events, and the commands that need nobody else */
#include <string.h>

#include "sim/app/app_inside.h"
#include "sim/core/args.h"

#define KIND(event, name, run)	[(event) & 0xff] = { name, run }

static const struct module_event events[] = {
	KIND(SERVICE_START, "service.start", service_start),
	KIND(SERVICE_STOP, "service.stop", service_gone),
	KIND(SERVICE_MESSAGE, "service.message", service_message),
	KIND(SERVICE_LOST, "service.lost", service_lost),
	KIND(SERVICE_RECORDS, "service.records", service_news),
	KIND(SERVICE_POLLED, "service.polled", service_polled),
	KIND(SERVICE_RESULT, "service.result", service_result),
	KIND(SERVICE_RUN, "service.run", service_run),
	KIND(SERVICE_SPENT, "service.spent", service_spent),
	KIND(SERVICE_WOKEN, "service.woken", service_woken),
	KIND(SERVICE_DEADLINE, "service.deadline", service_deadline),
	KIND(SERVICE_TICK, "service.tick", service_tick),
	KIND(SERVICE_AGAIN, "service.restart", service_again),
	KIND(SERVICE_QUIT, "service.quit", service_quit),
	KIND(SERVICE_TOO_LATE, "service.too-late", service_too_late),
	KIND(SERVICE_SERVED, "service.served", service_served),
	KIND(DATABASE_START, "store.start", database_start),
	KIND(DATABASE_STOP, "store.stop", database_stop),
	KIND(DATABASE_MESSAGE, "store.message", database_message),
	KIND(DATABASE_LOST, "store.lost", database_lost),
	KIND(DATABASE_COLLECT, "store.collect", database_collect),
	KIND(DATABASE_RUN, "store.statement", database_statement),
	KIND(DATABASE_COMMITTED, "store.committed", database_committed),
	KIND(DATABASE_RECOVERED, "store.recovered", database_recovered),
};

/* program-put name= text= */
static bool command_program(struct world *w, const char *args, int64_t *result,
			    struct err *err)
{
	struct text text = {0};
	char name[64];
	bool good;

	(void)result;
	if (!args_text(args, "name", name, sizeof(name)) || !*name)
		return err_set(err, "program-put: say name=FILE");
	good = args_bytes(args, "text", &text) ?
	       program_put(w, name, text_cstr(&text), text.len, err) :
	       err_set(err, "program-put: say text=");
	text_free(&text);
	return good;
}

static const struct command_kind commands[] = {
	{ "program-put", "name=FILE text=", command_program },
	{ NULL, NULL, NULL },
};

const struct module app_module = {
	.name = "app",
	.events = events,
	.event_count = sizeof(events) / sizeof(events[0]),
	.commands = commands,
};
