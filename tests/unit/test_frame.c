/*
 * test_frame.c - the envelope of all structure, its payloads, and the
 * description that stands before it all
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/zdec.h"
#include "formats/sheaf/description.h"
#include "formats/sheaf/frame.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

enum {
	UNKNOWN_KIND = 200, /* of the vector */
	DESCRIPTION_MAX = 3900,
};

static enum sheaf_status get_any(const void *frame, size_t len, uint64_t offset,
				 bool *same)
{
	struct cur body;
	struct sheaf_error err;
	enum sheaf_status st = frame_get(
		frame, len, offset, (enum frame_kind)UNKNOWN_KIND, &body, &err);

	if (st == SHEAF_OK)
		*same = body.left == len - FRAME_OVERHEAD;
	else
		*same = body.left == 0 && err.status == st &&
			err.offset == offset;
	return st;
}

static void test_frame_is_as_in_the_vector(void)
{
	struct buf b = { 0 };
	size_t start;

	start = frame_begin(&b, (enum frame_kind)UNKNOWN_KIND);
	buf_bytes(&b, "any body", 8);
	frame_end(&b, start, VECTOR_OFFSET);
	CHECK(vector_is("frame", &b));
	hostile_damage(get_any, &b, VECTOR_OFFSET);
	buf_done(&b);
}

static void test_frame_behind_others_is_the_same(void)
{
	struct buf b = { 0 };
	struct cur body;
	size_t start;

	for (uint64_t i = 0; i < 3; i++) {
		start = frame_begin(&b, FRAME_TREE);
		buf_varint(&b, 1000 + i);
		frame_end(&b, start, start);
		CHECK(frame_get(&b.p[start], b.len - start, start, FRAME_TREE,
				&body, NULL) == SHEAF_OK);
		CHECK(cur_varint(&body) == 1000 + i && cur_done(&body));
	}
	buf_done(&b);
}

static void test_frame_of_another_kind_refused(void)
{
	struct buf b = { 0 };
	struct cur body;
	size_t start = frame_begin(&b, FRAME_TREE);

	frame_end(&b, start, 5);
	CHECK(frame_get(b.p, b.len, 5, FRAME_TREE, &body, NULL) == SHEAF_OK);
	CHECK(frame_get(b.p, b.len, 5, FRAME_FOOTER, &body, NULL) ==
	      SHEAF_CORRUPT);
	buf_done(&b);
}

static void test_frame_head_tells_size_of_unknown_kinds(void)
{
	struct buf b = { 0 };
	struct frame_head head;

	vector_load("frame", &b);
	CHECK(frame_head_get(b.p, &head)); /* [S-10] */
	CHECK(head.kind == UNKNOWN_KIND && head.size == b.len);
	memset(&b.p[4], 0xff, 4);
	CHECK(frame_head_get(b.p, &head));
	CHECK(head.size == UINT64_C(0x100000007));
	memcpy(&b.p[4], "\x0d\0\0\0", 4);
	CHECK(frame_head_get(b.p, &head) && head.size == FRAME_OVERHEAD);
	b.p[4] = 12;
	CHECK(!frame_head_get(b.p, &head));
	b.p[4] = 13;
	for (size_t i = 0; i < 12; i++) {
		if (i >= 4 && i < 8)
			continue;
		b.p[i] ^= 1;
		CHECK(!frame_head_get(b.p, &head));
		b.p[i] ^= 1;
	}
	buf_done(&b);
}

/* everywhere in a page of bytes that look like the beginning of it */
static void test_sync_found_wherever_it_begins(void)
{
	static const char sync[] = "\x5A\x2A\x4D\x18????\xF5\xC0\xFE\xC1";
	uint8_t *p;
	size_t size = 300;

	for (size_t at = 0; at + FRAME_SYNC <= size; at++) {
		p = malloc(size);
		if (!CHECK(p != NULL))
			return;
		for (size_t i = 0; i < size; i++)
			p[i] = i % 3 ? 0xf5 : 0x5a;
		memcpy(&p[at], sync, FRAME_SYNC);
		for (size_t from = 0; from < size; from += 7) {
			CHECK(frame_sync_find(p, size, from) ==
			      (from <= at ? at : SIZE_MAX));
			CHECK(frame_sync_find_back(p, size, from) ==
			      (from >= at ? at : SIZE_MAX));
		}
		CHECK(frame_sync_find_back(p, size, SIZE_MAX) == at);
		/* whole or not at all */
		CHECK(frame_sync_find(p, at + FRAME_SYNC - 1, 0) == SIZE_MAX);
		CHECK(frame_sync_find_back(p, at + FRAME_SYNC - 1, at) ==
		      SIZE_MAX);
		free(p);
	}
	CHECK(frame_sync_find(NULL, 0, 0) == SIZE_MAX);
	CHECK(frame_sync_find_back(NULL, 0, 0) == SIZE_MAX);
}

static void test_sync_first_and_last_of_several(void)
{
	struct buf b = { 0 };
	size_t start, second;

	start = frame_begin(&b, FRAME_TREE);
	frame_end(&b, start, 0);
	second = frame_begin(&b, FRAME_FOOTER);
	frame_end(&b, second, second);
	CHECK(frame_sync_find(b.p, b.len, 0) == 0);
	CHECK(frame_sync_find(b.p, b.len, 1) == second);
	CHECK(frame_sync_find(b.p, b.len, second + 1) == SIZE_MAX);
	CHECK(frame_sync_find_back(b.p, b.len, SIZE_MAX) == second);
	CHECK(frame_sync_find_back(b.p, b.len, second - 1) == 0);
	buf_done(&b);
}

static void coded_check(const void *plain, size_t len, int level, bool packs)
{
	struct buf b = { 0 }, out = { 0 };
	struct cur c;

	CHECK(coded_put(&b, plain, len, level, NULL) == SHEAF_OK);
	CHECK(!b.bad && b.p[0] == (packs ? 1 : 0));
	c = cur_over(b.p, b.len);
	CHECK(coded_get(&c, len, &out, NULL) == SHEAF_OK);
	CHECK(out.len == len && (len == 0 || !memcmp(out.p, plain, len)));
	c = cur_over(b.p, b.len);
	if (len > 0) /* [S-12] */
		CHECK(coded_get(&c, len - 1, &out, NULL) == SHEAF_CORRUPT);
	CHECK(len == 0 || out.len == 0);
	for (size_t cut = 0; cut < b.len; cut++) {
		c = cur_over(b.p, cut);
		CHECK(coded_get(&c, len, &out, NULL) == SHEAF_CORRUPT);
		CHECK(out.len == 0);
	}
	buf_u8(&b, 0);
	c = cur_over(b.p, b.len);
	CHECK(coded_get(&c, len, &out, NULL) == SHEAF_CORRUPT);
	buf_done(&b);
	buf_done(&out);
}

static void test_coded_takes_what_is_smaller(void)
{
	char repeats[1000];

	memset(repeats, 'x', sizeof(repeats));
	coded_check(NULL, 0, 3, false);
	coded_check("short", 5, 3, false);
	coded_check(repeats, sizeof(repeats), 0, false);
	coded_check(repeats, sizeof(repeats), 3, true);
	coded_check(repeats, sizeof(repeats), 19, true);
}

static void test_coded_unknown_coding_refused(void)
{
	static const uint8_t bytes[] = { 2, 1, 'x' };
	struct cur c = cur_over(bytes, sizeof(bytes));
	struct buf out = { 0 };

	CHECK(coded_get(&c, 10, &out, NULL) == SHEAF_CORRUPT);
	buf_done(&out);
}

/* a few bytes that claim 2^63 of content ask for no memory */
static void test_coded_lying_size_refused(void)
{
	struct buf b = { 0 }, out = { 0 };
	struct cur c;

	buf_u8(&b, 1);
	buf_varint(&b, UINT64_C(1) << 63);
	buf_u32(&b, 0xFD2FB528);
	c = cur_over(b.p, b.len);
	CHECK(coded_get(&c, 1 << 20, &out, NULL) == SHEAF_CORRUPT);
	CHECK(out.cap == 0);
	buf_done(&b);
	buf_done(&out);
}

static void test_description_is_one_raw_zstd_block(void)
{
	struct buf b = { 0 }, head = { 0 };
	struct zdec *z = zdec_new();
	struct zdec_how how = { 0 };
	char *text;
	size_t len;

	description_put(&b);
	vector_load("description", &head);
	CHECK(!b.bad && b.len > head.len && !memcmp(b.p, head.p, head.len));
	len = b.len - 14;
	CHECK(len <= DESCRIPTION_MAX); /* [S-6] */
	text = calloc(1, len);
	if (CHECK(z && text))
		CHECK(zdec_frame(z, &how, b.p, b.len, text, len, NULL) ==
		      SHEAF_OK);
	CHECK(text && memcmp(&b.p[10], text, len) == 0);
	for (size_t i = 0; text && i < len; i++)
		CHECK(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	free(text);
	zdec_free(z);
	buf_done(&b);
	buf_done(&head);
}

static void test_description_recognised_by_its_beginning(void)
{
	struct buf b = { 0 };

	description_put(&b);
	CHECK(description_guess(b.p, b.len)); /* [S-7] */
	CHECK(description_guess(b.p, 22));
	CHECK(!description_guess(b.p, 21));
	CHECK(!description_guess(NULL, 0));
	b.p[10] = 'S';
	CHECK(!description_guess(b.p, b.len));
	b.p[10] = 's';
	b.p[0] = 0;
	CHECK(!description_guess(b.p, b.len));
	buf_done(&b);
}

static void test_description_checked_whatever_it_says(void)
{
	struct buf b = { 0 };

	description_put(&b);
	CHECK(description_size(b.p, DESCRIPTION_HEAD) == b.len);
	CHECK(description_size(b.p, DESCRIPTION_HEAD - 1) == 0);
	CHECK(description_check(b.p, b.len, NULL) == SHEAF_OK);
	CHECK(description_check(NULL, 0, NULL) == SHEAF_CORRUPT);
	for (size_t len = 0; len < b.len; len++)
		CHECK(description_check(b.p, len, NULL) == SHEAF_CORRUPT);
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.p[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(description_check(b.p, b.len, NULL) == SHEAF_CORRUPT);
		b.p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	/* of another writer: its own text, 300 bytes of it */
	b.p[5] = 300 - 256;
	b.p[6] = 0;
	b.p[7] = (300 << 3 | 1) & 0xff;
	b.p[8] = 300 >> 5;
	b.p[9] = 0;
	memset(&b.p[50], '.', 260);
	b.len = 310;
	buf_u32(&b, hash_frame_checksum(&b.p[10], 300));
	CHECK(description_size(b.p, b.len) == 314);
	CHECK(description_check(b.p, b.len, NULL) == SHEAF_OK);
	buf_done(&b);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_frame_is_as_in_the_vector) },
		{ HARNESS_TEST(test_frame_behind_others_is_the_same) },
		{ HARNESS_TEST(test_frame_of_another_kind_refused) },
		{ HARNESS_TEST(test_frame_head_tells_size_of_unknown_kinds) },
		{ HARNESS_TEST(test_sync_found_wherever_it_begins) },
		{ HARNESS_TEST(test_sync_first_and_last_of_several) },
		{ HARNESS_TEST(test_coded_takes_what_is_smaller) },
		{ HARNESS_TEST(test_coded_unknown_coding_refused) },
		{ HARNESS_TEST(test_coded_lying_size_refused) },
		{ HARNESS_TEST(test_description_is_one_raw_zstd_block) },
		{ HARNESS_TEST(test_description_recognised_by_its_beginning) },
		{ HARNESS_TEST(test_description_checked_whatever_it_says) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
