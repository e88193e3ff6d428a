/*
 * jsonl.h - what the files of the JSON Lines reader share
 *
 * read.c goes through a file line by line and reads the fields of one line;
 * own.c knows the lines that sheaf itself wrote.  mapping.md is the document to
 * both.
 */
#ifndef FORMATS_JSONL_JSONL_H
#define FORMATS_JSONL_JSONL_H

#include "formats/container.h"

struct json_t;

/* an article that an export wrote; all zero: none */
struct jsonl_own {
	struct buf bytes, name; /* those that stood in base64 */
	struct buf format;
	struct container_item item;
};

void jsonl_own_done(struct jsonl_own *own);
/* does @p begin as lines of an export do */
bool jsonl_own_begins(const uint8_t *p, size_t len);
/*
 * jsonl_own_read() - the article that an export made this line of
 * @own: owns what item refers to, besides @object
 * @yes: it is one: "sheaf" is 1, and the id is that of the text
 *
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status jsonl_own_read(struct jsonl_own *own,
				 const struct json_t *object, bool *yes);

#endif
