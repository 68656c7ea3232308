/* settings.c - what a person has chosen, kept in a small file */
#include "lab/tui/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/tui/action.h"

enum { FILE_MAX = 64 * 1024 };

void settings_init(struct settings *s)
{
	*s = (struct settings){
		.ghost = true, .mouse = true, .motion = MOTION_CALM,
		.pause_on = PAUSE_ALERT, .day_starts_hour = 4,
		.speed = 60 * 1000,
	};
	strcpy(s->track, "self-paced");
}

void settings_release(struct settings *s)
{
	text_free(&s->path);
	text_free(&s->problems);
}

/* --- rows ------------------------------------------------------------------- */

/* Which word of a list of words it is; -1: none. */
static int word_of(const char *words, const char *value)
{
	size_t len = strlen(value);
	int i = 0;

	for (const char *w = words; *w; i++) {
		size_t n = strcspn(w, " ");

		if (n == len && memcmp(w, value, n) == 0)
			return i;
		w += n;
		w += strspn(w, " ");
	}
	return -1;
}

static void add_word(const char *words, int i, struct text *out)
{
	while (i-- > 0) {
		words += strcspn(words, " ");
		words += strspn(words, " ");
	}
	text_bytes(out, words, strcspn(words, " "));
}

static bool set_text(char *out, size_t cap, const char *value)
{
	if (strlen(value) >= cap)
		return false;
	strcpy(out, value);
	return true;
}

#define GLYPHS	"auto blocks ascii braille"
#define MOTIONS	"off calm full"
#define PAUSES	"never alert any"
#define ON_OFF	"off on"
#define THEMES	"dark light contrast mono"

#define WORDS(field, type, list)					\
static void get_##field(const struct settings *s, struct text *out)	\
{									\
	add_word(list, (int)s->field, out);				\
}									\
static bool set_##field(struct settings *s, const char *value)		\
{									\
	int i = word_of(list, value);					\
									\
	if (i >= 0)							\
		s->field = (type)i;					\
	return i >= 0;							\
}
WORDS(theme, enum theme, THEMES)
WORDS(glyphs, enum glyphs, GLYPHS)
WORDS(motion, enum motion, MOTIONS)
WORDS(pause_on, enum pause_on, PAUSES)
WORDS(ghost, bool, ON_OFF)
WORDS(zen, bool, ON_OFF)
WORDS(mouse, bool, ON_OFF)
WORDS(external_editor, bool, "built-in external")

#define TEXT(field)							\
static void get_##field(const struct settings *s, struct text *out)	\
{									\
	text_add(out, s->field);					\
}									\
static bool set_##field(struct settings *s, const char *value)		\
{									\
	return set_text(s->field, sizeof(s->field), value);		\
}
TEXT(name)
TEXT(track)

#define SPEEDS	"0.1x 0.5x 1x 2x 5x 10x 30x 60x 200x max"
static const int speeds[] = {
	100, 500, 1000, 2000, 5000, 10000, 30000, 60000, 200000, 0,
};

static void get_speed(const struct settings *s, struct text *out)
{
	int i = 0;

	while (speeds[i] && speeds[i] != s->speed)
		i++;
	add_word(SPEEDS, i, out);
}

static bool set_speed(struct settings *s, const char *value)
{
	int i = word_of(SPEEDS, value);

	if (i >= 0)
		s->speed = speeds[i];
	return i >= 0;
}

static void get_day(const struct settings *s, struct text *out)
{
	text_addf(out, "%02d:00", s->day_starts_hour);
}

static bool set_day(struct settings *s, const char *value)
{
	int hour, used = 0;

	if (sscanf(value, "%2d:00%n", &hour, &used) != 1 || value[used] ||
	    !used || hour < 0 || hour > 23)
		return false;
	s->day_starts_hour = hour;
	return true;
}

#define HOURS	"00:00 01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00"

const struct setting_row setting_rows[] = {
	{ "theme", "Look", THEMES, "colours for the background of your "
	  "terminal, which stays its own", get_theme, set_theme },
	{ "glyphs", "Look", GLYPHS, "how lines and charts are drawn; auto asks "
	  "the locale and the terminal", get_glyphs, set_glyphs },
	{ "ghost", "Look", ON_OFF, "charts keep an earlier run as dots",
	  get_ghost, set_ghost },
	{ "zen", "Look", ON_OFF, "without the echo line and the footer",
	  get_zen, set_zen },
	{ "motion", "Look", MOTIONS, "off draws only what keys and events "
	  "change", get_motion, set_motion },
	{ "mouse", "Hands", ON_OFF, "while it is on, hold Shift to select text",
	  get_mouse, set_mouse },
	{ "editor", "Hands", "built-in external", "external is $VISUAL or "
	  "$EDITOR", get_external_editor, set_external_editor },
	{ "speed", "Time", SPEEDS, "of the world, when an exercise "
	  "opens", get_speed, set_speed },
	{ "pause-on", "Time", PAUSES, "stop the world when something is worth "
	  "looking at", get_pause_on, set_pause_on },
	{ "track", "Study", "", "which pathway home shows", get_track,
	  set_track },
	{ "day-starts", "Study", HOURS, "when reviews of a new day are due",
	  get_day, set_day },
	{ "name", "Study", "", "for your own record", get_name, set_name },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct setting_row *setting_find(const char *name)
{
	for (const struct setting_row *r = setting_rows; r->name; r++)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

/* --- the file ----------------------------------------------------------------- */

/* "key.time.toggle" binds a key, everything else is a row. */
static bool apply(struct settings *s, const char *name, const char *value)
{
	const struct setting_row *row;

	if (strncmp(name, "key.", 4) == 0)
		return action_bind(name + 4, value);
	row = setting_find(name);
	return row && row->set(s, value);
}

static char *trimmed(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t\r", s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* Cut a line at its `=`; false: blank, a comment, or no setting. */
static bool split(char *line, char **name, char **value)
{
	char *equals = strchr(line, '=');

	if (*trimmed(line) == '#' || !equals)
		return false;
	*equals = '\0';
	*name = trimmed(line);
	*value = trimmed(equals + 1);
	return **name != '\0';
}

static void read_line(struct settings *s, char *line, int number)
{
	char *name, *value;
	bool blank = !*trimmed(line) || *trimmed(line) == '#';

	if (blank || (split(line, &name, &value) && apply(s, name, value)))
		return;
	text_addf(&s->problems, "%s:%d: `%s` is no setting, or has no such "
		  "value; the line is left alone\n", text_cstr(&s->path),
		  number, trimmed(line));
}

bool settings_read(struct settings *s, const char *path, struct err *err)
{
	struct text all = {0};
	char *line, *next;
	int number = 0;
	bool good;

	text_clear(&s->path);
	text_add(&s->path, path);
	if (!path_is_file(path))
		return true;
	good = path_read(path, FILE_MAX, &all, err);
	for (line = good && all.len ? all.at : NULL; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		read_line(s, line, ++number);
	}
	text_free(&all);
	return good;
}

/* The file with one line changed, or added at the end. */
static void change_line(const char *all, const char *name, const char *value,
			struct text *out)
{
	bool done = false;

	while (*all) {
		size_t len = strcspn(all, "\n");
		char *line = strndup(all, len), *its_name, *its_value;

		if (!line)
			abort();
		if (split(line, &its_name, &its_value) &&
		    strcmp(its_name, name) == 0) {
			if (!done)
				text_addf(out, "%s = %s\n", name, value);
			done = true;
		} else {
			text_bytes(out, all, len);
			text_char(out, '\n');
		}
		free(line);
		all += len + (all[len] == '\n');
	}
	if (!done)
		text_addf(out, "%s = %s\n", name, value);
}

static bool save(struct settings *s, const char *name, const char *value,
		 struct err *err)
{
	struct text old = {0}, all = {0}, folder = {0};
	const char *path = text_cstr(&s->path), *slash = strrchr(path, '/');
	bool good = true;

	if (!*path)
		return true;
	if (slash)
		text_bytes(&folder, path, (size_t)(slash - path));
	if (path_is_file(path))
		good = path_read(path, FILE_MAX, &old, err);
	else if (folder.len)
		good = path_make(text_cstr(&folder), err);
	change_line(text_cstr(&old), name, value, &all);
	good = good && path_write(path, all.at, all.len, err);
	text_free(&folder);
	text_free(&old);
	text_free(&all);
	return good;
}

static bool fits_one_line(const char *value)
{
	return !strpbrk(value, "\n\r#") && strlen(value) < 200;
}

static void default_of(const struct setting_row *row, struct text *out)
{
	struct settings s;

	settings_init(&s);
	row->get(&s, out);
	settings_release(&s);
}

bool settings_set(struct settings *s, const char *name, const char *value,
		  struct err *err)
{
	const struct setting_row *row = setting_find(name);
	struct text otherwise = {0};
	bool good;

	if (!row && strncmp(name, "key.", 4) != 0)
		return err_set(err, "there is no setting %s; settings lists "
			       "them", name);
	if (row && strcmp(value, "default") == 0) {
		default_of(row, &otherwise);
		value = text_cstr(&otherwise);
	}
	if (!fits_one_line(value) || !apply(s, name, value))
		good = err_set(err, "%s cannot be %s%s%s", name, value,
			       row && *row->values ? "; it is one of: " : "",
			       row ? row->values : "");
	else
		good = save(s, name, value, err);
	text_free(&otherwise);
	return good;
}
