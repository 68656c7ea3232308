/* swarm.c - random worlds, random load and random faults, and what must hold */
#include "sim/stack/swarm.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/fault/fault.h"
#include "sim/stack/stack.h"

#define CALM		SIM_S(6)	/* a world that has begun its work */
#define LOOK_EVERY	SIM_S(1)
/* The slowest way back: a session of 45 s, a rebalance that waits its minutes
 * out, a fetcher that backs off; Kafka's defaults add up to less than four. */
#define SETTLED_FOR	SIM_S(10)
#define LIVENESS_MAX	SIM_MINUTES(6)

/* -- which faults ------------------------------------------------------------- */

enum target { ANY_PROCESS, ANY_MACHINE };

/* What else it may take: a way to another machine, or another machine's name. */
enum aim { AIM_NOT, AIM_WAY, AIM_NAME };

/* A kind of fault a swarm may use; its arguments are drawn. */
struct drawn_kind {
	const char *id;
	enum target target;
	enum aim aim;			/* takes to=, a way also one-way= */
	struct {
		const char *key, *unit;
		int64_t low, high;
	} number;			/* key NULL: it has none */
};

static const struct drawn_kind kinds[] = {
	{ .id = "kill", .target = ANY_PROCESS },
	{ .id = "restart", .target = ANY_PROCESS },
	{ .id = "hang", .target = ANY_PROCESS },
	{ .id = "partition", .target = ANY_MACHINE, .aim = AIM_WAY },
	{ .id = "slow-link", .target = ANY_MACHINE, .aim = AIM_WAY,
	  .number = { "delay", "ms", 1, 400 } },
	{ .id = "lossy-link", .target = ANY_MACHINE, .aim = AIM_WAY,
	  .number = { "loss-ppm", "", 1000, 200000 } },
	{ .id = "nic-rate", .target = ANY_MACHINE,
	  .number = { "mbit", "", 1, 100 } },
	{ .id = "slow-disk", .target = ANY_MACHINE,
	  .number = { "times", "", 2, 1000 } },
	{ .id = "cpu-hog", .target = ANY_MACHINE,
	  .number = { "weight", "", 10, 10000 } },
	{ .id = "cpu-quota", .target = ANY_PROCESS,
	  .number = { "millicores", "", 10, 1000 } },
	{ .id = "gc-pause", .target = ANY_PROCESS,
	  .number = { "pause", "ms", 10, 5000 } },
	{ .id = "memory-leak", .target = ANY_PROCESS,
	  .number = { "kib-per-s", "", 1024, 4194304 } },
	{ .id = "memory-limit", .target = ANY_PROCESS,
	  .number = { "mib", "", 64, 2048 } },
	{ .id = "dns-down", .target = ANY_MACHINE },
	{ .id = "dns-slow", .target = ANY_MACHINE,
	  .number = { "delay", "ms", 100, 10000 } },
	{ .id = "dns-wrong", .target = ANY_MACHINE, .aim = AIM_NAME },
	{ .id = "clock-step", .target = ANY_MACHINE,
	  .number = { "by", "s", -3600, 3600 } },
	{ .id = "clock-drift", .target = ANY_MACHINE,
	  .number = { "ppm", "", -500, 500 } },
	{ .id = "full-disk", .target = ANY_MACHINE },
	{ .id = "read-only-disk", .target = ANY_MACHINE },
	{ .id = "failing-disk", .target = ANY_MACHINE },
	{ .id = "corrupt-disk", .target = ANY_MACHINE,
	  .number = { "ppm", "", 1000, 1000000 } },
	{ .id = "power-loss", .target = ANY_MACHINE },
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Where faults may strike: the cluster, its clients, and its controller. */
static void draw_component(struct luck *luck, const struct swarm_plan *p,
			   enum target target, struct text *out)
{
	static const char *const processes[] = {
		"dashboard", "archiver", "sensor-gateway",
	};
	static const char *const machines[] = { "app-1", "edge-1" };
	uint64_t others = target == ANY_PROCESS ? 3 : 2;
	/* Brokers twice as often: they are what promises. */
	uint64_t n = luck_below(luck, 2 * p->brokers + p->controllers + others);

	if (n < 2 * p->brokers)
		text_addf(out, "broker-%d", (int)(n / 2) + 1);
	else if ((n -= 2 * p->brokers) < p->controllers)
		text_addf(out, "controller-%d", (int)n + 1);
	else
		text_add(out, target == ANY_PROCESS ?
			 processes[n - p->controllers] :
			 machines[n - p->controllers]);
}

static void draw_fault(struct luck *luck, struct swarm_plan *p,
		       const struct drawn_kind *kind, struct swarm_fault *f)
{
	struct text t = {0};

	text_addf(&t, "%s component=", kind->id);
	draw_component(luck, p, kind->target, &t);
	if (kind->number.key)
		text_addf(&t, " %s=%lld%s", kind->number.key,
			  (long long)luck_between(luck, kind->number.low,
						  kind->number.high),
			  kind->number.unit);
	/* Only the way to one other machine, and only that way. */
	if (kind->aim != AIM_NOT && luck_chance(luck, 1, 3)) {
		text_addf(&t, " to=broker-%d",
			  (int)luck_between(luck, 1, p->brokers));
		if (kind->aim == AIM_WAY && luck_chance(luck, 1, 2))
			text_add(&t, " one-way=1");
	}
	assert(t.len < sizeof(f->words));
	memcpy(f->words, text_cstr(&t), t.len + 1);
	text_free(&t);
	f->at = CALM + SIM_MS(luck_between(luck, 1, (p->safety_until - CALM) /
						     SIM_MS(1)));
	f->during = SIM_MS(luck_between(luck, 200, 25000));
}

/* Not every run has every kind: a run with kills only, and many of them, finds
 * what a run with a bit of everything hides (Groce et al., "Swarm Testing",
 * ISSTA 2012). */
static void draw_faults(struct luck *luck, struct swarm_plan *p)
{
	uint64_t enabled = 1 + luck_below(luck, (1u << KINDS) - 1);

	p->fault_count = (uint32_t)luck_between(luck, 1, SWARM_FAULTS_MAX);
	for (uint32_t i = 0; i < p->fault_count; i++) {
		uint64_t k;

		do
			k = luck_below(luck, KINDS);
		while (!(enabled >> k & 1));
		draw_fault(luck, p, &kinds[k], &p->faults[i]);
	}
}

/* -- which world ---------------------------------------------------------------- */

static void draw_kafka(struct luck *luck, struct swarm_plan *p)
{
	int64_t rf = luck_between(luck, 2, 3);
	int64_t min_isr = luck_between(luck, 1, rf - 1);
	bool all = luck_chance(luck, 4, 5);
	bool rebalance = luck_chance(luck, 1, 2);

	p->brokers = (uint32_t)luck_between(luck, 3, 5);
	p->controllers = luck_chance(luck, 1, 3) ? 3 : 1;
	snprintf(p->settings, sizeof(p->settings), "brokers=%d controllers=%d "
		 "partitions=%d rf=%d topic-min-isr=%d devices=%d acks=%s "
		 "auto-rebalance=%s", (int)p->brokers, (int)p->controllers,
		 (int)luck_between(luck, 1, 12), (int)rf, (int)min_isr,
		 (int)luck_between(luck, 20, 400), all ? "all" : "1",
		 rebalance ? "on" : "off");
	p->core = (UINT64_C(1) << p->brokers) - 1;
	/* At most one dies for good, so that acks=all can go on. */
	if (luck_chance(luck, 1, 2))
		p->core &= ~broker_bit((int32_t)luck_below(luck, p->brokers));
}

/* One run in three has an application that writes in transactions; none where a
 * disk may lose what was flushed or not: that breaks any promise of a log. */
static void draw_transform(struct swarm_plan *p)
{
	static const char on[] = " transform=on";
	size_t len = strlen(p->settings);
	struct luck luck;

	luck_init(&luck, p->seed, "swarm", "transform");
	for (uint32_t i = 0; i < p->fault_count; i++)
		if (strstr(p->faults[i].words, "-disk component=") ||
		    strstr(p->faults[i].words, "power-loss"))
			return;
	if (luck_chance(&luck, 1, 3) && len + sizeof(on) <= sizeof(p->settings))
		memcpy(p->settings + len, on, sizeof(on));
}

bool swarm_draw(struct swarm_plan *p, const char *world, uint64_t seed,
		struct err *err)
{
	struct luck luck;

	if (strcmp(world, "local-kafka") != 0)
		return err_set(err, "%s: no swarm can be drawn for it; there is "
			       "one for local-kafka", world);
	*p = (struct swarm_plan){ .seed = seed, .world = world };
	luck_init(&luck, seed, "swarm", "plan");
	draw_kafka(&luck, p);
	p->safety_until = CALM + SIM_S(luck_between(&luck, 20, 80));
	draw_faults(&luck, p);
	draw_transform(p);
	return true;
}

void swarm_plan_text(const struct swarm_plan *p, uint64_t mask,
		     struct text *out)
{
	text_addf(out, "  world     %s %s\n", p->world, p->settings);
	for (uint32_t i = 0; i < p->fault_count; i++) {
		if (!(mask >> i & 1))
			continue;
		text_addf(out, "  fault %-3u %s at ", i + 1, p->faults[i].words);
		simtime_text(out, p->faults[i].at);
		text_add(out, " for ");
		simtime_text(out, p->faults[i].during);
		text_char(out, '\n');
	}
	text_add(out, "  liveness  from ");
	simtime_text(out, p->safety_until);
	for (uint32_t i = 0; i < p->brokers; i++)
		if (!(p->core >> i & 1))
			text_addf(out, ", without broker-%u", i + 1);
	text_char(out, '\n');
}

/* -- a run ------------------------------------------------------------------------ */

struct swarm {
	const struct swarm_plan *plan;
	struct world *w;
	struct watch *watch;
	struct swarm_result *out;
};

/* Commands of ours are right by construction. */
static void command(struct swarm *s, const char *line)
{
	struct err err = { "" };
	bool good = world_command(s->w, line, NULL, &err);

	/* A kill finds its process dead already: then nothing is wrong. */
	(void)good;
}

static void inject(struct swarm *s, uint64_t mask)
{
	struct text line = {0};

	for (uint32_t i = 0; i < s->plan->fault_count; i++) {
		const struct swarm_fault *f = &s->plan->faults[i];

		if (!(mask >> i & 1))
			continue;
		text_clear(&line);
		text_addf(&line, "fault %s after=%lldms for=%lldms", f->words,
			  (long long)((f->at - world_now(s->w)) / SIM_MS(1)),
			  (long long)(f->during / SIM_MS(1)));
		command(s, text_cstr(&line));
		s->out->faults++;
	}
	text_free(&line);
}

static bool broke(struct swarm *s, const char *id)
{
	s->out->broken = id;
	s->out->at = world_now(s->w);
	return false;
}

static bool look(struct swarm *s, bool whole)
{
	const struct invariant *i = watch_look(s->watch, s->w, whole,
					       &s->out->why);

	return !i || broke(s, i->id);
}

/* Once a second, and at the moment of each fault: what a loss of power takes
 * along is told by who was in sync then (losses.h). */
static sim_time next_look(const struct swarm *s, sim_time until)
{
	sim_time now = world_now(s->w), next = now + LOOK_EVERY;

	for (uint32_t i = 0; i < s->plan->fault_count; i++)
		if (s->plan->faults[i].at > now && s->plan->faults[i].at < next)
			next = s->plan->faults[i].at;
	return next < until ? next : until;
}

static bool run_watched(struct swarm *s, sim_time until)
{
	while (world_now(s->w) < until) {
		world_run_until(s->w, next_look(s, until));
		if (!look(s, false))
			return false;
	}
	return true;
}

/* stress-ng is a process, and a fault. */
static bool is_fault(const struct process *p)
{
	return p->module == MODULE_FAULT;
}

/* Brokers outside the core die for good; whatever else lies dead is started, as
 * a supervisor does. */
static void supervise(struct swarm *s)
{
	const struct hosts *h = hosts_of(s->w);
	struct cluster *c = cluster_of(s->w);
	char line[SWARM_WORDS_MAX];

	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct process *p = h->processes.at[i];
		const struct broker *b = broker_by_process(c, p);
		bool dies = b && !(s->plan->core & broker_bit(b->index));

		if (dies == (p->state == PROCESS_DOWN) || is_fault(p))
			continue;
		snprintf(line, sizeof(line), "service %.100s do=%s",
			 world_text(s->w, p->name), dies ? "kill" : "start");
		command(s, line);
	}
}

static void heal_all(struct swarm *s)
{
	const struct faults *faults = faults_of(s->w);
	char line[32];

	for (uint32_t i = 0; i < faults->ledger.count; i++) {
		snprintf(line, sizeof(line), "heal %u", i + 1);
		command(s, line);
	}
}

static bool comes_right(struct swarm *s)
{
	sim_time until = world_now(s->w) + LIVENESS_MAX;

	heal_all(s);
	while (world_now(s->w) < until) {
		supervise(s);
		if (!run_watched(s, world_now(s->w) + SIM_S(5)))
			return false;
		text_clear(&s->out->why);
		if (stack_settled(s->w, s->plan->core, &s->out->why)) {
			text_clear(&s->out->why);
			return true;
		}
	}
	return broke(s, "settles");
}

bool swarm_run(const struct swarm_plan *p, uint64_t mask,
	       struct swarm_result *out, struct err *err)
{
	struct swarm s = { .plan = p, .out = out };
	struct text settings = {0};

	*out = (struct swarm_result){0};
	text_add(&settings, p->settings);
	if (p->planted)
		text_addf(&settings, " planted=%s", p->planted);
	s.w = stack_world(p->world, p->seed, text_cstr(&settings), err);
	text_free(&settings);
	if (!s.w)
		return false;
	s.watch = watch_new();
	world_run_until(s.w, CALM);
	inject(&s, mask);
	if (run_watched(&s, p->safety_until)) {
		/* A new leader's high watermark moves with the next fetches. */
		if (comes_right(&s) &&
		    run_watched(&s, world_now(s.w) + SETTLED_FOR))
			look(&s, true);
	}
	out->events = s.w->state->events;
	out->digest = world_digest(s.w);
	watch_free(s.watch);
	world_free(s.w);
	return true;
}

void swarm_result_release(struct swarm_result *r)
{
	text_free(&r->why);
}

/* -- the fewest faults -------------------------------------------------------------- */

static bool still_broken(const struct swarm_plan *p, uint64_t mask,
			 uint32_t *runs)
{
	struct swarm_result r;
	bool broken;

	(*runs)++;
	if (!swarm_run(p, mask, &r, NULL))
		return false;
	broken = r.broken != NULL;
	swarm_result_release(&r);
	return broken;
}

/* One pass after the other until none can be left out: a fault that was needed
 * beside another may not be needed without it. */
static uint64_t leave_out(const struct swarm_plan *p, uint64_t mask,
			  uint32_t *runs)
{
	bool again = true;

	while (again) {
		again = false;
		for (uint32_t i = 0; i < p->fault_count; i++) {
			uint64_t less = mask & ~(UINT64_C(1) << i);

			if (less == mask || !still_broken(p, less, runs))
				continue;
			mask = less;
			again = true;
		}
	}
	return mask;
}

/* A fault moves everyone's timing, so leaving one out can hide what two others
 * do; then one or two alone may show it.  0: none do. */
static uint64_t one_or_two(const struct swarm_plan *p, uint32_t *runs)
{
	for (uint32_t i = 0; i < p->fault_count; i++)
		if (still_broken(p, UINT64_C(1) << i, runs))
			return UINT64_C(1) << i;
	for (uint32_t i = 0; i < p->fault_count; i++)
		for (uint32_t k = 0; k < i; k++) {
			uint64_t two = UINT64_C(1) << i | UINT64_C(1) << k;

			if (still_broken(p, two, runs))
				return two;
		}
	return 0;
}

uint64_t swarm_shrink(const struct swarm_plan *p, uint64_t mask,
		      uint32_t *runs)
{
	uint64_t all = (UINT64_C(1) << p->fault_count) - 1, few = 0;

	*runs = 0;
	mask = leave_out(p, mask & all, runs);
	if (__builtin_popcountll(mask) > 2)
		few = one_or_two(p, runs);
	return few ? few : mask;
}
