/*
 * sheaf/filter.h - which records a listing, extraction or export takes
 */
#ifndef SHEAF_FILTER_H
#define SHEAF_FILTER_H

#include <sheaf/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All zero takes the latest version of every name.  Different conditions must
 * all hold; of several values in one list one must match.  Strings are compared
 * byte for byte; lang also matches by its primary part ("en" takes "en-GB").
 * (Where a filter may be NULL, that takes the latest versions too, hidden ones
 * among them.)
 */
struct sheaf_filter {
	bool has_since, has_until;
	int64_t since; /* seconds; fields.date, where absent mtime, >= since */
	int64_t until; /* the same, < until */
	const struct sheaf_str *outlets;
	size_t outlet_count;
	const struct sheaf_str *langs;
	size_t lang_count;
	const struct sheaf_str *categories;
	size_t category_count;
	const struct sheaf_str *tags;
	size_t tag_count;
	const char *const
		*name_globs; /* fnmatch(3) without flags, on the name */
	size_t name_glob_count;
	/* costs a read of each article; one without a url has its name's, if
	 * that begins with http:// or https:// */
	const struct sheaf_str *url_prefixes;
	size_t url_prefix_count;
	bool all_versions; /* not only the latest of each name */
	/* a record's format up to its first ':'; with none given, all but those
	 * that begin with '.': what a container's reader keeps beside the
	 * articles so that the container can be written again */
	const struct sheaf_str *formats;
	size_t format_count;
	bool hidden; /* those that begin with '.' too */
};

#ifdef __cplusplus
}
#endif

#endif
