/* fault_setting.c - settings that are wrong, and devices that are out */
#include "sim/fault/fault_inside.h"

#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/cleaner.h"
#include "sim/broker/controller.h"
#include "sim/core/args.h"
#include "sim/device/ingest.h"

/* -- settings -------------------------------------------------------------- */

static struct broker *want_broker(struct world *w, struct fault *f,
				  struct err *err)
{
	struct cluster *c = cluster_of(w);
	struct broker *b;

	if (!fault_want_process(w, f, err))
		return NULL;
	b = c ? broker_by_process(c, f->process) : NULL;
	if (!b || !b->listeners.count)
		err_set(err, "component=%s: that is no broker",
			world_text(w, f->component));
	return b && b->listeners.count ? b : NULL;
}

bool fault_advertised_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct broker *b = want_broker(w, f, err);
	char host[128];

	if (!b)
		return false;
	args_text_or(args, "host", "localhost", host, sizeof(host));
	f->before_name = b->listeners.at[0].advertised_host;
	b->listeners.at[0].advertised_host = world_name(w, host);
	return true;
}

void fault_advertised_heal(struct world *w, struct fault *f)
{
	struct broker *b = broker_by_process(cluster_of(w), f->process);

	(void)w;
	b->listeners.at[0].advertised_host = f->before_name;
}

bool fault_min_isr_inject(struct world *w, struct fault *f, const char *args,
			  struct err *err)
{
	struct cluster *c = cluster_of(w);
	const char *name = world_text(w, f->component);
	struct topic *t = c ? cluster_topic(w, c, name) : NULL;
	struct topic_config config;
	int64_t value;

	if (!t)
		return err_set(err, "component=%s: no such topic", name);
	if (!controller_active(c))
		return err_set(err, "there is no active controller that could "
			       "change a setting");
	if (!fault_want_alone(w, f, err))
		return false;
	if (!fault_want_number(args, "value", 1, REPLICAS_MAX,
			 t->partitions.at[0]->state.replica_count, &value, err))
		return false;
	config = *controller_active(c)->view.configs.at[t->id];
	f->before = config.set >> TOPIC_MIN_INSYNC_REPLICAS & 1 ?
		    config.value[TOPIC_MIN_INSYNC_REPLICAS] : 0;
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = value;
	config.set |= 1u << TOPIC_MIN_INSYNC_REPLICAS;
	controller_set_topic_config(w, controller_active(c), t, &config);
	return true;
}

void fault_min_isr_heal(struct world *w, struct fault *f)
{
	struct cluster *c = cluster_of(w);
	struct topic *t = cluster_topic(w, c, world_text(w, f->component));
	struct topic_config config;

	if (!t || !controller_active(c))
		return;
	config = *controller_active(c)->view.configs.at[t->id];
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = f->before;
	if (!f->before)
		config.set &= ~(1u << TOPIC_MIN_INSYNC_REPLICAS);
	controller_set_topic_config(w, controller_active(c), t, &config);
}

/* -- devices --------------------------------------------------------------- */

static struct ingest *want_fleet(struct world *w, struct fault *f,
				 struct err *err)
{
	const char *name = world_text(w, f->component);
	struct ingest *s = ingest_find(w, name);

	if (!s)
		err_set(err, "component=%s: no such fleet in this world; the "
			"world million-devices has one, fleet", name);
	return s;
}

bool fault_device_outage_inject(struct world *w, struct fault *f,
				const char *args, struct err *err)
{
	struct ingest *s = want_fleet(w, f, err);
	enum edge_rule edge = EDGE_HOLD;
	uint64_t ppm;
	char text[32];

	if (!s)
		return false;
	args_text_or(args, "share", "50%", text, sizeof(text));
	if (!ingest_share(text, &ppm) || !ppm || ppm > 1000000)
		return err_set(err, "share=%s: say which part of the devices, "
			       "as 50%% or 0.5", text);
	args_text_or(args, "readings", "hold", text, sizeof(text));
	if (!strcmp(text, "drop"))
		edge = EDGE_DROP;
	else if (strcmp(text, "hold") != 0)
		return err_set(err, "readings=%s: devices hold or drop what "
			       "they cannot send", text);
	f->before = ingest_outage(w, s, (uint32_t)ppm, edge,
				  args_time(args, "for", 0), err);
	return f->before != 0;
}

void fault_device_outage_heal(struct world *w, struct fault *f)
{
	ingest_outage_end(w, ingest_find(w, world_text(w, f->component)),
			  (uint32_t)f->before);
}

/* -- the log cleaner ------------------------------------------------------- */

bool fault_cleaner_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	struct broker *b = want_broker(w, f, err);

	(void)args;
	if (!b)
		return false;
	if (b->process->state == PROCESS_DOWN)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	cleaner_die(w, b);
	return true;
}

/* What a restart of the broker does, too. */
void fault_cleaner_heal(struct world *w, struct fault *f)
{
	cleaner_revive(w, broker_by_process(cluster_of(w), f->process));
}
