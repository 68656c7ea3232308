/* fault.c - injection, healing, the ledger */
#include "sim/fault/fault_inside.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/args.h"

/* -- targets -------------------------------------------------------------- */

/* The same fault, already on the same thing: its healthy value is known to that
 * one only, so a second could not be healed in any order. */
static const struct fault *same_on(const struct world *w, const struct fault *f)
{
	const struct faults *all = faults_of(w);

	for (uint32_t i = 0; i < all->ledger.count; i++) {
		const struct fault *o = all->ledger.at[i];

		if (o != f && o->kind == f->kind && fault_active(o) &&
		    o->process == f->process && o->machine == f->machine &&
		    (f->process || f->machine || o->component == f->component))
			return o;
	}
	return NULL;
}

bool fault_want_alone(struct world *w, const struct fault *f, struct err *err)
{
	const struct fault_kind *k = &fault_kinds[f->kind];
	const struct fault *other = k->stacks ? NULL : same_on(w, f);

	return !other ||
	       err_set(err, "%s: it is on there already, as fault %u; heal "
		       "that first", k->id, other->number);
}

bool fault_want_process(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);

	f->process = process_find(w, name);
	if (!f->process)
		return err_set(err, "component=%s: no such process in this "
			       "world; ps lists them", name);
	return fault_want_alone(w, f, err);
}

bool fault_want_machine(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);
	struct process *p = process_find(w, name);

	f->machine = machine_find(w, name);
	if (!f->machine && p)
		f->machine = p->machine;
	if (!f->machine)
		return err_set(err, "component=%s: no such machine in this "
			       "world", name);
	return fault_want_alone(w, f, err);
}

bool fault_want_number(const char *args, const char *key, int64_t low,
		       int64_t high, int64_t otherwise, int64_t *out,
		       struct err *err)
{
	*out = args_int(args, key, otherwise);
	return (*out >= low && *out <= high &&
		(!args_has(args, key) || args_int(args, key, low - 1) == *out)) ||
	       err_set(err, "%s must be a whole number from %lld to %lld", key,
		       (long long)low, (long long)high);
}

/* -- the ledger ------------------------------------------------------------ */

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

	if (f->healed_at != SIM_NEVER)
		return;
	if (!f->planned && k->heal)
		k->heal(w, f);
	f->planned = false;		/* or it is taken back before it began */
	f->healed_at = world_now(w);
}

/* A fault planned for later: its target may be gone by then, which the ledger
 * shows as healed at once. */
static void begin(struct world *w, void *who, uint16_t arg)
{
	struct fault *f = who;

	(void)arg;
	if (!f->planned)
		return;			/* taken back */
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
	[FAULT_BURN & 0xff] = { "fault.burn", fault_burn },
	[FAULT_PAUSE & 0xff] = { "fault.pause", fault_pause_again },
};

const struct module fault_module = {
	.name = "fault",
	.events = fault_events,
	.event_count = sizeof(fault_events) / sizeof(fault_events[0]),
	.commands = fault_commands,
};
