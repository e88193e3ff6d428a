/*
 * description.h - the first frame: what this file is, in plain words (section
 * 3)
 */
#ifndef FORMATS_SHEAF_DESCRIPTION_H
#define FORMATS_SHEAF_DESCRIPTION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/fail.h"

/* append the frame; always the same bytes */
void description_put(struct buf *b);
/* do @len bytes from offset 0 look like the start of a corpus [S-7] */
bool description_guess(const void *p, size_t len);
/*
 * The size of the description that begins with the @len bytes at @p, by its
 * head of DESCRIPTION_HEAD bytes; 0: none begins there.  Whatever its text
 * says: another program may have written it.
 */
#define DESCRIPTION_HEAD 22
size_t description_size(const void *p, size_t len);
/* are these @len bytes a whole description: its shape [S-6] and its checksum */
enum sheaf_status description_check(const void *p, size_t len,
				    struct sheaf_error *err);

#endif
