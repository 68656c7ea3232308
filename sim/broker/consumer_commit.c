/* consumer_commit.c - offsets a consumer commits, and begins at
 *
 * What is committed is the position: behind the last record that a poll has
 * handed out.  With enable.auto.commit a later poll does it, every
 * auto.commit.interval.ms, before a rebalance and on close; so records that
 * were handed out and not yet worked on are committed, too (F19).
 */
#include "sim/broker/consumer_group.h"

#include <string.h>

#define CLASS	"ConsumerCoordinator"

/* CommitFailedException, 3.9: what poll's thread is told about a commit of a
 * member that has been put out; and of one that knows it already. */
static const char rebalanced[] = "Commit cannot be completed since the group "
	"has already rebalanced and assigned the partitions to another member. "
	"This means that the time between subsequent calls to poll() was "
	"longer than the configured max.poll.interval.ms, which typically "
	"implies that the poll loop is spending too much time message "
	"processing. You can address this either by increasing "
	"max.poll.interval.ms or by reducing the maximum size of batches "
	"returned in poll() with max.poll.records.";
static const char kicked_out[] = "Offset commit cannot be completed since the "
	"consumer is not part of an active group for auto partition "
	"assignment; it is likely that the consumer was kicked out of the "
	"group.";
static const char rebalancing[] = "Offset commit cannot be completed since the "
	"consumer is undergoing a rebalance for auto partition assignment. You "
	"can try completing the rebalance by calling poll() and then retry the "
	"operation.";

static bool send_commit(struct world *w, struct consumer *c, bool by_hand)
{
	struct group_request *m;

	m = consumer_group_request(w, c, GROUP_COMMIT, c->positions.count);
	for (uint32_t i = 0; i < c->positions.count; i++) {
		const struct consumer_position *p = &c->positions.at[i];

		if (p->offset >= 0)
			m->items[m->count++] = (struct group_item){
				.partition = p->partition, .offset = p->offset,
			};
	}
	return consumer_ask_group(w, c, m, by_hand ? c : NULL);
}

static bool can_commit(const struct consumer *c)
{
	return c->group && c->coordinator != NO_BROKER && c->positions.count;
}

static void positions_text(const struct world *w, const struct consumer *c,
			   struct text *t)
{
	text_char(t, '{');
	for (uint32_t i = 0; i < c->positions.count; i++) {
		const struct consumer_position *p = &c->positions.at[i];

		text_add(t, i ? ", " : "");
		consumer_partition_text(w, c, p->partition, t);
		text_addf(t, "=OffsetAndMetadata{offset=%lld, leaderEpoch="
			  "null, metadata=''}", (long long)p->offset);
	}
	text_char(t, '}');
}

static void auto_commit_failed(struct world *w, struct consumer *c,
			       const char *why)
{
	struct text offsets = {0};

	positions_text(w, c, &offsets);
	consumer_log(w, c, LOG_WARN, CLASS, "Asynchronous auto-commit of "
		     "offsets %s failed: %s", text_cstr(&offsets), why);
	text_free(&offsets);
}

void consumer_auto_commit(struct world *w, struct consumer *c)
{
	if (!can_commit(c))
		return;
	if (c->generation < 0)
		auto_commit_failed(w, c, kicked_out);
	else
		send_commit(w, c, false);
}

/* -- by hand --------------------------------------------------------------------- */

static void commit_over(struct world *w, struct consumer *c,
			enum kafka_error error, const char *class,
			const char *text)
{
	c->commit_wanted = false;
	if (error != KAFKA_NONE)
		log_write(w, c->client.host->process, LOG_ERROR,
			  "org.apache.kafka.%s: %s", class, text);
	if (c->committed)
		world_call(w, c->committed, c->owner, (uint16_t)error);
}

void consumer_commit(struct world *w, struct consumer *c)
{
	c->commit_wanted = true;
	if (c->coordinator == NO_BROKER)
		return;			/* when it is found */
	if (!c->positions.count)
		commit_over(w, c, KAFKA_NONE, "", "");
	else if (c->generation < 0)
		commit_over(w, c, KAFKA_UNKNOWN_MEMBER_ID, "clients.consumer."
			    "CommitFailedException", kicked_out);
	else if (c->state != CONSUMER_STABLE)
		commit_over(w, c, KAFKA_REBALANCE_IN_PROGRESS, "common.errors."
			    "RebalanceInProgressException", rebalancing);
	else
		send_commit(w, c, true);
}

bool consumer_commit_at(struct world *w, struct consumer *c,
			const struct consumer_offset *at, uint32_t count)
{
	struct group_request *m;

	if (!can_commit(c) || c->generation < 0 ||
	    c->state != CONSUMER_STABLE || !count)
		return false;
	m = consumer_group_request(w, c, GROUP_COMMIT, count);
	for (uint32_t i = 0; i < count; i++)
		m->items[m->count++] = (struct group_item){
			.partition = at[i].partition, .offset = at[i].offset,
		};
	return consumer_ask_group(w, c, m, c);
}

void consumer_commit_again(struct world *w, struct consumer *c)
{
	if (c->commit_wanted && !consumer_group_in_flight(c, GROUP_COMMIT))
		consumer_commit(w, c);
}

static void commit_failed(struct world *w, struct consumer *c,
			  enum kafka_error error)
{
	switch (error) {
	case KAFKA_REBALANCE_IN_PROGRESS:
		commit_over(w, c, error, "common.errors."
			    "RebalanceInProgressException", rebalancing);
		break;
	case KAFKA_UNKNOWN_MEMBER_ID:
	case KAFKA_ILLEGAL_GENERATION:
		commit_over(w, c, error, "clients.consumer."
			    "CommitFailedException", rebalanced);
		break;
	case KAFKA_FENCED_INSTANCE_ID:
		commit_over(w, c, error, "common.errors."
			    "FencedInstanceIdException",
			    kafka_error_text(error));
		break;
	default:			/* commitSync tries again; so it does
					   with the next epoch */
		consumer_try_later(w, c);
		break;
	}
}

void consumer_commit_answered(struct world *w, struct consumer *c,
			      enum kafka_error error, bool by_hand)
{
	bool gone = error == KAFKA_UNKNOWN_MEMBER_ID ||
		    error == KAFKA_ILLEGAL_GENERATION;

	if (by_hand && error == KAFKA_NONE)
		commit_over(w, c, error, "", "");
	else if (by_hand)
		commit_failed(w, c, error);
	else if (error != KAFKA_NONE)
		auto_commit_failed(w, c, gone ? rebalanced :
				   error == KAFKA_REBALANCE_IN_PROGRESS ?
				   rebalancing : kafka_error_text(error));
}

/* -- where it begins ---------------------------------------------------------------- */

static bool owes(const struct consumer *c)
{
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (c->positions.at[i].owed)
			return true;
	return false;
}

void consumer_ask_committed(struct world *w, struct consumer *c)
{
	struct group_request *m;

	if (!owes(c) || c->coordinator == NO_BROKER ||
	    consumer_group_in_flight(c, GROUP_FETCH_OFFSETS))
		return;
	m = consumer_group_request(w, c, GROUP_FETCH_OFFSETS,
				   c->positions.count);
	for (uint32_t i = 0; i < c->positions.count; i++)
		if (c->positions.at[i].owed)
			m->items[m->count++] = (struct group_item){
				.partition = c->positions.at[i].partition,
			};
	consumer_ask_group(w, c, m, NULL);
}

void consumer_back_to_committed(struct world *w, struct consumer *c)
{
	if (c->closing || c->failure)
		return;
	for (uint32_t i = 0; i < c->positions.count; i++) {
		struct consumer_position *p = &c->positions.at[i];

		consumer_drop_buffered(c, p);
		p->offset = -1;
		p->seek_to = 0;
		p->asked = false;
		p->owed = p->fresh = true;
	}
	consumer_ask_committed(w, c);
}

static void begin_at(struct world *w, struct consumer *c,
		     struct consumer_position *p, int64_t offset)
{
	struct text name = {0};

	consumer_partition_text(w, c, p->partition, &name);
	p->owed = false;
	p->offset = offset;
	p->fresh = true;
	if (offset >= 0)
		consumer_log(w, c, LOG_INFO, "ConsumerUtils", "Setting offset "
			     "for partition %s to the committed offset "
			     "FetchPosition{offset=%lld}", text_cstr(&name),
			     (long long)offset);
	else
		consumer_log(w, c, LOG_INFO, CLASS, "Found no committed offset "
			     "for partition %s", text_cstr(&name));
	text_free(&name);
}

void consumer_take_committed(struct world *w, struct consumer *c,
			     const struct group_answer *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		struct consumer_position *p =
			consumer_position_of(c, a->items[i].partition);

		if (!p || !p->owed)
			continue;
		begin_at(w, c, p, a->items[i].offset);
		if (p->offset < 0)
			consumer_reset(w, c, p);
		if (c->failure)
			return;
	}
	consumer_ask_committed(w, c);
	consumer_pump(w, c);
}
