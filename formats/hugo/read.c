/*
 * read.c - a Hugo post: Markdown with front matter in YAML, TOML or JSON
 *
 * Called through the list in formats/format.c.  A post is cut in two, the
 * values of the front matter (front.c) are put into the fields by the table of
 * keys.c, and what is still missing is looked for in the body: the address of
 * the article in its last line, the outlet in that address.  Nothing in a post
 * is an error; what can't be read is absent, and the first trouble is told.
 */
#include "formats/hugo/hugo.h"

#include <string.h>
#include <strings.h>

#include "base/fail.h"
#include "formats/link.h"

enum front_kind { FRONT_NONE, FRONT_YAML, FRONT_TOML, FRONT_JSON };

struct post {
	const uint8_t *p; /* without byte order mark */
	size_t len;
	enum front_kind front;
	size_t front_len; /* from the opening line, up to the closing one */
	size_t body;	  /* where it begins */
};

static void skip_bom(struct post *post)
{
	if (post->len >= 3 && memcmp(post->p, "\xef\xbb\xbf", 3) == 0) {
		post->p += 3;
		post->len -= 3;
	}
}

/* length of the line at @p with its end, if it is @mark and blanks; else 0 */
static size_t fence_len(const uint8_t *p, size_t len, const char mark[3])
{
	size_t n = 3;

	if (len < 3 || memcmp(p, mark, 3) != 0)
		return 0;
	while (n < len && (p[n] == ' ' || p[n] == '\t' || p[n] == '\r'))
		n++;
	if (n == len)
		return n;
	return p[n] == '\n' ? n + 1 : 0;
}

/* finds the closing line, one of the two; false if there is none */
static bool cut(struct post *post, const char *mark, const char *other)
{
	size_t at = fence_len(post->p, post->len, mark);

	while (at < post->len) {
		const uint8_t *line = &post->p[at];
		size_t left = post->len - at;
		size_t n = fence_len(line, left, mark);
		const uint8_t *nl;

		if (n == 0)
			n = fence_len(line, left, other);
		if (n > 0) {
			post->front_len = at;
			post->body = at + n;
			return true;
		}
		nl = memchr(line, '\n', left);
		if (!nl)
			break;
		at += (size_t)(nl - line) + 1;
	}
	return false;
}

/* a "{" that a key follows, or nothing; templates begin with "{{" and "{%" */
static bool begins_json(const struct post *post)
{
	size_t i = 1;

	if (post->len == 0 || post->p[0] != '{')
		return false;
	while (i < post->len && post->p[i] && strchr(" \t\r\n", post->p[i]))
		i++;
	return i < post->len && (post->p[i] == '"' || post->p[i] == '}');
}

static enum front_kind front_kind(const struct post *post)
{
	if (fence_len(post->p, post->len, "---") > 0)
		return FRONT_YAML;
	if (fence_len(post->p, post->len, "+++") > 0)
		return FRONT_TOML;
	return begins_json(post) ? FRONT_JSON : FRONT_NONE;
}

static bool split_front(struct post *post, enum front_kind kind)
{
	if (kind == FRONT_YAML)
		return cut(post, "---", "...");
	if (kind == FRONT_TOML)
		return cut(post, "+++", "+++");
	post->front_len = hugo_json_len(post->p, post->len);
	post->body = post->front_len;
	return post->front_len > 0;
}

static void split(struct post *post, struct format_warning *warning)
{
	enum front_kind kind;

	skip_bom(post);
	kind = front_kind(post);
	if (kind == FRONT_NONE)
		return;
	if (!split_front(post, kind)) {
		post->front_len = post->body = 0;
		format_warn(warning, "front matter, line 1: no closing %s",
			    kind == FRONT_JSON ? "bracket" : "line");
		return;
	}
	if (post->front_len > HUGO_FRONT_MAX) {
		format_warn(warning, "front matter, line 1: longer than 1 MiB");
		return;
	}
	post->front = kind;
}

static enum sheaf_status put_front(struct fields *f, const struct post *post,
				   struct format_warning *warning)
{
	struct values front = { .keys = hugo_keys, .where = "front matter" };
	enum sheaf_status st;

	if (post->front == FRONT_YAML)
		st = hugo_front_read(&front, post->p, post->front_len, warning);
	else if (post->front == FRONT_TOML)
		st = hugo_toml_read(&front, post->p, post->front_len, warning);
	else
		st = hugo_json_read(&front, post->p, post->front_len, warning);
	if (st == SHEAF_OK)
		st = values_put(&front, f, warning);
	values_done(&front);
	return st;
}

static enum sheaf_status put_body(struct fields *f, const struct post *post)
{
	enum sheaf_status st = SHEAF_OK;
	struct sheaf_str url;

	if (!fields_has(f, FIELD_URL)) {
		url = link_last_line(post->p + post->body,
				     post->len - post->body);
		st = fields_put(f, FIELD_URL, url.p, url.len);
	}
	return st == SHEAF_OK ? values_put_host(f) : st;
}

static enum sheaf_status hugo_parse(struct sheaf_str param, const void *bytes,
				    size_t len, struct fields *fields,
				    struct format_warning *warning,
				    struct sheaf_error *err)
{
	struct post post = { .p = bytes, .len = len };
	enum sheaf_status st = SHEAF_OK;

	(void)param;
	if (len == 0)
		return SHEAF_OK;
	split(&post, warning);
	if (post.front != FRONT_NONE)
		st = put_front(fields, &post, warning);
	if (st == SHEAF_OK)
		st = put_body(fields, &post);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* behind the front matter, without the blank lines there */
static enum sheaf_status hugo_body(struct sheaf_str param, const void *bytes,
				   size_t len, struct buf *buf,
				   struct sheaf_str *out,
				   struct sheaf_error *err)
{
	struct post post = { .p = bytes, .len = len };
	enum front_kind kind;
	size_t at = 0;

	(void)param;
	(void)buf;
	(void)err;
	skip_bom(&post);
	kind = front_kind(&post);
	if (kind != FRONT_NONE && split_front(&post, kind)) {
		at = post.body;
		while (at < post.len &&
		       (post.p[at] == '\n' || post.p[at] == '\r'))
			at++;
	}
	*out = (struct sheaf_str){ (const char *)post.p + at, post.len - at };
	return SHEAF_OK;
}

static bool ends_in(struct sheaf_str name, const char *ending)
{
	size_t n = strlen(ending);

	return name.len >= n &&
	       strncasecmp(name.p + name.len - n, ending, n) == 0;
}

static bool hugo_guess(struct sheaf_str name, const void *bytes, size_t len)
{
	struct post post = { .p = bytes, .len = len };

	skip_bom(&post);
	return fence_len(post.p, post.len, "---") > 0 ||
	       fence_len(post.p, post.len, "+++") > 0 || ends_in(name, ".md") ||
	       ends_in(name, ".markdown");
}

const struct format format_hugo = {
	.name = "hugo",
	.guess = hugo_guess,
	.parse = hugo_parse,
	.body = hugo_body,
};
