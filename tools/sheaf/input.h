/*
 * input.h - the list of operands that a command reads from a file
 */
#ifndef SHEAF_TOOL_INPUT_H
#define SHEAF_TOOL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* all zero is empty */
struct input {
	char *bytes;	    /* owned; the items lie in it */
	const char **items; /* owned; NUL-terminated each */
	size_t count;
};

/*
 * input_read() - the operands, then the lines of @path
 * @operands: @count of them, which must outlive @out
 * @path: "-" is stdin; NULL: no file
 * @null: a NUL ends an item, instead of a newline
 *
 * Empty lines are left out.  Returns the exit status, after a message if it is
 * not STATUS_YES.
 */
int input_read(struct input *out, char *const *operands, int count,
	       const char *path, bool null);
void input_done(struct input *in);

#endif
