/* test_cache.c - the page cache against a naive one
 *
 * Method: whole blocks of files are appended and read in random order, and a
 * plain array of blocks, ordered by last use, says what must be in memory; with
 * random pieces instead of whole blocks the sums must agree.
 */
#include "tests/test.h"

#include "tests/sim/disk_world.h"

#define BLOCK	MIB			/* of a machine as small as these */
#define ROOM	20			/* blocks */
#define FILES	4
#define BLOCKS	40			/* a file */

static struct machine *machine(struct world *w)
{
	return disk_machine(w, "m", ROOM * BLOCK, &(struct disk_spec){
		.kind = DISK_NVME, .bytes_total = 100 * GIB });
}

static const struct extent *cached(const struct file *f, int64_t block)
{
	int64_t i = block - f->first_block;

	if (i < 0 || i >= f->blocks.count || !f->blocks.at[i])
		return NULL;
	return &f->disk->machine->cache.extents.at[f->blocks.at[i] - 1];
}

/* -- order of use ---------------------------------------------------------- */

struct naive {
	struct { int file, block; } used[FILES * BLOCKS];	/* oldest first */
	int count;
};

static void naive_use(struct naive *n, int file, int block)
{
	int i = 0;

	while (i < n->count && (n->used[i].file != file ||
				n->used[i].block != block))
		i++;
	if (i == n->count && n->count < ROOM)
		n->count++;
	else if (i == n->count)
		i = 0;			/* the oldest goes */
	memmove(&n->used[i], &n->used[i + 1],
		(size_t)(n->count - 1 - i) * sizeof(n->used[0]));
	n->used[n->count - 1].file = file;
	n->used[n->count - 1].block = block;
}

static bool naive_has(const struct naive *n, int file, int block)
{
	for (int i = 0; i < n->count; i++)
		if (n->used[i].file == file && n->used[i].block == block)
			return true;
	return false;
}

static void the_least_recently_used_goes_first(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = disk_world(seed);
		struct machine *m = machine(w);
		struct file *files[FILES];
		struct naive n = { .count = 0 };
		struct luck l;

		assert_int_equal(m->cache.block_bytes, BLOCK);
		luck_init(&l, seed, "test", "cache");
		for (int f = 0; f < FILES; f++)
			files[f] = file_new(w, &m->disk);
		for (int i = 0; i < 3000; i++) {
			int f = (int)luck_below(&l, FILES);
			int have = (int)(files[f]->end / BLOCK);
			int b = have;

			if (have == BLOCKS ||
			    (have && luck_chance(&l, 9, 10))) {
				b = (int)luck_below(&l, (uint64_t)have);
				read_at(w, files[f], b * BLOCK, BLOCK);
			} else {
				append(w, files[f], BLOCK);
				file_fsync(w, files[f]);
			}
			naive_use(&n, f, b);
			assert_int_equal(m->cache.bytes, n.count * BLOCK);
			for (int k = 0; k < FILES * BLOCKS; k++)
				assert_int_equal(
					cached(files[k / BLOCKS], k % BLOCKS) !=
					NULL,
					naive_has(&n, k / BLOCKS, k % BLOCKS));
		}
		world_free(w);
	}
}

/* -- sums ------------------------------------------------------------------ */

static int64_t sum(const struct cache *c)
{
	int64_t bytes = 0;

	for (uint32_t i = 0; i < c->extents.count; i++)
		bytes += c->extents.at[i].end - c->extents.at[i].first;
	return bytes;
}

static uint32_t listed(const struct cache *c)
{
	uint32_t n = 0, newer = 0;

	for (uint32_t i = c->newest; i; i = c->extents.at[i - 1].older) {
		assert_int_equal(c->extents.at[i - 1].newer, newer);
		assert_non_null(c->extents.at[i - 1].file);
		newer = i;
		n++;
	}
	assert_int_equal(c->oldest, newer);
	return n;
}

static uint32_t held(const struct cache *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->extents.count; i++)
		n += c->extents.at[i].file != NULL;
	return n;
}

/* More than fits is only there while it is dirty. */
static void it_holds_what_its_extents_hold_and_no_more_than_fits(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = disk_world(seed);
		struct machine *m = machine(w);
		struct process *p = disk_process(w, "p", m);
		struct file *files[FILES];
		struct luck l;
		sim_time ready;

		luck_init(&l, seed, "test", "sums");
		for (int f = 0; f < FILES; f++)
			files[f] = file_new(w, &m->disk);
		for (int i = 0; i < 4000; i++) {
			struct file *f = files[luck_below(&l, FILES)];
			int64_t have = file_bytes(f);
			int64_t n = luck_between(&l, 1, 700 * KIB);

			switch (luck_below(&l, 10)) {
			case 0:
				file_drop_front(w, f, have / 4);
				break;
			case 1:
				file_truncate(w, f, f->end - have / 50);
				break;
			case 2:
				memory_set(w, p, luck_between(&l, 0, 10) * MIB);
				break;
			case 3: case 4: case 5: case 6:
				if (n > have)
					n = have;
				file_read(w, f, f->start + luck_between(&l, 0,
						have - n), n, &ready);
				break;
			default:
				append(w, f, n);
			}
			assert_int_equal(sum(&m->cache), m->cache.bytes);
			assert_int_equal(listed(&m->cache), held(&m->cache));
			assert_true(m->cache.bytes <= cache_capacity(m) +
				    disk_dirty_bytes(&m->disk) + BLOCK);
			world_run_until(w, world_now(w) +
					(sim_time)luck_below(&l, SIM_MS(300)));
		}
		world_free(w);
	}
}

static void what_is_dirty_stays_until_it_is_written(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w);
	struct file *dirty = file_new(w, &m->disk), *f = file_new(w, &m->disk);

	(void)state;
	append(w, f, 40 * MIB);
	world_run_until(w, SIM_S(50));
	append(w, dirty, MIB);
	for (int i = 0; i < 40; i++)
		read_at(w, f, i * MIB, MIB);
	assert_non_null(cached(dirty, 0));
	world_run_until(w, SIM_S(100));
	for (int i = 0; i < 40; i++)
		read_at(w, f, i * MIB, MIB);
	assert_null(cached(dirty, 0));
	world_free(w);
}

/* -- memory that processes take -------------------------------------------- */

static void a_process_that_grows_takes_it_from_the_cache(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w);
	struct process *p = disk_process(w, "p", m);
	struct file *f = file_new(w, &m->disk);

	(void)state;
	append(w, f, 18 * MIB);
	file_fsync(w, f);
	assert_int_equal(m->cache.bytes, 18 * MIB);
	memory_set(w, p, 15 * MIB);
	assert_int_equal(m->cache.bytes, 5 * MIB);
	assert_null(cached(f, 12));
	assert_non_null(cached(f, 13));
	memory_set(w, p, MIB);		/* giving back fills nothing by itself */
	assert_int_equal(m->cache.bytes, 5 * MIB);
	world_free(w);
}

static void a_cold_reader_drives_the_tail_out(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine(w);
	struct file *old = file_new(w, &m->disk), *tail = file_new(w, &m->disk);

	(void)state;
	append(w, old, 60 * MIB);
	world_run_until(w, SIM_MINUTES(1));
	append(w, tail, 4 * MIB);
	world_run_until(w, SIM_MINUTES(2));
	assert_int_equal(read_at(w, tail, 0, 4 * MIB), 0);
	for (int i = 0; i < 40; i++)
		read_at(w, old, i * MIB, MIB);
	assert_true(read_at(w, tail, 0, 4 * MIB) > 0);
	assert_true(m->cache.evicted_bytes > 20 * MIB);
	world_free(w);
}

/* A machine of 16 GiB caches in 8 MiB blocks: at most 2048 extents. */
static void the_state_is_small_however_much_is_cached(void **state)
{
	struct world *w = disk_world(1);
	struct machine *m = machine_new(w, "m", "a", &machine_broker);
	struct file *f = file_new(w, &m->disk);

	(void)state;
	for (int i = 0; i < 3000; i++) {
		append(w, f, 8 * MIB);
		world_run_until(w, world_now(w) + SIM_MS(100));
	}
	world_run_until(w, world_now(w) + SIM_MINUTES(1));
	append(w, f, 1);
	assert_int_equal(m->cache.block_bytes, 8 * MIB);
	assert_true(m->cache.bytes > 15 * GIB);
	assert_true(world_hot_bytes(w) < 512 * KIB);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_recently_used_goes_first),
		cmocka_unit_test(it_holds_what_its_extents_hold_and_no_more_than_fits),
		cmocka_unit_test(what_is_dirty_stays_until_it_is_written),
		cmocka_unit_test(a_process_that_grows_takes_it_from_the_cache),
		cmocka_unit_test(a_cold_reader_drives_the_tail_out),
		cmocka_unit_test(the_state_is_small_however_much_is_cached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
