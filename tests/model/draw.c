/*
 * draw.c - random input: names, fields, options, filters
 *
 * Mostly what news looks like, often what was there before, and now and then
 * what nobody expects.  The articles themselves are story.c's.
 */
#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t draw_u64(struct draw *d)
{
	uint64_t x = d->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

size_t draw_below(struct draw *d, size_t n)
{
	return (size_t)(draw_u64(d) % n);
}

bool draw_once_in(struct draw *d, size_t n)
{
	return draw_below(d, n) == 0;
}

void draw_bytes(struct draw *d, void *p, size_t len)
{
	uint8_t *out = p;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(draw_u64(d) >> 56);
}

void draw_done(struct draw *d)
{
	free(d->bytes);
	d->bytes = NULL;
	d->cap = 0;
}

/* --- names --- */

/* any byte but NUL and @except */
static size_t odd_bytes(struct draw *d, char *p, size_t len, char except)
{
	for (size_t i = 0; i < len; i++)
		do {
			draw_bytes(d, &p[i], 1);
		} while (p[i] == '\0' || p[i] == except);
	return len;
}

static size_t hex_name(struct draw *d, char *p)
{
	const struct model *m = d->model;
	size_t len = 1 + draw_below(d, 36);

	for (size_t i = 0; i < len; i++)
		p[i] = "0123456789abcdef"[draw_below(d, 16)];
	if (m->article_count != 0 && draw_once_in(d, 2)) {
		size_t i = draw_below(d, m->article_count);
		char hex[SHEAF_ID_HEX + 1];

		sheaf_id_hex(m->articles[i].id, hex);
		len = 2 + draw_below(d, SHEAF_ID_HEX - 1);
		memcpy(p, hex, len);
	}
	return len;
}

static size_t odd_name(struct draw *d, char *p)
{
	const struct model *m = d->model;

	switch (draw_below(d, 6)) {
	case 0:
		return hex_name(d, p);
	case 1: /* now and then the longest */
		return odd_bytes(d, p,
				 draw_once_in(d, 4) ? SHEAF_NAME_MAX :
						      1 + draw_below(d, 3000),
				 '\0');
	case 2: /* a sync pattern */
		odd_bytes(d, p, 40, '\0');
		memcpy(p, "Z*M\x18\x0f\x01\x01\x01\xf5\xc0\xfe\xc1\x09", 13);
		return 13 + draw_below(d, 27);
	case 3: /* an article's url */
		if (m->article_count != 0) {
			size_t i = draw_below(d, m->article_count);
			struct sheaf_str url = m->articles[i].url;

			if (url.len != 0) {
				memcpy(p, url.p, url.len);
				return url.len;
			}
		}
		/* fall through */
	case 4: {
		static const char *const traps[] = {
			"/",	 ".",	"..", "../x", "a/../b",
			"/etc/", "a//", "-n", "*",    "[a",
		};
		const char *trap = traps[draw_below(d, 10)];

		memcpy(p, trap, strlen(trap));
		return strlen(trap);
	}
	default:
		return odd_bytes(d, p, 1 + draw_below(d, 60), '\0');
	}
}

/* names below keep/ can be extracted, whatever else there is */
static size_t keep_name(struct draw *d, char *p)
{
	size_t n = (size_t)snprintf(p, 64, "keep/d%u/f",
				    (unsigned int)draw_below(d, 5));

	if (draw_once_in(d, 2))
		n = (size_t)snprintf(p, 64, "keep/f");
	return n + odd_bytes(d, p + n, draw_below(d, 50), '/');
}

static void draw_name(struct draw *d, struct sheaf_str *name)
{
	const struct model *m = d->model;
	size_t kind = draw_below(d, 100);
	char *p = d->name;

	name->p = p;
	if (d->mood == DRAW_VERSIONS) {
		name->len = (size_t)snprintf(p, 64, "story-%u",
					     (unsigned int)draw_below(d, 3));
	} else if (kind < 25 && m->record_count != 0 && d->mood != DRAW_BULK) {
		*name = m->records[draw_below(d, m->record_count)].name;
	} else if (kind < 35) {
		name->len = keep_name(d, p);
	} else if (kind < 38) {
		name->len = odd_name(d, p);
	} else {
		name->len =
			(size_t)snprintf(p, 64, "news/20%02u/%02u/post-%u.md",
					 10 + (unsigned int)draw_below(d, 15),
					 1 + (unsigned int)draw_below(d, 12),
					 (unsigned int)(d->serial++));
	}
}

/* --- fields --- */

__attribute__((format(printf, 2, 3))) static struct sheaf_str
say(struct draw *d, const char *format, ...)
{
	struct sheaf_str s = { d->text + d->text_len, 0 };
	va_list args;

	va_start(args, format);
	s.len = (size_t)vsnprintf(d->text + d->text_len, 64, format, args);
	va_end(args);
	d->text_len += s.len;
	return s;
}

static struct sheaf_str draw_tag(struct draw *d)
{
	struct sheaf_str s;

	if (draw_once_in(d, 10)) {
		s = say(d, "new-%u", (unsigned int)(d->serial++));
	} else if (draw_once_in(d, 100)) {
		s.p = d->text + d->text_len;
		s.len = 1 + draw_below(d, 60);
		draw_bytes(d, d->text + d->text_len, s.len);
		d->text_len += s.len;
	} else {
		s = say(d, "tag %u", (unsigned int)draw_below(d, 60));
	}
	return s;
}

static void draw_fields(struct draw *d)
{
	static const char *const langs[] = { "en", "en-GB", "en_US", "de",
					     "zh", "de-AT", "e",     "EN" };
	struct sheaf_fields *f = &d->fields;

	d->text_len = 0;
	f->categories = d->categories;
	f->tags = d->tags;
	f->category_count = draw_below(d, 3);
	f->tag_count = draw_once_in(d, 300) ? SHEAF_LIST_MAX : draw_below(d, 5);
	for (size_t i = 0; i < f->category_count; i++)
		d->categories[i] = draw_tag(d);
	for (size_t i = 0; i < f->tag_count; i++)
		d->tags[i] = draw_tag(d);
	f->outlet = (struct sheaf_str){ NULL, 0 };
	f->lang = (struct sheaf_str){ NULL, 0 };
	if (!draw_once_in(d, 4))
		f->outlet = say(d, "site-%u.example",
				(unsigned int)draw_below(d, 9));
	if (!draw_once_in(d, 4))
		f->lang = say(d, "%s", langs[draw_below(d, 8)]);
	f->has_date = draw_once_in(d, 2);
	f->date = 0;
	if (f->has_date)
		f->date = 1500000000 + (int64_t)draw_below(d, 200000000);
	if (f->has_date && draw_once_in(d, 60))
		f->date = (int64_t)draw_u64(d);
}

void draw_article(struct draw *d, struct sheaf_article *out)
{
	memset(out, 0, sizeof(*out));
	draw_story(d, &out->format);
	draw_name(d, &out->name);
	draw_fields(d);
	out->bytes = d->bytes;
	out->len = d->len;
	out->fields = &d->fields;
	out->mtime.sec = 1500000000 + (int64_t)draw_below(d, 300000000);
	if (!draw_once_in(d, 3))
		out->mtime.nsec = (uint32_t)draw_below(d, 1000000000);
	if (draw_once_in(d, 100) &&
	    (out->name.len < 5 || memcmp(out->name.p, "keep/", 5) != 0))
		out->mtime.sec = (int64_t)draw_u64(d);
}

/* --- options and filters --- */

void draw_options(struct draw *d, struct sheaf_write_options *out)
{
	static const size_t blocks[] = { 0, 1024, 4096, 16384, 65536, 1 << 20 };
	static const unsigned int threads[] = { 1, 2, 7 };
	static const int levels[] = { 1, 1, 2, 3, 5, 9, 0 };

	memset(out, 0, sizeof(*out));
	out->level = levels[draw_below(d, 7)];
	if (draw_once_in(d, 100))
		out->level = 19 + (int)draw_below(d, 4);
	out->block_size = blocks[draw_below(d, 6)];
	out->threads = threads[draw_below(d, 3)];
	out->no_dictionary = draw_once_in(d, 4);
	if (draw_once_in(d, 3))
		out->dictionary_size = 256 + draw_below(d, 100000);
}

static const struct model_record *any_record(struct draw *d)
{
	const struct model *m = d->model;

	return &m->records[draw_below(d, m->record_count)];
}

static void filter_lists(struct draw *d, struct draw_filter *out)
{
	struct sheaf_filter *f = &out->f;

	if (draw_once_in(d, 5))
		for (size_t n = 1 + draw_below(d, 3); f->outlet_count < n;)
			out->outlets[f->outlet_count++] =
				any_record(d)->fields.outlet;
	if (draw_once_in(d, 5))
		for (size_t n = 1 + draw_below(d, 2); f->lang_count < n;)
			out->langs[f->lang_count++] =
				any_record(d)->fields.lang;
	for (size_t n = draw_once_in(d, 5) ? draw_below(d, 4) : 0; n != 0;
	     n--) {
		const struct sheaf_fields *has = &any_record(d)->fields;

		if (has->category_count != 0)
			out->categories[f->category_count++] =
				has->categories[0];
	}
	for (size_t n = draw_once_in(d, 5) ? draw_below(d, 4) : 0; n != 0;
	     n--) {
		const struct sheaf_fields *has = &any_record(d)->fields;

		if (has->tag_count != 0)
			out->tags[f->tag_count++] =
				has->tags[draw_below(d, has->tag_count)];
	}
}

static void filter_globs(struct draw *d, struct draw_filter *out)
{
	static const char *const globs[] = { "news/*", "*post-1*", "keep/*",
					     "[!n]*",  "?*1?.md",  "story-?" };

	for (size_t n = 1 + draw_below(d, 2); n != 0; n--) {
		size_t i = out->f.name_glob_count++;
		char *glob = out->globs[i];

		out->glob_list[i] = glob;
		snprintf(glob, DRAW_GLOB, "%s", globs[draw_below(d, 6)]);
		if (draw_once_in(d, 3)) {
			struct sheaf_str name = any_record(d)->name;
			size_t len = draw_below(d, 1 + name.len % 40);

			memcpy(glob, name.p, len);
			memcpy(glob + len, "*", 2);
		}
	}
}

void draw_filter(struct draw *d, struct draw_filter *out)
{
	struct sheaf_filter *f = &out->f;

	memset(out, 0, sizeof(*out));
	f->outlets = out->outlets;
	f->langs = out->langs;
	f->categories = out->categories;
	f->tags = out->tags;
	f->name_globs = out->glob_list;
	f->url_prefixes = out->urls;
	f->all_versions = draw_once_in(d, 2);
	if (d->model->record_count == 0)
		return;
	filter_lists(d, out);
	if (draw_once_in(d, 5))
		filter_globs(d, out);
	for (size_t n = draw_once_in(d, 10) ? 1 + draw_below(d, 3) : 0; n != 0;
	     n--) {
		struct sheaf_str url = any_record(d)->fields.url;

		url.len -= draw_below(d, 1 + url.len / 4);
		out->urls[f->url_prefix_count++] = url;
	}
	f->has_since = draw_once_in(d, 5);
	f->has_until = draw_once_in(d, 5);
	f->since = any_record(d)->mtime.sec;
	f->until = any_record(d)->mtime.sec;
}
