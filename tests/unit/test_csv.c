/*
 * test_csv.c - formats/csv/
 */
#include <stdlib.h>
#include <string.h>

#include "contained.h"
#include "formats/csv/table.h"
#include "parsed.h"

static struct contained c;

static bool gives(const char *text, const char *expected)
{
	return contained_is(&c, &container_csv, text, expected);
}

/* the file is refused, as it stands here */
static bool refuses(const void *text, size_t len, const char *why)
{
	enum sheaf_status st =
		contained_read(&c, &container_csv, "f", text, len);

	if (st == SHEAF_CORRUPT && strcmp(c.error.text, why) == 0)
		return true;
	printf("  status %d: %s\n", (int)st, c.error.text);
	return false;
}

static void test_row_gives_all_fields(void)
{
	const struct sheaf_fields *v = parse(
		"csv:id,Title,published_at,language,section,keywords,source,"
		"link,content,other",
		"7,\"A \"\"storm\"\", two\n lines\", 2025-02-14T03:46:13+01:00 ,"
		"en,News,\"a, b\",The Paper,https://www.a.example/b,x,y");

	CHECK(is(v->title, "A \"storm\", two\n lines") && is(v->lang, "en"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(are(v->categories, v->category_count, "News"));
	CHECK(are(v->tags, v->tag_count, "a|b"));
	CHECK(is(v->outlet, "The Paper"));
	CHECK(is(v->url, "https://www.a.example/b") && warned(NULL));
}

static void test_rows_of_a_file(void)
{
	CHECK(gives("id,title\n1,one\n2,\"two\nlines, \"\"x\"\"\"\n",
		    "f/1 [csv:id,title] 1,one {one|}\n"
		    "f/2 [csv:id,title] 2,\"two\nlines, \"\"x\"\"\" {two\n"
		    "lines, \"x\"|}\n"));
	CHECK(gives("\xef\xbb\xbfid,title\r\n1,\"a\r\nb\"\r\n\r\n2,b",
		    "f/1 [csv:id,title] 1,\"a\r\nb\" {a\r\nb|}\n"
		    "f/2 [csv:id,title] 2,b {b|}\n"));
	CHECK(gives("title;x\rone;1\rtwo;2\r",
		    "f/row-1 [csv:title;x] one;1 {one|}\n"
		    "f/row-2 [csv:title;x] two;2 {two|}\n"));
	CHECK(gives("url\ttitle\nhttp://a.example/x\tone, two; three\n",
		    "f/http:%2F%2Fa.example%2Fx [csv:url\ttitle] "
		    "http://a.example/x\tone, two; three "
		    "{one, two; three|http://a.example/x}\n"));
	CHECK(gives("title\none\n", "f/row-1 [csv:title] one {one|}\n"));
	CHECK(gives("", "") && gives("\n\n", "") && gives("a,b\n", ""));
	CHECK(gives("id,title\n1,a\"b,\n", "f/row-1 [csv:id,title] 1,a\"b,\n"));
}

static void test_header_with_quoted_lines(void)
{
	const struct sheaf_fields *v;

	CHECK(gives("id,\"tit\nle\"\n1,x\n",
		    "f/1 [csv:\nid,\"tit\nle\"] 1,x {|}\n"));
	v = parse("csv:\nid,\"ti\ntle\",title", "1,2,3");
	CHECK(is(v->title, "3") && warned(NULL));
}

static void test_field_map(void)
{
	const struct sheaf_fields *v;

	c.map = "title=hed,name=nr";
	CHECK(gives("hed,nr,title\nx,7,y\n",
		    "f/7 [csv:title=hed,name=nr\nhed,nr,title] x,7,y {x|}\n"));
	c.map = "titel=x";
	CHECK(contained_read(&c, &container_csv, "f", "a\n", 2) ==
	      SHEAF_MISUSE);
	c.map = NULL;
	v = parse("csv:title=hed\nhed,title", "a,b");
	CHECK(is(v->title, "a"));
	parse("csv:titel=x\na", "b");
	CHECK(warned("its format's fields: \"titel=x\": fields are title, "
		     "date, lang, outlet, url, categories, tags, text, name"));
	parse("csv", "b");
	CHECK(warned("its format has no header"));
}

static void test_wrong_number_of_columns_gives_no_field(void)
{
	const struct sheaf_fields *v = parse("csv:title,url,id", "a,b");

	CHECK(is(v->title, "") && warned("2 columns, the header has 3"));
	parse("csv:title,url", "a");
	CHECK(warned("1 column, the header has 2"));
	parse("csv:title", "a,b");
	CHECK(warned("2 columns, the header has 1"));
	CHECK(gives("title,url\na,b,c\n", "f/row-1 [csv:title,url] a,b,c\n"));
	parse("csv:title,x", "caf\xe9,x");
	CHECK(warned("title: not text"));
	parse("csv:date,x", "2025-02-30,x");
	CHECK(warned("date: not a date: 2025-02-30"));
}

static void test_torn_files(void)
{
	CHECK(gives("id,title\n1,a\n2",
		    "f/1 [csv:id,title] 1,a {a|}\n"
		    "row 2 failed: cut short: the file ends in this row\n"));
	CHECK(gives("id,title\n1,a\n2,\"b\nc\n",
		    "f/1 [csv:id,title] 1,a {a|}\n"
		    "row 2 failed: cut short: a quote in it is not closed\n"));
	c.max_article = 10;
	CHECK(gives("id,title\n1,0123456789abc\n2,b\n3,\"0123456789\n4,x\n",
		    "row 1 failed: larger than an article may be\n"
		    "f/2 [csv:id,title] 2,b {b|}\n"
		    "row 3 failed: larger than an article may be: a quote in "
		    "it is not closed\n"));
	c.max_article = 0;
}

static void test_headers_refused(void)
{
	size_t len = 70000;
	char *text = malloc(len + 8);

	CHECK(refuses("\xff\xfei\0d\0\n\0", 8,
		      "it is UTF-16: make UTF-8 of it first, as with iconv"));
	CHECK(refuses("a,\0b\n", 5,
		      "its header line holds a NUL: it is no CSV"));
	CHECK(refuses("a,\"b\nc\n", 7,
		      "a quote in its header line is not closed"));
	memset(text, ',', len);
	text[len] = '\n';
	CHECK(refuses(text, len + 1,
		      "its header line is longer than 65,000 bytes, so that "
		      "rows can't be read by it: leave out columns"));
	CHECK(refuses(text + len - 65533, 65534,
		      "its header line is longer than 65,000 bytes, so that "
		      "rows can't be read by it: leave out columns"));
	free(text);
}

static void test_separator(void)
{
	static const struct {
		const char *header;
		char separator;
	} headers[] = {
		{ "a,b;c,d", ',' },    { "a;b;c,d", ';' },
		{ "a\tb\tc,d", '\t' }, { "\"a,b,c\";d", ';' },
		{ "a", ',' },	       { "", ',' },
	};

	for (size_t i = 0; i < HARNESS_COUNT(headers); i++) {
		struct sheaf_str s = { headers[i].header,
				       strlen(headers[i].header) };

		CHECK(csv_separator(s) == (uint8_t)headers[i].separator);
	}
}

/* the same rows wherever the pieces are cut */
static void test_pieces_of_any_size(void)
{
	const char *text = "a,\"b\r\n\"\"\",c\r\nd\r\n\re\n\"f\n\" ,g\n";
	size_t len = strlen(text), ends[8], count = 0;

	for (size_t piece = 1; piece <= len; piece++) {
		struct csv_ends e = { .separator = ',' };
		size_t at = 0, found = 0;

		while (at < len) {
			size_t n = len - at < piece ? len - at : piece;
			bool whole;

			at += csv_ends_find(&e, (const uint8_t *)text + at, n,
					    &whole);
			if (!whole)
				continue;
			if (piece == 1)
				ends[count++] = at;
			else if (CHECK(found < count))
				CHECK(ends[found++] == at);
		}
		if (piece == 1)
			CHECK(count == 5);
	}
}

static bool text_is(const char *format, const char *row, const char *expected)
{
	struct buf buf = { 0 };
	struct sheaf_str text;
	bool same;

	CHECK(format_body((struct sheaf_str){ format, strlen(format) }, row,
			  strlen(row), &buf, &text, NULL) == SHEAF_OK);
	same = is(text, expected);
	buf_done(&buf);
	return same;
}

static void test_text_of_a_row(void)
{
	CHECK(text_is("csv:id,Text,x", "1,\"a, \"\"b\"\"\nc\",2",
		      "a, \"b\"\nc"));
	CHECK(text_is("csv:body,content", "a,b", "b"));
	CHECK(text_is("csv:content,body", "a,b", "a"));
	CHECK(text_is("csv:body,content", "a,", "a"));
	CHECK(text_is("csv:text=story\nid,text,story", "1,a,b", "b"));
	/* none, or nobody knows which */
	CHECK(text_is("csv:id,title", "1,a", "1,a"));
	CHECK(text_is("csv:id,text", "1,", "1,"));
	CHECK(text_is("csv:id,text", "1,a,b", "1,a,b"));
	CHECK(text_is("csv", "1,a", "1,a"));
}

static void test_guess(void)
{
	CHECK(container_csv.guess((struct sheaf_str){ "a.CSV", 5 }, "", 0));
	CHECK(container_csv.guess((struct sheaf_str){ "a.tsv", 5 }, "", 0));
	CHECK(!container_csv.guess((struct sheaf_str){ "a.txt", 5 }, "a,b\n",
				   4));
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_row_gives_all_fields) },
		{ HARNESS_TEST(test_text_of_a_row) },
		{ HARNESS_TEST(test_rows_of_a_file) },
		{ HARNESS_TEST(test_header_with_quoted_lines) },
		{ HARNESS_TEST(test_field_map) },
		{ HARNESS_TEST(test_wrong_number_of_columns_gives_no_field) },
		{ HARNESS_TEST(test_torn_files) },
		{ HARNESS_TEST(test_headers_refused) },
		{ HARNESS_TEST(test_separator) },
		{ HARNESS_TEST(test_pieces_of_any_size) },
		{ HARNESS_TEST(test_guess) },
	};
	int failed = parsed_main(argc, argv, tests, HARNESS_COUNT(tests));

	buf_done(&c.text);
	return failed;
}
