/* dns.c - names: who asks whom, how long an answer is believed */
#include "sim/host/dns.h"

#include <string.h>

#include "sim/host/host.h"
#include "sim/host/net.h"

#define TTL		SIM_S(30)	/* JVM networkaddress.cache.ttl */
#define TTL_NEGATIVE	SIM_S(10)	/* networkaddress.cache.negative.ttl */
#define TIMEOUT		SIM_S(5)	/* resolv.conf(5): timeout, */
#define ATTEMPTS	2		/* attempts */
#define LOOKUP		SIM_US(500)	/* a resolver in the zone, cached [E] */

/* -- who answers where ---------------------------------------------------- */

void net_listen(struct world *w, struct process *p, uint16_t port)
{
	*vec_add(&w->arena, &p->ports) = port;
}

void net_alias(struct world *w, const char *alias, struct machine *m)
{
	map_put(&hosts_of(w)->aliases, &w->arena, world_name(w, alias), m);
}

void net_publish(struct world *w, struct machine *m, uint16_t port,
		 struct process *p)
{
	*vec_add(&w->arena, &hosts_of(w)->published) = (struct published_port){
		m, port, p,
	};
}

static struct process *published(const struct hosts *h, const struct machine *m,
				 uint16_t port)
{
	for (uint32_t i = 0; i < h->published.count; i++)
		if (h->published.at[i].machine == m &&
		    h->published.at[i].port == port)
			return h->published.at[i].process;
	return NULL;
}

static struct process *listener(const struct hosts *h, const struct machine *m,
				uint16_t port)
{
	for (uint32_t i = 0; i < h->processes.count; i++) {
		struct process *p = h->processes.at[i];

		if (p->machine != m)
			continue;
		for (uint32_t k = 0; k < p->ports.count; k++)
			if (p->ports.at[k] == port)
				return p;
	}
	return published(h, m, port);
}

/* -- the service ---------------------------------------------------------- */

static struct dns_lie *lie_about(const struct dns *d, name_id name)
{
	for (uint32_t i = 0; i < d->lies.count; i++)
		if (d->lies.at[i].name == name)
			return &d->lies.at[i];
	return NULL;
}

bool dns_lie_add(struct world *w, const char *name, struct machine *m)
{
	struct dns *d = &hosts_of(w)->dns;

	if (lie_about(d, world_name(w, name)))
		return false;
	*vec_add(&w->arena, &d->lies) = (struct dns_lie){
		world_name(w, name), m,
	};
	return true;
}

void dns_lie_remove(struct world *w, const char *name)
{
	struct dns *d = &hosts_of(w)->dns;
	struct dns_lie *lie = lie_about(d, world_name(w, name));

	if (lie)
		vec_remove(&d->lies, (uint32_t)(lie - d->lies.at));
}

/* What the service says of a name; NULL: no such name. */
static struct machine *answer(const struct hosts *h, const struct machine *from,
			      name_id name)
{
	const struct dns_lie *lie = lie_about(&h->dns, name);
	struct machine *m = lie ? lie->machine :
			    map_get(&h->machines_by_name, name);

	if (m && m->network && m->network != from->network)
		m = NULL;	/* Docker's DNS answers its own containers */
	return m ? m : map_get(&h->aliases, name);
}

/* -- the resolver --------------------------------------------------------- */

static void ask(struct world *w, struct machine *from, name_id name,
		struct dns_entry *e)
{
	struct dns *d = &hosts_of(w)->dns;
	sim_time now = world_now(w), delay = d->delay + from->resolver.delay;

	d->asked++;
	if (d->down || from->resolver.cut_off || delay >= TIMEOUT) {
		e->machine = NULL;
		e->until = now + ATTEMPTS * TIMEOUT + TTL_NEGATIVE;
		return;
	}
	e->machine = answer(hosts_of(w), from, name);
	if (e->machine)
		e->last = e->machine;
	from->resolver.answer_at = now + LOOKUP + delay;
	e->until = from->resolver.answer_at + (e->machine ? TTL : TTL_NEGATIVE);
}

static struct machine *look_up(struct world *w, struct machine *from,
			       const char *host)
{
	name_id name = names_find(&w->state->names, host);
	struct dns_entry *e;

	if (name == from->name || !strcmp(host, "localhost") ||
	    !strcmp(host, "127.0.0.1"))
		return from;		/* /etc/hosts */
	name = world_name(w, host);
	e = map_get(&from->resolver.cache, name);
	if (!e) {
		e = world_take(w, struct dns_entry);
		map_put(&from->resolver.cache, &w->arena, name, e);
		ask(w, from, name, e);
	} else if (e->until <= world_now(w)) {
		ask(w, from, name, e);
	}
	return e->machine;
}

sim_time dns_wait(const struct world *w, const struct machine *from)
{
	sim_time at = from->resolver.answer_at;

	return at > world_now(w) ? at - world_now(w) : 0;
}

enum resolved net_resolve(struct world *w, struct machine *from,
			  const char *host, uint16_t port,
			  struct process **process)
{
	struct machine *m = look_up(w, from, host);

	if (!m)
		return RESOLVED_NO_HOST;
	*process = listener(hosts_of(w), m, port);
	return *process ? RESOLVED : RESOLVED_REFUSED;
}

/* Has it a connection to whom the name led last, while the name now leads
 * nowhere or would have to be asked again? */
static struct process *open_peer(struct world *w, struct process *from,
				 const char *host, uint16_t port)
{
	name_id name = names_find(&w->state->names, host);
	const struct dns_entry *e = name ?
		map_get(&from->machine->resolver.cache, name) : NULL;
	struct process *p;

	if (!e || !e->last || (e->machine && e->until > world_now(w)))
		return NULL;
	p = listener(hosts_of(w), e->last, port);
	return p && net_connected(w, from, p) ? p : NULL;
}

enum resolved net_reach(struct world *w, struct process *from,
			const char *host, uint16_t port,
			struct process **process)
{
	struct process *p = open_peer(w, from, host, port);

	if (!p)
		return net_resolve(w, from->machine, host, port, process);
	*process = p;
	return RESOLVED;
}

void net_forget(struct world *w, const struct machine *from, const char *host)
{
	name_id name = names_find(&w->state->names, host);
	struct dns_entry *e = name ? map_get(&from->resolver.cache, name) :
			      NULL;

	if (e)
		e->last = NULL;
}

void net_address_text(struct world *w, struct machine *from, const char *host,
		      struct text *t)
{
	struct machine *m = look_up(w, from, host);

	text_addf(t, "%s/", host);
	if (m == from && !machine_find(w, host))
		text_add(t, "127.0.0.1");
	else if (m)
		text_addf(t, "10.0.%u.%u", m->id / 200, m->id % 200 + 10);
	else
		text_add(t, "<unresolved>");
}
