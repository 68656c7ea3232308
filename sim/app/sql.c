/* sql.c - the little SQL that the relational store understands: its parser
 *
 * Recursive descent over words; each function reads one rule of sql.h and says
 * false, with the error set, at the first word that does not fit.
 */
#include "sim/app/sql_word.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct sql_text text;
	struct sql_word word;		/* the next one, not used up */
	struct sql *sql;
	struct sql_error *error;
};

bool sql_fail(struct sql_error *e, const char *code, const char *fmt, ...)
{
	va_list args;

	snprintf(e->code, sizeof(e->code), "%s", code);
	e->detail[0] = '\0';
	va_start(args, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, args);
	va_end(args);
	return false;
}

static void next(struct parser *p)
{
	sql_word_next(&p->text, &p->word);
}

static bool syntax(struct parser *p)
{
	const struct sql_word *w = &p->word;
	const char *what = "syntax error";

	if (w->kind == WORD_END)
		return sql_fail(p->error, "42601",
				"syntax error at end of input");
	if (w->kind == WORD_SIGN && w->quoted)
		what = *w->at == '"' ? "unterminated quoted identifier" :
		       "unterminated quoted string";
	return sql_fail(p->error, "42601", "%s at or near \"%.*s\"", what,
			(int)(w->len < 80 ? w->len : 80), w->at);
}

static bool is(const struct parser *p, const char *word)
{
	return (p->word.kind == WORD_NAME || p->word.kind == WORD_SIGN) &&
	       !p->word.quoted && !strcmp(p->word.name, word);
}

/* Use the word up if it is this one. */
static bool take(struct parser *p, const char *word)
{
	if (!is(p, word))
		return false;
	next(p);
	return true;
}

static bool want(struct parser *p, const char *word)
{
	return take(p, word) || syntax(p);
}

static bool name(struct parser *p, sql_name out)
{
	if (p->word.kind != WORD_NAME || !p->word.name[0])
		return syntax(p);
	memcpy(out, p->word.name, sizeof(sql_name));
	next(p);
	return true;
}

static bool too_many(struct parser *p, const char *what, int max)
{
	return sql_fail(p->error, "54000", "at most %d %s", max, what);
}

/* -- values --------------------------------------------------------------- */

static char *unquoted(const struct sql_word *w, size_t *len)
{
	char *text = malloc(w->len + 1);

	if (!text)
		abort();
	*len = 0;
	for (size_t i = 1; i + 1 < w->len; i++) {
		text[(*len)++] = w->at[i];
		i += w->at[i] == '\'';
	}
	text[*len] = '\0';
	return text;
}

static char *copied(const char *sign, const struct sql_word *w, size_t *len)
{
	char *text = malloc(w->len + 2);

	if (!text)
		abort();
	*len = (size_t)snprintf(text, w->len + 2, "%s%.*s", sign, (int)w->len,
				w->at);
	return text;
}

static bool column_term(struct parser *p, struct sql_term *t)
{
	sql_name table;

	t->kind = TERM_COLUMN;
	if (!name(p, t->column))
		return false;
	if (!take(p, "."))
		return true;
	memcpy(table, t->column, sizeof(table));
	if (!strcmp(table, "excluded"))
		t->kind = TERM_EXCLUDED;
	else if (strcmp(table, p->sql->table) != 0)
		return sql_fail(p->error, "42P01", "missing FROM-clause entry "
				"for table \"%s\"", table);
	return name(p, t->column);
}

static bool term(struct parser *p, struct sql_term *t)
{
	bool minus = take(p, "-");

	if (p->word.kind == WORD_NUMBER) {
		t->kind = TERM_NUMBER;
		t->text = copied(minus ? "-" : "", &p->word, &t->len);
	} else if (minus) {
		return syntax(p);
	} else if (p->word.kind == WORD_STRING) {
		t->kind = TERM_STRING;
		t->text = unquoted(&p->word, &t->len);
	} else if (is(p, "null")) {
		t->kind = TERM_NULL;
	} else if (is(p, "true")) {
		t->kind = TERM_TRUE;
	} else if (is(p, "false")) {
		t->kind = TERM_FALSE;
	} else {
		return column_term(p, t);
	}
	next(p);
	return true;
}

static bool literal(struct parser *p, struct sql_term *t)
{
	if (!term(p, t))
		return false;
	if (t->kind == TERM_COLUMN || t->kind == TERM_EXCLUDED)
		return sql_fail(p->error, "42703", "column \"%s\" does not "
				"exist", t->column);
	return true;
}

static bool expression(struct parser *p, struct sql_expression *e)
{
	if (!term(p, &e->a))
		return false;
	if (!is(p, "+") && !is(p, "-"))
		return true;
	e->op = p->word.name[0];
	next(p);
	return term(p, &e->b);
}

/* -- parts of statements -------------------------------------------------- */

static bool condition(struct parser *p, struct sql_condition *c)
{
	static const struct {
		const char *sign;
		enum sql_comparison op;
	} signs[] = {
		{ "=", IS_EQUAL }, { "<>", IS_NOT }, { "!=", IS_NOT },
		{ "<", IS_LESS }, { "<=", IS_AT_MOST }, { ">", IS_MORE },
		{ ">=", IS_AT_LEAST },
	};

	if (!name(p, c->column))
		return false;
	if (take(p, "is")) {
		c->op = take(p, "not") ? IS_NOT_NULL : IS_NULL;
		return want(p, "null");
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (take(p, signs[i].sign)) {
			c->op = signs[i].op;
			return literal(p, &c->value);
		}
	return syntax(p);
}

static bool where(struct parser *p)
{
	struct sql *s = p->sql;

	if (!take(p, "where"))
		return true;
	do {
		if (s->where_count == SQL_WHERE_MAX)
			return too_many(p, "conditions", SQL_WHERE_MAX);
		if (!condition(p, &s->where[s->where_count++]))
			return false;
	} while (take(p, "and"));
	return true;
}

static bool assignments(struct parser *p)
{
	struct sql *s = p->sql;

	do {
		struct sql_assignment *a;

		if (s->set_count == SQL_COLUMNS_MAX)
			return too_many(p, "columns", SQL_COLUMNS_MAX);
		a = &s->set[s->set_count++];
		if (!name(p, a->column) || !want(p, "=") ||
		    !expression(p, &a->value))
			return false;
	} while (take(p, ","));
	return true;
}

static bool column_index(struct parser *p, const sql_name name,
			 uint32_t *index)
{
	for (*index = 0; *index < p->sql->column_count; ++*index)
		if (!strcmp(p->sql->columns[*index].name, name))
			return true;
	return sql_fail(p->error, "42703", "column \"%s\" named in key does not "
			"exist", name);
}

static struct sql_key *add_key(struct parser *p, bool primary)
{
	struct sql *s = p->sql;

	for (uint32_t i = 0; primary && i < s->key_count; i++)
		if (s->keys[i].primary) {
			sql_fail(p->error, "42P16", "multiple primary keys for "
				 "table \"%s\" are not allowed", s->table);
			return NULL;
		}
	if (s->key_count == SQL_UNIQUE_MAX) {
		too_many(p, "constraints", SQL_UNIQUE_MAX);
		return NULL;
	}
	s->keys[s->key_count].primary = primary;
	return &s->keys[s->key_count++];
}

/* (a, b) */
static bool key_columns(struct parser *p, struct sql_key *k)
{
	sql_name column;

	if (!k || !want(p, "("))
		return false;
	do {
		if (k->count == SQL_KEY_MAX)
			return too_many(p, "columns in a key", SQL_KEY_MAX);
		if (!name(p, column) ||
		    !column_index(p, column, &k->columns[k->count++]))
			return false;
	} while (take(p, ","));
	return want(p, ")");
}

static bool type(struct parser *p, enum sql_type *out)
{
	static const struct {
		const char *name;
		enum sql_type type;
	} types[] = {
		{ "bigint", SQL_BIGINT }, { "integer", SQL_BIGINT },
		{ "int", SQL_BIGINT }, { "int8", SQL_BIGINT },
		{ "text", SQL_TEXT }, { "varchar", SQL_TEXT },
		{ "numeric", SQL_NUMERIC }, { "decimal", SQL_NUMERIC },
		{ "boolean", SQL_BOOLEAN }, { "bool", SQL_BOOLEAN },
	};
	sql_name word;

	if (!name(p, word))
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, word)) {
			*out = types[i].type;
			return true;
		}
	return sql_fail(p->error, "42704", "type \"%s\" does not exist", word);
}

static bool column_definition(struct parser *p)
{
	struct sql *s = p->sql;
	struct sql_column *c = &s->columns[s->column_count];
	struct sql_key *k;

	if (s->column_count == SQL_COLUMNS_MAX)
		return too_many(p, "columns", SQL_COLUMNS_MAX);
	if (!name(p, c->name) || !type(p, &c->type))
		return false;
	s->column_count++;
	for (;;) {
		if (take(p, "not")) {
			if (!want(p, "null"))
				return false;
			c->not_null = true;
			continue;
		}
		if (!is(p, "primary") && !is(p, "unique"))
			return true;
		k = add_key(p, is(p, "primary"));
		if (!k)
			return false;
		next(p);
		if (k->primary && !want(p, "key"))
			return false;
		k->columns[k->count++] = s->column_count - 1;
	}
}

static bool create(struct parser *p)
{
	struct sql *s = p->sql;

	if (!want(p, "table"))
		return false;
	if (take(p, "if")) {
		if (!want(p, "not") || !want(p, "exists"))
			return false;
		s->if_not_exists = true;
	}
	if (!name(p, s->table) || !want(p, "("))
		return false;
	do {
		bool good;

		if (take(p, "primary"))
			good = want(p, "key") &&
			       key_columns(p, add_key(p, true));
		else if (take(p, "unique"))
			good = key_columns(p, add_key(p, false));
		else
			good = column_definition(p);
		if (!good)
			return false;
	} while (take(p, ","));
	for (uint32_t i = 0; i < s->key_count; i++)
		for (uint32_t k = 0; s->keys[i].primary &&
		     k < s->keys[i].count; k++)
			s->columns[s->keys[i].columns[k]].not_null = true;
	return want(p, ")");
}

static struct sql_term *add_value(struct sql *s)
{
	if (s->value_count == s->value_cap) {
		s->value_cap = s->value_cap ? 2 * s->value_cap : 16;
		s->values = realloc(s->values, s->value_cap *
				    sizeof(*s->values));
		if (!s->values)
			abort();
	}
	memset(&s->values[s->value_count], 0, sizeof(*s->values));
	return &s->values[s->value_count++];
}

/* (v, ...): a row; the first says how wide all are. */
static bool row(struct parser *p)
{
	static const char uneven[] = "VALUES lists must all be the same length";
	struct sql *s = p->sql;
	uint32_t n = 0;

	if (!want(p, "("))
		return false;
	do {
		if (n == SQL_COLUMNS_MAX)
			return too_many(p, "columns", SQL_COLUMNS_MAX);
		if (s->row_count && n == s->row_width)
			return sql_fail(p->error, "42601", "%s", uneven);
		n++;
		if (!literal(p, add_value(s)))
			return false;
	} while (take(p, ","));
	if (s->row_count && n != s->row_width)
		return sql_fail(p->error, "42601", "%s", uneven);
	s->row_width = n;
	s->row_count++;
	return want(p, ")");
}

static bool conflict(struct parser *p)
{
	struct sql *s = p->sql;

	if (!take(p, "on"))
		return true;
	if (!want(p, "conflict"))
		return false;
	if (take(p, "(")) {
		do {
			if (s->target_count == SQL_KEY_MAX)
				return too_many(p, "columns in a key",
						SQL_KEY_MAX);
			if (!name(p, s->target[s->target_count++]))
				return false;
		} while (take(p, ","));
		if (!want(p, ")"))
			return false;
	}
	if (!want(p, "do"))
		return false;
	if (take(p, "nothing")) {
		s->conflict = CONFLICT_NOTHING;
		return true;
	}
	s->conflict = CONFLICT_UPDATE;
	if (!s->target_count)
		return sql_fail(p->error, "42601", "ON CONFLICT DO UPDATE "
				"requires inference specification or "
				"constraint name");
	return want(p, "update") && want(p, "set") && assignments(p);
}

static bool insert(struct parser *p)
{
	struct sql *s = p->sql;

	if (!want(p, "into") || !name(p, s->table))
		return false;
	if (take(p, "(")) {
		do {
			if (s->column_count == SQL_COLUMNS_MAX)
				return too_many(p, "columns", SQL_COLUMNS_MAX);
			if (!name(p, s->columns[s->column_count++].name))
				return false;
		} while (take(p, ","));
		if (!want(p, ")"))
			return false;
	}
	if (!want(p, "values"))
		return false;
	do
		if (!row(p))
			return false;
	while (take(p, ","));
	return conflict(p);
}

static bool output(struct parser *p, struct sql_output *o)
{
	static const char *const functions[] = {
		[OUT_COUNT] = "count", [OUT_SUM] = "sum", [OUT_MIN] = "min",
		[OUT_MAX] = "max",
	};
	sql_name word;

	if (!name(p, word))
		return false;
	o->what = OUT_COLUMN;
	memcpy(o->column, word, sizeof(word));
	if (!take(p, "("))
		return true;
	for (int i = OUT_COUNT; i <= OUT_MAX; i++)
		if (!strcmp(word, functions[i]))
			o->what = (enum sql_function)i;
	if (o->what == OUT_COLUMN)
		return sql_fail(p->error, "42883", "function %s() does not "
				"exist", word);
	if (o->what == OUT_COUNT)
		return want(p, "*") && want(p, ")");
	return name(p, o->column) && want(p, ")");
}

static bool order(struct parser *p)
{
	struct sql *s = p->sql;

	if (!take(p, "order"))
		return true;
	if (!want(p, "by"))
		return false;
	do {
		struct sql_order *o;

		if (s->order_count == SQL_KEY_MAX)
			return too_many(p, "columns in ORDER BY", SQL_KEY_MAX);
		o = &s->order[s->order_count++];
		if (!name(p, o->column))
			return false;
		o->descending = take(p, "desc");
		if (!o->descending)
			take(p, "asc");
	} while (take(p, ","));
	return true;
}

static bool limit(struct parser *p)
{
	if (!take(p, "limit"))
		return true;
	if (p->word.kind != WORD_NUMBER)
		return syntax(p);
	p->sql->limit = strtoll(p->word.at, NULL, 10);
	next(p);
	return true;
}

static bool select_from(struct parser *p)
{
	struct sql *s = p->sql;

	if (!take(p, "*"))
		do {
			if (s->list_count == SQL_COLUMNS_MAX)
				return too_many(p, "columns", SQL_COLUMNS_MAX);
			if (!output(p, &s->list[s->list_count++]))
				return false;
		} while (take(p, ","));
	return want(p, "from") && name(p, s->table) && where(p) && order(p) &&
	       limit(p);
}

static bool update(struct parser *p)
{
	return name(p, p->sql->table) && want(p, "set") && assignments(p) &&
	       where(p);
}

static bool delete(struct parser *p)
{
	return want(p, "from") && name(p, p->sql->table) && where(p);
}

/* BEGIN, COMMIT, ROLLBACK [WORK | TRANSACTION] */
static bool plain(struct parser *p)
{
	if (!take(p, "work"))
		take(p, "transaction");
	return true;
}

static const struct {
	const char *word;
	enum sql_verb verb;
	bool (*read)(struct parser *p);
} verbs[] = {
	{ "create", SQL_CREATE, create }, { "insert", SQL_INSERT, insert },
	{ "select", SQL_SELECT, select_from }, { "update", SQL_UPDATE, update },
	{ "delete", SQL_DELETE, delete }, { "begin", SQL_BEGIN, plain },
	{ "start", SQL_BEGIN, plain }, { "commit", SQL_COMMIT, plain },
	{ "end", SQL_COMMIT, plain }, { "rollback", SQL_ROLLBACK, plain },
	{ "abort", SQL_ROLLBACK, plain },
};

static bool statement(struct parser *p)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!take(p, verbs[i].word))
			continue;
		p->sql->verb = verbs[i].verb;
		if (!verbs[i].read(p))
			return false;
		take(p, ";");
		return p->word.kind == WORD_END || syntax(p);
	}
	return syntax(p);
}

struct sql *sql_parse(const char *text, size_t len, struct sql_error *e)
{
	struct parser p = { .text = { text, text + len }, .error = e };

	p.sql = calloc(1, sizeof(*p.sql));
	if (!p.sql)
		abort();
	p.sql->limit = -1;
	*e = (struct sql_error){ .code = "" };
	next(&p);
	if (statement(&p))
		return p.sql;
	sql_free(p.sql);
	return NULL;
}

void sql_free(struct sql *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->value_count; i++)
		free(s->values[i].text);
	free(s->values);
	for (uint32_t i = 0; i < s->where_count; i++)
		free(s->where[i].value.text);
	for (uint32_t i = 0; i < s->set_count; i++) {
		free(s->set[i].value.a.text);
		free(s->set[i].value.b.text);
	}
	free(s);
}

const char *sql_type_name(enum sql_type type)
{
	static const char *const names[] = {
		[SQL_NULL] = "unknown", [SQL_BIGINT] = "bigint",
		[SQL_NUMERIC] = "numeric", [SQL_TEXT] = "text",
		[SQL_BOOLEAN] = "boolean",
	};

	return names[type];
}
