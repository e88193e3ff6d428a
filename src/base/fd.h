/*
 * fd.h - all of some bytes to a descriptor
 */
#ifndef SHEAF_BASE_FD_H
#define SHEAF_BASE_FD_H

#include <stddef.h>

/* 0, or errno; then any part of them may be written */
int fd_write(int fd, const void *p, size_t len);

#endif
