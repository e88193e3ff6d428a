/*
 * footer.h - the end of a commit (section 11)
 */
#ifndef FORMATS_SHEAF_FOOTER_H
#define FORMATS_SHEAF_FOOTER_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"
#include "codec/hash.h"
#include "formats/sheaf/index.h"
#include "formats/sheaf/limits.h"

#define FLAG_REMOVED 1u
#define FLAG_ERASED 2u
#define FLAG_HISTORY 4u /* the file begins with a compaction */
/* erased ranges have their place in the format, but no reader yet */
#define FLAGS_KNOWN (FLAG_REMOVED | FLAG_HISTORY)

struct layer {
	uint64_t last_commit;
	uint64_t entries[INDEX_COUNT];
	uint64_t offset[INDEX_COUNT]; /* root or only page; 0: no entries */
};

struct footer {
	uint64_t offset, size; /* of its frame; size is set by get and put */
	uint64_t previous, jump;
	uint32_t incompatible, compatible;
	uint64_t commit;
	int64_t time;
	uint8_t root[SHA256_SIZE];
	uint8_t fingerprint[16];
	uint8_t id[SHA256_SIZE];
	uint64_t start;
	uint64_t live, records, articles, article_bytes;
	uint64_t new_records, new_articles, new_bytes;
	uint64_t blocks;
	uint64_t page_offset, page_bytes;
	uint64_t strings_offset, strings_count;
	uint64_t dictionary; /* 0: none */
	uint64_t removed, erased;
	uint64_t history; /* 0: none */
	unsigned int layer_count;
	struct layer layers[LAYERS_MAX];
	uint32_t message_len;
	char message[MESSAGE_MAX];
};

/*
 * The whole frame for f->offset.  Sets f->id from @previous_id (32 zero bytes
 * for commit 1) and f->size. SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status footer_put(struct buf *b, struct footer *f,
			     const uint8_t previous_id[SHA256_SIZE],
			     struct sheaf_error *err);
/*
 * SHEAF_CORRUPT: frame, ranges or order of offsets are wrong;
 * SHEAF_UNSUPPORTED: version or incompatible flag.
 */
enum sheaf_status footer_get(const void *frame, size_t len, uint64_t offset,
			     struct footer *out, struct sheaf_error *err);
/* the commit id that a footer's frame must have */
enum sheaf_status footer_id(const void *frame, size_t len,
			    const uint8_t previous_id[SHA256_SIZE],
			    uint8_t id[SHA256_SIZE], struct sheaf_error *err);
/* the commit that the footer of @commit jumps to [S-28] */
uint64_t footer_jump(uint64_t commit);

#endif
