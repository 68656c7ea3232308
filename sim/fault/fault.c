/* fault.c - the catalogue of faults, injection, healing, the ledger */
#include "sim/fault/fault.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/core/args.h"

enum { FAULT_BEGIN = MODULE_FAULT << 8, FAULT_END };

/* -- targets -------------------------------------------------------------- */

static bool want_process(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);

	f->process = process_find(w, name);
	return f->process ||
	       err_set(err, "component=%s: no such process in this world; ps "
		       "lists them", name);
}

static bool want_machine(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);
	struct process *p = process_find(w, name);

	f->machine = machine_find(w, name);
	if (!f->machine && p)
		f->machine = p->machine;
	return f->machine ||
	       err_set(err, "component=%s: no such machine in this world",
		       name);
}

static bool want_number(const char *args, const char *key, int64_t low,
			int64_t high, int64_t otherwise, int64_t *out,
			struct err *err)
{
	*out = args_int(args, key, otherwise);
	return (*out >= low && *out <= high &&
		(!args_has(args, key) || args_int(args, key, low - 1) == *out)) ||
	       err_set(err, "%s must be a whole number from %lld to %lld", key,
		       (long long)low, (long long)high);
}

/* -- processes ------------------------------------------------------------- */

static bool kill_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	(void)args;
	if (!want_process(w, f, err))
		return false;
	if (f->process->state == PROCESS_DOWN)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_kill(w, f->process);
	return true;
}

static void process_heal(struct world *w, struct fault *f)
{
	process_start(w, f->process);
}

static bool restart_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	if (!kill_inject(w, f, args, err))
		return false;
	process_start(w, f->process);
	return true;
}

static bool hang_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	(void)args;
	if (!want_process(w, f, err))
		return false;
	if (f->process->state != PROCESS_UP)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_hang(f->process);
	return true;
}

static void hang_heal(struct world *w, struct fault *f)
{
	process_resume(w, f->process);
}

/* -- links ------------------------------------------------------------------- */

/* to=NAME: only the path to that machine; else to all others. */
static bool link_inject(struct world *w, struct fault *f, const char *args,
			struct link_rule *rule, struct err *err)
{
	char to[128];

	if (!want_machine(w, f, err))
		return false;
	rule->a = f->machine;
	if (args_text(args, "to", to, sizeof(to))) {
		struct process *p = process_find(w, to);

		rule->b = machine_find(w, to);
		if (!rule->b && p)
			rule->b = p->machine;
		if (!rule->b)
			return err_set(err, "to=%s: no such machine in this "
				       "world", to);
	}
	rule->one_way = args_int(args, "one-way", 0) != 0;
	f->rule = net_rule_add(w, rule);
	return true;
}

static bool partition_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct link_rule rule = { .cut = true };

	return link_inject(w, f, args, &rule, err);
}

static bool slow_link_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct link_rule rule = {0};
	int64_t mbit;

	rule.delay = args_time(args, "delay", SIM_MS(100));
	if (!want_number(args, "mbit", 1, 100000, 0, &mbit, err) &&
	    args_has(args, "mbit"))
		return false;
	rule.bits_per_s = args_has(args, "mbit") ? mbit * 1000000 : 0;
	return link_inject(w, f, args, &rule, err);
}

static bool lossy_link_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	struct link_rule rule = {0};
	int64_t ppm;

	if (!want_number(args, "loss-ppm", 1, 900000, 20000, &ppm, err))
		return false;
	rule.loss_ppm = (uint32_t)ppm;
	return link_inject(w, f, args, &rule, err);
}

static void link_heal(struct world *w, struct fault *f)
{
	net_rule_remove(w, f->rule);
	f->rule = NULL;
}

/* -- disks -------------------------------------------------------------------- */

static bool slow_disk_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	int64_t times;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "times", 2, 100000, 100, &times, err))
		return false;
	f->before = f->machine->disk.slow;
	f->machine->disk.slow = times;
	return true;
}

static void slow_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.slow = f->before;
}

static bool full_disk_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	(void)args;
	if (!want_machine(w, f, err))
		return false;
	f->machine->disk.full_of_others = true;
	return true;
}

static void full_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.full_of_others = false;
}

/* -- settings ------------------------------------------------------------------ */

static struct broker *want_broker(struct world *w, struct fault *f,
				  struct err *err)
{
	struct cluster *c = cluster_of(w);
	struct broker *b;

	if (!want_process(w, f, err))
		return NULL;
	b = c ? broker_by_process(c, f->process) : NULL;
	if (!b || !b->listeners.count)
		err_set(err, "component=%s: that is no broker",
			world_text(w, f->component));
	return b && b->listeners.count ? b : NULL;
}

static bool advertised_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	struct broker *b = want_broker(w, f, err);
	char host[128];

	if (!b)
		return false;
	args_text_or(args, "host", "localhost", host, sizeof(host));
	f->before_name = b->listeners.at[0].advertised_host;
	b->listeners.at[0].advertised_host = world_name(w, host);
	return true;
}

static void advertised_heal(struct world *w, struct fault *f)
{
	struct broker *b = broker_by_process(cluster_of(w), f->process);

	(void)w;
	b->listeners.at[0].advertised_host = f->before_name;
}

static bool min_isr_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	struct cluster *c = cluster_of(w);
	const char *name = world_text(w, f->component);
	struct topic *t = c ? cluster_topic(w, c, name) : NULL;
	struct topic_config config;
	int64_t value;

	if (!t)
		return err_set(err, "component=%s: no such topic", name);
	if (!want_number(args, "value", 1, REPLICAS_MAX,
			 t->partitions.at[0]->state.replica_count, &value, err))
		return false;
	config = *t->config;
	f->before = config.set >> TOPIC_MIN_INSYNC_REPLICAS & 1 ?
		    config.value[TOPIC_MIN_INSYNC_REPLICAS] : 0;
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = value;
	config.set |= 1u << TOPIC_MIN_INSYNC_REPLICAS;
	controller_set_topic_config(w, c->controller, t, &config);
	return true;
}

static void min_isr_heal(struct world *w, struct fault *f)
{
	struct cluster *c = cluster_of(w);
	struct topic *t = cluster_topic(w, c, world_text(w, f->component));
	struct topic_config config;

	if (!t)
		return;
	config = *t->config;
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = f->before;
	if (!f->before)
		config.set &= ~(1u << TOPIC_MIN_INSYNC_REPLICAS);
	controller_set_topic_config(w, c->controller, t, &config);
}

/* -- the catalogue --------------------------------------------------------------- */

#define LINK_USAGE	"[to=MACHINE] [one-way=1]"

const struct fault_kind fault_kinds[] = {
	{
		.id = "kill", .codes = "", .title = "A process dies",
		.summary = "SIGKILL: memory and connections are gone, files "
			   "stay; peers see their connections reset",
		.component = "process", .usage = "",
		.inject = kill_inject, .heal = process_heal,
	}, {
		.id = "restart", .codes = "", .title = "A process dies and "
						       "comes back",
		.summary = "SIGKILL and start at once, as a supervisor does",
		.component = "process", .usage = "",
		.inject = restart_inject,
	}, {
		.id = "hang", .codes = "F30", .title = "A process freezes",
		.summary = "SIGSTOP, a long collection: it answers nothing, "
			   "yet its connections stay open",
		.component = "process", .usage = "",
		.inject = hang_inject, .heal = hang_heal,
	}, {
		.id = "partition", .codes = "", .title = "A machine is cut off",
		.summary = "nothing arrives in either direction; nobody is "
			   "told",
		.component = "machine", .usage = LINK_USAGE,
		.inject = partition_inject, .heal = link_heal,
	}, {
		.id = "slow-link", .codes = "F07", .title = "A link is slow",
		.summary = "latency is added, bandwidth is taken away",
		.component = "machine",
		.usage = "[delay=100ms] [mbit=N] " LINK_USAGE,
		.inject = slow_link_inject, .heal = link_heal,
	}, {
		.id = "lossy-link", .codes = "", .title = "A link loses packets",
		.summary = "segments are lost and come again after TCP's timer",
		.component = "machine", .usage = "[loss-ppm=20000] " LINK_USAGE,
		.inject = lossy_link_inject, .heal = link_heal,
	}, {
		.id = "slow-disk", .codes = "F07", .title = "A disk degrades",
		.summary = "writing takes many times as long; writers stall "
			   "when too much is dirty",
		.component = "machine", .usage = "[times=100]",
		.inject = slow_disk_inject, .heal = slow_disk_heal,
	}, {
		.id = "full-disk", .codes = "F11", .title = "A disk is full",
		.summary = "no space left: a broker that appends halts",
		.component = "machine", .usage = "",
		.inject = full_disk_inject, .heal = full_disk_heal,
	}, {
		.id = "advertised-listener", .codes = "F22",
		.title = "A broker advertises the wrong address",
		.summary = "clients are sent to an address that is not the "
			   "broker's",
		.component = "process", .usage = "[host=localhost]",
		.inject = advertised_inject, .heal = advertised_heal,
	}, {
		.id = "min-isr", .codes = "F08",
		.title = "min.insync.replicas leaves no room",
		.summary = "as many in-sync replicas are demanded as there are "
			   "replicas: one missing stops acks=all",
		.component = "topic", .usage = "[value=N]",
		.inject = min_isr_inject, .heal = min_isr_heal,
	},
	{ .id = NULL },
};

const struct fault_kind *fault_kind_find(const char *id)
{
	for (const struct fault_kind *k = fault_kinds; k->id; k++)
		if (!strcmp(k->id, id))
			return k;
	return NULL;
}

/* -- the ledger --------------------------------------------------------------------- */

void faults_init(struct world *w)
{
	w->state->parts[MODULE_FAULT] = world_take(w, struct faults);
}

struct faults *faults_of(const struct world *w)
{
	return w->state->parts[MODULE_FAULT];
}

static void heal(struct world *w, struct fault *f)
{
	const struct fault_kind *k = &fault_kinds[f->kind];

	if (!fault_active(f))
		return;
	if (k->heal)
		k->heal(w, f);
	f->healed_at = world_now(w);
}

/* A fault planned for later: its target may be gone by then, which the ledger
 * shows as healed at once. */
static void begin(struct world *w, void *who, uint16_t arg)
{
	struct fault *f = who;

	(void)arg;
	f->planned = false;
	if (!fault_kinds[f->kind].inject(w, f, world_text(w, f->args), NULL))
		f->healed_at = world_now(w);
}

static void end(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	heal(w, who);
}

static bool command_fault(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	size_t len = strcspn(args, " ");
	const char *rest = args + len + strspn(args + len, " ");
	sim_time after = args_time(rest, "after", 0);
	sim_time during = args_time(rest, "for", 0);
	char id[64], component[128];
	const struct fault_kind *k;
	struct fault *f;

	if (len >= sizeof(id))
		return err_set(err, "no such fault");
	memcpy(id, args, len);
	id[len] = '\0';
	k = fault_kind_find(id);
	if (!k)
		return err_set(err, "%s: no such fault; `millrace faults` lists "
			       "them", id);
	if (!args_text(rest, "component", component, sizeof(component)))
		return err_set(err, "%s: say what it befalls: component=NAME "
			       "(a %s)", id, k->component);
	f = world_take(w, struct fault);
	*f = (struct fault){
		.kind = (uint16_t)(k - fault_kinds),
		.component = world_name(w, component),
		.mechanism = world_name(w, id),
		.args = world_name(w, rest),
		.at = world_now(w) + after, .healed_at = SIM_NEVER,
		.planned = after > 0,
	};
	if (!after && !k->inject(w, f, rest, err)) {
		world_give(w, f);
		return false;
	}
	*vec_add(&w->arena, &faults_of(w)->ledger) = f;
	f->number = faults_of(w)->ledger.count;
	if (after)
		world_plan(w, f->at, CLASS_DELIVER, FAULT_BEGIN, f, 0);
	if (during)
		world_plan(w, f->at + during, CLASS_DELIVER, FAULT_END, f, 0);
	*result = f->number;
	return true;
}

static bool command_heal(struct world *w, const char *args, int64_t *result,
			 struct err *err)
{
	struct faults *all = faults_of(w);
	char *stop;
	long n = strtol(args, &stop, 10);

	if (stop == args || *stop || n < 1 || n > (long)all->ledger.count)
		return err_set(err, "heal %s: no such fault in the ledger", args);
	heal(w, all->ledger.at[n - 1]);
	*result = n;
	return true;
}

static const struct command_kind fault_commands[] = {
	{ "fault", "KIND component=NAME [after=T] [for=T] [key=value]...",
	  command_fault },
	{ "heal", "N", command_heal },
	{ NULL, NULL, NULL },
};

static const struct module_event fault_events[] = {
	[FAULT_BEGIN & 0xff] = { "fault.begin", begin },
	[FAULT_END & 0xff] = { "fault.end", end },
};

const struct module fault_module = {
	.name = "fault",
	.events = fault_events,
	.event_count = sizeof(fault_events) / sizeof(fault_events[0]),
	.commands = fault_commands,
};
