/* prometheus_status.c - /api/v1/status/tsdb
 *
 * Where the memory of a server goes: the ten metrics with the most series, the
 * ten labels with the most values, the ten pairs most series share.  A label
 * with a value for each user or request shows up here first.
 */
#include "sim/face/prometheus_inside.h"

#include <string.h>

struct counted {
	const char *name;
	uint64_t count;
};

static bool more(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	return x->count > y->count;
}

/* The ten largest, as /status/tsdb lists them. */
static void put_top(struct text *t, const char *name, struct counted *rows,
		    uint32_t count)
{
	promql_sort(rows, count, sizeof(*rows), more);
	text_addf(t, ",\"%s\":[", name);
	for (uint32_t i = 0; i < count && i < 10; i++) {
		text_addf(t, "%s{\"name\":", i ? "," : "");
		answer_text(t, rows[i].name);
		text_addf(t, ",\"value\":%llu}",
			  (unsigned long long)rows[i].count);
	}
	text_char(t, ']');
}

static void put_head(struct text *t, const struct tsdb *db)
{
	text_addf(t, "{\"headStats\":{\"numSeries\":%u,\"numLabelPairs\":%u,"
		  "\"chunkCount\":%llu,\"minTime\":%lld,\"maxTime\":%lld}",
		  db->series.count, tsdb_pairs(db),
		  /* about 120 samples fill a chunk */
		  (unsigned long long)db->series.count +
		  (unsigned long long)db->appended / 120,
		  (long long)db->first_ms, (long long)db->last_ms);
}

static uint32_t series_by_metric(const struct request *r, struct counted *rows)
{
	const struct label_index *names = tsdb_label(r->w, r->m->tsdb,
						     "__name__");
	uint32_t n = 0;

	for (uint32_t i = 0; names && i < names->values.count; i++)
		rows[n++] = (struct counted){
			world_text(r->w, names->values.at[i]->value),
			names->values.at[i]->ids.count,
		};
	return n;
}

static uint32_t values_by_label(const struct request *r, struct counted *rows)
{
	const struct tsdb *db = r->m->tsdb;
	uint32_t n = 0;

	for (uint32_t i = 0; i < db->labels.count; i++)
		rows[n++] = (struct counted){
			world_text(r->w, db->labels.at[i]->name),
			db->labels.at[i]->values.count,
		};
	return n;
}

static uint32_t bytes_by_label(const struct request *r, struct counted *rows)
{
	const struct tsdb *db = r->m->tsdb;
	uint32_t n = 0;

	for (uint32_t i = 0; i < db->labels.count; i++) {
		const struct label_index *x = db->labels.at[i];

		rows[n] = (struct counted){ world_text(r->w, x->name), 0 };
		for (uint32_t k = 0; k < x->values.count; k++)
			rows[n].count += strlen(world_text(
				r->w, x->values.at[k]->value));
		n++;
	}
	return n;
}

/* The pairs' texts live in `pool`. */
static uint32_t series_by_pair(const struct request *r, struct pool *pool,
			       struct counted *rows)
{
	const struct tsdb *db = r->m->tsdb;
	struct text pair = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < db->labels.count; i++) {
		const struct label_index *x = db->labels.at[i];

		for (uint32_t k = 0; k < x->values.count; k++) {
			const struct postings *p = x->values.at[k];

			text_clear(&pair);
			text_addf(&pair, "%s=%s", world_text(r->w, x->name),
				  world_text(r->w, p->value));
			rows[n++] = (struct counted){
				pool_bytes(pool, text_cstr(&pair), pair.len),
				p->ids.count,
			};
		}
	}
	text_free(&pair);
	return n;
}

void prometheus_status_tsdb(struct request *r)
{
	const struct tsdb *db = r->m->tsdb;
	struct pool pool = {0};
	struct counted *rows = pool_array(&pool, struct counted,
					  tsdb_pairs(db) + db->labels.count);
	struct text *t = answer_success(r);

	put_head(t, db);
	put_top(t, "seriesCountByMetricName", rows, series_by_metric(r, rows));
	put_top(t, "labelValueCountByLabelName", rows,
		values_by_label(r, rows));
	put_top(t, "memoryInBytesByLabelName", rows, bytes_by_label(r, rows));
	put_top(t, "seriesCountByLabelValuePair", rows,
		series_by_pair(r, &pool, rows));
	text_add(t, "}}");
	pool_release(&pool);
}
