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
	uint64_t articles; /* how many articles this costs */
};

/* damage, or an article that is lost: exactly one of the two is not NULL */
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
	uint64_t lost_articles, lost_records;
	uint64_t torn_bytes; /* behind the last commit, of an interrupted add */
	uint8_t commit_id[32];
};

/*
 * sheaf_verify() - check the file at @path
 *
 * Checks frames, checksums, the SHA-256 trees, the commit ids and all
 * references between tables; with deep also that every article has its id.
 * Returns SHEAF_OK when the check could be made, whatever it found;
 * SHEAF_CORRUPT when there is no commit to check, and as sheaf_open().
 */
SHEAF_API enum sheaf_status
sheaf_verify(const char *path, const struct sheaf_verify_options *options,
	     struct sheaf_verify_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
