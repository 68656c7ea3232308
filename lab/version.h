/* version.h - which Millrace this is */
#ifndef LAB_VERSION_H
#define LAB_VERSION_H

/* The engine a module's `engine` range speaks of, and `--version`. */
#define MILLRACE_VERSION	"0.1.0"

/* Of the JSON we print and of saved runs. */
#define MILLRACE_SCHEMA		1

#endif
