/* promql_labels.h - label sets of a query: each one once
 *
 * Results of a query have labels that no series in the world has (sum by,
 * label_replace), and a query may not change the world; so it keeps label sets
 * of its own.  Equal sets are one pointer here: comparing, grouping and joining
 * need no text.  What an operator makes of a set is remembered (struct memo),
 * so label work is done once a series and not once a step.
 */
#ifndef SIM_TSDB_PROMQL_LABELS_H
#define SIM_TSDB_PROMQL_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/text.h"
#include "sim/tsdb/pool.h"
#include "sim/tsdb/promql_parse.h"
#include "sim/tsdb/series.h"

struct label_pair {
	const char *name, *value;
};

struct label_set {
	uint64_t hash;
	struct label_set *next;		/* of the same slot */
	struct label_set *unnamed;	/* the same without __name__; once asked */
	/* Scratch of the operator at work: who met it, and as which number. */
	uint64_t stamp[2];
	uint32_t place[2];
	uint32_t count;
	struct label_pair at[];		/* sorted by name; __name__ is one */
};

struct label_sets {
	struct pool *pool;
	struct label_set **slots;
	uint32_t count, slot_count;
	uint64_t stamps;		/* given out so far */
	struct label_set *empty;
};

void label_sets_init(struct label_sets *l, struct pool *pool);

struct label_set *labels_of_series(struct label_sets *l, const struct world *w,
				   const struct tsdb *db,
				   const struct series *s);
struct label_set *labels_unnamed(struct label_sets *l, struct label_set *s);
const char *labels_get(const struct label_set *s, const char *name); /* or "" */

/* -- making one from another --------------------------------------------- */

struct label_builder {
	struct label_sets *sets;
	struct label_pair *at;
	uint32_t count, cap;
};

void builder_init(struct label_builder *b, struct label_sets *l,
		  const struct label_set *from);
void builder_set(struct label_builder *b, const char *name, const char *value);
void builder_keep(struct label_builder *b, const struct name_list *names);
void builder_drop(struct label_builder *b, const struct name_list *names);
struct label_set *builder_done(struct label_builder *b);

/* -- remembering --------------------------------------------------------- */

/* Two pointers to one; all zero is empty. */
struct memo {
	struct memo_entry {
		const void *a, *b;
		void *value;
	} *slots;
	uint32_t count, slot_count;
};

/* Where the value of (a, b) is kept; holds NULL the first time. */
void **memo_at(struct memo *m, struct pool *pool, const void *a, const void *b);

/* -- for people ---------------------------------------------------------- */

/* {a="b", c="d"} */
void labels_text(const struct label_set *s, struct text *t);

/* The order of series in answers: by names and values, text by text. */
bool labels_before(const struct label_set *a, const struct label_set *b);

#endif
