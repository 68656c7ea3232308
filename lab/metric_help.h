/* metric_help.h - what a metric means, in a sentence */
#ifndef LAB_METRIC_HELP_H
#define LAB_METRIC_HELP_H

/* NULL: nobody has written it yet. */
const char *metric_help(const char *name);

#endif
