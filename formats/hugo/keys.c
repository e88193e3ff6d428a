/*
 * keys.c - the keys of front matter that count, and what they say
 *
 * One table for YAML, TOML and JSON: only the values of these keys are kept,
 * and the order is the preference.  mapping.md shows the same for people.
 */
#include "formats/hugo/hugo.h"

#include <string.h>

const struct key hugo_keys[] = {
	{ "title", KEY_TITLE },

	{ "date", KEY_DATE },
	{ "publishdate", KEY_DATE },
	{ "pubdate", KEY_DATE },
	{ "published", KEY_DATE },
	{ "publishedat", KEY_DATE },
	{ "publishedon", KEY_DATE },
	{ "publishedtime", KEY_DATE },
	{ "publicationdate", KEY_DATE },
	{ "datepublished", KEY_DATE },
	{ "created", KEY_DATE },
	{ "createdat", KEY_DATE },
	{ "datecreated", KEY_DATE },
	{ "lastmod", KEY_DATE },
	{ "lastmodified", KEY_DATE },
	{ "modified", KEY_DATE },
	{ "modifiedat", KEY_DATE },
	{ "datemodified", KEY_DATE },
	{ "updated", KEY_DATE },
	{ "updatedat", KEY_DATE },
	{ "lastupdated", KEY_DATE },

	{ "lang", KEY_LANG },
	{ "language", KEY_LANG },
	{ "locale", KEY_LANG },

	{ "categories", KEY_CATEGORIES },
	{ "category", KEY_CATEGORIES },
	{ "section", KEY_CATEGORIES },

	{ "tags", KEY_TAGS | KEY_SPLIT },
	{ "tag", KEY_TAGS | KEY_SPLIT },
	{ "keywords", KEY_TAGS | KEY_SPLIT },
	{ "topics", KEY_TAGS },

	{ "sourceurl", KEY_URL },
	{ "originalurl", KEY_URL },
	{ "articleurl", KEY_URL },
	{ "canonicalurl", KEY_URL },
	{ "canonical", KEY_URL },
	{ "originallink", KEY_URL },
	{ "original", KEY_URL },
	{ "sourcelink", KEY_URL },
	{ "externalurl", KEY_URL },
	{ "externallink", KEY_URL },
	{ "permalink", KEY_URL },
	{ "link", KEY_URL },
	{ "url", KEY_URL },
	{ "guid", KEY_URL },

	{ "outlet", KEY_OUTLET },
	{ "source", KEY_OUTLET | KEY_URL | KEY_ORIGIN },
	{ "site", KEY_OUTLET },
	{ "publisher", KEY_OUTLET },
	{ "sourcename", KEY_OUTLET },
	{ "newspaper", KEY_OUTLET },
	{ "sitename", KEY_OUTLET },

	{ NULL, 0 },
};

_Static_assert(sizeof(hugo_keys) / sizeof(hugo_keys[0]) <= VALUES_KEY_COUNT,
	       "struct values has room for every key");

/* "key:" or "key =" at column 0 */
static bool is_key_line(const uint8_t *p, size_t len, char separator)
{
	uint8_t c = len ? p[0] : 0;

	if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '"' &&
	    c != '\'' && c < 0x80)
		return false;
	for (size_t i = 1; i < len && p[i] != '\n'; i++) {
		if (p[i] != (uint8_t)separator)
			continue;
		if (separator == '=' || i + 1 == len ||
		    strchr(" \t\r\n", p[i + 1]))
			return true;
	}
	return false;
}

size_t hugo_key_line(const uint8_t *p, size_t len, size_t at, char separator)
{
	while (at < len) {
		const uint8_t *nl = memchr(&p[at], '\n', len - at);

		if (!nl)
			return len;
		at = (size_t)(nl - p) + 1;
		if (is_key_line(&p[at], len - at, separator))
			return at;
	}
	return len;
}
