/*
 * take.h - does a filter take a record
 */
#ifndef SHEAF_READ_TAKE_H
#define SHEAF_READ_TAKE_H

#include <sheaf/format.h>

#include "read/corpus.h"

/*
 * Everything but all_versions; @scratch is for articles that must be read.
 * SHEAF_OK with *out, or why it can't be told.
 */
enum sheaf_status take_record(struct sheaf_corpus *c,
			      const struct sheaf_filter *filter,
			      const struct sheaf_record *r,
			      struct sheaf_bytes *scratch, bool *out,
			      struct sheaf_error *err);

/* the url that the reader of @format finds in the article, into *url (empty if
 * none), good until @parsed is freed */
enum sheaf_status take_url(struct sheaf_corpus *c, const struct sheaf_record *r,
			   struct sheaf_bytes *scratch,
			   struct sheaf_parsed *parsed, struct sheaf_str *url,
			   struct sheaf_error *err);

#endif
