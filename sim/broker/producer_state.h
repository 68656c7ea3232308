/* producer_state.h - what a log knows of the producers that wrote it
 *
 * An idempotent producer numbers its records, partition by partition: each
 * batch says who sent it (producer id and epoch) and the number of its first
 * record (KIP-98).  For each producer a log remembers the epoch and its last
 * five batches; five, because that many requests may be in flight.
 *
 *	 remembered      7..9   10..14   15..15   16..20   21..22
 *	 15..15 again    stored already: acknowledged, not appended
 *	 23..            the next one: appended
 *	 24.., 3..6      OUT_OF_ORDER_SEQUENCE_NUMBER
 *
 * A higher epoch starts again at 0; a lower one is INVALID_PRODUCER_EPOCH.  Of
 * a producer it knows nothing of a log accepts any number (KIP-360: since 2.5
 * brokers do not say UNKNOWN_PRODUCER_ID any more).
 *
 * Of one that writes in transactions it also knows where the open one began,
 * and which coordinator ended the last (txn_index.h).
 *
 * All this follows from the log's batches.  So a follower learns it from what
 * it fetches, and a log that was cut, or read anew by a broker that starts,
 * gets it by walking its batches.  Of those that retention has deleted it knows
 * by a snapshot (OFFSET.snapshot, ProducerStateManager.takeSnapshot):
 *
 *	 deleted             │ log start                     log end
 *	 batches ─▶ snapshot │ batches ─▶ walked when it is loaded
 *
 * Simplified: there is one snapshot, as of the log start, and all that follows
 * is walked; real brokers take one at each new segment and at a clean stop, and
 * walk what came after the last.  What they know is the same.
 *
 * After kafka.log ProducerStateManager, ProducerAppendInfo, 3.9.
 */
#ifndef SIM_BROKER_PRODUCER_STATE_H
#define SIM_BROKER_PRODUCER_STATE_H

#include "sim/broker/protocol.h"
#include "sim/broker/txn_index.h"
#include "sim/core/map.h"
#include "sim/core/text.h"

#define PRODUCER_BATCHES	5	/* NUM_BATCHES_TO_RETAIN */

struct numbered_batch {
	int32_t first, last;		/* sequence numbers */
	int64_t base_offset;
};

struct producer_entry {
	int64_t id;
	int16_t epoch;
	uint32_t count;			/* of `batches`, oldest first */
	struct numbered_batch batches[PRODUCER_BATCHES];
	sim_time last_at;		/* timestamp of its last record */
	int64_t txn_first;		/* offset at which its open transaction
					   begins here; -1: it has none */
	int32_t coordinator_epoch;	/* of its last marker; -1: none yet */
};

/* On disk: what was known at `offset`. */
struct producer_snapshot {
	int64_t offset;
	VEC(struct producer_entry) entries;
};

struct producer_states {
	struct map by_id;		/* struct producer_entry */
	struct producer_snapshot snapshot;
	struct txn_index txns;
};

/* The sequence number `count` after `sequence`: after 2^31 - 1 comes 0. */
int32_t sequence_after(int32_t sequence, uint32_t count);

/*
 * May a client's numbered batch be appended at `end`?  KAFKA_NONE and
 * *stored_at -1: yes.  KAFKA_NONE and an offset: it is there already.  Else
 * the error, and the broker's words for it in `why`.
 */
enum kafka_error producer_states_check(const struct producer_states *s,
				       const struct batch *b, int64_t end,
				       const char *topic, uint32_t index,
				       int64_t *stored_at, struct text *why);

/*
 * May a marker be appended at `end`?  Not one of an older epoch, nor one of a
 * coordinator that has been replaced (ProducerAppendInfo.appendEndTxnMarker).
 */
enum kafka_error producer_states_check_marker(const struct producer_states *s,
					      const struct batch *b, int64_t end,
					      const char *topic, uint32_t index,
					      struct text *why);

/* A batch was appended, as leader or as follower: one that is numbered, belongs
 * to a transaction or ends one. */
void producer_states_note(struct world *w, struct producer_states *s,
			  const struct batch *b);
/* Forget all, then learn what the snapshot and the log's batches say. */
void producer_states_rebuild(struct world *w, struct producer_states *s,
			     const struct log *log);
/* Memory is lost, as with the process; and with it the snapshot, as with the
 * log. */
void producer_states_clear(struct world *w, struct producer_states *s);
void producer_states_forget(struct world *w, struct producer_states *s);
/* The log is about to lose its batches below `to`. */
void producer_states_snapshot(struct world *w, struct producer_states *s,
			      const struct log *log, int64_t to);
/* Forget who wrote nothing later than `before`. */
void producer_states_expire(struct world *w, struct producer_states *s,
			    sim_time before);
/* NULL: nothing is known of it. */
const struct producer_entry *producer_states_find(
	const struct producer_states *s, int64_t id);

#endif
