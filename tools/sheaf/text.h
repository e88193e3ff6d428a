/*
 * text.h - values as text for people: escaped bytes, numbers, sizes, times
 */
#ifndef SHEAF_TOOL_TEXT_H
#define SHEAF_TOOL_TEXT_H

#include <stdio.h>

#include <sheaf/record.h>

/* room for any of the texts below */
enum { TEXT_SIZE = 40 };

enum text_escape {
	TEXT_MESSAGE, /* for people: backslashes stay single */
	TEXT_EXACT,   /* can be turned back: a backslash becomes two */
};

/* a NUL-terminated string as one with a length */
struct sheaf_str text_str(const char *s);

/*
 * text_rune() - the length of the character at @s, which is not empty
 *
 * 1 to 4 for a character of well-formed UTF-8, *@point its code point; 0 if
 * the first byte begins none.
 */
size_t text_rune(struct sheaf_str s, uint32_t *point);
bool text_is_utf8(struct sheaf_str s);
/* a character that commands a terminal or turns a line round */
bool text_is_unsafe(uint32_t point);

/*
 * text_write() - @s as one printable line
 *
 * Bytes that are no well-formed UTF-8, and those of unsafe characters, become
 * \xHH, as in the texts of the library.
 */
void text_write(FILE *f, struct sheaf_str s, enum text_escape how);

/* "1,204" */
const char *text_number(char out[TEXT_SIZE], uint64_t n);
/* "1 file", "1,204 files": @one is the singular, its plural adds "s" */
const char *text_count(char out[TEXT_SIZE], uint64_t n, const char *one);
/* "84.2 KB": of 1,000 bytes, "912 bytes" below that */
const char *text_bytes(char out[TEXT_SIZE], uint64_t n);
/* "2025-02-14T02:46:13Z"; "@SECONDS" outside of the years 0 to 9999 */
const char *text_time(char out[TEXT_SIZE], int64_t sec);
/* the same with nine digits of a second where they are not 0 */
const char *text_time_exact(char out[TEXT_SIZE], struct sheaf_time t);
/* "2025-02-14" */
const char *text_day(char out[TEXT_SIZE], int64_t sec);
/* "1:02:03" or "02:03" */
const char *text_span(char out[TEXT_SIZE], uint64_t sec);

/* two lower-case digits a byte, and a NUL; @out has room for 2 * len + 1 */
void text_hex(char *out, const void *p, size_t len);

/* "@SECONDS", or as sheaf_date_parse(); false for anything else */
bool text_read_time(const char *text, int64_t *sec);

#endif
