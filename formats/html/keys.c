/*
 * keys.c - what tells of a page, in the order of preference
 *
 * "<..." is an element, "ld:..." a member of JSON-LD's article; all others are
 * the name, property, itemprop or http-equiv of a meta tag.  mapping.md shows
 * the same for people.
 */
#include "formats/html/html.h"

#include <string.h>

const struct key html_keys[] = {
	{ "ld:headline", KEY_TITLE | KEY_GRAPH },
	{ "og:title", KEY_TITLE },
	{ "twitter:title", KEY_TITLE },
	{ "<title", KEY_TITLE },

	{ "article:publishedtime", KEY_DATE },
	{ "ld:datepublished", KEY_DATE },
	{ "datepublished", KEY_DATE },
	{ "og:articlepublishedtime", KEY_DATE },
	{ "publishdate", KEY_DATE },
	{ "pubdate", KEY_DATE },
	{ "publicationdate", KEY_DATE },
	{ "citationpublicationdate", KEY_DATE },
	{ "parselypubdate", KEY_DATE },
	{ "sailthru.date", KEY_DATE },
	{ "dc.date.issued", KEY_DATE },
	{ "dcterms.issued", KEY_DATE },
	{ "dcterms.created", KEY_DATE },
	{ "dcterms.date", KEY_DATE },
	{ "dc.date", KEY_DATE },
	{ "date", KEY_DATE },
	{ "ld:datemodified", KEY_DATE },
	{ "article:modifiedtime", KEY_DATE },
	{ "og:updatedtime", KEY_DATE },
	{ "datemodified", KEY_DATE },
	{ "lastmodified", KEY_DATE },

	{ "<html", KEY_LANG },
	{ "ld:inlanguage", KEY_LANG },
	{ "og:locale", KEY_LANG },
	{ "contentlanguage", KEY_LANG },
	{ "language", KEY_LANG },
	{ "dc.language", KEY_LANG },

	{ "article:section", KEY_CATEGORIES },
	{ "ld:articlesection", KEY_CATEGORIES },
	{ "section", KEY_CATEGORIES },
	{ "category", KEY_CATEGORIES },

	{ "article:tag", KEY_TAGS },
	{ "ld:keywords", KEY_TAGS | KEY_SPLIT },
	{ "newskeywords", KEY_TAGS | KEY_SPLIT },
	{ "keywords", KEY_TAGS | KEY_SPLIT },

	{ "<link", KEY_URL },
	{ "og:url", KEY_URL },
	{ "ld:url", KEY_URL },
	{ "ld:mainentityofpage", KEY_URL },

	{ "og:sitename", KEY_OUTLET },
	{ "ld:publisher", KEY_OUTLET },
	{ "applicationname", KEY_OUTLET },
	{ "dc.publisher", KEY_OUTLET },

	{ NULL, 0 },
};

_Static_assert(sizeof(html_keys) / sizeof(html_keys[0]) <= VALUES_KEY_COUNT,
	       "struct values has room for every key");

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* white space of any length is a blank to HTML */
bool html_add(struct values *values, const char *name, const void *p,
	      size_t len, bool in_list)
{
	int key = key_find(values->keys, name, strlen(name));
	const char *s = p;
	struct buf plain = { 0 };
	bool ok;

	/* two more than a field can have: too long is told as that */
	if (key < 0 || len == 0)
		return true;
	for (size_t i = 0; i < len && plain.len < SHEAF_FIELD_MAX + 2; i++) {
		if (!is_space(s[i]))
			buf_u8(&plain, (uint8_t)s[i]);
		else if (plain.len > 0 && plain.p[plain.len - 1] != ' ')
			buf_u8(&plain, ' ');
	}
	if (plain.len > 0 && plain.p[plain.len - 1] == ' ')
		plain.len--;
	ok = !plain.bad;
	if (ok && plain.len > 0)
		ok = values_add(values, key, plain.p, plain.len, 0, in_list);
	buf_done(&plain);
	return ok;
}
