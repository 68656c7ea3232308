/* bank.h - the question bank: items as data, some of them made by luck
 *
 *	assessments/items/NAME.lua	return { format_version = 1, ... }
 *
 * An item asks one thing about a situation.  A *static* item is a table of
 * texts; a *generated* one has a function `make(rng)` that draws numbers and
 * returns the same fields, so that its answer is computed and never the same
 * twice.  Each wrong option names the belief it betrays: what one has to think
 * to choose it.  assessments/README.md lists the fields.
 *
 * Everything is borrowed from the bank, which lives until bank_free.
 */
#ifndef LAB_STUDY_BANK_H
#define LAB_STUDY_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lab/course/box.h"
#include "lab/course/catalog.h"
#include "lab/course/places.h"
#include "lab/course/problems.h"
#include "sim/core/err.h"

enum {
	ITEM_OPTIONS_MIN = 3,
	ITEM_OPTIONS_MAX = 5,	/* options, things in order, pairs */
};

enum item_kind {
	ITEM_PREDICT,		/* one of several: what happens next */
	ITEM_RECALL,		/* one of several: what is so */
	ITEM_CHOOSE,		/* one of several: what to do */
	ITEM_MANY,		/* all that are right */
	ITEM_ORDER,		/* which comes first */
	ITEM_MATCH,		/* which belongs to which */
	ITEM_NUMBER,		/* with a unit, within a tolerance */
	ITEM_KIND_COUNT
};
extern const char *const item_kind_names[];	/* by item_kind, then NULL */

struct bank_file;

struct bank_item {
	const char *id;		/* COMPETENCY.NAME; stays for ever */
	enum item_kind kind;
	int level;		/* of the matrix, 1 to 4 */
	const char *competency;	/* the one with the largest weight */
	const json_t *competencies;	/* weights by name; they sum to 1 */
	const char *source;	/* document and section */
	const char *lesson;	/* the page to read on, UNIT/LESSON */
	const char *checked_on;	/* the day somebody compared it, YYYY-MM-DD */
	bool generated;		/* has make(rng) */
	bool has_screen;	/* something to read is part of it */
	const json_t *json;
	struct bank_file *file;
	size_t index;		/* in its file, from 0 */
};

struct bank_file {
	char *name;		/* path, as messages have it */
	struct box *box;	/* knows the functions */
	json_t *json;
	struct places places;
};

struct bank {
	struct bank_file **files;
	size_t file_count;
	struct bank_item *items;	/* in order of files, then of the file */
	size_t count;
	struct problems problems;	/* what is wrong with their form */
};

/* All of ROOT/assessments/items/.  NULL: a file cannot be read, or its form is
 * wrong; the first complaint is in err. */
struct bank *bank_load(const char *root, struct err *err);

/* One file, however wrong: bank->problems says what.  For lint. */
struct bank *bank_open(const char *path);
void bank_free(struct bank *b);

const struct bank_item *bank_item(const struct bank *b, const char *id);

/* Is `what` this item's competency, the unit of its page or the area of its
 * competency?  NULL is everything. */
bool bank_item_is_about(const struct bank_item *item, const char *what);

/* The text behind the name of a belief, or NULL. */
const char *bank_belief(const struct bank_item *item, const char *name);

/* What a generated item makes of a seed; the caller decrefs. */
json_t *bank_make(const struct bank_item *item, uint64_t seed,
		  struct err *err);

/* Rules that the form cannot say (bank_lint.c); adds to b->problems.  Generated
 * items are drawn `seeds` times.  The catalogue may be NULL. */
void bank_lint(struct bank *b, const struct catalog *catalog, int seeds);

#endif
