/*
 * buf.c - a growing byte buffer, the cursor's writing twin
 *
 * The one place that turns numbers into bytes for a file.  All growth goes
 * through buf_room(); once it failed, nothing more is written and the buffer
 * keeps what it held, so an encoder looks at 'bad' once, at its end.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

enum {
	CAP_MIN = 64,	 /* the first allocation, bytes */
	VARINT_MAX = 10, /* 64 bits, 7 a byte */
};

void buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->bad = false;
}

/* half as much again, so that n appended bytes cost O(n) copies */
uint8_t *buf_room(struct buf *b, size_t more)
{
	size_t need, cap;
	uint8_t *p;

	if (b->bad)
		return NULL;
	/* an allocation even for no bytes: NULL means failure */
	if (!size_add(b->len, more ? more : 1, &need)) {
		b->bad = true;
		return NULL;
	}
	if (need <= b->cap)
		return &b->p[b->len];
	if (!size_add(b->cap, b->cap / 2, &cap) || cap < need)
		cap = need;
	if (cap < CAP_MIN)
		cap = CAP_MIN;
	p = realloc(b->p, cap);
	if (!p) {
		b->bad = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return &b->p[b->len];
}

void buf_grew(struct buf *b, size_t len)
{
	if (b->bad)
		return;
	assert(len <= b->cap - b->len);
	b->len += len;
}

static void le_put(uint8_t *p, uint64_t v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		p[i] = (uint8_t)(v & 0xff);
		v >>= 8;
	}
}

/* the @len (1 to 8) low bytes of @v, least significant first */
static void buf_le(struct buf *b, uint64_t v, size_t len)
{
	uint8_t *p = buf_room(b, len);

	if (!p)
		return;
	le_put(p, v, len);
	b->len += len;
}

void buf_u8(struct buf *b, uint8_t v)
{
	buf_le(b, v, 1);
}

void buf_u16(struct buf *b, uint16_t v)
{
	buf_le(b, v, 2);
}

void buf_u32(struct buf *b, uint32_t v)
{
	buf_le(b, v, 4);
}

void buf_u64(struct buf *b, uint64_t v)
{
	buf_le(b, v, 8);
}

void buf_varint(struct buf *b, uint64_t v)
{
	uint8_t *p = buf_room(b, VARINT_MAX);
	size_t n = 0;

	if (!p)
		return;
	for (; v >= 0x80; v >>= 7)
		p[n++] = (uint8_t)(0x80 | (v & 0x7f));
	p[n++] = (uint8_t)v;
	b->len += n;
}

void buf_zigzag(struct buf *b, int64_t v)
{
	uint64_t twice = (uint64_t)v << 1;

	buf_varint(b, v < 0 ? ~twice : twice);
}

void buf_bytes(struct buf *b, const void *p, size_t len)
{
	uint8_t *room;

	if (len == 0)
		return;
	room = buf_room(b, len);
	if (!room)
		return;
	memcpy(room, p, len);
	b->len += len;
}

void buf_set_u32(struct buf *b, size_t at, uint32_t v)
{
	if (b->bad)
		return;
	assert(at <= b->len && b->len - at >= 4);
	le_put(&b->p[at], v, 4);
}
