/*
 * article.c - one WARC record as an article, with its companion
 *
 * The article is the decoded payload, so that equal pages of two crawls are
 * one; the companion (companion.c) is what gives the exact record again.
 */
#include "formats/warc/read.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "article/scan.h"
#include "base/cur.h"
#include "formats/link.h"

enum { /* of warc_reader.bufs */
       BUF_NAME,
       BUF_CHUNKS,
       BUF_PLAIN,
       BUF_PLAIN_TOO,
       BUF_COMPANION, /* its name behind its end; see companion_give() */
};

enum {
	CODINGS_MAX = 4,	  /* on top of each other */
	COMPANION_NAME_MORE = 19, /* ".warc/", 12 digits, "/" */
	SHEAF_TIME_DIGITS = 9,
	LATE_MAX = 16 << 20, /* bytes of revisits that came too early */
};

enum sheaf_status warc_reader_failed(struct warc_reader *r, const char *why)
{
	char where[60];
	struct sheaf_str name = r->record.target;

	if (name.len == 0) {
		snprintf(where, sizeof(where), "record at byte %" PRIu64,
			 r->offset);
		name = (struct sheaf_str){ where, strlen(where) };
	}
	r->sink->failed(name, why, r->sink->arg);
	return SHEAF_OK;
}

/* --- payload --- */

/* the last of "gzip, br"; cuts it off */
static struct sheaf_str coding_cut(struct sheaf_str *list)
{
	const char *comma = list->len ? memrchr(list->p, ',', list->len) : NULL;
	struct sheaf_str last = *list;

	if (comma) {
		last = (struct sheaf_str){
			comma + 1, (size_t)(list->p + list->len - comma - 1)
		};
		list->len = (size_t)(comma - list->p);
	} else {
		list->len = 0;
	}
	return warc_str_trim(last);
}

/* takes the content codings off @payload, the last one first */
static enum sheaf_status codings_take_off(struct warc_reader *r,
					  struct sheaf_str *payload)
{
	struct sheaf_str list = r->http.content_encoding;
	unsigned int which = BUF_PLAIN;

	for (int i = 0; i < CODINGS_MAX && list.len != 0; i++) {
		struct buf *out = &r->bufs[which];
		enum sheaf_status st =
			warc_decode(coding_cut(&list), payload->p, payload->len,
				    r->options->max_article, out);

		if (st ==
		    SHEAF_NOT_FOUND) /* it is not coded, whatever it said */
			continue;
		if (st != SHEAF_OK)
			return st;
		*payload = (struct sheaf_str){ (const char *)out->p, out->len };
		r->pieces.count = 0; /* can't be rebuilt: kept whole */
		which = which == BUF_PLAIN ? BUF_PLAIN_TOO : BUF_PLAIN;
	}
	return list.len == 0 ? SHEAF_OK : SHEAF_UNSUPPORTED;
}

static enum sheaf_status too_large(struct warc_reader *r)
{
	char text[CONTAINER_LARGE_LEN];

	return warc_reader_failed(r, container_large(r->options, text));
}

static const char *coding_failure(enum sheaf_status st)
{
	switch (st) {
	case SHEAF_UNSUPPORTED:
		return "its Content-Encoding is not known";
	default:
		return "its compressed payload is damaged or cut short";
	}
}

/*
 * The decoded payload of the record.  SHEAF_OK; SHEAF_NOT_FOUND: failed, and
 * told; SHEAF_NOMEM.
 */
static enum sheaf_status payload_find(struct warc_reader *r,
				      struct sheaf_str *payload)
{
	size_t skip = r->is_http ? r->http.head_len : 0;
	enum sheaf_status st = SHEAF_NOT_FOUND;
	struct buf *chunks = &r->bufs[BUF_CHUNKS];

	*payload = (struct sheaf_str){ (const char *)r->block + skip,
				       r->block_len - skip };
	r->pieces.count = 0;
	if (r->is_http && r->http.chunked && payload->len != 0)
		st = warc_dechunk(payload->p, payload->len, chunks, &r->pieces);
	if (st == SHEAF_NOMEM)
		return st;
	if (st == SHEAF_CORRUPT) {
		warc_reader_failed(r, "its chunks are broken or cut short");
		return SHEAF_NOT_FOUND;
	}
	if (st == SHEAF_OK) {
		*payload = (struct sheaf_str){ (const char *)chunks->p,
					       chunks->len };
		if (r->pieces.count < WARC_PIECES_MAX)
			r->pieces.lens[0] += (uint32_t)(r->head_len + skip);
		else
			r->pieces.count = 0;
	} else {
		r->pieces.count = 0;
		if (!warc_pieces_add(&r->pieces, r->head_len + skip,
				     payload->len))
			return SHEAF_NOMEM;
	}
	if (!r->is_http)
		return SHEAF_OK;
	st = codings_take_off(r, payload);
	if (st == SHEAF_OK || st == SHEAF_NOMEM)
		return st;
	if (st == SHEAF_LIMIT)
		too_large(r);
	else
		warc_reader_failed(r, coding_failure(st));
	return SHEAF_NOT_FOUND;
}

/* --- name, time, fields --- */

/* the name of the record: of one that was not in a WARC before, that which it
 * had; SHEAF_OK, SHEAF_NOT_FOUND: told, SHEAF_NOMEM */
static enum sheaf_status name_find(struct warc_reader *r,
				   struct sheaf_str *name)
{
	struct sheaf_str s = r->record.sheaf_name;
	struct buf *b = &r->bufs[BUF_NAME];

	buf_clear(b);
	if (s.len == 0)
		buf_bytes(b, r->record.target.p, r->record.target.len);
	warc_percent_get(b, s);
	if (b->bad)
		return SHEAF_NOMEM;
	*name = (struct sheaf_str){ (const char *)b->p, b->len };
	if (b->len == 0)
		warc_reader_failed(r, "it has no WARC-Target-URI");
	else if (memchr(b->p, '\0', b->len))
		warc_reader_failed(r, "a NUL in its name");
	else if (b->len > SHEAF_NAME_MAX - COMPANION_NAME_MORE)
		warc_reader_failed(r, "its name is too long");
	else
		return SHEAF_OK;
	return SHEAF_NOT_FOUND;
}

/* "-62135596801.000000000": what WARC-Date can't say */
static bool sheaf_time_parse(struct sheaf_str s, struct sheaf_time *out)
{
	struct scan in = { s.p, s.len };
	bool minus = scan_take(&in, '-');
	int64_t sec = 0;
	int nsec;
	size_t n = 0;

	for (; in.left && scan_is_digit(*in.p) && n < 18; n++) {
		sec = sec * 10 + (*in.p - '0');
		scan_step(&in, 1);
	}
	if (n == 0 || !scan_take(&in, '.') ||
	    !scan_number(&in, SHEAF_TIME_DIGITS, SHEAF_TIME_DIGITS, &nsec) ||
	    in.left != 0)
		return false;
	*out = (struct sheaf_time){ minus ? -sec : sec, (uint32_t)nsec };
	return true;
}

static void time_find(const struct warc_record *record,
		      struct container_item *item)
{
	item->has_mtime = sheaf_time_parse(record->sheaf_time, &item->mtime) ||
			  warc_date_parse(record->date, &item->mtime);
}

/* a known format's name with parameters, as our own records carry it */
static const char *format_told(struct warc_reader *r)
{
	struct buf *b = &r->bufs[BUF_COMPANION]; /* not needed yet */

	buf_clear(b);
	warc_percent_get(b, r->record.sheaf_format);
	buf_u8(b, 0);
	if (b->bad || b->p[0] == '.' || strlen((char *)b->p) + 1 != b->len ||
	    !sheaf_format_find((struct sheaf_str){ (char *)b->p, b->len - 1 }))
		return NULL;
	return (const char *)b->p;
}

static const char *format_find(struct warc_reader *r,
			       const struct container_item *item)
{
	const char *format = format_told(r);
	struct sheaf_str html = { "html", 4 };

	if (!format && r->media == WARC_MEDIA_HTML)
		format = sheaf_format_find(html);
	return format ? format :
			sheaf_format_guess(item->name, item->bytes, item->len);
}

/* what the article does not say itself: its outlet by the address, its
 * language by the header */
static void fields_complete(const struct warc_reader *r,
			    struct sheaf_fields *fields,
			    char host[LINK_HOST_MAX])
{
	struct sheaf_str lang = warc_media_type(r->http.content_language);
	struct sheaf_str url = link_url(r->record.target);

	if (r->record.sheaf_name.len != 0)
		return;
	if (fields->outlet.len == 0 && url.len != 0)
		fields->outlet =
			(struct sheaf_str){ host, link_host(url, host) };
	if (r->is_http && fields->lang.len == 0 && lang.len <= 35 &&
	    lang.len >= 2) {
		for (size_t i = 0; i < lang.len; i++) {
			if (!scan_is_letter(lang.p[i]) && lang.p[i] != '-')
				return;
		}
		fields->lang = lang;
	}
}

/* --- to the sink --- */

static enum sheaf_status companion_give(struct warc_reader *r,
					const struct container_item *of,
					const uint8_t id[SHEAF_ID_SIZE],
					struct sheaf_error *err)
{
	static const struct sheaf_fields none;
	struct buf *b = &r->bufs[BUF_COMPANION];
	struct buf *name = &r->bufs[BUF_CHUNKS]; /* no longer needed */
	struct container_item item = { .has_mtime = of->has_mtime,
				       .mtime = of->mtime,
				       .format = WARC_COMPANION_FORMAT,
				       .fields = &none };

	warc_companion_put(b, id, r->head, r->head_len + r->block_len,
			   &r->pieces);
	warc_companion_name(name, id, of->name);
	if (b->bad || name->bad)
		return fail_nomem(err);
	if (b->len > SHEAF_ARTICLE_MAX) {
		r->large++;
		return SHEAF_OK;
	}
	item.name = (struct sheaf_str){ (const char *)name->p, name->len };
	item.bytes = b->p;
	item.len = b->len;
	return r->sink->give(&item, r->sink->arg, err);
}

static enum sheaf_status article_give(struct warc_reader *r,
				      struct container_item *item,
				      struct sheaf_error *err)
{
	char host[LINK_HOST_MAX];
	struct sheaf_fields fields;
	uint8_t id[SHEAF_ID_SIZE];
	enum sheaf_status st;

	item->format = format_find(r, item);
	st = sheaf_format_parse(
		(struct sheaf_str){ item->format, strlen(item->format) },
		item->bytes, item->len, r->parsed, err);
	if (st != SHEAF_OK)
		return st;
	fields = *sheaf_parsed_fields(r->parsed);
	fields_complete(r, &fields, host);
	item->fields = &fields;
	time_find(&r->record, item);
	st = r->sink->give(item, r->sink->arg, err);
	if (st != SHEAF_OK || r->record.sheaf_name.len != 0)
		return st;
	sheaf_id_of(item->bytes, item->len, id);
	if (warc_digests_put(&r->digests, r->record.payload_digest, id) !=
	    SHEAF_OK)
		return fail_nomem(err);
	return companion_give(r, item, id, err);
}

enum sheaf_status warc_article_take(struct warc_reader *r,
				    struct sheaf_error *err)
{
	struct container_item item = { 0 };
	struct sheaf_str payload, type;
	enum sheaf_status st = name_find(r, &item.name);

	if (st == SHEAF_OK)
		st = payload_find(r, &payload);
	if (st != SHEAF_OK)
		return st == SHEAF_NOT_FOUND ? SHEAF_OK : fail_nomem(err);
	type = r->is_http ? r->http.content_type : r->record.content_type;
	if (payload.len == 0 && r->record.sheaf_name.len == 0) {
		r->empty++;
		return SHEAF_OK;
	}
	if (warc_media_type(type).len == 0 && r->record.sheaf_name.len == 0)
		r->media = warc_media_of(type, payload.p, payload.len);
	if (r->media == WARC_MEDIA_OTHER) {
		r->other_media++;
		return SHEAF_OK;
	}
	if (payload.len > r->options->max_article)
		return too_large(r);
	item.bytes = payload.p;
	item.len = payload.len;
	return article_give(r, &item, err);
}

/* kept until the end of the file, if there is room for it */
static enum sheaf_status revisit_keep(struct warc_reader *r,
				      struct sheaf_error *err)
{
	size_t len = r->head_len + r->block_len;

	if (r->is_late || r->late.len + len > LATE_MAX) {
		r->unresolved++;
		return SHEAF_OK;
	}
	buf_u64(&r->late, r->offset);
	buf_u64(&r->late, r->head_len);
	buf_u64(&r->late, r->block_len);
	buf_bytes(&r->late, r->head, len);
	return r->late.bad ? fail_nomem(err) : SHEAF_OK;
}

enum sheaf_status warc_late_take(struct warc_reader *r, struct sheaf_error *err)
{
	struct cur c = cur_over(r->late.p, r->late.len);
	enum sheaf_status st = SHEAF_OK;

	r->is_late = true;
	while (st == SHEAF_OK && !cur_done(&c)) {
		r->offset = cur_u64(&c);
		r->head_len = (size_t)cur_u64(&c);
		r->block_len = (size_t)cur_u64(&c);
		r->head = cur_bytes(&c, r->head_len);
		r->block = cur_bytes(&c, r->block_len);
		assert(!c.bad); /* they are as we put them */
		st = warc_record_parse(&r->record, r->head, r->head_len, err);
		if (st == SHEAF_OK)
			st = warc_revisit_take(r, err);
	}
	return st;
}

/*
 * The payload is not in it: it was the same as that of another record, which is
 * known by its digest if it stood in this file, else by its address.
 */
enum sheaf_status warc_revisit_take(struct warc_reader *r,
				    struct sheaf_error *err)
{
	const struct sheaf_str html = { "html", 4 };
	struct container_item item = { 0 };
	struct sheaf_str refers = r->record.refers_target.len != 0 ?
					  r->record.refers_target :
					  r->record.target;
	uint8_t id[SHEAF_ID_SIZE];
	enum sheaf_status st = name_find(r, &item.name);

	if (st != SHEAF_OK)
		return st == SHEAF_NOT_FOUND ? SHEAF_OK : fail_nomem(err);
	if (!warc_digests_find(&r->digests, r->record.payload_digest, id))
		st = r->sink->known(refers, id, r->sink->arg, err);
	if (st != SHEAF_OK)
		return st == SHEAF_NOT_FOUND ? revisit_keep(r, err) : st;
	/* the head of the response is there most often */
	if (warc_http_parse(&r->http, r->block, r->block_len) &&
	    warc_media_of(r->http.content_type, "", 0) == WARC_MEDIA_HTML)
		item.format = sheaf_format_find(html);
	time_find(&r->record, &item);
	st = r->sink->again(&item, id, r->sink->arg, err);
	if (st != SHEAF_OK)
		return st == SHEAF_NOT_FOUND ? revisit_keep(r, err) : st;
	r->pieces.count = 0;
	return companion_give(r, &item, id, err);
}
