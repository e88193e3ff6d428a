/*
 * fail.h - fill a struct sheaf_error, return its status
 */
#ifndef SHEAF_BASE_FAIL_H
#define SHEAF_BASE_FAIL_H

#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>

/* of a buffer for an escaped path in an error text: half of the line */
enum { FAIL_PATH_SIZE = 81 };

/*
 * fail() - set @err (may be NULL) to @status and a formatted line
 *
 * The text is cut to fit and then ends in "..."; bytes outside printable ASCII
 * are replaced by '?', except well-formed UTF-8 that prints; untrusted strings
 * should pass text_escape() first.  sys_errno becomes 0, offset UINT64_MAX.
 * Returns @status.
 */
enum sheaf_status fail(struct sheaf_error *err, enum sheaf_status status,
		       const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* the same with the file offset that the trouble was seen at, bytes */
enum sheaf_status fail_at(struct sheaf_error *err, enum sheaf_status status,
			  uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * SHEAF_IO with @sys_errno; ": " and its strerror text are appended, and kept
 * whole where the line must be cut
 */
enum sheaf_status fail_io(struct sheaf_error *err, int sys_errno,
			  const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* SHEAF_NOMEM with a fixed text */
enum sheaf_status fail_nomem(struct sheaf_error *err);

/*
 * text_escape() - @src as one printable line in @dst, always terminated
 *
 * Control bytes, backslashes and bytes that are no part of well-formed UTF-8
 * become \xHH (backslash: \\), and so do the characters that command a terminal
 * or turn a line round: U+0080..9F, U+2028..2E, U+2066..69.  What does not fit
 * in @size bytes ends in "...".  Returns @dst.
 */
char *text_escape(char *dst, size_t size, const void *src, size_t len);

#endif
