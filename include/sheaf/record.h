/*
 * sheaf/record.h - the nouns: article id, fields, record
 *
 * An article is an exact sequence of bytes; its id is XXH3-128 of those bytes
 * (seed 0) in canonical, big-endian form: what `xxh128sum FILE` prints.  A
 * record is one occurrence of an article under a name.  Fields are what a
 * format's reader found in the article.
 */
#ifndef SHEAF_RECORD_H
#define SHEAF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHEAF_ID_SIZE 16
#define SHEAF_ID_HEX 32			     /* digits, without a NUL */
#define SHEAF_ARTICLE_MAX ((size_t)64 << 20) /* bytes of one article */
#define SHEAF_NAME_MAX ((size_t)65535)	     /* bytes of one name */
#define SHEAF_FIELD_MAX ((size_t)65535)	     /* bytes of one field's value */
#define SHEAF_LIST_MAX 256		     /* categories, or tags, a record */

/* bytes with a length; not terminated, may hold any byte; p may be NULL if len
 * is 0 */
struct sheaf_str {
	const char *p;
	size_t len;
};

/* absent: len 0, count 0, has_date false */
struct sheaf_fields {
	struct sheaf_str title;
	struct sheaf_str outlet;
	struct sheaf_str url;
	struct sheaf_str lang; /* as in the article, e.g. "en" */
	const struct sheaf_str *categories;
	size_t category_count;
	const struct sheaf_str *tags;
	size_t tag_count;
	int64_t date; /* seconds since 1970-01-01T00:00:00Z */
	bool has_date;
};

struct sheaf_time {
	int64_t sec;   /* since 1970-01-01T00:00:00Z */
	uint32_t nsec; /* 0 .. 999,999,999 */
};

/* where an article lies: good for the life of the open corpus that gave it */
struct sheaf_place {
	uint64_t block; /* offset of the block's header frame, bytes */
	uint32_t slot;	/* 0-based, among the block's articles */
};

/* one occurrence of an article, as the tables tell it */
struct sheaf_record {
	struct sheaf_str name;
	struct sheaf_time mtime;
	uint64_t size;	    /* of the article, bytes */
	uint64_t commit;    /* the commit that brought this record, from 1 */
	uint64_t id_prefix; /* the id's first 48 bits: 12 hex digits */
	struct sheaf_place place;
	struct sheaf_str format; /* the reader's name: "hugo", "text" */
	/* outlet, lang, categories, tags, date; title and url are in the
	 * article only, see sheaf_format_parse() */
	struct sheaf_fields fields;
	bool is_latest; /* no newer record has this name, as of the view */
};

/* sheaf_id_of() - the id of @len bytes at @p */
SHEAF_API void sheaf_id_of(const void *p, size_t len,
			   uint8_t id[SHEAF_ID_SIZE]);

/* sheaf_id_hex() - 32 lower-case digits and a NUL */
SHEAF_API void sheaf_id_hex(const uint8_t id[SHEAF_ID_SIZE],
			    char hex[SHEAF_ID_HEX + 1]);

/* sheaf_id_read() - digits of either case into the first bytes of @id, the rest
 * of which is zero; returns how many of the @len, and at most SHEAF_ID_HEX,
 * are digits before anything else comes */
SHEAF_API size_t sheaf_id_read(const char *hex, size_t len,
			       uint8_t id[SHEAF_ID_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
