/* number.h - floats: printed as Prometheus prints them, computed without libm
 *
 * Samples are IEEE 754 doubles.  libm differs between machines in the last
 * bit, so whatever a query needs of it is done here with whole numbers or with
 * operations that IEEE 754 rounds exactly (design D3).
 */
#ifndef SIM_TSDB_NUMBER_H
#define SIM_TSDB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/text.h"

static inline bool number_is_nan(double v)
{
	return v != v;
}

bool number_is_inf(double v);
double number_nan(void);
double number_inf(void);
double number_abs(double v);

/*
 * The marker of a series that has ended: a NaN nobody computes by accident
 * (Prometheus, model/value/value.go: StaleNaN, 0x7ff0000000000002).  It may be
 * moved about but not calculated with, or it becomes an ordinary NaN.
 */
double number_stale(void);
bool number_is_stale(double v);

double number_floor(double v);
double number_ceil(double v);
double number_trunc(double v);
double number_mod(double x, double y);	/* C's fmod, exact */
double number_sqrt(double v);		/* correctly rounded */

/* x to the power y for whole y, 0.5 and -0.5.  False: another y. */
bool number_pow(double x, double y, double *out);

/* The shortest digits that read back as v; never an exponent ("0.0000001"),
 * as Go's FormatFloat(v, 'f', -1, 64). */
void number_plain(struct text *t, double v);
/* The same, with an exponent below 1e-6 and from 1e21 on ("1e-07"): the values
 * of vectors and matrices in answers. */
void number_text(struct text *t, double v);

#endif
