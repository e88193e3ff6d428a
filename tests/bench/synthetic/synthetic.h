/*
 * synthetic.h - made-up Hugo posts of about 1 KB: the same for the same seed
 *
 * Words by Zipf's law from a made-up vocabulary, front matter with outlet,
 * url, date, categories, tags, and a closing line that the posts of an outlet
 * share.  Numbered about in the order of their dates, fetched the night after,
 * as a scraper would.  No text of anybody's.
 */
#ifndef BENCH_SYNTHETIC_H
#define BENCH_SYNTHETIC_H

#include <sheaf/sheaf.h>
#include <stdint.h>

#define POST_MAX 4096
#define POST_NAME_MAX 64
#define POST_TAGS 3

struct vocabulary;

struct post {
	char bytes[POST_MAX];
	size_t len;
	char name[POST_NAME_MAX];
	int64_t date, mtime; /* seconds */
	/* slices of bytes */
	struct sheaf_str outlet, url, lang, category, tags[POST_TAGS];
};

struct vocabulary *vocabulary_new(uint64_t seed); /* NULL: out of memory */
void vocabulary_free(struct vocabulary *v);

/* post number @index of those with this vocabulary */
void post_make(struct post *post, const struct vocabulary *v, uint64_t index);

#endif
