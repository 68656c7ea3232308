/* test_delivery.c - a service between a topic and a table: what is lost, what
 * comes twice
 *
 * Method: a producer writes numbered records into `in`, a service writes each
 * into the table `sink`, is killed in the middle and started again.  Then the
 * rows are counted against what was acknowledged: at-least-once loses nothing
 * and has duplicates, a commit that runs ahead of the work loses, an idempotent
 * sink has each once.
 */
#include "tests/test.h"

#include "sim/app/database.h"
#include "sim/broker/controller.h"
#include "tests/lua/service_world.h"

#define RECORDS	400

/* Numbered records, ten a second from 20 s on. */
static const char *const source =
	"local n = 0\n"
	"function on_start() service.every('next', '100ms') end\n"
	"function on_timer()\n"
	"  if service.now() < 20 or n == 400 then return end\n"
	"  n = n + 1\n"
	"  kafka.produce{ topic = 'in', key = 'k' .. n, value = '' .. n }\n"
	"end\n";

#define SINK_START							\
	"service.defaults{ ['consumer.topics'] = 'in',\n"		\
	"  ['consumer.auto.offset.reset'] = 'earliest',\n"		\
	"  ['consumer.session.timeout.ms'] = 6000,\n"			\
	"  ['db.url'] = 'db:5432' }\n"					\
	"function on_start()\n"						\
	"  assert(db.query('create table if not exists sink (seq bigint"	\
	" primary key, n bigint)'))\n"					\
	"end\n"

/* seq numbers the rows, so that a record that comes twice is two rows. */
#define SINK_APPEND							\
	"service.defaults{ ['consumer.topics'] = 'in',\n"		\
	"  ['consumer.auto.offset.reset'] = 'earliest',\n"		\
	"  ['consumer.session.timeout.ms'] = 6000,\n"			\
	"  ['db.url'] = 'db:5432' }\n"					\
	"function on_start()\n"						\
	"  assert(db.query('create table if not exists sink (n bigint)'))\n" \
	"end\n"								\
	"function on_record(r)\n"					\
	"  service.sleep('20ms')\n"					\
	"  assert(db.query('insert into sink values ($1)',"		\
	" math.tointeger(tonumber(r.value))))\n"			\
	"  metric.add('rows_written_total')\n"

static void put(struct world *w, const char *name, const char *text)
{
	struct text line = {0};

	text_addf(&line, "program-put name=%s", name);
	args_add(&line, "text", text);
	do_command(w, text_cstr(&line));
	text_free(&line);
}

static struct world *delivery(const char *sink, const char *with)
{
	struct err err;
	struct world *w = lua_world("empty-kafka", 11, NULL, &err);
	struct topic_config config = {0};
	struct text line = {0};

	assert_non_null(w);
	assert_int_equal(controller_create_topic(w,
				controller_active(cluster_of(w)), "in", 3, 3,
				NULL, &config, &err), KAFKA_NONE);
	do_command(w, "store-new name=db on=monitor-1");
	put(w, "source.lua", source);
	put(w, "sink.lua", sink);
	do_command(w, "service-new name=source program=source.lua on=edge-1");
	text_addf(&line, "service-new name=app program=sink.lua restart=always "
		  "%s", with);
	do_command(w, text_cstr(&line));
	text_free(&line);
	return w;
}

struct outcome {
	uint32_t rows, lost, twice;
};

static struct outcome count(struct world *w)
{
	struct table *t = database_table(w, database_find(w, "db"), "sink");
	uint32_t seen[RECORDS + 1] = {0};
	struct outcome o = {0};

	assert_non_null(t);
	for (uint32_t i = 0; i < t->rows.count; i++) {
		const struct row *r = t->rows.at[i];

		if (!r || !r->committed)
			continue;
		o.rows++;
		seen[r->committed[t->column_count - 1].n]++;
	}
	for (uint32_t i = 1; i <= RECORDS; i++) {
		o.lost += !seen[i];
		o.twice += seen[i] > 1;
	}
	return o;
}

static void check_all_sent(struct world *w)
{
	assert_int_equal(service_find(w, "source")->produced, RECORDS);
}

static struct outcome drill(const char *sink, const char *with)
{
	struct world *w = delivery(sink, with);
	struct outcome o;

	world_run_until(w, SIM_MS(38370));
	do_command(w, "service app do=kill");
	world_run_until(w, SIM_S(180));
	check_all_sent(w);
	o = count(w);
	print_message("rows %u, lost %u, twice %u\n", o.rows, o.lost, o.twice);
	world_free(w);
	return o;
}

/* Offsets are committed every 5 s by a later poll: what was written since the
 * last commit is written again. */
static void at_least_once_loses_nothing_and_repeats(void **state)
{
	struct outcome o = drill(SINK_APPEND "end\n", "");

	(void)state;
	assert_int_equal(o.lost, 0);
	assert_in_range(o.twice, 1, 60);
	assert_int_equal(o.rows, RECORDS + o.twice);
}

/* Committed by hand behind each row: at most the one in hand comes twice. */
static void commits_behind_the_work_repeat_hardly(void **state)
{
	struct outcome o = drill(SINK_APPEND "  kafka.commit(r)\nend\n",
				 "arg.consumer.enable.auto.commit=false");

	(void)state;
	assert_int_equal(o.lost, 0);
	assert_in_range(o.twice, 0, 2);
}

/* A pool takes records faster than it does them, and the automatic commit
 * knows of the taking only: what was in the pool is gone.  By hand: from 20 s to
 * 38.37 s come 183 records, two workers of 300 ms do 6.67 a second, 122; so
 * some 61 wait or are at work. */
static const char *const slow_sink =
	"service.defaults{ ['consumer.topics'] = 'in',\n"
	"  ['consumer.auto.offset.reset'] = 'earliest',\n"
	"  ['consumer.session.timeout.ms'] = 6000,\n"
	"  ['db.url'] = 'db:5432' }\n"
	"function on_start()\n"
	"  assert(db.query('create table if not exists sink (n bigint)'))\n"
	"end\n"
	"function on_record(r)\n"
	"  service.sleep('300ms')\n"
	"  assert(db.query('insert into sink values ($1)',"
	" math.tointeger(tonumber(r.value))))\n"
	"  if service.config('commit') == 'after' then kafka.commit(r) end\n"
	"end\n";

static void a_commit_ahead_of_the_work_loses(void **state)
{
	struct outcome o = drill(slow_sink, "arg.consumer.pool=2 "
		"arg.consumer.auto.commit.interval.ms=500");

	(void)state;
	assert_in_range(o.lost, 52, 66);
	assert_int_equal(o.rows + o.lost, RECORDS + o.twice);
}

/* The way out: no pool that runs away from its commits. */
static void a_commit_behind_the_work_does_not(void **state)
{
	struct outcome o = drill(slow_sink, "arg.commit=after "
		"arg.consumer.enable.auto.commit=false");

	(void)state;
	assert_int_equal(o.lost, 0);
}

/* The record's number is the key: writing it again changes nothing. */
static void an_idempotent_sink_has_each_once(void **state)
{
	struct outcome o = drill(SINK_START
		"function on_record(r)\n"
		"  service.sleep('20ms')\n"
		"  local n = math.tointeger(tonumber(r.value))\n"
		"  assert(db.query('insert into sink values ($1, $2) on "
		"conflict (seq) do nothing', n, n))\n"
		"end\n", "");

	(void)state;
	assert_int_equal(o.lost, 0);
	assert_int_equal(o.twice, 0);
	assert_int_equal(o.rows, RECORDS);
}

/* Back to moments in which the service waits for the store, sleeps, is down or
 * joins again; and on from there: the same run, rows and all. */
/* A poll hands out max.poll.records, however small the batches they came in
 * (one record each); 400 wait in three partitions. */
static void a_poll_is_as_large_as_its_setting(void **state)
{
	struct world *w = delivery(SINK_APPEND "end\n",
		"start=no arg.consumer.auto.commit.interval.ms=100");
	uint32_t most = 0;

	(void)state;
	world_run_until(w, SIM_S(80));
	do_command(w, "service app do=start");
	for (int i = 0; i < 100; i++) {		/* 3 s to join, 8 s of work */
		world_run_until(w, SIM_S(80) + i * SIM_MS(100));
		if (service_find(w, "app")->queued > most)
			most = service_find(w, "app")->queued;
	}
	assert_in_range(most, 100, RECORDS);
	world_free(w);
}

static void a_rewind_takes_store_and_service_along(void **state)
{
	static const sim_time back[] = {
		SIM_MS(30012), SIM_MS(38371), SIM_MS(25500), SIM_MS(41999),
		SIM_MS(5), SIM_MS(20021),
	};
	struct world *w = delivery(SINK_APPEND "end\n", "");
	uint64_t digests[71];
	struct outcome there;

	(void)state;
	world_travel_on(w, SIM_S(5), 100);
	world_run_until(w, SIM_MS(38370));
	do_command(w, "service app do=kill");
	world_rewind(w, 0);
	for (int s = 0; s <= 70; s++) {
		world_run_until(w, SIM_S(s));
		digests[s] = world_digest(w);
	}
	there = count(w);
	assert_int_equal(there.rows, RECORDS + there.twice);
	for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		struct outcome again;
		int s = (int)(back[i] / SIM_S(1));

		world_rewind(w, back[i]);
		while (s < 70) {
			world_run_until(w, SIM_S(++s));
			if (world_digest(w) != digests[s])
				fail_msg("back to %lld ns: another run before "
					 "%d s", (long long)back[i], s);
		}
		again = count(w);
		assert_int_equal(again.rows, there.rows);
		assert_int_equal(again.twice, there.twice);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_least_once_loses_nothing_and_repeats),
		cmocka_unit_test(commits_behind_the_work_repeat_hardly),
		cmocka_unit_test(a_commit_ahead_of_the_work_loses),
		cmocka_unit_test(a_commit_behind_the_work_does_not),
		cmocka_unit_test(an_idempotent_sink_has_each_once),
		cmocka_unit_test(a_poll_is_as_large_as_its_setting),
		cmocka_unit_test(a_rewind_takes_store_and_service_along),
	};

	return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
