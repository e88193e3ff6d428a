/*
 * late.c - the last blocks of a segment, which go behind its record pages
 *
 * In flow 1 between the blocks and the tables.  What a file loses is most often
 * its end; were all tables there, nothing would know what it was.  Blocks say
 * in their headers where they lie and how far back their parents are, so these
 * are made anew; what is compressed stays.
 */
#include "write/late.h"

#include <string.h>

#include "formats/sheaf/block.h"
#include "formats/sheaf/frame.h"

/* What is lost with a file's first page is the description, and not the first
 * of the record pages. */
#define FIRST_PAGE 4096

unsigned int late_shift;

/* of one of the blocks; offsets of its header */
struct late_move {
	uint64_t from, to;
};

static struct late_move *moves_of(const struct late *l, size_t *count)
{
	*count = l->moves.len / sizeof(struct late_move);
	return (struct late_move *)(void *)l->moves.p;
}

void late_done(struct late *l)
{
	buf_done(&l->bytes);
	buf_done(&l->moves);
	memset(l, 0, sizeof(*l));
}

/* number of the first block that @bytes behind it are late too; 0 also where
 * there are not so many */
static size_t block_before(const struct segment *s, uint64_t bytes)
{
	size_t n;
	const uint64_t *blocks = segment_blocks(s, &n);

	while (n != 0 && s->at - blocks[n - 1] < bytes)
		n--;
	return n != 0 ? n - 1 : 0;
}

enum sheaf_status late_take(struct late *l, struct segment *s,
			    struct sheaf_error *err)
{
	size_t first = block_before(s, LATE_FAR + LATE_GAP), n;
	const uint64_t *blocks = segment_blocks(s, &n);

	memset(l, 0, sizeof(*l));
	if (n == 0 || s->at - blocks[first] < LATE_FAR + LATE_GAP ||
	    blocks[first] < FIRST_PAGE)
		return segment_take(s, s->at, &l->bytes, err);
	l->from = blocks[first];
	l->far = block_before(s, LATE_FAR) - first;
	for (size_t i = first; i < n; i++) {
		const struct late_move move = { blocks[i], blocks[i] };

		buf_bytes(&l->moves, &move, sizeof(move));
	}
	if (l->moves.bad)
		return fail_nomem(err);
	return segment_take(s, l->from, &l->bytes, err);
}

/* block @i as it was; @frame: its zstd frame */
static enum sheaf_status block_at(const struct late *l, size_t i,
				  struct block_head *head,
				  const uint8_t **frame,
				  struct sheaf_error *err)
{
	size_t n;
	uint64_t offset = moves_of(l, &n)[i].from;
	const uint8_t *p = l->bytes.p + (offset - l->from);
	size_t left = l->bytes.len - (size_t)(offset - l->from);
	struct frame_head size;
	enum sheaf_status st;

	if (left < FRAME_HEAD || !frame_head_get(p, &size) || size.size > left)
		return fail_at(err, SHEAF_IO, offset,
			       "block: is not what was written");
	st = block_get(p, (size_t)size.size, offset, head, err);
	if (st == SHEAF_OK && head->packed > left - size.size) {
		block_done(head);
		st = fail_at(err, SHEAF_IO, offset,
			     "block: is not what was written");
	}
	*frame = p + size.size;
	return st;
}

/* its header for where it was placed, behind what @b has */
static void head_put(const struct late *l, size_t i, struct block_head *head,
		     struct buf *b)
{
	size_t n;

	if (head->parent != BLOCK_NO_PARENT)
		head->parent = late_where(l, head->parent);
	block_put(b, head, moves_of(l, &n)[i].to);
}

enum sheaf_status late_place(struct late *l, uint64_t offset, uint64_t room,
			     struct sheaf_error *err)
{
	size_t n;
	struct late_move *moves = moves_of(l, &n);
	struct buf bytes = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		struct block_head head = { 0 };
		const uint8_t *frame;

		if (i == l->far)
			offset += room;
		moves[i].to = offset;
		st = block_at(l, i, &head, &frame, err);
		if (st != SHEAF_OK)
			break;
		buf_clear(&bytes);
		head_put(l, i, &head, &bytes);
		offset += bytes.len + head.packed;
		if (bytes.bad)
			st = fail_nomem(err);
		block_done(&head);
	}
	buf_done(&bytes);
	return st;
}

uint64_t late_where(const struct late *l, uint64_t offset)
{
	size_t low = 0, high;
	const struct late_move *moves = moves_of(l, &high);

	if (l->from == 0 || offset < l->from)
		return offset;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (moves[middle].from <= offset)
			low = middle;
		else
			high = middle;
	}
	return moves[low].to;
}

bool late_fits(const struct late *l, const struct segment *s, bool far)
{
	size_t n;
	const struct late_move *moves = moves_of(l, &n);
	uint64_t to;

	if (n == 0)
		return true;
	to = moves[far ? l->far : 0].to;
	return s->at == to || s->at + SEGMENT_SPARE_LEAST <= to;
}

static enum sheaf_status block_write(const struct late *l, size_t i,
				     struct segment *s, struct sheaf_error *err)
{
	struct block_head head = { 0 };
	struct buf bytes = { 0 };
	const uint8_t *frame;
	enum sheaf_status st = block_at(l, i, &head, &frame, err);

	if (st != SHEAF_OK)
		return st;
	head_put(l, i, &head, &bytes);
	st = segment_frame(s, &bytes, err);
	if (st == SHEAF_OK)
		st = segment_bytes(s, frame, (size_t)head.packed, err);
	block_done(&head);
	buf_done(&bytes);
	return st;
}

enum sheaf_status late_write(const struct late *l, struct segment *s, bool far,
			     struct sheaf_error *err)
{
	size_t n, first = far ? l->far : 0;
	const struct late_move *moves = moves_of(l, &n);
	enum sheaf_status st = SHEAF_OK;

	if (!far)
		n = l->far;
	if (first < n)
		st = segment_spare(s, moves[first].to, err);
	for (size_t i = first; i < n && st == SHEAF_OK; i++)
		st = block_write(l, i, s, err);
	return st;
}
