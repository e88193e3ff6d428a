/*
 * test_jsonl.c - formats/jsonl/, and formats/json.c, dataset.c, rows.c below it
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contained.h"
#include "parsed.h"

static struct contained c;

static bool gives(const char *text, const char *expected)
{
	return contained_is(&c, &container_jsonl, text, expected);
}

static void test_line_gives_all_fields(void)
{
	const struct sheaf_fields *v = parse(
		"jsonl",
		"{\"id\":7,\"headline\":\"A \\\"storm\\\" \\u00e9\","
		"\"published_at\":\"2025-02-14T03:46:13+01:00\","
		"\"language\":\"en\",\"section\":\"News\",\"keywords\":\"a, b\","
		"\"source\":{\"id\":null,\"name\":\"The Paper\"},"
		"\"link\":\"https://www.a.example/b\",\"content\":\"x\"}");

	CHECK(is(v->title, "A \"storm\" \xc3\xa9") && is(v->lang, "en"));
	CHECK(v->has_date && v->date == 1739501173);
	CHECK(are(v->categories, v->category_count, "News"));
	CHECK(are(v->tags, v->tag_count, "a|b"));
	CHECK(is(v->outlet, "The Paper"));
	CHECK(is(v->url, "https://www.a.example/b") && warned(NULL));
}

static void test_names_of_datasets(void)
{
	const struct sheaf_fields *v;

	/* news-please */
	v = parse("jsonl",
		  "{\"maintext\":\"x\",\"title\":\"t\",\"language\":\"de\","
		  "\"date_publish\":\"2020-11-02 10:00:00\","
		  "\"source_domain\":\"www.a.example\","
		  "\"url\":\"https://www.a.example/x\"}");
	CHECK(v->date == 1604311200 && is(v->outlet, "www.a.example"));
	/* a text that ends in its address */
	v = parse("jsonl", "{\"body\":\"Text.\\n\\nhttps://a.example/x\\n\"}");
	CHECK(is(v->url, "https://a.example/x") && is(v->outlet, "a.example"));
	v = parse("jsonl", "{\"tags\":[{\"name\":\"a\"},\"b\",[\"c\"],null]}");
	CHECK(are(v->tags, v->tag_count, "a|b"));
	v = parse("jsonl", "{\"source\":\"https://a.example/x\"}");
	CHECK(is(v->url, "https://a.example/x") && is(v->outlet, "a.example"));
	CHECK(warned(NULL));
}

static void test_dates_that_are_numbers(void)
{
	static const struct {
		const char *text;
		int64_t sec;
	} dates[] = {
		{ "1739501173", 1739501173 },
		{ "1739501173999", 1739501173 },
		{ "1739501173999999", 1739501173 },
		{ "1739501173999999999", 1739501173 },
		{ "1739501173.5", 1739501173 },
		{ "\"1739501173\"", 1739501173 },
		{ "-86400", -86400 },
		{ "0", 0 },
		{ "20250214", 1739491200 },
		{ "20250214024613", 1739501173 },
		{ "\"20250214T024613Z\"", 1739501173 },
		{ "\"2025-02-14T02:46:13.123Z\"", 1739501173 },
	};
	char line[100];

	for (size_t i = 0; i < HARNESS_COUNT(dates); i++) {
		const struct sheaf_fields *v;

		snprintf(line, sizeof(line), "{\"timestamp\":%s}",
			 dates[i].text);
		v = parse("jsonl", line);
		if (!CHECK(v->has_date && v->date == dates[i].sec) ||
		    !CHECK(warned(NULL)))
			printf("  %s %lld\n", dates[i].text,
			       (long long)v->date);
	}
	CHECK(!parse("jsonl", "{\"date\":\"17x\"}")->has_date);
	CHECK(warned("date: not a date: 17x"));
	CHECK(!parse("jsonl", "{\"date\":\"\"}")->has_date && warned(NULL));
}

static void test_field_map(void)
{
	const struct sheaf_fields *v;
	const char *line = "{\"title\":\"no\",\"hed\":\"yes\",\"a\":{\"b\":"
			   "\"en\"},\"url\":\"http://a.example/1\","
			   "\"Link\":\"http://a.example/2\"}";

	v = parse("jsonl:title=hed,lang=a.b", line);
	CHECK(is(v->title, "yes") && is(v->lang, "en"));
	CHECK(is(v->url, "http://a.example/1") && warned(NULL));
	v = parse("jsonl:url=link", line);
	CHECK(is(v->url, "") && is(v->title, "no"));
	v = parse("jsonl:url=absent,url=Link", line);
	CHECK(is(v->url, "http://a.example/2"));
	v = parse("jsonl:", line);
	CHECK(is(v->title, "no") && warned(NULL));
	parse("jsonl:titel=x", line);
	CHECK(warned("its format's fields: \"titel=x\": fields are title, "
		     "date, lang, outlet, url, categories, tags, text, name"));
	parse("jsonl:title", line);
	CHECK(warned("its format's fields: \"title\" is no field: FIELD=KEY "
		     "is, as in url=link"));
	c.map = "url=";
	CHECK(contained_read(&c, &container_jsonl, "f", line, strlen(line)) ==
	      SHEAF_MISUSE);
	CHECK(strcmp(c.error.text, "\"url=\" is no field: FIELD=KEY is, as in "
				   "url=link") == 0);
	c.map = "title=hed,name=url";
	CHECK(gives("{\"hed\":\"t\",\"url\":\"x/%y\"}\n",
		    "f/x%2F%25y [jsonl:title=hed,name=url] "
		    "{\"hed\":\"t\",\"url\":\"x/%y\"} {t|}\n"));
	c.map = NULL;
}

static void test_names(void)
{
	char text[1000], id[301];

	CHECK(gives("{\"id\":1}\n{\"_id\":\"b/c\"}\n\n"
		    "{\"url\":\"http://a.example/x\"}\n{\"x\":1}\n"
		    "{\"id\":1,\"x\":2}\n{\"id\":\"..\"}\n{\"id\":1}\n"
		    "{\"id\":\"1~2\"}\n{\"id\":true}\n",
		    "f/1 [jsonl] {\"id\":1} {|}\n"
		    "f/b%2Fc [jsonl] {\"_id\":\"b/c\"} {|}\n"
		    "f/http:%2F%2Fa.example%2Fx [jsonl] "
		    "{\"url\":\"http://a.example/x\"} {|http://a.example/x}\n"
		    "f/line-5 [jsonl] {\"x\":1} {|}\n"
		    "f/1~2 [jsonl] {\"id\":1,\"x\":2} {|}\n"
		    "f/%2E%2E [jsonl] {\"id\":\"..\"} {|}\n"
		    "f/1~3 [jsonl] {\"id\":1} {|}\n"
		    "f/1~2~2 [jsonl] {\"id\":\"1~2\"} {|}\n"
		    "f/true [jsonl] {\"id\":true} {|}\n"));
	memset(id, 'x', 300);
	id[300] = '\0';
	snprintf(text, sizeof(text), "{\"id\":\"%s\"}\n", id);
	contained_read(&c, &container_jsonl, "f", text, strlen(text));
	CHECK(memchr(c.text.p, '~', c.text.len) == c.text.p + 202);
}

static void test_more_names_than_the_first_table_holds(void)
{
	struct buf text = { 0 };
	char line[64];

	for (int i = 0; i < 20000; i++) {
		int n = snprintf(line, sizeof(line), "{\"id\":%d}\n",
				 i % 10000);

		buf_bytes(&text, line, (size_t)n);
	}
	CHECK(contained_read(&c, &container_jsonl, "f", text.p, text.len) ==
	      SHEAF_OK);
	CHECK(c.given == 20000);
	CHECK(memmem(c.text.p, c.text.len, "f/9999~2 [", 10) != NULL);
	CHECK(memmem(c.text.p, c.text.len, "~3 [", 4) == NULL);
	buf_done(&text);
}

static void test_odd_lines(void)
{
	CHECK(gives("", ""));
	CHECK(gives("\n \r\n\t\n", ""));
	CHECK(gives("\xef\xbb\xbf{\"id\":1}\r\n{\"id\":2}",
		    "f/1 [jsonl] {\"id\":1} {|}\n"
		    "f/2 [jsonl] {\"id\":2} {|}\n"));
	CHECK(gives("{\"id\":1}\n{\"id\":2",
		    "f/1 [jsonl] {\"id\":1} {|}\n"
		    "line 2 failed: cut short: the file ends in this line\n"));
	/* what is none is stored, without fields, to be warned of */
	CHECK(gives("{\"id\":1\n[1]\n\"x\"\n",
		    "f/line-1 [jsonl] {\"id\":1\nf/line-2 [jsonl] [1]\n"
		    "f/line-3 [jsonl] \"x\"\n"));
	CHECK(gives(" {\"id\" : 1} \n", "f/1 [jsonl]  {\"id\" : 1}  {|}\n"));
}

static void test_first_line_tells_the_file(void)
{
	static const char *const refused[][2] = {
		{ "[{\"id\":1}]\n", "a JSON array, no JSON Lines: make them of "
				    "it first, as with jq -c '.[]'" },
		{ "\n \t[", "a JSON array, no JSON Lines: make them of it "
			    "first, as with jq -c '.[]'" },
		{ " { \n\"id\":1}\n",
		  "an object over several lines, no JSON Lines: make them of "
		  "it first, as with jq -c ." },
		{ "\xff\xfe{", "it is UTF-16: make UTF-8 of it first, as with "
			       "iconv" },
		{ "id,title\n",
		  "its first line is no JSON object: no JSON Lines" },
		{ "17\n{}\n",
		  "its first line is no JSON object: no JSON Lines" },
	};

	for (size_t i = 0; i < HARNESS_COUNT(refused); i++) {
		const char *text = refused[i][0];

		CHECK(contained_read(&c, &container_jsonl, "f", text,
				     strlen(text)) == SHEAF_CORRUPT);
		CHECK(strcmp(c.error.text, refused[i][1]) == 0);
		CHECK(c.given == 0 && c.failed == 0);
	}
}

static void test_bad_lines_warn(void)
{
	static const struct {
		const char *line, *warning;
	} bad[] = {
		{ "", "not JSON: unexpected token near end of file" },
		{ "{\"a\":1", "not JSON: '}' expected near end of file" },
		{ "{\"a\":1} x", "not JSON: end of file expected near 'x'" },
		{ "[{\"a\":1}]", "no JSON object but a list" },
		{ "\"a\"", "no JSON object but a string" },
		{ "17", "no JSON object but a number" },
		{ "null", "no JSON object but null" },
		{ "{\"title\":\"\\ud800\"}",
		  "not JSON: invalid Unicode '\\uD800' near '\"\\ud800\"'" },
		{ "{\"title\":\"a\tb\"}",
		  "not JSON: control character 0x9 near '\"a'" },
		{ "{\"title\":\"caf\xe9\"}", "not UTF-8" },
		{ "{\"title\":\"a\\u0000b\"}", "title: not text" },
		{ "{\"date\":\"2025-02-30\"}", "date: not a date: 2025-02-30" },
	};

	for (size_t i = 0; i < HARNESS_COUNT(bad); i++) {
		const struct sheaf_fields *v = parse("jsonl", bad[i].line);

		if (!CHECK(v->title.len == 0 && warned(bad[i].warning)))
			printf("  %s\n", bad[i].line);
	}
	CHECK(is(
		parse("jsonl", "{\"title\":\"caf\xe9\",\"lang\":\"fr\"}")->lang,
		"fr"));
	CHECK(is(parse("jsonl", "{\"title\":\"a\",\"title\":\"b\"}")->title,
		 "b"));
	parse_bytes("jsonl", "{\"title\":\"a\0b\"}", 15);
	CHECK(warned("not JSON: control character 0x0 near '\"a'"));
	/* numbers beyond 64 bits */
	CHECK(gives("{\"id\":123456789012345678901234567890}\n",
		    "f/1.23456789012346e+29 [jsonl] "
		    "{\"id\":123456789012345678901234567890} {|}\n"));
}

static void test_hostile_lines_are_bounded(void)
{
	size_t len = 200000;
	char *text = malloc(len + 1);

	memset(text, '[', len);
	text[len] = '\0';
	parse("jsonl", text);
	CHECK(warned("more than 65,536 values"));
	text[5000] = '\0';
	parse("jsonl", text);
	CHECK(warned("not JSON: maximum parsing depth reached near '['"));
	memset(text, ',', len);
	text[0] = '[';
	text[5000] = ',';
	text[len - 1] = ']';
	parse("jsonl", text);
	CHECK(warned("more than 65,536 values"));
	free(text);
}

static void test_long_line_is_not_held(void)
{
	size_t big = (size_t)100 << 20;
	char *text = malloc(big + 100);
	char *at = text;

	at += sprintf(at, "{\"id\":1}\n{\"id\":2,\"text\":\"");
	memset(at, 'x', big);
	at += big;
	at += sprintf(at, "\"}\n{\"id\":3}\n");
	CHECK(contained_read(&c, &container_jsonl, "f", text,
			     (size_t)(at - text)) == SHEAF_OK);
	CHECK(c.given == 2 && c.failed == 1);
	CHECK(memmem(c.text.p, c.text.len,
		     "line 2 failed: larger than an article may be\n",
		     45) != NULL);
	free(text);
}

/* an id's own line, from a text, with one byte of it changed or not */
static void own_line(char *out, size_t size, const char *key, const char *text,
		     const char *id_of, const char *rest)
{
	uint8_t id[SHEAF_ID_SIZE];
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_of(id_of, strlen(id_of), id);
	sheaf_id_hex(id, hex);
	snprintf(out, size, "{\"sheaf\":1,\"id\":\"%s\",%s,\"%s\":\"%s\"}\n",
		 hex, rest, key, text);
}

static void test_own_lines_are_articles_again(void)
{
	const char *rest =
		"\"name\":\"a/b.md\",\"mtime\":\"2025-02-14T02:46:"
		"13.000000120Z\",\"format\":\"hugo\",\"title\":\"t\"";
	char line[1000];

	own_line(line, sizeof(line), "text", "two\\nlines", "two\nlines", rest);
	CHECK(gives(line, "a/b.md [hugo] two\nlines\n"));
	own_line(line, sizeof(line), "base64", "Y2Fm6Q==", "caf\xe9", rest);
	CHECK(gives(line, "a/b.md [hugo] caf\xe9\n"));
	own_line(line, sizeof(line), "text", "", "", rest);
	CHECK(gives(line, "a/b.md [hugo] \n"));
	own_line(line, sizeof(line), "text", "x", "x",
		 "\"name_base64\":\"Y2Fm6Q==\"");
	CHECK(gives(line, "caf\xe9 [] x\n"));
	/* a text that is not the id's: a line as any other */
	own_line(line, sizeof(line), "text", "other", "two\nlines", rest);
	contained_read(&c, &container_jsonl, "f", line, strlen(line));
	CHECK(memcmp(c.text.p, "f/", 2) == 0);
	own_line(line, sizeof(line), "base64", "Y2Fm6Q=", "caf\xe9", rest);
	contained_read(&c, &container_jsonl, "f", line, strlen(line));
	CHECK(memcmp(c.text.p, "f/", 2) == 0);
	own_line(line, sizeof(line), "text", "x", "x", "\"name\":\"\"");
	contained_read(&c, &container_jsonl, "f", line, strlen(line));
	CHECK(memcmp(c.text.p, "f/", 2) == 0);
}

static void test_pieces_of_any_size(void)
{
	const char *text = "{\"id\":1,\"t\":\"xxxxxxxx\"}\r\n\n{\"id\":2}\n"
			   "{\"id\":3";
	int fds[2];
	struct stream *in;
	struct container_options o = { .name = { "f", 1 },
				       .max_article = SHEAF_ARTICLE_MAX,
				       .max_total = UINT64_MAX };
	struct container_sink sink = { .give = contained_give,
				       .failed = contained_failed,
				       .arg = &c };
	pid_t child;

	if (!CHECK(pipe(fds) == 0))
		return;
	child = fork();
	if (child == 0) { /* byte by byte */
		for (const char *p = text; *p; p++) {
			if (write(fds[1], p, 1) != 1)
				_exit(1);
			usleep(1000);
		}
		_exit(0);
	}
	close(fds[1]);
	buf_clear(&c.text);
	c.given = c.failed = 0;
	CHECK(stream_open(&in, fds[0], true, NULL) == SHEAF_OK);
	CHECK(container_jsonl.read(in, &o, &sink, NULL) == SHEAF_OK);
	CHECK(c.given == 2 && c.failed == 1);
	CHECK(memmem(c.text.p, c.text.len, "{\"id\":1,\"t\":\"xxxxxxxx\"} {",
		     25) != NULL);
	stream_close(in);
	close(fds[0]);
}

static bool guesses(const char *name, const char *head)
{
	return container_jsonl.guess((struct sheaf_str){ name, strlen(name) },
				     head, strlen(head));
}

static void test_guess(void)
{
	CHECK(guesses("a.jsonl", "") && guesses("A.NDJSON", "x"));
	CHECK(guesses("a.json", "{\"a\":1}\n{\"a\":2}\n"));
	CHECK(guesses("-", "\xef\xbb\xbf{\"a\":1}\r\n\n{\"a\":2}"));
	CHECK(guesses("-", "{\"sheaf\":1,\"id\":\"x"));
	CHECK(!guesses("a.json", "{\"a\":1}\n"));
	CHECK(!guesses("a.json", "{\n\"a\":1\n}\n"));
	CHECK(!guesses("a.md", "{\"a\":1}\n{\"a\":2}\n"));
	CHECK(!guesses("a.txt", "Text\n{\"a\":1}\n{\"a\":2}\n"));
	CHECK(!guesses("a.txt", "{\"a\":1}\nText\n"));
	CHECK(!guesses("a", ""));
	CHECK(strcmp(sheaf_format_find((struct sheaf_str){ "jsonl", 5 }),
		     "jsonl") == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_line_gives_all_fields) },
		{ HARNESS_TEST(test_names_of_datasets) },
		{ HARNESS_TEST(test_dates_that_are_numbers) },
		{ HARNESS_TEST(test_field_map) },
		{ HARNESS_TEST(test_names) },
		{ HARNESS_TEST(test_more_names_than_the_first_table_holds) },
		{ HARNESS_TEST(test_odd_lines) },
		{ HARNESS_TEST(test_first_line_tells_the_file) },
		{ HARNESS_TEST(test_bad_lines_warn) },
		{ HARNESS_TEST(test_hostile_lines_are_bounded) },
		{ HARNESS_TEST(test_long_line_is_not_held) },
		{ HARNESS_TEST(test_own_lines_are_articles_again) },
		{ HARNESS_TEST(test_pieces_of_any_size) },
		{ HARNESS_TEST(test_guess) },
	};
	int failed = parsed_main(argc, argv, tests, HARNESS_COUNT(tests));

	buf_done(&c.text);
	return failed;
}
