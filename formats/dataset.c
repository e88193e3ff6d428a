/*
 * dataset.c - how datasets of news call their fields, and what names their
 * records get
 *
 * The keys are those of news-please, Common Crawl's news, NewsAPI, GDELT, the
 * sets of news on Kaggle and Hugging Face, and of WordPress's exports.
 *
 * A name must be the same whenever the same file, or one that has grown by
 * some lines, is added again; and different from all others of its file, as
 * each would count as an older version of the next one else.  So names that
 * were given are kept, as hashes: 16 bytes each, and up to twice that.
 */
#include "formats/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "codec/hash.h"

static const struct key usual[] = {
	{ "title", KEY_TITLE },
	{ "headline", KEY_TITLE },
	{ "heading", KEY_TITLE },
	{ "articletitle", KEY_TITLE },
	{ "ogtitle", KEY_TITLE },

	{ "date", KEY_DATE },
	{ "published", KEY_DATE },
	{ "publishedat", KEY_DATE },
	{ "publishedon", KEY_DATE },
	{ "publisheddate", KEY_DATE },
	{ "publishedtime", KEY_DATE },
	{ "publishedutc", KEY_DATE },
	{ "publishedtimestamp", KEY_DATE },
	{ "publishdate", KEY_DATE },
	{ "publishtime", KEY_DATE },
	{ "publicationdate", KEY_DATE },
	{ "pubdate", KEY_DATE },
	{ "datepublish", KEY_DATE },
	{ "datepublished", KEY_DATE },
	{ "firstpublished", KEY_DATE },
	{ "posted", KEY_DATE },
	{ "postedat", KEY_DATE },
	{ "datetime", KEY_DATE },
	{ "timestamp", KEY_DATE },
	{ "time", KEY_DATE },
	{ "created", KEY_DATE },
	{ "createdat", KEY_DATE },
	{ "createdutc", KEY_DATE },
	{ "datecreated", KEY_DATE },
	{ "modified", KEY_DATE },
	{ "datemodify", KEY_DATE },
	{ "datemodified", KEY_DATE },
	{ "lastmod", KEY_DATE },
	{ "updated", KEY_DATE },
	{ "updatedat", KEY_DATE },

	{ "lang", KEY_LANG },
	{ "language", KEY_LANG },
	{ "langcode", KEY_LANG },
	{ "languagecode", KEY_LANG },
	{ "locale", KEY_LANG },

	{ "categories", KEY_CATEGORIES },
	{ "category", KEY_CATEGORIES },
	{ "section", KEY_CATEGORIES },
	{ "sections", KEY_CATEGORIES },
	{ "sectionname", KEY_CATEGORIES },

	{ "tags", KEY_TAGS | KEY_SPLIT },
	{ "tag", KEY_TAGS | KEY_SPLIT },
	{ "keywords", KEY_TAGS | KEY_SPLIT },
	{ "topics", KEY_TAGS },

	{ "url", KEY_URL },
	{ "link", KEY_URL },
	{ "sourceurl", KEY_URL },
	{ "articleurl", KEY_URL },
	{ "canonicalurl", KEY_URL },
	{ "canonical", KEY_URL },
	{ "originalurl", KEY_URL },
	{ "weburl", KEY_URL },
	{ "pageurl", KEY_URL },
	{ "permalink", KEY_URL },
	{ "href", KEY_URL },

	{ "outlet", KEY_OUTLET },
	{ "source", KEY_OUTLET | KEY_URL | KEY_ORIGIN },
	{ "sourcename", KEY_OUTLET },
	{ "sourcedomain", KEY_OUTLET },
	{ "publisher", KEY_OUTLET },
	{ "publication", KEY_OUTLET },
	{ "newspaper", KEY_OUTLET },
	{ "sitename", KEY_OUTLET },
	{ "site", KEY_OUTLET },
	{ "domain", KEY_OUTLET },

	{ "id", KEY_NAME },
	{ "articleid", KEY_NAME },
	{ "docid", KEY_NAME },
	{ "docno", KEY_NAME },
	{ "uuid", KEY_NAME },
	{ "guid", KEY_NAME | KEY_URL },
	{ "slug", KEY_NAME },

	{ "text", KEY_TEXT },
	{ "content", KEY_TEXT },
	{ "body", KEY_TEXT },
	{ "maintext", KEY_TEXT },
	{ "fulltext", KEY_TEXT },
	{ "article", KEY_TEXT },
	{ "articlebody", KEY_TEXT },
	{ "articletext", KEY_TEXT },
};

static const struct {
	const char *name;
	unsigned int says;
	unsigned int takes; /* from the usual keys, besides */
} map_fields[] = {
	{ "title", KEY_TITLE, 0 },	 { "date", KEY_DATE, 0 },
	{ "lang", KEY_LANG, 0 },	 { "categories", KEY_CATEGORIES, 0 },
	{ "tags", KEY_TAGS, KEY_SPLIT }, { "outlet", KEY_OUTLET, 0 },
	{ "url", KEY_URL, KEY_ORIGIN },	 { "text", KEY_TEXT, 0 },
	{ "name", KEY_NAME, 0 },
};

enum {
	USUAL_COUNT = sizeof(usual) / sizeof(usual[0]),
	MAP_FIELD_COUNT = sizeof(map_fields) / sizeof(map_fields[0]),
	MAP_MAX = 64, /* pairs of one map */
	ID_MAX = 200, /* bytes of an id, in a name */
};

_Static_assert(USUAL_COUNT + MAP_MAX < VALUES_KEY_COUNT,
	       "all keys and an end fit into the table");

static int map_field(const char *p, size_t len)
{
	for (int i = 0; i < MAP_FIELD_COUNT; i++) {
		if (strlen(map_fields[i].name) == len &&
		    memcmp(map_fields[i].name, p, len) == 0)
			return i;
	}
	return -1;
}

/* one FIELD=KEY, ended by a NUL; SHEAF_OK or SHEAF_MISUSE */
static enum sheaf_status pair_read(char *pair, struct key *key,
				   unsigned int *taken, struct sheaf_error *err)
{
	char *equals = strchr(pair, '=');
	char shown[64];
	int field;

	text_escape(shown, sizeof(shown), pair, strlen(pair));
	if (!equals || equals[1] == '\0')
		return fail(err, SHEAF_MISUSE,
			    "\"%s\" is no field: FIELD=KEY is, as in "
			    "url=link",
			    shown);
	field = map_field(pair, (size_t)(equals - pair));
	if (field < 0)
		return fail(err, SHEAF_MISUSE,
			    "\"%s\": fields are title, date, lang, outlet, "
			    "url, categories, tags, text, name",
			    shown);
	key->name = equals + 1;
	key->says = map_fields[field].says | KEY_EXACT |
		    (map_fields[field].takes & KEY_SPLIT);
	*taken |= map_fields[field].says | map_fields[field].takes;
	return SHEAF_OK;
}

static enum sheaf_status map_read(struct dataset *d, size_t *count,
				  unsigned int *taken, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	char *at = d->text, *comma;

	for (; st == SHEAF_OK && at; at = comma) {
		comma = strchr(at, ',');
		if (comma)
			*comma++ = '\0';
		if (*count == MAP_MAX)
			return fail(err, SHEAF_MISUSE, "more than 64 fields");
		st = pair_read(at, &d->keys[(*count)++], taken, err);
	}
	return st;
}

enum sheaf_status dataset_init(struct dataset *d, struct sheaf_str map,
			       struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	unsigned int taken = 0;
	size_t count = 0;

	memset(d, 0, sizeof(*d));
	if (map.len > 0) {
		d->text = malloc(map.len + 1);
		if (!d->text)
			return fail_nomem(err);
		memcpy(d->text, map.p, map.len);
		d->text[map.len] = '\0';
		st = map_read(d, &count, &taken, err);
	}
	if (st != SHEAF_OK) {
		dataset_done(d);
		return st;
	}
	for (size_t i = 0; i < USUAL_COUNT; i++) {
		d->keys[count] = usual[i];
		d->keys[count++].says &= ~taken;
	}
	d->keys[count].name = NULL;
	return SHEAF_OK;
}

void dataset_done(struct dataset *d)
{
	free(d->text);
	memset(d, 0, sizeof(*d));
}

struct dataset_seen {
	uint64_t hash; /* of a name; 0: no entry */
	uint64_t count;
};

void dataset_names_done(struct dataset_names *names)
{
	free(names->seen);
	buf_done(&names->name);
	*names = (struct dataset_names){ 0 };
}

/* the entry of @hash, or the empty one where it belongs */
static struct dataset_seen *seen_find(struct dataset_seen *seen, size_t cap,
				      uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (seen[i].hash != 0 && seen[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &seen[i];
}

static bool seen_room(struct dataset_names *names)
{
	size_t cap = names->cap ? 2 * names->cap : 1024;
	struct dataset_seen *seen;

	if (names->used < names->cap / 2)
		return true;
	seen = calloc(cap, sizeof(*seen));
	if (!seen)
		return false;
	for (size_t i = 0; i < names->cap; i++) {
		if (names->seen[i].hash != 0)
			*seen_find(seen, cap, names->seen[i].hash) =
				names->seen[i];
	}
	free(names->seen);
	names->seen = seen;
	names->cap = cap;
	return true;
}

/* how often the name as it stands was given, this one too; 0: no memory */
static uint64_t seen_count(struct dataset_names *names)
{
	uint64_t hash = hash_64(names->name.p, names->name.len, 0) | 1;
	struct dataset_seen *entry;

	if (!seen_room(names))
		return 0;
	entry = seen_find(names->seen, names->cap, hash);
	if (entry->hash == 0) {
		entry->hash = hash;
		names->used++;
	}
	return ++entry->count;
}

static void put_id(struct buf *out, struct sheaf_str id)
{
	bool dots = id.len <= 2 && id.p[0] == '.' && id.p[id.len - 1] == '.';
	size_t begin = out->len;
	char text[20];

	for (size_t i = 0; i < id.len && out->len - begin < ID_MAX; i++) {
		unsigned char c = (unsigned char)id.p[i];
		int n;

		if (c >= ' ' && c != '/' && c != '%' && c != 0x7f && !dots) {
			buf_u8(out, c);
			continue;
		}
		n = snprintf(text, sizeof(text), "%%%02X", (unsigned int)c);
		buf_bytes(out, text, (size_t)n);
	}
	if (id.len < ID_MAX && out->len - begin < ID_MAX)
		return;
	snprintf(text, sizeof(text), "~%016llx",
		 (unsigned long long)hash_64(id.p, id.len, 0));
	buf_bytes(out, text, 17);
}

enum sheaf_status dataset_name(struct dataset_names *names,
			       struct sheaf_str file, struct sheaf_str id,
			       const char *what, uint64_t number,
			       struct sheaf_str *out)
{
	struct buf *name = &names->name;
	uint64_t count;
	char text[48];
	size_t base;

	buf_clear(name);
	buf_bytes(name, file.p, file.len);
	if (file.len > 0)
		buf_u8(name, '/');
	if (id.len > 0) {
		put_id(name, id);
	} else {
		snprintf(text, sizeof(text), "%s-%llu", what,
			 (unsigned long long)number);
		buf_bytes(name, text, strlen(text));
	}
	base = name->len;
	count = name->bad ? 0 : seen_count(names);
	while (count > 1) {
		snprintf(text, sizeof(text), "~%llu",
			 (unsigned long long)count);
		name->len = base;
		buf_bytes(name, text, strlen(text));
		/* one that an id gave already goes on to the next number */
		if (name->bad || seen_count(names) == 1)
			break;
		count++;
	}
	if (count == 0 || name->bad)
		return SHEAF_NOMEM;
	*out = (struct sheaf_str){ (const char *)name->p, name->len };
	return SHEAF_OK;
}
