/*
 * index_bits.h - bounds of the widths in an index page, for its reader and its
 * writer (section 8.1)
 */
#ifndef FORMATS_SHEAF_INDEX_BITS_H
#define FORMATS_SHEAF_INDEX_BITS_H

#include <stdint.h>

enum {
	PAGE_BITS_MAX = 24,   /* of p, of b, of e */
	OFFSET_BITS_MAX = 48, /* of o */
	SLOT_BITS_MAX = 16,   /* of s */
	VALUE_BITS_MAX = 56,  /* of o + s: an 8-byte load has 57 at least */
};

/* the @n (0 to 64) lowest bits set */
static inline uint64_t low_bits(unsigned int n)
{
	return n ? UINT64_MAX >> (64 - n) : 0;
}

#endif
