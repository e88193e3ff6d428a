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
	size_t next; /* older one of the same bucket */
};

/* counts as they are after the commit */
struct model_commit {
	int64_t time;
	bool has_time;
	struct sheaf_str message;
	size_t records, articles;
	uint64_t bytes; /* of the articles */
	unsigned __int128 fingerprint;
	uint64_t end; /* of the file */
	uint8_t id[32];
};

struct model {
	struct model_article *articles;
	size_t article_count, article_cap;
	struct model_record *records; /* in the order of arrival */
	size_t record_count, record_cap;
	size_t *order; /* of records: by commit, name, arrival */
	size_t order_cap;
	struct model_commit *commits; /* commit k is at k - 1 */
	size_t commit_count, commit_cap;
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
enum sheaf_added model_add(struct model *m, const struct sheaf_article *a);
/* what waits becomes commit number commit_count + 1, whose counts are set */
struct model_commit *model_commit(struct model *m);
void model_drop(struct model *m);

/* the article of these bytes, or MODEL_NONE */
size_t model_article(const struct model *m, const void *p, size_t len);
/* the newest record of a name as of @commit, or MODEL_NONE */
size_t model_latest(const struct model *m, struct sheaf_str name,
		    uint64_t commit);
/* does @filter (NULL: as sheaf_list()) take a record, as of @commit */
bool model_takes(const struct model *m, size_t record, uint64_t commit,
		 const struct sheaf_filter *filter);
bool model_equal(struct sheaf_str a, struct sheaf_str b);

#endif
