/*
 * sink.c - the one file that a writer appends to
 *
 * The writer opens a corpus here, or creates one as a draft (see draft.h); then
 * it appends, syncs and publishes.  From the first moment to sink_free() the
 * file is under the writer's lock.
 */
#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/size.h"
#include "io/draft.h"
#include "io/lock.h"

enum {
	OPEN_TRIES = 8, /* while others replace the file */
};

struct sink {
	int fd;		     /* the draft's, if there is one */
	struct draft *draft; /* a new file; else NULL */
	uint64_t tell;	/* the file's end, but for what a failed write left */
	int sync_errno; /* of a failed fsync */
	char name[FAIL_PATH_SIZE]; /* the path, escaped, for error texts */
};

static enum sheaf_status sink_new(struct sink **out, const char *path,
				  struct sheaf_error *err)
{
	struct sink *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return fail_nomem(err);
	s->fd = -1;
	text_escape(s->name, sizeof(s->name), path, strlen(path));
	*out = s;
	return SHEAF_OK;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		lock_drop(s->fd);
	if (s->draft)
		draft_free(s->draft);
	else if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* lock_take() knows no path */
static enum sheaf_status sink_lock(struct sink *s,
				   const struct sheaf_wait *wait,
				   struct sheaf_error *err)
{
	struct sheaf_error why;
	enum sheaf_status st = lock_wait(s->fd, wait, &why);

	if (st == SHEAF_OK)
		return SHEAF_OK;
	fail(err, st, "%s: %s", s->name, why.text);
	if (err)
		err->sys_errno = why.sys_errno;
	return st;
}

/* O_NONBLOCK: a device must not make us wait before it is refused */
static enum sheaf_status open_once(struct sink *s, const char *path,
				   struct stat *sb, struct sheaf_error *err)
{
	if (s->fd >= 0)
		close(s->fd);
	do {
		s->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	} while (s->fd < 0 && errno == EINTR);
	if (s->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return fail(err, SHEAF_NOT_FOUND, "%s: no such file", s->name);
	if (s->fd < 0 && (errno == EISDIR || errno == ENXIO))
		return fail(err, SHEAF_MISUSE, "%s: not a regular file",
			    s->name);
	if (s->fd < 0)
		return fail_io(err, errno, "%s: cannot open for writing",
			       s->name);
	if (fstat(s->fd, sb) != 0)
		return fail_io(err, errno, "%s: cannot stat", s->name);
	if (!S_ISREG(sb->st_mode))
		return fail(err, SHEAF_MISUSE, "%s: not a regular file",
			    s->name);
	return SHEAF_OK;
}

/*
 * the file that @path names, and its lock.  Whoever replaces a corpus holds the
 * lock of the old file meanwhile: what we opened may be the old one, locked by
 * us only after the new one stood in its place.
 */
static enum sheaf_status open_locked(struct sink *s, const char *path,
				     const struct sheaf_wait *wait,
				     struct sheaf_error *err)
{
	struct stat ours, named;
	enum sheaf_status st;

	for (int i = 0; i < OPEN_TRIES; i++) {
		st = open_once(s, path, &ours, err);
		if (st == SHEAF_OK)
			st = sink_lock(s, wait, err);
		if (st != SHEAF_OK)
			return st;
		if (stat(path, &named) == 0 && named.st_dev == ours.st_dev &&
		    named.st_ino == ours.st_ino)
			return SHEAF_OK;
	}
	return fail(err, SHEAF_BUSY, "%s: is being replaced all the time",
		    s->name);
}

enum sheaf_status sink_open(struct sink **out, const char *path,
			    struct sheaf_error *err)
{
	return sink_open_wait(out, path, NULL, err);
}

enum sheaf_status sink_open_wait(struct sink **out, const char *path,
				 const struct sheaf_wait *wait,
				 struct sheaf_error *err)
{
	struct stat sb;
	struct sink *s;
	enum sheaf_status st;

	*out = NULL;
	st = sink_new(&s, path, err);
	if (st == SHEAF_OK)
		st = open_locked(s, path, wait, err);
	/* the size counts only now that nobody else may append */
	if (st == SHEAF_OK && fstat(s->fd, &sb) != 0)
		st = fail_io(err, errno, "%s: cannot stat", s->name);
	if (st != SHEAF_OK) {
		sink_free(s);
		return st;
	}
	s->tell = (uint64_t)sb.st_size;
	*out = s;
	return SHEAF_OK;
}

enum sheaf_status sink_create(struct sink **out, const char *path,
			      struct sheaf_error *err)
{
	enum sheaf_status st;
	struct sink *s;

	*out = NULL;
	st = sink_new(&s, path, err);
	if (st == SHEAF_OK)
		st = draft_create(&s->draft, path, err);
	/* held when the name appears, so that no other writer slips in */
	if (st == SHEAF_OK) {
		s->fd = draft_fd(s->draft);
		st = sink_lock(s, NULL, err);
	}
	if (st != SHEAF_OK) {
		sink_free(s);
		return st;
	}
	*out = s;
	return SHEAF_OK;
}

int sink_fd(const struct sink *s)
{
	return s->fd;
}

uint64_t sink_tell(const struct sink *s)
{
	return s->tell;
}

enum sheaf_status sink_append(struct sink *s, const void *p, size_t len,
			      struct sheaf_error *err)
{
	const uint8_t *from = p;
	uint64_t end;
	size_t done = 0;
	ssize_t n;

	if (!u64_add(s->tell, len, &end) || end > INT64_MAX)
		return fail(err, SHEAF_LIMIT, "%s: larger than a file can be",
			    s->name);
	while (done < len) {
		n = pwrite(s->fd, &from[done], len - done,
			   (off_t)(s->tell + done));
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		/* nothing written and no reason given: don't ask for ever */
		return fail_io(err, n < 0 ? errno : EIO,
			       "%s: cannot write at %" PRIu64, s->name,
			       s->tell + done);
	}
	s->tell = end;
	return SHEAF_OK;
}

/*
 * after a failed fsync the kernel may have dropped the pages and forgotten the
 * error; a second one that succeeds would be a lie
 */
enum sheaf_status sink_sync(struct sink *s, struct sheaf_error *err)
{
	int rc = 0;

	if (s->sync_errno == 0) {
		do {
			rc = fsync(s->fd);
		} while (rc != 0 && errno == EINTR);
		if (rc != 0)
			s->sync_errno = errno;
	}
	if (s->sync_errno != 0)
		return fail_io(err, s->sync_errno, "%s: cannot sync", s->name);
	return SHEAF_OK;
}

enum sheaf_status sink_truncate(struct sink *s, uint64_t size,
				struct sheaf_error *err)
{
	int rc;

	if (size > s->tell)
		return fail(err, SHEAF_MISUSE,
			    "%s: cannot cut %" PRIu64 " bytes to %" PRIu64,
			    s->name, s->tell, size);
	do {
		rc = ftruncate(s->fd, (off_t)size);
	} while (rc != 0 && errno == EINTR);
	if (rc != 0)
		return fail_io(err, errno, "%s: cannot cut to %" PRIu64,
			       s->name, size);
	s->tell = size;
	return SHEAF_OK;
}

enum sheaf_status sink_publish(struct sink *s, struct sheaf_error *err)
{
	if (!s->draft)
		return SHEAF_OK;
	/* what a failed fsync lost must not get a name */
	if (s->sync_errno != 0)
		return fail_io(err, s->sync_errno, "%s: cannot publish",
			       s->name);
	return draft_publish(s->draft, err);
}
