/*
 * when.h - the time of a commit
 */
#ifndef SHEAF_TOOL_WHEN_H
#define SHEAF_TOOL_WHEN_H

#include <sheaf/writer.h>

/*
 * when_read() - @text (what --time says, or NULL), else SOURCE_DATE_EPOCH,
 * else the library takes the clock's
 *
 * Returns the exit status, after a message if it is not STATUS_YES.
 */
int when_read(const char *text, struct sheaf_commit_options *out);

#endif
