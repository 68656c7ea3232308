/* annotate.h - what an editor needs to know: millrace.d.lua and .luarc.json
 *
 * lua-language-server (LuaLS) reads annotations, comments that begin with
 * `---@`, and then completes names, shows what they mean and marks what is
 * mistyped while it is typed.  `millrace module annotations` writes them for a
 * folder of modules, from the rows of api.h and the schema of lab.module{}.
 */
#ifndef LAB_AUTHOR_ANNOTATE_H
#define LAB_AUTHOR_ANNOTATE_H

#include <stdbool.h>

#include "sim/core/err.h"
#include "sim/core/text.h"

#define ANNOTATE_FILE		"millrace.d.lua"
#define ANNOTATE_SETTINGS	".luarc.json"

void annotate_text(struct text *out);		/* of ANNOTATE_FILE */
void annotate_settings(struct text *out);	/* of ANNOTATE_SETTINGS */

/*
 * Write both into a folder, which is made if need be.  ANNOTATE_FILE is ours
 * and replaced; settings that are there already stay, for they may be the
 * author's, and *kept says that they say something else than ours.
 */
bool annotate_write(const char *folder, bool *kept, struct err *err);

#endif
