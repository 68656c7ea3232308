/* test_disk.c - disks against what one works out by hand
 *
 * Method: one machine, one disk of each kind, times computed from the figures
 * in disk.h and from Linux's and AWS's documents; a naive model for random
 * appends, cuts and deletes; a world with a broker for the rest.
 */
#include "tests/test.h"

#include "sim/broker/broker.h"
#include "sim/core/text.h"
#include "sim/stack/stack.h"
#include "tests/sim/disk_world.h"

#define BIG	(8 * GIB)

static struct file *file_on(struct world *w, enum disk_kind kind, int64_t bytes)
{
	struct machine *m = disk_machine(w, "m", BIG, &(struct disk_spec){
		.kind = kind, .bytes_total = bytes });

	return file_new(w, &m->disk);
}

/* Put bytes on the disk and out of memory. */
static void cold(struct world *w, struct file *f, int64_t bytes)
{
	append(w, f, bytes);
	world_run_until(w, world_now(w) + file_fsync(w, f));
	cache_drop(f->disk->machine);
}

/* -- writing --------------------------------------------------------------- */

static void an_append_waits_for_nobody_and_fsync_for_the_disk(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 100 * GIB);

	(void)state;
	assert_int_equal(append(w, f, 125000000), 0);
	assert_int_equal(f->disk->busy_ns, 0);	/* nothing is old enough */
	/* 125 MB at 125 MB/s, then a flush of 1 ms */
	assert_in_range(file_fsync(w, f), SIM_MS(1001) - 100, SIM_MS(1001) + 100);
	assert_int_equal(f->disk->written_bytes, 125000000);
	assert_int_equal(f->disk->fsyncs, 1);
	world_free(w);
}

/* vm.dirty_expire_centisecs 3000, vm.dirty_writeback_centisecs 500 */
static void dirty_pages_are_written_back_when_30_s_old(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 100 * GIB);

	(void)state;
	world_run_until(w, SIM_S(12));
	append(w, f, MIB);
	for (int s = 13; s <= 44; s++) {
		world_run_until(w, SIM_S(s));
		disk_settle(w, f->disk);
		assert_int_equal(disk_dirty_bytes(f->disk), MIB);
	}
	world_run_until(w, SIM_S(45));
	disk_settle(w, f->disk);
	assert_int_equal(disk_dirty_bytes(f->disk), 0);
	assert_int_equal(f->disk->written_bytes, MIB);
	world_free(w);
}

static void writers_are_throttled_at_the_dirty_limit(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 1000 * GIB);
	struct machine *m = f->disk->machine;
	int64_t limit = cache_dirty_limit(m), before;
	sim_time wait = 0;

	(void)state;
	assert_int_equal(limit, BIG / 100 * 20);
	while (!wait)
		wait = append(w, f, 16 * MIB);
	before = f->end - f->disk->clean;
	assert_in_range(before, limit, limit + 16 * MIB);
	/* no longer than what is too much takes, and a chunk under way */
	assert_true(wait <= (20 * MIB) * 8 + SIM_MS(40));
	/* a writer that waits as told writes at the speed of the disk */
	for (int i = 0; i < 200; i++) {
		world_run_until(w, world_now(w) + wait);
		wait = append(w, f, 16 * MIB);
		assert_true(cache_dirty_bytes(w, m) <= limit + 17 * MIB);
	}
	assert_in_range(world_now(w), 195 * 16 * MIB * 8, 205 * 16 * MIB * 8);
	world_free(w);
}

static void a_full_disk_takes_nothing_and_a_cut_makes_room(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 10 * MIB);
	sim_time ready;

	(void)state;
	append(w, f, 8 * MIB);
	assert_int_equal(file_append(w, f, 3 * MIB, &ready), DISK_FULL);
	assert_int_equal(file_bytes(f), 8 * MIB);
	file_drop_front(w, f, 4 * MIB);
	append(w, f, 3 * MIB);
	f->disk->read_only = true;
	assert_int_equal(file_append(w, f, 1, &ready), DISK_READ_ONLY);
	f->disk->failing = true;
	assert_int_equal(file_append(w, f, 1, &ready), DISK_FAILED);
	assert_string_equal(disk_result_text(DISK_FAILED), "Input/output error");
	world_free(w);
}

/* -- reading --------------------------------------------------------------- */

static void what_was_just_written_is_read_without_the_disk(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_HDD, 100 * GIB);

	(void)state;
	append(w, f, 64 * MIB);
	assert_int_equal(read_at(w, f, 0, 64 * MIB), 0);
	assert_int_equal(f->disk->reads, 0);
	world_free(w);
}

static void a_cold_read_costs_what_its_kind_says(void **state)
{
	/* 128 KiB: latency, and its turn; bytes at the throughput, or one
	 * operation at the rate of operations, or a seek */
	static const struct { enum disk_kind kind; sim_time ns; } rows[] = {
		{ DISK_GP3, SIM_MS(1) + 1048576 },	/* 131072 / 125e6 */
		{ DISK_SATA_SSD, SIM_US(100) + 238312 },
		{ DISK_NVME, SIM_US(100) + 43690 },
		{ DISK_HDD, SIM_MS(10) + 500000 },	/* 128 KiB / 250 MiB */
		{ DISK_GP2, SIM_MS(1) + 500000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = disk_world(1);
		struct file *f = file_on(w, rows[i].kind, 100 * GIB);

		cold(w, f, 64 * MIB);
		assert_int_equal(read_at(w, f, 16 * MIB, 128 * KIB),
				 rows[i].ns);
		assert_int_equal(f->disk->read_bytes, 128 * KIB);
		assert_int_equal(read_at(w, f, 16 * MIB, 128 * KIB), 0);
		world_free(w);
	}
}

static void an_arm_moves_only_when_the_next_is_elsewhere(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_HDD, 100 * GIB);
	sim_time one = SIM_MS(10) + SIM_MS(4), in_row = SIM_MS(4);

	(void)state;
	cold(w, f, 64 * MIB);		/* 1 MiB at 250 MiB/s: 4 ms */
	assert_int_equal(read_at(w, f, 0, MIB), one);
	world_run_until(w, world_now(w) + SIM_S(1));
	assert_int_equal(read_at(w, f, MIB, MIB), in_row);
	world_run_until(w, world_now(w) + SIM_S(1));
	assert_int_equal(read_at(w, f, 32 * MIB, MIB), one);
	/* one after the other: the second waits for the first */
	assert_int_equal(read_at(w, f, 40 * MIB, MIB), 2 * one);
	world_free(w);
}

static void small_reads_in_a_row_are_read_ahead(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 100 * GIB);

	(void)state;
	cold(w, f, 8 * MIB);
	for (int64_t at = 0; at < MIB; at += 4 * KIB)
		read_at(w, f, at, 4 * KIB);
	assert_int_equal(f->disk->reads, 8);	/* of 128 KiB each */
	assert_int_equal(f->disk->read_bytes, MIB);
	world_free(w);
}

static void reads_wait_for_write_back_and_share_with_it(void **state)
{
	struct world *w = disk_world(1);
	struct file *a = file_on(w, DISK_GP3, 100 * GIB);
	struct file *b = file_new(w, a->disk);
	sim_time alone, beside = 0;

	(void)state;
	cold(w, a, 256 * MIB);
	world_run_until(w, SIM_MINUTES(2));
	for (int i = 0; i < 8; i++)
		alone = read_at(w, a, i * MIB, MIB);
	append(w, b, 200 * MIB);
	a->disk->due = a->disk->appended;	/* as sync(1) does */
	world_run_until(w, world_now(w) + SIM_S(1));
	for (int i = 8; i < 16; i++)
		beside = read_at(w, a, i * MIB, MIB);
	assert_true(beside > alone * 13 / 10);
	assert_true(beside < alone * 2);
	world_free(w);
}

static void wrong_bytes_stay_wrong_while_they_are_cached(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 100 * GIB);
	sim_time ready;

	(void)state;
	cold(w, f, 8 * MIB);
	f->disk->corrupt_ppm = 1000000;
	assert_int_equal(file_read(w, f, 0, MIB, &ready), DISK_CORRUPT);
	f->disk->corrupt_ppm = 0;
	assert_int_equal(file_read(w, f, 0, MIB, &ready), DISK_CORRUPT);
	cache_drop(f->disk->machine);
	assert_int_equal(file_read(w, f, 0, MIB, &ready), DISK_OK);
	cache_drop(f->disk->machine);
	f->disk->failing = true;
	assert_int_equal(file_read(w, f, 0, MIB, &ready), DISK_FAILED);
	world_free(w);
}

/* -- burst credits --------------------------------------------------------- */

/* gp2 of 100 GiB: base 300, burst 3,000, 5.4 million credits: at full speed
 * they last 5.4e6 / (3000 - 300) = 2,000 s (AWS EBS, gp2 "burst duration"). */
static void gp2_lasts_for_its_burst_duration_and_no_longer(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP2, 100 * GIB);
	struct disk *d = f->disk;
	int64_t ops = 0;

	(void)state;
	cold(w, f, 2 * GIB);		/* 8192 operations of 256 KiB */
	assert_in_range(disk_burst_permille(w, d), 998, 999);
	disk_burst_set(w, d, true);
	d->free_at = world_now(w);
	for (sim_time begin = d->free_at; d->free_at < begin + SIM_S(1990);
	     ops++) {
		cache_drop(d->machine);
		read_at(w, f, (ops * 37 % 2048) * MIB, 64 * KIB);
	}
	assert_in_range(ops, 1990 * 2990, 1990 * 3010);
	world_run_until(w, d->free_at);
	assert_in_range(disk_burst_permille(w, d), 3, 7);	/* 10 s of 2,000 */
	disk_burst_set(w, d, false);
	ops = 0;
	for (sim_time begin = d->free_at; d->free_at < begin + SIM_S(100); ops++) {
		cache_drop(d->machine);
		read_at(w, f, (ops * 37 % 2048) * MIB, 64 * KIB);
	}
	assert_in_range(ops, 29900, 30100);	/* the base rate: 300 */
	/* idle, it fills at 300 a second: full again after 18,000 s */
	world_run_until(w, d->free_at + SIM_S(9000));
	assert_in_range(disk_burst_permille(w, d), 499, 501);
	world_run_until(w, world_now(w) + SIM_S(9100));
	assert_int_equal(disk_burst_permille(w, d), 1000);
	world_free(w);
}

/* st1 of 1 TiB: 250 MiB/s until a TiB of credits is gone, then 40. */
static void st1_falls_to_its_base_throughput(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_ST1, 1024 * GIB);
	struct disk *d = f->disk;
	sim_time burst, base;

	(void)state;
	cold(w, f, 4 * GIB);
	world_run_until(w, SIM_HOURS(10));
	burst = read_at(w, f, 0, 250 * MIB);
	assert_in_range(burst, SIM_S(1), SIM_MS(1100));
	disk_burst_set(w, d, false);
	world_run_until(w, world_now(w) + burst);
	disk_burst_set(w, d, false);
	base = read_at(w, f, 2 * GIB, 40 * MIB);
	assert_in_range(base, SIM_S(1), SIM_MS(1100));
	world_free(w);
}

static void a_large_gp2_needs_no_credits(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP2, 2000 * GIB);

	(void)state;
	assert_int_equal(f->disk->ops_per_s, 6000);
	assert_int_equal(disk_burst_permille(w, f->disk), 1000);
	world_free(w);
}

/* -- power ----------------------------------------------------------------- */

static void power_loss_takes_what_was_dirty_and_no_more(void **state)
{
	struct world *w = disk_world(1);
	struct file *f = file_on(w, DISK_GP3, 100 * GIB);
	struct process *p = disk_process(w, "p", f->disk->machine);

	(void)state;
	append(w, f, 10 * MIB);
	world_run_until(w, SIM_S(20));
	append(w, f, 5 * MIB);
	assert_int_equal(file_durable_end(w, f), 0);
	world_run_until(w, SIM_S(40));		/* the first are 40 s old */
	assert_int_equal(file_durable_end(w, f), 10 * MIB);
	append(w, f, 7 * MIB);
	machine_power_loss(w, f->disk->machine);
	assert_int_equal(p->state, PROCESS_DOWN);
	assert_int_equal(f->intact_end, 10 * MIB);
	assert_int_equal(f->end, 22 * MIB);
	assert_int_equal(f->disk->machine->cache.bytes, 0);
	file_truncate(w, f, f->intact_end);
	append(w, f, MIB);
	file_fsync(w, f);
	machine_power_loss(w, f->disk->machine);
	assert_true(f->intact_end > f->end);	/* all of it is there */
	world_free(w);
}

/* -- a naive model --------------------------------------------------------- */

#define FILES	12

struct naive { int64_t start, end; bool there; };

static int64_t pick(struct luck *l, int64_t max)
{
	return max > 0 ? luck_between(l, 0, max) : 0;
}

static void step(struct world *w, struct luck *l, struct disk *d,
		 struct file **files, struct naive *n, int i)
{
	int64_t bytes;
	sim_time ready;

	if (!n[i].there) {
		files[i] = file_new(w, d);
		n[i] = (struct naive){ .there = true };
	}
	switch (luck_below(l, 12)) {
	case 0:
		file_delete(w, files[i]);
		n[i].there = false;
		return;
	case 1:
		bytes = pick(l, n[i].end - n[i].start);
		file_truncate(w, files[i], n[i].end -= bytes);
		break;
	case 2:
		bytes = pick(l, n[i].end - n[i].start);
		file_drop_front(w, files[i], bytes);
		n[i].start += bytes;
		break;
	case 3: case 4: case 5:
		bytes = pick(l, n[i].end - n[i].start);
		file_read(w, files[i], n[i].start +
			  pick(l, n[i].end - n[i].start - bytes), bytes, &ready);
		assert_true(ready >= world_now(w));
		break;
	default:
		bytes = luck_between(l, 1, 3 * MIB);
		append(w, files[i], bytes);
		n[i].end += bytes;
	}
	assert_int_equal(files[i]->start, n[i].start);
	assert_int_equal(files[i]->end, n[i].end);
}

static void used_bytes_are_the_sum_of_the_files(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = disk_world(seed);
		struct machine *m = disk_machine(w, "m", 40 * MIB,
			&(struct disk_spec){ .kind = DISK_GP3,
					     .bytes_total = 900 * GIB });
		struct file *files[FILES] = {0};
		struct naive n[FILES] = {{0}};
		struct luck l;

		luck_init(&l, seed, "test", "disk");
		for (int i = 0; i < 2000; i++) {
			int64_t sum = 0;

			step(w, &l, &m->disk, files, n, (int)luck_below(&l, FILES));
			for (int k = 0; k < FILES; k++)
				sum += n[k].there ? n[k].end - n[k].start : 0;
			assert_int_equal(m->disk.bytes_used, sum);
			assert_true(m->disk.clean <= m->disk.due);
			assert_true(m->disk.due <= m->disk.appended);
			world_run_until(w, world_now(w) +
					(sim_time)luck_below(&l, SIM_S(2)));
		}
		world_run_until(w, world_now(w) + SIM_HOURS(1));
		disk_settle(w, &m->disk);
		assert_int_equal(disk_dirty_bytes(&m->disk), 0);
		assert_int_equal(m->disk.written_bytes, m->disk.appended);
		world_free(w);
	}
}

static void jbod_disks_work_beside_each_other(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "k", "a", &machine_kreps);
	struct disk *second = m->disk.next;
	struct file *a = file_new(w, &m->disk), *b = file_new(w, second);
	int disks = 0;

	(void)state;
	for (struct disk *d = &m->disk; d; d = d->next)
		disks++;
	assert_int_equal(disks, 6);
	append(w, a, 100000000);
	append(w, b, 100000000);
	/* each a second at 100 MB/s, its seeks, and the flush of 10 ms */
	assert_in_range(file_fsync(w, a), SIM_MS(1010), SIM_MS(1260));
	assert_in_range(file_fsync(w, b), SIM_MS(1010), SIM_MS(1260));
	world_free(w);
}

/* -- a broker on it -------------------------------------------------------- */

static struct world *kafka(const char *settings)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 7, settings, &err);

	assert_non_null(w);
	return w;
}

static bool logged(const struct world *w, const char *process, const char *text)
{
	for (uint64_t i = 0; i < log_count(w); i++) {
		const struct log_line *line = log_at(w, i);

		if (!strcmp(world_text(w, hosts_of(w)->processes.at[
					line->process]->name), process) &&
		    strstr(log_text(w, line), text))
			return true;
	}
	return false;
}

static void what_a_broker_holds_is_what_its_files_hold(void **state)
{
	struct world *w = kafka("");
	struct cluster *c = cluster_of(w);

	(void)state;
	world_run_until(w, SIM_MINUTES(2));
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		struct broker *b = c->brokers.at[i];
		int64_t sum = 0;

		for (uint32_t k = 0; k < b->replicas.count; k++) {
			struct replica *r = b->replicas.at[k];

			if (!r)
				continue;
			assert_int_equal(file_bytes(r->file), r->log.bytes);
			sum += r->log.bytes;
		}
		assert_true(sum > MIB);
		assert_int_equal(b->process->machine->disk.bytes_used, sum);
	}
	world_free(w);
}

static void readers_at_the_end_cost_no_disk_and_a_cold_one_does(void **state)
{
	struct world *w = kafka("");
	struct machine *m = machine_find(w, "broker-1");

	(void)state;
	world_run_until(w, SIM_MINUTES(3));
	assert_int_equal(m->disk.reads, 0);
	for (int i = 1; i <= 3; i++) {
		char name[32];

		snprintf(name, sizeof(name), "broker-%d", i);
		cache_drop(machine_find(w, name));
	}
	assert_true(world_command(w, "app-new name=replay topic=readings "
				  "auto.offset.reset=earliest", NULL, NULL));
	world_run_until(w, SIM_MINUTES(4));
	assert_true(m->disk.read_bytes > MIB);
	assert_true(m->cache.bytes > MIB);
	world_free(w);
}

/* Produce requests of a broker that took longer than 5 ms, in thousandths of
 * those since `before`. */
static int64_t slow_permille(struct broker *b, struct histogram *before)
{
	const struct histogram *h = b->metrics->produce_ms->histogram;
	int64_t slow = 0, all = h->total - before->total;

	for (uint32_t i = 3; i <= h->count; i++)
		slow += h->counts[i] - before->counts[i];
	before->total = h->total;
	memcpy(before->counts, h->counts, (h->count + 1) *
					  sizeof(*h->counts));
	return all ? slow * 1000 / all : 0;
}

/* F25: nobody touches the producers. */
static void a_replay_from_disk_slows_producers_down(void **state)
{
	int64_t counts[32] = {0}, calm, replay;
	struct histogram seen = { .counts = counts };
	struct world *w = kafka("devices=20000 apps=off");
	struct broker *b = broker_by_node(cluster_of(w), 1);

	(void)state;
	world_run_until(w, SIM_MINUTES(2));
	slow_permille(b, &seen);
	world_run_until(w, SIM_MINUTES(3));
	calm = slow_permille(b, &seen);
	for (int i = 1; i <= 3; i++) {
		char name[32];

		snprintf(name, sizeof(name), "broker-%d", i);
		cache_drop(machine_find(w, name));
	}
	assert_true(world_command(w, "app-new name=replay topic=readings "
				  "auto.offset.reset=earliest work=1us", NULL, NULL));
	world_run_until(w, SIM_S(184));	/* its group forms for 3 s */
	slow_permille(b, &seen);
	world_run_until(w, SIM_S(187));
	replay = slow_permille(b, &seen);
	print_message("slow produce requests: calm %lld, replay %lld per "
		      "thousand; read %lld MiB\n", (long long)calm,
		      (long long)replay, (long long)(b->process->machine->disk.
						     read_bytes / MIB));
	/* What waits in the socket while its connection is muted does not
	 * count: a request's time begins when it is read. */
	assert_true(calm <= 5);
	assert_true(replay >= 50);
	world_free(w);
}

/* F07 from below: the follower's disk has no room for dirty pages and is slow,
 * so its fetcher waits, and it drops out of the in-sync sets by itself. */
static void a_slow_disk_makes_a_follower_fall_behind(void **state)
{
	struct world *w = kafka("devices=20000 apps=off");
	struct machine *m = machine_find(w, "broker-2");
	struct broker *leader = broker_by_node(cluster_of(w), 1);
	struct process *hog = process_new(w, "hog", m, "hog",
		&(struct process_events){0}, MODULE_WORLD, NULL);

	(void)state;
	world_run_until(w, SIM_S(30));
	assert_int_equal(leader->metrics->isr_shrinks->value, 0);
	process_start(w, hog);
	memory_set(w, hog, memory_free_bytes(m) - 20 * MIB);
	assert_true(world_command(w, "fault slow-disk component=broker-2 "
				  "times=1000", NULL, NULL));
	world_run_until(w, SIM_MINUTES(3));
	assert_true(leader->metrics->isr_shrinks->value > 0);
	assert_true(logged(w, "broker-1", "Shrinking ISR from"));
	world_free(w);
}

static void a_clean_stop_leaves_nothing_to_lose(void **state)
{
	struct world *w = kafka("");
	struct broker *b = broker_by_node(cluster_of(w), 2);
	int64_t lost = 0;

	(void)state;
	world_run_until(w, SIM_S(50));
	broker_stop(w, b, false);
	world_run_until(w, SIM_S(60));
	assert_int_equal(b->process->state, PROCESS_DOWN);
	machine_power_loss(w, b->process->machine);
	for (uint32_t i = 0; i < b->replicas.count; i++)
		assert_true(!b->replicas.at[i] ||
			    b->replicas.at[i]->file->intact_end == INT64_MAX);
	b = broker_by_node(cluster_of(w), 1);	/* this one just runs */
	machine_power_loss(w, b->process->machine);
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		const struct replica *r = b->replicas.at[i];

		if (r && r->file->intact_end < r->file->end)
			lost += r->file->end - r->file->intact_end;
	}
	assert_true(lost > 0 && lost < b->process->machine->disk.bytes_used);
	world_free(w);
}

static void a_disk_that_takes_nothing_halts_its_broker(void **state)
{
	static const struct { const char *fault, *says; } rows[] = {
		{ "full-disk", "No space left on device" },
		{ "read-only-disk", "Read-only file system" },
		{ "failing-disk", "Input/output error" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = kafka("");
		struct process *p = process_find(w, "broker-2");
		char line[128];

		snprintf(line, sizeof(line), "fault %s component=broker-2 "
			 "after=20s for=30s", rows[i].fault);
		assert_true(world_command(w, line, NULL, NULL));
		world_run_until(w, SIM_S(40));
		assert_int_equal(p->state, PROCESS_DOWN);
		assert_true(logged(w, "broker-2", rows[i].says));
		process_start(w, p);		/* refused while it lasts */
		assert_int_equal(p->state, PROCESS_DOWN);
		world_run_until(w, SIM_S(60));
		process_start(w, p);
		assert_int_equal(p->state, PROCESS_UP);
		world_free(w);
	}
}

static void corrupt_records_are_told_to_who_reads_them(void **state)
{
	struct world *w = kafka("");

	(void)state;
	world_run_until(w, SIM_MINUTES(1));
	cache_drop(machine_find(w, "broker-1"));
	assert_true(world_command(w, "fault corrupt-disk component=broker-1 "
				  "ppm=1000000", NULL, NULL));
	assert_true(world_command(w, "app-new name=replay topic=readings "
				  "auto.offset.reset=earliest", NULL, NULL));
	world_run_until(w, SIM_MINUTES(2));
	assert_true(logged(w, "replay", "CorruptRecordException"));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_append_waits_for_nobody_and_fsync_for_the_disk),
		cmocka_unit_test(dirty_pages_are_written_back_when_30_s_old),
		cmocka_unit_test(writers_are_throttled_at_the_dirty_limit),
		cmocka_unit_test(a_full_disk_takes_nothing_and_a_cut_makes_room),
		cmocka_unit_test(what_was_just_written_is_read_without_the_disk),
		cmocka_unit_test(a_cold_read_costs_what_its_kind_says),
		cmocka_unit_test(an_arm_moves_only_when_the_next_is_elsewhere),
		cmocka_unit_test(small_reads_in_a_row_are_read_ahead),
		cmocka_unit_test(reads_wait_for_write_back_and_share_with_it),
		cmocka_unit_test(wrong_bytes_stay_wrong_while_they_are_cached),
		cmocka_unit_test(gp2_lasts_for_its_burst_duration_and_no_longer),
		cmocka_unit_test(st1_falls_to_its_base_throughput),
		cmocka_unit_test(a_large_gp2_needs_no_credits),
		cmocka_unit_test(power_loss_takes_what_was_dirty_and_no_more),
		cmocka_unit_test(used_bytes_are_the_sum_of_the_files),
		cmocka_unit_test(jbod_disks_work_beside_each_other),
		cmocka_unit_test(what_a_broker_holds_is_what_its_files_hold),
		cmocka_unit_test(readers_at_the_end_cost_no_disk_and_a_cold_one_does),
		cmocka_unit_test(a_replay_from_disk_slows_producers_down),
		cmocka_unit_test(a_slow_disk_makes_a_follower_fall_behind),
		cmocka_unit_test(a_clean_stop_leaves_nothing_to_lose),
		cmocka_unit_test(a_disk_that_takes_nothing_halts_its_broker),
		cmocka_unit_test(corrupt_records_are_told_to_who_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
