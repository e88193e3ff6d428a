/*
 * wait.h - the option that waits for another writer, shared by all that write
 */
#ifndef SHEAF_TOOL_WAIT_H
#define SHEAF_TOOL_WAIT_H

#include <sheaf/wait.h>

#include "opt.h"

/* the row, for the table of a command */
extern const struct opt wait_options[];

/* what the command line asked for; the wait ends when a signal came, too */
struct sheaf_wait wait_get(void);

#endif
