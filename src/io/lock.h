/*
 * lock.h - the writer's lock: one open file description, gone with its owner
 */
#ifndef SHEAF_IO_LOCK_H
#define SHEAF_IO_LOCK_H

#include <stdbool.h>

#include <sheaf/error.h>

/*
 * An exclusive open-file-description lock (fcntl F_OFD_SETLK) over the first
 * byte of @fd, which is open for writing.  Dies with the last descriptor of
 * this open file, those that a fork copied counted in.  SHEAF_BUSY at once if
 * held elsewhere, in this process or another; SHEAF_UNSUPPORTED where the file
 * system offers no locks; SHEAF_IO.
 */
enum sheaf_status lock_take(int fd, struct sheaf_error *err);
/*
 * whether some other open file description holds the writer's lock; false if it
 * can't be told.  @fd may be open for reading only.
 */
bool lock_is_held(int fd);
/* the same of a file by its name */
bool lock_is_held_at(const char *path);

#endif
