/*
 * world.c - the system calls that change a file, and how they go wrong
 */
#include "fault/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "fault/calls.h"
#include "fault/posts.h"

#define SECTOR 512

struct world world;

/* what no fsync has made durable yet */
static off_t unsynced_from = -1, unsynced_end;
static bool fail_next;

/* what is to become of this call */
enum turn { GO, GO_AND_DIE, HALF, FAIL };

static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* counts the call; does not come back from a death before it */
static enum turn turn_of(bool is_write)
{
	uint64_t n = world.called != NULL ? (*world.called)++ : 0;

	if (fail_next) {
		fail_next = false;
		return FAIL;
	}
	if (world.fate == WORLD_FAIL_ON && n >= world.at)
		return FAIL;
	if (world.fate == WORLD_WELL || n != world.at)
		return GO;
	switch (world.fate) {
	case WORLD_KILL_BEFORE:
		die();
		return GO;
	case WORLD_KILL_AFTER:
	case WORLD_KILL_WITHIN:
	case WORLD_POWER_CUT:
		return GO_AND_DIE;
	case WORLD_SHORT_FAIL:
		fail_next = is_write;
		return is_write ? HALF : FAIL;
	case WORLD_SHORT:
		return is_write ? HALF : GO;
	default:
		return FAIL;
	}
}

static int failed(void)
{
	errno = world.error;
	return -1;
}

/* each sector that was not synced arrived or did not, and so did the size */
static void lose(int fd)
{
	uint64_t chance = world.chance;
	off_t end = unsynced_end;
	static const uint8_t zeros[SECTOR];

	if (world.fate != WORLD_POWER_CUT || unsynced_from < 0)
		return;
	for (off_t at = unsynced_from; at < end;) {
		off_t next = at - at % SECTOR + SECTOR;

		if (next > end)
			next = end;
		if (posts_below(&chance, 2) == 0 &&
		    __real_pwrite(fd, zeros, (size_t)(next - at), at) < 0)
			break;
		at = next;
	}
	if (posts_below(&chance, 2) == 0)
		end = unsynced_from +
		      (off_t)posts_below(&chance,
					 (uint64_t)(end - unsynced_from));
	if (end < unsynced_end && __real_ftruncate(fd, end) != 0)
		return;
}

static void wrote(off_t at, ssize_t n)
{
	if (n <= 0 || world.called == NULL)
		return;
	if (unsynced_from < 0 || at < unsynced_from)
		unsynced_from = at;
	if (at + n > unsynced_end)
		unsynced_end = at + n;
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t len, off_t at)
{
	enum turn turn = turn_of(true);
	ssize_t n;

	if (turn == FAIL)
		return failed();
	if (turn == HALF && len > 1)
		len /= 2;
	if (turn == GO_AND_DIE && world.fate == WORLD_KILL_WITHIN)
		len = len * world.part / 16;
	n = __real_pwrite(fd, p, len, at);
	wrote(at, n);
	if (turn == GO_AND_DIE) {
		lose(fd);
		die();
	}
	return n;
}

ssize_t __wrap_write(int fd, const void *p, size_t len)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t n = __wrap_pwrite(fd, p, len, at < 0 ? 0 : at);

	if (n > 0)
		lseek(fd, n, SEEK_CUR);
	return n;
}

/* a call that is done is followed by death, if that is what is due */
static int done(enum turn turn, int rc)
{
	if (turn == GO_AND_DIE)
		die();
	return rc;
}

int __wrap_fsync(int fd)
{
	enum turn turn = turn_of(false);

	/* the power may fail within a sync, too */
	if (turn == GO_AND_DIE && world.fate == WORLD_POWER_CUT) {
		lose(fd);
		die();
	}
	if (turn == FAIL)
		return failed();
	unsynced_from = -1;
	unsynced_end = 0;
	return done(turn, __real_fsync(fd));
}

int __wrap_fdatasync(int fd)
{
	return __wrap_fsync(fd);
}

int __wrap_ftruncate(int fd, off_t size)
{
	enum turn turn = turn_of(false);

	return turn == FAIL ? failed() : done(turn, __real_ftruncate(fd, size));
}

int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	enum turn turn = turn_of(false);

	return turn == FAIL ? failed() :
			      done(turn, __real_linkat(a, from, b, to, flags));
}

int __wrap_renameat2(int a, const char *from, int b, const char *to,
		     unsigned int flags)
{
	enum turn turn = turn_of(false);

	return turn == FAIL ?
		       failed() :
		       done(turn, __real_renameat2(a, from, b, to, flags));
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
	enum turn turn = turn_of(false);

	return turn == FAIL ? failed() :
			      done(turn, __real_unlinkat(folder, path, flags));
}

int calls_opened(int folder, const char *path, int flags, int mode)
{
	bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
	enum turn turn;

	if ((flags & O_CREAT) == 0 && !nameless)
		return __real_openat(folder, path, flags);
	if (nameless && world.no_tmpfile) {
		errno = EOPNOTSUPP;
		return -1;
	}
	turn = turn_of(false);
	return turn == FAIL ?
		       failed() :
		       done(turn, __real_openat(folder, path, flags, mode));
}
