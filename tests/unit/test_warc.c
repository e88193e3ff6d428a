/*
 * test_warc.c - formats/warc/: records into articles and companions
 */
#include <stdarg.h>

#include <zlib.h>

#include "harness.h"
#include "warc_sink.h"

#include "formats/warc/warc.h"

static struct sheaf_error err;
static struct buf file;

static void add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_bytes(&file, text, (size_t)n);
}

/* a record with @fields ("Name: value\r\n" each) and a block */
static void record_add(const char *type, const char *fields, const void *block,
		       size_t len)
{
	add("WARC/1.0\r\nWARC-Type: %s\r\n%sContent-Length: %zu\r\n\r\n", type,
	    fields, len);
	buf_bytes(&file, block, len);
	add("\r\n\r\n");
}

static void response_add(const char *url, const char *http, const char *body)
{
	char fields[300], block[4096];

	snprintf(fields, sizeof(fields),
		 "WARC-Target-URI: %s\r\nWARC-Date: 2025-02-14T02:46:13Z\r\n"
		 "Content-Type: application/http; msgtype=response\r\n",
		 url);
	snprintf(block, sizeof(block), "HTTP/1.1 200 OK\r\n%s\r\n%s", http,
		 body);
	record_add("response", fields, block, strlen(block));
}

static enum sheaf_status file_read(void)
{
	enum sheaf_status st = kept_read(&container_warc, file.p, file.len,
					 SHEAF_ARTICLE_MAX, &err);

	buf_clear(&file);
	return st;
}

/* is @s of kept[@i] what is expected; NULL fits NULL */
static bool is(const char *s, const char *expected)
{
	return s && strcmp(s, expected) == 0;
}

/* does the companion kept[@i] give @record again, with kept[@of]'s article */
static bool gives_again(size_t i, size_t of, const void *record, size_t len)
{
	struct buf out = { 0 };
	bool same = warc_companion_get(&out, kept[i].bytes, kept[i].len,
				       kept[of].id, kept[of].bytes,
				       kept[of].len, &err) == SHEAF_OK &&
		    out.len == len && memcmp(out.p, record, len) == 0;

	buf_done(&out);
	return same;
}

static void test_response_is_an_article_and_a_companion(void)
{
	struct buf before = { 0 };

	response_add("http://a.example/b",
		     "Content-Type: text/html\r\nContent-Language: en\r\n",
		     "<html>b</html>");
	buf_bytes(&before, file.p, file.len);
	CHECK(file_read() == SHEAF_OK);
	if (!CHECK(kept_count == 2))
		return;
	CHECK(is(kept[0].name, "http://a.example/b"));
	CHECK(is(kept[0].bytes, "<html>b</html>"));
	CHECK(kept[0].has_mtime && kept[0].mtime.sec == 1739501173);
	CHECK(is(kept[0].lang, "en") && is(kept[0].outlet, "a.example"));
	CHECK(is(kept[1].format, ".warc"));
	CHECK(strncmp(kept[1].name, ".warc/", 6) == 0);
	CHECK(is(kept[1].name + 19, "http://a.example/b"));
	CHECK(!strstr(kept[1].bytes, "<html>"));
	CHECK(gives_again(1, 0, before.p, before.len - 4));
	/* that of another article; damaged ones */
	CHECK(warc_companion_get(&file, kept[1].bytes, kept[1].len, kept[1].id,
				 "", 0, &err) == SHEAF_NOT_FOUND);
	for (size_t cut = 0; cut < kept[1].len; cut++)
		CHECK(warc_companion_get(&file, kept[1].bytes, cut, kept[0].id,
					 kept[0].bytes, kept[0].len,
					 &err) == SHEAF_CORRUPT);
	CHECK(warc_companion_get(&file, kept[1].bytes, kept[1].len, kept[0].id,
				 kept[0].bytes, kept[0].len - 1,
				 &err) == SHEAF_CORRUPT);
	buf_clear(&file);
	buf_done(&before);
}

static void test_chunks_are_taken_off_and_put_back(void)
{
	struct buf before = { 0 };

	response_add("http://a.example/c",
		     "Content-Type: text/plain\r\nTransfer-Encoding: chunked"
		     "\r\n",
		     "5;x=y\r\nabcde\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n");
	buf_bytes(&before, file.p, file.len);
	CHECK(file_read() == SHEAF_OK);
	if (!CHECK(kept_count == 2))
		return;
	CHECK(is(kept[0].bytes, "abcde0123456789"));
	CHECK(!strstr(kept[1].bytes, "0123456789"));
	CHECK(gives_again(1, 0, before.p, before.len - 4));
	buf_done(&before);
}

static void test_chunked_in_name_only_is_taken_as_it_is(void)
{
	response_add("http://a.example/c",
		     "Content-Type: text/plain\r\nTransfer-Encoding: chunked"
		     "\r\n",
		     "no chunks at all");
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && is(kept[0].bytes, "no chunks at all"));
}

static void test_broken_chunks_fail(void)
{
	static const char *const bodies[] = {
		"5\r\nabc",
		"5\r\nabcde\r\nzz\r\n",
		"5\r\nabcde\r\n",
		"FFFFFFFF\r\nabcde\r\n0\r\n\r\n",
		"5\r\nabcdefgh\r\n0\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		response_add("http://a.example/c",
			     "Content-Type: text/plain\r\n"
			     "Transfer-Encoding: chunked\r\n",
			     bodies[i]);
		CHECK(file_read() == SHEAF_OK);
		CHECK(kept_count == 0 && failed_count == 1);
		CHECK(is(last_failed, "http://a.example/c: its chunks are "
				      "broken or cut short"));
	}
	/* longer than any chunk may say: it is no chunk */
	response_add("http://a.example/c",
		     "Content-Type: text/plain\r\n"
		     "Transfer-Encoding: chunked\r\n",
		     "123456789\r\nabcde\r\n0\r\n\r\n");
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && failed_count == 0);
}

static size_t gzip(const void *p, size_t len, uint8_t *out, size_t room,
		   int bits)
{
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)p,
		       .avail_in = (uInt)len,
		       .next_out = out,
		       .avail_out = (uInt)room };

	CHECK(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, 0) == Z_OK);
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static void coded_add(const char *coding, const void *body, size_t len)
{
	uint8_t block[8192];
	int n = snprintf((char *)block, sizeof(block),
			 "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			 "Content-Encoding: %s\r\n\r\n",
			 coding);

	memcpy(block + n, body, len);
	record_add("response",
		   "WARC-Target-URI: http://a.example/z\r\n"
		   "WARC-Date: 2025-02-14T02:46:13.25Z\r\n",
		   block, (size_t)n + len);
}

static void test_codings_are_taken_off_and_kept(void)
{
	static const struct {
		const char *name;
		int bits;
	} codings[] = { { "gzip", 31 },
			{ "x-gzip", 31 },
			{ "deflate", 15 },
			{ "deflate", -15 } };
	const char *page = "<html><body>A page, a page, a page</body></html>";
	uint8_t coded[400];

	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		size_t n = gzip(page, strlen(page), coded, sizeof(coded),
				codings[i].bits);
		struct buf before = { 0 };

		coded_add(codings[i].name, coded, n);
		buf_bytes(&before, file.p, file.len);
		CHECK(file_read() == SHEAF_OK);
		if (!CHECK(kept_count == 2))
			continue;
		CHECK(is(kept[0].bytes, page));
		CHECK(kept[0].mtime.nsec == 250000000);
		CHECK(gives_again(1, 0, before.p, before.len - 4));
		buf_done(&before);
		/* cut short */
		coded_add(codings[i].name, coded, n - 12);
		CHECK(file_read() == SHEAF_OK);
		CHECK(kept_count == 0 && failed_count == 1);
	}
	/* not coded, whatever it says; then a coding that is not known */
	coded_add("gzip", page, strlen(page));
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && is(kept[0].bytes, page));
	coded_add("exi", page, strlen(page));
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 0 &&
	      is(last_failed,
		 "http://a.example/z: its Content-Encoding is not known"));
}

/* hand-made, with the page as it is within: 17 bytes */
#define PAGE "<html>page</html>"
static const char in_brotli[] = "\x00\x01\x10" PAGE "\x03";
static const char in_zstd[] = "\x28\xb5\x2f\xfd\x20\x11\x89\x00\x00" PAGE;

static void test_newer_codings(void)
{
	coded_add("br", in_brotli, sizeof(in_brotli) - 1);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && is(kept[0].bytes, PAGE));
	coded_add("zstd, br, identity", in_brotli, sizeof(in_brotli) - 1);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && is(kept[0].bytes, PAGE));
	coded_add("zstd", in_zstd, sizeof(in_zstd) - 1);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 2 && is(kept[0].bytes, PAGE));
	coded_add("br", in_brotli, sizeof(in_brotli) - 3);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 0 && failed_count == 1);
	coded_add("zstd", in_zstd, sizeof(in_zstd) - 3);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 0 && failed_count == 1);
	coded_add("gzip, br, gzip, br, gzip", PAGE, strlen(PAGE));
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 0 && failed_count == 1);
}

/* the frame of a dictionary, then frames */
static void dict_add(const char *dict, size_t len)
{
	const uint8_t head[8] = { 0x5d, 0x2a, 0x4d, 0x18, (uint8_t)len };

	buf_bytes(&file, head, 8);
	buf_bytes(&file, dict, len);
}

static void test_dictionary_is_taken(void)
{
	char record[] = "\x28\xb5\x2f\xfd\x20\x00\x00\x00\x00"
			"WARC/1.0\r\nWARC-Type: resource\r\n"
			"Content-Type: text/plain\r\nWARC-Target-URI: x\r\n"
			"Content-Length: 1\r\n\r\ny\r\n\r\n";
	size_t len = sizeof(record) - 1 - 9;

	record[5] = (char)len;
	record[6] = (char)(1 | (len & 31) << 3);
	record[7] = (char)(len >> 5);
	dict_add("any bytes", 9);
	buf_bytes(&file, record, sizeof(record) - 1);
	buf_bytes(&file, record, sizeof(record) - 1);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 4 && is(kept[2].bytes, "y"));
	/* it says that it is one, and is none */
	dict_add("\x37\xa4\x30\xec\x01\x00\x00\x00 damaged", 16);
	buf_bytes(&file, record, sizeof(record) - 1);
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(is(err.text, "its zstd dictionary is damaged"));
	dict_add("\x28\xb5\x2f\xfd\x20 damaged", 13);
	CHECK(file_read() == SHEAF_CORRUPT);
	dict_add("any bytes", 9);
	file.len -= 3;
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(is(err.text, "cut short in its zstd dictionary"));
	dict_add("any bytes", 9);
	buf_bytes(&file, record, sizeof(record) - 5);
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(is(err.text, "the compressed data is cut short"));
	dict_add("any bytes", 9);
	file.p[7] = 0x7f; /* 2 GB of it */
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(is(err.text, "its zstd dictionary is larger than 16 MiB"));
	dict_add("any bytes", 9);
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(is(err.text, "empty, and no WARC file: get it whole"));
}

static void test_bomb_is_refused(void)
{
	static uint8_t zeros[1 << 20];
	uint8_t coded[4096];
	size_t n = gzip(zeros, sizeof(zeros), coded, sizeof(coded), 31);

	coded_add("gzip", coded, n);
	CHECK(kept_read(&container_warc, file.p, file.len, sizeof(zeros) - 1,
			&err) == SHEAF_OK);
	CHECK(kept_count == 0 && failed_count == 1);
	CHECK(is(last_failed, "http://a.example/z: larger than 1048575 bytes"));
	CHECK(kept_read(&container_warc, file.p, file.len, sizeof(zeros),
			&err) == SHEAF_OK);
	CHECK(kept_count == 2);
	buf_clear(&file);
}

static void test_revisit_is_the_article_again(void)
{
	const char *digest = "WARC-Payload-Digest: sha1:AAAA\r\n";
	char fields[400];

	snprintf(fields, sizeof(fields),
		 "WARC-Target-URI: http://a.example/1\r\n%s"
		 "Content-Type: text/plain\r\n",
		 digest);
	record_add("resource", fields, "one", 3);
	/* by digest, of another address */
	snprintf(fields, sizeof(fields),
		 "WARC-Target-URI: http://a.example/2\r\n%s"
		 "WARC-Date: 2025-02-15T00:00:00Z\r\n",
		 digest);
	record_add("revisit", fields, "", 0);
	/* by address */
	record_add("revisit",
		   "WARC-Target-URI: http://a.example/3\r\n"
		   "WARC-Refers-To-Target-URI: http://a.example/1\r\n",
		   "HTTP/1.1 304 Not Modified\r\n\r\n", 29);
	/* nowhere, and known only later */
	record_add("revisit", "WARC-Target-URI: http://a.example/5\r\n", "", 0);
	record_add("resource",
		   "WARC-Target-URI: http://a.example/5\r\n"
		   "Content-Type: text/plain\r\n",
		   "five", 4);
	record_add("revisit", "WARC-Target-URI: http://a.example/4\r\n", "", 0);
	CHECK(file_read() == SHEAF_OK);
	if (!CHECK(kept_count == 10))
		return;
	CHECK(kept[8].is_again && is(kept[8].name, "http://a.example/5"));
	CHECK(memcmp(kept[8].id, kept[6].id, SHEAF_ID_SIZE) == 0);
	CHECK(kept[2].is_again && is(kept[2].name, "http://a.example/2"));
	CHECK(memcmp(kept[2].id, kept[0].id, SHEAF_ID_SIZE) == 0);
	CHECK(is(kept[3].format, ".warc"));
	CHECK(strstr(kept[3].bytes, "WARC-Type: revisit"));
	CHECK(kept[4].is_again && is(kept[4].name, "http://a.example/3"));
	CHECK(memcmp(kept[4].id, kept[0].id, SHEAF_ID_SIZE) == 0);
	CHECK(is(all_skipped,
		 "no article: 1 revisit of what is no article here\n"));
}

static void test_other_records_are_counted(void)
{
	record_add("warcinfo", "", "a: b\r\n", 6);
	record_add("request", "WARC-Target-URI: http://a/\r\n", "GET /", 5);
	record_add("request", "WARC-Target-URI: http://a/\r\n", "GET /", 5);
	record_add("resource",
		   "WARC-Target-URI: metadata://x/log\r\n"
		   "Content-Type: text/plain\r\n",
		   "log", 3);
	record_add("strange", "", "?", 1);
	response_add("http://a.example/i", "Content-Type: image/png\r\n", "P");
	response_add("http://a.example/e", "Content-Type: text/html\r\n", "");
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 0 && failed_count == 0);
	CHECK(is(all_skipped,
		 "no article: 2 request, 1 warcinfo, 1 unknown, 2 neither HTML "
		 "nor text, 1 without a payload\n"));
}

static void test_name_and_date_may_be_absent(void)
{
	record_add("resource", "Content-Type: text/plain\r\n", "x", 1);
	record_add("resource",
		   "Content-Type: text/plain\r\n"
		   "WARC-Target-URI: <http://a.example/x y>\r\n"
		   "WARC-Date: yesterday\r\n",
		   "x", 1);
	CHECK(file_read() == SHEAF_OK);
	CHECK(failed_count == 1 &&
	      is(last_failed, "record at byte 0: it has no WARC-Target-URI"));
	CHECK(kept_count == 2 && is(kept[0].name, "http://a.example/x y"));
	CHECK(!kept[0].has_mtime);
}

static void test_our_own_record_keeps_its_name(void)
{
	record_add("resource",
		   "Content-Type: application/json\r\n"
		   "WARC-Target-URI: urn:sheaf:x\r\n"
		   "Sheaf-Name: a%20b/%C3%A4%2.md\r\nSheaf-Format: hugo\r\n"
		   "Sheaf-Time: -62135596801.000000007\r\n",
		   "", 0);
	CHECK(file_read() == SHEAF_OK);
	if (!CHECK(kept_count == 1))
		return;
	CHECK(is(kept[0].name, "a b/\xc3\xa4%2.md"));
	CHECK(is(kept[0].format, "hugo") && kept[0].len == 0);
	CHECK(kept[0].has_mtime && kept[0].mtime.sec == -62135596801 &&
	      kept[0].mtime.nsec == 7);
}

/* what stops the reading, and the line that it says */
static void test_damage_is_told(void)
{
	static const struct {
		const char *bytes, *text;
	} bad[] = {
		{ "hello", "no WARC file" },
		{ "filedesc://a.arc 0.0.0.0 20", "an ARC file" },
		{ "WARC/0.9 x\r\n\r\n", "WARC/0.9 x is no version" },
		{ "WARC/2.0\r\nContent-Length: 0\r\n\r\n",
		  "the record at byte 0: WARC/2.0 is no version" },
		{ "WARC/1.0\r\n\r\n", "it has no Content-Length" },
		{ "WARC/1.0\r\nContent-Length: -1\r\n\r\n",
		  "its Content-Length is no length" },
		{ "WARC/1.0\r\nContent-Length: 9999999999999999999\r\n\r\n",
		  "its Content-Length is no length" },
		{ "WARC/1.0\r\nContent-Length: 1\r\n"
		  "Content-Length: 2\r\n\r\nab",
		  "its Content-Length is no length" },
		{ "WARC/1.0\r\nContent-Length: 4\r\n\r\nabc",
		  "cut short in the record at byte 0" },
		{ "WARC/1.0\r\nContent-Length: 2\r\n\r\nabc\r\n\r\n",
		  "no record begins at byte 33" },
		{ "WARC/1.0\r\nContent-Len", "cut short in the record" },
		{ "WARC/1.0\r\nWARC-Type: response\r\n"
		  "Content-Length: 999999999999999999\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
		  "cut short in the record at byte 0" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add("%s", bad[i].bytes);
		CHECK(file_read() == SHEAF_CORRUPT);
		if (!CHECK(strstr(err.text, bad[i].text) != NULL))
			printf("%zu: %s\n", i, err.text);
	}
}

static void test_head_without_end_is_refused(void)
{
	add("WARC/1.0\r\n");
	for (int i = 0; i < 2 << 10; i++)
		add("X: %01020d\r\n", i);
	CHECK(file_read() == SHEAF_CORRUPT);
	CHECK(strstr(err.text, "has no end within 1 MiB"));
}

static void test_versions_and_line_ends(void)
{
	static const char *const versions[] = { "0.17", "0.18", "1.0", "1.1" };

	for (size_t i = 0; i < 4; i++)
		add("WARC/%s\nWARC-Type: resource\nContent-Type: text/plain\n"
		    "warc-target-uri:http://a.example/\n\tfolded\n"
		    "Content-Length: 1\n\nx\n\n",
		    versions[i]);
	CHECK(file_read() == SHEAF_OK);
	CHECK(kept_count == 8);
	add("\r\n\n");
	CHECK(file_read() == SHEAF_OK && kept_count == 0);
	CHECK(file_read() == SHEAF_CORRUPT && kept_count == 0);
	CHECK(is(err.text, "empty, and no WARC file: get it whole"));
}

static void test_guess(void)
{
	const struct sheaf_str name = { "x", 1 };

	CHECK(container_guess(name, "WARC/1.0\r\n", 10) == &container_warc);
	CHECK(container_guess(name, "WARC/ is a format", 17) == NULL);
	CHECK(container_guess(name, "WARC", 4) == NULL);
	CHECK(container_guess(name, "", 0) == NULL);
	CHECK(container_guess((struct sheaf_str){ "x.warc", 6 }, "", 0) ==
	      &container_warc);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_response_is_an_article_and_a_companion) },
		{ HARNESS_TEST(test_chunks_are_taken_off_and_put_back) },
		{ HARNESS_TEST(test_chunked_in_name_only_is_taken_as_it_is) },
		{ HARNESS_TEST(test_broken_chunks_fail) },
		{ HARNESS_TEST(test_codings_are_taken_off_and_kept) },
		{ HARNESS_TEST(test_newer_codings) },
		{ HARNESS_TEST(test_dictionary_is_taken) },
		{ HARNESS_TEST(test_bomb_is_refused) },
		{ HARNESS_TEST(test_revisit_is_the_article_again) },
		{ HARNESS_TEST(test_other_records_are_counted) },
		{ HARNESS_TEST(test_name_and_date_may_be_absent) },
		{ HARNESS_TEST(test_our_own_record_keeps_its_name) },
		{ HARNESS_TEST(test_damage_is_told) },
		{ HARNESS_TEST(test_head_without_end_is_refused) },
		{ HARNESS_TEST(test_versions_and_line_ends) },
		{ HARNESS_TEST(test_guess) },
	};
	int failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));

	kept_clear();
	buf_done(&file);
	return failed;
}
