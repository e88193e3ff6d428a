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
/* how many of them, from the top, a page stores: p + b + f.  28 bits of a
 * name's key leave one false candidate, i.e. one needless page decode, in 27
 * lookups at 10 M records; 32 bits one in 400, for half a byte a record */
#define INDEX_STORED_BITS(which) ((which) == INDEX_IDS ? 48u : 28u)

struct index_entry {
	uint64_t key; /* 48 bits; from a page: the bits below its p + b + f are
			 0 */
	uint64_t offset; /* of a block header, or of a record page */
	uint32_t slot;
};

/*
 * The different offsets of many entries, so that each of these needs but a
 * number: ascending, packed as they are in the frame, which outlives them.
 * Not delta coded: a lookup reads the one that it wants.
 */
struct index_offsets {
	uint64_t base;
	uint32_t count; /* 0: there is no table */
	uint8_t w;	/* bits of each, which is added to base */
	const uint8_t *packed;
};

/* which page: its keys share their upper p bits */
struct index_where {
	enum index_which which;
	unsigned int p;
	uint64_t page;
	/* the table that the root will have, which has all offsets of the
	 * entries; NULL: none */
	const uint64_t *offsets;
	size_t offset_count;
};

/*
 * Encode one page of entries, sorted by (key, offset, slot).
 * INDEX_STORED_BITS() of the keys are kept, however many entries there are: so
 * layers are merged from their pages alone.  Of the ways to write the offsets
 * it takes the smallest.
 * SHEAF_OK, SHEAF_NOMEM, SHEAF_LIMIT (more than ENTRIES_MAX, slot or offset
 * span too large) or SHEAF_MISUSE (not sorted, another page's key, an entry
 * twice, or an offset that is not in the root's table).
 */
enum sheaf_status index_page_put(struct buf *b, const struct index_where *where,
				 const struct index_entry *entries,
				 size_t count, uint64_t offset,
				 struct sheaf_error *err);

/* what the values of a page have above their slots */
enum index_way {
	WAY_OFFSET, /* offset - base */
	WAY_OWN,    /* the number of an offset in the page's own table */
	WAY_ROOT,   /* in the root's */
};

/* a page that was checked once; points into the frame, which outlives it */
struct index_page {
	enum index_which which;
	enum index_way way;
	uint8_t p, b, f, o, s, e;
	uint64_t page, base;
	uint32_t count;
	struct index_offsets offsets; /* of a page of WAY_ROOT: from
					 index_page_bind() */
	const uint8_t *ends, *fingerprints,
		*values; /* each with 8 readable bytes behind its last */
};

/* checks the frame and that bucket ends ascend and sum up, and that entries
 * ascend; SHEAF_OK or SHEAF_CORRUPT */
enum sheaf_status index_page_get(const void *frame, size_t len, uint64_t offset,
				 struct index_page *out,
				 struct sheaf_error *err);
struct index_root;
/*
 * A page of WAY_ROOT has no offsets before this.  Checks that the root has all
 * that the page refers to; takes pages of other ways too.  The root's frame
 * outlives the page.
 */
enum sheaf_status index_page_bind(struct index_page *page,
				  const struct index_root *root,
				  uint64_t offset, struct sheaf_error *err);
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
	uint64_t *pages; /* 2^p + 1: page i is pages[i] .. pages[i + 1];
			    owned */
	struct index_offsets offsets; /* points into the frame */
};

/* @pages as above; of @where all but the page */
void index_root_put(struct buf *b, const struct index_where *where,
		    const uint64_t *pages, uint64_t offset);
enum sheaf_status index_root_get(const void *frame, size_t len, uint64_t offset,
				 struct index_root *out,
				 struct sheaf_error *err);
void index_root_done(struct index_root *root); /* takes an all-zero one */

#endif
