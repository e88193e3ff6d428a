/*
 * tables.h - the record pages of a commit
 */
#ifndef SHEAF_WRITE_TABLES_H
#define SHEAF_WRITE_TABLES_H

#include "write/entries.h"
#include "write/late.h"
#include "write/segment.h"

struct tables_input {
	struct entries *entries;
	uint64_t commit;
	bool keys;	 /* the pages have key columns */
	uint32_t stride; /* one page in so many is made, the others are taken to
			    be as long as it; 0: all. Where @s only measures */
	/* where the fresh article @number lies */
	struct sheaf_place (*place)(const void *arg, uint32_t number);
	const void *place_arg;
	const struct late *late; /* blocks that no longer lie where that says */
	/* each record once its page is written, in their order; or NULL */
	enum sheaf_status (*each)(const struct entry *e, struct record_ref ref,
				  void *arg, struct sheaf_error *err);
	void *each_arg;
};

/*
 * tables_records() - write all entries, in their order [S-17], as record pages
 * @offset, @bytes: of all pages together; 0 where there is none
 */
enum sheaf_status tables_records(struct segment *s,
				 const struct tables_input *in,
				 uint64_t *offset, uint64_t *bytes,
				 struct sheaf_error *err);

#endif
