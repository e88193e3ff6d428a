/*
 * test_strings.c - pages of strings
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "formats/sheaf/strings.h"
#include "harness.h"
#include "hostile.h"
#include "vector.h"

static void vector_check(const char *name, const struct strings_page *want)
{
	struct strings_page got;
	struct buf b = { 0 };

	CHECK(strings_put(&b, want, VECTOR_OFFSET, 0, NULL) == SHEAF_OK);
	CHECK(vector_is(name, &b));
	CHECK(strings_get(b.p, b.len, VECTOR_OFFSET, &got, NULL) == SHEAF_OK);
	CHECK(strings_same(want, &got));
	strings_done(&got);
	CHECK(got.strings == NULL && got.bytes.p == NULL);
	hostile_damage(again_strings, &b, VECTOR_OFFSET);
	hostile_lengths(again_strings, &b, VECTOR_OFFSET);
	hostile_changes(again_strings, &b, VECTOR_OFFSET, 20000);
	buf_done(&b);
}

static void test_strings_first_page_is_as_in_the_vector(void)
{
	struct sheaf_str strings[] = { { "text", 4 },
				       { "de", 2 },
				       { "S\303\274ddeutsche", 12 } };
	struct strings_page page = { .count = 3, .strings = strings };

	vector_check("strings", &page);
}

static void test_strings_next_page_is_as_in_the_vector(void)
{
	struct sheaf_str strings[] = { { "\xff", 1 } };
	struct strings_page page = {
		.previous = 640000, .first = 300, .count = 1, .strings = strings
	};

	vector_check("strings-next", &page);
}

static void test_strings_values_out_of_range_refused(void)
{
	/* by the offsets in the vectors */
	static const struct hostile_patch first[] = {
		{ "previous of the first [S-20]", 15, 1, "\1", SHEAF_CORRUPT },
		{ "no previous of others [S-20]", 16, 1, "\1", SHEAF_CORRUPT },
		{ "no strings", 17, 1, "\0", SHEAF_CORRUPT },
		{ "too few strings", 17, 1, "\2", SHEAF_CORRUPT },
		{ "too many strings", 17, 1, "\4", SHEAF_CORRUPT },
		{ "far too many", 17, 1, "\x7f", SHEAF_CORRUPT },
		{ "empty string", 18, 1, "\0", SHEAF_CORRUPT },
		{ "string beyond the end", 26, 1, "\x0d", SHEAF_CORRUPT },
	};
	static const struct hostile_patch next[] = {
		{ "previous is itself", 15, 3, "\xc0\x84\x3d", SHEAF_CORRUPT },
	};
	struct buf b = { 0 };

	vector_load("strings", &b);
	hostile_patches(again_strings, &b, VECTOR_OFFSET, first,
			HARNESS_COUNT(first));
	buf_done(&b);
	vector_load("strings-next", &b);
	hostile_patches(again_strings, &b, VECTOR_OFFSET, next,
			HARNESS_COUNT(next));
	buf_done(&b);
}

static enum sheaf_status taken(const struct strings_page *page, int level)
{
	struct buf b = { 0 };
	struct strings_page got = { 0 };
	enum sheaf_status st =
		strings_put(&b, page, VECTOR_OFFSET, level, NULL);

	if (st == SHEAF_OK)
		st = strings_get(b.p, b.len, VECTOR_OFFSET, &got, NULL);
	if (st == SHEAF_OK)
		CHECK(strings_same(page, &got));
	strings_done(&got);
	buf_done(&b);
	return st;
}

static void test_strings_limits_taken_and_more_refused(void)
{
	static char bytes[STRING_MAX];
	struct sheaf_str *strings = calloc(1100, sizeof(*strings));
	struct strings_page page = { .count = 1, .strings = strings };

	if (!CHECK(strings != NULL))
		return;
	memset(bytes, 's', sizeof(bytes));
	for (size_t i = 0; i < 1100; i++)
		strings[i] = (struct sheaf_str){ bytes, sizeof(bytes) };
	CHECK(taken(&page, 0) == SHEAF_OK);
	page.count = 1020;
	CHECK(taken(&page, 1) == SHEAF_OK);
	page.count = 1100; /* beyond STRINGS_MAX */
	CHECK(taken(&page, 1) == SHEAF_LIMIT);
	page.count = 2;
	page.previous = 5;
	page.first = STRINGS_TOTAL - 2;
	CHECK(taken(&page, 0) == SHEAF_OK);
	page.first++;
	CHECK(taken(&page, 0) == SHEAF_LIMIT);
	free(strings);
}

static void test_strings_many_come_back(void)
{
	enum { MANY = 100000 };
	struct sheaf_str *strings = calloc(MANY, sizeof(*strings));
	char(*bytes)[24] = calloc(MANY, sizeof(*bytes));
	struct strings_page page = { .count = MANY, .strings = strings };

	if (!CHECK(strings && bytes))
		abort();
	for (int i = 0; i < MANY; i++) {
		snprintf(bytes[i], sizeof(bytes[i]), "tag number %d", i);
		strings[i] = (struct sheaf_str){ bytes[i], strlen(bytes[i]) };
	}
	CHECK(taken(&page, 0) == SHEAF_OK);
	CHECK(taken(&page, 3) == SHEAF_OK);
	free(strings);
	free(bytes);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_strings_first_page_is_as_in_the_vector) },
		{ HARNESS_TEST(test_strings_next_page_is_as_in_the_vector) },
		{ HARNESS_TEST(test_strings_values_out_of_range_refused) },
		{ HARNESS_TEST(test_strings_limits_taken_and_more_refused) },
		{ HARNESS_TEST(test_strings_many_come_back) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
