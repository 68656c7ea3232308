/* fault_disk.c - disks: slow, full, read-only, failing, lying */
#include "sim/fault/fault_inside.h"

/* The machine, and of its disks the one that disk=N says; the first is 1. */
static bool want_disk(struct world *w, struct fault *f, const char *args,
		      struct err *err)
{
	int64_t count = 1, which;

	if (!fault_want_machine(w, f, err))
		return false;
	for (f->disk = &f->machine->disk; f->disk->next; f->disk = f->disk->next)
		count++;
	if (!fault_want_number(args, "disk", 1, count, 1, &which, err))
		return false;
	for (f->disk = &f->machine->disk; which > 1; which--)
		f->disk = f->disk->next;
	return true;
}

bool fault_slow_disk_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	int64_t times;

	if (!want_disk(w, f, args, err) ||
	    !fault_want_number(args, "times", 2, 100000, 100, &times, err))
		return false;
	f->before = f->disk->slow;
	f->disk->slow = times;
	return true;
}

void fault_slow_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->disk->slow = f->before;
}

bool fault_full_disk_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	if (!want_disk(w, f, args, err))
		return false;
	f->disk->full_of_others = true;
	return true;
}

void fault_full_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->disk->full_of_others = false;
}

bool fault_read_only_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	if (!want_disk(w, f, args, err))
		return false;
	f->disk->read_only = true;
	return true;
}

void fault_read_only_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->disk->read_only = false;
}

bool fault_failing_inject(struct world *w, struct fault *f, const char *args,
			  struct err *err)
{
	if (!want_disk(w, f, args, err) ||
	    !fault_want_number(args, "replaced", 0, 1, 0, &f->before, err))
		return false;
	f->disk->failing = true;
	return true;
}

void fault_failing_heal(struct world *w, struct fault *f)
{
	(void)w;
	if (f->before)
		disk_replace(f->disk);
	f->disk->failing = false;
}

bool fault_corrupt_inject(struct world *w, struct fault *f, const char *args,
			  struct err *err)
{
	int64_t ppm;

	if (!want_disk(w, f, args, err) ||
	    !fault_want_number(args, "ppm", 1, 1000000, 100000, &ppm, err))
		return false;
	f->before = f->disk->corrupt_ppm;
	f->disk->corrupt_ppm = (uint32_t)ppm;
	return true;
}

void fault_corrupt_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->disk->corrupt_ppm = (uint32_t)f->before;
}

bool fault_no_burst_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	struct disk *d;

	if (!want_disk(w, f, args, err))
		return false;
	d = f->disk;
	if (!d->burst.burst_per_s)
		return err_set(err, "the disk of %s (%s) has no burst credits; "
			       "gp2 below 1000 GiB and st1 have",
			       world_text(w, f->machine->name),
			       disk_models[d->kind].name);
	disk_burst_set(w, d, false);
	return true;
}

void fault_no_burst_heal(struct world *w, struct fault *f)
{
	disk_burst_set(w, f->disk, true);
}

/* -- power ----------------------------------------------------------------- */

static void power_go(struct world *w, struct fault *f)
{
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *p = h->processes.at[i];

		if (p->machine == f->machine && p->state != PROCESS_DOWN &&
		    p->module != MODULE_FAULT)
			*vec_add(&w->arena, &f->stopped) = p;
	}
	machine_power_loss(w, f->machine);
}

bool fault_power_inject(struct world *w, struct fault *f, const char *args,
			 struct err *err)
{
	(void)args;
	if (!fault_want_machine(w, f, err))
		return false;
	power_go(w, f);
	return true;
}

/* The machine boots, and its services are started as an init system does.
 * Simplified: booting takes no time; `for=` is how long it is away. */
void fault_power_heal(struct world *w, struct fault *f)
{
	for (uint32_t i = 0; i < f->stopped.count; i++)
		process_start(w, f->stopped.at[i]);
	vec_free(&w->arena, &f->stopped);
}
