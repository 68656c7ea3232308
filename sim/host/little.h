/* little.h - Little's law, asked of every line of every machine
 *
 * In a build with assert each place where something waits keeps a struct queue
 * (sim/core/queue.h) beside its own books:
 *
 *	line			who stands in it
 *	machine.cpu.line	ready threads: the run queue
 *	process.share.line	pieces of work: in its backlog, ready, on a core
 *	process.line		struct work: who waits for a disk, for a network
 *				thread of a broker
 *	disk.line		requests
 *	channel.line		messages that have not left, of one direction of
 *				a connection: its part of the queue of the card
 *	hosts.line		messages sent that have not arrived
 *	ingest_part.line	records that wait or are being stored
 *
 * Each is checked by itself whenever it becomes empty; and every five seconds,
 * with the load averages, all are held against the lists of those inside.  A
 * thread nobody wakes up, a message dropped twice, a time stamp of another's:
 * the run ends there.
 *
 * Without assert (NDEBUG) nothing is counted and nothing asked.
 */
#ifndef SIM_HOST_LITTLE_H
#define SIM_HOST_LITTLE_H

#include "sim/host/host.h"

/* Do the lines agree with the lists of those inside? */
bool cpu_agrees(const struct world *w, const struct machine *m);
bool process_agrees(const struct world *w, const struct process *p);
bool disk_agrees(const struct world *w, const struct disk *d);

/* Ask all of them, and net_agrees: assert. */
void little_ask(const struct world *w);

#endif
