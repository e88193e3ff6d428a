/*
 * open.c - libarchive over one of our streams
 *
 * Compression around the archive is the stream's business, so no filter of
 * libarchive's is on; of its formats only those that it reads by itself, none
 * that would start another program.
 */
#include "formats/archive/archive.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

/* bytes: a name has at most 64 KiB, libarchive takes up to 1 MiB of pax */
#define HEADER_MOST ((uint64_t)8 << 20)
/* bytes of a zip's end record, and with the longest comment */
enum { ZIP_END = 22, ZIP_TAIL = ZIP_END + 65535 };

static void stream_lost(struct arc_input *a, struct archive *archive)
{
	a->st = a->error.status;
	archive_set_error(archive, EIO, "%s", a->error.text);
}

/*
 * The table of a zip that comes by a pipe is not read, but it must be there: a
 * zip that lost it may have lost members too.  It ends with a record that
 * begins with "PK\5\6", and has a comment of 64 KiB behind it at most.
 */
static void zip_watch(struct arc_input *a, const uint8_t *p, size_t len)
{
	static const char magic[] = "PK\5\6";
	uint8_t seam[6];
	size_t n = len < 3 ? len : 3;
	const uint8_t *found;

	memcpy(seam, a->last, 3);
	memcpy(seam + 3, p, n);
	if (memmem(seam, 3 + n, magic, 4))
		a->zip_end = a->at + 1;
	for (size_t at = 0; at < len; at = (size_t)(found - p) + 1) {
		found = memmem(p + at, len - at, magic, 4);
		if (!found)
			break;
		a->zip_end = a->at + (size_t)(found - p) + 1;
	}
	memmove(a->last, a->last + n, 3 - n);
	memcpy(a->last + 3 - n, p + len - n, n);
}

static enum sheaf_status piece_next(struct arc_input *a, const uint8_t **p,
				    size_t *len)
{
	enum sheaf_status st = stream_next(a->in, p, len, &a->error);

	if (st != SHEAF_OK)
		return st;
	if (a->kind == KIND_ZIP && !a->can_seek)
		zip_watch(a, *p, *len);
	for (size_t i = *len; i > 0; i--)
		if ((*p)[i - 1] != 0) {
			a->content_end = a->at + i;
			break;
		}
	a->at += *len;
	return SHEAF_OK;
}

static la_ssize_t on_read(struct archive *archive, void *arg, const void **p)
{
	struct arc_input *a = arg;
	const uint8_t *at;
	size_t len;

	if (a->header_left == 0) {
		archive_set_error(archive, EINVAL, "Header too large");
		return -1;
	}
	if (piece_next(a, &at, &len) != SHEAF_OK) {
		stream_lost(a, archive);
		return -1;
	}
	a->header_left -= len < a->header_left ? len : a->header_left;
	*p = at;
	return (la_ssize_t)len;
}

static la_int64_t on_seek(struct archive *archive, void *arg, la_int64_t offset,
			  int whence)
{
	struct arc_input *a = arg;
	int64_t from = 0;

	if (whence == SEEK_CUR)
		from = (int64_t)a->at;
	else if (whence == SEEK_END)
		from = (int64_t)a->size;
	/* damaged tables ask for anything */
	if (offset < -from || offset > (int64_t)a->size - from) {
		archive_set_error(archive, EINVAL, "it leads out of the file");
		return ARCHIVE_FATAL;
	}
	from += offset;
	if (stream_seek(a->in, (uint64_t)from, &a->error) != SHEAF_OK) {
		stream_lost(a, archive);
		return ARCHIVE_FATAL;
	}
	a->at = (uint64_t)from;
	return from;
}

static la_int64_t on_skip(struct archive *archive, void *arg,
			  la_int64_t request)
{
	struct arc_input *a = arg;
	uint64_t left = a->size - a->at;

	if (request <= 0)
		return 0;
	if ((uint64_t)request > left) /* reading will tell that it is short */
		request = (la_int64_t)left;
	return on_seek(archive, arg, request, SEEK_CUR) < 0 ? ARCHIVE_FATAL :
							      request;
}

static enum sheaf_status input_start(struct arc_input *a,
				     struct sheaf_error *err)
{
	struct archive *archive = a->archive;
	int st = archive_read_support_format_tar(archive);

	if (st == ARCHIVE_OK)
		st = archive_read_support_format_zip(archive);
	if (st == ARCHIVE_OK)
		st = archive_read_support_format_7zip(archive);
	if (st == ARCHIVE_OK)
		st = archive_read_support_format_cpio(archive);
	if (st == ARCHIVE_OK)
		st = archive_read_set_callback_data(archive, a);
	if (st == ARCHIVE_OK)
		st = archive_read_set_read_callback(archive, on_read);
	if (st == ARCHIVE_OK && a->can_seek)
		st = archive_read_set_seek_callback(archive, on_seek);
	if (st == ARCHIVE_OK && a->can_seek)
		st = archive_read_set_skip_callback(archive, on_skip);
	if (st == ARCHIVE_OK)
		st = archive_read_open1(archive);
	a->opened = st == ARCHIVE_OK;
	return st == ARCHIVE_OK ? SHEAF_OK :
				  arc_failed(a, (struct sheaf_str){ 0 }, err);
}

enum sheaf_status arc_open(struct arc_input *a, struct stream *in,
			   struct sheaf_error *err)
{
	const uint8_t *p;
	size_t len;
	enum sheaf_status st;

	*a = (struct arc_input){ .in = in, .header_left = UINT64_MAX };
	a->can_seek = stream_can_seek(in, &a->size);
	st = stream_peek(in, &p, &len, err);
	if (st != SHEAF_OK)
		return st;
	if (len == 0)
		return fail(err, SHEAF_CORRUPT,
			    "empty, and no archive: get it whole");
	a->kind = arc_kind_of(p, len);
	if (a->kind == KIND_7Z && !a->can_seek)
		return fail(err, SHEAF_UNSUPPORTED,
			    stream_is_plain(in) ?
				    "a 7z archive can't be read from a pipe: "
				    "give it as a file" :
				    "a compressed 7z archive: decompress it "
				    "first");
	a->archive = archive_read_new();
	return a->archive ? input_start(a, err) : fail_nomem(err);
}

int arc_header(struct arc_input *a, struct archive_entry **entry)
{
	int st = ARCHIVE_OK;

	if (a->kind != KIND_ZIP && a->kind != KIND_7Z) {
		/* what was not read of the member before is no header */
		if (*entry)
			st = archive_read_data_skip(a->archive);
		a->header_left = HEADER_MOST;
	}
	/* where it finds ENOMEM, be it an old one, and a name can't be
	 * converted, libarchive ends the process (3.6.2) */
	errno = 0;
	if (st == ARCHIVE_OK || st == ARCHIVE_WARN || st == ARCHIVE_EOF)
		st = archive_read_next_header(a->archive, entry);
	a->header_left = UINT64_MAX;
	return st;
}

void arc_close(struct arc_input *a)
{
	archive_read_free(a->archive);
	a->archive = NULL;
}

static bool says(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

enum sheaf_status arc_failed(struct arc_input *a, struct sheaf_str member,
			     struct sheaf_error *err)
{
	const char *text = archive_error_string(a->archive);
	char name[48], where[64] = "", reason[64];

	if (a->st != SHEAF_OK) {
		if (err)
			*err = a->error;
		return a->st;
	}
	if (archive_errno(a->archive) == ENOMEM)
		return fail_nomem(err);
	if (!text) /* libarchive has no words where a cpio or 7z ends */
		text = "";
	if (member.len > 0) {
		text_escape(name, sizeof(name), member.p, member.len);
		snprintf(where, sizeof(where), " at %s", name);
	}
	/* it crashes where no format was found (libarchive 3.6.2) */
	if ((a->opened &&
	     archive_read_has_encrypted_entries(a->archive) == 1) ||
	    says(text, "encrypted") || says(text, "passphrase"))
		return fail(err, SHEAF_CORRUPT,
			    "encrypted: decrypt it, and add that");
	if (says(text, "unrecognized archive"))
		return fail(err, SHEAF_CORRUPT,
			    "no tar, zip, 7z or cpio archive");
	if (says(text, "truncated") || says(text, "end of file"))
		return fail(err, SHEAF_CORRUPT, "cut short%s: get it whole",
			    where);
	/* zlib's word for a stream that ends too early */
	if (*text == '\0' || says(text, "ZIP decompression failed (-5)"))
		return fail(err, SHEAF_CORRUPT,
			    "cut short or damaged%s: get it whole", where);
	text_escape(reason, sizeof(reason), text, strlen(text));
	return fail(err, SHEAF_CORRUPT, "damaged%s (%s)", where, reason);
}

enum sheaf_status arc_drain(struct arc_input *a, bool *more,
			    struct sheaf_error *err)
{
	la_int64_t end = archive_filter_bytes(a->archive, 0);
	enum sheaf_status st = SHEAF_OK;
	const uint8_t *p;
	size_t len = 1;

	while (st == SHEAF_OK && len > 0)
		st = piece_next(a, &p, &len);
	*more = end >= 0 && a->content_end > (uint64_t)end;
	if (st != SHEAF_OK && err)
		*err = a->error;
	return st;
}

/* in the last bytes of what can be sought in */
static enum sheaf_status zip_look(struct arc_input *a)
{
	uint64_t start = a->size > ZIP_TAIL ? a->size - ZIP_TAIL : 0;
	enum sheaf_status st = stream_seek(a->in, start, &a->error);
	size_t len = 1;
	const uint8_t *p;

	a->at = start;
	while (st == SHEAF_OK && len > 0) {
		st = stream_next(a->in, &p, &len, &a->error);
		if (st == SHEAF_OK)
			zip_watch(a, p, len);
		a->at += len;
	}
	return st;
}

enum sheaf_status arc_end_check(struct arc_input *a, struct sheaf_error *err)
{
	int kind = archive_format(a->archive) & ARCHIVE_FORMAT_BASE_MASK;
	la_int64_t at = archive_read_header_position(a->archive);
	enum sheaf_status st = SHEAF_OK;

	/* a tar that was cut between two members lacks its blocks of zeros, and
	 * nothing else tells */
	if (kind == ARCHIVE_FORMAT_TAR && at >= 0 && (uint64_t)at >= a->at)
		return fail(err, SHEAF_CORRUPT,
			    "cut short: the zeros at its end are missing");
	if (kind != ARCHIVE_FORMAT_ZIP)
		return SHEAF_OK;
	if (a->can_seek)
		st = zip_look(a);
	if (st != SHEAF_OK) {
		if (err)
			*err = a->error;
		return st;
	}
	if (a->zip_end == 0 || a->at - a->zip_end > ZIP_TAIL ||
	    a->at - a->zip_end < ZIP_END - 1)
		return fail(err, SHEAF_CORRUPT,
			    "cut short: the table at its end is missing");
	return SHEAF_OK;
}
