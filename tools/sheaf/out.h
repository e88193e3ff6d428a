/*
 * out.h - standard output, whose every write is checked
 */
#ifndef SHEAF_TOOL_OUT_H
#define SHEAF_TOOL_OUT_H

#include <stdbool.h>

/* a large buffer; call it before anything is printed */
void out_start(void);
/* something could not be written: no use in going on */
bool out_failed(void);
/*
 * out_finish() - write out what is left, and close
 * @status: what the command would exit with
 *
 * Returns @status, or says what went wrong and returns STATUS_UNKNOWN.  A pipe
 * that nobody reads any more ends the program without a word.
 */
int out_finish(int status);

#endif
