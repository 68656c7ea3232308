/* tables.h - the form of progress.db, and how an older one becomes it
 *
 * Forward only: version v is brought to v + 1 by one function of a table, all
 * of them in one transaction with the new user_version, so that a crash leaves
 * the old file or the new one.
 */
#ifndef LAB_PROGRESS_TABLES_H
#define LAB_PROGRESS_TABLES_H

#include "lab/progress/sql.h"
#include "sim/core/text.h"

enum {
	TABLES_APPLICATION = 0x4d6c5267,	/* "MlRg" */
	TABLES_VERSION = 1,
};

enum tables_look {
	TABLES_EMPTY,		/* a new file */
	TABLES_OURS,
	TABLES_OLDER, TABLES_NEWER,
	TABLES_STRANGE,		/* another program's */
	TABLES_DAMAGED,
};
/* What is this file?  *why gets quick_check's words when it is damaged. */
enum tables_look tables_look(struct sql *q, struct text *why);

/* Both stand in the caller's transaction. */
void tables_create(struct sql *q, const char *device);
void tables_migrate(struct sql *q);
/* After it: foreign_key_check and quick_check. */
bool tables_check(struct sql *q);

#endif
