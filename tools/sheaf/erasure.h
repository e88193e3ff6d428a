/*
 * erasure.h - sheaf rm --erase: the bytes go too
 */
#ifndef SHEAF_TOOL_ERASURE_H
#define SHEAF_TOOL_ERASURE_H

#include <sheaf/erase.h>

#include "removal.h"

struct erasure_how {
	const char *apply; /* the file of the list that @in is; NULL: keys */
	bool latest, dry_run, quiet, json;
};

/* what sheaf rm --erase does; returns the exit status */
int erasure_run(const char *path, const struct input *in,
		const struct erasure_how *how);

#endif
