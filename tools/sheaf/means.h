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

/*
 * Before much is added: what is freed goes back to the system if it is large.
 * For the whole process, so not for the library to do.  Others gain little by
 * it: salvage and compact 2 and 4 % of their memory, readers nothing.
 */
void means_start(void);

#endif
