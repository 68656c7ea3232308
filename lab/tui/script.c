/* script.c - a script of keys, played into an app without a terminal
 *
 * For `shot`, for tests and for demonstrations: the same keys give the same
 * screens.  Time is counted in frames of a thirtieth of a second, never
 * measured.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "lab/tui/app.h"
#include "sim/core/simtime.h"

#define FRAME_NS	(INT64_C(1000000000) / 30)
enum { FRAMES_MAX = 20000 };

bool app_settle(struct app *a)
{
	for (int i = 0; i < FRAMES_MAX; i++) {
		if (app_settled(a))
			return true;
		app_frame(a, FRAME_NS);
	}
	return false;
}

/* "@2s", "@80x24" */
static bool play_at(struct app *a, const char *word, struct err *err)
{
	struct input in = { .kind = INPUT_RESIZE };
	sim_time span;
	int used = 0;

	if (sscanf(word, "%4dx%4d%n", &in.col, &in.row, &used) == 2 &&
	    !word[used]) {
		app_input(a, &in);
		return true;
	}
	if (!simtime_parse(word, &span))
		return err_set(err, "`@%s` is neither a time nor a size", word);
	for (int64_t left = span; left > 0; left -= FRAME_NS)
		app_frame(a, left < FRAME_NS ? left : FRAME_NS);
	return true;
}

static void type(struct app *a, const char *s, size_t len)
{
	while (len && a->top) {
		size_t used;
		uint32_t code = glyph_decode(s, len, &used);

		app_key(a, code);
		s += used;
		len -= used;
	}
}

static bool play_key(struct app *a, const char *word, struct err *err)
{
	if (key_named(word) == K_NONE)
		return err_set(err, "`%s` is no key", word);
	app_key(a, key_named(word));
	return true;
}

static bool play_word(struct app *a, const char *word, size_t len,
		      struct err *err)
{
	char name[64];
	bool good = true;

	if (len >= 2 && word[0] == '\'' && word[len - 1] == '\'') {
		type(a, word + 1, len - 2);
	} else if (len >= sizeof(name)) {
		return err_set(err, "`%.20s...` is no key", word);
	} else {
		memcpy(name, word, len);
		name[len] = '\0';
		good = *name == '@' && name[1] ? play_at(a, name + 1, err) :
						  play_key(a, name, err);
	}
	return good && (app_settle(a) ||
			err_set(err, "`%.*s` began something that does not "
				"end", (int)len, word));
}

bool app_keys(struct app *a, const char *script, struct err *err)
{
	while (*(script += strspn(script, " \n"))) {
		const char *end = *script == '\'' ? strchr(script + 1, '\'') :
						    NULL;
		size_t len = end ? (size_t)(end - script) + 1 :
				   strcspn(script, " \n");

		if (app_ended(a))
			return err_set(err, "the app has ended before `%.20s`",
				       script);
		if (!play_word(a, script, len, err))
			return false;
		script += len;
	}
	return true;
}
