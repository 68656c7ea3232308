/* json.c - JSON text to Lua values and back */
#include "lua/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"
#include "lua/sandbox_inside.h"
#include "sim/core/err.h"
#include "sim/core/text.h"
#include "sim/tsdb/number.h"

#define NULL_TYPE	"json.null"
#define OBJECT_TYPE	"json.object"
#define WRITER_TYPE	"json.writer"

/* --- null and marked objects -------------------------------------------- */

static int null_tostring(lua_State *L)
{
	lua_pushliteral(L, "null");
	return 1;
}

/* One for each state, so that it can be compared with ==. */
static char null_key;

void json_push_null(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key) != LUA_TNIL)
		return;
	lua_pop(L, 1);
	lua_newuserdatauv(L, 0, 0);
	if (luaL_newmetatable(L, NULL_TYPE)) {
		lua_pushcfunction(L, null_tostring);
		lua_setfield(L, -2, "__tostring");
		lua_pushliteral(L, NULL_TYPE);
		lua_setfield(L, -2, "__metatable");
	}
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);
}

/* Mark the table on top. */
static void mark_object(lua_State *L)
{
	if (luaL_newmetatable(L, OBJECT_TYPE)) {
		lua_pushliteral(L, OBJECT_TYPE);
		lua_setfield(L, -2, "__metatable");
	}
	lua_setmetatable(L, -2);
}

static bool is_marked(lua_State *L, int index)
{
	bool marked;

	if (!lua_getmetatable(L, index))
		return false;
	luaL_getmetatable(L, OBJECT_TYPE);
	marked = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return marked;
}

/* --- reading ------------------------------------------------------------ */

struct reader {
	lua_State *L;
	const char *text, *at, *end;
	const char *why;		/* what is wrong at `at` */
	int depth;
};

static bool bad(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
				  *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_digits(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && is_digit(*r->at))
		r->at++;
	return (size_t)(r->at - from);
}

/* The grammar of RFC 8259, 6: no leading zeros, no '+', no bare '.'. */
static bool skip_number(struct reader *r)
{
	take(r, '-');
	if (!take(r, '0') && !skip_digits(r))
		return bad(r, "a number needs a digit here");
	if (r->at < r->end && is_digit(*r->at))
		return bad(r, "a number does not begin with 0");
	if (take(r, '.') && !skip_digits(r))
		return bad(r, "a number needs a digit after its point");
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			take(r, '-');
		if (!skip_digits(r))
			return bad(r, "an exponent needs a digit");
	}
	return true;
}

/* Lua's own conversion: integer if possible, any locale. */
static bool read_number(struct reader *r)
{
	const char *from = r->at;
	char digits[JSON_NUMBER_MAX + 1];
	size_t len;

	if (!skip_number(r))
		return false;
	len = (size_t)(r->at - from);
	if (len > JSON_NUMBER_MAX) {
		r->at = from;
		return bad(r, "this number has too many digits");
	}
	memcpy(digits, from, len);
	digits[len] = '\0';
	if (!lua_stringtonumber(r->L, digits) ||
	    number_is_inf(lua_tonumber(r->L, -1))) {
		r->at = from;
		return bad(r, "this number is too large");
	}
	return true;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Four hex digits behind \u. */
static bool read_unit(struct reader *r, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = r->at < r->end ? hex_digit(*r->at) : -1;

		if (digit < 0)
			return bad(r, "\\u is followed by four hex digits");
		*unit = *unit << 4 | (uint32_t)digit;
		r->at++;
	}
	return true;
}

/* The code point of \uXXXX, or of a pair of surrogates. */
static bool read_code_point(struct reader *r, uint32_t *point)
{
	uint32_t low;

	if (!read_unit(r, point))
		return false;
	if (*point < 0xd800 || *point > 0xdfff)
		return true;
	if (*point > 0xdbff || !take(r, '\\') || !take(r, 'u'))
		return bad(r, "half a surrogate pair");
	if (!read_unit(r, &low))
		return false;
	if (low < 0xdc00 || low > 0xdfff)
		return bad(r, "half a surrogate pair");
	*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static void add_utf8(luaL_Buffer *b, uint32_t point)
{
	if (point < 0x80) {
		luaL_addchar(b, (char)point);
		return;
	}
	if (point < 0x800) {
		luaL_addchar(b, (char)(0xc0 | point >> 6));
	} else {
		if (point < 0x10000) {
			luaL_addchar(b, (char)(0xe0 | point >> 12));
		} else {
			luaL_addchar(b, (char)(0xf0 | point >> 18));
			luaL_addchar(b, (char)(0x80 | (point >> 12 & 0x3f)));
		}
		luaL_addchar(b, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	luaL_addchar(b, (char)(0x80 | (point & 0x3f)));
}

static bool read_escape(struct reader *r, luaL_Buffer *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *place;
	uint32_t point;

	if (r->at < r->end && *r->at == 'u') {
		r->at++;
		if (!read_code_point(r, &point))
			return false;
		add_utf8(b, point);
		return true;
	}
	place = r->at < r->end && *r->at ? strchr(from, *r->at) : NULL;
	if (!place)
		return bad(r, "no such escape in a string");
	luaL_addchar(b, to[place - from]);
	r->at++;
	return true;
}

/* Bytes of the character at the place, 0 if it is no UTF-8 (RFC 3629). */
static size_t character_len(const struct reader *r)
{
	const unsigned char *s = (const unsigned char *)r->at;
	size_t left = (size_t)(r->end - r->at), len;
	uint32_t point;

	if (s[0] < 0x80)
		return 1;
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || left < len)
		return 0;
	point = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fu);
	}
	if ((len == 3 && (point < 0x800 || (point & 0xf800) == 0xd800)) ||
	    (len == 4 && (point < 0x10000 || point > 0x10ffff)))
		return 0;
	return len;
}

/* Characters that stand for themselves, up to a quote or an escape. */
static bool skip_plain(struct reader *r)
{
	while (r->at < r->end && *r->at != '"' && *r->at != '\\') {
		size_t len = character_len(r);

		if ((unsigned char)*r->at < 0x20)
			return bad(r, "a control character in a string; write "
				   "it as an escape");
		if (!len)
			return bad(r, "this is not UTF-8");
		r->at += len;
	}
	return r->at < r->end || bad(r, "a string is not closed");
}

/* Behind the first escape; what stood before it is `from`. */
static bool read_escaped(struct reader *r, const char *from)
{
	luaL_Buffer b;

	luaL_buffinit(r->L, &b);
	for (;;) {
		luaL_addlstring(&b, from, (size_t)(r->at - from));
		if (take(r, '"'))
			break;
		r->at++;		/* the backslash */
		if (!read_escape(r, &b))
			return false;
		from = r->at;
		if (!skip_plain(r))
			return false;
	}
	luaL_pushresult(&b);
	return true;
}

/* Behind the quote. */
static bool read_string(struct reader *r)
{
	const char *from = r->at;

	if (!skip_plain(r))
		return false;
	if (*r->at == '\\')
		return read_escaped(r, from);
	lua_pushlstring(r->L, from, (size_t)(r->at - from));
	r->at++;
	return true;
}

static bool read_value(struct reader *r);

/* Pushes key and value.  A value of null is pushed as nil. */
static bool read_member(struct reader *r)
{
	skip_blanks(r);
	if (!take(r, '"'))
		return bad(r, "expected a key in double quotes");
	if (!read_string(r))
		return false;
	skip_blanks(r);
	if (!take(r, ':'))
		return bad(r, "expected ':' after the key");
	if (!read_value(r))
		return false;
	if (luaL_testudata(r->L, -1, NULL_TYPE)) {
		lua_pop(r->L, 1);
		lua_pushnil(r->L);
	}
	return true;
}

/* Behind the brace.  Of two equal keys the last counts. */
static bool read_object(struct reader *r)
{
	lua_newtable(r->L);
	skip_blanks(r);
	if (take(r, '}')) {
		mark_object(r->L);
		return true;
	}
	do {
		if (!read_member(r))
			return false;
		lua_rawset(r->L, -3);
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, '}') || bad(r, "expected ',' or '}'");
}

/* Behind the bracket. */
static bool read_array(struct reader *r)
{
	lua_Integer n = 0;

	lua_newtable(r->L);
	skip_blanks(r);
	if (take(r, ']'))
		return true;
	do {
		if (!read_value(r))
			return false;
		lua_rawseti(r->L, -2, ++n);
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, ']') || bad(r, "expected ',' or ']'");
}

static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static bool read_nested(struct reader *r)
{
	bool ok;

	if (r->depth == JSON_DEPTH_MAX)
		return bad(r, "nested too deep");
	luaL_checkstack(r->L, 8, "JSON nested too deep");
	r->depth++;
	ok = *r->at++ == '{' ? read_object(r) : read_array(r);
	r->depth--;
	return ok;
}

/* Push one value; on false any number of halves may lie on the stack. */
static bool read_value(struct reader *r)
{
	skip_blanks(r);
	if (r->at == r->end)
		return bad(r, "expected a value, found the end");
	switch (*r->at) {
	case '{':
	case '[':
		return read_nested(r);
	case '"':
		r->at++;
		return read_string(r);
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return read_number(r);
	}
	if (take_word(r, "true"))
		lua_pushboolean(r->L, 1);
	else if (take_word(r, "false"))
		lua_pushboolean(r->L, 0);
	else if (take_word(r, "null"))
		json_push_null(r->L);
	else
		return bad(r, "expected a value");
	return true;
}

/* Line and column in characters, from 1. */
static bool explain(const struct reader *r, struct err *err)
{
	size_t line = 1, column = 1;

	for (const char *c = r->text; c < r->at; c++) {
		if (*c == '\n') {
			line++;
			column = 1;
		} else if ((*c & 0xc0) != 0x80) {
			column++;
		}
	}
	return err_set(err, "line %zu, column %zu: %s", line, column, r->why);
}

bool json_push(lua_State *L, const char *text, size_t len, struct err *err)
{
	struct reader r = { .L = L, .text = text, .at = text,
			    .end = text + len };
	int top = lua_gettop(L);
	bool ok;

	if (len > JSON_BYTES_MAX)
		return err_set(err, "longer than %d KiB",
			       JSON_BYTES_MAX / 1024);
	luaL_checkstack(L, 8, "JSON");
	ok = read_value(&r);
	if (ok) {
		skip_blanks(&r);
		ok = r.at == r.end || bad(&r, "something follows the value");
	}
	if (ok)
		return true;
	lua_settop(L, top);
	return explain(&r, err);
}

/* --- writing ------------------------------------------------------------ */

/*
 * The text grows outside Lua.  The writer is a userdata, so that whatever is
 * raised on the way it is freed in the end; what a script can provoke and
 * catch goes through refuse(), which frees it at once.
 */
struct writer {
	struct text text;
	int depth;
};

static int writer_gc(lua_State *L)
{
	struct writer *wr = luaL_checkudata(L, 1, WRITER_TYPE);

	text_free(&wr->text);
	return 0;
}

static struct writer *push_writer(lua_State *L)
{
	struct writer *wr = lua_newuserdatauv(L, sizeof(*wr), 0);

	*wr = (struct writer){0};
	if (luaL_newmetatable(L, WRITER_TYPE)) {
		lua_pushcfunction(L, writer_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return wr;
}

static void refuse(lua_State *L, struct writer *wr, const char *why)
{
	text_free(&wr->text);
	luaL_error(L, "cannot be written as JSON: %s", why);
}

/* Inside a call the script pays; before the work, if the work cannot be
 * interrupted. */
static void charge(lua_State *L, int64_t fuel)
{
	if (sandbox_of(L)->running)
		sandbox_charge(L, fuel);
}

/* A member of an object, while keys are put in order. */
struct member {
	const char *key;	/* the table's own string, or in `digits` */
	size_t len;
	lua_Integer integer;
	bool is_integer;
};

enum { DIGITS = 20 };		/* of an int64, sign included */

static int member_order(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->key, b->key, len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* How many keys has the table, and are they just 1 .. n? */
static size_t count_members(lua_State *L, int table, bool *is_array,
			    struct writer *wr)
{
	lua_Integer n = 0, largest = 0;

	*is_array = true;
	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
		n++;
		if (lua_isinteger(L, -2)) {
			lua_Integer key = lua_tointeger(L, -2);

			*is_array &= key > 0;
			largest = key > largest ? key : largest;
		} else if (lua_type(L, -2) == LUA_TSTRING) {
			*is_array = false;
		} else {
			refuse(L, wr, "a key is neither a string nor an "
			       "integer");
		}
	}
	/* Keys differ: n of them, none above n, are all of 1 .. n. */
	*is_array &= largest == n;
	return (size_t)n;
}

/* The integer's text; returns what follows it. */
static char *put_digits(char *to, struct member *m)
{
	char digits[DIGITS], *at = digits + DIGITS;
	uint64_t rest = m->integer < 0 ? 0 - (uint64_t)m->integer :
					 (uint64_t)m->integer;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (m->integer < 0)
		*--at = '-';
	m->key = to;
	m->len = (size_t)(digits + DIGITS - at);
	memcpy(to, at, m->len);
	return to + m->len;
}

/* Push a userdata: the members in order of their keys' text.  The table keeps
 * the strings alive. */
static const struct member *push_members(lua_State *L, int table, size_t n,
					 struct writer *wr)
{
	struct member *members, *m;
	char *digits;

	charge(L, 4 * (int64_t)n);
	members = lua_newuserdatauv(L, n * (sizeof(*m) + DIGITS), 0);
	digits = (char *)(members + n);
	m = members;
	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1), m++) {
		*m = (struct member){ .is_integer = lua_isinteger(L, -2) };
		if (m->is_integer) {
			m->integer = lua_tointeger(L, -2);
			digits = put_digits(digits, m);
		} else {
			m->key = lua_tolstring(L, -2, &m->len);
		}
	}
	qsort(members, n, sizeof(*members), member_order);
	for (size_t i = 1; i < n; i++)
		if (member_order(&members[i - 1], &members[i]) == 0)
			refuse(L, wr, "a key is there as a string and as an "
			       "integer");
	return members;
}

static void write_value(lua_State *L, struct writer *wr, int value);

static void write_object(lua_State *L, struct writer *wr, int table, size_t n)
{
	const struct member *m = push_members(L, table, n, wr);

	for (size_t i = 0; i < n; i++, m++) {
		text_char(&wr->text, i ? ',' : '{');
		text_json_bytes(&wr->text, m->key, m->len);
		text_char(&wr->text, ':');
		if (m->is_integer)
			lua_pushinteger(L, m->integer);
		else
			lua_pushlstring(L, m->key, m->len);
		lua_rawget(L, table);
		write_value(L, wr, lua_gettop(L));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	text_add(&wr->text, n ? "}" : "{}");
}

static void write_array(lua_State *L, struct writer *wr, int table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_char(&wr->text, i ? ',' : '[');
		lua_rawgeti(L, table, (lua_Integer)i + 1);
		write_value(L, wr, lua_gettop(L));
		lua_pop(L, 1);
	}
	text_add(&wr->text, n ? "]" : "[]");
}

static void write_table(lua_State *L, struct writer *wr, int table)
{
	int top = lua_gettop(L);
	bool is_array;
	size_t n;

	if (wr->depth == JSON_DEPTH_MAX)
		refuse(L, wr, "it is nested too deep; does a table hold "
		       "itself?");
	luaL_checkstack(L, 10, "JSON nested too deep");
	wr->depth++;
	if (sandbox_push_behind(L, table))	/* a read-only view */
		table = lua_gettop(L);
	/* Walking a table that was once large and is now empty takes long:
	 * this is what makes the clock be looked at. */
	charge(L, 40);
	n = count_members(L, table, &is_array, wr);
	if (is_array && !(n == 0 && is_marked(L, table)))
		write_array(L, wr, table, n);
	else
		write_object(L, wr, table, n);
	wr->depth--;
	lua_settop(L, top);
}

static void write_number(lua_State *L, struct writer *wr, int value)
{
	double v = lua_tonumber(L, value);
	int is_whole;
	lua_Integer n = lua_tointegerx(L, value, &is_whole);

	/* Whole floats too: the shortest digits of 2^62 read back as another
	 * integer. */
	if (is_whole) {
		text_addf(&wr->text, "%lld", (long long)n);
		return;
	}
	if (number_is_nan(v) || number_is_inf(v))
		refuse(L, wr, "JSON has no infinity and no NaN");
	number_text(&wr->text, v);
}

static void write_string(lua_State *L, struct writer *wr, int value)
{
	size_t len;
	const char *s = lua_tolstring(L, value, &len);

	charge(L, (int64_t)len / 4);
	text_json_bytes(&wr->text, s, len);
}

static void write_value(lua_State *L, struct writer *wr, int value)
{
	charge(L, 2);
	if (wr->text.len > JSON_BYTES_MAX)
		refuse(L, wr, "the text would be too long");
	switch (lua_type(L, value)) {
	case LUA_TNIL:
		text_add(&wr->text, "null");
		return;
	case LUA_TBOOLEAN:
		text_add(&wr->text, lua_toboolean(L, value) ? "true" : "false");
		return;
	case LUA_TNUMBER:
		write_number(L, wr, value);
		return;
	case LUA_TSTRING:
		write_string(L, wr, value);
		return;
	case LUA_TTABLE:
		write_table(L, wr, value);
		return;
	}
	if (!luaL_testudata(L, value, NULL_TYPE))
		refuse(L, wr, luaL_typename(L, value));
	text_add(&wr->text, "null");
}

void json_push_text(lua_State *L, int index)
{
	int value = lua_absindex(L, index);
	struct writer *wr;

	luaL_checkstack(L, 10, "JSON");
	wr = push_writer(L);
	write_value(L, wr, value);
	if (wr->text.len > JSON_BYTES_MAX)
		refuse(L, wr, "the text would be too long");
	lua_pushlstring(L, text_cstr(&wr->text), wr->text.len);
	text_free(&wr->text);
	lua_remove(L, -2);
}

/* --- what scripts see --------------------------------------------------- */

/* json.decode(text) */
static int f_decode(lua_State *L)
{
	struct err err;
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	sandbox_charge(L, 2 + (int64_t)len / 2);
	if (json_push(L, text, len, &err))
		return 1;
	lua_pushnil(L);
	lua_pushstring(L, err.what);
	return 2;
}

/* json.encode(value) */
static int f_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	json_push_text(L, 1);
	return 1;
}

/* json.object(table) */
static int f_object(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (lua_getmetatable(L, 1)) {
		luaL_argcheck(L, is_marked(L, 1), 1,
			      "it has a metatable already");
		lua_settop(L, 1);
	}
	mark_object(L);
	return 1;
}

static const luaL_Reg functions[] = {
	{ "decode", f_decode },
	{ "encode", f_encode },
	{ "object", f_object },
	{ NULL, NULL },
};

static int make_library(lua_State *L)
{
	luaL_newlib(L, functions);
	json_push_null(L);
	lua_setfield(L, -2, "null");
	return 1;
}

bool json_open(struct sandbox *s, struct err *err)
{
	lua_pushcfunction(sandbox_state(s), make_library);
	return sandbox_call(s, 0, 1, 0, err) &&
	       (sandbox_add_global(s, "json") ||
		err_set(err, "there is a global json already"));
}
