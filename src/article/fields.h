/*
 * fields.h - the fields of one article, while a format's reader fills them
 */
#ifndef SHEAF_ARTICLE_FIELDS_H
#define SHEAF_ARTICLE_FIELDS_H

#include <sheaf/record.h>

enum field {
	FIELD_TITLE,
	FIELD_OUTLET,
	FIELD_URL,
	FIELD_LANG,
	FIELD_SINGLE_COUNT, /* the fields above hold one value */
	FIELD_CATEGORY = FIELD_SINGLE_COUNT,
	FIELD_TAG,
};

struct fields;

struct fields *fields_new(void);     /* NULL when out of memory */
void fields_free(struct fields *f);  /* takes NULL */
void fields_clear(struct fields *f); /* empty, keeps the memory */

/*
 * fields_put() - set a single field (again: replaces), or add a category or tag
 *
 * The value is copied; white space around it is dropped; an empty one is
 * ignored, so is an equal one in a list.  Longer than SHEAF_FIELD_MAX, more
 * than SHEAF_LIST_MAX, or anything but well-formed UTF-8 without a NUL:
 * ignored, and the result says so.  Returns SHEAF_OK, SHEAF_LIMIT,
 * SHEAF_CORRUPT (no such text) or SHEAF_NOMEM.
 */
enum sheaf_status fields_put(struct fields *f, enum field which,
			     const void *value, size_t len);
void fields_put_date(struct fields *f, int64_t sec);
bool fields_has(const struct fields *f, enum field which);

/* borrowed until the next change */
const struct sheaf_fields *fields_view(struct fields *f);

#endif
