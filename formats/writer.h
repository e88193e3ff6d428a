/*
 * writer.h - what every format that articles are written out in offers
 *
 * An export goes through the corpus once and hands each article over as it
 * comes; a writer keeps no more than one of them, so that a corpus larger than
 * memory can be exported.  A new one is a folder beside this file and a line
 * in the list in writer.c.
 */
#ifndef FORMATS_WRITER_H
#define FORMATS_WRITER_H

#include <sheaf/corpus.h>
#include <sheaf/format.h>

#include "base/buf.h"
#include "base/fail.h"

/* one article on its way out; all of it is borrowed during the call */
struct writer_item {
	const struct sheaf_record *record; /* name, mtime, commit, format */
	/* all fields, title and url among them, as the format's reader found
	 * them in the article, then what the record has; NULL where the writer
	 * wants none */
	const struct sheaf_fields *fields;
	uint8_t id[SHEAF_ID_SIZE];
	const void *bytes; /* the article as it was added */
	size_t len;
	/* the same as text: without front matter if the user chose so or the
	 * writer wants it, else the same bytes */
	const void *text;
	size_t text_len;
};

/* where it goes */
struct writer_target {
	/* writes all of it; SHEAF_OK, SHEAF_IO; NULL where path is not */
	enum sheaf_status (*write)(const void *p, size_t len, void *arg,
				   struct sheaf_error *err);
	void *arg;
	/* the draft of the file, for formats that must seek (needs_file), or
	 * of the folder (makes_folder): it gets its name when it is whole */
	const char *path;
	/* the output as the user named it, "" for standard output: what stands
	 * beside it is named after it */
	const char *shown;
	int64_t time;		  /* of the commit shown: for what must have a
				     time and has none, so that exports repeat */
	const uint8_t *commit_id; /* 32 bytes: what the export is of */
	uint64_t commit;
	/* what the export is of, for writers that look beside the articles;
	 * may be NULL */
	struct sheaf_corpus *corpus;
	bool text_only;	      /* the user chose text without front matter */
	bool all_versions;    /* a name may come again, the oldest first */
	unsigned int threads; /* 1 or more; the bytes do not depend on it */
};

struct writer_format {
	const char *name; /* what -f calls it */
	bool needs_file;  /* can't go to a pipe */
	bool makes_folder;
	bool is_binary;	   /* is not for terminals */
	bool wants_hidden; /* records of formats that begin with '.' too */
	bool wants_text;   /* item->text is without front matter always */
	bool no_fields;	   /* item->fields is not looked at */
	/* @state gets what the others are called with */
	enum sheaf_status (*open)(void **state,
				  const struct writer_target *target,
				  struct sheaf_error *err);
	/* SHEAF_OK; SHEAF_MISUSE: this article can't be written in this
	 * format, and why, the rest can; anything else ends the export */
	enum sheaf_status (*put)(void *state, const struct writer_item *item,
				 struct sheaf_error *err);
	/* all articles came: write the end */
	enum sheaf_status (*finish)(void *state, struct sheaf_error *err);
	void (*free)(void *state); /* after finish, or in place of it */
};

extern const struct writer_format writer_warc;
extern const struct writer_format writer_warc_1_0;
extern const struct writer_format writer_csv;
extern const struct writer_format writer_hugo;
extern const struct writer_format writer_jsonl;
extern const struct writer_format writer_jsonl_zst;
extern const struct writer_format writer_sqlite;
extern const struct writer_format writer_tar;
extern const struct writer_format writer_tar_zst;
extern const struct writer_format writer_zim;
extern const struct writer_format writer_zip;

/* by the name that -f has, or NULL */
const struct writer_format *writer_find(struct sheaf_str name);
/* the @index-th of them, or NULL */
const struct writer_format *writer_at(size_t index);
/* why a name can be none of a file below a folder or in an archive, or NULL */
const char *writer_name_refuse(struct sheaf_str name);
/*
 * writer_path() - the path that a name is, or that its address stands for
 * @room: what is made goes there
 * @out:  borrowed from @name or @room
 *
 * SHEAF_OK; SHEAF_MISUSE for a name that is refused; SHEAF_NOMEM.
 */
enum sheaf_status writer_path(struct sheaf_str *out, struct buf *room,
			      struct sheaf_str name, struct sheaf_error *err);
/* where the export goes, for a line on what failed there; returns @text */
const char *writer_shown(const struct writer_target *target,
			 char text[FAIL_PATH_SIZE]);
/* "2025-02-14T02:46:13Z", with nine digits of a second where they are not 0,
 * or "@SECONDS" outside of the years 0 to 9999 */
enum { WRITER_TIME_SIZE = 40 };
void writer_time(char out[WRITER_TIME_SIZE], struct sheaf_time time);

#endif
