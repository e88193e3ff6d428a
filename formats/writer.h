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

#include "base/fail.h"

/* one article on its way out; all of it is borrowed during the call */
struct writer_item {
	const struct sheaf_record *record; /* name, mtime, commit, format */
	/* all fields, title and url among them, as the format's reader found
	 * them in the article */
	const struct sheaf_fields *fields;
	uint8_t id[SHEAF_ID_SIZE];
	const void *bytes; /* the article as it was added */
	size_t len;
	/* the same as text: without front matter if the user chose so, else
	 * the same bytes */
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
};

struct writer_format {
	const char *name; /* what -f calls it */
	bool needs_file;  /* can't go to a pipe */
	bool makes_folder;
	bool wants_hidden; /* records of formats that begin with '.' too */
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

/* by the name that -f has, or NULL */
const struct writer_format *writer_find(struct sheaf_str name);

#endif
