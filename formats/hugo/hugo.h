/*
 * hugo.h - what the files of the Hugo reader share
 *
 * read.c cuts a post into front matter and body and fills the fields; front.c
 * takes the values out of YAML, toml.c out of TOML, json.c out of JSON; clean.c
 * makes bytes fit for them; keys.c knows which keys count.  mapping.md is the
 * document to all of it.
 */
#ifndef FORMATS_HUGO_HUGO_H
#define FORMATS_HUGO_HUGO_H

#include "base/buf.h"
#include "formats/values.h"

enum {
	HUGO_FRONT_MAX =
		1 << 20,     /* bytes of front matter; longer is not read */
	HUGO_DEPTH_MAX = 64, /* levels of lists and mappings */
	HUGO_RESUME_MAX = 8, /* mistakes that reading goes on after */
};

/* the table, in the order of preference */
extern const struct key hugo_keys[];

/* where the next line behind @at begins that looks like a key, which
 * @separator follows; @len if none does */
size_t hugo_key_line(const uint8_t *p, size_t len, size_t at, char separator);

/*
 * hugo_front_read() - the values in @len bytes of YAML
 * @p: from the opening line of dashes, so that it is line 1, to the closing
 *     one, without it
 *
 * After a mistake in the YAML it goes on with the next line that looks like a
 * key.  Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status hugo_front_read(struct values *front, const uint8_t *p,
				  size_t len, struct format_warning *warning);

/* the same for TOML, from the opening "+++" to the closing one, without it;
 * what it reads and what not: mapping.md */
enum sheaf_status hugo_toml_read(struct values *front, const uint8_t *p,
				 size_t len, struct format_warning *warning);

/* the length of the JSON object that @p begins with, told by its brackets; 0
 * if it has no end */
size_t hugo_json_len(const uint8_t *p, size_t len);
/* the same for that object */
enum sheaf_status hugo_json_read(struct values *front, const uint8_t *p,
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
