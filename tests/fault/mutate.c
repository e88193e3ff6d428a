/*
 * mutate.c - bytes spoilt by chance, and a corpus's checksums made right again
 */
#include "fault/mutate.h"

#include <string.h>

#include "codec/hash.h"
#include "fault/posts.h"
#include "formats/sheaf/frame.h"

#define RANGE_MAX 700
#define FRAMES_MAX 4096
#define FOOTER_OFFSET_AT 16
#define CHECKSUM_SIZE 8

static const uint64_t edges[] = {
	0,	 1,	     0x7f,	 0x80,	     0xff,	 0x7fff,
	0xffff,	 0x7fffffff, 0x80000000, UINT32_MAX, UINT64_MAX, INT64_MAX,
	1 << 26, 1 << 24,    4097,	 65536,
};

#define EDGES (sizeof(edges) / sizeof(edges[0]))

static void put_le(uint8_t *p, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* as a number of 1 to 8 bytes or as a varint, over what stands at @at */
static void put_edge(uint8_t *p, size_t len, size_t at, uint64_t *state)
{
	uint64_t v = edges[posts_below(state, EDGES)];
	size_t width = (size_t)1 << posts_below(state, 4);

	if (posts_below(state, 2) == 0) {
		if (width <= len - at)
			put_le(p + at, v, width);
		return;
	}
	for (; at < len; at++, v >>= 7) {
		p[at] = (uint8_t)(v & 0x7f);
		if (v < 0x80)
			return;
		p[at] |= 0x80;
	}
}

static size_t splice(uint8_t *p, size_t len, size_t at, const uint8_t *other,
		     size_t other_len, uint64_t *state)
{
	size_t n = (size_t)posts_below(state, RANGE_MAX), from;

	if (n > other_len)
		n = other_len;
	if (n > len - at)
		n = len - at;
	from = (size_t)posts_below(state, other_len - n + 1);
	memmove(p + at, other + from, n);
	return len;
}

size_t mutate_bytes(uint8_t *p, size_t len, size_t room, const uint8_t *other,
		    size_t other_len, uint64_t *state)
{
	size_t at = (size_t)posts_below(state, len);
	size_t n = 1 + (size_t)posts_below(state, RANGE_MAX);

	if (len == 0)
		return 0;
	if (n > len - at)
		n = len - at;
	switch (posts_below(state, 8)) {
	case 0:
		p[at] ^= (uint8_t)(1u << posts_below(state, 8));
		return len;
	case 1:
		p[at] = (uint8_t)posts_random(state);
		return len;
	case 2:
		put_edge(p, len, at, state);
		return len;
	case 3: /* the end is gone; not often from far */
		return posts_below(state, 4) == 0 ? at : len - n / 16;
	case 4: /* a range is gone */
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	case 5: /* a range stands twice */
		if (n > room - len)
			return len;
		memmove(p + at + n, p + at, len - at);
		return len + n;
	case 6:
		return splice(p, len, at, other, other_len, state);
	default:
		memset(p + at, 0, n / 8 + 1 < n ? n / 8 + 1 : n);
		return len;
	}
}

/* where a whole sheaf frame begins, from @from on; SIZE_MAX: nowhere */
static size_t frame_next(const uint8_t *p, size_t len, size_t from,
			 struct frame_head *head)
{
	size_t at = frame_sync_find(p, len, from);

	while (at != SIZE_MAX &&
	       (len - at < FRAME_OVERHEAD || !frame_head_get(p + at, head) ||
		head->size < FRAME_OVERHEAD || head->size > len - at))
		at = frame_sync_find(p, len, at + 1);
	return at;
}

void mutate_frame(uint8_t *p, size_t len, uint64_t *state)
{
	struct frame_head head;
	size_t count = 0, at, pick;

	for (at = frame_next(p, len, 0, &head); at != SIZE_MAX;
	     at = frame_next(p, len, at + 1, &head))
		count++;
	if (count == 0)
		return;
	pick = (size_t)posts_below(state, count);
	/* tables are few and blocks are many: often one of the last */
	if (posts_below(state, 2) == 0)
		pick = count - 1 - pick % (count < 6 ? count : 6);
	at = frame_next(p, len, 0, &head);
	while (pick-- != 0)
		at = frame_next(p, len, at + 1, &head);
	if (head.size > FRAME_OVERHEAD) {
		size_t body = (size_t)head.size - FRAME_OVERHEAD;
		/* what steers stands in front */
		size_t reach =
			posts_below(state, 2) == 0 && body > 24 ? 24 : body;

		put_edge(p + at + FRAME_HEAD, body,
			 (size_t)posts_below(state, reach), state);
	}
}

void mutate_mend(uint8_t *p, size_t len)
{
	struct frame_head head;
	size_t at = frame_next(p, len, 0, &head);

	while (at != SIZE_MAX) {
		size_t n = (size_t)head.size - CHECKSUM_SIZE;

		if (head.kind == FRAME_FOOTER && n >= FOOTER_OFFSET_AT + 8)
			put_le(p + at + FOOTER_OFFSET_AT, at, 8);
		put_le(p + at + n, hash_64(p + at, n, at), CHECKSUM_SIZE);
		at = frame_next(p, len, at + 1, &head);
	}
}
