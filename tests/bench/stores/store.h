/*
 * store.h - what the benchmark asks of each peer: one small table of calls
 *
 * Every peer is a program of its own (main.c and one store_*.c), so that the
 * memory it takes is its own and a library that is absent costs one peer only.
 */
#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ID_SIZE 16

/* a distinct article; @name is the first file of the tree that holds it */
struct article {
	uint8_t id[ID_SIZE]; /* XXH3-128, canonical */
	size_t len;
	const char *name;
};

struct articles {
	struct article *all;
	size_t count;
	char *text; /* the names */
};

/* "HEX LEN NAME" lines; in the order of their names */
void articles_read(struct articles *out, const char *path);
void articles_done(struct articles *articles);

/* what a get is filled into: grown, never shrunk, one a thread */
struct value {
	uint8_t *p;
	size_t len, cap;
};

/* room for @len bytes, which the caller fills */
uint8_t *value_room(struct value *value, size_t len);
/* a copy, as every peer is asked for bytes that the caller owns */
void value_set(struct value *value, const void *p, size_t len);
/* the bytes of the file TREE/NAME */
void value_read_file(struct value *value, int tree, const char *name);

/* what is asked on the command line */
struct job {
	struct articles articles;
	const char *tree;   /* the folder of files that the articles are from */
	const char *path;   /* of the store */
	unsigned int block; /* bytes, where the store has blocks */
	size_t dictionary;  /* bytes; 0: none */
	int level;
};

/*
 * A store.  Whatever fails ends the program through die(): a peer that does
 * not work is told so, never counted.
 */
struct store {
	const char *name;
	/* makes it at job->path from job->tree; NULL: another program does */
	void (*build)(const struct job *job);
	void *(*open)(const struct job *job);
	void (*close)(void *db);
	/* what each thread needs for itself; NULL: nothing, it gets @db */
	void *(*reader_open)(void *db);
	void (*reader_close)(void *reader);
	/* not timed: the store's own keys of all articles, where it has keys
	 * other than ids and names; may be NULL */
	void (*prepare)(void *db);
	void (*get)(void *reader, const struct article *article,
		    struct value *out);
	/* bytes of all articles, read by so many threads in the store's own
	 * order; NULL: gets in the order of names */
	uint64_t (*scan)(void *db, unsigned int threads);
	/* finds an article's place without reading it; may be NULL */
	void (*locate)(void *reader, const struct article *article);
	/* up to LOCATE_MANY of them in one call; may be NULL */
	void (*locate_many)(void *reader, const struct article *articles,
			    size_t count);
};

#define LOCATE_MANY 1000

extern const struct store store;

/* a part of a scan by one thread; returns bytes of articles */
typedef uint64_t part_fn(void *reader, unsigned int part, unsigned int parts);

/* runs @fn on a thread and reader for each part and adds up what they return */
uint64_t in_parts(void *db, unsigned int parts, part_fn *fn);

/* keeps the optimizer from leaving out a read: looks at every cache line */
uint64_t touch(const void *p, size_t len);

void die(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void *must_alloc(void *p, size_t size); /* realloc() that never fails */

#ifdef __cplusplus
}
#endif

#endif
