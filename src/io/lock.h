/*
 * lock.h - the writer's lock: one open file description, gone with its owner
 */
#ifndef SHEAF_IO_LOCK_H
#define SHEAF_IO_LOCK_H

#include <stdbool.h>

#include <sheaf/error.h>
#include <sheaf/wait.h>

/*
 * An exclusive open-file-description lock (fcntl F_OFD_SETLK) over the first
 * byte of @fd, which is open for writing.  Dies with the last descriptor of
 * this open file, those that a fork copied counted in.  SHEAF_BUSY at once if
 * held elsewhere, in this process or another; SHEAF_UNSUPPORTED where the file
 * system offers no locks; SHEAF_IO.
 */
enum sheaf_status lock_take(int fd, struct sheaf_error *err);
/*
 * The same, but while it is held elsewhere waits as @wait says (see
 * sheaf/wait.h); NULL: not at all.  Also SHEAF_CANCELLED.  What was waited for
 * may have replaced or removed the file meanwhile.
 */
enum sheaf_status lock_wait(int fd, const struct sheaf_wait *wait,
			    struct sheaf_error *err);
/*
 * Give it up, where it is held: closing does not, as long as a process that was
 * forked meanwhile has a copy of the descriptor.
 */
void lock_drop(int fd);
/*
 * whether some other open file description holds the writer's lock; false if it
 * can't be told.  @fd may be open for reading only.
 */
bool lock_is_held(int fd);
/* the same of a file by its name */
bool lock_is_held_at(const char *path);

#endif
