/*
 * when.h - the options that say what the log shows of a commit: time, message
 */
#ifndef SHEAF_TOOL_WHEN_H
#define SHEAF_TOOL_WHEN_H

#include <sheaf/writer.h>

#include "opt.h"

/* the rows, for the table of a command */
extern const struct opt when_options[];

/*
 * when_read() - what --message says; what --time says, else
 * SOURCE_DATE_EPOCH, else the library takes the clock's
 *
 * Returns the exit status, after a message if it is not STATUS_YES.
 */
int when_read(struct sheaf_commit_options *out);

#endif
