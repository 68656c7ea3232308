/* faults.c - what can be made to go wrong, and to whom
 *
 * The catalogue is that of sim/fault: its rows say what a fault befalls and
 * which arguments it takes ("[delay=100ms] [to=MACHINE]"), and the choices here
 * are made from them.  The line above the footer is the command all the time;
 * injecting types it into the console.
 */
#include "lab/views/views.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/play/play.h"
#include "lab/tui/draw.h"
#include "lab/tui/number.h"
#include "lab/views/inside.h"
#include "lab/views/workbench_inside.h"
#include "sim/broker/cluster.h"
#include "sim/core/mem.h"
#include "sim/device/ingest.h"
#include "sim/fault/fault.h"
#include "sim/host/host.h"
#include "sim/stack/stack.h"

enum { PARAMETERS_MAX = 12, NAME_MAX_BYTES = 32 };

/* One argument and what it may be; "" leaves it out. */
struct parameter {
	char name[NAME_MAX_BYTES];
	char **values;
	size_t count, at;
};

enum side { SIDE_KINDS, SIDE_PARAMETERS, SIDE_ACTIVE, SIDES };

struct faults_view {
	struct view view;
	struct play *play;
	size_t kind;			/* of fault_kinds */
	struct parameter parameters[PARAMETERS_MAX];
	size_t parameter_count;
	enum side side;
	size_t row;			/* on the sides of the right */
	struct rect list, detail;	/* as drawn last */
	size_t top;			/* of the list */
	int active_row;			/* of the first active fault */
};

static struct faults_view *of(struct view *v)
{
	return (struct faults_view *)v;
}

static const struct world *world_of(const struct faults_view *f)
{
	return play_world(f->play);
}

static const struct fault_kind *kind_of(const struct faults_view *f)
{
	return &fault_kinds[f->kind];
}

/* --- what may be chosen --------------------------------------------------- */

static void add_value(struct parameter *p, const char *value)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->values[i], value) == 0)
			return;
	p->values = realloc(p->values, (p->count + 1) * sizeof(*p->values));
	if (!p->values || !(p->values[p->count++] = strdup(value)))
		abort();
}

static void add_processes(struct parameter *p, const struct world *w)
{
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->processes.count; i++)
		add_value(p, world_text(w, h->processes.at[i]->name));
}

/* The console's own machine is nobody's victim. */
static void add_machines(struct parameter *p, const struct world *w)
{
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < h->machines.count; i++) {
		const char *name = world_text(w, h->machines.at[i]->name);

		if (strcmp(name, STACK_WORKSTATION) != 0)
			add_value(p, name);
	}
}

static void add_topics(struct parameter *p, const struct world *w)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; c && i < c->topics.count; i++) {
		const char *name = world_text(w, c->topics.at[i]->name);

		if (cluster_topic(w, c, name) == c->topics.at[i])
			add_value(p, name);
	}
}

static void add_fleets(struct parameter *p, const struct world *w)
{
	for (uint32_t i = 0; i < ingest_count(w); i++)
		add_value(p, ingest_name(w, ingest_at(w, i)));
}

static void add_words(struct parameter *p, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, " ");
		char *word = strndup(words, len);

		if (!word)
			abort();
		add_value(p, strcmp(word, "-") == 0 ? "" : word);
		free(word);
		words += len;
		words += strspn(words, " ");
	}
}

/* Beside the value that the catalogue names; `-` is none. */
static const struct {
	const char *name, *values;
} ranges[] = {
	{ "delay", "20ms 50ms 200ms 500ms 2s" },
	{ "mbit", "- 1 10 100" },
	{ "loss-ppm", "1000 5000 50000 200000" },
	{ "times", "2 5 10 20 50 500" },
	{ "host", "127.0.0.1 broker-9" },
	{ "value", "- 1 2 3" },
	{ "by", "-10s 1m 1h" },
	{ "ppm", "50 1000 -200" },
	{ "reorder-ppm", "- 1000 50000" },
	{ "one-way", "- 1" },
	{ "after", "- 30s 1m 2m 5m" },
	{ "for", "- 30s 1m 2m 5m 10m" },
};

static struct parameter *add_parameter(struct faults_view *f, const char *name,
				       size_t len)
{
	struct parameter *p;

	if (f->parameter_count == PARAMETERS_MAX || len >= NAME_MAX_BYTES)
		return NULL;
	p = &f->parameters[f->parameter_count++];
	*p = (struct parameter){0};
	memcpy(p->name, name, len);
	p->name[len] = '\0';
	return p;
}

static void add_range(struct parameter *p)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (strcmp(ranges[i].name, p->name) == 0)
			add_words(p, ranges[i].values);
}

/* "delay=100ms": the first choice is the catalogue's own; a word in capitals
 * or N stands for something to be named. */
static void add_usage(struct faults_view *f, const char *word, size_t len)
{
	const char *equals = memchr(word, '=', len);
	struct parameter *p;
	char value[NAME_MAX_BYTES];

	if (!equals)
		return;
	p = add_parameter(f, word, (size_t)(equals - word));
	if (!p)
		return;
	snprintf(value, sizeof(value), "%.*s",
		 (int)(word + len - equals - 1), equals + 1);
	if (strcmp(value, "MACHINE") == 0) {
		add_value(p, "");
		add_machines(p, world_of(f));
	} else if (*value >= 'A' && *value <= 'Z') {
		add_value(p, "");
	} else if (strcmp(p->name, "one-way") != 0) {
		add_value(p, value);
	}
	add_range(p);
}

static void clear(struct faults_view *f)
{
	for (size_t i = 0; i < f->parameter_count; i++) {
		for (size_t k = 0; k < f->parameters[i].count; k++)
			free(f->parameters[i].values[k]);
		free(f->parameters[i].values);
	}
	f->parameter_count = 0;
}

static void add_component(struct faults_view *f)
{
	static const struct {
		const char *what;
		void (*add)(struct parameter *p, const struct world *w);
	} kinds[] = {
		{ "process", add_processes }, { "machine", add_machines },
		{ "topic", add_topics }, { "fleet", add_fleets },
	};
	struct parameter *p = add_parameter(f, "component", 9);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].what, kind_of(f)->component) == 0)
			kinds[i].add(p, world_of(f));
}

static void take_kind(struct faults_view *f)
{
	const char *usage = kind_of(f)->usage;

	clear(f);
	add_component(f);
	while (*usage) {
		size_t len;

		usage += strspn(usage, "[] ");
		len = strcspn(usage, "[] ");
		add_usage(f, usage, len);
		usage += len;
	}
	add_range(add_parameter(f, "after", 5));
	if (kind_of(f)->heal)
		add_range(add_parameter(f, "for", 3));
	f->row = 0;
}

/* --- the command ---------------------------------------------------------- */

static void command(const struct faults_view *f, struct text *out)
{
	text_addf(out, "fault %s", kind_of(f)->id);
	for (size_t i = 0; i < f->parameter_count; i++) {
		const struct parameter *p = &f->parameters[i];

		if (p->at < p->count && *p->values[p->at])
			text_addf(out, " %s=%s", p->name, p->values[p->at]);
	}
}

static void say_command(struct faults_view *f)
{
	struct text t = {0};

	command(f, &t);
	app_echo(f->view.app, "%s", text_cstr(&t));
	text_free(&t);
}

/* --- what is on ----------------------------------------------------------- */

static bool is_on(const struct fault *ft)
{
	return ft->planned || fault_active(ft);
}

/* The n-th that is on or planned; NULL: there are not so many. */
static const struct fault *active(const struct faults_view *f, size_t n)
{
	const struct faults *all = faults_of(world_of(f));

	for (uint32_t i = 0; i < all->ledger.count; i++)
		if (is_on(all->ledger.at[i]) && n-- == 0)
			return all->ledger.at[i];
	return NULL;
}

static size_t active_count(const struct faults_view *f)
{
	size_t n = 0;

	while (active(f, n))
		n++;
	return n;
}

/* --- doing ---------------------------------------------------------------- */

static void type(struct faults_view *f, const char *line)
{
	struct app *a = f->view.app;
	struct view *v = app_find(a, "workbench");

	if (v && workbench_of(v)->play == f->play)
		words_do(workbench_of(v), "%s", line);
	else
		play_line(f->play, line);
}

static bool heal(struct faults_view *f)
{
	const struct fault *ft = active(f, f->row);
	struct text t = {0};

	if (!ft)
		return true;
	text_addf(&t, "heal %" PRIu32, ft->number);
	type(f, text_cstr(&t));
	app_echo(f->view.app, "%s", text_cstr(&t));
	text_free(&t);
	if (f->row >= active_count(f))
		f->row = 0;
	if (!active_count(f))
		f->side = SIDE_KINDS;
	return true;
}

static bool inject(struct faults_view *f)
{
	const struct parameter *component = &f->parameters[0];
	struct text t = {0};

	if (f->side == SIDE_ACTIVE && active(f, f->row))
		return heal(f);
	if (!component->count) {
		app_say(f->view.app, ROLE_INFO, "There is no %s in this world.",
			kind_of(f)->component);
		return true;
	}
	command(f, &t);
	type(f, text_cstr(&t));
	if (play_status(f->play) == 0)
		app_say(f->view.app, ROLE_CMD, "$ %s", text_cstr(&t));
	else
		app_say(f->view.app, ROLE_WARN, "The world refused; the "
			"console says why.");
	text_free(&t);
	return true;
}

/* --- drawing -------------------------------------------------------------- */

static size_t kind_count(void)
{
	size_t n = 0;

	while (fault_kinds[n].id)
		n++;
	return n;
}

static void draw_kinds(struct faults_view *f, struct grid *g, struct rect r)
{
	size_t count = kind_count(), rows = r.rows > 0 ? (size_t)r.rows : 1;

	f->top = scroll_top(f->top, f->kind, rows, count);
	for (size_t i = f->top; i < count && i - f->top < rows; i++) {
		int row = (int)(i - f->top);
		bool is_now = i == f->kind;

		if (is_now)
			grid_put(g, r, row, 1, ROLE_KEY, "▸");
		draw_name(g, r, row, 3, r.cols - 13, ROLE_TEXT,
			  fault_kinds[i].id);
		grid_put(g, r, row, r.cols - 9, ROLE_DIM,
			 fault_kinds[i].component);
		if (is_now && f->side == SIDE_KINDS)
			grid_flag(g, (struct rect){ r.row + row, r.col, 1,
						    r.cols }, CELL_SELECTED);
	}
}

static void draw_parameter(struct faults_view *f, struct grid *g,
			   struct rect r, int row, size_t i)
{
	const struct parameter *p = &f->parameters[i];
	bool is_now = f->side == SIDE_PARAMETERS && f->row == i;
	const char *value = p->at < p->count ? p->values[p->at] : NULL;
	int col;

	grid_put(g, r, row, 1, ROLE_DIM, p->name);
	col = grid_put(g, r, row, 13, value && *value ? ROLE_TEXT : ROLE_DIM,
		       !value ? "none in this world" :
		       *value ? value : "not given");
	if (is_now && p->count > 1)
		grid_putf(g, r, row, col + 2, ROLE_KEY, "◂ %zu of %zu ▸",
			  p->at + 1, p->count);
	if (is_now)
		grid_flag(g, (struct rect){ r.row + row, r.col, 1, r.cols },
			  CELL_SELECTED);
}

static void draw_active(struct faults_view *f, struct grid *g, struct rect r,
			int row)
{
	size_t count = active_count(f);

	grid_put(g, r, row++, 1, ROLE_STRONG, "On now");
	f->active_row = row;
	if (!count)
		grid_put(g, r, row, 1, ROLE_DIM, "none");
	for (size_t i = 0; i < count && row < r.rows; i++, row++) {
		const struct fault *ft = active(f, i);
		struct text t = {0};

		text_addf(&t, "%" PRIu32 " %s %s ", ft->number,
			  fault_kinds[ft->kind].id,
			  world_text(world_of(f), ft->component));
		if (ft->planned)
			text_add(&t, "at ");
		else
			text_add(&t, "since ");
		number_time(&t, ft->at);
		draw_cut(g, r, row, 1, r.cols - 1, ROLE_TRUTH, text_cstr(&t));
		text_free(&t);
		if (f->side == SIDE_ACTIVE && f->row == i)
			grid_flag(g, (struct rect){ r.row + row, r.col, 1,
						    r.cols }, CELL_SELECTED);
	}
}

static void draw_detail(struct faults_view *f, struct grid *g, struct rect r)
{
	const struct fault_kind *k = kind_of(f);
	struct rect measure = { r.row, r.col, r.rows, r.cols - 1 };
	int row = draw_wrapped(g, measure, 0, 1, ROLE_TEXT, k->title);

	row = draw_wrapped(g, measure, row, 1, ROLE_DIM, k->summary) + 1;
	for (size_t i = 0; i < f->parameter_count; i++)
		draw_parameter(f, g, r, row++, i);
	row++;
	if (!k->heal)
		grid_put(g, r, row++, 1, ROLE_DIM, "It ends by itself.");
	if (*k->codes)
		grid_putf(g, r, row++, 1, ROLE_DIM, "Seen for real  %s of "
			  "docs", k->codes);
	draw_active(f, g, r, row + (row + 3 < r.rows));
}

static void draw(struct view *v, struct grid *g, struct rect body)
{
	struct faults_view *f = of(v);
	struct rect left, right, all = body;
	struct text count = {0};
	int col = body.cols < 60 ? body.cols * 4 / 10 : 34;

	left = (struct rect){ body.row, body.col, body.rows, col };
	right = (struct rect){ body.row, body.col + col + 1, body.rows,
			       body.cols - col - 1 };
	text_addf(&count, "%zu", kind_count());
	draw_rule(g, rect_top(&left, 1), 0, "Faults", text_cstr(&count),
		  f->side == SIDE_KINDS);
	draw_rule(g, rect_top(&right, 1), 0, kind_of(f)->id, NULL,
		  f->side != SIDE_KINDS);
	f->list = left;
	f->detail = right;
	draw_kinds(f, g, left);
	draw_detail(f, g, right);
	grid_put(g, all, 0, col, ROLE_DIM, "─");
	draw_column(g, (struct rect){ all.row + 1, 0, all.rows - 1, g->cols },
		    col);
	text_free(&count);
}

static void crumb(const struct view *v, struct text *left, struct text *right)
{
	const struct faults_view *f = (const struct faults_view *)v;

	text_addf(left, "%s › Faults", play_module(f->play)->title);
	text_add(right, play_paused(f->play) ? "PAUSED at " : "RUN ");
	number_time(right, play_now(f->play));
}

/* --- keys ----------------------------------------------------------------- */

static size_t rows_of(const struct faults_view *f)
{
	return f->side == SIDE_KINDS ? kind_count() :
	       f->side == SIDE_PARAMETERS ? f->parameter_count :
	       active_count(f);
}

static void turn(struct faults_view *f, int by)
{
	struct parameter *p = &f->parameters[f->row];

	if (f->side == SIDE_KINDS)
		p = &f->parameters[0];
	if (f->side == SIDE_ACTIVE || !p->count)
		return;
	p->at = (p->at + p->count + (size_t)by) % p->count;
	say_command(f);
}

static void move(struct faults_view *f, int by)
{
	size_t count = rows_of(f);
	size_t *at = f->side == SIDE_KINDS ? &f->kind : &f->row;

	if (!count || (by < 0 && *at == 0) || (by > 0 && *at + 1 >= count))
		return;
	*at += (size_t)by;
	if (f->side == SIDE_KINDS)
		take_kind(f);
	if (f->side != SIDE_ACTIVE)
		say_command(f);
}

static void next_side(struct faults_view *f, int by)
{
	f->side = (enum side)(((int)f->side + by + SIDES) % SIDES);
	if (f->side == SIDE_ACTIVE && !active_count(f))
		f->side = (enum side)(((int)f->side + by + SIDES) % SIDES);
	f->row = 0;
	if (f->side == SIDE_ACTIVE)
		app_say(f->view.app, ROLE_INFO, "Enter heals the fault that is "
			"marked.");
	else
		say_command(f);
}

static void click(struct faults_view *f, const struct input *in)
{
	if (rect_has(f->list, in->row, in->col)) {
		size_t at = f->top + (size_t)(in->row - f->list.row);

		f->side = SIDE_KINDS;
		if (at < kind_count()) {
			f->kind = at;
			take_kind(f);
			say_command(f);
		}
	}
	if (in->mouse == MOUSE_DOUBLE)
		inject(f);
}

static bool input(struct view *v, const struct input *in)
{
	struct faults_view *f = of(v);

	if (in->kind == INPUT_MOUSE) {
		if (in->mouse == MOUSE_PRESS || in->mouse == MOUSE_DOUBLE)
			click(f, in);
		else if (in->mouse == MOUSE_WHEEL_UP ||
			 in->mouse == MOUSE_WHEEL_DOWN)
			move(f, in->mouse == MOUSE_WHEEL_UP ? -1 : 1);
		return true;
	}
	if (in->kind != INPUT_KEY)
		return false;
	if (in->key == K_UP || in->key == 'k')
		move(f, -1);
	else if (in->key == K_DOWN || in->key == 'j')
		move(f, 1);
	else if (in->key == K_LEFT)
		turn(f, -1);
	else if (in->key == K_RIGHT)
		turn(f, 1);
	else if (in->key == K_TAB || in->key == K_BACKTAB)
		next_side(f, in->key == K_TAB ? 1 : -1);
	else
		return false;
	return true;
}

/* How true a fault is: its own card, and those of what it befalls. */
static void open_cards(struct faults_view *f)
{
	json_t *names = json_pack("[s,s,s]", "fault", "host", "kafka");

	fidelity_open(f->view.app, names);
	json_decref(names);
}

static bool act(struct view *v, const struct action *act)
{
	struct faults_view *f = of(v);

	if (strcmp(act->id, "fault.inject") == 0)
		return inject(f);
	if (strcmp(act->id, "fault.heal") == 0) {
		if (f->side != SIDE_ACTIVE)
			f->row = 0;
		return heal(f);
	}
	if (strcmp(act->id, "fidelity.open") == 0) {
		open_cards(f);
		return true;
	}
	return false;
}

static const char *refuse(const struct view *v, const struct action *act)
{
	const struct faults_view *f = (const struct faults_view *)v;

	if (strcmp(act->id, "fault.open") == 0)
		return "This is it.";
	if (strcmp(act->id, "truth.toggle") == 0)
		return "Truth is shown in the workbench.";
	if (strcmp(act->id, "fault.heal") == 0 && !active(f, 0))
		return "No fault is on.";
	return NULL;
}

static void contexts(const struct view *v, enum context out[CTX_COUNT + 1])
{
	(void)v;
	out[0] = CTX_FAULTS;
	out[1] = CTX_SANDBOX;
	out[2] = CTX_COUNT;
}

static void release(struct view *v)
{
	clear(of(v));
	free(v);
}

static const struct view_ops ops = {
	.name = "faults", .contexts = contexts, .crumb = crumb, .draw = draw,
	.input = input, .act = act, .refuse = refuse, .free = release,
};

struct view *faults_view(struct app *a, struct play *p)
{
	struct faults_view *f = mem_zeroed(1, sizeof(*f));

	f->view = (struct view){ .ops = &ops, .app = a };
	f->play = p;
	take_kind(f);
	say_command(f);
	return &f->view;
}
