/*
 * parsed.h - an article parsed, and its fields held against what is expected
 */
#ifndef SHEAF_TESTS_PARSED_H
#define SHEAF_TESTS_PARSED_H

#include <string.h>

#include <sheaf/format.h>

#include "harness.h"

static struct sheaf_parsed *parsed;

static inline const struct sheaf_fields *parse_bytes(const char *format,
						     const void *p, size_t len)
{
	enum sheaf_status st =
		sheaf_format_parse((struct sheaf_str){ format, strlen(format) },
				   p, len, parsed, NULL);

	CHECK(st == SHEAF_OK);
	return sheaf_parsed_fields(parsed);
}

static inline const struct sheaf_fields *parse(const char *format,
					       const char *text)
{
	return parse_bytes(format, text, strlen(text));
}

static inline bool is(struct sheaf_str s, const char *expected)
{
	bool same = s.len == strlen(expected) &&
		    (s.len == 0 || memcmp(s.p, expected, s.len) == 0);

	if (!same)
		printf("  got \"%.*s\", not \"%s\"\n", (int)s.len,
		       s.len ? s.p : "", expected);
	return same;
}

/* the list, with "|" between */
static inline bool are(const struct sheaf_str *list, size_t count,
		       const char *expected)
{
	char all[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < count && n < sizeof(all) - 256; i++)
		n += (size_t)snprintf(all + n, 256, "%s%.*s", i ? "|" : "",
				      (int)list[i].len, list[i].p);
	return is((struct sheaf_str){ all, n }, expected);
}

/* the warning of the latest parse; NULL: none */
static inline bool warned(const char *expected)
{
	const char *w = sheaf_parsed_warning(parsed);

	if (w && expected && strcmp(w, expected) == 0)
		return true;
	if (!w && !expected)
		return true;
	printf("  warning: %s\n", w ? w : "none");
	return false;
}

static inline const char *guess(const char *name, const char *text)
{
	return sheaf_format_guess((struct sheaf_str){ name, strlen(name) },
				  text, strlen(text));
}

static inline int parsed_main(int argc, char **argv,
			      const struct harness_test *tests, size_t count)
{
	int failed;

	parsed = sheaf_parsed_new();
	failed = harness_main(argc, argv, tests, count);
	sheaf_parsed_free(parsed);
	return failed;
}

#endif
