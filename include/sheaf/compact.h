/*
 * sheaf/compact.h - write a corpus anew, as small as it gets
 */
#ifndef SHEAF_COMPACT_H
#define SHEAF_COMPACT_H

#include <sheaf/verify.h>
#include <sheaf/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* all zero: the defaults */
struct sheaf_compact_options {
	const char *output;	/* NULL: replaces the corpus */
	int level;		/* 0: 19 */
	unsigned int threads;	/* 0: as many as processors */
	size_t block_size;	/* 0: 64 KiB */
	size_t dictionary_size; /* bytes, at most 48 MiB; 0: by the amount */
	size_t memory;		/* bytes, 16 MiB or more; 0: 1 GiB; see below */
	bool has_time;
	int64_t time;		  /* of the new commit; else the clock's */
	struct sheaf_str message; /* at most 4,096 bytes */
	struct sheaf_wait wait;	  /* for another writer */
	sheaf_progress_fn *on_progress; /* bytes of articles read, of all */
	void *arg;
};

/*
 * What @memory buys, here and for sheaf_erase(), sheaf_slice() and
 * sheaf_salvage(): three sixteenths of it hold articles, which are ordered
 * together and have their dictionary chosen, as with sheaf_writer_open(); a
 * sixteenth holds records, and then each index's entries, and what is more is
 * sorted on disk.  A dictionary of articles is no larger than a 32nd, and for
 * that a power of two.  Off all that, down to a quarter of it, go 74 bytes an
 * article.  On top are the open corpus, 200 MiB of its dictionaries at the
 * most, and some blocks a thread; a larger @dictionary_size takes up to 24
 * bytes a byte.  The check of the new file, when all else is through, takes 130
 * bytes an article, whatever @memory is: measured at 64 MiB, an article more
 * is 148 bytes of an erasure, 158 of a compaction, 176 of a slice of all, 196
 * of a salvage.
 */

/*
 * sheaf_compact() - the same records and history in a new, smaller file
 * @options: NULL for the defaults
 * @result:  filled where the new file was written; may be NULL
 *
 * Everything is ordered by likeness, with dictionaries made of whole articles.
 * The commits stay in the log and can be opened as of; their ids are kept for
 * citation, but the new file's bytes are vouched for by one new commit.  The
 * old file is untouched until the new one is whole and was verified; then it is
 * replaced in one step.  Other writers are shut out meanwhile.
 *
 * Returns SHEAF_OK, SHEAF_BUSY, SHEAF_MISUSE (the output exists, or an option
 * is out of range: nothing was touched),
 * SHEAF_CORRUPT, SHEAF_CANCELLED, SHEAF_IO, SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status
sheaf_compact(const char *path, const struct sheaf_compact_options *options,
	      struct sheaf_commit_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
