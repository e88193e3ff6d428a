/*
 * test_stream.c - formats/stream.c, formats/gunzip.c: compression taken off
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "formats/stream.h"
#include "harness.h"

enum { PLAIN = 200000 };

static uint8_t plain[PLAIN];

/* text that compresses, and differs all along */
static void plain_make(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < PLAIN; i++) {
		x = x * 1664525 + 1013904223;
		plain[i] = (uint8_t)("etaoin shrdlu\n"[x >> 28 & 13]);
	}
}

/* @len bytes of plain[] behind a filter of libarchive's, appended */
static bool pack(struct buf *out, int filter, size_t len)
{
	size_t room = PLAIN + 65536, used = 0;
	uint8_t *p = buf_room(out, room);
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	bool ok;

	archive_entry_set_pathname(e, "x");
	archive_entry_set_filetype(e, AE_IFREG);
	ok = p && archive_write_add_filter(a, filter) == ARCHIVE_OK &&
	     archive_write_set_format_raw(a) == ARCHIVE_OK &&
	     archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
	     archive_write_open_memory(a, p, room, &used) == ARCHIVE_OK &&
	     archive_write_header(a, e) == ARCHIVE_OK &&
	     archive_write_data(a, plain, len) == (la_ssize_t)len &&
	     archive_write_close(a) == ARCHIVE_OK;
	archive_entry_free(e);
	archive_write_free(a);
	if (ok)
		buf_grew(out, used);
	return ok;
}

static enum sheaf_status all_read(struct stream *s, struct buf *out,
				  struct sheaf_error *err)
{
	const uint8_t *p;
	size_t len = 1;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && len > 0) {
		st = stream_next(s, &p, &len, err);
		if (st == SHEAF_OK)
			buf_bytes(out, p, len);
	}
	return st;
}

/* what comes out of these bytes */
static enum sheaf_status taken_off(const void *p, size_t len, struct buf *out,
				   struct sheaf_error *err)
{
	struct stream *s;
	enum sheaf_status st = stream_open_memory(&s, p, len, false, err);

	if (st == SHEAF_OK)
		st = all_read(s, out, err);
	stream_close(s);
	return st;
}

static bool is_plain(const struct buf *b, size_t times)
{
	for (size_t i = 0; i < times && b->len == times * PLAIN; i++)
		if (memcmp(b->p + i * PLAIN, plain, PLAIN) != 0)
			return false;
	return b->len == times * PLAIN;
}

static const struct {
	int filter;
	bool joins;   /* one end to end with another is both */
	bool notices; /* every flipped bit, and that it is cut short */
} kinds[] = {
	{ ARCHIVE_FILTER_GZIP, true, true },
	{ ARCHIVE_FILTER_ZSTD, true, false },
	{ ARCHIVE_FILTER_XZ, true, true },
	{ ARCHIVE_FILTER_BZIP2, true, true },
	{ ARCHIVE_FILTER_LZ4, true, false },
	{ ARCHIVE_FILTER_LZMA, false, false },
	{ ARCHIVE_FILTER_COMPRESS, false, false },
};

static void test_each_compression_comes_off(void)
{
	for (size_t i = 0; i < HARNESS_COUNT(kinds); i++) {
		struct buf in = { 0 }, out = { 0 };
		struct sheaf_error err = { 0 };
		size_t times = kinds[i].joins ? 2 : 1;

		for (size_t k = 0; k < times; k++)
			CHECK(pack(&in, kinds[i].filter, PLAIN));
		CHECK(stream_is_compressed(in.p, in.len));
		CHECK(in.len < times * PLAIN);
		CHECK(taken_off(in.p, in.len, &out, &err) == SHEAF_OK);
		CHECK(is_plain(&out, times));
		buf_done(&in);
		buf_done(&out);
	}
}

static void test_cut_short_is_told(void)
{
	for (size_t i = 0; i < HARNESS_COUNT(kinds); i++) {
		struct buf in = { 0 };

		/* a compressed file by compress(1) has no end */
		if (kinds[i].filter == ARCHIVE_FILTER_COMPRESS ||
		    !CHECK(pack(&in, kinds[i].filter, PLAIN)))
			continue;
		for (size_t len = 20; len < in.len; len += in.len / 40) {
			struct buf out = { 0 };
			struct sheaf_error err = { 0 };

			CHECK(taken_off(in.p, len, &out, &err) ==
			      SHEAF_CORRUPT);
			CHECK(strstr(err.text, "cut short") != NULL);
			CHECK(out.len <= PLAIN);
			buf_done(&out);
		}
		buf_done(&in);
	}
}

static void test_damage_is_told_or_harmless(void)
{
	for (size_t i = 0; i < HARNESS_COUNT(kinds); i++) {
		struct buf in = { 0 };

		if (!CHECK(pack(&in, kinds[i].filter, PLAIN)))
			continue;
		for (size_t at = 12; at < in.len; at += in.len / 50) {
			struct buf out = { 0 };
			enum sheaf_status st;

			in.p[at] ^= 4;
			st = taken_off(in.p, in.len, &out, NULL);
			in.p[at] ^= 4;
			CHECK(st == SHEAF_OK || st == SHEAF_CORRUPT);
			if (kinds[i].notices)
				CHECK(st == SHEAF_CORRUPT || is_plain(&out, 1));
			buf_done(&out);
		}
		buf_done(&in);
	}
}

static void test_gzip_checksum_and_length_are_looked_at(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct sheaf_error err = { 0 };

	if (!CHECK(pack(&in, ARCHIVE_FILTER_GZIP, PLAIN)))
		return;
	for (size_t back = 1; back <= 8; back++) {
		in.p[in.len - back] ^= 1;
		CHECK(taken_off(in.p, in.len, &out, &err) == SHEAF_CORRUPT);
		CHECK(strcmp(err.text, "the compressed data is damaged: get it "
				       "anew") == 0);
		in.p[in.len - back] ^= 1;
	}
	buf_done(&in);
	buf_done(&out);
}

static void test_behind_gzip_zeros_pass_and_garbage_does_not(void)
{
	static const uint8_t zeros[600];
	struct buf in = { 0 }, out = { 0 };
	struct sheaf_error err = { 0 };

	CHECK(pack(&in, ARCHIVE_FILTER_GZIP, PLAIN));
	buf_bytes(&in, zeros, sizeof(zeros));
	CHECK(taken_off(in.p, in.len, &out, &err) == SHEAF_OK);
	CHECK(is_plain(&out, 1));
	buf_u8(&in, 'x');
	buf_clear(&out);
	CHECK(taken_off(in.p, in.len, &out, &err) == SHEAF_CORRUPT);
	CHECK(strstr(err.text, "followed by something else") != NULL);
	buf_done(&in);
	buf_done(&out);
}

static void test_small_gzip_cut_short_gives_its_start(void)
{
	struct buf in = { 0 };
	struct stream *s;
	const uint8_t *p;
	size_t len;

	if (!CHECK(pack(&in, ARCHIVE_FILTER_GZIP, 5000)) ||
	    !CHECK(stream_open_memory(&s, in.p, in.len - 20, false, NULL) ==
		   SHEAF_OK))
		return;
	CHECK(stream_peek(s, &p, &len, NULL) == SHEAF_OK && len > 1000);
	CHECK(memcmp(p, plain, len) == 0);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK && len > 1000);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_CORRUPT && len == 0);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_CORRUPT);
	stream_close(s);
	buf_done(&in);
}

static void test_zstd_skippable_frames(void)
{
	static const uint8_t skip[] = { 0x50, 0x2a, 0x4d, 0x18, 3,  0,
					0,    0,    'a',  'b',	'c' };
	struct buf in = { 0 }, out = { 0 };

	buf_bytes(&in, skip, sizeof(skip));
	CHECK(pack(&in, ARCHIVE_FILTER_ZSTD, PLAIN));
	buf_bytes(&in, skip, sizeof(skip));
	CHECK(pack(&in, ARCHIVE_FILTER_ZSTD, PLAIN));
	CHECK(taken_off(in.p, in.len, &out, NULL) == SHEAF_OK);
	CHECK(is_plain(&out, 2));
	/* the dictionary of a WARC: as it stands */
	in.p[0] = 0x5d;
	buf_clear(&out);
	CHECK(taken_off(in.p, in.len, &out, NULL) == SHEAF_OK);
	CHECK(out.len == in.len && memcmp(out.p, in.p, in.len) == 0);
	buf_done(&in);
	buf_done(&out);
}

static void test_plain_and_lookalikes_come_as_they_are(void)
{
	static const char *const texts[] = {
		"",	    "x",	   "plain text", "BZhello",
		"\x1f\x8b", "\x1f\x8bxyz", "\x1f\x9d",	 "BZh9 and so on",
	};

	for (size_t i = 0; i < HARNESS_COUNT(texts); i++) {
		size_t len = strlen(texts[i]);
		struct buf out = { 0 };

		CHECK(taken_off(texts[i], len, &out, NULL) == SHEAF_OK);
		CHECK(out.len == len &&
		      (len == 0 || memcmp(out.p, texts[i], len) == 0));
		buf_done(&out);
	}
}

static void test_raw_is_left_alone(void)
{
	struct buf in = { 0 }, out = { 0 };
	struct stream *s;

	CHECK(pack(&in, ARCHIVE_FILTER_GZIP, PLAIN));
	CHECK(stream_open_memory(&s, in.p, in.len, true, NULL) == SHEAF_OK);
	CHECK(stream_is_plain(s));
	CHECK(all_read(s, &out, NULL) == SHEAF_OK);
	CHECK(out.len == in.len && memcmp(out.p, in.p, in.len) == 0);
	CHECK(stream_consumed(s) == in.len);
	stream_close(s);
	buf_done(&in);
	buf_done(&out);
}

static void test_peeked_and_unread_bytes_come_again(void)
{
	struct stream *s;
	const uint8_t *p;
	size_t len;

	if (!CHECK(stream_open_memory(&s, plain, PLAIN, false, NULL) ==
		   SHEAF_OK))
		return;
	CHECK(stream_peek(s, &p, &len, NULL) == SHEAF_OK && len >= 65536);
	CHECK(stream_peek(s, &p, &len, NULL) == SHEAF_OK && len >= 65536);
	CHECK(memcmp(p, plain, len) == 0);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK);
	CHECK(len >= 65536 && memcmp(p, plain, len) == 0);
	stream_unread(s, 100);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK && len == 100);
	stream_unread(s, 1000); /* at most all of it */
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK && len == 100);
	stream_close(s);
}

static void test_seek_goes_anywhere_in_what_is_plain(void)
{
	struct buf in = { 0 };
	struct stream *s;
	const uint8_t *p;
	uint64_t size;
	size_t len;

	CHECK(stream_open_memory(&s, plain, PLAIN, false, NULL) == SHEAF_OK);
	CHECK(stream_can_seek(s, &size) && size == PLAIN);
	CHECK(stream_peek(s, &p, &len, NULL) == SHEAF_OK);
	CHECK(stream_seek(s, PLAIN - 3, NULL) == SHEAF_OK);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK && len == 3);
	CHECK(memcmp(p, plain + PLAIN - 3, 3) == 0);
	CHECK(stream_seek(s, 5, NULL) == SHEAF_OK);
	CHECK(stream_next(s, &p, &len, NULL) == SHEAF_OK && len > 3);
	CHECK(memcmp(p, plain + 5, len) == 0);
	CHECK(stream_seek(s, PLAIN + 1, NULL) == SHEAF_MISUSE);
	stream_close(s);
	CHECK(pack(&in, ARCHIVE_FILTER_ZSTD, PLAIN));
	CHECK(stream_open_memory(&s, in.p, in.len, false, NULL) == SHEAF_OK);
	CHECK(!stream_can_seek(s, &size));
	CHECK(stream_seek(s, 0, NULL) == SHEAF_MISUSE);
	stream_close(s);
	buf_done(&in);
}

/* a pipe that gives @step bytes at a time */
static void through_pipe(const struct buf *in, size_t step)
{
	struct buf out = { 0 };
	struct stream *s;
	uint64_t size;
	int ends[2];

	if (!CHECK(pipe(ends) == 0))
		return;
	if (fork() == 0) {
		/* the head byte by byte */
		for (size_t at = 0, n; at < in->len; at += n) {
			n = at < 100 ? 1 : step;
			n = in->len - at < n ? in->len - at : n;

			if (write(ends[1], in->p + at, n) != (ssize_t)n)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	if (CHECK(stream_open(&s, ends[0], false, NULL) == SHEAF_OK)) {
		CHECK(!stream_can_seek(s, &size));
		CHECK(all_read(s, &out, NULL) == SHEAF_OK);
		CHECK(is_plain(&out, 1));
	}
	stream_close(s);
	close(ends[0]);
	buf_done(&out);
}

static void test_pipes_in_small_pieces(void)
{
	struct buf in = { 0 };

	for (size_t i = 0; i < HARNESS_COUNT(kinds); i++) {
		buf_clear(&in);
		CHECK(pack(&in, kinds[i].filter, PLAIN));
		through_pipe(&in, 1000);
	}
	buf_clear(&in);
	buf_bytes(&in, plain, PLAIN);
	through_pipe(&in, 1001);
	buf_done(&in);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_each_compression_comes_off) },
	{ HARNESS_TEST(test_cut_short_is_told) },
	{ HARNESS_TEST(test_damage_is_told_or_harmless) },
	{ HARNESS_TEST(test_gzip_checksum_and_length_are_looked_at) },
	{ HARNESS_TEST(test_behind_gzip_zeros_pass_and_garbage_does_not) },
	{ HARNESS_TEST(test_small_gzip_cut_short_gives_its_start) },
	{ HARNESS_TEST(test_zstd_skippable_frames) },
	{ HARNESS_TEST(test_plain_and_lookalikes_come_as_they_are) },
	{ HARNESS_TEST(test_raw_is_left_alone) },
	{ HARNESS_TEST(test_peeked_and_unread_bytes_come_again) },
	{ HARNESS_TEST(test_seek_goes_anywhere_in_what_is_plain) },
	{ HARNESS_TEST(test_pipes_in_small_pieces) },
};

int main(int argc, char **argv)
{
	plain_make();
	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
