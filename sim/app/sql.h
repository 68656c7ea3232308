/* sql.h - the little SQL that the relational store understands
 *
 *	CREATE TABLE [IF NOT EXISTS] t (c TYPE [NOT NULL] [PRIMARY KEY] [UNIQUE],
 *		..., [PRIMARY KEY (c, ...)], [UNIQUE (c, ...)])
 *	INSERT INTO t [(c, ...)] VALUES (v, ...), ... [ON CONFLICT [(c, ...)]
 *		DO NOTHING | DO UPDATE SET c = e, ...]
 *	SELECT * | c | count(*) | sum(c) | min(c) | max(c), ... FROM t
 *		[WHERE ...] [ORDER BY c [DESC], ...] [LIMIT n]
 *	UPDATE t SET c = e, ... [WHERE ...]
 *	DELETE FROM t [WHERE ...]
 *	BEGIN, COMMIT, ROLLBACK
 *
 * TYPE is bigint, numeric, text or boolean (and their common other names); e is
 * a value, a column or excluded.column, or two of them with + or - between;
 * WHERE is c = v, <, <=, >, >=, <> or c IS [NOT] NULL, with AND between.
 *
 * The words are PostgreSQL 16's, with its errors and their SQLSTATE.
 *
 * Simplified: that is all there is: no joins, no expressions beyond these, no
 * defaults.  numeric has six decimals.
 */
#ifndef SIM_APP_SQL_H
#define SIM_APP_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SQL_COLUMNS_MAX	32
#define SQL_KEY_MAX	4		/* columns of one constraint */
#define SQL_UNIQUE_MAX	4		/* constraints of one table */
#define SQL_WHERE_MAX	8
#define SQL_NAME_MAX	64		/* bytes, NUL included: NAMEDATALEN */
#define SQL_NUMERIC_ONE	1000000		/* numeric counts millionths */

enum sql_type { SQL_NULL, SQL_BIGINT, SQL_NUMERIC, SQL_TEXT, SQL_BOOLEAN };

enum sql_verb {
	SQL_CREATE, SQL_INSERT, SQL_SELECT, SQL_UPDATE, SQL_DELETE, SQL_BEGIN,
	SQL_COMMIT, SQL_ROLLBACK,
};

typedef char sql_name[SQL_NAME_MAX];

/* An error as the server says it. */
struct sql_error {
	char code[6];			/* SQLSTATE; "": none */
	char message[256];
	char detail[256];		/* "" : none */
};
bool sql_fail(struct sql_error *e, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));	/* always false */

/* What stands for a value: a literal, or a column. */
struct sql_term {
	enum { TERM_NULL, TERM_NUMBER, TERM_STRING, TERM_TRUE, TERM_FALSE,
	       TERM_COLUMN, TERM_EXCLUDED } kind;
	char *text;			/* of a literal; owned */
	size_t len;
	sql_name column;
};

struct sql_expression {
	struct sql_term a, b;
	char op;			/* '+', '-', or 0: a alone */
};

enum sql_comparison {
	IS_EQUAL, IS_NOT, IS_LESS, IS_AT_MOST, IS_MORE, IS_AT_LEAST, IS_NULL,
	IS_NOT_NULL,
};

struct sql_condition {
	sql_name column;
	enum sql_comparison op;
	struct sql_term value;
};

struct sql_column {
	sql_name name;
	enum sql_type type;
	bool not_null;
};

struct sql_key {
	uint32_t columns[SQL_KEY_MAX];	/* indexes */
	uint32_t count;
	bool primary;
};

struct sql_assignment {
	sql_name column;
	struct sql_expression value;
};

/* One of what SELECT lists. */
enum sql_function { OUT_COLUMN, OUT_COUNT, OUT_SUM, OUT_MIN, OUT_MAX };

struct sql_output {
	enum sql_function what;
	sql_name column;
};

struct sql_order {
	sql_name column;
	bool descending;
};

struct sql {
	enum sql_verb verb;
	sql_name table;
	bool if_not_exists;
	struct sql_column columns[SQL_COLUMNS_MAX];	/* INSERT: names */
	uint32_t column_count;		/* INSERT: 0: all, in their order */
	struct sql_key keys[SQL_UNIQUE_MAX];
	uint32_t key_count;
	struct sql_term *values;	/* row_count x row_width */
	uint32_t row_count, row_width, value_count, value_cap;
	enum { CONFLICT_ERROR, CONFLICT_NOTHING, CONFLICT_UPDATE } conflict;
	sql_name target[SQL_KEY_MAX];	/* ON CONFLICT (...) */
	uint32_t target_count;
	struct sql_assignment set[SQL_COLUMNS_MAX];
	uint32_t set_count;
	struct sql_output list[SQL_COLUMNS_MAX];
	uint32_t list_count;		/* 0: * */
	struct sql_condition where[SQL_WHERE_MAX];
	uint32_t where_count;
	struct sql_order order[SQL_KEY_MAX];
	uint32_t order_count;
	int64_t limit;			/* -1: none */
};

/* NULL, *e set: it is no such statement.  Caller frees: sql_free. */
struct sql *sql_parse(const char *text, size_t len, struct sql_error *e);
void sql_free(struct sql *s);

const char *sql_type_name(enum sql_type type);

#endif
