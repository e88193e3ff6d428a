/*
 * choose.h - which dictionary a batch is compressed with: none, the corpus's, a
 * new one
 */
#ifndef SHEAF_PACK_CHOOSE_H
#define SHEAF_PACK_CHOOSE_H

#include "base/buf.h"
#include "base/fail.h"
#include "codec/zenc.h"
#include "pack/sketch.h"

/* a block's worth of articles */
struct sample {
	const uint8_t *const *articles; /* borrowed */
	const uint32_t *lengths;	/* of each */
	uint32_t count;
	size_t len;		   /* of all */
	const struct grams *grams; /* of its articles; NULL: not taken yet */
};

/* those of one article, borrowed */
struct grams {
	const struct gram *p;
	uint32_t count;
};

struct choose_options {
	const void *old; /* content of the corpus's dictionary, or NULL */
	size_t old_len;
	size_t size; /* of a new dictionary, bytes; 0: by the amount of samples
		      */
	double gain; /* what a new dictionary must save beyond its own size, as
			a part of what the old one makes of the batch */
	int level;
	size_t block_size;
	unsigned int threads;
};

struct choice {
	bool use_old;
	struct buf fresh;	    /* a new dictionary; empty: none; owned */
	struct zenc_dict *digested; /* it or the old; NULL: neither; owned, over
				       borrowed content */
};

/*
 * @samples: what there is of the batch
 *
 * Compresses some of the samples each way. A new dictionary must save more than
 * itself takes, and than @options say.
 */
enum sheaf_status choose_dictionary(const struct sample *samples, size_t count,
				    const struct choose_options *options,
				    struct choice *out,
				    struct sheaf_error *err);

/* @content with entropy tables for these blocks, into @out */
enum sheaf_status choose_finish(const struct sample *samples, size_t count,
				const struct buf *content, int level,
				struct buf *out, struct sheaf_error *err);

#endif
