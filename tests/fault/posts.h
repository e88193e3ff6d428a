/*
 * posts.h - posts for the fault tests, made from a number
 *
 * The same number gives the same bytes on every machine.
 */
#ifndef SHEAF_TESTS_POSTS_H
#define SHEAF_TESTS_POSTS_H

#include "fault/facts.h"

/* xorshift64*: the same numbers everywhere; *state is not 0 */
uint64_t posts_random(uint64_t *state);
/* 0 .. n - 1; 0 if n is 0 */
uint64_t posts_below(uint64_t *state, uint64_t n);

/* a Hugo post of about @count words into @out of @size bytes; its length */
size_t posts_make(uint64_t number, unsigned int count, char *out, size_t size);
/* bytes that don't compress */
void posts_noise(uint64_t number, void *out, size_t size);

/*
 * three commits of a few dozen records that have all there is: versions,
 * copies, an empty article, two articles of one id, names of odd bytes
 */
void posts_small(struct facts *f);
/* options under which those make a corpus of about 20 KB */
extern const struct sheaf_write_options posts_small_options;
/* @count posts of a few words as one commit */
void posts_many(struct facts *f, uint64_t commit, uint64_t first,
		uint64_t count);
/* number 0 or 1 of two different articles with one id, 512 bytes */
#define POSTS_TWIN_SIZE 512
void posts_twin(unsigned int which, uint64_t pair,
		uint8_t out[POSTS_TWIN_SIZE]);

/* a web archive: a page as it is, in chunks, coded, and again; its length */
enum { POSTS_WARC_SIZE = 4096 };
size_t posts_warc(char file[POSTS_WARC_SIZE]);

#endif
