/* signs.h - what monitoring would see of a cluster in which something is wrong */
#ifndef TESTS_SIM_BROKER_SIGNS_H
#define TESTS_SIM_BROKER_SIGNS_H

#include <string.h>

#include "sim/broker/controller.h"
#include "sim/broker/log_dirs.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

static inline struct world *sick_world(const char *kind, const char *settings)
{
	struct err err = { "" };
	struct world *w = stack_world(kind, 1, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static inline int64_t command(struct world *w, const char *line)
{
	struct err err = { "" };
	int64_t result = 0;

	if (!world_command(w, line, &result, &err))
		fail_msg("%s: %s", line, err.what);
	return result;
}

static inline void run_for(struct world *w, sim_time ns)
{
	world_run_until(w, world_now(w) + ns);
}

static inline struct broker *broker_nr(const struct world *w, int32_t node_id)
{
	return broker_by_node(cluster_of(w), node_id);
}

static inline struct partition *part_of(const struct world *w,
					const char *topic, uint32_t index)
{
	return cluster_partition(w, cluster_of(w), topic, index);
}

static inline bool has_label(const struct world *w, const struct metric *m,
			     const char *key, const char *value)
{
	for (uint32_t i = 0; m->labels && i < m->labels->count; i++)
		if (!strcmp(world_text(w, m->labels->at[i].name), key) &&
		    !strcmp(world_text(w, m->labels->at[i].value), value))
			return true;
	return false;
}

/* The sum of a metric's series, or of those with the label key=value. */
static inline int64_t sign(struct world *w, struct process *p, const char *name,
			   const char *key, const char *value)
{
	const struct registry *r = registry_of(w, p);
	int64_t sum = 0;
	bool found = false;

	if (p->on.collect)
		world_call(w, p->on.collect, p, 0);
	for (uint32_t i = 0; i < r->metrics.count; i++) {
		const struct metric *m = r->metrics.at[i];

		if (strcmp(world_text(w, m->name), name) != 0 ||
		    (key && !has_label(w, m, key, value)))
			continue;
		found = true;
		sum += m->value;
	}
	if (!found)
		fail_msg("no metric %s of %s", name, world_text(w, p->name));
	return sum;
}

static inline int64_t broker_sign(struct world *w, int32_t node_id,
				  const char *name)
{
	return sign(w, broker_nr(w, node_id)->process, name, NULL, NULL);
}

/* The same, of all brokers together. */
static inline int64_t cluster_sign(struct world *w, const char *name)
{
	const struct cluster *c = cluster_of(w);
	int64_t sum = 0;

	for (uint32_t i = 0; i < c->brokers.count; i++)
		sum += sign(w, c->brokers.at[i]->process, name, NULL, NULL);
	return sum;
}

/* Of KafkaController, as its KRaft name has it: "offlinepartitionscount". */
static inline int64_t controller_sign(struct world *w, const char *name)
{
	char metric[96];

	snprintf(metric, sizeof(metric), "kafka_controller_kafkacontroller_%s",
		 name);
	return sign(w, controller_active(cluster_of(w))->process, metric, NULL,
		    NULL);
}

/* How many log lines hold this? */
static inline uint32_t lines(struct world *w, const char *part)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < log_count(w); i++)
		n += strstr(log_text(w, log_at(w, i)), part) != NULL;
	return n;
}

#endif
