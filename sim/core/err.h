/* err.h - one sentence about what went wrong outside the simulated world
 *
 * Bad input and a refusing host are told in one sentence: what is wrong, where
 * (file:line:column when there is one), what to do.  Functions that can fail
 * this way return bool and take a `struct err *`; the caller decides where the
 * sentence is shown.  Things that go wrong *inside* the simulation are data
 * (enums in the domain's words), never an err.
 */
#ifndef SIM_CORE_ERR_H
#define SIM_CORE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

struct err {
	char what[512];		/* the sentence, without a trailing newline */
};

/* Write the sentence.  Always returns false: `return err_set(err, ...);`.
 * A NULL err is allowed and keeps nothing.  A longer text is cut. */
bool err_set(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool err_vset(struct err *err, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

#endif
