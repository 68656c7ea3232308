/* fault.c - the catalogue of faults, injection, healing, the ledger */
#include "sim/fault/fault.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/core/args.h"
#include "sim/device/ingest.h"

enum { FAULT_BEGIN = MODULE_FAULT << 8, FAULT_END, FAULT_BURN, FAULT_PAUSE };

/* -- targets -------------------------------------------------------------- */

static bool want_process(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);

	f->process = process_find(w, name);
	return f->process ||
	       err_set(err, "component=%s: no such process in this world; ps "
		       "lists them", name);
}

static bool want_machine(struct world *w, struct fault *f, struct err *err)
{
	const char *name = world_text(w, f->component);
	struct process *p = process_find(w, name);

	f->machine = machine_find(w, name);
	if (!f->machine && p)
		f->machine = p->machine;
	return f->machine ||
	       err_set(err, "component=%s: no such machine in this world",
		       name);
}

static bool want_number(const char *args, const char *key, int64_t low,
			int64_t high, int64_t otherwise, int64_t *out,
			struct err *err)
{
	*out = args_int(args, key, otherwise);
	return (*out >= low && *out <= high &&
		(!args_has(args, key) || args_int(args, key, low - 1) == *out)) ||
	       err_set(err, "%s must be a whole number from %lld to %lld", key,
		       (long long)low, (long long)high);
}

/* -- processes ------------------------------------------------------------- */

static bool kill_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	(void)args;
	if (!want_process(w, f, err))
		return false;
	if (f->process->state == PROCESS_DOWN)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_kill(w, f->process);
	return true;
}

static void process_heal(struct world *w, struct fault *f)
{
	process_start(w, f->process);
}

static bool restart_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	if (!kill_inject(w, f, args, err))
		return false;
	process_start(w, f->process);
	return true;
}

static bool hang_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	(void)args;
	if (!want_process(w, f, err))
		return false;
	if (f->process->state != PROCESS_UP)
		return err_set(err, "%s is not running",
			       world_text(w, f->component));
	process_hang(w, f->process);
	return true;
}

static void hang_heal(struct world *w, struct fault *f)
{
	process_resume(w, f->process);
}

/* -- the CPU ---------------------------------------------------------------- */

/* stress-ng --cpu: a thread that never sleeps, in pieces of 100 ms. */
static void burn(struct world *w, void *who, uint16_t arg)
{
	cpu_run(w, who, SIM_MS(100), FAULT_BURN, who, arg);
}

/* A program of somebody else, one to a machine: it stays when it has ended. */
static struct process *hog_on(struct world *w, struct machine *m, int64_t cores)
{
	static const struct process_events on = {0};
	char name[160], command[32];
	struct process *p;

	snprintf(name, sizeof(name), "stress-ng-%s", world_text(w, m->name));
	snprintf(command, sizeof(command), "stress-ng --cpu %lld",
		 (long long)cores);
	p = process_find(w, name);
	if (!p)
		p = process_new(w, name, m, command, &on, MODULE_FAULT, NULL);
	p->command = world_name(w, command);
	return p;
}

static bool hog_inject(struct world *w, struct fault *f, const char *args,
		       struct err *err)
{
	int64_t cores, weight;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "cores", 1, MACHINE_CORES_MAX,
			 f->machine->cpu.cores, &cores, err) ||
	    !want_number(args, "weight", 1, CPU_WEIGHT_MAX, CPU_WEIGHT_DEFAULT,
			 &weight, err))
		return false;
	f->process = hog_on(w, f->machine, cores);
	if (f->process->state != PROCESS_DOWN)
		return err_set(err, "%s: stress-ng runs there already",
			       world_text(w, f->component));
	process_start(w, f->process);
	cpu_weight_set(w, f->process, (uint32_t)weight);
	cpu_threads_set(w, f->process, (uint32_t)cores);
	for (int64_t i = 0; i < cores; i++)
		burn(w, f->process, 0);
	return true;
}

static void hog_heal(struct world *w, struct fault *f)
{
	process_kill(w, f->process);
}

static bool quota_inject(struct world *w, struct fault *f, const char *args,
			 struct err *err)
{
	const struct cpu_quota *q;
	int64_t millicores;

	if (!want_process(w, f, err) ||
	    !want_number(args, "millicores", 10, 1000 * MACHINE_CORES_MAX, 1000,
			 &millicores, err))
		return false;
	q = f->process->share.quota;
	f->before = q ? q->quota_ns : 0;
	f->length = q ? q->period_ns : 0;
	cpu_quota_set(w, f->process, millicores * CPU_PERIOD_DEFAULT / 1000, 0);
	return true;
}

static void quota_heal(struct world *w, struct fault *f)
{
	cpu_quota_set(w, f->process, f->before, f->length);
}

static void pause_again(struct world *w, void *who, uint16_t arg)
{
	struct fault *f = who;

	if (!fault_active(f))
		return;
	process_pause(w, f->process, f->length);
	world_plan(w, world_now(w) + f->every, CLASS_DELIVER, FAULT_PAUSE, f,
		   arg);
}

/* The first collection comes when memory has filled, not at once. */
static bool gc_inject(struct world *w, struct fault *f, const char *args,
		      struct err *err)
{
	if (!want_process(w, f, err))
		return false;
	f->length = args_time(args, "pause", SIM_S(2));
	f->every = args_time(args, "every", SIM_S(30));
	if (f->length < SIM_MS(1) || f->every <= f->length)
		return err_set(err, "pause= is at least 1ms, and every= is "
			       "longer than that");
	world_plan(w, world_now(w) + f->every, CLASS_DELIVER, FAULT_PAUSE, f, 0);
	return true;
}

/* Memory is as it should be from now on; a pause that has begun ends as planned. */
static void gc_heal(struct world *w, struct fault *f)
{
	(void)w;
	(void)f;
}

/* -- links ------------------------------------------------------------------- */

/* to=NAME, a machine or a process on it; NULL when there is no such key. */
static bool want_other(struct world *w, const char *args,
		       struct machine **other, struct err *err)
{
	char to[128];
	struct process *p;

	*other = NULL;
	if (!args_text(args, "to", to, sizeof(to)))
		return true;
	p = process_find(w, to);
	*other = machine_find(w, to);
	if (!*other && p)
		*other = p->machine;
	return *other ||
	       err_set(err, "to=%s: no such machine in this world", to);
}

/* to=NAME: only the path to that machine; else to all others. */
static bool link_inject(struct world *w, struct fault *f, const char *args,
			struct link_rule *rule, struct err *err)
{
	if (!want_machine(w, f, err) || !want_other(w, args, &rule->b, err))
		return false;
	rule->a = f->machine;
	rule->one_way = args_int(args, "one-way", 0) != 0;
	f->rule = net_rule_add(w, rule);
	return true;
}

static bool partition_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct link_rule rule = { .cut = true };

	return link_inject(w, f, args, &rule, err);
}

static bool slow_link_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	struct link_rule rule = {0};
	int64_t mbit;

	rule.delay = args_time(args, "delay", SIM_MS(100));
	if (!want_number(args, "mbit", 1, 100000, 0, &mbit, err) &&
	    args_has(args, "mbit"))
		return false;
	rule.bits_per_s = args_has(args, "mbit") ? mbit * 1000000 : 0;
	return link_inject(w, f, args, &rule, err);
}

static bool lossy_link_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	struct link_rule rule = {0};
	int64_t loss, reorder;

	if (!want_number(args, "loss-ppm", 0, 900000, 20000, &loss, err) ||
	    !want_number(args, "reorder-ppm", 0, 900000, 0, &reorder, err))
		return false;
	rule.loss_ppm = (uint32_t)loss;
	rule.reorder_ppm = (uint32_t)reorder;
	return link_inject(w, f, args, &rule, err);
}

static void link_heal(struct world *w, struct fault *f)
{
	net_rule_remove(w, f->rule);
	f->rule = NULL;
}

static bool nic_rate_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	int64_t mbit;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "mbit", 1, 100000, 100, &mbit, err))
		return false;
	f->before = f->machine->nic.bits_per_s;
	net_card_rate(w, f->machine, mbit * 1000000);
	return true;
}

static void nic_rate_heal(struct world *w, struct fault *f)
{
	net_card_rate(w, f->machine, f->before);
}

/* -- names ------------------------------------------------------------------- */

static bool dns_down_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	(void)args;
	if (!want_machine(w, f, err))
		return false;
	f->before = f->machine->resolver.cut_off;
	f->machine->resolver.cut_off = true;
	return true;
}

static void dns_down_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->resolver.cut_off = f->before;
}

static bool dns_slow_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	if (!want_machine(w, f, err))
		return false;
	f->before = f->machine->resolver.delay;
	f->machine->resolver.delay = args_time(args, "delay", SIM_S(2));
	return true;
}

static void dns_slow_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->resolver.delay = f->before;
}

/* to=, or the machine next to it in the world. */
static bool dns_wrong_inject(struct world *w, struct fault *f,
			     const char *args, struct err *err)
{
	const struct hosts *all = hosts_of(w);
	struct machine *to;

	if (!want_machine(w, f, err) || !want_other(w, args, &to, err))
		return false;
	if (!to)
		to = all->machines.at[(f->machine->id + 1) %
				      all->machines.count];
	if (to == f->machine)
		return err_set(err, "to=%s: that is where the name leads "
			       "anyway; name another machine",
			       world_text(w, to->name));
	return dns_lie_add(w, world_text(w, f->machine->name), to) ||
	       err_set(err, "%s is answered wrongly already",
		       world_text(w, f->machine->name));
}

static void dns_wrong_heal(struct world *w, struct fault *f)
{
	dns_lie_remove(w, world_text(w, f->machine->name));
}

/* -- clocks ------------------------------------------------------------------ */

#define CLOCK_STEP_MAX	SIM_HOURS(50 * 365 * 24)	/* back to the 1970s */

/* by=10s is ahead, by=-10s back. */
static bool clock_step_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	char by[32];
	sim_time span;

	args_text_or(args, "by", "10s", by, sizeof(by));
	if (!want_machine(w, f, err))
		return false;
	if (!simtime_parse(by + (*by == '-'), &span) || !span ||
	    span > CLOCK_STEP_MAX)
		return err_set(err, "by=%s: write a time ahead or back, such "
			       "as by=10s or by=-1h, at most 50 years", by);
	clock_step(w, f->machine, *by == '-' ? -span : span);
	return true;
}

/* `chronyc makestep` */
static void clock_step_heal(struct world *w, struct fault *f)
{
	clock_step(w, f->machine, world_now(w) - machine_wall(w, f->machine));
}

static bool clock_drift_inject(struct world *w, struct fault *f,
			       const char *args, struct err *err)
{
	int64_t ppm;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "ppm", -100000, 100000, 200, &ppm, err))
		return false;
	clock_ntp_stop(w, f->machine, ppm * 1000);
	return true;
}

static void clock_drift_heal(struct world *w, struct fault *f)
{
	clock_ntp_start(w, f->machine);
}

/* -- disks -------------------------------------------------------------------- */

static bool slow_disk_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	int64_t times;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "times", 2, 100000, 100, &times, err))
		return false;
	f->before = f->machine->disk.slow;
	f->machine->disk.slow = times;
	return true;
}

static void slow_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.slow = f->before;
}

static bool full_disk_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	(void)args;
	if (!want_machine(w, f, err))
		return false;
	f->machine->disk.full_of_others = true;
	return true;
}

static void full_disk_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.full_of_others = false;
}

static bool read_only_inject(struct world *w, struct fault *f, const char *args,
			     struct err *err)
{
	(void)args;
	if (!want_machine(w, f, err))
		return false;
	f->machine->disk.read_only = true;
	return true;
}

static void read_only_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.read_only = false;
}

static bool failing_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	(void)args;
	if (!want_machine(w, f, err))
		return false;
	f->machine->disk.failing = true;
	return true;
}

static void failing_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.failing = false;
}

static bool corrupt_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	int64_t ppm;

	if (!want_machine(w, f, err) ||
	    !want_number(args, "ppm", 1, 1000000, 100000, &ppm, err))
		return false;
	f->before = f->machine->disk.corrupt_ppm;
	f->machine->disk.corrupt_ppm = (uint32_t)ppm;
	return true;
}

static void corrupt_heal(struct world *w, struct fault *f)
{
	(void)w;
	f->machine->disk.corrupt_ppm = (uint32_t)f->before;
}

static bool no_burst_inject(struct world *w, struct fault *f, const char *args,
			    struct err *err)
{
	struct disk *d;

	(void)args;
	if (!want_machine(w, f, err))
		return false;
	d = &f->machine->disk;
	if (!d->burst.burst_per_s)
		return err_set(err, "the disk of %s (%s) has no burst credits; "
			       "gp2 below 1000 GiB and st1 have",
			       world_text(w, f->machine->name),
			       disk_models[d->kind].name);
	disk_burst_set(w, d, false);
	return true;
}

static void no_burst_heal(struct world *w, struct fault *f)
{
	disk_burst_set(w, &f->machine->disk, true);
}

/* -- memory ------------------------------------------------------------------- */

#define MIB	(INT64_C(1) << 20)

static bool leak_inject(struct world *w, struct fault *f, const char *args,
			struct err *err)
{
	int64_t kib;

	if (!want_process(w, f, err) ||
	    !want_number(args, "kib-per-s", 1, 1 << 24, 10240, &kib, err))
		return false;
	memory_leak(w, f->process, kib * 1024);
	return true;
}

static void leak_heal(struct world *w, struct fault *f)
{
	memory_leak(w, f->process, 0);
}

static bool limit_inject(struct world *w, struct fault *f, const char *args,
			 struct err *err)
{
	int64_t mib;

	if (!want_process(w, f, err) ||
	    !want_number(args, "mib", 1, 1 << 20, 512, &mib, err))
		return false;
	f->before = f->process->footprint.limit_bytes;
	memory_limit(w, f->process, mib * MIB);
	return true;
}

static void limit_heal(struct world *w, struct fault *f)
{
	memory_limit(w, f->process, f->before);
}

/* -- settings ------------------------------------------------------------------ */

static struct broker *want_broker(struct world *w, struct fault *f,
				  struct err *err)
{
	struct cluster *c = cluster_of(w);
	struct broker *b;

	if (!want_process(w, f, err))
		return NULL;
	b = c ? broker_by_process(c, f->process) : NULL;
	if (!b || !b->listeners.count)
		err_set(err, "component=%s: that is no broker",
			world_text(w, f->component));
	return b && b->listeners.count ? b : NULL;
}

static bool advertised_inject(struct world *w, struct fault *f,
			      const char *args, struct err *err)
{
	struct broker *b = want_broker(w, f, err);
	char host[128];

	if (!b)
		return false;
	args_text_or(args, "host", "localhost", host, sizeof(host));
	f->before_name = b->listeners.at[0].advertised_host;
	b->listeners.at[0].advertised_host = world_name(w, host);
	return true;
}

static void advertised_heal(struct world *w, struct fault *f)
{
	struct broker *b = broker_by_process(cluster_of(w), f->process);

	(void)w;
	b->listeners.at[0].advertised_host = f->before_name;
}

static bool min_isr_inject(struct world *w, struct fault *f, const char *args,
			   struct err *err)
{
	struct cluster *c = cluster_of(w);
	const char *name = world_text(w, f->component);
	struct topic *t = c ? cluster_topic(w, c, name) : NULL;
	struct topic_config config;
	int64_t value;

	if (!t)
		return err_set(err, "component=%s: no such topic", name);
	if (!want_number(args, "value", 1, REPLICAS_MAX,
			 t->partitions.at[0]->state.replica_count, &value, err))
		return false;
	config = *t->config;
	f->before = config.set >> TOPIC_MIN_INSYNC_REPLICAS & 1 ?
		    config.value[TOPIC_MIN_INSYNC_REPLICAS] : 0;
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = value;
	config.set |= 1u << TOPIC_MIN_INSYNC_REPLICAS;
	controller_set_topic_config(w, c->controller, t, &config);
	return true;
}

static void min_isr_heal(struct world *w, struct fault *f)
{
	struct cluster *c = cluster_of(w);
	struct topic *t = cluster_topic(w, c, world_text(w, f->component));
	struct topic_config config;

	if (!t)
		return;
	config = *t->config;
	config.value[TOPIC_MIN_INSYNC_REPLICAS] = f->before;
	if (!f->before)
		config.set &= ~(1u << TOPIC_MIN_INSYNC_REPLICAS);
	controller_set_topic_config(w, c->controller, t, &config);
}

/* -- devices --------------------------------------------------------------------- */

static struct ingest *want_fleet(struct world *w, struct fault *f,
				 struct err *err)
{
	const char *name = world_text(w, f->component);
	struct ingest *s = ingest_find(w, name);

	if (!s)
		err_set(err, "component=%s: no such fleet in this world; the "
			"world million-devices has one, fleet", name);
	return s;
}

static bool device_outage_inject(struct world *w, struct fault *f,
				 const char *args, struct err *err)
{
	struct ingest *s = want_fleet(w, f, err);
	enum edge_rule edge = EDGE_HOLD;
	uint64_t ppm;
	char text[32];

	if (!s)
		return false;
	args_text_or(args, "share", "50%", text, sizeof(text));
	if (!ingest_share(text, &ppm) || !ppm || ppm > 1000000)
		return err_set(err, "share=%s: say which part of the devices, "
			       "as 50%% or 0.5", text);
	args_text_or(args, "readings", "hold", text, sizeof(text));
	if (!strcmp(text, "drop"))
		edge = EDGE_DROP;
	else if (strcmp(text, "hold") != 0)
		return err_set(err, "readings=%s: devices hold or drop what "
			       "they cannot send", text);
	f->before = ingest_outage(w, s, (uint32_t)ppm, edge,
				  args_time(args, "for", 0), err);
	return f->before != 0;
}

static void device_outage_heal(struct world *w, struct fault *f)
{
	ingest_outage_end(w, ingest_find(w, world_text(w, f->component)),
			  (uint32_t)f->before);
}

/* -- the catalogue --------------------------------------------------------------- */

#define LINK_USAGE	"[to=MACHINE] [one-way=1]"

const struct fault_kind fault_kinds[] = {
	{
		.id = "kill", .codes = "", .title = "A process dies",
		.summary = "SIGKILL: memory and connections are gone, files "
			   "stay; peers see their connections reset",
		.component = "process", .usage = "",
		.inject = kill_inject, .heal = process_heal,
	}, {
		.id = "restart", .codes = "", .title = "A process dies and "
						       "comes back",
		.summary = "SIGKILL and start at once, as a supervisor does",
		.component = "process", .usage = "",
		.inject = restart_inject,
	}, {
		.id = "hang", .codes = "F30", .title = "A process freezes",
		.summary = "SIGSTOP, a long collection: it answers nothing, "
			   "yet its connections stay open",
		.component = "process", .usage = "",
		.inject = hang_inject, .heal = hang_heal,
	}, {
		.id = "cpu-hog", .codes = "", .title = "A neighbour takes the "
						       "CPU",
		.summary = "another program, stress-ng, competes for the cores "
			   "of a machine",
		.component = "machine", .usage = "[cores=N] [weight=100]",
		.inject = hog_inject, .heal = hog_heal,
	}, {
		.id = "cpu-quota", .codes = "F73",
		.title = "A CPU limit throttles a process",
		.summary = "cpu.max: so much CPU time in 100 ms, then all its "
			   "threads stand still until the next",
		.component = "process", .usage = "[millicores=1000]",
		.inject = quota_inject, .heal = quota_heal,
	}, {
		.id = "gc-pause", .codes = "F30",
		.title = "A collector stops the program",
		.summary = "again and again all threads stand still, as in a "
			   "full collection of a large heap",
		.component = "process", .usage = "[pause=2s] [every=30s]",
		.inject = gc_inject, .heal = gc_heal,
	}, {
		.id = "partition", .codes = "", .title = "A machine is cut off",
		.summary = "nothing arrives in either direction; nobody is "
			   "told",
		.component = "machine", .usage = LINK_USAGE,
		.inject = partition_inject, .heal = link_heal,
	}, {
		.id = "slow-link", .codes = "F07", .title = "A link is slow",
		.summary = "latency is added, bandwidth is taken away",
		.component = "machine",
		.usage = "[delay=100ms] [mbit=N] " LINK_USAGE,
		.inject = slow_link_inject, .heal = link_heal,
	}, {
		.id = "lossy-link", .codes = "", .title = "A link loses packets",
		.summary = "segments are lost and sent again, or overtake "
			   "each other; TCP slows down",
		.component = "machine",
		.usage = "[loss-ppm=20000] [reorder-ppm=N] " LINK_USAGE,
		.inject = lossy_link_inject, .heal = link_heal,
	}, {
		.id = "nic-rate", .codes = "F07",
		.title = "A card runs at a lower rate",
		.summary = "a bad cable: the link is negotiated down, "
			   "each direction carries no more",
		.component = "machine", .usage = "[mbit=100]",
		.inject = nic_rate_inject, .heal = nic_rate_heal,
	}, {
		.id = "dns-down", .codes = "F75",
		.title = "A machine gets no answer from the DNS",
		.summary = "names it has not looked up lately are unknown "
			   "hosts to it; open connections go on",
		.component = "machine", .usage = "",
		.inject = dns_down_inject, .heal = dns_down_heal,
	}, {
		.id = "dns-slow", .codes = "F76",
		.title = "A machine's DNS lookups are slow",
		.summary = "new connections wait for the answer; from 5 s on "
			   "there is none",
		.component = "machine", .usage = "[delay=2s]",
		.inject = dns_slow_inject, .heal = dns_slow_heal,
	}, {
		.id = "dns-wrong", .codes = "",
		.title = "A machine's name leads elsewhere",
		.summary = "the DNS answers with another machine's address; "
			   "caches keep it for 30 s",
		.component = "machine", .usage = "[to=MACHINE]",
		.inject = dns_wrong_inject, .heal = dns_wrong_heal,
	}, {
		.id = "clock-step", .codes = "F115",
		.title = "A machine's clock is set wrong",
		.summary = "timestamps and log lines are wrong at once; NTP "
			   "slews the clock back, 1 s in 12 s",
		.component = "machine", .usage = "[by=10s]",
		.inject = clock_step_inject, .heal = clock_step_heal,
	}, {
		.id = "clock-drift", .codes = "F115",
		.title = "A machine's clock drifts",
		.summary = "NTP has stopped, and the clock gains or loses; "
			   "timestamps go wrong by and by",
		.component = "machine", .usage = "[ppm=200]",
		.inject = clock_drift_inject, .heal = clock_drift_heal,
	}, {
		.id = "slow-disk", .codes = "F07", .title = "A disk degrades",
		.summary = "writing takes many times as long; writers stall "
			   "when too much is dirty",
		.component = "machine", .usage = "[times=100]",
		.inject = slow_disk_inject, .heal = slow_disk_heal,
	}, {
		.id = "full-disk", .codes = "F11", .title = "A disk is full",
		.summary = "no space left: a broker that appends halts",
		.component = "machine", .usage = "",
		.inject = full_disk_inject, .heal = full_disk_heal,
	}, {
		.id = "read-only-disk", .codes = "F11",
		.title = "A disk becomes read-only",
		.summary = "the kernel has found the file system damaged and "
			   "lets nobody write: a broker that appends halts",
		.component = "machine", .usage = "",
		.inject = read_only_inject, .heal = read_only_heal,
	}, {
		.id = "failing-disk", .codes = "F12", .title = "A disk fails",
		.summary = "writing gives an input/output error, and so does "
			   "reading what is not in the page cache",
		.component = "machine", .usage = "",
		.inject = failing_inject, .heal = failing_heal,
	}, {
		.id = "corrupt-disk", .codes = "",
		.title = "A disk returns wrong bytes",
		.summary = "of what is read from it so many requests in a "
			   "million are wrong, without an error: checksums "
			   "notice, nothing else does",
		.component = "machine", .usage = "[ppm=100000]",
		.inject = corrupt_inject, .heal = corrupt_heal,
	}, {
		.id = "no-burst", .codes = "F112",
		.title = "A volume's burst credits are used up",
		.summary = "what a gp2 or st1 volume may do above its base rate "
			   "is gone until credits have come back",
		.component = "machine", .usage = "",
		.inject = no_burst_inject, .heal = no_burst_heal,
	}, {
		.id = "memory-leak", .codes = "", .title = "A process leaks memory",
		.summary = "it holds more each second; the page cache shrinks, "
			   "and at the limit or the machine's end it is killed",
		.component = "process", .usage = "[kib-per-s=10240]",
		.inject = leak_inject, .heal = leak_heal,
	}, {
		.id = "memory-limit", .codes = "F72",
		.title = "A process's memory limit is too low",
		.summary = "memory.max of its cgroup: what holds more is killed "
			   "with exit code 137, at each start again",
		.component = "process", .usage = "[mib=512]",
		.inject = limit_inject, .heal = limit_heal,
	}, {
		.id = "advertised-listener", .codes = "F22",
		.title = "A broker advertises the wrong address",
		.summary = "clients are sent to an address that is not the "
			   "broker's",
		.component = "process", .usage = "[host=localhost]",
		.inject = advertised_inject, .heal = advertised_heal,
	}, {
		.id = "min-isr", .codes = "F08",
		.title = "min.insync.replicas leaves no room",
		.summary = "as many in-sync replicas are demanded as there are "
			   "replicas: one missing stops acks=all",
		.component = "topic", .usage = "[value=N]",
		.inject = min_isr_inject, .heal = min_isr_heal,
	},
	{
		.id = "device-outage", .codes = "",
		.title = "Devices are cut off",
		.summary = "a share of a fleet's devices cannot publish: their "
			   "readings are lost at the edge, or held and come as "
			   "a burst",
		.component = "fleet",
		.usage = "[share=50%] [readings=hold]",
		.inject = device_outage_inject, .heal = device_outage_heal,
	},
	{ .id = NULL },
};

const struct fault_kind *fault_kind_find(const char *id)
{
	for (const struct fault_kind *k = fault_kinds; k->id; k++)
		if (!strcmp(k->id, id))
			return k;
	return NULL;
}

/* -- the ledger --------------------------------------------------------------------- */

void faults_init(struct world *w)
{
	w->state->parts[MODULE_FAULT] = world_take(w, struct faults);
}

struct faults *faults_of(const struct world *w)
{
	return w->state->parts[MODULE_FAULT];
}

static void heal(struct world *w, struct fault *f)
{
	const struct fault_kind *k = &fault_kinds[f->kind];

	if (!fault_active(f))
		return;
	if (k->heal)
		k->heal(w, f);
	f->healed_at = world_now(w);
}

/* A fault planned for later: its target may be gone by then, which the ledger
 * shows as healed at once. */
static void begin(struct world *w, void *who, uint16_t arg)
{
	struct fault *f = who;

	(void)arg;
	f->planned = false;
	if (!fault_kinds[f->kind].inject(w, f, world_text(w, f->args), NULL))
		f->healed_at = world_now(w);
}

static void end(struct world *w, void *who, uint16_t arg)
{
	(void)arg;
	heal(w, who);
}

static bool command_fault(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	size_t len = strcspn(args, " ");
	const char *rest = args + len + strspn(args + len, " ");
	sim_time after = args_time(rest, "after", 0);
	sim_time during = args_time(rest, "for", 0);
	char id[64], component[128];
	const struct fault_kind *k;
	struct fault *f;

	if (len >= sizeof(id))
		return err_set(err, "no such fault");
	memcpy(id, args, len);
	id[len] = '\0';
	k = fault_kind_find(id);
	if (!k)
		return err_set(err, "%s: no such fault; `millrace faults` lists "
			       "them", id);
	if (!args_text(rest, "component", component, sizeof(component)))
		return err_set(err, "%s: say what it befalls: component=NAME "
			       "(a %s)", id, k->component);
	f = world_take(w, struct fault);
	*f = (struct fault){
		.kind = (uint16_t)(k - fault_kinds),
		.component = world_name(w, component),
		.mechanism = world_name(w, id),
		.args = world_name(w, rest),
		.at = world_now(w) + after, .healed_at = SIM_NEVER,
		.planned = after > 0,
	};
	if (!after && !k->inject(w, f, rest, err)) {
		world_give(w, f);
		return false;
	}
	*vec_add(&w->arena, &faults_of(w)->ledger) = f;
	f->number = faults_of(w)->ledger.count;
	if (after)
		world_plan(w, f->at, CLASS_DELIVER, FAULT_BEGIN, f, 0);
	if (during)
		world_plan(w, f->at + during, CLASS_DELIVER, FAULT_END, f, 0);
	*result = f->number;
	return true;
}

static bool command_heal(struct world *w, const char *args, int64_t *result,
			 struct err *err)
{
	struct faults *all = faults_of(w);
	char *stop;
	long n = strtol(args, &stop, 10);

	if (stop == args || *stop || n < 1 || n > (long)all->ledger.count)
		return err_set(err, "heal %s: no such fault in the ledger", args);
	heal(w, all->ledger.at[n - 1]);
	*result = n;
	return true;
}

static const struct command_kind fault_commands[] = {
	{ "fault", "KIND component=NAME [after=T] [for=T] [key=value]...",
	  command_fault },
	{ "heal", "N", command_heal },
	{ NULL, NULL, NULL },
};

static const struct module_event fault_events[] = {
	[FAULT_BEGIN & 0xff] = { "fault.begin", begin },
	[FAULT_END & 0xff] = { "fault.end", end },
	[FAULT_BURN & 0xff] = { "fault.burn", burn },
	[FAULT_PAUSE & 0xff] = { "fault.pause", pause_again },
};

const struct module fault_module = {
	.name = "fault",
	.events = fault_events,
	.event_count = sizeof(fault_events) / sizeof(fault_events[0]),
	.commands = fault_commands,
};
