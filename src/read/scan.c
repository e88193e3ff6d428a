/*
 * scan.c - the frames of a file one after the other, whether or not it is whole
 *
 * What verify, info and salvage walk on. The sync pattern stands nowhere but at
 * the start of a sheaf frame [S-11], so after damage the scan goes on there.
 */
#include "read/scan.h"

#include <string.h>

#include "formats/sheaf/description.h"
#include "formats/sheaf/limits.h"

#define SKIP_MAGIC 0x184D2A50u /* RFC 8878: the low four bits are free */
#define SKIP_MASK 0xfffffff0u
#define SKIP_HEAD 8
#define MARKER 0xc1fec0f5u /* as a number */
#define SEARCH_WINDOW ((size_t)64 << 10)
#define HEAD_BODY_MAX ((uint64_t)ARTICLES_MAX * 20 + 256)

void scan_init(struct scan *s, const struct view *view, uint64_t from)
{
	memset(s, 0, sizeof(*s));
	s->view = view;
	s->at = from;
}

void scan_done(struct scan *s)
{
	block_done(&s->item.block);
	buf_done(&s->frame);
}

/* the bytes [s->at, s->at + len) into s->frame */
static enum sheaf_status frame_load(struct scan *s, uint64_t len,
				    struct sheaf_error *err)
{
	uint8_t *p;
	enum sheaf_status st;

	buf_clear(&s->frame);
	p = buf_room(&s->frame, (size_t)len);
	if (p == NULL)
		return fail_nomem(err);
	st = view_read(s->view, s->at, p, (size_t)len, err);
	if (st == SHEAF_OK)
		buf_grew(&s->frame, (size_t)len);
	return st;
}

/* where the next sheaf frame begins, behind s->at; else the end */
static enum sheaf_status resync(struct scan *s, uint64_t *out,
				struct sheaf_error *err)
{
	uint64_t from = s->at + 1, end = s->view->end;
	enum sheaf_status st = SHEAF_OK;
	uint64_t keep = s->at;

	*out = end;
	while (from + FRAME_SYNC <= end) {
		uint64_t len = end - from;
		size_t at;

		if (len > SEARCH_WINDOW)
			len = SEARCH_WINDOW;
		s->at = from;
		st = frame_load(s, len, err);
		if (st != SHEAF_OK)
			break;
		at = frame_sync_find(s->frame.p, s->frame.len, 0);
		if (at != SIZE_MAX) {
			*out = from + at;
			break;
		}
		from += len - (FRAME_SYNC - 1);
		if (len < SEARCH_WINDOW)
			break;
	}
	s->at = keep;
	return st;
}

static enum sheaf_status damage(struct scan *s, struct sheaf_error *err)
{
	uint64_t end = s->view->end;
	enum sheaf_status st = resync(s, &end, err);

	s->item.kind = SCAN_DAMAGE;
	s->item.size = end - s->at;
	return st;
}

static enum sheaf_status block_item(struct scan *s, struct sheaf_error *err)
{
	struct scan_item *i = &s->item;
	uint64_t head = s->frame.len;
	enum sheaf_status st;

	st = block_get(s->frame.p, s->frame.len, s->at, &i->block, err);
	if (st == SHEAF_NOMEM)
		return st;
	if (st != SHEAF_OK)
		return damage(s, err);
	i->kind = SCAN_BLOCK;
	i->frame = s->at + head;
	i->size = head + i->block.packed;
	if (i->size > s->view->end - s->at) {
		block_done(&i->block);
		return damage(s, err);
	}
	return SHEAF_OK;
}

static enum sheaf_status sheaf_item(struct scan *s,
				    const struct frame_head *head,
				    struct sheaf_error *err)
{
	struct cur body;
	enum sheaf_status st;

	if (head->size > s->view->end - s->at || head->size < FRAME_OVERHEAD ||
	    (head->kind == FRAME_BLOCK && head->size > HEAD_BODY_MAX))
		return damage(s, err);
	st = frame_load(s, head->size, err);
	if (st != SHEAF_OK)
		return st;
	if (head->kind == FRAME_BLOCK)
		return block_item(s, err);
	st = frame_get(s->frame.p, s->frame.len, s->at,
		       (enum frame_kind)head->kind, &body, err);
	if (st != SHEAF_OK)
		return st == SHEAF_CORRUPT ? damage(s, err) : st;
	s->item.kind = SCAN_TABLE;
	s->item.frame_kind = head->kind;
	s->item.size = head->size;
	s->item.bytes = s->frame.p;
	return SHEAF_OK;
}

/* the description, or a skippable frame of someone else's */
static enum sheaf_status other_item(struct scan *s, const uint8_t *first,
				    size_t len, struct sheaf_error *err)
{
	struct cur c = cur_over(first, len);
	uint32_t magic = cur_u32(&c), size = cur_u32(&c);
	/* a sheaf frame whose marker or magic was hit is not passed over */
	bool ours = cur_u32(&c) == MARKER || magic == FRAME_MAGIC;
	uint64_t description = s->at == 0 ? description_size(first, len) : 0;

	if (description != 0 && description <= s->view->end) {
		enum sheaf_status st = frame_load(s, description, err);

		if (st != SHEAF_OK)
			return st;
		s->item.kind = SCAN_DESCRIPTION;
		s->item.size = description;
		st = description_check(s->frame.p, s->frame.len, err);
		return st == SHEAF_CORRUPT ? damage(s, err) : st;
	}
	if (!c.bad && !ours && (magic & SKIP_MASK) == SKIP_MAGIC &&
	    (uint64_t)size + SKIP_HEAD <= s->view->end - s->at) {
		s->item.kind = SCAN_FOREIGN;
		s->item.size = (uint64_t)size + SKIP_HEAD;
		return SHEAF_OK;
	}
	return damage(s, err);
}

enum sheaf_status scan_next(struct scan *s, const struct scan_item **item,
			    struct sheaf_error *err)
{
	uint8_t first[32];
	size_t len = sizeof(first);
	struct frame_head head;
	enum sheaf_status st;

	block_done(&s->item.block);
	memset(&s->item, 0, sizeof(s->item));
	if (s->at >= s->view->end)
		return SHEAF_NOT_FOUND;
	if (len > s->view->end - s->at)
		len = (size_t)(s->view->end - s->at);
	st = view_read(s->view, s->at, first, len, err);
	if (st != SHEAF_OK)
		return st;
	s->item.offset = s->at;
	if (len >= FRAME_HEAD && frame_head_get(first, &head))
		st = sheaf_item(s, &head, err);
	else
		st = other_item(s, first, len, err);
	s->at += s->item.size;
	*item = &s->item;
	return st;
}
