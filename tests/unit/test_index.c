/*
 * test_index.c - index pages and roots
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/index.h"
#include "harness.h"
#include "hostile.h"
#include "read/tail.h"
#include "vector.h"

static enum sheaf_status page_put(struct buf *b, enum index_which which,
				  unsigned int p, uint64_t page,
				  const struct index_entry *entries,
				  size_t count, uint64_t offset,
				  struct sheaf_error *err)
{
	const struct index_where where = { .which = which,
					   .p = p,
					   .page = page };

	return index_page_put(b, &where, entries, count, offset, err);
}

static void root_put(struct buf *b, enum index_which which, unsigned int p,
		     const uint64_t *pages, uint64_t offset)
{
	const struct index_where where = { .which = which, .p = p };

	index_root_put(b, &where, pages, offset);
}

static bool entry_is(const struct index_page *page, uint32_t i, uint64_t key,
		     uint64_t offset, uint32_t slot)
{
	struct index_entry e;

	index_page_entry(page, i, &e);
	return e.key == key && e.offset == offset && e.slot == slot;
}

static bool finds(const struct index_page *page, uint64_t key,
		  unsigned int bits, uint32_t first, uint32_t end)
{
	uint32_t from, to;

	index_page_find(page, key, bits, &from, &to);
	return to - from == end - first && (from == first || from == to);
}

static void test_index_page_of_ids_is_as_in_the_vector(void)
{
	const struct index_entry entries[] = {
		{ 0x800000000000, 6000, 2 },
		{ 0xC00000000001, 5000, 3 },
		{ 0xC00000000001, 5900, 0 },
	};
	struct index_page page;
	struct buf b = { 0 };

	CHECK(page_put(&b, INDEX_IDS, 1, 1, entries, 3, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	CHECK(vector_is("index", &b));
	CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
	      SHEAF_OK);
	CHECK(page.which == INDEX_IDS && page.p == 1 && page.page == 1 &&
	      page.count == 3);
	CHECK(entry_is(&page, 0, 0x800000000000, 6000, 2)); /* [S-24] */
	CHECK(entry_is(&page, 1, 0xC00000000001, 5000, 3));
	CHECK(entry_is(&page, 2, 0xC00000000001, 5900, 0));
	CHECK(finds(&page, 0x800000000000, 48, 0, 1));
	CHECK(finds(&page, 0xC00000000001, 48, 1, 3));
	CHECK(finds(&page, 0xC00000000000, 48, 1, 1));
	CHECK(finds(&page, 0xC00000000002, 48, 3, 3));
	CHECK(finds(&page, 0xC00000000002, 47, 3, 3));
	CHECK(finds(&page, 0xC00000000000, 47, 1, 3));
	CHECK(finds(&page, 0x800000000000, 2, 0, 1));
	CHECK(finds(&page, 0xFFFFFFFFFFFF, 2, 1, 3));
	CHECK(finds(&page, 0x800000000000, 1, 0, 3));
	CHECK(finds(&page, 0, 0, 0, 3));
	hostile_damage(again_index, &b, VECTOR_OFFSET);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 30000);
	buf_done(&b);
}

static void test_index_page_of_names_is_as_in_the_vector(void)
{
	const struct index_entry entry = { 0x12345678ffff, 777777, 300 };
	struct index_page page;
	struct buf b = { 0 };

	CHECK(page_put(&b, INDEX_NAMES, 0, 0, &entry, 1, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	CHECK(vector_is("index-names", &b));
	CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
	      SHEAF_OK);
	CHECK(entry_is(&page, 0, 0x123456700000, 777777, 300));
	CHECK(finds(&page, 0x12345678ffff, 48, 0, 1));
	CHECK(finds(&page, 0x123456700000, 48, 0, 1));
	CHECK(finds(&page, 0x1234568fffff, 48, 1, 1));
	CHECK(finds(&page, 0x1234568fffff, 28, 1, 1));
	CHECK(finds(&page, 0x1234568fffff, 24, 0, 1));
	hostile_damage(again_index, &b, VECTOR_OFFSET);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 10000);
	memcpy(b.p + 21, "\xc1\x84\x3d", 3); /* a record page behind it */
	CHECK(hostile_try(again_index, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_CORRUPT);
	memcpy(b.p + 21, "\xb1\xbc\x2f", 3);
	CHECK(hostile_try(again_index, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_OK);
	b.p[17] = 26; /* f: of 28 bits, 27 are left by b */
	CHECK(hostile_try(again_index, b.p, b.len, VECTOR_OFFSET, true) ==
	      SHEAF_CORRUPT);
	buf_done(&b);
}

static void test_index_page_with_a_table_is_as_in_the_vector(void)
{
	static const struct index_entry entries[] = {
		{ 0x000010000000, 5000, 7 },   { 0x000010000000, 900000, 0 },
		{ 0x500000000000, 900000, 2 }, { 0x900000000000, 5000, 1 },
		{ 0x900000100000, 900000, 3 }, { 0xf00000000000, 5000, 0 },
	};
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "no root to have numbers in", 20, 1, "\2", SHEAF_CORRUPT },
		{ "a base beside the table's", 21, 1, "\1", SHEAF_CORRUPT },
		{ "numbers of 21 bits", 18, 1, "\x15", SHEAF_CORRUPT },
		{ "no table", 24, 1, "\0", SHEAF_CORRUPT },
		{ "a table of more", 24, 1, "\3", SHEAF_CORRUPT },
		{ "a number beyond the table", 24, 1, "\1", SHEAF_CORRUPT },
		{ "offsets of 49 bits", 27, 1, "\x31", SHEAF_CORRUPT },
		{ "the table descends", 28, 5, "\1\0\0\0\0", SHEAF_CORRUPT },
		{ "an offset twice", 28, 5, "\0\0\0\0\0", SHEAF_CORRUPT },
		{ "an offset behind the index", 28, 5, "\0\0\xf0\xff\xff",
		  SHEAF_CORRUPT },
	};
	struct index_page page;
	struct buf b = { 0 };

	CHECK(page_put(&b, INDEX_NAMES, 0, 0, entries, 6, VECTOR_OFFSET,
		       NULL) == SHEAF_OK);
	CHECK(vector_is("index-own", &b));
	CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
	      SHEAF_OK);
	CHECK(page.way == WAY_OWN && page.offsets.count == 2);
	for (uint32_t i = 0; i < 6; i++)
		CHECK(entry_is(&page, i, entries[i].key, entries[i].offset,
			       entries[i].slot));
	hostile_damage(again_index, &b, VECTOR_OFFSET);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 30000);
	hostile_patches(again_index, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_done(&b);
}

/* the root's table, and a page of numbers in it */
static void test_index_root_with_a_table_is_as_in_the_vector(void)
{
	static const uint64_t pages[] = { 900000, 900100, 900300 };
	static const uint64_t offsets[] = { 5000, 6000, 700000 };
	static const struct index_entry entries[] = {
		{ 0xc00000000000, 5000, 1 },
		{ 0xe00000000000, 700000, 0 },
	};
	struct index_where where = { INDEX_NAMES, 1, 1, offsets, 3 };
	struct index_page page;
	struct index_root root;
	struct buf r = { 0 }, b = { 0 };

	index_root_put(&r, &where, pages, VECTOR_OFFSET);
	CHECK(vector_is("index-root-offsets", &r));
	CHECK(index_page_put(&b, &where, entries, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	CHECK(vector_is("index-numbers", &b));
	CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
	      SHEAF_OK);
	CHECK(page.way == WAY_ROOT);
	CHECK(index_root_get(r.p, r.len, VECTOR_OFFSET, &root, NULL) ==
	      SHEAF_OK);
	CHECK(index_page_bind(&page, &root, VECTOR_OFFSET, NULL) == SHEAF_OK);
	CHECK(entry_is(&page, 0, 0xc00000000000, 5000, 1));
	CHECK(entry_is(&page, 1, 0xe00000000000, 700000, 0));
	root.offsets.count = 2; /* as if it had the first two only */
	CHECK(index_page_bind(&page, &root, VECTOR_OFFSET, NULL) ==
	      SHEAF_CORRUPT);
	index_root_done(&root);
	where.offset_count = 2;
	b.len = 0;
	CHECK(index_page_put(&b, &where, entries, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_MISUSE);
	vector_load("index-numbers", &b);
	hostile_damage(again_root, &r, VECTOR_OFFSET);
	hostile_lengths(again_root, &r, VECTOR_OFFSET);
	hostile_changes(again_root, &r, VECTOR_OFFSET, 30000);
	hostile_damage(again_index, &b, VECTOR_OFFSET);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 30000);
	buf_done(&r);
	buf_done(&b);
}

static void test_index_page_without_entries_is_as_in_the_vector(void)
{
	struct index_page page;
	struct buf b = { 0 };

	CHECK(page_put(&b, INDEX_URLS, 0, 0, NULL, 0, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	CHECK(vector_is("index-empty", &b));
	CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
	      SHEAF_OK);
	CHECK(page.count == 0 && finds(&page, 1, 48, 0, 0) &&
	      finds(&page, 1, 0, 0, 0));
	hostile_damage(again_index, &b, VECTOR_OFFSET);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 10000);
	buf_done(&b);
}

/* late blocks lie behind a witness of them */
static void test_index_page_of_blocks_behind_it(void)
{
	const struct index_entry e[] = {
		{ 0x100000000001, VECTOR_OFFSET + 5000, 3 },
		{ 0x200000000001, FILE_MAX - 1, 0 },
		{ 0x300000000001, FILE_MAX, 0 },
	};
	struct index_page page;
	struct buf b = { 0 };

	for (uint32_t n = 1; n <= 3; n++) {
		buf_clear(&b);
		CHECK(page_put(&b, INDEX_IDS, 0, 0, e, n, VECTOR_OFFSET,
			       NULL) == SHEAF_OK);
		CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
		      (n < 3 ? SHEAF_OK : SHEAF_CORRUPT));
		CHECK(n == 3 || entry_is(&page, n - 1, e[n - 1].key,
					 e[n - 1].offset, e[n - 1].slot));
	}
	buf_done(&b);
}

static void test_index_page_values_out_of_range_refused(void)
{
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "unknown index", 13, 1, "\3", SHEAF_CORRUPT },
		{ "p is 25", 14, 1, "\x19", SHEAF_CORRUPT },
		{ "page beyond p", 15, 1, "\2", SHEAF_CORRUPT },
		{ "b is 25", 16, 1, "\x19", SHEAF_CORRUPT },
		{ "p and b leave no f", 14, 4, "\x18\1\x18\1", SHEAF_CORRUPT },
		{ "f is 0", 17, 1, "\0", SHEAF_CORRUPT },
		{ "f is not all that is left", 17, 1, "\x2d", SHEAF_CORRUPT },
		{ "f is more than is left", 17, 1, "\x2f", SHEAF_CORRUPT },
		{ "o is 49", 18, 2, "\x31\0", SHEAF_CORRUPT },
		{ "s is 17", 18, 2, "\0\x11", SHEAF_CORRUPT },
		{ "o + s is 57", 18, 2, "\x2a\x0f", SHEAF_CORRUPT },
		{ "an unknown way", 20, 1, "\3", SHEAF_CORRUPT },
		{ "numbers, but a base", 20, 1, "\2", SHEAF_CORRUPT },
		{ "count is less", 23, 1, "\2", SHEAF_CORRUPT },
		{ "count is more", 23, 1, "\4", SHEAF_CORRUPT },
		{ "e is 0", 24, 1, "\0", SHEAF_CORRUPT },
		{ "e is 25", 24, 1, "\x19", SHEAF_CORRUPT },
		{ "all in the first bucket", 25, 1, "\x0f", SHEAF_OK },
		{ "buckets descend", 25, 1, "\x07", SHEAF_CORRUPT },
		{ "not all are in buckets", 25, 1, "\x09", SHEAF_CORRUPT },
		{ "bits behind the ends", 25, 1, "\x1d", SHEAF_CORRUPT },
		{ "fingerprints descend", 31, 1, "\x80", SHEAF_CORRUPT },
		{ "bits behind the fingerprints", 43, 1, "\4", SHEAF_CORRUPT },
		{ "values descend", 46, 1, "\xff", SHEAF_CORRUPT },
		{ "an entry twice [S-24]", 44, 5, "\0\x30\0\x03\0",
		  SHEAF_CORRUPT },
		{ "bits behind the values", 48, 1, "\x1e", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("index", &b);
	hostile_patches(again_index, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_done(&b);
}

/* sorted, all different; keys of page 0 of p bits, some of them alike */
static struct index_entry *entries_new(size_t count, unsigned int p,
				       uint64_t spread)
{
	struct index_entry *e = calloc(count + 1, sizeof(*e));
	uint64_t state = 99, x;

	for (size_t i = 0; e && i < count; i++) {
		x = hostile_random(&state);
		e[i].key =
			(hostile_random(&state) >> 16 >> p) / spread * spread;
		e[i].offset = 1 + (x & 0xffff) * 15;
		e[i].slot = (uint32_t)i & 0xffff;
	}
	if (e)
		qsort(e, count, sizeof(*e), index_entry_compare);
	return e;
}

/* every entry of the page is found, by all of its key and by parts of it */
static void page_check(enum index_which which, unsigned int p,
		       const struct index_entry *e, uint32_t count)
{
	uint64_t mask = UINT64_MAX << (KEY_BITS - INDEX_STORED_BITS(which));
	struct index_page page;
	struct buf b = { 0 };
	uint32_t first, end;

	CHECK(page_put(&b, which, p, 0, e, count, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	if (!CHECK(index_page_get(b.p, b.len, VECTOR_OFFSET, &page, NULL) ==
		   SHEAF_OK))
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t same = 0, found = 0;

		index_page_find(&page, e[i].key, KEY_BITS, &first, &end);
		for (uint32_t k = first; k < end; k++)
			found += entry_is(&page, k, e[i].key & mask,
					  e[i].offset, e[i].slot);
		CHECK(found == 1);
		while (i + same < count &&
		       (e[i + same].key & mask) == (e[i].key & mask))
			same++;
		if (i == 0 || (e[i - 1].key & mask) != (e[i].key & mask))
			CHECK(end - first == same);
	}
	for (unsigned int bits = 0; bits <= KEY_BITS; bits++) {
		uint64_t any = (UINT64_C(1) << (KEY_BITS - bits)) - 1;
		uint64_t key = count ? e[count / 2].key : 77;
		uint32_t from = 0, to;

		while (from < count &&
		       (e[from].key & mask) < (key & ~any & mask))
			from++;
		to = from;
		while (to < count && (e[to].key & mask) <= (key | any))
			to++;
		if (bits > p || bits == 0)
			CHECK(finds(&page, key, bits, from, to));
	}
	CHECK(hostile_try(again_index, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_OK);
	buf_done(&b);
}

static void test_index_page_finds_all_that_was_put(void)
{
	static const uint32_t counts[] = { 0, 1, 2, 3, 7, 64, 255, 256, 5000 };
	static const unsigned int ps[] = { 0, 1, 7, 24 };

	for (size_t i = 0; i < HARNESS_COUNT(counts); i++)
		for (size_t k = 0; k < HARNESS_COUNT(ps); k++) {
			struct index_entry *e =
				entries_new(counts[i], ps[k], 1);

			if (!CHECK(e != NULL))
				return;
			page_check(INDEX_IDS, ps[k], e, counts[i]);
			page_check(INDEX_URLS, ps[k], e, counts[i]);
			free(e);
		}
}

/* keys that agree in most bits, and keys that are all the same */
static void test_index_page_of_alike_keys_finds_all(void)
{
	struct index_entry *e = entries_new(3000, 0, UINT64_C(1) << 41);

	if (!CHECK(e != NULL))
		return;
	page_check(INDEX_IDS, 0, e, 3000);
	page_check(INDEX_NAMES, 0, e, 3000);
	for (uint32_t i = 0; i < 3000; i++)
		e[i] = (struct index_entry){ 5, 10 + i, i };
	page_check(INDEX_IDS, 0, e, 3000);
	page_check(INDEX_NAMES, 0, e, 3000);
	free(e);
}

static void test_index_page_put_refuses_what_it_cannot_hold(void)
{
	struct index_entry e[2] = { { 1, 5, 0 }, { 1, 5, 0 } };
	struct buf b = { 0 };
	struct index_entry *many = calloc(ENTRIES_MAX + 1, sizeof(*many));

	CHECK(page_put(&b, INDEX_IDS, 0, 0, e, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_MISUSE); /* twice */
	e[1].key = 0;
	CHECK(page_put(&b, INDEX_IDS, 0, 0, e, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_MISUSE); /* out of order */
	e[1].key = UINT64_C(1) << 47;
	CHECK(page_put(&b, INDEX_IDS, 1, 0, e, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_MISUSE); /* of another page */
	e[1].slot = 65536;
	CHECK(page_put(&b, INDEX_IDS, 0, 0, e, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_LIMIT);
	e[1].slot = 65535;
	e[1].offset = FILE_MAX + 1;
	CHECK(page_put(&b, INDEX_IDS, 0, 0, e, 2, VECTOR_OFFSET, NULL) ==
	      SHEAF_LIMIT);
	if (CHECK(many != NULL)) {
		for (size_t i = 0; i <= ENTRIES_MAX; i++)
			many[i] = (struct index_entry){ i, 1, 0 };
		CHECK(page_put(&b, INDEX_IDS, 0, 0, many, ENTRIES_MAX + 1,
			       VECTOR_OFFSET, NULL) == SHEAF_LIMIT);
		CHECK(b.len == 0);
		CHECK(page_put(&b, INDEX_IDS, 0, 0, many, ENTRIES_MAX,
			       VECTOR_OFFSET, NULL) == SHEAF_OK);
		CHECK(b.len <= INDEX_PAGE_MAX);
		CHECK(hostile_try(again_index, b.p, b.len, VECTOR_OFFSET,
				  false) == SHEAF_OK);
	}
	free(many);
	buf_done(&b);
}

static void test_index_page_changed_at_random_refused_or_within_limits(void)
{
	struct index_entry *e = entries_new(300, 0, 1);
	struct buf b = { 0 };

	if (!CHECK(e != NULL))
		return;
	CHECK(page_put(&b, INDEX_NAMES, 0, 0, e, 300, VECTOR_OFFSET, NULL) ==
	      SHEAF_OK);
	hostile_lengths(again_index, &b, VECTOR_OFFSET);
	hostile_changes(again_index, &b, VECTOR_OFFSET, 10000);
	buf_done(&b);
	free(e);
}

static void test_index_root_is_as_in_the_vector(void)
{
	const uint64_t offsets[] = { 900000, 900021, 901021, 966557, 966857 };
	struct index_root root;
	struct buf b = { 0 };

	root_put(&b, INDEX_URLS, 2, offsets, VECTOR_OFFSET);
	CHECK(vector_is("index-root", &b));
	CHECK(index_root_get(b.p, b.len, VECTOR_OFFSET, &root, NULL) ==
	      SHEAF_OK);
	CHECK(root.which == INDEX_URLS && root.p == 2);
	CHECK(memcmp(root.pages, offsets, sizeof(offsets)) == 0);
	index_root_done(&root);
	CHECK(root.pages == NULL);
	hostile_damage(again_root, &b, VECTOR_OFFSET);
	hostile_lengths(again_root, &b, VECTOR_OFFSET);
	hostile_changes(again_root, &b, VECTOR_OFFSET, 10000);
	buf_done(&b);
}

static void test_index_root_values_out_of_range_refused(void)
{
	/* by the offsets in the vector */
	static const struct hostile_patch patches[] = {
		{ "unknown index", 13, 1, "\3", SHEAF_CORRUPT },
		{ "p is 0", 14, 1, "\0", SHEAF_CORRUPT },
		{ "p is 25", 14, 1, "\x19", SHEAF_CORRUPT },
		{ "p is 24, of a few bytes", 14, 1, "\x18", SHEAF_CORRUPT },
		{ "page at 0", 15, 3, "\x80\x80\0", SHEAF_CORRUPT },
		{ "page of 20 bytes", 18, 1, "\x14", SHEAF_CORRUPT },
		{ "a table that is not there", 26, 1, "\1", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };
	uint64_t offsets[] = { 1, 22, 23 + INDEX_PAGE_MAX };

	vector_load("index-root", &b);
	hostile_patches(again_root, &b, VECTOR_OFFSET, patches,
			HARNESS_COUNT(patches));
	buf_clear(&b);
	root_put(&b, INDEX_IDS, 1, offsets, VECTOR_OFFSET);
	CHECK(hostile_try(again_root, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT);
	buf_clear(&b);
	offsets[2]--;
	root_put(&b, INDEX_IDS, 1, offsets, VECTOR_OFFSET);
	CHECK(hostile_try(again_root, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_OK);
	for (size_t i = 0; i < 3; i++)
		offsets[i] += FILE_MAX - INDEX_PAGE_MAX;
	buf_clear(&b);
	root_put(&b, INDEX_IDS, 1, offsets, VECTOR_OFFSET);
	CHECK(hostile_try(again_root, b.p, b.len, VECTOR_OFFSET, false) ==
	      SHEAF_CORRUPT);
	buf_done(&b);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_index_page_of_ids_is_as_in_the_vector) },
		{ HARNESS_TEST(test_index_page_of_names_is_as_in_the_vector) },
		{ HARNESS_TEST(
			test_index_page_with_a_table_is_as_in_the_vector) },
		{ HARNESS_TEST(
			test_index_root_with_a_table_is_as_in_the_vector) },
		{ HARNESS_TEST(
			test_index_page_without_entries_is_as_in_the_vector) },
		{ HARNESS_TEST(test_index_page_of_blocks_behind_it) },
		{ HARNESS_TEST(test_index_page_values_out_of_range_refused) },
		{ HARNESS_TEST(test_index_page_finds_all_that_was_put) },
		{ HARNESS_TEST(test_index_page_of_alike_keys_finds_all) },
		{ HARNESS_TEST(
			test_index_page_put_refuses_what_it_cannot_hold) },
		{ HARNESS_TEST(
			test_index_page_changed_at_random_refused_or_within_limits) },
		{ HARNESS_TEST(test_index_root_is_as_in_the_vector) },
		{ HARNESS_TEST(test_index_root_values_out_of_range_refused) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
