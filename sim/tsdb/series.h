/* series.h - which series there are, and their samples
 *
 * A series is a metric name with a set of labels; the name is the label
 * __name__ like any other.  Finding series goes through an inverted index:
 * for each label pair the list of its series, ascending.  So a selector with
 * an equality walks the shortest such list and not everything; only a selector
 * made of nothing but != and !~ looks at every series.
 *
 *	job="broker" ─▶ 0 1 2 5 9          {job="broker", topic=~"or.*"}:
 *	topic="orders" ─▶ 1 5              walk topic's two, check the rest
 *
 * Samples of all series lie in one history stream in order of arrival, each
 * with a link back to the one before it in its series; a series keeps where
 * its last sample is.  So a snapshot costs one length however many samples
 * there are, and going back in time forgets exactly what came later.
 *
 * Samples of a series arrive in order of time.  A sample older than the last,
 * or of its age with another value, is refused and counted, as in Prometheus
 * without out-of-order ingestion.
 */
#ifndef SIM_TSDB_SERIES_H
#define SIM_TSDB_SERIES_H

#include "sim/core/world.h"
#include "sim/telemetry/telemetry.h"
#include "sim/tsdb/pool.h"
#include "sim/tsdb/regex.h"

struct sample {
	int64_t t_ms;			/* since 1970 */
	double v;
	uint64_t before : 62;		/* position + 1 of the series' one before */
	uint64_t fidelity : 2;		/* enum fidelity, as it was scraped */
};

struct series {
	uint32_t id;			/* place in order of creation */
	name_id name;
	const struct labels *labels;	/* sorted, without the name */
	uint64_t last;			/* position + 1 of its last sample; 0: none */
	int64_t last_ms;
	uint32_t samples;
	struct series *next;		/* of the same key in tsdb.by_key */
};

/* The series of one label pair. */
struct postings {
	name_id value;
	VEC(uint32_t) ids;		/* ascending */
};

/* One label name: its values in order of first use. */
struct label_index {
	name_id name;
	VEC(struct postings *) values;
	uint32_t series;		/* that have this label */
};

struct tsdb {
	stream_id samples;
	VEC(struct series *) series;	/* by id */
	struct map by_key;		/* hash of name and labels */
	VEC(struct label_index *) labels;	/* in order of first use */
	struct map labels_by_name;
	struct map postings;		/* name << 32 | value */
	name_id metric_name;		/* __name__ */
	uint64_t appended;
	uint64_t out_of_order, duplicates;	/* refused */
	int64_t first_ms, last_ms;	/* of all samples; 0: none yet */
};

struct tsdb *tsdb_new(struct world *w);

/* -- writing ------------------------------------------------------------- */

/* Find or make.  Labels with an empty value are as if they were not there:
 * the caller leaves them out. */
struct series *tsdb_series(struct world *w, struct tsdb *db, name_id name,
			   const struct labels *labels);

enum append_sample { SAMPLE_APPENDED, SAMPLE_OUT_OF_ORDER, SAMPLE_DUPLICATE };

enum append_sample tsdb_append(struct world *w, struct tsdb *db,
			       struct series *s, int64_t t_ms, double v);
/* The same of a value that is not exact. */
enum append_sample tsdb_append_as(struct world *w, struct tsdb *db,
				  struct series *s, int64_t t_ms, double v,
				  enum fidelity fidelity);

/* -- finding ------------------------------------------------------------- */

enum match_type { MATCH_EQUAL, MATCH_NOT_EQUAL, MATCH_REGEX, MATCH_NOT_REGEX };

struct matcher {
	enum match_type type;
	const char *name, *value;
	const struct regex *regex;	/* REGEX, NOT_REGEX */
};

/* Would it accept this value ("" is a label that is not there)? */
bool matcher_accepts(const struct matcher *m, const char *value);

struct selection {
	struct series **series;		/* by id; in the pool */
	uint32_t count;
	uint64_t looked_at;		/* series that had to be checked */
};

/* All series that every matcher accepts. */
struct selection tsdb_select(const struct world *w, const struct tsdb *db,
			     const struct matcher *matchers, uint32_t count,
			     struct pool *pool);

name_id series_label(const struct tsdb *db, const struct series *s,
		     name_id name);		/* 0: not there */

/* -- reading ------------------------------------------------------------- */

/* A sample by position + 1, as series.last and sample.before hold it. */
const struct sample *tsdb_sample(const struct world *w, const struct tsdb *db,
				 uint64_t at);

/* -- cardinality --------------------------------------------------------- */

const struct label_index *tsdb_label(const struct world *w,
				     const struct tsdb *db, const char *name);
uint32_t tsdb_pairs(const struct tsdb *db);	/* distinct label pairs */

#endif
