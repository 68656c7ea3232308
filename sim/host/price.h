/* price.h - what a run has cost, resource by resource
 *
 * The cloud sends a bill for what is rented, used or not: machines by the
 * second, volumes by their size and month, operations and throughput above
 * what a volume comes with, and bytes that leave their zone.  The last is
 * counted twice: zone to zone both sides pay.
 *
 * Prices are list prices of AWS, us-east-1 (calibration.md 3.2).  All sums are
 * whole nano-dollars: 0.01 dollars a GiB are 0.01 nano-dollars a byte, so
 * counters are multiplied first and divided once.
 *
 * Simplified: no discounts, no free allowance; nothing here crosses to the
 * internet (devices are no machines), so egress is not metered.
 */
#ifndef SIM_HOST_PRICE_H
#define SIM_HOST_PRICE_H

#include <stdint.h>

struct disk;
struct machine;
struct text;
struct world;

#define DOLLAR		INT64_C(1000000000)	/* in nano-dollars */

/* All in nano-dollars, from the start of the run until now. */
struct bill {
	int64_t machine;		/* hours of it */
	int64_t volume;			/* GiB-months */
	int64_t faster;			/* IOPS and MB/s that were bought extra */
	int64_t zones;			/* bytes from zone to zone, both ways */
	int64_t regions;		/* bytes sent from region to region */
};

/* A machine's hour, by what it was rented as; 0: it is owned, not rented. */
int64_t price_machine_hour(const char *profile);
/* A volume's month: its size, and what it is faster by; 0: not rented. */
int64_t price_volume_month(const struct disk *d);
int64_t price_faster_month(const struct disk *d);

void price_of_machine(const struct world *w, const struct machine *m,
		      struct bill *bill);
void price_of_run(const struct world *w, struct bill *bill);	/* all machines */
int64_t bill_total(const struct bill *bill);

/* "$12.3456": rounded down to a hundredth of a cent. */
void price_text(int64_t nano_dollars, struct text *t);

#endif
