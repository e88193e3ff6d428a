/*
 * hugo.h - what the files of the Hugo reader share
 *
 * read.c cuts a post into front matter and body and fills the fields; front.c
 * takes the values out of the YAML, values.c keeps them; clean.c makes bytes
 * fit for it; keys.c knows which keys count.  mapping.md is the document to all
 * of it.
 */
#ifndef FORMATS_HUGO_HUGO_H
#define FORMATS_HUGO_HUGO_H

#include "base/buf.h"
#include "formats/format.h"

enum {
	HUGO_FRONT_MAX =
		1 << 20,	/* bytes of front matter; longer is not read */
	HUGO_DEPTH_MAX = 64,	/* levels of lists and mappings */
	HUGO_VALUES_MAX = 4096, /* scalars under keys that count */
	HUGO_RESUME_MAX = 8,	/* YAML errors that reading goes on after */
	HUGO_KEY_COUNT = 64,	/* lines in the table of keys, at most */
};

/* what a key can say; a set, as one key may say two things */
enum hugo_says {
	HUGO_TITLE = 1 << 0,
	HUGO_DATE = 1 << 1,
	HUGO_LANG = 1 << 2,
	HUGO_CATEGORIES = 1 << 3,
	HUGO_TAGS = 1 << 4,
	HUGO_OUTLET = 1 << 5,
	HUGO_URL = 1 << 6,
	HUGO_ORIGIN = 1 << 7, /* a url, unless it is a front page */
	HUGO_SPLIT = 1 << 8,  /* a scalar is a list, with commas */
};

/* the table, in the order of preference; one with name NULL ends it */
struct hugo_key {
	const char *name; /* lower case, without "_", "-" and blanks */
	unsigned int says;
};

extern const struct hugo_key hugo_keys[];

/* the index of a key as it is written, or -1 for one that does not count */
int hugo_key_find(const void *key, size_t len);

/* where the next line behind @at begins that looks like a key; @len if none
 * does
 */
size_t hugo_key_line(const uint8_t *p, size_t len, size_t at);

/* one scalar under a key that counts */
struct hugo_value {
	size_t at, len; /* in text */
	size_t line;	/* in the file, from 1 */
	bool in_list;
};

/* the values of one front matter; all zero is empty */
struct hugo_front {
	struct buf text;
	struct hugo_value *value;
	size_t count, cap;
	/* those of a key: a run, as the last of two equal keys wins */
	struct {
		size_t first, count;
	} key[HUGO_KEY_COUNT];
};

void hugo_front_done(struct hugo_front *front);
/* one more value of the latest key; false when out of memory */
bool hugo_front_add(struct hugo_front *front, int key, const void *p,
		    size_t len, size_t line, bool in_list);
/* the text of a value, borrowed */
struct sheaf_str hugo_front_text(const struct hugo_front *front,
				 const struct hugo_value *v);

/*
 * hugo_front_read() - the values in @len bytes of YAML
 * @p: from the opening line of dashes, so that it is line 1, to the closing
 *     one, without it
 *
 * After a mistake in the YAML it goes on with the next line that looks like a
 * key.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status hugo_front_read(struct hugo_front *front, const uint8_t *p,
				  size_t len, struct format_warning *warning);

/*
 * hugo_clean() - replace what YAML does not allow
 *
 * Bytes that are no UTF-8 and control characters become HUGO_DIRT; @out stays
 * empty if there are none.  Lines stay lines.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status hugo_clean(struct buf *out, const uint8_t *p, size_t len,
			     struct format_warning *warning);

/* U+FDD0, no character for ever: a value that holds one is not read */
#define HUGO_DIRT "\xef\xb7\x90"
#define HUGO_DIRT_LEN 3

#endif
