/*
 * stream.h - the bytes of a file or a pipe, decompressed if need be
 *
 * gzip (several members end to end too), zstd, xz, lzma, bzip2, lz4 and
 * compress are recognised by their first bytes and taken off; anything else
 * comes as it is.  A file that begins with the
 * skippable frame of a WARC dictionary (magic 0x184D2A5D) is left as it is.
 */
#ifndef FORMATS_STREAM_H
#define FORMATS_STREAM_H

#include "base/buf.h"
#include "base/fail.h"

struct stream;

/*
 * stream_open() - read from @fd, from where it stands; @fd stays the caller's
 * @raw: nothing is decompressed
 *
 * Returns SHEAF_OK, SHEAF_IO, SHEAF_CORRUPT (the compressed head is damaged) or
 * SHEAF_NOMEM.
 */
enum sheaf_status stream_open(struct stream **out, int fd, bool raw,
			      struct sheaf_error *err);
/* the same over memory, which must outlive the stream */
enum sheaf_status stream_open_memory(struct stream **out, const void *p,
				     size_t len, bool raw,
				     struct sheaf_error *err);
/* do the first @len bytes of a file, 8 or all of it, say that it is compressed
 */
bool stream_is_compressed(const void *p, size_t len);
void stream_close(struct stream *s); /* NULL is fine */

/*
 * stream_next() - the next piece of plain bytes
 * @p: borrowed until the next call; @len: 0 at the end
 *
 * Returns SHEAF_OK, SHEAF_IO, SHEAF_CORRUPT (a compressed stream is damaged or
 * cut short) or SHEAF_NOMEM; the same again at every later call.
 */
enum sheaf_status stream_next(struct stream *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err);
/* gives back the last @len bytes of what stream_next() gave, at most all of it
 */
void stream_unread(struct stream *s, size_t len);

/* the first bytes, at least 64 KiB if there are as many; they still come by
 * stream_next().  Only before the first stream_next(). */
enum sheaf_status stream_peek(struct stream *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err);

/* does it give the bytes as they stand in the file */
bool stream_is_plain(const struct stream *s);
/* may one seek in it: a file or memory, with nothing taken off; and how many
 * bytes it has from where it began */
bool stream_can_seek(const struct stream *s, uint64_t *size);
/*
 * stream_seek() - stream_next() goes on at @offset, bytes from where it began
 *
 * For readers of what has its table at the end (zip, 7z).  Returns SHEAF_OK,
 * SHEAF_MISUSE (not where stream_can_seek() says no) or SHEAF_IO.
 */
enum sheaf_status stream_seek(struct stream *s, uint64_t offset,
			      struct sheaf_error *err);
/* bytes that were read off the file, compressed as they stand there */
uint64_t stream_consumed(const struct stream *s);

#endif
