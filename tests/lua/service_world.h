/* service_world.h - a world with a learner's service in it, for tests */
#ifndef TESTS_LUA_SERVICE_WORLD_H
#define TESTS_LUA_SERVICE_WORLD_H

#include "lua/program.h"
#include "sim/app/service.h"
#include "sim/core/args.h"
#include "sim/core/world.h"

static inline void do_command(struct world *w, const char *line)
{
	struct err err;

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static inline void put_program(struct world *w, const char *text)
{
	struct text line = {0};

	text_add(&line, "program-put name=app.lua");
	args_add(&line, "text", text);
	do_command(w, text_cstr(&line));
	text_free(&line);
}

/* Three brokers, a topic `in` that ten devices fill at ten records a second, a
 * service `app` that runs `text`; not yet started. */
static inline struct world *service_world(const char *text, const char *with)
{
	struct text line = {0};
	struct err err;
	struct world *w = lua_world("empty-kafka", 7, NULL, &err);

	if (!w)
		fail_msg("%s", err.what);
	put_program(w, text);
	text_addf(&line, "service-new name=app program=app.lua start=no %s",
		  with);
	do_command(w, text_cstr(&line));
	text_free(&line);
	return w;
}

static inline bool logged(const struct world *w, const char *text)
{
	for (uint64_t i = 0; i < log_count(w); i++)
		if (strstr(log_text(w, log_at(w, i)), text))
			return true;
	return false;
}

/* What the log of the service says, for messages. */
static inline void show_log(const struct world *w)
{
	for (uint64_t i = 0; i < log_count(w); i++) {
		const struct log_line *l = log_at(w, i);
		const struct process *p = hosts_of(w)->processes.at[l->process];

		if (!strcmp(world_text(w, p->name), "app") ||
		    !strcmp(world_text(w, p->name), "db"))
			print_message("%9.3f %s\n", (double)l->at / 1e9,
				      log_text(w, l));
	}
}

#endif
