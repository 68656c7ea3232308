/* trace_context.c - which request this work belongs to, as messages say it */
#include "sim/host/trace_context.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KNOWN_FLAGS	(TRACE_SAMPLED | TRACE_RANDOM)

void trace_context_write(const struct trace_context *c,
			 char text[TRACEPARENT_LEN + 1])
{
	snprintf(text, TRACEPARENT_LEN + 1,
		 "00-%016" PRIx64 "%016" PRIx64 "-%016" PRIx64 "-%02x",
		 c->trace.high, c->trace.low, c->span,
		 (unsigned)(c->flags & KNOWN_FLAGS));
}

/* `digits` of lowercase hexadecimal at *s, then move on. */
static bool take_hex(const char **s, int digits, uint64_t *out)
{
	static const char known[] = "0123456789abcdef";

	*out = 0;
	for (; digits; digits--, (*s)++) {
		const char *digit = **s ? strchr(known, **s) : NULL;

		if (!digit)
			return false;
		*out = *out << 4 | (uint64_t)(digit - known);
	}
	return true;
}

static bool take_dash(const char **s)
{
	return *(*s)++ == '-';
}

bool trace_context_parse(const char *text, struct trace_context *c)
{
	struct trace_context read = {0};
	const char *s = text;
	uint64_t version;

	if (!take_hex(&s, 2, &version) || version == 0xff || !take_dash(&s) ||
	    !take_hex(&s, 16, &read.trace.high) ||
	    !take_hex(&s, 16, &read.trace.low) || !take_dash(&s) ||
	    !take_hex(&s, 16, &read.span) || !take_dash(&s) ||
	    !take_hex(&s, 2, &read.flags))
		return false;
	if (*s && (version == 0 || *s != '-'))
		return false;
	if (!trace_context_given(&read))
		return false;
	read.flags &= KNOWN_FLAGS;
	*c = read;
	return true;
}
