/* test_cpu.c - sim/host/cpu.c and cpu_quota.c: who gets a core, and when
 *
 * Against theory (M/D/1, M/M/c, Little) and against the rules of the kernel.
 */
#include "tests/sim/cpu_world.h"

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
		cmocka_unit_test(
			a_single_thread_gets_a_core_and_others_the_rest),
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
		cmocka_unit_test(
			a_process_may_do_anything_when_a_piece_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
