/* database_select.c - which rows a statement means, what SELECT says of them */
#include <stdlib.h>
#include <string.h>

#include "sim/app/database_inside.h"

bool database_no_column(struct statement *r, const char *name, bool of_relation)
{
	if (of_relation)
		return sql_fail(r->error, "42703", "column \"%s\" of relation "
				"\"%s\" does not exist", name, r->sql->table);
	return sql_fail(r->error, "42703", "column \"%s\" does not exist",
			name);
}

/* -- WHERE ---------------------------------------------------------------- */

struct filter {
	uint32_t column[SQL_WHERE_MAX];
	struct value value[SQL_WHERE_MAX];
};

static bool filter_read(struct statement *r, struct filter *f)
{
	for (uint32_t i = 0; i < r->sql->where_count; i++) {
		const struct sql_condition *c = &r->sql->where[i];
		int32_t column = table_column(r->table, c->column);

		if (column < 0)
			return database_no_column(r, c->column, false);
		f->column[i] = (uint32_t)column;
		if (c->op != IS_NULL && c->op != IS_NOT_NULL &&
		    !value_read(&c->value, r->table->columns[column].type,
				&f->value[i], r->error))
			return false;
	}
	return true;
}

static bool fits(const struct sql *s, const struct filter *f,
		 const struct value *row)
{
	for (uint32_t i = 0; i < s->where_count; i++) {
		const struct value *v = &row[f->column[i]];
		enum sql_comparison op = s->where[i].op;
		bool null = v->type == SQL_NULL;
		int order;

		if (op == IS_NULL || op == IS_NOT_NULL) {
			if (null != (op == IS_NULL))
				return false;
			continue;
		}
		if (null || f->value[i].type == SQL_NULL)
			return false;
		order = value_compare(v, &f->value[i]);
		if (!(op == IS_EQUAL ? !order : op == IS_NOT ? order != 0 :
		      op == IS_LESS ? order < 0 : op == IS_AT_MOST ?
		      order <= 0 : op == IS_MORE ? order > 0 : order >= 0))
			return false;
	}
	return true;
}

/* A key of which every column is said to equal something; -1: none. */
static int32_t key_of_where(const struct table *t, const struct sql *s)
{
	for (uint32_t key = 0; key < t->key_count; key++) {
		uint32_t found = 0;

		for (uint32_t c = 0; c < t->keys[key].count; c++)
			for (uint32_t i = 0; i < s->where_count; i++)
				if (s->where[i].op == IS_EQUAL &&
				    table_column(t, s->where[i].column) ==
				    (int32_t)t->keys[key].columns[c]) {
					found++;
					break;
				}
		if (found == t->keys[key].count)
			return (int32_t)key;
	}
	return -1;
}

uint64_t database_rows_looked_at(const struct world *w,
				 const struct database *st,
				 const struct sql *s)
{
	const struct table *t = database_table(w, st, s->table);

	if (!t || (s->verb != SQL_SELECT && s->verb != SQL_UPDATE &&
		   s->verb != SQL_DELETE))
		return 0;
	return key_of_where(t, s) >= 0 ? 1 : t->live;
}

static void found_add(struct found *f, struct row *r)
{
	if (f->count == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->at = realloc(f->at, f->cap * sizeof(*f->at));
		if (!f->at)
			abort();
	}
	f->at[f->count++] = r;
}

bool database_find_rows(struct statement *r, struct found *out)
{
	int32_t key = key_of_where(r->table, r->sql);
	struct filter f;

	*out = (struct found){0};
	if (!filter_read(r, &f))
		return false;
	if (key >= 0) {
		struct value values[SQL_COLUMNS_MAX] = {0};
		struct database_session *holder;
		struct row *row;

		for (uint32_t i = 0; i < r->sql->where_count; i++)
			if (r->sql->where[i].op == IS_EQUAL)
				values[f.column[i]] = f.value[i];
		row = table_find(r->table, (uint32_t)key, values, r->me,
				 &holder);
		if (row && row_seen(row, r->me) &&
		    fits(r->sql, &f, row_seen(row, r->me)))
			found_add(out, row);
		return true;
	}
	for (uint32_t i = 0; i < r->table->rows.count; i++) {
		struct row *row = r->table->rows.at[i];
		const struct value *seen = row ? row_seen(row, r->me) : NULL;

		if (seen && fits(r->sql, &f, seen))
			found_add(out, row);
	}
	return true;
}

/* -- SELECT --------------------------------------------------------------- */

static void columns_json(struct statement *r)
{
	static const char *const functions[] = {
		[OUT_COUNT] = "count", [OUT_SUM] = "sum", [OUT_MIN] = "min",
		[OUT_MAX] = "max",
	};
	const struct sql *s = r->sql;

	text_add(r->json, ",\"columns\":[");
	for (uint32_t i = 0; i < s->list_count; i++) {
		text_add(r->json, i ? "," : "");
		text_json(r->json, s->list[i].what == OUT_COLUMN ?
			  s->list[i].column : functions[s->list[i].what]);
	}
	for (uint32_t i = 0; !s->list_count && i < r->table->column_count;
	     i++) {
		text_add(r->json, i ? "," : "");
		text_json(r->json, r->table->columns[i].name);
	}
	text_char(r->json, ']');
}

static bool outputs(struct statement *r, int32_t *column, bool *aggregates)
{
	const struct sql *s = r->sql;
	uint32_t plain = 0;

	for (uint32_t i = 0; i < s->list_count; i++) {
		plain += s->list[i].what == OUT_COLUMN;
		column[i] = s->list[i].what == OUT_COUNT ? 0 :
			    table_column(r->table, s->list[i].column);
		if (column[i] < 0)
			return database_no_column(r, s->list[i].column, false);
	}
	*aggregates = s->list_count && plain < s->list_count;
	if (*aggregates && plain)
		return sql_fail(r->error, "42803", "columns and aggregates "
				"cannot stand together: there is no GROUP BY "
				"here");
	return true;
}

/* PostgreSQL: nulls are larger than anything. */
static int order_values(const struct value *a, const struct value *b)
{
	if (a->type == SQL_NULL || b->type == SQL_NULL)
		return (a->type == SQL_NULL) - (b->type == SQL_NULL);
	return value_compare(a, b);
}

struct ordering {
	const struct statement *r;
	int32_t column[SQL_KEY_MAX];
};

static bool behind(const struct ordering *o, const struct row *x,
		   const struct row *y)
{
	const struct value *a = row_seen(x, o->r->me);
	const struct value *b = row_seen(y, o->r->me);

	for (uint32_t i = 0; i < o->r->sql->order_count; i++) {
		int order = order_values(&a[o->column[i]], &b[o->column[i]]);

		if (order)
			return o->r->sql->order[i].descending ? order < 0 :
			       order > 0;
	}
	return false;
}

/* Merge sort, bottom up: stable, and not libc's. */
static void sort(const struct ordering *o, struct found *f)
{
	struct row **to = malloc((f->count + 1) * sizeof(*to));

	if (!to)
		abort();
	for (uint32_t run = 1; run < f->count; run *= 2) {
		for (uint32_t from = 0; from < f->count; from += 2 * run) {
			uint32_t a = from, b = from + run, n = from;
			uint32_t a_end = b < f->count ? b : f->count;
			uint32_t b_end = b + run < f->count ? b + run :
					 f->count;

			while (a < a_end || b < b_end)
				to[n++] = b >= b_end || (a < a_end &&
					!behind(o, f->at[a], f->at[b])) ?
					f->at[a++] : f->at[b++];
		}
		memcpy(f->at, to, f->count * sizeof(*to));
	}
	free(to);
}

static bool order(struct statement *r, struct found *f)
{
	struct ordering o = { .r = r };

	for (uint32_t i = 0; i < r->sql->order_count; i++) {
		o.column[i] = table_column(r->table, r->sql->order[i].column);
		if (o.column[i] < 0)
			return database_no_column(r, r->sql->order[i].column,
						  false);
	}
	if (r->sql->order_count)
		sort(&o, f);
	return true;
}

static void row_json(struct statement *r, const int32_t *column,
		     const struct value *v)
{
	uint32_t n = r->sql->list_count ? r->sql->list_count :
		     r->table->column_count;

	text_char(r->json, '{');
	for (uint32_t i = 0; i < n; i++) {
		int32_t c = r->sql->list_count ? column[i] : (int32_t)i;

		text_add(r->json, i ? "," : "");
		text_json(r->json, r->table->columns[c].name);
		text_char(r->json, ':');
		value_json(&v[c], r->json);
	}
	text_char(r->json, '}');
}

static struct value aggregate(struct statement *r, const struct found *f,
			      const struct sql_output *o, int32_t column)
{
	struct value total = { .type = SQL_NULL };

	if (o->what == OUT_COUNT)
		return (struct value){ .type = SQL_BIGINT, .n = f->count };
	for (uint32_t i = 0; i < f->count; i++) {
		const struct value *v = &row_seen(f->at[i], r->me)[column];

		if (v->type == SQL_NULL)
			continue;
		if (total.type == SQL_NULL)
			total = *v;
		else if (o->what == OUT_SUM)
			total.n += v->n;
		else if ((value_compare(v, &total) < 0) == (o->what == OUT_MIN))
			total = *v;
	}
	return total;
}

static void aggregates_json(struct statement *r, const struct found *f,
			    const int32_t *column)
{
	static const char *const names[] = {
		[OUT_COUNT] = "count", [OUT_SUM] = "sum", [OUT_MIN] = "min",
		[OUT_MAX] = "max",
	};

	text_add(r->json, "{");
	for (uint32_t i = 0; i < r->sql->list_count; i++) {
		const struct sql_output *o = &r->sql->list[i];
		struct value v = aggregate(r, f, o, column[i]);

		text_addf(r->json, "%s\"%s\":", i ? "," : "", names[o->what]);
		value_json(&v, r->json);
	}
	text_char(r->json, '}');
}

enum run database_select(struct statement *r)
{
	int32_t column[SQL_COLUMNS_MAX];
	struct found f = {0};
	bool aggregates;

	if (!outputs(r, column, &aggregates) || !database_find_rows(r, &f))
		return RUN_FAILED;
	if (!order(r, &f)) {
		free(f.at);
		return RUN_FAILED;
	}
	if (r->sql->limit >= 0 && r->sql->limit < f.count && !aggregates)
		f.count = (uint32_t)r->sql->limit;
	columns_json(r);
	text_add(r->json, ",\"rows\":[");
	r->count = aggregates ? 1 : f.count;
	if (aggregates)
		aggregates_json(r, &f, column);
	for (uint32_t i = 0; !aggregates && i < f.count; i++) {
		text_add(r->json, i ? "," : "");
		row_json(r, column, row_seen(f.at[i], r->me));
	}
	text_char(r->json, ']');
	free(f.at);
	return RUN_DONE;
}
