/*
 * means.h - the options that say what a command may use: memory, threads
 */
#ifndef SHEAF_TOOL_MEANS_H
#define SHEAF_TOOL_MEANS_H

#include "opt.h"

/* the rows, for the table of a command that writes a corpus */
extern const struct opt means_options[];

size_t means_memory(void);	  /* bytes; 0: not given */
unsigned int means_threads(void); /* 0: not given */

#endif
