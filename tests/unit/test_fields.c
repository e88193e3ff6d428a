/*
 * test_fields.c - src/article/fields.c and utf8.c
 */
#include "article/fields.h"

#include <stdlib.h>
#include <string.h>

#include "article/utf8.h"
#include "harness.h"

static enum sheaf_status put(struct fields *f, enum field which, const char *s)
{
	return fields_put(f, which, s, strlen(s));
}

static bool is(struct sheaf_str s, const char *expected)
{
	return s.len == strlen(expected) &&
	       (s.len == 0 || memcmp(s.p, expected, s.len) == 0);
}

static void test_new_is_empty(void)
{
	struct fields *f = fields_new();
	const struct sheaf_fields *v = fields_view(f);

	CHECK(v->title.len == 0 && v->outlet.len == 0 && v->url.len == 0);
	CHECK(v->lang.len == 0 && !v->has_date);
	CHECK(v->category_count == 0 && v->tag_count == 0);
	CHECK(!fields_has(f, FIELD_TITLE) && !fields_has(f, FIELD_TAG));
	fields_free(f);
	fields_free(NULL);
}

static void test_single_is_trimmed_and_replaced(void)
{
	struct fields *f = fields_new();

	CHECK(put(f, FIELD_TITLE, " \t one\r\n") == SHEAF_OK);
	CHECK(is(fields_view(f)->title, "one"));
	CHECK(put(f, FIELD_TITLE, "a longer one") == SHEAF_OK);
	CHECK(put(f, FIELD_LANG, "en") == SHEAF_OK);
	CHECK(is(fields_view(f)->title, "a longer one"));
	CHECK(put(f, FIELD_TITLE, "x") == SHEAF_OK);
	CHECK(is(fields_view(f)->title, "x"));
	CHECK(is(fields_view(f)->lang, "en"));
	fields_free(f);
}

static void test_empty_is_ignored(void)
{
	struct fields *f = fields_new();

	CHECK(put(f, FIELD_URL, "kept") == SHEAF_OK);
	CHECK(put(f, FIELD_URL, "  ") == SHEAF_OK);
	CHECK(fields_put(f, FIELD_URL, NULL, 0) == SHEAF_OK);
	CHECK(put(f, FIELD_TAG, "\n") == SHEAF_OK);
	CHECK(is(fields_view(f)->url, "kept"));
	CHECK(!fields_has(f, FIELD_TAG));
	fields_free(f);
}

static void test_lists_keep_order_once(void)
{
	struct fields *f = fields_new();
	const struct sheaf_fields *v;

	CHECK(put(f, FIELD_TAG, "b") == SHEAF_OK);
	CHECK(put(f, FIELD_CATEGORY, "b") == SHEAF_OK);
	CHECK(put(f, FIELD_TAG, "a") == SHEAF_OK);
	CHECK(put(f, FIELD_TAG, " b ") == SHEAF_OK);
	v = fields_view(f);
	CHECK(v->tag_count == 2 && v->category_count == 1);
	CHECK(is(v->tags[0], "b") && is(v->tags[1], "a"));
	CHECK(is(v->categories[0], "b"));
	fields_free(f);
}

static void test_limits_are_told(void)
{
	struct fields *f = fields_new();
	char *big = malloc(SHEAF_FIELD_MAX + 1);
	char name[16];

	memset(big, 'x', SHEAF_FIELD_MAX + 1);
	CHECK(fields_put(f, FIELD_TITLE, big, SHEAF_FIELD_MAX + 1) ==
	      SHEAF_LIMIT);
	CHECK(!fields_has(f, FIELD_TITLE));
	CHECK(fields_put(f, FIELD_TITLE, big, SHEAF_FIELD_MAX) == SHEAF_OK);
	big[SHEAF_FIELD_MAX] = ' ';
	CHECK(fields_put(f, FIELD_URL, big, SHEAF_FIELD_MAX + 1) == SHEAF_OK);
	for (int i = 0; i < SHEAF_LIST_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		CHECK(put(f, FIELD_CATEGORY, name) == SHEAF_OK);
	}
	CHECK(put(f, FIELD_CATEGORY, "7") == SHEAF_OK);
	CHECK(put(f, FIELD_CATEGORY, "more") == SHEAF_LIMIT);
	CHECK(fields_view(f)->category_count == SHEAF_LIST_MAX);
	CHECK(is(fields_view(f)->categories[255], "255"));
	free(big);
	fields_free(f);
}

static void test_what_is_no_text_is_refused(void)
{
	struct fields *f = fields_new();

	CHECK(put(f, FIELD_TITLE, "caf\xe9") == SHEAF_CORRUPT);
	CHECK(fields_put(f, FIELD_TAG, "a\0b", 3) == SHEAF_CORRUPT);
	CHECK(!fields_has(f, FIELD_TITLE) && !fields_has(f, FIELD_TAG));
	CHECK(put(f, FIELD_TITLE, "caf\xc3\xa9") == SHEAF_OK);
	fields_free(f);
}

static void test_clear_empties(void)
{
	struct fields *f = fields_new();

	CHECK(put(f, FIELD_TITLE, "t") == SHEAF_OK);
	CHECK(put(f, FIELD_CATEGORY, "c") == SHEAF_OK);
	fields_put_date(f, -1);
	CHECK(fields_view(f)->has_date && fields_view(f)->date == -1);
	fields_clear(f);
	CHECK(!fields_has(f, FIELD_TITLE) && !fields_has(f, FIELD_CATEGORY));
	CHECK(!fields_view(f)->has_date && fields_view(f)->date == 0);
	CHECK(put(f, FIELD_TITLE, "again") == SHEAF_OK);
	CHECK(is(fields_view(f)->title, "again"));
	fields_free(f);
}

static void test_utf8_is_rfc_3629(void)
{
	static const char *const good[] = { "",
					    "a\x7f",
					    "\xc2\x80",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xef\xbf\xbf",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80",
					   "\xbf",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xc2",
					   "\xc2\x20",
					   "\xe0\x9f\xbf",
					   "\xe1\x80",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "a\xf0\x90\x80" };
	uint32_t cp = 7;

	for (size_t i = 0; i < HARNESS_COUNT(good); i++)
		CHECK(utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < HARNESS_COUNT(bad); i++)
		CHECK(!utf8_valid(bad[i], strlen(bad[i])));
	CHECK(utf8_get((const uint8_t *)"\xe2\x82\xac", 3, &cp) == 3);
	CHECK(cp == 0x20ac);
	CHECK(utf8_get((const uint8_t *)"\xe2\x82\xac", 2, &cp) == 0);
	CHECK(cp == 0x20ac);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_new_is_empty) },
		{ HARNESS_TEST(test_single_is_trimmed_and_replaced) },
		{ HARNESS_TEST(test_empty_is_ignored) },
		{ HARNESS_TEST(test_lists_keep_order_once) },
		{ HARNESS_TEST(test_limits_are_told) },
		{ HARNESS_TEST(test_what_is_no_text_is_refused) },
		{ HARNESS_TEST(test_clear_empties) },
		{ HARNESS_TEST(test_utf8_is_rfc_3629) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
