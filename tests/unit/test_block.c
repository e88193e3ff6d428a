/*
 * test_block.c - block headers
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/block.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static void test_block_without_parent_is_as_in_the_vector(void)
{
	uint32_t lengths[] = { 200, 0, 4800 };
	uint32_t seeds[] = { 0, 0, 0 };
	struct block_head h = { .commit = 7,
				.first = 300,
				.packed = 1234,
				.plain = 5000,
				.parent = BLOCK_NO_PARENT,
				.count = 3,
				.lengths = lengths };
	struct block_head got;
	struct buf b = { 0 }, v = { 0 };

	block_put(&b, &h, VECTOR_OFFSET);
	CHECK(vector_is("block", &b));
	buf_clear(&b);
	h.seeds = seeds; /* all 0: written without */
	block_put(&b, &h, VECTOR_OFFSET);
	CHECK(vector_is("block", &b));
	h.seeds = NULL;
	vector_load("block", &v);
	CHECK(block_get(v.p, v.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(block_same(&h, &got));
	block_done(&got);
	CHECK(got.lengths == NULL);
	hostile_damage(again_block, &v, VECTOR_OFFSET);
	hostile_lengths(again_block, &v, VECTOR_OFFSET);
	hostile_changes(again_block, &v, VECTOR_OFFSET, 20000);
	buf_done(&b);
	buf_done(&v);
}

static void test_block_dictionary_is_as_in_the_vector(void)
{
	uint32_t lengths[] = { 640 };
	struct block_head h = { .is_dictionary = true,
				.commit = 1,
				.packed = 70000,
				.plain = 112640,
				.lead = 112000,
				.parent = BLOCK_NO_PARENT,
				.count = 1,
				.lengths = lengths };
	struct block_head got;
	struct buf b = { 0 };

	block_put(&b, &h, VECTOR_OFFSET);
	CHECK(vector_is("block-dictionary", &b));
	CHECK(block_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(block_same(&h, &got));
	hostile_damage(again_block, &b, VECTOR_OFFSET);
	hostile_lengths(again_block, &b, VECTOR_OFFSET);
	hostile_changes(again_block, &b, VECTOR_OFFSET, 20000);
	block_done(&got);
	buf_done(&b);
}

static void test_block_revision_is_as_in_the_vector(void)
{
	uint32_t lengths[] = { 4000, 5000 };
	uint32_t seeds[] = { 0, 1 };
	struct block_head h = { .commit = 2,
				.packed = 150,
				.plain = 9000,
				.parent = 4321,
				.count = 2,
				.lengths = lengths,
				.seeds = seeds };
	struct block_head got;
	struct buf b = { 0 };

	block_put(&b, &h, VECTOR_OFFSET);
	CHECK(vector_is("block-revision", &b));
	CHECK(block_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(block_same(&h, &got));
	hostile_damage(again_block, &b, VECTOR_OFFSET);
	hostile_lengths(again_block, &b, VECTOR_OFFSET);
	hostile_changes(again_block, &b, VECTOR_OFFSET, 20000);
	block_done(&got);
	buf_done(&b);
}

/* by the offsets in the vectors */
static void test_block_values_out_of_range_refused(void)
{
	static const struct hostile_patch plain[] = {
		{ "unknown flag", 13, 1, "\x08", SHEAF_CORRUPT },
		{ "dictionary that is cut short", 13, 1, "\x01",
		  SHEAF_CORRUPT },
		{ "commit 0", 14, 1, "\0", SHEAF_CORRUPT },
		{ "varint not minimal [S-1]", 14, 2, "\x87\0", SHEAF_CORRUPT },
		{ "packed 0", 17, 2, "\x80\0", SHEAF_CORRUPT },
		{ "plain that is not the sum [S-13]", 19, 1, "\x89",
		  SHEAF_CORRUPT },
		{ "no articles, no dictionary", 21, 1, "\0", SHEAF_CORRUPT },
		{ "too few articles", 21, 1, "\2", SHEAF_CORRUPT },
		{ "too many articles", 21, 1, "\x7f", SHEAF_CORRUPT },
	};
	static const struct hostile_patch dictionary[] = {
		{ "a parent too [S-14]", 13, 1, "\3", SHEAF_CORRUPT },
		{ "lead more than plain", 22, 3, "\x81\xf0\x06",
		  SHEAF_CORRUPT },
	};
	static const struct hostile_patch revision[] = {
		/* 1,000,000 back is the description, more is before it */
		{ "parent at 0 [S-14]", 20, 3, "\xc0\x84\x3d", SHEAF_CORRUPT },
		{ "parent before the file", 20, 3, "\xc1\x84\x3d",
		  SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("block", &b);
	hostile_patches(again_block, &b, VECTOR_OFFSET, plain,
			HARNESS_COUNT(plain));
	buf_done(&b);
	vector_load("block-dictionary", &b);
	hostile_patches(again_block, &b, VECTOR_OFFSET, dictionary,
			HARNESS_COUNT(dictionary));
	buf_done(&b);
	vector_load("block-revision", &b);
	hostile_patches(again_block, &b, VECTOR_OFFSET, revision,
			HARNESS_COUNT(revision));
	buf_done(&b);
}

/* as put would write them, were it not for its caller */
static enum sheaf_status taken(const struct block_head *h)
{
	struct buf b = { 0 };
	enum sheaf_status st;

	block_put(&b, h, VECTOR_OFFSET);
	st = hostile_try(again_block, b.p, b.len, VECTOR_OFFSET, false);
	buf_done(&b);
	return st;
}

static void test_block_limits_taken_and_more_refused(void)
{
	uint32_t *lengths = calloc(ARTICLES_MAX + 1, sizeof(*lengths));
	uint32_t *seeds = calloc(ARTICLES_MAX + 1, sizeof(*seeds));
	struct block_head h = { .commit = UINT64_MAX,
				.first = UINT64_MAX - 1,
				.packed = PACKED_MAX,
				.plain = BLOCK_MAX,
				.parent = VECTOR_OFFSET - 1,
				.count = 1,
				.lengths = lengths,
				.seeds = seeds };

	if (!CHECK(lengths && seeds))
		abort();
	lengths[0] = BLOCK_MAX;
	seeds[0] = SEED_MAX;
	CHECK(taken(&h) == SHEAF_OK);
	h.packed++;
	CHECK(taken(&h) == SHEAF_CORRUPT);
	h.packed--;
	h.plain++;
	lengths[0]++;
	CHECK(taken(&h) == SHEAF_CORRUPT);
	h.plain--;
	lengths[0]--;
	seeds[0]++;
	CHECK(taken(&h) == SHEAF_CORRUPT);
	seeds[0]--; /* [S-16] */
	h.count = 2;
	CHECK(taken(&h) == SHEAF_CORRUPT); /* first + count */
	h.first = 0;
	h.count = ARTICLES_MAX;
	CHECK(taken(&h) == SHEAF_OK);
	h.count++;
	CHECK(taken(&h) == SHEAF_CORRUPT);
	h.count = 0;
	h.plain = h.lead = 100;
	h.parent = BLOCK_NO_PARENT;
	h.is_dictionary = true;
	CHECK(taken(&h) == SHEAF_OK);
	free(lengths);
	free(seeds);
}

static void test_block_that_is_its_own_parent_refused(void)
{
	struct buf b = { 0 };
	size_t start = frame_begin(&b, FRAME_BLOCK);

	buf_u8(&b, 2);
	for (uint64_t i = 1; i <= 3; i++)
		buf_varint(&b, i); /* commit, first, packed */
	buf_varint(&b, 0);
	buf_varint(&b, 0); /* parent [S-14] */
	buf_varint(&b, 1);
	buf_varint(&b, 0);
	frame_end(&b, start, VECTOR_OFFSET);
	CHECK(hostile_try(again_block, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT);
	b.p[18] = 1;
	CHECK(hostile_try(again_block, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_OK);
	buf_done(&b);
}

/* a header of few bytes that claims many articles is refused as it is read */
static void test_block_count_beyond_the_bytes_refused(void)
{
	struct buf b = { 0 };
	size_t start = frame_begin(&b, FRAME_BLOCK);

	buf_u8(&b, 0);
	buf_varint(&b, 1);
	buf_varint(&b, 0);
	buf_varint(&b, 1);
	buf_varint(&b, 0);
	buf_varint(&b, ARTICLES_MAX);
	frame_end(&b, start, VECTOR_OFFSET);
	CHECK(hostile_try(again_block, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT);
	buf_done(&b);
}

static void test_block_any_head_comes_back(void)
{
	uint64_t state = 42;
	uint32_t lengths[40], seeds[40];

	for (int i = 0; i < 2000; i++) {
		struct block_head h = {
			.commit = 1 + hostile_random(&state),
			.packed = 1 + hostile_random(&state) % PACKED_MAX,
			.parent = BLOCK_NO_PARENT,
			.count = (uint32_t)(1 + hostile_random(&state) % 40),
			.lengths = lengths
		};

		h.first = hostile_random(&state) >> (1 + i % 60);
		h.is_dictionary = i % 3 == 0;
		if (h.is_dictionary)
			h.plain = h.lead = hostile_random(&state) % 10000;
		else if (i % 3 == 1)
			h.parent = 1 + hostile_random(&state) % 999999;
		for (uint32_t k = 0; k < h.count; k++) {
			lengths[k] = (uint32_t)(hostile_random(&state) >>
						(44 + i % 20));
			h.plain += lengths[k];
			seeds[k] = hostile_random(&state) % 9 ? 0 : k;
		}
		h.seeds = i % 2 ? seeds : NULL;
		if (h.commit == 0)
			h.commit = 1;
		CHECK(taken(&h) == SHEAF_OK);
	}
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_block_without_parent_is_as_in_the_vector) },
		{ HARNESS_TEST(test_block_dictionary_is_as_in_the_vector) },
		{ HARNESS_TEST(test_block_revision_is_as_in_the_vector) },
		{ HARNESS_TEST(test_block_values_out_of_range_refused) },
		{ HARNESS_TEST(test_block_limits_taken_and_more_refused) },
		{ HARNESS_TEST(test_block_that_is_its_own_parent_refused) },
		{ HARNESS_TEST(test_block_count_beyond_the_bytes_refused) },
		{ HARNESS_TEST(test_block_any_head_comes_back) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
