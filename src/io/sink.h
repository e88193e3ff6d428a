/*
 * sink.h - the one file that a writer appends to
 *
 * Holds the descriptor and its writer's lock (see lock.h).  A new corpus gets
 * its name only in sink_publish() (see draft.h), which never replaces a file
 * that exists.  A sink belongs to one thread.
 *
 * Writing beyond RLIMIT_FSIZE kills a program that does not ignore SIGXFSZ; to
 * one that does it is a SHEAF_IO like a full disk.
 */
#ifndef SHEAF_IO_SINK_H
#define SHEAF_IO_SINK_H

#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>
#include <sheaf/wait.h>

struct sink;

/*
 * sink_open() - an existing regular file, for reading and appending, locked
 *
 * After the lock is had it is made sure that @path still names this file (else
 * it is opened anew).  Returns SHEAF_OK; SHEAF_NOT_FOUND if absent; SHEAF_BUSY
 * at once if another writer holds it; SHEAF_UNSUPPORTED if the file system has
 * no locks; SHEAF_MISUSE if no regular file; SHEAF_NOMEM or SHEAF_IO.  On
 * failure *out is NULL.
 */
enum sheaf_status sink_open(struct sink **out, const char *path,
			    struct sheaf_error *err);
/*
 * sink_open_wait() - the same, but waits for another writer as @wait says; NULL
 * is not at all.  Also SHEAF_CANCELLED.
 */
enum sheaf_status sink_open_wait(struct sink **out, const char *path,
				 const struct sheaf_wait *wait,
				 struct sheaf_error *err);
/*
 * sink_create() - a new file that will be @path, locked
 *
 * The lock is held while it is published, too.  Returns SHEAF_OK; SHEAF_MISUSE
 * if @path exists already, be it as a dangling link, or is no file's name;
 * SHEAF_UNSUPPORTED, SHEAF_NOMEM or SHEAF_IO.  On failure *out is NULL.
 */
enum sheaf_status sink_create(struct sink **out, const char *path,
			      struct sheaf_error *err);
/* closes; an unpublished new file is gone; takes NULL */
void sink_free(struct sink *s);

/* the descriptor, owned by the sink, for a struct source over the same bytes */
int sink_fd(const struct sink *s);
/* where the next byte goes: after sink_open() the end of the file */
uint64_t sink_tell(const struct sink *s);
/*
 * all of @len bytes at the end (short writes and EINTR are continued), or
 * SHEAF_IO or SHEAF_LIMIT; then sink_tell() is what it was, and bytes behind it
 * are overwritten by the next append or cut off by sink_truncate()
 */
enum sheaf_status sink_append(struct sink *s, const void *p, size_t len,
			      struct sheaf_error *err);
/*
 * fsync; SHEAF_IO.  A failure sticks: what was written is lost to this sink,
 * since the system may forget its pages and say OK the next time.
 */
enum sheaf_status sink_sync(struct sink *s, struct sheaf_error *err);
/*
 * cut the file to @size bytes and append from there; SHEAF_IO, or SHEAF_MISUSE
 * if that is more than sink_tell()
 */
enum sheaf_status sink_truncate(struct sink *s, uint64_t size,
				struct sheaf_error *err);
/*
 * give a new file its name and fsync its folder; the caller has called
 * sink_sync().  SHEAF_BUSY if the name was taken meanwhile; SHEAF_IO, also if a
 * sink_sync() failed; if it was the folder's fsync, the name may stand.  Does
 * nothing for a file opened with sink_open() or published before.
 */
enum sheaf_status sink_publish(struct sink *s, struct sheaf_error *err);

#endif
