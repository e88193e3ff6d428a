/*
 * format.h - what every reader of articles offers, and the list of them
 *
 * A reader is a leaf: it sees the bytes of one article and fills its fields.
 */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include <sheaf/format.h>

#include "article/fields.h"
#include "base/buf.h"

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
	/*
	 * the text without what stands around it, such as front matter:
	 * borrowed from @bytes, or written to @buf, which is empty.  NULL: all
	 * of it is text.  Returns SHEAF_OK or SHEAF_NOMEM.
	 */
	enum sheaf_status (*body)(struct sheaf_str param, const void *bytes,
				  size_t len, struct buf *buf,
				  struct sheaf_str *out,
				  struct sheaf_error *err);
};

/*
 * format_body() - the text of an article of the record's @format
 * @buf: emptied; may own what *out points to
 */
enum sheaf_status format_body(struct sheaf_str format, const void *bytes,
			      size_t len, struct buf *buf,
			      struct sheaf_str *out, struct sheaf_error *err);

extern const struct format format_csv;
extern const struct format format_html;
extern const struct format format_hugo;
extern const struct format format_jsonl;
extern const struct format format_text;

/* sets the warning unless there is one */
void format_warn(struct format_warning *warning, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
