/* controller_dirs.c - which directory of a broker holds which replica
 *
 * What brokers with several log directories told (AssignReplicasToDirs), so
 * that a directory that fails costs its replicas their places in the in-sync
 * sets and no others (KIP-858).  ReplicationControlManager.
 * handleDirectoriesOffline, handleAssignReplicasToDirs, LeaderAcceptor, 3.9.
 *
 * Simplified: where a replica lies is no part of the partition's record, does
 * not change its epoch, and is known to all controllers at once.
 */
#include "sim/broker/controller_inside.h"
#include "sim/broker/log_dirs.h"

#define UNASSIGNED	0
#define LOST		UINT8_MAX	/* its disk has been replaced */

static uint8_t *dir_of(struct world *w, struct broker_dirs *k,
		       uint32_t partition)
{
	while (k->dir_of.count <= partition)
		*vec_add(&w->arena, &k->dir_of) = UNASSIGNED;
	return &k->dir_of.at[partition];
}

/* What is unassigned counts as online: DirectoryId, ClusterControlManager. */
bool controller_dir_online(const struct controller *c, int32_t broker,
			   const struct partition *p)
{
	const struct broker_dirs *k = &c->cluster->dirs[broker];
	uint8_t dir = p->id < k->dir_of.count ? k->dir_of.at[p->id] :
		      UNASSIGNED;

	return dir == UNASSIGNED ||
	       (dir != LOST && !(k->offline >> (dir - 1) & 1));
}

static void say_offline(struct world *w, struct controller *c, int32_t broker,
			uint64_t gone)
{
	const struct broker *b = c->cluster->brokers.at[broker];
	uint64_t offline = c->cluster->dirs[broker].offline;
	struct text lost = {0}, left = {0};

	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		if (gone >> i & 1)
			text_addf(&lost, "%s%s", lost.len ? ", " : "",
				  b->log_dirs.at[i]->id);
		else if (!(offline >> i & 1))
			text_addf(&left, "%s%s", left.len ? ", " : "",
				  b->log_dirs.at[i]->id);
	log_write(w, c->process, LOG_WARN, "[QuorumController id=%d] "
		  "Directories [%s] in broker %d marked offline, remaining "
		  "directories: [%s] "
		  "(org.apache.kafka.controller.ReplicationControlManager)",
		  c->raft.id, text_cstr(&lost), b->node_id, text_cstr(&left));
	text_free(&lost);
	text_free(&left);
}

void controller_dirs_heard(struct world *w, struct controller *c,
			   const struct heartbeat_request *m)
{
	struct broker_dirs *k = &c->cluster->dirs[m->broker];
	uint64_t gone = m->offline_dirs & ~k->offline;

	if (!gone)
		return;
	k->offline |= gone;
	controller_leave_dirs(w, c, m->broker);
	say_offline(w, c, m->broker, gone);
}

void controller_dirs_registered(struct controller *c,
				const struct heartbeat_request *m)
{
	struct broker_dirs *k = &c->cluster->dirs[m->broker];

	k->offline = m->offline_dirs;
	for (uint32_t i = 0; i < k->dir_of.count; i++) {
		uint8_t dir = k->dir_of.at[i];

		if (dir != UNASSIGNED && dir != LOST &&
		    m->fresh_dirs >> (dir - 1) & 1)
			k->dir_of.at[i] = LOST;
	}
}

static void answer(struct world *w, struct controller *c,
		   const struct assign_dirs *m)
{
	size_t parts = m->count * sizeof(*m->parts);
	struct assign_dirs *reply = message_new(w, sizeof(*reply) + parts,
						MESSAGE_DIRS_ASSIGNED);

	reply->req.head.bytes = 60 + 20 * m->count;
	reply->count = m->count;
	memcpy(reply->parts, m->parts, parts);
	controller_answer(w, c, m->req.head.from, &reply->req.head);
}

/* With each change of a partition a leader is looked for, should it have none
 * (PartitionChangeBuilder.tryElection). */
void controller_assign_dirs(struct world *w, struct controller *c,
			    const struct assign_dirs *m)
{
	struct broker_dirs *k = &c->cluster->dirs[m->broker];

	if (c->view.incarnations[m->broker] != m->incarnation)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		*dir_of(w, k, m->parts[i].partition) =
			(uint8_t)(m->parts[i].dir + 1);
	controller_leave_dirs(w, c, m->broker);
	controller_arrive(w, c, m->broker);
	answer(w, c, m);
}
