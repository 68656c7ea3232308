/* fuzz_args.c - libFuzzer chooses command lines for the two parsers of options
 *
 * lua/lib/args.lua reads the words of every tool: args.jopt as Kafka's tools
 * do, args.gnu as getopt_long does.  Here they stand alone, with tables of
 * options made by a seed, so that millions of lines take minutes.
 *
 * Goal: every line is understood or refused with a sentence; no error of Lua's.
 * What is understood has the types its options ask for, and no word is lost or
 * invented (`properties`, below).
 *
 * The first byte chooses the table.  Of the others, 0 parts words, those from
 * 0xc0 on are names of options, so that mutations of bytes are of meaning.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>

#include "lua/embedded.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 32, FEATURES = 1 << 12 };

/* libFuzzer cannot look into liblua: how it ended counts as coverage. */
static __attribute__((section("__libfuzzer_extra_counters")))
uint8_t counters[FEATURES];

static const char *const names[] = {
	"topic", "topics", "t", "top", "n", "lines", "k", "version", "0", "f",
	"a-b", "partition", "x", "\xc3\xa9", "all", "rest", "help", "V.W",
};

/* Sets up the tables, returns the function that is called for each input. */
static const char properties[] =
	"local args, names = ...\n"
	"local seed = 1\n"
	"local function luck(n)\n"
	"	seed = (seed * 6364136223846793005 + 1442695040888963407)\n"
	"	return (seed >> 33) % n\n"
	"end\n"
	"local types = { 'Integer', 'Long', 'Double', 'String' }\n"
	"local function options_of(gnu)\n"
	"	local out, used = { abbreviations = luck(2) == 0 }, {}\n"
	"	for _ = 1, 1 + luck(8) do\n"
	"		local option = {}\n"
	"		for _ = 1, 1 + luck(2) do\n"
	"			local name = names[1 + luck(#names)]\n"
	"			if not used[name] then\n"
	"				option[#option + 1] = name\n"
	"				used[name] = true\n"
	"			end\n"
	"		end\n"
	"		if luck(2) == 0 then\n"
	"			option.arg = 'ARG'\n"
	"		end\n"
	"		if not gnu then\n"
	"			option.type = option.arg and types[1 + luck(4)]\n"
	"			option.optional = option.arg and luck(3) == 0\n"
	"			option.separator = option.arg and luck(4) == 0\n"
	"				and ',' or nil\n"
	"			option.required = luck(8) == 0\n"
	"			option.help = 'What it is - for.'\n"
	"		end\n"
	"		out[#out + 1] = #option > 0 and option or nil\n"
	"	end\n"
	"	return out\n"
	"end\n"
	"local io, said, ended = { name = 'tool' }, '', nil\n"
	"local stop = {}\n"
	"function io:write(...) said = said .. table.concat({ ... }) end\n"
	"function io:err(...) said = said .. table.concat({ ... }) end\n"
	"function io:exit(status) ended = status error(stop) end\n"
	"local jopts, gnus = {}, {}\n"
	"for i = 0, 127 do\n"
	"	jopts[i] = args.jopt(options_of(false))\n"
	"	assert(jopts[i]:usage():find('^Option'))\n"
	"	gnus[i] = { options = options_of(true), usage = 'tool',\n"
	"		    status = luck(3), stop = luck(4) == 0 }\n"
	"	gnus[i].number = gnus[i].options[1]\n"
	"		and gnus[i].options[1].arg and gnus[i].options[1][1]\n"
	"	gnus[i].parser = args.gnu(gnus[i])\n"
	"end\n"
	"local type_of = { Integer = 'integer', Long = 'integer' }\n"
	"local function jopt(parser, argv)\n"
	"	local set, e = parser:parse(argv)\n"
	"	if not set then\n"
	"		assert(e.class:find('^joptsimple%.%u'))\n"
	"		assert(type(e.message) == 'string')\n"
	"		return 1 + #e.class\n"
	"	end\n"
	"	local values = 0\n"
	"	for _, option in ipairs(parser.options) do\n"
	"		local name = option[1]\n"
	"		assert(set:has(name) or #set:values(name) == 0)\n"
	"		for _, v in ipairs(set:values(name)) do\n"
	"			local want = type_of[option.type]\n"
	"			assert(option.arg)\n"
	"			assert(not want or math.type(v) == want)\n"
	"			assert(option.type ~= 'Double' or math.type(v))\n"
	"			values = values\n"
	"				+ (option.separator and 0 or 1)\n"
	"		end\n"
	"	end\n"
	"	assert(#set.rest + values <= #argv)\n"
	"	return 64 + math.min(#set.rest, 7) * 8 + math.min(values, 7)\n"
	"end\n"
	"local function gnu(tool, argv)\n"
	"	said, ended = '', nil\n"
	"	local ok, opts = pcall(tool.parser.parse, tool.parser, io, argv)\n"
	"	if not ok then\n"
	"		assert(opts == stop, opts)\n"
	"		assert(said ~= '' and math.type(ended) == 'integer')\n"
	"		assert(ended == 0 or said:find('^tool: .*\\nUsage: '))\n"
	"		return 128 + #said % 64\n"
	"	end\n"
	"	local count = 0\n"
	"	for name, values in pairs(opts.all) do\n"
	"		local option = tool.parser.by_name[name]\n"
	"		for _, v in ipairs(values) do\n"
	"			assert((type(v) == 'string') == (option.arg ~= nil))\n"
	"			count = count + (option.arg and 1 or 0)\n"
	"		end\n"
	"	end\n"
	"	assert(said == '' and #opts.rest + count <= #argv)\n"
	"	return 192 + math.min(#opts.rest, 7) * 8 + math.min(count, 7)\n"
	"end\n"
	"return function(which, ...)\n"
	"	local argv = { [0] = 'tool', ... }\n"
	"	if which < 128 then\n"
	"		return jopt(jopts[which], argv)\n"
	"	end\n"
	"	return gnu(gnus[which - 128], argv)\n"
	"end\n";

static struct sandbox *sandbox;

static void must(bool ok, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", err->what);
	abort();
}

static int64_t no_clock(void *ctx)
{
	(void)ctx;
	return 0;
}

static void set_up(void)
{
	const struct embedded_file *f = embedded_files;
	lua_State *L;
	struct err err;

	sandbox = sandbox_new(NULL);
	sandbox_set_clock(sandbox, no_clock, NULL);
	L = sandbox_state(sandbox);
	while (strcmp(f->name, "lib/args.lua") != 0)
		f++;
	must(sandbox_load(sandbox, "properties", properties,
			  sizeof(properties) - 1, &err), &err);
	must(sandbox_load(sandbox, f->name, f->bytes, f->len, &err), &err);
	must(sandbox_call(sandbox, 0, 1, 0, &err), &err);
	lua_newtable(L);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		lua_pushstring(L, names[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	must(sandbox_call(sandbox, 2, 1, 0, &err), &err);
}

/* Pushes the words, returns how many. */
static int push_words(lua_State *L, const uint8_t *data, size_t size)
{
	struct text word = {0};
	int count = 0;

	for (size_t i = 0; i < size && count < WORDS_MAX; i++) {
		if (data[i] >= 0xc0) {
			text_add(&word, data[i] & 0x20 ? "--" : "");
			text_add(&word, names[data[i] % (sizeof(names) /
							 sizeof(names[0]))]);
		} else if (data[i]) {
			text_char(&word, (char)data[i]);
		} else {
			lua_pushlstring(L, text_cstr(&word), word.len);
			text_clear(&word);
			count++;
		}
	}
	if (word.len) {
		lua_pushlstring(L, text_cstr(&word), word.len);
		count++;
	}
	text_free(&word);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	lua_State *L;
	struct err err;
	int count;

	if (!sandbox)
		set_up();
	if (!size)
		return 0;
	L = sandbox_state(sandbox);
	lua_pushvalue(L, -1);
	lua_pushinteger(L, data[0]);
	count = push_words(L, data + 1, size - 1);
	must(sandbox_call(sandbox, count + 1, 1, 0, &err), &err);
	counters[(data[0] / 8 * 256 + (unsigned)lua_tointeger(L, -1)) %
		 FEATURES] = 1;
	lua_pop(L, 1);
	return 0;
}
