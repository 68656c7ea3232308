/* catalogue.c - what can go wrong: one row a kind */
#include "sim/fault/fault_inside.h"

#include <string.h>

#define LINK_USAGE	"[to=MACHINE] [one-way=1]"

const struct fault_kind fault_kinds[] = {
	{
		.id = "kill", .codes = "", .title = "A process dies",
		.summary = "SIGKILL: memory and connections are gone, files "
			   "stay; peers see their connections reset",
		.component = "process", .usage = "",
		.inject = fault_kill_inject, .heal = fault_process_heal,
		.stacks = true,
	}, {
		.id = "restart", .codes = "", .title = "A process dies and "
						       "comes back",
		.summary = "SIGKILL and start at once, as a supervisor does",
		.component = "process", .usage = "",
		.inject = fault_restart_inject,
		.stacks = true,
	}, {
		.id = "hang", .codes = "F30", .title = "A process freezes",
		.summary = "SIGSTOP, a long collection: it answers nothing, "
			   "yet its connections stay open",
		.component = "process", .usage = "",
		.inject = fault_hang_inject, .heal = fault_hang_heal,
		.stacks = true,
	}, {
		.id = "cpu-hog", .codes = "", .title = "A neighbour takes the "
						       "CPU",
		.summary = "another program, stress-ng, competes for the cores "
			   "of a machine",
		.component = "machine", .usage = "[cores=N] [weight=100]",
		.inject = fault_hog_inject, .heal = fault_hog_heal,
	}, {
		.id = "cpu-quota", .codes = "F73",
		.title = "A CPU limit throttles a process",
		.summary = "cpu.max: so much CPU time in 100 ms, then all its "
			   "threads stand still until the next",
		.component = "process", .usage = "[millicores=1000]",
		.inject = fault_quota_inject, .heal = fault_quota_heal,
	}, {
		.id = "cpu-steal", .codes = "",
		.title = "Neighbours on the hardware steal time",
		.summary = "the hypervisor runs other guests: a part of the "
			   "time that threads are on a core, they stand still",
		.component = "machine", .usage = "[percent=50]",
		.inject = fault_steal_inject, .heal = fault_steal_heal,
	}, {
		.id = "no-cpu-credits", .codes = "",
		.title = "A burstable instance has no credits left",
		.summary = "in standard mode it gets its baseline, and more "
			   "only after it has idled; the rest is steal",
		.component = "machine", .usage = "[baseline=20]",
		.inject = fault_no_credits_inject,
		.heal = fault_no_credits_heal,
	}, {
		.id = "gc-pause", .codes = "F30",
		.title = "A collector stops the program",
		.summary = "again and again all threads stand still, as in a "
			   "full collection of a large heap",
		.component = "process", .usage = "[pause=2s] [every=30s]",
		.inject = fault_gc_inject, .heal = fault_gc_heal,
	}, {
		.id = "partition", .codes = "", .title = "A machine is cut off",
		.summary = "nothing arrives in either direction; nobody is "
			   "told",
		.component = "machine", .usage = LINK_USAGE,
		.inject = fault_partition_inject, .heal = fault_link_heal,
		.stacks = true,
	}, {
		.id = "slow-link", .codes = "F07", .title = "A link is slow",
		.summary = "latency is added, bandwidth is taken away",
		.component = "machine",
		.usage = "[delay=100ms] [mbit=N] " LINK_USAGE,
		.inject = fault_slow_link_inject, .heal = fault_link_heal,
		.stacks = true,
	}, {
		.id = "lossy-link", .codes = "", .title = "A link loses packets",
		.summary = "segments are lost and sent again, or overtake "
			   "each other; TCP slows down",
		.component = "machine",
		.usage = "[loss-ppm=20000] [reorder-ppm=N] " LINK_USAGE,
		.inject = fault_lossy_link_inject, .heal = fault_link_heal,
		.stacks = true,
	}, {
		.id = "nic-rate", .codes = "F07",
		.title = "A card runs at a lower rate",
		.summary = "a bad cable: the link is negotiated down, "
			   "each direction carries no more",
		.component = "machine", .usage = "[mbit=100]",
		.inject = fault_nic_rate_inject, .heal = fault_nic_rate_heal,
	}, {
		.id = "dns-down", .codes = "F75",
		.title = "A machine gets no answer from the DNS",
		.summary = "names it has not looked up lately are unknown "
			   "hosts to it; open connections go on",
		.component = "machine", .usage = "",
		.inject = fault_dns_down_inject, .heal = fault_dns_down_heal,
	}, {
		.id = "dns-slow", .codes = "F76",
		.title = "A machine's DNS lookups are slow",
		.summary = "new connections wait for the answer; from 5 s on "
			   "there is none",
		.component = "machine", .usage = "[delay=2s]",
		.inject = fault_dns_slow_inject, .heal = fault_dns_slow_heal,
	}, {
		.id = "dns-wrong", .codes = "",
		.title = "A machine's name leads elsewhere",
		.summary = "the DNS answers with another machine's address; "
			   "caches keep it for 30 s",
		.component = "machine", .usage = "[to=MACHINE]",
		.inject = fault_dns_wrong_inject, .heal = fault_dns_wrong_heal,
	}, {
		.id = "clock-step", .codes = "F115",
		.title = "A machine's clock is set wrong",
		.summary = "timestamps and log lines are wrong at once; NTP "
			   "slews the clock back, 1 s in 12 s",
		.component = "machine", .usage = "[by=10s]",
		.inject = fault_clock_step_inject, .heal = fault_clock_step_heal,
	}, {
		.id = "clock-drift", .codes = "F115",
		.title = "A machine's clock drifts",
		.summary = "NTP has stopped, and the clock gains or loses; "
			   "timestamps go wrong by and by",
		.component = "machine", .usage = "[ppm=200]",
		.inject = fault_clock_drift_inject, .heal = fault_clock_drift_heal,
	}, {
		.id = "slow-disk", .codes = "F07", .title = "A disk degrades",
		.summary = "writing takes many times as long; writers stall "
			   "when too much is dirty",
		.component = "machine", .usage = "[times=100] [disk=1]",
		.inject = fault_slow_disk_inject, .heal = fault_slow_disk_heal,
	}, {
		.id = "full-disk", .codes = "F11", .title = "A disk is full",
		.summary = "no space left: a broker that appends takes the log "
			   "directory offline, or halts if it has no other",
		.component = "machine", .usage = "[disk=1]",
		.inject = fault_full_disk_inject, .heal = fault_full_disk_heal,
	}, {
		.id = "read-only-disk", .codes = "F11",
		.title = "A disk becomes read-only",
		.summary = "the kernel has found the file system damaged and "
			   "lets nobody write: a broker that appends takes the "
			   "log directory offline, or halts if it has no other",
		.component = "machine", .usage = "[disk=1]",
		.inject = fault_read_only_inject, .heal = fault_read_only_heal,
	}, {
		.id = "failing-disk", .codes = "F12", .title = "A disk fails",
		.summary = "writing gives an input/output error, and so does "
			   "reading what is not in the page cache; replaced=1: "
			   "to heal it another, empty disk is put in",
		.component = "machine", .usage = "[disk=1] [replaced=0]",
		.inject = fault_failing_inject, .heal = fault_failing_heal,
	}, {
		.id = "corrupt-disk", .codes = "",
		.title = "A disk returns wrong bytes",
		.summary = "of what is read from it so many requests in a "
			   "million are wrong, without an error: checksums "
			   "notice, nothing else does",
		.component = "machine", .usage = "[ppm=100000] [disk=1]",
		.inject = fault_corrupt_inject, .heal = fault_corrupt_heal,
	}, {
		.id = "power-loss", .codes = "",
		.title = "A machine loses its power",
		.summary = "all its processes die, and what was not yet "
			   "written back to its disks is gone: about the last "
			   "30 s of every log",
		.component = "machine", .usage = "",
		.inject = fault_power_inject, .heal = fault_power_heal,
	}, {
		.id = "cleaner-dies", .codes = "F28",
		.title = "A broker's log cleaner has died",
		.summary = "its thread ran out of memory: compacted topics grow "
			   "without end until the broker is started again",
		.component = "process", .usage = "",
		.inject = fault_cleaner_inject, .heal = fault_cleaner_heal,
	}, {
		.id = "no-burst", .codes = "F112",
		.title = "A volume's burst credits are used up",
		.summary = "what a gp2 or st1 volume may do above its base rate "
			   "is gone until credits have come back",
		.component = "machine", .usage = "",
		.inject = fault_no_burst_inject, .heal = fault_no_burst_heal,
	}, {
		.id = "memory-leak", .codes = "", .title = "A process leaks memory",
		.summary = "it holds more each second; the page cache shrinks, "
			   "and at the limit or the machine's end it is killed",
		.component = "process", .usage = "[kib-per-s=10240]",
		.inject = fault_leak_inject, .heal = fault_leak_heal,
	}, {
		.id = "memory-limit", .codes = "F72",
		.title = "A process's memory limit is too low",
		.summary = "memory.max of its cgroup: what holds more is killed "
			   "with exit code 137, at each start again",
		.component = "process", .usage = "[mib=512]",
		.inject = fault_limit_inject, .heal = fault_limit_heal,
	}, {
		.id = "advertised-listener", .codes = "F22",
		.title = "A broker advertises the wrong address",
		.summary = "clients are sent to an address that is not the "
			   "broker's",
		.component = "process", .usage = "[host=localhost]",
		.inject = fault_advertised_inject, .heal = fault_advertised_heal,
	}, {
		.id = "min-isr", .codes = "F08",
		.title = "min.insync.replicas leaves no room",
		.summary = "as many in-sync replicas are demanded as there are "
			   "replicas: one missing stops acks=all",
		.component = "topic", .usage = "[value=N]",
		.inject = fault_min_isr_inject, .heal = fault_min_isr_heal,
	},
	{
		.id = "device-outage", .codes = "",
		.title = "Devices are cut off",
		.summary = "a share of a fleet's devices cannot publish: their "
			   "readings are lost at the edge, or held and come as "
			   "a burst",
		.component = "fleet",
		.usage = "[share=50%] [readings=hold]",
		.inject = fault_device_outage_inject, .heal = fault_device_outage_heal,
	},
	{ .id = NULL },
};

const struct fault_kind *fault_kind_find(const char *id)
{
	for (const struct fault_kind *k = fault_kinds; k->id; k++)
		if (!strcmp(k->id, id))
			return k;
	return NULL;
}
