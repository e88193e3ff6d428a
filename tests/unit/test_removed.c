/*
 * test_removed.c - the table of removed ids
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/removed.h"
#include "formats/sheaf/sync.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static void test_removed_is_as_in_the_vector(void)
{
	struct removed_id ids[2] = { { .commit = 4 }, { .commit = 300 } };
	struct removed r = { .ids = ids, .count = 2 }, got;
	struct buf b = { 0 };

	for (uint8_t i = 0; i < SHEAF_ID_SIZE; i++) {
		ids[0].id[i] = i;
		ids[1].id[i] = 0xff;
	}
	CHECK(removed_put(&b, &r, VECTOR_OFFSET, NULL) == SHEAF_OK);
	CHECK(vector_is("removed", &b));
	CHECK(removed_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(got.count == 2 && memcmp(got.ids, ids, sizeof(ids)) == 0);
	removed_done(&got);
	CHECK(got.ids == NULL);
	hostile_damage(again_removed, &b, VECTOR_OFFSET);
	hostile_lengths(again_removed, &b, VECTOR_OFFSET);
	hostile_changes(again_removed, &b, VECTOR_OFFSET, 20000);
	buf_done(&b);
}

static void test_removed_values_out_of_range_refused(void)
{
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "payload larger than its frame", 13, 2, "\1\x7f",
		  SHEAF_CORRUPT },
		{ "coding unknown", 13, 1, "\2", SHEAF_CORRUPT },
		{ "one id less than there are", 15, 1, "\1", SHEAF_CORRUPT },
		{ "one id more", 15, 1, "\3", SHEAF_CORRUPT },
		{ "commit 0", 32, 1, "\0", SHEAF_CORRUPT },
		{ "an id twice", 33, 16,
		  "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", SHEAF_CORRUPT },
		{ "ids out of order", 33, 2, "\0\0", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("removed", &b);
	hostile_patches(again_removed, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_done(&b);
}

/* [S-25] */
static void test_removed_found_as_of_its_commit(void)
{
	struct removed r, none = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	struct buf b = { 0 };

	vector_load("removed", &b);
	CHECK(removed_get(b.p, b.len, VECTOR_OFFSET, &r, NULL) == SHEAF_OK);
	memset(id, 0xff, sizeof(id));
	CHECK(removed_has(&r, id, 300) && removed_has(&r, id, UINT64_MAX));
	CHECK(!removed_has(&r, id, 299) && !removed_has(&none, id, 300));
	id[15] = 0xfe;
	CHECK(!removed_has(&r, id, 300));
	memset(id, 0, sizeof(id));
	CHECK(!removed_has(&r, id, 300));
	removed_done(&r);
	buf_done(&b);
}

static void test_removed_any_number_comes_back(void)
{
	enum { MANY = 3000 };
	struct removed_id *ids = calloc(MANY, sizeof(*ids));
	struct removed r = { .ids = ids };
	struct buf b = { 0 };

	if (!CHECK(ids != NULL))
		return;
	for (size_t i = 0; i < MANY; i++) {
		ids[i].id[0] = (uint8_t)(i >> 8);
		ids[i].id[1] = (uint8_t)i;
		ids[i].commit = 1 + i * i;
	}
	for (r.count = 0; r.count <= MANY; r.count += 300) {
		buf_clear(&b);
		CHECK(removed_put(&b, &r, VECTOR_OFFSET, NULL) == SHEAF_OK);
		CHECK(hostile_try(again_removed, b.p, b.len, VECTOR_OFFSET,
				  false) == SHEAF_OK);
	}
	buf_done(&b);
	free(ids);
}

/* ids that spell the sync pattern: within one, and across two [S-11] */
static void test_removed_pattern_in_ids_is_cut(void)
{
	static const uint8_t pattern[12] = {
		0x5a, 0x2a, 0x4d, 0x18, 1, 2, 3, 4, 0xf5, 0xc0, 0xfe, 0xc1
	};
	struct removed_id ids[3] = { { .commit = 1 },
				     { .commit = 2 },
				     { .commit = 3 } };
	struct removed r = { .ids = ids, .count = 3 }, got;
	struct buf b = { 0 };

	memcpy(ids[0].id + 2, pattern, sizeof(pattern));
	memset(ids[1].id, 0x10, SHEAF_ID_SIZE);
	memcpy(ids[1].id + 12, pattern, 4);
	memset(ids[2].id, 0x20, SHEAF_ID_SIZE); /* behind commit 2 */
	memcpy(ids[2].id + 3, pattern + 8, 4);
	CHECK(removed_put(&b, &r, VECTOR_OFFSET, NULL) == SHEAF_OK);
	CHECK(!sync_inside(b.p + 1, b.len - 1));
	CHECK(removed_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(removed_same(&got, &r));
	removed_done(&got);
	buf_done(&b);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_removed_is_as_in_the_vector) },
		{ HARNESS_TEST(test_removed_values_out_of_range_refused) },
		{ HARNESS_TEST(test_removed_found_as_of_its_commit) },
		{ HARNESS_TEST(test_removed_any_number_comes_back) },
		{ HARNESS_TEST(test_removed_pattern_in_ids_is_cut) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
