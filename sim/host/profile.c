/* profile.c - machines as one can rent them */
#include "sim/host/host.h"

#define GIB		(INT64_C(1) << 30)
#define MBIT		INT64_C(1000000)

/*
 * Sizes of machines.  broker: m5.xlarge-like, 4 vCPU, 16 GB, up to 10 Gbit/s
 * (AWS EC2 instance types; we take the 1.25 Gbit/s baseline), with a gp3
 * volume at its defaults: 125 MB/s, fsync 1 ms [E, calibration.md 3.1:
 * 0.5-2 ms].  small: 2 vCPU, 4 GB, the same kind of disk, smaller.
 */
const struct machine_profile machine_broker = {
	.name = "broker", .cores = 4, .memory_bytes = 16 * GIB,
	.nic_bits_per_s = 1250 * MBIT,
	.disk = { .kind = DISK_GP3, .bytes_total = 100 * GIB },
};

const struct machine_profile machine_small = {
	.name = "small", .cores = 2, .memory_bytes = 4 * GIB,
	.nic_bits_per_s = 1250 * MBIT,
	.disk = { .kind = DISK_GP3, .bytes_total = 20 * GIB },
};

/*
 * Instances of AWS as they are rented (AWS EC2 instance types): vCPU, memory,
 * network *baseline* (m5.large 0.75, m5.xlarge 1.25 Gbit/s;
 * all may burst to more for a while, which is not modelled), with a gp3 volume
 * at its defaults.
 */
const struct machine_profile machine_m5_large = {
	.name = "m5.large", .cores = 2, .memory_bytes = 8 * GIB,
	.nic_bits_per_s = 750 * MBIT,
	.disk = { .kind = DISK_GP3, .bytes_total = 100 * GIB },
};

const struct machine_profile machine_m5_xlarge = {
	.name = "m5.xlarge", .cores = 4, .memory_bytes = 16 * GIB,
	.nic_bits_per_s = 1250 * MBIT,
	.disk = { .kind = DISK_GP3, .bytes_total = 100 * GIB },
};

/*
 * Burstable ones (Amazon EC2 user guide, "Burstable performance instances",
 * credit table: credits an hour; a day of them is the most that is kept).  T3
 * and T4g of one size differ in their processor only [E: both at the pace that
 * costs are stated for].
 */
#define BURSTABLE(type, vcpus, mib, mbit, credits) {			\
	.name = type, .cores = vcpus, .memory_bytes = (mib) * GIB / 1024, \
	.nic_bits_per_s = (mbit) * MBIT, .credits_per_hour = credits,	\
	.disk = { .kind = DISK_GP3, .bytes_total = 30 * GIB },		\
}
const struct machine_profile machine_t3_medium =
	BURSTABLE("t3.medium", 2, 4096, 256, 24);

static const struct machine_profile burstable[] = {
	BURSTABLE("t3.nano", 2, 512, 32, 6),
	BURSTABLE("t3.micro", 2, 1024, 64, 12),
	BURSTABLE("t3.small", 2, 2048, 128, 24),
	BURSTABLE("t3.large", 2, 8192, 512, 36),
	BURSTABLE("t3.xlarge", 4, 16384, 1024, 96),
	BURSTABLE("t3.2xlarge", 8, 32768, 2048, 192),
	BURSTABLE("t4g.nano", 2, 512, 32, 6),
	BURSTABLE("t4g.micro", 2, 1024, 64, 12),
	BURSTABLE("t4g.small", 2, 2048, 128, 24),
	BURSTABLE("t4g.medium", 2, 4096, 256, 24),
	BURSTABLE("t4g.large", 2, 8192, 512, 36),
	BURSTABLE("t4g.xlarge", 4, 16384, 1024, 96),
	BURSTABLE("t4g.2xlarge", 8, 32768, 2048, 192),
};

/* A developer's machine [E]: a consumer NVMe disk, whose fsync takes 0.5-5 ms
 * for want of power-loss protection (calibration.md 3.1). */
const struct machine_profile machine_laptop = {
	.name = "laptop", .cores = 8, .memory_bytes = 16 * GIB,
	.nic_bits_per_s = 1000 * MBIT,
	.disk = { .kind = DISK_NVME, .bytes_total = 512 * GIB,
		  .fsync_ns = SIM_MS(2) },
};

/*
 * Kreps, "Benchmarking Apache Kafka: 2 million writes/s" (2014; calibration.md
 * C1): Xeon 2.5 GHz with six cores, 32 GB, six 7200 rpm SATA disks as JBOD,
 * 1 Gbit/s.  100 MB/s a disk: Kafka documentation, 4.2, "linear writes on ...
 * six 7200rpm SATA ... is about 600MB/sec".  1 TB a disk [E].  Of the gigabit
 * 1448 bytes of each frame's 1538 carry data (MTU 1500, TCP timestamps, frame,
 * preamble and gap): 117 MB/s (calibration.md 3.1), which is what the article's
 * fullest rows stand at.  A core has half the pace of those that costs are
 * stated for [E]: SPEC CPU results of one thread, a Xeon E5 of 2012 at 2.5 GHz
 * beside a server of the 2020s, are 1 to 2 and more; Java 6 or 7 not counted.
 *
 * A Xeon of six cores at 2.5 GHz was the E5-2640 (2012, Sandy Bridge), though
 * the article names no model.  How it sleeps says Linux, drivers/idle/
 * intel_idle.c, snb_cstates: C1, C1E, C3, C6.  That nobody had turned this off
 * is assumed [E]: it is the default.  Of C3 and C6 that table has the exits of
 * the package.  A core's own takes 92 us of 133 where both were measured
 * (Skylake-X: Linux commit 64233338, "intel_idle: Adjust the SKX C6 parameters
 * if PC6 is disabled"); that ratio here [E].
 */
static const struct idle_state sandy_bridge[] = {
	{ SIM_US(2), SIM_US(2), SIM_US(2) },
	{ SIM_US(20), SIM_US(10), SIM_US(10) },
	{ SIM_US(211), SIM_US(80), SIM_US(55) },
	{ SIM_US(345), SIM_US(104), SIM_US(72) }, { 0, 0, 0 },
};

const struct machine_profile machine_kreps = {
	.name = "kreps-2014", .cores = 6, .cpu_percent = 200,
	.sleeps = sandy_bridge,
	.memory_bytes = 32 * GIB,
	.nic_bits_per_s = 1000 * MBIT * SEGMENT_BYTES / 1538,
	.disk = { .kind = DISK_HDD, .bytes_total = 1000 * GIB,
		  .bytes_per_s = 100000000 },
	.disks = 6,
};

const struct machine_profile *const machine_profiles[] = {
	&machine_broker, &machine_small, &machine_m5_large, &machine_m5_xlarge,
	&machine_laptop, &machine_kreps,
	&machine_t3_medium,
	&burstable[0], &burstable[1], &burstable[2], &burstable[3], &burstable[4],
	&burstable[5], &burstable[6], &burstable[7], &burstable[8], &burstable[9],
	&burstable[10], &burstable[11], &burstable[12], NULL,
};

const struct machine_profile *machine_profile_find(const char *name)
{
	for (size_t i = 0; machine_profiles[i]; i++)
		if (!strcmp(machine_profiles[i]->name, name))
			return machine_profiles[i];
	return NULL;
}
