/*
 * calls.h - the system calls that change a file, as the linker hands them over
 *
 * A test that comes between the library and the system has world.c or disk.c,
 * which define the __wrap_ ones, and calls.c.
 */
#ifndef SHEAF_TESTS_CALLS_H
#define SHEAF_TESTS_CALLS_H

#include <sys/types.h>

/* clang-format off */
ssize_t __real_write(int fd, const void *p, size_t len);
ssize_t __real_pwrite(int fd, const void *p, size_t len, off_t at);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_ftruncate(int fd, off_t size);
int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __real_rename(const char *from, const char *to);
int __real_renameat(int a, const char *from, int b, const char *to);
int __real_renameat2(int a, const char *from, int b, const char *to,
		     unsigned int flags);
int __real_unlink(const char *path);
int __real_unlinkat(int folder, const char *path, int flags);
int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t len);
ssize_t __wrap_pwrite(int fd, const void *p, size_t len, off_t at);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __wrap_renameat2(int a, const char *from, int b, const char *to,
		     unsigned int flags);
int __wrap_unlink(const char *path);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
/* clang-format on */

/* open() and openat(), of world.c or disk.c; @mode is 0 where none was given */
int calls_opened(int folder, const char *path, int flags, int mode);

#endif
