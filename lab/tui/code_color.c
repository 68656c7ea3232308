/* code_color.c - what each character of a line of code is
 *
 * Comments are dim, keywords strong, the rest takes series colours, which no
 * theme makes hard to read.
 */
#include "lab/tui/code_color.h"

#include <stdbool.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "lab/tui/role.h"

enum {
	AS_COMMENT = ROLE_DIM, AS_WORD = ROLE_STRONG, AS_STRING = ROLE_S4,
	AS_NUMBER = ROLE_S2, AS_KEY = ROLE_S1, AS_NAME = ROLE_S3,
};

/* What is open: a long comment or string of Lua with so many `=`, a comment of
 * SQL, a block of text in YAML that is indented deeper than so much. */
enum open_kind { OPEN_NONE, OPEN_COMMENT, OPEN_STRING, OPEN_BLOCK };

static uint32_t state_of(enum open_kind kind, size_t level)
{
	return (uint32_t)kind | (uint32_t)(level < 1000 ? level : 1000) << 8;
}

static enum open_kind open_of(uint32_t state)
{
	return (enum open_kind)(state & 0xff);
}

static size_t level_of(uint32_t state)
{
	return state >> 8;
}

struct scan {
	const char *s;
	size_t len, at;
	uint8_t *roles;
};

static void paint(struct scan *c, size_t to, uint8_t role)
{
	if (to > c->len)
		to = c->len;
	for (; c->at < to; c->at++)
		c->roles[c->at] = role;
}

static bool sees(const struct scan *c, const char *what)
{
	size_t n = strlen(what);

	return c->at + n <= c->len && memcmp(c->s + c->at, what, n) == 0;
}

/* Byte behind the next `what`, len when there is none. */
static size_t behind(const struct scan *c, const char *what, bool *found)
{
	size_t n = strlen(what);

	for (size_t i = c->at; i + n <= c->len; i++)
		if (memcmp(c->s + i, what, n) == 0) {
			*found = true;
			return i + n;
		}
	*found = false;
	return c->len;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/* Is the word among those, which are parted by spaces? */
static bool is_one_of(const char *words, const char *s, size_t len)
{
	for (; *words; words += strspn(words, " ")) {
		size_t n = strcspn(words, " "), i = 0;

		while (i < n && n == len && words[i] == text_lower(s[i]))
			i++;
		if (n == len && i == n)
			return true;
		words += n;
	}
	return false;
}

static void string(struct scan *c, char quote, bool escapes)
{
	size_t i = c->at + 1;

	for (; i < c->len && c->s[i] != quote; i++)
		if (escapes && c->s[i] == '\\')
			i++;
	paint(c, i + 1, AS_STRING);
}

static void number(struct scan *c)
{
	size_t i = c->at;

	while (i < c->len && (is_word(c->s[i]) || c->s[i] == '.'))
		i++;
	paint(c, i, AS_NUMBER);
}

static void word(struct scan *c, const char *keywords, bool any_case)
{
	size_t i = c->at;
	bool is_key;

	while (i < c->len && is_word(c->s[i]))
		i++;
	is_key = is_one_of(keywords, c->s + c->at, i - c->at);
	for (size_t k = c->at; !any_case && k < i; k++)
		is_key = is_key && c->s[k] == text_lower(c->s[k]);
	paint(c, i, is_key ? AS_WORD : ROLE_TEXT);
}

/* --- Lua ------------------------------------------------------------------ */

/* Level of `[==[` at i, or -1. */
static int long_bracket(const struct scan *c, size_t i)
{
	int level = 0;

	if (i >= c->len || c->s[i] != '[')
		return -1;
	while (++i < c->len && c->s[i] == '=')
		level++;
	return i < c->len && c->s[i] == '[' ? level : -1;
}

static uint32_t lua_long(struct scan *c, size_t level, enum open_kind kind)
{
	uint8_t role = kind == OPEN_COMMENT ? AS_COMMENT : AS_STRING;
	size_t i = c->at, k;

	for (; i < c->len; i++) {
		for (k = 1; c->s[i] == ']' && i + k < c->len &&
		     c->s[i + k] == '=' && k <= level; k++)
			;
		if (c->s[i] == ']' && k == level + 1 && i + k < c->len &&
		    c->s[i + k] == ']') {
			paint(c, i + k + 1, role);
			return CODE_START;
		}
	}
	paint(c, c->len, role);
	return state_of(kind, level);
}

static uint32_t lua_line(struct scan *c, uint32_t state)
{
	static const char words[] = "and break do else elseif end false for "
		"function goto if in local nil not or repeat return then true "
		"until while";
	bool is_comment;
	int level;

	if (open_of(state) != OPEN_NONE)
		state = lua_long(c, level_of(state), open_of(state));
	while (c->at < c->len) {
		is_comment = sees(c, "--");
		level = long_bracket(c, c->at + (is_comment ? 2 : 0));
		if (level >= 0) {
			enum open_kind kind = is_comment ? OPEN_COMMENT :
							   OPEN_STRING;

			paint(c, c->at + (is_comment ? 2 : 0) +
			      (size_t)level + 2,
			      is_comment ? AS_COMMENT : AS_STRING);
			state = lua_long(c, (size_t)level, kind);
		} else if (is_comment) {
			paint(c, c->len, AS_COMMENT);
		} else if (sees(c, "\"") || sees(c, "'")) {
			string(c, c->s[c->at], true);
		} else if (is_digit(c->s[c->at])) {
			number(c);
		} else if (is_word(c->s[c->at])) {
			word(c, words, false);
		} else {
			paint(c, c->at + 1, ROLE_TEXT);
		}
	}
	return state;
}

/* --- YAML ----------------------------------------------------------------- */

static size_t indent_of(const struct scan *c)
{
	size_t i = 0;

	while (i < c->len && c->s[i] == ' ')
		i++;
	return i;
}

/* Where the key of `key: value` ends, or `at`. */
static size_t key_end(const struct scan *c)
{
	for (size_t i = c->at; i < c->len; i++) {
		if (c->s[i] == ':' && (i + 1 == c->len || c->s[i + 1] == ' '))
			return i;
		if (strchr("#\"'{[,&*", c->s[i]))
			return c->at;
	}
	return c->at;
}

static void yaml_value(struct scan *c)
{
	while (c->at < c->len) {
		char before = c->at ? c->s[c->at - 1] : ' ';

		if (c->s[c->at] == '#' && before == ' ')
			paint(c, c->len, AS_COMMENT);
		else if (sees(c, "\"") || (sees(c, "'") && !is_word(before)))
			string(c, c->s[c->at], c->s[c->at] == '"');
		else if (is_digit(c->s[c->at]) && !is_word(before))
			number(c);
		else if (is_word(c->s[c->at]))
			word(c, "true false null yes no", true);
		else
			paint(c, c->at + 1, ROLE_TEXT);
	}
}

static uint32_t yaml_line(struct scan *c, uint32_t state)
{
	size_t indent = indent_of(c), end, last = c->len;

	if (open_of(state) == OPEN_BLOCK &&
	    (indent == c->len || indent > level_of(state))) {
		paint(c, c->len, AS_STRING);
		return state;
	}
	paint(c, indent, ROLE_TEXT);
	while (sees(c, "- "))
		paint(c, c->at + 2, ROLE_TEXT);
	end = key_end(c);
	if (end > c->at) {
		paint(c, end, AS_KEY);
		paint(c, end + 1, ROLE_TEXT);
	}
	yaml_value(c);
	while (last && (c->s[last - 1] == '-' || c->s[last - 1] == '+'))
		last--;
	if (last >= 2 && (c->s[last - 1] == '|' || c->s[last - 1] == '>') &&
	    c->s[last - 2] == ' ')
		return state_of(OPEN_BLOCK, indent);
	return CODE_START;
}

/* --- the others ----------------------------------------------------------- */

static uint32_t properties_line(struct scan *c, uint32_t state)
{
	size_t indent = indent_of(c), i = indent;

	(void)state;
	c->at = 0;
	paint(c, indent, ROLE_TEXT);
	if (sees(c, "#") || sees(c, "!")) {
		paint(c, c->len, AS_COMMENT);
		return CODE_START;
	}
	while (i < c->len && c->s[i] != '=' && c->s[i] != ':' && c->s[i] != ' ')
		i++;
	paint(c, i, AS_KEY);
	paint(c, c->len, ROLE_TEXT);
	return CODE_START;
}

static uint32_t sql_line(struct scan *c, uint32_t state)
{
	static const char words[] = "select from where group by order limit "
		"insert into values update set delete create table index view "
		"join left right inner outer on as and or not null is in "
		"between like distinct having union all case when then else "
		"end primary key foreign references begin commit rollback "
		"with over partition window desc asc exists drop alter";
	bool found;

	if (open_of(state) == OPEN_COMMENT) {
		paint(c, behind(c, "*/", &found), AS_COMMENT);
		if (!found)
			return state;
	}
	while (c->at < c->len) {
		if (sees(c, "--")) {
			paint(c, c->len, AS_COMMENT);
		} else if (sees(c, "/*")) {
			paint(c, behind(c, "*/", &found), AS_COMMENT);
			if (!found)
				return state_of(OPEN_COMMENT, 0);
		} else if (sees(c, "'")) {
			string(c, '\'', false);
		} else if (is_digit(c->s[c->at])) {
			number(c);
		} else if (is_word(c->s[c->at])) {
			word(c, words, true);
		} else {
			paint(c, c->at + 1, ROLE_TEXT);
		}
	}
	return CODE_START;
}

static uint32_t sh_line(struct scan *c, uint32_t state)
{
	static const char words[] = "if then elif else fi for in do done while "
		"until case esac function return exit local export set";
	bool escapes;

	/* A string that is open goes on; its quote is kept as the level. */
	if (open_of(state) == OPEN_STRING) {
		char quote[2] = { (char)level_of(state), '\0' };
		bool found;

		paint(c, behind(c, quote, &found), AS_STRING);
		if (!found)
			return state;
	}
	while (c->at < c->len) {
		char ch = c->s[c->at];
		char before = c->at ? c->s[c->at - 1] : ' ';
		size_t start = c->at;

		escapes = ch == '"';
		if (ch == '#' && (before == ' ' || before == '\t')) {
			paint(c, c->len, AS_COMMENT);
		} else if (ch == '"' || ch == '\'') {
			string(c, ch, escapes);
			if (c->at == c->len &&
			    (c->len - start < 2 || c->s[c->len - 1] != ch))
				return state_of(OPEN_STRING, (size_t)ch);
		} else if (ch == '$') {
			size_t i = c->at + 1;

			while (i < c->len && (is_word(c->s[i]) ||
					      c->s[i] == '{' || c->s[i] == '}'))
				i++;
			paint(c, i, AS_NAME);
		} else if (is_word(ch)) {
			word(c, words, false);
		} else {
			paint(c, c->at + 1, ROLE_TEXT);
		}
	}
	return CODE_START;
}

static uint32_t plain_line(struct scan *c, uint32_t state)
{
	(void)state;
	paint(c, c->len, ROLE_TEXT);
	return CODE_START;
}

/* --- by kind -------------------------------------------------------------- */

const char *const code_kind_names[] = {
	[CODE_PLAIN] = "text", [CODE_LUA] = "Lua", [CODE_YAML] = "YAML",
	[CODE_PROPERTIES] = "properties", [CODE_SQL] = "SQL",
	[CODE_SH] = "shell", [CODE_KINDS] = NULL,
};

static const struct {
	const char *end;
	enum code_kind kind;
} ends[] = {
	{ ".lua", CODE_LUA }, { ".yaml", CODE_YAML }, { ".yml", CODE_YAML },
	{ ".properties", CODE_PROPERTIES }, { ".conf", CODE_PROPERTIES },
	{ ".ini", CODE_PROPERTIES }, { ".sql", CODE_SQL }, { ".sh", CODE_SH },
};

enum code_kind code_kind_of(const char *file_name)
{
	size_t len = strlen(file_name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i].end);

		if (len > n && strcmp(file_name + len - n, ends[i].end) == 0)
			return ends[i].kind;
	}
	return CODE_PLAIN;
}

uint32_t code_color(enum code_kind kind, uint32_t state, const char *s,
		    size_t len, uint8_t *roles)
{
	static uint32_t (*const scanners[])(struct scan *c, uint32_t state) = {
		[CODE_PLAIN] = plain_line, [CODE_LUA] = lua_line,
		[CODE_YAML] = yaml_line, [CODE_PROPERTIES] = properties_line,
		[CODE_SQL] = sql_line, [CODE_SH] = sh_line,
	};
	struct scan c = { .s = s, .len = len, .roles = roles };

	return scanners[kind](&c, state);
}
