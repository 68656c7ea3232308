/* database_run.c - a statement runs: it reads, changes, or has to wait
 *
 * First all it wants to change is looked at: is a row held by somebody else,
 * it waits and begins anew when that one is done, having changed nothing.
 * Then it changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/database_inside.h"

struct table *database_table(const struct world *w, const struct database *s,
			     const char *name)
{
	for (uint32_t i = 0; i < s->tables.count; i++)
		if (!strcmp(world_text(w, s->tables.at[i]->name), name))
			return s->tables.at[i];
	return NULL;
}

/* -- changing ------------------------------------------------------------- */

static bool duplicate(struct statement *r, uint32_t key, const struct value *v)
{
	const struct sql_key *k = &r->table->keys[key];
	char name[200];
	struct text names = {0}, values = {0};

	for (uint32_t i = 0; i < k->count; i++) {
		text_addf(&names, "%s%s", i ? ", " : "",
			  r->table->columns[k->columns[i]].name);
		text_add(&values, i ? ", " : "");
		value_text(&v[k->columns[i]], &values);
	}
	table_key_name(r->w, r->table, key, name, sizeof(name));
	sql_fail(r->error, "23505", "duplicate key value violates unique "
		 "constraint \"%s\"", name);
	snprintf(r->error->detail, sizeof(r->error->detail),
		 "Key (%s)=(%.150s) already exists.", text_cstr(&names),
		 text_cstr(&values));
	text_free(&names);
	text_free(&values);
	return false;
}

static void touch(struct statement *r, struct row *row)
{
	*vec_add(&r->w->arena, &r->me->touched) =
		(struct touched){ r->table, row };
}

static void change(struct statement *r, struct row *row,
		   const struct value *values)
{
	if (row->holder != r->me)
		touch(r, row);
	table_change(r->w, r->table, row, values, r->me);
	r->count++;
}

/* Does somebody else hold it?  Then we wait for that one. */
static bool held(struct statement *r, struct database_session *holder)
{
	if (!holder || holder == r->me)
		return false;
	r->me->waits_for = holder;
	return true;
}

static bool checked(struct statement *r, const struct value *v)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < r->table->column_count; i++) {
		bytes += sizeof(*v) + v[i].len;
		if (v[i].type == SQL_NULL && r->table->columns[i].not_null)
			return sql_fail(r->error, "23502", "null value in "
				"column \"%s\" of relation \"%s\" violates "
				"not-null constraint",
				r->table->columns[i].name, r->sql->table);
	}
	return bytes <= DATABASE_ROW_MAX ||
	       sql_fail(r->error, "54000", "row is too big: size %zu, maximum "
			"size %u", bytes, DATABASE_ROW_MAX);
}

/* One side of an expression, as a value of this type. */
static bool term_value(struct statement *r, const struct sql_term *t,
		       enum sql_type type, const struct value *row,
		       const struct value *excluded, struct value *out)
{
	int32_t c;

	if (t->kind != TERM_COLUMN && t->kind != TERM_EXCLUDED)
		return value_read(t, type, out, r->error);
	c = table_column(r->table, t->column);
	if (c < 0 || (t->kind == TERM_EXCLUDED && !excluded))
		return database_no_column(r, t->column, false);
	*out = t->kind == TERM_EXCLUDED ? excluded[c] : row[c];
	if (out->type != SQL_NULL && out->type != type)
		return sql_fail(r->error, "42804", "column \"%s\" is of type "
				"%s but expression is of type %s", t->column,
				sql_type_name(type), sql_type_name(out->type));
	return true;
}

static bool evaluate(struct statement *r, const struct sql_expression *e,
		     enum sql_type type, const struct value *row,
		     const struct value *excluded, struct value *out)
{
	struct value b;

	if (!term_value(r, &e->a, type, row, excluded, out))
		return false;
	if (!e->op)
		return true;
	if (!term_value(r, &e->b, type, row, excluded, &b))
		return false;
	if (type != SQL_BIGINT && type != SQL_NUMERIC)
		return sql_fail(r->error, "42883", "operator does not exist: "
				"%s %c %s", sql_type_name(type), e->op,
				sql_type_name(type));
	if (b.type == SQL_NULL)
		out->type = SQL_NULL;
	if ((e->op == '-') == (b.n < 0) ? out->n > INT64_MAX / 2 :
	    out->n < INT64_MIN / 2)
		return sql_fail(r->error, "22003", "%s out of range",
				sql_type_name(type));
	out->n += e->op == '-' ? -b.n : b.n;
	return true;
}

/* What a row is after SET. */
static bool assigned(struct statement *r, const struct value *row,
		     const struct value *excluded, struct value *out)
{
	memcpy(out, row, r->table->column_count * sizeof(*out));
	for (uint32_t i = 0; i < r->sql->set_count; i++) {
		const struct sql_assignment *a = &r->sql->set[i];
		int32_t c = table_column(r->table, a->column);

		if (c < 0)
			return database_no_column(r, a->column, true);
		if (!evaluate(r, &a->value, r->table->columns[c].type, row,
			      excluded, &out[c]))
			return false;
	}
	return checked(r, out);
}

/* Does another than `mine` have one of these keys, or may come to have it? */
static enum run keys_free(struct statement *r, const struct value *v,
			  const struct row *mine, bool look_only)
{
	for (uint32_t key = 0; key < r->table->key_count; key++) {
		struct database_session *holder;
		struct row *other = table_find(r->table, key, v, r->me,
					       &holder);

		if (other && other != mine && held(r, holder))
			return RUN_WAITS;
		if (other && other != mine && !look_only) {
			duplicate(r, key, v);
			return RUN_FAILED;
		}
	}
	return RUN_DONE;
}

static enum run update_rows(struct statement *r, const struct found *f,
			    bool look_only)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct value v[SQL_COLUMNS_MAX];
		enum run run;

		if (held(r, f->at[i]->holder))
			return RUN_WAITS;
		if (r->sql->verb == SQL_DELETE) {
			if (!look_only)
				change(r, f->at[i], NULL);
			continue;
		}
		if (!assigned(r, row_seen(f->at[i], r->me), NULL, v))
			return RUN_FAILED;
		run = keys_free(r, v, f->at[i], look_only);
		if (run != RUN_DONE)
			return run;
		if (!look_only)
			change(r, f->at[i], v);
	}
	return RUN_DONE;
}

static enum run update(struct statement *r)
{
	struct found f;
	enum run run;

	if (!database_find_rows(r, &f))
		return RUN_FAILED;
	run = update_rows(r, &f, true);
	if (run == RUN_DONE)
		run = update_rows(r, &f, false);
	free(f.at);
	return run;
}

/* -- INSERT --------------------------------------------------------------- */

static bool insert_columns(struct statement *r, uint32_t *column)
{
	const struct sql *s = r->sql;
	uint32_t n = s->column_count ? s->column_count :
		     r->table->column_count;

	if (s->row_width > n)
		return sql_fail(r->error, "42601", "INSERT has more "
				"expressions than target columns");
	if (s->column_count && s->row_width < n)
		return sql_fail(r->error, "42601", "INSERT has more target "
				"columns than expressions");
	for (uint32_t i = 0; i < s->row_width; i++) {
		int32_t c = s->column_count ?
			    table_column(r->table, s->columns[i].name) :
			    (int32_t)i;

		if (c < 0)
			return database_no_column(r, s->columns[i].name, true);
		column[i] = (uint32_t)c;
	}
	return true;
}

static bool insert_row(struct statement *r, uint32_t i, const uint32_t *column,
		       struct value *v)
{
	memset(v, 0, SQL_COLUMNS_MAX * sizeof(*v));
	for (uint32_t k = 0; k < r->sql->row_width; k++)
		if (!value_read(&r->sql->values[i * r->sql->row_width + k],
				r->table->columns[column[k]].type,
				&v[column[k]], r->error))
			return false;
	return checked(r, v);
}

/* The constraint that ON CONFLICT names; -1: any; -2: there is none. */
static int32_t target(const struct statement *r)
{
	const struct sql *s = r->sql;

	if (!s->target_count)
		return -1;
	for (uint32_t key = 0; key < r->table->key_count; key++) {
		const struct sql_key *k = &r->table->keys[key];
		uint32_t same = 0;

		for (uint32_t i = 0; i < k->count; i++)
			for (uint32_t c = 0; c < s->target_count; c++)
				same += !strcmp(s->target[c],
					r->table->columns[k->columns[i]].name);
		if (same == k->count && k->count == s->target_count)
			return (int32_t)key;
	}
	return -2;
}

/* A row that conflicts where ON CONFLICT looks, or NULL. */
static struct row *conflicting(struct statement *r, const struct value *v,
			       int32_t on)
{
	for (uint32_t key = 0; key < r->table->key_count; key++) {
		struct database_session *holder;
		struct row *other;

		if (on >= 0 && (uint32_t)on != key)
			continue;
		other = table_find(r->table, key, v, r->me, &holder);
		if (other)
			return other;
	}
	return NULL;
}

static enum run insert_one(struct statement *r, const struct value *v,
			   int32_t on)
{
	struct row *other = r->sql->conflict == CONFLICT_ERROR ? NULL :
			    conflicting(r, v, on);
	struct value after[SQL_COLUMNS_MAX];
	enum run run;

	if (other && r->sql->conflict == CONFLICT_NOTHING)
		return RUN_DONE;
	if (other) {
		if (!assigned(r, row_seen(other, r->me), v, after))
			return RUN_FAILED;
		run = keys_free(r, after, other, false);
		if (run == RUN_DONE)
			change(r, other, after);
		return run;
	}
	run = keys_free(r, v, NULL, false);
	if (run != RUN_DONE)
		return run;
	touch(r, table_insert(r->w, r->table, v, r->me));
	r->count++;
	return RUN_DONE;
}

static enum run insert(struct statement *r)
{
	uint32_t column[SQL_COLUMNS_MAX];
	struct value v[SQL_COLUMNS_MAX];
	int32_t on = target(r);

	if (on == -2) {
		sql_fail(r->error, "42P10", "there is no unique or exclusion "
			 "constraint matching the ON CONFLICT specification");
		return RUN_FAILED;
	}
	if (!insert_columns(r, column))
		return RUN_FAILED;
	for (int look = 1; look >= 0; look--)
		for (uint32_t i = 0; i < r->sql->row_count; i++) {
			enum run run;

			if (!insert_row(r, i, column, v))
				return RUN_FAILED;
			run = look ? keys_free(r, v, NULL, true) :
			      insert_one(r, v, on);
			if (run == RUN_WAITS && !look) {
				r->me->waits_for = NULL;
				sql_fail(r->error, "40001", "could not "
					 "serialize access due to concurrent "
					 "update");
				return RUN_FAILED;
			}
			if (run != RUN_DONE)
				return run;
		}
	return RUN_DONE;
}

/* -- all ------------------------------------------------------------------ */

void database_settle(struct world *w, struct database_session *me, bool commit)
{
	for (uint32_t i = 0; i < me->touched.count; i++)
		table_settle(w, me->touched.at[i].table,
			     me->touched.at[i].row, commit);
	vec_free(&w->arena, &me->touched);
}

enum run database_run(struct world *w, struct database_session *me,
		      const struct sql *s, struct text *json, uint32_t *changed,
		      struct sql_error *e)
{
	struct statement r = {
		.w = w, .me = me, .sql = s, .json = json, .error = e,
		.table = database_table(w, me->store, s->table),
	};
	enum run run;

	*changed = 0;
	if (!r.table) {
		sql_fail(e, "42P01", "relation \"%s\" does not exist",
			 s->table);
		return RUN_FAILED;
	}
	run = s->verb == SQL_SELECT ? database_select(&r) :
	      s->verb == SQL_INSERT ? insert(&r) : update(&r);
	*changed = r.count;
	return run;
}
