/* node_exporter.c - what a machine says of itself */
#include "sim/monitor/node_exporter.h"

#include <stdio.h>

#include "sim/monitor/events.h"
#include "sim/monitor/process_metrics.h"

#define PORT		9100
#define MEMORY_BYTES	INT64_C(20000000)	/* of the exporter itself [E] */

struct core_metrics {
	struct metric *idle, *steal, *user;
	struct metric *running, *waiting, *timeslices;
};

struct disk_metrics {
	struct metric *size, *free, *avail;
	struct metric *written, *io_time;
	struct metric *read, *reads, *writes, *weighted;
};

struct node_metrics {
	struct core_metrics *cores;
	struct disk_metrics *disks;
	struct metric *load[3];
	struct metric *memory_total, *memory_free, *memory_available;
	struct metric *cached, *dirty, *oom_kills;
	struct metric *transmit, *receive, *receive_drop, *retransmitted;
	struct metric *speed;
	struct metric *time, *boot_time, *clock_offset, *clock_synchronised;
};

struct node_exporter *node_exporter_new(struct world *w, struct machine *m)
{
	static const struct process_events on = {
		.message = NODE_EXPORTER_MESSAGE,
		.collect = NODE_EXPORTER_COLLECT,
	};
	struct node_exporter *e = world_take(w, struct node_exporter);
	char name[128];

	snprintf(name, sizeof(name), "node-exporter-%s",
		 world_text(w, m->name));
	e->process = process_new(w, name, m, "/bin/node_exporter", &on,
				 MODULE_MONITOR, e);
	net_listen(w, e->process, PORT);
	return e;
}

void node_exporter_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE)
		telemetry_answer(w, m);
	else
		message_free(w, m);
}

/* Of the first: nvme1n1, on / unless it is known to be mounted elsewhere. */
struct disk_names {
	char device[32];
	const char *mountpoint;
};

static struct metric *filesystem(struct world *w, struct process *p,
				 const struct disk_names *n, const char *name)
{
	char device[sizeof(n->device) + 8];

	snprintf(device, sizeof(device), "/dev/%s", n->device);
	return metric_gauge(w, p, name, "device", device, "fstype", "ext4",
			    "mountpoint", n->mountpoint, NULL);
}

static struct metric *seconds(struct metric *m)
{
	return metric_unit(m, METRIC_NS);
}

static struct metric *device(struct world *w, struct process *p,
			     const struct disk_names *n, const char *name)
{
	return metric_counter(w, p, name, "device", n->device, NULL);
}

static struct disk_metrics disk_metrics(struct world *w, struct process *p,
					const struct disk *d, uint32_t index)
{
	struct disk_names n = { .mountpoint = "/" };
	struct disk_metrics x;

	snprintf(n.device, sizeof(n.device), "nvme%un1", index + 1);
	if (d->mounted_at)
		n.mountpoint = world_text(w, d->mounted_at);
	x.size = filesystem(w, p, &n, "node_filesystem_size_bytes");
	x.free = filesystem(w, p, &n, "node_filesystem_free_bytes");
	x.avail = filesystem(w, p, &n, "node_filesystem_avail_bytes");
	x.written = device(w, p, &n, "node_disk_written_bytes_total");
	x.io_time = seconds(device(w, p, &n, "node_disk_io_time_seconds_"
				   "total"));
	x.read = device(w, p, &n, "node_disk_read_bytes_total");
	x.reads = device(w, p, &n, "node_disk_reads_completed_total");
	x.writes = device(w, p, &n, "node_disk_writes_completed_total");
	x.weighted = seconds(device(w, p, &n, "node_disk_io_time_weighted_"
				    "seconds_total"));
	return x;
}

static void make_disk_metrics(struct world *w, struct process *p,
			      struct node_metrics *x)
{
	uint32_t count = 0, i = 0;

	for (const struct disk *d = &p->machine->disk; d; d = d->next)
		count++;
	x->disks = arena_take(world_arena(w), count * sizeof(*x->disks));
	for (const struct disk *d = &p->machine->disk; d; d = d->next, i++)
		x->disks[i] = disk_metrics(w, p, d, i);
}

static struct metric *of_core(struct world *w, struct process *p,
			      const char *name, const char *cpu)
{
	return metric_counter(w, p, name, "cpu", cpu, NULL);
}

static struct core_metrics core_metrics(struct world *w, struct process *p,
					uint32_t i)
{
	struct core_metrics x;
	char cpu[16];

	snprintf(cpu, sizeof(cpu), "%u", i);
	x.idle = seconds(metric_counter(w, p, "node_cpu_seconds_total", "cpu",
					cpu, "mode", "idle", NULL));
	x.steal = seconds(metric_counter(w, p, "node_cpu_seconds_total", "cpu",
					 cpu, "mode", "steal", NULL));
	x.user = seconds(metric_counter(w, p, "node_cpu_seconds_total", "cpu",
					cpu, "mode", "user", NULL));
	x.running = seconds(of_core(w, p, "node_schedstat_running_seconds_"
				    "total", cpu));
	x.waiting = seconds(of_core(w, p, "node_schedstat_waiting_seconds_"
				    "total", cpu));
	x.timeslices = of_core(w, p, "node_schedstat_timeslices_total", cpu);
	return x;
}

static void make_cpu_metrics(struct world *w, struct process *p,
			     struct node_metrics *x)
{
	static const char *const load[] = {
		"node_load1", "node_load5", "node_load15",
	};
	uint32_t cores = p->machine->cpu.cores;

	x->cores = arena_take(world_arena(w), cores * sizeof(*x->cores));
	for (uint32_t i = 0; i < cores; i++)
		x->cores[i] = core_metrics(w, p, i);
	for (int i = 0; i < 3; i++)
		x->load[i] = metric_unit(metric_gauge(w, p, load[i], NULL),
					 METRIC_NS);
}

static struct node_metrics *make_metrics(struct world *w, struct process *p)
{
	struct node_metrics *x = world_take(w, struct node_metrics);

	make_cpu_metrics(w, p, x);
	x->memory_total = metric_gauge(w, p, "node_memory_MemTotal_bytes", NULL);
	x->memory_free = metric_gauge(w, p, "node_memory_MemFree_bytes", NULL);
	x->memory_available = metric_gauge(w, p, "node_memory_MemAvailable_bytes",
					   NULL);
	x->cached = metric_gauge(w, p, "node_memory_Cached_bytes", NULL);
	x->dirty = metric_gauge(w, p, "node_memory_Dirty_bytes", NULL);
	x->oom_kills = metric_counter(w, p, "node_vmstat_oom_kill", NULL);
	make_disk_metrics(w, p, x);
	x->transmit = metric_counter(w, p, "node_network_transmit_bytes_total",
				     "device", "eth0", NULL);
	x->receive = metric_counter(w, p, "node_network_receive_bytes_total",
				    "device", "eth0", NULL);
	x->receive_drop = metric_counter(w, p, "node_network_receive_drop_total",
					 "device", "eth0", NULL);
	x->speed = metric_gauge(w, p, "node_network_speed_bytes", "device",
				"eth0", NULL);
	x->retransmitted = metric_counter(w, p, "node_netstat_Tcp_RetransSegs",
					  NULL);
	x->clock_offset = seconds(metric_gauge(w, p,
					       "node_timex_offset_seconds",
					       NULL));
	x->clock_synchronised = metric_gauge(w, p, "node_timex_sync_status",
					     NULL);
	x->time = seconds(metric_gauge(w, p, "node_time_seconds", NULL));
	x->boot_time = seconds(metric_gauge(w, p, "node_boot_time_seconds",
					    NULL));
	return x;
}

static void grow_to(struct metric *m, int64_t value)
{
	if (value > m->value)
		metric_set(m, value);
}

/* As /proc/loadavg prints it: two digits, rounded by adding half of one. */
static int64_t hundredths(uint64_t load)
{
	return (int64_t)((load + 2048 / 200) * 100 / 2048);
}

/* Simplified: all that a core does is user mode.  What it lost to others counts
 * as running in /proc/schedstat: see cpu_steal.c. */
static void collect_cpu(struct world *w, const struct machine *m,
			struct node_metrics *x)
{
	for (uint32_t i = 0; i < m->cpu.cores; i++) {
		const struct core *c = &m->cpu.core[i];
		int64_t busy = core_busy_ns(w, c);
		int64_t stolen = core_stolen_ns(w, c);

		metric_set(x->cores[i].user, busy);
		metric_set(x->cores[i].steal, stolen);
		metric_set(x->cores[i].idle, world_now(w) - busy - stolen);
		metric_set(x->cores[i].running, busy + stolen);
		metric_set(x->cores[i].waiting, c->waited_ns);
		metric_set(x->cores[i].timeslices, (int64_t)c->slices);
	}
	for (int i = 0; i < 3; i++)
		metric_set(x->load[i], hundredths(m->cpu.load[i]) * 10000000);
}

/* What cAdvisor says of the containers on this machine. */
static void collect_containers(struct world *w, struct process *exporter)
{
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++)
		if (h->processes.at[i]->machine == exporter->machine)
			container_metrics(w, exporter, h->processes.at[i]);
}

static int64_t at_least_0(int64_t x)
{
	return x > 0 ? x : 0;
}

/* Free is what not even the cache has; available is that and the cache, which
 * gives back what is asked of it. */
static void collect_memory(struct world *w, struct machine *m,
			   struct node_metrics *x)
{
	int64_t available = at_least_0(memory_free_bytes(m));

	metric_set(x->memory_total, m->memory_bytes);
	metric_set(x->memory_free, at_least_0(available - m->cache.bytes));
	metric_set(x->memory_available, available);
	metric_set(x->cached, m->cache.bytes);
	metric_set(x->dirty, cache_dirty_bytes(w, m));
	metric_set(x->oom_kills, m->memory.oom_kills);
}

/* Busy time is counted when work is handed to the disk, ahead of the work. */
static void collect_disk(struct world *w, struct disk *d,
			 const struct disk_metrics *x)
{
	sim_time now = world_now(w), ahead;

	disk_settle(w, d);
	ahead = at_least_0(d->free_at - now);
	metric_set(x->size, d->bytes_total);
	metric_set(x->free, disk_free_bytes(d));
	metric_set(x->avail, disk_free_bytes(d));
	metric_set(x->written, d->written_bytes);
	metric_set(x->writes, d->writes);
	metric_set(x->read, d->read_bytes);
	metric_set(x->reads, d->reads);
	grow_to(x->io_time, d->busy_ns - ahead);
	grow_to(x->weighted, d->waited_ns - ahead);
}

static void collect_disks(struct world *w, struct machine *m,
			  const struct node_metrics *x)
{
	const struct disk_metrics *one = x->disks;

	for (struct disk *d = &m->disk; d; d = d->next)
		collect_disk(w, d, one++);
}

static void collect_network(const struct machine *m, struct node_metrics *x)
{
	metric_set(x->transmit, m->nic.sent_bytes);
	metric_set(x->receive, m->nic.received_bytes);
	metric_set(x->receive_drop, m->nic.dropped);
	metric_set(x->speed, m->nic.bits_per_s / 8);
	metric_set(x->retransmitted, m->nic.retransmitted);
}

static void collect_clock(const struct world *w, const struct machine *m,
			  struct node_metrics *x)
{
	metric_set(x->clock_offset,
		   clock_measured_offset(&m->clock, world_now(w)));
	metric_set(x->clock_synchronised, clock_synchronised(&m->clock));
	metric_set(x->time, SIM_EPOCH_MS * 1000000 + machine_wall(w, m));
}

void node_exporter_collect(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct node_exporter *e = p->self;
	struct machine *m = p->machine;
	struct node_metrics *x;

	(void)arg;
	if (!e->metrics)
		e->metrics = make_metrics(w, p);
	x = e->metrics;
	memory_set(w, p, MEMORY_BYTES);
	collect_cpu(w, m, x);
	collect_containers(w, p);
	collect_memory(w, m, x);
	collect_disks(w, m, x);
	collect_network(m, x);
	collect_clock(w, m, x);
	metric_set(x->boot_time, SIM_EPOCH_MS * 1000000);
	process_metrics(w, p);
}
