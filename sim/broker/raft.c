/* raft.c - who leads the metadata log: votes, epochs, transitions */
#include "sim/broker/raft_inside.h"

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"

/* CPU of one message of the quorum [E]. */
#define RAFT_CPU	SIM_US(20)

struct raft *raft_voter(const struct cluster *c, int32_t voter)
{
	return &c->controllers.at[voter]->raft;
}

uint32_t raft_majority(const struct cluster *c)
{
	return c->controllers.count / 2 + 1;
}

void raft_init(struct world *w, struct raft *r, struct cluster *c,
	       struct process *p, int32_t id, int32_t voter)
{
	r->cluster = c;
	r->process = p;
	r->id = id;
	r->voter = voter;
	r->leader = r->voted = NO_VOTER;
	luck_init(&r->luck, w->state->seed, world_text(w, p->name), "quorum");
	if (voter == NO_VOTER)
		return;
	r->file = file_new(w, &p->machine->disk);
	r->quorum_state = file_new(w, &p->machine->disk);
}

bool raft_leads(const struct raft *r)
{
	return r->state == RAFT_LEADER;
}

/* -- its thread ------------------------------------------------------------ */

sim_time raft_free_at(struct world *w, const struct raft *r)
{
	return r->busy_until > world_now(w) ? r->busy_until : world_now(w);
}

bool raft_can_act(struct world *w, const struct raft *r)
{
	return process_runs(r->process) && r->busy_until <= world_now(w);
}

/* Frozen processes look again soon after they were woken. */
sim_time raft_act_at(struct world *w, const struct raft *r)
{
	sim_time at = raft_free_at(w, r);

	return at > world_now(w) ? at : world_now(w) + SIM_MS(100);
}

/* KafkaRaftClientDriver: an exception in the thread is a fatal fault. */
void raft_fatal(struct world *w, struct raft *r, const char *why)
{
	log_write(w, r->process, LOG_ERROR, "Encountered fatal fault: "
		  "Unexpected error in raft IO thread "
		  "(org.apache.kafka.server.fault."
		  "ProcessTerminatingFaultHandler) %s", why);
	process_kill(w, r->process);
}

static bool file_add(struct world *w, struct raft *r, struct file *f,
		     int64_t bytes)
{
	enum disk_result result;
	struct text why = {0};
	sim_time ready;

	if (r->voter == NO_VOTER)	/* see the fidelity card */
		return true;
	result = file_append(w, f, bytes, &ready);
	if (result == DISK_OK) {
		if (ready > r->busy_until)
			r->busy_until = ready;
		return true;
	}
	text_addf(&why, "java.io.IOException: %s", disk_result_text(result));
	raft_fatal(w, r, text_cstr(&why));
	text_free(&why);
	return false;
}

bool raft_log_add(struct world *w, struct raft *r, uint32_t epoch,
		  int32_t record, uint32_t count, sim_time at)
{
	if (!file_add(w, r, r->file, (int64_t)count * METADATA_ENTRY_BYTES))
		return false;
	metadata_log_add(w, &r->log, epoch, record, count, at);
	return true;
}

void raft_flush(struct world *w, struct raft *r)
{
	sim_time done;

	if (r->voter == NO_VOTER)
		return;
	done = file_fsync(w, r->file);
	if (done > r->busy_until)
		r->busy_until = done;
}

/* The file quorum-state: epoch and vote, safe before anybody hears of them.
 * False: the disk failed, and that was the end of the process. */
static bool keep(struct world *w, struct raft *r)
{
	sim_time done;

	if (r->voter == NO_VOTER)
		return true;
	file_truncate(w, r->quorum_state, r->quorum_state->start);
	if (!file_add(w, r, r->quorum_state, 150))
		return false;
	done = file_fsync(w, r->quorum_state);
	if (done > r->busy_until)
		r->busy_until = done;
	return true;
}

/* -- messages ----------------------------------------------------------------- */

struct raft_message *raft_ask(struct raft *r, struct world *w, uint16_t kind,
			      uint32_t entries)
{
	struct raft_message *m = message_new(w, sizeof(*m) +
				entries * sizeof(*m->entries), kind);

	m->req.head.bytes = 100 + entries * METADATA_ENTRY_BYTES;
	m->voter = r->voter;
	m->observer = r->broker ? r->broker->index : -1;
	m->epoch = r->epoch;
	m->leader = r->leader;
	m->cut_to = -1;
	return m;
}

void raft_send(struct world *w, struct raft *r, struct process *to,
	       struct raft_message *m)
{
	if (m->voter != NO_VOTER)	/* they ask each other */
		m->req.head.line = net_line(r->process, to);
	net_send(w, r->process, to, &m->req.head);
}

void raft_reply(struct world *w, struct raft *r, const struct raft_message *m,
		struct raft_message *answer)
{
	answer->req.correlation = m->req.correlation;
	answer->req.head.line = m->req.head.line;
	net_send(w, r->process, m->req.head.from, &answer->req.head);
}

static void ask_others(struct world *w, struct raft *r, uint16_t kind)
{
	for (uint32_t i = 0; i < r->cluster->controllers.count; i++) {
		struct raft_message *m;

		if ((int32_t)i == r->voter)
			continue;
		m = raft_ask(r, w, kind, 0);
		m->offset = r->log.end;
		m->last_epoch = metadata_log_last_epoch(&r->log);
		raft_send(w, r, raft_voter(r->cluster, (int32_t)i)->process,
			  m);
	}
}

/* -- transitions ----------------------------------------------------------------- */

static void timer(struct world *w, struct raft *r, sim_time wait)
{
	world_cancel(w, &r->timer);
	r->timer_at = raft_free_at(w, r) + wait;
	r->timer = world_timer(w, r->timer_at, RAFT_TIMEOUT, r, 0);
}

/* randomElectionTimeoutMs */
static sim_time election_wait(struct raft *r)
{
	return ELECTION_TIMEOUT +
	       SIM_MS(luck_below(&r->luck, ELECTION_TIMEOUT / SIM_MS(1)));
}

/* What a state leaves behind. */
static void leave(struct world *w, struct raft *r)
{
	world_cancel(w, &r->timer);
	raft_fetch_cancel(w, r);
	if (r->state == RAFT_LEADER)
		raft_lead_no_more(w, r);
}

static void enter(struct world *w, struct raft *r, enum raft_state state)
{
	enum raft_state from = r->state;

	leave(w, r);
	r->state = state;
	raft_say_transition(w, r, from);
}

/* A later epoch whose leader nobody has named yet.  Who waited to be candidate
 * waits no longer for it: else one that can never win, since its log is
 * behind, would keep all others from trying. */
static void become_unattached(struct world *w, struct raft *r, uint32_t epoch)
{
	bool waited = r->state == RAFT_UNATTACHED || r->state == RAFT_VOTED ||
		      r->state == RAFT_CANDIDATE;
	sim_time wait = waited && r->timer_at > world_now(w) ?
			r->timer_at - world_now(w) : waited ? 0 :
			election_wait(r);

	r->leader = r->voted = NO_VOTER;
	r->epoch = epoch;
	if (!keep(w, r))
		return;
	enter(w, r, RAFT_UNATTACHED);
	if (r->voter != NO_VOTER)
		timer(w, r, wait);
	else
		raft_fetch(w, r);	/* somebody will know */
}

static void become_voted(struct world *w, struct raft *r, int32_t candidate)
{
	r->voted = candidate;
	if (!keep(w, r))
		return;
	enter(w, r, RAFT_VOTED);
	timer(w, r, election_wait(r));
}

void raft_follower_timer(struct world *w, struct raft *r)
{
	r->fetched_at = world_now(w);
	if (r->voter != NO_VOTER)
		timer(w, r, FETCH_TIMEOUT);
}

static void become_follower(struct world *w, struct raft *r, uint32_t epoch,
			    int32_t leader)
{
	if (epoch > r->epoch)
		r->voted = NO_VOTER;
	r->epoch = epoch;
	r->leader = leader;
	if (!keep(w, r))
		return;
	enter(w, r, RAFT_FOLLOWER);
	r->retries = 0;
	raft_follower_timer(w, r);
	raft_fetch(w, r);
	if (r->broker)
		channel_leader_known(w, r->broker);
}

static void become_leader(struct world *w, struct raft *r)
{
	metric_set(r->metrics.election_ms,
		   (world_now(w) - r->candidate_since) / SIM_MS(1));
	enter(w, r, RAFT_LEADER);
	r->leader = r->voter;
	r->retries = 0;
	raft_lead(w, r);
}

static void count_votes(struct world *w, struct raft *r)
{
	uint32_t voters = r->cluster->controllers.count;

	if ((uint32_t)__builtin_popcount(r->granted) >=
	    raft_majority(r->cluster)) {
		become_leader(w, r);
		return;
	}
	/* isVoteRejected: it cannot win any more; binaryExponentialElection-
	 * BackoffMs */
	if (!r->backing_off && voters - (uint32_t)__builtin_popcount(r->refused)
	    < raft_majority(r->cluster)) {
		uint64_t most = UINT64_C(2) << (r->retries < 20 ?
						r->retries - 1 : 19);
		sim_time wait = ELECTION_BACKOFF *
				(sim_time)luck_below(&r->luck, most);

		r->backing_off = true;
		timer(w, r, wait < ELECTION_BACKOFF_MAX ? wait :
			    ELECTION_BACKOFF_MAX);
	}
}

void raft_become_candidate(struct world *w, struct raft *r)
{
	r->epoch++;
	r->leader = NO_VOTER;
	r->voted = r->voter;
	if (!keep(w, r))
		return;
	if (r->state != RAFT_CANDIDATE)
		r->candidate_since = world_now(w);
	enter(w, r, RAFT_CANDIDATE);
	r->retries++;
	r->backing_off = false;
	r->granted = 1u << r->voter;
	r->refused = 0;
	timer(w, r, election_wait(r));
	ask_others(w, r, MESSAGE_VOTE);
	count_votes(w, r);
}

/* It goes on as candidate of the next epoch when others had time to be. */
void raft_become_resigned(struct world *w, struct raft *r)
{
	enter(w, r, RAFT_RESIGNED);
	r->leader = NO_VOTER;
	ask_others(w, r, MESSAGE_END_EPOCH);
	timer(w, r, election_wait(r));
}

void raft_resign(struct world *w, struct raft *r)
{
	if (r->state == RAFT_LEADER)
		raft_become_resigned(w, r);
}

void raft_heard(struct world *w, struct raft *r, uint32_t epoch,
		int32_t leader)
{
	if (epoch < r->epoch || (epoch == r->epoch &&
				 (leader == NO_VOTER || leader == r->leader ||
				  leader == r->voter ||
				  r->state == RAFT_LEADER ||
				  r->state == RAFT_FOLLOWER ||
				  r->state == RAFT_RESIGNED)))
		return;
	if (leader == NO_VOTER || leader == r->voter)
		become_unattached(w, r, epoch);
	else
		become_follower(w, r, epoch, leader);
}

/* The timer of a state. */
void raft_timeout(struct world *w, void *who, uint16_t arg)
{
	struct raft *r = who;

	(void)arg;
	if (!raft_can_act(w, r)) {
		r->timer = world_timer(w, raft_act_at(w, r), RAFT_TIMEOUT, r,
				       0);
		return;
	}
	switch (r->state) {
	case RAFT_CANDIDATE:
		if (!r->backing_off) {		/* nobody won: all the same */
			r->refused = ~r->granted;
			r->refused &= (1u << r->cluster->controllers.count) - 1;
			count_votes(w, r);
			return;
		}
		raft_become_candidate(w, r);
		return;
	case RAFT_FOLLOWER:
		log_write(w, r->process, LOG_INFO, "[RaftManager id=%d] Become "
			  "candidate due to fetch timeout "
			  "(org.apache.kafka.raft.KafkaRaftClient)", r->id);
		raft_become_candidate(w, r);
		return;
	case RAFT_UNATTACHED:
	case RAFT_VOTED:
	case RAFT_RESIGNED:
		raft_become_candidate(w, r);
		return;
	case RAFT_LEADER:
		return;
	}
}

/* -- votes -------------------------------------------------------------------------- */

/* Raft 5.4.1: a candidate has to have all that was committed. */
static bool up_to_date(const struct raft *r, const struct raft_message *m)
{
	uint32_t mine = metadata_log_last_epoch(&r->log);

	return m->last_epoch > mine ||
	       (m->last_epoch == mine && m->offset >= r->log.end);
}

static bool grants(struct world *w, struct raft *r,
		   const struct raft_message *m)
{
	if (m->epoch != r->epoch)
		return false;
	if (r->state == RAFT_VOTED)
		return r->voted == m->voter;
	if (r->state != RAFT_UNATTACHED || !up_to_date(r, m))
		return false;
	become_voted(w, r, m->voter);
	return true;
}

/* An answer that waits for fsync, as the thread does. */
static void answer_when_safe(struct world *w, struct raft *r,
			     const struct raft_message *m,
			     struct raft_message *answer)
{
	answer->req.correlation = m->req.correlation;
	answer->req.head.line = m->req.head.line;
	answer->req.head.from = r->process;
	answer->req.head.to = m->req.head.from;
	process_serve_at(w, r->process, raft_free_at(w, r), RAFT_ANSWER,
			 &answer->req.head);
}

void raft_answer(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	net_send(w, m->from, m->to, m);
}

static void vote_asked(struct world *w, struct raft *r,
		       const struct raft_message *m)
{
	struct raft_message *answer;
	bool granted;

	raft_heard(w, r, m->epoch, NO_VOTER);
	granted = grants(w, r, m);
	if (!process_runs(r->process))
		return;
	answer = raft_ask(r, w, MESSAGE_VOTED, 0);
	answer->granted = granted;
	if (m->epoch < r->epoch)
		answer->error = KAFKA_FENCED_LEADER_EPOCH;
	answer_when_safe(w, r, m, answer);
}

static void voted(struct world *w, struct raft *r,
		  const struct raft_message *m)
{
	raft_heard(w, r, m->epoch, m->leader);
	if (r->state != RAFT_CANDIDATE || m->epoch != r->epoch)
		return;
	if (m->granted)
		r->granted |= 1u << m->voter;
	else
		r->refused |= 1u << m->voter;
	count_votes(w, r);
}

static void epoch_begins(struct world *w, struct raft *r,
			 const struct raft_message *m)
{
	struct raft_message *answer;

	raft_heard(w, r, m->epoch, m->voter);
	if (!process_runs(r->process))
		return;
	answer = raft_ask(r, w, MESSAGE_EPOCH_BEGUN, 0);
	if (m->epoch < r->epoch)
		answer->error = KAFKA_FENCED_LEADER_EPOCH;
	answer_when_safe(w, r, m, answer);
}

/* The leader goes; the first of its successors begins at once.  Simplified:
 * each waits a random while up to the first backoff, where the real one waits
 * by its place among the preferred successors. */
static void epoch_ends(struct world *w, struct raft *r,
		       const struct raft_message *m)
{
	raft_heard(w, r, m->epoch, m->voter);
	if (r->state != RAFT_FOLLOWER || m->epoch != r->epoch ||
	    r->leader != m->voter)
		return;
	timer(w, r, (sim_time)luck_below(&r->luck, 2) * ELECTION_BACKOFF);
}

/* -- what comes in -------------------------------------------------------------------- */

bool raft_is_message(const struct message *m)
{
	return m->kind >= MESSAGE_VOTE && m->kind <= MESSAGE_METADATA_FETCHED;
}

static void take(struct world *w, struct raft *r, struct raft_message *m)
{
	switch (m->req.head.kind) {
	case MESSAGE_VOTE:
		vote_asked(w, r, m);
		break;
	case MESSAGE_VOTED:
		voted(w, r, m);
		break;
	case MESSAGE_BEGIN_EPOCH:
		epoch_begins(w, r, m);
		break;
	case MESSAGE_END_EPOCH:
		epoch_ends(w, r, m);
		break;
	case MESSAGE_EPOCH_BEGUN:
		raft_heard(w, r, m->epoch, m->leader);
		break;
	case MESSAGE_METADATA_FETCH:
		raft_handle_fetch(w, r, m);
		return;			/* it keeps the message */
	case MESSAGE_METADATA_FETCHED:
		raft_fetched(w, r, m);
		break;
	}
	message_free(w, &m->req.head);
}

static struct raft *of_process(const struct process *p,
			       const struct cluster *c)
{
	for (uint32_t i = 0; i < c->controllers.count; i++)
		if (c->controllers.at[i]->process == p)
			return &c->controllers.at[i]->raft;
	return &((struct broker *)p->self)->raft;
}

/* Its thread is free for one that had to wait. */
void raft_message_waited(struct world *w, void *who, uint16_t arg)
{
	struct message *m = who;

	(void)arg;
	raft_message(w, of_process(m->to, cluster_of(w)), m);
}

void raft_message(struct world *w, struct raft *r, struct message *m)
{
	if (r->busy_until > world_now(w)) {
		process_serve_at(w, r->process, r->busy_until, RAFT_MESSAGE,
				 m);
		return;
	}
	cpu_spend(w, r->process, RAFT_CPU);
	take(w, r, (struct raft_message *)m);
}

/* -- life --------------------------------------------------------------------------------- */

/* After a loss of power the log is what the disk had been given. */
static void load(struct world *w, struct raft *r)
{
	if (r->file->intact_end < r->file->end) {
		metadata_log_truncate(&r->log,
			metadata_log_end_at(&r->log, r->file->intact_end));
		file_truncate(w, r->file, metadata_log_bytes(&r->log));
	}
}

/* QuorumState.initialize: the epoch and the vote are those of the file. */
void raft_start(struct world *w, struct raft *r)
{
	r->busy_until = 0;
	r->state = RAFT_UNATTACHED;
	r->leader = NO_VOTER;
	r->retries = r->failures = 0;
	r->high_watermark = 0;		/* nobody has told it yet */
	if (r->voter == NO_VOTER) {
		raft_fetch(w, r);
		return;
	}
	load(w, r);
	if (r->voted != NO_VOTER && r->voted != r->voter)
		r->state = RAFT_VOTED;
	if (r->cluster->controllers.count == 1)
		raft_become_candidate(w, r);	/* the only voter needs nobody */
	else
		timer(w, r, election_wait(r));
}

void raft_stop(struct world *w, struct raft *r)
{
	leave(w, r);
	r->state = RAFT_UNATTACHED;
	r->leader = NO_VOTER;
}

void raft_format(struct world *w, struct raft *r)
{
	metadata_log_free(w, &r->log);
	file_truncate(w, r->file, r->file->start);
	r->epoch = 0;
	r->voted = NO_VOTER;
	r->high_watermark = 0;
}

static void settle_one(struct world *w, struct raft *r,
		       const struct raft *leader)
{
	if (r != leader) {
		while (r->log.end < leader->log.end) {
			const struct metadata_entry *e =
				&leader->log.entries.at[metadata_log_find(
					&leader->log, r->log.end)];

			raft_log_add(w, r, e->epoch, e->record, e->count,
				     e->at);
		}
		r->epoch = leader->epoch;
		if (r->state != RAFT_FOLLOWER || r->leader != leader->voter)
			become_follower(w, r, leader->epoch, leader->voter);
	}
	raft_flush(w, r);
	r->busy_until = 0;
	if (r != leader)		/* what it asked before is outdated */
		raft_fetch_in(w, r, SIM_MS(1));
	raft_set_high_watermark(w, r, leader->log.end);
}

void raft_settle(struct world *w, struct cluster *c)
{
	struct raft *leader = raft_voter(c, 0);

	if (leader->state != RAFT_LEADER) {
		leader->epoch = 1;
		leader->voted = leader->voter;
		become_leader(w, leader);
	}
	leader->busy_until = 0;
	raft_drain(w, leader, 0);
	settle_one(w, leader, leader);
	for (uint32_t i = 1; i < c->controllers.count; i++)
		settle_one(w, raft_voter(c, (int32_t)i), leader);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		settle_one(w, &c->brokers.at[i]->raft, leader);
}
