/*
 * entries.h - the records of a commit, as many as there may be
 */
#ifndef SHEAF_WRITE_ENTRIES_H
#define SHEAF_WRITE_ENTRIES_H

#include "io/scratch.h"
#include "write/entry.h"

struct entries;

/*
 * @budget: bytes of memory for them; the rest goes to @scratch, but 4 bytes of
 * each (borrowed)
 */
enum sheaf_status entries_new(struct entries **out, struct scratch *scratch,
			      size_t budget, struct sheaf_error *err);
void entries_free(struct entries *all); /* takes NULL */

/* copies @e, whose arrival is set: its number, from 0 */
enum sheaf_status entries_add(struct entries *all, struct entry *e,
			      struct sheaf_error *err);
uint32_t entries_count(const struct entries *all);
/* entry @number has @name; then *out is it, borrowed until the next call. Else
 * *found is false. */
enum sheaf_status entries_named(struct entries *all, uint32_t number,
				struct sheaf_str name, struct entry *out,
				bool *found, struct sheaf_error *err);

/* no more are added or read by number: they come out by name, as entry_put()
 * made them, up to SHEAF_NOT_FOUND; and again, where it is started again */
enum sheaf_status entries_start(struct entries *all, struct sheaf_error *err);
enum sheaf_status entries_next(struct entries *all, const uint8_t **p,
			       size_t *len, struct sheaf_error *err);

#endif
