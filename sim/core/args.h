/* args.h - the words of a command: key=value key=value ...
 *
 * Commands and administrative requests travel as text, so that a journal can
 * be read by people.  A value may hold any byte but NUL: blanks, '%', '=' and
 * everything outside printable ASCII are written %XX.
 */
#ifndef SIM_CORE_ARGS_H
#define SIM_CORE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/err.h"
#include "sim/core/simtime.h"
#include "sim/core/text.h"

/* Write ` key=value` (with a leading blank unless first). */
void args_add(struct text *t, const char *key, const char *value);
void args_add_bytes(struct text *t, const char *key, const char *value,
		    size_t len);
void args_add_int(struct text *t, const char *key, int64_t value);

/* Copy the value of `key` into out (cap bytes, NUL included).  False: no such
 * key, or the value does not fit; out is then "". */
bool args_text(const char *args, const char *key, char *out, size_t cap);
/* The value, or `otherwise` when it is not there or does not fit. */
void args_text_or(const char *args, const char *key, const char *otherwise,
		  char *out, size_t cap);
bool args_has(const char *args, const char *key);

/* As bytes: appended to t.  False: no such key. */
bool args_bytes(const char *args, const char *key, struct text *t);

/* A whole number; `otherwise` when the key is not there or is no number. */
int64_t args_int(const char *args, const char *key, int64_t otherwise);
/* A time like 30s. */
sim_time args_time(const char *args, const char *key, sim_time otherwise);

/*
 * Walk all words.  *at starts as the arguments; false at the end.  A word
 * without '=' has key "" and is its own value.
 */
bool args_next(const char **at, struct text *key, struct text *value);

#endif
