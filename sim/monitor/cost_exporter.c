/* cost_exporter.c - what the platform costs, as metrics */
#include "sim/monitor/cost_exporter.h"

#include "sim/host/price.h"
#include "sim/monitor/events.h"
#include "sim/monitor/process_metrics.h"

#define MEMORY_BYTES	INT64_C(55000000)	/* [E] */

struct process *cost_exporter_new(struct world *w, struct machine *m)
{
	static const struct process_events on = {
		.message = COST_EXPORTER_MESSAGE,
		.collect = COST_EXPORTER_COLLECT,
	};
	struct process *p = process_new(w, "cost-exporter", m,
					"/bin/cost-exporter", &on,
					MODULE_MONITOR, NULL);

	net_listen(w, p, COST_EXPORTER_PORT);
	return p;
}

void cost_exporter_message(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	if (m->kind == MESSAGE_SCRAPE)
		telemetry_answer(w, m);
	else
		message_free(w, m);
}

static void set_dollars(struct metric *m, int64_t nano_dollars)
{
	metric_set(metric_unit(m, METRIC_NANO_DOLLARS), nano_dollars);
}

/* Machines may be added while the world runs, so each is looked up. */
static void collect_machine(struct world *w, struct process *p,
			    const struct machine *m)
{
	const char *name = world_text(w, m->name);
	struct bill b;

	price_of_machine(w, m, &b);
	set_dollars(metric_gauge(w, p, "node_total_hourly_cost",
				 "instance_type", world_text(w, m->profile),
				 "node", name, NULL), b.hourly);
	for (int i = 0; i < BILL_ITEMS; i++)
		set_dollars(metric_counter(w, p, "cloud_cost_dollars_total",
					   "item", bill_words[i].name,
					   "machine", name, "zone",
					   world_text(w, m->zone), NULL),
			    b.cost[i]);
}

void cost_exporter_collect(struct world *w, void *who, uint16_t arg)
{
	const struct hosts *h = hosts_of(w);

	(void)arg;
	memory_set(w, who, MEMORY_BYTES);
	for (uint32_t i = 0; i < h->machines.count; i++)
		collect_machine(w, who, h->machines.at[i]);
	process_metrics(w, who);
}
