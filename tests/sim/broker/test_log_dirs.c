/* test_log_dirs.c - brokers with several disks, and disks that fail (F11, F12)
 *
 * Method: local-kafka with four disks a broker.  A disk is made to fail, fill
 * up or go away; metrics, log lines, replicas and every acknowledged reading
 * are looked at.
 */
#include "tests/test.h"

#include "tests/sim/broker/signs.h"

#define JBOD	"disks=4 apps=off partitions=24"

static struct log_dir *dir(const struct world *w, int32_t node, uint32_t place)
{
	return broker_nr(w, node)->log_dirs.at[place];
}

static bool lies_in(const struct world *w, const struct partition *p,
		    const struct log_dir *d)
{
	const struct replica *r = broker_replica(d->broker, p->id);

	(void)w;
	return r && r->dir == d;
}

/* Partitions of readings of which broker `node` is (not) in sync, told apart by
 * whether they lie in d. */
static void in_sync(const struct world *w, const struct log_dir *d,
		    uint32_t *inside, uint32_t *outside)
{
	const struct topic *t = cluster_topic(w, cluster_of(w), "readings");

	*inside = *outside = 0;
	for (uint32_t i = 0; i < t->partitions.count; i++) {
		const struct partition *p = t->partitions.at[i];

		if (p->state.isr & broker_bit(d->broker->index))
			(*(lies_in(w, p, d) ? inside : outside))++;
	}
}

static uint32_t led_in(const struct world *w, const struct log_dir *d)
{
	const struct cluster *c = cluster_of(w);
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->partitions.count; i++)
		n += c->partitions.at[i]->state.leader == d->broker->index &&
		     lies_in(w, c->partitions.at[i], d);
	return n;
}

static void nothing_lost(struct world *w)
{
	struct fleet_audit a;

	fleet_audit(w, fleet_find(w, "sensor"), &a);
	assert_true(a.acked > 1000);
	assert_int_equal(a.lost, 0);
	assert_int_equal(a.unreadable, 0);
}

/* LogManager.nextLogDirs */
static void a_new_log_goes_where_fewest_are(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);

	(void)state;
	run_for(w, SIM_S(1));
	for (uint32_t i = 0; i < 4; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/var/lib/kafka/data-%u", i);
		assert_string_equal(log_dir_path(w, dir(w, 2, i)), path);
		assert_true(dir(w, 2, i)->logs >= 6);
		assert_true(dir(w, 2, i)->logs <= dir(w, 2, 3)->logs + 1);
	}
	world_free(w);
}

/* F12: one of four disks. */
static void one_disk_of_four_takes_its_replicas_and_no_more(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);
	struct log_dir *d = dir(w, 2, 2);
	uint32_t inside, outside;
	uint32_t logs;

	(void)state;
	run_for(w, SIM_S(10));
	in_sync(w, d, &inside, &outside);
	assert_int_equal(inside, 6);
	assert_int_equal(outside, 18);
	assert_true(led_in(w, d) > 0);
	assert_int_equal(broker_sign(w, 2,
		"kafka_log_logmanager_offlinelogdirectorycount"), 0);
	logs = d->logs;
	command(w, "fault failing-disk component=broker-2 disk=3");
	run_for(w, SIM_S(5));

	/* its signs */
	assert_int_equal(broker_sign(w, 2,
		"kafka_log_logmanager_offlinelogdirectorycount"), 1);
	assert_int_equal(sign(w, broker_nr(w, 2)->process,
		"kafka_log_logmanager_logdirectoryoffline", "logDirectory",
		"/var/lib/kafka/data-2"), 1);
	assert_int_equal(broker_sign(w, 2,
		"kafka_server_replicamanager_offlinereplicacount"), logs);
	assert_true(cluster_sign(w,
		"kafka_server_replicamanager_underreplicatedpartitions") >= 6);
	assert_int_equal(controller_sign(w, "offlinepartitionscount"), 0);
	in_sync(w, d, &inside, &outside);
	assert_int_equal(inside, 0);
	assert_int_equal(outside, 18);
	assert_int_equal(led_in(w, d), 0);

	/* what misleads: the broker is alive for everybody */
	assert_true(process_runs(broker_nr(w, 2)->process));
	assert_int_equal(controller_sign(w, "fencedbrokercount"), 0);
	assert_true(lines(w, "in dir /var/lib/kafka/data-2 (org.apache.kafka."
			  "storage.internals.log.LogDirFailureChannel) java.io."
			  "IOException: Input/output error") == 1);
	assert_true(lines(w, "in broker 2 marked offline, remaining") == 1);
	assert_true(lines(w, "Stopped serving replicas in dir "
			  "/var/lib/kafka/data-2") == 1);
	nothing_lost(w);
	world_free(w);
}

static void a_replaced_disk_is_filled_again_after_a_restart(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);
	struct log_dir *d = dir(w, 2, 2);
	uint32_t inside, outside;
	char id[24];

	(void)state;
	memcpy(id, d->id, sizeof(id));
	run_for(w, SIM_S(10));
	command(w, "fault failing-disk component=broker-2 disk=3 replaced=1 "
		   "for=20s");
	run_for(w, SIM_S(40));
	/* the disk is new, the broker does not look before it starts */
	assert_int_equal(broker_sign(w, 2,
		"kafka_log_logmanager_offlinelogdirectorycount"), 1);
	in_sync(w, d, &inside, &outside);
	assert_int_equal(inside, 0);
	command(w, "service broker-2 do=restart");
	run_for(w, SIM_S(60));
	assert_int_equal(broker_sign(w, 2,
		"kafka_log_logmanager_offlinelogdirectorycount"), 0);
	in_sync(w, d, &inside, &outside);
	assert_int_equal(inside, 6);
	assert_int_equal(outside, 18);
	assert_string_not_equal(d->id, id);
	assert_int_equal(lines(w, "Formatting data directory "
			       "/var/lib/kafka/data-2"), 1);
	assert_int_equal(cluster_sign(w,
		"kafka_server_replicamanager_underreplicatedpartitions"), 0);
	nothing_lost(w);
	world_free(w);
}

static void a_broker_restarted_with_a_dead_disk_serves_the_others(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);
	struct log_dir *d = dir(w, 2, 1);
	uint32_t inside, outside;

	(void)state;
	run_for(w, SIM_S(10));
	command(w, "fault failing-disk component=broker-2 disk=2");
	run_for(w, SIM_S(5));
	command(w, "service broker-2 do=restart");
	run_for(w, SIM_S(60));
	in_sync(w, d, &inside, &outside);
	assert_int_equal(inside, 0);
	assert_int_equal(outside, 18);
	assert_int_equal(lines(w, "Failed to create or validate data directory "
			       "/var/lib/kafka/data-1"), 1);
	assert_int_equal(broker_sign(w, 2,
		"kafka_log_logmanager_offlinelogdirectorycount"), 1);
	nothing_lost(w);
	world_free(w);
}

/* ReplicaManager.handleLogDirFailure: metadata.log.dir is the first. */
static void the_disk_with_the_metadata_log_halts_the_broker(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);

	(void)state;
	run_for(w, SIM_S(10));
	command(w, "fault failing-disk component=broker-2 disk=1");
	run_for(w, SIM_S(1));
	assert_int_equal(broker_nr(w, 2)->process->state, PROCESS_DOWN);
	assert_int_equal(lines(w, "Shutdown broker because the metadata log dir "
			       "/var/lib/kafka/data-0 has failed"), 1);
	assert_int_equal(lines(w, "all log dirs in"), 0);
	world_free(w);
}

static void without_the_controller_it_stops_after_30_s(void **state)
{
	struct world *w = sick_world("local-kafka", JBOD);

	(void)state;
	run_for(w, SIM_S(10));
	command(w, "fault kill component=controller-1");
	command(w, "fault failing-disk component=broker-2 disk=3");
	run_for(w, SIM_S(28));
	assert_true(process_runs(broker_nr(w, 2)->process));
	run_for(w, SIM_S(5));
	assert_int_equal(broker_nr(w, 2)->process->state, PROCESS_DOWN);
	assert_int_equal(lines(w, "Shutting down because couldn't communicate "
			       "offline log dir"), 1);
	world_free(w);
}

/* F11: the only log directory is full, by records alone. */
static void a_full_disk_halts_a_broker_and_again_at_each_start(void **state)
{
	struct world *w = sick_world("local-kafka", "apps=off");
	struct disk *disk = &broker_nr(w, 2)->process->machine->disk;

	(void)state;
	run_for(w, SIM_S(10));
	disk->bytes_total = disk->bytes_used + 200000;	/* 2 s of records */
	run_for(w, SIM_S(30));
	assert_int_equal(broker_nr(w, 2)->process->state, PROCESS_DOWN);
	assert_int_equal(lines(w, "No space left on device"), 1);
	assert_int_equal(lines(w, "Shutdown broker because all log dirs in "
			       "/var/lib/kafka/data have failed"), 1);
	assert_int_equal(controller_sign(w, "fencedbrokercount"), 1);
	/* the herring: others lead what it led, and fill next */
	assert_true(broker_sign(w, 1,
		"kafka_server_replicamanager_leadercount") > 0);
	nothing_lost(w);
	/* it comes up, follows, and is full again at once */
	command(w, "service broker-2 do=start");
	run_for(w, SIM_S(20));
	assert_int_equal(broker_nr(w, 2)->process->state, PROCESS_DOWN);
	assert_int_equal(lines(w, "all log dirs in"), 2);
	/* the fix: a larger volume */
	disk->bytes_total *= 100;
	command(w, "service broker-2 do=start");
	run_for(w, SIM_S(60));
	assert_int_equal(cluster_sign(w,
		"kafka_server_replicamanager_underreplicatedpartitions"), 0);
	nothing_lost(w);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_log_goes_where_fewest_are),
		cmocka_unit_test(
			one_disk_of_four_takes_its_replicas_and_no_more),
		cmocka_unit_test(
			a_replaced_disk_is_filled_again_after_a_restart),
		cmocka_unit_test(
			a_broker_restarted_with_a_dead_disk_serves_the_others),
		cmocka_unit_test(
			the_disk_with_the_metadata_log_halts_the_broker),
		cmocka_unit_test(without_the_controller_it_stops_after_30_s),
		cmocka_unit_test(
			a_full_disk_halts_a_broker_and_again_at_each_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
