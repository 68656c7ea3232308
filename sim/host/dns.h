/* dns.h - names: who asks whom, how long an answer is believed
 *
 * A process reaches another by host:port.  The name is looked up by the
 * resolver of its machine: its own name and `localhost` stand in /etc/hosts;
 * all else is asked of the DNS service and believed for a while, wrong or
 * right, as the JVM does (InetAddress; networkaddress.cache.ttl 30 s without a
 * security manager, networkaddress.cache.negative.ttl 10 s).  So what is
 * wrong in the DNS takes up to half a minute to be felt, and as long to be
 * forgotten.
 *
 *	        asked            believed until
 *	answer  at a             a + 30 s
 *	no such name             a + 10 s
 *	no answer at all         a + 10 s (two attempts of 5 s, resolv.conf's
 *	                         timeout and attempts) + 10 s
 *
 * Callers get their answer at once; what the lookup takes is added to the
 * connection that is made with it (dns_wait).
 *
 * Simplified: one cache for each machine, where every JVM has its own; a
 * lookup without answer is known at once to have failed, not after 10 s; no
 * search domains, no A beside AAAA; a service outside the machines of the
 * world, as a cloud's resolver is.
 */
#ifndef SIM_HOST_DNS_H
#define SIM_HOST_DNS_H

#include "sim/core/map.h"
#include "sim/core/names.h"
#include "sim/core/text.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"

struct machine;
struct process;

/* What a machine believes about a name. */
struct dns_entry {
	struct machine *machine;	/* NULL: there is no such host */
	struct machine *last;		/* the last one it led to */
	sim_time until;
};

/* The resolver of one machine. */
struct resolver {
	struct map cache;		/* name -> struct dns_entry */
	sim_time answer_at;		/* of the last lookup */
	sim_time delay;			/* answers take so much longer */
	bool cut_off;			/* the service does not answer it */
};

/* A name that is answered with another machine. */
struct dns_lie {
	name_id name;
	struct machine *machine;
};

/* The service they ask. */
struct dns {
	bool down;
	sim_time delay;			/* beside what it always takes */
	VEC(struct dns_lie) lies;
	uint64_t asked;			/* lookups, since the run began */
};

/*
 * Who answers at host:port, seen from a machine: `localhost` is the machine
 * itself, other names are machines or their aliases.
 */
enum resolved { RESOLVED, RESOLVED_NO_HOST, RESOLVED_REFUSED };
enum resolved net_resolve(struct world *w, struct machine *from,
			  const char *host, uint16_t port,
			  struct process **process);

/* The same for a process that may have a connection there: while it is open,
 * nobody is asked. */
enum resolved net_reach(struct world *w, struct process *from,
			const char *host, uint16_t port,
			struct process **process);

/*
 * The connection that was made by this name is closed by its client: whoever
 * reaches for the name again asks for it.  Simplified: two names that led to
 * one process share its connection, so it is not cut, only no longer taken for
 * an answer; and so it is for all processes of the machine.
 */
void net_forget(struct world *w, const struct machine *from, const char *host);

/* "broker-1/10.0.0.12": name and address, as Java shows a resolved host. */
void net_address_text(struct world *w, struct machine *from, const char *host,
		      struct text *t);

/* How long a connection made now from this machine waits for the resolver. */
sim_time dns_wait(const struct world *w, const struct machine *from);

/* -- who answers where ---------------------------------------------------- */

void net_listen(struct world *w, struct process *p, uint16_t port);
void net_alias(struct world *w, const char *alias, struct machine *m);
/* A port of `m` leads to `p`, which stands elsewhere: docker's "ports:". */
void net_publish(struct world *w, struct machine *m, uint16_t port,
		 struct process *p);

/* -- what can be wrong ---------------------------------------------------- */

/* Answer `name` with this machine; false when it is answered so already. */
bool dns_lie_add(struct world *w, const char *name, struct machine *m);
void dns_lie_remove(struct world *w, const char *name);

#endif
