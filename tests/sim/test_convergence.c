/* test_convergence.c - whatever went wrong, it comes right again
 *
 * Method: local-kafka with faults drawn from the seed (several at once, each
 * for some seconds), then two quiet minutes.  The goal: every partition has a
 * leader and its full in-sync set, the groups are stable and have caught up,
 * no acknowledged reading is lost (acks=all, min.insync.replicas=2), and the
 * world holds no more memory than one that had no faults.
 */
#include "tests/test.h"

#include <stdio.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/broker/groups.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/fault/fault.h"
#include "sim/stack/app.h"
#include "sim/stack/stack.h"

#ifdef TEST_SANITIZED
#define SEEDS	40
#else
#define SEEDS	200
#endif

static const char *const process_faults[] = { "kill", "hang", "restart" };
static const char *const machine_faults[] = {
	"partition", "slow-link", "lossy-link", "slow-disk",
};
static const char *const machines[] = {
	"broker-1", "broker-2", "broker-3", "controller-1",
};
static const char *const processes[] = {
	"broker-1", "broker-2", "broker-3", "controller-1", "dashboard",
	"sensor-gateway",
};

static void draw_fault(struct luck *luck, struct text *line)
{
	bool process = luck_chance(luck, 1, 2);

	text_clear(line);
	text_addf(line, "fault %s component=%s after=%lldms for=%lldms",
		  process ? process_faults[luck_below(luck, 3)] :
		  machine_faults[luck_below(luck, 4)],
		  process ? processes[luck_below(luck, 6)] :
		  machines[luck_below(luck, 4)],
		  (long long)luck_between(luck, 1, 40000),
		  (long long)luck_between(luck, 500, 20000));
	/* The link of one machine to one other, only one way. */
	if (!process && luck_chance(luck, 1, 4))
		text_addf(line, " to=broker-%d one-way=1",
			  (int)luck_between(luck, 1, 3));
}

static void everything_in_sync(struct world *w, uint64_t seed)
{
	struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		struct replica *r;

		if (p->state.leader == NO_BROKER ||
		    __builtin_popcountll(p->state.isr) !=
		    (int)p->state.replica_count)
			fail_msg("seed %llu: %s-%u has leader %d, isr %llx",
				 (unsigned long long)seed,
				 world_text(w, p->topic->name), p->index,
				 p->state.leader,
				 (unsigned long long)p->state.isr);
		r = broker_replica(c->brokers.at[p->state.leader], p->id);
		for (uint32_t k = 0; k < p->state.replica_count; k++) {
			struct replica *copy = broker_replica(
				c->brokers.at[p->state.replicas[k]], p->id);

			if (r->log.end_offset - copy->log.end_offset > 2000)
				fail_msg("seed %llu: %s-%u: a follower ends at "
					 "%lld, its leader at %lld",
					 (unsigned long long)seed,
					 world_text(w, p->topic->name),
					 p->index,
					 (long long)copy->log.end_offset,
					 (long long)r->log.end_offset);
		}
	}
}

static void group_caught_up(struct world *w, const char *name, uint64_t seed)
{
	struct broker *b = group_coordinator(w, cluster_of(w), name);
	struct group *g = b ? group_find(b->groups, world_name(w, name)) : NULL;
	struct client_host *h = process_find(w, name)->self;
	struct app *a = h->owner;

	if (!g || g->state != GROUP_STABLE || g->members.count != 1)
		fail_msg("seed %llu: group %s is %s with %u members",
			 (unsigned long long)seed, name,
			 g ? group_state_name(g->state) : "gone",
			 g ? g->members.count : 0);
	if (a->consumer->positions.count != 6 ||
	    consumer_lag(a->consumer) > 2000)
		fail_msg("seed %llu: %s reads %u partitions, lag %lld",
			 (unsigned long long)seed, name,
			 a->consumer->positions.count,
			 (long long)consumer_lag(a->consumer));
}

static void run(uint64_t seed)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", seed, seed % 3 ?
				      "devices=300" :
				      "devices=300 controllers=3", &err);
	struct text line = {0};
	struct fleet_audit audit;
	struct luck luck;

	assert_non_null(w);
	luck_init(&luck, seed, "test", "faults");
	world_run_until(w, SIM_S(6));
	for (uint64_t n = 1 + luck_below(&luck, 5); n > 0; n--) {
		draw_fault(&luck, &line);
		if (!world_command(w, text_cstr(&line), NULL, &err))
			fail_msg("%s: %s", text_cstr(&line), err.what);
	}
	text_free(&line);
	world_run_until(w, SIM_S(70));
	/* A fault that found its process already down is not healed by itself. */
	for (uint32_t i = 0; i < hosts_of(w)->processes.count; i++) {
		process_start(w, hosts_of(w)->processes.at[i]);
		process_resume(w, hosts_of(w)->processes.at[i]);
	}
	world_run_until(w, SIM_S(250));
	everything_in_sync(w, seed);
	group_caught_up(w, "dashboard", seed);
	group_caught_up(w, "archiver", seed);
	fleet_audit(w, fleet_find(w, "sensor"), &audit);
	if (audit.lost || audit.unreadable)
		fail_msg("seed %llu: %llu of %llu acknowledged readings lost",
			 (unsigned long long)seed,
			 (unsigned long long)audit.lost,
			 (unsigned long long)audit.acked);
	assert_true(world_hot_bytes(w) < 2u << 20);
	world_free(w);
}

static void all_comes_right_after_faults(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(seed);
}

/* A decision of the controller is on its way to a broker when the connection
 * breaks.  Nothing else is decided; the broker learns of it all the same. */
static void news_that_were_lost_come_later(void **state)
{
	static const char *const lines[] = {
		"fault partition component=controller-1 to=broker-2 one-way=1",
		"fault restart component=controller-1", "heal 1",
	};
	struct world *w = stack_world("local-kafka", 3, "auto-rebalance=off",
				      NULL);
	struct cluster *c = cluster_of(w);
	struct topic_config config = {0};
	const struct metadata_view *view = &c->brokers.at[1]->view;

	(void)state;
	world_run_until(w, SIM_S(20));
	assert_true(world_command(w, lines[0], NULL, NULL));
	assert_int_equal(controller_create_topic(w, controller_active(c),
						 "news", 1, 3, NULL, &config,
						 NULL),
			 KAFKA_NONE);
	world_run_until(w, SIM_S(21));
	assert_true(view->applied < c->truth.applied);
	assert_true(world_command(w, lines[1], NULL, NULL));
	assert_true(world_command(w, lines[2], NULL, NULL));
	world_run_until(w, SIM_S(26));
	assert_true(view_knows_topic(view, cluster_topic(w, c, "news")->id));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_comes_right_after_faults),
		cmocka_unit_test(news_that_were_lost_come_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
