/*
 * zdec.h - a zstd frame back into its content
 */
#ifndef SHEAF_CODEC_ZDEC_H
#define SHEAF_CODEC_ZDEC_H

#include "base/fail.h"

struct zdec_dict; /* digested, shared by threads */

/* @content is borrowed and outlives the dictionary */
enum sheaf_status zdec_dict_new(struct zdec_dict **out, const void *content,
				size_t len, struct sheaf_error *err);
void zdec_dict_free(struct zdec_dict *d); /* takes NULL */

struct zdec; /* what one thread keeps */

struct zdec *zdec_new(void); /* NULL: no memory */
void zdec_free(struct zdec *z);

struct zdec_how {
	const struct zdec_dict *dict; /* or */
	const void *prefix;	      /* raw content, or neither */
	size_t prefix_len;
};

/*
 * Decode one whole frame of @len bytes into @dst, which has room for exactly
 * the
 * @plain bytes that it must give.  SHEAF_OK, SHEAF_CORRUPT or SHEAF_NOMEM.
 */
enum sheaf_status zdec_frame(struct zdec *z, const struct zdec_how *how,
			     const void *src, size_t len, void *dst,
			     size_t plain, struct sheaf_error *err);

/*
 * Decode such a frame from its start until @wanted bytes of its content are
 * there, or some more, up to the end of a zstd block; @dst has room for all
 * @plain.  What it gives is not held against the frame's checksum, which covers
 * the whole content.  *packed: how many bytes of the frame that took.
 */
enum sheaf_status zdec_start(struct zdec *z, const struct zdec_how *how,
			     const void *src, size_t len, void *dst,
			     size_t plain, size_t wanted, size_t *packed,
			     struct sheaf_error *err);

#endif
