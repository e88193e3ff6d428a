/*
 * read.c - a Hugo post: Markdown with YAML front matter between lines of dashes
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

#include "article/date.h"
#include "base/fail.h"
#include "formats/link.h"

/* Go's zero time, which Hugo's templates leave where there is no date */
static const int64_t go_zero = -62135596800;

struct post {
	const uint8_t *p; /* without byte order mark */
	size_t len;
	bool has_front;
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

/* finds the closing line; false if there is none */
static bool cut(struct post *post, const char mark[3])
{
	size_t at = fence_len(post->p, post->len, mark);

	while (at < post->len) {
		const uint8_t *line = &post->p[at];
		size_t left = post->len - at;
		size_t n = fence_len(line, left, mark);
		const uint8_t *nl;

		if (n == 0 && mark[0] == '-')
			n = fence_len(line, left, "...");
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

static void split(struct post *post, struct format_warning *warning)
{
	skip_bom(post);
	if (fence_len(post->p, post->len, "+++") > 0) {
		format_warn(warning, "front matter in TOML is not read");
		return;
	}
	if (fence_len(post->p, post->len, "---") == 0)
		return;
	if (!cut(post, "---")) {
		format_warn(warning, "front matter, line 1: no closing line");
		return;
	}
	if (post->front_len > HUGO_FRONT_MAX) {
		format_warn(warning, "front matter, line 1: longer than 1 MiB");
		return;
	}
	post->has_front = true;
}

/* fields_put(), where a value that is refused is told */
static enum sheaf_status put(struct fields *f, enum field which,
			     struct sheaf_str s, size_t line,
			     struct format_warning *warning)
{
	enum sheaf_status st = fields_put(f, which, s.p, s.len);

	if (st == SHEAF_LIMIT)
		format_warn(warning, "front matter, line %zu: %s", line,
			    s.len > SHEAF_FIELD_MAX ? "value too long" :
						      "list too long");
	else if (st == SHEAF_CORRUPT)
		format_warn(warning, "front matter, line %zu: not text", line);
	return st == SHEAF_NOMEM ? SHEAF_NOMEM : SHEAF_OK;
}

/* the outlet of an address is its host */
static enum sheaf_status put_host(struct fields *f, struct sheaf_str url)
{
	char host[LINK_HOST_MAX];
	size_t len = link_host(url, host);

	return len ? fields_put(f, FIELD_OUTLET, host, len) : SHEAF_OK;
}

/* without a digit it was never meant as one: Jekyll has "published: true" */
static bool has_digit(struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	}
	return false;
}

static void put_date(struct fields *f, struct sheaf_str s, size_t line,
		     struct format_warning *warning)
{
	char shown[64];
	int64_t sec;

	if (sheaf_date_parse(s, &sec)) {
		if (sec != go_zero)
			fields_put_date(f, sec);
	} else if (has_digit(s)) {
		text_escape(shown, sizeof(shown), s.p, s.len);
		format_warn(warning, "front matter, line %zu: not a date: %s",
			    line, shown);
	}
}

/* "a, b" under keys that people write so, where it is no list already */
static enum sheaf_status put_split(struct fields *f, enum field which,
				   struct sheaf_str s, size_t line,
				   struct format_warning *warning)
{
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && s.len > 0) {
		const char *comma = memchr(s.p, ',', s.len);
		size_t n = comma ? (size_t)(comma - s.p) : s.len;

		st = put(f, which, (struct sheaf_str){ s.p, n }, line, warning);
		n += comma ? 1 : 0;
		s = (struct sheaf_str){ s.p + n, s.len - n };
	}
	return st;
}

/* all values of one key into the list @which */
static enum sheaf_status put_list(struct fields *f, enum field which,
				  const struct hugo_front *front, int key,
				  struct format_warning *warning)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < front->key[key].count; i++) {
		const struct hugo_value *v =
			&front->value[front->key[key].first + i];
		struct sheaf_str s = hugo_front_text(front, v);

		if ((hugo_keys[key].says & HUGO_SPLIT) && !v->in_list)
			st = put_split(f, which, s, v->line, warning);
		else
			st = put(f, which, s, v->line, warning);
	}
	return st;
}

/* what the first value of one key says, where nothing better said it before */
static enum sheaf_status put_key(struct fields *f,
				 const struct hugo_front *front, int key,
				 struct format_warning *warning)
{
	unsigned int says = hugo_keys[key].says;
	const struct hugo_value *v = &front->value[front->key[key].first];
	struct sheaf_str s = hugo_front_text(front, v);
	struct sheaf_str url = link_url(s);
	enum sheaf_status st = SHEAF_OK;

	if ((says & HUGO_TITLE) && !fields_has(f, FIELD_TITLE))
		st = put(f, FIELD_TITLE, s, v->line, warning);
	if ((says & HUGO_DATE) && !fields_view(f)->has_date)
		put_date(f, s, v->line, warning);
	if ((says & HUGO_LANG) && !fields_has(f, FIELD_LANG))
		st = put(f, FIELD_LANG, s, v->line, warning);
	if ((says & HUGO_CATEGORIES) && !fields_has(f, FIELD_CATEGORY))
		st = put_list(f, FIELD_CATEGORY, front, key, warning);
	if ((says & HUGO_TAGS) && !fields_has(f, FIELD_TAG))
		st = put_list(f, FIELD_TAG, front, key, warning);
	if ((says & HUGO_OUTLET) && !fields_has(f, FIELD_OUTLET))
		st = url.len ? put_host(f, url) :
			       put(f, FIELD_OUTLET, s, v->line, warning);
	if (st == SHEAF_OK && (says & HUGO_URL) && url.len > 0 &&
	    !fields_has(f, FIELD_URL) &&
	    (!(says & HUGO_ORIGIN) || link_has_path(url)))
		st = put(f, FIELD_URL, url, v->line, warning);
	return st;
}

static enum sheaf_status put_front(struct fields *f, const struct post *post,
				   struct format_warning *warning)
{
	struct hugo_front front = { 0 };
	enum sheaf_status st =
		hugo_front_read(&front, post->p, post->front_len, warning);

	for (int key = 0; st == SHEAF_OK && hugo_keys[key].name; key++) {
		if (front.key[key].count > 0)
			st = put_key(f, &front, key, warning);
	}
	hugo_front_done(&front);
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
	url = fields_view(f)->url;
	if (st == SHEAF_OK && url.len > 0 && !fields_has(f, FIELD_OUTLET))
		st = put_host(f, url);
	return st;
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
	if (post.has_front)
		st = put_front(fields, &post, warning);
	if (st == SHEAF_OK)
		st = put_body(fields, &post);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* behind the front matter, also one in TOML, without the blank lines there */
static enum sheaf_status hugo_body(struct sheaf_str param, const void *bytes,
				   size_t len, struct buf *buf,
				   struct sheaf_str *out,
				   struct sheaf_error *err)
{
	struct post post = { .p = bytes, .len = len };
	const char *mark = "---";
	const uint8_t *end;

	(void)param;
	(void)buf;
	(void)err;
	skip_bom(&post);
	if (fence_len(post.p, post.len, "+++") > 0)
		mark = "+++";
	if (fence_len(post.p, post.len, mark) > 0 && cut(&post, mark)) {
		end = post.p + post.len;
		post.p += post.body;
		while (post.p < end && (*post.p == '\n' || *post.p == '\r'))
			post.p++;
		post.len = (size_t)(end - post.p);
	}
	*out = (struct sheaf_str){ (const char *)post.p, post.len };
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
	return fence_len(post.p, post.len, "---") > 0 || ends_in(name, ".md") ||
	       ends_in(name, ".markdown");
}

const struct format format_hugo = {
	.name = "hugo",
	.guess = hugo_guess,
	.parse = hugo_parse,
	.body = hugo_body,
};
