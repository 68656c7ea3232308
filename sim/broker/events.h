/* events.h - the broker module's events, by number (see broker.c) */
#ifndef SIM_BROKER_EVENTS_H
#define SIM_BROKER_EVENTS_H

#include "sim/core/world.h"

enum {
	BROKER_START = MODULE_BROKER << 8,	/* who = process */
	BROKER_STOP,				/* who = process */
	BROKER_MESSAGE,				/* who = message */
	BROKER_LOST,				/* who = struct lost */
	BROKER_COLLECT,				/* who = process */
	BROKER_REQUEST_READY,			/* who = message: CPU was spent */
	BROKER_PRODUCE_WRITTEN,			/* who = message: a reply that had to wait */
	BROKER_PRODUCE_TIMEOUT,			/* who = struct waiting_produce */
	BROKER_HEARTBEAT,			/* who = broker */
	BROKER_ISR_CHECK,			/* who = broker */
	BROKER_RETENTION,			/* who = broker */
	BROKER_FETCH_TIMEOUT,			/* who = fetch_session */
	BROKER_FETCHER_RETRY,			/* who = fetcher */
	CONTROLLER_START,			/* who = process */
	CONTROLLER_MESSAGE,			/* who = message */
	CONTROLLER_COLLECT,			/* who = process */
	CONTROLLER_SESSION_TIMEOUT,		/* who = controller, arg = broker */
	CONTROLLER_REBALANCE,			/* who = controller */
	GROUP_JOIN_DEADLINE,			/* who = group */
	GROUP_SESSION_TIMEOUT,			/* who = member */
	GROUP_COMMITTED,			/* internal append is committed */
	BROKER_REQUEST_HEARD,			/* who = message: a network thread
						   has time for it */
	BROKER_LOG_DIR_FAILED,			/* who = log_dir */
	BROKER_LOAD_LOGS,			/* who = broker: see recovery.h */
	BROKER_RECOVER,				/* who = recovery: a piece is read */
	BROKER_RECOVER_READ,			/* who = recovery: and checked */
	BROKER_CHECKPOINT,			/* who = broker */
	BROKER_FLUSH,				/* who = broker */
	BROKER_CLEAN,				/* who = broker: see cleaner.h */
	BROKER_CLEAN_READ,			/* who = broker: a piece is read */
	BROKER_CLEAN_WRITTEN,			/* who = broker: the copy is flushed */
	BROKER_SWEEP,				/* who = broker: see retention.h */
	GROUP_LOADED,				/* who = groups, arg = partition */
	GROUP_EXPIRE_OFFSETS,			/* who = groups */
	CONTROLLER_STOP,			/* who = process */
	CONTROLLER_LOST,			/* who = struct lost */
	CONTROLLER_BOOTED,			/* who = controller */
	CONTROLLER_IDLE,			/* who = controller: see raft.h */
	CONTROLLER_EXIT,			/* who = controller */
	RAFT_TIMEOUT,				/* who = raft: of its state */
	RAFT_FETCH,				/* who = raft */
	RAFT_PARKED,				/* who = raft, arg = peer */
	RAFT_DRAIN,				/* who = raft: lingered enough */
	RAFT_CHECK_QUORUM,			/* who = raft */
	RAFT_BEGIN,				/* who = raft */
	RAFT_ANSWER,				/* who = message: safe now */
	RAFT_MESSAGE,				/* who = message that waited */
	CHANNEL_RETRY,				/* who = broker: see channel.h */
	BROKER_LOG_DIR_UNTOLD,			/* who = log_dir */
	TXN_APPENDED,				/* internal append: txn_state.c */
	TXN_LOADED,				/* who = txns, arg = partition */
	TXN_MARKERS_AGAIN,			/* who = txn */
	TXN_MARKER_WRITTEN,			/* internal append: txn_markers.c */
	TXN_ABORT_LATE,				/* who = txns */
	TXN_EXPIRE,				/* who = txns */
	TXN_PEERS_CHECK,			/* who = broker */
	GROUP_TXN_WRITTEN,			/* internal append: group_txn.c */
};

void controller_start(struct world *w, void *who, uint16_t arg);
void controller_message(struct world *w, void *who, uint16_t arg);
void controller_collect(struct world *w, void *who, uint16_t arg);
void controller_stop(struct world *w, void *who, uint16_t arg);
void controller_lost(struct world *w, void *who, uint16_t arg);
void controller_booted(struct world *w, void *who, uint16_t arg);
void controller_idle(struct world *w, void *who, uint16_t arg);
void controller_exit(struct world *w, void *who, uint16_t arg);
void controller_session_timeout(struct world *w, void *who, uint16_t arg);
void controller_rebalance(struct world *w, void *who, uint16_t arg);
void raft_timeout(struct world *w, void *who, uint16_t arg);
void raft_fetch_timer(struct world *w, void *who, uint16_t arg);
void raft_parked(struct world *w, void *who, uint16_t arg);
void raft_drain(struct world *w, void *who, uint16_t arg);
void raft_check_quorum(struct world *w, void *who, uint16_t arg);
void raft_begin(struct world *w, void *who, uint16_t arg);
void raft_answer(struct world *w, void *who, uint16_t arg);
void raft_message_waited(struct world *w, void *who, uint16_t arg);
void channel_retry(struct world *w, void *who, uint16_t arg);
void group_join_deadline(struct world *w, void *who, uint16_t arg);
void group_session_timeout(struct world *w, void *who, uint16_t arg);
void group_committed(struct world *w, void *who, uint16_t arg);
void group_loaded(struct world *w, void *who, uint16_t arg);
void group_expire_offsets(struct world *w, void *who, uint16_t arg);

#endif
