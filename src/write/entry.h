/*
 * entry.h - a record that a commit brings, on its way into the tables
 */
#ifndef SHEAF_WRITE_ENTRY_H
#define SHEAF_WRITE_ENTRY_H

#include "formats/sheaf/records.h"

/* where a record's article is: in the corpus already, or among the fresh ones
 */
struct origin {
	bool is_fresh;
	uint32_t fresh;		  /* its number */
	struct sheaf_place place; /* else */
};

struct entry {
	struct sheaf_str name;
	bool has_older;		 /* the corpus spells this name already: */
	struct record_ref older; /* there */
	uint8_t id[SHEAF_ID_SIZE];
	bool is_new; /* the article is of this commit too, and this is its first
			record */
	uint32_t arrival; /* the order of entries that share a name */
	struct origin origin;
	struct page_record
		record; /* size, commit (0: this one), times, codes, lists, url
			   key, seed; the rest is set from the above when all
			   blocks lie in the file */
};

/* as bytes that can be sorted, written out and read again in this process */
void entry_put(struct buf *b, const struct entry *e);
/*
 * @out: its name and lists are borrowed from @p and @codes
 * @codes: room for @len numbers, more than its lists can have
 * SHEAF_OK, or SHEAF_IO: these are not the bytes of an entry
 */
enum sheaf_status entry_get(const uint8_t *p, size_t len, uint32_t *codes,
			    struct entry *out, struct sheaf_error *err);
/* only the name of one that entry_put() made */
struct sheaf_str entry_name(const uint8_t *p);
/* over two of them, for qsort(3): by name, then arrival [S-17] */
int entry_compare(const void *a, const void *b);

#endif
