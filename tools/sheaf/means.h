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
 * For the whole process, so not for the library to do; nor for readers, which
 * a mapping for each large block would make slower.
 */
void means_start(void);

#endif
