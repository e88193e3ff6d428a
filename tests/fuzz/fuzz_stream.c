/*
 * fuzz_stream.c - any bytes as a stream that may be compressed
 *
 * What is not compressed comes out as it went in; peeking and giving back
 * change nothing; an error stays.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/stream.h"

enum { PLAIN_MOST = 8 << 20 }; /* bytes: enough of a bomb */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static enum sheaf_status all_read(struct stream *s, bool gives_back,
				  struct buf *out)
{
	enum sheaf_status st;
	const uint8_t *p;
	size_t len;

	for (;;) {
		st = stream_next(s, &p, &len, NULL);
		if (st != SHEAF_OK || len == 0)
			break;
		if (gives_back && len > 1) {
			stream_unread(s, len / 2);
			len -= len / 2;
		}
		buf_bytes(out, p, len);
		if (out->len > PLAIN_MOST)
			break;
	}
	need(!out->bad);
	if (st != SHEAF_OK)
		need(stream_next(s, &p, &len, NULL) == st && len == 0);
	return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct buf first = { 0 }, second = { 0 };
	enum sheaf_status st, again;
	const uint8_t *head;
	struct stream *s;
	size_t n;

	st = stream_open_memory(&s, p, len, false, NULL);
	if (st != SHEAF_OK) {
		need(st == SHEAF_CORRUPT && !s);
		return 0;
	}
	st = all_read(s, false, &first);
	need(st == SHEAF_OK || st == SHEAF_CORRUPT);
	if (stream_is_plain(s) && len <= PLAIN_MOST)
		need(first.len == len &&
		     (len == 0 || memcmp(first.p, p, len) == 0));
	stream_close(s);
	need(stream_open_memory(&s, p, len, false, NULL) == SHEAF_OK);
	if (stream_peek(s, &head, &n, NULL) == SHEAF_OK && n > 0)
		need(n <= first.len && memcmp(head, first.p, n) == 0);
	again = all_read(s, true, &second);
	stream_close(s);
	if (first.len <= PLAIN_MOST)
		need(again == st && second.len == first.len &&
		     (first.len == 0 ||
		      memcmp(second.p, first.p, first.len) == 0));
	buf_done(&first);
	buf_done(&second);
	return 0;
}
