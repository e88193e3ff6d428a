/*
 * tables.h - the record pages and strings of a commit
 */
#ifndef SHEAF_WRITE_TABLES_H
#define SHEAF_WRITE_TABLES_H

#include "write/entry.h"
#include "write/segment.h"

/*
 * tables_records() - write all entries, sorted by name [S-17], as record pages
 * @order:  pointers to the entries; sorted here
 * @refs:   count of them: where each of the sorted entries stands
 * @offset, @bytes: of all pages together
 */
enum sheaf_status tables_records(struct segment *s, struct entry **order,
				 size_t count, uint64_t commit, bool keys,
				 struct record_ref *refs, uint64_t *offset,
				 uint64_t *bytes, struct sheaf_error *err);

#endif
