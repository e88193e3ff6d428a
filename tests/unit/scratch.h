/*
 * scratch.h - an empty folder for a test program, gone with it
 *
 * main() wraps harness_main() in scratch_enter() and scratch_leave(); in
 * between the scratch folder is the current one, so that tests use bare names.
 */
#ifndef SHEAF_TESTS_SCRATCH_H
#define SHEAF_TESTS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static char scratch_path[4096];

static inline int scratch_remove(const char *path, const struct stat *sb,
				 int kind, struct FTW *at)
{
	(void)sb;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline bool scratch_enter(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(scratch_path, sizeof(scratch_path), "%s/sheaf-test-XXXXXX",
		 base && *base ? base : "/tmp");
	if (mkdtemp(scratch_path) && chdir(scratch_path) == 0 &&
	    getcwd(scratch_path, sizeof(scratch_path)))
		return true;
	perror(scratch_path);
	return false;
}

static inline void scratch_leave(void)
{
	if (chdir("/") != 0)
		return;
	nftw(scratch_path, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* a file of exactly these bytes; false if that fails */
static inline bool scratch_write(const char *name, const void *p, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool ok = fd >= 0 && write(fd, p, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* the program: runs the tests in a folder of their own */
static inline int scratch_main(int argc, char **argv,
			       const struct harness_test *tests, size_t count)
{
	int status;

	if (!scratch_enter())
		return 1;
	status = harness_main(argc, argv, tests, count);
	scratch_leave();
	return status;
}

#endif
