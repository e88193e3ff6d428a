/*
 * draft.c - a new file that gets its name only when it is whole
 *
 * Stands under the sink.  The file has no name until then, so that a writer
 * that is killed leaves nothing behind; where the system can't do that, it has
 * a hidden name, and a killed writer leaves one hidden file.
 *
 * All is done relative to the folder's descriptor: what is published stands
 * where it was asked for, though the program change its own folder meanwhile.
 */
#include "io/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

enum {
	PROC_PATH = 32,	    /* "/proc/self/fd/N" */
	HIDDEN_TRIES = 100, /* while others hold such names */
	HIDDEN_STEM = 200,  /* bytes of the name in a hidden one, of 255 */
};

struct draft {
	int fd;
	int folder;
	char *base;   /* owned: the name in it; NULL once published */
	char *hidden; /* owned: its hidden name, which is to be removed */
	char *path;   /* owned: the same with the folder */
	unsigned int how;
	char name[FAIL_PATH_SIZE]; /* the path, escaped, for error texts */
};

void draft_free(struct draft *d)
{
	if (!d)
		return;
	if (d->hidden)
		unlinkat(d->folder, d->hidden,
			 d->how & DRAFT_FOLDER ? AT_REMOVEDIR : 0);
	if (d->folder >= 0)
		close(d->folder);
	if (d->fd >= 0)
		close(d->fd);
	free(d->hidden);
	free(d->path);
	free(d->base);
	free(d);
}

const char *draft_path(const struct draft *d)
{
	return d->path;
}

int draft_fd(const struct draft *d)
{
	return d->fd;
}

/* opens the folder of @path, sets d->base */
static enum sheaf_status folder_open(struct draft *d, const char *path,
				     struct sheaf_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? &slash[1] : path;
	char *folder;

	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		return fail(err, SHEAF_MISUSE, "%s: not the name of a file",
			    d->name);
	/* the slash stays, so that "/x" gives "/" */
	folder = slash ? strndup(path, (size_t)(base - path)) : strdup(".");
	d->base = strdup(base);
	if (!folder || !d->base) {
		free(folder);
		return fail_nomem(err);
	}
	d->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (d->folder < 0)
		return fail_io(err, errno, "%s: cannot open its folder",
			       d->name);
	return SHEAF_OK;
}

/* a descriptor, or -1 with errno */
static int hidden_open(const struct draft *d, const char *name)
{
	if (!(d->how & DRAFT_FOLDER))
		return openat(d->folder, name,
			      O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (mkdirat(d->folder, name, 0777) != 0)
		return -1;
	return openat(d->folder, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* a file with a hidden name; the process number sets writers apart */
static enum sheaf_status hidden_create(struct draft *d, struct sheaf_error *err)
{
	char name[HIDDEN_STEM + 55];

	for (int i = 0; i < HIDDEN_TRIES; i++) {
		snprintf(name, sizeof(name), ".%.*s.sheaf-new-%ld-%d",
			 HIDDEN_STEM, d->base, (long)getpid(), i);
		d->fd = hidden_open(d, name);
		if (d->fd >= 0 || errno != EEXIST)
			break;
	}
	if (d->fd < 0)
		return fail_io(err, errno, "%s: cannot create", d->name);
	d->hidden = strdup(name);
	if (!d->hidden) {
		unlinkat(d->folder, name,
			 d->how & DRAFT_FOLDER ? AT_REMOVEDIR : 0);
		return fail_nomem(err);
	}
	return SHEAF_OK;
}

static void proc_path(char out[PROC_PATH], int fd)
{
	snprintf(out, PROC_PATH, "/proc/self/fd/%d", fd);
}

/*
 * a file without a name, if it can be given one later: without /proc only
 * root could, and only at the end would we know
 */
static enum sheaf_status nameless_create(struct draft *d,
					 struct sheaf_error *err)
{
	char path[PROC_PATH];

	d->fd = openat(d->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (d->fd >= 0) {
		proc_path(path, d->fd);
		if (access(path, F_OK) == 0)
			return SHEAF_OK;
		close(d->fd);
		d->fd = -1;
	} else if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL &&
		   errno != ENOENT) {
		return fail_io(err, errno, "%s: cannot create", d->name);
	}
	return hidden_create(d, err);
}

/* @path's folder and the hidden name */
static enum sheaf_status path_set(struct draft *d, const char *path,
				  struct sheaf_error *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
	size_t len = strlen(d->hidden);

	d->path = malloc(folder + len + 1);
	if (!d->path)
		return fail_nomem(err);
	memcpy(d->path, path, folder);
	memcpy(d->path + folder, d->hidden, len + 1);
	return SHEAF_OK;
}

enum sheaf_status draft_create(struct draft **out, const char *path,
			       struct sheaf_error *err)
{
	return draft_create_as(out, path, 0, err);
}

/* is what has the name in the way */
static bool is_taken(const struct draft *d)
{
	struct stat sb;

	return fstatat(d->folder, d->base, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !((d->how & DRAFT_REPLACE) && S_ISREG(sb.st_mode));
}

enum sheaf_status draft_create_as(struct draft **out, const char *path,
				  unsigned int how, struct sheaf_error *err)
{
	enum sheaf_status st;
	struct draft *d;

	*out = NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return fail_nomem(err);
	d->fd = -1;
	d->folder = -1;
	d->how = how;
	text_escape(d->name, sizeof(d->name), path, strlen(path));
	st = folder_open(d, path, err);
	/* for the sake of an early answer: draft_publish() finds out as well */
	if (st == SHEAF_OK && is_taken(d))
		st = fail(
			err, SHEAF_MISUSE,
			"%s: exists already; remove it or choose another name",
			d->name);
	if (st == SHEAF_OK && how == 0)
		st = nameless_create(d, err);
	else if (st == SHEAF_OK)
		st = hidden_create(d, err);
	if (st == SHEAF_OK && how != 0)
		st = path_set(d, path, err);
	if (st != SHEAF_OK) {
		draft_free(d);
		return st;
	}
	*out = d;
	return SHEAF_OK;
}

/* 0 or an errno; never replaces a file that exists */
static int nameless_publish(const struct draft *d)
{
	char path[PROC_PATH];

	proc_path(path, d->fd);
	if (linkat(AT_FDCWD, path, d->folder, d->base, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != ENOENT)
		return errno;
	/* no /proc any more: the way that only root may go on older kernels */
	if (linkat(d->fd, "", d->folder, d->base, AT_EMPTY_PATH) == 0)
		return 0;
	return errno;
}

/*
 * the same.  One rename where the file system can do it without replacing,
 * else two names for a moment; the hidden one that is left is for draft_free().
 */
static int hidden_publish(struct draft *d)
{
	/* a folder never replaces a file: rename() says so itself, but for an
	 * empty folder, which it would */
	unsigned int flags = d->how & DRAFT_REPLACE ? 0 : RENAME_NOREPLACE;

	if (renameat2(d->folder, d->hidden, d->folder, d->base, flags) == 0) {
		free(d->hidden);
		d->hidden = NULL;
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (d->how & (DRAFT_REPLACE | DRAFT_FOLDER)) {
		if (renameat(d->folder, d->hidden, d->folder, d->base) != 0)
			return errno;
		free(d->hidden);
		d->hidden = NULL;
		return 0;
	}
	if (linkat(d->folder, d->hidden, d->folder, d->base, 0) != 0)
		return errno;
	if (unlinkat(d->folder, d->hidden, 0) == 0) {
		free(d->hidden);
		d->hidden = NULL;
	}
	return 0;
}

static enum sheaf_status folder_sync(const struct draft *d,
				     struct sheaf_error *err)
{
	int rc;

	do {
		rc = fsync(d->folder);
	} while (rc != 0 && errno == EINTR);
	/* EINVAL: a file system that keeps no folders to be synced */
	if (rc != 0 && errno != EINVAL)
		return fail_io(err, errno, "%s: cannot sync its folder",
			       d->name);
	return SHEAF_OK;
}

enum sheaf_status draft_publish(struct draft *d, struct sheaf_error *err)
{
	int rc;

	if (!d->base)
		return SHEAF_OK;
	rc = d->hidden ? hidden_publish(d) : nameless_publish(d);
	if (rc == EEXIST)
		return fail(err, SHEAF_BUSY,
			    "%s: another program has created it meanwhile",
			    d->name);
	if (rc != 0)
		return fail_io(err, rc, "%s: cannot give it its name", d->name);
	free(d->base);
	d->base = NULL;
	return folder_sync(d, err);
}

enum sheaf_status draft_rename(const char *from, const char *to,
			       struct sheaf_error *err)
{
	struct draft d = { .fd = -1, .folder = -1 };
	enum sheaf_status st;

	text_escape(d.name, sizeof(d.name), to, strlen(to));
	st = folder_open(&d, to, err);
	if (st == SHEAF_OK && rename(from, to) != 0)
		st = fail_io(err, errno, "%s: cannot be replaced", d.name);
	if (st == SHEAF_OK)
		st = folder_sync(&d, err);
	if (d.folder >= 0)
		close(d.folder);
	free(d.base);
	return st;
}
