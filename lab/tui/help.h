/* help.h - what can be done here: a list to type into, which does what it lists
 */
#ifndef LAB_TUI_HELP_H
#define LAB_TUI_HELP_H

#include "lab/tui/app.h"

struct view *help_view(struct app *a);

#endif
