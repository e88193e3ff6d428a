/*
 * test_warc_write.c - formats/warc/: articles into records, and back
 */
#include <fcntl.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "warc_sink.h"

#include "formats/warc/write.h"

static struct sheaf_error err;
static struct buf out;

static enum sheaf_status out_write(const void *p, size_t len, void *arg,
				   struct sheaf_error *e)
{
	(void)arg;
	(void)e;
	buf_bytes(&out, p, len);
	return SHEAF_OK;
}

static struct sheaf_str str(const char *s)
{
	return (struct sheaf_str){ s, strlen(s) };
}

struct given {
	const char *name, *format, *bytes, *url;
	struct sheaf_time mtime;
};

static const struct given articles[] = {
	{ "a/b.md", "hugo", "---\ntitle: x\n---\ntext\n", NULL, { 5, 6 } },
	{ "\xc3\xa4 %20\n", "text", "", NULL, { 1739501173, 0 } },
	{ "b",
	  "text",
	  "x",
	  "http://www.a.example:80/b?d&c",
	  { -1, 999999999 } },
	{ "http://a.example/", "text", "WARC/1.0\r\n\r\n", NULL, { 0, 0 } },
	{ "old", "text", "y", "not a url", { -62135596801, 1 } },
	{ "far", "no such format", "y", NULL, { INT64_MAX / 16, 0 } },
};
enum { ARTICLES = sizeof(articles) / sizeof(articles[0]) };

static enum sheaf_status all_write(const struct writer_format *format,
				   const char *shown)
{
	const struct writer_target target = { .write = out_write,
					      .shown = shown,
					      .time = 1700000000,
					      .threads = 1 };
	void *state;
	enum sheaf_status st;

	buf_clear(&out);
	st = format->open(&state, &target, &err);

	if (st != SHEAF_OK)
		return st;
	for (size_t i = 0; i < ARTICLES && st == SHEAF_OK; i++) {
		const struct given *a = &articles[i];
		struct sheaf_fields fields = { 0 };
		struct sheaf_record record = { .name = str(a->name),
					       .format = str(a->format),
					       .mtime = a->mtime };
		struct writer_item item = { .record = &record,
					    .fields = &fields,
					    .bytes = a->bytes,
					    .len = strlen(a->bytes),
					    .text = a->bytes,
					    .text_len = strlen(a->bytes) };

		if (a->url)
			fields.url = str(a->url);
		sheaf_id_of(item.bytes, item.len, item.id);
		st = format->put(state, &item, &err);
	}
	if (st == SHEAF_OK)
		st = format->finish(state, &err);
	format->free(state);
	return st;
}

static void round_trip(const struct writer_format *format)
{
	CHECK(all_write(format, "") == SHEAF_OK);
	CHECK(kept_read(&container_warc, out.p, out.len, SHEAF_ARTICLE_MAX,
			&err) == SHEAF_OK);
	CHECK(failed_count == 0);
	if (!CHECK(kept_count == ARTICLES)) /* no companions */
		return;
	for (size_t i = 0; i < ARTICLES; i++) {
		const struct given *a = &articles[i];

		CHECK(strcmp(kept[i].name, a->name) == 0);
		CHECK(strcmp(kept[i].bytes, a->bytes) == 0);
		CHECK(kept[i].has_mtime);
		CHECK(kept[i].mtime.sec == a->mtime.sec &&
		      kept[i].mtime.nsec == a->mtime.nsec);
		CHECK(strcmp(kept[i].format, i < 5 ? a->format : "text") == 0);
	}
}

static void test_articles_come_back(void)
{
	round_trip(&writer_warc);
	round_trip(&writer_warc_1_0);
}

static void test_same_input_same_bytes(void)
{
	struct buf first;

	CHECK(all_write(&writer_warc, "") == SHEAF_OK);
	first = out;
	out = (struct buf){ 0 };
	CHECK(all_write(&writer_warc, "") == SHEAF_OK);
	CHECK(first.len == out.len && first.len != 0 &&
	      memcmp(first.p, out.p, out.len) == 0);
	buf_done(&first);
}

/* all of a small file, terminated; to be freed */
static char *slurp(const char *path)
{
	char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return copy(text, n > 0 ? (size_t)n : 0);
}

static void test_index_lies_beside_it(void)
{
	const char *const starts[] = {
		"example,a)/ 19700101000000 {\"url\": \"http://a.example/\"",
		"example,a)/b?c&d 19691231235959 {\"url\": \"http://www.a.",
		"urn:sheaf:%c3%a4%20%2520%0a ",
		"urn:sheaf:a/b.md 19700101000005 ",
		"urn:sheaf:far 20231114221320 ",
		"urn:sheaf:old 20231114221320 ",
	};
	char *text, *at;

	CHECK(all_write(&writer_warc, "o.warc.gz") == SHEAF_OK);
	text = slurp("o.warc.gz.cdxj");
	at = text;
	for (size_t i = 0; i < ARTICLES; i++) {
		char *nl = strchr(at, '\n');

		if (!CHECK(nl != NULL))
			break;
		*nl = '\0';
		if (!CHECK(strncmp(at, starts[i], strlen(starts[i])) == 0))
			printf("  %s\n", at);
		CHECK(strstr(at, "\"filename\": \"o.warc.gz\"}") != NULL);
		at = nl + 1;
	}
	CHECK(*at == '\0');
	free(text);
	/* what it would be the index of is not there: whose is it then */
	CHECK(all_write(&writer_warc, "o.warc.gz") == SHEAF_MISUSE);
	unlink("o.warc.gz.cdxj");
}

static void surt_is(const char *url, const char *expected)
{
	struct buf key = { 0 };

	warc_surt(&key, str(url));
	if (!CHECK(key.len == strlen(expected) &&
		   memcmp(key.p, expected, key.len) == 0))
		printf("  %.*s\n", (int)key.len, (char *)key.p);
	buf_done(&key);
}

static void test_surt(void)
{
	surt_is("http://example.com", "com,example)/");
	surt_is("https://WWW2.Example.com:443/A/?", "com,example)/a/");
	surt_is("http://www.com/", "com)/");
	surt_is("http://u:p@example.com:8080/x#y", "com,example:8080)/x");
	surt_is("https://example.com:80/?b=2&a=1&b=1",
		"com,example:80)/?a=1&b=1&b=2");
	surt_is("http://example.com/a b\n", "com,example)/a%20b%0a");
	surt_is("ftp://example.com/X", "ftp://example.com/x");
	surt_is("http://", ")/");
}

static void test_runs_are_merged(void)
{
	struct warc_runs *r = warc_runs_new("runs");
	static char line[40000];
	char *text;
	bool sorted = true;
	unsigned int last = 0, n, lines = 0;
	FILE *f;

	/* 72 MB: one run full, one begun */
	memset(line, 'x', sizeof(line) - 1);
	for (unsigned int i = 0; i < 1800; i++) {
		char head[9];

		snprintf(head, sizeof(head), "%08u", i * 7919 % 1800);
		memcpy(line, head, 8);
		if (!CHECK(warc_runs_put(r, line, sizeof(line) - 1, &err) ==
			   SHEAF_OK))
			break;
	}
	CHECK(warc_runs_write(r, "runs", &err) == SHEAF_OK);
	warc_runs_free(r);
	f = fopen("runs", "r");
	text = malloc(sizeof(line) + 2);
	while (f && text && fgets(text, sizeof(line) + 2, f)) {
		n = (unsigned int)strtoul(text, NULL, 10);
		sorted = sorted && n == lines && (n >= last);
		last = n;
		lines++;
	}
	CHECK(sorted && lines == 1800);
	free(text);
	if (f)
		fclose(f);
	unlink("runs");
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_articles_come_back) },
		{ HARNESS_TEST(test_same_input_same_bytes) },
		{ HARNESS_TEST(test_index_lies_beside_it) },
		{ HARNESS_TEST(test_surt) },
		{ HARNESS_TEST(test_runs_are_merged) },
	};
	int failed;

	if (!scratch_enter())
		return 1;
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	kept_clear();
	buf_done(&out);
	return failed;
}
