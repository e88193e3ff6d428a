/*
 * sheaf/salvage.h - a new corpus from whatever is whole of a damaged one
 */
#ifndef SHEAF_SALVAGE_H
#define SHEAF_SALVAGE_H

#include <sheaf/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* all zero: the defaults */
struct sheaf_salvage_options {
	int level;	      /* zstd's, 1 to 22; 0: 9 */
	unsigned int threads; /* 0: as many as processors */
	size_t memory; /* bytes, 16 MiB or more; 0: 1 GiB; see compact.h */
	bool has_time;
	int64_t time;		  /* of the new commit; else the clock's */
	struct sheaf_str message; /* at most 4,096 bytes */
	/* each damaged range, and each lost article: as sheaf_verify() tells
	 * them, of the file to its very end */
	sheaf_damage_fn *on_damage;
	sheaf_progress_fn
		*on_progress; /* bytes of the file, then of articles */
	void *arg;
};

struct sheaf_salvage_result {
	uint64_t commit;	    /* the new one */
	uint64_t records, articles; /* brought back, removed ones too */
	uint64_t nameless; /* of these articles: those under lost+found/ID */
	uint64_t renamed;  /* records under such a name, as theirs is lost */
	uint64_t lost_articles, lost_unknown, lost_records, lost_names;
	uint64_t damages;
	uint64_t
		commits_lost; /* in the log as lost: no more is known of them */
	uint64_t removed;     /* ids that were taken down, and stay so */
	bool removed_lost; /* the newest list of them is damaged: ids that were
			      taken down lately may be back */
	uint64_t file_size;
};

/*
 * sheaf_salvage() - a new corpus at @output from what is whole of @damaged
 * @options: NULL for the defaults
 * @result:  filled where the new file was written; may be NULL
 *
 * Goes through the file from its start to its very end and takes each block
 * that decodes, each record page, list of strings and footer that is whole; ids
 * are computed, indexes made anew.  The records keep their names, times and
 * commits, and the commits stay in the log, as after sheaf_compact().  An
 * article that no whole record names comes back as "lost+found/ID", its fields
 * read from its text.  Ids that were taken down stay so.  The damaged file is
 * only read; the new one gets its name when it is whole and was verified.
 *
 * Returns SHEAF_OK, SHEAF_NOT_FOUND (no such file), SHEAF_CORRUPT (no article
 * in it is whole, or nothing in it is part of a corpus), SHEAF_MISUSE (the
 * output exists, an option is out of range, or @damaged is no file),
 * SHEAF_UNSUPPORTED, SHEAF_LIMIT, SHEAF_CANCELLED, SHEAF_IO, SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status
sheaf_salvage(const char *damaged, const char *output,
	      const struct sheaf_salvage_options *options,
	      struct sheaf_salvage_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
