/*
 * cur.h - the cursor that all untrusted bytes are read through
 *
 * Its failure sticks: after a read past the end every further read gives 0,
 * 'bad' stays set and nothing is left, so a decoder reads like the table in the
 * specification and looks at 'bad' before a number steers anything.
 */
#ifndef SHEAF_BASE_CUR_H
#define SHEAF_BASE_CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cur {
	const uint8_t *p; /* borrowed */
	size_t left;
	bool bad;
};

/* @p may be NULL if @len is 0; it outlives the cursor */
struct cur cur_over(const void *p, size_t len);

uint8_t cur_u8(struct cur *c);
uint16_t cur_u16(struct cur *c); /* little-endian, as all of them */
uint32_t cur_u32(struct cur *c);
uint64_t cur_u64(struct cur *c);

/*
 * LEB128, at most 10 bytes, must be minimal (no trailing zero byte) and fit 64
 * bits, else bad: every number has exactly one encoding
 */
uint64_t cur_varint(struct cur *c);
int64_t cur_zigzag(struct cur *c); /* signed, zigzag over a varint */

/*
 * @len bytes, borrowed from what the cursor runs over; NULL and bad if fewer
 * are left, never NULL otherwise
 */
const uint8_t *cur_bytes(struct cur *c, size_t len);
void cur_copy(struct cur *c, void *dst, size_t len); /* zero-fills on failure */
void cur_skip(struct cur *c, size_t len);
/*
 * a cursor over the next @len bytes, which this one passes; an empty bad one on
 * failure.  What goes wrong in it later does not show in @c.
 */
struct cur cur_sub(struct cur *c, size_t len);
/* nothing left and nothing went wrong */
bool cur_done(const struct cur *c);

#endif
