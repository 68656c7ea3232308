/* series.c - which series there are, and their samples */
#include "sim/tsdb/series.h"

#include <assert.h>
#include <string.h>


/* A whole number of samples, so that none is lost to the end of a chunk. */
#define SAMPLE_CHUNK	((uint32_t)sizeof(struct sample) * 4096)

struct tsdb *tsdb_new(struct world *w)
{
	struct tsdb *db = world_take(w, struct tsdb);

	db->samples = history_open(&w->history, SAMPLE_CHUNK);
	db->metric_name = world_name(w, "__name__");
	return db;
}

/* -- writing ------------------------------------------------------------- */

static uint64_t pair_key(name_id name, name_id value)
{
	return (uint64_t)name << 32 | value;
}

static uint64_t series_key(name_id name, const struct labels *labels)
{
	uint64_t key = luck_mix(name);

	for (uint32_t i = 0; i < labels->count; i++)
		key = luck_mix(key ^ pair_key(labels->at[i].name,
					      labels->at[i].value));
	return key;
}

static struct label_index *index_of(struct world *w, struct tsdb *db,
				    name_id name)
{
	struct label_index *index = map_get(&db->labels_by_name, name);

	if (index)
		return index;
	index = world_take(w, struct label_index);
	index->name = name;
	*vec_add(&w->arena, &db->labels) = index;
	map_put(&db->labels_by_name, &w->arena, name, index);
	return index;
}

static void index_pair(struct world *w, struct tsdb *db, name_id name,
		       name_id value, uint32_t id)
{
	struct label_index *index = index_of(w, db, name);
	struct postings *p = map_get(&db->postings, pair_key(name, value));

	if (!p) {
		p = world_take(w, struct postings);
		p->value = value;
		*vec_add(&w->arena, &index->values) = p;
		map_put(&db->postings, &w->arena, pair_key(name, value), p);
	}
	*vec_add(&w->arena, &p->ids) = id;
	index->series++;
}

struct series *tsdb_series(struct world *w, struct tsdb *db, name_id name,
			   const struct labels *labels)
{
	uint64_t key = series_key(name, labels);
	struct series *first = map_get(&db->by_key, key);
	struct series *s;

	for (s = first; s; s = s->next)
		if (s->name == name && s->labels == labels)
			return s;
	s = world_take(w, struct series);
	s->id = db->series.count;
	s->name = name;
	s->labels = labels;
	*vec_add(&w->arena, &db->series) = s;
	if (first) {
		s->next = first->next;
		first->next = s;
	} else
		map_put(&db->by_key, &w->arena, key, s);
	if (name)
		index_pair(w, db, db->metric_name, name, s->id);
	for (uint32_t i = 0; i < labels->count; i++)
		index_pair(w, db, labels->at[i].name, labels->at[i].value,
			   s->id);
	return s;
}

static bool same_bits(double a, double b)
{
	uint64_t x, y;

	memcpy(&x, &a, sizeof(x));
	memcpy(&y, &b, sizeof(y));
	return x == y;
}

enum append_sample tsdb_append(struct world *w, struct tsdb *db,
			       struct series *s, int64_t t_ms, double v)
{
	return tsdb_append_as(w, db, s, t_ms, v, FIDELITY_EXACT);
}

enum append_sample tsdb_append_as(struct world *w, struct tsdb *db,
				  struct series *s, int64_t t_ms, double v,
				  enum fidelity fidelity)
{
	struct sample sample = {
		.t_ms = t_ms, .before = s->last & (UINT64_MAX >> 2),
		.fidelity = (unsigned)fidelity & 3,
	};

	if (s->last && t_ms < s->last_ms) {
		db->out_of_order++;
		return SAMPLE_OUT_OF_ORDER;
	}
	if (s->last && t_ms == s->last_ms) {
		/* the same again is no news and no harm */
		if (same_bits(tsdb_sample(w, db, s->last)->v, v))
			return SAMPLE_APPENDED;
		db->duplicates++;
		return SAMPLE_DUPLICATE;
	}
	memcpy(&sample.v, &v, sizeof(v));
	s->last = history_append(&w->history, db->samples, &sample,
				 sizeof(sample)) + 1;
	s->last_ms = t_ms;
	s->samples++;
	if (!db->appended++)
		db->first_ms = t_ms;
	if (t_ms > db->last_ms)
		db->last_ms = t_ms;
	return SAMPLE_APPENDED;
}

/* -- finding ------------------------------------------------------------- */

bool matcher_accepts(const struct matcher *m, const char *value)
{
	switch (m->type) {
	case MATCH_EQUAL:
		return strcmp(m->value, value) == 0;
	case MATCH_NOT_EQUAL:
		return strcmp(m->value, value) != 0;
	case MATCH_REGEX:
		return regex_match(m->regex, value);
	default:
		return !regex_match(m->regex, value);
	}
}

name_id series_label(const struct tsdb *db, const struct series *s,
		     name_id name)
{
	if (name == db->metric_name)
		return s->name;
	for (uint32_t i = 0; i < s->labels->count; i++)
		if (s->labels->at[i].name == name)
			return s->labels->at[i].value;
	return 0;
}

/* A matcher with what it needs while it meets many series. */
struct check {
	const struct matcher *m;
	name_id name;			/* 0: no series has this label */
	bool equality;			/* decided by comparing ids */
	name_id value;
	bool negate;
	unsigned char *known;		/* by value's id: 0 not asked, 1 no, 2 yes */
	const struct label_index *index;
	bool wants_empty;		/* accepts series without the label */
};

static struct check check_of(const struct world *w, const struct tsdb *db,
			     const struct matcher *m, struct pool *pool)
{
	const struct names *names = &w->state->names;
	const char *literal = m->regex ? regex_literal(m->regex) : NULL;
	struct check c = { .m = m, .name = names_find(names, m->name) };

	c.negate = m->type == MATCH_NOT_EQUAL || m->type == MATCH_NOT_REGEX;
	c.equality = !m->regex || literal;
	if (c.equality) {
		const char *value = literal ? literal : m->value;

		c.value = names_find(names, value);
		if (!c.value && *value)
			c.value = UINT32_MAX;	/* a text nobody has */
	} else
		c.known = pool_array(pool, unsigned char, names->texts.count + 1u);
	if (c.name)
		c.index = map_get(&db->labels_by_name, c.name);
	c.wants_empty = matcher_accepts(m, "");
	return c;
}

static bool check_value(const struct world *w, const struct check *c,
			name_id value)
{
	if (c->equality)
		return (value == c->value) != c->negate;
	if (!c->known[value])
		c->known[value] = matcher_accepts(c->m, world_text(w, value)) ?
				  2 : 1;
	return c->known[value] == 2;
}

/* Series that have a value the check accepts, if it needs one. */
static uint64_t cost_of(const struct tsdb *db, const struct check *c)
{
	const struct postings *p;

	if (c->wants_empty)
		return db->series.count;	/* no list of its own */
	if (!c->index)
		return 0;
	if (!c->equality || c->negate)
		return c->index->series;
	p = map_get(&db->postings, pair_key(c->name, c->value));
	return p ? p->ids.count : 0;
}

static bool passes(const struct world *w, const struct tsdb *db,
		   const struct check *checks, uint32_t count,
		   const struct check *but, const struct series *s)
{
	for (uint32_t i = 0; i < count; i++) {
		name_id value;

		if (&checks[i] == but)
			continue;
		value = checks[i].name ? series_label(db, s, checks[i].name) : 0;
		if (!check_value(w, &checks[i], value))
			return false;
	}
	return true;
}

/* Merge two ascending rows without repetition. */
static uint32_t *merge(struct pool *pool, const uint32_t *a, uint32_t na,
		       const uint32_t *b, uint32_t nb)
{
	uint32_t *all = pool_array(pool, uint32_t, (size_t)na + nb);
	uint32_t i = 0, k = 0, n = 0;

	while (i < na || k < nb)
		if (k == nb || (i < na && a[i] < b[k]))
			all[n++] = a[i++];
		else
			all[n++] = b[k++];
	return all;
}

/* The ids of all series whose label has a value that passes: the lists of
 * these values, merged in pairs (they have no series in common). */
static uint32_t *candidates(const struct world *w, const struct tsdb *db,
			    const struct check *c, struct pool *pool,
			    uint32_t *count)
{
	const struct label_index *index = c->index;
	struct {
		uint32_t *ids;
		uint32_t count;
	} *rows;
	uint32_t n = 0;

	*count = 0;
	if (!index)
		return NULL;
	if (c->equality && !c->negate) {
		const struct postings *p =
			map_get(&db->postings, pair_key(c->name, c->value));

		*count = p ? p->ids.count : 0;
		return p ? p->ids.at : NULL;
	}
	rows = pool_take(pool, index->values.count * sizeof(*rows));
	for (uint32_t i = 0; i < index->values.count; i++) {
		const struct postings *p = index->values.at[i];

		if (!check_value(w, c, p->value))
			continue;
		rows[n].ids = p->ids.at;
		rows[n++].count = p->ids.count;
	}
	while (n > 1) {
		uint32_t left = 0;

		for (uint32_t i = 0; i + 1 < n; i += 2) {
			rows[left].ids = merge(pool, rows[i].ids, rows[i].count,
					       rows[i + 1].ids,
					       rows[i + 1].count);
			rows[left++].count = rows[i].count + rows[i + 1].count;
		}
		if (n & 1)
			rows[left++] = rows[n - 1];
		n = left;
	}
	*count = n ? rows[0].count : 0;
	return n ? rows[0].ids : NULL;
}

struct selection tsdb_select(const struct world *w, const struct tsdb *db,
			     const struct matcher *matchers, uint32_t count,
			     struct pool *pool)
{
	struct check *checks = pool_array(pool, struct check, count + 1u);
	const struct check *best = NULL;
	struct selection found = {0};
	uint32_t *ids = NULL, n = db->series.count;

	for (uint32_t i = 0; i < count; i++) {
		checks[i] = check_of(w, db, &matchers[i], pool);
		if (checks[i].wants_empty)
			continue;
		if (!best || cost_of(db, &checks[i]) < cost_of(db, best))
			best = &checks[i];
	}
	if (best)
		ids = candidates(w, db, best, pool, &n);
	found.series = pool_array(pool, struct series *, n + 1u);
	found.looked_at = n;
	for (uint32_t i = 0; i < n; i++) {
		struct series *s = db->series.at[ids ? ids[i] : i];

		if (passes(w, db, checks, count, best, s))
			found.series[found.count++] = s;
	}
	return found;
}

/* -- reading ------------------------------------------------------------- */

const struct sample *tsdb_sample(const struct world *w, const struct tsdb *db,
				 uint64_t at)
{
	assert(at);
	return history_at(&w->history, db->samples, at - 1);
}

/* -- cardinality --------------------------------------------------------- */

const struct label_index *tsdb_label(const struct world *w,
				     const struct tsdb *db, const char *name)
{
	name_id id = names_find(&w->state->names, name);

	return id ? map_get(&db->labels_by_name, id) : NULL;
}

uint32_t tsdb_pairs(const struct tsdb *db)
{
	uint32_t pairs = 0;

	for (uint32_t i = 0; i < db->labels.count; i++)
		pairs += db->labels.at[i]->values.count;
	return pairs;
}
