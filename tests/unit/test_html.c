/*
 * test_html.c - formats/html/
 */
#include <stdlib.h>
#include <string.h>

#include "formats/html/html.h"
#include "parsed.h"

/* a page with this in its head */
static const struct sheaf_fields *head(const char *text)
{
	char page[4096];

	snprintf(page, sizeof(page),
		 "<!doctype html><html><head>%s</head><body><p>x</body></html>",
		 text);
	return parse("html", page);
}

static void test_page_gives_all_fields(void)
{
	const struct sheaf_fields *v = parse(
		"html",
		"<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n"
		"<meta charset=utf-8><title>A storm \xe2\x80\x93 The "
		"Paper</title>\n"
		"<link rel=\"canonical\" href=\"https://www.a.example/b\">\n"
		"<META PROPERTY=\"og:title\" CONTENT='A &quot;storm&quot;\n"
		"   &amp; more'>\n"
		"<meta property=og:site_name content=\"The Paper\">\n"
		"<meta property=article:published_time "
		"content=2025-02-14T03:46:13+01:00>\n"
		"<meta property=article:tag content=one>"
		"<meta name=x content=y>"
		"<meta property=article:tag content=\"two, three\"/>\n"
		"<meta property=article:section content=News>\n"
		"</head><body><h1>x</h1></body></html>");

	CHECK(is(v->title, "A \"storm\" & more") && is(v->lang, "en-GB"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(is(v->url, "https://www.a.example/b"));
	CHECK(is(v->outlet, "The Paper"));
	CHECK(are(v->tags, v->tag_count, "one|two, three"));
	CHECK(are(v->categories, v->category_count, "News") && warned(NULL));
}

static void test_json_ld(void)
{
	const struct sheaf_fields *v;

	v = head(
		"<script type=\"application/ld+json\">"
		"{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\","
		"\"headline\":\"H\",\"datePublished\":\"2025-02-14\","
		"\"publisher\":{\"@type\":\"Organization\",\"name\":\"P\"},"
		"\"keywords\":\"a, b\",\"inLanguage\":\"de\","
		"\"articleSection\":[\"S\",\"T\"],\"mainEntityOfPage\":"
		"{\"@id\":\"https://a.example/x\"}}</script>"
		"<title>no</title>");
	CHECK(is(v->title, "H") && is(v->outlet, "P") && is(v->lang, "de"));
	CHECK(v->date == 1739491200 && is(v->url, "https://a.example/x"));
	CHECK(are(v->tags, v->tag_count, "a|b"));
	CHECK(are(v->categories, v->category_count, "S|T") && warned(NULL));
	v = head("<script type=application/ld+json>{\"@graph\":["
		 "{\"@type\":\"WebSite\",\"name\":\"no\"},"
		 "{\"@type\":[\"Thing\",\"BlogPosting\"],\"headline\":\"a\nb\","
		 "\"keywords\":[\"a, b\",\"c\"]},"
		 "{\"@type\":\"Article\",\"headline\":\"not this\"}]}</script>"
		 "<script type=application/ld+json>"
		 "{\"@type\":\"Article\",\"headline\":\"nor this\"}</script>");
	CHECK(is(v->title, "a b") && are(v->tags, v->tag_count, "a, b|c"));
	v = head("<script type=application/ld+json>[{\"@type\":\"WebPage\"},"
		 "{\"@graph\":[{\"@type\":\"Report\",\"name\":\"n\"}]}]"
		 "</script>");
	CHECK(is(v->title, "n") && warned(NULL));
	v = head("<title>t</title>"
		 "<script type=application/ld+json>{\"a\":}</script>");
	CHECK(is(v->title, "t"));
	CHECK(warned("JSON-LD: not JSON: unexpected token near '}'"));
}

static bool body_is(const void *page, size_t len, const char *expected)
{
	struct buf buf = { 0 };
	struct sheaf_str text;
	bool same;

	CHECK(format_body((struct sheaf_str){ "html", 4 }, page, len, &buf,
			  &text, NULL) == SHEAF_OK);
	same = is(text, expected);
	buf_done(&buf);
	return same;
}

static bool text_is(const char *page, const char *expected)
{
	return body_is(page, strlen(page), expected);
}

static void test_text_of_a_page(void)
{
	CHECK(text_is("<!doctype html><html><head><title>T</title>"
		      "<script>'<p>no'</script><style>p{}</style></head>"
		      "<body><h1>A  storm &mdash;\n&quot;big&quot;</h1>"
		      "<p>One <b>two</b>three<br>four<!-- no --> &#8364;</p>"
		      "<p>Five</p><noscript>no</noscript><ul><li>a<li>b</ul>"
		      "<table><tr><td>c<td>d</table></body></html>",
		      "A storm \xe2\x80\x94 \"big\"\n\nOne twothree\n"
		      "four \xe2\x82\xac\n\nFive\n\na\nb\n\nc d\n"));
	CHECK(text_is("<pre>\n a\r\n  b &lt;\n</pre>c", "a\n  b <\n\n\nc\n"));
	CHECK(text_is("1 < 2 & 3<<b>/title>4<</title>5",
		      "1 < 2 & 3</title>4<5\n"));
	CHECK(text_is("<title>none</title><p>", ""));
	CHECK(text_is("\xef\xbb\xbf"
		      "a<p",
		      "a\n"));
	CHECK(text_is("<meta charset=latin1>caf\xe9 \x93q\x94",
		      "caf\xc3\xa9 \xe2\x80\x9cq\xe2\x80\x9d\n"));
	CHECK(text_is("<meta charset=klingon>a\xff", "a\xef\xbf\xbd\n"));
	CHECK(body_is("\xff\xfe<\0b\0>\0x\0", 10, "x\n"));
	CHECK(body_is("a\0b", 3,
		      "a\xef\xbf\xbd"
		      "b\n"));
	CHECK(body_is("a\0&#0;b", 7,
		      "a\xef\xbf\xbd\xef\xbf\xbd"
		      "b\n"));
}

/* however long it is, no reference is cut in two */
static void test_text_of_many_references(void)
{
	enum { COUNT = 100000 };
	struct sheaf_str html = { "html", 4 }, text;
	char *page = malloc(5 * COUNT);
	struct buf buf = { 0 };
	size_t n = 0;

	for (int i = 0; i < COUNT; i++)
		memcpy(&page[5 * i], "&amp;", 5);
	CHECK(format_body(html, page, 5 * COUNT, &buf, &text, NULL) ==
	      SHEAF_OK);
	while (n < text.len && text.p[n] == '&')
		n++;
	CHECK(n == COUNT && text.len == COUNT + 1);
	buf_done(&buf);
	free(page);
}

static void test_preference(void)
{
	const struct sheaf_fields *v;

	v = head("<title>4</title><meta name=twitter:title content=3>"
		 "<meta property=og:title content=2>");
	CHECK(is(v->title, "2"));
	v = head("<meta property=og:url content=http://a.example/1>"
		 "<link rel='shortlink' href=http://a.example/2>"
		 "<link rel='x canonical' href=/relative>");
	CHECK(is(v->url, "http://a.example/1") && is(v->outlet, "a.example"));
	v = head("<meta name=date content=2025-01-02>"
		 "<meta itemprop=datePublished content=2025-01-01>");
	CHECK(v->date == 1735689600);
	v = head("<meta name=keywords content='a, b'><meta name=language "
		 "content=fr>");
	CHECK(are(v->tags, v->tag_count, "a|b") && is(v->lang, "fr"));
	v = head("<meta name=date content='2025-02-30'>");
	CHECK(!v->has_date && warned("date: not a date: 2025-02-30"));
	v = head("<meta http-equiv=Content-Language content=it>");
	CHECK(is(v->lang, "it"));
}

static void test_what_only_looks_like_it(void)
{
	const struct sheaf_fields *v;

	v = head("<!-- <title>a</title> --><script>'<title>b</title>'</script>"
		 "<style><title>c</title></style><!doctype <title>"
		 "<textarea><meta property=og:title content=d></textarea>"
		 "<p data-x='<title>e</title>'><titles>f</titles>"
		 "<title>g</title><svg><title>h</title></svg>");
	CHECK(is(v->title, "g") && warned(NULL));
	v = head("<!--><title>a</title>-->");
	CHECK(is(v->title, "a"));
	v = head("<title>a < b & c &lt; </titl d</title >");
	CHECK(is(v->title, "a < b & c < </titl d"));
	v = head("<meta content=\"a > b\" property=\"og:title\">");
	CHECK(is(v->title, "a > b"));
	v = head("<meta property='og:title' content='a'b' c>");
	CHECK(is(v->title, "a"));
	v = parse("html", "<html><title>cut sho");
	CHECK(is(v->title, "cut sho") && warned(NULL));
	CHECK(is(
		parse("html", "<html><meta property=og:title content=x")->title,
		""));
	CHECK(is(parse("html", "<")->title, "") && warned(NULL));
	CHECK(is(parse("html", "")->title, "") && warned(NULL));
	CHECK(is(parse("html", "no tags at all")->title, "") && warned(NULL));
}

static void test_encodings(void)
{
	static const struct {
		const char *charset, *bytes, *title;
	} pages[] = {
		{ "utf-8", "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "windows-1252", "caf\xe9 \x80", "caf\xc3\xa9 \xe2\x82\xac" },
		{ "ISO-8859-1", "caf\xe9 \x93", "caf\xc3\xa9 \xe2\x80\x9c" },
		{ "iso-8859-2", "\xb1", "\xc4\x85" },
		{ "windows-1251", "\xcc\xe8\xf0", "\xd0\x9c\xd0\xb8\xd1\x80" },
		{ "koi8-r", "\xed", "\xd0\x9c" },
		{ "Shift_JIS", "\x93\xfa\x83\x5c", "\xe6\x97\xa5\xe3\x82\xbd" },
		{ "EUC-JP", "\xc6\xfc", "\xe6\x97\xa5" },
		{ "gb2312", "\xd6\xd0\x81\x30\x84\x36",
		  "\xe4\xb8\xad\xc2\xa5" },
		{ "big5", "\xa4\xa4", "\xe4\xb8\xad" },
		{ "euc-kr", "\xc7\xd1", "\xed\x95\x9c" },
		{ "iso-2022-jp", "\x1b$BF|\x1b(B", "\xe6\x97\xa5" },
		/* bytes that are none */
		{ "utf-8", "caf\xe9", "caf\xef\xbf\xbd" },
		{ "utf-16", "caf\xc3\xa9", "caf\xc3\xa9" },
	};
	char page[400];

	for (size_t i = 0; i < HARNESS_COUNT(pages); i++) {
		snprintf(page, sizeof(page),
			 "<html><meta charset=\"%s\"><title>%s</title>",
			 pages[i].charset, pages[i].bytes);
		if (!CHECK(is(parse("html", page)->title, pages[i].title)) ||
		    !CHECK(warned(NULL)))
			printf("  %s\n", pages[i].charset);
		snprintf(page, sizeof(page),
			 "<html><meta http-equiv=Content-Type content=\""
			 "text/html; charset=%s\"><title>%s</title>",
			 pages[i].charset, pages[i].bytes);
		CHECK(is(parse("html", page)->title, pages[i].title));
	}
	CHECK(is(parse("html", "\xef\xbb\xbf<html><meta charset=big5>"
			       "<title>\xc3\xa9</title>")
			 ->title,
		 "\xc3\xa9"));
	CHECK(is(parse_bytes("html",
			     "\xff\xfe<\0t\0i\0t\0l\0e\0>\0\xe9\0<\0/\0t\0"
			     "i\0t\0l\0e\0>\0",
			     34)
			 ->title,
		 "\xc3\xa9"));
	parse("html", "<html><meta charset=klingon><title>x</title>");
	CHECK(warned("its encoding is not known: klingon"));
}

/* counts, not seconds: what gumbo is given is bounded */
static void test_hostile_pages_are_bounded(void)
{
	size_t len = (size_t)64 << 20, n = 0;
	char *page = malloc(len + 1);
	struct buf out = { 0 };
	bool all;

	/* 13 million open elements */
	while (n + 5 <= len) {
		memcpy(page + n, "<div>", 5);
		n += 5;
	}
	CHECK(html_cut(&out, (uint8_t *)page, n, &all) == SHEAF_OK);
	CHECK(out.len == 0 && all);
	/* a tag of 1 MiB, then many of them */
	memset(page, 'a', len);
	for (n = 1; n < len; n += 3)
		page[n] = ' ';
	memcpy(page, "<meta ", 6);
	page[1 << 20] = '>';
	CHECK(html_cut(&out, (uint8_t *)page, len, &all) == SHEAF_OK);
	CHECK(out.len == 0 && !all);
	for (n = 0; n + 64 <= len; n += 64)
		memcpy(page + n, "<meta property=article:tag content=x>", 37);
	CHECK(html_cut(&out, (uint8_t *)page, len, &all) == SHEAF_OK);
	CHECK(out.len > 0 && out.len <= HTML_TAGS_MAX && !all);
	parse_bytes("html", page, len);
	CHECK(warned("too many tags that tell of it: some are not read"));
	/* tags and quotes that nothing closes */
	memset(page, '<', len);
	CHECK(!parse_bytes("html", page, len)->has_date && warned(NULL));
	memset(page, '"', len);
	memcpy(page, "<a b=", 5);
	CHECK(!parse_bytes("html", page, len)->has_date && warned(NULL));
	buf_done(&out);
	free(page);
}

static void test_guess(void)
{
	CHECK(strcmp(guess("a", "<!DOCTYPE html>\n"), "html") == 0);
	CHECK(strcmp(guess("a", "\xef\xbb\xbf \n<!-- x --><?xml version='1'?>\n"
				"<HTML lang=en>"),
		     "html") == 0);
	CHECK(strcmp(guess("a.HTM", "x"), "html") == 0);
	CHECK(strcmp(guess("a.md", "<html>"), "hugo") == 0);
	CHECK(strcmp(guess("a.txt", "<htmlx>"), "text") == 0);
	CHECK(strcmp(guess("a.txt", "Text <html>"), "text") == 0);
	CHECK(strcmp(guess("a.txt", "<!doctype xml>"), "text") == 0);
	CHECK(strcmp(guess("a.txt", "<!-- <html>"), "text") == 0);
	CHECK(strcmp(guess("a.txt", "<html"), "text") == 0);
	CHECK(strcmp(guess("", ""), "text") == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_page_gives_all_fields) },
		{ HARNESS_TEST(test_json_ld) },
		{ HARNESS_TEST(test_text_of_a_page) },
		{ HARNESS_TEST(test_text_of_many_references) },
		{ HARNESS_TEST(test_preference) },
		{ HARNESS_TEST(test_what_only_looks_like_it) },
		{ HARNESS_TEST(test_encodings) },
		{ HARNESS_TEST(test_hostile_pages_are_bounded) },
		{ HARNESS_TEST(test_guess) },
	};

	return parsed_main(argc, argv, tests, HARNESS_COUNT(tests));
}
