/*
 * late.h - the last blocks of a segment, which go behind its record pages
 */
#ifndef SHEAF_WRITE_LATE_H
#define SHEAF_WRITE_LATE_H

#include "write/segment.h"

/*
 * So much, and the rest of a block: where the file's last MiB is lost, the
 * record pages are not, and name what was.  The first LATE_GAP of them stand
 * between the record pages and what else names them (witness.h), so that no
 * hole of that size takes both.
 */
#define LATE_FAR (((uint64_t)1 << 20) >> late_shift)
#define LATE_GAP (((uint64_t)128 << 10) >> late_shift)
/* 0; tests, whose commits are small, have small sizes by it */
extern unsigned int late_shift;

struct late {
	uint64_t from;	  /* where the first of them lay; 0: there are none */
	size_t far;	  /* number of the first that stands behind a gap */
	struct buf bytes; /* as they lay */
	struct buf moves; /* struct late_move, in their order */
};

/*
 * late_take() - the blocks that end a segment, if it has enough of them
 *
 * Between the last block and the first table.  They are cut off the segment,
 * which then ends at l->from; @l owns them until late_done().
 */
enum sheaf_status late_take(struct late *l, struct segment *s,
			    struct sheaf_error *err);
/* the first of them will lie at @offset, those that are far behind @room bytes
 * more */
enum sheaf_status late_place(struct late *l, uint64_t offset, uint64_t room,
			     struct sheaf_error *err);
/* where a block's header is that was at @offset; one of others is where it was
 */
uint64_t late_where(const struct late *l, uint64_t offset);
/* can those that are near, or far, be written yet where they were placed */
bool late_fits(const struct late *l, const struct segment *s, bool far);
enum sheaf_status late_write(const struct late *l, struct segment *s, bool far,
			     struct sheaf_error *err);
void late_done(struct late *l); /* takes an all-zero one */

#endif
