/*
 * sheaf/format.h - read an article's fields by the rules of its format
 */
#ifndef SHEAF_FORMAT_H
#define SHEAF_FORMAT_H

#include <sheaf/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* owns the strings of what was parsed; may be used again and again */
struct sheaf_parsed;

/* NULL when out of memory */
SHEAF_API struct sheaf_parsed *sheaf_parsed_new(void);
SHEAF_API void
sheaf_parsed_free(struct sheaf_parsed *parsed); /* NULL is fine */

/* borrowed from @parsed until it is parsed into again or freed */
SHEAF_API const struct sheaf_fields *
sheaf_parsed_fields(const struct sheaf_parsed *parsed);
/* one line on what could not be read, or NULL when all was well */
SHEAF_API const char *sheaf_parsed_warning(const struct sheaf_parsed *parsed);

/*
 * sheaf_format_guess() - the name of the format that @bytes are read as
 * @name: the article's name; its ending counts
 *
 * A static string: "hugo", "html" or "text", never NULL.
 */
SHEAF_API const char *sheaf_format_guess(struct sheaf_str name,
					 const void *bytes, size_t len);
/* the format's own static name, without parameters, or NULL if there is none
 * of that name */
SHEAF_API const char *sheaf_format_find(struct sheaf_str format);

/* whether records of this format are hidden: all that begin with '.', which a
 * container's reader keeps beside articles to write the container again.  One
 * that belongs to an article is called FORMAT/DIGITS/..., with the first 12
 * digits of its id: the program takes it down with that. */
SHEAF_API bool sheaf_format_hides(struct sheaf_str format);

/*
 * sheaf_format_parse() - fill @parsed from an article
 * @format: a record's, or from one of the two above; an unknown one is read as
 *          "text".  Behind a ':' stand parameters for the reader, as in
 *          "jsonl:text=content"
 *
 * What can't be read is absent, and the warning says so: bad input is no
 * failure.  Thread-safe for different @parsed.
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
SHEAF_API enum sheaf_status sheaf_format_parse(struct sheaf_str format,
					       const void *bytes, size_t len,
					       struct sheaf_parsed *parsed,
					       struct sheaf_error *err);

/*
 * sheaf_date_parse() - the forms of dates that posts and people use
 *
 * "2025-02-14" or "2025/02/14", then 'T' or a blank and "02:46[:13[.5]]", then
 * "Z", "+01:00", "+0100", " +0100", "GMT" or no zone (taken as UTC); and what
 * feeds and Hugo write, "Fri, 14 Feb 2025 02:46:13 +0100", "Feb 14, 2025".
 * Only days that exist, of the years 1 to 9999; 24:00 is refused, second 60 is
 * read as 59, fractions are dropped.
 * Returns false, *sec untouched, for anything else.
 */
SHEAF_API bool sheaf_date_parse(struct sheaf_str text, int64_t *sec);

#ifdef __cplusplus
}
#endif

#endif
