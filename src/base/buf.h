/*
 * buf.h - a growing byte buffer, the cursor's writing twin
 *
 * Running out of memory sticks in 'bad': nothing more is written, and what was
 * there stays.  Look at it once, at the end.
 */
#ifndef SHEAF_BASE_BUF_H
#define SHEAF_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *p; /* owned */
	size_t len, cap;
	bool bad;
};

/* an all-zero struct buf is a valid empty one */
void buf_done(struct buf *b);  /* frees, leaves it empty */
void buf_clear(struct buf *b); /* empties, keeps the memory, clears bad */
/*
 * room for @more further bytes; the place to write them, or NULL and bad.
 * Valid until the buffer is next written to.
 */
uint8_t *buf_room(struct buf *b, size_t more);
/* after writing @len bytes into the room */
void buf_grew(struct buf *b, size_t len);

void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v); /* little-endian, as all of them */
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_varint(struct buf *b, uint64_t v); /* as cur_varint() reads it */
void buf_zigzag(struct buf *b, int64_t v);
/* @p is not inside of the buffer; NULL if @len is 0 */
void buf_bytes(struct buf *b, const void *p, size_t len);
/* overwrite what already stands at @at; the caller knows that it is there */
void buf_set_u32(struct buf *b, size_t at, uint32_t v);

#endif
