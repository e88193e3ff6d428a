/*
 * choose.h - which dictionary a batch is compressed with: none, the corpus's, a
 * new one
 */
#ifndef SHEAF_PACK_CHOOSE_H
#define SHEAF_PACK_CHOOSE_H

#include "base/buf.h"
#include "base/fail.h"

/* a block's worth of articles */
struct sample {
	const uint8_t *p;
	size_t len;
	const uint32_t *lengths; /* of its articles */
	uint32_t count;
};

struct choice {
	bool use_old;
	struct buf fresh; /* a new dictionary; empty: none; owned */
};

/*
 * @samples: what there is of the batch; @old: content of the corpus's dictionary, or NULL
 * @size: of a new dictionary, bytes; 0: by the amount of samples
 *
 * Compresses some of the samples each way. A new dictionary must save more than
 * itself takes.
 */
enum sheaf_status choose_dictionary(const struct sample *samples, size_t count,
				    const void *old, size_t old_len,
				    size_t size, int level, size_t block_size,
				    struct choice *out,
				    struct sheaf_error *err);

/* @content with entropy tables for these blocks, into @out */
enum sheaf_status choose_finish(const struct sample *samples, size_t count,
				const struct buf *content, int level,
				struct buf *out, struct sheaf_error *err);

#endif
