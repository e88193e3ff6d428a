/*
 * keys.c - the keys of front matter that count, and what they say
 *
 * One table for front.c, which keeps only their values, and for read.c, which
 * goes through it from top to bottom for each field: the order is the
 * preference.  mapping.md shows the same for people.
 */
#include "formats/hugo/hugo.h"

#include <string.h>

const struct hugo_key hugo_keys[] = {
	{ "title", HUGO_TITLE },

	{ "date", HUGO_DATE },
	{ "publishdate", HUGO_DATE },
	{ "pubdate", HUGO_DATE },
	{ "published", HUGO_DATE },
	{ "publishedat", HUGO_DATE },
	{ "publishedon", HUGO_DATE },
	{ "publishedtime", HUGO_DATE },
	{ "publicationdate", HUGO_DATE },
	{ "datepublished", HUGO_DATE },
	{ "created", HUGO_DATE },
	{ "createdat", HUGO_DATE },
	{ "datecreated", HUGO_DATE },
	{ "lastmod", HUGO_DATE },
	{ "lastmodified", HUGO_DATE },
	{ "modified", HUGO_DATE },
	{ "modifiedat", HUGO_DATE },
	{ "datemodified", HUGO_DATE },
	{ "updated", HUGO_DATE },
	{ "updatedat", HUGO_DATE },
	{ "lastupdated", HUGO_DATE },

	{ "lang", HUGO_LANG },
	{ "language", HUGO_LANG },
	{ "locale", HUGO_LANG },

	{ "categories", HUGO_CATEGORIES },
	{ "category", HUGO_CATEGORIES },
	{ "section", HUGO_CATEGORIES },

	{ "tags", HUGO_TAGS | HUGO_SPLIT },
	{ "tag", HUGO_TAGS | HUGO_SPLIT },
	{ "keywords", HUGO_TAGS | HUGO_SPLIT },
	{ "topics", HUGO_TAGS },

	{ "sourceurl", HUGO_URL },
	{ "originalurl", HUGO_URL },
	{ "articleurl", HUGO_URL },
	{ "canonicalurl", HUGO_URL },
	{ "canonical", HUGO_URL },
	{ "originallink", HUGO_URL },
	{ "original", HUGO_URL },
	{ "sourcelink", HUGO_URL },
	{ "externalurl", HUGO_URL },
	{ "externallink", HUGO_URL },
	{ "permalink", HUGO_URL },
	{ "link", HUGO_URL },
	{ "url", HUGO_URL },
	{ "guid", HUGO_URL },

	{ "outlet", HUGO_OUTLET },
	{ "source", HUGO_OUTLET | HUGO_URL | HUGO_ORIGIN },
	{ "site", HUGO_OUTLET },
	{ "publisher", HUGO_OUTLET },
	{ "sourcename", HUGO_OUTLET },
	{ "newspaper", HUGO_OUTLET },
	{ "sitename", HUGO_OUTLET },

	{ NULL, 0 },
};

enum { HUGO_KEY_MAX = 32 }; /* longer keys than ours are not looked at */

_Static_assert(sizeof(hugo_keys) / sizeof(hugo_keys[0]) <= HUGO_KEY_COUNT,
	       "struct hugo_front has room for every key");

int hugo_key_find(const void *key, size_t len)
{
	const char *p = key;
	char name[HUGO_KEY_MAX + 1];
	size_t n = 0;

	if (len > HUGO_KEY_MAX)
		return -1;
	for (size_t i = 0; i < len; i++) {
		char c = p[i];

		if (c == '_' || c == '-' || c == ' ')
			continue;
		name[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	name[n] = '\0';
	for (int i = 0; hugo_keys[i].name; i++) {
		if (strcmp(hugo_keys[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* "key:" at column 0 */
static bool is_key_line(const uint8_t *p, size_t len)
{
	uint8_t c = len ? p[0] : 0;

	if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '"' &&
	    c != '\'' && c < 0x80)
		return false;
	for (size_t i = 1; i < len && p[i] != '\n'; i++) {
		if (p[i] != ':')
			continue;
		if (i + 1 == len || strchr(" \t\r\n", p[i + 1]))
			return true;
	}
	return false;
}

size_t hugo_key_line(const uint8_t *p, size_t len, size_t at)
{
	while (at < len) {
		const uint8_t *nl = memchr(&p[at], '\n', len - at);

		if (!nl)
			return len;
		at = (size_t)(nl - p) + 1;
		if (is_key_line(&p[at], len - at))
			return at;
	}
	return len;
}
