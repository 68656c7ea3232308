/* table.c - rows in memory: committed, and as an open transaction sees them */
#include "sim/app/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/luck.h"

struct table *table_new(struct world *w, const struct sql *create, uint32_t id)
{
	struct table *t = world_take(w, struct table);

	t->name = world_name(w, create->table);
	t->id = id;
	memcpy(t->columns, create->columns, sizeof(t->columns));
	t->column_count = create->column_count;
	memcpy(t->keys, create->keys, sizeof(t->keys));
	t->key_count = create->key_count;
	return t;
}

int32_t table_column(const struct table *t, const char *name)
{
	for (uint32_t i = 0; i < t->column_count; i++)
		if (!strcmp(t->columns[i].name, name))
			return (int32_t)i;
	return -1;
}

void table_key_name(const struct world *w, const struct table *t, uint32_t key,
		    char *out, size_t cap)
{
	const struct sql_key *k = &t->keys[key];
	struct text name = {0};

	text_add(&name, world_text(w, t->name));
	for (uint32_t i = 0; i < k->count && !k->primary; i++)
		text_addf(&name, "_%s", t->columns[k->columns[i]].name);
	text_add(&name, k->primary ? "_pkey" : "_key");
	snprintf(out, cap, "%s", text_cstr(&name));
	text_free(&name);
}

/* -- values --------------------------------------------------------------- */

/* Digits with at most `decimals` behind the point, rounded half away from
 * zero, as a whole number of the last.  False: no such number. */
static bool decimal(const char *s, uint32_t decimals, int64_t *out)
{
	bool minus = *s == '-', point = false, any = false;
	uint32_t behind = 0;
	int64_t n = 0;

	s += *s == '-' || *s == '+';
	for (; *s; s++) {
		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9')
			return false;
		any = true;
		if (point && behind == decimals) {
			n += *s >= '5';
			decimals = behind;
			for (s++; *s >= '0' && *s <= '9'; s++)
				;
			if (*s)
				return false;
			break;
		}
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*s - '0');
		behind += point;
	}
	for (; behind < decimals; behind++) {
		if (n > INT64_MAX / 10)
			return false;
		n *= 10;
	}
	*out = minus ? -n : n;
	return any;
}

static bool bad_value(const struct sql_term *t, enum sql_type type,
		      struct sql_error *e)
{
	return sql_fail(e, "22P02", "invalid input syntax for type %s: "
			"\"%.100s\"", sql_type_name(type),
			t->text ? t->text : t->kind == TERM_TRUE ? "true" :
			"false");
}

static bool read_boolean(const struct sql_term *t, int64_t *out)
{
	static const char *const words[] = {
		"false", "true", "f", "t", "no", "yes", "0", "1", "off", "on",
	};

	if (t->kind == TERM_TRUE || t->kind == TERM_FALSE) {
		*out = t->kind == TERM_TRUE;
		return true;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (t->kind == TERM_STRING && !strcmp(t->text, words[i])) {
			*out = i % 2;
			return true;
		}
	return false;
}

bool value_read(const struct sql_term *t, enum sql_type type,
		struct value *out, struct sql_error *e)
{
	bool good = true;

	*out = (struct value){ .type = type };
	if (t->kind == TERM_NULL) {
		out->type = SQL_NULL;
		return true;
	}
	switch (type) {
	case SQL_BIGINT:
		good = t->text && decimal(t->text, 0, &out->n);
		break;
	case SQL_NUMERIC:
		good = t->text && decimal(t->text, 6, &out->n);
		break;
	case SQL_BOOLEAN:
		good = read_boolean(t, &out->n);
		break;
	case SQL_TEXT:
		out->text = t->text;
		out->len = (uint32_t)t->len;
		if (!t->text) {
			out->text = t->kind == TERM_TRUE ? "true" : "false";
			out->len = (uint32_t)strlen(out->text);
		}
		break;
	case SQL_NULL:
		break;
	}
	return good || bad_value(t, type, e);
}

int value_compare(const struct value *a, const struct value *b)
{
	uint32_t least = a->len < b->len ? a->len : b->len;
	int order;

	if (a->type != SQL_TEXT)
		return a->n < b->n ? -1 : a->n > b->n;
	order = least ? memcmp(a->text, b->text, least) : 0;
	return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static void numeric_text(int64_t n, struct text *t)
{
	uint64_t u = n < 0 ? (uint64_t)-n : (uint64_t)n;
	size_t from;

	text_addf(t, "%s%llu.%06llu", n < 0 ? "-" : "",
		  (unsigned long long)(u / SQL_NUMERIC_ONE),
		  (unsigned long long)(u % SQL_NUMERIC_ONE));
	from = t->len;
	while (t->at[from - 1] == '0')
		from--;
	from -= t->at[from - 1] == '.';
	t->len = from;
	t->at[from] = '\0';
}

void value_text(const struct value *v, struct text *t)
{
	switch (v->type) {
	case SQL_NULL:
		break;
	case SQL_BIGINT:
		text_addf(t, "%lld", (long long)v->n);
		break;
	case SQL_NUMERIC:
		numeric_text(v->n, t);
		break;
	case SQL_BOOLEAN:
		text_add(t, v->n ? "t" : "f");
		break;
	case SQL_TEXT:
		text_bytes(t, v->text, v->len);
		break;
	}
}

void value_json(const struct value *v, struct text *t)
{
	if (v->type == SQL_NULL)
		text_add(t, "null");
	else if (v->type == SQL_BOOLEAN)
		text_add(t, v->n ? "true" : "false");
	else if (v->type == SQL_TEXT)
		text_json_bytes(t, v->text, v->len);
	else
		value_text(v, t);
}

static struct value *copy(struct world *w, const struct table *t,
			  const struct value *values)
{
	struct value *mine = arena_take(&w->arena, t->column_count *
					sizeof(*mine));

	for (uint32_t i = 0; i < t->column_count; i++) {
		mine[i] = values[i];
		mine[i].text = NULL;
		if (!values[i].len)
			continue;
		mine[i].text = memcpy(arena_take(&w->arena, values[i].len),
				      values[i].text, values[i].len);
	}
	return mine;
}

static void give_back(struct world *w, const struct table *t, struct value *v)
{
	if (!v)
		return;
	for (uint32_t i = 0; i < t->column_count; i++)
		arena_free(&w->arena, (char *)(uintptr_t)v[i].text, v[i].len);
	arena_free(&w->arena, v, t->column_count * sizeof(*v));
}

/* -- indexes -------------------------------------------------------------- */

/* False: a null among them, which no key holds. */
static bool key_hash(const struct table *t, uint32_t key,
		     const struct value *v, uint64_t *hash)
{
	const struct sql_key *k = &t->keys[key];

	*hash = key;
	for (uint32_t i = 0; i < k->count; i++) {
		const struct value *one = &v[k->columns[i]];

		if (one->type == SQL_NULL)
			return false;
		*hash = luck_mix(*hash ^ (uint64_t)one->n);
		for (uint32_t b = 0; b < one->len; b++)
			*hash = (*hash ^ (unsigned char)one->text[b]) *
				UINT64_C(0x100000001b3);
	}
	return true;
}

static bool same_key(const struct table *t, uint32_t key,
		     const struct value *a, const struct value *b)
{
	const struct sql_key *k = &t->keys[key];

	for (uint32_t i = 0; i < k->count; i++) {
		uint32_t c = k->columns[i];

		if (a[c].type == SQL_NULL || b[c].type == SQL_NULL ||
		    value_compare(&a[c], &b[c]))
			return false;
	}
	return true;
}

static void index_add(struct world *w, struct table *t, struct row *r,
		      const struct value *v)
{
	for (uint32_t key = 0; key < t->key_count; key++) {
		struct index_entry *e;
		uint64_t hash;

		if (!key_hash(t, key, v, &hash))
			continue;
		e = world_take(w, struct index_entry);
		e->row = r;
		e->next = map_get(&t->index[key], hash);
		map_put(&t->index[key], &w->arena, hash, e);
	}
}

static void index_remove(struct world *w, struct table *t, struct row *r,
			 const struct value *v)
{
	for (uint32_t key = 0; key < t->key_count; key++) {
		struct index_entry *first, **at;
		uint64_t hash;

		if (!key_hash(t, key, v, &hash))
			continue;
		first = map_get(&t->index[key], hash);
		for (at = &first; *at && (*at)->row != r; at = &(*at)->next)
			;
		if (*at) {
			struct index_entry *gone = *at;

			*at = gone->next;
			world_give(w, gone);
		}
		if (first)
			map_put(&t->index[key], &w->arena, hash, first);
		else
			map_remove(&t->index[key], hash);
	}
}

/* -- rows ----------------------------------------------------------------- */

const struct value *row_seen(const struct row *r,
			     const struct database_session *who)
{
	return r->holder && r->holder == who ? r->pending : r->committed;
}

struct row *table_find(const struct table *t, uint32_t key,
		       const struct value *values,
		       const struct database_session *who,
		       struct database_session **waits_for)
{
	struct index_entry *e;
	uint64_t hash;

	*waits_for = NULL;
	if (!key_hash(t, key, values, &hash))
		return NULL;
	for (e = map_get(&t->index[key], hash); e; e = e->next) {
		struct row *r = e->row;
		const struct value *seen = row_seen(r, who);

		if (r->holder && r->holder != who &&
		    ((r->committed && same_key(t, key, r->committed, values)) ||
		     (r->pending && same_key(t, key, r->pending, values)))) {
			*waits_for = r->holder;
			return r;
		}
		if (seen && same_key(t, key, seen, values))
			return r;
	}
	return NULL;
}

struct row *table_insert(struct world *w, struct table *t,
			 const struct value *values,
			 struct database_session *who)
{
	struct row *r = world_take(w, struct row);

	r->number = ++t->next_row;
	r->holder = who;
	r->pending = copy(w, t, values);
	*vec_add(&w->arena, &t->rows) = r;
	t->live++;
	index_add(w, t, r, r->pending);
	return r;
}

void table_change(struct world *w, struct table *t, struct row *r,
		  const struct value *values, struct database_session *who)
{
	struct value *fresh = values ? copy(w, t, values) : NULL;

	assert(!r->holder || r->holder == who);
	if (r->holder && r->pending) {
		index_remove(w, t, r, r->pending);
		give_back(w, t, r->pending);
	}
	r->holder = who;
	r->pending = fresh;
	if (fresh)
		index_add(w, t, r, fresh);
}

/* Where a row stands, by its number: they only grow. */
static uint32_t place_of(const struct table *t, uint64_t number)
{
	uint32_t low = 0, high = t->rows.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2, at = middle;

		while (at < high && !t->rows.at[at])
			at++;
		if (at == high || t->rows.at[at]->number >= number)
			high = middle;
		else
			low = at + 1;
	}
	while (low < t->rows.count && !t->rows.at[low])
		low++;
	return low;
}

struct row *table_row(const struct table *t, uint64_t number)
{
	uint32_t at = place_of(t, number);

	return at < t->rows.count && t->rows.at[at]->number == number ?
	       t->rows.at[at] : NULL;
}

/* Close the holes once they are half of all: what VACUUM does. */
static void vacuum(struct table *t)
{
	uint32_t n = 0;

	if (t->holes < 64 || t->holes < t->rows.count / 2)
		return;
	for (uint32_t i = 0; i < t->rows.count; i++)
		if (t->rows.at[i])
			t->rows.at[n++] = t->rows.at[i];
	memset(t->rows.at + n, 0, (t->rows.count - n) * sizeof(*t->rows.at));
	t->rows.count = n;
	t->holes = 0;
}

static void remove_row(struct world *w, struct table *t, struct row *r)
{
	t->rows.at[place_of(t, r->number)] = NULL;
	t->holes++;
	t->live--;
	world_give(w, r);
	vacuum(t);
}

void table_settle(struct world *w, struct table *t, struct row *r, bool commit)
{
	struct value *gone = commit ? r->committed : r->pending;
	struct value *stays = commit ? r->pending : r->committed;

	if (gone)
		index_remove(w, t, r, gone);
	give_back(w, t, gone);
	r->committed = stays;
	r->pending = NULL;
	r->holder = NULL;
	if (!stays)
		remove_row(w, t, r);
}

void table_free(struct world *w, struct table *t)
{
	for (uint32_t i = 0; i < t->rows.count; i++) {
		struct row *r = t->rows.at[i];

		if (!r)
			continue;
		give_back(w, t, r->committed);
		give_back(w, t, r->pending);
		world_give(w, r);
	}
	for (uint32_t key = 0; key < t->key_count; key++) {
		struct map *m = &t->index[key];

		for (uint32_t i = 0; i < m->count; i++)
			for (struct index_entry *e = m->entries[i].value, *n; e;
			     e = n) {
				n = e->next;
				world_give(w, e);
			}
		map_free(m, &w->arena);
	}
	vec_free(&w->arena, &t->rows);
	world_give(w, t);
}
