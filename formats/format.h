/*
 * format.h - what every reader of articles offers, and the list of them
 *
 * A reader is a leaf: it sees the bytes of one article and fills its fields.
 */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include <sheaf/format.h>

#include "article/fields.h"

/* one line, the first trouble wins; "" for none */
struct format_warning {
	char text[160];
};

struct format {
	const char *name;
	/* does @name, @bytes look like one of ours */
	bool (*guess)(struct sheaf_str name, const void *bytes, size_t len);
	/*
	 * fill @fields (empty on entry); bad input leaves them absent and
	 * sets @warning.  @param is what stands behind the first ':' of the
	 * record's format, as "a=b" in "jsonl:a=b"; empty for most.
	 * Returns SHEAF_OK or SHEAF_NOMEM.
	 */
	enum sheaf_status (*parse)(struct sheaf_str param, const void *bytes,
				   size_t len, struct fields *fields,
				   struct format_warning *warning,
				   struct sheaf_error *err);
};

extern const struct format format_csv;
extern const struct format format_html;
extern const struct format format_hugo;
extern const struct format format_jsonl;
extern const struct format format_text;

/* sets the warning unless there is one */
void format_warn(struct format_warning *warning, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
