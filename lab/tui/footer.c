/* footer.c - the last row: what can be done here, and with which key */
#include "lab/tui/footer.h"

#include <ctype.h>
#include <string.h>

enum { HINTS_MAX = 8, GAP = 2 };

/* One way out is enough: Esc where it leads somewhere, else q. */
static bool is_second_way_out(const struct app *a, const struct action *act)
{
	return a->top->below && strcmp(act->id, "view.leave") == 0;
}

/* Those with a label, of the contexts there are, by rank. */
static int collect(struct app *a, const enum context *contexts,
		   const struct action *out[], int max)
{
	int count = 0;

	for (const struct action *act = actions; act->id; act++) {
		bool here = act->context == CTX_EVERYWHERE;
		int at = count;

		for (const enum context *c = contexts; *c != CTX_COUNT; c++)
			here = here || act->context == *c;
		if (!here || !act->label || app_refuses(a, act) ||
		    is_second_way_out(a, act))
			continue;
		while (at > 0 && out[at - 1]->rank > act->rank)
			at--;
		if (at >= max)
			continue;
		if (count < max)
			count++;
		memmove(&out[at + 1], &out[at],
			(size_t)(count - 1 - at) * sizeof(*out));
		out[at] = act;
	}
	return count;
}

/* The first of its keys, as bound now; where letters are text, the first that
 * is none.  Nothing when there is no such key. */
static void first_key(const struct action *act, bool typing, struct text *out)
{
	struct text keys = {0};
	const char *k;

	action_keys(act, &keys);
	for (k = text_cstr(&keys); *k; k += strcspn(k, " "), k += *k == ' ') {
		size_t len = strcspn(k, " ");

		if (typing && len == 1 && isalpha((unsigned char)*k))
			continue;
		text_bytes(out, k, len);
		break;
	}
	text_free(&keys);
}

void footer_draw(struct app *a, const enum context *contexts, struct grid *g,
		 struct rect row)
{
	const struct action *hints[HINTS_MAX];
	bool typing = a->top->ops->typing && a->top->ops->typing(a->top);
	int count = collect(a, contexts, hints, HINTS_MAX), col = 1;

	for (int i = 0; i < count; i++) {
		struct text key = {0};
		int width;

		first_key(hints[i], typing, &key);
		width = text_width(text_cstr(&key)) + 1 +
			text_width(hints[i]->label);
		if (key.len && col + width <= row.cols) {
			col = grid_put(g, row, 0, col, ROLE_KEY,
				       text_cstr(&key));
			col = grid_put(g, row, 0, col + 1, ROLE_TEXT,
				       hints[i]->label);
			col += GAP;
		}
		text_free(&key);
	}
}
