/* settings.h - what a person has chosen, kept in a small file
 *
 *	~/.config/millrace/config	($XDG_CONFIG_HOME, $MILLRACE_CONFIG)
 *	theme = dark
 *	key.time.toggle = F9
 *
 * One `name = value` a line, `#` begins a comment.  A line that cannot be read
 * is told and left alone; saving changes only the lines of what was changed.
 * Each setting has a list of values or a range; settings_rows says which, for
 * the screen and for `set NAME VALUE`.
 */
#ifndef LAB_TUI_SETTINGS_H
#define LAB_TUI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/tui/role.h"
#include "sim/core/err.h"
#include "sim/core/text.h"

enum glyphs { GLYPHS_AUTO, GLYPHS_BLOCKS, GLYPHS_ASCII, GLYPHS_BRAILLE };
enum motion { MOTION_OFF, MOTION_CALM, MOTION_FULL };
enum pause_on { PAUSE_NEVER, PAUSE_ALERT, PAUSE_ANY };

struct settings {
	enum theme theme;
	enum glyphs glyphs;
	bool ghost, zen, mouse, external_editor;
	enum motion motion;
	enum pause_on pause_on;
	int speed;			/* thousandths, 0 is max: play.h */
	int day_starts_hour;		/* 0..23; 4 */
	char name[64], track[64];
	struct text path;		/* of the file; "": none */
	struct text problems;		/* lines that could not be read */
};

struct setting_row {
	const char *name;		/* "theme"; NULL ends */
	const char *group;		/* "Look", "Hands", "Time", "Study" */
	const char *values;		/* "dark light contrast mono"; "": free text */
	const char *help;
	void (*get)(const struct settings *s, struct text *out);
	bool (*set)(struct settings *s, const char *value);
};
extern const struct setting_row setting_rows[];

void settings_init(struct settings *s);		/* the defaults */
void settings_release(struct settings *s);
/* A file that is not there is no error. */
bool settings_read(struct settings *s, const char *path, struct err *err);
/* Change one and save; false: no such setting or value, or the file cannot be
 * written (the change holds until the end of the program). */
bool settings_set(struct settings *s, const char *name, const char *value,
		  struct err *err);
const struct setting_row *setting_find(const char *name);

#endif
