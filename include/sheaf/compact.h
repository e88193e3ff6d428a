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
	size_t block_size;	/* 0: 64 KiB */
	size_t dictionary_size; /* bytes, at most 48 MiB; 0: by the amount */
	unsigned int threads;	/* 0: as many as processors */
	bool has_time;
	int64_t time;		  /* of the new commit; else the clock's */
	struct sheaf_str message; /* at most 4,096 bytes */
	struct sheaf_wait wait;	  /* for another writer */
	sheaf_progress_fn *on_progress; /* bytes of articles read, of all */
	void *arg;
};

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
