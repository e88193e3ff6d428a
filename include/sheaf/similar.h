/*
 * sheaf/similar.h - what else is a version or copy of a story
 */
#ifndef SHEAF_SIMILAR_H
#define SHEAF_SIMILAR_H

#include <sheaf/corpus.h>

#ifdef __cplusplus
extern "C" {
#endif

/* all zero: the defaults */
struct sheaf_similar_options {
	bool all;	      /* look through the whole corpus, however large */
	unsigned int threads; /* 0: as many as processors */
	size_t most;	      /* articles to tell of; 0: 20 */
};

/* another article, and what it has to do with the one that was asked about */
struct sheaf_similar {
	const struct sheaf_record *record; /* that brought it; is_latest is not
					      told */
	/* 0 to 1: the part of the one's text that the other has too, in runs of
	 * 12 bytes or more; counted, not estimated (of more than 1 MiB a sample
	 * is counted) */
	double share_of_key, share_of_it;
	/* of these two that of the shorter article: an abridged copy has 1 */
	double likeness;
	bool same_name; /* a version of it */
	bool same_url;
};

/* what was looked through */
struct sheaf_similar_result {
	uint64_t articles; /* that were compared */
	bool whole;	   /* these are all that there are */
};

/* @found is good during the call; return non-zero to stop */
typedef int sheaf_similar_fn(const struct sheaf_similar *found, void *arg);

/*
 * sheaf_similar() - articles that are versions or copies of another, best first
 * @place:   of that article
 * @options: NULL for the defaults
 * @result:  may be NULL
 *
 * Tells of all that have its name or url, and of those that a fifth of the
 * shorter of the two texts is shared with. Looks through the whole corpus up to
 * 256 MiB of articles, or if told to; in a larger one, through the newest 256
 * MiB, the blocks near the article's own, and those that its name and url lead
 * to. Returns SHEAF_OK (also if there is none), SHEAF_CANCELLED if @fn stopped
 * it, SHEAF_CORRUPT, SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status
sheaf_similar(struct sheaf_corpus *corpus, struct sheaf_place place,
	      const struct sheaf_similar_options *options, sheaf_similar_fn *fn,
	      void *arg, struct sheaf_similar_result *result,
	      struct sheaf_error *err);

/*
 * sheaf_revision_of() - the older article that another is a revision of
 * @base: the place of that which has most in common with it, in the block that
 *        it is stored as a difference to
 *
 * Returns SHEAF_OK, SHEAF_NOT_FOUND (it is no revision; *base is untouched),
 * SHEAF_CORRUPT, SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_revision_of(struct sheaf_corpus *corpus,
					      struct sheaf_place place,
					      struct sheaf_place *base,
					      struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
