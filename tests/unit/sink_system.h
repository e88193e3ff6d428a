/*
 * sink_system.h - a system that misbehaves, for the tests of the sink
 *
 * The system calls below are defined here and so stand before the C library's:
 * a test has one fail, or does at that instant what another program might.
 * Included by one file of a test program.
 */
#ifndef SHEAF_TESTS_SINK_SYSTEM_H
#define SHEAF_TESTS_SINK_SYSTEM_H

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "io/sink.h"
#include "harness.h"
#include "scratch.h"

/* how the system behaves; all zero is as it is */
static struct {
	int tmpfile_errno; /* of openat() with O_TMPFILE */
	int rename_errno;  /* of renameat2() */
	int fsync_errno;   /* of a file's fsync() */
	int folder_errno;  /* of a folder's fsync() */
	size_t write_most; /* bytes that one pwrite() takes */
	int write_interrupts;
	uint64_t disk_end; /* no space at and behind this offset */
	bool write_nothing;
	int replacements; /* of "corpus" by "next-N" after an open() */
	bool remove_opened;
	bool no_proc;
} sys;

int open(const char *path, int flags, ...)
{
	int fd, mode = 0;
	char name[32];
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, int);
		va_end(ap);
	}
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (strcmp(path, "corpus") != 0 || fd < 0)
		return fd;
	if (sys.remove_opened)
		unlink("corpus");
	if (sys.replacements > 0) {
		snprintf(name, sizeof(name), "next-%d", --sys.replacements);
		rename(name, "corpus");
	}
	return fd;
}

int openat(int folder, const char *path, int flags, ...)
{
	bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
	int mode = 0;
	va_list ap;

	if (flags & O_CREAT || nameless) {
		va_start(ap, flags);
		mode = va_arg(ap, int);
		va_end(ap);
	}
	if (nameless && sys.tmpfile_errno) {
		errno = sys.tmpfile_errno;
		return -1;
	}
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to,
	      unsigned int flags)
{
	if (sys.rename_errno) {
		errno = sys.rename_errno;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to,
			    flags);
}

int fsync(int fd)
{
	struct stat sb;
	int no;

	if (fstat(fd, &sb) != 0)
		return -1;
	no = S_ISDIR(sb.st_mode) ? sys.folder_errno : sys.fsync_errno;
	if (no) {
		errno = no;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* all that the draft asks /proc for is whether it is there */
int access(const char *path, int mode)
{
	if (sys.no_proc && !strncmp(path, "/proc/", 6)) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to,
	   int flags)
{
	if (sys.no_proc && !strncmp(from, "/proc/", 6)) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_linkat, from_folder, from, to_folder, to,
			    flags);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	if (sys.write_interrupts > 0) {
		sys.write_interrupts--;
		errno = EINTR;
		return -1;
	}
	if (sys.write_nothing)
		return 0;
	if (sys.disk_end && (uint64_t)at >= sys.disk_end) {
		errno = ENOSPC;
		return -1;
	}
	if (sys.disk_end && len > sys.disk_end - (uint64_t)at)
		len = (size_t)(sys.disk_end - (uint64_t)at);
	if (sys.write_most && len > sys.write_most)
		len = sys.write_most;
	return syscall(SYS_pwrite64, fd, p, len, at);
}

/* an empty folder to stand in and a system as it is */
static inline void fresh(void)
{
	static int number;
	char name[32];

	memset(&sys, 0, sizeof(sys));
	snprintf(name, sizeof(name), "%d", number++);
	CHECK(chdir(scratch_path) == 0);
	CHECK(mkdir(name, 0777) == 0 && chdir(name) == 0);
}

/* what stands in the current folder, hidden files counted in */
static inline int names_here(void)
{
	DIR *d = opendir(".");
	int n = 0;

	if (!CHECK(d))
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

static inline bool file_is(const char *name, const char *expected)
{
	char got[4096];
	FILE *f = fopen(name, "rb");
	size_t len;

	if (!f)
		return false;
	len = fread(got, 1, sizeof(got), f);
	fclose(f);
	return len == strlen(expected) && !memcmp(got, expected, len);
}

static inline void append(struct sink *s, const char *text)
{
	CHECK(sink_append(s, text, strlen(text), NULL) == SHEAF_OK);
}

/* the lowest free descriptor: the same before all tests and after them */
static inline int descriptor_probe(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

#endif
