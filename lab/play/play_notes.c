/* play_notes.c - what is of note in a run, and how loaded its machines are
 *
 * Log lines and the health of targets are looked at on the way and remembered;
 * all else follows from what the attempt keeps anyway.  Nothing here changes
 * what happens, so it need not be on the tape.
 */
#include "lab/play/play_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/broker/cluster.h"
#include "sim/core/args.h"
#include "sim/core/mem.h"
#include "sim/device/audit.h"
#include "sim/fault/fault.h"
#include "sim/monitor/monitor.h"
#include "sim/telemetry/telemetry.h"

/* A process that complains is heard once in so long. */
#define LOG_QUIET	SIM_MINUTES(1)

const char *const play_event_words[] = {
	[EVENT_LINE] = "typed",
	[EVENT_SAVE] = "saved",
	[EVENT_PASSED] = "done",
	[EVENT_BROKEN] = "broken",
	[EVENT_WARN] = "WARN",
	[EVENT_ERROR] = "ERROR",
	[EVENT_DOWN] = "down",
	[EVENT_UP] = "up",
	[EVENT_FAULT] = "fault",
	[EVENT_HEALED] = "healed",
	[PLAY_EVENT_KINDS] = NULL,
};

/* --- on the way --------------------------------------------------------------- */

static struct seen *seen_add(struct notes *n, sim_time at,
			     enum play_event_kind kind)
{
	struct seen *s;

	if (n->seen_count == n->seen_cap) {
		n->seen_cap = n->seen_cap ? 2 * n->seen_cap : 64;
		n->seen = mem_grow(n->seen, n->seen_cap * sizeof(*n->seen));
	}
	s = &n->seen[n->seen_count++];
	*s = (struct seen){ .event = { .at = at, .kind = kind } };
	return s;
}

static bool said_so_lately(const struct notes *n, const struct log_line *line,
			   enum play_event_kind kind)
{
	for (size_t i = n->seen_count; i > 0; i--) {
		const struct seen *s = &n->seen[i - 1];

		if (s->event.at + LOG_QUIET <= line->at)
			return false;
		if (s->event.kind == kind && s->process == line->process)
			return true;
	}
	return false;
}

/* "[Producer clientId=meters-1] ": which client of the process speaks takes
 * half of a row; a log shows it. */
static int prefix_len(const char *s, int len)
{
	const char *end = len && *s == '[' ? memchr(s, ']', (size_t)len) : NULL;
	int n = end ? (int)(end - s) + 1 : 0;
	char inside[128];

	if (!n || n >= (int)sizeof(inside))
		return 0;
	snprintf(inside, sizeof(inside), "%.*s", n, s);
	if (!strstr(inside, " clientId="))
		return 0;
	while (n < len && s[n] == ' ')
		n++;
	return n;
}

static void note_log(struct play *p, const struct log_line *line)
{
	enum play_event_kind kind = line->level >= LOG_ERROR ? EVENT_ERROR :
							       EVENT_WARN;
	const struct world *w = p->a->world;
	const struct hosts *hosts = hosts_of(w);
	struct seen *s;
	int skip;

	if (line->level < LOG_WARN || said_so_lately(&p->notes, line, kind))
		return;
	s = seen_add(&p->notes, line->at, kind);
	s->process = line->process;
	skip = prefix_len(log_text(w, line), (int)line->len);
	snprintf(s->event.text, sizeof(s->event.text), "%s: %.*s",
		 line->process < hosts->processes.count ?
		 world_text(w, hosts->processes.at[line->process]->name) : "?",
		 (int)line->len - skip, log_text(w, line) + skip);
}

static void note_logs(struct play *p)
{
	const struct world *w = p->a->world;

	for (; p->notes.logs < log_count(w); p->notes.logs++)
		note_log(p, log_at(w, p->notes.logs));
}

static void remember_health(struct notes *n, const struct monitor *m)
{
	if (n->health_count == m->targets.count)
		return;
	n->health = mem_grow(n->health, m->targets.count + 1);
	while (n->health_count < m->targets.count)
		n->health[n->health_count++] = HEALTH_UNKNOWN;
	n->health_count = m->targets.count;
}

static void note_target(struct play *p, uint32_t i, const struct target *t)
{
	struct notes *n = &p->notes;
	uint8_t was = n->health[i];
	struct seen *s;

	n->health[i] = (uint8_t)t->health;
	if (t->health == was || t->health == HEALTH_UNKNOWN ||
	    (t->health == HEALTH_UP && was == HEALTH_UNKNOWN))
		return;
	s = seen_add(n, t->last_scrape, t->health == HEALTH_DOWN ? EVENT_DOWN :
								   EVENT_UP);
	snprintf(s->event.text, sizeof(s->event.text), "%s %s",
		 world_text(p->a->world, t->instance),
		 t->health == HEALTH_DOWN ? "does not answer its scrape" :
					    "answers again");
	n->down += t->health == HEALTH_DOWN;
}

static void note_targets(struct play *p)
{
	const struct monitor *m = monitor_first(p->a->world);

	if (!m)
		return;
	remember_health(&p->notes, m);
	for (uint32_t i = 0; i < m->targets.count; i++)
		note_target(p, i, m->targets.at[i]);
}

static int bits(uint64_t x)
{
	int n = 0;

	for (; x; x &= x - 1)
		n++;
	return n;
}

static bool is_kept(const struct world *w, enum world_promise promise)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; c && i < c->partitions.count; i++) {
		const struct partition *part = c->partitions.at[i];

		if (part->topic->deleted)
			continue;
		if (promise == PROMISE_ONLINE ?
		    part->state.leader == NO_BROKER :
		    bits(part->state.isr) < (int)part->state.replica_count)
			return false;
	}
	return true;
}

static const char *const promise_texts[PROMISE_COUNT] = {
	[PROMISE_ONLINE] = "a partition has no leader",
	[PROMISE_IN_SYNC] = "a partition is under-replicated",
};

/* The promises of every world, where an exercise makes none. */
static void note_promises(struct play *p)
{
	struct notes *n = &p->notes;

	if (!p->module->is_sandbox)
		return;
	for (int i = 0; i < PROMISE_COUNT; i++) {
		bool kept = is_kept(p->a->world, i);

		if (!kept && n->kept[i]) {
			struct seen *s = seen_add(n, play_now(p), EVENT_BROKEN);

			snprintf(s->event.text, sizeof(s->event.text), "%s",
				 promise_texts[i]);
			n->broken++;
		}
		n->kept[i] = kept;
	}
}

static bool is_broken(const struct play *p, size_t task, size_t check)
{
	const struct check_state *s = &p->a->tasks[task].checks[check];

	return p->module->tasks[task].checks[check].type == CHECK_ALWAYS &&
	       s->count && !s->changes[s->count - 1].is_true;
}

static void count_tasks(struct play *p)
{
	int broken = 0, passed = 0;

	for (size_t i = 0; i < p->module->task_count; i++) {
		passed += p->a->tasks[i].is_passed;
		for (size_t k = 0; k < p->module->tasks[i].check_count; k++)
			broken += is_broken(p, i, k);
	}
	p->notes.passed = passed;
	if (!p->module->is_sandbox)
		p->notes.broken = broken;
}

void play_note(struct play *p)
{
	sim_time second = play_now(p) / SIM_S(1) * SIM_S(1);

	play_typed_end(p);
	note_logs(p);
	note_targets(p);
	if (second > p->notes.second) {
		p->notes.second = second;
		note_promises(p);
		play_pulse_take(p);
	}
	count_tasks(p);
}

/* --- back, and anew ------------------------------------------------------------- */

static void look_at_now(struct play *p)
{
	struct notes *n = &p->notes;
	const struct monitor *m = monitor_first(p->a->world);

	n->logs = log_count(p->a->world);
	n->health_count = 0;
	if (m) {
		remember_health(n, m);
		for (uint32_t i = 0; i < m->targets.count; i++)
			n->health[i] = (uint8_t)m->targets.at[i]->health;
	}
	for (int i = 0; i < PROMISE_COUNT; i++)
		n->kept[i] = is_kept(p->a->world, i);
	n->second = play_now(p) / SIM_S(1) * SIM_S(1);
	count_tasks(p);
}

static void forget_pulses(struct notes *n, sim_time after)
{
	for (int i = 0; i < PULSES; i++)
		if (n->pulses[i].machines && n->pulses[i].at > after)
			n->pulses[i].at = -1;
}

void play_notes_back(struct play *p)
{
	struct notes *n = &p->notes;
	uint32_t played = p->a->world->journal.played;

	while (n->seen_count &&
	       n->seen[n->seen_count - 1].event.at > play_now(p))
		n->seen_count--;
	while (p->typed_count &&
	       (p->typed[p->typed_count - 1].at > play_now(p) ||
		p->typed[p->typed_count - 1].before >= played))
		free(p->typed[--p->typed_count].line);
	if (p->typed_count && p->typed[p->typed_count - 1].after > played)
		p->typed[p->typed_count - 1].after = played;
	forget_pulses(n, play_now(p));
	look_at_now(p);
}

void play_notes_clear(struct play *p)
{
	struct notes *n = &p->notes;

	n->seen_count = 0;
	n->broken = n->down = 0;
	forget_pulses(n, -1);
	look_at_now(p);
	n->list_key = 0;
}

/* --- what was typed --------------------------------------------------------------- */

void play_typed_begin(struct play *p, const char *line)
{
	struct typed *t;

	if (p->a->in_flight)
		return;
	if (p->typed_count == p->typed_cap) {
		p->typed_cap = p->typed_cap ? 2 * p->typed_cap : 32;
		p->typed = mem_grow(p->typed, p->typed_cap * sizeof(*p->typed));
	}
	t = &p->typed[p->typed_count++];
	*t = (struct typed){
		.at = play_now(p), .before = p->a->world->journal.played,
		.after = UINT32_MAX, .line = strdup(line),
	};
	if (!t->line)
		abort();
}

/* Is it over?  One that did nothing to the world is not worth keeping. */
void play_typed_end(struct play *p)
{
	struct typed *t = p->typed_count ? &p->typed[p->typed_count - 1] : NULL;

	if (!t || t->after != UINT32_MAX || p->a->in_flight)
		return;
	t->after = p->a->world->journal.played;
	if (t->after == t->before) {
		free(t->line);
		p->typed_count--;
	}
}

/* Commands that only look; and those that are not the line's. */
static bool only_looks(const char *command)
{
	static const char *const looks[] = { "list-", "describe-", "find-",
					     "group-offsets" };
	char api[64], method[16];

	if (strncmp(command, "admin-close", 11) == 0 ||
	    strncmp(command, "client-kill", 11) == 0)
		return true;
	if (strncmp(command, "http ", 5) == 0) {
		args_text_or(command, "method", "GET", method, sizeof(method));
		return strcmp(method, "GET") == 0;
	}
	if (strncmp(command, "admin ", 6) != 0)
		return false;
	args_text_or(command, "api", "", api, sizeof(api));
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strncmp(api, looks[i], strlen(looks[i])) == 0)
			return true;
	return false;
}

static bool is_planned_fault(const struct play *p, uint32_t entry)
{
	for (size_t i = 0; i < p->a->faults_done; i++)
		if (p->a->fault_played[i] == entry + 1)
			return true;
	return false;
}

static bool changed_the_world(const struct play *p, const struct typed *t)
{
	const struct journal *j = &p->a->world->journal;

	for (uint32_t i = t->before; i < t->after && i < j->played; i++)
		if (!is_planned_fault(p, i) && !only_looks(j->entries[i].line))
			return true;
	return false;
}

/* --- the list ------------------------------------------------------------------------ */

static struct play_event *event_add(struct notes *n, sim_time at,
				    enum play_event_kind kind, const char *text)
{
	struct play_event *e;

	n->list = mem_grow(n->list, (n->list_count + 1) * sizeof(*n->list));
	e = &n->list[n->list_count++];
	*e = (struct play_event){ .at = at, .kind = kind };
	snprintf(e->text, sizeof(e->text), "%s", text);
	return e;
}

static void add_task(struct play *p, size_t i)
{
	const struct task *t = &p->module->tasks[i];
	const struct task_state *s = &p->a->tasks[i];

	if (s->is_passed)
		event_add(&p->notes, s->passed_at, EVENT_PASSED,
			  t->title ? t->title : t->id);
	for (size_t k = 0; k < t->check_count; k++)
		if (is_broken(p, i, k))
			event_add(&p->notes,
				  s->checks[k].changes[s->checks[k].count - 1].
				  at, EVENT_BROKEN, t->checks[k].hidden ?
				  t->checks[k].id : t->checks[k].fail);
}

static void add_faults(struct play *p)
{
	const struct world *w = p->a->world;
	const struct faults *ledger = faults_of(w);
	char text[120];

	for (uint32_t i = 0; i < ledger->ledger.count; i++) {
		const struct fault *f = ledger->ledger.at[i];

		snprintf(text, sizeof(text), "%s of %s",
			 world_text(w, f->mechanism),
			 world_text(w, f->component));
		if (!f->planned)
			event_add(&p->notes, f->at, EVENT_FAULT, text);
		if (!f->planned && f->healed_at != SIM_NEVER)
			event_add(&p->notes, f->healed_at, EVENT_HEALED, text);
	}
}

/* By time; what came later into the list stays behind its equals. */
static void sort(struct play_event *e, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct play_event x = e[i];
		size_t k = i;

		for (; k > 0 && e[k - 1].at > x.at; k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

static uint64_t key_of(const struct play *p)
{
	const struct notes *n = &p->notes;
	uint64_t x = luck_mix(p->tape.count * 31 + n->seen_count);

	x = luck_mix(x ^ (uint64_t)(n->passed * 1000 + n->broken));
	x = luck_mix(x ^ p->a->world->journal.played);
	x = luck_mix(x ^ p->typed_count ^ (uint64_t)p->a->in_flight << 32);
	return (x ^ faults_of(p->a->world)->ledger.count) | 1;
}

/* The most come from `seen`, in order: the rest is put among them. */
size_t play_events(struct play *p, const struct play_event **out)
{
	struct notes *n = &p->notes;
	uint64_t key = key_of(p);

	if (key != n->list_key) {
		n->list_count = 0;
		for (size_t i = 0; i < n->seen_count; i++)
			event_add(n, n->seen[i].event.at, n->seen[i].event.kind,
				  n->seen[i].event.text);
		for (size_t i = 0; i < p->typed_count; i++)
			if (changed_the_world(p, &p->typed[i]))
				event_add(n, p->typed[i].at, EVENT_LINE,
					  p->typed[i].line);
		for (size_t i = 0; i < p->a->save_count; i++)
			event_add(n, p->a->saves[i].moment.at, EVENT_SAVE,
				  p->a->saves[i].name);
		for (size_t i = 0; i < p->module->task_count; i++)
			add_task(p, i);
		if (play_truth(p))
			add_faults(p);
		sort(n->list, n->list_count);
		n->list_key = key;
	}
	*out = n->list;
	return n->list_count;
}

const struct play_event *play_event_next(struct play *p, sim_time after)
{
	const struct play_event *e;
	size_t count = play_events(p, &e);

	for (size_t i = 0; i < count; i++)
		if (e[i].at > after)
			return &e[i];
	return NULL;
}

const struct play_event *play_event_prev(struct play *p, sim_time before)
{
	const struct play_event *e;
	size_t count = play_events(p, &e);

	while (count && e[count - 1].at >= before)
		count--;
	return count ? &e[count - 1] : NULL;
}

/* --- the first broken promise ----------------------------------------------------------- */

static bool has_lost(const struct world *w)
{
	const struct fleets *all = fleets_of(w);
	struct fleet_audit audit;

	for (uint32_t i = 0; i < all->all.count; i++) {
		fleet_audit(w, all->all.at[i], &audit);
		if (audit.lost)
			return true;
	}
	return false;
}

static void look_for_loss(struct play *p, void *ctx)
{
	*(bool *)ctx = has_lost(p->a->world);
}

/* By halving: what is lost stays lost.  To the second. */
static sim_time first_loss(struct play *p)
{
	sim_time whole = play_start(p), lost = play_now(p);

	if (!has_lost(p->a->world))
		return SIM_NEVER;
	while (lost - whole > SIM_S(1)) {
		sim_time half = (whole + (lost - whole) / 2) / SIM_S(1) *
				SIM_S(1);
		bool is_lost;

		if (half <= whole)
			half = whole + SIM_S(1);
		if (half >= lost)
			break;
		play_look_back(p, half, look_for_loss, &is_lost);
		if (is_lost)
			lost = half;
		else
			whole = half;
	}
	return lost;
}

sim_time play_first_broken(struct play *p, struct text *what)
{
	const struct play_event *e;
	size_t count = play_events(p, &e), i = 0;
	sim_time lost = p->module->is_sandbox ? first_loss(p) : SIM_NEVER;
	sim_time at;

	while (i < count && e[i].kind != EVENT_BROKEN)
		i++;
	at = i < count ? e[i].at : SIM_NEVER;
	if (lost < at) {
		if (what)
			text_add(what, "an acknowledged record was lost");
		return lost;
	}
	if (what && i < count)
		text_add(what, e[i].text);
	return at;
}

/* --- load ------------------------------------------------------------------------------- */

void play_pulse_take(struct play *p)
{
	const struct hosts *hosts = hosts_of(p->a->world);
	struct notes *n = &p->notes;
	struct pulse *x = &n->pulses[play_now(p) / SIM_S(1) % PULSES];

	x->machines = mem_grow(x->machines, (hosts->machines.count + 1) *
					    sizeof(*x->machines));
	x->at = play_now(p);
	x->count = hosts->machines.count;
	for (uint32_t i = 0; i < x->count; i++) {
		const struct machine *m = hosts->machines.at[i];

		x->machines[i] = (struct pulse_machine){
			.cpu_ns = cpu_busy_ns(p->a->world, m),
			.disk_ns = m->disk.busy_ns,
			.net_bytes = m->nic.sent_bytes,
		};
	}
}

const struct pulse *play_pulse_before(const struct play *p, sim_time at)
{
	const struct pulse *best = NULL;

	for (int i = 0; i < PULSES; i++) {
		const struct pulse *x = &p->notes.pulses[i];

		if (x->machines && x->at >= 0 && x->at <= at &&
		    (!best || x->at > best->at))
			best = x;
	}
	return best;
}
