/* recovery.h - logs that are loaded again when a broker starts
 *
 * A broker that stopped in good order left a file behind, .kafka_cleanshutdown,
 * and all its logs on the disk: it believes them.  After any other end it
 * reads, of each log, the segments since the recovery point, checks every
 * batch and cuts the log before the first bad one (kafka.log.LogLoader):
 *
 *	             checkpoint of the recovery point
 *	                   │                 intact_end
 *	┌───────────┬──────▼──────┬──────────────▼─╌╌╌╌╌╌┐
 *	│ segment   │ segment     │ active       ┊ lost  ┊
 *	└───────────┴─────────────┴──────────────┴─╌╌╌╌╌╌┘
 *	            └── read again, at the speed of the disk
 *
 * A process that is killed loses nothing: what it wrote is in the page cache.
 * A machine that loses its power loses what was not written back, which
 * replicas on other machines still have (file.intact_end in disk.h).
 */
#ifndef SIM_BROKER_RECOVERY_H
#define SIM_BROKER_RECOVERY_H

#include "sim/broker/broker.h"

/* The JVM is up: load the logs, then heartbeat for the first time. */
void recovery_begin(struct world *w, void *broker, uint16_t arg);
void recovery_read(struct world *w, void *recovery, uint16_t arg);
void recovery_step(struct world *w, void *recovery, uint16_t arg);

/* The process ends, perhaps while it loads logs. */
void recovery_drop(struct world *w, struct broker *b);

/* Write down the recovery points: recovery-point-offset-checkpoint. */
void recovery_checkpoint(struct broker *b);

/* Logs of the directory that are not yet loaded. */
int64_t recovery_left(const struct broker *b, const struct log_dir *d);

#endif
