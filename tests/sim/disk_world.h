/* disk_world.h - one machine with a disk, for tests of what a host holds */
#ifndef TESTS_SIM_DISK_WORLD_H
#define TESTS_SIM_DISK_WORLD_H

#include "sim/host/host.h"

#define KIB	INT64_C(1024)
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

static const struct module disk_world_module = { .name = "test" };

static inline struct world *disk_world(uint64_t seed)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &disk_world_module,
		[MODULE_HOST] = &host_module,
	};
	struct world *w = world_new(&(struct world_spec){
		.seed = seed, .modules = modules });

	hosts_init(w);
	return w;
}

/* A machine whose cache may hold exactly so much. */
static inline struct machine *disk_machine(struct world *w, const char *name,
					   int64_t cache_bytes,
					   const struct disk_spec *disk)
{
	struct machine_profile p = {
		.name = "test", .cores = 2,
		.memory_bytes = cache_bytes + MEMORY_KERNEL_BYTES,
		.nic_bits_per_s = 1000000000, .disk = *disk,
	};

	return machine_new(w, name, "a", &p);
}

static inline struct process *disk_process(struct world *w, const char *name,
					   struct machine *m)
{
	static const struct process_events none;
	struct process *p = process_new(w, name, m, "java -jar test.jar", &none,
					MODULE_WORLD, NULL);

	process_start(w, p);
	return p;
}

/* Append and say how long the writer has to wait. */
static inline sim_time append(struct world *w, struct file *f, int64_t bytes)
{
	sim_time ready;

	assert_int_equal(file_append(w, f, bytes, &ready), DISK_OK);
	return ready - world_now(w);
}

static inline sim_time read_at(struct world *w, struct file *f, int64_t at,
			       int64_t bytes)
{
	sim_time ready;

	assert_int_equal(file_read(w, f, at, bytes, &ready), DISK_OK);
	return ready - world_now(w);
}

#endif
