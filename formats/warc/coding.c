/*
 * coding.c - what a payload is wrapped in on its way: chunks, then gzip or
 * alike
 *
 * Many a crawler has stored the payload unwrapped and left the header that says
 * how it was wrapped.  So what does not begin as it should is taken as it
 * stands; what begins so and breaks off later is damage.
 */
#include "formats/warc/warc.h"

#include <stdlib.h>
#include <string.h>

#include <brotli/decode.h>
#include <zlib.h>

#include "codec/zstream.h"

enum {
	ROOM_MIN = 1 << 16, /* decoded at a time */
	CHUNK_LINE_MAX = 4096,
	CHUNK_DIGITS = 8, /* of a chunk's length */
};

/* --- chunks --- */

void warc_pieces_done(struct warc_pieces *pieces)
{
	free(pieces->lens);
	*pieces = (struct warc_pieces){ 0 };
}

bool warc_pieces_add(struct warc_pieces *pieces, size_t literal, size_t copied)
{
	if (literal > UINT32_MAX || copied > UINT32_MAX ||
	    pieces->count + 2 > WARC_PIECES_MAX)
		return false;
	if (pieces->count + 2 > pieces->cap) {
		size_t cap = pieces->cap ? 2 * pieces->cap : 16;
		uint32_t *grown =
			realloc(pieces->lens, cap * sizeof(*pieces->lens));

		if (!grown)
			return false;
		pieces->lens = grown;
		pieces->cap = cap;
	}
	pieces->lens[pieces->count++] = (uint32_t)literal;
	pieces->lens[pieces->count++] = (uint32_t)copied;
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "1a2b;extension\r\n" at @p: the line's length, or 0; *size what it says */
static size_t chunk_line(const char *p, size_t len, size_t *size)
{
	size_t n = 0;
	const char *nl;

	*size = 0;
	for (; n < len && digit_of(p[n]) >= 0; n++) {
		if (n == CHUNK_DIGITS)
			return 0;
		*size = *size << 4 | (size_t)digit_of(p[n]);
	}
	if (n == 0)
		return 0;
	nl = memchr(p + n, '\n',
		    len - n < CHUNK_LINE_MAX ? len - n : CHUNK_LINE_MAX);
	while (n < len && (p[n] == ' ' || p[n] == '\t'))
		n++;
	if (!nl || (p[n] != ';' && p[n] != '\r' && p[n] != '\n'))
		return 0;
	return (size_t)(nl - p) + 1;
}

enum sheaf_status warc_dechunk(const void *p, size_t len, struct buf *out,
			       struct warc_pieces *pieces)
{
	const char *s = p;
	size_t at = 0, size, line, literal = 0;

	buf_clear(out);
	for (;;) {
		line = chunk_line(s + at, len - at, &size);
		if (line == 0)
			return at == 0 ? SHEAF_NOT_FOUND : SHEAF_CORRUPT;
		at += line;
		literal += line;
		if (size == 0)
			break;
		if (size > len - at) {
			buf_bytes(out, s + at, len - at);
			return SHEAF_CORRUPT;
		}
		buf_bytes(out, s + at, size);
		/* too many pieces: the record is kept whole then */
		if (!warc_pieces_add(pieces, literal, size))
			pieces->count = WARC_PIECES_MAX;
		at += size;
		literal = 0;
		while (at < len && literal < 2 &&
		       (s[at] == '\r' || s[at] == '\n')) {
			at++;
			literal++;
		}
	}
	/* trailers, and the empty line */
	if (!warc_pieces_add(pieces, literal + (len - at), 0))
		pieces->count = WARC_PIECES_MAX;
	return out->bad ? SHEAF_NOMEM : SHEAF_OK;
}

/* --- codings --- */

/* more room in @out, at most what @max leaves; SHEAF_LIMIT, SHEAF_NOMEM */
static enum sheaf_status room_take(struct buf *out, uint64_t max, uint8_t **p,
				   size_t *room)
{
	size_t want = out->len > ROOM_MIN ? out->len : ROOM_MIN;

	if (out->len > max)
		return SHEAF_LIMIT;
	if (want > max - out->len + 1) /* one more, to see it pass the bound */
		want = (size_t)(max - out->len + 1);
	*p = buf_room(out, want);
	*room = want;
	return *p ? SHEAF_OK : SHEAF_NOMEM;
}

/* @bits: as of inflateInit2() */
static enum sheaf_status inflate_all(const uint8_t *p, size_t len, int bits,
				     uint64_t max, struct buf *out)
{
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)p,
		       .avail_in = (uInt)len };
	enum sheaf_status st = SHEAF_OK;
	int r = Z_OK;

	if (inflateInit2(&z, bits) != Z_OK)
		return SHEAF_NOMEM;
	while (st == SHEAF_OK && r == Z_OK) {
		uint8_t *room;
		size_t size;

		st = room_take(out, max, &room, &size);
		if (st != SHEAF_OK)
			break;
		z.next_out = room;
		z.avail_out = (uInt)size;
		r = inflate(&z, Z_NO_FLUSH);
		buf_grew(out, size - z.avail_out);
		/* members end to end, as gzip has it; padding is passed over */
		if (r == Z_STREAM_END && bits > MAX_WBITS && z.avail_in > 2 &&
		    z.next_in[0] == 0x1f && z.next_in[1] == 0x8b)
			r = inflateReset(&z);
	}
	inflateEnd(&z);
	if (st == SHEAF_OK && out->len > max)
		st = SHEAF_LIMIT;
	if (st == SHEAF_OK && r == Z_MEM_ERROR)
		st = SHEAF_NOMEM;
	if (st == SHEAF_OK && r != Z_STREAM_END)
		st = SHEAF_CORRUPT;
	return st;
}

static enum sheaf_status gunzip(const uint8_t *p, size_t len, uint64_t max,
				struct buf *out)
{
	if (len < 2 || p[0] != 0x1f || p[1] != 0x8b)
		return SHEAF_NOT_FOUND;
	return inflate_all(p, len, MAX_WBITS + 16, max, out);
}

/* zlib's form, as the standard has it, or the bare one, as some servers do */
static enum sheaf_status inflate_either(const uint8_t *p, size_t len,
					uint64_t max, struct buf *out)
{
	if (len >= 2 && (p[0] & 0x0f) == 8 && (p[0] << 8 | p[1]) % 31 == 0)
		return inflate_all(p, len, MAX_WBITS, max, out);
	if (len == 0 || p[0] == '<') /* a page; no deflate stream begins so */
		return SHEAF_NOT_FOUND;
	return inflate_all(p, len, -MAX_WBITS, max, out);
}

static enum sheaf_status unbrotli(const uint8_t *p, size_t len, uint64_t max,
				  struct buf *out)
{
	BrotliDecoderState *b = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult r = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	enum sheaf_status st = SHEAF_OK;

	if (!b)
		return SHEAF_NOMEM;
	while (st == SHEAF_OK && r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		uint8_t *room;
		size_t size, left;

		st = room_take(out, max, &room, &size);
		if (st != SHEAF_OK)
			break;
		left = size;
		r = BrotliDecoderDecompressStream(b, &len, &p, &left, &room,
						  NULL);
		buf_grew(out, size - left);
	}
	BrotliDecoderDestroyInstance(b);
	if (st == SHEAF_OK && out->len > max)
		st = SHEAF_LIMIT;
	if (st == SHEAF_OK && r != BROTLI_DECODER_RESULT_SUCCESS)
		st = SHEAF_CORRUPT;
	return st;
}

static enum sheaf_status unzstd(const uint8_t *p, size_t len, uint64_t max,
				struct buf *out)
{
	struct zstream *z;
	enum sheaf_status st = SHEAF_OK;
	bool whole = false;
	size_t at = 0;

	if (len < 4 || memcmp(p, "\x28\xb5\x2f\xfd", 4) != 0)
		return SHEAF_NOT_FOUND;
	z = zstream_new(NULL, 0);
	if (!z)
		return SHEAF_NOMEM;
	while (st == SHEAF_OK && !(whole && at == len)) {
		uint8_t *room;
		size_t size, used, made;

		st = room_take(out, max, &room, &size);
		if (st == SHEAF_OK)
			st = zstream_next(z, p + at, len - at, &used, room,
					  size, &made, &whole, NULL);
		if (st != SHEAF_OK)
			break;
		if (used == 0 && made == 0)
			st = SHEAF_CORRUPT;
		at += used;
		buf_grew(out, made);
	}
	zstream_free(z);
	return st == SHEAF_OK && out->len > max ? SHEAF_LIMIT : st;
}

enum sheaf_status warc_decode(struct sheaf_str coding, const void *p,
			      size_t len, uint64_t max, struct buf *out)
{
	enum sheaf_status st;

	buf_clear(out);
	if (warc_str_is(coding, "gzip") || warc_str_is(coding, "x-gzip"))
		st = gunzip(p, len, max, out);
	else if (warc_str_is(coding, "deflate"))
		st = inflate_either(p, len, max, out);
	else if (warc_str_is(coding, "br"))
		st = unbrotli(p, len, max, out);
	else if (warc_str_is(coding, "zstd"))
		st = unzstd(p, len, max, out);
	else if (warc_str_is(coding, "identity") || coding.len == 0)
		st = SHEAF_NOT_FOUND;
	else
		st = SHEAF_UNSUPPORTED;
	return st == SHEAF_OK && out->bad ? SHEAF_NOMEM : st;
}
