/* host.c - machines and the processes that spend them */
#include "sim/host/host.h"

#include <assert.h>
#include <string.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/events.h"
#include "sim/host/net.h"

static const struct module_event host_events[] = {
	[HOST_WORK_DONE & 0xff] = { "host.work-done", host_work_done },
	[HOST_ARRIVE & 0xff] = { "host.arrive", net_arrive },
	[HOST_CHANNEL & 0xff] = { "host.channel", net_channel },
	[HOST_CARD & 0xff] = { "host.card", card_wake },
	[HOST_CONNECTION_LOST & 0xff] = { "host.connection-lost",
					  net_connection_lost },
	[HOST_CPU_DONE & 0xff] = { "host.cpu-done", host_cpu_done },
	[HOST_CPU_SLICE & 0xff] = { "host.cpu-slice", host_cpu_slice },
	[HOST_CPU_LOAD & 0xff] = { "host.cpu-load", host_cpu_load },
	[HOST_QUOTA_SPENT & 0xff] = { "host.quota-spent", host_quota_spent },
	[HOST_QUOTA_PERIOD & 0xff] = { "host.quota-period",
				       host_quota_period },
	[HOST_PAUSE_OVER & 0xff] = { "host.pause-over", host_pause_over },
	[HOST_LEAK & 0xff] = { "host.leak", memory_leak_step },
	[HOST_LIMIT_KILL & 0xff] = { "host.limit-kill", memory_limit_kill },
	[HOST_OOM_KILL & 0xff] = { "host.oom-kill", memory_oom_kill },
	[HOST_COLLECT & 0xff] = { "host.collect", heap_collect },
	[HOST_CALL_TIMER & 0xff] = { "host.call-timer", call_timer },
	[HOST_CREDITS_GONE & 0xff] = { "host.credits-gone",
				       host_credits_gone },
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
	queue_init(&h->line, world_now(w));
	w->state->parts[MODULE_HOST] = h;
	cpu_watch_load(w, h);
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

	assert(!machine_find(w, name));
	m->name = world_name(w, name);
	m->zone = world_name(w, zone);
	m->id = h->machines.count;
	cpu_init(w, m, p->cores);
	if (p->cpu_percent)
		m->cpu.percent = p->cpu_percent;
	if (p->credits_per_hour)
		credits_give(w, m, p->credits_per_hour, true);
	m->cpu.sleeps = p->sleeps;
	m->memory_bytes = p->memory_bytes;
	m->nic.bits_per_s = p->nic_bits_per_s;
	m->nic.out.bytes_per_s = m->nic.in.bytes_per_s = p->nic_bits_per_s / 8;
	m->profile = world_name(w, p->name);
	m->rented_at = world_now(w);
	cache_init(w, m);
	disk_init(w, &m->disk, m, &p->disk, name);
	for (uint32_t i = 1; i < p->disks; i++)
		disk_add(w, m, &p->disk);
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
	queue_init(&p->line, world_now(w));
	cpu_share_init(w, p);
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
	p->footprint.oom_killed = false;
	heap_clear(p);
	world_note(w, p->id << 2 | 1u);
	call(w, p->on.start, p);
}

static void work_give(struct world *w, struct work *work)
{
	little_depart(&work->process->line, work->since, world_now(w));
	world_give(w, work);
}

static void work_free(struct world *w, struct work *work)
{
	if (work->message)
		message_free(w, work->who);
	work_give(w, work);
}

static void drop_held(struct world *w, struct process *p)
{
	for (uint32_t i = 0; i < p->held.count; i++)
		message_free(w, p->held.at[i]);
	for (uint32_t i = 0; i < p->held_work.count; i++)
		work_free(w, p->held_work.at[i]);
	for (uint32_t i = 0; i < p->held_lost.count; i++)
		world_give(w, p->held_lost.at[i]);
	vec_free(&w->arena, &p->held_lost);
	vec_free(&w->arena, &p->held);
	vec_free(&w->arena, &p->held_work);
}

void process_kill(struct world *w, struct process *p)
{
	if (p->state == PROCESS_DOWN)
		return;
	p->state = PROCESS_DOWN;
	p->stops = 0;
	world_cancel(w, &p->pause);
	cpu_drop(w, p);
	drop_held(w, p);
	world_note(w, p->id << 2 | 2u);
	call(w, p->on.stop, p);
	memory_clear(p);
	net_process_gone(w, p);
}

static void halt(struct world *w, struct process *p, enum process_stop why)
{
	if (p->state == PROCESS_DOWN)
		return;
	p->stops |= why;
	if (p->state == PROCESS_UP) {
		p->state = PROCESS_HUNG;
		cpu_hang(w, p);
	}
}

/* What waited while the process was frozen is handled now, in its order. */
static void release(struct world *w, struct process *p, enum process_stop why)
{
	p->stops &= ~(uint32_t)why;
	if (p->state != PROCESS_HUNG || p->stops)
		return;
	p->state = PROCESS_UP;
	cpu_resume(w, p);
	for (uint32_t i = 0; i < p->held_work.count; i++)
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_WORK_DONE,
			   p->held_work.at[i], 0);
	for (uint32_t i = 0; i < p->held.count; i++)
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_ARRIVE,
			   p->held.at[i], 0);
	/* Behind what arrived before: the end of a stream is read last. */
	for (uint32_t i = 0; i < p->held_lost.count; i++)
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_CONNECTION_LOST,
			   p->held_lost.at[i], (uint16_t)p->incarnation);
	vec_free(&w->arena, &p->held_lost);
	vec_free(&w->arena, &p->held_work);
	vec_free(&w->arena, &p->held);
}

void process_hang(struct world *w, struct process *p)
{
	halt(w, p, STOP_SIGNAL);
}

void process_resume(struct world *w, struct process *p)
{
	release(w, p, STOP_SIGNAL);
}

void process_pause(struct world *w, struct process *p, sim_time ns)
{
	sim_time end = world_now(w) + ns;

	if (p->state == PROCESS_DOWN)
		return;
	if (agenda_pending(w->state->agenda, &p->pause)) {
		if (end <= p->pause_end)
			return;
		world_cancel(w, &p->pause);
	}
	p->pause_end = end;
	p->pause = world_timer(w, end, HOST_PAUSE_OVER, p, 0);
	halt(w, p, STOP_PAUSE);
}

void host_pause_over(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	(void)arg;
	p->pause = (struct timer){0};
	release(w, p, STOP_PAUSE);
}

/* -- waiting -------------------------------------------------------------- */

static struct work *work_new(struct world *w, struct process *p, uint16_t what,
			     void *who, uint16_t arg)
{
	struct work *work = world_take(w, struct work);

	assert(p->state != PROCESS_DOWN);
	*work = (struct work){
		.process = p, .incarnation = p->incarnation,
		.what = what, .arg = arg, .who = who, .since = world_now(w),
	};
	little_arrive(&p->line, work->since);
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
	work_give(w, work);
	world_call(w, done.what, done.who, done.arg);
}
