/*
 * calls.c - open() and openat() as one call, whose mode is always there
 */
#include "fault/calls.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>

static bool has_mode(int flags)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	int mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (has_mode(flags))
		mode = va_arg(ap, int);
	va_end(ap);
	return calls_opened(folder, path, flags, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
	int mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (has_mode(flags))
		mode = va_arg(ap, int);
	va_end(ap);
	return calls_opened(AT_FDCWD, path, flags, mode);
}
