/*
 * values.h - what an article's metadata says, by key, on its way to the fields
 *
 * The reader of a format goes through front matter, a JSON object, a row, and
 * adds the values of the keys that its table knows.  values_put() goes through
 * the table from top to bottom then: its order is the preference, not that of
 * the keys in the article.
 */
#ifndef FORMATS_VALUES_H
#define FORMATS_VALUES_H

#include "base/buf.h"
#include "formats/format.h"

enum {
	VALUES_MAX = 4096,	/* under keys that count */
	VALUES_KEY_COUNT = 160, /* lines in a table of keys, at most */
};

/* what a key can say; a set, as one key may say two things */
enum key_says {
	KEY_TITLE = 1 << 0,
	KEY_DATE = 1 << 1,
	KEY_LANG = 1 << 2,
	KEY_CATEGORIES = 1 << 3,
	KEY_TAGS = 1 << 4,
	KEY_OUTLET = 1 << 5,
	KEY_URL = 1 << 6,
	KEY_ORIGIN = 1 << 7, /* a url, unless it is a front page */
	KEY_SPLIT = 1 << 8,  /* a scalar is a list, with commas */
	KEY_TEXT = 1 << 9,   /* the article's text: its last line may be a link
			      */
	KEY_NAME = 1 << 10,  /* what tells it from others of its file */
	KEY_EXACT = 1 << 11, /* the key counts as it is written */
	KEY_GRAPH = 1 << 12, /* of JSON-LD */
};

/* a line of a table, in the order of preference; one with name NULL ends it */
struct key {
	const char *name; /* lower case, without "_", "-" and blanks */
	unsigned int says;
};

/* the index of a key as it is written, or -1 for one that does not count */
int key_find(const struct key *keys, const void *key, size_t len);

/* one scalar under a key that counts */
struct value {
	size_t at, len; /* in text */
	size_t line;	/* in the file, from 1; 0: not known */
	bool in_list;
	size_t next; /* of the same key */
};

/* all zero but for the table is empty */
struct values {
	const struct key *keys;
	/* what warnings begin with, as "front matter"; NULL: the key alone */
	const char *where;
	/* of a dataset: a date may be a number, see when_parse(), and an object
	 * stands for its "name" */
	bool loose;
	struct buf text;
	struct value *value;
	size_t count, cap;
	/* those of a key, linked */
	struct {
		size_t first, last, count;
	} key[VALUES_KEY_COUNT];
};

void values_done(struct values *values); /* frees, leaves it empty */
/*
 * values_add() - one more value of the latest key, copied
 *
 * Of a text (KEY_TEXT) only the link that it ends with is kept.  More than
 * VALUES_MAX are ignored.  False when out of memory.
 */
bool values_add(struct values *values, int key, const void *p, size_t len,
		size_t line, bool in_list);
/* what the key had so far is replaced by what comes */
void values_restart(struct values *values, int key);
/* the text of a value, borrowed */
struct sheaf_str values_text(const struct values *values,
			     const struct value *v);
/* the first value of the first key that says @says; length 0: none */
struct sheaf_str values_first(const struct values *values, unsigned int says);

/*
 * values_put() - fill what the values tell of @fields, and the outlet that
 * follows from the url
 *
 * What is refused is told.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status values_put(const struct values *values, struct fields *fields,
			     struct format_warning *warning);
/* the outlet is the host of the url, where nothing names one */
enum sheaf_status values_put_host(struct fields *fields);

#endif
