/*
 * zenc.h - one block of articles into one zstd frame
 *
 * Frames are single-segment, with content size and checksum, and with the
 * dictionary's id where it has one [S-5].
 */
#ifndef SHEAF_CODEC_ZENC_H
#define SHEAF_CODEC_ZENC_H

#include "base/buf.h"
#include "base/fail.h"

#include <stdbool.h>

/* a digested dictionary, shared by threads */
struct zenc_dict;

/* @content is borrowed and outlives the dictionary; @block: typical plain size of a block */
enum sheaf_status zenc_dict_new(struct zenc_dict **out, const void *content,
				size_t len, int level, size_t block,
				struct sheaf_error *err);
/*
 * The same, where matches shorter than @match bytes are not looked for: 5 or 6;
 * 0 as zstd has it.  Counts at the levels that zenc_match_counts() is true of.
 */
enum sheaf_status zenc_dict_new_match(struct zenc_dict **out,
				      const void *content, size_t len,
				      int level, size_t block,
				      unsigned int match,
				      struct sheaf_error *err);
bool zenc_match_counts(int level);
void zenc_dict_free(struct zenc_dict *d); /* takes NULL */

/* what one thread keeps between blocks */
struct zenc;

struct zenc *zenc_new(void); /* NULL: no memory */
void zenc_free(struct zenc *z);

struct zenc_how {
	int level;
	const struct zenc_dict *dict; /* or */
	const void *prefix;	      /* raw content, or neither */
	size_t prefix_len;
	/* offsets in the content, ascending, where a zstd block ends, so that a
	 * reader can stop there */
	const size_t *cuts;
	size_t cut_count;
};

/* append the frame to @out; @len at most 64 MiB.  SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status zenc_frame(struct zenc *z, const struct zenc_how *how,
			     const void *src, size_t len, struct buf *out,
			     struct sheaf_error *err);
/*
 * The same content as raw zstd blocks, cut at the @cuts ascending offsets (and
 * wherever a block would exceed 128 KiB): the last resort of [S-11].
 * @dict_id: 0 for none.
 */
enum sheaf_status zenc_raw_frame(uint32_t dict_id, const void *src, size_t len,
				 const size_t *cuts, size_t count,
				 struct buf *out, struct sheaf_error *err);

/* 0 for raw content */
uint32_t zenc_dict_id(const void *content, size_t len);

#endif
