/*
 * index_offsets.c - the table of the different offsets in an index (section 8)
 *
 * Entries that share few offsets (a record page has hundreds of records) hold
 * the number of one in place of itself.  A page has such a table of its own, or
 * the root has one for all pages.
 */
#include "formats/sheaf/index.h"
#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"

void packer_add(struct packer *w, uint64_t v, unsigned int width)
{
	w->bits |= v << w->fill;
	w->fill += width;
	for (; w->fill >= 8; w->fill -= 8) {
		buf_u8(w->b, (uint8_t)(w->bits & 0xff));
		w->bits >>= 8;
	}
}

void packer_end(struct packer *w)
{
	if (w->fill > 0)
		buf_u8(w->b, (uint8_t)(w->bits & 0xff));
	w->bits = 0;
	w->fill = 0;
}

const uint8_t *packed_get(struct cur *c, uint64_t count, unsigned int width)
{
	uint64_t bits = count * width;
	size_t len = (size_t)(bits / 8 + (bits % 8 != 0));
	const uint8_t *p = cur_bytes(c, len);

	if (p && bits % 8 != 0 && p[len - 1] >> (bits % 8) != 0)
		return cur_bytes(c, SIZE_MAX);
	return p;
}

static unsigned int width_of(const uint64_t *offsets, size_t count)
{
	return count ? bits_of(offsets[count - 1] - offsets[0]) : 0;
}

uint64_t index_offsets_bits(const uint64_t *offsets, size_t count)
{
	return (uint64_t)count * width_of(offsets, count);
}

void index_offsets_put(struct buf *b, const uint64_t *offsets, size_t count)
{
	unsigned int width = width_of(offsets, count);
	struct packer w = { .b = b };

	buf_varint(b, count);
	if (count == 0)
		return;
	buf_varint(b, offsets[0]);
	buf_u8(b, (uint8_t)width);
	for (size_t i = 0; i < count; i++)
		packer_add(&w, offsets[i] - offsets[0], width);
	packer_end(&w);
}

bool index_offsets_get(struct cur *c, uint64_t limit, struct index_offsets *out)
{
	struct index_offsets t = { 0 };
	uint64_t count = cur_varint(c); /* 0 .. ENTRIES_MAX */

	*out = t;
	if (c->bad || count > ENTRIES_MAX)
		return false;
	if (count == 0)
		return true;
	t.count = (uint32_t)count;
	t.base = cur_varint(c); /* added to every one */
	t.w = cur_u8(c);	/* 0 .. 48 */
	if (c->bad || t.base > FILE_MAX || t.w > OFFSET_BITS_MAX)
		return false;
	t.packed = packed_get(c, count, t.w);
	if (c->bad)
		return false;
	for (uint32_t i = 1; i < t.count; i++) /* [S-40] */
		if (index_offset_at(&t, i) <= index_offset_at(&t, i - 1))
			return false;
	if (index_offset_at(&t, t.count - 1) >= limit)
		return false;
	*out = t;
	return true;
}
