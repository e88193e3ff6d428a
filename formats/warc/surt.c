/*
 * surt.c - the key of an address in an index of a WARC
 *
 * The host backwards, so that a site's pages stand together.  As the tools that
 * look it up do it: no "www.", all in lower case, no port where it is the
 * usual one, the parts of the query in order.
 */
#include "formats/warc/write.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARTS_MAX = 64 }; /* of a query; more keep their order */

static void lower_put(struct buf *out, struct sheaf_str s)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if (c > ' ' && c != 0x7f) {
			buf_u8(out, c);
			continue;
		}
		buf_u8(out, '%'); /* would end the key, or the line */
		buf_u8(out, (uint8_t)hex[c >> 4]);
		buf_u8(out, (uint8_t)hex[c & 15]);
	}
}

/* cuts @s off at the first @c; what stands behind it, or none */
static struct sheaf_str cut(struct sheaf_str *s, char c)
{
	const char *at = s->len ? memchr(s->p, c, s->len) : NULL;
	struct sheaf_str rest = { NULL, 0 };

	if (!at)
		return rest;
	rest = (struct sheaf_str){ at + 1, (size_t)(s->p + s->len - at) - 1 };
	s->len = (size_t)(at - s->p);
	return rest;
}

static void host_put(struct buf *out, struct sheaf_str host)
{
	size_t n = 3;

	if (host.len > 4 &&
	    warc_str_is((struct sheaf_str){ host.p, 3 }, "www")) {
		while (n < host.len && host.p[n] >= '0' && host.p[n] <= '9')
			n++;
		if (n + 1 < host.len && host.p[n] == '.')
			host = (struct sheaf_str){ host.p + n + 1,
						   host.len - n - 1 };
	}
	while (host.len != 0) {
		const char *dot = memrchr(host.p, '.', host.len);
		size_t from = dot ? (size_t)(dot - host.p) + 1 : 0;

		lower_put(out,
			  (struct sheaf_str){ host.p + from, host.len - from });
		host.len = from != 0 ? from - 1 : 0;
		if (host.len != 0)
			buf_u8(out, ',');
	}
}

static int part_compare(const void *a, const void *b)
{
	const struct sheaf_str *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int order = n ? strncasecmp(x->p, y->p, n) : 0;

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void query_put(struct buf *out, struct sheaf_str query)
{
	struct sheaf_str parts[PARTS_MAX];
	size_t count = 0;
	struct sheaf_str rest = query;

	buf_u8(out, '?');
	while (rest.p && count < PARTS_MAX) {
		parts[count] = rest;
		rest = cut(&parts[count++], '&');
	}
	if (rest.p) {
		lower_put(out, query);
		return;
	}
	qsort(parts, count, sizeof(parts[0]), part_compare);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_u8(out, '&');
		lower_put(out, parts[i]);
	}
}

void warc_surt(struct buf *out, struct sheaf_str url)
{
	size_t skip = 0;
	struct sheaf_str host, rest, query, port;
	const char *at;

	if (url.len >= 7 &&
	    warc_str_is((struct sheaf_str){ url.p, 7 }, "http://"))
		skip = 7;
	else if (url.len >= 8 &&
		 warc_str_is((struct sheaf_str){ url.p, 8 }, "https://"))
		skip = 8;
	if (skip == 0) {
		lower_put(out, url);
		return;
	}
	host = (struct sheaf_str){ url.p + skip, url.len - skip };
	cut(&host, '#');
	query = cut(&host, '?');
	rest = cut(&host, '/');
	at = host.len ? memrchr(host.p, '@', host.len) : NULL;
	if (at)
		host = (struct sheaf_str){
			at + 1, (size_t)(host.p + host.len - at) - 1
		};
	port = cut(&host, ':');
	host_put(out, host);
	if (port.len != 0 && !(skip == 7 && warc_str_is(port, "80")) &&
	    !(skip == 8 && warc_str_is(port, "443"))) {
		buf_u8(out, ':');
		lower_put(out, port);
	}
	buf_bytes(out, ")/", 2);
	lower_put(out, rest);
	if (query.len != 0)
		query_put(out, query);
}
