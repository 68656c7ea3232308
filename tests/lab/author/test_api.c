/* test_api.c - the names an editor is told of are the names that there are
 *
 * Method: names are taken from where they work: the tables behind `w`, `h` and
 * `s` and the globals out of a running sandbox, the fields of lab.module{}
 * out of the schema, and what methods return out of a world in which something
 * happened.  Goal: every name has a row in lab/author and every row a name, of
 * the type it says; so completion, lint and the documentation cannot lag.
 */
#include "tests/test.h"

#include <lauxlib.h>
#include <lua.h>

#include "lab/author/annotate.h"
#include "lab/author/api.h"
#include "lab/course/box.h"
#include "lab/course/exercise_inside.h"
#include "lab/paths.h"
#include "lua/bind_world.h"
#include "lua/program.h"
#include "lua/sandbox.h"
#include "lua/session.h"
#include "sim/core/world.h"

/* --- a world in which something happened ------------------------------------- */

static struct {
	struct world *world;
	struct session *session;
	struct sandbox *sandbox;
	struct text printed;
} f;

static void hear(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	text_bytes(&f.printed, bytes, len);
}

static void make_global(const char *name)
{
	assert_true(sandbox_add_global(f.sandbox, name));
}

static int setup(void **state)
{
	struct sandbox_limits limits = sandbox_limits_default;
	struct err err = { "" };

	(void)state;
	limits.fuel = 2000 * 1000 * 1000LL;
	limits.cpu_ms = 60000;
	f.world = lua_world("local-kafka", 3, "devices=50", &err);
	assert_non_null(f.world);
	assert_true(world_command(f.world, "program-put name=a.lua text=exit()",
				  NULL, &err));
	assert_true(world_command(f.world, "service-new name=a program=a.lua",
				  NULL, &err));
	f.session = session_new(f.world, NULL, &err);
	assert_non_null(f.session);
	f.sandbox = sandbox_new(&limits);
	sandbox_set_print(f.sandbox, hear, NULL);
	bind_world_push(sandbox_state(f.sandbox), f.world);
	make_global("w");
	bind_history_push(sandbox_state(f.sandbox), f.world, f.session);
	make_global("h");
	bind_setup_push(sandbox_state(f.sandbox), f.session);
	make_global("s");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bind_world_end(sandbox_state(f.sandbox), f.world);
	sandbox_free(f.sandbox);
	session_free(f.session);
	world_free(f.world);
	text_free(&f.printed);
	return 0;
}

static void run(const char *source)
{
	struct err err = { "" };

	text_clear(&f.printed);
	if (!sandbox_load(f.sandbox, "test", source, strlen(source), &err) ||
	    !sandbox_call(f.sandbox, 0, 0, 0, &err))
		fail_msg("%s", err.what);
}

/* --- methods ------------------------------------------------------------------- */

static const struct api_function *method(const struct api_class *c,
					 const char *name)
{
	const struct api_function *m = c->methods;

	while (m->name && strcmp(m->name, name) != 0)
		m++;
	if (m->name)
		return m;
	return c->parent ? method(api_class(c->parent), name) : NULL;
}

/* Push the table of methods behind the handle on top: the first upvalue of its
 * __index (lua/bind_world.c, set_metatable). */
static void push_methods(lua_State *L)
{
	assert_true(lua_getmetatable(L, -1));
	assert_int_equal(lua_getfield(L, -1, "__index"), LUA_TFUNCTION);
	assert_non_null(lua_getupvalue(L, -1, 1));
	assert_true(lua_istable(L, -1));
}

static void methods_are(const char *class)
{
	lua_State *L = sandbox_state(f.sandbox);
	const struct api_class *c = api_class(class);

	push_methods(L);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		if (!method(c, lua_tostring(L, -2)))
			fail_msg("%s:%s has no row in lab/author/api_table.c",
				 class, lua_tostring(L, -2));
	for (; c; c = c->parent ? api_class(c->parent) : NULL)
		for (const struct api_function *m = c->methods; m->name; m++) {
			if (lua_getfield(L, -1, m->name) != LUA_TFUNCTION)
				fail_msg("there is no method %s:%s", class,
					 m->name);
			lua_pop(L, 1);
		}
	lua_settop(L, 0);
}

static void methods_and_rows_agree(void **state)
{
	lua_State *L = sandbox_state(f.sandbox);

	(void)state;
	bind_world_push(L, f.world);
	methods_are("millrace.world");
	bind_history_push(L, f.world, f.session);
	methods_are("millrace.history");
	bind_setup_push(L, f.session);
	methods_are("millrace.setup");
}

/* rng lives in the box's driver: ask a module that is given one. */
static void the_rng_agrees(void **state)
{
	static const char source[] =
		"return lab.module{ params = function(rng)\n"
		"  local t = {} for k in pairs(rng) do t[k] = true end\n"
		"  return t end }";
	struct box *b = box_new(NULL);
	const struct api_class *c = api_class("millrace.rng");
	struct err err = { "" };
	json_t *t, *names;
	const char *name;
	json_t *v;

	(void)state;
	t = box_load(b, "rng", source, sizeof(source) - 1, true, &err);
	assert_non_null(t);
	names = box_call(b, "params", "1", NULL, &err);
	assert_non_null(names);
	json_object_foreach(names, name, v)
		if (!method(c, name))
			fail_msg("rng:%s has no row", name);
	for (const struct api_function *m = c->methods; m->name; m++)
		if (!json_object_get(names, m->name))
			fail_msg("there is no rng:%s", m->name);
	json_decref(names);
	json_decref(t);
	box_free(b);
}

/* --- globals ------------------------------------------------------------------- */

struct name_list {
	char at[512][40];
	size_t count;
};

static void keep(struct name_list *n, const char *library, const char *name)
{
	size_t len = strlen(name);

	/* The driver's own (box.c). */
	if (len > 2 && strcmp(name + len - 2, "__") == 0)
		return;
	assert_true(n->count < 512);
	snprintf(n->at[n->count++], sizeof(n->at[0]), "%s%s%s", library,
		 *library ? "." : "", name);
}

/* The table on top, and with `deep` the libraries in it: read-only views, with
 * the table behind as their __index (lua/sandbox_lib.c). */
static void gather(lua_State *L, struct name_list *n, const char *library,
		   bool deep)
{
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		const char *name = lua_tostring(L, -2);

		keep(n, library, name);
		if (!deep || !lua_istable(L, -1) || !strcmp(name, "_G") ||
		    strstr(name, "__"))
			continue;
		assert_true(lua_getmetatable(L, -1));
		assert_int_equal(lua_getfield(L, -1, "__index"), LUA_TTABLE);
		gather(L, n, name, false);
		lua_pop(L, 2);
	}
}

static bool has_name(const struct name_list *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->at[i], name) == 0)
			return true;
	return false;
}

static void globals_and_rows_agree(void **state)
{
	struct box *b = box_new(NULL);
	lua_State *L = sandbox_state(box_sandbox(b));
	struct name_list n = { .count = 0 };
	struct err err;

	(void)state;
	/* The environment of a chunk is its first upvalue (sandbox.h). */
	assert_true(sandbox_load(box_sandbox(b), "x", "x = 1", 5, &err));
	assert_non_null(lua_getupvalue(L, -1, 1));
	gather(L, &n, "", false);		/* _G, load */
	assert_true(lua_getmetatable(L, -1));
	assert_int_equal(lua_getfield(L, -1, "__index"), LUA_TTABLE);
	gather(L, &n, "", true);
	assert_true(n.count > 80);
	for (size_t i = 0; i < n.count; i++)
		if (!api_is_global(n.at[i]))
			fail_msg("the sandbox has %s, and api_globals no row",
				 n.at[i]);
	for (const struct api_global *g = api_globals; g->name; g++)
		if (!has_name(&n, g->name))
			fail_msg("there is no global %s", g->name);
	assert_true(has_name(&n, "lab.module") && has_name(&n, "math.floor"));
	lua_settop(L, 0);
	box_free(b);
}

static void what_is_gone_is_gone(void **state)
{
	static const char *const gone[] = { "os", "io", "require", "next",
					    "math.random", "string.dump" };

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		assert_non_null(api_instead(gone[i]));
		assert_false(api_is_global(gone[i]));
	}
	assert_null(api_instead("math.floor"));
}

/* --- what is returned ------------------------------------------------------------ */

/* Everything that returns tables, in a world where a broker was killed.  Each
 * table is told as `CLASS`, then ` KEY TYPE` for each field. */
static const char look[] =
	"local function show(class, list)\n"
	"  for _, t in ipairs(list) do\n"
	"    local line = class\n"
	"    for k, v in pairs(t) do\n"
	"      line = line .. ' ' .. k .. ' ' .. (math.type(v) or type(v))\n"
	"    end\n"
	"    print(line)\n"
	"  end\n"
	"end\n"
	"s:console('kafka-topics.sh --bootstrap-server broker-1:9092 --list')\n"
	"s:console('traces sample 1')\n"
	"s:console('echo line | kafka-console-producer.sh '\n"
	"  .. '--bootstrap-server broker-1:9092 --topic drawings')\n"
	"s:console('traces sample 0')\n"
	"s:run('40s')\n"
	"local n = s:fault{ kind = 'kill', component = 'broker-2' }\n"
	"s:run('60s') s:heal(n) s:run('60s')\n"
	"s:fault{ kind = 'hang', component = 'broker-3', after = '10s' }\n"
	"show('machine', w:machines())\n"
	"show('process', w:processes())\n"
	"show('broker', w:brokers())\n"
	"for _, name in ipairs(w:topics()) do\n"
	"  local t = w:topic(name)\n"
	"  show('topic', { t }) show('partition', t.partitions)\n"
	"end\n"
	"show('record', w:records{ topic = 'readings', max = 5 })\n"
	"local d = w:records{ topic = 'drawings', max = 5 }\n"
	"show('record', d) show('header', d[1].headers)\n"
	"local t = w:traces(5)\n"
	"show('trace', t) show('span', w:trace(t[1].id))\n"
	"for _, id in ipairs(w:groups()) do\n"
	"  local g = w:group(id)\n"
	"  show('group', { g }) show('member', g.members)\n"
	"end\n"
	"for _, c in ipairs(w:clients()) do\n"
	"  show('client', { c }) show('client_partition', c.partitions)\n"
	"end\n"
	"show('fleet', w:fleets()) show('app', w:apps())\n"
	"show('service', w:services())\n"
	"show('audit', { w:audit(w:fleets()[1].name) })\n"
	"show('fault', w:faults())\n"
	"show('sample', w:query('up')) show('sample', w:query('1'))\n"
	"show('sample', w:query('up[1m]'))\n"
	"local list = w:query_range('up', 0, 60)\n"
	"show('series', list) show('point', list[1].points)\n"
	"show('command', h:commands())\n"
	"show('log_line', h:log{ max = 20 })\n"
	"show('leader_change', h:leader_changes())\n"
	"show('isr_change', h:isr_changes())\n";

static const struct api_field *field(const struct api_class *c,
				     const char *name)
{
	for (const struct api_field *x = c->fields; x->name; x++)
		if (strncmp(x->name, name, strlen(name)) == 0 &&
		    strchr("?", x->name[strlen(name)]))
			return x;
	return c->parent ? field(api_class(c->parent), name) : NULL;
}

static bool is_of(const char *type, const char *seen)
{
	if (strcmp(seen, "table") == 0)
		return strstr(type, "[]") || strncmp(type, "table<", 6) == 0;
	if (strcmp(seen, "string") == 0)
		return strstr(type, "string") || type[0] == '"';
	if (strcmp(seen, "float") == 0 || strcmp(type, "number") == 0 ||
	    strncmp(type, "number|", 7) == 0)
		return strncmp(type, "number", 6) == 0;
	return strcmp(type, seen) == 0;
}

static void demand_required(const struct api_class *c, const char *line)
{
	for (; c; c = c->parent ? api_class(c->parent) : NULL)
		for (const struct api_field *x = c->fields; x->name; x++) {
			char word[64];

			snprintf(word, sizeof(word), " %s ", x->name);
			if (!strchr(x->name, '?') && !strstr(line, word))
				fail_msg("a %s has no %s: %s", c->name,
					 x->name, line);
		}
}

static bool was_seen[128];

static void compare_line(char *line)
{
	char copy[2048], name[64], *rest, *key, *type;
	const struct api_class *c;

	snprintf(copy, sizeof(copy), "%s", line);
	snprintf(name, sizeof(name), "millrace.%s", strtok_r(line, " ", &rest));
	c = api_class(name);
	if (!c)
		fail_msg("no class %s", name);
	was_seen[c - api_classes] = true;
	demand_required(c, copy);
	while ((key = strtok_r(NULL, " ", &rest))) {
		const struct api_field *x = field(c, key);

		type = strtok_r(NULL, " ", &rest);
		if (!x)
			fail_msg("%s.%s has no row", name, key);
		if (!is_of(x->type, type))
			fail_msg("%s.%s is a %s, not a %s", name, key, type,
				 x->type);
	}
}

static void tables_hold_what_their_rows_say(void **state)
{
	char *rest, *line;

	(void)state;
	run(look);
	for (line = strtok_r(f.printed.at, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		compare_line(line);
	f.printed.len = 0;
	for (const struct api_class *c = api_classes; c->name; c++)
		if (c->fields && !strstr(c->name, "_options") &&
		    !was_seen[c - api_classes])
			fail_msg("nothing of class %s was seen", c->name);
}

/* --- options ---------------------------------------------------------------------- */

static void compare_options(const char *call, const char *class)
{
	char source[256];
	const struct api_class *c = api_class(class);
	const char *known;
	size_t words = 0, rows = 0;

	snprintf(source, sizeof(source), "local _, why = pcall(function() "
		 "%s{ zzz = 1 } end) print(why)", call);
	run(source);
	known = strstr(text_cstr(&f.printed), "there are:");
	assert_non_null(known);
	for (const struct api_field *x = c->fields; x->name; x++, rows++) {
		char word[64];

		snprintf(word, sizeof(word), " %.*s",
			 (int)strcspn(x->name, "?"), x->name);
		if (!strstr(known, word))
			fail_msg("%s has no option%s", call, word);
	}
	for (const char *p = known + strlen("there are:"); *p; p++)
		words += *p == ' ';
	if (words != rows)
		fail_msg("%s takes%s; the rows of %s are %zu", call,
			 known + strlen("there are:"), class, rows);
}

static void options_and_rows_agree(void **state)
{
	(void)state;
	compare_options("w:records", "millrace.records_options");
	compare_options("w:count", "millrace.count_options");
	compare_options("h:log", "millrace.log_options");
	compare_options("h:count_log", "millrace.count_log_options");
	compare_options("h:leader_changes", "millrace.changes_options");
	compare_options("h:isr_changes", "millrace.changes_options");
}

/* --- lab.module{...} ---------------------------------------------------------------- */

/* Every field at and below `path` has an entry and stands in the document. */
static size_t walk(const char *path, const struct field *fields,
		   const char *document)
{
	size_t count = 0;

	for (; fields->name; fields++, count++) {
		char inner[128], word[80];
		const struct api_entry *e;

		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "",
			 fields->name);
		e = api_entry(inner);
		if (!e)
			fail_msg("%s has no row in api_fields.c", inner);
		snprintf(word, sizeof(word), "| `%s` ", fields->name);
		if (!strstr(document, word))
			fail_msg("docs/authoring.md has no row `%s`",
				 fields->name);
		if (fields->inside) {
			if (!e->inside)
				fail_msg("%s needs the name of a class", inner);
			count += walk(inner, fields->inside, document);
		}
	}
	return count;
}

static void fields_rows_and_document_agree(void **state)
{
	struct text document = {0};
	size_t rows = 0;
	struct err err;

	(void)state;
	assert_true(path_read("docs/authoring.md", 1 << 20, &document, &err));
	for (const struct api_entry *e = api_entries; e->path; e++)
		rows++;
	assert_int_equal(walk("", module_fields, text_cstr(&document)), rows);
	text_free(&document);
}

/* --- the file ----------------------------------------------------------------------- */

static void the_file_is_lua_and_complete(void **state)
{
	struct text t = {0};
	struct err err = { "" };

	(void)state;
	annotate_text(&t);
	if (!sandbox_load(f.sandbox, "millrace.d.lua", text_cstr(&t), t.len,
			  &err))
		fail_msg("%s", err.what);
	lua_settop(sandbox_state(f.sandbox), 0);
	for (const char *const *want = (const char *const[]){
		"---@meta\n", "function lab.module(fields) end",
		"---@class millrace.broker: millrace.process\n",
		"---@field status \"wip\"|\"beta\"|\"active\"|\"deprecated\" ",
		"---@field checks millrace.check[] ",
		"---@field hints? millrace.hint[] ",
		"---@field params? fun(rng: millrace.rng): table ",
		"---@param at? millrace.time when; now if not given\n"
		"---@return millrace.sample[] list",
		"function world:query(promql, at) end", NULL }; *want; want++)
		if (!strstr(text_cstr(&t), *want))
			fail_msg("the annotations have no `%s`", *want);
	/* A type that is used is a type that is made. */
	for (const char *at = text_cstr(&t); (at = strstr(at, "millrace.")); ) {
		size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_.");
		char made[96], alias[96];

		snprintf(made, sizeof(made), "---@class %.*s", (int)len, at);
		snprintf(alias, sizeof(alias), "---@alias %.*s ", (int)len, at);
		if (strncmp(at, "millrace.d.lua", 14) != 0 &&
		    !strstr(text_cstr(&t), made) &&
		    !strstr(text_cstr(&t), alias))
			fail_msg("nothing makes %.*s", (int)len, at);
		at += len;
	}
	text_free(&t);
}

static void the_settings_are_json(void **state)
{
	struct text t = {0};
	json_error_t why;
	json_t *settings;

	(void)state;
	annotate_settings(&t);
	settings = json_loads(text_cstr(&t), 0, &why);
	if (!settings)
		fail_msg("%s", why.text);
	assert_string_equal(json_string_value(json_array_get(json_object_get(
		settings, "workspace.library"), 0)), ANNOTATE_FILE);
	json_decref(settings);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_and_rows_agree),
		cmocka_unit_test(the_rng_agrees),
		cmocka_unit_test(globals_and_rows_agree),
		cmocka_unit_test(what_is_gone_is_gone),
		cmocka_unit_test(options_and_rows_agree),
		cmocka_unit_test(tables_hold_what_their_rows_say),
		cmocka_unit_test(fields_rows_and_document_agree),
		cmocka_unit_test(the_file_is_lua_and_complete),
		cmocka_unit_test(the_settings_are_json),
	};

	return cmocka_run_group_tests_name("api", tests, setup, teardown);
}
