/*
 * warc.h - what the files of the WARC format share
 *
 * In: read.c goes through the records of a file, whose bytes come by input.c;
 * record.c reads the head of a record, http.c that of a response, coding.c
 * takes off what the payload is coded in, digests.c remembers what revisits
 * refer to, companion.c keeps the exact record.  Out: write.c writes a member
 * a record, made by make.c or given back by companion.c; cdxj.c and surt.c
 * write the index, runs.c sorts it.
 */
#ifndef FORMATS_WARC_WARC_H
#define FORMATS_WARC_WARC_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "base/fail.h"
#include "formats/stream.h"

#define WARC_HEAD_MAX                                         \
	((size_t)1 << 20) /* bytes of a record's head, and of \
			     an HTTP head */
#define WARC_COMPANION_FORMAT ".warc"

/* --- input.c --- */

struct warc_input;

/* takes the zstd dictionary at its start, if there is one; @stream stays the
 * caller's.  SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO, SHEAF_NOMEM */
enum sheaf_status warc_input_new(struct warc_input **out, struct stream *stream,
				 struct sheaf_error *err);
void warc_input_free(struct warc_input *in); /* takes NULL */
/*
 * warc_input_view() - the next bytes, at least @want of them if there are as
 * many
 * @p: borrowed until the next call of any of these
 */
enum sheaf_status warc_input_view(struct warc_input *in, size_t want,
				  const uint8_t **p, size_t *len,
				  struct sheaf_error *err);
/*
 * warc_input_pass() - passes @len bytes; *passed is less at the end of the file
 */
enum sheaf_status warc_input_pass(struct warc_input *in, uint64_t len,
				  uint64_t *passed, struct sheaf_error *err);
/* bytes passed, uncompressed */
uint64_t warc_input_offset(const struct warc_input *in);

/* --- record.c --- */

enum warc_type {
	WARC_RESPONSE,
	WARC_RESOURCE,
	WARC_REVISIT,
	WARC_REQUEST,
	WARC_METADATA,
	WARC_WARCINFO,
	WARC_CONVERSION,
	WARC_CONTINUATION,
	WARC_OTHER,
	WARC_TYPES,
};

/* the head of one record; absent: len 0.  Borrowed from the head's bytes */
struct warc_record {
	enum warc_type type;
	uint64_t length; /* of the block, bytes */
	struct sheaf_str record_id, target, date, content_type;
	struct sheaf_str payload_digest, refers_target;
	struct sheaf_str sheaf_name, sheaf_format, sheaf_time;
	bool has_type, has_length;
};

const char *warc_type_name(enum warc_type type);
/* the length of the head at @p, with the empty line behind it; 0: no end */
size_t warc_head_len(const void *p, size_t len);
/*
 * warc_record_parse() - the head of a record, @len bytes as warc_head_len()
 * told
 *
 * SHEAF_OK or SHEAF_CORRUPT, with a line that does not say where.
 */
enum sheaf_status warc_record_parse(struct warc_record *r, const void *p,
				    size_t len, struct sheaf_error *err);
/* "2025-02-14T02:46:13.25Z" with up to 9 digits of fraction */
bool warc_date_parse(struct sheaf_str s, struct sheaf_time *out);

/* --- http.c --- */

struct warc_http {
	size_t head_len; /* with the empty line; the payload follows */
	int status;	 /* 0: none that is a number */
	struct sheaf_str content_type, content_encoding, content_language;
	bool chunked;
};

/* one line "Name: value" off *at, @end its end; folded lines stay in the value.
 * false at the end */
bool warc_line_take(const char **at, const char *end, struct sheaf_str *name,
		    struct sheaf_str *value);
bool warc_str_is(struct sheaf_str s, const char *word); /* not by case */
struct sheaf_str warc_str_trim(struct sheaf_str s);

/* false if the block is no HTTP response */
bool warc_http_parse(struct warc_http *h, const void *p, size_t len);
/* "text/html" of "text/html; charset=utf-8" */
struct sheaf_str warc_media_type(struct sheaf_str content_type);
enum warc_media { WARC_MEDIA_OTHER, WARC_MEDIA_TEXT, WARC_MEDIA_HTML };
/* by its type; where there is none by its first bytes */
enum warc_media warc_media_of(struct sheaf_str content_type, const void *p,
			      size_t len);

/* --- percent.c --- */

/* printable ASCII without blanks and '%'; the rest as %0A */
void warc_percent_put(struct buf *out, struct sheaf_str s);
void warc_percent_get(struct buf *out, struct sheaf_str s);

/* --- coding.c --- */

/* numbers of literal and of copied bytes, by turns, the first literal */
struct warc_pieces {
	uint32_t *lens;
	size_t count, cap;
};

enum { WARC_PIECES_MAX = 1 << 16 };

void warc_pieces_done(struct warc_pieces *pieces);
/* false: no memory, or more than WARC_PIECES_MAX */
bool warc_pieces_add(struct warc_pieces *pieces, size_t literal, size_t copied);
/*
 * warc_dechunk() - the payload in a chunked body
 * @out: emptied, then the payload
 * @pieces: what of the body is framing and what is payload
 *
 * SHEAF_OK; SHEAF_NOT_FOUND: it does not begin with a chunk, though it said so;
 * SHEAF_CORRUPT: broken further on, @out holds what there was; SHEAF_NOMEM.
 */
enum sheaf_status warc_dechunk(const void *p, size_t len, struct buf *out,
			       struct warc_pieces *pieces);
/*
 * warc_decode() - takes off one content coding
 * @coding: "gzip", "deflate", "br", "zstd"
 * @max: bytes of @out
 *
 * SHEAF_OK; SHEAF_NOT_FOUND: it is not coded so, though it said so;
 * SHEAF_UNSUPPORTED: no such coding here; SHEAF_CORRUPT, SHEAF_LIMIT,
 * SHEAF_NOMEM
 */
enum sheaf_status warc_decode(struct sheaf_str coding, const void *p,
			      size_t len, uint64_t max, struct buf *out);

/* --- digests.c --- */

/* payload digests, as the records spell them, to ids */
struct warc_digests {
	struct warc_digest *slots;
	size_t count, cap;
	size_t max; /* of count; then no more are kept */
};

void warc_digests_done(struct warc_digests *d);
enum sheaf_status warc_digests_put(struct warc_digests *d,
				   struct sheaf_str digest,
				   const uint8_t id[SHEAF_ID_SIZE]);
bool warc_digests_find(const struct warc_digests *d, struct sheaf_str digest,
		       uint8_t id[SHEAF_ID_SIZE]);

/* --- companion.c --- */

/* the name of the companion of the article @id under @name */
void warc_companion_name(struct buf *out, const uint8_t id[SHEAF_ID_SIZE],
			 struct sheaf_str name);
/*
 * warc_companion_put() - what is needed to write a record again
 * @record: head and block, exactly; @pieces: which of it is @id's article;
 * empty: nothing
 */
void warc_companion_put(struct buf *out, const uint8_t id[SHEAF_ID_SIZE],
			const void *record, size_t len,
			const struct warc_pieces *pieces);
/*
 * warc_companion_get() - the record again
 *
 * SHEAF_OK; SHEAF_NOT_FOUND: it is that of an article other than @id;
 * SHEAF_CORRUPT or SHEAF_NOMEM.
 */
enum sheaf_status warc_companion_get(struct buf *out, const void *companion,
				     size_t companion_len,
				     const uint8_t id[SHEAF_ID_SIZE],
				     const void *article, size_t len,
				     struct sheaf_error *err);

#endif
