/*
 * find.h - the parts of finding that also find what is gone
 */
#ifndef SHEAF_READ_FIND_H
#define SHEAF_READ_FIND_H

#include "read/corpus.h"

/* the prefix's digits at the front of @id, the rest 0; false: it is no prefix
 * of an id */
bool find_prefix(struct sheaf_str key, uint8_t id[SHEAF_ID_SIZE]);
bool find_has_prefix(const uint8_t id[SHEAF_ID_SIZE],
		     const uint8_t prefix[SHEAF_ID_SIZE], size_t digits);
/*
 * The records of removed articles with this name or url, newest first.
 * SHEAF_NOT_FOUND if there are none, and leaves the error alone.
 */
enum sheaf_status find_gone(struct sheaf_corpus *c, enum sheaf_key_kind kind,
			    struct sheaf_str key, sheaf_match_fn *fn, void *arg,
			    struct sheaf_error *err);

#endif
