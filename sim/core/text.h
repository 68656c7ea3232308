/* text.h - a string that grows
 *
 * For everything that is written piece by piece: tool output, JSON, reports.
 * `struct text t = {0};` is an empty text; the bytes live on the heap, outside
 * any world, until text_free.  There is always a NUL behind the last byte, so
 * text_cstr can be printed; the bytes themselves may hold NULs.
 */
#ifndef SIM_CORE_TEXT_H
#define SIM_CORE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct text {
	char *at;		/* NULL while nothing was ever added */
	size_t len;		/* bytes, without the NUL */
	size_t cap;		/* bytes at `at`, NUL included */
};

void text_free(struct text *t);			/* back to the empty text */
void text_clear(struct text *t);		/* empty, memory kept */
char *text_take(struct text *t);		/* caller frees; t is empty */
const char *text_cstr(const struct text *t);	/* lent until the next change */

void text_bytes(struct text *t, const void *bytes, size_t len);
void text_add(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_addf(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Add `len` bytes as a JSON string, quotes included.  Bytes that are no valid
 * UTF-8 become U+FFFD, so the result is always a JSON document. */
void text_json_bytes(struct text *t, const char *s, size_t len);
void text_json(struct text *t, const char *s);

#endif
