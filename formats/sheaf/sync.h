/*
 * sync.h - content that holds the sync pattern, encoded so that it does not
 * (S-11)
 */
#ifndef FORMATS_SHEAF_SYNC_H
#define FORMATS_SHEAF_SYNC_H

#include "base/buf.h"
#include "base/fail.h"

/*
 * Append @len bytes as a zstd frame of raw blocks, cut inside every pattern.
 * @dict_id: of the dictionary that the frame is said to need; 0: none
 *
 * The last resort, for content that was made to forge frames: nothing is
 * compressed. SHEAF_OK, SHEAF_NOMEM or, if no cut helps, SHEAF_LIMIT.
 */
enum sheaf_status sync_encode(struct buf *out, uint32_t dict_id,
			      const void *plain, size_t len,
			      struct sheaf_error *err);
/* does the pattern begin anywhere in these bytes */
bool sync_inside(const void *p, size_t len);

#endif
