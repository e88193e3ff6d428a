/*
 * disk.c - records what the library does to files, in order
 *
 * Files are told apart by who opened them: a descriptor is looked up in a table
 * that each open() renews, so that closing needs no record.
 */
#include "fault/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "fault/calls.h"
#include "fault/image.h"

#define FDS 1024

enum { FD_OTHER = -1, FD_FOLDER = -2 };

static struct disk *disk; /* NULL: nothing is recorded */
static int opened_as[FDS];

static struct disk_op *op_add(enum disk_kind kind, int file)
{
	struct disk_op *op;

	if (disk->count == disk->cap) {
		disk->cap = disk->cap != 0 ? 2 * disk->cap : 64;
		disk->ops = realloc(disk->ops, disk->cap * sizeof(*disk->ops));
		if (disk->ops == NULL)
			abort();
	}
	op = &disk->ops[disk->count++];
	*op = (struct disk_op){
		.kind = kind, .file = file, .from = -1, .to = -1
	};
	return op;
}

/* the number of a path's last part; a new one if there is none */
static int name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	int n = disk->name_count;

	for (int i = 0; i < n; i++)
		if (strcmp(disk->names[i], base) == 0)
			return i;
	if (n == DISK_NAMES || strlen(base) >= DISK_NAME_SIZE) {
		disk->overflow = true;
		return 0;
	}
	snprintf(disk->names[n], DISK_NAME_SIZE, "%s", base);
	disk->named[n] = -1;
	disk->name_count++;
	return n;
}

static int file_new(void)
{
	if (disk->file_count == DISK_FILES) {
		disk->overflow = true;
		return 0;
	}
	return disk->file_count++;
}

static int file_of(int fd)
{
	return disk == NULL || fd < 0 || fd >= FDS ? FD_OTHER : opened_as[fd];
}

static void named(enum disk_kind kind, int from, int to, int file)
{
	struct disk_op *op = op_add(kind, file);

	op->from = from;
	op->to = to;
	if (from >= 0)
		disk->named[from] = -1;
	if (to >= 0)
		disk->named[to] = file;
}

bool disk_start(struct disk *d, const char *name)
{
	struct image m = { 0 };

	d->before = -1;
	if (access(name, F_OK) == 0) {
		if (!image_load(&m, name))
			return false;
		d->old = m.p;
		d->old_len = m.len;
		d->before = d->file_count++;
	}
	snprintf(d->names[0], DISK_NAME_SIZE, "%s", name);
	d->name_count = 1;
	d->named[0] = d->before;
	for (int i = 0; i < FDS; i++)
		opened_as[i] = FD_OTHER;
	disk = d;
	return true;
}

void disk_mark(struct disk *d)
{
	if (d == disk)
		op_add(DISK_DONE, -1);
}

void disk_stop(void)
{
	disk = NULL;
}

void disk_done(struct disk *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->ops[i].bytes);
	free(d->ops);
	free(d->old);
	memset(d, 0, sizeof(*d));
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t len, off_t at)
{
	ssize_t n = __real_pwrite(fd, p, len, at);
	int file = file_of(fd);
	struct disk_op *op;

	if (file < 0 || n <= 0)
		return n;
	op = op_add(DISK_WRITE, file);
	op->at = (uint64_t)at;
	op->len = (size_t)n;
	op->bytes = malloc((size_t)n);
	if (op->bytes == NULL)
		abort();
	memcpy(op->bytes, p, (size_t)n);
	return n;
}

ssize_t __wrap_write(int fd, const void *p, size_t len)
{
	off_t at = file_of(fd) >= 0 ? lseek(fd, 0, SEEK_CUR) : -1;
	ssize_t n;

	if (at < 0)
		return __real_write(fd, p, len);
	n = __wrap_pwrite(fd, p, len, at);
	if (n > 0)
		lseek(fd, n, SEEK_CUR);
	return n;
}

static int synced(int fd, int rc)
{
	int file = file_of(fd);

	if (rc == 0 && file == FD_FOLDER)
		op_add(DISK_FOLDER_SYNC, -1);
	else if (rc == 0 && file >= 0)
		op_add(DISK_SYNC, file);
	return rc;
}

int __wrap_fsync(int fd)
{
	return synced(fd, __real_fsync(fd));
}

int __wrap_fdatasync(int fd)
{
	return synced(fd, __real_fdatasync(fd));
}

int __wrap_ftruncate(int fd, off_t size)
{
	int rc = __real_ftruncate(fd, size), file = file_of(fd);

	if (rc == 0 && file >= 0)
		op_add(DISK_SIZE, file)->at = (uint64_t)size;
	return rc;
}

#define OPEN_FILES "/proc/self/fd/"

/* from "/proc/self/fd/N", a descriptor, or another name */
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	int rc = __real_linkat(a, from, b, to, flags);
	const char *number = from;
	int file;

	if (rc != 0 || disk == NULL)
		return rc;
	if (strncmp(from, OPEN_FILES, strlen(OPEN_FILES)) == 0)
		number += strlen(OPEN_FILES);
	if (*from == '\0')
		file = file_of(a);
	else if (number != from)
		file = file_of((int)strtol(number, NULL, 10));
	else
		file = disk->named[name_of(from)];
	if (file >= 0)
		named(DISK_NAME, -1, name_of(to), file);
	return rc;
}

static int moved(const char *from, const char *to, int rc)
{
	if (rc == 0 && disk != NULL) {
		int name = name_of(from);

		named(DISK_MOVE, name, name_of(to), disk->named[name]);
	}
	return rc;
}

int __wrap_rename(const char *from, const char *to)
{
	return moved(from, to, __real_rename(from, to));
}

int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	return moved(from, to, __real_renameat(a, from, b, to));
}

int __wrap_renameat2(int a, const char *from, int b, const char *to,
		     unsigned int flags)
{
	return moved(from, to, __real_renameat2(a, from, b, to, flags));
}

static int unnamed(const char *path, int rc)
{
	if (rc == 0 && disk != NULL)
		named(DISK_UNNAME, name_of(path), -1, -1);
	return rc;
}

int __wrap_unlink(const char *path)
{
	return unnamed(path, __real_unlink(path));
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
	return unnamed(path, __real_unlinkat(folder, path, flags));
}

/* which file a descriptor is now */
static int opened_what(const char *path, int flags, bool made)
{
	int name, file;

	if ((flags & O_TMPFILE) == O_TMPFILE)
		return file_new();
	if ((flags & O_DIRECTORY) != 0)
		return FD_FOLDER;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return FD_OTHER;
	name = name_of(path);
	if (made && disk->named[name] < 0) {
		file = file_new();
		named(DISK_NAME, -1, name, file);
	}
	file = disk->named[name];
	if (file >= 0 && (flags & O_TRUNC) != 0)
		op_add(DISK_SIZE, file)->at = 0;
	return file;
}

int calls_opened(int folder, const char *path, int flags, int mode)
{
	int fd;

	if (disk != NULL && disk->no_tmpfile &&
	    (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	fd = __real_openat(folder, path, flags, mode);
	if (disk != NULL && fd >= 0 && fd < FDS)
		opened_as[fd] =
			opened_what(path, flags, (flags & O_CREAT) != 0);
	return fd;
}
