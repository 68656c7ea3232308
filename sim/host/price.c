/* price.c - what a run has cost, resource by resource */
#include "sim/host/price.h"

#include "sim/core/text.h"
#include "sim/host/host.h"

#define GIB		(INT64_C(1) << 30)
#define HOUR_S		INT64_C(3600)
#define MONTH_S		(730 * HOUR_S)	/* as AWS counts a month */
#define MACHINE_S_MIN	60		/* EC2: by the second, a minute at least */

#define ZONE_GIB	(DOLLAR / 100)		/* 0.01 a GB, each direction */
#define REGION_GIB	(DOLLAR / 50)		/* 0.02 a GB */

/* calibration.md 3.2; broker and small stand for the instances of their size. */
static const struct { const char *profile; int64_t hour; } machine_prices[] = {
	{ "m5.large", DOLLAR / 1000 * 96 },
	{ "m5.xlarge", DOLLAR / 1000 * 192 },
	{ "t3.medium", DOLLAR / 10000 * 416 },
	{ "broker", DOLLAR / 1000 * 192 },	/* m5.xlarge */
	{ "small", DOLLAR / 10000 * 416 },	/* t3.medium */
};

/* calibration.md 3.2: EBS per GB-month, per IOPS and per MB/s.  A volume with
 * no price belongs to its machine. */
static const struct {
	int64_t gib, iops, mb_per_s;
} volume_prices[DISK_KINDS] = {
	[DISK_GP3] = { DOLLAR / 100 * 8, DOLLAR / 1000 * 5, DOLLAR / 100 * 4 },
	[DISK_GP2] = { DOLLAR / 10, 0, 0 },
	[DISK_ST1] = { DOLLAR / 1000 * 45, 0, 0 },
};

/* a * b / c, rounded down, for a product that may not fit. */
static int64_t share(int64_t a, int64_t b, int64_t c)
{
	return a / c * b + a % c * b / c;
}

int64_t price_machine_hour(const char *profile)
{
	size_t count = sizeof(machine_prices) / sizeof(machine_prices[0]);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(machine_prices[i].profile, profile))
			return machine_prices[i].hour;
	return 0;
}

int64_t price_volume_month(const struct disk *d)
{
	return share(d->bytes_total, volume_prices[d->kind].gib, GIB);
}

int64_t price_faster_month(const struct disk *d)
{
	const struct disk_model *k = &disk_models[d->kind];
	int64_t ops = d->ops_per_s - k->ops_per_s;
	int64_t mb = (d->bytes_per_s - k->bytes_per_s) / 1000000;

	return (ops > 0 ? ops : 0) * volume_prices[d->kind].iops +
	       (mb > 0 ? mb : 0) * volume_prices[d->kind].mb_per_s;
}

void price_of_machine(const struct world *w, const struct machine *m,
		      struct bill *bill)
{
	int64_t hour = price_machine_hour(world_text(w, m->profile));
	int64_t s = (world_now(w) - m->rented_at) / SIM_S(1);

	*bill = (struct bill){
		.machine = share(hour, s < MACHINE_S_MIN ? MACHINE_S_MIN : s,
				 HOUR_S),
		.zones = share(m->nic.sent_to[PLACE_REGION] +
			       m->nic.received_from[PLACE_REGION], ZONE_GIB,
			       GIB),
		.regions = share(m->nic.sent_to[PLACE_WORLD], REGION_GIB, GIB),
	};
	for (const struct disk *d = &m->disk; d; d = d->next) {
		bill->volume += share(price_volume_month(d), s, MONTH_S);
		bill->faster += share(price_faster_month(d), s, MONTH_S);
	}
}

void price_of_run(const struct world *w, struct bill *bill)
{
	const struct hosts *h = hosts_of(w);

	*bill = (struct bill){0};
	for (uint32_t i = 0; i < h->machines.count; i++) {
		struct bill one;

		price_of_machine(w, h->machines.at[i], &one);
		bill->machine += one.machine;
		bill->volume += one.volume;
		bill->faster += one.faster;
		bill->zones += one.zones;
		bill->regions += one.regions;
	}
}

int64_t bill_total(const struct bill *b)
{
	return b->machine + b->volume + b->faster + b->zones + b->regions;
}

void price_text(int64_t nano_dollars, struct text *t)
{
	text_addf(t, "$%lld.%04lld", (long long)(nano_dollars / DOLLAR),
		  (long long)(nano_dollars % DOLLAR / (DOLLAR / 10000)));
}
