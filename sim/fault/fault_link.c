/* fault_link.c - links, cards, names and clocks */
#include "sim/fault/fault_inside.h"

#include "sim/core/args.h"

/* -- links ----------------------------------------------------------------- */

/* to=NAME, a machine or a process on it; NULL when there is no such key. */
static bool want_other(struct world *w, const char *args,
		       struct machine **other, struct err *err)
{
	char to[128];
	struct process *p;

	*other = NULL;
	if (!args_text(args, "to", to, sizeof(to)))
		return true;
	p = process_find(w, to);
	*other = machine_find(w, to);
	if (!*other && p)
		*other = p->machine;
	return *other ||
	       err_set(err, "to=%s: no such machine in this world", to);
}

/* to=NAME: only the path to that machine; else to all others. */
static bool link_inject(struct world *w, struct fault *f, const char *args,
			struct link_rule *rule, struct err *err)
{
	if (!fault_want_machine(w, f, err) || !want_other(w, args, &rule->b, err))
		return false;
	rule->a = f->machine;
	rule->one_way = args_int(args, "one-way", 0) != 0;
	f->rule = net_rule_add(w, rule);
	return true;
}

bool fault_partition_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	struct link_rule rule = { .cut = true };

	return link_inject(w, f, args, &rule, err);
}

bool fault_slow_link_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	struct link_rule rule = {0};
	int64_t mbit;

	rule.delay = args_time(args, "delay", SIM_MS(100));
	if (!fault_want_number(args, "mbit", 1, 100000, 0, &mbit, err) &&
	    args_has(args, "mbit"))
		return false;
	rule.bits_per_s = args_has(args, "mbit") ? mbit * 1000000 : 0;
	return link_inject(w, f, args, &rule, err);
}

bool fault_lossy_link_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct link_rule rule = {0};
	int64_t loss, reorder;

	if (!fault_want_number(args, "loss-ppm", 0, 900000, 20000, &loss, err) ||
	    !fault_want_number(args, "reorder-ppm", 0, 900000, 0, &reorder, err))
		return false;
	rule.loss_ppm = (uint32_t)loss;
	rule.reorder_ppm = (uint32_t)reorder;
	return link_inject(w, f, args, &rule, err);
}

void fault_link_heal(struct world *w, struct fault *f)
{
	net_rule_remove(w, f->rule);
	f->rule = NULL;
}

bool fault_nic_rate_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	int64_t mbit;

	if (!fault_want_machine(w, f, err) ||
	    !fault_want_number(args, "mbit", 1, 100000, 100, &mbit, err))
		return false;
	f->before = f->machine->nic.bits_per_s;
	net_card_rate(w, f->machine, mbit * 1000000);
	return true;
}

void fault_nic_rate_heal(struct world *w, struct fault *f)
{
	net_card_rate(w, f->machine, f->before);
}

/* -- names ----------------------------------------------------------------- */

bool fault_dns_down_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	(void)args;
	if (!fault_want_machine(w, f, err))
		return false;
	f->before = f->machine->resolver.cut_off;
	f->machine->resolver.cut_off = true;
	return true;
}

void fault_dns_down_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->resolver.cut_off = f->before;
}

bool fault_dns_slow_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	if (!fault_want_machine(w, f, err))
		return false;
	f->before = f->machine->resolver.delay;
	f->machine->resolver.delay = args_time(args, "delay", SIM_S(2));
	return true;
}

void fault_dns_slow_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->resolver.delay = f->before;
}

/* to=, or the machine next to it in the world. */
bool fault_dns_wrong_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	const struct hosts *all = hosts_of(w);
	struct machine *to;

	if (!fault_want_machine(w, f, err) || !want_other(w, args, &to, err))
		return false;
	if (!to)
		to = all->machines.at[(f->machine->id + 1) %
				      all->machines.count];
	if (to == f->machine)
		return err_set(err, "to=%s: that is where the name leads "
			       "anyway; name another machine",
			       world_text(w, to->name));
	return dns_lie_add(w, world_text(w, f->machine->name), to) ||
	       err_set(err, "%s is answered wrongly already",
		       world_text(w, f->machine->name));
}

void fault_dns_wrong_heal(struct world *w, struct fault *f)
{
	dns_lie_remove(w, world_text(w, f->machine->name));
}

/* -- clocks ---------------------------------------------------------------- */

#define CLOCK_STEP_MAX	SIM_HOURS(50 * 365 * 24)	/* back to the 1970s */

/* by=10s is ahead, by=-10s back. */
bool fault_clock_step_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	char by[32];
	sim_time span;

	args_text_or(args, "by", "10s", by, sizeof(by));
	if (!fault_want_machine(w, f, err))
		return false;
	if (!simtime_parse(by + (*by == '-'), &span) || !span ||
	    span > CLOCK_STEP_MAX)
		return err_set(err, "by=%s: write a time ahead or back, such "
			       "as by=10s or by=-1h, at most 50 years", by);
	clock_step(w, f->machine, *by == '-' ? -span : span);
	return true;
}

/* `chronyc makestep` */
void fault_clock_step_heal(struct world *w, struct fault *f)
{
	clock_step(w, f->machine, world_now(w) - machine_wall(w, f->machine));
}

bool fault_clock_drift_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	int64_t ppm;

	if (!fault_want_machine(w, f, err) ||
	    !fault_want_number(args, "ppm", -100000, 100000, 200, &ppm, err))
		return false;
	clock_ntp_stop(w, f->machine, ppm * 1000);
	return true;
}

void fault_clock_drift_heal(struct world *w, struct fault *f)
{
	clock_ntp_start(w, f->machine);
}
