/*
 * utf8.h - well-formed UTF-8, as RFC 3629 has it
 */
#ifndef SHEAF_ARTICLE_UTF8_H
#define SHEAF_ARTICLE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * utf8_get() - the character that @p begins with
 * @left: bytes at @p
 * @cp:   its code point; untouched if there is none
 *
 * Returns its length, 1 to 4; 0 if nothing is left or the bytes are no
 * character: overlong forms, surrogates and what lies above U+10FFFF are none.
 */
size_t utf8_get(const uint8_t *p, size_t left, uint32_t *cp);

/* are all @len bytes well-formed */
bool utf8_valid(const void *p, size_t len);

/* @p at the end of @out, with @mark in place of each byte that belongs to no
 * character; out->bad: no memory */
void utf8_mend(struct buf *out, const void *p, size_t len, const char *mark);

#endif
