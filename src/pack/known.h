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

/* what is looked for by its id alone */
struct identity {
	bool same; /* it is the one: */
	uint32_t seed;
	size_t len;
	struct buf *bytes; /* filled then, may be bad; NULL: not wanted */
};

/* fills @out if the id of these bytes is @id */
void known_compare(const uint8_t id[SHEAF_ID_SIZE], const void *bytes,
		   size_t len, uint32_t seed, struct identity *out);
/* the article of the corpus that has @id, and where */
enum sheaf_status known_identity(struct sheaf_corpus *old,
				 const uint8_t id[SHEAF_ID_SIZE],
				 struct identity *out,
				 struct sheaf_place *place,
				 struct sheaf_error *err);
/* the id of the article at @place; SHEAF_NOT_FOUND: it was taken down */
enum sheaf_status known_id(struct sheaf_corpus *old, struct sheaf_place place,
			   uint8_t id[SHEAF_ID_SIZE], struct sheaf_error *err);

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

struct known_name {
	bool found;
	struct record_ref origin; /* where the name is spelled */
	struct sheaf_place place; /* of the newest record's article */
};

enum sheaf_status known_name(struct sheaf_corpus *old, struct sheaf_str name,
			     struct known_name *out, struct sheaf_error *err);

/*
 * The article of the newest record that seems to have this url. Not checked:
 * the url itself is in the article only, and who asks tries what he got.
 */
enum sheaf_status known_url(struct sheaf_corpus *old, struct sheaf_str url,
			    bool *found, struct sheaf_place *place,
			    struct sheaf_error *err);

#endif
