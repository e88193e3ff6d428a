/*
 * index_bits.h - packed values, and bounds of their widths, for the reader and
 * the writer of an index (section 8)
 */
#ifndef FORMATS_SHEAF_INDEX_BITS_H
#define FORMATS_SHEAF_INDEX_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "formats/sheaf/index.h"

enum {
	PAGE_BITS_MAX = 24,   /* of p, of b, of e */
	OFFSET_BITS_MAX = 48, /* of o, of w */
	NUMBER_BITS_MAX = 20, /* of o, where it is of numbers in a table */
	SLOT_BITS_MAX = 16,   /* of s */
	VALUE_BITS_MAX = 56,  /* of o + s: an 8-byte load has 57 at least */
};

/* the @n (0 to 64) lowest bits set */
static inline uint64_t low_bits(unsigned int n)
{
	return n ? UINT64_MAX >> (64 - n) : 0;
}

/* how many bits it takes to write @v; 0 for 0 */
static inline unsigned int bits_of(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* value @i of an array of values of @width (0 to 56) bits; reads up to 7 bytes
 * behind it */
static inline uint64_t packed_at(const uint8_t *p, uint64_t i,
				 unsigned int width)
{
	uint64_t bit = i * width, v;

	memcpy(&v, &p[bit / 8], sizeof(v));
	return le64toh(v) >> (bit % 8) & ((UINT64_C(1) << width) - 1);
}

/*
 * An array of @count (at most 2^24) values of @width bits, up to a whole byte
 * with bits of 0; NULL and @c bad if it is not there
 */
const uint8_t *packed_get(struct cur *c, uint64_t count, unsigned int width);

/* bits on their way into a buffer, fewer than 8 of them */
struct packer {
	struct buf *b;
	uint64_t bits;
	unsigned int fill;
};

/* @width: at most 56 */
void packer_add(struct packer *w, uint64_t v, unsigned int width);
void packer_end(struct packer *w);

/* a table of offsets, ascending, behind their number; and how many bits that
 * takes, but for some bytes */
void index_offsets_put(struct buf *b, const uint64_t *offsets, size_t count);
uint64_t index_offsets_bits(const uint64_t *offsets, size_t count);
/* false: it is damaged, or an offset is not less than @limit */
bool index_offsets_get(struct cur *c, uint64_t limit,
		       struct index_offsets *out);

static inline uint64_t index_offset_at(const struct index_offsets *t,
				       uint64_t i)
{
	return t->base + packed_at(t->packed, i, t->w);
}

#endif
