/*
 * test_hugo_toml.c - formats/hugo/toml.c and json.c: the other front matters
 */
#include <stdlib.h>
#include <string.h>

#include "formats/hugo/hugo.h"
#include "harness.h"
#include "parsed.h"

static const struct sheaf_fields *toml(const char *text)
{
	char all[4096];

	snprintf(all, sizeof(all), "+++\n%s+++\n", text);
	return parse("hugo", all);
}

static void test_toml_gives_all_fields(void)
{
	const struct sheaf_fields *v =
		parse("hugo", "+++\n"
			      "# a comment\n"
			      "title = \"A \\\"storm\\\": \\u00e9\" # behind\n"
			      "date = 2025-02-14T03:46:13+01:00\n"
			      "draft = false\n"
			      "weight = 1_000\n"
			      "tags = [ 'one', # first\n  \"two\",\n]\n"
			      "categories = [\"News\"]\n"
			      "params.lang = 'no'\n"
			      "lang = '''\nen'''\n"
			      "author = { name = \"x\", date = 2024-01-01 }\n"
			      "[params]\n"
			      "title = \"not this\"\n"
			      "+++\n+++\nText\n\nhttps://www.a.example/b\n");

	CHECK(is(v->title, "A \"storm\": \xc3\xa9"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(are(v->tags, v->tag_count, "one|two"));
	CHECK(are(v->categories, v->category_count, "News"));
	CHECK(is(v->lang, "en") && is(v->url, "https://www.a.example/b"));
	CHECK(is(v->outlet, "a.example") && warned(NULL));
}

static void test_toml_dates(void)
{
	static const struct {
		const char *text;
		int64_t sec;
	} dates[] = {
		{ "2025-02-14T02:46:13Z", 1739501173 },
		{ "2025-02-14 02:46:13", 1739501173 },
		{ "2025-02-14T02:46:13.999-00:00", 1739501173 },
		{ "2025-02-14", 1739491200 },
		{ "\"2025-02-14\"", 1739491200 },
		{ "'Fri, 14 Feb 2025 02:46:13 GMT'", 1739501173 },
	};
	char line[100];

	for (size_t i = 0; i < HARNESS_COUNT(dates); i++) {
		const struct sheaf_fields *v;

		snprintf(line, sizeof(line), "date = %s\n", dates[i].text);
		v = toml(line);
		if (!CHECK(v->has_date && v->date == dates[i].sec))
			printf("  %s\n", dates[i].text);
		CHECK(warned(NULL));
	}
	CHECK(!toml("date = 07:32:00\n")->has_date);
	CHECK(warned("front matter, line 2: not a date: 07:32:00"));
}

static void test_toml_strings(void)
{
	static const struct {
		const char *text, *title;
	} strings[] = {
		{ "\"\"", "" },
		{ "''", "" },
		{ "'C:\\x \"y\"'", "C:\\x \"y\"" },
		{ "\"a\\tb\\\\\"", "a\tb\\" },
		{ "\"\\U0001F600\"", "\xf0\x9f\x98\x80" },
		{ "\"\"\"\none\ntwo\"\"\"", "one\ntwo" },
		{ "\"\"\"one \\\n   two\"\"\"", "one two" },
		{ "\"\"\"a \"b\" \"\"c\"\"\"\"", "a \"b\" \"\"c\"" },
		{ "'''it's'''", "it's" },
		{ "\"\"\"x # no comment\"\"\" # one", "x # no comment" },
		{ "2024", "2024" },
		{ "true", "true" },
	};
	char line[100];

	for (size_t i = 0; i < HARNESS_COUNT(strings); i++) {
		snprintf(line, sizeof(line), "title = %s\n", strings[i].text);
		if (!CHECK(is(toml(line)->title, strings[i].title)) ||
		    !CHECK(warned(NULL)))
			printf("  %s\n", strings[i].text);
	}
}

static void test_toml_mistakes(void)
{
	static const struct {
		const char *text, *warning;
	} bad[] = {
		{ "title = Hello\n", "not a value: a text needs quotes" },
		{ "title = \"open\n", "a string has no end" },
		{ "title = 'open\n", "a string has no end" },
		{ "title = \"\\q\"\n", "not an escape" },
		{ "title = \"\\ud800\"\n", "not an escape" },
		{ "title = \"\\u12g4\"\n", "not an escape" },
		{ "title = \"a\" b\n", "text behind a value" },
		{ "title \"a\"\n", "no \"=\" behind a key" },
		{ "= \"a\"\n", "not a key" },
		{ "title =\n", "not a value: a text needs quotes" },
	};
	char text[200], expected[100];

	for (size_t i = 0; i < HARNESS_COUNT(bad); i++) {
		const struct sheaf_fields *v;

		snprintf(text, sizeof(text), "tags = ['a']\n%slang = 'en'\n",
			 bad[i].text);
		v = toml(text);
		snprintf(expected, sizeof(expected), "front matter, line 3: %s",
			 bad[i].warning);
		if (!CHECK(is(v->title, "") && is(v->lang, "en")) ||
		    !CHECK(are(v->tags, v->tag_count, "a")) ||
		    !CHECK(warned(expected)))
			printf("  %s", bad[i].text);
	}
	toml("tags = [ 'a' 'b' ]\n");
	CHECK(warned("front matter, line 2: an array has no end"));
	CHECK(toml("x = { a = 1\nlang = 'en'\n")->lang.len == 2);
	CHECK(warned("front matter, line 3: a table has no end"));
}

static void test_toml_bounds(void)
{
	char open[200], text[600];

	memset(open, '[', sizeof(open));
	open[HUGO_DEPTH_MAX + 1] = '\0';
	snprintf(text, sizeof(text), "a = %s\nlang = 'en'\n", open);
	CHECK(is(toml(text)->lang, "en"));
	CHECK(warned("front matter, line 2: too many levels"));
	CHECK(is(toml("title = \"a\xff\"\nlang = 'en'\n")->lang, "en"));
	CHECK(warned("front matter, line 2: not UTF-8"));
	CHECK(toml("title = \"a\xff\"\n")->title.len == 0);
	parse("hugo", "+++\ntitle = 'x'\n");
	CHECK(warned("front matter, line 1: no closing line"));
}

static void test_line_ends_and_marks(void)
{
	const struct sheaf_fields *v =
		parse("hugo",
		      "\xef\xbb\xbf+++ \r\ntitle = 'a'\r\ntags = [\r\n 'x',\r\n"
		      "]\r\nlang = \"\"\"\r\nen\"\"\"\r\n+++\r\n");

	CHECK(is(v->title, "a") && are(v->tags, v->tag_count, "x"));
	CHECK(is(v->lang, "en") && warned(NULL));
}

static void test_json_gives_all_fields(void)
{
	const struct sheaf_fields *v =
		parse("hugo",
		      "\xef\xbb\xbf{\n \"title\": \"A } \\\" \\u00e9\",\n"
		      " \"date\": \"2025-02-14T03:46:13+01:00\",\n"
		      " \"tags\": [\"one\", {\"name\": \"no\"}, \"two\", 3],\n"
		      " \"Categories\": \"News\", \"draft\": true,\n"
		      " \"lang\": null, \"language\": \"en\"\n}\n\n"
		      "Text\n\n[b](https://www.a.example/b)\n");

	CHECK(is(v->title, "A } \" \xc3\xa9"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(are(v->tags, v->tag_count, "one|two|3"));
	CHECK(are(v->categories, v->category_count, "News"));
	CHECK(is(v->lang, "en") && is(v->url, "https://www.a.example/b"));
	CHECK(warned(NULL));
}

static void test_json_mistakes(void)
{
	const struct sheaf_fields *v;

	v = parse("hugo", "{\n\"title\": x\n}\nhttp://a.example/b\n");
	CHECK(is(v->title, "") && is(v->url, "http://a.example/b"));
	CHECK(warned("front matter, line 2: not JSON: invalid token near 'x'"));
	parse("hugo", "{\"title\": \"x\"\n");
	CHECK(warned("front matter, line 1: no closing bracket"));
	v = parse("hugo", "{\"date\": \"2025-02-30\", \"title\": \"a\xff\"}\n");
	CHECK(!v->has_date && is(v->title, ""));
	CHECK(warned("front matter: not UTF-8"));
	parse("hugo", "{\"date\": \"2025-02-30\"}\n");
	CHECK(warned("front matter, date: not a date: 2025-02-30"));
	v = parse("hugo", "{\"date\": 1739501173}\n");
	CHECK(!v->has_date);
	/* templates are no front matter */
	v = parse("hugo", "{{< figure >}}\n\nhttp://a.example/b\n");
	CHECK(is(v->url, "http://a.example/b") && warned(NULL));
	parse("hugo", "{% include x %}\n");
	CHECK(warned(NULL));
}

static void test_json_bounds(void)
{
	size_t len = 200000;
	char *text = malloc(len + 64);

	memset(text, '[', len);
	memcpy(text, "{\"a\":", 5);
	memset(text + len / 2, ']', len / 2);
	memcpy(text + len, "]]]]]}\n", 8);
	parse("hugo", text);
	CHECK(warned("front matter: more than 65,536 values"));
	memset(text, '[', 10000);
	memcpy(text, "{\"a\":", 5);
	memset(text + 9995, ']', 9990);
	memcpy(text + 19985, "}\n", 3);
	parse("hugo", text);
	CHECK(warned("front matter, line 1: not JSON: maximum parsing depth "
		     "reached near '['"));
	free(text);
}

static void test_guess(void)
{
	CHECK(strcmp(guess("a.txt", "+++\nx = 1\n+++\n"), "hugo") == 0);
	CHECK(strcmp(guess("a.txt", "++++\n"), "text") == 0);
	CHECK(strcmp(guess("a.json", "{\"a\": 1}\n"), "text") == 0);
	CHECK(strcmp(guess("a.md", "{\"a\": 1}\n"), "hugo") == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_toml_gives_all_fields) },
		{ HARNESS_TEST(test_toml_dates) },
		{ HARNESS_TEST(test_toml_strings) },
		{ HARNESS_TEST(test_toml_mistakes) },
		{ HARNESS_TEST(test_toml_bounds) },
		{ HARNESS_TEST(test_line_ends_and_marks) },
		{ HARNESS_TEST(test_json_gives_all_fields) },
		{ HARNESS_TEST(test_json_mistakes) },
		{ HARNESS_TEST(test_json_bounds) },
		{ HARNESS_TEST(test_guess) },
	};

	return parsed_main(argc, argv, tests, HARNESS_COUNT(tests));
}
