/*
 * sheaf/remove.h - take articles down, take them back, list what is gone
 *
 * A removal is a line in a table that the newest commit names: the articles of
 * these ids are no longer listed, found, read or exported, and a writer does
 * not take them again.  Their bytes stay in the file, and a handle that is
 * opened as of a commit before the removal shows them.  A list names ids alone,
 * so it can be applied to any other corpus, whether that has them yet or not.
 * Hidden records that a container's reader keeps beside an article are articles
 * of their own here: who takes the one down names the ids of these, too.
 */
#ifndef SHEAF_REMOVE_H
#define SHEAF_REMOVE_H

#include <sheaf/corpus.h>
#include <sheaf/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * sheaf_writer_remove() - take articles down with the next commit
 * @ids:   @count ids of SHEAF_ID_SIZE bytes, in any order, any of them twice;
 *         those that the corpus lacks are entered too, and refused later
 * @added: how many were not removed already; may be NULL
 *
 * What this writer has added already can be removed too, but stays the newest
 * of its name for what it adds until the commit: remove first, then add.
 * What was removed before keeps its commit.  Where nothing is new, no commit
 * comes of it.  The commit then goes through all record tables once: some
 * seconds for 10 million records.
 * Returns SHEAF_OK, SHEAF_MISUSE (the writer is finished), SHEAF_LIMIT (more
 * than 16,777,216 in all; nothing is changed) or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status
sheaf_writer_remove(struct sheaf_writer *writer,
		    const uint8_t (*ids)[SHEAF_ID_SIZE], size_t count,
		    uint64_t *added, struct sheaf_error *err);

/*
 * sheaf_writer_take_back() - show articles again with the next commit
 * @returned: how many of the ids were removed; may be NULL
 *
 * Otherwise as sheaf_writer_remove(); sheaf_write_options.take_back does it for
 * each article that is added.
 */
SHEAF_API enum sheaf_status
sheaf_writer_take_back(struct sheaf_writer *writer,
		       const uint8_t (*ids)[SHEAF_ID_SIZE], size_t count,
		       uint64_t *returned, struct sheaf_error *err);

/* an article that was taken down, whether the corpus ever had it or not */
struct sheaf_removed {
	uint8_t id[SHEAF_ID_SIZE];
	uint64_t commit; /* that removed it */
	int64_t time;	 /* of that commit, seconds since 1970 */
};

/* sheaf_removed_count() - how many are, as of the commit that is shown */
SHEAF_API uint64_t sheaf_removed_count(const struct sheaf_corpus *corpus);

/* @record has the name that was asked for; NULL where none was.  Both are good
 * during the call; return non-zero to stop */
typedef int sheaf_removed_fn(const struct sheaf_removed *removed,
			     const struct sheaf_record *record, void *arg);

/*
 * sheaf_removed_list() - all of them, by commit, then by id
 *
 * Returns SHEAF_OK, SHEAF_CANCELLED if @fn stopped it, SHEAF_CORRUPT, SHEAF_IO
 * or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_removed_list(struct sheaf_corpus *corpus,
					       sheaf_removed_fn *fn, void *arg,
					       struct sheaf_error *err);

/*
 * sheaf_removed_find() - which of them a key stands for
 *
 * As sheaf_find_kind(), which finds only what is not removed.  A url is in the
 * article itself, so one that can't be read any more is not found by it.
 */
SHEAF_API enum sheaf_status sheaf_removed_find(struct sheaf_corpus *corpus,
					       enum sheaf_key_kind kind,
					       struct sheaf_str key,
					       sheaf_removed_fn *fn, void *arg,
					       struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
