/* workbench_map.h - the pane with the map */
#ifndef LAB_VIEWS_WORKBENCH_MAP_H
#define LAB_VIEWS_WORKBENCH_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/tui/role.h"
#include "sim/core/text.h"

struct workbench;

void map_init(struct workbench *w);
void map_release(struct workbench *w);
void map_refresh(struct workbench *w);
void map_status(const struct workbench *w, struct text *out);
const char *map_mark(const struct workbench *w, enum role *role);
/* The view that suits the layout, unless the learner chose one. */
void map_place(struct workbench *w);
/* The other view of it: where things stand, or how data flows. */
void map_turn(struct workbench *w);
bool map_key(struct workbench *w, uint32_t key);
bool map_click(struct workbench *w, int row, int col);
bool map_find(struct workbench *w, const char *name);
/* What the selected part says of itself, in an overlay. */
void map_open(struct workbench *w);

#endif
