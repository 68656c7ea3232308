/* settings.c - configuration in layers, and who set what */
#include "sim/app/settings.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLE_MAX	128

void settings_put(struct world *w, struct settings *s,
		  enum setting_layer layer, const char *key, const char *value,
		  const char *by)
{
	name_id id = world_name(w, key);
	struct setting *at = NULL;

	for (uint32_t i = 0; i < s->all.count && !at; i++)
		if (s->all.at[i].layer == layer && s->all.at[i].key == id)
			at = &s->all.at[i];
	if (!at)
		at = vec_add(&w->arena, &s->all);
	*at = (struct setting){
		id, world_name(w, value), world_name(w, by), layer,
	};
}

void settings_forget(const struct world *w, struct settings *s,
		     enum setting_layer layer, const char *by)
{
	for (uint32_t i = s->all.count; i--;)
		if (s->all.at[i].layer == layer &&
		    !strcmp(world_text(w, s->all.at[i].by), by))
			vec_remove(&s->all, i);
}

void settings_free(struct world *w, struct settings *s)
{
	vec_free(&w->arena, &s->all);
}

/* No locale: these letters are ASCII. */
static char capital(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return c;
	return '_';
}

void setting_variable(const char *key, char *out, size_t cap)
{
	size_t n = 0;

	for (; *key && n + 1 < cap; key++)
		out[n++] = capital(*key);
	out[n] = '\0';
}

static bool means(const struct world *w, const struct setting *s,
		  const char *key, const char *variable)
{
	return !strcmp(world_text(w, s->key),
		       s->layer == SETTING_ENVIRONMENT ? variable : key);
}

/* The one of a layer that means this property, or NULL. */
static const struct setting *in_layer(const struct world *w,
				      const struct settings *s,
				      enum setting_layer layer, const char *key)
{
	char variable[VARIABLE_MAX];

	setting_variable(key, variable, sizeof(variable));
	for (uint32_t i = 0; i < s->all.count; i++)
		if (s->all.at[i].layer == layer &&
		    means(w, &s->all.at[i], key, variable))
			return &s->all.at[i];
	return NULL;
}

const struct setting *settings_find(const struct world *w,
				    const struct settings *s, const char *key)
{
	const struct setting *found = NULL;

	for (int layer = SETTING_LAYERS; layer-- && !found;)
		found = in_layer(w, s, (enum setting_layer)layer, key);
	return found;
}

const char *settings_text(const struct world *w, const struct settings *s,
			  const char *key, const char *otherwise)
{
	const struct setting *found = settings_find(w, s, key);

	return found ? world_text(w, found->value) : otherwise;
}

int64_t settings_int(const struct world *w, const struct settings *s,
		     const char *key, int64_t otherwise)
{
	const char *text = settings_text(w, s, key, "");
	char *end;
	int64_t n = strtoll(text, &end, 10);

	return *text && !*end ? n : otherwise;
}

const char *setting_layer_name(enum setting_layer layer)
{
	static const char *const names[] = {
		[SETTING_DEFAULT] = "default", [SETTING_FILE] = "file",
		[SETTING_ENVIRONMENT] = "environment",
		[SETTING_ARGUMENT] = "argument",
	};

	return names[layer];
}

/* -- for people ----------------------------------------------------------- */

static void show(const struct world *w, const struct setting *s,
		 const char *key, const char *value, struct text *t)
{
	text_addf(t, "%-36s %-24s %-12s %s\n", key, value,
		  setting_layer_name(s->layer), world_text(w, s->by));
}

/* A property, and below it what it overrides. */
static void show_key(const struct world *w, const struct settings *s,
		     const char *key, struct text *t)
{
	bool first = true;

	for (int layer = SETTING_LAYERS; layer--;) {
		const struct setting *at =
			in_layer(w, s, (enum setting_layer)layer, key);
		struct text value = {0};

		if (!at)
			continue;
		text_addf(&value, first ? "%s" : "(%s)",
			  world_text(w, at->value));
		show(w, at, first ? key : "", text_cstr(&value), t);
		text_free(&value);
		first = false;
	}
}

/* The next property by name behind `after`; NULL: none. */
static const char *next_key(const struct world *w, const struct settings *s,
			    const char *after)
{
	const char *next = NULL;

	for (uint32_t i = 0; i < s->all.count; i++) {
		const char *key = world_text(w, s->all.at[i].key);

		if (s->all.at[i].layer != SETTING_ENVIRONMENT &&
		    strcmp(key, after) > 0 && (!next || strcmp(key, next) < 0))
			next = key;
	}
	return next;
}

static bool stands_for_one(const struct world *w, const struct settings *s,
			   const char *variable)
{
	char mine[VARIABLE_MAX];

	for (const char *key = ""; (key = next_key(w, s, key));) {
		setting_variable(key, mine, sizeof(mine));
		if (!strcmp(mine, variable))
			return true;
	}
	return false;
}

void settings_show(const struct world *w, const struct settings *s,
		   struct text *t)
{
	text_addf(t, "%-36s %-24s %-12s %s\n", "SETTING", "VALUE", "LAYER",
		  "SET BY");
	for (const char *key = ""; (key = next_key(w, s, key));)
		show_key(w, s, key, t);
	for (uint32_t i = 0; i < s->all.count; i++) {
		const struct setting *at = &s->all.at[i];

		if (at->layer == SETTING_ENVIRONMENT &&
		    !stands_for_one(w, s, world_text(w, at->key)))
			show(w, at, world_text(w, at->key),
			     world_text(w, at->value), t);
	}
}
