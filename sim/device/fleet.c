/* fleet.c - many devices that each publish a reading now and then */
#include "sim/device/fleet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/murmur.h"
#include "sim/device/events.h"

enum {
	FLEET_START = MODULE_DEVICE << 8,	/* who = fleet */
	FLEET_STOP,				/* who = fleet */
	FLEET_TICK,				/* who = fleet */
	FLEET_DESCRIBE,				/* who = record_ask */
};

static void fleet_start(struct world *w, void *who, uint16_t arg);
static void fleet_stop(struct world *w, void *who, uint16_t arg);
static void fleet_tick(struct world *w, void *who, uint16_t arg);
static void fleet_describe(struct world *w, void *who, uint16_t arg);

static const struct module_event device_events[] = {
	[FLEET_START & 0xff] = { "fleet.start", fleet_start },
	[FLEET_STOP & 0xff] = { "fleet.stop", fleet_stop },
	[FLEET_TICK & 0xff] = { "fleet.tick", fleet_tick },
	[FLEET_DESCRIBE & 0xff] = { "fleet.describe", fleet_describe },
	INGEST_EVENTS,
};

const struct module device_module = {
	.name = "device",
	.events = device_events,
	.event_count = sizeof(device_events) / sizeof(device_events[0]),
	.commands = ingest_commands,
};

void fleets_init(struct world *w)
{
	w->state->parts[MODULE_DEVICE] = world_take(w, struct fleets);
}

struct fleets *fleets_of(const struct world *w)
{
	return w->state->parts[MODULE_DEVICE];
}

struct fleet *fleet_find(const struct world *w, const char *name)
{
	struct fleets *all = fleets_of(w);

	for (uint32_t i = 0; all && i < all->all.count; i++)
		if (!strcmp(world_text(w, all->all.at[i]->name), name))
			return all->all.at[i];
	return NULL;
}

void fleet_spec_init(struct fleet_spec *s)
{
	*s = (struct fleet_spec){
		.name = "sensor", .topic = "readings", .devices = 1000,
		.period = SIM_S(1), .flush = SIM_MS(100), .record_bytes = 120,
	};
	producer_config_init(&s->producer);
}

/* What the producer will make of the settings (producer_config_check). */
static bool numbers_batches(struct producer_config config)
{
	return producer_config_check(&config, NULL, NULL) && config.idempotence;
}

struct fleet *fleet_new(struct world *w, struct cluster *c, struct machine *m,
			const struct fleet_spec *spec)
{
	struct fleet *f = world_take(w, struct fleet);
	char gateway[80];

	assert(spec->devices > 0 && spec->period > 0 && spec->flush > 0);
	snprintf(gateway, sizeof(gateway), "%s-gateway", spec->name);
	f->name = world_name(w, spec->name);
	f->topic = world_name(w, spec->topic);
	f->bootstrap = world_name(w, spec->bootstrap);
	f->devices = spec->devices;
	f->period = spec->period;
	f->flush = spec->flush;
	f->record_bytes = spec->record_bytes;
	f->junk_ppm = spec->junk_ppm;
	f->config = spec->producer;
	f->idempotent = numbers_batches(f->config);
	f->start = world_now(w);
	f->source = record_source_add(w, c, FLEET_DESCRIBE, f);
	f->gateway = client_host_new(w, gateway, m, "gateway --fleet", f,
				     FLEET_START, FLEET_STOP, 0);
	f->produced_metric = metric_counter(w, f->gateway->process,
		"gateway_readings_total", "fleet", spec->name, NULL);
	f->dropped_metric = metric_counter(w, f->gateway->process,
		"gateway_readings_dropped_total", "fleet", spec->name, NULL);
	*vec_add(&w->arena, &fleets_of(w)->all) = f;
	return f;
}

uint64_t fleet_acked(const struct fleet *f)
{
	return f->acked_before + (f->producer ? f->producer->acked : 0);
}

void fleet_count(const struct fleet *f, struct fleet_count *out)
{
	const struct producer *p = f->producer;

	*out = (struct fleet_count){
		.produced = f->produced,
		.acked = fleet_acked(f),
		.failed = f->failed_before + (p ? p->failed : 0),
		.died = f->died_before,
		.under_way = p ? producer_held(p) : 0,
	};
}

/* -- lanes ------------------------------------------------------------------- */

static size_t device_name(const struct world *w, const struct fleet *f,
			  uint32_t device, char *out, size_t cap)
{
	return (size_t)snprintf(out, cap, "%s-%05u", world_text(w, f->name),
				device);
}

static sim_time phase(const struct fleet *f, uint32_t device)
{
	return f->period / f->devices * device;
}

sim_time fleet_reading_at(const struct fleet *f, const struct fleet_lane *lane,
			  uint64_t number)
{
	return f->start + (sim_time)(number / lane->count) * f->period +
	       phase(f, lane->devices[number % lane->count]);
}

static uint32_t lane_of(const struct world *w, const struct fleet *f,
			uint32_t device)
{
	char name[80];
	size_t len = device_name(w, f, device, name, sizeof(name));

	return murmur_partition(name, len, f->lane_count);
}

/* Who belongs to which partition: once, when the topic is first known.
 * Simplified: partitions added later are not used by the fleet. */
static void make_lanes(struct world *w, struct fleet *f, uint32_t partitions)
{
	uint32_t i;

	f->lane_count = partitions;
	f->lanes = arena_take(&w->arena, partitions * sizeof(*f->lanes));
	for (i = 0; i < f->devices; i++)
		f->lanes[lane_of(w, f, i)].count++;
	for (i = 0; i < partitions; i++) {
		f->lanes[i].devices = arena_take(&w->arena,
			(f->lanes[i].count + 1) * sizeof(uint32_t));
		f->lanes[i].partition = client_partition_at(
			&f->producer->client, f->topic, i)->id;
		f->lanes[i].count = 0;
	}
	for (i = 0; i < f->devices; i++) {
		struct fleet_lane *lane = &f->lanes[lane_of(w, f, i)];

		lane->devices[lane->count++] = i;
	}
}

/* How many readings of a lane were made by `now`. */
static uint64_t due(const struct fleet *f, const struct fleet_lane *lane,
		    sim_time now)
{
	sim_time since = now - f->start;
	uint64_t rounds = (uint64_t)(since / f->period);
	uint32_t low = 0, high = lane->count;

	while (low < high) {		/* devices with phase <= rest */
		uint32_t mid = low + (high - low) / 2;

		if (phase(f, lane->devices[mid]) <= since % f->period)
			low = mid + 1;
		else
			high = mid;
	}
	return rounds * lane->count + low;
}

/* -- the gateway ------------------------------------------------------------------ */

static void send_due(struct world *w, struct fleet *f, struct fleet_lane *lane)
{
	uint64_t end = due(f, lane, world_now(w));
	uint32_t per_batch = (uint32_t)(f->config.batch_bytes -
					BATCH_OVERHEAD_BYTES) / f->record_bytes;

	if (per_batch == 0)
		per_batch = 1;
	while (lane->next < end) {
		uint32_t count = end - lane->next < per_batch ?
				 (uint32_t)(end - lane->next) : per_batch;

		producer_send_run(w, f->producer, lane->partition, f->source,
				  (uint32_t)(lane - f->lanes), lane->next, count,
				  count * f->record_bytes,
				  fleet_reading_at(f, lane, lane->next),
				  fleet_reading_at(f, lane,
						   lane->next + count - 1));
		lane->next += count;
		f->produced += count;
		metric_add(f->produced_metric, count);
	}
}

/* What was read while nobody took it.  Before the topic was ever known there
 * are no lanes to count by: then the fleet's readings begin anew. */
static void drop_due(struct world *w, struct fleet *f)
{
	if (!f->lanes && f->gateway->process->incarnation > 1) {
		f->dropped += (uint64_t)((world_now(w) - f->start) / f->period) *
			      f->devices;
		metric_set(f->dropped_metric, (int64_t)f->dropped);
		f->start = world_now(w);
	}
	for (uint32_t i = 0; i < f->lane_count; i++) {
		struct fleet_lane *lane = &f->lanes[i];
		uint64_t end = lane->count ? due(f, lane, world_now(w)) : 0;

		if (end <= lane->next)
			continue;
		f->dropped += end - lane->next;
		metric_add(f->dropped_metric, (int64_t)(end - lane->next));
		lane->next = end;
	}
}

static void fleet_tick(struct world *w, void *who, uint16_t arg)
{
	struct fleet *f = who;
	uint32_t partitions;

	(void)arg;
	f->tick = world_timer(w, world_now(w) + f->flush, FLEET_TICK, f, 0);
	if (!process_runs(f->gateway->process))
		return;
	partitions = client_partition_count(&f->producer->client, f->topic);
	if (!f->lanes && partitions)
		make_lanes(w, f, partitions);
	for (uint32_t i = 0; i < f->lane_count; i++)
		if (f->lanes[i].count)
			send_due(w, f, &f->lanes[i]);
}

static void fleet_start(struct world *w, void *who, uint16_t arg)
{
	struct fleet *f = who;
	struct err err;

	(void)arg;
	drop_due(w, f);
	f->producer = producer_new(w, f->gateway, cluster_of(w),
				   world_text(w, f->gateway->process->name),
				   world_text(w, f->bootstrap), &f->config, &err);
	assert(f->producer);
	f->producer->client.auto_create = false;
	client_want_topic(w, &f->producer->client, f->topic);
	f->tick = world_timer(w, world_now(w) + f->flush, FLEET_TICK, f, 0);
}

static void fleet_stop(struct world *w, void *who, uint16_t arg)
{
	struct fleet *f = who;

	(void)arg;
	world_cancel(w, &f->tick);
	f->acked_before += f->producer->acked;
	f->failed_before += f->producer->failed;
	f->died_before += f->producer->died;
	f->producer = NULL;
}

/* -- what a reading says ------------------------------------------------------------- */

/* 18.00 .. 26.99 degrees, slowly different for each device. */
static void fleet_describe(struct world *w, void *who, uint16_t arg)
{
	struct record_ask *ask = who;
	const struct fleet *f = ask->source;
	const struct fleet_lane *lane = &f->lanes[ask->lane];
	uint32_t device = lane->devices[ask->number % lane->count];
	uint64_t round = ask->number / lane->count;
	struct record_view *v = ask->view;
	struct luck luck;
	char name[100];
	int64_t cents;
	bool junk;

	(void)arg;
	luck_init(&luck, w->state->seed + device, world_text(w, f->name),
		  "reading");
	luck.n = round * 4;
	cents = 1800 + luck_between(&luck, 0, 899);
	junk = luck_chance(&luck, f->junk_ppm, 1000000);
	v->at = fleet_reading_at(f, lane, ask->number);
	v->key = ask->scratch;
	v->key_len = (int32_t)device_name(w, f, device, name, sizeof(name));
	memcpy(ask->scratch, name, sizeof(name));
	v->value = ask->scratch + 100;
	if (junk)
		v->value_len = snprintf(ask->scratch + 100, 400,
			"{\"device\":\"%s\",\"seq\":%llu,\"celsius\":\"ERR\"}",
			name, (unsigned long long)round);
	else
		v->value_len = snprintf(ask->scratch + 100, 400,
			"{\"device\":\"%s\",\"seq\":%llu,\"ts\":%lld,"
			"\"celsius\":%lld.%02lld}", name,
			(unsigned long long)round,
			(long long)sim_wall_ms(v->at), (long long)(cents / 100),
			(long long)(cents % 100));
}
