/* host.h - machines and the processes that spend them
 *
 * A machine stands in a zone and has cores, memory, disks and one network
 * card.  A process stands on a machine; there is no way for it to pass time
 * but by spending these (design D4): cpu.h, memory.h, disk.h, net.h.  So a
 * busy neighbour or a slow disk is felt by everyone who shares it, and no
 * script has to say so.
 *
 *	            start              kill, exit
 *	  DOWN ──────────────▶ UP ──────────────▶ DOWN
 *	                      │  ▲
 *	          stop, pause ▼  │ continue, the pause is over
 *	                      HUNG        (SIGSTOP, SIGCONT; a collector)
 *
 * process_start, process_kill, process_hang/resume and process_pause make these
 * moves.  Each start is a new *incarnation*: whatever was under way for an
 * older one (work on the CPU, messages on a connection) is void.
 *
 * What a process does is told by event numbers of its module (module.h); the
 * host calls them with the process, or the message, as `who`.
 *
 * Simplified: see the fidelity card in README.md.
 */
#ifndef SIM_HOST_HOST_H
#define SIM_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/map.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"
#include "sim/host/cache.h"
#include "sim/host/clock.h"
#include "sim/host/cpu.h"
#include "sim/host/credits.h"
#include "sim/host/disk.h"
#include "sim/host/dns.h"
#include "sim/host/heap.h"
#include "sim/host/link.h"
#include "sim/host/memory.h"

struct machine {
	name_id name, zone;
	name_id region, rack;		/* 0: see link.h */
	bool outside;			/* on the internet, not in the cloud */
	name_id network;		/* its name is known in there only; 0: to all */
	uint32_t id;			/* number in order of creation */
	int64_t memory_bytes;
	struct cpu cpu;
	struct nic nic;
	struct resolver resolver;
	struct clock clock;
	struct memory memory;
	struct cache cache;
	struct disk disk;		/* the first; others hang on it */
	name_id profile;		/* what it was rented as: price.h */
	sim_time rented_at;
	struct luck luck;		/* network jitter and loss of its sends */
};

enum process_state { PROCESS_DOWN, PROCESS_UP, PROCESS_HUNG };

/* Why a process hangs; it goes on when neither is left. */
enum process_stop { STOP_SIGNAL = 1, STOP_PAUSE = 2 };

struct lost;
struct message;

/* What the host calls; 0 is nothing. */
struct process_events {
	uint16_t start;		/* who = process: a new incarnation begins */
	uint16_t stop;		/* who = process: it is gone; free what it held */
	uint16_t message;	/* who = struct message: to->self handles it and
				   owns it (message_free) */
	uint16_t lost;		/* who = struct lost: a connection broke */
	uint16_t collect;	/* who = process: bring gauges up to date */
};

/* SO_SNDBUF and SO_RCVBUF as a program asks for them, bytes; 0: as the kernel
 * sizes them.  They bound a connection if both its ends have said. */
struct socket_buffers {
	int32_t send, receive;
};

struct process {
	name_id name;
	uint32_t id;			/* number in order of creation */
	uint32_t pid;			/* what ps shows; new at each start */
	uint32_t incarnation;		/* starts so far */
	enum process_state state;
	struct machine *machine;
	struct process_events on;
	uint16_t module;		/* whose `self` this is: enum module_id */
	void *self;			/* the module's own state, in the arena */
	name_id command;		/* what ps shows */
	VEC(uint16_t) ports;		/* it listens on */
	struct socket_buffers listens;	/* of the connections it accepts */
	struct socket_buffers connects;	/* of those it opens */
	sim_time connect_timeout;	/* its own; 0: the kernel's 127 s */
	sim_time silence_timeout;	/* of an open connection; 0: 924.6 s */
	sim_time started_at;
	struct cpu_share share;		/* of the cores: weight, quota, queues */
	int64_t cpu_ns;			/* accounted; see cpu_used_ns */
	int64_t memory_bytes;		/* resident; memory_set writes it */
	struct footprint footprint;
	struct heap *heap;		/* NULL: nothing collects it */
	uint32_t stops;			/* why it hangs: enum process_stop */
	struct timer pause;		/* when its pause is over */
	sim_time pause_end;
	VEC(struct message *) held;	/* arrived while it hung */
	VEC(struct work *) held_work;
	VEC(struct lost *) held_lost;	/* connections that broke meanwhile */
	struct queue line;		/* its struct work, asked: little.h */
};

/* Work on a CPU or a disk whose end somebody waits for. */
struct work {
	struct process *process;
	uint32_t incarnation;
	uint16_t what, arg;
	void *who;
	bool message;		/* `who` is a message: freed with void work */
	sim_time since;		/* it waits */
};

struct published_port {
	struct machine *machine;
	uint16_t port;
	struct process *process;	/* who answers there, standing elsewhere */
};

struct hosts {
	VEC(struct machine *) machines;
	VEC(struct process *) processes;
	struct map machines_by_name, processes_by_name;
	struct map aliases;		/* name -> machine, beside its own */
	VEC(struct published_port) published;
	struct map connections;		/* net.c */
	VEC(struct link_rule *) rules;	/* net.c */
	uint64_t messages_sent, messages_arrived, messages_dropped;
	struct queue line;		/* messages under way, asked: little.h */
	uint64_t share_round;		/* card.c */
	struct dns dns;
	uint32_t next_pid;
};

extern const struct module host_module;

void hosts_init(struct world *w);
struct hosts *hosts_of(const struct world *w);

/* -- machines ------------------------------------------------------------ */

/* What a machine is made of; see machine_profiles in README.md. */
struct machine_profile {
	const char *name;
	uint32_t cores;
	uint32_t cpu_percent;		/* see struct cpu; 0 counts as 100 */
	uint32_t credits_per_hour;	/* see credits.h; 0: not burstable.  It is
					   launched in unlimited mode */
	const struct idle_state *sleeps;	/* see struct cpu */
	int64_t memory_bytes;
	int64_t nic_bits_per_s;
	struct disk_spec disk;
	uint32_t disks;			/* of them; 0 counts as 1 */
};
extern const struct machine_profile machine_broker, machine_small,
	machine_m5_large, machine_m5_xlarge, machine_t3_medium, machine_laptop,
	machine_kreps;
extern const struct machine_profile *const machine_profiles[];	/* ends NULL */
const struct machine_profile *machine_profile_find(const char *name);

struct machine *machine_new(struct world *w, const char *name,
			    const char *zone, const struct machine_profile *p);
struct machine *machine_find(const struct world *w, const char *name);

/* -- processes ----------------------------------------------------------- */

struct process *process_new(struct world *w, const char *name,
			    struct machine *m, const char *command,
			    const struct process_events *on,
			    enum module_id module, void *self);
struct process *process_find(const struct world *w, const char *name);

void process_start(struct world *w, struct process *p);
void process_kill(struct world *w, struct process *p);
void process_hang(struct world *w, struct process *p);
void process_resume(struct world *w, struct process *p);
/* Hang for `ns`, then go on by itself: a collector stops the program.  A pause
 * within a pause makes it no shorter. */
void process_pause(struct world *w, struct process *p, sim_time ns);

/* A timer of a process that hangs fires for nothing: when should it look again?
 * At the end of a pause; after a signal, whose end nobody can foresee, after
 * `otherwise`. */
static inline sim_time process_look_at(const struct process *p, sim_time now,
				       sim_time otherwise)
{
	return p->pause_end > now && p->pause_end < now + otherwise ?
	       p->pause_end : now + otherwise;
}

/* A started process that is not frozen. */
static inline bool process_runs(const struct process *p)
{
	return p->state == PROCESS_UP;
}

/* -- waiting ------------------------------------------------------------- */

/* At `at` (a disk is done, a pause is over) `what` happens to `who`, unless
 * the process has died by then. */
void process_at(struct world *w, struct process *p, sim_time at, uint16_t what,
		void *who, uint16_t arg);
/* The same for a message that is being handled: should the process die first,
 * the message is freed. */
void process_serve_at(struct world *w, struct process *p, sim_time at,
		      uint16_t what, struct message *m);

#endif
