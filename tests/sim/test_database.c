/* test_database.c - the relational store: what SQL means, who waits, what survives
 *
 * Method: a process asks the store over the network, statement by statement, in
 * sessions of its choice; answers are compared with what PostgreSQL 16 answers
 * (its documentation: INSERT, Explicit Locking, Appendix A for the codes).
 * Then the store is killed, or its machine loses power, and asked again.
 */
#include "tests/test.h"

#include "sim/app/service.h"
#include "sim/app/database.h"
#include "sim/core/luck.h"

enum { ASKER_MESSAGE = MODULE_WORLD << 8 };

#define SESSIONS	8

struct asker {
	struct process *process;
	struct database *store;
	char answer[SESSIONS][4000];	/* the last of each session */
	uint32_t answers;
};

static void take_answer(struct world *w, void *who, uint16_t arg)
{
	struct http_response *r = who;
	struct asker *a = r->head.to->self;

	(void)arg;
	snprintf(a->answer[r->id], sizeof(a->answer[0]), "%s", r->bytes);
	a->answers++;
	message_free(w, &r->head);
}

static const struct module_event asker_events[] = {
	{ "asker.message", take_answer },
};
static const struct module asker_module = {
	.name = "asker", .events = asker_events, .event_count = 1,
};

static struct asker *asker_of(const struct world *w)
{
	return process_find(w, "asker")->self;
}

static struct world *begin(void)
{
	static const struct module *const modules[MODULE_COUNT] = {
		[MODULE_WORLD] = &asker_module, [MODULE_HOST] = &host_module,
		[MODULE_TELEMETRY] = &telemetry_module,
		[MODULE_APP] = &app_module,
	};
	static const struct process_events on = { .message = ASKER_MESSAGE };
	struct world_spec spec = { .seed = 5, .modules = modules };
	struct world *w = world_new(&spec);
	struct asker *a;

	hosts_init(w);
	telemetry_init(w);
	services_init(w);
	a = world_take(w, struct asker);
	a->store = database_new(w, "db", machine_new(w, "db-1", "a",
						     &machine_broker), 5432);
	a->process = process_new(w, "asker", machine_new(w, "laptop", "a",
				 &machine_small), "psql", &on, MODULE_WORLD, a);
	process_start(w, a->store->process);
	process_start(w, a->process);
	world_run_until(w, SIM_S(1));
	return w;
}

/* Ask, and go on without the answer. */
static void ask(struct world *w, uint32_t session, const char *sql)
{
	struct asker *a = asker_of(w);
	char path[32];
	struct http_request *r;

	snprintf(path, sizeof(path), "/query?session=%u", session);
	r = http_request_new(w, HTTP_POST, path, sql, strlen(sql), session);
	a->answer[session][0] = '\0';
	net_send(w, a->process, a->store->process, &r->head);
}

static void pass(struct world *w, sim_time span)
{
	world_run_until(w, world_now(w) + span);
}

static const char *sql_in(struct world *w, uint32_t session, const char *sql)
{
	ask(w, session, sql);
	pass(w, SIM_MS(200));
	return asker_of(w)->answer[session];
}

static const char *sql(struct world *w, const char *text)
{
	return sql_in(w, 1, text);
}

static void says(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("«%s» is not in %s", part, answer);
}

/* -- what SQL means --------------------------------------------------------- */

static const struct {
	const char *sql, *says;
} steps[] = {
	{ "create table t (id bigint primary key, name text not null, "
	  "price numeric, ok boolean, unique (name))",
	  "\"tag\":\"CREATE TABLE\"" },
	{ "CREATE TABLE t (id int)", "\"code\":\"42P07\",\"message\":\"relation "
	  "\\\"t\\\" already exists\"" },
	{ "create table if not exists t (id int)", "CREATE TABLE" },
	{ "insert into t values (1, 'one', 1.5, true), (2, 'two', -0.25, "
	  "false)", "\"tag\":\"INSERT 0 2\"" },
	{ "insert into t (id, name) values (3, 'it''s')", "INSERT 0 1" },
	{ "select * from t", "\"columns\":[\"id\",\"name\",\"price\",\"ok\"],"
	  "\"rows\":[{\"id\":1,\"name\":\"one\",\"price\":1.5,\"ok\":true},"
	  "{\"id\":2,\"name\":\"two\",\"price\":-0.25,\"ok\":false},"
	  "{\"id\":3,\"name\":\"it's\",\"price\":null,\"ok\":null}]" },
	{ "insert into t values (1, 'x')", "\"code\":\"23505\",\"message\":"
	  "\"duplicate key value violates unique constraint \\\"t_pkey\\\"\","
	  "\"detail\":\"Key (id)=(1) already exists.\"" },
	{ "insert into t values (9, 'two')", "unique constraint "
	  "\\\"t_name_key\\\"\",\"detail\":\"Key (name)=(two)" },
	{ "insert into t values (4, null)", "\"23502\",\"message\":\"null value "
	  "in column \\\"name\\\" of relation \\\"t\\\" violates not-null" },
	{ "insert into t values (4, 'four', 'abc')", "\"22P02\",\"message\":"
	  "\"invalid input syntax for type numeric: \\\"abc\\\"\"" },
	{ "insert into t values (4, 'f', 1, true, 5)", "INSERT has more "
	  "expressions than target columns" },
	{ "insert into t values (1, 'x') on conflict do nothing",
	  "INSERT 0 0" },
	{ "insert into t values (2, 'zwei', 7) on conflict (id) do update set "
	  "name = excluded.name, price = t.price + excluded.price",
	  "INSERT 0 1" },
	{ "select name, price from t where id = 2", "\"rows\":[{\"name\":"
	  "\"zwei\",\"price\":6.75}]" },
	{ "insert into t values (2, 'x') on conflict (price) do nothing",
	  "\"42P10\"" },
	{ "update t set price = price - 0.75 where price > 1 and price < 100",
	  "UPDATE 2" },
	{ "select id from t where price is null", "[{\"id\":3}]" },
	{ "select id from t where price is not null order by price desc limit "
	  "1", "[{\"id\":2}]" },
	{ "select id from t order by price", "[{\"id\":1},{\"id\":2},"
	  "{\"id\":3}]" },	/* nulls last */
	{ "select count(*), sum(price), min(id), max(name) from t",
	  "{\"count\":3,\"sum\":6.75,\"min\":1,\"max\":\"zwei\"}" },
	{ "select count(*) from t where id > 100", "{\"count\":0}" },
	{ "select sum(price) from t where id > 100", "{\"sum\":null}" },
	{ "update t set id = 1 where id = 2", "23505" },
	{ "delete from t where id = 3", "DELETE 1" },
	{ "insert into t values (3, 'three')", "INSERT 0 1" },
	{ "select * from u", "\"42P01\",\"message\":\"relation \\\"u\\\" does "
	  "not exist" },
	{ "select age from t", "column \\\"age\\\" does not exist" },
	{ "select * form t", "syntax error at or near \\\"form\\\"" },
	{ "select * from t where name = 'open", "unterminated quoted "
	  "string at or near \\\"'open\\\"" },
	{ "select * from", "syntax error at end of input" },
	{ "update t set name = 5 - 'x'", "operator does not exist" },
	{ "delete from t", "DELETE 3" },
	{ "select count(*) from t", "{\"count\":0}" },
};

static void statements_mean_what_they_do_in_postgresql(void **state)
{
	struct world *w = begin();

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *answer = sql(w, steps[i].sql);

		if (!strstr(answer, steps[i].says))
			fail_msg("%s\nsaid %s\nnot %s", steps[i].sql, answer,
				 steps[i].says);
	}
	world_free(w);
}

/* -- transactions ----------------------------------------------------------- */

static void others_see_what_is_committed(void **state)
{
	struct world *w = begin();

	(void)state;
	sql(w, "create table t (id bigint primary key, n bigint)");
	sql(w, "insert into t values (1, 10)");
	says(sql_in(w, 2, "begin"), "\"tx\":true");
	sql_in(w, 2, "update t set n = 11 where id = 1");
	sql_in(w, 2, "insert into t values (2, 20)");
	says(sql_in(w, 2, "select * from t"), "{\"id\":1,\"n\":11},"
	     "{\"id\":2,\"n\":20}");
	says(sql(w, "select * from t"), "\"rows\":[{\"id\":1,\"n\":10}]");
	says(sql_in(w, 2, "commit"), "\"tag\":\"COMMIT\"");
	says(sql(w, "select sum(n) from t"), "31");
	sql_in(w, 2, "begin");
	sql_in(w, 2, "delete from t");
	says(sql_in(w, 2, "rollback"), "ROLLBACK");
	says(sql(w, "select sum(n) from t"), "31");
	world_free(w);
}

/* The second who adds waits for the first, and adds to what that one left. */
static void no_update_is_lost(void **state)
{
	struct world *w = begin();

	(void)state;
	sql(w, "create table t (id bigint primary key, n bigint)");
	sql(w, "insert into t values (1, 100)");
	sql_in(w, 2, "begin");
	sql_in(w, 2, "update t set n = n + 1 where id = 1");
	ask(w, 3, "update t set n = n + 10 where id = 1");
	pass(w, SIM_S(5));
	assert_string_equal(asker_of(w)->answer[3], "");
	sql_in(w, 2, "commit");
	says(asker_of(w)->answer[3], "UPDATE 1");
	says(sql(w, "select n from t"), "111");
	world_free(w);
}

/* Who inserts a key that another is about to insert learns which it is. */
static void a_key_in_doubt_is_waited_for(void **state)
{
	static const struct { const char *end, *says; } ways[] = {
		{ "commit", "23505" }, { "rollback", "INSERT 0 1" },
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = begin();

		sql(w, "create table t (id bigint primary key)");
		sql_in(w, 2, "begin");
		sql_in(w, 2, "insert into t values (1)");
		ask(w, 3, "insert into t values (1)");
		pass(w, SIM_S(2));
		assert_string_equal(asker_of(w)->answer[3], "");
		sql_in(w, 2, ways[i].end);
		says(asker_of(w)->answer[3], ways[i].says);
		says(sql(w, "select count(*) from t"), "{\"count\":1}");
		world_free(w);
	}
}

static void a_circle_of_waiting_is_broken(void **state)
{
	struct world *w = begin();

	(void)state;
	sql(w, "create table t (id bigint primary key, n bigint)");
	sql(w, "insert into t values (1, 0), (2, 0)");
	sql_in(w, 2, "begin");
	sql_in(w, 3, "begin");
	sql_in(w, 2, "update t set n = 2 where id = 1");
	sql_in(w, 3, "update t set n = 3 where id = 2");
	ask(w, 2, "update t set n = 2 where id = 2");
	pass(w, SIM_S(1));
	says(sql_in(w, 3, "update t set n = 3 where id = 1"), "\"40P01\"");
	says(sql_in(w, 3, "select * from t"), "25P02");
	says(sql_in(w, 3, "commit"), "ROLLBACK");
	says(asker_of(w)->answer[2], "UPDATE 1");
	sql_in(w, 2, "commit");
	says(sql(w, "select * from t"), "{\"id\":1,\"n\":2},{\"id\":2,\"n\":2}");
	world_free(w);
}

static void who_goes_away_leaves_nothing(void **state)
{
	struct world *w = begin();

	(void)state;
	sql(w, "create table t (id bigint primary key)");
	sql_in(w, 2, "begin");
	sql_in(w, 2, "insert into t values (1)");
	process_kill(w, asker_of(w)->process);
	pass(w, SIM_S(1));
	process_start(w, asker_of(w)->process);
	says(sql_in(w, 3, "insert into t values (1)"), "INSERT 0 1");
	world_free(w);
}

/* -- what survives ---------------------------------------------------------- */

static void restart(struct world *w)
{
	process_start(w, asker_of(w)->store->process);
	pass(w, SIM_S(2));
}

static void a_crash_loses_nothing_that_was_answered(void **state)
{
	struct world *w = begin();

	(void)state;
	sql(w, "create table t (id bigint primary key, s text)");
	sql(w, "insert into t values (1, 'a'), (2, 'b'), (3, 'c')");
	sql(w, "update t set s = 'B' where id = 2");
	sql(w, "delete from t where id = 1");
	sql_in(w, 2, "begin");
	sql_in(w, 2, "insert into t values (4, 'open')");
	process_kill(w, asker_of(w)->store->process);
	pass(w, SIM_S(1));
	process_start(w, asker_of(w)->store->process);
	ask(w, 1, "select * from t");
	pass(w, SIM_MS(100));
	says(asker_of(w)->answer[1], "\"57P03\",\"message\":\"the database "
	     "system is starting up\"");
	pass(w, SIM_S(1));
	says(sql(w, "select * from t"), "\"rows\":[{\"id\":2,\"s\":\"B\"},"
	     "{\"id\":3,\"s\":\"c\"}]");
	says(sql(w, "insert into t values (3, 'x')"), "23505");
	says(sql(w, "insert into t values (5, 'e')"), "INSERT 0 1");
	world_free(w);
}

static void what_was_answered_survives_a_loss_of_power(void **state)
{
	struct world *w = begin();
	struct asker *a = asker_of(w);

	(void)state;
	sql(w, "create table t (id bigint primary key)");
	says(sql(w, "insert into t values (1), (2)"), "INSERT 0 2");
	machine_power_loss(w, a->store->process->machine);
	restart(w);
	says(sql(w, "select count(*) from t"), "{\"count\":2}");
	world_free(w);
}

/* The file lost its end: so did the store, and goes on from there. */
static void a_log_that_lost_its_end_is_read_up_to_there(void **state)
{
	struct world *w = begin();
	struct asker *a = asker_of(w);
	int64_t end;

	(void)state;
	sql(w, "create table t (id bigint primary key)");
	sql(w, "insert into t values (1)");
	end = a->store->wal->end;
	sql(w, "insert into t values (2)");
	sql(w, "update t set id = 9 where id = 1");
	process_kill(w, a->store->process);
	a->store->wal->intact_end = end;
	restart(w);
	assert_int_equal(a->store->wal->end, end);
	says(sql(w, "select * from t"), "\"rows\":[{\"id\":1}]");
	sql(w, "insert into t values (7)");
	process_kill(w, a->store->process);
	restart(w);
	says(sql(w, "select * from t"), "\"rows\":[{\"id\":1},{\"id\":7}]");
	world_free(w);
}

static void a_full_disk_is_a_panic(void **state)
{
	struct world *w = begin();
	struct asker *a = asker_of(w);

	(void)state;
	sql(w, "create table t (id bigint primary key)");
	sql(w, "insert into t values (1)");
	a->store->process->machine->disk.full_of_others = true;
	sql(w, "insert into t values (2)");
	assert_int_equal(a->store->process->state, PROCESS_DOWN);
	a->store->process->machine->disk.full_of_others = false;
	restart(w);
	says(sql(w, "select * from t"), "\"rows\":[{\"id\":1}]");
	world_free(w);
}

/* -- against a naive model -------------------------------------------------- */

#define KEYS	40

/* Random statements, crashes among them; a row of numbers is the model. */
static void it_agrees_with_an_array(void **state)
{
	struct world *w = begin();
	int64_t model[KEYS];
	struct luck luck;

	(void)state;
	luck_init(&luck, 3, "test", "store");
	for (int i = 0; i < KEYS; i++)
		model[i] = -1;
	sql(w, "create table t (id bigint primary key, n bigint)");
	for (int step = 0; step < 1500; step++) {
		int64_t id = luck_between(&luck, 0, KEYS - 1);
		int64_t n = luck_between(&luck, 0, 999), sum = 0, count = 0;
		char text[160];

		switch (luck_below(&luck, 5)) {
		case 0:
			snprintf(text, sizeof(text), "delete from t where id = "
				 "%lld", (long long)id);
			model[id] = -1;
			break;
		case 1:
			snprintf(text, sizeof(text), "update t set n = n + 1 "
				 "where id = %lld", (long long)id);
			model[id] += model[id] >= 0;
			break;
		default:
			snprintf(text, sizeof(text), "insert into t values "
				 "(%lld, %lld) on conflict (id) do update set "
				 "n = excluded.n", (long long)id, (long long)n);
			model[id] = n;
			break;
		}
		ask(w, 1, text);
		pass(w, SIM_MS(20));
		if (luck_chance(&luck, 1, 100)) {
			process_kill(w, asker_of(w)->store->process);
			restart(w);
		}
		for (int i = 0; i < KEYS; i++) {
			sum += model[i] >= 0 ? model[i] : 0;
			count += model[i] >= 0;
		}
		if (step % 25)
			continue;
		snprintf(text, sizeof(text), count ? "{\"count\":%lld,\"sum\":"
			 "%lld}" : "{\"count\":%lld", (long long)count,
			 (long long)sum);
		says(sql(w, "select count(*), sum(n) from t"), text);
	}
	world_free(w);
}

static void it_goes_back_in_time(void **state)
{
	struct world *w = begin();

	(void)state;
	world_travel_on(w, SIM_S(1), 100);
	sql(w, "create table t (id bigint primary key)");
	sql(w, "insert into t values (1)");
	sql(w, "insert into t values (2)");
	says(sql(w, "select count(*) from t"), "2");
	world_rewind(w, SIM_MS(1400));
	says(sql(w, "select count(*) from t"), "1");
	process_kill(w, asker_of(w)->store->process);
	restart(w);
	says(sql(w, "select count(*) from t"), "1");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_mean_what_they_do_in_postgresql),
		cmocka_unit_test(others_see_what_is_committed),
		cmocka_unit_test(no_update_is_lost),
		cmocka_unit_test(a_key_in_doubt_is_waited_for),
		cmocka_unit_test(a_circle_of_waiting_is_broken),
		cmocka_unit_test(who_goes_away_leaves_nothing),
		cmocka_unit_test(a_crash_loses_nothing_that_was_answered),
		cmocka_unit_test(what_was_answered_survives_a_loss_of_power),
		cmocka_unit_test(a_log_that_lost_its_end_is_read_up_to_there),
		cmocka_unit_test(a_full_disk_is_a_panic),
		cmocka_unit_test(it_agrees_with_an_array),
		cmocka_unit_test(it_goes_back_in_time),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
