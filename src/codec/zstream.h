/*
 * zstream.h - zstd frames from outside, end to end, piece by piece
 *
 * For what others compressed: sizes may be absent, frames follow each other,
 * skippable ones are passed over.  A frame that asks for a window of more than
 * 128 MiB is refused, as the zstd program does.
 */
#ifndef SHEAF_CODEC_ZSTREAM_H
#define SHEAF_CODEC_ZSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct zstream;

/* @dict: of all frames, copied; NULL for none.  NULL: no memory, or the
 * dictionary is none */
struct zstream *zstream_new(const void *dict, size_t dict_len);
void zstream_free(struct zstream *z); /* takes NULL */

/*
 * zstream_next() - decode some of @in into @out
 * @used, @made: of @in, of @out; less than all where either is at its end
 * @whole: all frames that were begun have come to their end
 *
 * Returns SHEAF_OK, SHEAF_CORRUPT or SHEAF_NOMEM.
 */
enum sheaf_status zstream_next(struct zstream *z, const void *in, size_t in_len,
			       size_t *used, void *out, size_t out_len,
			       size_t *made, bool *whole,
			       struct sheaf_error *err);

#endif
