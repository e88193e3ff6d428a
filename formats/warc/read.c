/*
 * read.c - the records of a WARC as articles
 *
 * A record is looked at in three steps, so that neither a film nor a lie takes
 * memory: its head; the first 64 KiB of its block, which tell whether it is a
 * page or a text; all of it.
 */
#include "formats/warc/read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX (SHEAF_ARTICLE_MAX + 2 * WARC_HEAD_MAX)

enum {
	HEAD_LOOKED_AT = 64 << 10,
	DIGESTS_MAX = 1 << 20, /* of this file, for its revisits: 48 MiB */
};

static enum sheaf_status cut_short(struct warc_reader *r,
				   struct sheaf_error *err)
{
	return fail(err, SHEAF_CORRUPT,
		    "cut short in the record at byte %" PRIu64
		    " (uncompressed): get the whole file, or cut it off there",
		    r->offset);
}

/* the next record's head, found whole, its fields in r->record; *len 0 at the
 * end of the file */
static enum sheaf_status head_view(struct warc_reader *r, const uint8_t **p,
				   size_t *len, struct sheaf_error *err)
{
	enum sheaf_status st =
		warc_input_view(r->in, HEAD_LOOKED_AT, p, len, err);

	if (st == SHEAF_OK && *len == 0 && r->offset == 0)
		return fail(err, SHEAF_CORRUPT,
			    "empty, and no WARC file: get it whole");
	if (st != SHEAF_OK || *len == 0)
		return st;
	if (*len < 5 || memcmp(*p, "WARC/", 5) != 0) {
		if (*len >= 11 && memcmp(*p, "filedesc://", 11) == 0)
			return fail(err, SHEAF_CORRUPT,
				    "an ARC file, which is not read: convert "
				    "it first (warcio recompress IN.arc.gz "
				    "OUT.warc.gz)");
		if (r->offset == 0)
			return fail(err, SHEAF_CORRUPT, "no WARC file");
		return fail(err, SHEAF_CORRUPT,
			    "no record begins at byte %" PRIu64
			    " (uncompressed): the Content-Length of the one "
			    "before is wrong",
			    r->offset);
	}
	r->head_len = warc_head_len(*p, *len);
	if (r->head_len == 0 && *len >= HEAD_LOOKED_AT) {
		st = warc_input_view(r->in, WARC_HEAD_MAX, p, len, err);
		if (st != SHEAF_OK)
			return st;
		r->head_len = warc_head_len(*p, *len);
	}
	if (r->head_len == 0)
		return *len < WARC_HEAD_MAX ?
			       cut_short(r, err) :
			       fail(err, SHEAF_CORRUPT,
				    "the head of the record at byte %" PRIu64
				    " has no end within 1 MiB",
				    r->offset);
	return SHEAF_OK;
}

/* the fields of the head at @p; the error says where */
static enum sheaf_status head_parse(struct warc_reader *r, const uint8_t *p,
				    struct sheaf_error *err)
{
	struct sheaf_error why;
	enum sheaf_status st =
		warc_record_parse(&r->record, p, r->head_len, &why);

	if (st == SHEAF_OK)
		return st;
	return fail(err, st, "the record at byte %" PRIu64 ": %s", r->offset,
		    why.text);
}

/* the view grows to @want bytes of the block; what was borrowed moves */
static enum sheaf_status block_view(struct warc_reader *r, size_t want,
				    struct sheaf_error *err)
{
	const uint8_t *p;
	size_t len;
	enum sheaf_status st =
		warc_input_view(r->in, r->head_len + want, &p, &len, err);

	if (st != SHEAF_OK)
		return st;
	if (len < r->head_len + want)
		return cut_short(r, err);
	st = head_parse(r, p, err);
	r->head = p;
	r->block = p + r->head_len;
	r->block_len = want;
	return st;
}

static bool is_about_fetching(struct sheaf_str target)
{
	static const char *const schemes[] = { "dns:", "whois:", "metadata:" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (target.len >= n &&
		    warc_str_is((struct sheaf_str){ target.p, n }, schemes[i]))
			return true;
	}
	return false;
}

/* looks at the start of the block: SHEAF_OK, or SHEAF_NOT_FOUND and counted if
 * it is no article */
static enum sheaf_status block_judge(struct warc_reader *r,
				     struct sheaf_error *err)
{
	uint64_t all = r->record.length;
	size_t first = all < HEAD_LOOKED_AT ? (size_t)all : HEAD_LOOKED_AT;
	struct sheaf_str type;
	enum sheaf_status st = block_view(r, first, err);

	if (st != SHEAF_OK)
		return st;
	r->is_http = warc_http_parse(&r->http, r->block, first);
	if (r->is_http && r->http.head_len == first && first < all) {
		first = all < WARC_HEAD_MAX ? (size_t)all : WARC_HEAD_MAX;
		st = block_view(r, first, err);
		if (st != SHEAF_OK)
			return st;
		warc_http_parse(&r->http, r->block, first);
	}
	if (r->record.sheaf_name.len != 0) {
		r->is_http = false;
		r->media = WARC_MEDIA_TEXT;
		return SHEAF_OK;
	}
	type = r->is_http ? r->http.content_type : r->record.content_type;
	r->media = WARC_MEDIA_TEXT; /* without a type: judged when decoded */
	if (warc_media_type(type).len != 0)
		r->media = warc_media_of(type, NULL, 0);
	if (is_about_fetching(r->record.target) ||
	    r->media == WARC_MEDIA_OTHER) {
		r->other_media++;
		return SHEAF_NOT_FOUND;
	}
	return SHEAF_OK;
}

static enum sheaf_status record_take(struct warc_reader *r,
				     struct sheaf_error *err)
{
	enum sheaf_status st;

	if (r->record.type != WARC_RESPONSE &&
	    r->record.type != WARC_RESOURCE && r->record.type != WARC_REVISIT) {
		r->types[r->record.type]++;
		return SHEAF_OK;
	}
	if (r->record.type != WARC_REVISIT) {
		st = block_judge(r, err);
		if (st != SHEAF_OK)
			return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
	}
	if (r->record.length > BLOCK_MAX)
		return warc_reader_failed(r, "larger than 64 MiB");
	st = block_view(r, (size_t)r->record.length, err);
	if (st != SHEAF_OK)
		return st;
	if (r->record.type == WARC_REVISIT)
		return warc_revisit_take(r, err);
	if (r->is_http) /* what it borrowed has moved */
		warc_http_parse(&r->http, r->block, r->block_len);
	return warc_article_take(r, err);
}

/* empty lines: two stand behind a record, some writers' files have more */
static enum sheaf_status blank_lines_pass(struct warc_reader *r,
					  struct sheaf_error *err)
{
	for (;;) {
		const uint8_t *p;
		size_t len, n = 0;
		uint64_t passed;
		enum sheaf_status st = warc_input_view(r->in, 1, &p, &len, err);

		while (n < len && (p[n] == '\r' || p[n] == '\n'))
			n++;
		if (st != SHEAF_OK || n == 0)
			return st;
		st = warc_input_pass(r->in, n, &passed, err);
		if (st != SHEAF_OK)
			return st;
	}
}

static enum sheaf_status records_read(struct warc_reader *r,
				      struct sheaf_error *err)
{
	for (;;) {
		const uint8_t *p;
		size_t len;
		uint64_t passed, whole;
		enum sheaf_status st = blank_lines_pass(r, err);

		r->offset = warc_input_offset(r->in);
		if (st == SHEAF_OK)
			st = head_view(r, &p, &len, err);
		if (st != SHEAF_OK || len == 0)
			return st;
		st = head_parse(r, p, err);
		whole = r->head_len + r->record.length;
		if (st == SHEAF_OK)
			st = record_take(r, err);
		if (st == SHEAF_OK)
			st = warc_input_pass(r->in, whole, &passed, err);
		if (st == SHEAF_OK && passed < whole)
			st = cut_short(r, err);
		if (st != SHEAF_OK)
			return st;
	}
}

/* ", 32 request", without the comma for the first */
static void kind_put(char *line, size_t size, uint64_t count, const char *what)
{
	size_t n = strlen(line);

	if (count != 0)
		snprintf(line + n, size - n, "%s %" PRIu64 " %s",
			 line[n - 1] == ':' ? "" : ",", count, what);
}

/* what is no article, in one line; what is not kept exactly, in another */
static void tell_all(const struct warc_reader *r)
{
	static const char start[] = "no article:";
	const struct container_sink *sink = r->sink;
	const struct sheaf_str whole = { 0 };
	char line[400];

	snprintf(line, sizeof(line), "%s", start);
	for (enum warc_type t = 0; t < WARC_TYPES; t++)
		kind_put(line, sizeof(line), r->types[t], warc_type_name(t));
	kind_put(line, sizeof(line), r->other_media, "neither HTML nor text");
	kind_put(line, sizeof(line), r->empty, "without a payload");
	kind_put(line, sizeof(line), r->unresolved,
		 "revisit of what is no article here");
	if (strlen(line) > strlen(start))
		sink->skipped(whole, line, sink->arg);
	if (r->large == 0)
		return;
	snprintf(line, sizeof(line),
		 "%" PRIu64 " record%s too large to be kept exactly: only the "
		 "payload is",
		 r->large, r->large == 1 ? "" : "s");
	sink->skipped(whole, line, sink->arg);
}

static enum sheaf_status warc_read(struct stream *in,
				   const struct container_options *options,
				   const struct container_sink *sink,
				   struct sheaf_error *err)
{
	struct warc_reader r = { .options = options,
				 .sink = sink,
				 .digests = { .max = DIGESTS_MAX } };
	enum sheaf_status st;

	r.parsed = sheaf_parsed_new();
	st = r.parsed ? warc_input_new(&r.in, in, err) : fail_nomem(err);
	if (st == SHEAF_OK)
		st = records_read(&r, err);
	if (st == SHEAF_OK)
		st = warc_late_take(&r, err);
	if (st == SHEAF_OK)
		tell_all(&r);
	warc_input_free(r.in);
	sheaf_parsed_free(r.parsed);
	warc_digests_done(&r.digests);
	warc_pieces_done(&r.pieces);
	buf_done(&r.late);
	for (size_t i = 0; i < sizeof(r.bufs) / sizeof(r.bufs[0]); i++)
		buf_done(&r.bufs[i]);
	return st;
}

/* the version line of a record, or what read.c refuses by name */
static bool warc_guess(struct sheaf_str name, const void *head, size_t len)
{
	const char *p = head;
	size_t n = 5;

	if (len >= 4 && memcmp(p, "\x5d\x2a\x4d\x18", 4) == 0)
		return true;
	if (len >= 11 && memcmp(p, "filedesc://", 11) == 0)
		return true;
	if (name.len > 5 && memcmp(name.p + name.len - 5, ".warc", 5) == 0)
		return true;
	if (len < 10 || memcmp(p, "WARC/", 5) != 0)
		return false;
	while (n < len && n < 12 &&
	       ((p[n] >= '0' && p[n] <= '9') || p[n] == '.'))
		n++;
	return n > 5 && n < len && (p[n] == '\r' || p[n] == '\n');
}

const struct container container_warc = {
	.name = "warc",
	.guess = warc_guess,
	.read = warc_read,
};
