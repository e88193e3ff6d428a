/*
 * save.c - write an article to a file below a folder, and nowhere else
 *
 * The way down is walked folder by folder with O_NOFOLLOW, so neither a name
 * nor a link that somebody put there leads out.  A file appears under its name
 * with its bytes, or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "save.h"
#include "say.h"

int save_open(struct save *out, const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return say_errno(path);
	out->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->dir < 0 ? say_errno(path) : STATUS_YES;
}

void save_done(struct save *save)
{
	close(save->dir);
}

static bool is_safe_part(const char *p, size_t len)
{
	return len > 0 && !(len == 1 && p[0] == '.') &&
	       !(len == 2 && p[0] == '.' && p[1] == '.');
}

bool save_is_safe(struct sheaf_str name)
{
	const char *p = name.p, *end = name.p + name.len;

	if (memchr(name.p, '\0', name.len))
		return false;
	for (;;) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		const char *stop = slash ? slash : end;

		if (!is_safe_part(p, (size_t)(stop - p)))
			return false;
		if (!slash)
			return true;
		p = slash + 1;
	}
}

/* the folder of @path's last part, whose begin goes to *file; -1 and errno */
static int walk(int top, char *path, char **file)
{
	int dir = fcntl(top, F_DUPFD_CLOEXEC, 0);
	char *slash;

	while (dir >= 0 && (slash = strchr(path, '/'))) {
		int next = -1, saved;

		*slash = '\0';
		if (mkdirat(dir, path, 0777) == 0 || errno == EEXIST)
			next = openat(dir, path,
				      O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
					      O_CLOEXEC);
		saved = errno;
		close(dir);
		errno = saved;
		dir = next;
		path = slash + 1;
	}
	*file = path;
	return dir;
}

static bool write_all(int fd, const char *p, size_t left)
{
	while (left > 0) {
		ssize_t n = write(fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		left -= (size_t)n;
	}
	return true;
}

static bool set_time(int fd, const struct sheaf_time *mtime)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	if (!mtime)
		return true;
	times[1].tv_sec = (time_t)mtime->sec;
	times[1].tv_nsec = (long)mtime->nsec;
	return futimens(fd, times) == 0;
}

/* false and errno; what was made goes away again */
static bool put(int dir, const char *file, const void *p, size_t len,
		const struct sheaf_time *mtime)
{
	int fd = openat(dir, file,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0666);
	bool good;
	int saved;

	if (fd < 0)
		return false;
	good = write_all(fd, p, len) && set_time(fd, mtime);
	saved = errno;
	if (close(fd) != 0 && good) {
		good = false;
		saved = errno;
	}
	if (!good)
		unlinkat(dir, file, 0);
	errno = saved;
	return good;
}

/* the old file, whatever it is but a folder, stays until the new one is whole
 */
static bool put_over(int dir, const char *file, const void *p, size_t len,
		     const struct sheaf_time *mtime)
{
	char draft[64];
	int saved;

	snprintf(draft, sizeof(draft), ".sheaf-get-%ld", (long)getpid());
	unlinkat(dir, draft, 0); /* of one that was killed */
	if (!put(dir, draft, p, len, mtime))
		return false;
	if (renameat(dir, draft, dir, file) == 0)
		return true;
	saved = errno;
	unlinkat(dir, draft, 0);
	errno = saved;
	return false;
}

int save_file(struct save *save, struct sheaf_str name, const void *p,
	      size_t len, const struct sheaf_time *mtime)
{
	char *path = strndup(name.p, name.len);
	char *whole = strndup(name.p, name.len);
	char *file;
	int status = STATUS_YES, dir;
	bool good;

	if (!path || !whole) {
		free(path);
		free(whole);
		return say_nomem();
	}
	dir = walk(save->dir, path, &file);
	good = dir >= 0 &&
	       (save->overwrite ? put_over : put)(dir, file, p, len, mtime);
	if (!good) {
		save->full = errno == ENOSPC || errno == EDQUOT;
		if (errno == EEXIST)
			say("%s: exists; --overwrite replaces it", whole);
		else
			say_errno(whole);
		status = STATUS_UNKNOWN;
	}
	if (dir >= 0)
		close(dir);
	free(path);
	free(whole);
	return status;
}
