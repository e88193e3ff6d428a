/*
 * disk.h - records what the library does to files, in order
 *
 * The library's system calls come here first (see CMakeLists.txt) and go on to
 * the system as they are.  What is recorded is enough to tell what a disk may
 * hold when the power fails in between (see crash.h).  Names are those in one
 * folder; belongs to one thread.
 */
#ifndef SHEAF_TESTS_DISK_H
#define SHEAF_TESTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_NAMES 6	  /* different ones in a recording */
#define DISK_FILES 32	  /* the same of files */
#define DISK_NAME_SIZE 64 /* bytes */

enum disk_kind {
	DISK_WRITE,
	DISK_SIZE,
	DISK_SYNC,
	DISK_NAME,	  /* @to is @file's from now on, in one step */
	DISK_UNNAME,	  /* @from is nobody's */
	DISK_MOVE,	  /* both, in one step */
	DISK_FOLDER_SYNC, /* names are durable */
	DISK_DONE,	  /* the caller was told that it is done */
};

struct disk_op {
	enum disk_kind kind;
	int file;
	int from, to; /* names */
	uint64_t at;  /* the size for DISK_SIZE */
	size_t len;
	uint8_t *bytes; /* owned, of a write */
};

struct disk {
	struct disk_op *ops;
	size_t count, cap;
	char names[DISK_NAMES][DISK_NAME_SIZE];
	int name_count;
	int file_count;
	int before;   /* the file that name 0 had at the start, or -1 */
	uint8_t *old; /* its bytes, owned */
	size_t old_len;
	bool no_tmpfile; /* nameless files are not to be had */
	bool overflow;	 /* more names or files than fit: not a recording */
	int named[DISK_NAMES]; /* the file that has it now, or -1 */
};

/*
 * what is done from now on to files of the current folder goes into @d, all
 * zero but for no_tmpfile; name 0 is @name, durable as it is if there is one
 */
bool disk_start(struct disk *d, const char *name);
/* a DISK_DONE */
void disk_mark(struct disk *d);
/* ends the recording */
void disk_stop(void);
void disk_done(struct disk *d);

#endif
