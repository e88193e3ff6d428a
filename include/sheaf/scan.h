/*
 * sheaf/scan.h - many articles at once, on all cores
 *
 * Blocks are gone through in the order of the file, each is decoded once, and
 * threads decode ahead of the caller.  Every article's id is computed and held
 * against the tables, as sheaf_read() does.
 *
 * Memory: 64 MiB for what the records say, and 2 blocks a thread and 2 more, or
 * 1 MiB of smaller ones, and up to 8 MiB a thread that is kept for later
 * blocks; a block has some 100 KB in what sheaf packs, and 64 MiB at the very
 * most.
 */
#ifndef SHEAF_SCAN_H
#define SHEAF_SCAN_H

#include <sheaf/corpus.h>

#ifdef __cplusplus
extern "C" {
#endif

/* an article on its way past; all of it is good during the call */
struct sheaf_scanned {
	const struct sheaf_record *record; /* sheaf_read_many(): NULL */
	size_t index;		  /* sheaf_read_many(): into the places */
	enum sheaf_status status; /* SHEAF_OK; SHEAF_CORRUPT, or
				     SHEAF_NOT_FOUND where it was removed: there
				     are no bytes then */
	const char *why;	  /* a line; NULL if SHEAF_OK */
	const void *p;		  /* the exact bytes */
	size_t len;
	uint8_t id[SHEAF_ID_SIZE];
	int result; /* what the sheaf_work_fn returned, else 0 */
};

/* on the caller's thread, in order; return non-zero to stop */
typedef int sheaf_scanned_fn(const struct sheaf_scanned *article, void *arg);
/*
 * On a thread of the scan, several at once, in no order
 * @thread: 0 .. threads - 1, one call at a time each
 *
 * What it returns is handed on as article->result.
 */
typedef int sheaf_work_fn(const struct sheaf_scanned *article,
			  unsigned int thread, void *arg);

struct sheaf_scan_options {
	unsigned int threads; /* 0: as many as processors; at most 256 */
	/* called with every article, damaged ones too, before the
	 * sheaf_scanned_fn is; it may be called with some that come behind
	 * the one where the scan ends */
	sheaf_work_fn *work;
	/* sheaf_scan(): on the caller's thread, with every record that will
	 * come, before the first of its batch; in the order of sheaf_list() */
	sheaf_record_fn *on_listed;
	/* sheaf_scan(): articles come in the order of sheaf_list(), the oldest
	 * commit's first; what comes early is kept, as in sheaf_read_many(),
	 * and work() is called on the caller's thread */
	bool in_order;
};

/* sheaf_scan_threads() - how many threads @options come to */
SHEAF_API unsigned int
sheaf_scan_threads(const struct sheaf_scan_options *options);

/*
 * sheaf_scan() - the article of every record that @filter takes
 * @filter:  NULL takes the latest version of every name
 * @options: NULL for the defaults
 * @fn:      NULL if options->work is all that is wanted
 *
 * The order depends on the corpus and the filter alone, not on the threads:
 * records are taken in batches of 64 MiB (some 200,000) in the order of
 * sheaf_list(); in a batch by block, as they stand in the file, and by their
 * place in the block; records of one article in the order of sheaf_list().  A
 * block with records in several batches is decoded once in each.
 *
 * An article that is damaged is handed over with its status, and the scan goes
 * on. Returns SHEAF_OK, SHEAF_CANCELLED if a function stopped it, SHEAF_IO,
 * SHEAF_NOMEM or what sheaf_list() gives.
 */
SHEAF_API enum sheaf_status sheaf_scan(struct sheaf_corpus *corpus,
				       const struct sheaf_filter *filter,
				       const struct sheaf_scan_options *options,
				       sheaf_scanned_fn *fn, void *arg,
				       struct sheaf_error *err);

/*
 * sheaf_read_many() - the articles at @places, in the order of @places
 * @options: NULL for the defaults; only threads is looked at
 *
 * As sheaf_scan(), but what comes early is kept, up to 64 MiB, until its turn:
 * a block is decoded once, or, where the places are so far apart in the file
 * that more would have to be kept, once in each part of the request.
 */
SHEAF_API enum sheaf_status
sheaf_read_many(struct sheaf_corpus *corpus, const struct sheaf_place *places,
		size_t count, const struct sheaf_scan_options *options,
		sheaf_scanned_fn *fn, void *arg, struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
