/*
 * json.h - write JSON, a value at a time
 *
 * Strings are any bytes: what is no well-formed UTF-8 is replaced by U+FFFD,
 * and a second member "KEY_hex" has the exact bytes, so the output is always
 * valid JSON and nothing is lost.
 */
#ifndef SHEAF_TOOL_JSON_H
#define SHEAF_TOOL_JSON_H

#include <stdio.h>

#include <sheaf/record.h>

struct json {
	FILE *f;
	bool comma; /* a value stands before, in this object or array */
};

/* @key is NULL at the top and within arrays, for all of these */
void json_open(struct json *j, const char *key, char bracket); /* { or [ */
void json_close(struct json *j, char bracket);		       /* } or ] */
/* close the outermost object and end the line */
void json_end(struct json *j);

void json_str(struct json *j, const char *key, struct sheaf_str value);
void json_text(struct json *j, const char *key, const char *value);
/* "KEY": [...], and "KEY_hex": [...] where one of them is not UTF-8 */
void json_list(struct json *j, const char *key, const struct sheaf_str *values,
	       size_t count);
void json_hex(struct json *j, const char *key, const void *p, size_t len);
void json_number(struct json *j, const char *key, uint64_t value);
void json_real(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
