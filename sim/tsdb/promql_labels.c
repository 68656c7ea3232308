/* promql_labels.c - label sets of a query: each one once */
#include "sim/tsdb/promql_labels.h"

#include <assert.h>
#include <string.h>

#include "sim/tsdb/promql_lex.h"

#define SLOTS_FIRST	64u

static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t hash_pairs(const struct label_pair *at, uint32_t count)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < count; i++)
		h = hash_text(hash_text(h, at[i].name), at[i].value);
	return luck_mix(h);
}

static bool same_pairs(const struct label_set *s, const struct label_pair *at,
		       uint32_t count)
{
	if (s->count != count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		/* texts of the world are one pointer each */
		if (s->at[i].name != at[i].name &&
		    strcmp(s->at[i].name, at[i].name) != 0)
			return false;
		if (s->at[i].value != at[i].value &&
		    strcmp(s->at[i].value, at[i].value) != 0)
			return false;
	}
	return true;
}

static void grow(struct label_sets *l)
{
	uint32_t slot_count = l->slot_count ? 2 * l->slot_count : SLOTS_FIRST;
	struct label_set **slots = (struct label_set **)
		pool_take(l->pool, slot_count * sizeof(struct label_set *));

	for (uint32_t i = 0; i < l->slot_count; i++)
		for (struct label_set *s = l->slots[i], *next; s; s = next) {
			struct label_set **slot =
				&slots[s->hash & (slot_count - 1)];

			next = s->next;
			s->next = *slot;
			*slot = s;
		}
	l->slots = slots;
	l->slot_count = slot_count;
}

/* The set of these pairs, sorted by name and none of them empty. */
static struct label_set *intern(struct label_sets *l,
				const struct label_pair *at, uint32_t count)
{
	uint64_t hash = hash_pairs(at, count);
	struct label_set *s, **slot;

	if (l->count >= l->slot_count)
		grow(l);
	slot = &l->slots[hash & (l->slot_count - 1)];
	for (s = *slot; s; s = s->next)
		if (s->hash == hash && same_pairs(s, at, count))
			return s;
	s = pool_take(l->pool, sizeof(*s) + count * sizeof(*at));
	s->hash = hash;
	s->count = count;
	if (count)
		memcpy(s->at, at, count * sizeof(*at));
	s->next = *slot;
	*slot = s;
	l->count++;
	return s;
}

void label_sets_init(struct label_sets *l, struct pool *pool)
{
	*l = (struct label_sets){ .pool = pool };
	l->empty = intern(l, NULL, 0);
}

struct label_set *labels_of_series(struct label_sets *l, const struct world *w,
				   const struct tsdb *db,
				   const struct series *s)
{
	uint32_t n = s->labels->count, count = 0;
	struct label_pair *at = pool_array(l->pool, struct label_pair, n + 1u);
	struct label_pair name = {
		world_text(w, db->metric_name), world_text(w, s->name),
	};
	bool named = s->name == 0;

	for (uint32_t i = 0; i < n; i++) {
		struct label_pair pair = {
			world_text(w, s->labels->at[i].name),
			world_text(w, s->labels->at[i].value),
		};

		if (!named && strcmp(name.name, pair.name) < 0) {
			at[count++] = name;
			named = true;
		}
		at[count++] = pair;
	}
	if (!named)
		at[count++] = name;
	return intern(l, at, count);
}

const char *labels_get(const struct label_set *s, const char *name)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (!strcmp(s->at[i].name, name))
			return s->at[i].value;
	return "";
}

struct label_set *labels_unnamed(struct label_sets *l, struct label_set *s)
{
	if (!s->unnamed) {
		struct label_builder b;

		builder_init(&b, l, s);
		builder_set(&b, "__name__", "");
		s->unnamed = builder_done(&b);
	}
	return s->unnamed;
}

/* -- making one from another --------------------------------------------- */

void builder_init(struct label_builder *b, struct label_sets *l,
		  const struct label_set *from)
{
	b->sets = l;
	b->count = from->count;
	b->cap = from->count + 2u;
	b->at = pool_array(l->pool, struct label_pair, b->cap);
	if (from->count)
		memcpy(b->at, from->at, from->count * sizeof(*b->at));
}

static void take_out(struct label_builder *b, uint32_t i)
{
	b->count--;
	memmove(&b->at[i], &b->at[i + 1], (b->count - i) * sizeof(*b->at));
}

void builder_set(struct label_builder *b, const char *name, const char *value)
{
	uint32_t i = 0;

	while (i < b->count && strcmp(b->at[i].name, name) < 0)
		i++;
	if (i < b->count && !strcmp(b->at[i].name, name)) {
		if (*value)
			b->at[i].value = value;
		else
			take_out(b, i);
		return;
	}
	if (!*value)
		return;
	if (b->count == b->cap) {
		b->at = pool_grow(b->sets->pool, b->at,
				  b->count * sizeof(*b->at),
				  2u * b->cap * sizeof(*b->at));
		b->cap *= 2;
	}
	memmove(&b->at[i + 1], &b->at[i], (b->count - i) * sizeof(*b->at));
	b->at[i] = (struct label_pair){ name, value };
	b->count++;
}

static bool listed(const struct name_list *names, const char *name)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (!strcmp(names->at[i], name))
			return true;
	return false;
}

static void filter(struct label_builder *b, const struct name_list *names,
		   bool keep)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < b->count; i++)
		if (listed(names, b->at[i].name) == keep)
			b->at[kept++] = b->at[i];
	b->count = kept;
}

void builder_keep(struct label_builder *b, const struct name_list *names)
{
	filter(b, names, true);
}

void builder_drop(struct label_builder *b, const struct name_list *names)
{
	filter(b, names, false);
}

struct label_set *builder_done(struct label_builder *b)
{
	return intern(b->sets, b->at, b->count);
}

/* -- remembering --------------------------------------------------------- */

static uint64_t hash_pointers(const void *a, const void *b)
{
	return luck_mix((uint64_t)(uintptr_t)a * 31 ^ (uint64_t)(uintptr_t)b);
}

static struct memo_entry *slot_of(const struct memo *m, const void *a,
				  const void *b)
{
	uint32_t i = (uint32_t)hash_pointers(a, b) & (m->slot_count - 1);

	while (m->slots[i].a && (m->slots[i].a != a || m->slots[i].b != b))
		i = (i + 1) & (m->slot_count - 1);
	return &m->slots[i];
}

void **memo_at(struct memo *m, struct pool *pool, const void *a, const void *b)
{
	struct memo_entry *e;

	assert(a);
	if (2 * m->count >= m->slot_count) {
		struct memo old = *m;

		m->slot_count = old.slot_count ? 2 * old.slot_count : 32;
		m->slots = pool_array(pool, struct memo_entry, m->slot_count);
		for (uint32_t i = 0; i < old.slot_count; i++)
			if (old.slots[i].a)
				*slot_of(m, old.slots[i].a, old.slots[i].b) =
					old.slots[i];
	}
	e = slot_of(m, a, b);
	if (!e->a) {
		e->a = a;
		e->b = b;
		m->count++;
	}
	return &e->value;
}

/* -- for people ---------------------------------------------------------- */

void labels_text(const struct label_set *s, struct text *t)
{
	text_char(t, '{');
	for (uint32_t i = 0; i < s->count; i++) {
		text_addf(t, "%s%s=", i ? ", " : "", s->at[i].name);
		promql_quote(t, s->at[i].value, strlen(s->at[i].value));
	}
	text_char(t, '}');
}

bool labels_before(const struct label_set *a, const struct label_set *b)
{
	for (uint32_t i = 0; i < a->count && i < b->count; i++) {
		int d = strcmp(a->at[i].name, b->at[i].name);

		if (!d)
			d = strcmp(a->at[i].value, b->at[i].value);
		if (d)
			return d < 0;
	}
	return a->count < b->count;
}
