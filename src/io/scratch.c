/*
 * scratch.c - a file without a name, for what a writer can't hold in memory
 *
 * Beside the corpus and not in /tmp, which is often memory, or small.
 */
#include "io/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

enum {
	NAME_TRIES = 100, /* while others hold such names */
	NAME_SIZE = 64,
};

struct scratch {
	int fd;			   /* -1: not made yet */
	uint64_t tell;		   /* bytes appended */
	char *folder;		   /* owned */
	char name[FAIL_PATH_SIZE]; /* the corpus's, escaped, for error texts */
};

enum sheaf_status scratch_new(struct scratch **out, const char *path,
			      struct sheaf_error *err)
{
	const char *slash = strrchr(path, '/');
	struct scratch *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return fail_nomem(err);
	s->fd = -1;
	text_escape(s->name, sizeof(s->name), path, strlen(path));
	/* the slash stays, so that "/x" gives "/" */
	s->folder =
		slash ? strndup(path, (size_t)(slash + 1 - path)) : strdup(".");
	if (!s->folder) {
		scratch_free(s);
		return fail_nomem(err);
	}
	*out = s;
	return SHEAF_OK;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->folder);
	free(s);
}

/* where there is no O_TMPFILE: a name, for a moment */
static int named_open(const char *folder)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;
	char name[NAME_SIZE];

	for (int i = 0; dir >= 0 && i < NAME_TRIES; i++) {
		snprintf(name, sizeof(name), ".sheaf-scratch-%ld-%d",
			 (long)getpid(), i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
		if (fd >= 0)
			(void)unlinkat(dir, name, 0);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (dir >= 0) {
		int saved = errno;

		close(dir);
		errno = saved;
	}
	return fd;
}

static enum sheaf_status file_make(struct scratch *s, struct sheaf_error *err)
{
	s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
			  errno == EINVAL || errno == ENOENT))
		s->fd = named_open(s->folder);
	if (s->fd < 0)
		return fail_io(err, errno,
			       "%s: scratch file beside it: cannot create",
			       s->name);
	return SHEAF_OK;
}

uint64_t scratch_tell(const struct scratch *s)
{
	return s->tell;
}

enum sheaf_status scratch_append(struct scratch *s, const void *p, size_t len,
				 struct sheaf_error *err)
{
	const uint8_t *from = p;
	size_t done = 0;
	ssize_t n;

	if (s->fd < 0 && file_make(s, err) != SHEAF_OK)
		return SHEAF_IO;
	while (done < len) {
		n = pwrite(s->fd, &from[done], len - done,
			   (off_t)(s->tell + done));
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return fail_io(
				err, n < 0 ? errno : EIO,
				"%s: scratch file beside it: cannot write",
				s->name);
	}
	s->tell += len;
	return SHEAF_OK;
}

enum sheaf_status scratch_read(struct scratch *s, uint64_t offset, void *dst,
			       size_t len, struct sheaf_error *err)
{
	uint8_t *to = dst;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(s->fd, &to[done], len - done, (off_t)(offset + done));
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return fail_io(
				err, n < 0 ? errno : EIO,
				"%s: scratch file beside it: cannot read",
				s->name);
	}
	return SHEAF_OK;
}
