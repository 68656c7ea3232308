/* elo.c - how hard is this for whom: ratings of learners and tasks */
#include "lab/progress/elo.h"

#include <math.h>

double elo_difficulty(double of_ten)
{
	return of_ten < 1 ? 0 : (of_ten - 5.5) / 1.5;
}

double elo_expect(double theta, double d, double guess)
{
	return guess + (1 - guess) / (1 + exp(d - theta));
}

/* U(n) = a / (1 + b n) with a = 1, b = 0.1 (learning.md 4c). */
double elo_step(int64_t n)
{
	return 1 / (1 + 0.1 * (double)n);
}

double elo_discount(double minutes, double expected)
{
	if (expected <= 0 || minutes <= expected)
		return 1;
	return pow(0.9, minutes / expected - 1);
}
