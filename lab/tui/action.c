/* action.c - everything a person can do, in one table
 *
 * Rows follow screens.md 5.  Never bound: Ctrl-Z, Ctrl-S, Ctrl-Q, Ctrl-\.  No
 * shifted mark and no Alt is the only way to do something: what has such a key
 * has a second one, or a name in the palette and a twin.
 */
#include "lab/tui/action.h"

#include <stdio.h>
#include <string.h>

#include "lab/tui/key.h"

const char *const context_names[] = {
	[CTX_EVERYWHERE] = "Everywhere", [CTX_LIST] = "In a list",
	[CTX_PANES] = "Panes", [CTX_TIME] = "Time",
	[CTX_EXERCISE] = "Exercise", [CTX_CONSOLE] = "Console",
	[CTX_SANDBOX] = "Sandbox", [CTX_FAULTS] = "Faults",
	[CTX_CHARTS] = "Charts", [CTX_HOME] = "Home",
	[CTX_WELCOME] = "Welcome", [CTX_READER] = "Reader",
	[CTX_VERDICT] = "Verdict", [CTX_DEBRIEF] = "Debrief",
	[CTX_COMPARE] = "Compare", [CTX_PROGRESS] = "Progress",
	[CTX_RUBRIC] = "Rubric", [CTX_QUIZ] = "Quiz", [CTX_REVIEW] = "Reviews",
	[CTX_EDITOR] = "Editor", [CTX_SETTINGS] = "Settings",
	[CTX_HELP] = "Help", [CTX_HINTS] = "Hints", [CTX_AUTHOR] = "Author",
	[CTX_SEARCH] = "Search", [CTX_COUNT] = NULL,
};

#define KEYS(...)	.keys = { __VA_ARGS__ }
#define FOOTER(r, text)	.rank = (r), .label = (text)

const struct action actions[] = {
	/* --- everywhere: these come last in each footer --------------------- */
	{ "layer.leave", CTX_EVERYWHERE, KEYS("Esc"), FOOTER(91, "back"),
	  .name = "Leave this layer", .twin = "back" },
	{ "view.leave", CTX_EVERYWHERE, KEYS("q"), FOOTER(92, "quit"),
	  .name = "Leave this view; at home, quit", .twin = "quit",
	  .help = "The world is saved.", .words = "exit close" },
	{ "work.cancel", CTX_EVERYWHERE, KEYS("Ctrl-C"),
	  .name = "Cancel what runs", .help = "Twice in a row quits.",
	  .twin = "Ctrl-C", .words = "interrupt stop" },
	{ "help.open", CTX_EVERYWHERE, KEYS("?", "F1"), FOOTER(90, "help"),
	  .name = "Help for this place", .twin = "help" },
	{ "palette.open", CTX_EVERYWHERE, KEYS(":", "Ctrl-P"),
	  FOOTER(89, "all"), .name = "Everything",
	  .help = "One box for actions, exercises, lessons, words and commands.",
	  .no_twin = "each thing it lists has a twin of its own" },
	{ "find.open", CTX_EVERYWHERE, KEYS("/", "Ctrl-F"),
	  .name = "Find here", .twin = "find WORD", .words = "search filter" },
	{ "find.next", CTX_SEARCH, KEYS("n"), .name = "Next match",
	  .no_twin = "`find` lists every match" },
	{ "find.prev", CTX_SEARCH, KEYS("N"), .name = "Previous match",
	  .no_twin = "`find` lists every match" },
	{ "copy.item", CTX_EVERYWHERE, KEYS("y"), .name = "Copy",
	  .help = "The command on the line above the footer, or the current "
		  "item; the same line says where it went.",
	  .no_twin = "plain output can be copied as it is",
	  .words = "yank clipboard" },
	{ "history.back", CTX_EVERYWHERE, KEYS("Backspace", "<"),
	  .name = "Back to where I came from", .twin = "back" },
	{ "home.open", CTX_EVERYWHERE, .name = "Home", .twin = "millrace list" },
	{ "settings.open", CTX_EVERYWHERE, .name = "Settings",
	  .twin = "set NAME VALUE", .words = "theme colours mouse config" },
	{ "search.open", CTX_EVERYWHERE, .name = "Search the course",
	  .twin = "millrace show WORD", .words = "find lesson exercise glossary" },
	{ "author.open", CTX_EVERYWHERE, .name = "Preview a module from a file",
	  .twin = "millrace start FILE.lua",
	  .help = "Shows an exercise while it is written, and anew when it is "
		  "saved.", .words = "author teach write exercise lint" },
	{ "fidelity.open", CTX_EVERYWHERE, KEYS("F"),
	  .name = "How true is this?", .twin = "fidelity",
	  .help = "What is modelled, what is not, and where the real tool "
		  "differs." },
	{ "zen.toggle", CTX_EVERYWHERE, KEYS("Z"), .name = "Hide or show chrome",
	  .twin = "set zen on" },
	{ "mouse.toggle", CTX_EVERYWHERE, KEYS("M"), .name = "Mouse on or off",
	  .help = "While it is on, hold Shift to select text.",
	  .twin = "set mouse off" },
	{ "redraw", CTX_EVERYWHERE, KEYS("Ctrl-L"), .name = "Draw again",
	  .no_twin = "plain mode draws nothing" },

	/* --- lists and panes ----------------------------------------------- */
	{ "item.open", CTX_LIST, KEYS("Enter"), FOOTER(10, "open"),
	  .name = "Open", .twin = "open NAME" },
	{ "item.mark", CTX_LIST, KEYS("Space"), .name = "Mark",
	  .twin = "mark NAME" },
	{ "pane.next", CTX_PANES, KEYS("Tab"), FOOTER(40, "pane"),
	  .name = "Next pane", .no_twin = "plain mode has no panes" },
	{ "pane.prev", CTX_PANES, KEYS("Shift-Tab"), .name = "Previous pane",
	  .no_twin = "plain mode has no panes" },
	{ "pane.1", CTX_PANES, KEYS("1"), .name = "Go to pane 1",
	  .twin = "show console" },
	{ "pane.2", CTX_PANES, KEYS("2"), .name = "Go to pane 2",
	  .twin = "map" },
	{ "pane.3", CTX_PANES, KEYS("3"), .name = "Go to pane 3",
	  .twin = "tasks" },
	{ "pane.4", CTX_PANES, KEYS("4"), .name = "Go to pane 4",
	  .twin = "chart EXPR" },
	{ "pane.5", CTX_PANES, KEYS("5"), .name = "Go to pane 5",
	  .twin = "logs" },
	{ "pane.6", CTX_PANES, KEYS("6"), .name = "Go to pane 6, the brief",
	  .twin = "show brief" },
	{ "pane.7", CTX_PANES, KEYS("7"), .name = "Go to pane 7, a file",
	  .twin = "show file" },
	{ "pane.zoom", CTX_PANES, KEYS("z"), .name = "Zoom this pane",
	  .no_twin = "plain mode prints all of it" },
	{ "pane.view", CTX_PANES, KEYS("v"), .name = "Next view of this pane",
	  .twin = "map" },
	{ "layout.next", CTX_PANES, KEYS("w"), FOOTER(45, "layout"),
	  .name = "Next layout", .no_twin = "plain mode has no panes" },

	/* --- time ------------------------------------------------------------ */
	{ "time.toggle", CTX_TIME, KEYS("Space", "F9"), FOOTER(30, "run"),
	  .name = "Run or pause", .twin = "run, pause" },
	{ "time.slower", CTX_TIME, KEYS("-"), .name = "Slower",
	  .help = "max 200x 60x 30x 10x 5x 2x 1x 0.5x 0.1x",
	  .twin = "speed 10" },
	{ "time.faster", CTX_TIME, KEYS("+", "="), .name = "Faster",
	  .twin = "speed 60" },
	{ "time.back", CTX_TIME, KEYS("F5", "[", ","), .name = "Step back",
	  .help = "One event while paused, one second while it runs.",
	  .twin = "step -1" },
	{ "time.step", CTX_TIME, KEYS("F6", "]", "."), FOOTER(35, "step"),
	  .name = "Step forward", .twin = "step" },
	{ "time.event.prev", CTX_TIME, KEYS("F7", "{"),
	  .name = "Previous event", .twin = "event prev" },
	{ "time.event.next", CTX_TIME, KEYS("F8", "}"), .name = "Next event",
	  .twin = "event next" },
	{ "time.goto", CTX_TIME, KEYS("t"), FOOTER(50, "time"),
	  .name = "Go to a time, event or save point",
	  .twin = "goto 12m10s", .words = "jump scrub" },
	{ "time.first_broken", CTX_TIME,
	  .name = "First moment a promise broke", .twin = "goto broken",
	  .words = "invariant" },
	{ "time.save", CTX_TIME, KEYS("s"), FOOTER(51, "save"),
	  .name = "Save this moment under a name", .twin = "save NAME",
	  .words = "mark" },
	{ "time.rewind", CTX_TIME, KEYS("r"), FOOTER(52, "rewind"),
	  .name = "Rewind to the last save point", .twin = "rewind",
	  .help = "What came after is kept as a branch.", .words = "undo" },
	{ "branch.new", CTX_TIME, KEYS("b"), .name = "Branch from here",
	  .twin = "branch NAME" },
	{ "branch.return", CTX_TIME, .name = "Return to a branch",
	  .twin = "return NAME", .words = "redo" },
	{ "branch.compare", CTX_TIME, KEYS("B"), .name = "Compare two branches",
	  .twin = "compare A B", .words = "diff" },

	/* --- exercise --------------------------------------------------------- */
	{ "exercise.check", CTX_EXERCISE, KEYS("F2", "c"), FOOTER(1, "check"),
	  .name = "Check", .twin = "check", .words = "grade verdict done" },
	{ "hint.open", CTX_EXERCISE, KEYS("F3", "H"), FOOTER(2, "hint"),
	  .name = "Hint ladder", .twin = "hint" },
	{ "brief.open", CTX_EXERCISE, KEYS("F4"), FOOTER(3, "brief"),
	  .name = "Brief and tasks", .twin = "brief",
	  .words = "task lesson text" },
	{ "task.answer", CTX_EXERCISE, KEYS("a"), .name = "Answer this task",
	  .twin = "answer VALUE" },
	{ "diagnose.open", CTX_EXERCISE, KEYS("d"), .name = "Diagnose",
	  .twin = "diagnose component=NAME mechanism=WORD" },
	{ "exercise.reset", CTX_EXERCISE, KEYS("x"), .name = "Start over",
	  .help = "This run is kept as a branch.", .twin = "reset yes" },
	{ "exercise.giveup", CTX_EXERCISE, .name = "Show me the solution",
	  .help = "Ends this attempt.", .twin = "giveup yes" },
	{ "file.open", CTX_EXERCISE, KEYS("o"),
	  .name = "Edit a file of the console", .twin = "edit FILE" },

	/* --- console ------------------------------------------------------------ */
	{ "console.keys", CTX_CONSOLE, KEYS("Esc"), FOOTER(60, "keys"),
	  .name = "Keys, not text", .help = "Enter or i goes back; the line is "
		  "kept.", .no_twin = "plain mode has no keys" },
	{ "console.type", CTX_CONSOLE, KEYS("i"), FOOTER(5, "type"),
	  .name = "Type a command", .no_twin = "plain mode always types" },
	{ "line.editor", CTX_CONSOLE, .name = "Edit this line in the editor",
	  .no_twin = "plain mode reads from the terminal" },

	/* --- sandbox -------------------------------------------------------------- */
	{ "fault.open", CTX_SANDBOX, KEYS("f", "F3"), FOOTER(2, "faults"),
	  .name = "Faults", .twin = "fault KIND component=NAME" },
	{ "truth.toggle", CTX_SANDBOX, KEYS("T"), FOOTER(4, "truth"),
	  .name = "Truth view", .twin = "truth on", .words = "omniscient" },
	{ "fault.heal", CTX_SANDBOX, KEYS("h"), .name = "Heal a fault",
	  .twin = "heal N", .words = "repair" },
	{ "sandbox.world", CTX_SANDBOX, .name = "Another world",
	  .twin = "millrace worlds" },
	{ "fault.inject", CTX_FAULTS, KEYS("Enter", "F2"), FOOTER(1, "inject"),
	  .name = "Inject this fault", .twin = "fault KIND component=NAME" },

	/* --- charts ----------------------------------------------------------------- */
	{ "chart.query", CTX_CHARTS, KEYS("e"), .name = "Chart a query",
	  .twin = "chart EXPR", .words = "promql metric" },

	/* --- home --------------------------------------------------------------------- */
	{ "home.continue", CTX_HOME, KEYS("Enter"), FOOTER(1, "continue"),
	  .name = "Open the current line", .twin = "millrace start ID" },
	{ "home.review", CTX_HOME, KEYS("r"), FOOTER(2, "reviews"),
	  .name = "Reviews of the day", .twin = "millrace review" },
	{ "home.progress", CTX_HOME, KEYS("p"), FOOTER(3, "progress"),
	  .name = "Progress", .twin = "millrace progress" },
	{ "home.rate", CTX_HOME, KEYS("a"), FOOTER(4, "assess"),
	  .name = "Rate yourself", .twin = "millrace assess",
	  .words = "rubric assessment" },
	{ "home.quiz", CTX_HOME, KEYS("u"), .name = "Quiz",
	  .twin = "millrace assess quiz" },
	{ "home.sandbox", CTX_HOME, KEYS("s"), FOOTER(5, "sandbox"),
	  .name = "Sandbox", .twin = "millrace start --world WORLD" },
	{ "unit.why", CTX_HOME, KEYS("i"), .name = "What this needs and teaches",
	  .twin = "millrace show ID" },
	{ "home.track", CTX_HOME, KEYS("t"), .name = "Another track",
	  .twin = "millrace list --track TRACK" },

	{ "welcome.begin", CTX_WELCOME, KEYS("Enter"), FOOTER(1, "begin"),
	  .name = "Begin", .twin = "millrace start ID" },

	/* --- reader ------------------------------------------------------------------------ */
	{ "page.next", CTX_READER, KEYS("PgDn", "Space"), FOOTER(1, "next page"),
	  .name = "Next page", .twin = "next" },
	{ "page.prev", CTX_READER, KEYS("PgUp"), .name = "Previous page",
	  .twin = "prev" },
	{ "link.next", CTX_READER, KEYS("Tab"), FOOTER(2, "next link"),
	  .name = "Next link", .no_twin = "plain mode prints where links lead" },
	{ "link.prev", CTX_READER, KEYS("Shift-Tab"), .name = "Previous link",
	  .no_twin = "plain mode prints where links lead" },
	{ "link.open", CTX_READER, KEYS("Enter"), FOOTER(3, "open"),
	  .name = "Open the link, or try the command",
	  .twin = "millrace show NAME" },
	{ "word.open", CTX_READER, KEYS("w"), FOOTER(4, "word"),
	  .name = "Explain this word", .twin = "millrace show WORD",
	  .words = "glossary" },
	{ "lesson.exercise", CTX_READER, KEYS("e"), FOOTER(5, "exercise"),
	  .name = "The exercise of this lesson", .twin = "millrace start ID" },

	/* --- verdict, debrief, compare ------------------------------------------------------- */
	{ "next.unit", CTX_VERDICT, KEYS("n"), FOOTER(2, "next"),
	  .name = "Next exercise", .twin = "next" },
	{ "debrief.open", CTX_VERDICT, KEYS("d"), FOOTER(1, "debrief"),
	  .name = "Debrief", .twin = "debrief" },
	{ "verdict.again", CTX_VERDICT, KEYS("r"), FOOTER(3, "rewind"),
	  .name = "Rewind to the last save point", .twin = "rewind",
	  .words = "again retry back" },
	{ "verdict.fresh", CTX_VERDICT, KEYS("f"), .name = "Again on a new seed",
	  .twin = "millrace start ID --seed N" },
	{ "debrief.moment", CTX_DEBRIEF, KEYS("Enter"), FOOTER(1, "open moment"),
	  .name = "Open the world at this moment", .twin = "goto TIME" },
	{ "compare.swap", CTX_COMPARE, KEYS("s"), FOOTER(3, "swap"),
	  .name = "Swap sides", .no_twin = "write them the other way round" },
	{ "compare.next", CTX_COMPARE, KEYS("F8", "}"), FOOTER(1, "next"),
	  .name = "Next difference", .twin = "compare A B" },
	{ "compare.prev", CTX_COMPARE, KEYS("F7", "{"), FOOTER(2, "previous"),
	  .name = "Previous difference", .twin = "compare A B" },
	{ "compare.return", CTX_COMPARE, KEYS("Enter"), FOOTER(4, "go there"),
	  .name = "Return to this branch", .twin = "return NAME" },

	/* --- study ------------------------------------------------------------------------------ */
	{ "progress.evidence", CTX_PROGRESS, KEYS("Enter"), FOOTER(1, "evidence"),
	  .name = "Evidence behind this number",
	  .twin = "millrace progress COMPETENCY" },
	{ "run.replay", CTX_PROGRESS, KEYS("o"), FOOTER(2, "replay"),
	  .name = "Open this run again, as it ended",
	  .twin = "millrace progress replay ATTEMPT", .words = "journal" },
	{ "progress.next", CTX_PROGRESS, KEYS("w"), FOOTER(3, "what next"),
	  .name = "What would move this most",
	  .twin = "millrace progress COMPETENCY" },
	{ "report.export", CTX_PROGRESS, KEYS("x"), FOOTER(4, "export"),
	  .name = "Export your record", .twin = "millrace progress export FILE" },
	{ "rubric.rate.1", CTX_RUBRIC, KEYS("1"), .name = "Rate 1",
	  .twin = "millrace assess rate STATEMENT 1" },
	{ "rubric.rate.2", CTX_RUBRIC, KEYS("2"), .name = "Rate 2",
	  .twin = "millrace assess rate STATEMENT 2" },
	{ "rubric.rate.3", CTX_RUBRIC, KEYS("3"), .name = "Rate 3",
	  .twin = "millrace assess rate STATEMENT 3" },
	{ "rubric.rate.4", CTX_RUBRIC, KEYS("4"), .name = "Rate 4",
	  .twin = "millrace assess rate STATEMENT 4" },
	{ "rubric.rate.5", CTX_RUBRIC, KEYS("5"), .name = "Rate 5",
	  .twin = "millrace assess rate STATEMENT 5" },
	{ "rubric.evidence", CTX_RUBRIC, KEYS("Enter"), FOOTER(2, "evidence"),
	  .name = "Evidence for this statement", .twin = "millrace assess" },
	{ "rubric.history", CTX_RUBRIC, KEYS("v"), FOOTER(3, "history"),
	  .name = "Ratings over time", .twin = "millrace assess --json" },
	{ "item.sure", CTX_QUIZ, KEYS("Tab"), FOOTER(2, "how sure"),
	  .name = "How sure?", .twin = "answer 3 sure" },
	{ "item.look", CTX_QUIZ, KEYS("s"), FOOTER(3, "look first"),
	  .name = "Look at a world before answering",
	  .help = "Then it counts as practice, not as a recall.",
	  .twin = "millrace start --world local-kafka" },
	{ "item.answer", CTX_QUIZ, KEYS("Enter", "F2"), FOOTER(1, "answer"),
	  .name = "Answer", .twin = "answer 3" },
	{ "review.begin", CTX_REVIEW, KEYS("Enter"), FOOTER(1, "begin"),
	  .name = "Begin this review", .twin = "millrace review next" },
	{ "review.postpone", CTX_REVIEW, KEYS("p"), FOOTER(2, "postpone a day"),
	  .name = "Postpone by a day", .twin = "millrace review postpone CARD" },
	{ "review.minutes", CTX_REVIEW, KEYS("m"), FOOTER(3, "minutes"),
	  .name = "I have so many minutes", .twin = "millrace review --minutes 5" },
	{ "review.calendar", CTX_REVIEW, KEYS("v"), FOOTER(4, "calendar"),
	  .name = "What is due when, four weeks ahead",
	  .twin = "millrace review calendar", .words = "days weeks later" },

	/* --- editor, settings, help, hints, author --------------------------------------------------- */
	{ "file.apply", CTX_EDITOR, KEYS("F2"), FOOTER(1, "save"),
	  .name = "Save", .twin = "edit FILE" },
	{ "file.external", CTX_EDITOR, KEYS("F4"), FOOTER(4, "$EDITOR"),
	  .name = "Open in $EDITOR", .twin = "edit FILE" },
	{ "edit.undo", CTX_EDITOR, KEYS("F5", "Ctrl-_"), FOOTER(2, "undo"),
	  .name = "Undo", .no_twin = "plain mode uses $EDITOR" },
	{ "edit.redo", CTX_EDITOR, KEYS("F6"), FOOTER(3, "redo"),
	  .name = "Redo", .no_twin = "plain mode uses $EDITOR" },
	{ "problem.next", CTX_EDITOR, KEYS("F8"), .name = "Next problem",
	  .twin = "millrace module lint FILE" },
	{ "problem.prev", CTX_EDITOR, KEYS("F7"), .name = "Previous problem",
	  .twin = "millrace module lint FILE" },
	{ "setting.next", CTX_SETTINGS, KEYS("Right", "Enter"),
	  FOOTER(1, "change"), .name = "Next value", .twin = "set NAME VALUE" },
	{ "setting.prev", CTX_SETTINGS, KEYS("Left"), .name = "Previous value",
	  .twin = "set NAME VALUE" },
	{ "setting.default", CTX_SETTINGS, KEYS("d"), FOOTER(2, "default"),
	  .name = "Back to the default", .twin = "set NAME default" },
	{ "help.run", CTX_HELP, KEYS("Enter"), FOOTER(1, "do it"),
	  .name = "Do it now", .no_twin = "type the word itself" },
	{ "help.bind", CTX_HELP, KEYS("F2"), FOOTER(2, "another key"),
	  .name = "Bind another key", .twin = "set key.ACTION KEY" },
	{ "hint.next", CTX_HINTS, KEYS("Enter"), FOOTER(1, "open next hint"),
	  .name = "Open the next hint", .twin = "hint" },
	{ "author.play", CTX_AUTHOR, KEYS("Enter"), FOOTER(1, "play"),
	  .name = "Play it as a learner", .twin = "millrace start FILE.lua",
	  .help = "The last version that can be played; nothing is recorded.",
	  .words = "workbench open try" },
	{ "author.proof", CTX_AUTHOR, KEYS("F2"), FOOTER(2, "prove"),
	  .name = "Prove this exercise", .twin = "millrace verify FOLDER",
	  .help = "Ctrl-C stops it.", .words = "verify test" },
	{ "author.wrong", CTX_AUTHOR, KEYS("w"), FOOTER(7, "wrong"),
	  .name = "Play the wrong fixes",
	  .help = "Each to its end, with the check that catches it.",
	  .twin = "millrace verify FOLDER" },
	{ "author.seed.next", CTX_AUTHOR, KEYS("s"), FOOTER(8, "seed"),
	  .name = "Next seed", .twin = "millrace start FILE.lua --seed N" },
	{ "author.seed", CTX_AUTHOR, KEYS("S"), .name = "Choose a seed",
	  .twin = "millrace start FILE.lua --seed N" },
	{ "author.edit", CTX_AUTHOR, KEYS("e"), FOOTER(3, "edit"),
	  .name = "Edit in $EDITOR",
	  .help = "The file of the current problem, at its line; else "
		  "module.lua.",
	  .no_twin = "plain mode leaves the editor to you" },
	{ "author.problem.next", CTX_AUTHOR, KEYS("F8", "n"),
	  .name = "Next problem",
	  .twin = "millrace module lint FOLDER" },
	{ "author.problem.prev", CTX_AUTHOR, KEYS("F7", "N"),
	  .name = "Previous problem", .twin = "millrace module lint FOLDER" },
	{ "author.hints", CTX_AUTHOR, KEYS("F3", "H"),
	  .name = "Hints as a learner reads them", .twin = "hint" },
	{ "author.task", CTX_AUTHOR, KEYS("t"), FOOTER(6, "task"),
	  .name = "Next task of the module", .twin = "task" },
	{ .id = NULL },
};

enum { ACTIONS = sizeof(actions) / sizeof(*actions) - 1 };

/* What settings have changed: for the whole program, like the terminal it
 * belongs to. */
static uint32_t bound[ACTIONS];

const struct action *action_find(const char *id)
{
	for (const struct action *a = actions; a->id; a++)
		if (strcmp(a->id, id) == 0)
			return a;
	return NULL;
}

bool action_has_key(const struct action *a, uint32_t key)
{
	if (bound[a - actions])
		return bound[a - actions] == key;
	for (int i = 0; i < ACTION_KEYS_MAX && a->keys[i]; i++)
		if (key_named(a->keys[i]) == key)
			return true;
	return false;
}

/* A key that was given to another action of the same context is no longer the
 * old one's. */
static bool is_taken(const struct action *by, uint32_t key)
{
	for (const struct action *a = actions; a->id; a++)
		if (a != by && a->context == by->context &&
		    bound[a - actions] == key)
			return true;
	return false;
}

const struct action *action_of_key(const enum context *contexts, uint32_t key)
{
	for (; ; contexts++) {
		enum context c = *contexts == CTX_COUNT ? CTX_EVERYWHERE :
							  *contexts;

		for (const struct action *a = actions; a->id; a++)
			if (a->context == c && action_has_key(a, key) &&
			    !is_taken(a, key))
				return a;
		if (*contexts == CTX_COUNT)
			return NULL;
	}
}

void action_keys(const struct action *a, struct text *out)
{
	char name[KEY_NAME_MAX];

	if (bound[a - actions]) {
		key_name(bound[a - actions], name);
		text_add(out, name);
		return;
	}
	for (int i = 0; i < ACTION_KEYS_MAX && a->keys[i]; i++)
		text_addf(out, "%s%s", i ? " " : "", a->keys[i]);
}

const char *action_first_key(void *name, const char *id)
{
	const struct action *a = action_find(id);

	if (!a || (!bound[a - actions] && !a->keys[0]))
		return NULL;
	if (bound[a - actions])
		key_name(bound[a - actions], name);
	else
		snprintf(name, KEY_NAME_MAX, "%s", a->keys[0]);
	return name;
}

bool action_bind(const char *id, const char *key)
{
	const struct action *a = action_find(id);
	uint32_t k = key_named(key);

	if (!a || k == K_NONE || k == K_CTRL('Z') || k == K_CTRL('S') ||
	    k == K_CTRL('Q') || k == K_CTRL('\\'))
		return false;
	bound[a - actions] = k;
	return true;
}

void action_bind_reset(void)
{
	memset(bound, 0, sizeof(bound));
}
