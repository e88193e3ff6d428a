/*
 * strings.c - a page of the list of outlets, languages, categories, tags
 * (section 7)
 *
 * A commit that brings new strings brings a page of them; a reader follows
 * 'previous' from the newest page and has them all.
 */
#include "formats/sheaf/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"

enum {
	STRING_BYTES_MIN = 2, /* a length, and 1 or more bytes */
};

void strings_done(struct strings_page *page)
{
	free(page->strings);
	buf_done(&page->bytes);
	*page = (struct strings_page){ 0 };
}

enum sheaf_status strings_put(struct buf *b, const struct strings_page *page,
			      uint64_t offset, int level,
			      struct sheaf_error *err)
{
	struct buf payload = { 0 };
	enum sheaf_status st = SHEAF_OK;
	size_t start;

	assert(page->count > 0 && page->previous < offset);
	assert((page->first == 0) == (page->previous == 0));
	buf_varint(&payload, page->previous);
	buf_varint(&payload, page->first);
	buf_varint(&payload, page->count);
	for (uint32_t i = 0; i < page->count; i++) {
		assert(page->strings[i].len > 0 &&
		       page->strings[i].len <= STRING_MAX);
		buf_varint(&payload, page->strings[i].len);
		buf_bytes(&payload, page->strings[i].p, page->strings[i].len);
	}
	if (payload.bad)
		st = fail_nomem(err);
	else if (payload.len > STRINGS_MAX ||
		 (uint64_t)page->first + page->count > STRINGS_TOTAL)
		st = fail(err, SHEAF_LIMIT,
			  "strings page: %" PRIu32 " strings, %zu bytes",
			  page->count, payload.len);
	if (st == SHEAF_OK) {
		start = frame_begin(b, FRAME_STRINGS);
		st = coded_put(b, payload.p, payload.len, level, err);
		frame_end(b, start, offset);
	}
	if (st == SHEAF_OK && b->bad)
		st = fail_nomem(err);
	buf_done(&payload);
	return st;
}

/* the payload is page->bytes; the strings stay in it */
static enum sheaf_status payload_get(struct strings_page *page, uint64_t offset,
				     struct sheaf_error *err)
{
	struct cur c = cur_over(page->bytes.p, page->bytes.len);
	uint64_t previous = cur_varint(&c); /* before this page; 0: none */
	uint64_t first = cur_varint(&c);
	uint64_t count = cur_varint(&c); /* 1 or more */
	uint64_t len;

	if (c.bad || count == 0 || count > c.left / STRING_BYTES_MIN ||
	    count > STRINGS_TOTAL || first > STRINGS_TOTAL - count)
		return fail(err, SHEAF_CORRUPT,
			    "strings page: count out of range");
	/* [S-20]: backwards, and at the end of the chain is code 0 */
	if (previous >= offset || (first == 0) != (previous == 0))
		return fail(err, SHEAF_CORRUPT,
			    "strings page: previous page out of range");
	page->strings = calloc(count, sizeof(*page->strings));
	if (!page->strings)
		return fail_nomem(err);
	page->previous = previous;
	page->first = (uint32_t)first;
	page->count = (uint32_t)count;
	for (uint32_t i = 0; i < page->count; i++) {
		len = cur_varint(&c);
		if (c.bad || len == 0 || len > STRING_MAX || len > c.left)
			return fail(err, SHEAF_CORRUPT,
				    "strings page: length out of range");
		page->strings[i].p = (const char *)cur_bytes(&c, (size_t)len);
		page->strings[i].len = (size_t)len;
	}
	if (!cur_done(&c))
		return fail(err, SHEAF_CORRUPT,
			    "strings page: bytes behind its last string");
	return SHEAF_OK;
}

enum sheaf_status strings_get(const void *frame, size_t len, uint64_t offset,
			      struct strings_page *out, struct sheaf_error *err)
{
	struct strings_page page = { 0 };
	struct cur body;
	enum sheaf_status st;

	*out = (struct strings_page){ 0 };
	st = frame_get(frame, len, offset, FRAME_STRINGS, &body, err);
	if (st == SHEAF_OK)
		st = coded_get(&body, STRINGS_MAX, &page.bytes, err);
	if (st == SHEAF_OK)
		st = payload_get(&page, offset, err);
	if (st != SHEAF_OK) {
		strings_done(&page);
		return frame_blame(st, offset, err);
	}
	*out = page;
	return SHEAF_OK;
}
