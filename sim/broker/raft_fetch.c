/* raft_fetch.c - copies of the metadata log, and what of it is committed */
#include "sim/broker/raft_inside.h"

#include <assert.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"

/* Entries of one answer (the real limit is 8 MiB, MAX_BATCH_SIZE_BYTES). */
#define FETCH_ENTRIES	1024

/* -- asking ------------------------------------------------------------------- */

/* Whom: the leader; an observer that knows none, or gets no answer, any of
 * the voters (maybeSendAnyVoterFetch). */
static struct raft *source(struct world *w, struct raft *r)
{
	uint32_t voters = r->cluster->controllers.count;

	if (r->leader != NO_VOTER && (r->voter != NO_VOTER ||
	    world_now(w) - r->fetched_at < FETCH_TIMEOUT))
		return raft_voter(r->cluster, r->leader);
	if (r->voter != NO_VOTER)
		return NULL;
	return raft_voter(r->cluster, (int32_t)luck_below(&r->luck, voters));
}

void raft_fetch_cancel(struct world *w, struct raft *r)
{
	world_cancel(w, &r->fetch_timer);
	r->correlation = 0;
	r->asked = NULL;
}

void raft_fetch_in(struct world *w, struct raft *r, sim_time wait)
{
	raft_fetch_cancel(w, r);
	r->fetch_timer = world_timer(w, raft_free_at(w, r) + wait, RAFT_FETCH,
				     r, 0);
}

/* An answer that did not come, or a connection that broke. */
static void fetch_failed(struct world *w, struct raft *r)
{
	uint32_t doublings = r->failures < 5 ? r->failures : 5;
	sim_time wait = RECONNECT_BACKOFF << doublings;

	r->failures++;
	raft_fetch_in(w, r, wait < SIM_S(1) ? wait : SIM_S(1));
}

void raft_fetch(struct world *w, struct raft *r)
{
	struct raft *from = source(w, r);
	struct raft_message *m;

	raft_fetch_cancel(w, r);
	if (!from)
		return;
	if (!raft_can_act(w, r)) {
		raft_fetch_in(w, r, raft_act_at(w, r) - raft_free_at(w, r));
		return;
	}
	m = raft_ask(r, w, MESSAGE_METADATA_FETCH, 0);
	m->offset = r->log.end;
	m->last_epoch = metadata_log_last_epoch(&r->log);
	m->req.correlation = r->correlation = ++r->cluster->next_correlation;
	r->asked = from->process;
	r->fetch_timer = world_timer(w, world_now(w) + REQUEST_TIMEOUT,
				     RAFT_FETCH, r, 0);
	raft_send(w, r, from->process, m);
}

/* It is time: to fetch, or to give up waiting for the answer. */
void raft_fetch_timer(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;

	(void)arg;
	if (!process_runs(r->process)) {
		r->fetch_timer = world_timer(w, world_now(w) + SIM_MS(100),
					     RAFT_FETCH, r, 0);
		return;
	}
	if (!r->correlation) {
		raft_fetch(w, r);
		return;
	}
	/* NetworkClient closes a connection whose answer is overdue.  A
	 * broker's heartbeats have one of their own, so it is left alone. */
	if (r->voter != NO_VOTER)
		net_close(w, r->process, r->asked);
	fetch_failed(w, r);
}

void raft_lost(struct world *w, struct raft *r, const struct process *peer)
{
	if (r->correlation && r->asked == peer)
		fetch_failed(w, r);
}

/* -- what comes back ------------------------------------------------------------ */

/* KafkaMetadataLog.truncateToEndOffset: to where both logs had the same.
 * False: that was the end of the process. */
static bool cut_back(struct world *w, struct raft *r, int64_t leaders_end,
		     uint32_t leaders_epoch)
{
	struct text why = {0};
	uint32_t epoch;
	int64_t end = metadata_log_epoch_end(&r->log, leaders_epoch, &epoch);

	if (epoch == leaders_epoch && leaders_end < end)
		end = leaders_end;
	if (end < r->high_watermark) {
		text_addf(&why, "java.lang.IllegalArgumentException: Attempt "
			  "to truncate to offset %lld, which is below the "
			  "current high watermark %lld", (long long)end,
			  (long long)r->high_watermark);
		raft_fatal(w, r, text_cstr(&why));
		text_free(&why);
		return false;
	}
	log_write(w, r->process, LOG_INFO, "[RaftManager id=%d] Truncated to "
		  "offset %lld from Fetch response from leader %d "
		  "(org.apache.kafka.raft.KafkaRaftClient)", r->id,
		  (long long)end, raft_voter(r->cluster, r->leader)->id);
	metadata_log_truncate(&r->log, end);
	if (r->file)
		file_truncate(w, r->file, metadata_log_bytes(&r->log));
	if (r->broker && r->broker->view.applied > end)
		broker_disbelieve(w, r->broker);
	return true;
}

static bool take_entries(struct world *w, struct raft *r,
			 const struct raft_message *m)
{
	assert(!m->count || m->entries[0].offset == r->log.end);
	for (uint32_t i = 0; i < m->count; i++)
		if (!raft_log_add(w, r, m->entries[i].epoch,
				  m->entries[i].record, m->entries[i].count,
				  m->entries[i].at))
			return false;
	if (m->count)
		raft_flush(w, r);
	return true;
}

static void take_answer(struct world *w, struct raft *r,
			const struct raft_message *m)
{
	raft_follower_timer(w, r);
	r->failures = 0;
	if (m->cut_to >= 0) {
		if (!cut_back(w, r, m->cut_to, m->last_epoch))
			return;
	} else if (!take_entries(w, r, m)) {
		return;
	}
	if (m->cut_to < 0)
		raft_set_high_watermark(w, r,
					m->high_watermark < r->log.end ?
					m->high_watermark : r->log.end);
	if (process_runs(r->process))
		raft_fetch(w, r);
}

void raft_fetched(struct world *w, struct raft *r,
		  const struct raft_message *m)
{
	if (m->req.correlation != r->correlation)
		return;			/* of a fetch that was given up */
	raft_fetch_cancel(w, r);
	raft_heard(w, r, m->epoch, m->leader);
	if (!process_runs(r->process) || r->correlation)
		return;			/* it became a follower, and asks */
	if (m->error == KAFKA_NONE && r->state == RAFT_FOLLOWER &&
	    m->epoch == r->epoch && m->leader == r->leader)
		take_answer(w, r, m);
	else if (r->state == RAFT_FOLLOWER || r->voter == NO_VOTER)
		raft_fetch_in(w, r, RETRY_BACKOFF <<
			       (r->failures < 4 ? r->failures++ : 4));
}

/* -- the leader ------------------------------------------------------------------ */

static struct raft_peer *peer_of(struct raft *r, const struct raft_message *m)
{
	return m->voter != NO_VOTER ? &r->voters[m->voter] :
	       &r->observers[m->observer];
}

/* validateOffsetAndEpoch: is its last entry none of ours?  Then our end of its
 * last epoch, or of the one before. */
static bool parted(const struct raft *r, const struct raft_message *m,
		   int64_t *end, uint32_t *epoch)
{
	*end = metadata_log_epoch_end(&r->log, m->last_epoch, epoch);
	return *epoch != m->last_epoch || *end < m->offset;
}

/* What is left for it, or word of where the logs have parted. */
static struct raft_message *make_answer(struct world *w, struct raft *r,
					const struct raft_message *m)
{
	uint32_t i = metadata_log_find(&r->log, m->offset), epoch = 0;
	uint32_t count = r->log.entries.count - i;
	struct raft_message *a;
	int64_t end;

	if (parted(r, m, &end, &epoch)) {
		a = raft_ask(r, w, MESSAGE_METADATA_FETCHED, 0);
		a->cut_to = end;
		a->last_epoch = epoch;
		return a;
	}
	if (count > FETCH_ENTRIES)
		count = FETCH_ENTRIES;
	a = raft_ask(r, w, MESSAGE_METADATA_FETCHED, count);
	a->count = count;
	for (uint32_t k = 0; k < count; k++)
		a->entries[k] = r->log.entries.at[i + k];
	if (count) {			/* from the middle of a row of nothings */
		a->entries[0].count -= (uint32_t)(m->offset -
						  a->entries[0].offset);
		a->entries[0].offset = m->offset;
	}
	a->high_watermark = r->high_watermark;
	return a;
}

static void answer_fetch(struct world *w, struct raft *r,
			 struct raft_message *m)
{
	raft_reply(w, r, m, make_answer(w, r, m));
	message_free(w, &m->req.head);
}

static void refuse_fetch(struct world *w, struct raft *r,
			 struct raft_message *m)
{
	struct raft_message *a = raft_ask(r, w, MESSAGE_METADATA_FETCHED, 0);

	a->error = m->epoch < r->epoch ? KAFKA_FENCED_LEADER_EPOCH :
		   m->epoch > r->epoch ? KAFKA_UNKNOWN_LEADER_EPOCH :
					 KAFKA_NOT_LEADER_OR_FOLLOWER;
	raft_reply(w, r, m, a);
	message_free(w, &m->req.head);
}

static void unpark(struct world *w, struct raft *r, struct raft_peer *p)
{
	struct raft_message *m = p->parked;

	if (!m)
		return;
	p->parked = NULL;
	world_cancel(w, &p->timer);
	answer_fetch(w, r, m);
}

static void unpark_all(struct world *w, struct raft *r)
{
	for (uint32_t i = 0; i < r->cluster->controllers.count; i++)
		unpark(w, r, &r->voters[i]);
	for (uint32_t i = 0; i < r->cluster->brokers.count; i++)
		unpark(w, r, &r->observers[i]);
}

/* 500 ms are over.  arg: voters first, then observers. */
void raft_parked(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;
	struct raft_peer *p = arg < VOTERS_MAX ? &r->voters[arg] :
			      &r->observers[arg - VOTERS_MAX];

	if (!raft_can_act(w, r))
		p->timer = world_timer(w, raft_act_at(w, r), RAFT_PARKED, r,
				       arg);
	else
		unpark(w, r, p);
}

static void park(struct world *w, struct raft *r, struct raft_peer *p,
		 struct raft_message *m)
{
	uint16_t arg = (uint16_t)(m->voter != NO_VOTER ? m->voter :
				  VOTERS_MAX + m->observer);

	if (p->parked) {		/* its process began anew since */
		world_cancel(w, &p->timer);
		message_free(w, &p->parked->req.head);
	}
	p->parked = m;
	p->timer = world_timer(w, world_now(w) + FETCH_WAIT, RAFT_PARKED, r,
			       arg);
}

/* The largest offset that a majority has: of its own epoch, or nothing is
 * said about what came before (Raft 5.4.2). */
static void look_what_is_committed(struct world *w, struct raft *r)
{
	int64_t best = r->high_watermark;

	for (uint32_t i = 0; i < r->cluster->controllers.count; i++) {
		uint32_t have = 0;

		for (uint32_t k = 0; k < r->cluster->controllers.count; k++)
			have += r->voters[k].end >= r->voters[i].end;
		if (have >= raft_majority(r->cluster) &&
		    r->voters[i].end > r->epoch_start &&
		    r->voters[i].end > best)
			best = r->voters[i].end;
	}
	if (best > r->high_watermark)
		raft_set_high_watermark(w, r, best);
}

/* LeaderState.maybeResignAfter...: has a majority fetched lately?  With one
 * voter there is nobody to wait for. */
static void quorum_seen(struct world *w, struct raft *r)
{
	uint32_t seen = 1;

	if (r->cluster->controllers.count == 1)
		return;
	for (uint32_t i = 0; i < r->cluster->controllers.count; i++)
		seen += (int32_t)i != r->voter && r->voters[i].fetched_at &&
			world_now(w) - r->voters[i].fetched_at < CHECK_QUORUM;
	if (seen < raft_majority(r->cluster))
		return;
	world_cancel(w, &r->check_quorum);
	r->check_quorum = world_timer(w, world_now(w) + CHECK_QUORUM,
				      RAFT_CHECK_QUORUM, r, 0);
}

void raft_check_quorum(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;

	(void)arg;
	if (!raft_can_act(w, r)) {
		r->check_quorum = world_timer(w, raft_act_at(w, r),
					      RAFT_CHECK_QUORUM, r, 0);
		return;
	}
	log_write(w, r->process, LOG_INFO, "[RaftManager id=%d] Did not "
		  "receive fetch request from the majority of the voters "
		  "within 3000ms. Current fetched voters are []. "
		  "(org.apache.kafka.raft.LeaderState)", r->id);
	raft_become_resigned(w, r);
}

static void note_fetch(struct world *w, struct raft *r, struct raft_peer *p,
		       const struct raft_message *m)
{
	if (m->offset >= r->log.end)
		p->caught_up_at = world_now(w);
	else if (p->fetched_at && m->offset >= p->leader_end)
		p->caught_up_at = p->fetched_at;
	p->end = m->offset;
	p->leader_end = r->log.end;
	p->fetched_at = world_now(w);
}

void raft_handle_fetch(struct world *w, struct raft *r,
		       struct raft_message *m)
{
	struct raft_peer *p;
	uint32_t epoch;
	int64_t end;

	if (r->state != RAFT_LEADER || m->epoch != r->epoch) {
		refuse_fetch(w, r, m);
		return;
	}
	p = peer_of(r, m);
	if (parted(r, m, &end, &epoch)) {
		answer_fetch(w, r, m);
		return;
	}
	note_fetch(w, r, p, m);
	if (m->voter != NO_VOTER) {
		quorum_seen(w, r);
		look_what_is_committed(w, r);
	}
	if (m->offset == r->log.end)
		park(w, r, p, m);
	else
		answer_fetch(w, r, m);
}

/* -- appending --------------------------------------------------------------------- */

int64_t raft_next_offset(const struct raft *r)
{
	return r->log.end + r->batch.count;
}

int64_t raft_append(struct world *w, struct raft *r, int32_t record)
{
	int64_t offset = raft_next_offset(r);

	if (!r->batch.count)
		r->linger = world_timer(w, world_now(w) + APPEND_LINGER,
					RAFT_DRAIN, r, 0);
	*vec_add(&w->arena, &r->batch) = record;
	return offset;
}

/* What was appended is ours at once, and fetches that waited are answered
 * before the disk is (flushLeaderLog: so that they return sooner). */
static void appended(struct world *w, struct raft *r)
{
	r->appended_at = world_now(w);
	r->voters[r->voter].end = r->log.end;
	look_what_is_committed(w, r);
	unpark_all(w, r);
	raft_flush(w, r);
}

void raft_drain(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;
	uint32_t count = r->batch.count;

	(void)arg;
	world_cancel(w, &r->linger);
	if (!count)
		return;
	if (!raft_can_act(w, r)) {
		r->linger = world_timer(w, raft_act_at(w, r), RAFT_DRAIN, r, 0);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		if (!raft_log_add(w, r, r->epoch, r->batch.at[i], 1,
				  world_now(w)))
			return;
	memset(r->batch.at, 0, count * sizeof(*r->batch.at));
	r->batch.count = 0;
	appended(w, r);
}

/* -- to lead, and no more ------------------------------------------------------------- */

/* To those who have not fetched since, BeginQuorumEpoch once more. */
void raft_begin(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;

	(void)arg;
	r->begin = world_timer(w, world_now(w) + BEGIN_AGAIN, RAFT_BEGIN, r,
			       0);
	if (!raft_can_act(w, r))
		return;
	for (uint32_t i = 0; i < r->cluster->controllers.count; i++)
		if ((int32_t)i != r->voter && (!r->voters[i].fetched_at ||
		    world_now(w) - r->voters[i].fetched_at >= BEGIN_AGAIN))
			raft_send(w, r,
				  raft_voter(r->cluster, (int32_t)i)->process,
				  raft_ask(r, w, MESSAGE_BEGIN_EPOCH, 0));
}

void raft_lead(struct world *w, struct raft *r)
{
	memset(r->voters, 0, sizeof(r->voters));
	memset(r->observers, 0, sizeof(r->observers));
	for (uint32_t i = 0; i < r->cluster->controllers.count; i++)
		r->voters[i].end = -1;
	r->epoch_start = r->log.end;
	if (r->cluster->controllers.count > 1) {
		r->check_quorum = world_timer(w, world_now(w) + CHECK_QUORUM,
					      RAFT_CHECK_QUORUM, r, 0);
		raft_begin(w, r, 0);
	}
	if (raft_log_add(w, r, r->epoch, ENTRY_LEADER, 1, world_now(w)))
		appended(w, r);
}

void raft_lead_no_more(struct world *w, struct raft *r)
{
	world_cancel(w, &r->check_quorum);
	world_cancel(w, &r->begin);
	world_cancel(w, &r->linger);
	r->batch.count = 0;
	for (uint32_t i = 0; i < VOTERS_MAX + OBSERVERS_MAX; i++) {
		struct raft_peer *p = i < VOTERS_MAX ? &r->voters[i] :
				      &r->observers[i - VOTERS_MAX];

		if (!p->parked)
			continue;
		world_cancel(w, &p->timer);
		if (process_runs(r->process))
			refuse_fetch(w, r, p->parked);
		else
			message_free(w, &p->parked->req.head);
		p->parked = NULL;
	}
	if (r->controller)
		controller_renounce(w, r->controller);
}

void raft_set_high_watermark(struct world *w, struct raft *r, int64_t hw)
{
	if (hw < r->high_watermark)
		return;
	if (r->state == RAFT_LEADER && hw > r->high_watermark)
		metric_set(r->metrics.commit_ms,
			   (world_now(w) - r->appended_at) / SIM_MS(1));
	r->high_watermark = hw;
	if (r->controller)
		controller_committed(w, r->controller);
	else
		broker_committed(w, r->broker);
}
