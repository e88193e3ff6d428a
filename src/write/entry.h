/*
 * entry.h - a record that a commit brings, on its way into the tables
 */
#ifndef SHEAF_WRITE_ENTRY_H
#define SHEAF_WRITE_ENTRY_H

#include "formats/sheaf/records.h"

struct entry {
	struct sheaf_str name;
	bool has_older;		 /* the corpus spells this name already: */
	struct record_ref older; /* there */
	uint8_t id[SHEAF_ID_SIZE];
	bool is_new; /* the article is of this commit too, and this is its first
			record */
	uint32_t arrival; /* the order of entries that share a name */
	struct page_record
		record; /* place, size, mtime, codes, lists, url key, seed; name
			   and keys are set from the above */
};

#endif
