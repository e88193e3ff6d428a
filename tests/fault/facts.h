/*
 * facts.h - what was put into a corpus, and whether a corpus still says so
 *
 * The fault tests' plain memory of names and articles.  Whatever happens to a
 * file, a reader may refuse to answer; what it does answer must be a fact.
 */
#ifndef SHEAF_TESTS_FACTS_H
#define SHEAF_TESTS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sheaf/sheaf.h>

/* one record: @bytes under @name, brought by @commit */
struct fact {
	struct sheaf_str name; /* owned, as is bytes */
	void *bytes;
	size_t len;
	uint8_t id[SHEAF_ID_SIZE]; /* under the seed that it must have got */
	uint64_t commit;
	struct sheaf_str url; /* owned; len 0: none */
};

/* all zero is empty */
struct facts {
	struct fact *list; /* in the order of their adding */
	size_t *named;	   /* numbers of them, sorted by name */
	size_t count, cap;
};

/* out of memory ends the program */
void facts_add(struct facts *f, uint64_t commit, struct sheaf_str name,
	       const void *bytes, size_t len);
void facts_done(struct facts *f);

/* the facts of one commit into the corpus at @path; the commit's time and
 * message come from its number */
enum sheaf_status facts_write(const struct facts *f, const char *path,
			      uint64_t commit,
			      const struct sheaf_write_options *options,
			      struct sheaf_error *err);
/* the same with the defaults, for each commit from @first to @last */
bool facts_write_all(const struct facts *f, const char *path, uint64_t first,
		     uint64_t last, const struct sheaf_write_options *options);

/* what a corpus answered */
struct answers {
	uint64_t lies;	  /* answers that are no facts */
	uint64_t records; /* listed */
	uint64_t read;	  /* articles that came out, in whatever way */
	uint64_t errors;  /* calls that failed */
	uint64_t absent;  /* facts up to the commit shown, not found */
};

/* how to ask */
enum {
	ASK_OPEN = 1,  /* only an article that does not have its id is a lie;
			  else all is one that is not among the facts */
	ASK_QUICK = 2, /* not by url and prefix of an id, which take longest */
};

/* list, read, get, find in all ways, log and info */
void facts_ask(const struct facts *f, struct sheaf_corpus *corpus,
	       unsigned int how, struct answers *out);
/* every fact up to @commit, and nothing else, came out */
bool facts_complete(const struct facts *f, const struct answers *a,
		    uint64_t commit);
/* how many there are up to @commit */
uint64_t facts_until(const struct facts *f, uint64_t commit);

/*
 * the file at @path opens as @commit (0: as any), is complete, and a deep
 * verify finds no damage; else says what is wrong and returns false
 */
bool facts_whole(const struct facts *f, const char *path, uint64_t commit);

/* damages that a deep verify finds, or UINT64_MAX if it refuses the file */
uint64_t verify_damages(const char *path, enum sheaf_status *st);

#endif
