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
#include <time.h>
#include <unistd.h>

#include "base/fail.h"

#define TRIES_A_SECOND 10

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
			    "this file system has no locks to write under; "
			    "write on another one and copy the file here");
	default:
		return fail_io(err, errno, "cannot lock");
	}
}

void lock_drop(int fd)
{
	struct flock region = lock_region();

	region.l_type = F_UNLCK;
	(void)fcntl(fd, F_OFD_SETLK, &region);
}

static uint64_t tenths_now(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * TRIES_A_SECOND +
	       (uint64_t)now.tv_nsec / (1000000000 / TRIES_A_SECOND);
}

/*
 * by asking again: F_OFD_SETLKW would need an alarm to end, which belongs to
 * the program.  A signal ends the pause, and what asks next is the caller.
 */
enum sheaf_status lock_wait(int fd, const struct sheaf_wait *wait,
			    struct sheaf_error *err)
{
	static const struct timespec pause = { .tv_nsec = 1000000000 /
							  TRIES_A_SECOND };
	uint64_t start = tenths_now();
	enum sheaf_status st = lock_take(fd, err);

	while (st == SHEAF_BUSY && wait != NULL && wait->seconds != 0) {
		if (wait->seconds != SHEAF_WAIT_FOREVER &&
		    tenths_now() - start >=
			    (uint64_t)wait->seconds * TRIES_A_SECOND)
			break;
		(void)nanosleep(&pause, NULL);
		if (wait->on_wait != NULL && wait->on_wait(wait->arg) != 0)
			return fail(err, SHEAF_CANCELLED,
				    "stopped while another program wrote");
		st = lock_take(fd, err);
	}
	return st;
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
