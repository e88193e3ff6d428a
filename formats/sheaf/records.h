/*
 * records.h - a page of records, in columns (section 6)
 */
#ifndef FORMATS_SHEAF_RECORDS_H
#define FORMATS_SHEAF_RECORDS_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"

struct record_ref {
	uint64_t page; /* offset of the page's frame */
	uint32_t slot;
};

enum name_kind {
	NAME_OWN,
	NAME_SAME,  /* that of the record before in the page */
	NAME_OLDER, /* that of 'older' */
};

/* one record as the page has it; strings and code lists are borrowed from the
 * page */
struct page_record {
	struct sheaf_str name;	 /* resolved for NAME_OWN and NAME_SAME (if what
				    it repeats is resolved), else len 0 */
	struct record_ref older; /* for NAME_OLDER, and for NAME_SAME of one */
	struct sheaf_place place;
	uint64_t size;
	uint64_t commit;
	struct sheaf_time mtime;
	int64_t date;
	const uint32_t *categories, *tags; /* string codes, as those below */
	uint64_t id_prefix; /* 48 bits; only if the page has keys */
	uint64_t url_key;   /* 48 bits; the same */
	enum name_kind name_kind;
	uint32_t category_count, tag_count;
	uint32_t format, outlet, lang;
	uint32_t seed;
	bool has_date, has_outlet, has_lang, has_url;
};

struct record_page {
	uint64_t offset;
	uint64_t commit; /* the lowest */
	bool has_keys;
	uint32_t count;
	struct page_record *records;
	/* what the records point into; owned */
	char *names;
	uint32_t *codes;
	size_t plain_size,
		plain_names; /* bytes of the payload, of the names in it */
};

/*
 * Encode @page (offset, commit, has_keys, count, records with all their
 * members; NAME_OLDER and NAME_SAME as set; names of the others ascending) as a
 * whole frame for page->offset.
 * @level: of the payload's zstd frame; 0: raw.  Emits the commit column only if commits differ, and so on.
 * SHEAF_OK, SHEAF_NOMEM, or SHEAF_LIMIT if the payload would exceed PAGE_MAX.
 */
enum sheaf_status records_put(struct buf *b, const struct record_page *page,
			      int level, struct sheaf_error *err);
/* @out is empty on failure */
enum sheaf_status records_get(const void *frame, size_t len, uint64_t offset,
			      struct record_page *out, struct sheaf_error *err);
void records_done(struct record_page *page); /* takes an all-zero one */

#endif
