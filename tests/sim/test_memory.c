/* test_memory.c - who holds memory, and whom the kernel kills
 *
 * Method: small machines filled by hand; a table of who must be chosen, worked
 * out from the kernel's rule (mm/oom_kill.c, oom_badness).
 */
#include "tests/test.h"

#include "sim/core/text.h"
#include "sim/stack/stack.h"
#include "sim/telemetry/telemetry.h"
#include "tests/sim/disk_world.h"

static struct machine *machine(struct world *w, int64_t bytes)
{
	return disk_machine(w, "m", bytes, &(struct disk_spec){
		.kind = DISK_GP3, .bytes_total = GIB });
}

static void used_memory_is_the_sum_of_processes(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w, GIB);
	struct process *a = disk_process(w, "a", m), *b = disk_process(w, "b", m);

	(void)state;
	memory_set(w, a, 300 * MIB);
	memory_set(w, b, 200 * MIB);
	assert_int_equal(m->memory.used_bytes, 500 * MIB);
	assert_int_equal(memory_free_bytes(m), GIB - 500 * MIB);
	memory_set(w, a, 100 * MIB);
	process_kill(w, b);
	assert_int_equal(m->memory.used_bytes, 100 * MIB);
	assert_int_equal(b->memory_bytes, 0);
	world_free(w);
}

/* -- whom ------------------------------------------------------------------ */

#define MANY	3

static void the_kernel_chooses_by_points(void **state)
{
	/* of 1000 MiB of memory: 1 MiB is a thousandth */
	static const struct {
		const char *what;
		int64_t mib[MANY];
		int32_t adj[MANY];
		int victim;		/* -1: nobody */
	} rows[] = {
		{ "the largest", { 100, 300, 200 }, { 0, 0, 0 }, 1 },
		{ "the first of equals", { 300, 300, 100 }, { 0, 0, 0 }, 0 },
		{ "adj is in thousandths of the machine",
		  { 100, 300, 200 }, { 0, 0, 101 }, 2 },
		{ "just not enough", { 100, 300, 200 }, { 0, 0, 99 }, 1 },
		{ "a negative one protects",
		  { 100, 300, 200 }, { 0, -101, 0 }, 2 },
		{ "-1000 is never killed",
		  { 100, 900, 1 }, { 0, -1000, 0 }, 0 },
		{ "BestEffort, Burstable, Guaranteed (kubelet: 1000, 500, -997)",
		  { 10, 400, 500 }, { 1000, 500, -997 }, 0 },
		{ "all protected", { 100, 300, 200 },
		  { -1000, -1000, -1000 }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = disk_world(1);
		struct machine *m = machine(w, 1000 * MIB - MEMORY_KERNEL_BYTES);
		struct process *p[MANY], *victim;

		for (int k = 0; k < MANY; k++) {
			char name[2] = { (char)('a' + k), 0 };

			p[k] = disk_process(w, name, m);
			p[k]->footprint.oom_score_adj = rows[i].adj[k];
			memory_set(w, p[k], rows[i].mib[k] * MIB);
		}
		victim = oom_victim(w, m);
		if (victim != (rows[i].victim < 0 ? NULL : p[rows[i].victim]))
			fail_msg("%s", rows[i].what);
		world_free(w);
	}
}

static void a_full_machine_kills_until_it_fits(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w, GIB);
	struct process *a = disk_process(w, "a", m), *b = disk_process(w, "b", m),
		       *c = disk_process(w, "c", m);
	struct text line = {0};

	(void)state;
	memory_set(w, a, 600 * MIB);
	memory_set(w, b, 400 * MIB);
	world_run_until(w, SIM_S(1));
	assert_int_equal(m->memory.oom_kills, 0);
	memory_set(w, c, 100 * MIB);
	assert_int_equal(a->state, PROCESS_UP);	/* not in the midst of it */
	world_run_until(w, SIM_S(1));
	assert_int_equal(a->state, PROCESS_DOWN);
	assert_true(a->footprint.oom_killed);
	assert_int_equal(b->state, PROCESS_UP);
	assert_int_equal(c->state, PROCESS_UP);
	assert_int_equal(m->memory.oom_kills, 1);
	assert_int_equal(kernel_log_count(w, m), 1);
	kernel_line_text(kernel_log_at(w, m, 0), &line);
	assert_string_equal(text_cstr(&line),
		"[    1.000000] Out of memory: Killed process 101 (java) "
		"total-vm:614400kB, anon-rss:614400kB, file-rss:0kB, "
		"oom_score_adj:0");
	process_start(w, a);
	assert_false(a->footprint.oom_killed);
	text_free(&line);
	world_free(w);
}

static void cache_is_given_back_before_anyone_is_killed(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w, GIB);
	struct process *a = disk_process(w, "a", m);
	struct file *f = file_new(w, &m->disk);

	(void)state;
	append(w, f, 900 * MIB);
	file_fsync(w, f);
	memory_set(w, a, 1000 * MIB);
	world_run_until(w, SIM_S(1));
	assert_int_equal(a->state, PROCESS_UP);
	assert_true(m->cache.bytes <= 24 * MIB);
	world_free(w);
}

/* -- limits, leaks --------------------------------------------------------- */

static void over_its_limit_only_the_process_itself_dies(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w, GIB);
	struct process *a = disk_process(w, "a", m), *b = disk_process(w, "b", m);

	(void)state;
	memory_set(w, b, 500 * MIB);
	memory_limit(w, a, 64 * MIB);
	memory_set(w, a, 64 * MIB);
	world_run_until(w, SIM_S(1));
	assert_int_equal(a->state, PROCESS_UP);
	memory_set(w, a, 64 * MIB + 1);
	world_run_until(w, SIM_S(2));
	assert_int_equal(a->state, PROCESS_DOWN);
	assert_int_equal(b->state, PROCESS_UP);
	assert_non_null(strstr(kernel_log_at(w, m, 0)->text,
			       "Memory cgroup out of memory: Killed process"));
	world_free(w);
}

static void a_leak_grows_by_the_second_and_ends_with_the_process(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w, GIB);
	struct process *a = disk_process(w, "a", m);

	(void)state;
	memory_set(w, a, 100 * MIB);
	memory_leak(w, a, 10 * MIB);
	world_run_until(w, SIM_S(30));
	assert_int_equal(a->memory_bytes, 400 * MIB);
	memory_set(w, a, 50 * MIB);		/* what it knows of is less */
	assert_int_equal(a->memory_bytes, 350 * MIB);
	process_hang(w, a);
	world_run_until(w, SIM_S(40));		/* frozen, it loses nothing */
	assert_int_equal(a->memory_bytes, 350 * MIB);
	process_resume(w, a);
	world_run_until(w, SIM_S(120));
	assert_int_equal(a->state, PROCESS_DOWN);
	assert_int_equal(m->memory.oom_kills, 1);
	process_start(w, a);
	memory_set(w, a, 100 * MIB);
	memory_leak(w, a, 0);
	world_run_until(w, SIM_S(300));
	assert_int_equal(a->memory_bytes, 100 * MIB);
	world_free(w);
}

static void a_killed_broker_comes_and_goes_while_its_limit_is_low(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 3, "", &err);
	struct process *p = process_find(w, "broker-2");

	(void)state;
	assert_true(world_command(w, "fault memory-limit component=broker-2 "
				  "mib=900 after=20s for=20s", NULL, NULL));
	world_run_until(w, SIM_S(30));
	assert_int_equal(p->state, PROCESS_DOWN);
	process_start(w, p);			/* 1 GiB of heap again */
	world_run_until(w, SIM_S(31));
	assert_int_equal(p->state, PROCESS_DOWN);
	world_run_until(w, SIM_S(50));
	process_start(w, p);
	world_run_until(w, SIM_S(60));
	assert_int_equal(p->state, PROCESS_UP);
	assert_int_equal(p->machine->memory.oom_kills, 2);
	world_free(w);
}

static void the_log_of_the_kernel_goes_back_in_time(void **state)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 3, "", &err);
	struct machine *m = machine_find(w, "broker-1");
	uint64_t digest;

	(void)state;
	world_travel_on(w, SIM_S(5), 100);
	assert_true(world_command(w, "fault memory-leak component=broker-1 "
				  "kib-per-s=1048576", NULL, NULL));
	world_run_until(w, SIM_S(30));
	assert_int_equal(kernel_log_count(w, m), 1);
	digest = world_digest(w);
	world_rewind(w, SIM_S(8));
	assert_int_equal(kernel_log_count(w, m), 0);
	world_run_until(w, SIM_S(30));
	assert_int_equal(kernel_log_count(w, m), 1);
	assert_true(world_digest(w) == digest);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(used_memory_is_the_sum_of_processes),
		cmocka_unit_test(the_kernel_chooses_by_points),
		cmocka_unit_test(a_full_machine_kills_until_it_fits),
		cmocka_unit_test(cache_is_given_back_before_anyone_is_killed),
		cmocka_unit_test(over_its_limit_only_the_process_itself_dies),
		cmocka_unit_test(a_leak_grows_by_the_second_and_ends_with_the_process),
		cmocka_unit_test(a_killed_broker_comes_and_goes_while_its_limit_is_low),
		cmocka_unit_test(the_log_of_the_kernel_goes_back_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
