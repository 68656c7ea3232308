/* cohort.h - devices that are alike, kept as one
 *
 * A million devices that all do the same are one fact and a count.  A cohort
 * is a run of device numbers with equal configuration and equal state of their
 * link; a fault that befalls some of its members splits it, and cohorts that
 * became alike again are merged, when somebody thinks it a quiet moment:
 *
 *	 0                                             1000000
 *	 |-------------------- up ----------------------|
 *	 |------ up ------|-- held --|------- up -------|     a fault
 *	 |-------------------- up ----------------------|     healed, merged
 *
 * Devices are numbered site by site, so what fails together is a run of
 * numbers (it may go over the end and on at 0).  State counts the faults that
 * are on, so overlapping ones end in any order.
 */
#ifndef SIM_DEVICE_COHORT_H
#define SIM_DEVICE_COHORT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/vec.h"

/* Where a device's reading goes now. */
enum device_path {
	PATH_UP,		/* to its partition */
	PATH_HELD,		/* kept on the device until its link is back */
	PATH_LOST,		/* nowhere: lost at the edge */
};

struct cohort {
	uint32_t first, count;		/* device numbers */
	uint32_t rate_mhz;		/* readings of one device in 1000 s */
	uint16_t holding, losing;	/* faults of either sort that are on */
};

struct cohorts {
	VEC(struct cohort) all;		/* by first; together every device */
	uint32_t devices;
	uint32_t out;			/* cohorts whose path is not up */
};

/* All devices up; each kind is added behind the last. */
void cohorts_add(struct cohorts *c, struct arena *arena, uint32_t count,
		 uint32_t rate_mhz);

/* A fault of devices first .. first + count - 1 (round the end) begins (+1) or
 * ends (-1); splits what it must, merges nothing. */
void cohorts_change(struct cohorts *c, struct arena *arena, uint32_t first,
		    uint32_t count, int holding, int losing);

/* Make neighbours that are alike one; how many went. */
uint32_t cohorts_merge(struct cohorts *c);

const struct cohort *cohort_of(const struct cohorts *c, uint32_t device);

static inline enum device_path cohort_path(const struct cohort *c)
{
	return c->losing ? PATH_LOST : c->holding ? PATH_HELD : PATH_UP;
}

/* Devices of a run of numbers that publish into one partition: device i into
 * i mod partitions. */
uint32_t cohort_members(uint32_t first, uint32_t count, uint32_t partition,
			uint32_t partitions);

/* The k-th of them, k from 0. */
uint32_t cohort_member(uint32_t first, uint32_t partition,
		       uint32_t partitions, uint32_t k);

#endif
