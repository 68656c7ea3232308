/* app.c - an application that reads a topic and does some work on each record */
#include "sim/stack/app.h"

#include <assert.h>

#include "sim/broker/client_trace.h"
#include "sim/stack/events.h"

struct app *app_new(struct world *w, struct cluster *c, struct machine *m,
		    const char *name, const char *topic, const char *group,
		    const char *bootstrap, sim_time work_ns,
		    const struct consumer_config *config)
{
	struct app *a = world_take(w, struct app);

	(void)c;
	a->name = world_name(w, name);
	a->topic = world_name(w, topic);
	a->group = world_name(w, group);
	a->bootstrap = world_name(w, bootstrap);
	a->work_ns = work_ns;
	a->config = *config;
	a->host = client_host_new(w, name, m, "app", a, APP_START, APP_STOP, 0);
	a->processed_metric = metric_counter(w, a->host->process,
		"app_records_processed_total", "app", name, NULL);
	return a;
}

void app_start(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;
	struct err err;

	(void)arg;
	a->consumer = consumer_new(w, a->host, cluster_of(w),
				   world_text(w, a->name),
				   world_text(w, a->bootstrap),
				   world_text(w, a->group), &a->config, &err);
	assert(a->consumer);
	a->consumer->ready = APP_READY;
	a->consumer->owner = a;
	consumer_subscribe(w, a->consumer, a->topic);
	app_ready(w, a, 0);
}

void app_stop(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;

	(void)w;
	(void)arg;
	a->consumer = NULL;
}

void app_ready(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;
	uint32_t records = 0;

	if (arg == 1)
		return;			/* only news of metadata */
	a->piece_count = consumer_poll(w, a->consumer, a->pieces, APP_PIECES);
	if (!a->piece_count)
		return;
	for (uint32_t i = 0; i < a->piece_count; i++)
		records += a->pieces[i].count;
	a->since = world_now(w);
	a->processed += records;
	metric_add(a->processed_metric, records);
	cpu_run(w, a->host->process, consumer_cost(a->pieces,
		a->piece_count) + a->work_ns * records, APP_WORKED, a, 0);
}

void app_worked(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;

	(void)arg;
	trace_processed(w, a->host->process, world_text(w, a->group), a->pieces,
			a->piece_count, a->since);
	app_ready(w, a, 0);
}
