/* host.h - what a store asks of the machine: whose, which disk, one only
 *
 * Progress is nobody else's business: folders are 0700 and files 0600.  On a
 * network file system SQLite's shared memory does not hold, and locks often
 * do not either: there one lock file keeps a second program out.
 */
#ifndef LAB_PROGRESS_HOST_H
#define LAB_PROGRESS_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/err.h"

/* Make the folder, private; an old one is made private. */
bool host_folder(const char *path, struct err *err);

/* NFS, SMB, AFS, FUSE, 9p.  NULL: none of them; else its name. */
const char *host_network(const char *folder);

/* Ours until host_unlock.  A lock whose program is dead on this machine is
 * taken over. */
bool host_lock(const char *path, struct err *err);
void host_unlock(const char *path);

/* Files made between the two are 0600. */
int host_private(void);
void host_usual(int was);

/* Move a file and what SQLite keeps beside it; a missing one is none. */
bool host_move(const char *from, const char *to, struct err *err);
/* Its bytes are on the disk, not only in the cache. */
bool host_sync(const char *path, struct err *err);

bool host_random(void *bytes, size_t len, struct err *err);

#endif
