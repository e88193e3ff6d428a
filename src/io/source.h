/*
 * source.h - where the bytes of a corpus come from
 *
 * Three functions: size, read at, free.  Reads are positioned, so a source is
 * shared by any number of threads.  A file is read by pread and never mapped:
 * one that is cut short while it is read gives an error, where a mapping would
 * give SIGBUS.
 */
#ifndef SHEAF_IO_SOURCE_H
#define SHEAF_IO_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>

struct source;

struct source_ops {
	/* bytes that can be read now */
	enum sheaf_status (*size)(void *ctx, uint64_t *out,
				  struct sheaf_error *err);
	/*
	 * exactly @len bytes at @offset, else SHEAF_CORRUPT (past the end, with
	 * the offset in @err) or SHEAF_IO; thread-safe.  @len is never 0 and
	 * @offset + @len at most INT64_MAX: source_read() has seen to that.
	 */
	enum sheaf_status (*read)(void *ctx, uint64_t offset, void *dst,
				  size_t len, struct sheaf_error *err);
	void (*free)(void *ctx);
};

struct source {
	const struct source_ops *ops;
	void *ctx;
};

/* each of these leaves *out all-zero on failure, which is SHEAF_NOMEM or: */

/*
 * a regular file, O_RDONLY | O_CLOEXEC; SHEAF_NOT_FOUND where there is none,
 * SHEAF_MISUSE if it is a directory or special file, SHEAF_IO
 */
enum sheaf_status source_file(struct source *out, const char *path,
			      struct sheaf_error *err);
/* an open descriptor, which the source does not close; otherwise the same */
enum sheaf_status source_fd(struct source *out, int fd,
			    struct sheaf_error *err);
/* memory that outlives the source */
enum sheaf_status source_memory(struct source *out, const void *p, size_t len,
				struct sheaf_error *err);
/* the bytes of @of, which outlives it; never fails */
void source_lent(struct source *out, const struct source *of);
/* leaves an all-zero struct, and takes one */
void source_done(struct source *s);

/* bytes that can be read now: a file may grow, or be cut short; SHEAF_IO */
enum sheaf_status source_size(const struct source *s, uint64_t *out,
			      struct sheaf_error *err);
/*
 * exactly @len bytes at @offset, both untrusted; 0 bytes can be read anywhere.
 * SHEAF_CORRUPT where the source ends before, SHEAF_IO; then what @dst holds is
 * undefined.
 */
enum sheaf_status source_read(const struct source *s, uint64_t offset,
			      void *dst, size_t len, struct sheaf_error *err);

#endif
