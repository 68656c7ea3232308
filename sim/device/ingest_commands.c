/* ingest_commands.c - how closely to look, said from outside */
#include "sim/device/ingest_inside.h"

#include <assert.h>
#include <string.h>

#include "sim/core/args.h"

void ingest_set_level(struct world *w, struct ingest *s,
		      enum ingest_level level, bool zoom)
{
	ingest_advance(w, s);
	s->level = level;
	s->zoom = zoom;
	s->crowded = level != LEVEL_COUNTS &&
		     ingest_flight(s) > INGEST_RECORDS_MAX / 2;
	if (s->crowded)
		level = LEVEL_COUNTS;
	for (uint32_t i = 0; i < s->partitions; i++)
		if (world_now(w) >= s->parts[i].zoom_until)
			ingest_switch(w, &s->parts[i], level);
}

void ingest_focus(struct world *w, struct ingest *s, uint32_t partition,
		  sim_time horizon)
{
	assert(partition < s->partitions && horizon > 0);
	levels[s->parts[partition].level]->advance(w, &s->parts[partition],
						   world_now(w));
	ingest_zoom(w, &s->parts[partition], horizon);
}

static struct ingest *want_stage(struct world *w, const char *args,
				 struct err *err)
{
	struct ingest *s;
	char name[80];

	args_text_or(args, "name", "fleet", name, sizeof(name));
	s = ingest_find(w, name);
	if (!s)
		err_set(err, "name=%s: no such fleet in this world", name);
	return s;
}

static bool command_focus(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	struct ingest *s = want_stage(w, args, err);
	int64_t partition = args_int(args, "partition", -1);
	sim_time horizon;

	(void)result;
	if (!s)
		return false;
	if (partition < 0 || partition >= s->partitions)
		return err_set(err, "ingest-focus: partition is 0 to %u",
			       s->partitions - 1);
	horizon = args_time(args, "for", s->horizon);
	if (horizon < INGEST_TICK || horizon > SIM_HOURS(1))
		return err_set(err, "ingest-focus: for is 10ms to 1h");
	ingest_focus(w, s, (uint32_t)partition, horizon);
	return true;
}

bool ingest_level_parse(const char *text, enum ingest_level *level, bool *zoom)
{
	*zoom = !strcmp(text, "auto");
	*level = LEVEL_COUNTS;
	if (*zoom)
		return true;
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (!strcmp(text, levels[i]->name)) {
			*level = (enum ingest_level)i;
			return true;
		}
	return false;
}

static bool command_level(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	struct ingest *s = want_stage(w, args, err);
	enum ingest_level level;
	char text[16];
	bool zoom;

	(void)result;
	if (!s)
		return false;
	args_text_or(args, "level", "", text, sizeof(text));
	if (!ingest_level_parse(text, &level, &zoom))
		return err_set(err, "ingest-level: level is record, window, "
			       "counts or auto");
	ingest_set_level(w, s, level, zoom);
	return true;
}

const struct command_kind ingest_commands[] = {
	{ "ingest-focus", "partition= [for=2s] [name=fleet]", command_focus },
	{ "ingest-level", "level=record|window|counts|auto [name=fleet]",
	  command_level },
	{ NULL, NULL, NULL },
};

/* Digits with at most six decimals, and perhaps a %. */
bool ingest_share(const char *text, uint64_t *ppm)
{
	uint64_t value = 0, unit = MILLION;
	bool point = false, digit = false;

	for (; *text && *text != '%'; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || (point && unit == 1) ||
		    value > UINT64_C(1000000000000))
			return false;
		digit = true;
		if (point)
			unit /= 10;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	if (!digit || (*text == '%' && text[1]))
		return false;
	*ppm = *text == '%' ? value * unit / 100 : value * unit;
	return true;
}
