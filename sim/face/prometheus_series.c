/* prometheus_series.c - /api/v1/series, labels and label/NAME/values
 *
 * Which series there are, and of which labels they are made: all that match
 * one of the match[] and have a sample between start and end.
 */
#include "sim/face/prometheus_inside.h"

#include <string.h>

#include "sim/tsdb/promql_parse.h"

/* -- which are chosen --------------------------------------------------- */

/* Which series a request speaks of: match[], start, end. */
struct choice {
	struct pool pool;
	bool *chosen;			/* by series id */
	uint32_t matchers;		/* match[] given */
	int64_t start, end;
};

/* Has the series a sample in the time asked for?  The back links are walked
 * from the newest. */
static bool alive(const struct request *r, const struct choice *c,
		  const struct series *s)
{
	for (uint64_t at = s->last; at;) {
		const struct sample *sample = tsdb_sample(r->w, r->m->tsdb, at);

		if (sample->t_ms < c->start)
			return false;
		if (sample->t_ms <= c->end)
			return true;
		at = sample->before;
	}
	return false;
}

/* One more match[]: its series are chosen. */
static bool choose(struct request *r, struct choice *c, const char *text)
{
	const char *error;
	struct expr *e = promql_parse_selector(&c->pool, text, &error);
	struct selection found;

	if (!e)
		return answer_invalid(r, "match[]", "%s", error);
	if (!expr_selects(e))
		return answer_invalid(r, "match[]", "match[] must contain at "
				      "least one non-empty matcher");
	found = tsdb_select(r->w, r->m->tsdb, e->matchers, e->matcher_count,
			    &c->pool);
	r->out->work += found.looked_at;
	for (uint32_t i = 0; i < found.count; i++)
		c->chosen[found.series[i]->id] |= alive(r, c, found.series[i]);
	return true;
}

/* Without a match[] every series is chosen, if `all`. */
static bool make_choice(struct request *r, struct choice *c, bool all)
{
	const struct tsdb *db = r->m->tsdb;
	struct text text = {0};
	bool good = true;

	*c = (struct choice){ .matchers = 0 };
	if (!parameter_time_or(r, "start", INT64_MIN, &c->start) ||
	    !parameter_time_or(r, "end", INT64_MAX, &c->end))
		return false;
	c->chosen = pool_array(&c->pool, bool, db->series.count + 1u);
	while (good && parameter_nth(r, "match[]", c->matchers, &text)) {
		good = choose(r, c, text_cstr(&text));
		text_clear(&text);
		c->matchers++;
	}
	text_free(&text);
	for (uint32_t i = 0; all && !c->matchers && i < db->series.count; i++)
		c->chosen[i] = alive(r, c, db->series.at[i]);
	return good;
}

/* -- the series --------------------------------------------------------- */

static bool set_before(const void *a, const void *b)
{
	return labels_before(*(struct label_set *const *)a,
			     *(struct label_set *const *)b);
}

void prometheus_series(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	struct label_sets sets;
	struct label_set **found;
	struct choice c;
	uint32_t count = 0;
	struct text *t;

	if (!make_choice(r, &c, false)) {
		pool_release(&c.pool);
		return;
	}
	if (!c.matchers) {
		answer_failure(r, 400, "bad_data",
			       "no match[] parameter provided");
		pool_release(&c.pool);
		return;
	}
	label_sets_init(&sets, &c.pool);
	found = pool_array(&c.pool, struct label_set *, db->series.count);
	for (uint32_t i = 0; i < db->series.count; i++)
		if (c.chosen[i])
			found[count++] = labels_of_series(&sets, r->w, db,
							  db->series.at[i]);
	promql_sort(found, count, sizeof(struct label_set *), set_before);
	t = answer_success(r);
	text_char(t, '[');
	for (uint32_t i = 0; i < count; i++) {
		struct promql_series s = { .labels = found[i]->at,
					   .label_count = found[i]->count };

		if (i)
			text_char(t, ',');
		answer_labels(t, &s);
	}
	text_add(t, "]}");
	pool_release(&c.pool);
}

/* -- their labels ------------------------------------------------------- */

static bool text_before(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b) < 0;
}

/* A sorted JSON array of texts, each once. */
static void put_texts(struct request *r, const char **texts, uint32_t count)
{
	struct text *t = answer_success(r);
	const char *last = NULL;

	promql_sort(texts, count, sizeof(*texts), text_before);
	text_char(t, '[');
	for (uint32_t i = 0; i < count; i++) {
		if (last && !strcmp(last, texts[i]))
			continue;
		if (last)
			text_char(t, ',');
		last = texts[i];
		answer_text(t, last);
	}
	text_add(t, "]}");
}

static bool any_chosen(const struct request *r, const struct choice *c,
		       const struct label_index *index)
{
	for (uint32_t i = 0; i < r->m->tsdb->series.count; i++)
		if (c->chosen[i] &&
		    series_label(r->m->tsdb, r->m->tsdb->series.at[i],
				 index->name))
			return true;
	return false;
}

void prometheus_labels(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	const char **names;
	uint32_t count = 0;
	struct choice c;

	if (make_choice(r, &c, true)) {
		names = (const char **)pool_take(&c.pool, db->labels.count *
							  sizeof(char *));
		for (uint32_t i = 0; i < db->labels.count; i++)
			if (any_chosen(r, &c, db->labels.at[i]))
				names[count++] = world_text(
					r->w, db->labels.at[i]->name);
		put_texts(r, names, count);
	}
	pool_release(&c.pool);
}

static bool postings_chosen(const struct choice *c, const struct postings *p)
{
	for (uint32_t i = 0; i < p->ids.count; i++)
		if (c->chosen[p->ids.at[i]])
			return true;
	return false;
}

static bool label_name_fits(const char *s)
{
	if (!*s || (*s >= '0' && *s <= '9'))
		return false;
	return strspn(s, "_0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(s);
}

void prometheus_label_values(struct request *r, const char *name)
{
	const struct label_index *index = tsdb_label(r->w, r->m->tsdb, name);
	const char **values;
	uint32_t count = 0;
	struct choice c;

	if (!label_name_fits(name)) {
		struct text t = {0};

		text_add(&t, "invalid label name: ");
		promql_quote(&t, name, strlen(name));
		answer_failure(r, 400, "bad_data", text_cstr(&t));
		text_free(&t);
		return;
	}
	if (make_choice(r, &c, true)) {
		values = (const char **)pool_take(&c.pool, sizeof(char *) *
				(index ? index->values.count : 0));
		for (uint32_t i = 0; index && i < index->values.count; i++)
			if (postings_chosen(&c, index->values.at[i]))
				values[count++] = world_text(
					r->w, index->values.at[i]->value);
		put_texts(r, values, count);
	}
	pool_release(&c.pool);
}
