/* cohort.c - devices that are alike, kept as one */
#include "sim/device/cohort.h"

#include <assert.h>

void cohorts_add(struct cohorts *c, struct arena *arena, uint32_t count,
		 uint32_t rate_mhz)
{
	assert(count > 0 && !c->out);
	*vec_add(arena, &c->all) = (struct cohort){
		.first = c->devices, .count = count, .rate_mhz = rate_mhz,
	};
	c->devices += count;
}

static uint32_t index_of(const struct cohorts *c, uint32_t device)
{
	uint32_t low = 0, high = c->all.count;

	assert(device < c->devices);
	while (high - low > 1) {	/* first <= device */
		uint32_t mid = low + (high - low) / 2;

		if (c->all.at[mid].first <= device)
			low = mid;
		else
			high = mid;
	}
	return low;
}

const struct cohort *cohort_of(const struct cohorts *c, uint32_t device)
{
	return &c->all.at[index_of(c, device)];
}

/* Let a cohort begin at `device`; its index. */
static uint32_t split(struct cohorts *c, struct arena *arena, uint32_t device)
{
	uint32_t i;

	if (device == c->devices)
		return c->all.count;
	i = index_of(c, device);
	if (c->all.at[i].first == device)
		return i;
	vec_add(arena, &c->all);
	memmove(&c->all.at[i + 1], &c->all.at[i],
		(c->all.count - 1 - i) * sizeof(*c->all.at));
	c->all.at[i].count = device - c->all.at[i].first;
	c->all.at[i + 1].first = device;
	c->all.at[i + 1].count -= c->all.at[i].count;
	return i + 1;
}

static void change(struct cohorts *c, struct arena *arena, uint32_t first,
		   uint32_t end, int holding, int losing)
{
	uint32_t i = split(c, arena, first);
	uint32_t stop = split(c, arena, end);

	for (; i < stop; i++) {
		struct cohort *x = &c->all.at[i];

		assert((int)x->holding + holding >= 0 &&
		       (int)x->losing + losing >= 0);
		x->holding = (uint16_t)(x->holding + holding);
		x->losing = (uint16_t)(x->losing + losing);
	}
}

static void count_out(struct cohorts *c)
{
	c->out = 0;
	for (uint32_t i = 0; i < c->all.count; i++)
		c->out += cohort_path(&c->all.at[i]) != PATH_UP;
}

void cohorts_change(struct cohorts *c, struct arena *arena, uint32_t first,
		    uint32_t count, int holding, int losing)
{
	assert(first < c->devices && count <= c->devices);
	if (count <= c->devices - first) {
		change(c, arena, first, first + count, holding, losing);
	} else {
		change(c, arena, first, c->devices, holding, losing);
		change(c, arena, 0, count - (c->devices - first), holding,
		       losing);
	}
	count_out(c);
}

static bool alike(const struct cohort *x, const struct cohort *y)
{
	return x->rate_mhz == y->rate_mhz && x->holding == y->holding &&
	       x->losing == y->losing;
}

uint32_t cohorts_merge(struct cohorts *c)
{
	uint32_t kept = 0, was = c->all.count;

	for (uint32_t i = 1; i < was; i++) {
		if (alike(&c->all.at[kept], &c->all.at[i]))
			c->all.at[kept].count += c->all.at[i].count;
		else
			c->all.at[++kept] = c->all.at[i];
	}
	c->all.count = kept + 1;
	memset(&c->all.at[c->all.count], 0,
	       (was - c->all.count) * sizeof(*c->all.at));
	count_out(c);
	return was - c->all.count;
}

/* Devices below `end` that belong to the partition. */
static uint32_t below(uint32_t end, uint32_t partition, uint32_t partitions)
{
	return end > partition ? (end - partition - 1) / partitions + 1 : 0;
}

uint32_t cohort_members(uint32_t first, uint32_t count, uint32_t partition,
			uint32_t partitions)
{
	return below(first + count, partition, partitions) -
	       below(first, partition, partitions);
}

uint32_t cohort_member(uint32_t first, uint32_t partition,
		       uint32_t partitions, uint32_t k)
{
	return partition + (below(first, partition, partitions) + k) *
			   partitions;
}
