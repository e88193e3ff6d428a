/*
 * make.c - the WARC record of an article that came from no WARC
 *
 * Nothing in it but what the corpus has: the same article, name and time give
 * the same record.  What WARC has no field for has names that begin with
 * "Sheaf-", so that the article gets its name, format and time again when the
 * file is read.
 */
#include "formats/warc/write.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "article/date.h"
#include "codec/hash.h"
#include "formats/link.h"

#define TIME_MIN (-62135596800LL) /* the first second of the year 1 */

struct warc_make {
	bool old; /* as WARC/1.0, and as libarchive reads it */
	bool text;
	int64_t time; /* of what has none that a date can say */
	struct sha256 *sha;
	struct buf block; /* of the warcinfo */
};

struct warc_make *warc_make_new(const struct writer_target *target, bool old)
{
	struct warc_make *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->old = old;
	m->text = target->text_only;
	m->time = target->time;
	m->sha = sha256_new();
	if (m->sha)
		return m;
	warc_make_free(m);
	return NULL;
}

void warc_make_free(struct warc_make *m)
{
	if (!m)
		return;
	sha256_free(m->sha);
	buf_done(&m->block);
	free(m);
}

static void line(struct buf *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* short ones; what is long is put by its bytes */
static void line(struct buf *out, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_bytes(out, text, n > 0 && n < (int)sizeof(text) ? (size_t)n : 0);
}

static void text_put(struct buf *out, const char *s)
{
	buf_bytes(out, s, strlen(s));
}

/* "2025-02-14T02:46:13.000000001Z" */
static void date_put(struct buf *out, struct sheaf_time t)
{
	char date[21];

	date_format(t.sec, date);
	date[19] = '\0';
	text_put(out, date);
	if (t.nsec != 0)
		line(out, ".%09u", t.nsec);
	text_put(out, "Z");
}

/* RFC 4648, as digests are written in WARC */
static void base32_put(struct buf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 5; have -= 5, n++)
			buf_u8(out, (uint8_t)digits[bits >> (have - 5) & 31]);
	}
	if (have > 0) {
		buf_u8(out, (uint8_t)digits[bits << (5 - have) & 31]);
		n++;
	}
	for (; n % 8 != 0; n++)
		buf_u8(out, '=');
}

static void digest_put(struct buf *out, const char *field,
		       const uint8_t sha[SHA256_SIZE])
{
	text_put(out, field);
	text_put(out, ": sha256:");
	base32_put(out, sha, SHA256_SIZE);
	text_put(out, "\r\n");
}

/* a name for the record out of a digest of what it is: as a UUID of version 8
 * (RFC 9562), made from bytes of one's own */
static void record_id_put(struct buf *out, const uint8_t sha[SHA256_SIZE])
{
	line(out,
	     "WARC-Record-ID: <urn:uuid:%02x%02x%02x%02x-%02x%02x-8%x%02x-"
	     "%02x%02x-%02x%02x%02x%02x%02x%02x>\r\n",
	     sha[0], sha[1], sha[2], sha[3], sha[4], sha[5], sha[6] & 15,
	     sha[7], (sha[8] & 0x3f) | 0x80, sha[9], sha[10], sha[11], sha[12],
	     sha[13], sha[14], sha[15]);
}

static void head_begin(const struct warc_make *m, struct buf *out,
		       const char *type, const uint8_t sha[SHA256_SIZE],
		       struct sheaf_time t)
{
	buf_clear(out);
	line(out, "WARC/1.%d\r\nWARC-Type: %s\r\n", m->old ? 0 : 1, type);
	record_id_put(out, sha);
	text_put(out, "WARC-Date: ");
	date_put(out, t);
	text_put(out, "\r\n");
}

enum sheaf_status warc_make_info(struct warc_make *m, struct buf *out,
				 const struct writer_target *target,
				 struct sheaf_error *err)
{
	struct buf *b = &m->block;
	uint8_t sha[SHA256_SIZE];
	struct sheaf_time t = { target->time, 0 };

	buf_clear(b);
	line(b, "software: sheaf/%s\r\n", SHEAF_VERSION);
	line(b, "format: WARC File Format 1.%d\r\n", m->old ? 0 : 1);
	text_put(b, "sheaf-commit: ");
	for (int i = 0; i < 32; i++)
		line(b, "%02x", target->commit_id ? target->commit_id[i] : 0);
	text_put(b, "\r\n");
	sha256_add(m->sha, b->p, b->len);
	sha256_end(m->sha, sha);
	head_begin(m, out, "warcinfo", sha, t);
	digest_put(out, "WARC-Block-Digest", sha);
	line(out,
	     "Content-Type: application/warc-fields\r\n"
	     "Content-Length: %zu\r\n\r\n",
	     b->len);
	buf_bytes(out, b->p, b->len);
	return out->bad || b->bad ? fail_nomem(err) : SHEAF_OK;
}

static bool str_begins(struct sheaf_str s, const char *with)
{
	return s.len >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

static const char *media_of(struct sheaf_str format)
{
	if (str_begins(format, "html"))
		return "text/html";
	if (str_begins(format, "hugo"))
		return "text/markdown";
	if (str_begins(format, "json"))
		return "application/json";
	if (str_begins(format, "csv"))
		return "text/csv";
	return "text/plain";
}

/* where the article is from; else its name as a URN, or for libarchive, which
 * reads no URN, as that of a file */
static void target_put(const struct warc_make *m, struct buf *out,
		       const struct writer_item *item)
{
	struct sheaf_str none = { 0 };
	struct sheaf_str url =
		link_url(item->fields ? item->fields->url : none);

	if (url.len == 0)
		url = link_url(item->record->name);
	text_put(out, "WARC-Target-URI: ");
	if (url.len != 0) {
		buf_bytes(out, url.p, url.len);
	} else {
		text_put(out, m->old ? "file:///" : "urn:sheaf:");
		warc_percent_put(out, item->record->name);
	}
	text_put(out, "\r\n");
}

static void id_hash(struct warc_make *m, const struct writer_item *item,
		    struct sheaf_time t, uint8_t sha[SHA256_SIZE])
{
	char time[48];
	int n = snprintf(time, sizeof(time), "%" PRId64 ".%09u", t.sec, t.nsec);

	sha256_add(m->sha, item->id, SHEAF_ID_SIZE);
	sha256_add(m->sha, time, (size_t)n);
	sha256_add(m->sha, item->record->name.p, item->record->name.len);
	sha256_end(m->sha, sha);
}

enum sheaf_status warc_make_resource(struct warc_make *m, struct buf *out,
				     const struct writer_item *item,
				     struct sheaf_error *err)
{
	const struct sheaf_record *record = item->record;
	struct sheaf_time t = record->mtime, shown = t;
	char date[21], hex[SHEAF_ID_HEX + 1];
	uint8_t sha[SHA256_SIZE];
	bool fits;

	date_format(t.sec, date);
	fits = date[1] != '\0' && t.sec >= TIME_MIN && t.nsec < 1000000000;
	if (!fits)
		shown = (struct sheaf_time){ m->time, 0 };
	else if (m->old) /* its dates have whole seconds */
		shown.nsec = 0;
	id_hash(m, item, t, sha);
	head_begin(m, out, "resource", sha, shown);
	target_put(m, out, item);
	sha256_add(m->sha, item->text, item->text_len);
	sha256_end(m->sha, sha);
	digest_put(out, "WARC-Block-Digest", sha);
	digest_put(out, "WARC-Payload-Digest", sha);
	text_put(out, "Sheaf-Name: ");
	warc_percent_put(out, record->name);
	text_put(out, "\r\nSheaf-Format: ");
	warc_percent_put(out, record->format);
	text_put(out, "\r\n");
	sheaf_id_hex(item->id, hex);
	if (!m->text)
		line(out, "Sheaf-Id: %s\r\n", hex);
	if (!fits || shown.nsec != t.nsec)
		line(out, "Sheaf-Time: %" PRId64 ".%09u\r\n", t.sec, t.nsec);
	line(out, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
	     media_of(record->format), item->text_len);
	buf_bytes(out, item->text, item->text_len);
	return out->bad ? fail_nomem(err) : SHEAF_OK;
}
