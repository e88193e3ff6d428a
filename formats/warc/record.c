/*
 * record.c - the head of a WARC record
 *
 * WARC/0.17 to 1.1 write it alike: a version line, named fields, an empty line.
 * Lines that end in a bare line feed are taken too, as are folded ones.  What
 * is borrowed points into the head.
 */
#include "formats/warc/warc.h"

#include <string.h>

#include "article/date.h"
#include "article/scan.h"

static const char *const type_names[WARC_TYPES] = {
	[WARC_RESPONSE] = "response",	  [WARC_RESOURCE] = "resource",
	[WARC_REVISIT] = "revisit",	  [WARC_REQUEST] = "request",
	[WARC_METADATA] = "metadata",	  [WARC_WARCINFO] = "warcinfo",
	[WARC_CONVERSION] = "conversion", [WARC_CONTINUATION] = "continuation",
	[WARC_OTHER] = "unknown",
};

const char *warc_type_name(enum warc_type type)
{
	return type_names[type];
}

size_t warc_head_len(const void *p, size_t len)
{
	const char *at = p, *end = at + len;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (!nl)
			return 0;
		at = nl + 1;
		if (at < end && *at == '\n')
			return (size_t)(at + 1 - (const char *)p);
		if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
			return (size_t)(at + 2 - (const char *)p);
	}
	return 0;
}

static enum warc_type type_of(struct sheaf_str s)
{
	for (enum warc_type t = 0; t < WARC_OTHER; t++) {
		if (warc_str_is(s, type_names[t]))
			return t;
	}
	return WARC_OTHER;
}

/* only digits, and no more than fit */
static bool length_parse(struct sheaf_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 18)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!scan_is_digit(s.p[i]))
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = v;
	return true;
}

/* "<http://a/>" as some versions of wget wrote it */
static struct sheaf_str uri_of(struct sheaf_str s)
{
	if (s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		return (struct sheaf_str){ s.p + 1, s.len - 2 };
	return s;
}

/* the first of each name counts; false: a second length that is another */
static bool field_take(struct warc_record *r, struct sheaf_str name,
		       struct sheaf_str value)
{
	const struct {
		const char *name;
		struct sheaf_str *to;
	} plain[] = {
		{ "WARC-Record-ID", &r->record_id },
		{ "WARC-Target-URI", &r->target },
		{ "WARC-Date", &r->date },
		{ "Content-Type", &r->content_type },
		{ "WARC-Payload-Digest", &r->payload_digest },
		{ "WARC-Refers-To-Target-URI", &r->refers_target },
		{ "Sheaf-Name", &r->sheaf_name },
		{ "Sheaf-Format", &r->sheaf_format },
		{ "Sheaf-Time", &r->sheaf_time },
	};
	uint64_t length;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (!warc_str_is(name, plain[i].name))
			continue;
		if (plain[i].to->len == 0)
			*plain[i].to = value;
		return true;
	}
	if (warc_str_is(name, "WARC-Type") && !r->has_type) {
		r->type = type_of(value);
		r->has_type = true;
	} else if (warc_str_is(name, "Content-Length")) {
		if (!length_parse(value, &length) ||
		    (r->has_length && r->length != length))
			return false;
		r->length = length;
		r->has_length = true;
	}
	return true;
}

/* passes "WARC/1.1" and the end of its line */
static enum sheaf_status version_take(const char **at, const char *end,
				      struct sheaf_error *err)
{
	static const char *const known[] = { "0.17", "0.18", "1.0", "1.1" };
	const char *nl = memchr(*at, '\n', (size_t)(end - *at));
	struct sheaf_str v = { *at + 5, nl ? (size_t)(nl - *at) - 5 : 0 };
	char shown[24];

	v = warc_str_trim(v);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (v.len == strlen(known[i]) &&
		    memcmp(v.p, known[i], v.len) == 0) {
			*at = nl + 1;
			return SHEAF_OK;
		}
	}
	return fail(err, SHEAF_CORRUPT,
		    "WARC/%s is no version that is known (0.17 to 1.1)",
		    text_escape(shown, sizeof(shown), v.p, v.len));
}

enum sheaf_status warc_record_parse(struct warc_record *r, const void *p,
				    size_t len, struct sheaf_error *err)
{
	const char *at = p, *end = at + len;
	struct sheaf_str name, value;
	enum sheaf_status st;

	*r = (struct warc_record){ .type = WARC_OTHER };
	if (len < 6 || memcmp(at, "WARC/", 5) != 0)
		return fail(err, SHEAF_CORRUPT, "no WARC record");
	st = version_take(&at, end, err);
	if (st != SHEAF_OK)
		return st;
	while (warc_line_take(&at, end, &name, &value)) {
		if (!field_take(r, name, value))
			return fail(err, SHEAF_CORRUPT,
				    "its Content-Length is no length");
	}
	r->target = uri_of(r->target);
	r->refers_target = uri_of(r->refers_target);
	if (!r->has_length)
		return fail(err, SHEAF_CORRUPT, "it has no Content-Length");
	return SHEAF_OK;
}

bool warc_date_parse(struct sheaf_str s, struct sheaf_time *out)
{
	const char *dot = s.len ? memchr(s.p, '.', s.len) : NULL;
	uint32_t nsec = 0, unit = 100000000;
	int64_t sec;

	if (!sheaf_date_parse(s, &sec))
		return false;
	for (size_t i = dot ? (size_t)(dot - s.p) + 1 : s.len;
	     i < s.len && scan_is_digit(s.p[i]); i++, unit /= 10)
		nsec += unit * (uint32_t)(s.p[i] - '0');
	*out = (struct sheaf_time){ sec, nsec };
	return true;
}
