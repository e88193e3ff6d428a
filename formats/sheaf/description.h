/*
 * description.h - the first frame: what this file is, in plain words (section
 * 3)
 */
#ifndef FORMATS_SHEAF_DESCRIPTION_H
#define FORMATS_SHEAF_DESCRIPTION_H

#include <stdbool.h>

#include "base/buf.h"

/* append the frame; always the same bytes */
void description_put(struct buf *b);
/* do @len bytes from offset 0 look like the start of a corpus [S-7] */
bool description_guess(const void *p, size_t len);

#endif
