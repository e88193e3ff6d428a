/*
 * container.h - what every reader of files that hold many articles offers
 *
 * A container (a tar, a WARC, JSON Lines) is read once, from its start to its
 * end, and each article is handed on as it comes; so one may be larger than
 * memory, or a pipe.  A new one is a folder beside this file and a line in the
 * list in container.c.
 */
#ifndef FORMATS_CONTAINER_H
#define FORMATS_CONTAINER_H

#include <sheaf/format.h>

#include "formats/stream.h"

/* one article of a container; all of it is borrowed during the call */
struct container_item {
	struct sheaf_str name;
	bool has_mtime; /* else that of the container */
	struct sheaf_time mtime;
	const void *bytes;
	size_t len;
	/* a format's name, with parameters behind a ':'; NULL: guessed by name
	 * and content, as a file of its own would be */
	const char *format;
	/* NULL: read from the article by its format's reader */
	const struct sheaf_fields *fields;
};

/* who takes the articles */
struct container_sink {
	/* SHEAF_OK, or what ends the whole call */
	enum sheaf_status (*give)(const struct container_item *item, void *arg,
				  struct sheaf_error *err);
	/* one article that is not stored, and why; the reading goes on */
	void (*failed)(struct sheaf_str name, const char *why, void *arg);
	/* what is no article: a link, an empty record; and why */
	void (*skipped)(struct sheaf_str name, const char *why, void *arg);
	/*
	 * the id of the latest article under @name that was given before or
	 * that the corpus has; SHEAF_NOT_FOUND.  For what refers to others, as
	 * a WARC's revisit records do.
	 */
	enum sheaf_status (*known)(struct sheaf_str name,
				   uint8_t id[SHEAF_ID_SIZE], void *arg,
				   struct sheaf_error *err);
	/* a record of an article that known() told of: no bytes are needed */
	enum sheaf_status (*again)(const struct container_item *item,
				   const uint8_t id[SHEAF_ID_SIZE], void *arg,
				   struct sheaf_error *err);
	void *arg;
};

struct container_options {
	/* of the file, as it would be stored itself; members of an archive
	 * keep their own names */
	struct sheaf_str name;
	const char *field_map; /* "text=content,url=link"; NULL: none */
	uint64_t max_article;  /* bytes, at most SHEAF_ARTICLE_MAX */
	uint64_t max_total;    /* bytes of all articles of this container */
};

struct container {
	const char *name; /* what --format calls it */
	/*
	 * does this look like one of ours
	 * @name: of the file; endings such as ".gz" are taken off already
	 * @head: its first bytes, decompressed, some 64 KiB or all of it
	 */
	bool (*guess)(struct sheaf_str name, const void *head, size_t len);
	/*
	 * Every article to @sink, in the order of the container.
	 *
	 * Returns SHEAF_OK; SHEAF_CORRUPT (cut short, encrypted, damaged),
	 * SHEAF_LIMIT (past max_total), with one line that says what is wrong
	 * and what to do, without the file's name: the whole add ends then and
	 * nothing of it is stored.  SHEAF_IO, SHEAF_NOMEM, or what the sink
	 * said.
	 */
	enum sheaf_status (*read)(struct stream *in,
				  const struct container_options *options,
				  const struct container_sink *sink,
				  struct sheaf_error *err);
};

extern const struct container container_warc;

extern const struct container container_archive;
extern const struct container container_jsonl;
extern const struct container container_csv;

enum { CONTAINER_LARGE_LEN = 48 };
/* why an article is left out that is larger than max_article */
const char *container_large(const struct container_options *options,
			    char text[CONTAINER_LARGE_LEN]);
/* SHEAF_LIMIT: past max_total */
enum sheaf_status container_too_much(const struct container_options *options,
				     struct sheaf_error *err);
/* the first whose guess says yes, or NULL */
const struct container *container_guess(struct sheaf_str name, const void *head,
					size_t len);
/* by the name that --format has, or NULL */
const struct container *container_find(struct sheaf_str name);

#endif
