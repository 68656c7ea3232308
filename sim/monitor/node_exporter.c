/* node_exporter.c - what a machine says of itself */
#include "sim/monitor/node_exporter.h"

#include <stdio.h>

#include "sim/monitor/events.h"
#include "sim/monitor/process_metrics.h"

#define PORT		9100
#define MEMORY_BYTES	INT64_C(20000000)	/* of the exporter itself [E] */
#define KERNEL_BYTES	INT64_C(300000000)	/* of system and kernel [E] */

struct node_metrics {
	struct metric *idle[MACHINE_CORES_MAX], *user[MACHINE_CORES_MAX];
	struct metric *memory_total, *memory_free, *memory_available;
	struct metric *size, *free, *avail;
	struct metric *written, *io_time;
	struct metric *transmit, *receive;
	struct metric *time, *boot_time;
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

static struct metric *filesystem(struct world *w, struct process *p,
				 const char *name)
{
	return metric_gauge(w, p, name, "device", "/dev/nvme1n1", "fstype",
			    "ext4", "mountpoint", "/", NULL);
}

static struct metric *seconds(struct metric *m)
{
	return metric_unit(m, METRIC_NS);
}

static struct node_metrics *make_metrics(struct world *w, struct process *p)
{
	struct node_metrics *x = world_take(w, struct node_metrics);

	for (uint32_t i = 0; i < p->machine->cpu.cores; i++) {
		char cpu[16];

		snprintf(cpu, sizeof(cpu), "%u", i);
		x->idle[i] = seconds(metric_counter(
			w, p, "node_cpu_seconds_total", "cpu", cpu, "mode",
			"idle", NULL));
		x->user[i] = seconds(metric_counter(
			w, p, "node_cpu_seconds_total", "cpu", cpu, "mode",
			"user", NULL));
	}
	x->memory_total = metric_gauge(w, p, "node_memory_MemTotal_bytes", NULL);
	x->memory_free = metric_gauge(w, p, "node_memory_MemFree_bytes", NULL);
	x->memory_available = metric_gauge(w, p, "node_memory_MemAvailable_bytes",
					   NULL);
	x->size = filesystem(w, p, "node_filesystem_size_bytes");
	x->free = filesystem(w, p, "node_filesystem_free_bytes");
	x->avail = filesystem(w, p, "node_filesystem_avail_bytes");
	x->written = metric_counter(w, p, "node_disk_written_bytes_total",
				    "device", "nvme1n1", NULL);
	x->io_time = seconds(metric_counter(w, p, "node_disk_io_time_seconds_"
					    "total", "device", "nvme1n1", NULL));
	x->transmit = metric_counter(w, p, "node_network_transmit_bytes_total",
				     "device", "eth0", NULL);
	x->receive = metric_counter(w, p, "node_network_receive_bytes_total",
				    "device", "eth0", NULL);
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

/*
 * The machine counts busy time of all cores together, and counts it when work
 * begins; a scrape in the middle sees work as done that is still going on.  So
 * busy is cut to the time that has passed.  Simplified: every core is said to
 * have done an even share, all of it in user mode.
 */
static void collect_cpu(struct world *w, const struct machine *m,
			struct node_metrics *x)
{
	sim_time now = world_now(w);
	int64_t busy = m->cpu.busy_ns / m->cpu.cores;

	if (busy > now)
		busy = now;
	for (uint32_t i = 0; i < m->cpu.cores; i++) {
		grow_to(x->user[i], busy);
		grow_to(x->idle[i], now - busy);
	}
}

static int64_t memory_used(const struct world *w, const struct machine *m)
{
	const struct hosts *h = hosts_of(w);
	int64_t used = KERNEL_BYTES;

	for (uint32_t i = 0; i < h->processes.count; i++)
		if (h->processes.at[i]->machine == m)
			used += h->processes.at[i]->memory_bytes;
	return used < m->memory_bytes ? used : m->memory_bytes;
}

void node_exporter_collect(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct node_exporter *e = p->self;
	const struct machine *m = p->machine;
	const struct disk *d = &m->disk;
	struct node_metrics *x;
	int64_t free_memory, written_back;

	(void)arg;
	if (!e->metrics)
		e->metrics = make_metrics(w, p);
	x = e->metrics;
	p->memory_bytes = MEMORY_BYTES;
	collect_cpu(w, m, x);
	free_memory = m->memory_bytes - memory_used(w, m);
	metric_set(x->memory_total, m->memory_bytes);
	metric_set(x->memory_free, free_memory);
	metric_set(x->memory_available, free_memory);
	metric_set(x->size, d->bytes_total);
	metric_set(x->free, disk_free_bytes(d));
	metric_set(x->avail, disk_free_bytes(d));
	metric_set(x->written, d->written_bytes);
	/* busy_ns, too, is counted ahead of the work */
	written_back = d->free_at > world_now(w) ?
		       d->busy_ns - (d->free_at - world_now(w)) : d->busy_ns;
	grow_to(x->io_time, written_back);
	metric_set(x->transmit, m->nic.sent_bytes);
	metric_set(x->receive, m->nic.received_bytes);
	metric_set(x->time, SIM_EPOCH_MS * 1000000 + world_now(w));
	metric_set(x->boot_time, SIM_EPOCH_MS * 1000000);
	process_metrics(w, p);
}
