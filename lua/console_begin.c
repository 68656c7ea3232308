/* console_begin.c - the beginning of a stage: words, redirections, whose turn
 *
 * A command is expanded when it is about to start, never earlier: `A=1; echo
 * $A` must see the 1.  First its words, then NAME=value, then < and > from left
 * to right, and with the first word at last who runs.
 */
#include "lua/console_inside.h"

#include <string.h>

/* -- variables and files, as one stage sees them ------------------------ */

const char *stage_variable(const struct stage *st, const char *name)
{
	size_t len = strlen(name);
	const struct variable *v;

	for (size_t i = st->env.count; i-- > 0;)
		if (strncmp(st->env.at[i], name, len) == 0 &&
		    st->env.at[i][len] == '=')
			return st->env.at[i] + len + 1;
	v = variable_find(st->console, name);
	return v && v->exported ? v->value : NULL;
}

static const char *scope_variable(void *ctx, const char *name)
{
	return console_variable(ctx, name);
}

struct visitor {
	void (*visit)(void *with, const char *name);
	void *with;
};

static void visit_name(void *with, const char *name, size_t len)
{
	struct visitor *v = with;

	(void)len;
	v->visit(v->with, name);
}

static void scope_files(void *ctx, void (*visit)(void *with, const char *name),
			void *with)
{
	struct console *c = ctx;
	struct visitor v = { visit, with };

	c->files.list(c->files.ctx, visit_name, &v, NULL);
}

static struct shell_scope scope_of(struct console *c, const struct job *job)
{
	return (struct shell_scope){
		.ctx = c, .status = job->status,
		.variable = scope_variable, .files = scope_files,
	};
}

/* -- words -------------------------------------------------------------- */

static bool expand_words(struct stage *st, const struct shell_command *cmd,
			 const struct shell_scope *scope, struct err *err)
{
	for (const struct shell_word *w = cmd->words; w; w = w->next)
		if (!shell_expand(w, scope, &st->argv, err))
			return false;
	return true;
}

/* One NAME=value: for this command alone, or for the console if there is no
 * command. */
static bool assign(struct stage *st, const struct shell_assignment *a,
		   const struct shell_scope *scope, bool keep,
		   struct err *err)
{
	struct text value = {0};
	bool ok = shell_expand_text(a->value, scope, &value, err);

	if (ok && st->argv.count) {
		struct shell_piece piece = { .kind = SHELL_TEXT,
					     .quoted = true };
		struct shell_word word = { .pieces = &piece };
		struct text both = {0};

		text_addf(&both, "%s=%s", a->name, text_cstr(&value));
		piece.text = both.at;
		piece.len = both.len;
		ok = shell_expand(&word, scope, &st->env, err);
		text_free(&both);
	} else if (ok && keep) {
		ok = variable_put(st->console, a->name, text_cstr(&value),
				  false, err);
	}
	text_free(&value);
	return ok;
}

/* -- redirections ------------------------------------------------------- */

const char *file_plain_name(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

static void set_stream(struct stage *st, int fd, struct stream s)
{
	stream_close(&st->stream[fd]);
	st->stream[fd] = s;
}

/* The reader finds these bytes and then the end. */
static void set_input(struct stage *st, struct text *bytes)
{
	set_stream(st, 0, (struct stream){ .kind = STREAM_NONE });
	text_free(&st->in);
	st->in = *bytes;
	*bytes = (struct text){0};
}

static bool open_file(struct stage *st, const struct shell_redirect *r,
		      const char *name, struct err *err)
{
	struct files *f = &st->console->files;
	struct text bytes = {0};

	if (strcmp(name, "/dev/null") == 0) {
		set_stream(st, r->fd, (struct stream){ .kind = STREAM_NONE });
		if (r->fd == 0)
			set_input(st, &bytes);
		return true;
	}
	name = file_plain_name(name);
	if (r->kind == SHELL_READ) {
		if (!f->read(f->ctx, name, &bytes, err)) {
			text_free(&bytes);
			return false;
		}
		set_input(st, &bytes);
		return true;
	}
	if (r->kind == SHELL_WRITE ? !f->write(f->ctx, name, "", 0, err) :
				     !f->append(f->ctx, name, "", 0, err))
		return false;
	set_stream(st, r->fd, (struct stream){ .kind = STREAM_FILE,
					       .file = console_copy(name) });
	return true;
}

static bool redirect(struct stage *st, const struct shell_redirect *r,
		     const struct shell_scope *scope, struct err *err)
{
	struct text word = {0};
	bool ok;

	if (r->kind == SHELL_SAME) {
		if (r->fd != r->same_as)
			set_stream(st, r->fd,
				   stream_same(&st->stream[r->same_as]));
		return true;
	}
	ok = shell_expand_text(r->word, scope, &word, err);
	if (ok && r->kind == SHELL_HERE_STRING)
		text_char(&word, '\n');
	if (ok && (r->kind == SHELL_HERE || r->kind == SHELL_HERE_STRING))
		set_input(st, &word);
	else if (ok)
		ok = open_file(st, r, text_cstr(&word), err);
	text_free(&word);
	return ok;
}

/* -- whose turn it is --------------------------------------------------- */

/* "bin/kafka-topics.sh" and "/opt/kafka/bin/kafka-topics.sh" are habits:
 * whatever ends in bin/ is where our commands stand. */
static const char *command_name(const char *typed)
{
	const char *slash = strrchr(typed, '/');
	size_t dir;

	if (!slash)
		return typed;
	dir = (size_t)(slash - typed);
	if (dir >= 3 && memcmp(slash - 3, "bin", 3) == 0 &&
	    (dir == 3 || slash[-4] == '/'))
		return slash + 1;
	return typed;
}

static void say_not_found(struct stage *st, const char *name)
{
	const char *near = console_nearest(st->console, name);

	if (strchr(name, '/'))
		stage_say(st, "%s: No such file or directory\n", name);
	else
		stage_say(st, "%s: command not found\n", name);
	if (near)
		stage_say(st, "The nearest name is %s.\n", near);
	stage_end(st, STATUS_NOT_FOUND);
}

static bool find_command(struct stage *st)
{
	const char *name;

	if (st->argv.count == 0) {
		st->kind = STAGE_EMPTY;
		return true;
	}
	name = command_name(st->argv.at[0]);
	st->word = console_word(st->console, name);
	st->tool = console_tool(st->console, name);
	st->kind = st->word ? STAGE_WORD : STAGE_TOOL;
	if (!st->word && !st->tool)
		say_not_found(st, st->argv.at[0]);
	return !st->done;
}

bool stage_begin(struct stage *st, const struct shell_command *cmd,
		 struct err *err)
{
	struct shell_scope scope = scope_of(st->console, st->job);
	bool keep = st->job->count == 1;	/* a pipe's end forgets it */

	if (!expand_words(st, cmd, &scope, err))
		return false;
	for (const struct shell_assignment *a = cmd->assignments; a; a = a->next)
		if (!assign(st, a, &scope, keep, err))
			return false;
	for (const struct shell_redirect *r = cmd->redirects; r; r = r->next)
		if (!redirect(st, r, &scope, err))
			return false;
	if (!find_command(st) || st->kind != STAGE_TOOL)
		return true;
	return stage_prepare(st, err);
}
