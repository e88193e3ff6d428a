/*
 * segment.h - what one commit appends: frames in order, their tree, their place
 * in the file
 *
 * Its last blocks are held in memory, for they may get another place (late.h):
 * what is in the file stays as it is, so a mirror may fetch it meanwhile.
 */
#ifndef SHEAF_WRITE_SEGMENT_H
#define SHEAF_WRITE_SEGMENT_H

#include "base/buf.h"
#include "base/fail.h"
#include "formats/sheaf/block.h"
#include "formats/sheaf/tree.h"
#include "io/sink.h"
#include "io/source.h"

struct segment {
	struct sink *sink;  /* not owned */
	uint64_t start;	    /* offset of its first byte */
	uint64_t at;	    /* where the next byte will lie */
	struct source file; /* what the sink has */
	struct tree tree;
	struct buf pending; /* handed in, not yet written */
	struct buf blocks;  /* u64: where the last headers of blocks lie */
	size_t blocks_most; /* bytes of that list */
	size_t pending_most;
	bool ends;     /* no further blocks: nothing is held */
	bool closed;   /* nor hashed */
	bool measures; /* nothing is written, only at moves */
};

/* starts at the end of what @sink has */
enum sheaf_status segment_init(struct segment *s, struct sink *sink,
			       struct sheaf_error *err);
/* the description, with which a new file begins */
enum sheaf_status segment_describe(struct segment *s, struct sheaf_error *err);
void segment_done(struct segment *s); /* takes an all-zero one */
/* one that writes nothing: what is appended to @s from offset @at on only has a
 * length. Needs no segment_done(). */
void segment_measure(struct segment *s, uint64_t at);

/*
 * Append a sheaf frame that was made for offset s->at. One that has the sync
 * pattern inside is SHEAF_LIMIT [S-11].
 */
enum sheaf_status segment_frame(struct segment *s, const struct buf *frame,
				struct sheaf_error *err);
/* append bytes that were checked for the pattern */
enum sheaf_status segment_bytes(struct segment *s, const void *p, size_t len,
				struct sheaf_error *err);
/* append a block: @h, whose packed is the length of @frame, and that; *offset:
 * of its header */
enum sheaf_status segment_block(struct segment *s, const struct block_head *h,
				const struct buf *frame, uint64_t *offset,
				struct sheaf_error *err);
/*
 * The headers of its last blocks, as offsets in their order: of those that
 * begin in the last SEGMENT_LAST bytes, and of one before.  They are in memory.
 * Borrowed.
 */
#define SEGMENT_LAST (((uint64_t)1 << 20) + ((uint64_t)128 << 10))
const uint64_t *segment_blocks(const struct segment *s, size_t *count);
/* takes off all from @offset on, where a frame began that is in memory; @out
 * gets it. No block is appended behind it. */
enum sheaf_status segment_take(struct segment *s, uint64_t offset,
			       struct buf *out, struct sheaf_error *err);
/* it ends at @offset, which is where a frame of it began */
enum sheaf_status segment_cut(struct segment *s, uint64_t offset,
			      struct sheaf_error *err);
/*
 * What is appended next lies at @offset or later: before that, a skippable
 * frame of zeroes makes room, which readers pass over [S-10]: of this or more.
 */
#define SEGMENT_SPARE_LEAST 8
enum sheaf_status segment_spare(struct segment *s, uint64_t offset,
				struct sheaf_error *err);
/* over what was appended so far, in the file or not; @s outlives it */
void segment_source(struct segment *s, struct source *out);
/* hand all that is pending to the sink */
enum sheaf_status segment_flush(struct segment *s, struct sheaf_error *err);

/* the tree frame, if there is more than one leaf; and the root. Nothing but the
 * footer follows. */
enum sheaf_status segment_close(struct segment *s, uint8_t root[SHA256_SIZE],
				struct sheaf_error *err);

#endif
