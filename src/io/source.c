/*
 * source.c - the bytes of a corpus from a file or from memory
 *
 * The reader asks for bytes at an offset and knows nothing of where they come
 * from.  What holds for every source is checked in source_read() and
 * source_size(); below them stand the kinds.
 */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/size.h"

void source_done(struct source *s)
{
	if (s->ops)
		s->ops->free(s->ctx);
	*s = (struct source){ 0 };
}

enum sheaf_status source_size(const struct source *s, uint64_t *out,
			      struct sheaf_error *err)
{
	return s->ops->size(s->ctx, out, err);
}

enum sheaf_status source_read(const struct source *s, uint64_t offset,
			      void *dst, size_t len, struct sheaf_error *err)
{
	uint64_t end;

	if (len == 0)
		return SHEAF_OK;
	/* no file is larger, and off_t can't say it */
	if (!u64_add(offset, len, &end) || end > INT64_MAX)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "offset %" PRIu64 " is past the end of any file",
			       offset);
	return s->ops->read(s->ctx, offset, dst, len, err);
}

static enum sheaf_status cut_short(struct sheaf_error *err, const char *name,
				   uint64_t offset, size_t len, size_t there)
{
	return fail_at(err, SHEAF_CORRUPT, offset,
		       "%s: cut short: %zu bytes wanted at %" PRIu64
		       ", %zu there",
		       name, len, offset, there);
}

/* a file, named or as a descriptor */
struct file {
	int fd;
	bool owned;
	char name[FAIL_PATH_SIZE]; /* escaped, for error texts */
};

static enum sheaf_status file_size(void *ctx, uint64_t *out,
				   struct sheaf_error *err)
{
	const struct file *f = ctx;
	struct stat sb;

	if (fstat(f->fd, &sb) != 0)
		return fail_io(err, errno, "%s: cannot stat", f->name);
	*out = (uint64_t)sb.st_size;
	return SHEAF_OK;
}

static enum sheaf_status file_read(void *ctx, uint64_t offset, void *dst,
				   size_t len, struct sheaf_error *err)
{
	const struct file *f = ctx;
	uint8_t *to = dst;
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = pread(f->fd, &to[got], len - got, (off_t)(offset + got));
		if (n > 0)
			got += (size_t)n;
		else if (n == 0)
			return cut_short(err, f->name, offset, len, got);
		else if (errno != EINTR)
			return fail_io(err, errno,
				       "%s: cannot read at %" PRIu64, f->name,
				       offset + got);
	}
	return SHEAF_OK;
}

static void file_free(void *ctx)
{
	struct file *f = ctx;

	if (f->owned && f->fd >= 0)
		close(f->fd);
	free(f);
}

static const struct source_ops file_ops = {
	.size = file_size,
	.read = file_read,
	.free = file_free,
};

/* a device or a pipe has no size and can't be read at an offset */
static enum sheaf_status file_check(const struct file *f,
				    struct sheaf_error *err)
{
	struct stat sb;

	if (fstat(f->fd, &sb) != 0)
		return fail_io(err, errno, "%s: cannot stat", f->name);
	if (!S_ISREG(sb.st_mode))
		return fail(err, SHEAF_MISUSE, "%s: not a regular file",
			    f->name);
	return SHEAF_OK;
}

/* O_NONBLOCK: opening a FIFO that nobody writes to must not wait */
static enum sheaf_status file_open(struct file *f, const char *path,
				   struct sheaf_error *err)
{
	do {
		f->fd = open(path,
			     O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	} while (f->fd < 0 && errno == EINTR);
	if (f->fd >= 0)
		return SHEAF_OK;
	if (errno == ENOENT || errno == ENOTDIR)
		return fail(err, SHEAF_NOT_FOUND, "%s: no such file", f->name);
	if (errno == ENXIO) /* a socket, a device without a driver */
		return fail(err, SHEAF_MISUSE, "%s: not a regular file",
			    f->name);
	return fail_io(err, errno, "%s: cannot open", f->name);
}

enum sheaf_status source_file(struct source *out, const char *path,
			      struct sheaf_error *err)
{
	enum sheaf_status st;
	struct file *f;

	*out = (struct source){ 0 };
	f = calloc(1, sizeof(*f));
	if (!f)
		return fail_nomem(err);
	f->owned = true;
	text_escape(f->name, sizeof(f->name), path, strlen(path));
	st = file_open(f, path, err);
	if (st == SHEAF_OK)
		st = file_check(f, err);
	if (st != SHEAF_OK) {
		file_free(f);
		return st;
	}
	*out = (struct source){ .ops = &file_ops, .ctx = f };
	return SHEAF_OK;
}

enum sheaf_status source_fd(struct source *out, int fd, struct sheaf_error *err)
{
	enum sheaf_status st;
	struct file *f;

	*out = (struct source){ 0 };
	f = calloc(1, sizeof(*f));
	if (!f)
		return fail_nomem(err);
	f->fd = fd;
	snprintf(f->name, sizeof(f->name), "descriptor %d", fd);
	st = file_check(f, err);
	if (st != SHEAF_OK) {
		file_free(f);
		return st;
	}
	*out = (struct source){ .ops = &file_ops, .ctx = f };
	return SHEAF_OK;
}

/* memory, for tests and for what was fetched already */
struct memory {
	const uint8_t *p; /* borrowed */
	size_t len;
};

static enum sheaf_status memory_size(void *ctx, uint64_t *out,
				     struct sheaf_error *err)
{
	const struct memory *m = ctx;

	(void)err;
	*out = m->len;
	return SHEAF_OK;
}

static enum sheaf_status memory_read(void *ctx, uint64_t offset, void *dst,
				     size_t len, struct sheaf_error *err)
{
	const struct memory *m = ctx;
	size_t there = offset < m->len ? m->len - (size_t)offset : 0;

	if (len > there)
		return cut_short(err, "memory", offset, len, there);
	memcpy(dst, &m->p[offset], len);
	return SHEAF_OK;
}

static const struct source_ops memory_ops = {
	.size = memory_size,
	.read = memory_read,
	.free = free,
};

enum sheaf_status source_memory(struct source *out, const void *p, size_t len,
				struct sheaf_error *err)
{
	struct memory *m;

	*out = (struct source){ 0 };
	m = malloc(sizeof(*m));
	if (!m)
		return fail_nomem(err);
	*m = (struct memory){ .p = p, .len = len };
	*out = (struct source){ .ops = &memory_ops, .ctx = m };
	return SHEAF_OK;
}

/* another's, who frees it */

static enum sheaf_status lent_size(void *ctx, uint64_t *out,
				   struct sheaf_error *err)
{
	return source_size(ctx, out, err);
}

static enum sheaf_status lent_read(void *ctx, uint64_t offset, void *dst,
				   size_t len, struct sheaf_error *err)
{
	return source_read(ctx, offset, dst, len, err);
}

static void lent_free(void *ctx)
{
	(void)ctx;
}

static const struct source_ops lent_ops = {
	.size = lent_size,
	.read = lent_read,
	.free = lent_free,
};

void source_lent(struct source *out, const struct source *of)
{
	/* only ever read through */
	*out = (struct source){ .ops = &lent_ops,
				.ctx = (void *)(uintptr_t)of };
}
