/* throttle.c - which replicas are held up by the limits of their broker */
#include "sim/broker/throttle.h"

static const enum broker_key rate_key[THROTTLE_SIDES] = {
	[THROTTLE_LEADER] = BROKER_LEADER_THROTTLED_RATE,
	[THROTTLE_FOLLOWER] = BROKER_FOLLOWER_THROTTLED_RATE,
};

static void set(struct replica *r, enum throttle_side side, bool is)
{
	if (side == THROTTLE_FOLLOWER)
		r->broker->throttled_followers +=
			(uint32_t)is - (uint32_t)r->throttled[side];
	r->throttled[side] = is;
}

void throttle_read(struct world *w, struct replica *r)
{
	const struct broker *b = r->broker;
	uint32_t topic = r->partition->topic->id;

	for (int i = 0; i < THROTTLE_SIDES; i++)
		set(r, (enum throttle_side)i,
		    view_knows_topic(&b->view, topic) &&
		    quota_names(world_text(w, b->view.configs.at[topic]->
					   throttled[i]),
				r->partition->index, b->node_id));
}

void throttle_forget(struct replica *r)
{
	set(r, THROTTLE_FOLLOWER, false);
}

static struct quota_window window(const struct broker *b)
{
	int64_t samples = broker_setting(b, BROKER_QUOTA_SAMPLES);

	return (struct quota_window){
		.samples = samples < QUOTA_SAMPLES_MAX ? samples :
			   QUOTA_SAMPLES_MAX,
		.sample_ms = broker_setting(b, BROKER_QUOTA_SAMPLE_S) * 1000,
	};
}

static int64_t now_ms(const struct world *w)
{
	return world_now(w) / SIM_MS(1);
}

void throttle_count(struct world *w, struct replica *r,
		    enum throttle_side side, int64_t bytes)
{
	struct quota_window win = window(r->broker);

	if (r->throttled[side])
		quota_record(&r->broker->throttles[side], &win, now_ms(w),
			     bytes);
}

static bool exceeded(struct world *w, struct broker *b, enum throttle_side side)
{
	struct quota_window win = window(b);

	return quota_exceeded(&b->throttles[side], &win, now_ms(w),
			      broker_setting(b, rate_key[side]));
}

/* ReplicaManager.shouldLeaderThrottle */
bool throttle_holds_follower(struct world *w, struct replica *r,
			     int32_t follower)
{
	return r->throttled[THROTTLE_LEADER] &&
	       !(r->isr & broker_bit(follower)) &&
	       exceeded(w, r->broker, THROTTLE_LEADER);
}

/* RemoteLeaderEndPoint.shouldFollowerThrottle */
bool throttle_holds(struct world *w, struct replica *r)
{
	return r->throttled[THROTTLE_FOLLOWER] && r->behind &&
	       exceeded(w, r->broker, THROTTLE_FOLLOWER);
}

int64_t throttle_rate(struct world *w, struct broker *b,
		      enum throttle_side side)
{
	struct quota_window win = window(b);

	return quota_rate(&b->throttles[side], &win, now_ms(w));
}
