/*
 * sheaf/writer.h - create a corpus or append one commit to it
 *
 * One writer at a time.  Nothing is visible, to anyone, before
 * sheaf_writer_commit() has returned SHEAF_OK; whatever goes wrong before,
 * the corpus is as it was.
 */
#ifndef SHEAF_WRITER_H
#define SHEAF_WRITER_H

#include <sheaf/record.h>
#include <sheaf/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sheaf_writer;

/* all zero: the defaults */
struct sheaf_write_options {
	int level;	   /* zstd's, 1 to 22; 0: 9, or see below */
	size_t block_size; /* bytes of articles a block, 1 KiB to 64 MiB; 0: 8
			      KiB, or see below */
	size_t dictionary_size; /* bytes; 0: by the amount of input */
	bool no_dictionary;	/* train none */
	unsigned int threads;	/* 0: as many as processors */
	size_t memory;		/* bytes, 16 MiB or more; 0: 1 GiB; see below */
	bool dry_run;	  /* only tell what would be new: nothing is locked or
			     written */
	bool create_only; /* an existing corpus is SHEAF_MISUSE */
	struct sheaf_wait wait; /* for another writer */
	bool take_back; /* what was removed and is added is stored and shown
			   again; else it is refused */
};

/*
 * Where neither @level nor @block_size is given, a small commit gets more of
 * both: 16 KiB where it brings at most 16 MiB of new articles to a corpus (1
 * MiB to a new one); then level 15, or 19 for at most 1 MiB, unless the
 * corpus's dictionary has more than 512 KiB.
 *
 * What @memory buys: up to three sixteenths of it hold articles while they are
 * ordered and their dictionary chosen, which takes as much as three quarters in
 * all: the more, the smaller the file, where there is more input than that.
 * For each new record 96 bytes are set aside, so that less is left for
 * articles, down to a quarter; the rest of the records, 110 bytes or so, is
 * sorted in a nameless file beside the corpus where there are more than a
 * sixteenth holds (at 1 GiB, half a million).  A commit of up to 10 M records
 * at 1 GiB, in proportion at others, stays about within it, whatever its
 * articles. On top: some 30 MiB for compressors and code, with large blocks
 * four of them a thread, and of an existing corpus the index pages that are
 * looked at, 15 bytes an article.
 */

/*
 * sheaf_writer_open() - lock an existing corpus, or prepare a new one
 *
 * A new corpus appears under @path only with its first commit.
 * Returns SHEAF_OK, SHEAF_BUSY (another writer; @options may say to wait for
 * it), SHEAF_CANCELLED (the wait was), SHEAF_CORRUPT, SHEAF_UNSUPPORTED (also
 * where the file system has no locks), SHEAF_MISUSE, SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status
sheaf_writer_open(struct sheaf_writer **out, const char *path,
		  const struct sheaf_write_options *options,
		  struct sheaf_error *err);
/* drops what was not committed, unlocks; NULL is fine */
SHEAF_API void sheaf_writer_free(struct sheaf_writer *writer);

/* what is to be stored; borrowed during the call */
struct sheaf_article {
	struct sheaf_str name; /* 1 to SHEAF_NAME_MAX bytes, no NUL */
	const void *bytes;
	size_t len; /* at most SHEAF_ARTICLE_MAX */
	struct sheaf_time mtime;
	const char *format;		   /* NULL: "text" */
	const struct sheaf_fields *fields; /* NULL: none; title is not used */
};

/* what became of it */
enum sheaf_added {
	SHEAF_ADDED_NEW,     /* new bytes under a new name */
	SHEAF_ADDED_VERSION, /* new bytes under a name that had others */
	SHEAF_ADDED_COPY,    /* bytes that the corpus had, under a new name or
				version */
	SHEAF_ADDED_KNOWN, /* this name has these bytes already: nothing stored
			    */
	SHEAF_ADDED_REFUSED, /* this article was removed: nothing stored */
};

/*
 * sheaf_writer_add() - one record
 * @added: what became of it; may be NULL
 *
 * Not thread-safe for one writer.
 * Returns SHEAF_OK; SHEAF_MISUSE (bad name), SHEAF_LIMIT (article or name too
 * long): this article is not stored and the writer goes on; any other failure
 * ends the writer, which can only be freed.
 */
SHEAF_API enum sheaf_status
sheaf_writer_add(struct sheaf_writer *writer,
		 const struct sheaf_article *article, enum sheaf_added *added,
		 struct sheaf_error *err);

/*
 * sheaf_writer_find() - the id of the article that a name has by now: that of
 * its latest record given to the writer, else of its newest in the corpus
 *
 * Returns SHEAF_OK; SHEAF_NOT_FOUND, after which the writer goes on; any other
 * failure ends it.
 */
SHEAF_API enum sheaf_status sheaf_writer_find(struct sheaf_writer *writer,
					      struct sheaf_str name,
					      uint8_t id[SHEAF_ID_SIZE],
					      struct sheaf_error *err);

struct sheaf_bytes; /* in <sheaf/corpus.h> */

/*
 * sheaf_writer_read() - the bytes of an article that the corpus has, or that
 * was given to the writer before
 * @id:  as sheaf_writer_find() tells it
 * @out: as with sheaf_get()
 *
 * Returns SHEAF_OK; SHEAF_NOT_FOUND, also for what was given to a dry run,
 * after which the writer goes on; any other failure ends it.
 */
SHEAF_API enum sheaf_status sheaf_writer_read(struct sheaf_writer *writer,
					      const uint8_t id[SHEAF_ID_SIZE],
					      struct sheaf_bytes *out,
					      struct sheaf_error *err);

/*
 * sheaf_writer_add_again() - a record of an article that the corpus has, or
 * that was given to the writer before, whose bytes are not at hand
 * @article: all but its bytes and their length, which are not looked at
 * @id:      as sheaf_writer_find() tells it
 *
 * Returns what sheaf_writer_add() does, and SHEAF_NOT_FOUND where there is no
 * such article; the writer goes on then.
 */
SHEAF_API enum sheaf_status
sheaf_writer_add_again(struct sheaf_writer *writer,
		       const struct sheaf_article *article,
		       const uint8_t id[SHEAF_ID_SIZE], enum sheaf_added *added,
		       struct sheaf_error *err);

struct sheaf_commit_options {
	struct sheaf_str message; /* at most 4,096 bytes */
	bool has_time;
	int64_t time;	  /* seconds; else the clock's */
	bool allow_empty; /* commit also where nothing is new */
};

/* of the numbers of a commit, those of records that are hidden
 * (sheaf_format_hides()) */
struct sheaf_hidden_result {
	uint64_t records, articles;
	uint64_t copies, versions, known;
	uint64_t bytes_new;
};

struct sheaf_commit_result {
	bool committed; /* false: nothing was new, the file is untouched */
	uint64_t commit;
	uint64_t records, articles; /* new ones */
	uint64_t copies, versions, known;
	uint64_t refused;    /* of those offered: removed before */
	uint64_t removed;    /* ids that were not removed before */
	uint64_t taken_back; /* ids that were */
	uint64_t revisions;  /* new articles stored as differences to older ones
			      */
	uint64_t revisions_saved; /* bytes that those would take more else; an
				     estimate: it is tried in part only */
	uint64_t bytes_in;	  /* of all articles offered */
	uint64_t bytes_new;	  /* of the new articles */
	uint64_t file_growth;	  /* bytes */
	uint64_t file_size;
	struct sheaf_hidden_result hidden; /* all of them in the above */
};

/*
 * sheaf_writer_commit() - make all of it durable and visible, in one step
 *
 * The writer can only be freed afterwards.
 */
SHEAF_API enum sheaf_status sheaf_writer_commit(
	struct sheaf_writer *writer, const struct sheaf_commit_options *options,
	struct sheaf_commit_result *result, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
