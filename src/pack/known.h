/*
 * known.h - what the corpus holds already: an article's bytes, a name's newest
 * record
 */
#ifndef SHEAF_PACK_KNOWN_H
#define SHEAF_PACK_KNOWN_H

#include "read/corpus.h"

/* an article that is looked for: its id, under some seed, and its bytes */
struct wanted {
	const uint8_t *id;
	const void *bytes;
	size_t len;
};

/* what a stored article is to it */
enum likeness {
	LIKENESS_NONE,
	LIKENESS_SAME,	   /* these very bytes */
	LIKENESS_COLLIDES, /* other bytes, under this id */
};

/* @seed: that of the stored article */
enum likeness known_likeness(const struct wanted *w, const void *bytes,
			     size_t len, uint32_t seed);

struct known_article {
	bool found;		  /* these very bytes are stored */
	bool collides;		  /* other bytes are, under this id */
	struct sheaf_place place; /* if found */
};

/* look for an article, comparing byte for byte */
enum sheaf_status known_article(struct sheaf_corpus *old,
				const struct wanted *w,
				struct known_article *out,
				struct sheaf_error *err);

/* which articles of the corpus are gone */
struct known_gone {
	const struct removed *now; /* those to be in force */
	bool changed;		   /* they are not those of the corpus */
};

struct known_name {
	bool is_spelled;
	struct record_ref origin;  /* if so, where */
	struct sheaf_place newest; /* of the newest record's article */
	bool found;
	struct sheaf_place place; /* if so, of the newest that is not gone */
};

enum sheaf_status known_name(struct sheaf_corpus *old, struct sheaf_str name,
			     const struct known_gone *gone,
			     struct known_name *out, struct sheaf_error *err);

/*
 * The article of the newest record that seems to have this url. Not checked:
 * the url itself is in the article only, and who asks tries what he got.
 */
enum sheaf_status known_url(struct sheaf_corpus *old, struct sheaf_str url,
			    bool *found, struct sheaf_place *place,
			    struct sheaf_error *err);

#endif
