/* workbench_ahead.c - lines typed ahead: they wait for the one that runs
 *
 * As at a real terminal: what is entered while a line runs is read when that
 * line is over, or by the tool that runs, if it asks.  A line that waits is
 * nowhere but here; it enters the play, and so the tape, at the virtual time at
 * which it begins (play_expect), so that a run does not depend on how fast
 * somebody types.  Ctrl-C forgets them all, going elsewhere in time does, too.
 */
#include "lab/views/workbench_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/tui/draw.h"

enum { ROWS_SHOWN = 3 };

void ahead_add(struct workbench *w, const char *line)
{
	struct console_pane *c = &w->console;

	c->ahead = realloc(c->ahead, (c->ahead_count + 1) * sizeof(*c->ahead));
	if (!c->ahead || !(c->ahead[c->ahead_count] = strdup(line)))
		abort();
	c->ahead_count++;
	play_expect(w->play, true);
}

/* The caller frees it. */
static char *take(struct workbench *w)
{
	struct console_pane *c = &w->console;
	char *first = c->ahead[0];

	memmove(c->ahead, c->ahead + 1, --c->ahead_count * sizeof(*c->ahead));
	play_expect(w->play, c->ahead_count > 0);
	return first;
}

bool ahead_forget(struct workbench *w)
{
	size_t count = w->console.ahead_count;

	while (w->console.ahead_count)
		free(take(w));
	if (count)
		scroll_note(w, "%zu line%s that waited %s forgotten", count,
			    count == 1 ? "" : "s", count == 1 ? "is" : "are");
	return count > 0;
}

void ahead_release(struct workbench *w)
{
	struct console_pane *c = &w->console;

	for (size_t i = 0; i < c->ahead_count; i++)
		free(c->ahead[i]);
	free(c->ahead);
}

/* One reads something else: what follows is not begun behind one's back. */
bool ahead_is_due(const struct workbench *w)
{
	return w->console.ahead_count && workbench_app(w)->top == &w->view &&
	       !play_held(w->play) &&
	       (!play_busy(w->play) || play_wants_input(w->play));
}

void ahead_begin(struct workbench *w)
{
	char *line;

	if (!ahead_is_due(w))
		return;
	line = take(w);
	if (play_wants_input(w->play))
		prompt_answer(w, line);
	else
		words_type(w, line);	/* w may be gone: `back` */
	free(line);
}

/* --- drawing -------------------------------------------------------------- */

int ahead_rows(const struct workbench *w, int room)
{
	int most = room / 3 < ROWS_SHOWN ? room / 3 : ROWS_SHOWN;
	int count = w->console.ahead_count < ROWS_SHOWN + 1 ?
		    (int)w->console.ahead_count : ROWS_SHOWN + 1;

	return count < most ? count : most;
}

/* "· seq 3   waits"; the last row says how many more there are. */
int ahead_draw(const struct workbench *w, struct grid *g, struct rect r,
	       int row, int rows)
{
	const struct console_pane *c = &w->console;

	for (int i = 0; i < rows; i++, row++) {
		size_t more = c->ahead_count - (size_t)i;
		int col = grid_put(g, r, row, 1, ROLE_DIM, "· ");

		if (i == rows - 1 && more > 1) {
			grid_putf(g, r, row, col, ROLE_DIM, "%zu lines wait",
				  more);
			continue;
		}
		draw_right(g, r, row, r.cols - 1, ROLE_DIM, "waits");
		draw_cut(g, r, row, col, r.cols - col - 7, ROLE_CMD,
			 c->ahead[i]);
	}
	return row;
}
