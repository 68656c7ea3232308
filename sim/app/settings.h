/* settings.h - configuration in layers, and who set what
 *
 * A service reads a setting by its name; whoever speaks last is heard:
 *
 *	arguments	--server.port=9000	on the command line
 *	environment	SERVER_PORT=9000	of the process
 *	file		server.port=9000	in application.properties
 *	defaults	what the program, or the service host, brings along
 *
 * That is the order of MicroProfile Config (ordinals 400, 300, 100, then
 * defaults) and of most frameworks, and so is the rule by which a variable of
 * the environment stands for a property: every character that is no letter or
 * digit becomes '_', letters become capitals.
 *
 * What was set stays visible below what overrides it: settings_show tells a
 * person which layer won, and who had said otherwise.
 */
#ifndef SIM_APP_SETTINGS_H
#define SIM_APP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/text.h"
#include "sim/core/vec.h"
#include "sim/core/world.h"

enum setting_layer {
	SETTING_DEFAULT, SETTING_FILE, SETTING_ENVIRONMENT, SETTING_ARGUMENT,
	SETTING_LAYERS
};

struct setting {
	name_id key;			/* in the environment: the variable */
	name_id value;
	name_id by;			/* "filter.lua", "SERVER_PORT" */
	enum setting_layer layer;
};

struct settings {
	VEC(struct setting) all;	/* in order of first use */
};

/* Set, or set anew, in this layer. */
void settings_put(struct world *w, struct settings *s,
		  enum setting_layer layer, const char *key, const char *value,
		  const char *by);
/* Forget all that `by` had set: a program that is loaded anew. */
void settings_forget(const struct world *w, struct settings *s,
		     enum setting_layer layer, const char *by);
void settings_free(struct world *w, struct settings *s);

/* Who is heard; NULL: nobody set it. */
const struct setting *settings_find(const struct world *w,
				    const struct settings *s, const char *key);
const char *settings_text(const struct world *w, const struct settings *s,
			  const char *key, const char *otherwise);
int64_t settings_int(const struct world *w, const struct settings *s,
		     const char *key, int64_t otherwise);

/* The variable that stands for a property: at most cap bytes, NUL included. */
void setting_variable(const char *key, char *out, size_t cap);
const char *setting_layer_name(enum setting_layer layer);

/*
 * A table of all settings by name: value, layer, who.  Below each what it
 * overrides; variables of the environment that stand for nothing come last.
 */
void settings_show(const struct world *w, const struct settings *s,
		   struct text *t);

#endif
