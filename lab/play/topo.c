/* topo.c - what stands where and what flows
 *
 * An operator's view is made of answers to PromQL and of what the monitor says
 * of its targets; the truth of the world's own state.  What moves (rates, lag)
 * is the monitor's in both.
 */
#include "lab/play/topo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/play/play_inside.h"
#include "sim/broker/broker.h"
#include "sim/core/mem.h"
#include "sim/device/fleet.h"
#include "sim/monitor/monitor.h"
#include "sim/stack/stack.h"
#include "sim/tsdb/promql_eval.h"

const char *const part_words[] = {
	[PART_OK] = "ok",
	[PART_WARN] = "warn",
	[PART_DOWN] = "down",
	[PART_START] = "start",
	[PART_IDLE] = "idle",
	[PART_UNKNOWN] = "unknown",
	[PART_STATE_COUNT] = NULL,
};

#define JUST_STARTED	SIM_S(5)
#define NEAR_FULL	0.9

/* What is asked, by instance. */
enum figure {
	CPU, MEMORY, DISK, NET, BEHIND, LEADS, WRITTEN, TAKEN, WORKED, LAG,
	LAG_BEFORE,
	FIGURES
};

static const char *const queries[FIGURES] = {
	[CPU] = "1 - avg by (instance) "
		"(rate(node_cpu_seconds_total{mode=\"idle\"}[1m]))",
	[MEMORY] = "1 - node_memory_MemAvailable_bytes / "
		   "node_memory_MemTotal_bytes",
	[DISK] = "sum by (instance) (rate(node_disk_io_time_seconds_total[1m]))",
	[NET] = "sum by (instance) "
		"(rate(node_network_transmit_bytes_total[1m]))",
	[BEHIND] = "sum by (instance) "
		   "(kafka_server_replicamanager_underreplicatedpartitions)",
	[LEADS] = "sum by (instance) "
		  "(kafka_server_replicamanager_leadercount)",
	[WRITTEN] = "sum by (instance) "
		    "(rate(kafka_server_brokertopicmetrics_messagesin_total"
		    "[1m]))",
	[TAKEN] = "sum by (instance) (rate(gateway_readings_total[1m]))",
	[WORKED] = "sum by (instance) (rate(app_records_processed_total[1m]))",
	[LAG] = "sum by (instance) (kafka_consumer_records_lag)",
	[LAG_BEFORE] = "sum by (instance) (kafka_consumer_records_lag "
		       "offset 1m)",
};

struct drawing {
	struct play *p;
	const struct world *w;
	const struct monitor *m;	/* NULL: none */
	bool truth;
	double *figures;		/* by target, then figure; NaN */
	struct topo *t;
};

static void *room(size_t count, size_t bytes)
{
	return mem_zeroed(count + 1, bytes);
}

/* --- asking ------------------------------------------------------------------- */

static const char *instance_of(const struct promql_series *s)
{
	for (uint32_t i = 0; i < s->label_count; i++)
		if (strcmp(s->labels[i].name, "instance") == 0)
			return s->labels[i].value;
	return "";
}

static void take_answer(struct drawing *d, enum figure f,
			const struct promql_result *r)
{
	for (uint32_t i = 0; i < r->series_count; i++) {
		const char *instance = instance_of(&r->series[i]);

		for (uint32_t k = 0; k < d->m->targets.count; k++)
			if (strcmp(world_text(d->w,
					      d->m->targets.at[k]->instance),
				   instance) == 0)
				d->figures[k * FIGURES + f] =
					r->series[i].points[0].v;
	}
}

static void ask(struct drawing *d)
{
	uint32_t count = d->m ? d->m->targets.count : 0;

	d->figures = room((size_t)count * FIGURES, sizeof(*d->figures));
	for (size_t i = 0; i < (size_t)count * FIGURES; i++)
		d->figures[i] = NAN;
	for (int f = 0; count && f < FIGURES; f++) {
		struct promql_result r;

		promql_instant(d->w, d->m->tsdb, queries[f],
			       sim_wall_ms(world_now(d->w)), &r);
		if (r.status == PROMQL_OK)
			take_answer(d, f, &r);
		promql_result_free(&r);
	}
}

/* The target's number; targets.count: none. */
static uint32_t target_of(const struct drawing *d, const struct process *p)
{
	uint32_t i = 0;

	while (d->m && i < d->m->targets.count &&
	       d->m->targets.at[i]->process != p)
		i++;
	return i;
}

static bool is_target(const struct drawing *d, uint32_t i)
{
	return d->m && i < d->m->targets.count;
}

static double figure(const struct drawing *d, uint32_t target, enum figure f)
{
	return is_target(d, target) ? d->figures[target * FIGURES + f] : NAN;
}

static bool has_job(const struct drawing *d, uint32_t target, const char *job)
{
	return is_target(d, target) &&
	       strcmp(world_text(d->w, d->m->targets.at[target]->job), job) ==
	       0;
}

static bool is_stale(const struct drawing *d, uint32_t target)
{
	const struct target *t = is_target(d, target) ?
				 d->m->targets.at[target] : NULL;

	return t && t->last_scrape >= 0 &&
	       world_now(d->w) - t->last_scrape > 2 * d->m->scrape_interval;
}

/* --- words ---------------------------------------------------------------------- */

/* "12", "1.0k", "148k", "2.3M". */
static void short_number(char *out, size_t cap, double v, const char *unit)
{
	if (isnan(v))
		*out = '\0';
	else if (v < 999.5)
		snprintf(out, cap, "%.0f%s", v, unit);
	else if (v < 9950)
		snprintf(out, cap, "%.1fk%s", v / 1e3, unit);
	else if (v < 999500)
		snprintf(out, cap, "%.0fk%s", v / 1e3, unit);
	else
		snprintf(out, cap, "%.1fM%s", v / 1e6, unit);
}

/* --- machines -------------------------------------------------------------------- */

static int level(double share)
{
	int l = (int)(share * TOPO_LEVEL_MAX + 0.5);

	if (isnan(share))
		return TOPO_LEVEL_UNKNOWN;
	return l < 0 ? 0 : l > TOPO_LEVEL_MAX ? TOPO_LEVEL_MAX : l;
}

static void show_load(struct topo_machine *out, const double *share)
{
	static const char *const names[] = { "cpu", "memory", "disk", "net" };
	int worst = -1;

	out->cpu = level(share[CPU]);
	out->memory = level(share[MEMORY]);
	out->disk = level(share[DISK]);
	out->net = level(share[NET]);
	for (int i = 0; i < 4; i++)
		if (!isnan(share[i]) && share[i] >= NEAR_FULL &&
		    (worst < 0 || share[i] > share[worst]))
			worst = i;
	if (worst >= 0)
		snprintf(out->worst, sizeof(out->worst), "%s %d%%",
			 names[worst], share[worst] > 1 ? 100 :
				       (int)(share[worst] * 100));
}

/* As its node exporter says. */
static void ask_machine(struct drawing *d, const struct machine *m,
			struct topo_machine *out)
{
	double share[4] = { NAN, NAN, NAN, NAN };

	for (uint32_t i = 0; d->m && i < d->m->targets.count; i++) {
		if (d->m->targets.at[i]->process->machine != m ||
		    !has_job(d, i, "node"))
			continue;
		for (int f = 0; f < 4; f++)
			share[f] = figure(d, i, f);
		share[NET] = share[NET] * 8 / (double)m->nic.bits_per_s;
		out->stale = is_stale(d, i) ||
			     d->m->targets.at[i]->health == HEALTH_DOWN;
	}
	show_load(out, share);
}

static void measure_machine(struct drawing *d, const struct machine *m,
			    const struct pulse *was, struct topo_machine *out)
{
	double span = was ? (double)(world_now(d->w) - was->at) : 0;
	double share[4] = { NAN, (double)m->memory.used_bytes /
				 (double)m->memory_bytes, NAN, NAN };

	if (was && span > 0 && m->id < was->count) {
		const struct pulse_machine *b = &was->machines[m->id];

		share[CPU] = (double)(cpu_busy_ns(d->w, m) - b->cpu_ns) /
			     span / m->cpu.cores;
		share[DISK] = (double)(m->disk.busy_ns - b->disk_ns) / span;
		share[NET] = (double)(m->nic.sent_bytes - b->net_bytes) * 8e9 /
			     span / (double)m->nic.bits_per_s;
	}
	show_load(out, share);
}

static void take_pulse(struct play *p, void *ctx)
{
	(void)ctx;
	play_pulse_take(p);
}

/* Counters of some seconds ago; gone back for, if need be. */
static const struct pulse *pulse(struct drawing *d)
{
	sim_time at = world_now(d->w) - SIM_S(1);
	const struct pulse *x = play_pulse_before(d->p, at);

	if (x && x->at > at - SIM_S(PULSES))
		return x;
	if (at - SIM_S(1) < play_start(d->p))
		return NULL;
	play_look_back(d->p, at - SIM_S(1), take_pulse, NULL);
	return play_pulse_before(d->p, at);
}

static uint32_t zone_of(struct topo *t, const char *name)
{
	uint32_t i = 0;

	while (i < t->zone_count && strcmp(t->zones[i], name) != 0)
		i++;
	if (i == t->zone_count)
		t->zones[t->zone_count++] = name;
	return i;
}

static void draw_machines(struct drawing *d)
{
	const struct hosts *h = hosts_of(d->w);
	const struct pulse *was = d->truth ? pulse(d) : NULL;
	struct topo *t = d->t;

	t->zones = room(h->machines.count, sizeof(*t->zones));
	t->machines = room(h->machines.count, sizeof(*t->machines));
	for (uint32_t i = 0; i < h->machines.count; i++) {
		const struct machine *m = h->machines.at[i];
		struct topo_machine *out = &t->machines[t->machine_count++];

		out->name = world_text(d->w, m->name);
		out->zone = zone_of(t, world_text(d->w, m->zone));
		if (d->truth)
			measure_machine(d, m, was, out);
		else
			ask_machine(d, m, out);
	}
}

/* --- processes --------------------------------------------------------------------- */

static void state_seen(struct drawing *d, uint32_t target,
		       struct topo_process *out)
{
	const struct target *t = is_target(d, target) ?
				 d->m->targets.at[target] : NULL;

	out->stale = is_stale(d, target);
	if (!t || t->health == HEALTH_UNKNOWN) {
		out->state = PART_UNKNOWN;
		snprintf(out->word, sizeof(out->word), "%s",
			 t ? "not scraped yet" : "nobody scrapes it");
	} else {
		out->state = t->health == HEALTH_UP ? PART_OK : PART_DOWN;
	}
}

static void state_true(struct drawing *d, const struct process *p,
		       struct topo_process *out)
{
	out->state = p->state == PROCESS_UP ? PART_OK : PART_DOWN;
	if (p->state == PROCESS_HUNG)
		snprintf(out->word, sizeof(out->word), "frozen");
	else if (p->state == PROCESS_UP && p->incarnation > 1 &&
		 world_now(d->w) - p->started_at < JUST_STARTED)
		out->state = PART_START;
}

/* How many partitions this broker holds, and in how many it is behind. */
static void replicas_true(const struct drawing *d, const struct process *p,
			  int *held, int *behind)
{
	const struct cluster *c = cluster_of(d->w);
	struct broker *b = c ? broker_by_process(c, p) : NULL;

	*held = *behind = 0;
	for (uint32_t i = 0; b && i < c->partitions.count; i++) {
		const struct partition *part = c->partitions.at[i];
		int32_t index = (int32_t)b->index;

		if (part->topic->deleted ||
		    !state_has_replica(&part->state, index))
			continue;
		++*held;
		*behind += !(part->state.isr & broker_bit(index));
	}
}

static void add_broker(struct drawing *d, const struct process *p,
		       uint32_t target, struct topo_process *out)
{
	double behind = figure(d, target, BEHIND);
	double leads = figure(d, target, LEADS);
	int held, late;

	short_number(out->load, sizeof(out->load), figure(d, target, WRITTEN),
		     "/s");
	if (d->truth) {
		replicas_true(d, p, &held, &late);
		if (late && out->state == PART_OK) {
			out->state = PART_WARN;
			snprintf(out->word, sizeof(out->word),
				 "behind in %d of %d", late, held);
		}
	} else if (behind > 0 && out->state == PART_OK) {
		out->state = PART_WARN;
		snprintf(out->word, sizeof(out->word),
			 "%.0f of %.0f led not in sync", behind, leads);
	}
}

/* Falling behind: far, and further than a minute ago. */
static bool falls_behind(const struct drawing *d, uint32_t target)
{
	double lag = figure(d, target, LAG);
	double before = figure(d, target, LAG_BEFORE);

	return lag > 1000 && (isnan(before) || lag > 1.2 * before);
}

static void add_app(struct drawing *d, uint32_t target,
		    struct topo_process *out)
{
	char lag[16];

	short_number(out->load, sizeof(out->load), figure(d, target, WORKED),
		     "/s");
	short_number(lag, sizeof(lag), figure(d, target, LAG), "");
	if (out->state == PART_OK && falls_behind(d, target)) {
		out->state = PART_WARN;
		snprintf(out->word, sizeof(out->word), "lag %s, rising", lag);
	}
}

/* "sensors-4f2a-gateway" in the container `sensors`: named by docker compose
 * (lua/tools/docker.lua) after its container and environment. */
static bool is_made(const struct drawing *d, const struct process *p)
{
	static const char tail[] = "-gateway";
	const char *machine = world_text(d->w, p->machine->name);
	const char *s = world_text(d->w, p->name);
	size_t len = strlen(machine);

	if (strncmp(s, machine, len) != 0 || s[len] != '-')
		return false;
	s += len + 1;
	return strspn(s, "0123456789abcdef") == 4 && strcmp(s + 4, tail) == 0;
}

/* Made anew with another environment, a container is another gateway: of those
 * on a machine one exists, the one that runs, or the last. */
static bool is_replaced(const struct drawing *d, const struct process *p)
{
	const struct hosts *h = hosts_of(d->w);

	for (uint32_t i = 0; is_made(d, p) && i < h->processes.count; i++) {
		const struct process *q = h->processes.at[i];

		if (q->machine != p->machine || q == p || !is_made(d, q))
			continue;
		if (p->state == PROCESS_DOWN &&
		    (q->state != PROCESS_DOWN || q->id > p->id))
			return true;
	}
	return false;
}

/* Exporters and what runs on the workstation are not of the platform. */
static bool is_drawn(const struct drawing *d, const struct process *p)
{
	return strcmp(world_text(d->w, p->machine->name),
		      STACK_WORKSTATION) != 0 &&
	       !has_job(d, target_of(d, p), "node") && !is_replaced(d, p);
}

static void draw_process(struct drawing *d, const struct process *p,
			 struct topo_process *out)
{
	uint32_t target = target_of(d, p);

	out->name = world_text(d->w, p->name);
	out->machine = p->machine->id;
	if (d->truth)
		state_true(d, p, out);
	else
		state_seen(d, target, out);
	if (has_job(d, target, "kafka"))
		add_broker(d, p, target, out);
	else if (has_job(d, target, "app"))
		add_app(d, target, out);
	else if (has_job(d, target, "gateway"))
		short_number(out->load, sizeof(out->load),
			     figure(d, target, TAKEN), "/s");
}

static void draw_processes(struct drawing *d)
{
	const struct hosts *h = hosts_of(d->w);
	struct topo *t = d->t;

	t->processes = room(h->processes.count, sizeof(*t->processes));
	for (uint32_t m = 0; m < h->machines.count; m++)
		for (uint32_t i = 0; i < h->processes.count; i++) {
			const struct process *p = h->processes.at[i];

			if (p->machine->id == m && is_drawn(d, p))
				draw_process(d, p, &t->processes
						    [t->process_count++]);
		}
}

/* --- the way of the data --------------------------------------------------------------- */

static const struct topo_process *drawn(const struct topo *t, const char *name)
{
	for (size_t i = 0; i < t->process_count; i++)
		if (strcmp(t->processes[i].name, name) == 0)
			return &t->processes[i];
	return NULL;
}

static enum part_state worse(enum part_state a, enum part_state b)
{
	static const int badness[] = {
		[PART_OK] = 0, [PART_IDLE] = 0, [PART_START] = 1,
		[PART_UNKNOWN] = 2, [PART_WARN] = 3, [PART_DOWN] = 4,
	};

	return badness[a] > badness[b] ? a : b;
}

static void draw_fleets(struct drawing *d)
{
	const struct fleets *all = fleets_of(d->w);
	struct topo *t = d->t;

	for (uint32_t i = 0; i < all->all.count; i++) {
		const struct fleet *f = all->all.at[i];
		const struct topo_process *p = drawn(t, world_text(d->w,
				f->gateway->process->name));
		struct topo_stage *s;

		if (is_replaced(d, f->gateway->process))
			continue;
		s = &t->stages[t->stage_count++];
		s->name = world_text(d->w, f->name);
		s->state = p ? p->state : PART_UNKNOWN;
		s->parts = f->devices;
		s->parts_ok = s->state == PART_DOWN ? 0 : f->devices;
		if (p)
			memcpy(s->rate, p->load, sizeof(s->rate));
	}
}

static void in_sync(const struct drawing *d, struct topo_stage *s)
{
	double behind = 0, leads = 0;
	bool known = false;

	for (uint32_t i = 0; d->m && i < d->m->targets.count; i++) {
		if (isnan(figure(d, i, LEADS)))
			continue;
		behind += figure(d, i, BEHIND);
		leads += figure(d, i, LEADS);
		known = true;
	}
	if (known && leads > 0)
		snprintf(s->word, sizeof(s->word), "in sync %.0f/%.0f",
			 leads - behind, leads);
}

static void draw_brokers(struct drawing *d)
{
	struct topo *t = d->t;
	struct topo_stage *s = &t->stages[t->stage_count];
	double rate = NAN;

	for (uint32_t i = 0; d->m && i < d->m->targets.count; i++) {
		const struct topo_process *p = !has_job(d, i, "kafka") ? NULL :
			drawn(t, world_text(d->w,
				d->m->targets.at[i]->process->name));
		double one = figure(d, i, WRITTEN);

		if (!p)
			continue;
		s->parts++;
		s->parts_ok += p->state != PART_DOWN;
		s->state = worse(s->state, p->state);
		if (!isnan(one))
			rate = isnan(rate) ? one : rate + one;
	}
	if (!s->parts)
		return;
	if (s->parts_ok && s->state == PART_DOWN)
		s->state = PART_WARN;
	s->name = "kafka";
	short_number(s->rate, sizeof(s->rate), rate, "/s");
	in_sync(d, s);
	t->stage_count++;
}

static void draw_apps(struct drawing *d)
{
	struct topo *t = d->t;

	for (uint32_t i = 0; d->m && i < d->m->targets.count; i++) {
		const struct topo_process *p = !has_job(d, i, "app") ? NULL :
			drawn(t, world_text(d->w,
				d->m->targets.at[i]->process->name));
		struct topo_stage *s = &t->stages[t->stage_count];
		char lag[16];

		if (!p)
			continue;
		s->name = p->name;
		s->state = p->state;
		s->parts = 1;
		s->parts_ok = p->state != PART_DOWN;
		memcpy(s->rate, p->load, sizeof(s->rate));
		short_number(lag, sizeof(lag), figure(d, i, LAG), "");
		if (*lag)
			snprintf(s->word, sizeof(s->word), "lag %s", lag);
		t->stage_count++;
	}
}

static void edge(struct topo *t, size_t from, size_t to)
{
	const struct topo_stage *a = &t->stages[from], *b = &t->stages[to];
	enum part_state s = PART_OK;

	if (!a->parts_ok || !b->parts_ok)
		s = PART_DOWN;
	else if (a->state == PART_WARN || b->state == PART_WARN)
		s = PART_WARN;
	t->edges[t->edge_count++] = (struct topo_edge){
		(uint32_t)from, (uint32_t)to, s,
	};
}

static void draw_stages(struct drawing *d)
{
	size_t most = fleets_of(d->w)->all.count + 2 +
		      (d->m ? d->m->targets.count : 0);
	struct topo *t = d->t;
	size_t fleets, kafka;

	t->stages = room(most, sizeof(*t->stages));
	t->edges = room(most, sizeof(*t->edges));
	draw_fleets(d);
	fleets = kafka = t->stage_count;
	draw_brokers(d);
	if (t->stage_count == kafka)
		return;
	for (size_t i = 0; i < fleets; i++)
		edge(t, i, kafka);
	draw_apps(d);
	for (size_t i = kafka + 1; i < t->stage_count; i++)
		edge(t, kafka, i);
}

void play_topo(struct play *p, bool truth, struct topo *out)
{
	struct drawing d = {
		.p = p, .w = p->a->world, .m = monitor_first(p->a->world),
		.truth = truth && play_truth(p), .t = out,
	};

	*out = (struct topo){0};
	ask(&d);
	draw_machines(&d);
	draw_processes(&d);
	draw_stages(&d);
	free(d.figures);
}

void topo_release(struct topo *t)
{
	free(t->zones);
	free(t->machines);
	free(t->processes);
	free(t->stages);
	free(t->edges);
	*t = (struct topo){0};
}

/* --- as text ------------------------------------------------------------------------ */

static void add_process(const struct topo_process *p, int n, struct text *out)
{
	text_addf(out, "%s%s %s%s", n ? ", " : " ", p->name,
		  p->stale ? "(old) " : "", p->state == PART_WARN ? "WARN" :
		  part_words[p->state]);
	if (*p->load)
		text_addf(out, " %s", p->load);
	if (*p->word && p->state != PART_UNKNOWN)
		text_addf(out, " (%s)", p->word);
}

static void add_machine(const struct topo *t, uint32_t m, struct text *out)
{
	int n = 0;

	text_addf(out, "  %s%s%s:", t->machines[m].name,
		  *t->machines[m].worst ? ", " : "", t->machines[m].worst);
	for (size_t i = 0; i < t->process_count; i++)
		if (t->processes[i].machine == m)
			add_process(&t->processes[i], n++, out);
	text_add(out, n ? "\n" : " nothing runs there\n");
}

static void add_stage(const struct topo_stage *s, struct text *out)
{
	text_addf(out, "  %s: %u of %u, %s", s->name, s->parts_ok, s->parts,
		  part_words[s->state]);
	if (*s->rate)
		text_addf(out, ", %s", s->rate);
	if (*s->word)
		text_addf(out, ", %s", s->word);
	text_char(out, '\n');
}

void topo_text(const struct topo *t, struct text *out)
{
	for (uint32_t z = 0; z < t->zone_count; z++) {
		text_addf(out, "zone %s\n", t->zones[z]);
		for (uint32_t m = 0; m < t->machine_count; m++)
			if (t->machines[m].zone == z)
				add_machine(t, m, out);
	}
	if (t->stage_count)
		text_add(out, "the way of the data\n");
	for (size_t i = 0; i < t->stage_count; i++)
		add_stage(&t->stages[i], out);
}
