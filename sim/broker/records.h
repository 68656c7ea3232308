/* records.h - the records inside a batch, explicit or procedural
 *
 * A source is somebody who can say what record number n of lane l is, at any
 * time and as often as asked: a fleet of devices.  Explicit records lie in the
 * cluster's payload stream, one entry a batch: for each record its time, the
 * lengths of key, value (-1: null) and headers, then their bytes.
 */
#ifndef SIM_BROKER_RECORDS_H
#define SIM_BROKER_RECORDS_H

#include "sim/broker/cluster.h"
#include "sim/host/trace_context.h"

/* One record, as an application gives it; all lent. */
struct record {
	const char *key, *value;
	const char *headers;		/* as record_header_add writes them */
	int32_t key_len, value_len;	/* -1: null */
	uint32_t headers_len;
};

/* One record, as a consumer gets it. */
struct record_view {
	int64_t offset;
	sim_time at;			/* message.timestamp.type says which */
	int32_t key_len, value_len;	/* -1: null */
	const char *key, *value;	/* lent until the next record is read */
	const char *headers;		/* the same */
	uint32_t headers_len;
};

/* A header of a record: a name, which may come twice, and bytes (KIP-82). */
struct record_header {
	const char *key, *value;	/* lent */
	uint32_t key_len;
	int32_t value_len;		/* -1: null */
};

struct record_source {
	uint16_t describe;		/* event: who = struct record_ask */
	void *self;
};

/* The question a source answers: fill view and, if used, scratch. */
struct record_ask {
	void *source;			/* its self */
	uint32_t lane;
	uint64_t number;		/* of the record in its lane */
	struct record_view *view;
	char *scratch;			/* RECORD_SCRATCH bytes to write to */
};

#define RECORD_SCRATCH		1024
#define PAYLOAD_CHUNK		(4u << 20)	/* largest explicit batch */

uint32_t record_source_add(struct world *w, struct cluster *c,
			   uint16_t describe, void *self);

/* Record i of a batch; a marker has one, which says how a transaction ended
 * (EndTransactionMarker: version and type; version and coordinator's epoch).  scratch: RECORD_SCRATCH bytes, for procedural ones. */
void record_read(struct world *w, const struct cluster *c,
		 const struct batch *b, uint32_t i, struct record_view *view,
		 char *scratch);

/* What `content` is of a batch that begins with record i of this one. */
uint64_t record_place(const struct world *w, const struct cluster *c,
		      const struct batch *b, uint32_t i);

/* One explicit record at the end of a batch being built. */
void record_write(struct text *payload, sim_time at, const struct record *r);

/* The record at `at` of such a batch (all but its offset); what lies behind. */
const char *record_next(const char *at, struct record_view *view);

/* What a record takes in a batch. */
uint32_t record_bytes(const struct record *r);

/* -- headers --------------------------------------------------------------- */

void record_header_add(struct text *headers, const char *key, const char *value,
		       int32_t value_len);
/* The header at *at (0: the first), and *at behind it; false: there is none. */
bool record_header_next(const char *headers, uint32_t len, uint32_t *at,
			struct record_header *h);

/*
 * The header `traceparent` (trace_context.h), empty if there is none.  A
 * procedural record's is computed: its trace id is a hash of the world's seed
 * and of which record it is, sampled by the present ratio
 * (span.h); one that is not has none.
 */
struct trace_context record_trace(struct world *w, const struct cluster *c,
				  const struct batch *b, uint32_t i);

#endif
