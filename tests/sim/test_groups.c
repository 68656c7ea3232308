/*
 * Groups as their members and their coordinator live them.  Method: a world
 * with three brokers and a topic of six partitions, applications made by hand,
 * and then what the coordinator knows, what they hold and what both have
 * logged.  Lines and rules are those of Kafka 3.9 (GroupCoordinator,
 * ConsumerCoordinator), KIP-211, 345, 394 and 429; the signs are those of F15,
 * F16 and F18 (faults.md).
 */
#include "tests/test.h"

#include "sim/stack/app.h"
#include "tests/sim/log_world.h"

#define COOPERATIVE	" partition.assignment.strategy=" \
	"org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
#define ROUND_ROBIN	" partition.assignment.strategy=" \
	"org.apache.kafka.clients.consumer.RoundRobinAssignor"

#define STICKY		" partition.assignment.strategy=" \
	"org.apache.kafka.clients.consumer.StickyAssignor"

static struct app *app_named(const struct world *w, const char *name)
{
	return ((struct client_host *)process_find(w, name)->self)->owner;
}

static struct consumer *consumer_named(const struct world *w, const char *name)
{
	return app_named(w, name)->consumer;
}

static void app_make(struct world *w, const char *name, const char *more)
{
	char line[400];

	snprintf(line, sizeof(line), "app-new name=%s topic=readings group=g%s",
		 name, more);
	log_command(w, line);
}

static void run(struct world *w, sim_time time)
{
	world_run_until(w, world_now(w) + time);
}

static struct group *group_g(struct world *w)
{
	struct broker *b = group_coordinator(w, cluster_of(w), "g");

	return b ? group_find(b->groups, world_name(w, "g")) : NULL;
}

static void each_broker(struct world *w, const char *key, const char *value)
{
	struct err err;

	for (uint32_t i = 0; i < cluster_of(w)->brokers.count; i++)
		assert_true(broker_config_set(
			&cluster_of(w)->brokers.at[i]->config, key, value,
			&err));
}

static struct world *quiet_world(void)
{
	struct world *w = log_world("apps=off");

	run(w, SIM_S(5));
	return w;
}

/* -- joining ---------------------------------------------------------------------- */

static void a_newcomer_is_named_before_it_is_a_member(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", "");
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(group_g(w)->generation, 1);
	assert_int_equal(log_lines(w, "request the member to rejoin with this "
				   "id."), 1);
	assert_int_equal(log_lines(w, "Request joining group due to: need to "
				   "re-join with the given member-id"), 1);
	assert_int_equal(consumer_named(w, "a")->positions.count, 6);
	world_free(w);
}

/* The default list is range, cooperative-sticky: range wins, and whoever knows
 * it must give all up (eager). */
static void the_default_group_votes_for_range_and_revokes_all(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", "");
	run(w, SIM_S(10));
	app_make(w, "b", "");
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->protocol, ASSIGNOR_RANGE);
	assert_int_equal(group_g(w)->generation, 2);
	assert_int_equal(log_lines(w, "Revoke previously assigned partitions "
		"readings-0, readings-1, readings-2, readings-3, readings-4, "
		"readings-5"), 1);
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_int_equal(consumer_named(w, "b")->positions.count, 3);
	world_free(w);
}

/* KIP-429: only what moves is revoked, and a second rebalance hands it on.
 * Meanwhile the first member is never without a partition. */
static void cooperative_members_give_up_only_what_moves(void **state)
{
	struct world *w = quiet_world();
	uint32_t fewest = 6;

	(void)state;
	app_make(w, "a", COOPERATIVE);
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->protocol, ASSIGNOR_COOPERATIVE);
	app_make(w, "b", COOPERATIVE);
	for (int i = 0; i < 1500; i++) {
		uint32_t now = consumer_named(w, "a")->positions.count;

		run(w, SIM_MS(10));
		fewest = now < fewest ? now : fewest;
	}
	assert_int_equal(fewest, 3);
	assert_int_equal(group_g(w)->generation, 3);
	assert_int_equal(log_lines(w, "Revoke previously assigned partitions "
				   "readings-3, readings-4, readings-5"), 1);
	assert_int_equal(log_lines(w, "Revoke previously"), 1);
	assert_int_equal(log_lines(w, "Request joining group due to: need to "
				   "revoke partitions"), 1);
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_int_equal(consumer_named(w, "b")->positions.count, 3);
	world_free(w);
}

/* The leader asks for metadata of what only others read, and does not read it
 * itself (ConsumerCoordinator.updateGroupSubscription). */
static void members_of_a_group_can_read_different_topics(void **state)
{
	static const char *const none[] = { NULL };
	struct world *w = quiet_world();
	const struct consumer *a, *b;

	(void)state;
	log_topic(w, "other", none);
	app_make(w, "a", "");
	run(w, SIM_S(10));
	log_command(w, "app-new name=b topic=other group=g");
	run(w, SIM_S(20));
	a = consumer_named(w, "a");
	b = consumer_named(w, "b");
	assert_true(a->leads);
	assert_int_equal(a->positions.count, 6);
	assert_int_equal(b->positions.count, 1);
	assert_int_equal(group_g(w)->members.at[0]->topic_count, 1);
	world_free(w);
}

static void who_shares_no_assignor_is_refused(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", COOPERATIVE);
	run(w, SIM_S(10));
	app_make(w, "b", ROUND_ROBIN);
	run(w, SIM_S(10));
	assert_int_equal(process_find(w, "b")->state, PROCESS_DOWN);
	assert_int_equal(log_lines(w, "InconsistentGroupProtocolException: The "
		"group member's supported protocols are incompatible"), 1);
	assert_int_equal(group_g(w)->members.count, 1);
	world_free(w);
}

static void a_full_group_takes_nobody(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	each_broker(w, "group.max.size", "1");
	app_make(w, "a", "");
	run(w, SIM_S(10));
	app_make(w, "b", "");
	run(w, SIM_S(10));
	assert_int_equal(log_lines(w, "GroupMaxSizeReachedException: The "
				   "consumer group has reached its max size."),
			 1);
	assert_int_equal(group_g(w)->members.count, 1);
	world_free(w);
}

static void a_session_timeout_has_bounds(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", " session.timeout.ms=5999");
	run(w, SIM_S(10));
	assert_int_equal(log_lines(w, "InvalidSessionTimeoutException: The "
				   "session timeout is not within"), 1);
	world_free(w);
}

/* A stranger asks for a name and is never seen again: when the others join
 * they wait for it, its session timeout at most. */
static void a_pending_member_is_waited_for(void **state)
{
	struct world *w = quiet_world();
	struct group *g;

	(void)state;
	app_make(w, "a", "");
	run(w, SIM_S(10));
	app_make(w, "b", " session.timeout.ms=6000");
	while (!group_g(w)->pending.count)
		world_step(w);
	process_kill(w, process_find(w, "b"));
	app_make(w, "c", "");
	run(w, SIM_S(4));
	g = group_g(w);
	assert_int_equal(g->state, GROUP_PREPARING);
	assert_int_equal(g->pending.count, 1);
	run(w, SIM_S(10));
	assert_int_equal(g->state, GROUP_STABLE);
	assert_int_equal(g->pending.count, 0);
	assert_int_equal(g->members.count, 2);
	world_free(w);
}

/* -- staying ---------------------------------------------------------------------- */

static void a_static_member_restarts_and_nobody_notices(void **state)
{
	struct world *w = quiet_world();
	name_id was;

	(void)state;
	app_make(w, "a", " group.instance.id=i1");
	app_make(w, "b", " group.instance.id=i2");
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->generation, 1);
	was = consumer_named(w, "a")->member;
	process_kill(w, process_find(w, "a"));
	run(w, SIM_S(30));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	process_start(w, process_find(w, "a"));
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->generation, 1);
	assert_int_not_equal(consumer_named(w, "a")->member, was);
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_int_equal(consumer_named(w, "b")->rebalances, 1);
	/* away for longer than session.timeout.ms, 45 s: its place is gone */
	process_kill(w, process_find(w, "a"));
	run(w, SIM_S(50));
	assert_int_equal(consumer_named(w, "b")->positions.count, 6);
	world_free(w);
}

static void the_second_with_a_name_fences_the_first(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", " group.instance.id=i1");
	run(w, SIM_S(10));
	app_make(w, "b", " group.instance.id=i1");
	run(w, SIM_S(10));
	assert_int_equal(process_find(w, "a")->state, PROCESS_DOWN);
	assert_int_equal(log_lines(w, "FencedInstanceIdException"), 1);
	assert_int_equal(consumer_named(w, "b")->positions.count, 6);
	world_free(w);
}

/* F15: 500 records of 1 s each are longer than max.poll.interval.ms. */
static void slow_work_leaves_the_group_and_cannot_commit(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", " work=1s commit=sync");
	run(w, SIM_MINUTES(15));
	assert_true(log_lines(w, "consumer poll timeout has expired. This means "
			      "the time between subsequent calls to poll() was "
			      "longer than the configured max.poll.interval.ms, "
			      "which typically implies") > 0);
	assert_true(log_lines(w, "LeaveGroup request to coordinator") > 0);
	assert_true(log_lines(w, "has left group g through explicit "
			      "`LeaveGroup`; client reason: consumer poll "
			      "timeout has expired.") > 0);
	assert_true(log_lines(w, "CommitFailedException: Offset commit cannot "
			      "be completed since the consumer is not part of "
			      "an active group") > 0);
	assert_true(app_named(w, "a")->failed_commits > 0);
	world_free(w);
}

/* Put out while it hung, and not yet told: the coordinator refuses. */
static void who_was_put_out_hears_it_from_its_commit(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", " work=20ms commit=sync session.timeout.ms=6000");
	app_make(w, "b", "");
	run(w, SIM_S(20));
	process_hang(w, process_find(w, "a"));
	run(w, SIM_S(20));
	assert_int_equal(group_g(w)->members.count, 1);
	process_resume(w, process_find(w, "a"));
	run(w, SIM_S(30));
	assert_true(log_lines(w, "CommitFailedException: Commit cannot be "
		"completed since the group has already rebalanced and assigned "
		"the partitions to another member.") + log_lines(w,
		"CommitFailedException: Offset commit cannot be completed") > 0);
	assert_int_equal(group_g(w)->members.count, 2);
	world_free(w);
}

static void a_crash_costs_the_session_timeout(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", "");
	app_make(w, "b", "");
	run(w, SIM_S(10));
	process_kill(w, process_find(w, "a"));
	run(w, SIM_S(41));
	assert_int_equal(group_g(w)->members.count, 2);
	run(w, SIM_S(10));
	assert_int_equal(log_lines(w, "has failed, removing it from the group"),
			 1);
	assert_int_equal(consumer_named(w, "b")->positions.count, 6);
	world_free(w);
}

/* -- the coordinator ---------------------------------------------------------------- */

/* The next leader of the offsets partition reads who is a member; while it
 * does, it says so, and nobody joins again. */
static void members_survive_their_coordinator(void **state)
{
	struct world *w = quiet_world();
	uint32_t index = group_offsets_partition("g", 50);
	bool was_loading = false;
	struct broker *old, *now;

	(void)state;
	app_make(w, "a", "");
	app_make(w, "b", COOPERATIVE);
	run(w, SIM_S(60));
	assert_int_equal(group_g(w)->generation, 1);
	old = group_coordinator(w, cluster_of(w), "g");
	process_kill(w, old->process);
	for (int i = 0; i < 40000000; i++) {
		world_step(w);
		now = group_coordinator(w, cluster_of(w), "g");
		if (now && now != old && now->groups->owned.count &&
		    now->groups->owned.at[index])
			break;
	}
	was_loading = now->groups->loading.at[index] > world_now(w);
	assert_true(was_loading);
	run(w, SIM_S(60));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(group_g(w)->generation, 1);
	assert_int_equal(group_g(w)->members.count, 2);
	assert_int_equal(consumer_named(w, "a")->rebalances, 1);
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_true(consumer_lag(consumer_named(w, "a")) < 2000);
	world_free(w);
}

/* F18: as long as somebody reads, however slowly it commits, nothing is
 * forgotten; offsets.retention.minutes after the last one left, all is. */
static void offsets_outlive_an_empty_group_for_their_retention(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	assert_int_equal(broker_setting(cluster_of(w)->brokers.at[0],
					BROKER_OFFSETS_RETENTION_MINUTES),
			 7 * 24 * 60);
	each_broker(w, "offsets.retention.minutes", "15");
	app_make(w, "a", "");
	run(w, SIM_MINUTES(30));
	assert_int_equal(group_g(w)->offsets.count, 6);
	process_kill(w, process_find(w, "a"));
	run(w, SIM_MINUTES(15));
	assert_int_equal(group_g(w)->state, GROUP_EMPTY);
	assert_int_equal(group_g(w)->offsets.count, 6);
	run(w, SIM_MINUTES(15));
	assert_null(group_g(w));
	assert_int_equal(log_lines(w, "Removed 6 expired offsets"), 1);
	world_free(w);
}

/* -- KIP-848 ------------------------------------------------------------------------ */

#define REMOTE	" group.protocol=consumer"

static struct world *remote_world(void)
{
	struct world *w = quiet_world();

	each_broker(w, "group.coordinator.rebalance.protocols",
		    "classic,consumer");
	return w;
}

static void the_new_protocol_is_off_unless_it_is_named(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", REMOTE);
	run(w, SIM_S(10));
	assert_int_equal(log_lines(w, "UnsupportedVersionException: The cluster "
		"does not support the new CONSUMER group protocol."), 1);
	world_free(w);
}

/* Nobody waits for anybody: the first gives up three of six and reads on, the
 * second gets them when they are free; never does one partition have two. */
static void members_walk_to_their_target_one_by_one(void **state)
{
	struct world *w = remote_world();
	uint32_t fewest = 6;

	(void)state;
	app_make(w, "a", REMOTE);
	run(w, SIM_S(10));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(consumer_named(w, "a")->positions.count, 6);
	app_make(w, "b", REMOTE);
	for (int i = 0; i < 1500; i++) {
		struct consumer *a = consumer_named(w, "a");
		struct consumer *b = consumer_named(w, "b");

		run(w, SIM_MS(10));
		if (a->positions.count < fewest)
			fewest = a->positions.count;
		for (uint32_t k = 0; b && k < b->positions.count; k++)
			assert_null(consumer_position_of(a,
					b->positions.at[k].partition));
	}
	assert_int_equal(fewest, 3);
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(group_g(w)->generation, 2);
	assert_int_equal(consumer_named(w, "b")->positions.count, 3);
	assert_int_equal(consumer_named(w, "a")->generation, 2);
	assert_true(consumer_lag(consumer_named(w, "b")) < 2000);
	world_free(w);
}

static void a_lost_member_is_fenced_and_joins_again(void **state)
{
	struct world *w = remote_world();

	(void)state;
	app_make(w, "a", REMOTE);
	app_make(w, "b", REMOTE);
	run(w, SIM_S(20));
	process_hang(w, process_find(w, "b"));
	run(w, SIM_S(40));
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	run(w, SIM_S(20));
	assert_int_equal(consumer_named(w, "a")->positions.count, 6);
	process_resume(w, process_find(w, "b"));
	run(w, SIM_S(20));
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_int_equal(consumer_named(w, "b")->positions.count, 3);
	assert_int_equal(log_lines(w, "transitioned to FENCED state"), 1);
	world_free(w);
}

static void epochs_survive_their_coordinator(void **state)
{
	struct world *w = remote_world();
	int32_t was;

	(void)state;
	app_make(w, "a", REMOTE " group.remote.assignor=range");
	app_make(w, "b", REMOTE " group.remote.assignor=range");
	run(w, SIM_S(60));
	was = group_g(w)->generation;
	process_kill(w, group_coordinator(w, cluster_of(w), "g")->process);
	run(w, SIM_S(60));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(group_g(w)->generation, was);
	assert_int_equal(consumer_named(w, "a")->positions.count, 3);
	assert_int_equal(log_lines(w, "FENCED"), 0);
	world_free(w);
}

/* -- where to begin ----------------------------------------------------------------- */

static void without_offset_and_policy_poll_throws(void **state)
{
	struct world *w = quiet_world();

	(void)state;
	app_make(w, "a", " auto.offset.reset=none");
	run(w, SIM_S(10));
	assert_int_equal(log_lines(w, "NoOffsetForPartitionException: Undefined "
		"offset with no reset policy for partitions: [readings-0]"), 1);
	assert_int_equal(process_find(w, "a")->state, PROCESS_DOWN);
	world_free(w);
}

static void seek_goes_back_and_pause_holds(void **state)
{
	struct world *w = quiet_world();
	struct consumer_position *p;
	struct consumer *c;
	int64_t held, before;
	uint32_t id;

	(void)state;
	app_make(w, "a", "");
	run(w, SIM_S(20));
	c = consumer_named(w, "a");
	id = c->positions.at[2].partition;
	assert_true(consumer_pause(w, c, id, true));
	run(w, SIM_S(1));
	p = consumer_position_of(c, id);
	held = p->offset;
	run(w, SIM_S(20));
	assert_int_equal(p->offset, held);
	assert_true(c->positions.at[0].offset > held);
	before = p->consumed;
	assert_true(consumer_seek(w, c, id, held - 100));
	assert_true(consumer_pause(w, c, id, false));
	run(w, SIM_S(5));
	assert_int_equal(p->consumed - before, p->offset - (held - 100));
	assert_true(p->offset > held);
	assert_false(consumer_seek(w, c, 9999, 0));
	world_free(w);
}

/* -- members that come and go ----------------------------------------------------------- */

#define CROWD	5

/* What has been committed; it must never go back. */
static void check_offsets(struct world *w, int64_t *seen)
{
	const struct group *g = group_g(w);

	for (uint32_t i = 0; g && i < g->offsets.count; i++) {
		const struct committed *c = &g->offsets.at[i];
		uint32_t k = cluster_of(w)->partitions.at[c->partition]->index;

		assert_true(c->offset >= seen[k]);
		seen[k] = c->offset;
	}
}

static void check_one_reader_each(struct world *w)
{
	uint32_t readers[6] = {0};
	char name[8];

	for (int i = 0; i < CROWD; i++) {
		struct consumer *c;

		snprintf(name, sizeof(name), "m%d", i);
		c = consumer_named(w, name);
		for (uint32_t k = 0; k < c->positions.count; k++)
			readers[cluster_of(w)->partitions.at[
				c->positions.at[k].partition]->index]++;
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(readers[i], 1);
}

static void disturb(struct world *w, struct luck *luck)
{
	struct process *p;
	char name[8];

	snprintf(name, sizeof(name), "m%d", (int)luck_below(luck, CROWD));
	p = process_find(w, name);
	if (p->state == PROCESS_DOWN)
		process_start(w, p);
	else if (p->state == PROCESS_HUNG)
		process_resume(w, p);
	else if (luck_below(luck, 2))
		process_kill(w, p);
	else
		process_hang(w, p);
}

static void mend(struct world *w)
{
	char name[8];

	for (int i = 0; i < CROWD; i++) {
		struct process *p;

		snprintf(name, sizeof(name), "m%d", i);
		p = process_find(w, name);
		if (p->state == PROCESS_HUNG)
			process_resume(w, p);
		if (p->state == PROCESS_DOWN)
			process_start(w, p);
	}
}

static void churn(const char *settings, uint64_t seed)
{
	struct world *w = remote_world();
	int64_t seen[6] = {0};
	struct luck luck;
	char line[200];

	luck_init(&luck, seed, "test", settings);
	for (int i = 0; i < CROWD; i++) {
		snprintf(line, sizeof(line), "app-new name=m%d topic=readings "
			 "group=g work=50us max.poll.interval.ms=60000%s", i,
			 settings);
		log_command(w, line);
	}
	for (int i = 0; i < 60; i++) {
		run(w, luck_between(&luck, SIM_MS(100), SIM_S(20)));
		disturb(w, &luck);
		if (luck_below(&luck, 15) == 0 && group_coordinator(w,
						cluster_of(w), "g")) {
			struct process *b = group_coordinator(w, cluster_of(w),
							      "g")->process;

			process_kill(w, b);
			run(w, SIM_S(30));
			process_start(w, b);
		}
		check_offsets(w, seen);
	}
	mend(w);
	run(w, SIM_MINUTES(4));
	check_offsets(w, seen);
	assert_non_null(group_g(w));
	assert_int_equal(group_g(w)->state, GROUP_STABLE);
	assert_int_equal(group_g(w)->members.count, CROWD);
	check_one_reader_each(w);
	world_free(w);
}

static void every_protocol_settles_after_the_last_fault(void **state)
{
	static const char *const settings[] = { "", COOPERATIVE, ROUND_ROBIN,
		STICKY, REMOTE };

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		print_message("seed %d:%s\n", (int)i, settings[i % 5]);
		churn(settings[i % 5], i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newcomer_is_named_before_it_is_a_member),
		cmocka_unit_test(
			the_default_group_votes_for_range_and_revokes_all),
		cmocka_unit_test(cooperative_members_give_up_only_what_moves),
		cmocka_unit_test(members_of_a_group_can_read_different_topics),
		cmocka_unit_test(who_shares_no_assignor_is_refused),
		cmocka_unit_test(a_full_group_takes_nobody),
		cmocka_unit_test(a_session_timeout_has_bounds),
		cmocka_unit_test(a_pending_member_is_waited_for),
		cmocka_unit_test(a_static_member_restarts_and_nobody_notices),
		cmocka_unit_test(the_second_with_a_name_fences_the_first),
		cmocka_unit_test(slow_work_leaves_the_group_and_cannot_commit),
		cmocka_unit_test(who_was_put_out_hears_it_from_its_commit),
		cmocka_unit_test(a_crash_costs_the_session_timeout),
		cmocka_unit_test(members_survive_their_coordinator),
		cmocka_unit_test(
			offsets_outlive_an_empty_group_for_their_retention),
		cmocka_unit_test(the_new_protocol_is_off_unless_it_is_named),
		cmocka_unit_test(members_walk_to_their_target_one_by_one),
		cmocka_unit_test(
			a_lost_member_is_fenced_and_joins_again),
		cmocka_unit_test(epochs_survive_their_coordinator),
		cmocka_unit_test(without_offset_and_policy_poll_throws),
		cmocka_unit_test(seek_goes_back_and_pause_holds),
		cmocka_unit_test(every_protocol_settles_after_the_last_fault),
	};

	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
