/* database_inside.h - what the files that run statements share */
#ifndef SIM_APP_DATABASE_INSIDE_H
#define SIM_APP_DATABASE_INSIDE_H

#include "sim/app/database.h"

/* A statement that runs. */
struct statement {
	struct world *w;
	struct database_session *me;
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


/* database_select.c */
bool database_no_column(struct statement *r, const char *name, bool of_relation);
bool database_find_rows(struct statement *r, struct found *out);
enum run database_select(struct statement *r);

#endif
