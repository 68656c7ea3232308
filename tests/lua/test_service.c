/* test_service.c - a service as its operator sees it: configuration, endpoints,
 * tools, metrics, calls to others
 *
 * Method: lines typed at a console in a world with a service; what they print.
 */
#include "tests/test.h"

#include "lua/session.h"
#include "sim/app/database.h"
#include "sim/broker/controller.h"
#include "tests/lua/service_world.h"

struct desk {
	struct world *world;
	struct session *session;
	struct text out;
};

static struct desk *sit_down(struct world *w)
{
	struct session_options options = { .world_name = "empty-kafka" };
	struct desk *d = calloc(1, sizeof(*d));
	struct err err;

	assert_non_null(d);
	d->world = w;
	d->session = session_new(w, &options, &err);
	if (!d->session)
		fail_msg("%s", err.what);
	return d;
}

static void leave(struct desk *d)
{
	session_free(d->session);
	world_free(d->world);
	text_free(&d->out);
	free(d);
}

static const char *type(struct desk *d, const char *line)
{
	struct err err;

	text_clear(&d->out);
	if (!session_run(d->session, line, SIM_MINUTES(2), &d->out, NULL,
			 &err))
		fail_msg("%s", err.what);
	return text_cstr(&d->out);
}

static void prints(struct desk *d, const char *line, const char *part)
{
	const char *out = type(d, line);

	if (!strstr(out, part))
		fail_msg("%s\nprints %s\nnot %s", line, out, part);
}

static void file(struct desk *d, const char *name, const char *text)
{
	const struct files *f = session_files(d->session);
	struct err err;

	assert_true(f->write(f->ctx, name, text, strlen(text), &err));
}

static const char *const shop =
	"service.defaults{ greeting = 'hello', ['server.port'] = 8080 }\n"
	"function on_request(q)\n"
	"  if q.path == '/greet' then return service.config('greeting') end\n"
	"  if q.path == '/slow' then service.sleep('2s') return 'at last' end\n"
	"  if q.path == '/teapot' then return 418, 'no', 'text/plain' end\n"
	"  if q.path == '/sick' then service.healthy(false, 'a cold')"
	" return 'ok' end\n"
	"  if q.path == '/table' then return {} end\n"
	"  if q.path == '/echo' then return q.method .. ' ' .. q.query .. ' '"
	" .. q.body end\n"
	"  if q.path == '/via' then\n"
	"    local status, body = http.request('GET', q.body, nil, '1s')\n"
	"    return 200, tostring(status) .. ' ' .. tostring(body)\n"
	"  end\n"
	"  return 404, 'nothing here'\n"
	"end\n";

static void an_operator_deploys_and_asks_it(void **state)
{
	struct err err;
	struct desk *d = sit_down(lua_world("empty-kafka", 3, NULL, &err));

	(void)state;
	file(d, "shop.lua", shop);
	assert_string_equal(type(d, "service run shop shop.lua on=app-1"), "");
	world_run_until(d->world, SIM_S(1));
	prints(d, "curl -s http://shop:8080/greet", "hello");
	prints(d, "curl -s http://shop:8080/ready", "{\"status\":\"UP\"}");
	prints(d, "curl -s http://shop:8080/health", "{\"status\":\"UP\"}");
	prints(d, "curl -s http://shop:8080/slow", "at last");
	prints(d, "curl -s -i http://shop:8080/teapot", "418");
	prints(d, "curl -s http://shop:8080/nowhere", "nothing here");
	prints(d, "curl -s http://shop:8080/table", "use json.encode");
	prints(d, "curl -s -d 'body' 'http://shop:8080/echo?a=1'",
	       "POST a=1 body");
	prints(d, "curl -s http://shop:8080/sick", "ok");
	prints(d, "curl -s http://shop:8080/health", "{\"status\":\"DOWN\","
	       "\"reason\":\"a cold\"}");
	prints(d, "curl -s http://shop:8080/metrics", "# TYPE "
	       "http_server_requests_total counter\n"
	       "http_server_requests_total{status=\"200\"} ");
	prints(d, "service run shop shop.lua", "one not in use");
	prints(d, "service run other nofile.lua", "nofile.lua");
	prints(d, "service run other shop.lua colour=red", "no such word");
	leave(d);
}

/* Each layer overrides those below it, and the table says who. */
static void the_last_layer_is_heard_and_named(void **state)
{
	struct err err;
	struct desk *d = sit_down(lua_world("empty-kafka", 3, NULL, &err));

	(void)state;
	file(d, "shop.lua", shop);
	file(d, "app.properties", "# layers\ngreeting = from the file\n"
	     "colour=red\n");
	type(d, "service run shop shop.lua properties=app.properties "
	     "env.GREETING=environment env.SERVER_PORT=9000 env.HOME=/root "
	     "arg.colour=blue");
	world_run_until(d->world, SIM_S(1));
	prints(d, "curl -s http://shop:9000/greet", "environment");
	prints(d, "curl -s http://shop:9000/config",
	       "SETTING                              VALUE                    "
	       "LAYER        SET BY\n");
	prints(d, "curl -s http://shop:9000/config",
	       "colour                               blue                     "
	       "argument     --colour\n"
	       "                                     (red)                    "
	       "file         application.properties\n");
	prints(d, "curl -s http://shop:9000/config",
	       "greeting                             environment              "
	       "environment  GREETING\n"
	       "                                     (from the file)          "
	       "file         application.properties\n"
	       "                                     (hello)                  "
	       "default      shop.lua\n");
	prints(d, "curl -s http://shop:9000/config",
	       "server.port                          9000                     "
	       "environment  SERVER_PORT\n");
	prints(d, "curl -s http://shop:9000/config",
	       "HOME                                 /root                    "
	       "environment  HOME\n");
	type(d, "service set shop arg.greeting=argued");
	prints(d, "curl -s http://shop:9000/greet", "argued");
	leave(d);
}

static void services_call_each_other(void **state)
{
	struct err err;
	struct desk *d = sit_down(lua_world("empty-kafka", 3, NULL, &err));

	(void)state;
	file(d, "shop.lua", shop);
	type(d, "service run a shop.lua on=app-1");
	type(d, "service run b shop.lua on=edge-1");
	world_run_until(d->world, SIM_S(1));
	prints(d, "curl -s -d http://b:8080/greet http://a:8080/via",
	       "200 hello");
	prints(d, "curl -s -d http://b:8080/slow http://a:8080/via",
	       "nil timed out");
	prints(d, "curl -s -d http://b:1/ http://a:8080/via",
	       "nil connection refused");
	prints(d, "curl -s -d http://nobody:1/ http://a:8080/via",
	       "nil unknown host");
	type(d, "systemctl -H edge-1 kill b");
	prints(d, "curl -s -d http://b:8080/greet http://a:8080/via",
	       "nil connection refused");
	leave(d);
}

/* A validating filter, measured by the simulated Prometheus: every record is
 * in one of the two topics. */
static const char *const filter =
	"service.defaults{ ['consumer.topics'] = 'in',\n"
	"  ['consumer.auto.offset.reset'] = 'earliest' }\n"
	"function on_start() service.every('fill', '50ms') end\n"
	"local n = 0\n"
	"function on_timer()\n"
	"  n = n + 1\n"
	"  kafka.produce{ topic = 'in', key = 'd' .. n % 5,\n"
	"    value = n % 4 == 0 and 'warm' or tostring(n % 40) }\n"
	"end\n"
	"function on_record(r)\n"
	"  local good = math.tointeger(tonumber(r.value))\n"
	"  local to = good and 'good' or 'quarantine'\n"
	"  kafka.produce{ topic = to, key = r.key, value = r.value }\n"
	"  metric.add('readings_total', 1, { result = to })\n"
	"end\n";

static void a_filter_counts_what_it_does(void **state)
{
	struct world *w = service_world(filter, "");
	struct topic_config config = {0};
	struct desk *d = sit_down(w);
	struct err err;

	(void)state;
	assert_int_equal(controller_create_topic(w,
				controller_active(cluster_of(w)), "in", 2, 3,
				NULL, &config, &err), KAFKA_NONE);
	do_command(w, "service app do=start");
	prints(d, "sleep 1; curl -s http://app:8080/ready",
	       "joining its consumer group");
	world_run_until(w, SIM_S(120));
	prints(d, "curl -s http://app:8080/ready", "UP");
	prints(d, "promql 'sum(readings_total) > bool 2000'", "\n1     2026");
	prints(d, "promql 'round(sum(readings_total) / "
	       "sum(readings_total{result=\"quarantine\"}))'", "\n4     2026");
	prints(d, "promql 'up{job=\"app\"}'", "app:8080");
	prints(d, "curl -s http://app:8080/metrics",
	       "readings_total{result=\"quarantine\"} ");
	leave(d);
}

static void psql_looks_into_the_store(void **state)
{
	struct err err;
	struct desk *d = sit_down(lua_world("empty-kafka", 3, NULL, &err));

	(void)state;
	do_command(d->world, "store-new name=db on=monitor-1");
	world_run_until(d->world, SIM_S(1));
	assert_string_equal(type(d, "psql -h db -c 'create table t (id bigint "
		"primary key, name text)'"), "CREATE TABLE\n");
	assert_string_equal(type(d, "psql -h db -c \"insert into t values "
		"(1, 'one'), (20, null)\""), "INSERT 0 2\n");
	assert_string_equal(type(d, "psql -h db -c 'select * from t order by "
		"id desc limit 5'"),
		" id | name \n"
		"----+------\n"
		" 20 | \n"
		"  1 | one\n"
		"(2 rows)\n\n");
	assert_string_equal(type(d, "psql -h db -c 'select count(*) from t'"),
		" count \n-------\n     2\n(1 row)\n\n");
	assert_string_equal(type(d, "psql -h db -c 'insert into t values (1)'"),
		"ERROR:  duplicate key value violates unique constraint "
		"\"t_pkey\"\nDETAIL:  Key (id)=(1) already exists.\n");
	prints(d, "psql -h db -c '\\d'", " t    |    2");
	prints(d, "psql -h db -c '\\d t'", " id     | bigint | not null");
	prints(d, "psql -h nowhere -c 'select 1'", "Could not resolve host");
	do_command(d->world, "service db do=kill");
	prints(d, "psql -h db -c 'select count(*) from t'",
	       "Connection refused");
	leave(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operator_deploys_and_asks_it),
		cmocka_unit_test(the_last_layer_is_heard_and_named),
		cmocka_unit_test(services_call_each_other),
		cmocka_unit_test(a_filter_counts_what_it_does),
		cmocka_unit_test(psql_looks_into_the_store),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
