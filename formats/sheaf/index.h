/*
 * index.h - index pages and roots: 48-bit keys to places (section 8)
 */
#ifndef FORMATS_SHEAF_INDEX_H
#define FORMATS_SHEAF_INDEX_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"

enum index_which { INDEX_IDS, INDEX_NAMES, INDEX_URLS, INDEX_COUNT };

#define KEY_BITS 48
/* how many of them, from the top, a page stores: p + b + f.  32 bits of a
 * name's key leave one false candidate, i.e. one needless page decode, in 400
 * lookups at 10 M records */
#define INDEX_STORED_BITS(which) ((which) == INDEX_IDS ? 48u : 32u)

struct index_entry {
	uint64_t key; /* 48 bits; from a page: the bits below its p + b + f are
			 0 */
	uint64_t offset; /* of a block header, or of a record page */
	uint32_t slot;
};

/*
 * Encode one page of entries, sorted by (key, offset, slot), whose keys share
 * their upper @p bits = @page.
 * INDEX_STORED_BITS() of the keys are kept, however many entries there are: so
 * layers are merged from their pages alone.
 * SHEAF_OK, SHEAF_NOMEM, SHEAF_LIMIT (more than ENTRIES_MAX, slot or offset
 * span too large) or SHEAF_MISUSE (not sorted, another page's key, or an entry
 * twice).
 */
enum sheaf_status index_page_put(struct buf *b, enum index_which which,
				 unsigned int p, uint64_t page,
				 const struct index_entry *entries,
				 size_t count, uint64_t offset,
				 struct sheaf_error *err);

/* a page that was checked once; points into the frame, which outlives it */
struct index_page {
	enum index_which which;
	uint8_t p, b, f, o, s, e;
	uint64_t page, base;
	uint32_t count;
	const uint8_t *ends, *fingerprints,
		*values; /* each with 8 readable bytes behind its last */
};

/* checks the frame and that bucket ends ascend and sum up, and that entries
 * ascend; SHEAF_OK or SHEAF_CORRUPT */
enum sheaf_status index_page_get(const void *frame, size_t len, uint64_t offset,
				 struct index_page *out,
				 struct sheaf_error *err);
/* entry i < count */
void index_page_entry(const struct index_page *page, uint32_t i,
		      struct index_entry *out);
/* the same of one that index_page_find() gave for all bits of @key: it need not
 * search for the bucket, which takes 100 ns */
void index_page_found(const struct index_page *page, uint64_t key, uint32_t i,
		      struct index_entry *out);
/*
 * The entries [*first, *end) that may have @key, whose upper p bits are those
 * of the page: all whose stored bits agree with it.
 * @key_bits: only the upper that many bits count (a prefix), at most 48
 */
void index_page_find(const struct index_page *page, uint64_t key,
		     unsigned int key_bits, uint32_t *first, uint32_t *end);

struct index_root {
	enum index_which which;
	uint8_t p;
	uint64_t *offsets; /* 2^p + 1: page i is offsets[i] .. offsets[i + 1];
			      owned */
};

void index_root_put(struct buf *b, enum index_which which, unsigned int p,
		    const uint64_t *offsets, uint64_t offset);
enum sheaf_status index_root_get(const void *frame, size_t len, uint64_t offset,
				 struct index_root *out,
				 struct sheaf_error *err);
void index_root_done(struct index_root *root); /* takes an all-zero one */

#endif
