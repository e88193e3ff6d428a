/*
 * commit.h - one atomic append: from finished blocks to a durable footer
 */
#ifndef SHEAF_WRITE_COMMIT_H
#define SHEAF_WRITE_COMMIT_H

#include <sheaf/writer.h>

#include "read/corpus.h"
#include "write/entries.h"
#include "write/names.h"
#include "write/segment.h"

/* what the blocks before it brought */
struct commit_input {
	struct sheaf_corpus *old; /* NULL: a new corpus */
	struct entries *entries;
	/* where the fresh article @number lies */
	struct sheaf_place (*place)(const void *arg, uint32_t number);
	const void *place_arg;
	struct scratch *scratch; /* for what is more than: */
	size_t budget;		 /* bytes of memory, for each index */
	struct names *names;
	uint64_t blocks;       /* appended */
	uint64_t new_articles; /* and */
	uint64_t new_bytes;    /* their bytes */
	uint64_t dictionary;   /* header offset of the newest one; 0: none */
	int64_t time;
	struct sheaf_str message;
	uint64_t spare; /* bytes that record pages may be longer than measured;
			   0: as is best; tests: other */
	const struct removed
		*removed; /* all ids that are gone once this is committed; NULL:
			     those that were before. Records of such an article
			     are written, but are not live */
	const struct history
		*history; /* of a compaction, whose old is NULL; else NULL */
	/* called when all is on the disk, before a new file gets its name; may
	 * be NULL */
	enum sheaf_status (*check)(void *arg, struct sheaf_error *err);
	void *check_arg;
};

/* what every call takes that writes one; SHEAF_OK or SHEAF_MISUSE
 * @level: zstd's; 0 is the call's own */
enum sheaf_status commit_options_check(int level, struct sheaf_str message,
				       struct sheaf_error *err);

/*
 * Write tables and footer behind the blocks, fsync before and after the footer
 * [S-34], give a new corpus its name. On failure the caller cuts the file. @out
 * gets the footer.
 */
enum sheaf_status commit_write(struct segment *s, const struct commit_input *in,
			       struct footer *out, struct sheaf_error *err);

#endif
