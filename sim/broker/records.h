/* records.h - the records inside a batch, explicit or procedural
 *
 * A source is somebody who can say what record number n of lane l is, at any
 * time and as often as asked: a fleet of devices.  Explicit records lie in the
 * cluster's payload stream, one entry a batch: for each record its time, the
 * lengths of key and value (-1: null), then their bytes.
 */
#ifndef SIM_BROKER_RECORDS_H
#define SIM_BROKER_RECORDS_H

#include "sim/broker/cluster.h"

/* One record, as a consumer gets it. */
struct record_view {
	int64_t offset;
	sim_time at;			/* message.timestamp.type says which */
	int32_t key_len, value_len;	/* -1: null */
	const char *key, *value;	/* lent until the next record is read */
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

/* Record i of a batch.  scratch: RECORD_SCRATCH bytes, for procedural ones. */
void record_read(struct world *w, const struct cluster *c,
		 const struct batch *b, uint32_t i, struct record_view *view,
		 char *scratch);

/* What `content` is of a batch that begins with record i of this one. */
uint64_t record_place(const struct world *w, const struct cluster *c,
		      const struct batch *b, uint32_t i);

/* One explicit record at the end of a batch being built. */
void record_write(struct text *payload, sim_time at, const char *key,
		  int32_t key_len, const char *value, int32_t value_len);

#endif
