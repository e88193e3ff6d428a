/*
 * history.h - the commits that a compaction folded into one segment (section
 * 9a)
 */
#ifndef FORMATS_SHEAF_HISTORY_H
#define FORMATS_SHEAF_HISTORY_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"
#include "codec/hash.h"

struct past_commit {
	int64_t time;
	uint8_t id[SHA256_SIZE];
	uint8_t fingerprint[16];
	uint64_t live, articles, article_bytes;
	uint64_t new_records, new_articles, new_bytes;
	struct sheaf_str message; /* points into bytes when decoded */
};

struct history {
	struct past_commit *commits; /* commit 1 first; owned */
	size_t count;
	struct buf bytes; /* owned */
};

/* the whole frame; SHEAF_OK, SHEAF_NOMEM, or SHEAF_LIMIT beyond HISTORY_MAX */
enum sheaf_status history_put(struct buf *b, const struct history *h,
			      uint64_t offset, int level,
			      struct sheaf_error *err);
enum sheaf_status history_get(const void *frame, size_t len, uint64_t offset,
			      struct history *out, struct sheaf_error *err);
void history_done(struct history *h); /* takes an all-zero one */

#endif
