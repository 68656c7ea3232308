/* profile.c - machines as one can rent them */
#include "sim/host/host.h"

/*
 * Sizes of machines.  broker: m5.xlarge-like, 4 vCPU, 16 GB, up to 10 Gbit/s
 * (AWS EC2 instance types; we take the 1.25 Gbit/s baseline), with a gp3
 * volume at its defaults: 125 MB/s, fsync 1 ms [E, calibration.md 3.1:
 * 0.5-2 ms].  small: 2 vCPU, 4 GB, the same kind of disk, smaller.
 */
const struct machine_profile machine_broker = {
	.name = "broker", .cores = 4, .memory_bytes = INT64_C(16) << 30,
	.nic_bits_per_s = INT64_C(1250000000),
	.disk_bytes = INT64_C(100) << 30, .disk_bytes_per_s = 125000000,
	.disk_fsync_ns = SIM_MS(1),
};

const struct machine_profile machine_small = {
	.name = "small", .cores = 2, .memory_bytes = INT64_C(4) << 30,
	.nic_bits_per_s = INT64_C(1250000000),
	.disk_bytes = INT64_C(20) << 30, .disk_bytes_per_s = 125000000,
	.disk_fsync_ns = SIM_MS(1),
};
