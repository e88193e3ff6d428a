/*
 * archive.h - what the files of the archive reader share
 *
 * guess.c tells an archive by its first bytes, read.c goes through its members,
 * open.c feeds libarchive, links.c knows what hard links stand for.
 */
#ifndef FORMATS_ARCHIVE_ARCHIVE_H
#define FORMATS_ARCHIVE_ARCHIVE_H

#include <archive.h>

#include "formats/container.h"

/* --- guess.c --- */

enum arc_kind {
	KIND_NONE,
	KIND_TAR,
	KIND_ZIP,
	KIND_7Z,
	KIND_CPIO,
};

/* by the content alone */
enum arc_kind arc_kind_of(const uint8_t *p, size_t len);
bool arc_guess(struct sheaf_str name, const void *head, size_t len);

/* --- open.c --- */

/* an open archive, and how far its bytes were read */
struct arc_input {
	struct stream *in; /* borrowed */
	enum arc_kind kind;
	struct archive *archive;
	uint64_t at, size; /* size: only of what can be sought in */
	bool can_seek;
	bool opened;	      /* libarchive has found what it is */
	uint64_t zip_end;     /* behind the start of a zip's last end record; 0:
				 none was seen */
	uint64_t content_end; /* behind the last byte that is not 0 */
	uint8_t last[3];      /* bytes of the piece before */
	enum sheaf_status st; /* of the stream, if it failed */
	struct sheaf_error error;
};

enum sheaf_status arc_open(struct arc_input *a, struct stream *in,
			   struct sheaf_error *err);
void arc_close(struct arc_input *a);
/*
 * arc_failed() - what libarchive, or the stream below it, has said
 * @member: that was read or came last; may be empty
 */
enum sheaf_status arc_failed(struct arc_input *a, struct sheaf_str member,
			     struct sheaf_error *err);
/* what the format can't do without at its end is there: SHEAF_OK or
 * SHEAF_CORRUPT */
enum sheaf_status arc_end_check(struct arc_input *a, struct sheaf_error *err);
/* read behind the end of the archive, so that who writes the pipe gets rid of
 * it; *more: there is something but zeros */
enum sheaf_status arc_drain(struct arc_input *a, bool *more,
			    struct sheaf_error *err);

/* --- links.c --- */

/* names of a cpio archive that wait for the data of a file with several */
struct arc_links {
	struct arc_waiting *list;
	size_t count, cap;
};

struct arc_waiting {
	char *name; /* owned */
	size_t name_len;
	struct sheaf_time mtime;
	bool has_mtime;
	int64_t dev, ino;
	bool done;
};

/* false: out of memory */
bool arc_links_add(struct arc_links *l, const struct container_item *item,
		   int64_t dev, int64_t ino);
/* each that waits for this file becomes a record of what @name, an item given
 * just now, has */
enum sheaf_status arc_links_give(struct arc_links *l, int64_t dev, int64_t ino,
				 struct sheaf_str name,
				 const struct container_sink *sink,
				 struct sheaf_error *err);
/* those for which no data came were empty */
enum sheaf_status arc_links_rest(struct arc_links *l,
				 const struct container_sink *sink,
				 struct sheaf_error *err);
void arc_links_done(struct arc_links *l);

#endif
