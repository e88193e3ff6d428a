/*
 * stream.c - bytes of a file or a pipe, decompressed by libarchive and zlib
 *
 * What is not compressed passes through neither.  A sheaf file is
 * never read through this: it is for what comes from outside.
 */
#include "formats/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/gunzip.h"

enum {
	STREAM_ROOM = 256 << 10, /* of one read */
	STREAM_PEEK = 64 << 10,
};

struct stream {
	int fd;			      /* -1: memory */
	const uint8_t *memory, *rest; /* all of it, what was not read yet */
	size_t rest_len;
	/* where the file stood, and what there is from there */
	bool seekable;
	off_t start;
	uint64_t size;
	uint64_t consumed;
	struct gunzip *gunzip;	 /* what takes gzip off, or */
	struct archive *archive; /* the others; both NULL: there is nothing */
	/* the start of the file as it stands there, handed on once */
	struct buf head;
	bool head_given;
	uint8_t *room;
	/* what stream_peek() or stream_unread() will give again */
	struct buf kept;
	const uint8_t *given;
	size_t given_len, unread;
	struct buf again;
	enum sheaf_status status; /* what stopped it */
	struct sheaf_error why;
};

static enum sheaf_status stop(struct stream *s, struct sheaf_error *err)
{
	if (err)
		*err = s->why;
	return s->status;
}

/* off the file itself; *len is 0 at its end; SHEAF_OK or SHEAF_IO */
static enum sheaf_status stored_read(struct stream *s, const uint8_t **p,
				     size_t *len)
{
	ssize_t got;

	if (s->fd < 0) {
		/* in pieces: stream_peek() copies what it is given */
		*p = s->rest;
		*len = s->rest_len < STREAM_ROOM ? s->rest_len : STREAM_ROOM;
		s->rest += *len;
		s->rest_len -= *len;
		s->consumed += *len;
		return SHEAF_OK;
	}
	do {
		got = read(s->fd, s->room, STREAM_ROOM);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return s->status = fail_io(&s->why, errno, "can't be read");
	*p = s->room;
	*len = (size_t)got;
	s->consumed += *len;
	return SHEAF_OK;
}

/* as it stands in the file, its head first */
static enum sheaf_status stored_next(struct stream *s, const uint8_t **p,
				     size_t *len)
{
	if (!s->head_given && s->head.len != 0) {
		s->head_given = true;
		*p = s->head.p;
		*len = s->head.len;
		return SHEAF_OK;
	}
	s->head_given = true;
	return stored_read(s, p, len);
}

static la_ssize_t archive_pull(struct archive *a, void *arg, const void **p)
{
	struct stream *s = arg;
	const uint8_t *at;
	size_t len;

	if (stored_next(s, &at, &len) != SHEAF_OK) {
		archive_set_error(a, s->why.sys_errno, "%s", s->why.text);
		return -1;
	}
	*p = at;
	return (la_ssize_t)len;
}

/* what libarchive says has failed, as ours */
static enum sheaf_status archive_failed(struct stream *s)
{
	const char *text = archive_error_string(s->archive);
	char shown[64];

	if (s->status != SHEAF_OK) /* reading the file itself did */
		return s->status;
	if (archive_errno(s->archive) == ENOMEM)
		return s->status = fail_nomem(&s->why);
	if (!text)
		text = "no more is known";
	/* liblzma makes "no progress" where there is no more input */
	if (strcasestr(text, "truncated") || strstr(text, "No progress"))
		return s->status = fail(&s->why, SHEAF_CORRUPT,
					"the compressed data is cut short: get "
					"it whole");
	text_escape(shown, sizeof(shown), text, strlen(text));
	return s->status = fail(&s->why, SHEAF_CORRUPT,
				"the compressed data is damaged (%s)", shown);
}

bool stream_is_compressed(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	static const struct {
		const char *bytes;
		size_t len;
	} magic[] = {
		{ "\x1f\x8b\x08", 3 },	   { "\x28\xb5\x2f\xfd", 4 },
		{ "\xfd\x37zXZ\x00", 6 },  { "BZh", 3 },
		{ "\x04\x22\x4d\x18", 4 }, { "\x1f\x9d", 2 },
		{ "\x5d\x00\x00\x80", 4 },
	};

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if (len >= magic[i].len &&
		    memcmp(p, magic[i].bytes, magic[i].len) == 0)
			return true;
	/* zstd's skippable frames, but for the one with a WARC's dictionary */
	return len >= 4 && p[0] >= 0x50 && p[0] <= 0x5f && p[0] != 0x5d &&
	       memcmp(p + 1, "\x2a\x4d\x18", 3) == 0;
}

static enum sheaf_status gzip_pull(void *arg, const uint8_t **p, size_t *len,
				   struct sheaf_error *err)
{
	struct stream *s = arg;
	enum sheaf_status st = stored_next(s, p, len);

	if (st != SHEAF_OK)
		*err = s->why;
	return st;
}

static enum sheaf_status archive_start(struct stream *s)
{
	struct archive_entry *entry;
	int st;

	s->archive = archive_read_new();
	if (!s->archive)
		return s->status = fail_nomem(&s->why);
	/* those that libarchive does itself: it starts programs for others */
	archive_read_support_filter_bzip2(s->archive);
	archive_read_support_filter_xz(s->archive);
	archive_read_support_filter_lzma(s->archive);
	archive_read_support_filter_zstd(s->archive);
	archive_read_support_filter_lz4(s->archive);
	archive_read_support_filter_compress(s->archive);
	archive_read_support_format_raw(s->archive);
	archive_read_support_format_empty(s->archive);
	st = archive_read_open(s->archive, s, NULL, archive_pull, NULL);
	if (st == ARCHIVE_OK || st == ARCHIVE_WARN)
		st = archive_read_next_header(s->archive, &entry);
	if (st == ARCHIVE_EOF) { /* nothing in it: what follows is the end */
		archive_read_free(s->archive);
		s->archive = NULL;
		return SHEAF_OK;
	}
	return st == ARCHIVE_OK || st == ARCHIVE_WARN ? SHEAF_OK :
							archive_failed(s);
}

static enum sheaf_status plain_next(struct stream *s, const uint8_t **p,
				    size_t *len)
{
	const void *at;
	la_int64_t offset;
	int st;

	if (s->gunzip)
		return s->status = gunzip_next(s->gunzip, p, len, &s->why);
	if (!s->archive)
		return stored_next(s, p, len);
	do {
		st = archive_read_data_block(s->archive, &at, len, &offset);
	} while (st == ARCHIVE_OK && *len == 0);
	*p = at;
	if (st == ARCHIVE_EOF) {
		*len = 0;
		return SHEAF_OK;
	}
	return st == ARCHIVE_OK || st == ARCHIVE_WARN ? SHEAF_OK :
							archive_failed(s);
}

/* enough of the file to tell what it is; a pipe may give it byte by byte */
static enum sheaf_status head_read(struct stream *s)
{
	const uint8_t *p;
	size_t len;

	while (s->head.len < 8) {
		if (stored_read(s, &p, &len) != SHEAF_OK)
			return s->status;
		if (len == 0)
			break;
		buf_bytes(&s->head, p, len);
		if (s->head.bad)
			return s->status = fail_nomem(&s->why);
	}
	return SHEAF_OK;
}

static void decompressor_start(struct stream *s)
{
	if (gunzip_is(s->head.p, s->head.len))
		s->status = gunzip_new(&s->gunzip, gzip_pull, s, &s->why);
	else
		archive_start(s);
}

static bool file_seekable(struct stream *s)
{
	struct stat sb;

	if (fstat(s->fd, &sb) != 0 || !S_ISREG(sb.st_mode))
		return false;
	s->start = lseek(s->fd, 0, SEEK_CUR);
	if (s->start < 0 || s->start > sb.st_size)
		return false;
	s->size = (uint64_t)(sb.st_size - s->start);
	return true;
}

static enum sheaf_status stream_new(struct stream **out, int fd, const void *p,
				    size_t len, bool raw,
				    struct sheaf_error *err)
{
	struct stream *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return fail_nomem(err);
	s->fd = fd;
	s->memory = s->rest = p;
	s->rest_len = len;
	s->size = len;
	s->seekable = fd < 0 || file_seekable(s);
	s->room = fd < 0 ? NULL : malloc(STREAM_ROOM);
	if (fd >= 0 && !s->room)
		s->status = fail_nomem(&s->why);
	else if (head_read(s) == SHEAF_OK && !raw && s->head.len != 0 &&
		 stream_is_compressed(s->head.p, s->head.len))
		decompressor_start(s);
	if (s->status == SHEAF_OK) {
		*out = s;
		return SHEAF_OK;
	}
	stop(s, err);
	fd = (int)s->status;
	stream_close(s);
	return (enum sheaf_status)fd;
}

enum sheaf_status stream_open(struct stream **out, int fd, bool raw,
			      struct sheaf_error *err)
{
	return stream_new(out, fd, NULL, 0, raw, err);
}

enum sheaf_status stream_open_memory(struct stream **out, const void *p,
				     size_t len, bool raw,
				     struct sheaf_error *err)
{
	return stream_new(out, -1, p, len, raw, err);
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	gunzip_free(s->gunzip);
	archive_read_free(s->archive);
	buf_done(&s->head);
	buf_done(&s->kept);
	buf_done(&s->again);
	free(s->room);
	free(s);
}

/* what was peeked at or given back, first */
static bool kept_take(struct stream *s, const uint8_t **p, size_t *len)
{
	struct buf *from = &s->kept;

	if (s->unread != 0) {
		*p = s->given + s->given_len - s->unread;
		*len = s->unread;
		s->unread = 0;
		return true;
	}
	if (from->len == 0)
		return false;
	/* what is handed out must outlive a later stream_peek() */
	buf_done(&s->again);
	s->again = s->kept;
	s->kept = (struct buf){ 0 };
	*p = s->again.p;
	*len = s->again.len;
	return true;
}

enum sheaf_status stream_next(struct stream *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err)
{
	*p = NULL;
	*len = 0;
	if (!kept_take(s, p, len)) {
		if (s->status != SHEAF_OK ||
		    plain_next(s, p, len) != SHEAF_OK) {
			*p = NULL;
			*len = 0;
			return stop(s, err);
		}
	}
	s->given = *p;
	s->given_len = *len;
	return SHEAF_OK;
}

void stream_unread(struct stream *s, size_t len)
{
	s->unread = len < s->given_len ? len : s->given_len;
}

enum sheaf_status stream_peek(struct stream *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err)
{
	while (s->kept.len < STREAM_PEEK && s->status == SHEAF_OK) {
		const uint8_t *more;
		size_t n;

		/* an error behind the head is told when it is come to */
		if (plain_next(s, &more, &n) != SHEAF_OK || n == 0)
			break;
		buf_bytes(&s->kept, more, n);
		if (s->kept.bad)
			s->status = fail_nomem(&s->why);
	}
	*p = s->kept.p;
	*len = s->kept.len;
	return s->status != SHEAF_OK && s->kept.len == 0 ? stop(s, err) :
							   SHEAF_OK;
}

bool stream_is_plain(const struct stream *s)
{
	return !s->archive && !s->gunzip;
}

bool stream_can_seek(const struct stream *s, uint64_t *size)
{
	*size = s->size;
	return s->seekable && stream_is_plain(s);
}

enum sheaf_status stream_seek(struct stream *s, uint64_t offset,
			      struct sheaf_error *err)
{
	if (!s->seekable || !stream_is_plain(s) || offset > s->size)
		return fail(err, SHEAF_MISUSE, "can't seek there");
	if (s->fd >= 0 && lseek(s->fd, s->start + (off_t)offset, SEEK_SET) < 0)
		return fail_io(err, errno, "can't be read");
	if (s->fd < 0) {
		s->rest = s->memory + offset;
		s->rest_len = (size_t)(s->size - offset);
	}
	s->head_given = true;
	buf_clear(&s->kept);
	s->unread = 0;
	return SHEAF_OK;
}

uint64_t stream_consumed(const struct stream *s)
{
	return s->consumed;
}
