/*
 * reader.h - open a corpus to read, as get, ls, extract, log and info do
 */
#ifndef SHEAF_TOOL_READER_H
#define SHEAF_TOOL_READER_H

#include <sheaf/corpus.h>

#include "opt.h"

/* the row --as-of, for the table of a command */
extern const struct opt reader_options[];

/*
 * reader_open() - open @path as of the commit that --as-of names
 *
 * Says on stderr if the file goes on behind its last whole commit.  Returns
 * the exit status, after a message if it is not STATUS_YES.
 */
int reader_open(struct sheaf_corpus **out, const char *path);

#endif
