/* store_inside.h - what the files that run statements share */
#ifndef SIM_APP_STORE_INSIDE_H
#define SIM_APP_STORE_INSIDE_H

#include "sim/app/store.h"

/* A statement that runs. */
struct statement {
	struct world *w;
	struct store_session *me;
	const struct sql *sql;
	struct table *table;
	struct text *json;
	struct sql_error *error;
	uint32_t count;			/* rows read or changed */
};

/* Rows that are seen and fit, in their order; caller frees. */
struct found {
	struct row **at;
	uint32_t count, cap;
};


/* store_select.c */
bool store_no_column(struct statement *r, const char *name, bool of_relation);
bool store_find_rows(struct statement *r, struct found *out);
enum run store_select(struct statement *r);

#endif
