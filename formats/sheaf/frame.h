/*
 * frame.h - the envelope of all structure: skippable frame, marker, kind,
 * checksum (section 4)
 */
#ifndef FORMATS_SHEAF_FRAME_H
#define FORMATS_SHEAF_FRAME_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"

enum frame_kind {
	FRAME_BLOCK = 1,
	FRAME_RECORDS,
	FRAME_STRINGS,
	FRAME_INDEX_PAGE,
	FRAME_INDEX_ROOT,
	FRAME_REMOVED,
	FRAME_ERASED,
	FRAME_TREE,
	FRAME_FOOTER,
	FRAME_HISTORY,
};

#define FRAME_MAGIC 0x184D2A5Au
#define FRAME_HEAD 13	  /* bytes before the body */
#define FRAME_OVERHEAD 21 /* head and checksum */
#define FRAME_BODY_MAX ((uint64_t)0xffffffff - 13)

/* what the first FRAME_HEAD bytes say, nothing checked but magic and marker */
struct frame_head {
	uint8_t kind;
	uint64_t size; /* of the whole frame, bytes */
};

/* false: these bytes do not begin a sheaf frame */
bool frame_head_get(const uint8_t head[FRAME_HEAD], struct frame_head *out);

/* start a frame at the end of @b; returns where, for frame_end() */
size_t frame_begin(struct buf *b, enum frame_kind kind);
/* finish it: size and checksum; @offset: where its first byte will lie in the file */
void frame_end(struct buf *b, size_t start, uint64_t offset);

/*
 * Check the frame of @len bytes at @p that was read from @offset: magic, marker, size, kind, checksum.
 * *body is over its body, borrowed.  SHEAF_OK or SHEAF_CORRUPT.
 */
enum sheaf_status frame_get(const void *p, size_t len, uint64_t offset,
			    enum frame_kind kind, struct cur *body,
			    struct sheaf_error *err);
/* returns @st; where that is no success, @err says that it was at @offset */
enum sheaf_status frame_blame(enum sheaf_status st, uint64_t offset,
			      struct sheaf_error *err);

/* the sync pattern of [S-11]: FRAME_SYNC bytes, four of them any */
#define FRAME_SYNC 12
/* the first position >= from (backwards: the last <= from) where it begins;
 * SIZE_MAX: nowhere */
size_t frame_sync_find(const uint8_t *p, size_t len, size_t from);
size_t frame_sync_find_back(const uint8_t *p, size_t len, size_t from);

/*
 * A `coded` payload: @plain raw or as a zstd frame, whichever is smaller,
 * appended to @b.
 * @level: zstd's; 0: raw in any case.
 */
enum sheaf_status coded_put(struct buf *b, const void *plain, size_t len,
			    int level, struct sheaf_error *err);
/* all that is left in @c, into @out (emptied first); the plain size is held
 * against @max */
enum sheaf_status coded_get(struct cur *c, uint64_t max, struct buf *out,
			    struct sheaf_error *err);

#endif
