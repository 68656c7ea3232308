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

const struct app *app_of(const struct process *p)
{
	const struct client_host *h = p->self;

	return p->module == MODULE_CLIENT && h->start == APP_START ? h->owner :
								     NULL;
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
	a->consumer->committed = APP_COMMITTED;
	a->consumer->owner = a;
	consumer_subscribe(w, a->consumer, a->topic);
	if (a->transform)
		transform_start(w, a->transform);
	app_ready(w, a, 0);
}

void app_stop(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;

	(void)arg;
	a->consumer = NULL;
	if (a->transform)
		transform_stop(w, a->transform);
}

void app_ready(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;
	uint32_t records = 0;

	if (arg == 1)
		return;			/* only news of metadata */
	if (a->transform && !transform_ready(a->transform))
		return;			/* it comes back when it is */
	if (consumer_failure(a->consumer)) {
		world_timer(w, world_now(w), APP_FAILED, a, 0);
		return;
	}
	a->piece_count = consumer_poll(w, a->consumer, a->pieces, APP_PIECES);
	if (!a->piece_count)
		return;
	for (uint32_t i = 0; i < a->piece_count; i++)
		records += a->pieces[i].count;
	a->since = world_now(w);
	a->processed += records;
	metric_add(a->processed_metric, records);
	if (a->transform)
		transform_keep(w, a->transform, a->pieces, a->piece_count);
	cpu_run(w, a->host->process, consumer_cost(a->pieces,
		a->piece_count) + a->work_ns * records, APP_WORKED, a, 0);
}

/* Nobody catches what poll() throws: the process ends. */
void app_failed(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;

	(void)arg;
	if (!a->consumer || !consumer_failure(a->consumer))
		return;
	log_write(w, a->host->process, LOG_ERROR, "Exception in thread "
		  "\"main\" %s", consumer_failure(a->consumer));
	process_kill(w, a->host->process);
}

void app_worked(struct world *w, void *who, uint16_t arg)
{
	struct app *a = who;

	(void)arg;
	trace_processed(w, a->host->process, world_text(w, a->group), a->pieces,
			a->piece_count, a->since);
	if (a->transform) {
		transform_write(w, a->transform);
		return;			/* transform_done goes on */
	}
	if (a->commit == APP_COMMIT_SYNC) {
		consumer_commit(w, a->consumer);
		return;			/* app_committed goes on */
	}
	if (a->commit == APP_COMMIT_ASYNC)
		consumer_commit(w, a->consumer);
	app_ready(w, a, 0);
}

/* It has logged why a commit failed, and goes on. */
void app_committed(struct world *w, void *who, uint16_t error)
{
	struct app *a = who;

	a->failed_commits += error != 0;
	if (a->commit == APP_COMMIT_SYNC)
		app_ready(w, a, 0);
}
