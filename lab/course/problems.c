/* problems.c - what lint found: where, which rule, in one sentence */
#include "lab/course/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/mem.h"

void problems_release(struct problems *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->at[i].file);
		free(p->at[i].message);
	}
	free(p->at);
	*p = (struct problems){0};
}

void problems_add(struct problems *p, const char *file, int line, int column,
		  const char *rule, const char *fmt, ...)
{
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	if (p->count == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 16;
		p->at = mem_grow(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count] = (struct problem){
		.file = strdup(file), .line = line, .column = column,
		.rule = rule, .message = text_take(&t),
	};
	if (!p->at[p->count].file || !p->at[p->count].message)
		abort();
	p->count++;
	p->errors++;
}

void problems_soften(struct problems *p)
{
	if (p->count && !p->at[p->count - 1].warning) {
		p->at[p->count - 1].warning = true;
		p->errors--;
	}
}

/* The part of an absolute path below the current folder, or NULL. */
static const char *below_here(const char *file)
{
	char here[4096];
	size_t len;

	if (file[0] != '/' || !getcwd(here, sizeof(here)))
		return NULL;
	len = strlen(here);
	return strncmp(file, here, len) == 0 && file[len] == '/' ?
	       file + len + 1 : NULL;
}

const char *problem_path(const char *file)
{
	const char *below = below_here(file);

	if (below && *below)
		return below;
	while (strncmp(file, "./", 2) == 0 && file[2])
		file += 2 + strspn(file + 2, "/");
	return file;
}

static const char *severity(const struct problem *p)
{
	return p->warning ? "warning" : "error";
}

void problem_text(const struct problem *p, struct text *t)
{
	text_addf(t, "%s:%d:%d: %s: %s [%s]", problem_path(p->file), p->line,
		  p->column, severity(p), p->message, p->rule);
}

void problems_json(const struct problems *p, struct text *t)
{
	text_char(t, '[');
	for (size_t i = 0; i < p->count; i++) {
		const struct problem *x = &p->at[i];

		text_add(t, i ? ",{\"file\":" : "{\"file\":");
		text_json(t, problem_path(x->file));
		text_addf(t, ",\"line\":%d,\"column\":%d,\"severity\":\"%s\","
			  "\"rule\":\"%s\",\"warning\":%s,\"message\":",
			  x->line, x->column, severity(x), x->rule,
			  x->warning ? "true" : "false");
		text_json(t, x->message);
		text_char(t, '}');
	}
	text_char(t, ']');
}
