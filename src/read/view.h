/*
 * view.h - the bytes of a corpus that a reader may look at, frame by frame
 *
 * A view ends where its commit ends (for a writer: where it has written to), so
 * nothing behind it can be reached by any offset that a file holds.
 */
#ifndef SHEAF_READ_VIEW_H
#define SHEAF_READ_VIEW_H

#include "base/buf.h"
#include "formats/sheaf/frame.h"
#include "io/source.h"

struct view {
	struct source src; /* not owned */
	uint64_t end;	   /* bytes 0 .. end - 1 */
};

/* @len bytes at @offset; SHEAF_CORRUPT if they go beyond the end */
enum sheaf_status view_read(const struct view *v, uint64_t offset, void *dst,
			    size_t len, struct sheaf_error *err);

/*
 * The whole sheaf frame of @kind at @offset into @out (emptied first), its size
 * held against @max; its checksum is for the decoder to check.
 * SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO or SHEAF_NOMEM.
 */
enum sheaf_status view_frame(const struct view *v, uint64_t offset,
			     enum frame_kind kind, uint64_t max,
			     struct buf *out, struct sheaf_error *err);

#endif
