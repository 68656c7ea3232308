/* shell_command.c - commands, pipelines, lists
 *
 * The grammar of shell.h, a function for each of its lines: read_command,
 * read_pipeline, read_list, shell_read_lists.
 */
#include "lua/shell_inside.h"

/* -- a command ---------------------------------------------------------- */

/* NAME= at the front of an unquoted first piece: how long is NAME? */
static size_t assigns(const struct parser *p)
{
	size_t at = p->at;

	while (at < p->len && (is_name_start((unsigned char)p->text[at]) ||
			       is_digit((unsigned char)p->text[at])))
		at++;
	if (at == p->len || p->text[at] != '=' ||
	    !shell_is_name(p->text + p->at, at - p->at))
		return 0;
	return at - p->at;
}

static bool read_assignment(struct parser *p, size_t name_len,
			    struct shell_assignment ***last)
{
	struct shell_assignment *a = shell_alloc(p->line, sizeof(*a));

	a->name = shell_copy(p->line, p->text + p->at, name_len);
	p->at += name_len + 1;
	if (here_char(p) == '(')
		return shell_fail(p, p->at, "arrays NAME=(…) are not supported "
				  "here");
	a->value = shell_read_word(p);
	if (!a->value)
		return false;
	**last = a;
	*last = &a->next;
	return true;
}

/* The word if it is plain unquoted text, else NULL. */
static const char *plain(const struct shell_word *w)
{
	const struct shell_piece *piece = w->pieces;

	if (!piece || piece->next || piece->quoted || piece->kind != SHELL_TEXT)
		return NULL;
	return piece->text;
}

static bool allowed_first(struct parser *p, const struct shell_word *w)
{
	const char *s = plain(w);
	const char *no = s ? shell_refused_word(s) : NULL;

	if (no)
		return shell_fail(p, w->at, "%s", no);
	if (here_char(p) == '(' && next_char(p) == ')')
		return shell_fail(p, w->at, "defining a function NAME() is not "
				  "supported here");
	return true;
}

static bool refuse_paren(struct parser *p, bool first)
{
	if (here_char(p) == ')')
		return shell_fail(p, p->at, "this ) has no (; put it in "
				  "'quotes' if you mean it as it stands");
	if (first && next_char(p) == '(')
		return shell_fail(p, p->at, "arithmetic ((…)) is not supported "
				  "here");
	if (first)
		return shell_fail(p, p->at, "a subshell (…) is not supported "
				  "here");
	return shell_fail(p, p->at, "( is special to the shell; put it in "
			  "'quotes' if you mean it as it stands");
}

struct command_builder {
	struct shell_command *command;
	struct shell_assignment **assignment;
	struct shell_word **word;
	struct shell_redirect **redirect;
	size_t words;
};

static bool add_word(struct parser *p, struct command_builder *c)
{
	struct shell_word *w;

	if (++c->words > SHELL_WORDS_MAX)
		return shell_fail(p, p->at, "more than %d words in one command",
				  SHELL_WORDS_MAX);
	w = shell_read_word(p);
	if (!w || (c->words == 1 && !allowed_first(p, w)))
		return false;
	*c->word = w;
	c->word = &w->next;
	return true;
}

static bool add_redirect(struct parser *p, struct command_builder *c)
{
	struct shell_redirect *r = shell_read_redirect(p);

	if (!r)
		return false;
	*c->redirect = r;
	c->redirect = &r->next;
	return true;
}

/* One word, assignment or redirection.  *more is false at the end. */
static bool read_part(struct parser *p, struct command_builder *c, bool *more)
{
	int ch;
	size_t name_len;

	shell_skip_blank(p);
	ch = here_char(p);
	if (ch == '(' || ch == ')')
		return refuse_paren(p, c->words == 0);
	if (shell_at_redirect(p))
		return add_redirect(p, c);
	if (ends_word(ch)) {
		*more = false;
		return true;
	}
	name_len = c->words == 0 ? assigns(p) : 0;
	if (name_len)
		return read_assignment(p, name_len, &c->assignment);
	return add_word(p, c);
}

/* `lack` says what to complain of when there is no command at all. */
static struct shell_command *read_command(struct parser *p, const char *lack)
{
	struct shell_command *c = shell_alloc(p->line, sizeof(*c));
	struct command_builder b = {
		.command = c, .assignment = &c->assignments,
		.word = &c->words, .redirect = &c->redirects,
	};
	bool more = true;

	shell_skip_blank(p);
	while (more)
		if (!read_part(p, &b, &more))
			return NULL;
	if (!c->words && !c->assignments && !c->redirects) {
		p->incomplete = here_char(p) == -1;
		shell_fail(p, p->at, "%s", lack);
		return NULL;
	}
	return c;
}

/* -- pipelines ---------------------------------------------------------- */

static bool at_pipe(const struct parser *p)
{
	return here_char(p) == '|' && next_char(p) != '|';
}

static struct shell_pipeline *read_pipeline(struct parser *p, const char *lack)
{
	struct shell_pipeline *line = shell_alloc(p->line, sizeof(*line));
	struct shell_command **last = &line->commands;

	if (++p->pipelines > SHELL_PIPELINES_MAX) {
		shell_fail(p, p->at, "more than %d commands in one input",
			   SHELL_PIPELINES_MAX);
		return NULL;
	}
	for (;;) {
		struct shell_command *c = read_command(p, lack);

		if (!c)
			return NULL;
		*last = c;
		last = &c->next;
		if (++line->count > SHELL_STAGES_MAX) {
			shell_fail(p, p->at, "more than %d commands in one "
				   "pipeline", SHELL_STAGES_MAX);
			return NULL;
		}
		if (!at_pipe(p))
			return line;
		if (next_char(p) == '&') {
			shell_fail(p, p->at, "%s", shell_refused_operator(p));
			return NULL;
		}
		p->at++;
		lack = "a command is missing after |";
		if (!shell_skip_newlines(p))
			return NULL;
	}
}

static enum shell_join at_join(const struct parser *p)
{
	if (starts(p, p->at, "&&"))
		return SHELL_AND;
	if (starts(p, p->at, "||"))
		return SHELL_OR;
	return SHELL_FIRST;
}

/* What a command lacks that should stand before the operator here. */
static const char *lack_before(const struct parser *p)
{
	static const char *const said[][2] = {
		{ "&&", "a command is missing before &&" },
		{ "||", "a command is missing before ||" },
		{ "|", "a command is missing before |" },
		{ "&", "a command is missing before &" },
		{ ";", "a command is missing before ;" },
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (starts(p, p->at, said[i][0]))
			return said[i][1];
	return "a command is missing";
}

static bool read_pipelines(struct parser *p, struct shell_list *list)
{
	struct shell_pipeline **last = &list->pipelines;
	enum shell_join join = SHELL_FIRST;
	const char *lack = lack_before(p);

	for (;;) {
		struct shell_pipeline *line = read_pipeline(p, lack);

		if (!line)
			return false;
		line->join = join;
		*last = line;
		last = &line->next;
		join = at_join(p);
		if (join == SHELL_FIRST)
			return true;
		p->at += 2;
		lack = join == SHELL_AND ? "a command is missing after &&" :
					   "a command is missing after ||";
		if (!shell_skip_newlines(p))
			return false;
	}
}

/* -- lists -------------------------------------------------------------- */

/* The list as typed; without the documents that follow its line. */
static const char *list_text(struct parser *p, size_t from, size_t to)
{
	while (to > from && (is_blank(p->text[to - 1]) ||
			     p->text[to - 1] == '\n'))
		to--;
	return shell_copy(p->line, p->text + from, to - from);
}

static struct shell_list *read_list(struct parser *p)
{
	struct shell_list *list = shell_alloc(p->line, sizeof(*list));
	size_t from = p->at;
	const char *no = shell_refused_operator(p);

	if (no) {
		shell_fail(p, p->at, "%s", no);
		return NULL;
	}
	if (!read_pipelines(p, list))
		return NULL;
	list->text = list_text(p, from, p->at);
	no = shell_refused_operator(p);
	if (no) {
		shell_fail(p, p->at, "%s", no);
		return NULL;
	}
	list->background = here_char(p) == '&';
	if (here_char(p) == '&' || here_char(p) == ';')
		p->at++;
	return list;
}

bool shell_read_lists(struct parser *p)
{
	struct shell_list **last = &p->line->lists;

	for (;;) {
		struct shell_list *list;

		if (!shell_skip_newlines(p))
			return false;
		if (here_char(p) == -1)
			break;
		list = read_list(p);
		if (!list)
			return false;
		*last = list;
		last = &list->next;
	}
	if (!p->here)
		return true;
	p->incomplete = true;
	return shell_fail(p, p->here->at, "the here-document is not closed: a "
			  "line that says only %s is missing", p->here->end);
}
