/*
 * input.h - the list of operands that a command reads from a file
 */
#ifndef SHEAF_TOOL_INPUT_H
#define SHEAF_TOOL_INPUT_H

#include <stddef.h>

#include "opt.h"

/* all zero is empty */
struct input {
	char *bytes;	    /* owned; the items lie in it */
	const char **items; /* owned; NUL-terminated each */
	size_t count;
};

/* the rows, for the table of a command that takes keys, or paths: a file that
 * lists more of them, what ends each there */
extern const struct opt input_options[];
extern const struct opt input_path_options[];

/* the file that lists more; NULL: not given */
const char *input_list(void);

/*
 * input_read() - the operands, then the lines of @path
 * @operands: @count of them, which must outlive @out
 * @path: "-" is stdin; NULL: no file
 *
 * Empty lines are left out.  Returns the exit status, after a message if it is
 * not STATUS_YES.
 */
int input_read(struct input *out, char *const *operands, int count,
	       const char *path);
void input_done(struct input *in);

#endif
