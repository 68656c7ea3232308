/* lint_text.c - rules for a module's pages of Markdown */
#include "lab/course/lint.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/keytext.h"
#include "lab/paths.h"

enum { WIDTH_MAX = 78 };

struct page {
	struct exercise *m;
	char *file;		/* for messages */
	int line;
	int heading;		/* level of the last one, 0 before */
	bool in_code;
	int code_line;		/* where it began */
};

/* Columns: bytes that do not continue a UTF-8 character. */
static size_t width(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

static void report(struct page *p, size_t column, const char *rule,
		   const char *message)
{
	problems_add(&p->m->problems, p->file, p->line, (int)column, rule, "%s",
		     message);
}

static void look_heading(struct page *p, const char *s, size_t len)
{
	int level = (int)strspn(s, "#");

	if (level == 0 || level > 6 || (size_t)level >= len || s[level] != ' ')
		return;
	if (level > p->heading + 1)
		report(p, 1, "heading", "skips a level of headings; the next "
		       "is one # more at most");
	p->heading = level;
}

/* [text](target): a target that is no address lies in the module. */
static void look_links(struct page *p, const char *s, size_t len)
{
	const char *end = s + len, *at = s;

	while ((at = memchr(at, ']', (size_t)(end - at))) && at + 1 < end) {
		const char *shut, *start = at + 2;
		struct text target = {0}, path = {0};

		at++;
		if (*at != '(')
			continue;
		shut = memchr(start, ')', (size_t)(end - start));
		if (!shut)
			return;
		text_bytes(&target, start, (size_t)(shut - start));
		text_addf(&path, "%s/text/%s", p->m->folder,
			  text_cstr(&target));
		if (!strstr(text_cstr(&target), "://") &&
		    text_cstr(&target)[0] != '#' &&
		    !path_is_file(text_cstr(&path)))
			report(p, (size_t)(start - s) + 1, "link",
			       "leads to no file of text/; correct it, or "
			       "write that page");
		text_free(&target);
		text_free(&path);
		at = shut;
	}
}

/* {key:exercise.check}: only the form; which keys there are, the screen
 * knows. */
static void look_keys(struct page *p, const char *s, size_t len)
{
	const char *at = s, *stop;
	bool good;

	for (; keytext_next(&at, s + len, &stop, &good); at = stop)
		if (!good)
			report(p, (size_t)(at - s) + 1, "key", "names no key; "
			       "write {key:exercise.check}, and \\{key: for "
			       "the signs themselves");
}

static void look_line(struct page *p, const char *s, size_t len)
{
	if (width(s, len) > WIDTH_MAX)
		report(p, WIDTH_MAX + 1, "width", "the line is wider than 78 "
		       "columns; break it");
	if (len >= 3 && strncmp(s, "```", 3) == 0) {
		p->in_code = !p->in_code;
		p->code_line = p->line;
		return;
	}
	look_keys(p, s, len);
	if (p->in_code && len >= 2 && strncmp(s, "$ ", 2) == 0)
		report(p, 1, "prompt", "a command to be copied begins with a "
		       "prompt; leave `$ ` out");
	if (p->in_code)
		return;
	look_heading(p, s, len);
	look_links(p, s, len);
	if (len >= 2 && strncmp(s, "![", 2) == 0 && s[2] == ']')
		report(p, 1, "alt-text", "a picture needs a text that says "
		       "what it shows; write it between [ and ]");
}

void lint_page(struct exercise *m, const char *path, const char *field)
{
	struct page p = { .m = m };
	struct text t = {0}, file = {0};
	const char *at, *end;
	struct err err;

	if (!exercise_text(m, path, &t, &err)) {
		exercise_problem(m, "text", field, "the page cannot be read: "
				 "%s; write it, or correct the name", err.what);
		text_free(&t);
		return;
	}
	text_addf(&file, "%s/%s", m->folder, path);
	p.file = text_take(&file);
	at = text_cstr(&t);
	end = at + t.len;
	for (p.line = 1; at < end; p.line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		look_line(&p, at, (size_t)(stop - at));
		at = newline ? newline + 1 : end;
	}
	p.line = p.in_code ? p.code_line : 1;
	if (p.in_code)
		report(&p, 1, "fence", "a block of code is not closed; "
		       "end it with ```");
	if (t.len == 0)
		report(&p, 1, "text", "the page is empty; a learner reads it "
		       "first");
	free(p.file);
	text_free(&t);
}

static void look_used(void *with, const char *name)
{
	struct exercise *m = with;
	struct text path = {0}, file = {0};
	bool used = false;

	text_addf(&path, "text/%s", name);
	for (size_t i = 0; i < m->task_count; i++)
		used = used || strcmp(m->tasks[i].text, text_cstr(&path)) == 0;
	used = used || strcmp(m->debrief, text_cstr(&path)) == 0 ||
	       strcmp(name, "brief.md") == 0;
	if (!used) {
		text_addf(&file, "%s/%s", m->folder, text_cstr(&path));
		problems_add(&m->problems, text_cstr(&file), 1, 1, "unused",
			     "no field of module.lua names this page; name it "
			     "in a task, or take it away");
		problems_soften(&m->problems);
	}
	text_free(&file);
	text_free(&path);
}

void lint_unused(struct exercise *m)
{
	struct text t = {0};

	text_addf(&t, "%s/text", m->folder);
	path_list(text_cstr(&t), look_used, m, NULL);
	text_free(&t);
}
