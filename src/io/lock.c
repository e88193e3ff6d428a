/*
 * lock.c - the writer's lock
 *
 * One writer at a time: the sink takes this lock before it looks at the file's
 * end.  An open-file-description lock belongs to one open() and not to the
 * process, so two writers in one process exclude each other as well, closing
 * some other descriptor of the file does not drop it, and the kernel drops it
 * when its owner dies.  Readers take no lock.
 */
#include "io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fail.h"

/* l_pid must be 0 for these locks */
static struct flock lock_region(void)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1,
	};
}

enum sheaf_status lock_take(int fd, struct sheaf_error *err)
{
	struct flock region = lock_region();
	int rc;

	do {
		rc = fcntl(fd, F_OFD_SETLK, &region);
	} while (rc != 0 && errno == EINTR);
	if (rc == 0)
		return SHEAF_OK;
	switch (errno) {
	case EAGAIN:
	case EACCES:
		return fail(err, SHEAF_BUSY,
			    "another program is writing to this corpus");
	case ENOLCK:
	case EINVAL:
	case EOPNOTSUPP:
	case ENOSYS:
		return fail(err, SHEAF_UNSUPPORTED,
			    "this file system has no locks to write under");
	default:
		return fail_io(err, errno, "cannot lock");
	}
}

bool lock_is_held(int fd)
{
	struct flock region = lock_region();

	return fcntl(fd, F_OFD_GETLK, &region) == 0 && region.l_type != F_UNLCK;
}

bool lock_is_held_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool held = fd >= 0 && lock_is_held(fd);

	if (fd >= 0)
		(void)close(fd);
	return held;
}
