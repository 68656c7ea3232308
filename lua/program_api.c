/* program_api.c - what a learner's program can call: README.md, "Programs"
 *
 * What waits (sleep, http, db, flush, cpu.use) fills in what the task waits for
 * and yields to the host; what it waited for comes back as results.  A program
 * may not wait in a coroutine of its own: the host would not know whom to wake.
 */
#include <stdio.h>
#include <string.h>

#include "lua/bind.h"
#include "lua/json.h"
#include "lua/program_inside.h"
#include "sim/core/err.h"

#define FUEL_CALL	50
#define METRICS_MAX	1000		/* of one program */
#define LABELS_MAX	4
#define COMMIT_NS	SIM_US(20)	/* a request's CPU, as a producer's */
#define ASK_NS		SIM_US(30)	/* encode, send, wake up [E] */

static struct process *process_of(const struct program *p)
{
	return p->service->host->process;
}

/* -- waiting -------------------------------------------------------------- */

/* The task, when it may wait here. */
static struct task *may_wait(lua_State *L, const char *what)
{
	struct task *t = program_task(L, what);

	if (t->thread != L)
		luaL_error(L, "%s waits, which a coroutine of your own cannot; "
			   "call it in the handler itself", what);
	return t;
}

static int wait_for(lua_State *L, struct task *t, enum task_wait wait,
		    sim_time ns)
{
	t->wait = wait;
	t->wait_ns = ns;
	program_of(L)->waits = true;
	return lua_yield(L, 0);
}

/* service.sleep(span) */
static int f_sleep(lua_State *L)
{
	struct task *t = may_wait(L, "service.sleep");

	return wait_for(L, t, WAIT_TIME, bind_check_time(L, 1));
}

/* cpu.use(span) */
static int f_cpu_use(lua_State *L)
{
	struct task *t = may_wait(L, "cpu.use");

	return wait_for(L, t, WAIT_CPU, bind_check_time(L, 1));
}

/* -- service -------------------------------------------------------------- */

/* service.now(): seconds of the run */
static int f_now(lua_State *L)
{
	struct program *p = program_of(L);

	lua_pushnumber(L, (double)world_now(p->world) / 1e9);
	return 1;
}

/* service.wall_ms(): by this machine's clock */
static int f_wall_ms(lua_State *L)
{
	struct program *p = program_of(L);

	lua_pushinteger(L, sim_wall_ms(machine_wall(p->world,
		process_of(p)->machine)));
	return 1;
}

/* service.config(key [, otherwise]): text, or nil */
static int f_config(lua_State *L)
{
	struct program *p = program_of(L);
	const char *value = settings_text(p->world, &p->service->settings,
					  luaL_checkstring(L, 1), NULL);

	sandbox_charge(L, FUEL_CALL);
	if (value)
		lua_pushstring(L, value);
	else
		lua_settop(L, 2);
	return 1;
}

#define KEYS_MAX	64

/* The keys of the table at `index`, bytewise: the order of a table is that of
 * a random hash, and even the order in which names are made must not be. */
static int sorted_keys(lua_State *L, int index, const char *keys[KEYS_MAX])
{
	int n = 0;

	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		const char *key;
		int k = n;

		luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, index,
			      "a table of names: {[\"a.b\"] = value}");
		luaL_argcheck(L, n < KEYS_MAX, index, "at most 64 of them");
		for (key = lua_tostring(L, -2);
		     k && strcmp(key, keys[k - 1]) < 0; k--)
			keys[k] = keys[k - 1];
		keys[k] = key;
		n++;
	}
	return n;
}

/* service.defaults{key = value, ...}: what holds when nobody says otherwise */
static int f_defaults(lua_State *L)
{
	struct program *p = program_of(L);
	const char *keys[KEYS_MAX];
	int n;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	n = sorted_keys(L, 1, keys);
	for (int i = 0; i < n; i++, lua_settop(L, 1)) {
		sandbox_charge(L, FUEL_CALL);
		lua_getfield(L, 1, keys[i]);
		luaL_argcheck(L, lua_isstring(L, 2) || lua_isboolean(L, 2), 1,
			      "a value is a text, a number, true or false");
		settings_put(p->world, &p->service->settings, SETTING_DEFAULT,
			     keys[i], sandbox_tostring(L, 2, NULL),
			     world_text(p->world, p->file));
	}
	return 0;
}

/* service.every(name, span): on_timer(name) */
static int f_every(lua_State *L)
{
	struct program *p = program_of(L);
	const char *name = luaL_checkstring(L, 1);
	sim_time every = bind_check_time(L, 2);

	program_task(L, "service.every");
	luaL_argcheck(L, every >= SIM_MS(1), 2, "1 ms or more");
	service_every(p->world, p->service, name, every);
	return 0;
}

static name_id reason(lua_State *L, struct program *p)
{
	return world_name(p->world, luaL_optstring(L, 2, "the program says so"));
}

/* service.ready(is [, why not]) */
static int f_ready(lua_State *L)
{
	struct program *p = program_of(L);

	luaL_checktype(L, 1, LUA_TBOOLEAN);
	p->service->not_ready = !lua_toboolean(L, 1);
	p->service->why_not_ready = reason(L, p);
	return 0;
}

/* service.healthy(is [, why not]) */
static int f_healthy(lua_State *L)
{
	struct program *p = program_of(L);

	luaL_checktype(L, 1, LUA_TBOOLEAN);
	p->service->unhealthy = !lua_toboolean(L, 1);
	p->service->why_unhealthy = reason(L, p);
	return 0;
}

/* service.exit([code]): does not return */
static int f_exit(lua_State *L)
{
	struct program *p = program_of(L);
	struct task *t = may_wait(L, "service.exit");

	service_exit(p->world, p->service, (int32_t)luaL_optinteger(L, 1, 0));
	return wait_for(L, t, WAIT_TIME, SIM_S(1));
}

/* -- kafka ---------------------------------------------------------------- */

static const char *option_bytes(lua_State *L, const char *key, int32_t *len)
{
	const char *bytes;
	size_t n;

	*len = -1;
	if (lua_getfield(L, 1, key) == LUA_TNIL)
		return NULL;
	luaL_argcheck(L, lua_isstring(L, -1), 1, "key and value are texts");
	bytes = lua_tolstring(L, -1, &n);
	*len = (int32_t)n;
	sandbox_charge(L, (int64_t)n / 16);
	return bytes;
}

/* kafka.produce{topic=, key=, value=, partition=, headers=} */
static int f_produce(lua_State *L)
{
	struct program *p = program_of(L);
	struct task *t = program_task(L, "kafka.produce");
	struct text headers = {0};
	struct record r = {0};
	int32_t partition;
	const char *topic;
	struct err err;
	bool ok;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	bind_options(L, 1, "topic key value partition headers");
	topic = bind_option_text(L, 1, "topic", NULL);
	luaL_argcheck(L, topic, 1, "which topic? {topic = \"good\", value = "
		      "...}");
	partition = (int32_t)bind_option_integer(L, 1, "partition", -1);
	r.key = option_bytes(L, "key", &r.key_len);
	r.value = option_bytes(L, "value", &r.value_len);
	if (lua_getfield(L, 1, "headers") != LUA_TNIL)
		bind_check_headers(L, 1, &headers);
	r.headers = headers.at;
	r.headers_len = (uint32_t)headers.len;
	ok = service_produce(p->world, t, topic, partition, &r, &err);
	text_free(&headers);
	return ok ? 0 : luaL_error(L, "%s", err.what);
}

/* kafka.flush(): waits; how many records have failed so far */
static int f_flush(lua_State *L)
{
	return wait_for(L, may_wait(L, "kafka.flush"), WAIT_FLUSH, 0);
}

/* kafka.commit([record]): false when the consumer is no member now */
static int f_commit(lua_State *L)
{
	struct program *p = program_of(L);
	struct task *t = program_task(L, "kafka.commit");
	struct service *s = p->service;
	struct partition *at = NULL;
	name_id topic;

	task_cost(t, COMMIT_NS);
	luaL_argcheck(L, s->consumer, 1, "this service consumes nothing: set "
		      "consumer.topics");
	if (lua_isnoneornil(L, 1)) {
		lua_pushboolean(L, service_commit_polled(p->world, s));
		return 1;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	topic = names_find(&p->world->state->names,
			   bind_option_text(L, 1, "topic", ""));
	if (topic && bind_option_integer(L, 1, "partition", -1) >= 0)
		at = client_partition_at(&s->consumer->client, topic,
			(uint32_t)bind_option_integer(L, 1, "partition", 0));
	luaL_argcheck(L, at, 1, "a record that on_record was given");
	lua_pushboolean(L, service_commit(p->world, s, at->id,
		bind_option_integer(L, 1, "offset", 0) + 1));
	return 1;
}

/* -- http, db ------------------------------------------------------------- */

/* What came of an ask, pushed by program_push_outcome: as it is. */
static int ask(lua_State *L, struct task *t, enum task_wait wait,
	       enum http_method method, const char *target, const char *body,
	       size_t body_len, sim_time timeout, lua_KFunction then)
{
	struct program *p = program_of(L);

	sandbox_charge(L, FUEL_CALL + (int64_t)body_len / 16);
	t->method = method;
	task_bytes_set(p->world, &t->target, target, strlen(target));
	task_bytes_set(p->world, &t->body, body, body_len);
	task_cost(t, ASK_NS);
	t->wait = wait;
	t->wait_ns = timeout;
	p->waits = true;
	return then ? lua_yieldk(L, 0, 0, then) : lua_yield(L, 0);
}

/* http.request(method, url [, body [, timeout]]): status, body; or nil, why */
static int f_request(lua_State *L)
{
	struct task *t = may_wait(L, "http.request");
	const char *word = luaL_checkstring(L, 1);
	const char *url = luaL_checkstring(L, 2);
	enum http_method method;
	const char *body;
	sim_time timeout;
	size_t len;

	luaL_argcheck(L, http_method_parse(word, &method), 1,
		      "GET, POST, PUT, PATCH, DELETE");
	luaL_argcheck(L, !strncmp(url, "http://", 7) && url[7], 2,
		      "an address like http://host:8080/path");
	body = luaL_optlstring(L, 3, "", &len);
	timeout = lua_isnoneornil(L, 4) ? 0 : bind_check_time(L, 4);
	return ask(L, t, WAIT_HTTP, method, url + 7, body, len, timeout, NULL);
}

/* Replace the arguments by the text of the query, $1 .. by their values. */
static void quote_value(lua_State *L, luaL_Buffer *b, int index)
{
	const char *s;
	size_t len;

	switch (lua_type(L, index)) {
	case LUA_TNIL:
	case LUA_TNONE:
		luaL_addstring(b, "NULL");
		return;
	case LUA_TBOOLEAN:
		luaL_addstring(b, lua_toboolean(L, index) ? "TRUE" : "FALSE");
		return;
	case LUA_TNUMBER:
		lua_pushvalue(L, index);
		luaL_addvalue(b);
		return;
	case LUA_TSTRING:
		s = lua_tolstring(L, index, &len);
		luaL_addchar(b, '\'');
		for (size_t i = 0; i < len; i++) {
			if (s[i] == '\'')
				luaL_addchar(b, '\'');
			luaL_addchar(b, s[i]);
		}
		luaL_addchar(b, '\'');
		return;
	default:
		luaL_argerror(L, index, "text, number, boolean or nil");
	}
}

static void push_query(lua_State *L, int values)
{
	const char *s = luaL_checkstring(L, 1);
	bool quoted = false;
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (; *s; s++) {
		quoted ^= *s == '\'';
		if (*s != '$' || quoted || s[1] < '1' || s[1] > '9') {
			luaL_addchar(&b, *s);
			continue;
		}
		luaL_argcheck(L, s[1] - '0' <= values, 1,
			      "it asks for more values than there are");
		quote_value(L, &b, *++s - '0' + 1);
	}
	luaL_pushresult(&b);
}

/* Stack: ... nil, why; or status, body.  rows | nil, message, code */
static int after_query(lua_State *L, int status, lua_KContext ctx)
{
	struct program *p = program_of(L);
	const char *body;
	struct err err;
	size_t len;
	bool ok;

	(void)status;
	(void)ctx;
	if (lua_isnil(L, -2)) {
		lua_pushliteral(L, "08006");	/* connection_failure */
		return 3;
	}
	body = lua_tolstring(L, -1, &len);
	ok = lua_tointeger(L, -2) == 200;
	sandbox_charge(L, 100 + (int64_t)len);
	if (!json_push(L, body, len, &err))
		return luaL_error(L, "the store answered what is no JSON");
	lua_getfield(L, -1, "tx");
	p->task->in_transaction = lua_toboolean(L, -1);
	lua_pop(L, 1);
	if (ok) {
		if (lua_getfield(L, -1, "rows") != LUA_TTABLE) {
			lua_pop(L, 1);
			lua_newtable(L);
		}
		lua_getfield(L, -2, "count");
		lua_setfield(L, -2, "count");
		return 1;
	}
	lua_pushnil(L);
	lua_getfield(L, -2, "message");
	lua_getfield(L, -3, "code");
	return 3;
}

/* db.query(sql, ...): rows, with rows.count; or nil, message, SQLSTATE */
static int f_query(lua_State *L)
{
	struct program *p = program_of(L);
	struct task *t = may_wait(L, "db.query");
	const char *url = settings_text(p->world, &p->service->settings,
					"db.url", "");
	const char *sql;
	char target[192];
	size_t len;

	luaL_argcheck(L, lua_gettop(L) <= 10, 1, "at most 9 values");
	if (!*url)
		return luaL_error(L, "no store is configured: set db.url, as in "
				  "db.url=db:5432");
	push_query(L, lua_gettop(L) - 1);
	sql = lua_tolstring(L, -1, &len);
	snprintf(target, sizeof(target), "%.150s/query?session=%u", url,
		 t->number);
	return ask(L, t, WAIT_SQL, HTTP_POST, target, sql, len, SIM_S(30),
		   after_query);
}

/* -- resources, log, metrics ---------------------------------------------- */

/* memory.hold(bytes): beside what the program's own tables hold */
static int f_hold(lua_State *L)
{
	struct program *p = program_of(L);
	lua_Integer bytes = luaL_checkinteger(L, 1);

	luaL_argcheck(L, bytes >= 0 && bytes < INT64_C(1) << 42, 1,
		      "0 to 4 TiB, in bytes");
	program_task(L, "memory.hold");
	service_hold(p->world, p->service, bytes);
	return 0;
}

static int write_log(lua_State *L, enum log_level level)
{
	struct program *p = program_of(L);

	sandbox_charge(L, 10 * FUEL_CALL);
	log_write(p->world, process_of(p), level, "%s",
		  sandbox_tostring(L, 1, NULL));
	return 0;
}

static int f_info(lua_State *L)
{
	luaL_checkany(L, 1);
	return write_log(L, LOG_INFO);
}

static int f_warn(lua_State *L)
{
	luaL_checkany(L, 1);
	return write_log(L, LOG_WARN);
}

static int f_error(lua_State *L)
{
	luaL_checkany(L, 1);
	return write_log(L, LOG_ERROR);
}

/* The labels of a table at 3, at most four, in pairs. */
static void read_labels(lua_State *L, const char *pairs[2 * LABELS_MAX + 1])
{
	const char *keys[KEYS_MAX];
	int n;

	memset(pairs, 0, (2 * LABELS_MAX + 1) * sizeof(*pairs));
	if (lua_isnoneornil(L, 3))
		return;
	luaL_checktype(L, 3, LUA_TTABLE);
	lua_settop(L, 3);
	n = sorted_keys(L, 3, keys);
	luaL_argcheck(L, n <= LABELS_MAX, 3, "at most 4 labels");
	for (int i = 0; i < n; i++) {
		luaL_argcheck(L, lua_getfield(L, 3, keys[i]) == LUA_TSTRING, 3,
			      "labels and their values are texts");
		pairs[2 * i] = keys[i];
		pairs[2 * i + 1] = lua_tostring(L, -1);
	}
}

static bool good_metric(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:") ==
	       strlen(name) && !(*name >= '0' && *name <= '9');
}

static struct metric *metric_at(lua_State *L, bool counter)
{
	struct program *p = program_of(L);
	struct process *me = process_of(p);
	const char *l[2 * LABELS_MAX + 1], *name = luaL_checkstring(L, 1);

	luaL_argcheck(L, good_metric(name), 1, "a name like readings_total");
	luaL_argcheck(L, registry_of(p->world, me)->metrics.count <
		      METRICS_MAX, 1, "this process has 1000 metrics already; "
		      "labels must have few different values");
	sandbox_charge(L, 2 * FUEL_CALL);
	read_labels(L, l);
	return counter ?
	       metric_counter(p->world, me, name, l[0], l[1], l[2], l[3], l[4],
			      l[5], l[6], l[7], NULL) :
	       metric_gauge(p->world, me, name, l[0], l[1], l[2], l[3], l[4],
			    l[5], l[6], l[7], NULL);
}

/* metric.add(name [, n [, labels]]): a counter */
static int f_add(lua_State *L)
{
	lua_Integer n = luaL_optinteger(L, 2, 1);

	luaL_argcheck(L, n >= 0, 2, "a counter only grows");
	metric_add(metric_at(L, true), n);
	return 0;
}

/* metric.set(name, value [, labels]): a gauge */
static int f_set(lua_State *L)
{
	lua_Integer value = luaL_checkinteger(L, 2);

	metric_set(metric_at(L, false), value);
	return 0;
}

/* -- opening -------------------------------------------------------------- */

static const struct {
	const char *name;
	lua_CFunction call;
} functions[] = {
	{ "service.now", f_now }, { "service.wall_ms", f_wall_ms },
	{ "service.config", f_config }, { "service.defaults", f_defaults },
	{ "service.every", f_every }, { "service.sleep", f_sleep },
	{ "service.ready", f_ready }, { "service.healthy", f_healthy },
	{ "service.exit", f_exit },
	{ "kafka.produce", f_produce }, { "kafka.flush", f_flush },
	{ "kafka.commit", f_commit },
	{ "http.request", f_request }, { "db.query", f_query },
	{ "cpu.use", f_cpu_use }, { "memory.hold", f_hold },
	{ "log.info", f_info }, { "log.warn", f_warn },
	{ "log.error", f_error },
	{ "metric.add", f_add }, { "metric.set", f_set },
};

void program_api_open(struct program *p)
{
	lua_State *L = sandbox_state(p->sandbox);
	struct err err;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		lua_pushcfunction(L, functions[i].call);
		sandbox_add_global(p->sandbox, functions[i].name);
	}
	lua_pushstring(L, world_text(p->world, p->service->name));
	sandbox_add_global(p->sandbox, "service.name");
	json_open(p->sandbox, &err);
}

/* -- what goes in and comes out ------------------------------------------- */

static int push_record(struct program *p, struct task *t, lua_State *co)
{
	const struct cluster *c = cluster_of(p->world);
	const struct partition *at = c->partitions.at[t->record.partition];
	char scratch[RECORD_SCRATCH];
	struct record_view view;

	record_read(p->world, c, &t->record.batch, t->record.first, &view,
		    scratch);
	lua_createtable(co, 0, 8);
	bind_text(co, "topic", world_text(p->world, at->topic->name));
	bind_integer(co, "partition", at->index);
	bind_integer(co, "offset", view.offset);
	bind_integer(co, "timestamp_ms", sim_wall_ms(view.at));
	if (view.key_len >= 0)
		bind_bytes(co, "key", view.key, (size_t)view.key_len);
	if (view.value_len >= 0)
		bind_bytes(co, "value", view.value, (size_t)view.value_len);
	bind_headers(co, &view);
	return 1;
}

static int push_request(struct program *p, struct task *t, lua_State *co)
{
	const struct http_request *r = t->request;
	const char *path = http_path(r);

	lua_createtable(co, 0, 5);
	bind_text(co, "method", http_method_name(r->method));
	bind_bytes(co, "path", path, strcspn(path, "?"));
	bind_text(co, "query", http_query(path));
	bind_bytes(co, "body", http_body(r), r->body_len);
	bind_text(co, "from", world_text(p->world, r->head.from->name));
	return 1;
}

static int push_result(struct program *p, struct task *t, lua_State *co)
{
	lua_createtable(co, 0, 6);
	bind_text(co, "topic", world_text(p->world, t->result.topic));
	if (t->result.partition >= 0)
		bind_integer(co, "partition", t->result.partition);
	bind_integer(co, "offset", t->result.offset);
	bind_integer(co, "count", t->result.count);
	if (t->result.expired)
		bind_text(co, "error", "TimeoutException");
	else if (t->result.error != KAFKA_NONE)
		bind_text(co, "error", kafka_error_class(t->result.error));
	return 1;
}

int program_push_arguments(struct program *p, struct task *t, lua_State *co)
{
	switch (t->handler) {
	case PROGRAM_RECORD:
		return push_record(p, t, co);
	case PROGRAM_REQUEST:
		return push_request(p, t, co);
	case PROGRAM_RESULT:
		return push_result(p, t, co);
	case PROGRAM_TIMER:
		lua_pushstring(co, world_text(p->world, t->timer));
		return 1;
	default:
		return 0;
	}
}

int program_push_outcome(struct program *p, struct task *t, lua_State *co)
{
	switch (t->wait) {
	case WAIT_FLUSH:
		lua_pushinteger(co, (lua_Integer)p->service->failed);
		return 1;
	case WAIT_HTTP:
	case WAIT_SQL:
		break;
	default:
		return 0;
	}
	if (!t->answer) {
		lua_pushnil(co);
		lua_pushstring(co, t->failure ? t->failure : "no answer");
		return 2;
	}
	lua_pushinteger(co, t->answer->status);
	lua_pushlstring(co, t->answer->bytes, t->answer->body_len);
	return 2;
}

void program_take_reply(struct program *p, struct task *t, lua_State *co,
			int n)
{
	static const char no_text[] = "on_request returned what is no text; "
				      "use json.encode\n";
	int at = lua_gettop(co) - n + 1, end = at + n;
	size_t len;

	if (t->handler != PROGRAM_REQUEST)
		return;
	t->status = 200;
	if (at < end && lua_isinteger(co, at)) {
		t->status = (uint32_t)lua_tointeger(co, at++);
		if (t->status < 100 || t->status > 599)
			t->status = 500;
	}
	if (at < end && lua_type(co, at) == LUA_TSTRING) {
		const char *body = lua_tolstring(co, at++, &len);

		task_bytes_set(p->world, &t->reply, body, len);
	} else if (at < end && !lua_isnil(co, at)) {
		t->status = 500;
		task_bytes_set(p->world, &t->reply, no_text,
			       sizeof(no_text) - 1);
	}
	if (at < end && lua_type(co, at) == LUA_TSTRING)
		t->content_type = world_name(p->world, lua_tostring(co, at));
}
