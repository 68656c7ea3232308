/* price.c - what a run has cost, resource by resource */
#include "sim/host/price.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/text.h"
#include "sim/host/host.h"

#define GIB		(INT64_C(1) << 30)
#define HOUR_S		INT64_C(3600)
#define MONTH_S		(MONTH_HOURS * HOUR_S)
#define MACHINE_S_MIN	60		/* EC2: by the second, a minute at least */

/* calibration.md 3.2, per GB; AWS counts GB of traffic as GiB. */
#define ZONE_GIB	(DOLLAR / 100)		/* 0.01, each direction */
#define REGION_GIB	(DOLLAR / 50)		/* 0.02 */
#define INTERNET_GIB	(DOLLAR / 100 * 9)	/* 0.09 up to 10 TB a month */

const struct bill_word bill_words[BILL_ITEMS] = {
	[BILL_MACHINE] = { "machines", "seconds", "by the hour" },
	[BILL_VOLUME] = { "volumes", "bytes", "by GiB and month" },
	[BILL_FASTER] = { "volume-speed", "", "by IOPS, MB/s and month" },
	[BILL_ZONES] = { "zone-traffic", "bytes", "$0.01 a GiB, both sides" },
	[BILL_REGIONS] = { "region-traffic", "bytes", "$0.02 a GiB sent" },
	[BILL_INTERNET] = { "internet-egress", "bytes", "$0.09 a GiB sent" },
};

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

static void price_traffic(const struct nic *n, struct bill *b)
{
	b->used[BILL_ZONES] = n->sent_to[PLACE_REGION] +
			      n->received_from[PLACE_REGION];
	b->used[BILL_REGIONS] = n->sent_to[PLACE_WORLD];
	b->used[BILL_INTERNET] = n->sent_to[PLACE_INTERNET];
	b->cost[BILL_ZONES] = share(b->used[BILL_ZONES], ZONE_GIB, GIB);
	b->cost[BILL_REGIONS] = share(b->used[BILL_REGIONS], REGION_GIB, GIB);
	b->cost[BILL_INTERNET] = share(b->used[BILL_INTERNET], INTERNET_GIB,
				       GIB);
}

static void price_volume(const struct disk *d, int64_t s, struct bill *b)
{
	int64_t month = price_volume_month(d), faster = price_faster_month(d);

	if (month)
		b->used[BILL_VOLUME] += d->bytes_total;
	b->cost[BILL_VOLUME] += share(month, s, MONTH_S);
	b->cost[BILL_FASTER] += share(faster, s, MONTH_S);
	b->hourly += (month + faster) / MONTH_HOURS;
}

void price_of_machine(const struct world *w, const struct machine *m,
		      struct bill *bill)
{
	int64_t hour = price_machine_hour(world_text(w, m->profile));
	int64_t s = (world_now(w) - m->rented_at) / SIM_S(1);

	*bill = (struct bill){0};
	if (m->outside)
		return;
	bill->hourly = hour;
	bill->used[BILL_MACHINE] = hour ? s : 0;
	bill->cost[BILL_MACHINE] = share(hour, s < MACHINE_S_MIN ?
					 MACHINE_S_MIN : s, HOUR_S);
	for (const struct disk *d = &m->disk; d; d = d->next)
		price_volume(d, s, bill);
	price_traffic(&m->nic, bill);
}

static void bill_add(struct bill *sum, const struct bill *b)
{
	for (int i = 0; i < BILL_ITEMS; i++) {
		sum->cost[i] += b->cost[i];
		sum->used[i] += b->used[i];
	}
	sum->hourly += b->hourly;
}

void price_of_run(const struct world *w, struct bill *bill)
{
	const struct hosts *h = hosts_of(w);

	*bill = (struct bill){0};
	for (uint32_t i = 0; i < h->machines.count; i++) {
		struct bill one;

		price_of_machine(w, h->machines.at[i], &one);
		bill_add(bill, &one);
	}
}

int64_t bill_total(const struct bill *b)
{
	int64_t sum = 0;

	for (int i = 0; i < BILL_ITEMS; i++)
		sum += b->cost[i];
	return sum;
}

void price_text(int64_t nano_dollars, struct text *t)
{
	text_addf(t, "$%lld.%04lld", (long long)(nano_dollars / DOLLAR),
		  (long long)(nano_dollars % DOLLAR / (DOLLAR / 10000)));
}

static void add_used(const struct bill *b, enum bill_item i, struct text *t)
{
	char used[32] = "";

	if (i == BILL_MACHINE)
		snprintf(used, sizeof(used), "%lld.%02lld h",
			 (long long)(b->used[i] / HOUR_S),
			 (long long)(b->used[i] % HOUR_S * 100 / HOUR_S));
	else if (*bill_words[i].unit)
		snprintf(used, sizeof(used), "%lld.%03lld GiB",
			 (long long)(b->used[i] / GIB),
			 (long long)(b->used[i] % GIB * 1000 / GIB));
	text_addf(t, "%14s", used);
}

void price_table(const struct world *w, struct text *t)
{
	struct bill b;

	price_of_run(w, &b);
	for (int i = 0; i < BILL_ITEMS; i++) {
		text_addf(t, "  %-16s", bill_words[i].name);
		add_used(&b, (enum bill_item)i, t);
		text_add(t, "  ");
		price_text(b.cost[i], t);
		text_addf(t, "  %s\n", bill_words[i].price);
	}
	text_add(t, "  in all                          ");
	price_text(bill_total(&b), t);
	text_add(t, "\n  what is rented costs ");
	price_text(b.hourly, t);
	text_add(t, " an hour, used or not\n");
}
