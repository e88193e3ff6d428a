/*
 * test_base.c - error texts, the cursor, the buffer, checked sizes
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"
#include "base/size.h"
#include "harness.h"

/* --- errors --- */

static void test_fail_sets_every_member(void)
{
	struct sheaf_error err;

	memset(&err, 0xa5, sizeof(err));
	CHECK(fail(&err, SHEAF_LIMIT, "%d of %s", 7, "x") == SHEAF_LIMIT);
	CHECK(err.status == SHEAF_LIMIT);
	CHECK(err.sys_errno == 0);
	CHECK(err.offset == UINT64_MAX);
	CHECK(!strcmp(err.text, "7 of x"));

	memset(&err, 0xa5, sizeof(err));
	CHECK(fail_at(&err, SHEAF_CORRUPT, 99, "bad") == SHEAF_CORRUPT);
	CHECK(err.status == SHEAF_CORRUPT);
	CHECK(err.sys_errno == 0);
	CHECK(err.offset == 99);
	CHECK(!strcmp(err.text, "bad"));

	memset(&err, 0xa5, sizeof(err));
	CHECK(fail_nomem(&err) == SHEAF_NOMEM);
	CHECK(err.status == SHEAF_NOMEM);
	CHECK(err.sys_errno == 0);
	CHECK(err.offset == UINT64_MAX);
	CHECK(err.text[0] != '\0');
}

static void test_fail_io_names_the_reason(void)
{
	struct sheaf_error err;

	memset(&err, 0xa5, sizeof(err));
	CHECK(fail_io(&err, ENOSPC, "a: at %d", 5) == SHEAF_IO);
	CHECK(err.status == SHEAF_IO);
	CHECK(err.sys_errno == ENOSPC);
	CHECK(err.offset == UINT64_MAX);
	CHECK(!strcmp(err.text, "a: at 5: No space left on device"));
	/* a number that no error has */
	fail_io(&err, 123456, "a");
	CHECK(err.sys_errno == 123456);
	CHECK(!strncmp(err.text, "a: ", 3) && strlen(err.text) > 3);
}

static void test_fail_takes_no_error_struct(void)
{
	CHECK(fail(NULL, SHEAF_BUSY, "x") == SHEAF_BUSY);
	CHECK(fail_at(NULL, SHEAF_CORRUPT, 1, "x") == SHEAF_CORRUPT);
	CHECK(fail_io(NULL, EIO, "x") == SHEAF_IO);
	CHECK(fail_nomem(NULL) == SHEAF_NOMEM);
}

static void test_fail_long_text_is_cut(void)
{
	struct sheaf_error err;
	char most[sizeof(err.text)], more[sizeof(err.text) + 1];
	char huge[5000];

	memset(most, 'm', sizeof(most));
	most[sizeof(most) - 1] = '\0';
	fail(&err, SHEAF_MISUSE, "%s", most);
	CHECK(!strcmp(err.text, most));

	memset(more, 'm', sizeof(more));
	more[sizeof(more) - 1] = '\0';
	fail(&err, SHEAF_MISUSE, "%s", more);
	CHECK(strlen(err.text) == sizeof(err.text) - 1);
	CHECK(!strcmp(&err.text[sizeof(err.text) - 5], "m..."));

	memset(huge, 'h', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	fail_io(&err, ENOSPC, "%s", huge);
	CHECK(strlen(err.text) == sizeof(err.text) - 1);
	CHECK(strstr(err.text, "h...: No space left on device"));
}

/* U+4E2D is three bytes: the cut must not leave one or two of them */
static void test_fail_cut_keeps_utf8_whole(void)
{
	struct sheaf_error err;
	char text[400];
	size_t len;

	for (size_t lead = 0; lead < 3; lead++) {
		memset(text, 'x', lead);
		for (len = lead; len < 390; len += 3)
			memcpy(&text[len], "\xe4\xb8\xad", 3);
		text[len] = '\0';
		fail(&err, SHEAF_MISUSE, "%s", text);
		len = strlen(err.text);
		CHECK(len >= sizeof(err.text) - 3);
		CHECK(len < sizeof(err.text));
		CHECK((len - 3 - lead) % 3 == 0);
		CHECK(!strcmp(&err.text[len - 6], "\xe4\xb8\xad..."));
	}
}

static void test_fail_text_has_no_control_bytes(void)
{
	struct sheaf_error err;

	fail(&err, SHEAF_MISUSE, "%s", "a\nb\x1b[2Jc\x7f\r\t");
	CHECK(!strcmp(err.text, "a?b?[2Jc???"));
	/* the one-byte and the UTF-8 form of the terminal's CSI */
	fail(&err, SHEAF_MISUSE, "%s", "\x9b|\xc2\x9b");
	CHECK(!strcmp(err.text, "?|??"));
	/* well-formed text stays */
	fail(&err, SHEAF_MISUSE, "%s",
	     "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80");
	CHECK(!strcmp(err.text, "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80"));
	/* what text_escape() made is not escaped again */
	fail(&err, SHEAF_MISUSE, "%s", "a\\x0Ab\\\\c");
	CHECK(!strcmp(err.text, "a\\x0Ab\\\\c"));
}

static void test_status_name_is_a_distinct_word(void)
{
	const char *name, *other;

	for (int i = SHEAF_OK; i <= SHEAF_CANCELLED; i++) {
		name = sheaf_status_name((enum sheaf_status)i);
		CHECK(strcmp(name, "unknown") != 0);
		CHECK(name[strspn(name, "abcdefghijklmnopqrstuvwxyz-")] == 0);
		for (int j = SHEAF_OK; j < i; j++) {
			other = sheaf_status_name((enum sheaf_status)j);
			CHECK(strcmp(name, other) != 0);
		}
	}
	CHECK(!strcmp(sheaf_status_name((enum sheaf_status)99), "unknown"));
}

/* --- text_escape --- */

static bool escapes_to(const char *src, size_t len, const char *expected)
{
	char out[200], *exact = NULL;
	bool ok;

	/* memory of this length, so that a sanitizer sees a byte too many */
	if (len) {
		exact = malloc(len);
		if (!exact)
			return false;
		memcpy(exact, src, len);
	}
	memset(out, 0x7e, sizeof(out));
	ok = text_escape(out, sizeof(out), exact, len) == out &&
	     !strcmp(out, expected);
	free(exact);
	return ok;
}

static void test_escape_prints_every_byte(void)
{
	CHECK(escapes_to("", 0, ""));
	CHECK(escapes_to(NULL, 0, ""));
	CHECK(escapes_to("plain text.", 11, "plain text."));
	CHECK(escapes_to("a\0b", 3, "a\\x00b"));
	CHECK(escapes_to("a\\b", 3, "a\\\\b"));
	CHECK(escapes_to("\n\r\t\x1b\x7f", 5, "\\x0A\\x0D\\x09\\x1B\\x7F"));
	CHECK(escapes_to("\xc3\xa4", 2, "\xc3\xa4"));
	CHECK(escapes_to("\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf"));
}

static void test_escape_malformed_utf8_becomes_hex(void)
{
	char out[20];

	/* a lone continuation byte, a lone lead byte, one cut short */
	CHECK(escapes_to("\x80", 1, "\\x80"));
	CHECK(escapes_to("\xc3", 1, "\\xC3"));
	CHECK(escapes_to("\xc3(", 2, "\\xC3("));
	CHECK(escapes_to("\xe4\xb8", 2, "\\xE4\\xB8"));
	CHECK(!strcmp(text_escape(out, sizeof(out), "\xe4\xb8\xad", 2),
		      "\\xE4\\xB8"));
	CHECK(escapes_to("\xf0\x9f\x98", 3, "\\xF0\\x9F\\x98"));
	/* overlong forms of '/', U+7FF, U+FFFF */
	CHECK(escapes_to("\xc0\xaf", 2, "\\xC0\\xAF"));
	CHECK(escapes_to("\xe0\x9f\xbf", 3, "\\xE0\\x9F\\xBF"));
	CHECK(escapes_to("\xf0\x8f\xbf\xbf", 4, "\\xF0\\x8F\\xBF\\xBF"));
	/* a surrogate, above U+10FFFF, bytes that UTF-8 never has */
	CHECK(escapes_to("\xed\xa0\x80", 3, "\\xED\\xA0\\x80"));
	CHECK(escapes_to("\xf4\x90\x80\x80", 4, "\\xF4\\x90\\x80\\x80"));
	CHECK(escapes_to("\xf5\x80\x80\x80", 4, "\\xF5\\x80\\x80\\x80"));
	CHECK(escapes_to("\xfe\xff", 2, "\\xFE\\xFF"));
}

static void test_escape_commanding_characters_become_hex(void)
{
	CHECK(escapes_to("\xc2\x9b", 2, "\\xC2\\x9B"));
	CHECK(escapes_to("\xc2\xa0", 2, "\xc2\xa0"));
	CHECK(escapes_to("\xe2\x80\xae", 3, "\\xE2\\x80\\xAE"));
	CHECK(escapes_to("\xe2\x80\xa8", 3, "\\xE2\\x80\\xA8"));
	CHECK(escapes_to("\xe2\x81\xa6", 3, "\\xE2\\x81\\xA6"));
	CHECK(escapes_to("\xe2\x80\xa6", 3, "\xe2\x80\xa6"));
}

static void test_escape_what_does_not_fit_ends_in_dots(void)
{
	char out[8] = "zzzzzzz";

	text_escape(out, 0, "abc", 3);
	CHECK(!strcmp(out, "zzzzzzz"));
	CHECK(!strcmp(text_escape(out, 1, "abc", 3), ""));
	CHECK(!strcmp(text_escape(out, 2, "abc", 3), "."));
	CHECK(!strcmp(text_escape(out, 4, "abc", 3), "abc"));
	CHECK(!strcmp(text_escape(out, 4, "abcd", 4), "..."));
	CHECK(!strcmp(text_escape(out, 8, "abcdefg", 7), "abcdefg"));
	CHECK(!strcmp(text_escape(out, 8, "abcdefgh", 8), "abcd..."));
	/* units are whole or absent */
	CHECK(!strcmp(text_escape(out, 8, "ab\ncde", 6), "ab..."));
	CHECK(!strcmp(text_escape(out, 8, "abc\n", 4), "abc\\x0A"));
	CHECK(!strcmp(text_escape(out, 8, "\xe4\xb8\xad\xe4\xb8\xad\xe4", 7),
		      "\xe4\xb8\xad..."));
}

/* --- cursor --- */

static void test_cur_integers_are_little_endian(void)
{
	static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05,
					 0x06, 0x07, 0x08, 0x09, 0x0a,
					 0x0b, 0x0c, 0x0d, 0x0e, 0xff };
	struct cur c = cur_over(bytes, sizeof(bytes));

	CHECK(!cur_done(&c));
	CHECK(cur_u16(&c) == 0x0201);
	CHECK(cur_u32(&c) == 0x06050403);
	CHECK(cur_u64(&c) == 0x0e0d0c0b0a090807);
	CHECK(cur_u8(&c) == 0xff);
	CHECK(!c.bad);
	CHECK(cur_done(&c));
}

static void test_cur_past_the_end_sticks(void)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct cur c = cur_over(bytes, sizeof(bytes));
	uint8_t copy[2] = { 9, 9 };

	CHECK(cur_u32(&c) == 0);
	CHECK(c.bad);
	CHECK(c.left == 0);
	/* three bytes were there for these */
	CHECK(cur_u8(&c) == 0);
	CHECK(cur_u16(&c) == 0);
	CHECK(cur_u64(&c) == 0);
	CHECK(cur_varint(&c) == 0);
	CHECK(cur_zigzag(&c) == 0);
	CHECK(!cur_bytes(&c, 0));
	cur_copy(&c, copy, sizeof(copy));
	CHECK(copy[0] == 0 && copy[1] == 0);
	cur_skip(&c, 0);
	CHECK(c.bad);
	CHECK(!cur_done(&c));
	CHECK(cur_sub(&c, 0).bad);
}

static void test_cur_each_width_needs_its_bytes(void)
{
	static const uint8_t bytes[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct cur c;

	c = cur_over(bytes, 0);
	CHECK(cur_u8(&c) == 0 && c.bad);
	c = cur_over(bytes, 1);
	CHECK(cur_u16(&c) == 0 && c.bad);
	c = cur_over(bytes, 3);
	CHECK(cur_u32(&c) == 0 && c.bad);
	c = cur_over(bytes, 7);
	CHECK(cur_u64(&c) == 0 && c.bad);
	c = cur_over(bytes, 8);
	CHECK(cur_u64(&c) == 0x0101010101010101 && !c.bad);
}

static void test_cur_bytes_and_skip_move_on(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	struct cur c = cur_over(bytes, sizeof(bytes));
	uint8_t copy[2] = { 0 };

	CHECK(cur_bytes(&c, 1) == bytes);
	cur_skip(&c, 1);
	cur_copy(&c, copy, 2);
	CHECK(copy[0] == 3 && copy[1] == 4);
	CHECK(c.left == 1);
	CHECK(cur_bytes(&c, 0) == &bytes[4]);
	CHECK(!cur_bytes(&c, SIZE_MAX));
	CHECK(c.bad);
}

static void test_cur_empty_is_done_and_not_null(void)
{
	struct cur c = cur_over(NULL, 0);

	CHECK(cur_done(&c));
	CHECK(cur_bytes(&c, 0) != NULL);
	cur_copy(&c, NULL, 0);
	cur_skip(&c, 0);
	CHECK(cur_done(&c));
	cur_skip(&c, 1);
	CHECK(c.bad);
}

static void test_cur_sub_is_fenced(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	struct cur c = cur_over(bytes, sizeof(bytes));
	struct cur sub;

	cur_skip(&c, 1);
	sub = cur_sub(&c, 3);
	CHECK(c.left == 1);
	CHECK(sub.left == 3 && !sub.bad);
	CHECK(cur_u16(&sub) == 0x0302);
	/* one byte is left in it, though more follow outside */
	CHECK(cur_u16(&sub) == 0 && sub.bad);
	CHECK(!c.bad);
	CHECK(cur_u8(&c) == 5);
	CHECK(cur_done(&c));
	sub = cur_sub(&c, 0);
	CHECK(cur_done(&sub));
	sub = cur_sub(&c, 1);
	CHECK(sub.bad && sub.left == 0 && sub.p != NULL);
	CHECK(c.bad);
}

/* --- varints --- */

static const uint64_t varint_samples[] = {
	0,	   1,	       127,	   128,	       16383,
	16384,	   2097151,    2097152,	   UINT32_MAX, 1ULL << 32,
	INT64_MAX, 1ULL << 63, UINT64_MAX,
};

static void test_varint_comes_back(void)
{
	for (size_t i = 0; i < HARNESS_COUNT(varint_samples); i++) {
		struct buf b = { 0 };
		struct cur c;

		buf_varint(&b, varint_samples[i]);
		CHECK(!b.bad);
		c = cur_over(b.p, b.len);
		CHECK(cur_varint(&c) == varint_samples[i]);
		CHECK(cur_done(&c));
		/* every cut is noticed */
		for (size_t len = 0; len < b.len; len++) {
			c = cur_over(b.p, len);
			CHECK(cur_varint(&c) == 0 && c.bad);
		}
		buf_done(&b);
	}
}

/* reads a varint from @len bytes; whether it is bad and reads as 0 */
static bool varint_refused(const char *bytes, size_t len)
{
	struct cur c = cur_over(bytes, len);

	return cur_varint(&c) == 0 && c.bad && c.left == 0;
}

static void test_varint_not_minimal_is_refused(void)
{
	CHECK(varint_refused("\x80\x00", 2));
	CHECK(varint_refused("\xff\x00", 2));
	CHECK(varint_refused("\x80\x80\x00", 3));
	CHECK(varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10));
	/* zero is one byte and zero bytes inside of a number are 0x80 */
	CHECK(!varint_refused("\x00", 1));
	CHECK(!varint_refused("\x80\x80\x01", 3));
}

static void test_varint_beyond_64_bits_is_refused(void)
{
	CHECK(!varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
	CHECK(varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
	CHECK(varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03", 10));
	CHECK(varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10));
	/* an eleventh byte, whatever it is */
	CHECK(varint_refused("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01",
			     11));
	CHECK(varint_refused("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
			     11));
}

static void test_varint_bytes_are_leb128(void)
{
	struct buf b = { 0 };

	buf_varint(&b, 300);
	CHECK(b.len == 2 && b.p[0] == 0xac && b.p[1] == 0x02);
	buf_clear(&b);
	buf_varint(&b, UINT64_MAX);
	CHECK(b.len == 10 && b.p[9] == 0x01);
	buf_done(&b);
}

static void test_zigzag_comes_back(void)
{
	static const int64_t samples[] = { 0,  -1,	  1,	    -64,
					   63, -65,	  64,	    INT32_MIN,
					   -2, INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < HARNESS_COUNT(samples); i++) {
		struct buf b = { 0 };
		struct cur c;

		buf_zigzag(&b, samples[i]);
		c = cur_over(b.p, b.len);
		CHECK(cur_zigzag(&c) == samples[i]);
		CHECK(cur_done(&c));
		buf_done(&b);
	}
}

static void test_zigzag_small_numbers_are_short(void)
{
	struct buf b = { 0 };

	buf_zigzag(&b, -64);
	buf_zigzag(&b, 63);
	CHECK(b.len == 2 && b.p[0] == 127 && b.p[1] == 126);
	buf_done(&b);
}

/* --- buffer --- */

static void test_buf_writes_what_the_cursor_reads(void)
{
	struct buf b = { 0 };
	struct cur c;

	buf_u8(&b, 0xfe);
	buf_u16(&b, 0x1234);
	buf_u32(&b, 0x89abcdef);
	buf_u64(&b, 0x0123456789abcdef);
	buf_bytes(&b, "xyz", 3);
	buf_bytes(&b, NULL, 0);
	CHECK(!b.bad && b.len == 18);
	CHECK(b.p[1] == 0x34 && b.p[2] == 0x12);
	buf_set_u32(&b, 3, 0x11223344);
	c = cur_over(b.p, b.len);
	CHECK(cur_u8(&c) == 0xfe);
	CHECK(cur_u16(&c) == 0x1234);
	CHECK(cur_u32(&c) == 0x11223344);
	CHECK(cur_u64(&c) == 0x0123456789abcdef);
	CHECK(!memcmp(cur_bytes(&c, 3), "xyz", 3));
	/* the last four bytes are there, too */
	buf_set_u32(&b, b.len - 4, 0);
	CHECK(b.len == 18 && b.p[17] == 0);
	buf_done(&b);
	CHECK(!b.p && b.len == 0 && b.cap == 0 && !b.bad);
	buf_done(&b);
}

static void test_buf_grows_geometrically(void)
{
	struct buf b = { 0 };
	size_t cap = 0, growths = 0;

	for (uint32_t i = 0; i < 1000000; i++) {
		buf_u32(&b, i);
		if (b.cap != cap)
			growths++;
		cap = b.cap;
	}
	CHECK(!b.bad && b.len == 4000000);
	CHECK(growths < 40);
	CHECK(b.cap <= 2 * b.len);
	for (uint32_t i = 0; i < 1000000; i += 9973) {
		struct cur c = cur_over(&b.p[(size_t)i * 4], 4);

		CHECK(cur_u32(&c) == i);
	}
	buf_done(&b);
}

static void test_buf_clear_keeps_the_memory(void)
{
	struct buf b = { 0 };
	const uint8_t *p;

	buf_bytes(&b, "abc", 3);
	p = b.p;
	buf_clear(&b);
	CHECK(b.len == 0 && b.p == p && b.cap >= 3);
	buf_u8(&b, 1);
	CHECK(b.len == 1 && b.p == p);
	buf_done(&b);
}

static void test_buf_room_is_written_then_counted(void)
{
	struct buf b = { 0 };
	uint8_t *room = buf_room(&b, 0);

	CHECK(room != NULL);
	CHECK(b.len == 0);
	room = buf_room(&b, 1000);
	if (!CHECK(room != NULL))
		return;
	memset(room, 'r', 1000);
	CHECK(b.len == 0);
	buf_grew(&b, 10);
	CHECK(b.len == 10 && b.p[9] == 'r');
	buf_done(&b);
}

static void test_buf_failure_sticks(void)
{
	struct buf b = { 0 };

	buf_u8(&b, 7);
	CHECK(!buf_room(&b, SIZE_MAX)); /* the sum wraps */
	CHECK(b.bad);
	CHECK(!buf_room(&b, 1));
	buf_u8(&b, 1);
	buf_u64(&b, 1);
	buf_varint(&b, 1);
	buf_bytes(&b, "x", 1);
	buf_grew(&b, 1);
	buf_set_u32(&b, 100, 1);
	CHECK(b.bad && b.len == 1 && b.p[0] == 7);
	buf_clear(&b);
	CHECK(!b.bad);
	buf_u8(&b, 8);
	CHECK(!b.bad && b.len == 1 && b.p[0] == 8);
	buf_done(&b);
}

/* --- sizes --- */

static void test_size_wrapping_is_refused(void)
{
	size_t n = 5;
	uint64_t u = 5;

	CHECK(!size_add(SIZE_MAX, 1, &n) && n == 5);
	CHECK(!size_mul(SIZE_MAX / 2 + 1, 2, &n) && n == 5);
	CHECK(!u64_add(UINT64_MAX, 1, &u) && u == 5);
	CHECK(size_add(SIZE_MAX - 1, 1, &n) && n == SIZE_MAX);
	CHECK(size_mul(SIZE_MAX, 0, &n) && n == 0);
	CHECK(u64_add(UINT64_MAX, 0, &u) && u == UINT64_MAX);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_fail_sets_every_member) },
	{ HARNESS_TEST(test_fail_io_names_the_reason) },
	{ HARNESS_TEST(test_fail_takes_no_error_struct) },
	{ HARNESS_TEST(test_fail_long_text_is_cut) },
	{ HARNESS_TEST(test_fail_cut_keeps_utf8_whole) },
	{ HARNESS_TEST(test_fail_text_has_no_control_bytes) },
	{ HARNESS_TEST(test_status_name_is_a_distinct_word) },
	{ HARNESS_TEST(test_escape_prints_every_byte) },
	{ HARNESS_TEST(test_escape_malformed_utf8_becomes_hex) },
	{ HARNESS_TEST(test_escape_commanding_characters_become_hex) },
	{ HARNESS_TEST(test_escape_what_does_not_fit_ends_in_dots) },
	{ HARNESS_TEST(test_cur_integers_are_little_endian) },
	{ HARNESS_TEST(test_cur_past_the_end_sticks) },
	{ HARNESS_TEST(test_cur_each_width_needs_its_bytes) },
	{ HARNESS_TEST(test_cur_bytes_and_skip_move_on) },
	{ HARNESS_TEST(test_cur_empty_is_done_and_not_null) },
	{ HARNESS_TEST(test_cur_sub_is_fenced) },
	{ HARNESS_TEST(test_varint_comes_back) },
	{ HARNESS_TEST(test_varint_not_minimal_is_refused) },
	{ HARNESS_TEST(test_varint_beyond_64_bits_is_refused) },
	{ HARNESS_TEST(test_varint_bytes_are_leb128) },
	{ HARNESS_TEST(test_zigzag_comes_back) },
	{ HARNESS_TEST(test_zigzag_small_numbers_are_short) },
	{ HARNESS_TEST(test_buf_writes_what_the_cursor_reads) },
	{ HARNESS_TEST(test_buf_grows_geometrically) },
	{ HARNESS_TEST(test_buf_clear_keeps_the_memory) },
	{ HARNESS_TEST(test_buf_room_is_written_then_counted) },
	{ HARNESS_TEST(test_buf_failure_sticks) },
	{ HARNESS_TEST(test_size_wrapping_is_refused) },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
