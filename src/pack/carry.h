/*
 * carry.h - chosen records of a corpus, in a new file
 */
#ifndef SHEAF_PACK_CARRY_H
#define SHEAF_PACK_CARRY_H

#include <sheaf/verify.h>

#include "pack/stage.h"
#include "write/commit.h"

struct carry_options {
	const char *output; /* has no file yet */
	int like; /* a file whose permissions the new one gets; -1: none */
	/* of what is compressed anew; only the members that say how */
	struct stage_options stage;
	size_t memory; /* to work with, see carry_memory() */
	/* copy blocks that come along whole; what is left is then compressed as
	 * the old corpus was: the stage's level counts if it is not 0, of the
	 * rest only its threads */
	bool copies;
	bool all_strings; /* under their old codes, used or not */
	/* only these records, sorted; NULL: all */
	const struct record_ref *records;
	size_t record_count;
	/* but none of these articles, sorted, nor passages of 32 bytes that
	 * only they had */
	const struct sheaf_place *without;
	size_t without_count;
	const struct removed
		*removed; /* ids that are gone in the new file; records
			     of such articles come along; or NULL */
	int64_t time;	  /* of the new commit */
	struct sheaf_str message;
	sheaf_progress_fn *on_progress; /* bytes of articles, of all; or NULL */
	void *arg;
};

struct carry_result {
	uint64_t commit, records, articles, bytes, file_size;
	uint64_t blocks_copied;		/* dictionaries included */
	uint64_t articles_copied;	/* in these */
	uint64_t blocks_new;		/* dictionaries included */
	uint64_t dictionaries_scrubbed; /* of the copied: with bytes changed */
	uint64_t
		dictionaries_barred; /* that held something of those left out */
};

/* *memory: what an option says; 0 becomes 1 GiB, less than 16 MiB is
 * SHEAF_MISUSE */
enum sheaf_status carry_memory(size_t *memory, struct sheaf_error *err);
/* of that, what is left beside the tables of @articles */
size_t carry_memory_left(size_t memory, uint64_t articles);
/* the largest dictionary of articles that is made with so much memory */
size_t carry_dictionary_most(size_t memory);

/*
 * carry() - write the new file: one segment, with the old commits as history
 *
 * The new file is verified, article by article, before it has its name.  On
 * failure there is none.
 */
enum sheaf_status carry(struct sheaf_corpus *old,
			const struct carry_options *options,
			struct carry_result *out, struct sheaf_error *err);

/*
 * carry_over() - write a corpus anew in its own place
 * @path: of the corpus; links are followed
 * @lock: of it, held by the caller
 *
 * As carry(), to a hidden name, which then takes the place of the old file.
 * options->output and like are set here.
 */
enum sheaf_status carry_over(const char *path, struct sink *lock,
			     struct sheaf_corpus *old,
			     const struct carry_options *options,
			     struct carry_result *out, struct sheaf_error *err);

#endif
