/* fake_sim.h - the global `sim` without a world behind it, for fuzzing tools
 *
 * A tool sees what lua/bind_tools.h promises: commands give ids, mailboxes give
 * entries, machines and processes are lists.  What comes back is chosen by the
 * input: mostly what the simulator would answer (taken from real runs), else a
 * refusal, a reply with values of other types, without fields, cut off, or
 * meant for another question.  What C itself makes (sim.processes and the
 * like) keeps its types; replies are text from the other side of a network,
 * and anything may stand there.
 *
 * Choices are taken from the end of the input, so that what libFuzzer does to
 * the front, the command line, leaves them alone.  When there are none left,
 * the answer is the good one, and streams end: every run comes to its end.
 */
#ifndef TESTS_FUZZ_FAKE_SIM_H
#define TESTS_FUZZ_FAKE_SIM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lua/json.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

#define FAKE_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The input, eaten from both ends. */
struct choices {
	const unsigned char *at;
	size_t left;
};

static inline unsigned choose_front(struct choices *c)
{
	if (!c->left)
		return 0;
	c->left--;
	return *c->at++;
}

static inline unsigned choose_back(struct choices *c)
{
	return c->left ? c->at[--c->left] : 0;
}

enum { FAKE_IDS = 64 };

struct fake_sim {
	struct choices choices;
	int64_t now_ns;
	int64_t last_id;
	struct fake_box {
		char verb[24];
		char api[32];
		int pending;		/* records sent, not answered */
		bool closing;
	} boxes[FAKE_IDS];
	const char *processes, *machines;
};

/* --- what there is ------------------------------------------------------- */

#define FAKE_PROCESS(name, machine, command, port) \
	"{\"name\":\"" name "\",\"machine\":\"" machine "\",\"zone\":\"a\"," \
	"\"state\":\"up\",\"command\":\"" command "\",\"ports\":[" port "]," \
	"\"starts\":1,\"pid\":4711,\"started_at\":1.5,\"started_at_ns\":" \
	"1500000000,\"cpu_ns\":2000000000,\"memory_bytes\":1073741824}"
#define FAKE_DOWN(name, machine) \
	"{\"name\":\"" name "\",\"machine\":\"" machine "\",\"zone\":\"b\"," \
	"\"state\":\"down\",\"command\":\"kafka.Kafka\",\"ports\":[9092]," \
	"\"starts\":2}"
#define FAKE_MACHINE(name) \
	"{\"name\":\"" name "\",\"zone\":\"a\",\"cores\":4,\"cpu_busy_ns\":" \
	"12345678901,\"memory_bytes\":17179869184,\"memory_used_bytes\":" \
	"1073741824,\"disk_bytes\":107374182400,\"disk_used_bytes\":5368709," \
	"\"disk_written_bytes\":4096,\"disk_busy_ns\":77,\"disk_fsyncs\":3," \
	"\"nic_bits_per_s\":1000000000,\"sent_bytes\":1,\"received_bytes\":2}"

static const char *const fake_processes[] = {
	"[" FAKE_PROCESS("broker-1", "broker-1", "kafka.Kafka server.properties",
			 "9092,9404") ","
	FAKE_DOWN("broker-2", "broker-2") ","
	FAKE_PROCESS("app", "app", "app", "") ","
	FAKE_PROCESS("curl-1", "workstation", "curl", "") ","
	FAKE_PROCESS("prometheus", "prometheus", "/bin/prometheus --x", "9090")
	"]",
	"[]",
};

static const char *const fake_machines[] = {
	"[" FAKE_MACHINE("workstation") "," FAKE_MACHINE("broker-1") ","
	FAKE_MACHINE("broker-2") "," FAKE_MACHINE("app") ","
	FAKE_MACHINE("prometheus") "]",
	"[" FAKE_MACHINE("kafka") "]",
	"[]",
};

/* A bill: sums a year of a large platform would have, and one machine. */
#define FAKE_ITEM(name, unit) \
	"{\"name\":\"" name "\",\"price\":\"p\",\"cost_nano\":" \
	"123456789012345,\"used\":99887766554433," unit "}"
#define FAKE_ITEMS \
	"[" FAKE_ITEM("machines", "\"unit\":\"seconds\"") "," \
	FAKE_ITEM("volumes", "\"unit\":\"bytes\"") "," \
	FAKE_ITEM("volume-speed", "\"x\":0") "," \
	FAKE_ITEM("zone-traffic", "\"unit\":\"bytes\"") "," \
	FAKE_ITEM("region-traffic", "\"unit\":\"bytes\"") "," \
	FAKE_ITEM("internet-egress", "\"unit\":\"bytes\"") "]"

static const char fake_bill[] =
	"{\"total_nano\":740740734074070,\"hourly_nano\":827835612,"
	"\"items\":" FAKE_ITEMS ",\"machines\":[{\"name\":\"broker-1\","
	"\"profile\":\"broker\",\"zone\":\"a\",\"region\":\"r\","
	"\"items\":" FAKE_ITEMS "}]}";

/* --- what is answered ---------------------------------------------------- */

#define FAKE_NODE(answer) \
	"{\"answers\":[{\"node\":1,\"answer\":" answer "}]}"
#define FAKE_PART(n, leader, isr) \
	"{\"partition\":" n ",\"leader\":" leader ",\"leader_epoch\":3," \
	"\"replicas\":[1,2],\"isr\":" isr ",\"adding\":[],\"removing\":[]}"
#define FAKE_ENTRY(name, value, source) \
	"{\"name\":\"" name "\",\"value\":\"" value "\",\"read_only\":false," \
	"\"synonyms\":[{\"source\":\"" source "\",\"name\":\"" name "\"," \
	"\"value\":\"" value "\"}],\"source\":\"" source "\"}"

static const struct {
	const char *api, *reply;
} fake_replies[] = {
	{ "list-topics", FAKE_NODE("{\"topics\":[{\"name\":\"t\",\"uuid\":"
		"\"jJaDHmErbxQxHAWqdbl0CQ\",\"internal\":false},{\"name\":"
		"\"__consumer_offsets\",\"uuid\":\"x\",\"internal\":true}]}") },
	{ "describe-topics", FAKE_NODE("{\"topics\":[{\"name\":\"t\",\"uuid\":"
		"\"jJaDHmErbxQxHAWqdbl0CQ\",\"internal\":false,\"partitions\":["
		FAKE_PART("0", "1", "[1,2]") "," FAKE_PART("1", "-1", "[2]")
		"]},{\"name\":\"__consumer_offsets\",\"uuid\":\"x\","
		"\"internal\":true,\"partitions\":["
		FAKE_PART("0", "2", "[2]") "]}]}") },
	{ "describe-topics", FAKE_NODE("{\"topics\":[{\"name\":\"t\","
		"\"error\":\"UNKNOWN_TOPIC_OR_PARTITION\",\"message\":"
		"\"This server does not host this topic-partition.\"}]}") },
	{ "describe-configs", FAKE_NODE("{\"resources\":[{\"name\":\"t\","
		"\"entries\":["
		FAKE_ENTRY("min.insync.replicas", "2", "DYNAMIC_TOPIC_CONFIG")
		"," FAKE_ENTRY("retention.ms", "604800000", "DEFAULT_CONFIG")
		"]},{\"name\":\"__consumer_offsets\",\"entries\":[]},{\"name\":"
		"\"1\",\"entries\":["
		FAKE_ENTRY("node.id", "1", "STATIC_BROKER_CONFIG") "]}]}") },
	{ "describe-cluster", FAKE_NODE("{\"cluster_id\":\"MkU3\","
		"\"controller\":1,\"nodes\":[{\"id\":1,\"host\":\"broker-1\","
		"\"port\":9092,\"rack\":\"a\"},{\"id\":2,\"host\":\"broker-2\","
		"\"port\":9092},{\"id\":3,\"host\":\"broker-3\",\"port\":9092,"
		"\"rack\":\"c\"}]}") },
	{ "list-reassignments", FAKE_NODE("{\"reassignments\":[{\"topic\":"
		"\"t\",\"partition\":0,\"replicas\":[3,1,2],\"adding\":[3],"
		"\"removing\":[2]}]}") },
	{ "alter-reassignments", FAKE_NODE("{\"results\":[{\"topic\":\"t\","
		"\"partition\":0}]}") },
	{ "elect-leaders", FAKE_NODE("{\"results\":[{\"topic\":\"t\","
		"\"partition\":0},{\"topic\":\"t\",\"partition\":1,\"error\":"
		"\"ELECTION_NOT_NEEDED\",\"message\":\"Leader election not "
		"needed for topic partition.\"}]}") },
	{ "create-topic", FAKE_NODE("{\"name\":\"t\",\"uuid\":\"jJaD\","
		"\"partitions\":2}") },
	{ "list-groups", FAKE_NODE("{\"groups\":[{\"group\":\"g\",\"state\":"
		"\"Stable\",\"type\":\"Classic\"},{\"group\":\"h\",\"state\":"
		"\"Empty\",\"type\":\"Classic\"}]}") },
	{ "describe-group", FAKE_NODE("{\"group\":\"g\",\"state\":\"Stable\","
		"\"assignor\":\"range\",\"coordinator\":1,\"members\":[{"
		"\"member_id\":\"g-627dae50\",\"client_id\":\"g\",\"host\":"
		"\"/10.0.0.15\",\"assignment\":[{\"topic\":\"t\","
		"\"partition\":0}]}]}") },
	{ "describe-group", FAKE_NODE("{\"group\":\"g\",\"state\":\"Empty\","
		"\"assignor\":\"\",\"coordinator\":2,\"members\":[]}") },
	{ "group-offsets", FAKE_NODE("{\"offsets\":[{\"topic\":\"t\","
		"\"partition\":0,\"offset\":5},{\"topic\":\"t\",\"partition\":1,"
		"\"offset\":7}]}") },
	{ "list-offsets", "{\"answers\":[{\"node\":1,\"answer\":{\"offsets\":[{"
		"\"topic\":\"t\",\"partition\":0,\"offset\":9,\"timestamp\":-1}"
		"]}},{\"node\":2,\"answer\":{\"offsets\":[{\"topic\":\"t\","
		"\"partition\":1,\"offset\":0,\"timestamp\":1767600020000}]}}]}" },
	{ "describe-log-dirs", FAKE_NODE("{\"broker\":1,\"log_dirs\":[{"
		"\"log_dir\":\"/d\",\"partitions\":[{\"topic\":\"t\","
		"\"partition\":0,\"size\":9,\"offset_lag\":0,"
		"\"is_future\":false}]}]}") },
	{ "", FAKE_NODE("{}") },		/* the others have no words */
};

static const char *const fake_errors[] = {
	"{\"answers\":[],\"error\":\"TIMEOUT\",\"class\":\"org.apache.kafka."
	"common.errors.TimeoutException\",\"message\":\"Timed out waiting for "
	"a node assignment. Call: listTopics\"}",
	"{\"answers\":[],\"error\":\"CONFIG\",\"class\":\"org.apache.kafka."
	"common.config.ConfigException\",\"message\":\"No resolvable bootstrap "
	"urls given in bootstrap.servers\"}",
	"{\"error\":\"TOO_LARGE\",\"message\":\"the answer is too long to be "
	"shown\"}",
	"{\"answers\":[],\"error\":\"INVALID_CONFIG\",\"class\":\"x\","
	"\"message\":\"\"}",
};

static const char *const fake_http[] = {
	"{\"status\":200,\"content_type\":\"application/json\",\"body\":"
	"\"{\\\"status\\\":\\\"success\\\",\\\"data\\\":{\\\"resultType\\\":"
	"\\\"vector\\\",\\\"result\\\":[{\\\"metric\\\":{\\\"__name__\\\":"
	"\\\"up\\\",\\\"job\\\":\\\"kafka\\\"},\\\"value\\\":[1767600021.1,"
	"\\\"1\\\"]}]}}\"}",
	"{\"status\":200,\"content_type\":\"application/json\",\"body\":"
	"\"{\\\"status\\\":\\\"success\\\",\\\"data\\\":{\\\"resultType\\\":"
	"\\\"matrix\\\",\\\"result\\\":[{\\\"metric\\\":{\\\"a\\\":\\\"b\\\"},"
	"\\\"values\\\":[[1767600021.1,\\\"1\\\"],[1767600036,\\\"NaN\\\"]]}]}"
	"}\"}",
	"{\"status\":200,\"content_type\":\"application/json\",\"body\":"
	"\"{\\\"status\\\":\\\"success\\\",\\\"data\\\":{\\\"resultType\\\":"
	"\\\"scalar\\\",\\\"result\\\":[1767600021.1,\\\"1\\\"]}}\"}",
	"{\"status\":400,\"content_type\":\"application/json\",\"body\":"
	"\"{\\\"status\\\":\\\"error\\\",\\\"errorType\\\":\\\"bad_data\\\","
	"\\\"error\\\":\\\"parse error\\\"}\"}",
	"{\"status\":404,\"content_type\":\"text/plain\",\"body\":\"no\\n\"}",
	"{\"status\":200,\"content_type\":\"\",\"body\":\"{\"}",
	"{\"error\":\"NO_HOST\",\"message\":\"there is no such host\"}",
	"{\"error\":\"REFUSED\",\"message\":\"refused\"}",
	"{\"error\":\"TIMEOUT\"}",
	"{\"error\":\"50%\",\"message\":\"100%d\"}",
};

static const char fake_record[] =
	"{\"topic\":\"t\",\"partition\":0,\"offset\":4,\"timestamp_ms\":"
	"1767600020045,\"key\":\"k\",\"value\":\"v\xc3\xa9\"}";
static const char fake_failed[] =
	"{\"topic\":\"t\",\"partition\":1,\"class\":\"org.apache.kafka.common."
	"errors.NotEnoughReplicasException\",\"message\":\"Messages are "
	"rejected.\",\"records\":[{\"key_bytes\":-1,\"value_bytes\":4}]}";
static const char fake_log[] =
	"[2026-01-05 08:01:00,038] WARN [AdminClient clientId=adminclient-1] "
	"Node may not be available. (org.apache.kafka.clients.NetworkClient)";

/* --- hostility ----------------------------------------------------------- */

/* Behind the JSON value (or key) that begins at i. */
static inline size_t fake_value_end(const char *s, size_t i)
{
	int depth = 0;

	if (s[i] != '"' && s[i] != '{' && s[i] != '[')
		return i + strcspn(s + i, ",]}");
	do {
		if (s[i] == '"') {
			for (i++; s[i] && s[i] != '"'; i++)
				if (s[i] == '\\' && s[i + 1])
					i++;
		}
		depth += (s[i] == '{' || s[i] == '[') -
			 (s[i] == '}' || s[i] == ']');
		if (s[i])
			i++;
	} while (depth > 0 && s[i]);
	return i;
}

/* Where the n-th value of a document begins; fewer: the document itself. */
static inline size_t fake_value(const char *s, unsigned n)
{
	for (size_t i = 0; s[i]; i++) {
		if (s[i] == '"') {
			size_t end = fake_value_end(s, i);

			if (s[end] == ':') {		/* a key */
				i = end - 1;
				continue;
			}
			if (n-- == 0)
				return i;
			i = end - 1;
		} else if (!strchr(":,]}", s[i])) {
			if (n-- == 0)
				return i;
			if (s[i] != '{' && s[i] != '[')
				i = fake_value_end(s, i) - 1;
		}
	}
	return 0;
}

static inline void fake_replace(struct text *t, unsigned n, const char *value)
{
	const char *s = text_cstr(t);
	size_t from = fake_value(s, n), to = fake_value_end(s, from);
	struct text out = {0};

	text_bytes(&out, s, from);
	text_add(&out, value);
	text_add(&out, s + to);
	text_free(t);
	*t = out;
}

/* What is said instead, perhaps. */
static inline void fake_spoil(struct fake_sim *f, struct text *t)
{
	static const char *const junk[] = {
		"null", "-1", "1e308", "9223372036854775807", "\"\"", "\"x:y\"",
		"{}", "[]", "true", "[null]", "[[]]", "\"\xc3\xa9%s%\"", "0.5",
		"-9223372036854775808", "\"t\"", "99999999999", "{\"a\":1}",
		"[1,2,3,4,5,6,7,8]",
	};
	unsigned how = choose_back(&f->choices);

	if (how < 128)
		return;
	if (how >= 248) {
		if (t->len) {
			t->len = how * 7 % t->len;
			t->at[t->len] = '\0';
		}
		return;
	}
	for (unsigned n = how & 1 ? 1 : 2; n--;) {
		unsigned at = choose_back(&f->choices) % 48;

		fake_replace(t, at,
			     junk[choose_back(&f->choices) % FAKE_COUNT(junk)]);
	}
}

/* --- mailboxes ----------------------------------------------------------- */

static inline struct fake_sim *fake_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static inline struct fake_box *fake_box(struct fake_sim *f, int64_t id)
{
	return &f->boxes[(uint64_t)id % FAKE_IDS];
}

/* The value of a field of a command; "" when there is none. */
static inline void fake_field(const char *line, const char *name, char *out,
			      size_t size)
{
	size_t len = strlen(name), n = 0;

	out[0] = '\0';
	for (const char *at = line; (at = strchr(at, ' '));) {
		at++;
		if (strncmp(at, name, len) == 0 && at[len] == '=') {
			n = strcspn(at + len + 1, " ");
			n = n < size ? n : size - 1;
			memcpy(out, at + len + 1, n);
			out[n] = '\0';
			return;
		}
	}
}

static inline int fake_command(lua_State *L)
{
	static const char *const why[] = {
		"there is no machine of this name",
		("No resolvable bootstrap urls given in bootstrap.servers"),
		"100%s", "",
	};
	struct fake_sim *f = fake_of(L);
	const char *line = luaL_checkstring(L, 1);
	unsigned how = choose_back(&f->choices);
	char id_text[24];
	int64_t id;
	struct fake_box *box;

	sandbox_charge(L, 1000);
	if (how >= 240) {
		lua_pushnil(L);
		lua_pushstring(L, why[how % FAKE_COUNT(why)]);
		return 2;
	}
	fake_field(line, "id", id_text, sizeof(id_text));
	id = *id_text ? strtoll(id_text, NULL, 10) : ++f->last_id;
	box = fake_box(f, id);
	if (strncmp(line, "produce ", 8) == 0) {
		box->pending++;
	} else if (strstr(line, "-close ") || strstr(line, "-kill ")) {
		box->closing = true;
	} else {
		memset(box, 0, sizeof(*box));
		snprintf(box->verb, sizeof(box->verb), "%.*s",
			 (int)strcspn(line, " "), line);
		fake_field(line, "api", box->api, sizeof(box->api));
	}
	lua_pushinteger(L, id);
	return 1;
}

static inline void fake_post(lua_State *L, const char *kind, const char *text)
{
	sandbox_charge(L, 20);
	lua_createtable(L, 0, 3);
	lua_pushstring(L, kind);
	lua_setfield(L, -2, "kind");
	lua_pushinteger(L, fake_of(L)->now_ns);
	lua_setfield(L, -2, "at_ns");
	lua_pushstring(L, text);
	lua_setfield(L, -2, "text");
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static inline void fake_post_spoilt(lua_State *L, const char *kind,
				    const char *good)
{
	struct text t = {0};
	char whole[4096];

	text_add(&t, good);
	fake_spoil(fake_of(L), &t);
	snprintf(whole, sizeof(whole), "%s", text_cstr(&t));
	text_free(&t);		/* Lua may throw: nothing on the heap */
	fake_post(L, kind, whole);
}

/* The answer to this api; one of several by choice. */
static inline const char *fake_answer(struct fake_sim *f, const char *api)
{
	unsigned how = choose_back(&f->choices), skip = how & 1;
	const char *found = NULL;

	if (how >= 224)
		return fake_errors[how % FAKE_COUNT(fake_errors)];
	if (how >= 216)
		return fake_replies[how * 5 % FAKE_COUNT(fake_replies)].reply;
	for (size_t i = 0; i < FAKE_COUNT(fake_replies); i++)
		if (strcmp(fake_replies[i].api, api) == 0 &&
		    (!found || skip))
			found = fake_replies[i].reply;
	return found ? found :
	       fake_replies[FAKE_COUNT(fake_replies) - 1].reply;
}

static inline void fake_producer_mail(lua_State *L, struct fake_box *box)
{
	struct fake_sim *f = fake_of(L);
	bool last = !f->choices.left || box->closing;
	unsigned how = choose_back(&f->choices);
	char ack[128];

	for (; box->pending; box->pending--) {
		snprintf(ack, sizeof(ack), "{\"topic\":\"t\",\"partition\":0,"
			 "\"offset\":0,\"count\":1}");
		if (how % 4 == 3)
			fake_post_spoilt(L, "failed", fake_failed);
		else
			fake_post_spoilt(L, "ack", ack);
	}
	if (last || how >= 240)
		fake_post(L, "closed", "");
}

static inline void fake_consumer_mail(lua_State *L, struct fake_box *box)
{
	struct fake_sim *f = fake_of(L);
	bool last = !f->choices.left || box->closing;
	unsigned how = choose_back(&f->choices);

	for (unsigned n = how % 4; n--;)
		fake_post_spoilt(L, "record", fake_record);
	if (last || how >= 240)
		fake_post(L, "closed", "");
}

static inline int fake_entries(lua_State *L)
{
	struct fake_sim *f = fake_of(L);
	int64_t id = luaL_checkinteger(L, 1);
	struct fake_box *box = fake_box(f, id);
	unsigned how = choose_back(&f->choices);

	f->now_ns += 1000000;
	lua_newtable(L);
	if (how >= 250)
		return 1;			/* nothing, after all */
	if (how >= 230)
		fake_post(L, "log", fake_log);
	if (strcmp(box->verb, "produce-open") == 0)
		fake_producer_mail(L, box);
	else if (strcmp(box->verb, "consume-open") == 0)
		fake_consumer_mail(L, box);
	else if (strcmp(box->verb, "http") == 0)
		fake_post_spoilt(L, "reply", fake_http[choose_back(&f->choices)
			% FAKE_COUNT(fake_http)]);
	else
		fake_post_spoilt(L, "reply", fake_answer(f, box->api));
	if (how >= 220 && how < 230)
		fake_post(L, "closed", "");
	return 1;
}

/* --- looking ------------------------------------------------------------- */

static inline int fake_push(lua_State *L, const char *json)
{
	struct err err;

	sandbox_charge(L, (int64_t)strlen(json));
	if (!json_push(L, json, strlen(json), &err))
		abort();
	return 1;
}

static inline int fake_now(lua_State *L)
{
	lua_pushinteger(L, fake_of(L)->now_ns);
	return 1;
}

static inline int fake_wall_ms(lua_State *L)
{
	lua_pushinteger(L, 1767600000000 + fake_of(L)->now_ns / 1000000);
	return 1;
}

static inline int fake_world(lua_State *L)
{
	return fake_push(L, "{\"name\":\"local-kafka\",\"seed\":7}");
}

static inline int fake_list_processes(lua_State *L)
{
	return fake_push(L, fake_of(L)->processes);
}

static inline int fake_show_bill(lua_State *L)
{
	return fake_push(L, fake_bill);
}

static inline int fake_list_machines(lua_State *L)
{
	return fake_push(L, fake_of(L)->machines);
}

static inline int fake_topics(lua_State *L)
{
	return fake_push(L, "[\"t\",\"orders\"]");
}

static inline int fake_groups(lua_State *L)
{
	return fake_push(L, "[\"g\",\"a b\"]");
}

static inline bool fake_is_named(const char *list, const char *name)
{
	char head[128];

	snprintf(head, sizeof(head), "{\"name\":\"%s\"", name);
	return strstr(list, head) != NULL;
}

static inline int fake_ping(lua_State *L)
{
	struct fake_sim *f = fake_of(L);

	for (int i = 1; i <= 2; i++)
		luaL_argcheck(L, fake_is_named(f->machines,
					       luaL_checkstring(L, i)), i,
			      "there is no machine of this name; "
			      "sim.machines() has them all");
	if (choose_back(&f->choices) >= 192)
		lua_pushnil(L);
	else
		lua_pushinteger(L, 123456);
	return 1;
}

static inline int fake_log_lines(lua_State *L)
{
	struct fake_sim *f = fake_of(L);
	int64_t from = luaL_optinteger(L, 2, 0);

	luaL_optinteger(L, 3, 0);
	luaL_argcheck(L, fake_is_named(f->processes, luaL_checkstring(L, 1)), 1,
		      "there is no process of this name; "
		      "sim.processes() has them all");
	if (from <= 0 || choose_back(&f->choices) >= 192)
		fake_push(L, "[{\"at\":1.5,\"at_ns\":1500000000,\"level\":"
			     "\"INFO\",\"text\":\"[2026-01-05] INFO up\"}]");
	else
		lua_newtable(L);
	lua_pushinteger(L, from > 0 ? from + 1 : 1);
	return 2;
}

#define FAKE_TRACE	"0af7651916cd43dd8448eb211c80319c"

static inline int fake_traces(lua_State *L)
{
	luaL_optinteger(L, 1, 0);
	return fake_push(L, choose_back(&fake_of(L)->choices) >= 192 ? "[]" :
		"[{\"id\":\"" FAKE_TRACE "\",\"name\":\"t publish\","
		"\"process\":\"app\",\"at\":1.5,\"at_ns\":1500000000,"
		"\"seconds\":0.25,\"spans\":2,\"errors\":1}]");
}

static inline int fake_trace(lua_State *L)
{
	luaL_argcheck(L, strlen(luaL_checkstring(L, 1)) == 32, 1,
		      "a trace id is 32 digits, 0-9 and a-f");
	return fake_push(L, strcmp(lua_tostring(L, 1), FAKE_TRACE) ? "[]" :
		"[{\"name\":\"t publish\",\"process\":\"app\",\"depth\":0,"
		"\"at\":1.5,\"seconds\":0.25,\"status\":\"unset\"},"
		"{\"name\":\"t process\",\"process\":\"b\",\"depth\":1,"
		"\"at\":1.7,\"seconds\":0,\"status\":\"error\"}]");
}

static const luaL_Reg fake_functions[] = {
	{ "now", fake_now }, { "wall_ms", fake_wall_ms },
	{ "command", fake_command }, { "entries", fake_entries },
	{ "world", fake_world }, { "processes", fake_list_processes },
	{ "machines", fake_list_machines }, { "bill", fake_show_bill }, { "ping", fake_ping },
	{ "log", fake_log_lines }, { "topics", fake_topics },
	{ "groups", fake_groups }, { "traces", fake_traces },
	{ "trace", fake_trace }, { NULL, NULL },
};

/* Make `sim` a global; completion's world stays on the stack. */
static inline void fake_sim_open(struct fake_sim *f, struct sandbox *s)
{
	lua_State *L = sandbox_state(s);

	luaL_newlibtable(L, fake_functions);
	lua_pushlightuserdata(L, f);
	luaL_setfuncs(L, fake_functions, 1);
	lua_pushvalue(L, -1);
	if (!sandbox_add_global(s, "sim"))
		abort();
}

/* A new input. */
static inline void fake_sim_begin(struct fake_sim *f, const unsigned char *at,
				  size_t len)
{
	*f = (struct fake_sim){ .choices = { at, len },
				.now_ns = 20000000000 };
	f->processes = fake_processes[choose_back(&f->choices) >= 240];
	f->machines = fake_machines[choose_back(&f->choices) / 16 < 14 ? 0 :
				    choose_back(&f->choices) & 1 ? 1 : 2];
}

#endif
