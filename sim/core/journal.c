/* journal.c - everything that came from outside, and when */
#include "sim/core/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void journal_release(struct journal *j)
{
	journal_cut(j, 0);
	free(j->entries);
	*j = (struct journal){0};
}

void journal_add(struct journal *j, sim_time at, uint64_t events,
		 const char *line)
{
	size_t len = strlen(line) + 1;
	char *copy = malloc(len);

	if (j->count == j->cap) {
		j->cap = j->cap ? 2 * j->cap : 32;
		j->entries = realloc(j->entries,
				     j->cap * sizeof(*j->entries));
	}
	if (!copy || !j->entries)
		abort();
	memcpy(copy, line, len);
	j->entries[j->count++] = (struct journal_entry){ at, events, copy };
}

void journal_cut(struct journal *j, uint32_t count)
{
	while (j->count > count)
		free(j->entries[--j->count].line);
	if (j->played > j->count)
		j->played = j->count;
}
