/* price.h - what a run has cost, resource by resource
 *
 * The cloud sends a bill for what is rented, used or not: machines by the
 * second, volumes by their size and month, operations and throughput above
 * what a volume comes with, and bytes that leave their zone.  The last are
 * counted by the cards (link.h), and who pays differs with how far they go:
 *
 *	from zone to zone	both sides pay, each for its own counter
 *	from region to region	the sender pays
 *	to the internet		the sender pays; what comes in is free
 *
 * Whoever stands outside the cloud (REGION_INTERNET) is sent no bill.
 *
 * Prices are list prices of AWS, us-east-1 (calibration.md 3.2).  All sums are
 * whole nano-dollars: 0.01 dollars a GiB are 0.01 nano-dollars a byte, so
 * counters are multiplied first and divided once.
 *
 * Simplified: no discounts, no free allowance, and the first step of the
 * internet's price (up to 10 TB a month) for all of it.
 */
#ifndef SIM_HOST_PRICE_H
#define SIM_HOST_PRICE_H

#include <stdint.h>

struct disk;
struct machine;
struct text;
struct world;

#define DOLLAR		INT64_C(1000000000)	/* in nano-dollars */
#define MONTH_HOURS	730			/* as AWS counts a month */

/* What stands on a bill as a line of its own. */
enum bill_item {
	BILL_MACHINE,		/* its hours; used: seconds */
	BILL_VOLUME,		/* its months; used: bytes it is large */
	BILL_FASTER,		/* operations a second and MB/s bought extra */
	BILL_ZONES,		/* used: bytes from zone to zone, both ways */
	BILL_REGIONS,		/* used: bytes sent to other regions */
	BILL_INTERNET,		/* used: bytes sent out of the cloud */
	BILL_ITEMS
};

/* How items are called wherever a person or a script meets them. */
struct bill_word {
	const char *name;	/* "zone-traffic" */
	const char *unit;	/* of `used`: "seconds", "bytes"; "": none */
	const char *price;	/* how the list has it, for people */
};
extern const struct bill_word bill_words[BILL_ITEMS];

/* From the start of the run until now. */
struct bill {
	int64_t cost[BILL_ITEMS];	/* nano-dollars */
	int64_t used[BILL_ITEMS];	/* see enum bill_item */
	int64_t hourly;			/* nano-dollars that the next hour costs
					   if nothing moves: what is rented */
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

/* The run's bill for people: a line an item, what it was for, and the sum. */
void price_table(const struct world *w, struct text *t);

#endif
