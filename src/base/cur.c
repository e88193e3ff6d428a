/*
 * cur.c - the cursor that all untrusted bytes are read through
 *
 * The one place that turns bytes from outside into numbers.  All reads go
 * through cur_bytes(): it alone compares with what is left and moves on.  A
 * failed cursor has nothing left either, so a loop over 'left' ends.
 */
#include "base/cur.h"

#include <string.h>

/* what an empty cursor points at, so that zero bytes of it are not NULL */
static const uint8_t nothing[1];

struct cur cur_over(const void *p, size_t len)
{
	return (struct cur){ .p = len ? p : nothing, .left = len };
}

const uint8_t *cur_bytes(struct cur *c, size_t len)
{
	const uint8_t *p = c->p;

	if (c->bad || len > c->left) {
		c->bad = true;
		c->left = 0;
		return NULL;
	}
	c->p += len;
	c->left -= len;
	return p;
}

/* @len (1 to 8) bytes, least significant first */
static uint64_t cur_le(struct cur *c, size_t len)
{
	const uint8_t *p = cur_bytes(c, len);
	uint64_t v = 0;

	if (!p)
		return 0;
	for (size_t i = len; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

uint8_t cur_u8(struct cur *c)
{
	return (uint8_t)cur_le(c, 1);
}

uint16_t cur_u16(struct cur *c)
{
	return (uint16_t)cur_le(c, 2);
}

uint32_t cur_u32(struct cur *c)
{
	return (uint32_t)cur_le(c, 4);
}

uint64_t cur_u64(struct cur *c)
{
	return cur_le(c, 8);
}

uint64_t cur_varint(struct cur *c)
{
	uint64_t v = 0;
	uint8_t b;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		b = cur_u8(c);
		if (c->bad)
			return 0;
		/* the tenth byte has room for one bit and for no successor */
		if (shift == 63 && b > 1)
			break;
		/* a zero byte adds nothing: the number was done before it */
		if (b == 0 && shift > 0)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80)
			return v;
	}
	c->bad = true;
	c->left = 0;
	return 0;
}

int64_t cur_zigzag(struct cur *c)
{
	uint64_t v = cur_varint(c);

	return v & 1 ? (int64_t) ~(v >> 1) : (int64_t)(v >> 1);
}

void cur_copy(struct cur *c, void *dst, size_t len)
{
	const uint8_t *p = cur_bytes(c, len);

	if (len == 0)
		return;
	if (p)
		memcpy(dst, p, len);
	else
		memset(dst, 0, len);
}

void cur_skip(struct cur *c, size_t len)
{
	cur_bytes(c, len);
}

struct cur cur_sub(struct cur *c, size_t len)
{
	const uint8_t *p = cur_bytes(c, len);

	if (!p)
		return (struct cur){ .p = nothing, .bad = true };
	return cur_over(p, len);
}

bool cur_done(const struct cur *c)
{
	return c->left == 0 && !c->bad;
}
