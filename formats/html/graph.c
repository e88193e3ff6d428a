/*
 * graph.c - JSON-LD, of which the first article counts
 *
 * A block is an object, a list of them, or an object with a list of them under
 * "@graph".  Sites, pages, breadcrumbs and the articles that are linked to are
 * told there, too.
 */
#include "formats/html/html.h"

#include <string.h>

#include <jansson.h>

#include "formats/json.h"

static bool ends_in(const char *s, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len >= n && memcmp(s + len - n, ending, n) == 0;
}

static bool is_article_type(const json_t *type)
{
	const char *s = json_string_value(type);
	size_t len = json_string_length(type);

	return s && (ends_in(s, len, "Article") || ends_in(s, len, "Posting") ||
		     ends_in(s, len, "Report"));
}

/* "NewsArticle", or a list with one such in it */
static bool is_article(const json_t *object)
{
	const json_t *type = json_object_get(object, "@type");

	for (size_t i = 0; i < json_array_size(type); i++) {
		if (is_article_type(json_array_get(type, i)))
			return true;
	}
	return is_article_type(type);
}

static const json_t *find_in_list(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (is_article(json_array_get(list, i)))
			return json_array_get(list, i);
	}
	return NULL;
}

static const json_t *find_article(const json_t *block)
{
	const json_t *found;

	if (is_article(block))
		return block;
	found = find_in_list(block);
	if (!found)
		found = find_in_list(json_object_get(block, "@graph"));
	/* a list of blocks with a "@graph" each */
	for (size_t i = 0; !found && i < json_array_size(block); i++)
		found = find_in_list(
			json_object_get(json_array_get(block, i), "@graph"));
	return found;
}

/* a string, or what an object is called */
static bool add_one(struct values *v, const char *name, const json_t *value,
		    bool in_list)
{
	static const char *const names[] = { "name", "@id" };

	for (size_t i = 0; i < 2 && json_is_object(value); i++) {
		const json_t *inner = json_object_get(value, names[i]);

		if (json_is_string(inner))
			value = inner;
	}
	return !json_is_string(value) ||
	       html_add(v, name, json_string_value(value),
			json_string_length(value), in_list);
}

static bool add(struct values *v, const char *name, const json_t *value)
{
	bool ok = true;

	if (!json_is_array(value))
		return add_one(v, name, value, false);
	for (size_t i = 0; ok && i < json_array_size(value); i++)
		ok = add_one(v, name, json_array_get(value, i), true);
	return ok;
}

static bool add_article(struct values *v, const json_t *article)
{
	static const char *const members[][2] = {
		{ "headline", "ld:headline" },
		{ "name", "ld:headline" },
		{ "datePublished", "ld:datePublished" },
		{ "dateModified", "ld:dateModified" },
		{ "inLanguage", "ld:inLanguage" },
		{ "articleSection", "ld:articleSection" },
		{ "keywords", "ld:keywords" },
		{ "url", "ld:url" },
		{ "mainEntityOfPage", "ld:mainEntityOfPage" },
		{ "publisher", "ld:publisher" },
	};
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(members) / sizeof(members[0]); i++)
		ok = add(v, members[i][1],
			 json_object_get(article, members[i][0]));
	return ok;
}

/* line ends in strings are what most pages do wrong; a blank does for all */
static enum sheaf_status plain(struct buf *out, struct sheaf_str text)
{
	uint8_t *p = buf_room(out, text.len);

	if (!p)
		return SHEAF_NOMEM;
	for (size_t i = 0; i < text.len; i++)
		p[i] = (uint8_t)text.p[i] < ' ' ? ' ' : (uint8_t)text.p[i];
	buf_grew(out, text.len);
	return SHEAF_OK;
}

enum sheaf_status html_graph_read(struct values *values, struct sheaf_str text,
				  struct format_warning *warning)
{
	struct json_trouble trouble = { 0 };
	struct json_t *block = NULL;
	struct buf room = { 0 };
	const json_t *article;
	enum sheaf_status st = plain(&room, text);

	/* the first article of the page counts */
	if (st == SHEAF_OK && values_first(values, KEY_GRAPH).len == 0)
		st = json_read_any(&block, room.p, room.len, &trouble);
	if (st == SHEAF_OK && trouble.text[0])
		format_warn(warning, "JSON-LD: %s", trouble.text);
	article = block ? find_article(block) : NULL;
	if (st == SHEAF_OK && article && !add_article(values, article))
		st = SHEAF_NOMEM;
	json_free(block);
	buf_done(&room);
	return st;
}
