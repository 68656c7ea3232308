/* cpu.c - who gets a core, and for how long
 *
 * The run queue is a heap of processes by (vruntime, id): those with threads
 * that are ready.  It is empty while there is a free core, so then nothing is
 * compared, no vruntime is kept and no slice is planned; a piece of work starts
 * and its end is the one event.
 *
 *	submit ─▶ wake ─▶ start ........ a core is free
 *	              └─▶ put_ready, enter, preempt
 *	host_cpu_done ─▶ what follows ─▶ go_on: next of the backlog, or fill
 *	host_cpu_slice ─▶ take_turns ─▶ put_ready, fill
 *
 * `fill` gives free cores to the head of the queue and is the only one that
 * takes from it.  Whoever changes something ends by planning the next slice.
 */
#include "sim/host/cpu.h"

#include <assert.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/events.h"
#include "sim/host/net.h"

/* kernel/sched/fair.c (6.1): sysctl_sched_latency, _min_granularity,
 * _wakeup_granularity, before scaling; sched_nr_latency = latency / least. */
#define LATENCY		SIM_MS(6)
#define SLICE_MIN	SIM_US(750)
#define WAKEUP		SIM_MS(1)
#define SLEEPERS	(LATENCY / 2)	/* GENTLE_FAIR_SLEEPERS */
#define NR_LATENCY	8

/* -- pieces in a row ------------------------------------------------------ */

static void add_last(struct pieces *l, struct piece *piece)
{
	piece->next = NULL;
	if (l->last)
		l->last->next = piece;
	else
		l->first = piece;
	l->last = piece;
	l->count++;
}

static void add_first(struct pieces *l, struct piece *piece)
{
	piece->next = l->first;
	l->first = piece;
	if (!l->last)
		l->last = piece;
	l->count++;
}

static struct piece *take_first(struct pieces *l)
{
	struct piece *piece = l->first;

	l->first = piece->next;
	if (!l->first)
		l->last = NULL;
	l->count--;
	return piece;
}

/* Ready, and nobody keeps it from running but that others have the cores. */
static void wait_begins(struct world *w, struct process *p, struct piece *x)
{
	x->since = world_now(w);
	x->waits = p->state == PROCESS_UP;
	if (x->waits)
		little_arrive(&p->machine->cpu.line, x->since);
}

static int64_t wait_ends(struct world *w, struct process *p, struct piece *x)
{
	if (x->waits)
		little_depart(&p->machine->cpu.line, x->since, world_now(w));
	x->waits = false;
	return world_now(w) - x->since;
}

static void piece_free(struct world *w, struct process *p, struct piece *piece)
{
	wait_ends(w, p, piece);
	little_depart(&p->share.line, piece->came, world_now(w));
	if (piece->message)
		message_free(w, piece->who);
	world_give(w, piece);
}

static void free_all(struct world *w, struct process *p, struct pieces *l)
{
	while (l->count)
		piece_free(w, p, take_first(l));
}

/* -- the run queue -------------------------------------------------------- */

static bool before(const struct process *x, const struct process *y)
{
	if (x->share.vruntime != y->share.vruntime)
		return x->share.vruntime < y->share.vruntime;
	return x->id < y->id;
}

static void set_place(struct cpu *cpu, uint32_t i, struct process *p)
{
	cpu->queue.at[i] = p;
	p->share.place = i + 1;
}

static void sift_up(struct cpu *cpu, uint32_t i)
{
	struct process *p = cpu->queue.at[i];

	for (; i > 0 && before(p, cpu->queue.at[(i - 1) / 2]); i = (i - 1) / 2)
		set_place(cpu, i, cpu->queue.at[(i - 1) / 2]);
	set_place(cpu, i, p);
}

static void sift_down(struct cpu *cpu, uint32_t i)
{
	struct process *p = cpu->queue.at[i];

	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child + 1 < cpu->queue.count &&
		    before(cpu->queue.at[child + 1], cpu->queue.at[child]))
			child++;
		if (child >= cpu->queue.count ||
		    !before(cpu->queue.at[child], p))
			break;
		set_place(cpu, i, cpu->queue.at[child]);
		i = child;
	}
	set_place(cpu, i, p);
}

static void queue_remove(struct cpu *cpu, struct process *p)
{
	uint32_t i = p->share.place - 1;
	struct process *last = cpu->queue.at[--cpu->queue.count];

	cpu->queue.at[cpu->queue.count] = NULL;
	p->share.place = 0;
	if (last == p)
		return;
	set_place(cpu, i, last);
	sift_up(cpu, i);
	sift_down(cpu, last->share.place - 1);
}

/* -- accounting ----------------------------------------------------------- */

/* So much CPU time makes the process wait for others: the division keeps its
 * rest, so that it does not matter how often it is done. */
static void charge(struct cpu *cpu, struct process *p, int64_t ns)
{
	struct cpu_share *s = &p->share;
	int64_t sum = ns * CPU_WEIGHT_DEFAULT + s->vruntime_rest;

	s->vruntime += sum / s->weight;
	s->vruntime_rest = sum % s->weight;
	if (s->place)
		sift_down(cpu, s->place - 1);
}

/* Bring what a core has done up to now. */
static void account(struct world *w, struct core *core)
{
	struct cpu *cpu = &core->machine->cpu;
	struct process *p = core->process;
	int64_t ran = world_now(w) - core->since;

	core->since = world_now(w);
	if (!p || !ran)
		return;
	if (cpu->steal_ppm)
		ran = steal_account(core, ran);
	core->busy_ns += ran;
	cpu->busy_ns += ran;
	p->cpu_ns += ran;
	core->piece->left_ns -= ran;
	if (cpu->queue.count)
		charge(cpu, p, ran);
}

void cpu_account(struct world *w, struct cpu *cpu)
{
	for (uint32_t i = 0; i < cpu->cores; i++)
		account(w, &cpu->core[i]);
}

/* Keep the sum of the weights of those who run or wait. */
static void weigh(struct process *p)
{
	struct cpu_share *s = &p->share;
	uint32_t weight = s->running || s->place ? s->weight : 0;

	p->machine->cpu.weight += weight;
	p->machine->cpu.weight -= s->weighed;
	s->weighed = weight;
}

static bool may_run(const struct process *p)
{
	return p->state == PROCESS_UP && !quota_throttles(p);
}

/*
 * From here on somebody waits, and vruntime counts.  In the meantime the clock
 * went on by itself, as that of a queue with one thread does in Linux: who was
 * ahead of it has paid by now, and nobody who ran is behind.
 */
static void contention_begins(struct world *w, struct cpu *cpu)
{
	cpu_account(w, cpu);
	cpu->clock += world_now(w) - cpu->clock_at;
	for (uint32_t i = 0; i < cpu->cores; i++) {
		struct process *p = cpu->core[i].process;

		if (p && p->share.vruntime < cpu->clock)
			p->share.vruntime = cpu->clock;
	}
}

/* Its ready threads want cores.  Who did not want one has no claim to what it
 * did not use, but for a little (place_entity in fair.c). */
static void enter(struct world *w, struct process *p)
{
	struct cpu *cpu = &p->machine->cpu;
	struct cpu_share *s = &p->share;
	int64_t least;

	if (s->place || !s->ready.count || !may_run(p))
		return;
	if (!cpu->queue.count)
		contention_begins(w, cpu);
	else
		cpu_account(w, cpu);
	least = cpu->clock - SLEEPERS * cpu->scale;
	if (s->vruntime < least)
		s->vruntime = least;
	*vec_add(&w->arena, &cpu->queue) = p;
	sift_up(cpu, cpu->queue.count - 1);
	cpu->waiting += s->ready.count;
	weigh(p);
}

static void leave(struct world *w, struct process *p)
{
	struct cpu *cpu = &p->machine->cpu;

	if (!p->share.place)
		return;
	if (cpu->queue.count == 1) {	/* the last for whom it counted */
		cpu_account(w, cpu);
		cpu->clock_at = world_now(w);
	}
	cpu->waiting -= p->share.ready.count;
	queue_remove(cpu, p);
	weigh(p);
}

static void put_ready(struct world *w, struct process *p, struct piece *piece,
		      bool first)
{
	struct cpu_share *s = &p->share;

	wait_begins(w, p, piece);
	(first ? add_first : add_last)(&s->ready, piece);
	if (s->place)
		p->machine->cpu.waiting++;
	quota_count_stopped(w, p);
}

/* -- on and off the cores ------------------------------------------------- */

/* The core it had, or the next free one after that. */
static struct core *free_core(const struct cpu *cpu, const struct process *p)
{
	uint64_t later = cpu->idle >> p->share.last_core;

	return &cpu->core[later ? p->share.last_core +
			  (uint32_t)__builtin_ctzll(later) :
			  (uint32_t)__builtin_ctzll(cpu->idle)];
}

static void plan_done(struct world *w, struct core *core)
{
	sim_time span = core->piece->left_ns;

	if (core->machine->cpu.steal_ppm)
		span = steal_span(core, span);
	core->done = agenda_push_timer(w->state->agenda, world_now(w) + span,
				       CLASS_DELIVER, HOST_CPU_DONE, core, 0);
}

void cpu_replan(struct world *w, struct cpu *cpu)
{
	for (uint32_t i = 0; i < cpu->cores; i++)
		if (cpu->core[i].piece && &cpu->core[i] != cpu->turning) {
			agenda_cancel(w->state->agenda, &cpu->core[i].done);
			plan_done(w, &cpu->core[i]);
		}
}

static struct core *start(struct world *w, struct process *p,
			  struct piece *piece)
{
	struct cpu *cpu = &p->machine->cpu;
	struct core *core = free_core(cpu, p);

	credits_settle(w, cpu);
	quota_settle(w, p);
	core->process = p;
	core->piece = piece;
	core->since = core->slice_at = world_now(w);
	core->slices++;
	cpu->idle &= ~(UINT64_C(1) << core->index);
	cpu->running++;
	p->share.running++;
	p->share.last_core = core->index;
	weigh(p);
	plan_done(w, core);
	quota_plan(w, p);
	credits_plan(w, cpu);
	return core;
}

/* Take the thread off its core.  NULL: it had no work left. */
static struct piece *stop(struct world *w, struct core *core)
{
	struct cpu *cpu = &core->machine->cpu;
	struct process *p = core->process;
	struct piece *piece = core->piece;

	account(w, core);
	agenda_cancel(w->state->agenda, &core->done);
	credits_settle(w, cpu);
	quota_settle(w, p);
	core->process = NULL;
	core->piece = NULL;
	if (core != cpu->turning)
		cpu->idle |= UINT64_C(1) << core->index;
	core->idle_since = world_now(w);
	cpu->running--;
	p->share.running--;
	weigh(p);
	quota_plan(w, p);
	credits_plan(w, cpu);
	return piece;
}

static void start_ready(struct world *w, struct process *p)
{
	struct cpu_share *s = &p->share;
	struct piece *piece = take_first(&s->ready);
	int64_t waited = wait_ends(w, p, piece);

	p->machine->cpu.waiting--;
	s->waited_ns += waited;
	start(w, p, piece)->waited_ns += waited;
	if (!s->ready.count)
		leave(w, p);
}

/* Nobody waits while a core is free. */
static void fill(struct world *w, struct cpu *cpu)
{
	if (cpu->idle && cpu->queue.count)
		cpu_account(w, cpu);
	while (cpu->idle && cpu->queue.count) {
		struct process *p = cpu->queue.at[0];

		if (!quota_allows(w, p))
			continue;	/* it has left the queue */
		if (p->share.vruntime > cpu->clock)
			cpu->clock = p->share.vruntime;
		start_ready(w, p);
	}
}

/* -- slices --------------------------------------------------------------- */

/*
 * How long a thread of p may keep its core from others: its part, by weight,
 * of the time in which all threads of one core should have run (sched_slice).
 * The weight of a group is divided among its threads.
 */
static sim_time slice_of(const struct cpu *cpu, const struct process *p)
{
	const struct cpu_share *s = &p->share;
	uint32_t threads = s->running + (s->place ? s->ready.count : 0);
	uint32_t each = (cpu->running + cpu->waiting + cpu->cores - 1) /
			cpu->cores;
	int64_t least = SLICE_MIN * cpu->scale;
	int64_t period = each > NR_LATENCY ? each * least :
			 LATENCY * cpu->scale;
	int64_t slice = period * s->weight * cpu->cores /
			((int64_t)cpu->weight * threads);

	if (slice > period)
		return period;
	return slice < least ? least : slice;
}

/* One timer for all cores: when the first slice is over. */
static void plan_slice(struct world *w, struct machine *m)
{
	struct cpu *cpu = &m->cpu;
	sim_time at = SIM_NEVER;

	for (uint32_t i = 0; cpu->queue.count && i < cpu->cores; i++) {
		const struct core *core = &cpu->core[i];
		sim_time end;

		if (!core->process)
			continue;
		end = core->slice_at + slice_of(cpu, core->process);
		if (end < at)
			at = end;
	}
	if (at < world_now(w))
		at = world_now(w);
	if (agenda_pending(w->state->agenda, &cpu->slice)) {
		if (at == cpu->slice_at)
			return;
		world_cancel(w, &cpu->slice);
	}
	cpu->slice_at = at;
	if (at != SIM_NEVER)
		cpu->slice = world_timer(w, at, HOST_CPU_SLICE, m, 0);
}

/* The slice of this core is over: who is next? */
static void take_turns(struct world *w, struct core *core)
{
	struct cpu *cpu = &core->machine->cpu;
	struct process *p = core->process, *next = cpu->queue.at[0];

	if (next != p && before(p, next)) {
		core->slice_at = world_now(w);
		return;
	}
	put_ready(w, p, stop(w, core), false);
	enter(w, p);
	fill(w, cpu);
}

void host_cpu_slice(struct world *w, void *who, uint16_t arg)
{
	struct machine *m = who;
	struct cpu *cpu = &m->cpu;

	(void)arg;
	cpu->slice = (struct timer){0};
	cpu_account(w, cpu);
	for (uint32_t i = 0; i < cpu->cores && cpu->queue.count; i++) {
		struct core *core = &cpu->core[i];

		if (core->process && core->slice_at +
		    slice_of(cpu, core->process) <= world_now(w))
			take_turns(w, core);
	}
	plan_slice(w, m);
}

/* The core whose process has had most; none of p, and none that is turning. */
static struct core *most_served(struct cpu *cpu, const struct process *p)
{
	struct core *most = NULL;

	for (uint32_t i = 0; i < cpu->cores; i++) {
		struct core *core = &cpu->core[i];

		if (!core->process || core->process == p ||
		    core == cpu->turning)
			continue;
		if (!most || core->process->share.vruntime >
			     most->process->share.vruntime)
			most = core;
	}
	return most;
}

/* A thread of p wakes up: does it have to wait for a slice to end?
 * (wakeup_preempt_entity: the granularity is in vruntime of who wakes.) */
static void preempt(struct world *w, struct process *p)
{
	struct cpu *cpu = &p->machine->cpu;
	int64_t enough = WAKEUP * cpu->scale * CPU_WEIGHT_DEFAULT /
			 p->share.weight;
	struct process *victim;
	struct core *core;

	cpu_account(w, cpu);
	core = most_served(cpu, p);
	if (!core || core->process->share.vruntime - p->share.vruntime <= enough)
		return;
	victim = core->process;
	put_ready(w, victim, stop(w, core), true);
	enter(w, victim);
	fill(w, cpu);
}

/* -- work ----------------------------------------------------------------- */

static bool thread_is_free(const struct cpu_share *s)
{
	return s->running + s->ready.count < s->threads;
}

/* A thread that slept has something to do. */
static void wake(struct world *w, struct process *p, struct piece *piece)
{
	struct cpu *cpu = &p->machine->cpu;

	if (may_run(p) && quota_allows(w, p) && cpu->idle) {
		start(w, p, piece);
		return;
	}
	put_ready(w, p, piece, false);
	enter(w, p);
	if (p->share.place) {
		preempt(w, p);
		plan_slice(w, p->machine);
	}
}

static void submit(struct world *w, struct process *p, sim_time ns,
		   struct piece piece)
{
	struct core *turning = p->machine->cpu.turning;
	struct piece *made = world_take(w, struct piece);

	assert(p->state != PROCESS_DOWN);
	assert(ns >= 0);
	*made = piece;
	made->left_ns = ns * p->machine->cpu.percent / 100;
	made->came = world_now(w);
	little_arrive(&p->share.line, made->came);
	if (turning && turning->process == p && !turning->piece &&
	    !p->share.backlog.count)
		turning->piece = made;	/* the same thread goes on */
	else if (thread_is_free(&p->share))
		wake(w, p, made);
	else
		add_last(&p->share.backlog, made);
}

/* The thread of this core is done: it goes on, or it sleeps. */
static void go_on(struct world *w, struct core *core)
{
	struct cpu *cpu = &core->machine->cpu;
	struct process *p = core->process;

	if (p && !core->piece && p->share.backlog.count &&
	    p->share.running + p->share.ready.count <= p->share.threads)
		core->piece = take_first(&p->share.backlog);
	if (p && core->piece) {
		plan_done(w, core);
	} else {
		if (p)
			stop(w, core);
		cpu->idle |= UINT64_C(1) << core->index;
		fill(w, cpu);
	}
	if (cpu->queue.count || cpu->slice.slot)
		plan_slice(w, core->machine);
}

void host_cpu_done(struct world *w, void *who, uint16_t arg)
{
	struct core *core = who;
	struct cpu *cpu = &core->machine->cpu;
	struct piece done;

	(void)arg;
	account(w, core);
	done = *core->piece;
	assert(done.left_ns == 0 && !cpu->turning);
	little_depart(&core->process->share.line, done.came, world_now(w));
	world_give(w, core->piece);
	core->piece = NULL;
	core->done = (struct timer){0};
	cpu->turning = core;
	if (done.what)
		world_call(w, done.what, done.who, done.arg);
	cpu->turning = NULL;
	go_on(w, core);
}

void cpu_run(struct world *w, struct process *p, sim_time ns, uint16_t what,
	     void *who, uint16_t arg)
{
	submit(w, p, ns, (struct piece){ .what = what, .who = who, .arg = arg });
}

void cpu_serve(struct world *w, struct process *p, sim_time ns, uint16_t what,
	       struct message *m)
{
	submit(w, p, ns, (struct piece){ .what = what, .who = m,
					 .message = true });
}

void cpu_spend(struct world *w, struct process *p, sim_time ns)
{
	if (p->state != PROCESS_DOWN && ns > 0)
		submit(w, p, ns, (struct piece){0});
}

/* -- what becomes of a process -------------------------------------------- */

void cpu_stop(struct world *w, struct process *p)
{
	struct cpu *cpu = &p->machine->cpu;

	for (uint32_t i = cpu->cores; i-- > 0 && p->share.running; )
		if (cpu->core[i].process == p) {
			struct piece *piece = stop(w, &cpu->core[i]);

			if (piece)
				put_ready(w, p, piece, true);
		}
	leave(w, p);
	fill(w, cpu);
	plan_slice(w, p->machine);
}

void cpu_continue(struct world *w, struct process *p)
{
	struct cpu_share *s = &p->share;

	if (!may_run(p))
		return;
	while (s->backlog.count && thread_is_free(s))
		put_ready(w, p, take_first(&s->backlog), false);
	enter(w, p);
	fill(w, &p->machine->cpu);
	plan_slice(w, p->machine);
}

/* A thread that is stopped does not wait for a core. */
void cpu_hang(struct world *w, struct process *p)
{
	cpu_stop(w, p);
	for (struct piece *x = p->share.ready.first; x; x = x->next)
		p->share.waited_ns += wait_ends(w, p, x);
}

void cpu_resume(struct world *w, struct process *p)
{
	for (struct piece *x = p->share.ready.first; x; x = x->next)
		wait_begins(w, p, x);
	cpu_continue(w, p);
}

void cpu_drop(struct world *w, struct process *p)
{
	cpu_stop(w, p);
	free_all(w, p, &p->share.ready);
	free_all(w, p, &p->share.backlog);
	quota_count_stopped(w, p);
}

/* -- sleep ---------------------------------------------------------------- */

#define TIMER_SLACK	SIM_US(50)

/* Are all cores idle for so long?  Then the package sleeps as well. */
static bool package_sleeps(const struct cpu *cpu, sim_time now,
			   sim_time residency)
{
	for (uint32_t i = 0; i < cpu->cores; i++)
		if (!(cpu->idle >> i & 1) ||
		    now - cpu->core[i].idle_since < residency)
			return false;
	return true;
}

sim_time cpu_wake_ns(const struct process *p, sim_time now)
{
	const struct cpu *cpu = &p->machine->cpu;
	const struct idle_state *s = cpu->sleeps;
	sim_time idle, exit = 0;

	if (!s || !cpu->idle)
		return 0;
	idle = now - free_core(cpu, p)->idle_since;
	for (; s->exit && s->residency <= idle; s++)
		exit = package_sleeps(cpu, now, s->residency) ? s->exit :
								s->alone;
	return exit;
}

sim_time cpu_timer_ns(const struct process *p, sim_time now)
{
	return p->machine->cpu.sleeps ? TIMER_SLACK + cpu_wake_ns(p, now) : 0;
}

/* -- settings ------------------------------------------------------------- */

void cpu_init(struct world *w, struct machine *m, uint32_t cores)
{
	struct cpu *cpu = &m->cpu;
	uint32_t scaled = cores < 8 ? cores : 8;

	assert(cores > 0 && cores <= MACHINE_CORES_MAX);
	cpu->cores = cores;
	cpu->percent = 100;
	cpu->scale = 32 - (uint32_t)__builtin_clz(scaled);
	cpu->idle = UINT64_MAX >> (64 - cores);
	cpu->clock_at = world_now(w);
	queue_init(&cpu->line, world_now(w));
	cpu->core = arena_take(&w->arena, cores * sizeof(*cpu->core));
	for (uint32_t i = 0; i < cores; i++) {
		cpu->core[i].machine = m;
		cpu->core[i].index = i;
	}
}

void cpu_share_init(struct world *w, struct process *p)
{
	queue_init(&p->share.line, world_now(w));
	p->share.weight = CPU_WEIGHT_DEFAULT;
	p->share.threads = p->machine->cpu.cores;
	p->share.last_core = p->id % p->machine->cpu.cores;
}

void cpu_weight_set(struct world *w, struct process *p, uint32_t weight)
{
	assert(weight > 0 && weight <= CPU_WEIGHT_MAX);
	cpu_account(w, &p->machine->cpu);
	p->share.weight = weight;
	p->share.vruntime_rest = 0;
	weigh(p);
	plan_slice(w, p->machine);
}

void cpu_threads_set(struct world *w, struct process *p, uint32_t threads)
{
	struct cpu_share *s = &p->share;

	assert(threads > 0);
	s->threads = threads;
	while (s->backlog.count && thread_is_free(s))
		wake(w, p, take_first(&s->backlog));
}

/* -- reading -------------------------------------------------------------- */

static int64_t unaccounted(const struct world *w, const struct core *c)
{
	int64_t rest;

	return c->process ? steal_split(c, world_now(w) - c->since, &rest) : 0;
}

int64_t core_busy_ns(const struct world *w, const struct core *c)
{
	return c->busy_ns + unaccounted(w, c);
}

int64_t cpu_busy_ns(const struct world *w, const struct machine *m)
{
	int64_t sum = m->cpu.busy_ns;

	for (uint32_t i = 0; i < m->cpu.cores; i++)
		sum += unaccounted(w, &m->cpu.core[i]);
	return sum;
}

int64_t cpu_used_ns(const struct world *w, const struct process *p)
{
	const struct cpu *cpu = &p->machine->cpu;
	int64_t sum = p->cpu_ns;

	for (uint32_t i = 0; p->share.running && i < cpu->cores; i++)
		if (cpu->core[i].process == p)
			sum += unaccounted(w, &cpu->core[i]);
	return sum;
}

uint32_t cpu_pieces(const struct process *p)
{
	const struct cpu_share *s = &p->share;

	return s->running + s->ready.count + s->backlog.count;
}
