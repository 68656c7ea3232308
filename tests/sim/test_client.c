/* test_client.c - whom a client asks for metadata when a node was silent
 *
 * Method: a fleet writes to the one partition of a topic; the leader's machine
 * is cut off, so that requests to it end by request.timeout.ms (30 s).  With
 * many seeds each node is once the next in turn, the silent one too.
 */
#include "tests/test.h"

#include "sim/broker/broker.h"
#include "sim/device/fleet.h"
#include "sim/stack/stack.h"

static void run(struct world *w, const char *line)
{
	struct err err;

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

/* The machine that leads the one partition of readings. */
static const char *leader_machine(const struct world *w)
{
	const struct cluster *c = cluster_of(w);
	const struct topic *t = cluster_topic(w, c, "readings");
	int32_t leader = t->partitions.at[0]->state.leader;

	return world_text(w, c->brokers.at[leader]->process->machine->name);
}

/* NetworkClient.leastLoadedNode: a node to which a connection has just failed
 * comes last.  So the retry goes to the new leader at once, and does not wait
 * for 10 s of connecting to the old one, again and again. */
static void a_silent_node_is_asked_last(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct world *w = stack_world("local-kafka", seed,
			"apps=off partitions=1 devices=40 auto-rebalance=off",
			NULL);
		const struct fleet *f;
		char line[80];
		uint64_t acked;

		world_run_until(w, SIM_S(60));
		f = fleet_find(w, "sensor");
		snprintf(line, sizeof(line), "fault partition component=%s",
			 leader_machine(w));
		run(w, line);
		world_run_until(w, SIM_S(89));
		acked = fleet_acked(f);
		world_run_until(w, SIM_S(93));
		assert_true(fleet_acked(f) > acked);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_node_is_asked_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
