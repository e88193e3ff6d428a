/*
 * list.h - records that a filter takes, with where they stand
 */
#ifndef SHEAF_READ_LIST_H
#define SHEAF_READ_LIST_H

#include "read/corpus.h"

/* as a sheaf_record_fn */
typedef int list_fn(const struct sheaf_record *record, struct record_ref ref,
		    void *arg);

/* as sheaf_list() */
enum sheaf_status list_records(struct sheaf_corpus *c,
			       const struct sheaf_filter *filter, list_fn *fn,
			       void *arg, struct sheaf_error *err);

#endif
