/* test_cpu_naive.c - the scheduler of sim/host/cpu.c against a naive one
 *
 * The other one knows no heap, no timer and no list; both are given the same
 * random work.  And whatever is done to processes, every nanosecond is counted.
 */
#include "tests/sim/cpu_world.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_naive_scheduler_agrees),
		cmocka_unit_test(every_nanosecond_is_somebodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
