/* promql_lex.c - a PromQL query as a row of tokens */
#include "sim/tsdb/promql_lex.h"

#include <string.h>

#define NO_RUNE		(-1)		/* the end of the text */
#define BAD_RUNE	0xfffd

static const struct {
	const char *word;
	enum token_kind kind;
} words[] = {
	{ "and", TOKEN_AND }, { "or", TOKEN_OR }, { "unless", TOKEN_UNLESS },
	{ "atan2", TOKEN_ATAN2 },
	{ "sum", TOKEN_SUM }, { "avg", TOKEN_AVG }, { "count", TOKEN_COUNT },
	{ "min", TOKEN_MIN }, { "max", TOKEN_MAX }, { "group", TOKEN_GROUP },
	{ "stddev", TOKEN_STDDEV }, { "stdvar", TOKEN_STDVAR },
	{ "topk", TOKEN_TOPK }, { "bottomk", TOKEN_BOTTOMK },
	{ "count_values", TOKEN_COUNT_VALUES }, { "quantile", TOKEN_QUANTILE },
	{ "offset", TOKEN_OFFSET }, { "by", TOKEN_BY },
	{ "without", TOKEN_WITHOUT }, { "on", TOKEN_ON },
	{ "ignoring", TOKEN_IGNORING }, { "group_left", TOKEN_GROUP_LEFT },
	{ "group_right", TOKEN_GROUP_RIGHT }, { "bool", TOKEN_BOOL },
	{ "start", TOKEN_START }, { "end", TOKEN_END_WORD },
	{ "inf", TOKEN_NUMBER }, { "nan", TOKEN_NUMBER },
	/* signs, for token_word only */
	{ "+", TOKEN_ADD }, { "-", TOKEN_SUB }, { "*", TOKEN_MUL },
	{ "/", TOKEN_DIV }, { "%", TOKEN_MOD }, { "^", TOKEN_POW },
	{ "==", TOKEN_EQLC }, { "!=", TOKEN_NEQ }, { "<=", TOKEN_LTE },
	{ "<", TOKEN_LSS }, { ">=", TOKEN_GTE }, { ">", TOKEN_GTR },
	{ "=~", TOKEN_EQL_REGEX }, { "!~", TOKEN_NEQ_REGEX },
	{ "=", TOKEN_EQL }, { "@", TOKEN_AT },
};

const char *token_word(enum token_kind kind)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].kind == kind && kind != TOKEN_NUMBER)
			return words[i].word;
	return "";
}

/* -- characters ---------------------------------------------------------- */

/* The character at `at`; bytes that are no UTF-8 read as U+FFFD, one each. */
static int rune_at(const char *s, uint32_t len, uint32_t at, uint32_t *size)
{
	const unsigned char *u = (const unsigned char *)s + at;
	uint32_t need = u[0] < 0x80 ? 1 : u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 :
			u[0] >= 0xc2 ? 2 : 0;
	static const int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int r;

	*size = 1;
	if (need == 1)
		return u[0];
	if (need == 0 || u[0] > 0xf4 || len - at < need)
		return BAD_RUNE;
	r = u[0] & (0x7f >> need);
	for (uint32_t i = 1; i < need; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return BAD_RUNE;
		r = r << 6 | (u[i] & 0x3f);
	}
	if (r < least[need] || r > 0x10ffff || (r >= 0xd800 && r < 0xe000))
		return BAD_RUNE;
	*size = need;
	return r;
}

static int peek(const struct lexer *l)
{
	uint32_t size;

	if (l->at >= l->len)
		return NO_RUNE;
	return rune_at(l->text, l->len, l->at, &size);
}

static int next(struct lexer *l)
{
	uint32_t size;
	int r;

	if (l->at >= l->len)
		return NO_RUNE;
	r = rune_at(l->text, l->len, l->at, &size);
	l->at += size;
	return r;
}

static bool is_space(int r)
{
	return r == ' ' || r == '\t' || r == '\n' || r == '\r';
}

static bool is_digit(int r)
{
	return r >= '0' && r <= '9';
}

static bool is_alpha(int r)
{
	return r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
}

static bool is_alnum(int r)
{
	return is_alpha(r) || is_digit(r);
}

static bool accept(struct lexer *l, const char *any)
{
	int r = peek(l);

	if (r <= 0 || r >= 0x80 || !strchr(any, r))
		return false;
	l->at++;
	return true;
}

/* -- errors -------------------------------------------------------------- */

static void put_rune(struct text *t, int r)
{
	if (r < 0 || r > 0x10ffff)
		r = BAD_RUNE;
	if (r < 0x80)
		text_char(t, (char)r);
	else if (r < 0x800) {
		text_char(t, (char)(0xc0 | r >> 6));
		text_char(t, (char)(0x80 | (r & 0x3f)));
	} else if (r < 0x10000) {
		text_char(t, (char)(0xe0 | r >> 12));
		text_char(t, (char)(0x80 | (r >> 6 & 0x3f)));
		text_char(t, (char)(0x80 | (r & 0x3f)));
	} else {
		text_char(t, (char)(0xf0 | r >> 18));
		text_char(t, (char)(0x80 | (r >> 12 & 0x3f)));
		text_char(t, (char)(0x80 | (r >> 6 & 0x3f)));
		text_char(t, (char)(0x80 | (r & 0x3f)));
	}
}

/* A character inside quotes, escaped as Go does. */
static void quote_rune(struct text *t, int r, char quote)
{
	static const char from[] = "\a\b\f\n\r\t\v", to[] = "abfnrtv";
	const char *known = r > 0 && r < 0x80 ? strchr(from, r) : NULL;

	if (known && *known)
		text_addf(t, "\\%c", to[known - from]);
	else if (r == quote || r == '\\')
		text_addf(t, "\\%c", r);
	else if (r >= 0 && (r < 0x20 || r == 0x7f))
		text_addf(t, "\\x%02x", (unsigned)r);
	else
		put_rune(t, r);
}

void promql_quote(struct text *t, const char *s, size_t len)
{
	text_char(t, '"');
	for (uint32_t at = 0, size; at < len; at += size) {
		int r = rune_at(s, (uint32_t)len, at, &size);

		if (r == BAD_RUNE && size == 1)
			text_addf(t, "\\x%02x", (unsigned char)s[at]);
		else
			quote_rune(t, r, '"');
	}
	text_char(t, '"');
}

static struct token error_token(struct lexer *l)
{
	l->over = true;
	return (struct token){ TOKEN_ERROR, l->start, l->len };
}

static struct token fail(struct lexer *l, const char *what)
{
	err_set(&l->error, "%s", what);
	return error_token(l);
}

/* The text with the character behind it: "unexpected character: 'x'". */
static struct token fail_rune(struct lexer *l, const char *what, int r)
{
	struct text t = {0};

	text_addf(&t, "%s '", what);
	quote_rune(&t, r, '\'');
	text_char(&t, '\'');
	err_set(&l->error, "%s", text_cstr(&t));
	text_free(&t);
	return error_token(l);
}

static struct token fail_quoted(struct lexer *l, const char *what)
{
	struct text t = {0};

	text_addf(&t, "%s: ", what);
	promql_quote(&t, l->text + l->start, l->at - l->start);
	err_set(&l->error, "%s", text_cstr(&t));
	text_free(&t);
	return error_token(l);
}

static struct token emit(struct lexer *l, enum token_kind kind)
{
	return (struct token){ kind, l->start, l->at };
}

/* -- numbers, durations, strings, words ---------------------------------- */

static void digits(struct lexer *l, const char *set)
{
	while (accept(l, set))
		;
}

/* True if what was read can end as a number here. */
static bool scan_number(struct lexer *l)
{
	const char *set = "0123456789";

	if (accept(l, "0") && accept(l, "xX"))
		set = "0123456789abcdefABCDEF";
	digits(l, set);
	if (accept(l, "."))
		digits(l, set);
	if (accept(l, "eE")) {
		accept(l, "+-");
		digits(l, "0123456789");
	}
	return !is_alnum(peek(l));
}

/* The rest of a duration behind its first digits: "m", "m30s", "ms". */
static bool scan_duration(struct lexer *l)
{
	if (!accept(l, "smhdwy"))
		return false;
	accept(l, "s");
	while (accept(l, "0123456789")) {
		digits(l, "0123456789");
		if (!accept(l, "smhdw"))
			return false;
		accept(l, "s");
	}
	if (!is_alnum(peek(l)))
		return true;
	next(l);			/* shown with what was wrong */
	return false;
}

static struct token lex_duration(struct lexer *l)
{
	l->duration = false;
	if (scan_number(l))
		return fail(l, "missing unit character in duration");
	if (scan_duration(l))
		return emit(l, TOKEN_DURATION);
	return fail_quoted(l, "bad duration syntax");
}

static struct token lex_number(struct lexer *l)
{
	if (scan_number(l))
		return emit(l, TOKEN_NUMBER);
	if (scan_duration(l))
		return emit(l, TOKEN_DURATION);
	return fail_quoted(l, "bad number or duration syntax");
}

static int digit_value(int r)
{
	if (is_digit(r))
		return r - '0';
	r |= 0x20;
	return r >= 'a' && r <= 'f' ? r - 'a' + 10 : 16;
}

static bool fail_escape(struct lexer *l, const char *what, int r,
			const char *behind)
{
	struct text t = {0};

	text_addf(&t, "%s U+%04X '", what, (unsigned)r);
	put_rune(&t, r);
	text_addf(&t, "'%s", behind);
	err_set(&l->error, "%s", text_cstr(&t));
	text_free(&t);
	return false;
}

/* What stands behind a backslash.  False: err is set. */
static bool scan_escape(struct lexer *l, char quote)
{
	int r = next(l);
	int count, base;
	uint32_t x = 0, max;

	if (r == NO_RUNE)
		return err_set(&l->error, "escape sequence not terminated");
	if (r == quote || (r > 0 && r < 0x80 && strchr("abfnrtv\\", r)))
		return true;
	if (r >= '0' && r <= '7') {
		count = 2;
		base = 8;
		max = 255;
		x = (uint32_t)(r - '0');
	} else if (r == 'x' || r == 'u' || r == 'U') {
		count = r == 'x' ? 2 : r == 'u' ? 4 : 8;
		base = 16;
		max = r == 'x' ? 255 : 0x10ffff;
	} else
		return fail_escape(l, "unknown escape sequence", r, "");
	for (; count > 0; count--) {
		r = next(l);
		if (r == NO_RUNE)
			return err_set(&l->error, "escape sequence not terminated");
		if (digit_value(r) >= base)
			return fail_escape(l, "illegal character", r,
					   " in escape sequence");
		x = x * (uint32_t)base + (uint32_t)digit_value(r);
	}
	if (x > max || (x >= 0xd800 && x < 0xe000))
		return err_set(&l->error,
			       "escape sequence is an invalid Unicode code point");
	return true;
}

static struct token lex_string(struct lexer *l, char quote)
{
	for (;;) {
		int r = next(l);

		if (r == NO_RUNE || r == '\n')
			return fail(l, "unterminated quoted string");
		if (r == '\\' && !scan_escape(l, quote))
			return error_token(l);
		if (r == quote)
			return emit(l, TOKEN_STRING);
	}
}

static struct token lex_raw_string(struct lexer *l)
{
	for (;;) {
		int r = next(l);

		if (r == NO_RUNE)
			return fail(l, "unterminated raw string");
		if (r == '`')
			return emit(l, TOKEN_STRING);
	}
}

static bool same_word(const char *s, uint32_t len, const char *word)
{
	for (uint32_t i = 0; i < len; i++) {
		char c = s[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (c != word[i])	/* also at the word's end */
			return false;
	}
	return word[len] == '\0';
}

static struct token lex_word(struct lexer *l)
{
	bool colon = false;
	uint32_t len;

	while (is_alnum(peek(l)) || peek(l) == ':')
		colon |= next(l) == ':';
	len = l->at - l->start;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (same_word(l->text + l->start, len, words[i].word))
			return emit(l, words[i].kind);
	return emit(l, colon ? TOKEN_METRIC_IDENTIFIER : TOKEN_IDENTIFIER);
}

/* -- the three places ---------------------------------------------------- */

static struct token lex_in_braces(struct lexer *l)
{
	int r = next(l);

	if (is_alpha(r)) {
		while (is_alnum(peek(l)))
			next(l);
		return emit(l, TOKEN_IDENTIFIER);
	}
	switch (r) {
	case NO_RUNE:
		return fail(l, "unexpected end of input inside braces");
	case ',':
		return emit(l, TOKEN_COMMA);
	case '"': case '\'':
		return lex_string(l, (char)r);
	case '`':
		return lex_raw_string(l);
	case '=':
		return emit(l, accept(l, "~") ? TOKEN_EQL_REGEX : TOKEN_EQL);
	case '!':
		if (accept(l, "~"))
			return emit(l, TOKEN_NEQ_REGEX);
		if (accept(l, "="))
			return emit(l, TOKEN_NEQ);
		return fail_rune(l, "unexpected character after '!' inside braces:",
				 peek(l));
	case '{':
		return fail_rune(l, "unexpected left brace", r);
	case '}':
		l->braces = false;
		return emit(l, TOKEN_RIGHT_BRACE);
	default:
		return fail_rune(l, "unexpected character inside braces:", r);
	}
}

static struct token lex_end(struct lexer *l)
{
	if (l->parens)
		return fail(l, "unclosed left parenthesis");
	if (l->bracket)
		return fail(l, "unclosed left bracket");
	l->over = true;
	return emit(l, TOKEN_END);
}

static struct token lex_bracket(struct lexer *l, int r)
{
	if (r == '[') {
		if (l->bracket)
			return fail_rune(l, "unexpected left bracket", r);
		l->bracket = true;
		l->colon = false;
		l->duration = true;
		return emit(l, TOKEN_LEFT_BRACKET);
	}
	if (!l->bracket)
		return fail_rune(l, "unexpected right bracket", r);
	l->bracket = false;
	return emit(l, TOKEN_RIGHT_BRACKET);
}

static struct token lex_sign(struct lexer *l, int r)
{
	switch (r) {
	case ',':
		return emit(l, TOKEN_COMMA);
	case '*':
		return emit(l, TOKEN_MUL);
	case '/':
		return emit(l, TOKEN_DIV);
	case '%':
		return emit(l, TOKEN_MOD);
	case '+':
		return emit(l, TOKEN_ADD);
	case '-':
		return emit(l, TOKEN_SUB);
	case '^':
		return emit(l, TOKEN_POW);
	case '@':
		return emit(l, TOKEN_AT);
	case '=':
		if (peek(l) == '~')
			return fail_rune(l, "unexpected character after '=':", '~');
		return emit(l, accept(l, "=") ? TOKEN_EQLC : TOKEN_EQL);
	case '!':
		if (accept(l, "="))
			return emit(l, TOKEN_NEQ);
		return fail_rune(l, "unexpected character after '!':", peek(l));
	case '<':
		return emit(l, accept(l, "=") ? TOKEN_LTE : TOKEN_LSS);
	case '>':
		return emit(l, accept(l, "=") ? TOKEN_GTE : TOKEN_GTR);
	case '(':
		l->parens++;
		return emit(l, TOKEN_LEFT_PAREN);
	case ')':
		if (!l->parens) {
			l->start = l->at;	/* as Prometheus: behind it */
			return fail_rune(l, "unexpected right parenthesis", r);
		}
		l->parens--;
		return emit(l, TOKEN_RIGHT_PAREN);
	case '{':
		l->braces = true;
		return emit(l, TOKEN_LEFT_BRACE);
	case '[': case ']':
		return lex_bracket(l, r);
	default:
		return fail_rune(l, "unexpected character:", r);
	}
}

static struct token lex_outside(struct lexer *l)
{
	int r = peek(l);

	if (l->duration)
		return lex_duration(l);
	if (r == NO_RUNE)
		return lex_end(l);
	if (is_digit(r) || (r == '.' && l->at + 1 < l->len &&
			    is_digit(l->text[l->at + 1])))
		return lex_number(l);
	if (is_alpha(r) || r == ':') {
		if (!l->bracket)
			return lex_word(l);
		next(l);
		if (l->colon)
			return fail_rune(l, "unexpected colon", r);
		l->colon = true;
		return emit(l, TOKEN_COLON);
	}
	next(l);
	if (r == '"' || r == '\'')
		return lex_string(l, (char)r);
	if (r == '`')
		return lex_raw_string(l);
	return lex_sign(l, r);
}

void lexer_init(struct lexer *l, const char *text, uint32_t len)
{
	*l = (struct lexer){ .text = text, .len = len };
}

struct token lexer_next(struct lexer *l)
{
	for (;;) {
		while (is_space(peek(l)))
			l->at++;
		if (peek(l) != '#' || l->duration)
			break;
		while (peek(l) != NO_RUNE && peek(l) != '\n')
			next(l);
	}
	l->start = l->at;
	if (l->over)
		return (struct token){ TOKEN_END, l->at, l->at };
	return l->braces ? lex_in_braces(l) : lex_outside(l);
}

/* -- what tokens mean ---------------------------------------------------- */

void token_describe(const struct lexer *l, struct token token, struct text *t)
{
	const char *s = l->text + token.at;
	uint32_t len = token.end - token.at;
	enum token_kind k = token.kind;

	if (k == TOKEN_END || k == TOKEN_ERROR) {
		text_add(t, "end of input");
		return;
	}
	if ((k >= TOKEN_ADD && k <= TOKEN_ATAN2) || token_is_aggregation(k)) {
		text_addf(t, "<%s:%.*s>", k <= TOKEN_ATAN2 ? "op" : "aggr",
			  (int)len, s);
		return;
	}
	if (k >= TOKEN_OFFSET && k <= TOKEN_BOOL) {
		text_addf(t, "<%.*s>", (int)len, s);
		return;
	}
	if (k == TOKEN_IDENTIFIER)
		text_add(t, "identifier ");
	else if (k == TOKEN_METRIC_IDENTIFIER)
		text_add(t, "metric identifier ");
	else if (k == TOKEN_NUMBER)
		text_add(t, "number ");
	else if (k == TOKEN_DURATION)
		text_add(t, "duration ");
	else if (k == TOKEN_STRING)
		text_add(t, "string ");
	if (k <= TOKEN_METRIC_IDENTIFIER || len <= 10) {
		promql_quote(t, s, len);
		return;
	}
	uint32_t cut = 0, size;		/* to ten characters */

	for (int i = 0; i < 10 && cut < len; i++) {
		rune_at(s, len, cut, &size);
		cut += size;
	}
	promql_quote(t, s, cut);
	text_add(t, "...");
}

const char *token_string(const struct lexer *l, struct token token,
			 struct pool *pool)
{
	const char *s = l->text + token.at;
	uint32_t len = token.end - token.at;
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	struct text t = {0};
	const char *copy;

	if (*s == '`') {
		for (uint32_t i = 1; i + 1 < len; i++)	/* Go drops \r in raw */
			if (s[i] != '\r')
				text_char(&t, s[i]);
	} else
		for (uint32_t i = 1; i + 1 < len; i++) {
			const char *known;
			int x = 0;

			if (s[i] != '\\') {
				text_char(&t, s[i]);
				continue;
			}
			i++;
			known = strchr(from, s[i]);
			if (known) {
				text_char(&t, to[known - from]);
			} else if (is_digit(s[i])) {
				for (int k = 0; k < 3; k++)
					x = x * 8 + (s[i + (uint32_t)k] - '0');
				i += 2;
				text_char(&t, (char)x);
			} else if (s[i] == 'x' || s[i] == 'u' || s[i] == 'U') {
				int n = s[i] == 'x' ? 2 : s[i] == 'u' ? 4 : 8;
				bool byte = n == 2;

				for (; n > 0; n--)
					x = x * 16 + digit_value(s[++i]);
				if (byte)
					text_char(&t, (char)x);
				else
					put_rune(&t, x);
			} else
				text_char(&t, s[i]);
		}
	copy = t.len && memchr(t.at, '\0', t.len) ?
	       NULL : pool_bytes(pool, text_cstr(&t), t.len);
	text_free(&t);
	return copy;
}

bool promql_duration(const char *s, size_t len, int64_t *ms, struct err *err)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {	/* in the order they must come */
		{ "y", INT64_C(31536000000) }, { "w", 604800000 },
		{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	};
	size_t at = 0, unit = 0;

	*ms = 0;
	if (len == 0)
		return err_set(err, "empty duration string");
	if (len == 1 && *s == '0')
		return true;
	while (at < len) {
		int64_t n = 0;
		size_t begin = at, name = 0;

		for (; at < len && is_digit(s[at]); at++)
			if (n < INT64_C(1000000000000000))
				n = n * 10 + (s[at] - '0');
		while (at + name < len && !is_digit(s[at + name]))
			name++;
		while (unit < 7 && !(strlen(units[unit].name) == name &&
				     !memcmp(units[unit].name, s + at, name)))
			unit++;
		if (unit == 7 || at == begin) {
			struct text t = {0};

			text_add(&t, "not a valid duration string: ");
			promql_quote(&t, s, len);
			err_set(err, "%s", text_cstr(&t));
			text_free(&t);
			return false;
		}
		/* Go counts ns in an int64: 292 years are the end of it. */
		if (n > INT64_C(9223372036854) / units[unit].ms ||
		    *ms > INT64_C(9223372036854) - n * units[unit].ms)
			return err_set(err, "duration out of range");
		*ms += n * units[unit++].ms;
		at += name;
	}
	return true;
}

void promql_place(const char *text, uint32_t at, struct text *t)
{
	uint32_t line = 1, column = 1;

	for (uint32_t i = 0; i < at; i++)
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else
			column++;
	text_addf(t, "%u:%u", line, column);
}
