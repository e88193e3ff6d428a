/*
 * fd.c - all of some bytes to a descriptor
 */
#include "base/fd.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

int fd_write(int fd, const void *p, size_t len)
{
	const uint8_t *from = p;

	while (len > 0) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		from += n;
		len -= (size_t)n;
	}
	return 0;
}
