/*
 * check_tail.c - the last step of verify: what lies behind the newest whole
 * footer
 *
 * After a crash there may be anything but a whole footer; that is no damage.
 * But a newest footer that was damaged looks the same at first. It is told
 * apart by being all there: behind whole frames, of a footer's length, with the
 * very fields that this footer must have, none of its sectors missing.
 */
#include <stdlib.h>
#include <string.h>

#include "read/check.h"
#include "read/scan.h"

#define SECTOR 512 /* what a disk writes whole */
#define SIZE_AT 4  /* u32: bytes of the frame behind it */
#define MARKER_AT 8
#define MARKER 0xc1fec0f5u
#define OFFSET_AT 16 /* u64: its own offset; then the previous footer's */
#define FOOTER_LEAST 144

/* would one flipped bit make a footer of it */
static bool one_bit_off(uint8_t *p, size_t len, uint64_t offset,
			struct footer *f)
{
	bool is = false;

	for (size_t i = 0; i < len * 8 && !is; i++) {
		p[i / 8] ^= (uint8_t)(1u << i % 8);
		is = footer_get(p, len, offset, f, NULL) == SHEAF_OK;
		p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	return is;
}

/* a sector of which nothing arrived */
static bool sector_missing(const uint8_t *p, size_t len, uint64_t offset)
{
	size_t at = 0;

	while (at < len) {
		size_t end = at + SECTOR - (size_t)((offset + at) % SECTOR);
		bool empty = true;

		if (end > len)
			end = len;
		for (size_t i = at; i < end; i++)
			empty = empty && p[i] == 0;
		if (empty)
			return true;
		at = end;
	}
	return false;
}

/* the frame says that it is longer: its end did not arrive */
static bool cut_short(const uint8_t *p, size_t len)
{
	struct cur c = cur_over(p, len);
	uint64_t size;

	cur_skip(&c, SIZE_AT);
	size = (uint64_t)cur_u32(&c) + SIZE_AT + 4;
	return !c.bad && size > len && size <= FOOTER_MAX;
}

/*
 * Does it begin as a frame does, in magic or marker, and name its own place or
 * that of the footer before?  No copy of another footer does.
 */
static bool fields_match(const struct check *c, const uint8_t *p, size_t len,
			 uint64_t offset)
{
	struct cur own = cur_over(p, len);
	bool begins = cur_u32(&own) == FRAME_MAGIC;
	uint64_t at, previous;

	cur_skip(&own, MARKER_AT - 4);
	begins |= cur_u32(&own) == MARKER;
	cur_skip(&own, OFFSET_AT - MARKER_AT - 4);
	at = cur_u64(&own);
	previous = cur_u64(&own);
	return !own.bad && begins &&
	       (at == offset || previous == c->newest->offset);
}

static enum sheaf_status footer_like(struct check *c, const struct view *v,
				     uint64_t offset, uint64_t len)
{
	struct footer *f = malloc(sizeof(*f));
	uint8_t *p = malloc((size_t)len);
	enum sheaf_status st = SHEAF_OK;

	if (f == NULL || p == NULL)
		st = fail_nomem(c->err);
	else
		st = view_read(v, offset, p, (size_t)len, c->err);
	if (st == SHEAF_OK && (one_bit_off(p, (size_t)len, offset, f) ||
			       (fields_match(c, p, (size_t)len, offset) &&
				!cut_short(p, (size_t)len) &&
				!sector_missing(p, (size_t)len, offset))))
		check_damage(
			c, offset, len, 0,
			"footer of commit %llu: damaged, so that commit can't be opened",
			(unsigned long long)c->newest->commit + 1);
	free(f);
	free(p);
	return st;
}

/* what salvage would take of a block */
static enum sheaf_status tail_block(struct check *c, struct blocks *readers,
				    const struct scan_item *item)
{
	struct sheaf_error why;
	struct block *block;
	enum sheaf_status st;

	st = blocks_get(readers, item->offset, &block, &why);
	if (st == SHEAF_OK) {
		c->result->torn_articles += block->head.count;
		blocks_release(block);
	} else if (st != SHEAF_CORRUPT && c->err != NULL) {
		*c->err = why;
	}
	return st == SHEAF_CORRUPT ? SHEAF_OK : st;
}

/* *at: where what is whole without a gap ends */
static enum sheaf_status tail_walk(struct check *c, const struct view *v,
				   uint64_t *at)
{
	const struct scan_item *item;
	struct blocks *readers;
	bool gap = false;
	struct scan s;
	enum sheaf_status st = blocks_new(&readers, v, c->err);

	scan_init(&s, v, *at);
	while (st == SHEAF_OK &&
	       (st = scan_next(&s, &item, c->err)) == SHEAF_OK) {
		gap |= item->kind == SCAN_DAMAGE || item->kind == SCAN_FOREIGN;
		if (!gap)
			*at = item->offset + item->size;
		if (item->kind == SCAN_BLOCK)
			st = tail_block(c, readers, item);
		c->has_behind |= item->kind == SCAN_BLOCK ||
				 (item->kind == SCAN_TABLE &&
				  item->frame_kind == FRAME_RECORDS);
	}
	scan_done(&s);
	blocks_free(readers);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

enum sheaf_status check_tail(struct check *c, uint64_t file_size)
{
	struct view v = { c->src, file_size };
	uint64_t at = c->view.end;
	enum sheaf_status st;

	c->result->torn_bytes = file_size - at;
	if (c->result->at_work)
		return SHEAF_OK;
	st = tail_walk(c, &v, &at);
	if (st == SHEAF_OK && file_size - at >= FOOTER_LEAST &&
	    file_size - at <= FOOTER_MAX)
		st = footer_like(c, &v, at, file_size - at);
	return st;
}
