/*
 * write.c - articles as JSON Lines, plain or compressed with zstd
 *
 * One object a line, always with the same keys in the same order (mapping.md).
 * Strings are escaped here, in one pass over runs of what needs no escape:
 * an article is most of its line, and to make values of it first would copy
 * and check it once more.  Bytes that are no text in JSON, as they are no
 * UTF-8 or hold a NUL, stand in base64 under another key.
 */
#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article/date.h"
#include "article/utf8.h"
#include "base/buf.h"
#include "formats/writer.h"

struct state {
	struct writer_target target;
	struct buf line;
	struct archive *archive; /* NULL: not compressed */
	enum sheaf_status st;	 /* of the output below the archive */
	struct sheaf_error error;
};

static void put_text(struct buf *b, const char *text)
{
	buf_bytes(b, text, strlen(text));
}

static void put_escape(struct buf *b, uint8_t c)
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	char text[8];

	for (size_t i = 0; i + 1 < sizeof(shorts); i += 2) {
		if ((uint8_t)shorts[i] == c) {
			buf_u8(b, '\\');
			buf_u8(b, (uint8_t)shorts[i + 1]);
			return;
		}
	}
	snprintf(text, sizeof(text), "\\u%04x", (unsigned int)c);
	put_text(b, text);
}

/* @p is UTF-8 */
static void put_string(struct buf *b, const void *p, size_t len)
{
	const uint8_t *s = p;
	size_t from = 0;

	buf_u8(b, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' && s[i] != 0x7f)
			continue;
		buf_bytes(b, s + from, i - from);
		put_escape(b, s[i]);
		from = i + 1;
	}
	if (len > from)
		buf_bytes(b, s + from, len - from);
	buf_u8(b, '"');
}

static void put_base64(struct buf *b, const void *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *s = p;

	buf_u8(b, '"');
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)s[i] << 16;

		v |= left > 1 ? (uint32_t)s[i + 1] << 8 : 0;
		v |= left > 2 ? s[i + 2] : 0;
		buf_u8(b, (uint8_t)digits[v >> 18]);
		buf_u8(b, (uint8_t)digits[v >> 12 & 63]);
		buf_u8(b, left > 1 ? (uint8_t)digits[v >> 6 & 63] : '=');
		buf_u8(b, left > 2 ? (uint8_t)digits[v & 63] : '=');
	}
	buf_u8(b, '"');
}

static void put_key(struct buf *b, const char *key)
{
	put_text(b, ",\"");
	put_text(b, key);
	put_text(b, "\":");
}

static bool is_text(const void *p, size_t len)
{
	return len == 0 || (!memchr(p, '\0', len) && utf8_valid(p, len));
}

/* under @key as text, else under @other in base64 */
static void put_bytes(struct buf *b, const char *key, const char *other,
		      const void *p, size_t len)
{
	bool text = is_text(p, len);

	put_key(b, text ? key : other);
	if (text)
		put_string(b, p, len);
	else
		put_base64(b, p, len);
}

/* a field: UTF-8 always, null where it is absent */
static void put_field(struct buf *b, const char *key, struct sheaf_str s)
{
	put_key(b, key);
	if (s.len > 0 && is_text(s.p, s.len))
		put_string(b, s.p, s.len);
	else
		put_text(b, "null");
}

static void put_list(struct buf *b, const char *key,
		     const struct sheaf_str *values, size_t count)
{
	bool any = false;

	put_key(b, key);
	buf_u8(b, '[');
	for (size_t i = 0; i < count; i++) {
		if (!is_text(values[i].p, values[i].len))
			continue;
		if (any)
			buf_u8(b, ',');
		put_string(b, values[i].p, values[i].len);
		any = true;
	}
	buf_u8(b, ']');
}

static void put_record(struct buf *b, const struct sheaf_record *record)
{
	char text[WRITER_TIME_SIZE];

	put_bytes(b, "name", "name_base64", record->name.p, record->name.len);
	writer_time(text, record->mtime);
	put_key(b, "mtime");
	put_string(b, text, strlen(text));
	put_field(b, "format", record->format);
	snprintf(text, sizeof(text), "%" PRIu64, record->commit);
	put_key(b, "commit");
	put_text(b, text);
}

static void put_fields(struct buf *b, const struct sheaf_fields *fields)
{
	char text[WRITER_TIME_SIZE];

	put_key(b, "date");
	if (fields->has_date) {
		writer_time(text, (struct sheaf_time){ .sec = fields->date });
		put_string(b, text, strlen(text));
	} else {
		put_text(b, "null");
	}
	put_field(b, "title", fields->title);
	put_field(b, "outlet", fields->outlet);
	put_field(b, "url", fields->url);
	put_field(b, "lang", fields->lang);
	put_list(b, "categories", fields->categories, fields->category_count);
	put_list(b, "tags", fields->tags, fields->tag_count);
}

/* "sheaf" says that text is the article, byte for byte, and that the id is
 * its own: not so where the front matter is off */
static void line_make(struct state *s, const struct writer_item *item)
{
	struct buf *b = &s->line;
	char hex[SHEAF_ID_HEX + 1];

	buf_clear(b);
	put_text(b, s->target.text_only ? "{\"id\":" : "{\"sheaf\":1,\"id\":");
	sheaf_id_hex(item->id, hex);
	put_string(b, hex, SHEAF_ID_HEX);
	put_record(b, item->record);
	put_fields(b, item->fields);
	put_bytes(b, "text", "base64", item->text, item->text_len);
	put_text(b, "}\n");
}

/* what libarchive said: the output's own trouble first */
static enum sheaf_status failed(const struct state *s, struct sheaf_error *err)
{
	if (s->st == SHEAF_OK)
		return fail_nomem(err); /* all else that zstd can fail with */
	if (err)
		*err = s->error;
	return s->st;
}

static enum sheaf_status jsonl_put(void *state, const struct writer_item *item,
				   struct sheaf_error *err)
{
	struct state *s = state;
	size_t len;

	line_make(s, item);
	if (s->line.bad)
		return fail_nomem(err);
	len = s->line.len;
	if (!s->archive)
		return s->target.write(s->line.p, len, s->target.arg, err);
	if (archive_write_data(s->archive, s->line.p, len) != (la_ssize_t)len ||
	    s->st != SHEAF_OK)
		return failed(s, err);
	return SHEAF_OK;
}

static enum sheaf_status jsonl_finish(void *state, struct sheaf_error *err)
{
	struct state *s = state;

	if (s->archive && (archive_write_close(s->archive) != ARCHIVE_OK ||
			   s->st != SHEAF_OK))
		return failed(s, err);
	return SHEAF_OK;
}

static void jsonl_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	if (s->st == SHEAF_OK)
		s->st = SHEAF_CANCELLED; /* nothing more is written */
	archive_write_free(s->archive);
	buf_done(&s->line);
	free(s);
}

static enum sheaf_status jsonl_open(void **state,
				    const struct writer_target *target,
				    struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	*state = s;
	return SHEAF_OK;
}

/*
 * What goes wrong is kept and all behind it dropped: libarchive never frees
 * what it has for the output once that has failed, or was given up.
 */
static la_ssize_t on_write(struct archive *archive, void *arg, const void *p,
			   size_t len)
{
	struct state *s = arg;

	(void)archive;
	if (s->st == SHEAF_OK)
		s->st = s->target.write(p, len, s->target.arg, &s->error);
	return (la_ssize_t)len;
}

/* one file without a name, through zstd, on as many threads as there may be */
static int zstd_start(struct state *s)
{
	struct archive_entry *entry = archive_entry_new();
	char threads[16];
	int rc;

	if (!entry)
		return ARCHIVE_FATAL;
	archive_entry_set_filetype(entry, AE_IFREG);
	snprintf(threads, sizeof(threads), "%u", s->target.threads);
	rc = archive_write_set_format_raw(s->archive);
	if (rc == ARCHIVE_OK)
		rc = archive_write_add_filter_zstd(s->archive);
	if (rc == ARCHIVE_OK)
		(void)archive_write_set_filter_option(s->archive, "zstd",
						      "threads", threads);
	if (rc == ARCHIVE_OK)
		rc = archive_write_set_bytes_per_block(s->archive, 0);
	if (rc == ARCHIVE_OK)
		rc = archive_write_open(s->archive, s, NULL, on_write, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_write_header(s->archive, entry);
	archive_entry_free(entry);
	return rc;
}

static enum sheaf_status jsonl_zst_open(void **state,
					const struct writer_target *target,
					struct sheaf_error *err)
{
	enum sheaf_status st = jsonl_open(state, target, err);
	struct state *s = *state;

	if (st != SHEAF_OK)
		return st;
	s->archive = archive_write_new();
	if (!s->archive || zstd_start(s) != ARCHIVE_OK) {
		st = failed(s, err);
		jsonl_free(s);
		*state = NULL;
	}
	return st;
}

const struct writer_format writer_jsonl = {
	.name = "jsonl",
	.open = jsonl_open,
	.put = jsonl_put,
	.finish = jsonl_finish,
	.free = jsonl_free,
};

const struct writer_format writer_jsonl_zst = {
	.name = "jsonl.zst",
	.is_binary = true,
	.open = jsonl_zst_open,
	.put = jsonl_put,
	.finish = jsonl_finish,
	.free = jsonl_free,
};
