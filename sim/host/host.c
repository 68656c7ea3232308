/* host.c - machines and the processes that spend them */
#include "sim/host/host.h"

#include <assert.h>
#include <string.h>

#include "sim/host/events.h"
#include "sim/host/net.h"

static const struct module_event host_events[] = {
	[HOST_WORK_DONE & 0xff] = { "host.work-done", host_work_done },
	[HOST_ARRIVE & 0xff] = { "host.arrive", net_arrive },
	[HOST_CONNECTION_LOST & 0xff] = { "host.connection-lost",
					  net_connection_lost },
};

const struct module host_module = {
	.name = "host",
	.events = host_events,
	.event_count = sizeof(host_events) / sizeof(host_events[0]),
};

void hosts_init(struct world *w)
{
	struct hosts *h = world_take(w, struct hosts);

	h->next_pid = 101;
	h->rules_version = 1;
	w->state->parts[MODULE_HOST] = h;
}

struct hosts *hosts_of(const struct world *w)
{
	return w->state->parts[MODULE_HOST];
}

/* -- machines ------------------------------------------------------------ */

struct machine *machine_new(struct world *w, const char *name,
			    const char *zone, const struct machine_profile *p)
{
	struct hosts *h = hosts_of(w);
	struct machine *m = world_take(w, struct machine);

	assert(p->cores <= MACHINE_CORES_MAX);
	assert(!machine_find(w, name));
	m->name = world_name(w, name);
	m->zone = world_name(w, zone);
	m->id = h->machines.count;
	m->cpu.cores = p->cores;
	m->memory_bytes = p->memory_bytes;
	m->nic.bits_per_s = p->nic_bits_per_s;
	m->disk = (struct disk){
		.bytes_total = p->disk_bytes,
		.bytes_per_s = p->disk_bytes_per_s,
		.fsync_ns = p->disk_fsync_ns,
		/* vm.dirty_ratio: 20 % of memory (Linux, admin-guide/sysctl/vm) */
		.dirty_bytes_max = p->memory_bytes / 5,
		.slow = 1,
	};
	luck_init(&m->luck, w->state->seed, name, "network");
	*vec_add(&w->arena, &h->machines) = m;
	map_put(&h->machines_by_name, &w->arena, m->name, m);
	return m;
}

struct machine *machine_find(const struct world *w, const char *name)
{
	name_id id = names_find(&w->state->names, name);

	return id ? map_get(&hosts_of(w)->machines_by_name, id) : NULL;
}

/* -- processes ----------------------------------------------------------- */

struct process *process_new(struct world *w, const char *name,
			    struct machine *m, const char *command,
			    const struct process_events *on,
			    enum module_id module, void *self)
{
	struct hosts *h = hosts_of(w);
	struct process *p = world_take(w, struct process);

	assert(!process_find(w, name));
	p->name = world_name(w, name);
	p->id = h->processes.count;
	p->machine = m;
	p->command = world_name(w, command);
	p->on = *on;
	p->module = (uint16_t)module;
	p->self = self;
	*vec_add(&w->arena, &h->processes) = p;
	map_put(&h->processes_by_name, &w->arena, p->name, p);
	return p;
}

struct process *process_find(const struct world *w, const char *name)
{
	name_id id = names_find(&w->state->names, name);

	return id ? map_get(&hosts_of(w)->processes_by_name, id) : NULL;
}

static void call(struct world *w, uint16_t what, void *who)
{
	if (what)
		world_call(w, what, who, 0);
}

void process_start(struct world *w, struct process *p)
{
	if (p->state != PROCESS_DOWN)
		return;
	p->state = PROCESS_UP;
	p->incarnation++;
	p->pid = hosts_of(w)->next_pid++;
	p->started_at = world_now(w);
	p->cpu_ns = 0;
	world_note(w, p->id << 2 | 1u);
	call(w, p->on.start, p);
}

static void work_free(struct world *w, struct work *work)
{
	if (work->message)
		message_free(w, work->who);
	world_give(w, work);
}

static void drop_held(struct world *w, struct process *p)
{
	for (uint32_t i = 0; i < p->held.count; i++)
		message_free(w, p->held.at[i]);
	for (uint32_t i = 0; i < p->held_work.count; i++)
		work_free(w, p->held_work.at[i]);
	vec_free(&w->arena, &p->held);
	vec_free(&w->arena, &p->held_work);
}

void process_kill(struct world *w, struct process *p)
{
	if (p->state == PROCESS_DOWN)
		return;
	p->state = PROCESS_DOWN;
	drop_held(w, p);
	world_note(w, p->id << 2 | 2u);
	call(w, p->on.stop, p);
	p->memory_bytes = 0;
	net_process_gone(w, p);
}

void process_hang(struct process *p)
{
	if (p->state == PROCESS_UP)
		p->state = PROCESS_HUNG;
}

/* What waited while the process was frozen is handled now, in its order. */
void process_resume(struct world *w, struct process *p)
{
	if (p->state != PROCESS_HUNG)
		return;
	p->state = PROCESS_UP;
	for (uint32_t i = 0; i < p->held_work.count; i++)
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_WORK_DONE,
			   p->held_work.at[i], 0);
	for (uint32_t i = 0; i < p->held.count; i++)
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_ARRIVE,
			   p->held.at[i], 0);
	vec_free(&w->arena, &p->held_work);
	vec_free(&w->arena, &p->held);
}

/* -- waiting -------------------------------------------------------------- */

static struct work *work_new(struct world *w, struct process *p, uint16_t what,
			     void *who, uint16_t arg)
{
	struct work *work = world_take(w, struct work);

	assert(p->state != PROCESS_DOWN);
	*work = (struct work){
		.process = p, .incarnation = p->incarnation,
		.what = what, .arg = arg, .who = who,
	};
	return work;
}

void process_at(struct world *w, struct process *p, sim_time at, uint16_t what,
		void *who, uint16_t arg)
{
	world_plan(w, at, CLASS_DELIVER, HOST_WORK_DONE,
		   work_new(w, p, what, who, arg), 0);
}

void process_serve_at(struct world *w, struct process *p, sim_time at,
		      uint16_t what, struct message *m)
{
	struct work *work = work_new(w, p, what, m, 0);

	work->message = true;
	world_plan(w, at, CLASS_DELIVER, HOST_WORK_DONE, work, 0);
}

void host_work_done(struct world *w, void *who, uint16_t arg)
{
	struct work *work = who;
	struct process *p = work->process;
	struct work done = *work;

	(void)arg;
	if (p->incarnation == work->incarnation && p->state == PROCESS_HUNG) {
		*vec_add(&w->arena, &p->held_work) = work;
		return;
	}
	if (p->incarnation != done.incarnation || p->state != PROCESS_UP) {
		work_free(w, work);
		return;
	}
	world_give(w, work);
	world_call(w, done.what, done.who, done.arg);
}
