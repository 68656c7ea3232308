/* box.c - the course's Lua, reached from C as JSON */
#include "lab/course/box.h"

#include <stdlib.h>
#include <string.h>

#include "lua/json.h"
#include "sim/core/mem.h"

enum { PRINTED_MAX = 16 * 1024 };	/* bytes kept of what scripts print */

struct box {
	struct sandbox *sandbox;
	int64_t fuel;			/* of a call; 0: the limits' */
	struct text answer;		/* the driver's last */
	struct text printed;		/* by scripts */
};

static const struct sandbox_limits module_limits = {
	.fuel = 50 * 1000 * 1000,
	.memory_bytes = (size_t)64 << 20,
	.cpu_ms = 60 * 1000,
};

/*
 * The driver: our words beside the module, in the module's sandbox.  A word
 * answers by printing a line that begins with \1; it is the last line of each
 * call, so a script that prints such a line itself is not heard.
 */
static const char driver[] =
"local encode, say, made, module, p = json.encode, print, {}, nil, {}\n"
"\n"
"local function plain(v, depth)\n"
"  local kind = type(v)\n"
"  if kind == 'number' and (v ~= v or v == 1/0 or v == -1/0) then\n"
"    return { ['$'] = 'nan' }\n"
"  elseif kind == 'table' then\n"
"    if depth > 24 then\n"
"      error('tables lie deeper than 24 in each other, or in a ring', 0)\n"
"    end\n"
"    local out = {}\n"
"    for k, x in pairs(v) do\n"
"      if type(k) ~= 'string' and math.type(k) ~= 'integer' then\n"
"        error('a key is a ' .. type(k) .. '; only names and whole '\n"
"          .. 'numbers can be keys', 0)\n"
"      end\n"
"      out[k] = plain(x, depth + 1)\n"
"    end\n"
"    return out\n"
"  elseif kind == 'function' or kind == 'userdata' or kind == 'thread' then\n"
"    return { ['$'] = kind }\n"
"  end\n"
"  return v\n"
"end\n"
"\n"
"local function answer(v)\n"
"  say('\\1' .. encode({ value = plain(v, 0) }))\n"
"end\n"
"\n"
"-- A check, `when` and `nonvacuous` say true or false, and may say why.\n"
"local function judge(fn, ...)\n"
"  local ok, why = fn(...)\n"
"  answer({ is = type(ok), ok = ok == true,\n"
"    why = type(why) == 'string' and why or nil })\n"
"end\n"
"\n"
"-- Luck for `params`: SplitMix64, the same on every machine.\n"
"local function rng_new(x)\n"
"  local function draw()\n"
"    x = x + 0x9e3779b97f4a7c15\n"
"    local z = (x ~ (x >> 30)) * 0xbf58476d1ce4e5b9\n"
"    z = (z ~ (z >> 27)) * 0x94d049bb133111eb\n"
"    return (z ~ (z >> 31)) >> 1\n"
"  end\n"
"  local rng = {}\n"
"  function rng:int(low, high) return low + draw() % (high - low + 1) end\n"
"  function rng:pick(list) return list[self:int(1, #list)] end\n"
"  function rng:chance(num, den) return draw() % den < num end\n"
"  return rng\n"
"end\n"
"\n"
"-- Objects that answer everything with one useless value (proof V13).\n"
"local useless = {\n"
"  none = function() return nil end,\n"
"  nan = function() return 0/0 end,\n"
"  table = function() return {} end,\n"
"  error = function() error('no such history', 0) end,\n"
"}\n"
"local function hostile(kind)\n"
"  if kind == 'nil' then return nil end\n"
"  return setmetatable({}, { __index = function() return useless[kind] end,\n"
"    __len = function() return 0 end })\n"
"end\n"
"\n"
"local words = {}\n"
"function words.data(t) module, p = t, {} answer(t) end\n"
"-- Data has no functions, as a rule: then it needs no copy without them.\n"
"function words.read(chunk)\n"
"  local t = chunk()\n"
"  local good, text = pcall(encode, { value = t })\n"
"  if good then say('\\1' .. text) else answer(t) end\n"
"end\n"
"function words.module(t)\n"
"  if not made.it then\n"
"    error('the file has to end in `return lab.module{ ... }`', 0)\n"
"  end\n"
"  module, p = t, {}\n"
"  answer(t)\n"
"end\n"
"function words.params(seed)\n"
"  p = module.params and module.params(rng_new(seed)) or {}\n"
"  if type(p) ~= 'table' then\n"
"    error('params has to return a table, not a ' .. type(p), 0)\n"
"  end\n"
"  answer(p)\n"
"end\n"
"function words.expand(name)\n"
"  local v = module[name]\n"
"  if type(v) == 'function' then v = v(p) end\n"
"  made[name] = v\n"
"  answer(v)\n"
"end\n"
"-- A line of a plan that depends on what the player sees: path leads to it.\n"
"function words.line(path, w, h)\n"
"  local v = made\n"
"  for _, step in ipairs(path) do v = v[step] end\n"
"  local line = v(w, h, p)\n"
"  if type(line) ~= 'string' then\n"
"    error('a line of a plan has to be a string, not a ' .. type(line), 0)\n"
"  end\n"
"  answer(line)\n"
"end\n"
"function words.setup(w) if module.setup then module.setup(w, p) end answer(0) end\n"
"function words.teardown(w)\n"
"  if module.teardown then module.teardown(w, p) end answer(0)\n"
"end\n"
"function words.check(task, check, given, w, h)\n"
"  judge(module.tasks[task].checks[check].fn, w, h, p, given)\n"
"end\n"
"function words.check_hostile(task, check, kind)\n"
"  local x = hostile(kind)\n"
"  judge(module.tasks[task].checks[check].fn, x, x, p, nil)\n"
"end\n"
"function words.when(task, hint, w, h)\n"
"  judge(module.tasks[task].hints[hint].when, w, h, p)\n"
"end\n"
"function words.nonvacuous(w, h) judge(module.nonvacuous, h, w, p) end\n"
"return { words = words, lab = { module = function(t)\n"
"  if type(t) ~= 'table' then\n"
"    error('lab.module takes a table: lab.module{ ... }', 2)\n"
"  end\n"
"  made.it = true\n"
"  return t\n"
"end } }\n";

static void hear(void *ctx, const char *bytes, size_t len)
{
	struct box *b = ctx;

	if (len && bytes[0] == '\1') {
		text_clear(&b->answer);
		text_bytes(&b->answer, bytes + 1, len - 1);
	} else if (b->printed.len + len <= PRINTED_MAX) {
		text_bytes(&b->printed, bytes, len);
	}
}

/* Compile and call; what it returns becomes the global `name`. */
static bool make_global(struct box *b, const char *chunk_name,
			const char *source, size_t len, const char *name,
			struct err *err)
{
	return sandbox_load(b->sandbox, chunk_name, source, len, err) &&
	       sandbox_call(b->sandbox, 0, 1, 0, err) &&
	       (sandbox_add_global(b->sandbox, name) ||
		err_set(err, "%s: returned nothing to be used", chunk_name));
}

static bool start(struct box *b, struct err *err)
{
	static const char words[] = "return course__.words",
			  lab[] = "return course__.lab";

	return json_open(b->sandbox, err) &&
	       make_global(b, "driver", driver, sizeof(driver) - 1,
			   "course__", err) &&
	       make_global(b, "driver", words, sizeof(words) - 1, "words__",
			   err) &&
	       make_global(b, "driver", lab, sizeof(lab) - 1, "lab", err);
}

struct box *box_new(const struct sandbox_limits *limits)
{
	struct box *b = mem_zeroed(1, sizeof(*b));
	struct err err;

	b->sandbox = sandbox_new(limits ? limits : &module_limits);
	if (!b->sandbox)
		abort();
	sandbox_set_print(b->sandbox, hear, b);
	if (!start(b, &err))
		abort();	/* our own words: a bug of ours */
	return b;
}

void box_free(struct box *b)
{
	if (!b)
		return;
	sandbox_free(b->sandbox);
	text_free(&b->answer);
	text_free(&b->printed);
	free(b);
}

struct sandbox *box_sandbox(struct box *b)
{
	return b->sandbox;
}

static bool call(struct box *b, const char *word, const char *source,
		 const struct box_args *args, struct err *err)
{
	int nargs = 0;

	text_clear(&b->answer);
	if (!sandbox_load(b->sandbox, word, source, strlen(source), err))
		return false;
	if (args)
		nargs = args->push(args->ctx, b->sandbox);
	return sandbox_call(b->sandbox, nargs, 0, b->fuel, err);
}

void box_set_fuel(struct box *b, int64_t steps)
{
	b->fuel = steps;
}

/* What the driver said last. */
static json_t *take_answer(const struct box *b, const char *word,
			   struct err *err)
{
	json_t *document, *value;
	json_error_t why;

	document = json_loadb(text_cstr(&b->answer), b->answer.len,
			      JSON_ALLOW_NUL, &why);
	if (!document) {
		err_set(err, "%s gave no answer", word);
		return NULL;
	}
	value = json_object_get(document, "value");
	value = value ? json_incref(value) : json_null();
	json_decref(document);
	return value;
}

json_t *box_call(struct box *b, const char *word, const char *literals,
		 const struct box_args *args, struct err *err)
{
	struct text source = {0};
	bool good;

	text_addf(&source, "words__.%s(%s%s...)", word, literals,
		  *literals ? ", " : "");
	good = call(b, word, text_cstr(&source), args, err);
	text_free(&source);
	return good ? take_answer(b, word, err) : NULL;
}

json_t *box_load(struct box *b, const char *chunk_name, const char *source,
		 size_t len, bool module, struct err *err)
{
	if (!make_global(b, chunk_name, source, len, "loaded__", err))
		return NULL;
	return box_call(b, module ? "module" : "data", "loaded__", NULL, err);
}

/* The driver calls the chunk itself: what it returns is looked at once and need
 * not be made a read-only global, which costs as much as reading it. */
json_t *box_read(struct box *b, const char *chunk_name, const char *source,
		 size_t len, struct err *err)
{
	static const char word[] = "words__.read(...)";
	json_t *t;

	text_clear(&b->answer);
	if (!sandbox_load(b->sandbox, "read", word, sizeof(word) - 1, err) ||
	    !sandbox_load(b->sandbox, chunk_name, source, len, err) ||
	    !sandbox_call(b->sandbox, 1, 0, b->fuel, err))
		return NULL;
	t = take_answer(b, "read", err);
	if (!t || !json_is_null(t))
		return t;
	err_set(err, "%s: returned nothing to be used", chunk_name);
	return NULL;
}

void box_quote(struct text *t, const char *s)
{
	text_char(t, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c == '"' || c == '\\' || c >= 127)
			text_addf(t, "\\%03u", c);
		else
			text_char(t, *s);
	}
	text_char(t, '"');
}

const char *box_printed(struct box *b)
{
	return text_cstr(&b->printed);
}

void box_printed_clear(struct box *b)
{
	text_clear(&b->printed);
}
