/* number.c - floats: printed as Prometheus prints them, computed without libm */
#include "sim/tsdb/number.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALE_BITS	UINT64_C(0x7ff0000000000002)
#define NAN_BITS	UINT64_C(0x7ff8000000000001)	/* Go's math.NaN() */
#define INF_BITS	UINT64_C(0x7ff0000000000000)
#define SIGN_BIT	(UINT64_C(1) << 63)
#define MANTISSA_BITS	52

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static double from_bits(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

bool number_is_inf(double v)
{
	return (bits_of(v) & ~SIGN_BIT) == INF_BITS;
}

double number_nan(void)
{
	return from_bits(NAN_BITS);
}

double number_inf(void)
{
	return from_bits(INF_BITS);
}

double number_abs(double v)
{
	return from_bits(bits_of(v) & ~SIGN_BIT);
}

double number_stale(void)
{
	return from_bits(STALE_BITS);
}

bool number_is_stale(double v)
{
	return bits_of(v) == STALE_BITS;
}

/* -- whole parts --------------------------------------------------------- */

double number_trunc(double v)
{
	uint64_t bits = bits_of(v);
	int exponent = (int)(bits >> MANTISSA_BITS & 0x7ff) - 1023;

	if (exponent >= MANTISSA_BITS)	/* whole already, Inf or NaN */
		return v;
	if (exponent < 0)
		return from_bits(bits & SIGN_BIT);
	return from_bits(bits & ~((UINT64_C(1) << (MANTISSA_BITS - exponent)) - 1));
}

double number_floor(double v)
{
	double whole = number_trunc(v);

	return whole > v ? whole - 1 : whole;
}

double number_ceil(double v)
{
	double whole = number_trunc(v);

	return whole < v ? whole + 1 : whole;
}

/* -- mantissa and exponent ----------------------------------------------- */

/* v = m * 2^e with m a whole number of 53 bits (top bit set); v finite, > 0. */
static void take_apart(double v, uint64_t *m, int *e)
{
	uint64_t bits = bits_of(v);

	*m = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
	*e = (int)(bits >> MANTISSA_BITS & 0x7ff);
	if (*e == 0)
		*e = 1;
	else
		*m |= UINT64_C(1) << MANTISSA_BITS;
	*e -= 1023 + MANTISSA_BITS;
	while (!(*m >> MANTISSA_BITS)) {
		*m <<= 1;
		--*e;
	}
}

/* v * 2^e in steps that cannot overflow before the result does. */
static double scale(double v, int64_t e)
{
	const double up = from_bits((uint64_t)(1023 + 512) << MANTISSA_BITS);
	const double down = from_bits((uint64_t)(1023 - 512) << MANTISSA_BITS);

	for (; e >= 512 && !number_is_inf(v); e -= 512)
		v *= up;
	for (; e <= -512 && v != 0; e += 512)
		v *= down;
	if (e <= -512 || e >= 512)
		return v;
	return v * from_bits((uint64_t)(1023 + e) << MANTISSA_BITS);
}

/* Long division in binary: exact, at most 2100 steps. */
double number_mod(double x, double y)
{
	double ax = number_abs(x), ay = number_abs(y);
	uint64_t mx, my;
	int ex, ey;

	if (x != x || y != y || number_is_inf(x) || y == 0)
		return number_nan();
	if (ax < ay || x == 0)
		return x;
	take_apart(ax, &mx, &ex);
	take_apart(ay, &my, &ey);
	for (; ex > ey; ex--) {
		if (mx >= my)
			mx -= my;
		mx <<= 1;
	}
	if (mx >= my)
		mx -= my;
	ax = scale((double)mx, ey);
	return x < 0 ? -ax : ax;
}

/* One binary digit of the root at a time, then rounding to nearest. */
double number_sqrt(double v)
{
	uint64_t m, root = 0, rest = 0;
	int e;

	if (v != v || v == 0 || (number_is_inf(v) && v > 0))
		return v;
	if (v < 0)
		return number_nan();
	take_apart(v, &m, &e);
	if (e & 1) {		/* make the exponent even */
		m <<= 1;
		e--;
	}
	/* 54 digits of the root of m * 2^54: 53 to keep and one to round. */
	for (int digit = 53; digit >= 0; digit--) {
		int shift = 2 * digit - 54;	/* where these two bits of m lie */
		uint64_t pair = shift >= 0 ? m >> shift & 3 : 0;
		uint64_t trial = root << 2 | 1;

		rest = rest << 2 | pair;
		root <<= 1;
		if (rest >= trial) {
			rest -= trial;
			root |= 1;
		}
	}
	/* A root of a double is never half way between two doubles. */
	root = (root + 1) >> 1;
	return scale((double)root, (e - 54) / 2 + 1);
}

/*
 * Repeated squaring on the mantissa, in 0.5 <= m < 1, with the exponent kept
 * apart: nothing overflows or underflows on the way.
 */
static double whole_power(double x, double y)
{
	uint64_t m, n = (uint64_t)number_abs(y);
	double base, product = 1;
	int64_t base_e, product_e = 0;
	bool negative = x < 0 && number_mod(y, 2) != 0;
	int e;

	take_apart(number_abs(x), &m, &e);
	base = scale((double)m, -53);
	base_e = e + 53;
	for (; n; n >>= 1) {
		if (base_e < -(1 << 12) || base_e > 1 << 12) {
			/* beyond any double: overflow or underflow it is */
			product_e += base_e;
			break;
		}
		if (n & 1) {
			product *= base;
			product_e += base_e;
		}
		base *= base;
		base_e *= 2;
		if (base < 0.5) {
			base += base;
			base_e--;
		}
	}
	if (y < 0) {
		product = 1 / product;
		product_e = -product_e;
	}
	product = scale(product, product_e);
	return negative ? -product : product;
}

bool number_pow(double x, double y, double *out)
{
	bool whole = number_trunc(y) == y;	/* also true of infinities */

	if (y == 0 || x == 1)
		*out = 1;
	else if (x != x || y != y)
		*out = number_nan();
	else if (number_is_inf(y))
		*out = x == -1 ? 1 :
		       (number_abs(x) < 1) == (y > 0) ? 0 : number_inf();
	else if (x == 0 || number_is_inf(x)) {
		bool big = (x == 0) == (y < 0);
		bool negative = bits_of(x) >> 63 && whole &&
				number_mod(y, 2) != 0;

		*out = big ? number_inf() : 0;
		if (negative)
			*out = -*out;
	} else if (whole && number_abs(y) >= 9.2e18)
		*out = number_abs(x) == 1 ? 1 :
		       (number_abs(x) < 1) == (y > 0) ? 0 : number_inf();
	else if (whole)
		*out = whole_power(x, y);
	else if (y == 0.5)
		*out = number_sqrt(x);
	else if (y == -0.5)
		*out = 1 / number_sqrt(x);
	else if (x < 0)
		*out = number_nan();
	else
		return false;
	return true;
}

/* -- printing ------------------------------------------------------------ */

/* The digits of v > 0 without the point, and where the point stands: v =
 * 0.d1d2d3... * 10^point. */
static int shortest(double v, char digits[32], int *point)
{
	char s[40];
	/* Below the normal numbers fewer digits than 15 can be enough. */
	int precision = v < 2.3e-308 ? 1 : 15;
	int count = 0;

	do
		snprintf(s, sizeof(s), "%.*e", precision - 1, v);
	while (precision++ < 17 && strtod(s, NULL) != v);
	for (const char *c = s; *c != 'e'; c++)
		if (*c >= '0' && *c <= '9')
			digits[count++] = *c;
	*point = (int)strtol(strchr(s, 'e') + 1, NULL, 10) + 1;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	return count;
}

static bool special(struct text *t, double v)
{
	if (v != v)
		text_add(t, "NaN");
	else if (number_is_inf(v))
		text_add(t, v > 0 ? "+Inf" : "-Inf");
	else if (v == 0)
		text_add(t, bits_of(v) >> 63 ? "-0" : "0");
	else
		return false;
	return true;
}

static void plain(struct text *t, const char *digits, int count, int point)
{
	if (point <= 0) {
		text_add(t, "0.");
		for (int i = point; i < 0; i++)
			text_char(t, '0');
		text_bytes(t, digits, (size_t)count);
		return;
	}
	for (int i = 0; i < count || i < point; i++) {
		if (i == point)
			text_char(t, '.');
		text_char(t, i < count ? digits[i] : '0');
	}
}

static void with_exponent(struct text *t, const char *digits, int count,
			  int point)
{
	int e = point - 1;

	text_char(t, digits[0]);
	if (count > 1) {
		text_char(t, '.');
		text_bytes(t, digits + 1, (size_t)count - 1);
	}
	text_addf(t, "e%c%02d", e < 0 ? '-' : '+', e < 0 ? -e : e);
}

static void print(struct text *t, double v, bool exponents)
{
	char digits[32] = {0};
	double size = number_abs(v);
	int count, point;

	if (special(t, v))
		return;
	if (number_trunc(v) == v && size < 1e15) {	/* most samples */
		text_addf(t, "%lld", (long long)v);
		return;
	}
	if (v < 0)
		text_char(t, '-');
	count = shortest(size, digits, &point);
	if (exponents && (size < 1e-6 || size >= 1e21))
		with_exponent(t, digits, count, point);
	else
		plain(t, digits, count, point);
}

void number_plain(struct text *t, double v)
{
	print(t, v, false);
}

void number_text(struct text *t, double v)
{
	print(t, v, true);
}
