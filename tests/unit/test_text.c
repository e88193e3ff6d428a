/*
 * test_text.c - formats/text/
 */
#include <string.h>

#include <sheaf/format.h>

#include "harness.h"

static struct sheaf_parsed *parsed;

static const struct sheaf_fields *parse(const char *text)
{
	CHECK(sheaf_format_parse((struct sheaf_str){ "text", 4 }, text,
				 strlen(text), parsed, NULL) == SHEAF_OK);
	CHECK(!sheaf_parsed_warning(parsed));
	return sheaf_parsed_fields(parsed);
}

static bool is(struct sheaf_str s, const char *expected)
{
	return s.len == strlen(expected) &&
	       (s.len == 0 || memcmp(s.p, expected, s.len) == 0);
}

static void test_title_is_a_line_on_its_own(void)
{
	CHECK(is(parse("A head\n\nText.\n")->title, "A head"));
	CHECK(is(parse("\n \n A head \r\n\t\r\nText.\r\n")->title, "A head"));
	CHECK(is(parse("\xef\xbb\xbf"
		       "A head\n\nText.\n")
			 ->title,
		 "A head"));
	CHECK(is(parse("A head\n\n")->title, "A head"));
	CHECK(is(parse("A head\nText.\n")->title, ""));
	CHECK(is(parse("A head\n")->title, ""));
	CHECK(is(parse("A head")->title, ""));
	CHECK(is(parse("")->title, ""));
	CHECK(is(parse("\n\n\n")->title, ""));
}

static void test_title_is_short_text(void)
{
	char text[256];

	memset(text, 'x', sizeof(text));
	memcpy(text + 200, "\n\nText.\n", 9);
	CHECK(parse(text)->title.len == 200);
	memcpy(text + 200, "x\n\nText.\n", 10);
	CHECK(parse(text)->title.len == 0);
	CHECK(is(parse("caf\xe9\n\nText.\n")->title, ""));
	CHECK(is(parse("http://a.example/b\n\nText.\n")->title, ""));
}

static void test_url_is_the_last_line(void)
{
	const struct sheaf_fields *v;

	v = parse("A head\n\nText.\n\nhttps://www.a.example/b?c\n\n \n");
	CHECK(is(v->title, "A head"));
	CHECK(is(v->url, "https://www.a.example/b?c"));
	CHECK(is(v->outlet, "a.example"));
	v = parse("Read it at a.example.\n");
	CHECK(is(v->url, "") && is(v->outlet, ""));
}

static void test_no_other_fields(void)
{
	const struct sheaf_fields *v = parse("title: x\ndate: 2025-01-01\n\n");

	CHECK(is(v->title, "") && !v->has_date && is(v->lang, ""));
	CHECK(v->tag_count == 0 && v->category_count == 0);
}

static void test_any_bytes_are_borne(void)
{
	static const char bytes[] = "\0\xff\n\n\0\n\xfe http://x\0";

	CHECK(sheaf_format_parse((struct sheaf_str){ "text", 4 }, bytes,
				 sizeof(bytes), parsed, NULL) == SHEAF_OK);
	CHECK(is(sheaf_parsed_fields(parsed)->title, ""));
	CHECK(sheaf_format_parse((struct sheaf_str){ "text", 4 }, NULL, 0,
				 parsed, NULL) == SHEAF_OK);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_title_is_a_line_on_its_own) },
		{ HARNESS_TEST(test_title_is_short_text) },
		{ HARNESS_TEST(test_url_is_the_last_line) },
		{ HARNESS_TEST(test_no_other_fields) },
		{ HARNESS_TEST(test_any_bytes_are_borne) },
	};
	int failed;

	parsed = sheaf_parsed_new();
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	sheaf_parsed_free(parsed);
	return failed;
}
