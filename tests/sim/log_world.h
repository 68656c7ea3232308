/* log_world.h - a small cluster with one log that a test fills by hand */
#ifndef TESTS_SIM_LOG_WORLD_H
#define TESTS_SIM_LOG_WORLD_H

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/core/text.h"
#include "sim/stack/stack.h"

static inline struct world *log_world(const char *settings)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", 1, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static inline void log_command(struct world *w, const char *line)
{
	struct err err = { "" };

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

/* Topic `name` with one partition and one replica; configs: name, value, ...,
 * NULL.  The copy that leads it. */
static inline struct replica *log_topic(struct world *w, const char *name,
					const char *const *configs)
{
	struct cluster *c = cluster_of(w);
	struct topic_config config = {0};
	struct err err = { "" };
	const struct partition *p;

	for (; *configs; configs += 2)
		if (!topic_config_set(&config, configs[0], configs[1], &err))
			fail_msg("%s", err.what);
	assert_int_equal(controller_create_topic(w, controller_active(c), name,
						 1, 1, NULL, &config, &err),
			 KAFKA_NONE);
	world_run_until(w, world_now(w) + SIM_MS(100));
	p = cluster_partition(w, c, name, 0);
	return broker_replica(c->brokers.at[p->state.leader], p->id);
}

/* One batch of one record of so many bytes, made at `at`. */
static inline enum kafka_error log_put(struct world *w, struct replica *r,
				       uint32_t bytes, sim_time at)
{
	struct batch b = { .count = 1, .bytes = bytes, .first_at = at,
			   .last_at = at };
	sim_time ready;
	enum kafka_error e = replica_append(w, r, &b, 1, &ready);

	if (e == KAFKA_NONE)
		replica_appended(w, r);
	return e;
}

static inline uint32_t log_lines(struct world *w, const char *part)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < log_count(w); i++)
		n += strstr(log_text(w, log_at(w, i)), part) != NULL;
	return n;
}

#endif
