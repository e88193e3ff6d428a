/*
 * cdxj.c - the index beside a WARC: a line a record that can be replayed
 *
 *     SURT TIMESTAMP {"url": ..., "mime": ..., "status": ..., "digest": ...,
 *     "length": ..., "offset": ..., "filename": ...}
 */
#include "formats/warc/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "article/scan.h"
#include "article/utf8.h"

enum { STAMP_DIGITS = 14 };

struct warc_cdxj {
	struct warc_runs *runs;
	char *path;
	const char *filename; /* of the WARC, without its folder; borrowed */
	struct buf line;
};

enum sheaf_status warc_cdxj_new(struct warc_cdxj **out, const char *shown,
				struct sheaf_error *err)
{
	struct warc_cdxj *c = calloc(1, sizeof(*c));
	const char *slash = strrchr(shown, '/');
	char text[FAIL_PATH_SIZE];

	*out = NULL;
	if (!c)
		return fail_nomem(err);
	c->filename = slash ? slash + 1 : shown;
	if (asprintf(&c->path, "%s.cdxj", shown) < 0)
		c->path = NULL;
	if (c->path)
		c->runs = warc_runs_new(c->path);
	if (!c->path || !c->runs) {
		warc_cdxj_free(c);
		return fail_nomem(err);
	}
	if (access(c->path, F_OK) == 0 && access(shown, F_OK) != 0) {
		text_escape(text, sizeof(text), c->path, strlen(c->path));
		warc_cdxj_free(c);
		return fail(err, SHEAF_MISUSE,
			    "%s exists: remove it, or name another output",
			    text);
	}
	*out = c;
	return SHEAF_OK;
}

void warc_cdxj_free(struct warc_cdxj *c)
{
	if (!c)
		return;
	warc_runs_free(c->runs);
	free(c->path);
	buf_done(&c->line);
	free(c);
}

static void text_put(struct buf *out, const char *s)
{
	buf_bytes(out, s, strlen(s));
}

/* a JSON string; what is no UTF-8 as if it were Latin-1 */
static void string_put(struct buf *out, struct sheaf_str s)
{
	const char *p = s.len != 0 ? s.p : "";
	bool is_utf8 = utf8_valid(p, s.len);
	char coded[8];

	buf_u8(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '"' || c == '\\') {
			buf_u8(out, '\\');
			buf_u8(out, c);
		} else if (c < ' ' || c == 0x7f || (c > 0x7f && !is_utf8)) {
			snprintf(coded, sizeof(coded), "\\u%04x", c);
			text_put(out, coded);
		} else {
			buf_u8(out, c);
		}
	}
	buf_u8(out, '"');
}

static void member_put(struct buf *out, const char *name, struct sheaf_str s)
{
	if (out->len != 0 && out->p && out->p[out->len - 1] != '{')
		text_put(out, ", ");
	string_put(out, (struct sheaf_str){ name, strlen(name) });
	text_put(out, ": ");
	string_put(out, s);
}

static void number_put(struct buf *out, const char *name, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRIu64, n);

	member_put(out, name, (struct sheaf_str){ text, (size_t)len });
}

/* "20250214024613" of "2025-02-14T02:46:13Z" */
static void stamp_put(struct buf *out, struct sheaf_str date)
{
	size_t n = 0;

	for (size_t i = 0; i < date.len && n < STAMP_DIGITS; i++) {
		if (scan_is_digit(date.p[i])) {
			buf_u8(out, (uint8_t)date.p[i]);
			n++;
		}
	}
	for (; n < STAMP_DIGITS; n++)
		buf_u8(out, '0');
}

static void members_put(struct buf *b, const struct warc_record *r,
			const struct warc_http *http, bool is_http)
{
	const struct sheaf_str revisit = { "warc/revisit", 12 };
	struct sheaf_str digest = r->payload_digest, mime;
	const char *colon =
		digest.len ? memchr(digest.p, ':', digest.len) : NULL;

	if (colon) /* as the tools have it: without "sha1:" */
		digest = (struct sheaf_str){
			colon + 1, digest.len - (size_t)(colon + 1 - digest.p)
		};
	mime = warc_media_type(is_http ? http->content_type : r->content_type);
	if (r->type == WARC_REVISIT)
		mime = revisit;
	member_put(b, "url", r->target);
	if (mime.len != 0)
		member_put(b, "mime", mime);
	if (is_http && http->status != 0)
		number_put(b, "status", (uint64_t)http->status);
	if (digest.len != 0)
		member_put(b, "digest", digest);
}

enum sheaf_status warc_cdxj_put(struct warc_cdxj *c, const struct buf *record,
				uint64_t offset, uint64_t packed,
				struct sheaf_error *err)
{
	size_t head = warc_head_len(record->p, record->len);
	struct buf *b = &c->line;
	struct warc_record r;
	struct warc_http http;
	enum sheaf_status st = warc_record_parse(&r, record->p, head, err);
	bool is_http;

	if (st != SHEAF_OK)
		return st;
	is_http = warc_http_parse(&http, record->p + head, record->len - head);
	buf_clear(b);
	warc_surt(b, r.target);
	buf_u8(b, ' ');
	stamp_put(b, r.date);
	text_put(b, " {");
	members_put(b, &r, &http, is_http);
	number_put(b, "length", packed);
	number_put(b, "offset", offset);
	member_put(b, "filename",
		   (struct sheaf_str){ c->filename, strlen(c->filename) });
	text_put(b, "}");
	if (b->bad)
		return fail_nomem(err);
	return warc_runs_put(c->runs, b->p, b->len, err);
}

enum sheaf_status warc_cdxj_finish(struct warc_cdxj *c, struct sheaf_error *err)
{
	return warc_runs_write(c->runs, c->path, err);
}
