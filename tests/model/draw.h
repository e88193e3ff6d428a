/*
 * draw.h - random input: articles under names, filters, options, torn tails
 *
 * All from one seed: the same seed draws the same things.
 */
#ifndef SHEAF_TESTS_DRAW_H
#define SHEAF_TESTS_DRAW_H

#include "model.h"

enum {
	DRAW_LIST = 8,	 /* values of one condition of a filter */
	DRAW_GLOB = 400, /* bytes of a glob */
};

/* what a batch is like */
enum draw_mood {
	DRAW_MIXED,
	DRAW_BULK,     /* many small new articles */
	DRAW_VERSIONS, /* few names, many versions of each */
};

struct draw {
	uint64_t state;
	const struct model *model;
	enum draw_mood mood;
	uint64_t serial; /* of names and tags */
	/* what an article points into, until the next is drawn */
	uint8_t *bytes;
	size_t len, cap;
	char name[SHEAF_NAME_MAX];
	char text[65536]; /* of the fields */
	size_t text_len;
	struct sheaf_str categories[SHEAF_LIST_MAX], tags[SHEAF_LIST_MAX];
	struct sheaf_fields fields;
	char url[80];
	bool no_collisions;
	/* the corpus file as it was, for articles that hold parts of it */
	const uint8_t *file;
	size_t file_len;
};

struct draw_filter {
	struct sheaf_filter f;
	struct sheaf_str outlets[DRAW_LIST], langs[DRAW_LIST];
	struct sheaf_str categories[DRAW_LIST], tags[DRAW_LIST];
	struct sheaf_str urls[DRAW_LIST];
	char globs[DRAW_LIST][DRAW_GLOB];
	const char *glob_list[DRAW_LIST];
};

uint64_t draw_u64(struct draw *d);
/* 0 .. n - 1; n at least 1 */
size_t draw_below(struct draw *d, size_t n);
/* true once in @n */
bool draw_once_in(struct draw *d, size_t n);
void draw_bytes(struct draw *d, void *p, size_t len);

/* only the bytes, their url and their format's static name */
void draw_story(struct draw *d, const char **format);
/* what is added next; good until the next call */
void draw_article(struct draw *d, struct sheaf_article *out);
void draw_options(struct draw *d, struct sheaf_write_options *out);
/* values mostly of records that there are */
void draw_filter(struct draw *d, struct draw_filter *out);
void draw_done(struct draw *d);

#endif
