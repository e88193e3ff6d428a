/*
 * model.h - what a corpus has to hold, in plain arrays
 *
 * Knows the rules of the specification and nothing of the library: commits,
 * records in the order in which they came, articles kept once each.  Nothing
 * is forgotten, so the corpus as of any commit can be asked for.
 */
#ifndef SHEAF_TESTS_MODEL_H
#define SHEAF_TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sheaf/sheaf.h>

#define MODEL_NONE SIZE_MAX
#define MODEL_BUCKETS 65536

struct model_article {
	const uint8_t *p; /* owned by the model, as all below */
	size_t len;
	uint8_t id[SHEAF_ID_SIZE]; /* under the seed that it got */
	uint32_t seed;
	struct sheaf_str url; /* what its format's reader finds in it */
	const char *format;   /* static: of the record that brought it */
	uint64_t commit;      /* that brought it */
	uint64_t erased;      /* the commit that rewrote the file without it; 0:
				 it is there */
	size_t next;	      /* older one of the same bucket, of @plain */
	uint8_t plain[SHEAF_ID_SIZE]; /* its id under seed 0 */
};

struct model_record {
	struct sheaf_str name;
	struct sheaf_time mtime;
	const char *format;	    /* static */
	struct sheaf_fields fields; /* with the article's url */
	size_t article;
	uint64_t commit;
	unsigned __int128 print; /* its share of the fingerprint */
	size_t next;		 /* older one of the same bucket */
};

/* an id that was taken down, whether an article has it or not */
struct model_removal {
	uint8_t id[SHEAF_ID_SIZE];
	uint64_t from; /* the commit that did */
	uint64_t back; /* the one that took it back; 0: none */
};

/* counts as they are after the commit */
struct model_commit {
	int64_t time;
	bool has_time;
	struct sheaf_str message;
	size_t records, articles; /* of the arrays, whatever became of them */
	/* what its footer told, when it was made */
	uint64_t live, stored, bytes;
	uint64_t new_records, new_articles, new_bytes;
	unsigned __int128 fingerprint;
	uint64_t end; /* of the file */
	uint8_t id[32];
};

struct model {
	struct model_article *articles;
	size_t article_count, article_cap;
	struct model_record *records; /* in the order of arrival */
	size_t record_count, record_cap;
	size_t *order; /* of records: by segment, name, arrival */
	size_t order_cap;
	struct model_commit *commits; /* commit k is at k - 1 */
	size_t commit_count, commit_cap;
	uint64_t first; /* the commit of the file's first footer */
	struct model_removal *removals;
	size_t removal_count, removal_cap;
	size_t article_heads[MODEL_BUCKETS], name_heads[MODEL_BUCKETS];
	void **kept;
	size_t kept_count, kept_cap;
};

struct model *model_new(void);
void model_free(struct model *m);
/* malloc() that never fails */
void *model_alloc(size_t size);
/* a copy that lives as long as the model */
struct sheaf_str model_keep(struct model *m, const void *p, size_t len);

/* how much of the model is committed */
size_t model_records_of(const struct model *m, uint64_t commit);
size_t model_articles_of(const struct model *m, uint64_t commit);

/*
 * what sheaf_writer_add() has to do with the same input; what is new waits for
 * model_commit() or model_drop().  The article's format and url are taken from
 * @a.
 */
enum sheaf_added model_add(struct model *m, const struct sheaf_article *a,
			   bool take_back);
/* what waits becomes commit number commit_count + 1, whose counts are set */
struct model_commit *model_commit(struct model *m);
void model_drop(struct model *m);

/* with the next commit; true if that is new */
bool model_remove(struct model *m, const uint8_t id[SHEAF_ID_SIZE]);
bool model_take_back(struct model *m, const uint8_t id[SHEAF_ID_SIZE]);
/* the next commit is the file's first, and has all that is there; what @erase
 * (may be NULL) is true of is not */
struct model_commit *model_rewrite(struct model *m, const bool *erase);
/* is an article out of sight as of @commit, removed or erased */
bool model_gone(const struct model *m, size_t article, uint64_t commit);
bool model_removed(const struct model *m, const uint8_t id[SHEAF_ID_SIZE],
		   uint64_t commit);
/* ids that are removed as of @commit */
size_t model_removed_count(const struct model *m, uint64_t commit);
/* how many records, articles, and bytes of these the file has */
void model_stored(const struct model *m, size_t *records, size_t *articles,
		  uint64_t *bytes);

/* the article of these bytes, or MODEL_NONE */
size_t model_article(const struct model *m, const void *p, size_t len);
/* the newest record of a name as of @commit, or MODEL_NONE */
size_t model_latest(const struct model *m, struct sheaf_str name,
		    uint64_t commit);
/* does @filter (NULL: as sheaf_list()) take a record, as of @commit */
bool model_takes(const struct model *m, size_t record, uint64_t commit,
		 const struct sheaf_filter *filter);
bool model_equal(struct sheaf_str a, struct sheaf_str b);
/* records by name, then as they came */
void model_sort(const struct model *m, size_t *records, size_t count);

#endif
