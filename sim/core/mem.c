/* mem.c - memory outside any world: there is some, or the program ends */
#include "sim/core/mem.h"

#include <stdlib.h>
#include <string.h>

static void *there(void *at)
{
	if (!at)
		abort();
	return at;
}

void *mem_take(size_t bytes)
{
	return there(malloc(bytes));
}

void *mem_zeroed(size_t count, size_t size)
{
	return there(calloc(count, size));
}

void *mem_grow(void *at, size_t bytes)
{
	return there(realloc(at, bytes));
}

char *mem_copy(const char *s)
{
	size_t size = s ? strlen(s) + 1 : 0;

	return s ? memcpy(mem_take(size), s, size) : NULL;
}

char *mem_text(const char *s)
{
	return mem_copy(s ? s : "");
}
