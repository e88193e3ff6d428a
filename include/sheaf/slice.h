/*
 * sheaf/slice.h - a part of a corpus as a corpus of its own
 */
#ifndef SHEAF_SLICE_H
#define SHEAF_SLICE_H

#include <sheaf/corpus.h>
#include <sheaf/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* all zero: the latest version of every name */
struct sheaf_slice_options {
	const struct sheaf_filter *filter; /* which records */
	/* only records of these articles, in any order; NULL: of any */
	const struct sheaf_place *places;
	size_t place_count;
	int level; /* of what is compressed anew; 0: as the corpus was */
	unsigned int threads; /* 0: as many as processors */
	size_t memory; /* bytes, 16 MiB or more; 0: 1 GiB; see compact.h */
	bool has_time;
	int64_t time;		  /* of the new commit; else the clock's */
	struct sheaf_str message; /* at most 4,096 bytes */
	sheaf_progress_fn *on_progress; /* bytes of articles read, of all */
	void *arg;
};

struct sheaf_slice_result {
	uint64_t commit; /* of the new file */
	uint64_t records, articles;
	uint64_t bytes; /* of these articles */
	uint64_t file_size;
	uint64_t blocks_copied;	  /* dictionaries included */
	uint64_t articles_copied; /* in these, as they were compressed */
	uint64_t blocks_new;	  /* dictionaries included */
};

/*
 * sheaf_slice() - the records that were chosen, in a new file
 * @corpus: may be open as of an older commit
 * @output: must not exist
 * @result: filled where the file was written; may be NULL
 *
 * Names, ids, times, fields and the numbers of commits stay; the commits of
 * @corpus are the log of the new file, which has one commit more. No article
 * that was not chosen is in it; pieces of others may be in a dictionary of
 * segments that is worth its place. Ids that were removed stay so. Blocks
 * whose articles are all chosen are copied as they are, the rest is compressed
 * anew. The new file is verified, article by article, before it has its name.
 *
 * Returns SHEAF_OK; SHEAF_NOT_FOUND where nothing is chosen, SHEAF_MISUSE (the
 * output exists, or an option is out of range), SHEAF_CORRUPT, SHEAF_CANCELLED,
 * SHEAF_IO or SHEAF_NOMEM: then there is no new file.
 */
SHEAF_API enum sheaf_status
sheaf_slice(struct sheaf_corpus *corpus, const char *output,
	    const struct sheaf_slice_options *options,
	    struct sheaf_slice_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
