/* sandbox_string.c - string.* and utf8.*: bounded results, our own matcher
 *
 * find, match, gmatch and gsub run on lua/pattern.c and pay for every step.
 * format refuses what would print an address (%p) or what each C library
 * writes in its own way (%a).  No result is longer than SANDBOX_STRING_MAX.
 *
 * Strings are compared, hashed and turned into numbers inside single
 * instructions, where nothing can charge.  For those there is the cap on their
 * length, the closer watch over scripts with long strings (STEP_LONG_STRINGS
 * in sandbox.c), and at last the CPU clock.
 */
#define _GNU_SOURCE			/* memmem */
#include "lua/sandbox_inside.h"

#include <math.h>
#include <string.h>

#include "lua/pattern.h"

/* --- arguments and results ---------------------------------------------- */

/* A position counted from 1, or from the end when negative, as an offset from
 * 0 that may be `len` or more. */
static size_t start_offset(lua_Integer at, size_t len)
{
	if (at > 0)
		return (size_t)at - 1;
	if (at == 0 || at < -(lua_Integer)len)
		return 0;
	return len + (size_t)at;
}

/* The same for the last byte of a slice: how many bytes are before its end. */
static size_t end_offset(lua_Integer at, size_t len)
{
	if (at > (lua_Integer)len)
		return len;
	if (at >= 0)
		return (size_t)at;
	return at < -(lua_Integer)len ? 0 : len + (size_t)at + 1;
}

/* A result that grows, and may not grow too far. */
struct result {
	lua_State *L;
	luaL_Buffer buffer;
	size_t len;
};

static void result_room(struct result *r, size_t len)
{
	r->len += len;
	if (r->len > SANDBOX_STRING_MAX)
		luaL_error(r->L, "resulting string too large (more than %d "
			   "KiB)", (int)(SANDBOX_STRING_MAX >> 10));
}

static void result_add(struct result *r, const char *bytes, size_t len)
{
	result_room(r, len);
	luaL_addlstring(&r->buffer, bytes, len);
}

/* Add the value on top, which is popped. */
static void result_add_value(struct result *r)
{
	result_room(r, lua_rawlen(r->L, -1));
	luaL_addvalue(&r->buffer);
}

/* --- patterns ----------------------------------------------------------- */

/* The most steps of one match, however large the budget: 0.2 s, in which the
 * CPU clock is not looked at. */
#define STEPS_MAX (20 * 1000 * 1000)

/* Run a match on the fuel that is left, and answer only "found" or "not". */
static bool answer(lua_State *L, struct pattern *p,
		   enum pattern_result (*run)(struct pattern *p, size_t at),
		   size_t at)
{
	struct sandbox *s = sandbox_of(L);
	int64_t steps = s->fuel_left < STEPS_MAX ? s->fuel_left : STEPS_MAX;
	enum pattern_result r;

	p->steps_left = steps;
	r = run(p, at);
	sandbox_charge(L, steps - p->steps_left);
	if (r == PATTERN_SPENT)
		luaL_error(L, "this match takes too many steps");
	if (r == PATTERN_WRONG)
		luaL_error(L, "%s", p->wrong);
	return r == PATTERN_FOUND;
}

/* Where capture `i` is in the subject, or the whole match when the pattern
 * has none.  False for a position, whose offset is in *start. */
static bool capture_text(lua_State *L, const struct pattern *p, int i,
			 size_t *start, size_t *len)
{
	if (i >= p->capture_count) {
		if (i > 0)
			luaL_error(L, "invalid capture index %%%d", i + 1);
		*start = p->start;
		*len = p->end - p->start;
		return true;
	}

	const struct pattern_capture *capture = &p->captures[i];
	if (capture->kind == PATTERN_CAPTURE_OPEN)
		luaL_error(L, "unfinished capture");
	*start = capture->start;
	*len = capture->len;
	return capture->kind == PATTERN_CAPTURE_TEXT;
}

static void push_capture(lua_State *L, const struct pattern *p, int i)
{
	size_t start, len;

	if (capture_text(L, p, i, &start, &len))
		lua_pushlstring(L, p->subject + start, len);
	else
		lua_pushinteger(L, (lua_Integer)start + 1);
}

/* Push all captures; without any, the whole match if `whole`. */
static int push_captures(lua_State *L, const struct pattern *p, bool whole)
{
	int n = p->capture_count == 0 && whole ? 1 : p->capture_count;

	luaL_checkstack(L, n, "too many captures");
	for (int i = 0; i < n; i++)
		push_capture(L, p, i);
	return n;
}

static struct pattern check_pattern(lua_State *L, bool *anchored)
{
	struct pattern p = { 0 };

	p.subject = luaL_checklstring(L, 1, &p.subject_len);
	p.pattern = luaL_checklstring(L, 2, &p.pattern_len);
	*anchored = p.pattern_len > 0 && p.pattern[0] == '^';
	return p;
}

static void skip_anchor(struct pattern *p)
{
	p->pattern++;
	p->pattern_len--;
}

static bool has_magic(const struct pattern *p)
{
	for (size_t i = 0; i < p->pattern_len; i++)
		if (p->pattern[i] && strchr("^$*+?.([%-", p->pattern[i]))
			return true;
	return false;
}

/* The pattern as it stands, found by memmem, whose time is linear. */
static int find_plain(lua_State *L, const struct pattern *p, size_t from)
{
	const char *at;

	sandbox_charge(L, (int64_t)(p->subject_len - from) / 8);
	at = memmem(p->subject + from, p->subject_len - from, p->pattern,
		    p->pattern_len);
	if (!at) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, at - p->subject + 1);
	lua_pushinteger(L, at - p->subject + (lua_Integer)p->pattern_len);
	return 2;
}

/* string.find and string.match */
static int find_or_match(lua_State *L, bool find)
{
	bool anchored;
	struct pattern p = check_pattern(L, &anchored);
	size_t from = start_offset(luaL_optinteger(L, 3, 1), p.subject_len);

	sandbox_charge(L, 2 + (int64_t)p.pattern_len / 8);
	if (from > p.subject_len) {
		lua_pushnil(L);
		return 1;
	}
	if (find && (lua_toboolean(L, 4) || !has_magic(&p)))
		return find_plain(L, &p, from);
	if (anchored)
		skip_anchor(&p);
	if (!answer(L, &p, anchored ? pattern_match : pattern_find, from)) {
		lua_pushnil(L);
		return 1;
	}
	if (!find)
		return push_captures(L, &p, true);
	lua_pushinteger(L, (lua_Integer)p.start + 1);
	lua_pushinteger(L, (lua_Integer)p.end);
	return 2 + push_captures(L, &p, false);
}

static int string_find(lua_State *L)
{
	return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
	return find_or_match(L, false);
}

/* Find the next match at `from` or later that does not end where the last one
 * did: an empty match right behind another match does not count. */
static bool find_next(lua_State *L, struct pattern *p, size_t from,
		      lua_Integer last_end)
{
	while (from <= p->subject_len && answer(L, p, pattern_find, from)) {
		if ((lua_Integer)p->end != last_end)
			return true;
		from = p->start + 1;
	}
	return false;
}

/* Upvalues: subject, pattern, offset to go on from, end of the last match. */
static int next_match(lua_State *L)
{
	struct pattern p = { 0 };
	size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));

	p.subject = lua_tolstring(L, lua_upvalueindex(1), &p.subject_len);
	p.pattern = lua_tolstring(L, lua_upvalueindex(2), &p.pattern_len);
	lua_settop(L, 0);
	if (!find_next(L, &p, from, lua_tointeger(L, lua_upvalueindex(4))))
		return 0;
	lua_pushinteger(L, (lua_Integer)p.end);
	lua_copy(L, 1, lua_upvalueindex(3));
	lua_replace(L, lua_upvalueindex(4));
	return push_captures(L, &p, true);
}

/* In gmatch '^' is no anchor but a plain character. */
static int string_gmatch(lua_State *L)
{
	size_t len, from;

	luaL_checklstring(L, 1, &len);
	luaL_checkstring(L, 2);
	from = start_offset(luaL_optinteger(L, 3, 1), len);
	lua_settop(L, 2);
	lua_pushinteger(L, (lua_Integer)(from <= len ? from : len + 1));
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, next_match, 4);
	return 1;
}

/* "%1 and %0": the replacement text with captures put in. */
static void add_template(struct result *r, const struct pattern *p)
{
	lua_State *L = r->L;
	size_t len, start, capture_len;
	const char *text = lua_tolstring(L, 3, &len);
	const char *end = text + len, *escape;

	sandbox_charge(L, (int64_t)len / 16);
	while ((escape = memchr(text, '%', (size_t)(end - text)))) {
		char c = escape + 1 < end ? escape[1] : '\0';

		result_add(r, text, (size_t)(escape - text));
		text = escape + 2;
		if (c == '%') {
			result_add(r, "%", 1);
		} else if (c == '0') {
			result_add(r, p->subject + p->start, p->end - p->start);
		} else if (c < '0' || c > '9') {
			luaL_error(L, "invalid use of '%%' in replacement "
				   "string");
		} else if (capture_text(L, p, c - '1', &start, &capture_len)) {
			result_add(r, p->subject + start, capture_len);
		} else {
			lua_pushinteger(L, (lua_Integer)start + 1);
			lua_tostring(L, -1);
			result_add_value(r);
		}
	}
	result_add(r, text, (size_t)(end - text));
}

/* Add what one match is replaced by. */
static void add_replacement(struct result *r, const struct pattern *p)
{
	lua_State *L = r->L;

	switch (lua_type(L, 3)) {
	case LUA_TFUNCTION:
		lua_pushvalue(L, 3);
		lua_call(L, push_captures(L, p, true), 1);
		break;
	case LUA_TTABLE:
		push_capture(L, p, 0);
		lua_gettable(L, 3);
		break;
	default:
		add_template(r, p);
		return;
	}

	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		result_add(r, p->subject + p->start, p->end - p->start);
	} else if (lua_isstring(L, -1)) {
		lua_tostring(L, -1);	/* a number becomes text */
		result_add_value(r);
	} else {
		luaL_error(L, "invalid replacement value (a %s)",
			   luaL_typename(L, -1));
	}
}

/* string.gsub(s, pattern, replacement [, n]) */
static int string_gsub(lua_State *L)
{
	bool anchored;
	struct pattern p = check_pattern(L, &anchored);
	struct result r = { .L = L };
	lua_Integer max, n = 0, last_end = -1;
	int type = lua_type(L, 3);
	size_t at = 0;

	luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING ||
			 type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
			 "string/function/table");
	max = luaL_optinteger(L, 4, (lua_Integer)p.subject_len + 1);
	sandbox_charge(L, 2 + (int64_t)(p.pattern_len + p.subject_len) / 16);
	if (anchored)
		skip_anchor(&p);

	luaL_buffinit(L, &r.buffer);
	while (n < max) {
		bool found = anchored
			? answer(L, &p, pattern_match, at)
			: find_next(L, &p, at, last_end);

		if (!found)
			break;
		n++;
		result_add(&r, p.subject + at, p.start - at);
		add_replacement(&r, &p);
		at = p.end;
		last_end = (lua_Integer)p.end;
		if (anchored)
			break;
	}
	result_add(&r, p.subject + at, p.subject_len - at);
	luaL_pushresult(&r.buffer);
	lua_pushinteger(L, n);
	return 2;
}

/* --- format ------------------------------------------------------------- */

/* Prepare the argument a directive will print.  False when it may not be. */
static bool check_argument(lua_State *L, char kind, int arg)
{
	int type = lua_type(L, arg);

	switch (kind) {
	case 'a': case 'A': case 'p':
		return false;
	case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		if (isnan(luaL_checknumber(L, arg))) {
			/* The sign of a NaN depends on the processor. */
			lua_pushnumber(L, copysign(NAN, 1.0));
			lua_replace(L, arg);
		}
		return true;
	case 'q':			/* writes floats with %a */
		return type != LUA_TNUMBER || lua_isinteger(L, arg);
	case 's':
		luaL_checkany(L, arg);
		sandbox_tostring(L, arg, NULL);
		lua_replace(L, arg);
		return true;
	}
	return true;
}

/* The arguments are checked and made harmless; then liblua formats them. */
static int string_format(lua_State *L)
{
	int last = lua_gettop(L), arg = 1;
	size_t len, total;
	const char *format = luaL_checklstring(L, 1, &len);
	const char *end = format + len;

	total = len;
	for (const char *at = format; at < end; at++) {
		if (*at != '%')
			continue;
		if (++at < end && *at == '%')
			continue;
		while (at < end && strchr("-+ #0123456789.", *at) && *at)
			at++;
		if (at >= end || ++arg > last)
			break;		/* liblua knows what to say */
		if (!check_argument(L, *at, arg))
			return luaL_error(L, "'%%%c' is not available here: it "
					  "differs from machine to machine",
					  *at);
		if (lua_type(L, arg) == LUA_TSTRING)
			total += lua_rawlen(L, arg);
	}
	sandbox_charge(L, 2 + (int64_t)total / 8);
	if (total > SANDBOX_STRING_MAX)
		return luaL_error(L, "resulting string too large");
	lua_CFunction stock = lua_tocfunction(L, lua_upvalueindex(1));
	return stock(L);
}

/* --- the rest of string ------------------------------------------------- */

/* string.rep(s, n [, separator]) */
static int string_rep(lua_State *L)
{
	size_t len, separator_len;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_Integer n = luaL_checkinteger(L, 2);
	const char *separator = luaL_optlstring(L, 3, "", &separator_len);
	size_t one = len + separator_len;
	luaL_Buffer b;

	if (n <= 0 || one == 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if ((lua_Unsigned)n > 2 * SANDBOX_STRING_MAX ||
	    one * (size_t)n - separator_len > SANDBOX_STRING_MAX)
		return luaL_error(L, "resulting string too large (more than %d "
				  "KiB)", (int)(SANDBOX_STRING_MAX >> 10));

	size_t total = one * (size_t)n - separator_len;
	sandbox_charge(L, n / 4 + (int64_t)total / 16);
	char *at = luaL_buffinitsize(L, &b, total + 1);
	while (n-- > 0) {
		at = (char *)memcpy(at, text, len) + len;
		if (n > 0)
			at = (char *)memcpy(at, separator, separator_len) +
			     separator_len;
	}
	luaL_pushresultsize(&b, total);
	return 1;
}

/* string.byte(s [, first [, last]]) */
static int string_byte(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_Integer first = luaL_optinteger(L, 2, 1);
	size_t start = start_offset(first, len);
	size_t end = end_offset(luaL_optinteger(L, 3, first), len);

	if (start >= end)
		return 0;
	if (end - start > SANDBOX_VALUES_MAX)
		return luaL_error(L, "string slice too long (the limit is %d "
				  "bytes)", SANDBOX_VALUES_MAX);
	sandbox_charge(L, (int64_t)(end - start));
	luaL_checkstack(L, (int)(end - start), "string slice too long");
	for (size_t i = start; i < end; i++)
		lua_pushinteger(L, (unsigned char)text[i]);
	return (int)(end - start);
}

/* string.unpack: every value comes from at least one byte of the format. */
static int string_unpack(lua_State *L)
{
	size_t format_len, len;

	luaL_checklstring(L, 1, &format_len);
	luaL_checklstring(L, 2, &len);
	luaL_argcheck(L, format_len <= SANDBOX_VALUES_MAX, 1,
		      "format too long");
	sandbox_charge(L, (int64_t)(format_len + len / 16));
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* string.pack pads with a loop over bytes: "c2000000000" is two billion. */
static int string_pack(lua_State *L)
{
	size_t len, digits = 0;
	const char *format = luaL_checklstring(L, 1, &len);

	luaL_argcheck(L, len <= SANDBOX_VALUES_MAX, 1, "format too long");
	for (size_t i = 0; i < len; i++) {
		digits = format[i] >= '0' && format[i] <= '9' ? digits + 1 : 0;
		luaL_argcheck(L, digits < 7, 1, "size too large");
	}
	sandbox_charge(L, (int64_t)len);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/*
 * Arithmetic on strings: "10" + 1.  liblua parses strings of any length, one
 * instruction for a millisecond; a number has no more than 200 characters
 * (L_MAXLENNUM of lobject.c).  Upvalues: the operation, its event's name.
 */
static bool push_number(lua_State *L, int arg)
{
	if (lua_type(L, arg) == LUA_TNUMBER) {
		lua_pushvalue(L, arg);
		return true;
	}
	return lua_type(L, arg) == LUA_TSTRING && lua_rawlen(L, arg) <= 200 &&
	       lua_stringtonumber(L, lua_tostring(L, arg)) ==
	       lua_rawlen(L, arg) + 1;
}

static int string_arith(lua_State *L)
{
	const char *event = lua_tostring(L, lua_upvalueindex(2));

	bool left_is_number;

	lua_settop(L, 2);
	left_is_number = push_number(L, 1);
	if (left_is_number && push_number(L, 2)) {
		lua_arith(L, (int)lua_tointeger(L, lua_upvalueindex(1)));
		return 1;
	}
	lua_settop(L, 2);
	if (lua_type(L, 2) == LUA_TSTRING || !luaL_getmetafield(L, 2, event))
		return luaL_error(L, "attempt to perform arithmetic on a %s "
				  "value", luaL_typename(L, left_is_number + 1));
	lua_insert(L, 1);
	lua_call(L, 2, 1);
	return 1;
}

static const struct {
	const char *event;
	int operation;
} arithmetic[] = {
	{ "__add", LUA_OPADD }, { "__sub", LUA_OPSUB }, { "__mul", LUA_OPMUL },
	{ "__mod", LUA_OPMOD }, { "__pow", LUA_OPPOW }, { "__div", LUA_OPDIV },
	{ "__idiv", LUA_OPIDIV }, { "__unm", LUA_OPUNM },
};

/* Put the string table on top behind every string, with our arithmetic. */
void sandbox_fence_strings(lua_State *L)
{
	lua_pushliteral(L, "");
	lua_newtable(L);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "string");
	lua_setfield(L, -2, "__metatable");
	for (size_t i = 0; i < sizeof(arithmetic) / sizeof(arithmetic[0]); i++) {
		lua_pushinteger(L, arithmetic[i].operation);
		lua_pushstring(L, arithmetic[i].event);
		lua_pushcclosure(L, string_arith, 2);
		lua_setfield(L, -2, arithmetic[i].event);
	}
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

const struct sandbox_name sandbox_string[] = {
	{ "byte", SANDBOX_OURS, string_byte },
	{ "char", SANDBOX_STOCK, NULL },
	{ "find", SANDBOX_OURS, string_find },
	{ "format", SANDBOX_WRAPPED, string_format },
	{ "gmatch", SANDBOX_OURS, string_gmatch },
	{ "gsub", SANDBOX_OURS, string_gsub },
	{ "len", SANDBOX_STOCK, NULL },
	{ "lower", SANDBOX_LINEAR, NULL },
	{ "match", SANDBOX_OURS, string_match },
	{ "pack", SANDBOX_WRAPPED, string_pack },
	{ "packsize", SANDBOX_LINEAR, NULL },
	{ "rep", SANDBOX_OURS, string_rep },
	{ "reverse", SANDBOX_LINEAR, NULL },
	{ "sub", SANDBOX_STOCK, NULL },
	{ "unpack", SANDBOX_WRAPPED, string_unpack },
	{ "upper", SANDBOX_LINEAR, NULL },
	{ NULL, SANDBOX_STOCK, NULL },
};

/* --- utf8 --------------------------------------------------------------- */

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The iterator of utf8.codes, after charging for what it will skip. */
static int next_code(lua_State *L)
{
	size_t len, n, i;
	const char *text = luaL_checklstring(L, 1, &len);

	n = i = (size_t)lua_tointeger(L, 2);
	while (i < len && is_continuation(text[i]))
		i++;
	sandbox_charge(L, (int64_t)(i - n) / 8);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int utf8_codes(lua_State *L)
{
	lua_tocfunction(L, lua_upvalueindex(1))(L);
	lua_pushvalue(L, -3);
	lua_pushcclosure(L, next_code, 1);
	lua_replace(L, -4);
	return 3;
}

static int utf8_codepoint(lua_State *L)
{
	size_t len, start, end;

	luaL_checklstring(L, 1, &len);
	start = start_offset(luaL_optinteger(L, 2, 1), len);
	end = end_offset(luaL_optinteger(L, 3, (lua_Integer)start + 1), len);
	if (end > start && end - start > SANDBOX_VALUES_MAX)
		return luaL_error(L, "string slice too long (the limit is %d "
				  "bytes)", SANDBOX_VALUES_MAX);
	sandbox_charge(L, end > start ? (int64_t)(end - start) : 0);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

const struct sandbox_name sandbox_utf8[] = {
	{ "char", SANDBOX_STOCK, NULL },
	{ "charpattern", SANDBOX_STOCK, NULL },
	{ "codepoint", SANDBOX_WRAPPED, utf8_codepoint },
	{ "codes", SANDBOX_WRAPPED, utf8_codes },
	{ "len", SANDBOX_LINEAR, NULL },
	{ "offset", SANDBOX_LINEAR, NULL },
	{ NULL, SANDBOX_STOCK, NULL },
};
