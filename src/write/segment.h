/*
 * segment.h - what one commit appends: frames in order, their tree, their place
 * in the file
 */
#ifndef SHEAF_WRITE_SEGMENT_H
#define SHEAF_WRITE_SEGMENT_H

#include "base/buf.h"
#include "base/fail.h"
#include "formats/sheaf/tree.h"
#include "io/sink.h"

struct segment {
	struct sink *sink; /* not owned */
	uint64_t start;	   /* offset of its first byte */
	uint64_t at;	   /* where the next byte will lie */
	struct tree tree;
	struct buf pending; /* handed in, not yet written */
};

/* starts at the end of what @sink has */
enum sheaf_status segment_init(struct segment *s, struct sink *sink,
			       struct sheaf_error *err);
/* the description, with which a new file begins */
enum sheaf_status segment_describe(struct segment *s, struct sheaf_error *err);
void segment_done(struct segment *s); /* takes an all-zero one */

/*
 * Append a sheaf frame that was made for offset s->at. One that has the sync
 * pattern inside is SHEAF_LIMIT [S-11].
 */
enum sheaf_status segment_frame(struct segment *s, const struct buf *frame,
				struct sheaf_error *err);
/* append bytes that were checked for the pattern */
enum sheaf_status segment_bytes(struct segment *s, const void *p, size_t len,
				struct sheaf_error *err);
/*
 * What is appended next lies at @offset or later: before that, a skippable
 * frame of zeroes makes room, which readers pass over [S-10].
 */
enum sheaf_status segment_spare(struct segment *s, uint64_t offset,
				struct sheaf_error *err);
/* hand what is pending to the sink, so that it can be read back */
enum sheaf_status segment_flush(struct segment *s, struct sheaf_error *err);

/* the tree frame, if there is more than one leaf; and the root. Nothing but the
 * footer follows. */
enum sheaf_status segment_close(struct segment *s, uint8_t root[SHA256_SIZE],
				struct sheaf_error *err);

#endif
