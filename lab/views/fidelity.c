/* fidelity.c - how true is this: the cards of the parts it rests on
 *
 *	┌─ How true is this? ─────────────────────────┐
 *	│ ▸ Kafka     brokers, clients, groups         │
 *	│   hosts     machines, disks, the network     │
 *	│   all       what this simulator leaves out   │
 *	└──────────────────────── Enter choose   Esc ──┘
 *
 * A card is the part of the README of a folder of sim/ that says where the real
 * system differs: it has one home, beside the code it speaks of.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/paths.h"
#include "lab/tui/dialog.h"
#include "lab/views/choose.h"
#include "lab/views/inside.h"
#include "lab/views/views.h"

#define LESSON	"bigdata/fidelity"

enum { README_BYTES_MAX = 256 * 1024, CHOICES_MAX = 16 };

/* A module names what it rests on as PART.ASPECT; the folder of sim/ that has
 * the card. */
static const struct part {
	const char *word;	/* before the dot */
	const char *folder, *label, *help;
} parts[] = {
	{ "kafka", "broker", "Kafka", "brokers, clients, groups" },
	{ "device", "device", "devices", "fleets behind a gateway" },
	{ "service", "app", "services", "programs and their store" },
	{ "host", "host", "hosts", "machines, processes, disks, network" },
	{ "fault", "fault", "faults", "what can go wrong, and its signs" },
	{ "prometheus", "monitor", "Prometheus", "scraping" },
	{ "tsdb", "tsdb", "time series", "storage and PromQL" },
	{ "telemetry", "telemetry", "metrics", "what processes say" },
	{ "face", "face", "protocols", "what clients connect to" },
	{ "stack", "stack", "tools", "worlds and commands" },
	{ "world", "core", "time", "the clock and the luck" },
};
enum { PARTS = sizeof(parts) / sizeof(*parts) };

static bool is_of(const struct part *p, const char *name)
{
	size_t len = strcspn(name, ".");

	return strlen(p->word) == len && memcmp(p->word, name, len) == 0;
}

static bool is_named(const struct part *p, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++)
		if (is_of(p, json_string_value(json_array_get(names, i))))
			return true;
	return names == NULL;
}

bool fidelity_knows(const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (is_of(&parts[i], name))
			return true;
	return false;
}

/* --- a card ---------------------------------------------------------------- */

static int heading_of(const char *line)
{
	int level = (int)strspn(line, "#");

	return line[level] == ' ' ? level : 0;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

/* The section of that name, without its heading, up to the next heading that
 * is no smaller. */
static void section(const char *page, const char *name, struct text *out)
{
	int level = 0;

	for (; *page; page = next_line(page)) {
		int now = heading_of(page);

		if (level && now && now <= level)
			return;
		if (level)
			text_bytes(out, page, (size_t)(next_line(page) - page));
		else if (now && strncmp(page + now + 1, name, strlen(name)) == 0)
			level = now;
	}
}

bool fidelity_card(const struct catalog *c, const char *folder,
		   struct text *out, struct err *err)
{
	struct text path = {0}, page = {0};
	size_t begun = out->len;
	bool good;

	text_addf(&path, "%s/sim/%s/README.md", c->root, folder);
	good = path_read(text_cstr(&path), README_BYTES_MAX, &page, err);
	if (good)
		section(text_cstr(&page), "Fidelity card", out);
	if (good && out->len == begun) {
		err_set(err, "%s has no fidelity card", text_cstr(&path));
		good = false;
	}
	text_free(&path);
	text_free(&page);
	return good;
}

/* --- which one -------------------------------------------------------------- */

static const struct part *part_of(const char *folder)
{
	for (size_t i = 0; i < PARTS; i++)
		if (strcmp(parts[i].folder, folder) == 0)
			return &parts[i];
	return NULL;
}

static void chosen(struct app *a, void *ctx, const char *folder)
{
	const struct part *p = part_of(folder);
	struct text card = {0};
	struct err err;

	(void)ctx;
	if (!p) {
		open_lesson(a, LESSON);
		return;
	}
	if (fidelity_card(a->outside.catalog, folder, &card, &err))
		app_push(a, reader_overlay(a, p->label, text_cstr(&card)));
	else
		app_say(a, ROLE_WARN, "%s", err.what);
	text_free(&card);
}

void fidelity_open(struct app *a, const json_t *names)
{
	struct choice choices[CHOICES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < PARTS; i++)
		if (is_named(&parts[i], names))
			choices[n++] = (struct choice){
				parts[i].folder, parts[i].label, parts[i].help
			};
	choices[n++] = (struct choice){ LESSON, "all of it",
					"what this simulator leaves out" };
	app_push(a, choose_view(a, "How true is this?", choices, n, 0, chosen,
				NULL));
}
