/*
 * scan.h - the frames of a file one after the other, whether or not it is whole
 */
#ifndef SHEAF_READ_SCAN_H
#define SHEAF_READ_SCAN_H

#include "formats/sheaf/block.h"
#include "read/view.h"

enum scan_kind {
	SCAN_DESCRIPTION, /* the frame at offset 0 */
	SCAN_BLOCK,	  /* a block header and the zstd frame behind it */
	SCAN_TABLE,	  /* any other sheaf frame */
	SCAN_FOREIGN,	  /* a skippable frame that is none of ours */
	SCAN_DAMAGE, /* bytes that are no frame, up to the next one that is */
};

struct scan_item {
	enum scan_kind kind;
	uint64_t offset, size;	 /* in the file; a block's with its frame */
	uint8_t frame_kind;	 /* SCAN_TABLE */
	struct block_head block; /* SCAN_BLOCK; until the next step */
	uint64_t frame;		 /* SCAN_BLOCK: offset of the zstd frame */
	const uint8_t *bytes; /* SCAN_TABLE: the whole frame, its checksum not
				 yet checked */
};

struct scan {
	const struct view *view;
	uint64_t at;
	struct buf frame;
	struct scan_item item;
};

void scan_init(struct scan *s, const struct view *view, uint64_t from);
void scan_done(struct scan *s);
/*
 * The next frame up to the view's end. SHEAF_OK with *item, SHEAF_NOT_FOUND at
 * the end, SHEAF_IO or SHEAF_NOMEM. A frame whose head or checksum is wrong is
 * SCAN_DAMAGE, up to the next sync pattern.
 */
enum sheaf_status scan_next(struct scan *s, const struct scan_item **item,
			    struct sheaf_error *err);

#endif
