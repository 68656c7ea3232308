/* bind_hosts.c - machines, processes and log lines, as tables */
#include "lua/bind.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/sandbox.h"
#include "sim/host/host.h"
#include "sim/host/net.h"
#include "sim/telemetry/telemetry.h"

/* What one table costs, beyond what the allocator charges. */
#define FUEL_ROW 20

static const char *const state_names[] = {
	[PROCESS_DOWN] = "down", [PROCESS_UP] = "up", [PROCESS_HUNG] = "hung",
};

static void push_ports(lua_State *L, const struct process *p)
{
	lua_createtable(L, (int)p->ports.count, 0);
	for (uint32_t i = 0; i < p->ports.count; i++) {
		lua_pushinteger(L, p->ports.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

void bind_push_process(lua_State *L, const struct world *w,
		       const struct process *p)
{
	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 12);
	bind_text(L, "name", world_text(w, p->name));
	bind_text(L, "machine", world_text(w, p->machine->name));
	bind_text(L, "zone", world_text(w, p->machine->zone));
	bind_text(L, "state", state_names[p->state]);
	bind_text(L, "command", world_text(w, p->command));
	bind_integer(L, "starts", p->incarnation);
	push_ports(L, p);
	lua_setfield(L, -2, "ports");
	if (p->state == PROCESS_DOWN)
		return;
	bind_integer(L, "pid", p->pid);
	bind_time(L, "started_at", p->started_at);
	bind_integer(L, "cpu_ns", cpu_used_ns(w, p));
	bind_integer(L, "memory_bytes", p->memory_bytes);
}

void bind_push_processes(lua_State *L, const struct world *w)
{
	const struct hosts *h = hosts_of(w);

	lua_createtable(L, (int)h->processes.count, 0);
	for (uint32_t i = 0; i < h->processes.count; i++) {
		bind_push_process(L, w, h->processes.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

void bind_push_machine(lua_State *L, const struct world *w,
		       const struct machine *m)
{
	const struct disk *d = &m->disk;

	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 14);
	bind_text(L, "name", world_text(w, m->name));
	bind_text(L, "zone", world_text(w, m->zone));
	bind_integer(L, "cores", m->cpu.cores);
	bind_integer(L, "cpu_busy_ns", cpu_busy_ns(w, m));
	bind_integer(L, "memory_bytes", m->memory_bytes);
	bind_integer(L, "memory_used_bytes", m->memory.used_bytes);
	bind_integer(L, "disk_bytes", d->bytes_total);
	bind_integer(L, "disk_used_bytes", d->bytes_total - disk_free_bytes(d));
	bind_integer(L, "disk_written_bytes", d->written_bytes);
	bind_integer(L, "disk_busy_ns", d->busy_ns);
	bind_integer(L, "disk_fsyncs", d->fsyncs);
	bind_integer(L, "nic_bits_per_s", m->nic.bits_per_s);
	bind_integer(L, "sent_bytes", m->nic.sent_bytes);
	bind_integer(L, "received_bytes", m->nic.received_bytes);
}

void bind_push_machines(lua_State *L, const struct world *w)
{
	const struct hosts *h = hosts_of(w);

	lua_createtable(L, (int)h->machines.count, 0);
	for (uint32_t i = 0; i < h->machines.count; i++) {
		bind_push_machine(L, w, h->machines.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

/* --- log lines ---------------------------------------------------------- */

static bool fits(const struct world *w, const struct log_line *line,
		 const struct bind_log_filter *f)
{
	if (line->level < f->level || line->at < f->from || line->at > f->to)
		return false;
	if (f->process && line->process != f->process->id)
		return false;
	return !f->match || strstr(log_text(w, line), f->match);
}

static const char *const level_names[] = {
	[LOG_DEBUG] = "DEBUG", [LOG_INFO] = "INFO",
	[LOG_WARN] = "WARN", [LOG_ERROR] = "ERROR",
};

int bind_log_level(const char *name)
{
	for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
		if (strcmp(name, level_names[i]) == 0)
			return i;
	return -1;
}

/* Looking at a line costs, whether it fits or not. */
static bool look(lua_State *L, const struct world *w,
		 const struct log_line *line, const struct bind_log_filter *f)
{
	sandbox_charge(L, f->match ? 2 + line->len / 32 : 1);
	return fits(w, line, f);
}

static void plainly(lua_State *L, const struct world *w,
		    const struct log_line *line)
{
	const struct process *p = hosts_of(w)->processes.at[line->process];

	bind_text(L, "process", world_text(w, p->name));
	bind_bytes(L, "text", log_text(w, line), line->len);
}

void bind_push_log(lua_State *L, const struct world *w,
		   const struct bind_log_filter *f, uint64_t *cursor,
		   bind_log_fill *fill)
{
	uint64_t end = log_count(w), i = *cursor;
	lua_Integer n = 0;

	lua_newtable(L);
	for (; i < end && n < f->max; i++) {
		const struct log_line *line = log_at(w, i);

		if (!look(L, w, line, f))
			continue;
		lua_createtable(L, 0, 5);
		bind_time(L, "at", line->at);
		bind_text(L, "level", level_names[line->level]);
		(fill ? fill : plainly)(L, w, line);
		bind_append(L, ++n);
	}
	*cursor = i;
}

int64_t bind_count_log(lua_State *L, const struct world *w,
		       const struct bind_log_filter *f)
{
	int64_t n = 0;

	for (uint64_t i = 0, end = log_count(w); i < end && n < f->max; i++)
		n += look(L, w, log_at(w, i), f);
	return n;
}
