/*
 * filter.h - the options that choose records, shared by ls and extract
 */
#ifndef SHEAF_TOOL_FILTER_H
#define SHEAF_TOOL_FILTER_H

#include <sheaf/filter.h>

#include "opt.h"

/* the rows, for the table of a command; also those of reader.h */
extern const struct opt filter_options[];

/*
 * filter_get() - the filter that the command line asked for
 *
 * Good until filter_done().  Returns the exit status, after a message if it is
 * not STATUS_YES.
 */
int filter_get(struct sheaf_filter *out);
void filter_done(void);

#endif
