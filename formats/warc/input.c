/*
 * input.c - the bytes of a WARC, in as large a view as a record needs
 *
 * The stream has taken off gzip, member by member, and plain zstd.  A .warc.zst
 * with a dictionary it leaves as it is: the dictionary stands in a skippable
 * frame at the start, as it is or as a zstd frame of its own, and each record
 * is a frame behind it.
 */
#include "formats/warc/warc.h"

#include <stdlib.h>
#include <string.h>

#include "base/cur.h"
#include "codec/zstream.h"

#define DICT_MAGIC 0x184D2A5DU
#define ZSTD_MAGIC 0xFD2FB528U

enum {
	DICT_HEAD = 8,	      /* magic, length */
	DICT_MAX = 16 << 20,  /* bytes; those in use are of 110 KB to 1 MB */
	PLAIN_ROOM = 1 << 18, /* decoded at a time */
};

static const uint8_t nothing[1];

struct warc_input {
	struct stream *stream;
	struct buf bytes;
	size_t start; /* of what was not passed yet */
	uint64_t offset;
	bool at_end;
	struct zstream *z; /* NULL: the stream's bytes are the WARC */
	const uint8_t *coded;
	size_t coded_len;
	bool whole; /* no zstd frame is open */
};

/* a piece off the stream; *len 0 at its end */
static enum sheaf_status coded_next(struct warc_input *in,
				    struct sheaf_error *err)
{
	if (in->coded_len != 0)
		return SHEAF_OK;
	return stream_next(in->stream, &in->coded, &in->coded_len, err);
}

static enum sheaf_status frames_next(struct warc_input *in,
				     struct sheaf_error *err)
{
	enum sheaf_status st = coded_next(in, err);
	size_t used = 0, made = 0;
	uint8_t *room;

	if (st != SHEAF_OK)
		return st;
	if (in->coded_len == 0 && in->whole) {
		in->at_end = true;
		return SHEAF_OK;
	}
	room = buf_room(&in->bytes, PLAIN_ROOM);
	if (!room)
		return fail_nomem(err);
	st = zstream_next(in->z, in->coded, in->coded_len, &used, room,
			  PLAIN_ROOM, &made, &in->whole, err);
	if (st != SHEAF_OK)
		return st;
	if (used == 0 && made == 0)
		return fail(err, SHEAF_CORRUPT,
			    "the compressed data is cut short");
	buf_grew(&in->bytes, made);
	in->coded += used;
	in->coded_len -= used;
	return SHEAF_OK;
}

static enum sheaf_status more(struct warc_input *in, struct sheaf_error *err)
{
	enum sheaf_status st;

	if (in->z)
		return frames_next(in, err);
	st = coded_next(in, err);
	if (st != SHEAF_OK)
		return st;
	in->at_end = in->coded_len == 0;
	buf_bytes(&in->bytes, in->coded, in->coded_len);
	in->coded_len = 0;
	return in->bytes.bad ? fail_nomem(err) : SHEAF_OK;
}

static void drop_passed(struct warc_input *in)
{
	in->bytes.len -= in->start;
	if (in->bytes.len != 0)
		memmove(in->bytes.p, in->bytes.p + in->start, in->bytes.len);
	in->start = 0;
}

enum sheaf_status warc_input_view(struct warc_input *in, size_t want,
				  const uint8_t **p, size_t *len,
				  struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	if (in->bytes.len - in->start < want && in->start != 0)
		drop_passed(in);
	while (st == SHEAF_OK && !in->at_end &&
	       in->bytes.len - in->start < want)
		st = more(in, err);
	*len = in->bytes.len - in->start;
	*p = *len != 0 ? in->bytes.p + in->start : nothing;
	return st;
}

enum sheaf_status warc_input_pass(struct warc_input *in, uint64_t len,
				  uint64_t *passed, struct sheaf_error *err)
{
	*passed = 0;
	while (*passed < len) {
		const uint8_t *p;
		size_t n;
		enum sheaf_status st = warc_input_view(in, 1, &p, &n, err);

		if (st != SHEAF_OK)
			return st;
		if (n == 0)
			break;
		if (n > len - *passed)
			n = (size_t)(len - *passed);
		in->start += n;
		in->offset += n;
		*passed += n;
	}
	return SHEAF_OK;
}

uint64_t warc_input_offset(const struct warc_input *in)
{
	return in->offset;
}

/* the dictionary itself, out of the frame that it may stand in */
static enum sheaf_status dict_unpack(struct buf *dict, const uint8_t *p,
				     size_t len, struct sheaf_error *err)
{
	struct zstream *z = zstream_new(NULL, 0);
	enum sheaf_status st = SHEAF_OK;
	size_t used = 0, made = 0;
	bool whole = false;
	uint8_t *room;

	if (!z)
		return fail_nomem(err);
	room = buf_room(dict, DICT_MAX);
	if (!room)
		st = fail_nomem(err);
	else
		st = zstream_next(z, p, len, &used, room, DICT_MAX, &made,
				  &whole, err);
	if (st == SHEAF_OK && (!whole || used != len))
		st = fail(err, SHEAF_CORRUPT,
			  "its zstd dictionary is damaged, or larger than "
			  "16 MiB");
	if (st == SHEAF_OK)
		buf_grew(dict, made);
	zstream_free(z);
	return st;
}

static enum sheaf_status dict_use(struct warc_input *in, const struct buf *dict,
				  struct sheaf_error *err)
{
	struct zstream *plain;

	in->z = zstream_new(dict->p, dict->len);
	if (in->z)
		return SHEAF_OK;
	plain = zstream_new(NULL, 0);
	if (!plain)
		return fail_nomem(err);
	zstream_free(plain);
	return fail(err, SHEAF_CORRUPT, "its zstd dictionary is damaged");
}

/* the skippable frame with the dictionary, which @in begins with */
static enum sheaf_status dict_take(struct warc_input *in, size_t len,
				   struct sheaf_error *err)
{
	struct buf dict = { 0 };
	const uint8_t *p;
	size_t n;
	uint64_t passed;
	enum sheaf_status st;

	if (len > DICT_MAX)
		return fail(err, SHEAF_CORRUPT,
			    "its zstd dictionary is larger than 16 MiB");
	st = warc_input_view(in, DICT_HEAD + len, &p, &n, err);
	if (st == SHEAF_OK && n < DICT_HEAD + len)
		st = fail(err, SHEAF_CORRUPT,
			  "cut short in its zstd dictionary");
	if (st == SHEAF_OK) {
		struct cur c = cur_over(p + DICT_HEAD, len);

		if (cur_u32(&c) == ZSTD_MAGIC)
			st = dict_unpack(&dict, p + DICT_HEAD, len, err);
		else
			buf_bytes(&dict, p + DICT_HEAD, len);
	}
	if (st == SHEAF_OK)
		st = warc_input_pass(in, DICT_HEAD + len, &passed, err);
	if (st == SHEAF_OK)
		st = dict.bad ? fail_nomem(err) : dict_use(in, &dict, err);
	buf_done(&dict);
	return st;
}

enum sheaf_status warc_input_new(struct warc_input **out, struct stream *stream,
				 struct sheaf_error *err)
{
	struct warc_input *in = calloc(1, sizeof(*in));
	enum sheaf_status st;
	const uint8_t *p;
	size_t len;
	struct cur c;
	uint32_t magic, dict_len;

	*out = NULL;
	if (!in)
		return fail_nomem(err);
	in->stream = stream;
	in->whole = true;
	st = warc_input_view(in, DICT_HEAD, &p, &len, err);
	c = cur_over(p, len);
	magic = cur_u32(&c);
	dict_len = cur_u32(&c);
	if (st == SHEAF_OK && !c.bad && magic == DICT_MAGIC)
		st = dict_take(in, dict_len, err);
	if (st == SHEAF_OK && in->z) {
		/* what was read behind it is frames, to be decoded */
		struct buf *b = &in->bytes;
		size_t left = b->len - in->start;

		in->offset = 0;
		in->at_end = false;
		stream_unread(stream, left);
		b->len = in->start = 0;
	}
	if (st == SHEAF_OK)
		*out = in;
	else
		warc_input_free(in);
	return st;
}

void warc_input_free(struct warc_input *in)
{
	if (!in)
		return;
	zstream_free(in->z);
	buf_done(&in->bytes);
	free(in);
}
