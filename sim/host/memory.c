/* memory.c - who holds the memory of a machine, who dies when it is short */
#include "sim/host/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/text.h"
#include "sim/host/events.h"

#define LEAK_STEP	SIM_S(1)
#define LINES_PER_CHUNK	16

int64_t memory_free_bytes(const struct machine *m)
{
	return m->memory_bytes - MEMORY_KERNEL_BYTES - m->memory.used_bytes;
}

/* -- holding --------------------------------------------------------------- */

static bool over_limit(const struct process *p)
{
	return p->footprint.limit_bytes &&
	       p->memory_bytes > p->footprint.limit_bytes;
}

/* The kill comes as an event of its own: who asks for memory is in the middle
 * of something. */
static void look_for_pressure(struct world *w, struct process *p)
{
	struct machine *m = p->machine;

	if (over_limit(p) && !p->footprint.kill_planned) {
		p->footprint.kill_planned = true;
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_LIMIT_KILL, p,
			   0);
	}
	if (memory_free_bytes(m) < 0 && !m->memory.kill_planned) {
		m->memory.kill_planned = true;
		world_plan(w, world_now(w), CLASS_DELIVER, HOST_OOM_KILL, m, 0);
	}
	cache_shrink(m);
}

static void hold(struct world *w, struct process *p, int64_t own,
		 int64_t leaked)
{
	int64_t before = p->memory_bytes;

	p->footprint.own_bytes = own;
	p->footprint.leaked_bytes = leaked;
	p->memory_bytes = own + leaked;
	p->machine->memory.used_bytes += p->memory_bytes - before;
	if (p->memory_bytes > before)
		look_for_pressure(w, p);
}

static void plan_leak(struct world *w, struct process *p)
{
	if (p->footprint.leak_planned || !p->footprint.leak_per_s)
		return;
	p->footprint.leak_planned = true;
	world_plan(w, world_now(w) + LEAK_STEP, CLASS_TIMEOUT, HOST_LEAK, p, 0);
}

void memory_set(struct world *w, struct process *p, int64_t bytes)
{
	assert(bytes >= 0 && p->state != PROCESS_DOWN);
	hold(w, p, bytes, p->footprint.leaked_bytes);
}

void memory_clear(struct process *p)
{
	p->machine->memory.used_bytes -= p->memory_bytes;
	p->memory_bytes = 0;
	p->footprint.own_bytes = p->footprint.leaked_bytes = 0;
}

void memory_limit(struct world *w, struct process *p, int64_t bytes)
{
	p->footprint.limit_bytes = bytes;
	look_for_pressure(w, p);
}

void memory_leak(struct world *w, struct process *p, int64_t bytes_per_s)
{
	p->footprint.leak_per_s = bytes_per_s;
	plan_leak(w, p);
}

/* A second of leaking.  A process that is down or frozen loses nothing. */
void memory_leak_step(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;
	struct footprint *f = &p->footprint;

	(void)arg;
	f->leak_planned = false;
	plan_leak(w, p);
	if (f->leak_per_s && process_runs(p))
		hold(w, p, f->own_bytes, f->leaked_bytes + f->leak_per_s);
}

/* -- killing --------------------------------------------------------------- */

int64_t oom_badness(const struct process *p)
{
	int64_t adj = p->footprint.oom_score_adj;
	int64_t total = p->machine->memory_bytes / MEMORY_PAGE;

	if (p->state == PROCESS_DOWN || adj == OOM_SCORE_ADJ_MIN)
		return INT64_MIN;
	return p->memory_bytes / MEMORY_PAGE + adj * (total / 1000);
}

struct process *oom_victim(const struct world *w, const struct machine *m)
{
	const struct hosts *h = hosts_of(w);
	struct process *worst = NULL;

	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *p = h->processes.at[i];

		if (p->machine != m || oom_badness(p) == INT64_MIN)
			continue;
		if (!worst || oom_badness(p) > oom_badness(worst))
			worst = p;
	}
	return worst;
}

static void kernel_say(struct world *w, struct machine *m, const char *text)
{
	struct kernel_line line = { .at = world_now(w) };

	snprintf(line.text, sizeof(line.text), "%s", text);
	if (!m->memory.log)
		m->memory.log = history_open(&w->history,
					     sizeof(line) * LINES_PER_CHUNK);
	history_append(&w->history, m->memory.log, &line, sizeof(line));
}

/* The name the kernel knows: of the program, at most 15 bytes. */
static void comm(const struct world *w, const struct process *p, char *out)
{
	const char *c = world_text(w, p->command);
	const char *slash;
	size_t len = strcspn(c, " ");

	while ((slash = memchr(c, '/', len))) {
		len -= (size_t)(slash + 1 - c);
		c = slash + 1;
	}
	if (len > 15)
		len = 15;
	memcpy(out, c, len);
	out[len] = '\0';
}

static void kill_for_memory(struct world *w, struct process *p,
			    const char *cause)
{
	char line[KERNEL_LINE_MAX], name[16];

	comm(w, p, name);
	/* Simplified: all of it is anonymous memory, and mapped once. */
	snprintf(line, sizeof(line), "%s: Killed process %u (%s) "
		 "total-vm:%lldkB, anon-rss:%lldkB, file-rss:0kB, "
		 "oom_score_adj:%d", cause, p->pid, name,
		 (long long)p->memory_bytes / 1024,
		 (long long)p->memory_bytes / 1024,
		 (int)p->footprint.oom_score_adj);
	kernel_say(w, p->machine, line);
	p->machine->memory.oom_kills++;
	process_kill(w, p);
	p->footprint.oom_killed = true;
}

void memory_limit_kill(struct world *w, void *who, uint16_t arg)
{
	struct process *p = who;

	(void)arg;
	p->footprint.kill_planned = false;
	if (p->state != PROCESS_DOWN && over_limit(p))
		kill_for_memory(w, p, "Memory cgroup out of memory");
}

void memory_oom_kill(struct world *w, void *who, uint16_t arg)
{
	struct machine *m = who;
	struct process *p;

	(void)arg;
	m->memory.kill_planned = false;
	while (memory_free_bytes(m) < 0 && (p = oom_victim(w, m)))
		kill_for_memory(w, p, "Out of memory");
}

/* -- the kernel's log ------------------------------------------------------ */

uint64_t kernel_log_count(const struct world *w, const struct machine *m)
{
	return m->memory.log ? history_len(&w->history, m->memory.log) /
			       sizeof(struct kernel_line) : 0;
}

const struct kernel_line *kernel_log_at(const struct world *w,
					const struct machine *m, uint64_t i)
{
	return history_at(&w->history, m->memory.log,
			  i * sizeof(struct kernel_line));
}

void kernel_line_text(const struct kernel_line *line, struct text *t)
{
	text_addf(t, "[%5lld.%06lld] %s", (long long)(line->at / SIM_S(1)),
		  (long long)(line->at % SIM_S(1) / 1000), line->text);
}
