/* invariants_txn.c - what transactions promise: both or neither, and once
 *
 * Of every application that transforms (transform.h) and began at the earliest
 * record: none of its records is written twice, and none that it has read is
 * missing.  What is on its way to be committed counts as written, so that this
 * holds at any moment.
 */
#include "sim/stack/invariants.h"

#include "sim/broker/txn_protocol.h"
#include "sim/stack/events.h"
#include "sim/stack/transform_audit.h"

static const struct app *transforming(const struct process *p)
{
	const struct client_host *h = p->self;
	const struct app *a = p->module == MODULE_CLIENT &&
			      h->start == APP_START ? h->owner : NULL;

	return a && a->transform && a->config.reset == RESET_EARLIEST ? a :
	       NULL;
}

static bool once(struct world *w, const struct app *a, struct text *why)
{
	struct transform_audit audit;

	transform_audit(w, a, &audit);
	if (audit.blind || (!audit.doubled && !audit.missing))
		return true;
	text_addf(why, "of the %llu records that %s has read, %llu are missing "
		  "from what it wrote and %llu are there again",
		  (unsigned long long)audit.read, world_text(w, a->name),
		  (unsigned long long)audit.missing,
		  (unsigned long long)audit.doubled);
	return false;
}

bool invariant_transformed_once(struct watch *v, struct world *w,
				struct text *why)
{
	const struct hosts *h = hosts_of(w);

	(void)v;
	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct app *a = transforming(h->processes.at[i]);

		if (a && !once(w, a, why))
			return false;
	}
	return true;
}

static bool all_led(const struct world *w, const char *topic)
{
	const struct topic *t = cluster_topic(w, cluster_of(w), topic);

	for (uint32_t i = 0; t && i < t->partitions.count; i++)
		if (t->partitions.at[i]->state.leader == NO_BROKER)
			return false;
	return t != NULL;
}

bool invariant_can_write(struct world *w, const struct app *a)
{
	return all_led(w, world_text(w, a->transform->output)) &&
	       all_led(w, TXN_STATE_TOPIC);
}
