/* err.c - one sentence about what went wrong outside the simulated world */
#include "sim/core/err.h"

#include <stdio.h>

bool err_vset(struct err *err, const char *fmt, va_list args)
{
	if (err)
		vsnprintf(err->what, sizeof(err->what), fmt, args);
	return false;
}

bool err_set(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err_vset(err, fmt, args);
	va_end(args);
	return false;
}
