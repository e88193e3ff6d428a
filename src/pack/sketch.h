/*
 * sketch.h - what an article is made of, in 64 numbers
 *
 * One-permutation MinHash (Li, Owen, Zhang 2012) over shingles of 12 bytes:
 * each shingle's hash picks one of SKETCH_BINS bins, which keeps the smallest.
 * The share of bins that two articles have in common estimates how much of
 * their union they share; for a shortened copy that is low, yet far above what
 * chance gives, so neighbours are ranked by it and never cut off at a
 * threshold.
 */
#ifndef SHEAF_PACK_SKETCH_H
#define SHEAF_PACK_SKETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SKETCH_BINS 64
#define SKETCH_NONE UINT32_MAX /* of a bin that no shingle fell into */

struct sketch {
	uint32_t bins[SKETCH_BINS];
};

void sketch_of(const void *p, size_t len, struct sketch *out);

/*
 * Some of the shingles themselves, for the choice of a dictionary: one in
 * GRAM_SHARE, chosen by its hash, so the same text gives the same ones
 * anywhere.
 */
#define GRAM 12 /* bytes of one */
#define GRAM_SHARE 32
#define GRAM_BITS 27
struct gram {
	uint32_t at;   /* bytes from the start of the article */
	uint32_t hash; /* GRAM_BITS of it */
};

/* sketch_of(), which takes grams on the way: appended to @grams */
void sketch_and_grams(const void *p, size_t len, struct sketch *out,
		      struct buf *grams);

#endif
