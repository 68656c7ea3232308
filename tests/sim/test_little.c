/* test_little.c - Little's law is asked of every line, and a wrong book is seen
 *
 * Table: one thing wrong at a time, in each kind of line.  Whole worlds: with
 * faults and without, all lines agree all along and were used.
 */
#include "tests/test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/host/cpu_inside.h"
#include "sim/host/little.h"
#include "sim/stack/stack.h"
#include "tests/sim/net_world.h"

#define MIB	(INT64_C(1) << 20)

/* A second with work in every line: seven pieces on two cores, a file that is
 * written back, messages behind each other. */
struct lines {
	struct net_world n;
	struct machine *m;
	struct process *p;
};

static void lines_init(struct lines *l)
{
	struct file *f;
	struct note *note;
	sim_time ready;

	net_world_init(&l->n, 3);
	l->m = node_add(&l->n, "a", "z")->machine;
	l->p = l->n.node[0].process;
	node_add(&l->n, "b", "z");
	cpu_threads_set(l->n.w, l->p, 5);
	world_run_until(l->n.w, SIM_MS(400));
	f = file_new(l->n.w, &l->m->disk);
	file_append(l->n.w, f, 9 * MIB, &ready);
	note = message_new(l->n.w, sizeof(*note), 1);
	note->head.from = note->head.to = l->p;
	process_serve_at(l->n.w, l->p, file_fsync(l->n.w, f), NODE_MESSAGE,
			 &note->head);
	for (int i = 0; i < 7; i++)
		cpu_spend(l->n.w, l->p, SIM_S(60));
	for (int i = 0; i < 9; i++)
		node_send(&l->n, &l->n.node[0], &l->n.node[1], 9000000);
	world_run_until(l->n.w, SIM_MS(450));
}

static bool agrees(const struct lines *l)
{
	return cpu_agrees(l->n.w, l->m) && process_agrees(l->n.w, l->p) &&
	       disk_agrees(l->n.w, &l->m->disk) && net_agrees(l->n.w);
}

/* -- one thing wrong at a time -------------------------------------------- */

static void forget_a_ready_thread(struct lines *l)
{
	l->p->share.ready.first = l->p->share.ready.first->next;
	l->p->share.ready.count--;
}

static void give_a_thread_anothers_time(struct lines *l)
{
	l->p->share.ready.first->since -= SIM_MS(1);
}

static void forget_a_request(struct lines *l)
{
	l->p->share.backlog.first = l->p->share.backlog.first->next;
	l->p->share.backlog.count--;
}

static void let_a_disk_say_too_much(struct lines *l)
{
	l->m->disk.waited_ns++;
}

static void let_a_disk_be_busy_twice(struct lines *l)
{
	l->m->disk.busy_ns += SIM_US(1);
}

static void count_a_message_twice(struct lines *l)
{
	queue_arrive(&hosts_of(l->n.w)->line, world_now(l->n.w));
}

static void change_nothing(struct lines *l)
{
	(void)l;
}

static const struct {
	void (*do_it)(struct lines *l);
	bool good;
} rows[] = {
	{ change_nothing, true },
	{ forget_a_ready_thread, false },
	{ give_a_thread_anothers_time, false },
	{ forget_a_request, false },
	{ let_a_disk_say_too_much, false },
	{ let_a_disk_be_busy_twice, false },
	{ count_a_message_twice, false },
};

static void a_wrong_book_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lines l;

		lines_init(&l);
		assert_int_equal(l.m->cpu.line.length, 3);
		assert_int_equal(l.p->share.line.length, 7);
		assert_int_equal(l.p->line.length, 1);
		assert_int_equal(hosts_of(l.n.w)->line.length, 9);
		assert_true(l.m->disk.line.arrivals > 0);
		rows[i].do_it(&l);
		if (agrees(&l) != rows[i].good)
			fail_msg("row %zu", i);
		world_free(l.n.w);
	}
}

/* Nobody has to ask: the run ends within five seconds of the mistake. */
static void a_run_with_a_wrong_book_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status;
		pid_t child = fork();

		if (!child) {
			struct lines l;

			lines_init(&l);
			signal(SIGABRT, SIG_DFL);
			if (!freopen("/dev/null", "w", stderr))
				_exit(2);
			rows[i].do_it(&l);
			world_run_until(l.n.w, SIM_S(6));
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (rows[i].good)
			assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
		else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("row %zu went on", i);
	}
}

/* -- whole worlds --------------------------------------------------------- */

static void all_lines_agree(const struct world *w)
{
	const struct hosts *h = hosts_of(w);
	uint64_t ready = 0, work = 0, waits = 0, disk = 0;

	for (uint32_t i = 0; i < h->machines.count; i++) {
		assert_true(cpu_agrees(w, h->machines.at[i]));
		assert_true(disk_agrees(w, &h->machines.at[i]->disk));
		ready += h->machines.at[i]->cpu.line.departures;
		disk += h->machines.at[i]->disk.line.departures;
	}
	for (uint32_t i = 0; i < h->processes.count; i++) {
		assert_true(process_agrees(w, h->processes.at[i]));
		work += h->processes.at[i]->share.line.departures;
		waits += h->processes.at[i]->line.departures;
	}
	assert_true(net_agrees(w));
	assert_int_equal(h->line.length, net_in_flight(w));
	assert_true(work > 10000 && h->line.departures > 10000);
	assert_true(ready > 0 && waits > 0 && disk > 0);
}

static void command(struct world *w, const char *line)
{
	struct err err = { "" };
	int64_t result;

	if (!world_command(w, line, &result, &err))
		fail_msg("%s: %s", line, err.what);
}

static void local_kafka_agrees_whatever_happens(void **state)
{
	static const char *const faults[] = {
		"fault cpu-hog component=broker-1 cores=8 weight=2000",
		"fault slow-disk component=broker-2 times=40",
		"fault cpu-quota component=dashboard millicores=20",
		"fault lossy-link component=broker-3 loss-ppm=30000",
		"fault gc-pause component=broker-1 pause=3s every=9s",
		"fault kill component=broker-2",
		"fault partition component=broker-3",
		"fault hang component=dashboard",
	};
	struct err err;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct world *w = stack_world("local-kafka", seed, NULL, &err);

		assert_non_null(w);
		for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
			world_run_until(w, SIM_S(30 * (int64_t)(i + 1)));
			command(w, faults[i]);
		}
		world_run_until(w, SIM_S(300));
		for (int i = 1; i <= 8; i++) {
			char heal[24];

			snprintf(heal, sizeof(heal), "heal %d", i);
			command(w, heal);
			world_run_until(w, SIM_S(300 + 20 * i));
		}
		all_lines_agree(w);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_book_is_seen),
		cmocka_unit_test(a_run_with_a_wrong_book_ends),
		cmocka_unit_test(local_kafka_agrees_whatever_happens),
	};

	return cmocka_run_group_tests_name("little", tests, NULL, NULL);
}
