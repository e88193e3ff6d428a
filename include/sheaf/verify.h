/*
 * sheaf/verify.h - is the file whole, and is it what it was
 */
#ifndef SHEAF_VERIFY_H
#define SHEAF_VERIFY_H

#include <sheaf/corpus.h>

#ifdef __cplusplus
extern "C" {
#endif

/* one thing that is wrong */
struct sheaf_damage {
	uint64_t offset, len; /* bytes of the file, len may be 0 */
	const char *what;  /* one line: "block", "record table", ... and why */
	uint64_t articles; /* how many articles this costs, those that were
			      compressed against it too */
};

/*
 * Damage, or an article that is lost: exactly one of the two is not NULL.  All
 * damage comes first, in the order of the file; then a call for each record
 * whose article is lost, by commit, then name; then one for each lost article
 * that no whole record names.  Those of a commit whose end is not there are
 * told too (torn_lost).  A lost one has commit, size, name and id_prefix; where
 * not known, the name's len and the commit are 0, id_prefix and size
 * UINT64_MAX.
 */
typedef void sheaf_damage_fn(const struct sheaf_damage *damage,
			     const struct sheaf_record *lost, void *arg);
/* called now and then from the caller's thread; non-zero stops */
typedef int sheaf_progress_fn(uint64_t done, uint64_t total, void *arg);

struct sheaf_verify_options {
	bool deep;	      /* also every article against its id */
	unsigned int threads; /* 0: as many as processors */
	sheaf_damage_fn *on_damage;
	sheaf_progress_fn *on_progress;
	void *arg;
};

struct sheaf_verify_result {
	uint64_t damages; /* 0: the corpus is whole */
	uint64_t commits, blocks, articles, records; /* that were checked */
	/* An article is lost if no bytes of the file bring it back, see
	 * sheaf_salvage(); a record, if its article is. */
	uint64_t lost_articles, lost_records;
	uint64_t lost_unknown; /* of the articles: known by their number only */
	uint64_t lost_names;   /* records gone with their pages */
	uint64_t nameless;     /* whole articles that no whole record names */
	uint64_t newest;       /* the newest whole commit; 0: none */
	bool opens;	       /* that commit can be opened */
	uint64_t torn_bytes; /* behind the last commit, of an interrupted add */
	uint64_t torn_articles; /* whole ones in them, which salvage takes */
	uint64_t torn_lost;	/* that their records name, and are not there:
				   they are told like lost ones */
	bool at_work;		/* a writer is appending just now */
	uint8_t commit_id[32];
};

/*
 * sheaf_verify() - check the file at @path
 *
 * Checks frames, checksums, the SHA-256 trees, the commit ids and, where those
 * are whole, all references between tables; with deep also that every article
 * has its id.  What is damaged is decoded, so that what it costs is exact
 * without deep, too.
 * Returns SHEAF_OK when the check could be made, whatever it found;
 * SHEAF_CORRUPT when nothing in the file is part of a corpus, and as
 * sheaf_open().
 */
SHEAF_API enum sheaf_status
sheaf_verify(const char *path, const struct sheaf_verify_options *options,
	     struct sheaf_verify_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
