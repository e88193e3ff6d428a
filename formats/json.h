/*
 * json.h - one JSON object as values by key
 *
 * Shared by JSON Lines, hugo's JSON front matter and HTML's JSON-LD.  What
 * memory one takes is bounded before it is parsed: jansson makes some 100 bytes
 * of an empty list.
 */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include "formats/values.h"

struct json_t; /* jansson's */

enum { JSON_PARTS_MAX = 65536 }; /* commas, colons, opening brackets */

/* why something is none, or how it is none in parts */
struct json_trouble {
	char text[160]; /* "" for none */
	size_t line;	/* in what was parsed, from 1; 0: not known */
};

/*
 * json_read() - parse @len bytes that are one object, as RFC 8259 has it
 * @out:     the caller's, freed by json_free(); NULL where it is none
 * @trouble: why it is none; or that values are lost, as bytes are no UTF-8
 *
 * Of equal keys the last counts.  Numbers too large for 64 bits are rounded.
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status json_read(struct json_t **out, const void *p, size_t len,
			    struct json_trouble *trouble);
/* the same for any value, not only an object */
enum sheaf_status json_read_any(struct json_t **out, const void *p, size_t len,
				struct json_trouble *trouble);
void json_free(struct json_t *json); /* NULL is fine */

/* those of its members that the table knows; a key with dots that the table
 * has as it is written (KEY_EXACT) leads into objects; SHEAF_OK or SHEAF_NOMEM
 */
enum sheaf_status json_values(const struct json_t *object,
			      struct values *values);

/* the string under @key of an object; length 0 if there is none */
struct sheaf_str json_text(const struct json_t *object, const char *key);
/* the string under the first of @keys that says @says, of an object's own
 * members; false if there is none */
bool json_find(const struct json_t *object, const struct key *keys,
	       unsigned int says, struct sheaf_str *out);
/* does @key of an object stand for this whole number */
bool json_says(const struct json_t *object, const char *key, int64_t number);

#endif
