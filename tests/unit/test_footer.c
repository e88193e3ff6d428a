/*
 * test_footer.c - footers
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/footer.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static const uint8_t no_id[SHA256_SIZE];

/* vectors/footer.hex */
static void first_footer(struct footer *f)
{
	*f = (struct footer){
		.offset = VECTOR_OFFSET,
		.commit = 1,
		.time = -1,
		.live = 2,
		.records = 3,
		.articles = 2,
		.article_bytes = 310,
		.new_records = 3,
		.new_articles = 2,
		.new_bytes = 310,
		.blocks = 1,
		.page_offset = 900000,
		.page_bytes = 1000,
		.strings_offset = 905000,
		.strings_count = 1,
	};
	for (uint8_t i = 0; i < SHA256_SIZE; i++)
		f->root[i] = i;
	for (uint8_t i = 0; i < 16; i++)
		f->fingerprint[i] = (uint8_t)(100 + i);
}

/* vectors/footer-later.hex */
static void later_footer(struct footer *f)
{
	*f = (struct footer){
		.offset = VECTOR_OFFSET,
		.previous = 800000,
		.jump = 500000,
		.incompatible = FLAG_REMOVED,
		.compatible = 0x80000000,
		.commit = 6,
		.time = 1700000000,
		.start = 800500,
		.live = 90,
		.records = 100,
		.articles = 80,
		.article_bytes = UINT64_C(1) << 33,
		.new_records = 5,
		.new_articles = 4,
		.new_bytes = 4096,
		.blocks = 17,
		.page_offset = 950000,
		.page_bytes = 700,
		.strings_offset = 640000,
		.strings_count = 301,
		.dictionary = 4000,
		.removed = 990000,
		.layer_count = 2,
		.layers = { { 3, { 60, 70, 0 }, { 600000, 610000, 0 } },
			    { 5, { 16, 25, 1 }, { 700000, 710000, 720000 } } },
		.message_len = 6,
		.message = "Gr\303\266\303\237",
	};
	memset(f->root, 7, sizeof(f->root));
	memset(f->fingerprint, 8, sizeof(f->fingerprint));
}

static void test_footer_of_first_commit_is_as_in_the_vector(void)
{
	struct footer f;
	struct buf b = { 0 };
	uint8_t id[SHA256_SIZE];

	first_footer(&f);
	CHECK(footer_put(&b, &f, no_id, NULL) == SHEAF_OK);
	CHECK(vector_is("footer", &b) && f.size == b.len);
	CHECK(footer_id(b.p, b.len, no_id, id, NULL) == SHEAF_OK);
	CHECK(memcmp(id, f.id, sizeof(id)) == 0); /* [S-29] */
	hostile_damage(again_footer, &b, VECTOR_OFFSET);
	hostile_changes(again_footer, &b, VECTOR_OFFSET, 20000);
	for (size_t len = FRAME_OVERHEAD; len < b.len; len++)
		CHECK(hostile_try(again_footer, b.p, len, VECTOR_OFFSET,
				  true) == SHEAF_CORRUPT);
	buf_done(&b);
}

static void test_footer_with_all_fields_is_as_in_the_vector(void)
{
	struct footer want, got;
	struct buf b = { 0 }, put = { 0 };
	uint8_t previous[SHA256_SIZE], id[SHA256_SIZE];
	size_t added = 3; /* bytes of a later version */

	memset(previous, 0x5a, sizeof(previous));
	later_footer(&want);
	vector_load("footer-later", &b);
	CHECK(footer_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(footer_id(b.p, b.len, previous, id, NULL) == SHEAF_OK);
	CHECK(memcmp(id, got.id, sizeof(id)) == 0); /* [S-29] */
	CHECK(got.size == b.len);
	CHECK(footer_put(&put, &want, previous, NULL) == SHEAF_OK);
	if (!CHECK(put.p && b.p && put.len == b.len - added))
		abort();
	/* all between the frame's size and its checksum, but for the id */
	CHECK(memcmp(&put.p[8], &b.p[8], 112 - 8) == 0);
	CHECK(memcmp(&put.p[144], &b.p[144], put.len - 144 - 8) == 0);
	CHECK(got.message_len == 6 && !memcmp(got.message, want.message, 6));
	CHECK(memcmp(got.layers, want.layers, sizeof(got.layers)) == 0);
	hostile_damage(again_footer, &b, VECTOR_OFFSET);
	hostile_changes(again_footer, &b, VECTOR_OFFSET, 20000);
	for (size_t len = FRAME_OVERHEAD; len < put.len; len++)
		CHECK(hostile_try(again_footer, b.p, len, VECTOR_OFFSET,
				  true) == SHEAF_CORRUPT);
	for (size_t len = put.len; len < b.len; len++)
		CHECK(hostile_try(again_footer, b.p, len, VECTOR_OFFSET,
				  true) == SHEAF_OK);
	buf_done(&b);
	buf_done(&put);
}

static void test_footer_id_needs_a_whole_footer(void)
{
	struct buf b = { 0 };
	uint8_t id[SHA256_SIZE];

	vector_load("footer", &b);
	CHECK(footer_id(b.p, 151, no_id, id, NULL) == SHEAF_CORRUPT);
	CHECK(footer_id(b.p, 152, no_id, id, NULL) == SHEAF_OK);
	CHECK(footer_id(NULL, 0, no_id, id, NULL) == SHEAF_CORRUPT);
	buf_done(&b);
}

static void test_footer_of_newer_versions_unsupported(void)
{
	/* by the offsets in section 11 [S-32] */
	static const struct hostile_patch patches[] = {
		{ "version 2", 13, 1, "\2", SHEAF_UNSUPPORTED },
		{ "version 0", 13, 1, "\0", SHEAF_UNSUPPORTED },
		{ "unknown flag", 40, 1, "\x8", SHEAF_UNSUPPORTED },
		{ "unknown flag", 43, 1, "\x80", SHEAF_UNSUPPORTED },
		{ "unknown compatible flag", 44, 4, "\xff\xff\xff\xff",
		  SHEAF_OK },
		/* the place comes first [S-31] */
		{ "version 2 elsewhere", 13, 4, "\2\0\0\0", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("footer", &b);
	hostile_patches(again_footer, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_done(&b);
}

static enum sheaf_status taken(struct footer *f)
{
	struct buf b = { 0 };
	enum sheaf_status st;

	CHECK(footer_put(&b, f, no_id, NULL) == SHEAF_OK);
	st = hostile_try(again_footer, b.p, b.len, f->offset, false);
	buf_done(&b);
	return st;
}

/* one field of a later footer changed, and put back */
#define FIELD(name, value) offsetof(struct footer, name), value
static void test_footer_values_out_of_range_refused(void)
{
	static const struct {
		size_t field; /* of 8 bytes */
		uint64_t value;
		enum sheaf_status status;
	} cases[] = {
		{ FIELD(commit, 0), SHEAF_CORRUPT },
		{ FIELD(commit, 1), SHEAF_CORRUPT },
		{ FIELD(commit, 3), SHEAF_CORRUPT }, /* jumps to 0 */
		{ FIELD(commit, 5), SHEAF_CORRUPT }, /* jumps to 4 */
		{ FIELD(commit, UINT64_MAX - 1), SHEAF_OK },
		{ FIELD(previous, 0), SHEAF_CORRUPT },
		{ FIELD(previous, 800500), SHEAF_CORRUPT },
		{ FIELD(previous, 500000), SHEAF_CORRUPT }, /* the jump's */
		{ FIELD(jump, 0), SHEAF_CORRUPT },
		{ FIELD(jump, 800000), SHEAF_CORRUPT },
		{ FIELD(jump, 800001), SHEAF_CORRUPT },
		{ FIELD(start, 0), SHEAF_CORRUPT },
		{ FIELD(start, 800000), SHEAF_CORRUPT },
		{ FIELD(start, VECTOR_OFFSET + 1), SHEAF_CORRUPT },
		{ FIELD(live, 100), SHEAF_OK },
		{ FIELD(live, 101), SHEAF_CORRUPT },
		{ FIELD(new_records, 101), SHEAF_CORRUPT },
		{ FIELD(new_articles, 81), SHEAF_CORRUPT },
		{ FIELD(new_bytes, (UINT64_C(1) << 33) + 1), SHEAF_CORRUPT },
		{ FIELD(page_offset, 0), SHEAF_CORRUPT },
		{ FIELD(page_offset, 800499), SHEAF_CORRUPT },
		{ FIELD(page_offset, VECTOR_OFFSET), SHEAF_CORRUPT },
		{ FIELD(page_bytes, 0), SHEAF_CORRUPT },
		{ FIELD(page_bytes, 50000), SHEAF_OK },
		{ FIELD(page_bytes, 50001), SHEAF_CORRUPT },
		{ FIELD(page_bytes, UINT64_MAX), SHEAF_CORRUPT },
		{ FIELD(strings_offset, 0), SHEAF_CORRUPT },
		{ FIELD(strings_offset, VECTOR_OFFSET), SHEAF_CORRUPT },
		{ FIELD(strings_count, 0), SHEAF_CORRUPT },
		{ FIELD(strings_count, STRINGS_TOTAL), SHEAF_OK },
		{ FIELD(strings_count, STRINGS_TOTAL + 1), SHEAF_CORRUPT },
		{ FIELD(dictionary, VECTOR_OFFSET), SHEAF_CORRUPT },
		{ FIELD(dictionary, 0), SHEAF_OK },
		{ FIELD(removed, VECTOR_OFFSET), SHEAF_CORRUPT },
		{ FIELD(removed, 0), SHEAF_CORRUPT },
		{ FIELD(erased, 990001), SHEAF_CORRUPT }, /* no flag */
		{ FIELD(layers[0].last_commit, 0), SHEAF_CORRUPT },
		{ FIELD(layers[0].last_commit, 5), SHEAF_CORRUPT },
		{ FIELD(layers[1].last_commit, 6), SHEAF_OK },
		{ FIELD(layers[1].last_commit, 7), SHEAF_CORRUPT }, /* [S-22] */
		{ FIELD(layers[0].offset[0], 0), SHEAF_CORRUPT },
		{ FIELD(layers[0].offset[0], VECTOR_OFFSET), SHEAF_CORRUPT },
		{ FIELD(layers[0].offset[2], 5), SHEAF_CORRUPT },
		{ FIELD(layers[0].entries[0], 81), SHEAF_CORRUPT },
		{ FIELD(layers[0].entries[1], 101), SHEAF_CORRUPT },
		{ FIELD(layers[0].entries[1], 0), SHEAF_CORRUPT },
	};
	struct footer f;

	later_footer(&f);
	CHECK(taken(&f) == SHEAF_OK);
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		later_footer(&f);
		memcpy((uint8_t *)&f + cases[i].field, &cases[i].value, 8);
		if (!CHECK(taken(&f) == cases[i].status))
			printf("  case %zu\n", i);
	}
}

static void test_footer_of_first_commit_points_nowhere(void)
{
	struct footer f;

	first_footer(&f);
	f.previous = 5;
	CHECK(taken(&f) == SHEAF_CORRUPT);
	first_footer(&f);
	f.jump = 5;
	CHECK(taken(&f) == SHEAF_CORRUPT);
	first_footer(&f);
	f.start = 5;
	CHECK(taken(&f) == SHEAF_CORRUPT);
	first_footer(&f);
	f.incompatible = FLAG_REMOVED;
	CHECK(taken(&f) == SHEAF_CORRUPT);
	f.removed = 999999;
	CHECK(taken(&f) == SHEAF_OK);
	/* has its place in the format, but no reader yet */
	f.incompatible = FLAG_ERASED;
	CHECK(taken(&f) == SHEAF_UNSUPPORTED);
}

static void test_footer_layers_and_message_limits(void)
{
	struct footer f;
	struct buf b = { 0 };

	later_footer(&f);
	f.commit = UINT64_MAX - 1;
	f.layer_count = LAYERS_MAX;
	for (unsigned int i = 0; i < LAYERS_MAX; i++) {
		memset(&f.layers[i], 0, sizeof(f.layers[i]));
		f.layers[i].last_commit = UINT64_MAX - 20 + i;
	}
	f.message_len = MESSAGE_MAX;
	CHECK(taken(&f) == SHEAF_OK);
	f.layer_count = 0;
	CHECK(footer_put(&b, &f, no_id, NULL) == SHEAF_OK);
	/* the layers' number, behind it the message's length of 2 bytes */
	b.p[b.len - 8 - MESSAGE_MAX - 3] = LAYERS_MAX + 1;
	CHECK(hostile_try(again_footer, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_CORRUPT);
	b.p[b.len - 8 - MESSAGE_MAX - 3] = 0;
	CHECK(hostile_try(again_footer, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_OK);
	b.p[b.len - 8 - MESSAGE_MAX - 2]++;
	CHECK(hostile_try(again_footer, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_CORRUPT);
	b.p[b.len - 8 - MESSAGE_MAX - 2]--;
	/* room for what later versions add, but not without end */
	while (b.len < FOOTER_MAX)
		buf_u8(&b, 1);
	CHECK(hostile_try(again_footer, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_OK);
	buf_u8(&b, 1);
	CHECK(hostile_try(again_footer, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_CORRUPT);
	buf_done(&b);
}

/* [S-28] */
static void test_footer_jump_is_the_recursion(void)
{
	enum { MANY = 5000 };
	static uint64_t jump[MANY + 1];

	CHECK(footer_jump(0) == 0 && footer_jump(1) == 0);
	for (uint64_t k = 2; k <= MANY; k++) {
		uint64_t p = k - 1, j = jump[p];

		jump[k] = p - j == j - jump[j] ? jump[j] : p;
		CHECK(footer_jump(k) == jump[k]);
	}
	CHECK(footer_jump(UINT64_MAX) == 0);
	CHECK(footer_jump(UINT64_MAX - 1) == UINT64_MAX / 2);
}

static void test_footer_jumps_reach_any_commit_in_few_steps(void)
{
	uint64_t state = 3;

	for (int i = 0; i < 2000; i++) {
		uint64_t at = 1000000, to = 1 + hostile_random(&state) % at;
		unsigned int steps = 0;

		for (; at != to; steps++)
			at = footer_jump(at) >= to ? footer_jump(at) : at - 1;
		CHECK(steps <= 2 * 20 + 2);
	}
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(
			test_footer_of_first_commit_is_as_in_the_vector) },
		{ HARNESS_TEST(
			test_footer_with_all_fields_is_as_in_the_vector) },
		{ HARNESS_TEST(test_footer_id_needs_a_whole_footer) },
		{ HARNESS_TEST(test_footer_of_newer_versions_unsupported) },
		{ HARNESS_TEST(test_footer_values_out_of_range_refused) },
		{ HARNESS_TEST(test_footer_of_first_commit_points_nowhere) },
		{ HARNESS_TEST(test_footer_layers_and_message_limits) },
		{ HARNESS_TEST(test_footer_jump_is_the_recursion) },
		{ HARNESS_TEST(
			test_footer_jumps_reach_any_commit_in_few_steps) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
