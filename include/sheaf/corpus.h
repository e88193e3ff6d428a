/*
 * sheaf/corpus.h - open a corpus, find articles, read them
 *
 * A handle shows the corpus as of one commit and never changes; it is shared
 * by any number of threads.  Readers take no lock and never wait.
 */
#ifndef SHEAF_CORPUS_H
#define SHEAF_CORPUS_H

#include <sheaf/filter.h>
#include <sheaf/record.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sheaf_corpus;

struct sheaf_open_options {
	uint64_t as_of; /* commit number; 0: the latest */
};

/*
 * sheaf_open() - open the corpus file at @path
 * @options: NULL for the defaults
 *
 * Returns SHEAF_OK; SHEAF_NOT_FOUND (no such file, or no such commit),
 * SHEAF_CORRUPT (no corpus, or no whole commit in it), SHEAF_UNSUPPORTED (a
 * newer format), SHEAF_IO or SHEAF_NOMEM; *out is NULL then.
 */
SHEAF_API enum sheaf_status sheaf_open(struct sheaf_corpus **out,
				       const char *path,
				       const struct sheaf_open_options *options,
				       struct sheaf_error *err);
/* the same over @len bytes of memory, which must outlive the handle */
SHEAF_API enum sheaf_status
sheaf_open_memory(struct sheaf_corpus **out, const void *bytes, size_t len,
		  const struct sheaf_open_options *options,
		  struct sheaf_error *err);
/* no other call may be running on the handle; NULL is fine */
SHEAF_API void sheaf_close(struct sheaf_corpus *corpus);

/* one commit, as `log` shows it; strings live as long as the handle */
struct sheaf_commit {
	uint64_t number;	 /* from 1 */
	int64_t time;		 /* seconds since 1970 */
	uint8_t id[32];		 /* SHA-256: vouches for all bytes up to here */
	uint8_t fingerprint[16]; /* of the set of live (article, name) pairs,
				    big-endian */
	uint64_t records;	 /* live, after this commit, all versions */
	uint64_t articles;	 /* stored, after this commit */
	uint64_t article_bytes;	 /* of those, uncompressed */
	uint64_t new_records, new_articles;
	uint64_t new_bytes;  /* of the new articles, uncompressed */
	uint64_t start, end; /* of its segment in the file, bytes */
	struct sheaf_str message;
};

/* sheaf_corpus_commit() - the commit that the handle shows */
SHEAF_API const struct sheaf_commit *
sheaf_corpus_commit(const struct sheaf_corpus *corpus);

/* @commit is good during the call; return non-zero to stop */
typedef int sheaf_commit_fn(const struct sheaf_commit *commit, void *arg);

/*
 * sheaf_log() - the commits, newest first, from the one that the handle shows
 *
 * Returns SHEAF_OK, SHEAF_CANCELLED if @fn stopped it, SHEAF_CORRUPT, SHEAF_IO
 * or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_log(struct sheaf_corpus *corpus,
				      sheaf_commit_fn *fn, void *arg,
				      struct sheaf_error *err);

/* sheaf_torn_bytes() - bytes of the file behind the last whole commit
 *
 * Not 0 after an interrupted add, while a writer is at work, or when the
 * end of the file is damaged; always 0 for a handle with as_of.
 */
SHEAF_API uint64_t sheaf_torn_bytes(const struct sheaf_corpus *corpus);

/* bytes that the caller owns; all zero is empty; released by sheaf_bytes_done()
 */
struct sheaf_bytes {
	void *p;
	size_t len;
	size_t cap; /* p may be used again by the next call */
};

SHEAF_API void sheaf_bytes_done(struct sheaf_bytes *bytes);

/*
 * sheaf_get() - read one article by its id
 * @id:  SHEAF_ID_SIZE bytes
 * @out: emptied, then filled with the exact bytes that were added; the
 *       caller owns it
 *
 * Decompresses at most two blocks (and, once, the dictionary) and holds
 * what it found against @id.
 * Returns SHEAF_OK, SHEAF_NOT_FOUND, SHEAF_CORRUPT, SHEAF_IO, SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_get(struct sheaf_corpus *corpus,
				      const uint8_t id[SHEAF_ID_SIZE],
				      struct sheaf_bytes *out,
				      struct sheaf_error *err);

/*
 * sheaf_has() - whether the tables have an id; no article is read
 * @place: where its article is, for sheaf_read(); may be NULL
 *
 * By the first 48 bits, which is what the tables have of an id: an article that
 * is stored is never missed, but one that is not may seem to be, where another
 * one shares these bits (among 10 M articles, one question in 28 million; or
 * made by hand).  sheaf_get() settles it.  Once the index pages are in memory
 * (14 bytes an article), some 50 ns, and of 10 M articles one wait for memory.
 * Returns SHEAF_OK, SHEAF_NOT_FOUND (and leaves the error alone),
 * SHEAF_CORRUPT, SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_has(struct sheaf_corpus *corpus,
				      const uint8_t id[SHEAF_ID_SIZE],
				      struct sheaf_place *place,
				      struct sheaf_error *err);

/*
 * sheaf_has_many() - sheaf_has() of many ids
 * @places: @count of them: where each article is; of an id that the tables do
 *          not have, all zero (no block begins at offset 0)
 *
 * Several lookups wait for memory at once, so that of 10 M articles each takes
 * less than half of what sheaf_has() does.
 * Returns SHEAF_OK, also where ids are absent; SHEAF_CORRUPT, SHEAF_IO or
 * SHEAF_NOMEM, and then what @places has is of no use.
 */
SHEAF_API enum sheaf_status sheaf_has_many(struct sheaf_corpus *corpus,
					   const uint8_t (*ids)[SHEAF_ID_SIZE],
					   size_t count,
					   struct sheaf_place *places,
					   struct sheaf_error *err);

/*
 * sheaf_read() - read the article of a record
 *
 * Its id is computed and held against the tables.  @id (may be NULL) gets it.
 */
SHEAF_API enum sheaf_status sheaf_read(struct sheaf_corpus *corpus,
				       struct sheaf_place place,
				       struct sheaf_bytes *out,
				       uint8_t id[SHEAF_ID_SIZE],
				       struct sheaf_error *err);

/* what a key that a person typed turned out to be */
enum sheaf_key_kind {
	SHEAF_KEY_ID,	/* an id, or a prefix of 4 to 32 digits of one */
	SHEAF_KEY_NAME, /* a record's name */
	SHEAF_KEY_URL,	/* an article's url */
};

/* @record (NULL for SHEAF_KEY_ID) is good during the call; non-zero stops */
typedef int sheaf_match_fn(enum sheaf_key_kind kind, struct sheaf_place place,
			   const struct sheaf_record *record, void *arg);

/*
 * sheaf_find() - what a key stands for
 *
 * Tries @key as an id or prefix of one (each matching article), then as a name
 * and as a url (each matching record, newest first).  Stops after the first of
 * the three that gives anything. Returns SHEAF_OK if @fn was called,
 * SHEAF_NOT_FOUND if not, SHEAF_CANCELLED if @fn stopped it, SHEAF_CORRUPT,
 * SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_find(struct sheaf_corpus *corpus,
				       struct sheaf_str key, sheaf_match_fn *fn,
				       void *arg, struct sheaf_error *err);
/* only as one kind */
SHEAF_API enum sheaf_status sheaf_find_kind(struct sheaf_corpus *corpus,
					    enum sheaf_key_kind kind,
					    struct sheaf_str key,
					    sheaf_match_fn *fn, void *arg,
					    struct sheaf_error *err);

/* @record is good during the call; return non-zero to stop */
typedef int sheaf_record_fn(const struct sheaf_record *record, void *arg);

/*
 * sheaf_list() - every record that @filter takes, in the order of the tables
 * @filter: NULL takes the latest version of every name
 *
 * Order: commit by commit, by name within a commit.
 * Returns SHEAF_OK, SHEAF_CANCELLED, SHEAF_CORRUPT, SHEAF_IO or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_list(struct sheaf_corpus *corpus,
				       const struct sheaf_filter *filter,
				       sheaf_record_fn *fn, void *arg,
				       struct sheaf_error *err);

/* sizes by part, bytes of the file unless said otherwise */
struct sheaf_info {
	uint64_t file;	 /* the file up to the commit shown */
	uint64_t blocks; /* compressed articles */
	uint64_t block_count;
	uint64_t revisions; /* of blocks: those that are compressed against an
			       older block */
	uint64_t revision_count;    /* of block_count */
	uint64_t revision_articles; /* in them */
	uint64_t revision_bytes;    /* of these, uncompressed */
	uint64_t dictionaries;	    /* compressed dictionaries */
	uint64_t dictionary_count;
	uint64_t dictionary_bytes; /* decompressed: the memory they take */
	uint64_t headers;	   /* the frames that describe blocks */
	uint64_t records; /* record tables, names aside (an estimate: the share
			     of the compressed page that names take is split by
			     plain size) */
	uint64_t names;	  /* the rest of the record tables */
	uint64_t indexes; /* live index pages: ids, names, urls */
	uint64_t strings; /* outlets, languages, categories, tags */
	uint64_t trees;	  /* SHA-256 leaves */
	uint64_t footers;
	uint64_t dead;	 /* superseded tables */
	uint32_t layers; /* index layers that a lookup touches, the unindexed
			    tail counted as one */
	/* of the numbers of the commit (struct sheaf_commit), those of hidden
	 * records (sheaf_format_hides()): live ones; the articles that came
	 * with such; bytes of these, uncompressed */
	uint64_t hidden_records, hidden_articles, hidden_bytes;
};

SHEAF_API enum sheaf_status sheaf_info_read(struct sheaf_corpus *corpus,
					    struct sheaf_info *out,
					    struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
