/*
 * test_bins.c - pages of an index in bins find what the pages find
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "hostile.h"
#include "read/bins.h"
#include "read/tail.h"

#define FRAME_AT ((uint64_t)1 << 40)

enum {
	P = 2,
	PAGES = 1 << P,
	ENTRIES = 3000,
	ASKED = 1000,
};

/* how the keys of a page are made */
enum kind {
	SPREAD,	 /* as hashes are */
	UNEVEN,	 /* half of them in few buckets */
	ONE,	 /* all in one bucket */
	REPEATED /* each key 5 times */
};

struct fixture {
	struct index_entry *entries;
	struct buf frame;
	struct index_page page;
	struct index_root root;
	uint64_t ends[PAGES + 1];
	struct bins *bins;
};

/* below 2^(48 - P), so that they are of page 0 */
static uint64_t key_make(enum kind kind, size_t i, uint64_t *state)
{
	uint64_t any = hostile_random(state) >> (64 - KEY_BITS + P);

	if (kind == UNEVEN && i % 2 != 0)
		return any % 12 << 38 | (any & 0xffffff);
	if (kind == ONE)
		return any & 0xffffff;
	if (kind == REPEATED)
		return (i / (BINS_SAME + 1)) * 1000003;
	return any;
}

/* @wide: how far offsets are apart */
static bool fixture_make(struct fixture *f, enum kind kind, size_t count,
			 uint64_t wide)
{
	const struct index_where where = { .which = INDEX_IDS, .p = P };
	uint64_t state = 7;

	memset(f, 0, sizeof(*f));
	f->entries = calloc(count + 1, sizeof(*f->entries));
	if (f->entries == NULL)
		return CHECK(false);
	for (size_t i = 0; i < count; i++) {
		f->entries[i].key = key_make(kind, i, &state);
		f->entries[i].offset = 1 + hostile_random(&state) % wide;
		f->entries[i].slot = (uint32_t)i & 63;
	}
	qsort(f->entries, count, sizeof(*f->entries), index_entry_compare);
	if (!CHECK(index_page_put(&f->frame, &where, f->entries, count,
				  FRAME_AT, NULL) == SHEAF_OK) ||
	    !CHECK(index_page_get(f->frame.p, f->frame.len, FRAME_AT, &f->page,
				  NULL) == SHEAF_OK))
		return false;
	for (size_t i = 0; i <= PAGES; i++)
		f->ends[i] = i * f->frame.len;
	f->root.p = P;
	f->root.pages = f->ends;
	f->bins = bins_new(&f->root);
	return CHECK(f->bins != NULL);
}

static void fixture_done(struct fixture *f)
{
	bins_free(f->bins);
	buf_done(&f->frame);
	free(f->entries);
}

/* the same entries, in the same order */
static bool finds_the_same(const struct fixture *f, uint64_t key)
{
	struct index_entry found[BINS_SAME], e;
	size_t n = bins_find(f->bins, 0, key, found);
	uint32_t first, end;

	index_page_find(&f->page, key, KEY_BITS, &first, &end);
	if (n != end - first || n > BINS_SAME)
		return false;
	for (size_t i = 0; i < n; i++) {
		index_page_found(&f->page, key, first + (uint32_t)i, &e);
		if (found[i].key != e.key || found[i].offset != e.offset ||
		    found[i].slot != e.slot)
			return false;
	}
	return true;
}

/* whether it went into bins; then every key is held against the page */
static bool page_check(enum kind kind, size_t count, uint64_t wide)
{
	struct fixture f;
	bool here = false;
	uint64_t state = 5;

	if (fixture_make(&f, kind, count, wide)) {
		CHECK(bins_state(f.bins, 0) == BINS_NONE);
		bins_put(f.bins, 0, &f.page, f.frame.len);
		here = bins_state(f.bins, 0) == BINS_HERE;
		CHECK(here || bins_state(f.bins, 0) == BINS_NEVER);
		CHECK(bins_state(f.bins, 1) == BINS_NONE);
		for (size_t i = 0; here && i < count; i++) {
			uint64_t key = f.entries[i].key;

			CHECK(finds_the_same(&f, key));
			CHECK(finds_the_same(&f, key ^ 1));
		}
		for (size_t i = 0; here && i < ASKED; i++) {
			uint64_t key =
				hostile_random(&state) >> (64 - KEY_BITS + P);

			bins_fetch(f.bins, 0, key);
			CHECK(finds_the_same(&f, key));
			/* as what is left of a bin, where nothing stands */
			CHECK(finds_the_same(&f, key >> f.page.f << f.page.f));
		}
	}
	fixture_done(&f);
	return here;
}

static void test_bins_find_what_the_page_finds(void)
{
	static const size_t counts[] = { 100, 700, 1999, ENTRIES, 4096 };

	for (size_t i = 0; i < HARNESS_COUNT(counts); i++) {
		CHECK(page_check(SPREAD, counts[i], UINT64_C(1) << 32));
		/* numbers in a table, in the page */
		CHECK(page_check(SPREAD, counts[i], 20));
	}
	CHECK(page_check(SPREAD, ENTRIES, FRAME_AT - 1));
}

static void test_bins_of_uneven_buckets_find_what_the_page_finds(void)
{
	CHECK(page_check(UNEVEN, ENTRIES, UINT64_C(1) << 32));
	CHECK(page_check(UNEVEN, 200, 1000));
}

static void test_bins_take_no_page_that_would_grow_or_repeats_keys(void)
{
	CHECK(!page_check(ONE, ENTRIES, UINT64_C(1) << 32));
	CHECK(!page_check(REPEATED, ENTRIES, UINT64_C(1) << 32));
	CHECK(!page_check(SPREAD, 0, 20));
}

/* as many pages as there are fit; none is put twice */
static void test_bins_have_room_for_all_pages(void)
{
	struct fixture f;
	struct index_entry found[BINS_SAME];

	if (fixture_make(&f, SPREAD, ENTRIES, UINT64_C(1) << 32))
		for (size_t i = 0; i < PAGES; i++) {
			bins_put(f.bins, i, &f.page, f.frame.len);
			CHECK(bins_state(f.bins, i) == BINS_HERE);
			bins_put(f.bins, i, &f.page, f.frame.len);
			CHECK(bins_find(f.bins, i, f.entries[9].key, found) ==
			      1);
		}
	fixture_done(&f);
}

/* a page that stands alone is small */
static void test_bins_of_one_page_are_not_made(void)
{
	uint64_t ends[2] = { 100, 200 };
	struct index_root root = { .pages = ends };

	CHECK(bins_new(&root) == NULL);
	bins_free(NULL);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_bins_find_what_the_page_finds) },
		{ HARNESS_TEST(
			test_bins_of_uneven_buckets_find_what_the_page_finds) },
		{ HARNESS_TEST(
			test_bins_take_no_page_that_would_grow_or_repeats_keys) },
		{ HARNESS_TEST(test_bins_have_room_for_all_pages) },
		{ HARNESS_TEST(test_bins_of_one_page_are_not_made) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
