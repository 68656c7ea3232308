/* report.h - progress to read: as text, as one JSON document, as a page
 *
 * All three say the same, from the same questions (progress.h): the levels,
 * each competency with what its gate still wants, and the evidence with its
 * event, so that each number can be looked up in the log.
 */
#ifndef LAB_PROGRESS_REPORT_H
#define LAB_PROGRESS_REPORT_H

#include "lab/progress/progress.h"

struct report {
	struct store *store;
	const struct catalog *catalog;
	int64_t now_ms;
	const char *only;		/* one competency's id, or NULL */
};

bool report_text(const struct report *r, struct text *out, struct err *err);
bool report_json(const struct report *r, struct text *out, struct err *err);
/* Self-contained: no script, nothing fetched, everything escaped. */
bool report_html(const struct report *r, struct text *out, struct err *err);

#endif
