/* metric_table.h - all metrics of a world at one moment, and where two differ
 *
 * A row is a sample as Prometheus's exposition format writes it, with the
 * process as a label, so that what one reads here can be found on the screen:
 *
 *	kafka_server_replicamanager_leadercount{process="broker-1"} 21
 *
 * Before rows that are not exact stands a comment, as HELP and TYPE are, which
 * holds for the rows of that name up to the next such comment:
 *
 *	# FIDELITY ingest_readings_held estimate
 */
#ifndef LAB_METRIC_TABLE_H
#define LAB_METRIC_TABLE_H

#include <stddef.h>

#include "sim/core/text.h"
#include "sim/core/world.h"
#include "sim/telemetry/fidelity.h"

struct metric_row {
	char *name;		/* with labels */
	double value;
	enum fidelity fidelity;
};

struct metric_table {
	struct metric_row *at;	/* by name, once sorted */
	size_t count, cap;
};

/* What every process says of itself now; no scrape, so nothing is late. */
void metric_table_read(struct metric_table *t, struct world *w);
/* Rows as metric_table_text wrote them: from another process. */
void metric_table_parse(struct metric_table *t, const char *text);
void metric_table_text(const struct metric_table *t, struct text *out);
void metric_table_release(struct metric_table *t);

/* One metric that is not the same in both; NAN where it is not there. */
struct metric_difference {
	const char *name;	/* of one of the tables */
	double a, b;
	enum fidelity fidelity;	/* the worse of the two */
};

/*
 * What differs, the largest relative difference first; the caller frees.
 * Buckets of histograms are left out: their sums and counts say it.
 */
struct metric_difference *metric_table_diff(const struct metric_table *a,
					    const struct metric_table *b,
					    size_t *count);
/* A line for people: the first `most`, and how many more there are. */
void metric_table_diff_text(const struct metric_table *a,
			    const struct metric_table *b, size_t most,
			    struct text *out);
/* All, as objects of a JSON array: {"name":,"a":,"b":}, null where it is not,
 * and "fidelity":"estimate" where it is not exact. */
void metric_table_diff_json(const struct metric_table *a,
			    const struct metric_table *b, struct text *out);

#endif
