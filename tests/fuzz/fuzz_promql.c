/* fuzz_promql.c - any bytes as a query over a few series
 *
 * Goal: no query crashes, hangs or leaks; what parses is answered or refused
 * with a sentence; an instant and a range query at one step agree.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tsdb/promql_eval.h"
#include "tests/sim/promql_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct series_text data[] = {
	{ "a{x=\"1\",y=\"p\"}", "0+3x20" },
	{ "a{x=\"2\",y=\"p\"}", "5 4 3 stale 7 8 _ 9" },
	{ "a{x=\"2\",y=\"q\"}", "1+0x9" },
	{ "b{x=\"1\"}", "1+1x20" },
	{ "h_bucket{le=\"1\"}", "0+1x9" },
	{ "h_bucket{le=\"+Inf\"}", "0+2x9" },
	{ "n{x=\"1\"}", "NaN +Inf -Inf 0 -0" },
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct world *w;
	static struct tsdb *db;
	struct promql_result one, many;
	char *query;

	if (size > 2000)
		return 0;
	if (!w) {
		w = series_world();
		db = tsdb_new(w);
		series_load(w, db, data, sizeof(data) / sizeof(data[0]));
	}
	query = malloc(size + 1);
	if (!query)
		abort();
	memcpy(query, bytes, size);
	query[size] = '\0';
	promql_instant(w, db, query, 90000, &one);
	assert((one.status == PROMQL_OK) == !one.error);
	if (one.work < 1000000) {
		promql_range(w, db, query, 90000, 90000, 1000, &many);
		if (one.status == PROMQL_OK && one.type == PROMQL_VECTOR)
			assert(many.status == PROMQL_OK &&
			       many.series_count == one.series_count);
		promql_result_free(&many);
		promql_range(w, db, query, 0, 300000, 37000, &many);
		promql_result_free(&many);
	}
	promql_result_free(&one);
	free(query);
	return 0;
}
