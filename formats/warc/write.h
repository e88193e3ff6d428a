/*
 * write.h - what the files of the writing share: write.c writes members,
 * make.c makes the records of articles that came from no WARC, cdxj.c writes
 * the index through runs.c, with the keys of surt.c
 */
#ifndef FORMATS_WARC_WRITE_H
#define FORMATS_WARC_WRITE_H

#include "formats/warc/warc.h"
#include "formats/writer.h"

/* --- make.c --- */

struct warc_make; /* the hash that all records need */

/* @old: WARC/1.0, with no more than libarchive reads.  NULL: no memory */
struct warc_make *warc_make_new(const struct writer_target *target, bool old);
void warc_make_free(struct warc_make *m);
/* the first record of a file */
enum sheaf_status warc_make_info(struct warc_make *m, struct buf *out,
				 const struct writer_target *target,
				 struct sheaf_error *err);
/* a record of type resource; @out is emptied first */
enum sheaf_status warc_make_resource(struct warc_make *m, struct buf *out,
				     const struct writer_item *item,
				     struct sheaf_error *err);

/* --- surt.c --- */

/* "http://www.A.example:80/b?d&c" as "example,a)/b?c&d" */
void warc_surt(struct buf *out, struct sheaf_str url);

/* --- runs.c --- */

/* lines, sorted bytewise; beyond 64 MiB in nameless files */
struct warc_runs;

/* @path: beside which files may be made; borrowed */
struct warc_runs *warc_runs_new(const char *path); /* NULL: no memory */
void warc_runs_free(struct warc_runs *r);	   /* NULL is fine */
/* without a NUL or an end of line in it; SHEAF_OK, SHEAF_IO, SHEAF_NOMEM */
enum sheaf_status warc_runs_put(struct warc_runs *r, const void *line,
				size_t len, struct sheaf_error *err);
/* all of them, each with an end of line, to a new file @path, which takes the
 * place of an older one */
enum sheaf_status warc_runs_write(struct warc_runs *r, const char *path,
				  struct sheaf_error *err);

/* --- cdxj.c --- */

struct warc_cdxj;

/* beside the output that the user named @shown.  SHEAF_OK, SHEAF_MISUSE (it
 * exists, without what it would be the index of), SHEAF_NOMEM */
enum sheaf_status warc_cdxj_new(struct warc_cdxj **out, const char *shown,
				struct sheaf_error *err);
void warc_cdxj_free(struct warc_cdxj *c);
/* a record, head and block, that was written at @offset as @packed bytes */
enum sheaf_status warc_cdxj_put(struct warc_cdxj *c, const struct buf *record,
				uint64_t offset, uint64_t packed,
				struct sheaf_error *err);
enum sheaf_status warc_cdxj_finish(struct warc_cdxj *c,
				   struct sheaf_error *err);

#endif
