/* table.h - rows in memory: committed, and as an open transaction sees them
 *
 * A row has at most two versions: what is committed, and what one transaction
 * has made of it and not yet committed.  That transaction holds the row;
 * whoever else wants to change it waits (row locks).  Readers wait for nobody:
 * they see what is committed, and their own changes (READ COMMITTED).
 *
 *	          insert             commit
 *	  nothing ──────▶ [  -  |new] ──────▶ [new|  -  ]
 *	                                        │   ▲
 *	                     update, delete     ▼   │ commit, rollback
 *	                                      [old|new]
 *
 * Each constraint has an index: from the hash of its columns to the rows that
 * have them in one of their versions.  Rows stand in the order in which they
 * were inserted, which is the order of a SELECT without ORDER BY.
 *
 * Everything lies in the arena; texts belong to their row's version.
 */
#ifndef SIM_APP_TABLE_H
#define SIM_APP_TABLE_H

#include "sim/app/sql.h"
#include "sim/core/map.h"
#include "sim/core/text.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"

struct database_session;

struct value {
	enum sql_type type;		/* SQL_NULL, or that of its column */
	int64_t n;			/* bigint; millionths; 0 or 1 */
	const char *text;		/* in the arena, or lent; `len` bytes */
	uint32_t len;
};

struct row {
	uint64_t number;		/* in its table, from 1 */
	struct value *committed;	/* column_count of them; NULL: none */
	struct value *pending;		/* the holder's; NULL: deleted */
	struct database_session *holder;	/* NULL: nobody changes it */
};

struct index_entry {
	struct row *row;
	struct index_entry *next;
};

struct table {
	name_id name;
	uint32_t id;
	struct sql_column columns[SQL_COLUMNS_MAX];
	uint32_t column_count;
	struct sql_key keys[SQL_UNIQUE_MAX];
	uint32_t key_count;
	struct map index[SQL_UNIQUE_MAX];	/* hash -> index_entry */
	VEC(struct row *) rows;		/* in order of insertion; NULL: gone */
	uint32_t live, holes;
	uint64_t next_row;
};

struct table *table_new(struct world *w, const struct sql *create, uint32_t id);
void table_free(struct world *w, struct table *t);
/* Its index; -1: it has none of this name. */
int32_t table_column(const struct table *t, const char *name);
/* "readings_pkey", "readings_device_key": as PostgreSQL names them. */
void table_key_name(const struct world *w, const struct table *t, uint32_t key,
		    char *out, size_t cap);

/* -- values --------------------------------------------------------------- */

/* A literal as a value of this type; its text is lent. */
bool value_read(const struct sql_term *t, enum sql_type type,
		struct value *out, struct sql_error *e);
/* Below 0, 0, above 0; neither is null. */
int value_compare(const struct value *a, const struct value *b);
void value_text(const struct value *v, struct text *t);	/* as psql shows it */
void value_json(const struct value *v, struct text *t);

/* -- rows ----------------------------------------------------------------- */

/* What this session sees of a row; NULL: nothing. */
const struct value *row_seen(const struct row *r,
			     const struct database_session *who);

/* Which row holds these values of a key, as `who` sees it; or who else might
 * come to hold them, and must be waited for: *waits_for. */
struct row *table_find(const struct table *t, uint32_t key,
		       const struct value *values,
		       const struct database_session *who,
		       struct database_session **waits_for);

/* Make the version of `who`; the values' texts are copied.  values NULL: it is
 * deleted. */
struct row *table_insert(struct world *w, struct table *t,
			 const struct value *values,
			 struct database_session *who);
void table_change(struct world *w, struct table *t, struct row *r,
		  const struct value *values, struct database_session *who);
/* The holder's version becomes the committed one, or is forgotten. */
void table_settle(struct world *w, struct table *t, struct row *r,
		  bool commit);
/* Replay: the committed row of this number, or NULL. */
struct row *table_row(const struct table *t, uint64_t number);

#endif
