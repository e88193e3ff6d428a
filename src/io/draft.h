/*
 * draft.h - a new file that gets its name only when it is whole
 *
 * Written to a file without a name (O_TMPFILE; where the system has none, a
 * hidden one beside the target, ".NAME.sheaf-new-PID-N").  Publishing never
 * replaces a file that exists unless that was asked for.
 */
#ifndef SHEAF_IO_DRAFT_H
#define SHEAF_IO_DRAFT_H

#include <sheaf/error.h>

struct draft;

/*
 * draft_create() - a new, empty file that will be @path
 *
 * Its mode is 0666 less the umask.  Returns SHEAF_OK, SHEAF_MISUSE if something
 * has the name already or it is no file's name, SHEAF_NOMEM, or SHEAF_IO.  On
 * failure *out is NULL.
 */
enum sheaf_status draft_create(struct draft **out, const char *path,
			       struct sheaf_error *err);
enum draft_how {
	DRAFT_NAMED = 1, /* hidden from the start, for those who need a path */
	DRAFT_REPLACE = 2, /* a regular file that has the name is replaced;
			      named too */
	DRAFT_FOLDER = 4,  /* a folder of mode 0777 less the umask; named too.
			      Who fills it empties it before draft_free() */
};

/* the same, with a set of enum draft_how */
enum sheaf_status draft_create_as(struct draft **out, const char *path,
				  unsigned int how, struct sheaf_error *err);
/* of a named one: where it stands until it is published, by the folder's path;
 * else NULL */
const char *draft_path(const struct draft *d);

/* closes; an unpublished file is gone; takes NULL */
void draft_free(struct draft *d);

/* for reading and writing; the draft's, before and after it is published */
int draft_fd(const struct draft *d);

/*
 * draft_publish() - give the file its name, then fsync its folder
 *
 * The file's bytes are synced before, by the caller.  A second call does
 * nothing.  Returns SHEAF_OK; SHEAF_BUSY if the name was taken meanwhile; or
 * SHEAF_IO, and after an error in the folder's fsync the name may stand.
 */
enum sheaf_status draft_publish(struct draft *d, struct sheaf_error *err);

/*
 * draft_rename() - put the whole, synced file @from in @to's place, to last
 *
 * Both in one folder, which is synced afterwards: else a power failure could
 * bring the old file back, and take what was appended to the new one since.
 * SHEAF_IO; after an error in the folder's fsync the new file may stand.
 */
enum sheaf_status draft_rename(const char *from, const char *to,
			       struct sheaf_error *err);

#endif
