/*
 * fuzz_text.c - any bytes as bare text
 *
 * Title, url and outlet are UTF-8 without a NUL, within their limits, and
 * there is nothing else; any bytes are text, so there is never a warning.
 */
#include <stdlib.h>
#include <string.h>

#include <sheaf/format.h>

#include "article/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void need(int holds)
{
	if (!holds)
		abort();
}

static void str_check(struct sheaf_str s, size_t max)
{
	need(s.len <= max && utf8_valid(s.p, s.len));
	need(s.len == 0 || !memchr(s.p, '\0', s.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	const struct sheaf_fields *f;

	need(parsed != NULL);
	need(sheaf_format_parse((struct sheaf_str){ "text", 4 }, p, len, parsed,
				NULL) == SHEAF_OK);
	f = sheaf_parsed_fields(parsed);
	str_check(f->title, 200);
	str_check(f->url, SHEAF_FIELD_MAX);
	str_check(f->outlet, 253);
	need(f->outlet.len == 0 || f->url.len > 0);
	need(f->lang.len == 0 && !f->has_date);
	need(f->category_count == 0 && f->tag_count == 0);
	need(!sheaf_parsed_warning(parsed));
	sheaf_parsed_free(parsed);
	return 0;
}
