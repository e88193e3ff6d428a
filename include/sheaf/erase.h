/*
 * sheaf/erase.h - take articles out of a corpus, bytes and all
 */
#ifndef SHEAF_ERASE_H
#define SHEAF_ERASE_H

#include <sheaf/corpus.h>
#include <sheaf/verify.h>
#include <sheaf/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/* all zero: the defaults */
struct sheaf_erase_options {
	int level;	      /* of what is compressed anew; 0: as it was */
	unsigned int threads; /* 0: as many as processors */
	size_t memory; /* bytes, 16 MiB or more; 0: 1 GiB; see compact.h */
	bool has_time;
	int64_t time;		  /* of the new commit; else the clock's */
	struct sheaf_str message; /* at most 4,096 bytes */
	struct sheaf_wait wait;	  /* for another writer */
	sheaf_progress_fn *on_progress; /* bytes of articles read, of all */
	void *arg;
};

struct sheaf_erase_result {
	bool committed;	   /* false: nothing had to change, nothing did */
	uint64_t commit;   /* the newest one now */
	uint64_t articles; /* that the file had, and has no more */
	uint64_t records;  /* of these, all versions */
	uint64_t removed;  /* ids that were not removed before */
	uint64_t size_before, size_after; /* of the file, bytes */
	uint64_t blocks_copied;		  /* dictionaries included */
	uint64_t articles_copied; /* in these, as they were compressed */
	uint64_t articles_left;	  /* in all */
	uint64_t blocks_new;	  /* dictionaries included */
	/* that had text of the erased articles: changed, where the other
	 * blocks under them could be kept, or */
	uint64_t dictionaries_scrubbed;
	uint64_t dictionaries_barred; /* left out */
};

/*
 * sheaf_erase() - no byte of these articles is in the file any more
 * @ids: @count ids of SHEAF_ID_SIZE bytes, in any order, removed before or not,
 *	 in the corpus or not
 * @result: may be NULL
 *
 * The corpus is written anew, as a compaction does it, but with all blocks
 * copied that have nothing to do with these articles; the new file is verified
 * and then takes the old one's place.  So no moment has a half of it: a crash
 * leaves the old file.  Names, ids, commits and the log of all others stay; as
 * of older commits too the erased ones are no longer there.  No run of 32 bytes
 * that only they had is left in a dictionary.  Their ids are removed: an
 *article with one is refused. What the file system keeps of the old file
 *(snapshots, unused blocks) is not touched.
 *
 * Returns SHEAF_OK, SHEAF_BUSY, SHEAF_MISUSE (an option is out of range, or the
 * file has other hard links, which would keep the bytes), SHEAF_LIMIT,
 * SHEAF_CORRUPT, SHEAF_CANCELLED, SHEAF_IO or SHEAF_NOMEM; the corpus is then
 * as it was.
 */
SHEAF_API enum sheaf_status
sheaf_erase(const char *path, const uint8_t (*ids)[SHEAF_ID_SIZE], size_t count,
	    const struct sheaf_erase_options *options,
	    struct sheaf_erase_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
