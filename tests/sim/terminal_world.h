/* terminal_world.h - three brokers, a controller and a laptop, for tests
 *
 * The smallest world in which somebody at a keyboard can do something.  Racks
 * a, b, c; listeners on 9092, advertised by the names of the machines.
 */
#ifndef TESTS_SIM_TERMINAL_WORLD_H
#define TESTS_SIM_TERMINAL_WORLD_H

#include "sim/broker/client.h"
#include "sim/broker/controller.h"
#include "sim/core/args.h"
#include "sim/stack/terminal.h"

static const struct module_event stack_events[] = { TERMINAL_EVENTS };
static const struct command_kind stack_commands[] = {
	TERMINAL_COMMANDS, { .verb = NULL },
};
static const struct module stack_like = {
	.name = "stack", .events = stack_events,
	.event_count = sizeof(stack_events) / sizeof(stack_events[0]),
	.commands = stack_commands,
};

#define SERVERS	"kafka-1:9092,kafka-2:9092,kafka-3:9092"

static struct world *small_world(uint64_t seed)
{
	static const struct module *modules[MODULE_COUNT] = {
		[MODULE_HOST] = &host_module,
		[MODULE_TELEMETRY] = &telemetry_module,
		[MODULE_BROKER] = &broker_module,
		[MODULE_CLIENT] = &client_module,
		[MODULE_STACK] = &stack_like,
	};
	static const char *const racks[] = { "a", "b", "c" };
	struct world_spec spec = { .seed = seed, .modules = modules };
	struct world *w = world_new(&spec);
	struct terminal_root *root = world_take(w, struct terminal_root);
	struct cluster *c;

	hosts_init(w);
	telemetry_init(w);
	root->terminals = terminals_new(w);
	w->state->parts[MODULE_STACK] = root;
	machine_new(w, "laptop", "a", &machine_small);
	c = cluster_new(w, "5L6g3nShT-eMCtK--X86sw");
	controller_new(w, c, machine_new(w, "controller", "a", &machine_small));
	for (int i = 0; i < 3; i++) {
		char name[16];
		struct machine *m;
		struct broker *b;

		snprintf(name, sizeof(name), "kafka-%d", i + 1);
		m = machine_new(w, name, racks[i], &machine_broker);
		b = broker_new(w, c, i + 1, m);
		b->rack = world_name(w, racks[i]);
		broker_listen(w, b, "PLAINTEXT", 9092, name, 9092);
	}
	cluster_form(w, c);
	return w;
}

/* Give a command; the test fails if it is refused. */
static int64_t command(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int64_t command(struct world *w, const char *fmt, ...)
{
	struct text line = {0};
	struct err err = {{0}};
	int64_t id = 0;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&line, fmt, args);
	va_end(args);
	if (!world_command(w, line.at, &id, &err))
		fail_msg("%s: %s", line.at, err.what);
	text_free(&line);
	return id;
}

/* The text of the next entry of this kind, run up to `limit` for it.  "" if
 * none comes.  Lent until the world goes on. */
static const char *await_entry(struct world *w, int64_t id, uint64_t *cursor,
			       uint16_t kind, sim_time limit)
{
	sim_time end = world_now(w) + limit;

	for (;;) {
		const struct terminal_entry *e;

		while ((e = terminal_next(w, id, cursor)))
			if (e->kind == kind)
				return terminal_text(w, e);
		if (world_next(w) > end)
			return "";
		world_step(w);
	}
}

/* An api asked from the laptop; its JSON, lent. */
static const char *ask(struct world *w, const char *request)
{
	uint64_t cursor = 0;
	int64_t id = command(w, "admin from=laptop bootstrap=" SERVERS " %s",
			     request);

	return await_entry(w, id, &cursor, TERMINAL_REPLY, SIM_S(90));
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("«%s» is not in\n%s", part, text);
}

#endif
