/* test_quorum.c - the KRaft quorum: who leads, what is committed, what is lost
 *
 * Method: local-kafka with three (or five) controllers; they are killed, cut
 * off, filled and formatted with the faults that everything else has too, and
 * then we look at metrics, tools and the truth.  Times are bounds that follow
 * from the defaults of 3.9: fetch timeout 2 s, election 1 to 2 s, a leader
 * without a majority resigns after 3 s, sessions of 9 s.
 */
#include "tests/test.h"

#include <stdio.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/core/text.h"
#include "sim/device/audit.h"
#include "sim/stack/stack.h"

#ifdef TEST_SANITIZED
#define SEEDS	60
#else
#define SEEDS	500
#endif

static struct world *make(uint64_t seed, const char *settings)
{
	struct err err = { "" };
	struct world *w = stack_world("local-kafka", seed, settings, &err);

	if (!w)
		fail_msg("%s", err.what);
	return w;
}

static void command(struct world *w, const char *line)
{
	struct err err = { "" };

	if (!world_command(w, line, NULL, &err))
		fail_msg("%s: %s", line, err.what);
}

static struct controller *controller(struct world *w, uint32_t i)
{
	return cluster_of(w)->controllers.at[i];
}

static void run_for(struct world *w, sim_time wait)
{
	world_run_until(w, world_now(w) + wait);
}

static uint32_t active_count(struct world *w)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cluster_of(w)->controllers.count; i++)
		n += controller(w, i)->active;
	return n;
}

/* Ask for a topic as a client's request to the active controller would. */
static bool create(struct world *w, const char *name)
{
	struct controller *c = controller_active(cluster_of(w));
	struct err err = { "" };

	return c && controller_create_topic(w, c, name, 1, 3, NULL, NULL,
					    &err) == KAFKA_NONE;
}

static bool exists(struct world *w, const char *name)
{
	return cluster_topic(w, cluster_of(w), name) != NULL;
}

static uint32_t log_lines(struct world *w, const char *part)
{
	uint32_t n = 0;

	for (uint64_t i = 0; i < log_count(w); i++)
		n += strstr(log_text(w, log_at(w, i)), part) != NULL;
	return n;
}

/* -- elections --------------------------------------------------------------- */

/* The others notice after their fetch timeout at the latest, 2 s after their
 * last fetch; a second round may follow a draw. */
static void a_dead_leader_has_a_successor_within_seconds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = make(seed, "controllers=3 fleet=off apps=off");
		sim_time killed;

		run_for(w, SIM_S(5));
		assert_true(controller(w, 0)->active);
		command(w, "fault kill component=controller-1");
		killed = world_now(w);
		while (!controller_active(cluster_of(w)))
			run_for(w, SIM_MS(10));
		assert_in_range(world_now(w) - killed, SIM_MS(10), SIM_S(7));
		assert_int_equal(active_count(w), 1);
		assert_true(controller_active(cluster_of(w))->raft.epoch >= 2);
		assert_true(create(w, "news"));
		run_for(w, SIM_S(2));
		assert_true(exists(w, "news"));
		world_free(w);
	}
}

/* EndQuorumEpoch: the others need not wait until they notice. */
static void a_leader_that_stops_is_followed_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *w = make(seed, "controllers=3 fleet=off apps=off");
		sim_time stopped;

		run_for(w, SIM_S(5));
		command(w, "service controller-1 do=restart");
		stopped = world_now(w);
		run_for(w, SIM_MS(1));
		while (!controller_active(cluster_of(w)))
			run_for(w, SIM_MS(10));
		/* a draw costs a round of one to two seconds */
		assert_in_range(world_now(w) - stopped, SIM_MS(1), SIM_S(5));
		run_for(w, SIM_S(10));
		assert_int_equal(active_count(w), 1);
		assert_int_equal(controller(w, 0)->raft.state, RAFT_FOLLOWER);
		world_free(w);
	}
}

/* BrokerServer.shutdown: five minutes, then without leave. */
static void a_broker_stops_without_a_controller_in_the_end(void **state)
{
	struct world *w = make(11, "fleet=off apps=off");
	const struct broker *b = cluster_of(w)->brokers.at[1];

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault kill component=controller-1");
	command(w, "service broker-2 do=stop");
	run_for(w, SIM_S(295));
	assert_int_equal(b->process->state, PROCESS_UP);
	run_for(w, SIM_S(10));
	assert_int_equal(b->process->state, PROCESS_DOWN);
	assert_int_equal(log_lines(w, "Timed out waiting for the controller "
				   "to approve controlled shutdown"), 1);
	world_free(w);
}

/* LeaderState: no majority has fetched for 3 s. */
static void a_leader_without_a_majority_resigns(void **state)
{
	struct world *w = make(1, "controllers=3 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault kill component=controller-2");
	run_for(w, SIM_S(5));
	assert_true(controller(w, 0)->active);
	command(w, "fault kill component=controller-3");
	run_for(w, SIM_S(2));
	assert_true(controller(w, 0)->active);
	run_for(w, SIM_MS(1600));
	assert_false(controller(w, 0)->active);
	run_for(w, SIM_S(60));
	assert_int_equal(active_count(w), 0);
	command(w, "service controller-2 do=start");
	run_for(w, SIM_S(10));
	assert_int_equal(active_count(w), 1);
	world_free(w);
}

static void five_survive_two(void **state)
{
	struct world *w = make(2, "controllers=5 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault kill component=controller-1");
	command(w, "fault kill component=controller-2");
	run_for(w, SIM_S(10));
	assert_int_equal(active_count(w), 1);
	command(w, "fault kill component=controller-3");
	run_for(w, SIM_S(10));
	assert_int_equal(active_count(w), 0);
	world_free(w);
}

/* A leader that was cut off writes what nobody else has; when it comes back
 * its log is cut back to what is committed, and the topic never was. */
static void what_was_not_committed_is_forgotten(void **state)
{
	struct world *w = make(3, "controllers=3 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault partition component=controller-1");
	assert_true(create(w, "ghost"));
	run_for(w, SIM_S(8));
	assert_false(exists(w, "ghost"));
	assert_false(controller(w, 0)->active);
	assert_int_equal(active_count(w), 1);
	assert_true(create(w, "real"));
	command(w, "heal 1");
	run_for(w, SIM_S(30));
	assert_true(exists(w, "real"));
	assert_false(exists(w, "ghost"));
	assert_int_equal(log_lines(w, "Truncated to offset"), 1);
	assert_true(create(w, "ghost"));
	run_for(w, SIM_S(2));
	assert_true(exists(w, "ghost"));
	assert_int_equal(cluster_of(w)->histories_lost, 0);
	world_free(w);
}

/* -- what works without a majority (F24) --------------------------------------- */

static int64_t gauge(struct world *w, struct process *p,
		     const struct metric *m)
{
	world_call(w, p->on.collect, p, 0);
	return m->value;
}

static void signs_of_a_lost_quorum(struct world *w, uint64_t sent)
{
	struct fleet_audit a;

	for (uint32_t i = 0; i < 3; i++)
		if (process_runs(controller(w, i)->process))
			assert_int_equal(gauge(w, controller(w, i)->process,
				controller(w, i)->metrics.active), 0);
	for (uint32_t i = 0; i < 3; i++) {
		const struct broker *b = cluster_of(w)->brokers.at[i];

		if (!process_runs(b->process))
			continue;
		assert_int_equal(gauge(w, b->process, b->raft.metrics.leader),
				 -1);
		assert_true(gauge(w, b->process, b->raft.metrics.lag) > 5000);
	}
	fleet_audit(w, fleet_find(w, "sensor"), &a);
	assert_true(a.acked > sent);
	assert_int_equal(a.lost, 0);
}

static uint64_t acked(struct world *w)
{
	struct fleet_audit a;

	fleet_audit(w, fleet_find(w, "sensor"), &a);
	return a.acked;
}

static void clients_go_on_while_nothing_can_change(void **state)
{
	struct world *w = make(4, "controllers=3 devices=200");
	const struct cluster *c = cluster_of(w);
	struct partition *p = c->partitions.at[0];
	struct partition_state before;
	uint64_t sent;
	int64_t committed;
	char line[80];

	(void)state;
	run_for(w, SIM_S(20));
	command(w, "fault kill component=controller-1");
	command(w, "fault kill component=controller-2");
	run_for(w, SIM_S(20));
	sent = acked(w);
	committed = c->truth.applied;
	before = p->state;
	run_for(w, SIM_S(60));
	signs_of_a_lost_quorum(w, sent + 200 * 50);
	/* a follower is lost: it stays in sync on paper, since nobody can
	 * decide otherwise; acks=all waits for it */
	snprintf(line, sizeof(line), "fault kill component=broker-%d",
		 before.leader + 1);
	command(w, line);
	run_for(w, SIM_S(120));
	assert_int_equal(c->truth.applied, committed);
	assert_int_equal(p->state.leader, before.leader);
	assert_true(p->state.isr == before.isr);
	/* a restarted broker is up, and serves nobody */
	snprintf(line, sizeof(line), "service broker-%d do=start",
		 before.leader + 1);
	command(w, line);
	run_for(w, SIM_S(60));
	assert_false(c->brokers.at[before.leader]->registered);
	/* the fix: one voter, with its disk */
	command(w, "service controller-2 do=start");
	run_for(w, SIM_S(60));
	assert_int_equal(active_count(w), 1);
	assert_true(c->brokers.at[before.leader]->registered);
	assert_true(p->state.leader != NO_BROKER);
	assert_int_equal(__builtin_popcountll(p->state.isr), 3);
	assert_int_equal(c->histories_lost, 0);
	world_free(w);
}

/* F24 begins so: a node is drained, and with it two of three voters.  Their
 * disks are well, and so is the cluster when the node is back. */
static void a_node_takes_the_majority_along(void **state)
{
	struct world *w = make(9, "controllers=3 controllers-on=one-node "
			       "devices=100");

	(void)state;
	run_for(w, SIM_S(10));
	assert_ptr_equal(controller(w, 0)->process->machine,
			 controller(w, 1)->process->machine);
	command(w, "fault power-loss component=controller-1 for=60s");
	run_for(w, SIM_S(50));
	assert_int_equal(active_count(w), 0);
	assert_true(acked(w) > 100 * 50);
	run_for(w, SIM_S(40));
	assert_int_equal(active_count(w), 1);
	assert_int_equal(cluster_of(w)->histories_lost, 0);
	world_free(w);
}

/* Voters beside brokers: one machine takes a broker and a voter, and both are
 * borne. */
static void voters_may_stand_beside_brokers(void **state)
{
	struct world *w = make(10, "controllers=3 controllers-on=brokers "
			       "devices=100 acks=all");
	const struct partition *p = cluster_of(w)->partitions.at[0];

	(void)state;
	run_for(w, SIM_S(10));
	command(w, "fault power-loss component=broker-1 for=60s");
	run_for(w, SIM_S(25));
	assert_int_equal(active_count(w), 1);
	assert_false(p->state.isr & broker_bit(0));
	assert_true(p->state.leader != NO_BROKER && p->state.leader != 0);
	run_for(w, SIM_S(90));
	assert_int_equal(__builtin_popcountll(p->state.isr), 3);
	world_free(w);
}

/* Kafka operations, "KRaft": a formatted voter has forgotten what it agreed
 * to.  Two of them outvote the one that remembers. */
static void formatted_voters_lose_what_was_committed(void **state)
{
	struct world *w = make(5, "controllers=3 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	assert_true(create(w, "news"));
	run_for(w, SIM_S(2));
	for (int i = 1; i <= 3; i++) {
		char line[64];

		snprintf(line, sizeof(line), "fault kill component=controller-%d",
			 i);
		command(w, line);
	}
	run_for(w, SIM_S(1));
	command(w, "storage-format controller-1");
	command(w, "storage-format controller-2");
	command(w, "service controller-1 do=start");
	command(w, "service controller-2 do=start");
	run_for(w, SIM_S(20));
	assert_int_equal(active_count(w), 1);
	assert_int_equal(cluster_of(w)->histories_lost, 1);
	assert_false(exists(w, "news"));
	assert_false(exists(w, "readings"));
	/* brokers that remember cannot follow */
	assert_true(log_lines(w, "which is below the current high watermark")
		    > 0);
	world_free(w);
}

/* One formatted voter beside one that remembers: the log is copied back. */
static void one_formatted_voter_learns_from_the_other(void **state)
{
	struct world *w = make(6, "controllers=3 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	assert_true(create(w, "news"));
	run_for(w, SIM_S(2));
	command(w, "fault kill component=controller-1");
	command(w, "fault kill component=controller-2");
	run_for(w, SIM_S(5));
	command(w, "storage-format controller-1");
	command(w, "service controller-1 do=start");
	run_for(w, SIM_S(20));
	assert_true(controller(w, 2)->active);
	assert_true(exists(w, "news"));
	assert_int_equal(cluster_of(w)->histories_lost, 0);
	assert_int_equal(controller(w, 0)->raft.log.end,
			 controller(w, 2)->raft.log.end);
	world_free(w);
}

static void a_full_disk_ends_a_controller(void **state)
{
	struct world *w = make(7, "controllers=3 fleet=off apps=off");

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault full-disk component=controller-1");
	run_for(w, SIM_S(10));
	assert_int_equal(controller(w, 0)->process->state, PROCESS_DOWN);
	assert_int_equal(log_lines(w, "Encountered fatal fault"), 1);
	assert_int_equal(active_count(w), 1);
	world_free(w);
}

/* -- sessions ------------------------------------------------------------------- */

/* A broker dies with the active controller: the new one begins to count when
 * it becomes active, not before. */
static void a_new_controller_gives_whole_sessions(void **state)
{
	struct world *w = make(8, "controllers=3 fleet=off apps=off");
	const struct metadata_view *truth = &cluster_of(w)->truth;
	sim_time active;

	(void)state;
	run_for(w, SIM_S(5));
	command(w, "fault kill component=broker-3");
	run_for(w, SIM_S(6));
	command(w, "fault kill component=controller-1");
	while (!controller_active(cluster_of(w)))
		run_for(w, SIM_MS(10));
	active = world_now(w);
	assert_true(truth->brokers & broker_bit(2));
	run_for(w, SIM_MS(8900));
	assert_true(truth->brokers & broker_bit(2));
	while (truth->brokers & broker_bit(2))
		run_for(w, SIM_MS(10));
	assert_in_range(world_now(w) - active, SIM_MS(8990), SIM_MS(9200));
	world_free(w);
}

/* -- safety, whatever happens ------------------------------------------------------ */

static void draw(struct luck *luck, struct text *line)
{
	static const char *const kinds[] = {
		"kill", "hang", "restart", "partition", "power-loss",
		"slow-disk", "slow-link", "lossy-link",
	};
	uint64_t kind = luck_below(luck, 8);

	text_clear(line);
	text_addf(line, "fault %s component=controller-%d after=%lldms "
		  "for=%lldms", kinds[kind], (int)luck_between(luck, 1, 3),
		  (long long)luck_between(luck, 1, 30000),
		  (long long)luck_between(luck, 300, 15000));
	if (kind == 3 && luck_chance(luck, 1, 2))
		text_addf(line, " to=controller-%d one-way=1",
			  (int)luck_between(luck, 1, 3));
}

/* Raft's promises, looked at every 50 ms: one leader an epoch, logs agree
 * below what is committed. */
static void check_safety(struct world *w, uint64_t seed)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; i < 3; i++)
		for (uint32_t k = i + 1; k < 3; k++) {
			const struct raft *a = &c->controllers.at[i]->raft;
			const struct raft *b = &c->controllers.at[k]->raft;
			int64_t both = a->high_watermark < b->high_watermark ?
				       a->high_watermark : b->high_watermark;

			if (a->state == RAFT_LEADER &&
			    b->state == RAFT_LEADER && a->epoch == b->epoch)
				fail_msg("seed %llu: two leaders of epoch %u",
					 (unsigned long long)seed, a->epoch);
			if (!metadata_log_agree(&a->log, &b->log, both))
				fail_msg("seed %llu: logs part below %lld",
					 (unsigned long long)seed,
					 (long long)both);
		}
	if (c->histories_lost)
		fail_msg("seed %llu: committed records are lost",
			 (unsigned long long)seed);
}

static void one_run(uint64_t seed)
{
	struct world *w = make(seed, "controllers=3 fleet=off apps=off");
	struct text line = {0};
	struct luck luck;
	char name[16];

	luck_init(&luck, seed, "test", "quorum");
	run_for(w, SIM_S(3));
	for (uint64_t n = 1 + luck_below(&luck, 6); n > 0; n--) {
		draw(&luck, &line);
		/* from itself to itself is refused, and all right */
		world_command(w, text_cstr(&line), NULL, NULL);
	}
	for (int i = 0; i < 60 * 20; i++) {
		run_for(w, SIM_MS(50));
		if (i % 40 == 0) {
			snprintf(name, sizeof(name), "t%d", i);
			create(w, name);
		}
		check_safety(w, seed);
	}
	for (uint32_t i = 0; i < hosts_of(w)->processes.count; i++) {
		process_start(w, hosts_of(w)->processes.at[i]);
		process_resume(w, hosts_of(w)->processes.at[i]);
	}
	run_for(w, SIM_S(60));
	if (active_count(w) != 1)
		fail_msg("seed %llu: %u active controllers",
			 (unsigned long long)seed, active_count(w));
	assert_true(create(w, "last"));
	run_for(w, SIM_S(3));
	check_safety(w, seed);
	for (uint32_t i = 0; i < 3; i++) {
		const struct broker *b = cluster_of(w)->brokers.at[i];

		assert_true(view_knows_topic(&b->view, cluster_topic(w,
			cluster_of(w), "last")->id));
	}
	text_free(&line);
	world_free(w);
}

static void no_two_lead_and_nothing_committed_is_lost(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		one_run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_leader_has_a_successor_within_seconds),
		cmocka_unit_test(a_leader_that_stops_is_followed_at_once),
		cmocka_unit_test(a_broker_stops_without_a_controller_in_the_end),
		cmocka_unit_test(a_leader_without_a_majority_resigns),
		cmocka_unit_test(five_survive_two),
		cmocka_unit_test(what_was_not_committed_is_forgotten),
		cmocka_unit_test(clients_go_on_while_nothing_can_change),
		cmocka_unit_test(a_node_takes_the_majority_along),
		cmocka_unit_test(voters_may_stand_beside_brokers),
		cmocka_unit_test(formatted_voters_lose_what_was_committed),
		cmocka_unit_test(one_formatted_voter_learns_from_the_other),
		cmocka_unit_test(a_full_disk_ends_a_controller),
		cmocka_unit_test(a_new_controller_gives_whole_sessions),
		cmocka_unit_test(no_two_lead_and_nothing_committed_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
