/* test_cpu.c - sim/host/cpu.c and cpu_quota.c: who gets a core, and when
 *
 * Against theory (M/D/1, M/M/c, Little), against the rules of the kernel, and
 * against a naive scheduler that knows no heap, no timer and no list.
 */
#include "tests/test.h"

#include "sim/fault/fault.h"
#include "sim/host/host.h"
#include "sim/host/net.h"
#include "sim/stack/stack.h"
#include "tests/sim/monitor_world.h"

/* One piece of work of a test: who did it, and when. */
struct job {
	struct process *process;
	sim_time at, ns, done;		/* submitted, asked for; -1: not done */
};

struct lab {
	struct world *w;
	struct machine *m;
	struct process *p[8];
};

/* Event 0 is nothing: host.h. */
enum {
	JOB_DONE = (MODULE_WORLD << 8) + 1, JOB_AGAIN, JOB_SUBMIT, GOT_MESSAGE,
	JOB_TURNS,
};

static void job_done(struct world *w, void *who, uint16_t arg)
{
	struct job *job = who;

	(void)arg;
	assert_true(job->done < 0);
	job->done = world_now(w);
}

/* Work without an end, in pieces of 10 s. */
static void job_again(struct world *w, void *who, uint16_t arg)
{
	cpu_run(w, who, SIM_S(10), JOB_AGAIN, who, arg);
}

static void job_submit(struct world *w, void *who, uint16_t arg)
{
	struct job *job = who;

	(void)arg;
	job->at = world_now(w);
	cpu_run(w, job->process, job->ns, JOB_DONE, job, 0);
}

static void got_message(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	message_free(w, who);
}

/* What a program can do to itself when a piece of its work is done. */
enum turn { TURN_DIE, TURN_RESTART, TURN_STOP, TURN_LIMIT, TURN_MORE };

static void job_turns(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	if (arg == TURN_DIE || arg == TURN_RESTART)
		process_kill(w, p);
	if (arg == TURN_RESTART)
		process_start(w, p);
	if (arg == TURN_STOP)
		process_pause(w, p, SIM_MS(100));
	if (arg == TURN_LIMIT)
		cpu_quota_set(w, p, SIM_MS(1), 0);
	if (arg != TURN_DIE)
		job_again(w, p, 0);
	if (arg == TURN_MORE)
		job_again(w, p, 0);
}

static const struct module_event lab_events[] = {
	[JOB_DONE] = { "job.done", job_done },
	[JOB_AGAIN] = { "job.again", job_again },
	[JOB_SUBMIT] = { "job.submit", job_submit },
	[GOT_MESSAGE] = { "got.message", got_message },
	[JOB_TURNS] = { "job.turns", job_turns },
};
static const struct module lab_module = {
	.name = "lab", .events = lab_events, .event_count = JOB_TURNS + 1,
};

static struct lab lab_new(uint32_t cores, uint32_t processes)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &lab_module, [MODULE_HOST] = &host_module,
	};
	static const struct process_events on = {0};
	struct machine_profile profile = machine_small;
	struct lab l = {
		.w = world_new(&(struct world_spec){ .seed = 1,
						     .modules = modules }),
	};

	profile.cores = cores;
	hosts_init(l.w);
	l.m = machine_new(l.w, "m", "a", &profile);
	for (uint32_t i = 0; i < processes; i++) {
		char name[8] = { 'p', (char)('0' + i) };

		l.p[i] = process_new(l.w, name, l.m, "lab", &on, MODULE_WORLD,
				     NULL);
		process_start(l.w, l.p[i]);
	}
	return l;
}

/* So many threads of p never sleep. */
static void burn(struct lab *l, struct process *p, uint32_t threads)
{
	for (uint32_t i = 0; i < threads; i++)
		job_again(l->w, p, 0);
}

static struct job job(struct process *p, sim_time ns)
{
	return (struct job){ .process = p, .ns = ns, .done = -1 };
}

static int64_t used(const struct lab *l, int i)
{
	return cpu_used_ns(l->w, l->p[i]);
}

static void add_up(const struct lab *l, int processes)
{
	int64_t sum = 0, cores = 0;

	for (int i = 0; i < processes; i++)
		sum += used(l, i);
	for (uint32_t i = 0; i < l->m->cpu.cores; i++)
		cores += core_busy_ns(l->w, &l->m->cpu.core[i]);
	assert_int_equal(sum, cores);
	assert_int_equal(sum, cpu_busy_ns(l->w, l->m));
}

/* -- without competition -------------------------------------------------- */

static void a_piece_costs_one_event(void **state)
{
	struct lab l = lab_new(4, 1);
	struct job j = job(l.p[0], SIM_US(300));
	uint64_t events = l.w->state->events;

	(void)state;
	job_submit(l.w, &j, 0);
	world_run_until(l.w, SIM_MS(1));
	assert_int_equal(j.done, SIM_US(300));
	assert_int_equal(l.w->state->events - events, 1);
	world_free(l.w);
}

static void pieces_beyond_the_threads_wait_in_their_order(void **state)
{
	struct lab l = lab_new(4, 1);
	struct job j[6];

	(void)state;
	cpu_threads_set(l.w, l.p[0], 2);
	for (int i = 0; i < 6; i++) {
		j[i] = job(l.p[0], SIM_MS(1));
		job_submit(l.w, &j[i], 0);
	}
	assert_int_equal(l.m->cpu.running, 2);
	assert_int_equal(l.m->cpu.waiting, 0);	/* no thread wants a core */
	assert_int_equal(cpu_pieces(l.p[0]), 6);
	world_run_until(l.w, SIM_S(1));
	for (int i = 0; i < 6; i++)
		assert_int_equal(j[i].done, SIM_MS(1 + i / 2));
	assert_int_equal(l.p[0]->share.waited_ns, 0);
	world_free(l.w);
}

static void more_threads_start_on_what_waits(void **state)
{
	struct lab l = lab_new(4, 1);
	struct job j[4];

	(void)state;
	cpu_threads_set(l.w, l.p[0], 1);
	for (int i = 0; i < 4; i++) {
		j[i] = job(l.p[0], SIM_MS(10));
		job_submit(l.w, &j[i], 0);
	}
	world_run_until(l.w, SIM_MS(5));
	cpu_threads_set(l.w, l.p[0], 3);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(j[0].done, SIM_MS(10));
	assert_int_equal(j[1].done, SIM_MS(15));
	assert_int_equal(j[2].done, SIM_MS(15));
	assert_int_equal(j[3].done, SIM_MS(20));
	world_free(l.w);
}

/* -- theory --------------------------------------------------------------- */

/* Mean time in the system, minus service, of `count` jobs that arrive by a
 * Poisson process; in ns. */
static double mean_wait(struct lab *l, uint32_t count, sim_time gap,
			sim_time service, bool exponential)
{
	struct job *jobs = calloc(count, sizeof(*jobs));
	struct luck arrive, serve;
	sim_time at = 0;
	double sum = 0;

	luck_init(&arrive, 1, "test", "arrive");
	luck_init(&serve, 1, "test", "serve");
	for (uint32_t i = 0; i < count; i++) {
		at += luck_exponential(&arrive, gap);
		jobs[i] = job(l->p[0], exponential ?
			      luck_exponential(&serve, service) : service);
		world_run_until(l->w, at);
		job_submit(l->w, &jobs[i], 0);
	}
	world_run_until(l->w, at + SIM_S(10));
	for (uint32_t i = 0; i < count; i++) {
		assert_true(jobs[i].done >= 0);
		sum += (double)(jobs[i].done - jobs[i].at - jobs[i].ns);
	}
	free(jobs);
	return sum / count;
}

/* Pollaczek-Khinchine with constant service D at load r: r D / (2 (1 - r)).
 * D = 1 ms, r = 0.8: 2 ms.  400,000 jobs: within 3 %. */
static void one_core_waits_as_m_d_1(void **state)
{
	struct lab l = lab_new(1, 1);
	double wait = mean_wait(&l, 400000, SIM_US(1250), SIM_MS(1), false);

	(void)state;
	if (wait < 1.94e6 || wait > 2.06e6)
		fail_msg("mean wait %.0f ns, want 2000000", wait);
	world_free(l.w);
}

/* Erlang C: 4 servers at load 0.8 let 59.64 % of all wait, 0.7455 service times
 * on average.  400,000 jobs: within 4 %. */
static void four_cores_wait_as_m_m_4(void **state)
{
	struct lab l = lab_new(4, 1);
	double wait = mean_wait(&l, 400000, 312500, SIM_MS(1), true);

	(void)state;
	if (wait < 0.716e6 || wait > 0.775e6)
		fail_msg("mean wait %.0f ns, want 745500", wait);
	world_free(l.w);
}

/* Threads of five processes on two cores: the mean number that is ready is the
 * rate at which they come times the mean time that they wait, exactly. */
static void the_run_queue_obeys_little(void **state)
{
	struct lab l = lab_new(2, 5);
	static struct job jobs[20000];
	const int count = 20000;
	int64_t waited = 0, by_process = 0, by_core = 0, area = 0;
	sim_time at = 0, last = 0;
	struct luck luck;

	(void)state;
	luck_init(&luck, 1, "test", "little");
	for (int i = 0; i < 5; i++)
		cpu_threads_set(l.w, l.p[i], 1000000);
	for (int i = 0; i < count; i++) {
		at += luck_exponential(&luck, SIM_MS(2));
		jobs[i] = job(l.p[luck_below(&luck, 5)],
			      luck_exponential(&luck, SIM_US(3600)));
		world_plan(l.w, at, CLASS_DELIVER, JOB_SUBMIT, &jobs[i], 0);
	}
	while (world_next(l.w) <= at + SIM_S(60)) {
		area += l.m->cpu.waiting * (world_next(l.w) - last);
		last = world_next(l.w);
		world_step(l.w);
	}
	for (int i = 0; i < count; i++) {
		assert_true(jobs[i].done >= 0);
		waited += jobs[i].done - jobs[i].at - jobs[i].ns;
	}
	for (int i = 0; i < 5; i++)
		by_process += l.p[i]->share.waited_ns;
	for (int i = 0; i < 2; i++)
		by_core += l.m->cpu.core[i].waited_ns;
	assert_true(area > SIM_S(20));
	assert_int_equal(area, waited);
	assert_int_equal(by_process, waited);
	assert_int_equal(by_core, waited);
	add_up(&l, 5);
	world_free(l.w);
}

/* -- shares --------------------------------------------------------------- */

static void weights_divide_two_to_one(void **state)
{
	struct lab l = lab_new(1, 2);

	(void)state;
	cpu_weight_set(l.w, l.p[0], 200);
	burn(&l, l.p[0], 1);
	burn(&l, l.p[1], 1);
	world_run_until(l.w, SIM_MS(996));	/* 166 times 4 ms and 2 ms */
	assert_int_equal(used(&l, 0), SIM_MS(664));
	assert_int_equal(used(&l, 1), SIM_MS(332));
	world_run_until(l.w, SIM_S(3));
	assert_int_equal(used(&l, 0), SIM_S(2));
	assert_int_equal(used(&l, 1), SIM_S(1));
	add_up(&l, 2);
	world_free(l.w);
}

/* A group's weight is shared by its threads: more of them do not help. */
static void threads_do_not_multiply_a_share(void **state)
{
	struct lab l = lab_new(4, 3);

	(void)state;
	cpu_threads_set(l.w, l.p[0], 64);
	burn(&l, l.p[0], 64);
	burn(&l, l.p[1], 4);
	cpu_weight_set(l.w, l.p[2], 50);
	burn(&l, l.p[2], 4);
	world_run_until(l.w, SIM_S(10));
	/* 40 s of CPU by 100 : 100 : 50, within one slice (18 ms) a core */
	assert_in_range(used(&l, 0), SIM_MS(16000 - 72), SIM_MS(16000 + 72));
	assert_in_range(used(&l, 1), SIM_MS(16000 - 72), SIM_MS(16000 + 72));
	assert_in_range(used(&l, 2), SIM_MS(8000 - 72), SIM_MS(8000 + 72));
	add_up(&l, 3);
	assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(40));
	world_free(l.w);
}

/* Max-min: who can use less than its share leaves the rest to the others. */
static void a_single_thread_gets_a_core_and_others_the_rest(void **state)
{
	struct lab l = lab_new(4, 2);

	(void)state;
	burn(&l, l.p[0], 4);
	burn(&l, l.p[1], 1);
	world_run_until(l.w, SIM_S(10));
	assert_in_range(used(&l, 1), SIM_MS(9950), SIM_MS(10000));
	assert_int_equal(used(&l, 0) + used(&l, 1), SIM_S(40));
	world_free(l.w);
}

/* Who ran alone owes nothing, and who slept has no claim but half the latency
 * target. */
static void time_alone_is_neither_debt_nor_credit(void **state)
{
	struct lab l = lab_new(1, 2);

	(void)state;
	burn(&l, l.p[0], 1);
	world_run_until(l.w, SIM_S(100));
	burn(&l, l.p[1], 1);
	world_run_until(l.w, SIM_S(102));
	assert_in_range(used(&l, 1), SIM_MS(1000), SIM_MS(1006));
	world_free(l.w);
}

static void a_short_piece_preempts_a_long_one(void **state)
{
	struct lab l = lab_new(1, 2);
	struct job j = job(l.p[1], SIM_MS(1));
	struct job longer = job(l.p[0], SIM_S(5));

	(void)state;
	job_submit(l.w, &longer, 0);
	world_run_until(l.w, SIM_S(1));
	job_submit(l.w, &j, 0);
	assert_ptr_equal(l.m->cpu.core[0].process, l.p[1]);
	world_run_until(l.w, SIM_S(10));
	assert_int_equal(j.done, SIM_MS(1001));
	assert_int_equal(longer.done, SIM_MS(5001));
	assert_int_equal(l.p[0]->share.waited_ns, SIM_MS(1));
	world_free(l.w);
}

/* sched_slice: on 4 cores 6 ms * 3 are divided by two threads a core. */
static void slices_are_the_kernels(void **state)
{
	struct lab l = lab_new(4, 2);

	(void)state;
	burn(&l, l.p[0], 4);
	burn(&l, l.p[1], 4);
	world_run_until(l.w, SIM_MS(9) - 1);
	assert_int_equal(used(&l, 1), 0);
	world_run_until(l.w, SIM_MS(18));
	assert_int_equal(used(&l, 0), SIM_MS(36));
	assert_int_equal(used(&l, 1), SIM_MS(36));
	world_free(l.w);
}

/* More than eight threads a core: none has less than 0.75 ms (times 1). */
static void no_slice_is_shorter_than_the_least(void **state)
{
	struct lab l = lab_new(1, 1);
	uint64_t slices;

	(void)state;
	cpu_threads_set(l.w, l.p[0], 20);
	burn(&l, l.p[0], 20);
	slices = l.m->cpu.core[0].slices;
	world_run_until(l.w, SIM_MS(1500));
	assert_int_equal(l.m->cpu.core[0].slices - slices, 2000);
	world_free(l.w);
}

/* -- bandwidth ------------------------------------------------------------ */

static void a_quota_is_used_exactly(void **state)
{
	struct lab l = lab_new(4, 1);
	const struct cpu_quota *q;

	(void)state;
	cpu_quota_set(l.w, l.p[0], SIM_MS(50), 0);
	burn(&l, l.p[0], 2);
	world_run_until(l.w, SIM_MS(24));
	assert_int_equal(l.m->cpu.running, 2);
	world_run_until(l.w, SIM_MS(26));
	assert_int_equal(l.m->cpu.running, 0);
	assert_int_equal(l.m->cpu.waiting, 0);	/* throttled is not ready */
	world_run_until(l.w, SIM_S(1));
	q = l.p[0]->share.quota;
	assert_int_equal(used(&l, 0), SIM_MS(500));
	assert_int_equal(q->nr_periods, 10);
	assert_int_equal(q->nr_throttled, 10);
	/* 75 ms of each period, on two cores */
	assert_int_equal(cpu_throttled_ns(l.w, l.p[0]), SIM_MS(1500));
	cpu_quota_set(l.w, l.p[0], 0, 0);
	world_run_until(l.w, SIM_S(2));
	assert_int_equal(used(&l, 0), SIM_MS(2500));
	world_free(l.w);
}

/* Three threads cannot divide 50 ms evenly: what they take too much is paid. */
static void a_quota_holds_over_time_with_any_threads(void **state)
{
	struct lab l = lab_new(4, 1);

	(void)state;
	cpu_quota_set(l.w, l.p[0], SIM_MS(50), 0);
	burn(&l, l.p[0], 3);
	world_run_until(l.w, SIM_S(100));
	assert_in_range(used(&l, 0), SIM_S(50), SIM_S(50) + 2);
	world_free(l.w);
}

/* F73: a limit of 1 CPU, 8 threads that begin together.  A request of 20 ms on
 * each uses the quota in 12.5 ms and ends in the next period; on average the
 * process uses 40 % of its limit. */
static void throttling_adds_the_rest_of_a_period(void **state)
{
	struct lab l = lab_new(8, 1);
	struct job j[10][8];

	(void)state;
	cpu_quota_set(l.w, l.p[0], SIM_MS(100), 0);
	for (int r = 0; r < 10; r++) {
		world_run_until(l.w, r * SIM_MS(400));
		for (int i = 0; i < 8; i++) {
			j[r][i] = job(l.p[0], SIM_MS(20));
			job_submit(l.w, &j[r][i], 0);
		}
	}
	world_run_until(l.w, SIM_S(4));
	for (int r = 0; r < 10; r++)
		for (int i = 0; i < 8; i++)
			assert_int_equal(j[r][i].done - j[r][i].at,
					 107500000);
	assert_int_equal(used(&l, 0), SIM_MS(1600));
	assert_int_equal(l.p[0]->share.quota->nr_throttled, 10);
	world_free(l.w);
}

static void what_is_throttled_leaves_its_core_to_others(void **state)
{
	struct lab l = lab_new(1, 2);

	(void)state;
	cpu_quota_set(l.w, l.p[0], SIM_MS(20), 0);
	burn(&l, l.p[0], 1);
	burn(&l, l.p[1], 1);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(used(&l, 0), SIM_MS(200));
	assert_int_equal(used(&l, 1), SIM_MS(800));
	world_free(l.w);
}

/* An idle process needs no timer: periods stop after one without use. */
static void periods_are_counted_while_used(void **state)
{
	struct lab l = lab_new(1, 1);
	struct job j = job(l.p[0], SIM_MS(1));

	(void)state;
	cpu_quota_set(l.w, l.p[0], SIM_MS(20), 0);
	job_submit(l.w, &j, 0);
	world_run_until(l.w, SIM_S(60));
	assert_int_equal(l.p[0]->share.quota->nr_periods, 2);
	assert_int_equal(l.p[0]->share.quota->nr_throttled, 0);
	world_free(l.w);
}

/* -- what becomes of a process -------------------------------------------- */

static void a_hung_process_keeps_what_is_left(void **state)
{
	struct lab l = lab_new(1, 2);
	struct job j = job(l.p[0], SIM_MS(100));

	(void)state;
	job_submit(l.w, &j, 0);
	world_run_until(l.w, SIM_MS(30));
	process_hang(l.w, l.p[0]);
	assert_int_equal(l.m->cpu.running, 0);
	world_run_until(l.w, SIM_S(5));
	assert_int_equal(used(&l, 0), SIM_MS(30));
	process_resume(l.w, l.p[0]);
	world_run_until(l.w, SIM_S(6));
	assert_int_equal(j.done, SIM_MS(5070));
	assert_int_equal(l.p[0]->share.waited_ns, 0);
	world_free(l.w);
}

static void a_pause_ends_by_itself(void **state)
{
	struct lab l = lab_new(1, 1);
	struct job j = job(l.p[0], SIM_MS(100)), late = job(l.p[0], 0);

	(void)state;
	job_submit(l.w, &j, 0);
	world_run_until(l.w, SIM_MS(30));
	process_pause(l.w, l.p[0], SIM_MS(200));
	process_pause(l.w, l.p[0], SIM_MS(50));	/* no shorter for that */
	assert_false(process_runs(l.p[0]));
	process_at(l.w, l.p[0], SIM_MS(40), JOB_DONE, &late, 0);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(late.done, SIM_MS(230));
	assert_int_equal(j.done, SIM_MS(300));
	world_free(l.w);
}

/* SIGSTOP during a collection: both have to be over. */
static void a_signal_outlasts_a_pause(void **state)
{
	struct lab l = lab_new(1, 1);
	struct job j = job(l.p[0], SIM_MS(10));

	(void)state;
	job_submit(l.w, &j, 0);
	process_pause(l.w, l.p[0], SIM_MS(50));
	process_hang(l.w, l.p[0]);
	world_run_until(l.w, SIM_MS(100));
	assert_false(process_runs(l.p[0]));
	process_resume(l.w, l.p[0]);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(j.done, SIM_MS(110));
	world_free(l.w);
}

static void a_killed_process_frees_its_work(void **state)
{
	struct lab l = lab_new(2, 2);
	struct job other = job(l.p[1], SIM_MS(10));
	struct cpu_share *s = &l.p[0]->share;
	struct job first = job(l.p[0], SIM_MS(1));
	size_t live;

	(void)state;
	cpu_threads_set(l.w, l.p[0], 4);
	burn(&l, l.p[1], 2);		/* so that some of p[0] have no core */
	job_submit(l.w, &first, 0);	/* the queue has its room from now on */
	world_run_until(l.w, SIM_MS(100));
	live = arena_head(&l.w->arena)->live;
	for (int i = 0; i < 10; i++)
		cpu_serve(l.w, l.p[0], SIM_MS(100), GOT_MESSAGE,
			  message_new(l.w, sizeof(struct message), 0));
	world_run_until(l.w, SIM_MS(101));	/* 2 of 4 have a core */
	assert_int_equal(s->running, 2);
	assert_int_equal(s->ready.count, 2);
	assert_int_equal(s->backlog.count, 6);
	process_kill(l.w, l.p[0]);
	assert_int_equal(arena_head(&l.w->arena)->live, live);
	assert_int_equal(l.m->cpu.running, 2);	/* the other has all cores */
	assert_int_equal(l.m->cpu.queue.count, 0);
	process_kill(l.w, l.p[1]);
	process_start(l.w, l.p[1]);
	job_submit(l.w, &other, 0);
	world_run_until(l.w, SIM_S(1));
	assert_int_equal(other.done, SIM_MS(111));
	world_free(l.w);
}

/* Its core is taken from a process, or left to it, by what it does at the very
 * end of a piece; the other process always has what it does not use. */
static void a_process_may_do_anything_when_a_piece_is_done(void **state)
{
	static const int64_t used_ms[] = {
		[TURN_DIE] = 10, [TURN_RESTART] = 995, [TURN_STOP] = 955,
		[TURN_LIMIT] = 30, [TURN_MORE] = 1010,
	};

	(void)state;
	for (uint16_t turn = TURN_DIE; turn <= TURN_MORE; turn++) {
		struct lab l = lab_new(1, 2);
		int64_t own;

		cpu_run(l.w, l.p[0], SIM_MS(10), JOB_TURNS, l.p[0], turn);
		world_run_until(l.w, SIM_MS(9));
		burn(&l, l.p[1], 1);
		world_run_until(l.w, SIM_S(2));
		own = used(&l, 0) + (turn == TURN_RESTART ? SIM_MS(10) : 0);
		assert_in_range(own, SIM_MS(used_ms[turn] - 10),
				SIM_MS(used_ms[turn] + 10));
		assert_int_equal(cpu_busy_ns(l.w, l.m), SIM_S(2));
		assert_int_equal(own + used(&l, 1), SIM_S(2));
		world_free(l.w);
	}
}

/* -- a naive scheduler ---------------------------------------------------- */

/*
 * The same rules, written down with nothing but arrays that are searched from
 * one end to the other, and with time that goes to the next thing that any core
 * or arrival says.
 */
enum { NAIVE_JOBS = 400, NAIVE_PROCESSES = 5, NAIVE_CORES = 4 };

struct naive_job {
	int process;
	sim_time at, left, done;
	enum { LATER, BACKLOG, READY, RUNNING, DONE } state;
	uint64_t turn;			/* ready: order in which they stand */
};

struct naive {
	int cores, processes, jobs;
	struct naive_job job[NAIVE_JOBS];
	int weight[NAIVE_PROCESSES], threads[NAIVE_PROCESSES];
	int64_t v[NAIVE_PROCESSES], rest[NAIVE_PROCESSES];
	int last_core[NAIVE_PROCESSES];
	int on[NAIVE_CORES];		/* job, or -1 */
	sim_time slice_at[NAIVE_CORES];
	sim_time now, clock_at;
	int64_t clock;
	int64_t back, front;		/* of the order of turns */
};

static int count(const struct naive *n, int process, int state)
{
	int c = 0;

	for (int i = 0; i < n->jobs; i++)
		c += (process < 0 || n->job[i].process == process) &&
		     (int)n->job[i].state == state;
	return c;
}

static bool waiting(const struct naive *n)
{
	return count(n, -1, READY) > 0;
}

static void pass(struct naive *n, sim_time to)
{
	for (int c = 0; c < n->cores; c++) {
		int p = n->on[c] < 0 ? -1 : n->job[n->on[c]].process;

		if (p < 0)
			continue;
		n->job[n->on[c]].left -= to - n->now;
		if (!waiting(n))
			continue;
		n->rest[p] += (to - n->now) * 100;
		n->v[p] += n->rest[p] / n->weight[p];
		n->rest[p] %= n->weight[p];
	}
	n->now = to;
}

static int scale(const struct naive *n)
{
	return n->cores >= 8 ? 4 : n->cores >= 4 ? 3 : n->cores >= 2 ? 2 : 1;
}

/* `process` is about to have its first ready job. */
static void comes_to_wait(struct naive *n, int process)
{
	if (!waiting(n)) {
		n->clock += n->now - n->clock_at;
		for (int c = 0; c < n->cores; c++) {
			int p = n->on[c] < 0 ? -1 : n->job[n->on[c]].process;

			if (p >= 0 && n->v[p] < n->clock)
				n->v[p] = n->clock;
		}
	}
	if (n->v[process] < n->clock - SIM_MS(3) * scale(n))
		n->v[process] = n->clock - SIM_MS(3) * scale(n);
}

static void make_wait(struct naive *n, int job, bool first)
{
	int p = n->job[job].process;

	if (!count(n, p, READY))
		comes_to_wait(n, p);
	n->job[job].state = READY;
	n->job[job].turn = (uint64_t)(first ? --n->front : ++n->back);
}

static int best(const struct naive *n)
{
	int b = -1;

	for (int p = n->processes - 1; p >= 0; p--)
		if (count(n, p, READY) && (b < 0 || n->v[p] <= n->v[b]))
			b = p;
	return b;
}

static void put_on(struct naive *n, int job)
{
	int p = n->job[job].process, c = n->last_core[p];

	while (n->on[c] >= 0)
		c = (c + 1) % n->cores;
	n->on[c] = job;
	n->slice_at[c] = n->now;
	n->last_core[p] = c;
	n->job[job].state = RUNNING;
}

static bool has_free_core(const struct naive *n)
{
	for (int c = 0; c < n->cores; c++)
		if (n->on[c] < 0)
			return true;
	return false;
}

static void give_cores(struct naive *n)
{
	while (waiting(n) && has_free_core(n)) {
		int p = best(n), job = -1;

		for (int i = 0; i < n->jobs; i++)
			if (n->job[i].process == p && n->job[i].state == READY &&
			    (job < 0 || (int64_t)n->job[i].turn <
					(int64_t)n->job[job].turn))
				job = i;
		if (n->v[p] > n->clock)
			n->clock = n->v[p];
		put_on(n, job);
	}
}

static sim_time naive_slice(const struct naive *n, int p)
{
	int threads = count(n, p, READY) + count(n, p, RUNNING), all, each;
	int64_t least = SIM_US(750) * scale(n), period, slice, weight = 0;

	all = count(n, -1, READY) + count(n, -1, RUNNING);
	each = (all + n->cores - 1) / n->cores;
	period = each > 8 ? each * least : SIM_MS(6) * scale(n);
	for (int i = 0; i < n->processes; i++)
		if (count(n, i, READY) + count(n, i, RUNNING))
			weight += n->weight[i];
	slice = period * n->weight[p] * n->cores / (weight * threads);
	return slice > period ? period : slice < least ? least : slice;
}

static void naive_submit(struct naive *n, int job)
{
	int p = n->job[job].process, victim = -1;

	if (count(n, p, READY) + count(n, p, RUNNING) >= n->threads[p]) {
		n->job[job].state = BACKLOG;
		return;
	}
	if (has_free_core(n)) {
		put_on(n, job);
		return;
	}
	make_wait(n, job, false);
	for (int c = 0; c < n->cores; c++) {
		int q = n->job[n->on[c]].process;

		if (q != p && (victim < 0 ||
			       n->v[q] > n->v[n->job[n->on[victim]].process]))
			victim = c;
	}
	if (victim >= 0 && n->v[n->job[n->on[victim]].process] - n->v[p] >
			   SIM_MS(1) * scale(n) * 100 / n->weight[p]) {
		int out = n->on[victim];

		n->on[victim] = -1;
		make_wait(n, out, true);
		give_cores(n);
	}
}

/* The piece on this core is done: the first of the backlog, or sleep. */
static void naive_done(struct naive *n, int core)
{
	struct naive_job *j = &n->job[n->on[core]];

	j->state = DONE;
	j->done = n->now;
	for (int i = 0; i < n->jobs; i++)
		if (n->job[i].process == j->process &&
		    n->job[i].state == BACKLOG) {
			n->job[i].state = RUNNING;
			n->on[core] = i;
			return;
		}
	n->on[core] = -1;
	give_cores(n);
}

static void naive_slices(struct naive *n)
{
	for (int c = 0; c < n->cores && waiting(n); c++) {
		int p = n->on[c] < 0 ? -1 : n->job[n->on[c]].process;
		int next = best(n), out = n->on[c];

		if (p < 0 || n->slice_at[c] + naive_slice(n, p) > n->now)
			continue;
		if (next != p && (n->v[p] < n->v[next] ||
				  (n->v[p] == n->v[next] && p < next))) {
			n->slice_at[c] = n->now;
			continue;
		}
		n->on[c] = -1;
		make_wait(n, out, false);
		give_cores(n);
	}
}

/* When the next thing happens; what: 0 done, 1 arrival, 2 slice. */
static sim_time naive_next(const struct naive *n, int *what, int *who)
{
	sim_time at = SIM_NEVER;

	for (int i = 0; i < n->jobs; i++)
		if (n->job[i].state == LATER && n->job[i].at < at) {
			at = n->job[i].at;
			*what = 1;
			*who = i;
		}
	for (int c = 0; c < n->cores; c++)
		if (n->on[c] >= 0 && n->now + n->job[n->on[c]].left < at) {
			at = n->now + n->job[n->on[c]].left;
			*what = 0;
			*who = c;
		}
	for (int c = 0; c < n->cores && waiting(n); c++) {
		sim_time end;

		if (n->on[c] < 0)
			continue;
		end = n->slice_at[c] + naive_slice(n, n->job[n->on[c]].process);
		if (end < n->now)
			end = n->now;
		if (end < at) {
			at = end;
			*what = 2;
		}
	}
	return at;
}

static void naive_run(struct naive *n)
{
	int what = 0, who = 0;
	sim_time at;

	while ((at = naive_next(n, &what, &who)) != SIM_NEVER) {
		bool was = waiting(n);

		pass(n, at);
		if (what == 0)
			naive_done(n, who);
		else if (what == 1)
			naive_submit(n, who);
		else
			naive_slices(n);
		if (was && !waiting(n))
			n->clock_at = n->now;
	}
}

static void compare(uint64_t seed)
{
	static struct job jobs[NAIVE_JOBS];
	static struct naive n;
	struct luck luck;
	struct lab l;
	sim_time at = 0;

	luck_init(&luck, seed, "test", "naive");
	n = (struct naive){
		.cores = 1 + (int)luck_below(&luck, NAIVE_CORES),
		.processes = 2 + (int)luck_below(&luck, NAIVE_PROCESSES - 1),
		.jobs = NAIVE_JOBS, .on = { -1, -1, -1, -1 },
	};
	l = lab_new((uint32_t)n.cores, (uint32_t)n.processes);
	for (int p = 0; p < n.processes; p++) {
		n.weight[p] = 1 << luck_below(&luck, 13);
		n.threads[p] = 1 + (int)luck_below(&luck, 20);
		n.last_core[p] = p % n.cores;
		cpu_weight_set(l.w, l.p[p], (uint32_t)n.weight[p]);
		cpu_threads_set(l.w, l.p[p], (uint32_t)n.threads[p]);
	}
	for (int i = 0; i < NAIVE_JOBS; i++) {
		int p = (int)luck_below(&luck, (uint64_t)n.processes);
		sim_time ns = luck_exponential(&luck, luck_chance(&luck, 1, 5) ?
					       SIM_MS(20) : SIM_MS(2)) + 1;

		at += luck_exponential(&luck, SIM_MS(6) / n.cores) + 1;
		jobs[i] = job(l.p[p], ns);
		n.job[i] = (struct naive_job){ .process = p, .at = at,
					       .left = ns, .done = -1 };
		world_plan(l.w, at, CLASS_DELIVER, JOB_SUBMIT, &jobs[i], 0);
	}
	naive_run(&n);
	while (world_next(l.w) <= at + SIM_S(60)) {
		world_step(l.w);
		assert_true(!l.m->cpu.idle || !l.m->cpu.queue.count);
	}
	for (int i = 0; i < NAIVE_JOBS; i++)
		if (jobs[i].done != n.job[i].done)
			fail_msg("seed %llu: job %d of p%d done at %lld, the "
				 "naive one says %lld",
				 (unsigned long long)seed, i, n.job[i].process,
				 (long long)jobs[i].done,
				 (long long)n.job[i].done);
	add_up(&l, n.processes);
	world_free(l.w);
}

static void a_naive_scheduler_agrees(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		compare(seed);
}

/* -- everything at once --------------------------------------------------- */

/* Random work, quotas, weights, signals and deaths; the digest, and on the way:
 * no core is idle while somebody waits, and every nanosecond is somebody's. */
static uint64_t storm(uint64_t seed)
{
	struct lab l = lab_new(3, 6);
	int64_t gone = 0;
	struct luck luck;
	uint64_t digest;

	luck_init(&luck, seed, "test", "storm");
	for (int i = 0; i < 4000; i++) {
		struct process *p = l.p[luck_below(&luck, 6)];
		uint64_t what = luck_below(&luck, 100);
		int64_t sum = gone;

		world_run_until(l.w, world_now(l.w) +
				luck_exponential(&luck, SIM_MS(3)));
		assert_true(!l.m->cpu.idle || !l.m->cpu.queue.count);
		for (int k = 0; k < 6; k++)
			sum += used(&l, k);
		assert_int_equal(sum, cpu_busy_ns(l.w, l.m));
		if (p->state == PROCESS_DOWN) {
			gone += cpu_used_ns(l.w, p);
			process_start(l.w, p);
		} else if (what < 60) {
			cpu_spend(l.w, p, luck_exponential(&luck, SIM_MS(8)));
		} else if (what < 80) {
			cpu_serve(l.w, p, luck_exponential(&luck, SIM_MS(2)),
				  GOT_MESSAGE, message_new(l.w, sizeof(struct
				  message), 0));
		} else if (what < 84) {
			process_kill(l.w, p);
		} else if (what < 88) {
			process_hang(l.w, p);
		} else if (what < 91) {
			process_pause(l.w, p, luck_between(&luck, 1, SIM_MS(9)));
		} else if (what < 94) {
			cpu_weight_set(l.w, p, (uint32_t)
				       luck_between(&luck, 1, 10000));
		} else if (what < 97) {
			cpu_quota_set(l.w, p, luck_between(&luck, 0, 3) *
				      SIM_MS(10), SIM_MS(50));
		} else {
			cpu_threads_set(l.w, p, (uint32_t)
					luck_between(&luck, 1, 9));
		}
		if (luck_chance(&luck, 1, 3))
			process_resume(l.w, p);
	}
	for (int i = 0; i < 6; i++)
		process_kill(l.w, l.p[i]);
	assert_int_equal(l.m->cpu.running + l.m->cpu.waiting, 0);
	assert_int_equal(l.m->cpu.weight, 0);
	digest = world_digest(l.w);
	world_free(l.w);
	return digest;
}

static void every_nanosecond_is_somebodys(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		assert_true(storm(seed) == storm(seed));
}

/* -- load ----------------------------------------------------------------- */

/* One thread that always runs: 1 - e^(-t / 1 min), in the kernel's fixed point. */
static void load_rises_as_the_kernels(void **state)
{
	struct lab l = lab_new(1, 1);
	double load;

	(void)state;
	burn(&l, l.p[0], 1);
	world_run_until(l.w, SIM_S(61));
	load = (double)l.m->cpu.load[0] / 2048;
	assert_true(load > 0.62 && load < 0.65);	/* 1 - 1/e = 0.632 */
	world_run_until(l.w, SIM_MINUTES(10));
	assert_int_equal(l.m->cpu.load[0], 2048);
	assert_true(l.m->cpu.load[2] > 900 && l.m->cpu.load[2] < 1100);
	process_kill(l.w, l.p[0]);
	world_run_until(l.w, SIM_MINUTES(30));
	assert_int_equal(l.m->cpu.load[0], 0);
	world_free(l.w);
}

/* -- what is said of it --------------------------------------------------- */

static void near(const struct monitor_world *x, const char *query, double want,
		 double band)
{
	double is = ask(x, query);

	if (!(is >= want - band && is <= want + band))
		fail_msg("%s: %g, want %g", query, is, want);
}

/* Four threads that never sleep on two cores: two run, two wait. */
static void a_machine_says_who_runs_and_who_waits(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct node_exporter *e = node_exporter_new(x.w, x.web[0]->machine);

	(void)state;
	monitor_target(x.w, x.m, "node", "web-1:9100", e->process);
	process_start(x.w, e->process);
	cpu_threads_set(x.w, x.web[0], 4);
	for (int i = 0; i < 4; i++)
		cpu_run(x.w, x.web[0], SIM_HOURS(1), WEB_WORK, NULL, 0);
	world_run_until(x.w, SIM_MINUTES(10));
	near(&x, "sum(rate(node_schedstat_running_seconds_total[5m]))", 2, .01);
	near(&x, "sum(rate(node_schedstat_waiting_seconds_total[5m]))", 2, .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", 0, .01);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"user\"}[5m]))", 2, .01);
	/* two threads a core take turns of 6 ms (12 ms, by two) */
	near(&x, "sum(rate(node_schedstat_timeslices_total[5m]))", 333.3, 2);
	near(&x, "node_load1", 4, .1);
	near(&x, "node_load5", 3.46, .1);	/* 4 (1 - e^-2) */
	assert_true(number_is_nan(ask(&x, "container_cpu_cfs_periods_total")));
	world_free(x.w);
}

/* CPUThrottlingHigh's query (F73), and what a limit of half a core does. */
static void a_container_says_how_it_is_throttled(void **state)
{
	struct monitor_world x = monitor_world(1);
	struct node_exporter *e = node_exporter_new(x.w, x.web[0]->machine);

	(void)state;
	monitor_target(x.w, x.m, "node", "web-1:9100", e->process);
	process_start(x.w, e->process);
	cpu_quota_set(x.w, x.web[0], SIM_MS(50), 0);
	for (int i = 0; i < 2; i++)
		cpu_run(x.w, x.web[0], SIM_HOURS(1), WEB_WORK, NULL, 0);
	world_run_until(x.w, SIM_MINUTES(10));
	near(&x, "rate(container_cpu_cfs_periods_total{container=\"web-1\"}"
		 "[5m])", 10, .1);
	near(&x, "rate(container_cpu_cfs_throttled_periods_total[5m]) / "
		 "rate(container_cpu_cfs_periods_total[5m])", 1, .001);
	near(&x, "rate(container_cpu_cfs_throttled_seconds_total[5m])", 1.5,
	     .02);
	near(&x, "sum(rate(node_cpu_seconds_total{mode=\"user\"}[5m]))", .5,
	     .01);
	world_free(x.w);
}

/* -- faults --------------------------------------------------------------- */

static int64_t command(struct world *w, const char *line)
{
	struct err err = { "" };
	int64_t result = 0;

	if (!world_command(w, line, &result, &err))
		fail_msg("%s: %s", line, err.what);
	return result;
}

/* local-kafka, and an application that works most of one core's time. */
static struct world *kafka(struct process **busy)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", 1, "", &err);

	if (!w)
		fail_msg("%s", err.what);
	command(w, "app-new name=busy topic=readings work=900us");
	world_run_until(w, SIM_S(20));
	*busy = process_find(w, "busy");
	return w;
}

/* Two small applications get all they want, 0.13 cores.  Of the other 1.87, nine
 * parts go to the hog and one to the application, which wants 0.9. */
static void a_hog_makes_others_wait(void **state)
{
	struct process *busy, *hog;
	struct world *w = kafka(&busy);
	int64_t before = cpu_used_ns(w, busy);
	int64_t waited = busy->share.waited_ns;

	(void)state;
	assert_true(waited < before / 20);	/* for two other applications */
	command(w, "fault cpu-hog component=app-1 cores=4 weight=900");
	hog = process_find(w, "stress-ng-app-1");
	assert_string_equal(world_text(w, hog->command), "stress-ng --cpu 4");
	world_run_until(w, SIM_S(30));
	assert_in_range(cpu_used_ns(w, busy) - before, SIM_MS(1820),
			SIM_MS(1920));
	waited = busy->share.waited_ns - waited;
	assert_in_range(waited + cpu_used_ns(w, busy) - before, SIM_MS(9950),
			SIM_S(10));	/* it never slept */
	command(w, "heal 1");
	assert_int_equal(hog->state, PROCESS_DOWN);
	before = cpu_used_ns(w, busy);
	world_run_until(w, SIM_S(35));
	assert_true(cpu_used_ns(w, busy) - before > SIM_MS(4800));
	command(w, "fault cpu-hog component=app-1");	/* it can come again */
	assert_int_equal(hog->state, PROCESS_UP);
	assert_int_equal(hog->share.threads, 2);
	world_free(w);
}

static void a_limit_throttles_an_application(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	int64_t before = cpu_used_ns(w, busy);

	(void)state;
	command(w, "fault cpu-quota component=busy millicores=250");
	world_run_until(w, SIM_S(30));
	assert_in_range(cpu_used_ns(w, busy) - before, SIM_MS(2475),
			SIM_MS(2525));
	assert_in_range(busy->share.quota->nr_throttled, 98, 100);
	command(w, "heal 1");
	assert_int_equal(busy->share.quota->quota_ns, 0);
	before = cpu_used_ns(w, busy);
	world_run_until(w, SIM_S(35));
	assert_true(cpu_used_ns(w, busy) - before > SIM_MS(4800));
	world_free(w);
}

static void a_collector_stops_a_process_again_and_again(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	struct process *b = process_find(w, "broker-1");
	int stopped = 0;

	(void)state;
	command(w, "fault gc-pause component=broker-1 pause=2s every=10s");
	for (int ms = 20005; ms < 60000; ms += 10) {
		world_run_until(w, SIM_MS(ms));
		stopped += b->state == PROCESS_HUNG;
	}
	assert_int_equal(stopped, 3 * 200);	/* at 30, 40, 50 s */
	command(w, "heal 1");
	world_run_until(w, SIM_S(71));
	assert_int_equal(b->state, PROCESS_UP);
	world_free(w);
}

/* Slices, throttling and pauses under way are part of what is kept. */
static void a_rewound_machine_runs_the_same_again(void **state)
{
	struct process *busy;
	struct world *w = kafka(&busy);
	uint64_t digest;

	(void)state;
	world_travel_on(w, SIM_MS(1300), 100);
	command(w, "fault cpu-hog component=app-1 cores=4 weight=300");
	command(w, "fault cpu-quota component=busy millicores=300");
	command(w, "fault gc-pause component=dashboard pause=700ms every=1s");
	world_run_until(w, SIM_S(30));
	digest = world_digest(w);
	for (int i = 0; i < 5; i++) {
		world_rewind(w, SIM_MS(20123 + 1777 * i));
		world_run_until(w, SIM_S(30));
		assert_true(world_digest(w) == digest);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_costs_one_event),
		cmocka_unit_test(pieces_beyond_the_threads_wait_in_their_order),
		cmocka_unit_test(more_threads_start_on_what_waits),
		cmocka_unit_test(one_core_waits_as_m_d_1),
		cmocka_unit_test(four_cores_wait_as_m_m_4),
		cmocka_unit_test(the_run_queue_obeys_little),
		cmocka_unit_test(weights_divide_two_to_one),
		cmocka_unit_test(threads_do_not_multiply_a_share),
		cmocka_unit_test(a_single_thread_gets_a_core_and_others_the_rest),
		cmocka_unit_test(time_alone_is_neither_debt_nor_credit),
		cmocka_unit_test(a_short_piece_preempts_a_long_one),
		cmocka_unit_test(slices_are_the_kernels),
		cmocka_unit_test(no_slice_is_shorter_than_the_least),
		cmocka_unit_test(a_quota_is_used_exactly),
		cmocka_unit_test(a_quota_holds_over_time_with_any_threads),
		cmocka_unit_test(throttling_adds_the_rest_of_a_period),
		cmocka_unit_test(what_is_throttled_leaves_its_core_to_others),
		cmocka_unit_test(periods_are_counted_while_used),
		cmocka_unit_test(a_hung_process_keeps_what_is_left),
		cmocka_unit_test(a_pause_ends_by_itself),
		cmocka_unit_test(a_signal_outlasts_a_pause),
		cmocka_unit_test(a_killed_process_frees_its_work),
		cmocka_unit_test(a_process_may_do_anything_when_a_piece_is_done),
		cmocka_unit_test(a_naive_scheduler_agrees),
		cmocka_unit_test(every_nanosecond_is_somebodys),
		cmocka_unit_test(load_rises_as_the_kernels),
		cmocka_unit_test(a_machine_says_who_runs_and_who_waits),
		cmocka_unit_test(a_container_says_how_it_is_throttled),
		cmocka_unit_test(a_hog_makes_others_wait),
		cmocka_unit_test(a_limit_throttles_an_application),
		cmocka_unit_test(a_collector_stops_a_process_again_and_again),
		cmocka_unit_test(a_rewound_machine_runs_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
