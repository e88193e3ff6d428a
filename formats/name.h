/*
 * name.h - the components of paths, and the names that are made of them
 */
#ifndef FORMATS_NAME_H
#define FORMATS_NAME_H

#include <sheaf/record.h>

#include "base/buf.h"

/* takes the next component off *path that is not empty and not "."; false at
 * its end */
bool name_part_take(const char **path, struct sheaf_str *part);
/* behind what @b has, with a "/" between */
void name_part_add(struct buf *b, struct sheaf_str part);
bool name_part_is(struct sheaf_str part, const char *s);

/*
 * name_of_path() - what tar would extract @path as: without leading "/", "./"
 * and all up to the last ".."
 * @out: emptied, then the name; empty where nothing is left, or if it is bad
 */
void name_of_path(struct buf *out, const char *path);

#endif
