/* sql_word.h - the words of a statement
 *
 * Names come in small letters unless they are quoted; a string keeps its quotes
 * until somebody wants its text; a sign is one character or one of <= >= <> !=.
 */
#ifndef SIM_APP_SQL_WORD_H
#define SIM_APP_SQL_WORD_H

#include "sim/app/sql.h"

enum sql_word_kind { WORD_END, WORD_NAME, WORD_NUMBER, WORD_STRING, WORD_SIGN };

struct sql_word {
	enum sql_word_kind kind;
	const char *at;
	size_t len;
	sql_name name;			/* NAME: in small letters; SIGN: itself */
	bool quoted;
};

/* What is left to read. */
struct sql_text {
	const char *at, *end;
};

void sql_word_next(struct sql_text *t, struct sql_word *out);

#endif
