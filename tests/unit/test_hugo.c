/*
 * test_hugo.c - formats/hugo/ and formats/format.c, formats/link.c below it
 */
#include <stdlib.h>
#include <string.h>

#include <sheaf/format.h>

#include "formats/hugo/hugo.h"
#include "harness.h"

static struct sheaf_parsed *parsed;

static const struct sheaf_fields *parse_bytes(const void *p, size_t len)
{
	enum sheaf_status st = sheaf_format_parse(
		(struct sheaf_str){ "hugo", 4 }, p, len, parsed, NULL);

	CHECK(st == SHEAF_OK);
	return sheaf_parsed_fields(parsed);
}

static const struct sheaf_fields *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* a post with this front matter and nothing else */
static const struct sheaf_fields *front(const char *yaml)
{
	char text[4096];

	snprintf(text, sizeof(text), "---\n%s---\n", yaml);
	return parse(text);
}

/* a post that ends in this line */
static const struct sheaf_fields *body(const char *line)
{
	char text[4096];

	snprintf(text, sizeof(text), "---\ntitle: x\n---\nText.\n\n%s\n", line);
	return parse(text);
}

static bool is(struct sheaf_str s, const char *expected)
{
	bool same = s.len == strlen(expected) &&
		    (s.len == 0 || memcmp(s.p, expected, s.len) == 0);

	if (!same)
		printf("  got \"%.*s\", not \"%s\"\n", (int)s.len,
		       s.len ? s.p : "", expected);
	return same;
}

/* the list, with "|" between */
static bool are(const struct sheaf_str *list, size_t count,
		const char *expected)
{
	char all[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < count && n < sizeof(all) - 256; i++)
		n += (size_t)snprintf(all + n, 256, "%s%.*s", i ? "|" : "",
				      (int)list[i].len, list[i].p);
	return is((struct sheaf_str){ all, n }, expected);
}

static bool warned(const char *expected)
{
	const char *w = sheaf_parsed_warning(parsed);

	if (w && expected && strcmp(w, expected) == 0)
		return true;
	if (!w && !expected)
		return true;
	printf("  warning: %s\n", w ? w : "none");
	return false;
}

static void test_post_gives_all_fields(void)
{
	const struct sheaf_fields *v =
		parse("---\n"
		      "title: \"A storm: what it left\"\n"
		      "date: \"2025-02-14 02:46:13\"\n"
		      "summary: \"Long, with: colons\"\n"
		      "categories:\n  - \"thepaper\"\n"
		      "lang:\n  - \"en\"\n"
		      "tags:\n  - one\n  - 'two'\n"
		      "widgets: [a, {b: c}]\n"
		      "---\n\nText, see [this](https://else.example/).\n\n"
		      "[thepaper](https://www.ThePaper.example/a/b-1/)\n\n");

	CHECK(is(v->title, "A storm: what it left"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(is(v->lang, "en"));
	CHECK(are(v->categories, v->category_count, "thepaper"));
	CHECK(are(v->tags, v->tag_count, "one|two"));
	CHECK(is(v->url, "https://www.ThePaper.example/a/b-1/"));
	CHECK(is(v->outlet, "thepaper.example"));
	CHECK(warned(NULL));
}

static void test_keys_any_case_and_separator(void)
{
	const struct sheaf_fields *v =
		front("TITLE: T\nPublish-Date: 2025-01-02\nLanguage: de\n"
		      "Source_Name: Blatt\nsourceURL: http://x.example/1\n");

	CHECK(is(v->title, "T") && is(v->lang, "de") && is(v->outlet, "Blatt"));
	CHECK(v->has_date && v->date == 1735776000);
	CHECK(is(v->url, "http://x.example/1"));
}

static void test_date_preference_and_fallback(void)
{
	const struct sheaf_fields *v;

	v = front("lastmod: 2025-03-03\ndate: 2025-01-01\n");
	CHECK(v->has_date && v->date == 1735689600);
	v = front("date:\npubDate: 2025-01-01\n");
	CHECK(v->has_date && v->date == 1735689600 && warned(NULL));
	v = front("date: 0001-01-01T00:00:00Z\nlastmod: 2025-01-01\n");
	CHECK(v->has_date && v->date == 1735689600 && warned(NULL));
	v = front("published: true\n");
	CHECK(!v->has_date && warned(NULL));
	v = front("title: x\ndate: 2025-02-30\nlastmod: 2025-01-01\n");
	CHECK(v->has_date && v->date == 1735689600);
	CHECK(warned("front matter, line 3: not a date: 2025-02-30"));
}

static void test_scalars_stand_as_written(void)
{
	const struct sheaf_fields *v;

	v = front("title: 2024\nlang: no\ntags: [yes, 1.0, 2024-01-01]\n");
	CHECK(is(v->title, "2024") && is(v->lang, "no"));
	CHECK(are(v->tags, v->tag_count, "yes|1.0|2024-01-01"));
	v = front("title: ~\nlang: null\ntags:\ncategories: [\"\", ~]\n");
	CHECK(is(v->title, "") && is(v->lang, "") && v->tag_count == 0);
	CHECK(v->category_count == 0);
	v = front("title: \"null\"\n");
	CHECK(is(v->title, "null"));
	v = front("title: |\n  two\n  lines\n");
	CHECK(is(v->title, "two\nlines"));
	v = front("title: >\n  a folded\n  one\n");
	CHECK(is(v->title, "a folded one"));
	v = front("title: \"caf\\u00e9 \\\"x\\\"\"\n");
	CHECK(is(v->title, "caf\xc3\xa9 \"x\""));
}

static void test_lists_and_scalars(void)
{
	const struct sheaf_fields *v;

	v = front("tags: a, b ,, c\ncategories: Arts, Culture\n");
	CHECK(are(v->tags, v->tag_count, "a|b|c"));
	CHECK(are(v->categories, v->category_count, "Arts, Culture"));
	v = front("tags: [\"a, b\"]\ntitle: [first, second]\n");
	CHECK(are(v->tags, v->tag_count, "a, b") && is(v->title, "first"));
	v = front("keywords: x\ntags: []\nsection: s\ncategory: c\n");
	CHECK(are(v->tags, v->tag_count, "x"));
	CHECK(are(v->categories, v->category_count, "c"));
	v = front("tags: [a, [b], {c: d}, e]\ntitle: {a: b}\n");
	CHECK(are(v->tags, v->tag_count, "a|e") && is(v->title, ""));
	CHECK(warned(NULL));
}

static void test_equal_keys_last_wins(void)
{
	const struct sheaf_fields *v;

	v = front("title: one\ntags: [a]\ntitle: two\ntags: [b, c]\n");
	CHECK(is(v->title, "two") && are(v->tags, v->tag_count, "b|c"));
	v = front("title: one\ntitle:\n");
	CHECK(is(v->title, "one"));
}

static void test_outlet_and_url_keys(void)
{
	const struct sheaf_fields *v;

	v = front("url: /2025/a/\nlink: https://a.example/x?y=1#z\n");
	CHECK(is(v->url, "https://a.example/x?y=1#z"));
	CHECK(is(v->outlet, "a.example"));
	v = front("source: https://www.a.example/x\n");
	CHECK(is(v->url, "https://www.a.example/x"));
	CHECK(is(v->outlet, "a.example"));
	v = front("source: https://www.a.example/\n");
	CHECK(is(v->url, "") && is(v->outlet, "a.example"));
	v = front("source: The Paper\noutlet: \"\"\n");
	CHECK(is(v->outlet, "The Paper"));
	v = front("url: ftp://a.example/\ncanonical: see https://a.example\n");
	CHECK(is(v->url, ""));
	v = front("url: http://u:p@WWW.a.Example.:8080/x\n");
	CHECK(is(v->outlet, "a.example"));
	v = front("url: http://[::1]/x\n");
	CHECK(is(v->url, "http://[::1]/x") && is(v->outlet, ""));
}

static void test_last_line_links(void)
{
	static const struct {
		const char *line, *url;
	} lines[] = {
		{ "[t](http://a.example/x)", "http://a.example/x" },
		{ "[a [b] \\] c](http://a.example/x)", "http://a.example/x" },
		{ "[t](http://a.example/x_(y))", "http://a.example/x_(y)" },
		{ "[t](<http://a.example/x>)", "http://a.example/x" },
		{ "[t](http://a.example/x \"a (t)\")", "http://a.example/x" },
		{ "[t](http://a.example/x){target=\"_blank\"}",
		  "http://a.example/x" },
		{ "[t](http://a.example/x){:rel=a}.", "http://a.example/x" },
		{ "  **[t](http://a.example/x)** ", "http://a.example/x" },
		{ "[![i](/p.png)](http://a.example/x)", "http://a.example/x" },
		{ "<http://a.example/x>", "http://a.example/x" },
		{ "<HTTPS://a.example/x>.", "HTTPS://a.example/x" },
		{ "http://a.example/x", "http://a.example/x" },
		{ "http://a.example/x.", "http://a.example/x" },
		{ "http://a.example/x_(y)", "http://a.example/x_(y)" },
		{ "http://a.example/x).", "http://a.example/x" },
		{ "http://a.example/\xe4\xb8\xad\xe3\x80\x82",
		  "http://a.example/\xe4\xb8\xad" },
		{ "http://a.example/x\n\n\xc2\xa0\n \xe3\x80\x80\t",
		  "http://a.example/x" },
		{ "http://a.example/x\r\n\r", "http://a.example/x" },
		{ "[1]: http://a.example/x", "" },
		{ "[t](/x)", "" },
		{ "![i](http://a.example/x.png)", "" },
		{ "[t] (http://a.example/x)", "" },
		{ "[t](http://a.example/x", "" },
		{ "[t](http://a.example/x) and more", "" },
		{ "[t](http://a.example/x){unclosed", "" },
		{ "[a](http://a.example/x) [b](http://b.example/y)", "" },
		{ "See http://a.example/x", "" },
		{ "http://a.example/x y", "" },
		{ "<http://a.example/x> y", "" },
		{ "<http://a.example/x", "" },
		{ "http://", "" },
		{ "http:///x", "" },
		{ "http://a.example/\xff", "" },
		{ "mailto:a@a.example", "" },
		{ "[", "" },
		{ "<", "" },
		{ "****", "" },
	};

	for (size_t i = 0; i < HARNESS_COUNT(lines); i++) {
		if (!CHECK(is(body(lines[i].line)->url, lines[i].url)))
			printf("  %s\n", lines[i].line);
		CHECK(warned(NULL));
	}
}

static void test_front_matter_url_beats_last_line(void)
{
	const struct sheaf_fields *v =
		parse("---\nlink: http://a.example/1\n---\nhttp://b.example/2");

	CHECK(is(v->url, "http://a.example/1") && is(v->outlet, "a.example"));
}

static void test_line_ends_and_marks(void)
{
	const struct sheaf_fields *v;

	v = parse(
		"---\r\ntitle: a\r\ntags:\r\n- x\r\n---\r\n\r\nhttp://a.example"
		"/b\r\n");
	CHECK(is(v->title, "a") && are(v->tags, v->tag_count, "x"));
	CHECK(is(v->url, "http://a.example/b") && warned(NULL));
	v = parse("\xef\xbb\xbf---  \ntitle: a\n--- \t\n");
	CHECK(is(v->title, "a") && warned(NULL));
	v = parse("---\ntitle: a\n...\nhttp://a.example/b");
	CHECK(is(v->title, "a") && is(v->url, "http://a.example/b"));
	v = parse("---\ntitle: a\n---");
	CHECK(is(v->title, "a") && warned(NULL));
	v = parse("---\nsummary: |\n  ---\ntitle: a\n---\n");
	CHECK(is(v->title, "a") && warned(NULL));
	v = parse("---\n---\nhttp://a.example/b");
	CHECK(is(v->url, "http://a.example/b") && warned(NULL));
	v = parse("---\n# nothing\n\n---\n");
	CHECK(is(v->title, "") && warned(NULL));
}

static void test_post_without_front_matter(void)
{
	const struct sheaf_fields *v;

	v = parse("# A head\n\nText.\n\nhttp://a.example/b\n");
	CHECK(is(v->title, "") && is(v->url, "http://a.example/b"));
	CHECK(is(v->outlet, "a.example") && warned(NULL));
	v = parse("");
	CHECK(is(v->url, "") && warned(NULL));
	v = parse_bytes(NULL, 0);
	CHECK(is(v->url, "") && warned(NULL));
}

static void test_no_closing_line_warns(void)
{
	const struct sheaf_fields *v =
		parse("---\ntitle: x\n\nText --- \nhttp://a.example/b\n");

	CHECK(is(v->title, "") && is(v->url, "http://a.example/b"));
	CHECK(warned("front matter, line 1: no closing line"));
	parse("---");
	CHECK(warned("front matter, line 1: no closing line"));
}

static void test_mistake_costs_its_value_only(void)
{
	const struct sheaf_fields *v;

	v = front("lang: en\ntitle: He said: no\ndate: 2025-01-01\n");
	CHECK(is(v->lang, "en") && is(v->title, "") && v->has_date);
	CHECK(warned("front matter, line 3: mapping values are not allowed in "
		     "this context"));
	v = front("title: \"He said \"no\" to it\"\nlang: en\n");
	CHECK(is(v->title, "") && is(v->lang, "en"));
	CHECK(warned("front matter, line 2: did not find expected key"));
	v = front("lang: en\ntitle: \"open\ndate: 2025-01-01\ntags: [a]\n");
	CHECK(is(v->title, "") && v->has_date && is(v->lang, "en"));
	CHECK(are(v->tags, v->tag_count, "a"));
	v = front("tags: [a, b\ntitle: t\nlang: en\n");
	CHECK(v->tag_count == 0 && is(v->lang, "en"));
	v = front("tags:\n  - a\n  - \"b\" c\ntitle: t\n");
	CHECK(v->tag_count == 0 && is(v->title, "t"));
	v = front("title: t\nno colon here\nlang: en\n");
	CHECK(is(v->title, "t") && is(v->lang, "en"));
	v = front("\ttitle: t\nlang: en\n");
	CHECK(is(v->lang, "en"));
	CHECK(warned("front matter, line 2: found character that cannot start "
		     "any token"));
	v = front("  title: t\nlang: en\n");
	CHECK(is(v->title, "t") && is(v->lang, "en"));
	CHECK(warned("front matter, line 3: text behind the mapping"));
}

static void test_mistakes_are_counted(void)
{
	char text[2048] = "";
	const struct sheaf_fields *v;

	_Static_assert(HUGO_RESUME_MAX == 8, "as many mistakes as below");
	snprintf(text, sizeof(text), "---\n%s%s%s---\n",
		 "a: b: c\na: b: c\na: b: c\na: b: c\n",
		 "a: b: c\na: b: c\na: b: c\na: b: c\n", "title: t\n");
	v = parse(text);
	CHECK(is(v->title, ""));
	memcpy(text + 4, "z: 1   \n", 8);
	v = parse(text);
	CHECK(is(v->title, "t"));
}

static void test_not_a_mapping_warns(void)
{
	front("- a\n- b\n");
	CHECK(warned("front matter, line 2: not a mapping"));
	front("\njust text\n");
	CHECK(warned("front matter, line 3: not a mapping"));
}

static void test_aliases_and_merges_not_followed(void)
{
	const struct sheaf_fields *v;

	v = front("a: &x [1, 2]\nb: &y [*x, *x]\nc: [*y, *y]\ntitle: t\n");
	CHECK(is(v->title, "t") && warned(NULL));
	v = front("a: &x t\ntitle: *x\nlang: en\n");
	CHECK(is(v->title, "") && is(v->lang, "en"));
	CHECK(warned("front matter, line 3: alias not followed"));
	v = front("a: &x {title: t}\n<<: *x\nlang: en\n");
	CHECK(is(v->title, "") && is(v->lang, "en"));
	CHECK(warned("front matter, line 3: merge not followed"));
	v = front("title: &t anchored\ntags: [a, *t, b]\n");
	CHECK(is(v->title, "anchored"));
	CHECK(are(v->tags, v->tag_count, "a|b"));
	v = front("? [a, b]\n: c\n? {d: e}\n: f\n*x : g\ntitle: t\n");
	CHECK(is(v->title, "t"));
}

static void test_bytes_that_are_no_utf8(void)
{
	const struct sheaf_fields *v;

	v = front("title: caf\xe9\nlang: fr\ntags: [\xff, b]\n");
	CHECK(is(v->title, "") && is(v->lang, "fr"));
	CHECK(are(v->tags, v->tag_count, "b"));
	CHECK(warned("front matter, line 2: not UTF-8"));
	v = front("lang: fr\nsummary: a\xc2\x92z\ntitle: t\n");
	CHECK(is(v->lang, "fr") && is(v->title, "t"));
	CHECK(warned("front matter, line 3: control character U+0092"));
	v = parse_bytes("---\ntitle: a\0b\nlang: fr\n---\n", 28);
	CHECK(is(v->title, "") && is(v->lang, "fr"));
	CHECK(warned("front matter, line 2: control character U+0000"));
	v = front("title: \"a\\0b\"\nlang: fr\n");
	CHECK(is(v->title, "") && is(v->lang, "fr"));
	CHECK(warned("front matter, line 2: not text"));
	/* the mark itself, where nothing was replaced */
	v = front("title: a" HUGO_DIRT "b\n");
	CHECK(is(v->title, "a" HUGO_DIRT "b"));
	/* the body may be anything */
	v = parse("---\ntitle: t\n---\ncaf\xe9\n\nhttp://a.example/b\n");
	CHECK(is(v->title, "t") && is(v->url, "http://a.example/b"));
	CHECK(warned(NULL));
}

static void test_limits_warn(void)
{
	size_t len = HUGO_FRONT_MAX + 64;
	char *text = malloc(len);
	const struct sheaf_fields *v;

	memset(text, 'x', len);
	memcpy(text, "---\ntitle: ", 11);
	memcpy(text + 70000, "\n---\nhttp://a.example/b\n", 24);
	v = parse_bytes(text, 70024);
	CHECK(is(v->title, "") && is(v->url, "http://a.example/b"));
	CHECK(warned("front matter, line 2: value too long"));
	memset(text + 70000, '\n', len - 70000);
	memcpy(text + len - 4, "---\n", 4);
	parse_bytes(text, len);
	CHECK(warned("front matter, line 1: longer than 1 MiB"));
	len = (size_t)sprintf(text, "---\ntags: [");
	for (int i = 0; i < 300; i++)
		len += (size_t)sprintf(text + len, "%d,", i);
	sprintf(text + len, "]\n---\n");
	v = parse(text);
	CHECK(v->tag_count == SHEAF_LIST_MAX);
	CHECK(warned("front matter, line 2: list too long"));
	free(text);
}

static void test_depth_is_bounded(void)
{
	char open[1501], close[1501], yaml[4000];
	const struct sheaf_fields *v;

	memset(open, '[', 1500);
	memset(close, ']', 1500);
	open[1500] = '\0';
	close[1500] = '\0';
	snprintf(yaml, sizeof(yaml), "a: %s%s\ntitle: t\n", open, close);
	v = front(yaml);
	CHECK(is(v->title, "t"));
	CHECK(warned("front matter, line 2: too many levels"));
	open[HUGO_DEPTH_MAX] = '\0';
	close[HUGO_DEPTH_MAX] = '\0';
	snprintf(yaml, sizeof(yaml), "a: %s%s\ntitle: t\n", open, close);
	v = front(yaml);
	CHECK(is(v->title, "t") && warned(NULL));
}

static void test_first_trouble_wins(void)
{
	front("date: 2025-99-99\ntitle: a: b\n");
	CHECK(warned("front matter, line 3: mapping values are not allowed in "
		     "this context"));
	front("title: t\n");
	CHECK(warned(NULL));
}

static const char *guess(const char *name, const char *text)
{
	return sheaf_format_guess((struct sheaf_str){ name, strlen(name) },
				  text, strlen(text));
}

static void test_guess(void)
{
	CHECK(strcmp(guess("a.txt", "---\nx: y\n---\n"), "hugo") == 0);
	CHECK(strcmp(guess("a.txt", "---\r\n"), "hugo") == 0);
	CHECK(strcmp(guess("a.txt", "---"), "hugo") == 0);
	CHECK(strcmp(guess("a", "\xef\xbb\xbf---  \n"), "hugo") == 0);
	CHECK(strcmp(guess("a.txt", "--- a\n"), "text") == 0);
	CHECK(strcmp(guess("a.txt", "----\n"), "text") == 0);
	CHECK(strcmp(guess("a.txt", " ---\n"), "text") == 0);
	CHECK(strcmp(guess("a.md", "x"), "hugo") == 0);
	CHECK(strcmp(guess("b/A.MarkDown", "x"), "hugo") == 0);
	CHECK(strcmp(guess("md", "x"), "text") == 0);
	CHECK(strcmp(guess("", ""), "text") == 0);
	CHECK(strcmp(sheaf_format_guess((struct sheaf_str){ NULL, 0 }, NULL, 0),
		     "text") == 0);
}

static void test_find_and_unknown_format(void)
{
	struct sheaf_str hugo = { "hugo", 4 }, longer = { "hugo2", 5 };

	CHECK(strcmp(sheaf_format_find(hugo), "hugo") == 0);
	CHECK(!sheaf_format_find(longer));
	CHECK(!sheaf_format_find((struct sheaf_str){ "hug", 3 }));
	CHECK(!sheaf_format_find((struct sheaf_str){ NULL, 0 }));
	CHECK(sheaf_format_parse((struct sheaf_str){ "unheard-of", 10 },
				 "Head\n\nText.\n", 12, parsed,
				 NULL) == SHEAF_OK);
	CHECK(is(sheaf_parsed_fields(parsed)->title, "Head"));
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_post_gives_all_fields) },
		{ HARNESS_TEST(test_keys_any_case_and_separator) },
		{ HARNESS_TEST(test_date_preference_and_fallback) },
		{ HARNESS_TEST(test_scalars_stand_as_written) },
		{ HARNESS_TEST(test_lists_and_scalars) },
		{ HARNESS_TEST(test_equal_keys_last_wins) },
		{ HARNESS_TEST(test_outlet_and_url_keys) },
		{ HARNESS_TEST(test_last_line_links) },
		{ HARNESS_TEST(test_front_matter_url_beats_last_line) },
		{ HARNESS_TEST(test_line_ends_and_marks) },
		{ HARNESS_TEST(test_post_without_front_matter) },
		{ HARNESS_TEST(test_no_closing_line_warns) },
		{ HARNESS_TEST(test_mistake_costs_its_value_only) },
		{ HARNESS_TEST(test_mistakes_are_counted) },
		{ HARNESS_TEST(test_not_a_mapping_warns) },
		{ HARNESS_TEST(test_aliases_and_merges_not_followed) },
		{ HARNESS_TEST(test_bytes_that_are_no_utf8) },
		{ HARNESS_TEST(test_limits_warn) },
		{ HARNESS_TEST(test_depth_is_bounded) },
		{ HARNESS_TEST(test_first_trouble_wins) },
		{ HARNESS_TEST(test_guess) },
		{ HARNESS_TEST(test_find_and_unknown_format) },
	};
	int failed;

	parsed = sheaf_parsed_new();
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	sheaf_parsed_free(parsed);
	sheaf_parsed_free(NULL);
	return failed;
}
