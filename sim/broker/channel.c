/* channel.c - what a broker asks of the active controller */
#include "sim/broker/channel.h"

#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/controller.h"
#include "sim/broker/events.h"

#define GIVE_UP		SIM_S(60)	/* retryTimeoutMs of "forwarding" */
#define AGAIN		SIM_MS(100)	/* after a refusal: retry.backoff.ms */

static struct process *leader(const struct broker *b)
{
	return b->raft.state == RAFT_FOLLOWER && b->raft.leader != NO_VOTER ?
	       b->cluster->controllers.at[b->raft.leader]->process : NULL;
}

bool channel_send(struct world *w, struct broker *b, struct message *m)
{
	struct process *to = leader(b);

	if (to)
		net_send(w, b->process, to, m);
	else
		message_free(w, m);
	return to != NULL;
}

static void send_one(struct world *w, struct broker *b,
		     struct channel_request *r)
{
	const struct text_message *m = r->request;

	if (!r->sent)
		r->sent = channel_send(w, b, &text_message_new(w, MESSAGE_ADMIN,
					m->req.correlation, m->text)->req.head);
}

static void look_in(struct world *w, struct broker *b, sim_time wait)
{
	world_cancel(w, &b->channel.timer);
	b->channel.timer = world_timer(w, world_now(w) + wait, CHANNEL_RETRY,
				       b, 0);
}

static void add(struct world *w, struct broker *b, struct process *client,
		uint64_t correlation, const char *text)
{
	struct channel_request *r = vec_add(&w->arena, &b->channel.requests);

	*r = (struct channel_request){
		.request = text_message_new(w, MESSAGE_ADMIN,
				++b->cluster->next_correlation, text),
		.client = client, .correlation = correlation,
		.client_incarnation = client ? client->incarnation : 0,
		.until = world_now(w) + GIVE_UP,
	};
	send_one(w, b, r);
	if (b->channel.requests.count == 1)
		look_in(w, b, SIM_S(1));
}

void channel_forward(struct world *w, struct broker *b,
		     const struct text_message *m)
{
	add(w, b, m->req.head.from, m->req.correlation, m->text);
}

void channel_wish(struct world *w, struct broker *b, const char *request)
{
	for (uint32_t i = 0; i < b->channel.requests.count; i++)
		if (!b->channel.requests.at[i].client &&
		    !strcmp(b->channel.requests.at[i].request->text, request))
			return;
	add(w, b, NULL, 0, request);
}

static void end(struct world *w, struct broker *b, uint32_t i)
{
	message_free(w, &b->channel.requests.at[i].request->req.head);
	vec_remove(&b->channel.requests, i);
}

static void pass_back(struct world *w, struct broker *b,
		      const struct channel_request *r, enum kafka_error error,
		      const char *text)
{
	if (r->client && r->client->incarnation == r->client_incarnation)
		admin_answer(w, b->process, r->client, r->correlation, error,
			     text);
}

void channel_answered(struct world *w, struct broker *b,
		      const struct text_message *m)
{
	struct channel *c = &b->channel;
	uint32_t i = 0;

	while (i < c->requests.count && c->requests.at[i].request
			->req.correlation != m->req.correlation)
		i++;
	if (i == c->requests.count)
		return;
	if (m->error == KAFKA_NOT_CONTROLLER) {
		c->requests.at[i].sent = false;
		look_in(w, b, AGAIN);
		return;
	}
	pass_back(w, b, &c->requests.at[i], m->error, m->text);
	end(w, b, i);
}

/* Once more to whom has to be asked again, and good-bye to whom waited for
 * too long (ForwardingManager: REQUEST_TIMED_OUT). */
void channel_retry(struct world *w, void *who, uint16_t arg)
{
	struct broker *b = who;
	struct channel *c = &b->channel;

	(void)arg;
	for (uint32_t i = 0; i < c->requests.count;) {
		struct channel_request *r = &c->requests.at[i];

		if (world_now(w) >= r->until && process_runs(b->process)) {
			pass_back(w, b, r, KAFKA_REQUEST_TIMED_OUT,
				  "{\"message\":\"The request timed out.\"}");
			end(w, b, i);
			continue;
		}
		if (process_runs(b->process))
			send_one(w, b, r);
		i++;
	}
	if (c->requests.count)
		look_in(w, b, SIM_S(1));
}

void channel_leader_known(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->channel.requests.count; i++)
		send_one(w, b, &b->channel.requests.at[i]);
}

void channel_lost(struct world *w, struct broker *b)
{
	for (uint32_t i = 0; i < b->channel.requests.count; i++)
		b->channel.requests.at[i].sent = false;
	if (b->channel.requests.count)
		look_in(w, b, AGAIN);
}

void channel_drop(struct world *w, struct broker *b)
{
	while (b->channel.requests.count)
		end(w, b, b->channel.requests.count - 1);
	world_cancel(w, &b->channel.timer);
}
