/*
 * take.c - does a filter take a record
 *
 * Cheap conditions first: only a url costs a read of the article, whose
 * format's reader is asked through the public interface.
 */
#include "read/take.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "read/get.h"

static bool str_equal(struct sheaf_str a, struct sheaf_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool str_starts(struct sheaf_str s, struct sheaf_str start)
{
	return s.len >= start.len &&
	       (start.len == 0 || memcmp(s.p, start.p, start.len) == 0);
}

static bool any_equal(const struct sheaf_str *wanted, size_t count,
		      const struct sheaf_str *have, size_t have_count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < have_count; k++)
			if (str_equal(wanted[i], have[k]))
				return true;
	return count == 0;
}

/* "en" takes "en", "en-GB" and "en_GB" */
static bool any_lang(const struct sheaf_filter *f, struct sheaf_str lang)
{
	for (size_t i = 0; i < f->lang_count; i++) {
		size_t len = f->langs[i].len;

		if (str_equal(f->langs[i], lang))
			return true;
		if (str_starts(lang, f->langs[i]) && lang.len > len &&
		    (lang.p[len] == '-' || lang.p[len] == '_'))
			return true;
	}
	return f->lang_count == 0;
}

static bool in_time(const struct sheaf_filter *f, const struct sheaf_record *r)
{
	int64_t when = r->fields.has_date ? r->fields.date : r->mtime.sec;

	return (!f->has_since || when >= f->since) &&
	       (!f->has_until || when < f->until);
}

static enum sheaf_status any_glob(const struct sheaf_filter *f,
				  struct sheaf_str name, bool *out,
				  struct sheaf_error *err)
{
	char *text;

	*out = f->name_glob_count == 0;
	if (*out)
		return SHEAF_OK;
	text = strndup(name.p, name.len);
	if (text == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < f->name_glob_count && !*out; i++)
		*out = fnmatch(f->name_globs[i], text, 0) == 0;
	free(text);
	return SHEAF_OK;
}

enum sheaf_status take_url(struct sheaf_corpus *c, const struct sheaf_record *r,
			   struct sheaf_bytes *scratch,
			   struct sheaf_parsed *parsed, struct sheaf_str *url,
			   struct sheaf_error *err)
{
	uint8_t id[SHEAF_ID_SIZE];
	enum sheaf_status st;

	st = get_article(c, r->place, scratch, id, err);
	if (st == SHEAF_OK)
		st = sheaf_format_parse(r->format, scratch->p, scratch->len,
					parsed, err);
	if (st == SHEAF_OK)
		*url = sheaf_parsed_fields(parsed)->url;
	return st;
}

/* a page of a web archive is called by its address, whether it names it or not
 */
static bool is_address(struct sheaf_str name)
{
	return str_starts(name, (struct sheaf_str){ "http://", 7 }) ||
	       str_starts(name, (struct sheaf_str){ "https://", 8 });
}

static enum sheaf_status any_url(struct sheaf_corpus *c,
				 const struct sheaf_filter *f,
				 const struct sheaf_record *r,
				 struct sheaf_bytes *scratch, bool *out,
				 struct sheaf_error *err)
{
	struct sheaf_parsed *parsed;
	struct sheaf_str url;
	enum sheaf_status st;

	*out = f->url_prefix_count == 0;
	if (*out)
		return SHEAF_OK;
	parsed = sheaf_parsed_new();
	if (parsed == NULL)
		return fail_nomem(err);
	st = take_url(c, r, scratch, parsed, &url, err);
	if (st == SHEAF_OK && url.len == 0 && is_address(r->name))
		url = r->name;
	for (size_t i = 0; st == SHEAF_OK && i < f->url_prefix_count; i++)
		if (url.len != 0 && str_starts(url, f->url_prefixes[i]))
			*out = true;
	sheaf_parsed_free(parsed);
	return st;
}

/* without what stands behind a ':' */
static bool any_format(const struct sheaf_filter *f, struct sheaf_str format)
{
	const char *colon =
		format.len != 0 ? memchr(format.p, ':', format.len) : NULL;

	if (colon != NULL)
		format.len = (size_t)(colon - format.p);
	if (f->format_count != 0)
		return any_equal(f->formats, f->format_count, &format, 1);
	return f->hidden || !sheaf_format_hides(format);
}

enum sheaf_status take_record(struct sheaf_corpus *c,
			      const struct sheaf_filter *f,
			      const struct sheaf_record *r,
			      struct sheaf_bytes *scratch, bool *out,
			      struct sheaf_error *err)
{
	const struct sheaf_fields *has = &r->fields;
	enum sheaf_status st;

	*out = in_time(f, r) && any_format(f, r->format) &&
	       any_equal(f->outlets, f->outlet_count, &has->outlet, 1) &&
	       any_lang(f, has->lang) &&
	       any_equal(f->categories, f->category_count, has->categories,
			 has->category_count) &&
	       any_equal(f->tags, f->tag_count, has->tags, has->tag_count);
	if (!*out)
		return SHEAF_OK;
	st = any_glob(f, r->name, out, err);
	if (st == SHEAF_OK && *out)
		st = any_url(c, f, r, scratch, out, err);
	return st;
}
