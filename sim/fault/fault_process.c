/* fault_process.c - processes: they die, freeze, starve, leak */
#include "sim/fault/fault_inside.h"

#include <stdio.h>

#include "sim/core/args.h"

/* -- processes ------------------------------------------------------------- */

bool fault_kill_inject(struct world *w, struct fault *f, const char *args,
		       struct err *err)
{
	(void)args;
	if (!fault_want_process(w, f, err))
		return false;
	if (f->process->state == PROCESS_DOWN)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_kill(w, f->process);
	return true;
}

void fault_process_heal(struct world *w, struct fault *f)
{
	process_start(w, f->process);
}

bool fault_restart_inject(struct world *w, struct fault *f, const char *args,
			  struct err *err)
{
	if (!fault_kill_inject(w, f, args, err))
		return false;
	process_start(w, f->process);
	return true;
}

bool fault_hang_inject(struct world *w, struct fault *f, const char *args,
		       struct err *err)
{
	(void)args;
	if (!fault_want_process(w, f, err))
		return false;
	if (f->process->state != PROCESS_UP)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_hang(w, f->process);
	return true;
}

void fault_hang_heal(struct world *w, struct fault *f)
{
	process_resume(w, f->process);
}

/* -- the CPU --------------------------------------------------------------- */

/* stress-ng --cpu: a thread that never sleeps, in pieces of 100 ms. */
void fault_burn(struct world *w, void *who, uint16_t arg)
{
	cpu_run(w, who, SIM_MS(100), FAULT_BURN, who, arg);
}

/* A program of somebody else, one to a machine: it stays when it has ended. */
static struct process *hog_on(struct world *w, struct machine *m, int64_t cores)
{
	static const struct process_events on = {0};
	char name[160], command[32];
	struct process *p;

	snprintf(name, sizeof(name), "stress-ng-%s", world_text(w, m->name));
	snprintf(command, sizeof(command), "stress-ng --cpu %lld",
		 (long long)cores);
	p = process_find(w, name);
	if (!p)
		p = process_new(w, name, m, command, &on, MODULE_FAULT, NULL);
	p->command = world_name(w, command);
	return p;
}

bool fault_hog_inject(struct world *w, struct fault *f, const char *args,
		      struct err *err)
{
	int64_t cores, weight;

	if (!fault_want_machine(w, f, err) ||
	    !fault_want_number(args, "cores", 1, MACHINE_CORES_MAX,
			 f->machine->cpu.cores, &cores, err) ||
	    !fault_want_number(args, "weight", 1, CPU_WEIGHT_MAX, CPU_WEIGHT_DEFAULT,
			 &weight, err))
		return false;
	f->process = hog_on(w, f->machine, cores);
	if (f->process->state != PROCESS_DOWN)
		return err_set(err, "%s: stress-ng runs there already",
			       world_text(w, f->component));
	process_start(w, f->process);
	cpu_weight_set(w, f->process, (uint32_t)weight);
	cpu_threads_set(w, f->process, (uint32_t)cores);
	for (int64_t i = 0; i < cores; i++)
		fault_burn(w, f->process, 0);
	return true;
}

void fault_hog_heal(struct world *w, struct fault *f)
{
	process_kill(w, f->process);
}

bool fault_quota_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	const struct cpu_quota *q;
	int64_t millicores;

	if (!fault_want_process(w, f, err) ||
	    !fault_want_number(args, "millicores", 10, 1000 * MACHINE_CORES_MAX, 1000,
			 &millicores, err))
		return false;
	q = f->process->share.quota;
	f->before = q ? q->quota_ns : 0;
	f->length = q ? q->period_ns : 0;
	cpu_quota_set(w, f->process, millicores * CPU_PERIOD_DEFAULT / 1000, 0);
	return true;
}

void fault_quota_heal(struct world *w, struct fault *f)
{
	cpu_quota_set(w, f->process, f->before, f->length);
}

bool fault_steal_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	int64_t percent;

	if (!fault_want_machine(w, f, err) ||
	    !fault_want_number(args, "percent", 1, CPU_STEAL_MAX / 10000, 50,
			       &percent, err))
		return false;
	cpu_neighbours_set(w, f->machine, (uint32_t)percent * 10000);
	return true;
}

void fault_steal_heal(struct world *w, struct fault *f)
{
	cpu_neighbours_set(w, f->machine, 0);
}

/* A machine that was not rented as a burstable one stands for one of its size;
 * percent of a vCPU are 0.6 credits an hour. */
enum { WAS_NONE, WAS_STANDARD, WAS_UNLIMITED };

bool fault_no_credits_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	const struct credits *c;
	int64_t percent;

	if (!fault_want_machine(w, f, err) ||
	    !fault_want_number(args, "baseline", 5, 90, 20, &percent, err))
		return false;
	c = f->machine->cpu.credits;
	f->before = !c ? WAS_NONE : c->unlimited ? WAS_UNLIMITED :
						   WAS_STANDARD;
	if (!c)
		credits_give(w, f->machine, (uint32_t)percent * 60 *
			     f->machine->cpu.cores / 100, false);
	credits_mode(w, f->machine, false);
	credits_balance_set(w, f->machine, 0);
	return true;
}

void fault_no_credits_heal(struct world *w, struct fault *f)
{
	if (f->before == WAS_NONE)
		credits_take(w, f->machine);
	else if (f->before == WAS_UNLIMITED)
		credits_mode(w, f->machine, true);
}

void fault_pause_again(struct world *w, void *who, uint16_t arg)
{
	struct fault *f = who;

	if (!fault_active(f))
		return;
	process_pause(w, f->process, f->length);
	world_plan(w, world_now(w) + f->every, CLASS_DELIVER, FAULT_PAUSE, f,
		   arg);
}

/* The first collection comes when memory has filled, not at once. */
bool fault_gc_inject(struct world *w, struct fault *f, const char *args,
		     struct err *err)
{
	if (!fault_want_process(w, f, err))
		return false;
	f->length = args_time(args, "pause", SIM_S(2));
	f->every = args_time(args, "every", SIM_S(30));
	if (f->length < SIM_MS(1) || f->every <= f->length)
		return err_set(err, "pause= is at least 1ms, and every= is "
			       "longer than that");
	world_plan(w, world_now(w) + f->every, CLASS_DELIVER, FAULT_PAUSE, f, 0);
	return true;
}

/* Memory is as it should be from now on; a pause that has begun ends as
 * planned. */
void fault_gc_heal(struct world *w, struct fault *f)
{
	(void)w;
	(void)f;
}

/* -- memory ---------------------------------------------------------------- */

#define MIB	(INT64_C(1) << 20)

bool fault_leak_inject(struct world *w, struct fault *f, const char *args,
		       struct err *err)
{
	int64_t kib;

	if (!fault_want_process(w, f, err) ||
	    !fault_want_number(args, "kib-per-s", 1, 1 << 24, 10240, &kib, err))
		return false;
	memory_leak(w, f->process, kib * 1024);
	return true;
}

void fault_leak_heal(struct world *w, struct fault *f)
{
	memory_leak(w, f->process, 0);
}

bool fault_limit_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	int64_t mib;

	if (!fault_want_process(w, f, err) ||
	    !fault_want_number(args, "mib", 1, 1 << 20, 512, &mib, err))
		return false;
	f->before = f->process->footprint.limit_bytes;
	memory_limit(w, f->process, mib * MIB);
	return true;
}

void fault_limit_heal(struct world *w, struct fault *f)
{
	memory_limit(w, f->process, f->before);
}
