/* api.c - looking up the names a module can use */
#include "lab/author/api.h"

#include <string.h>

const struct api_class *api_class(const char *name)
{
	for (const struct api_class *c = api_classes; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const struct api_entry *api_entry(const char *path)
{
	for (const struct api_entry *e = api_entries; e->path; e++)
		if (strcmp(e->path, path) == 0)
			return e;
	return NULL;
}

bool api_is_global(const char *name)
{
	for (const struct api_global *g = api_globals; g->name; g++)
		if (strcmp(g->name, name) == 0)
			return true;
	return false;
}

const char *api_instead(const char *name)
{
	static const struct { const char *name, *instead; } gone[] = {
		{ "os", "virtual time is w:now(); a module knows no other" },
		{ "io", "pages lie in text/, files for the learner come from "
			"s:file in setup" },
		{ "package", "write local functions above lab.module" },
		{ "require", "write local functions above lab.module" },
		{ "dofile", "write local functions above lab.module" },
		{ "loadfile", "write local functions above lab.module" },
		{ "loadstring", "load(text) takes text" },
		{ "debug", "print(...) shows what a check saw, when it fails" },
		{ "collectgarbage", "take it out; memory is bounded anyhow" },
		{ "next", "use pairs, which goes in order here" },
		{ "warn", "use print" },
		{ "unpack", "write table.unpack" },
		{ "math.random", "luck comes from the rng that `params` is "
				 "given" },
		{ "math.randomseed", "luck comes from the rng that `params` "
				     "is given" },
		{ "string.dump", "only text can be loaded" },
	};

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (strcmp(gone[i].name, name) == 0)
			return gone[i].instead;
	return NULL;
}
